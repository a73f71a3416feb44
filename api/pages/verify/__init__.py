"""A file in hand: what it is, whether it is unaltered, and what it is worth."""
