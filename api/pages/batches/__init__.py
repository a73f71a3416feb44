"""A batch: what it is, what stops it, where it came from, where it went."""
