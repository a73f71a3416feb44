"""Mirrored registers: what a mirror has stated so far, to plan its next import from."""
