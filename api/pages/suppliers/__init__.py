"""A supplier: who it is, where it stands, on which records."""
