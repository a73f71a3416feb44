"""A verdict: asked for, read, taken away."""
