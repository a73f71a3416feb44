"""The steps by which the tables came to their form; one file each in ``versions``."""
