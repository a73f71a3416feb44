"""Batches: found, traced both ways, followed through every hand, and the reach of a recall."""
