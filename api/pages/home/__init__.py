"""The home page: find, go on, see what needs attention."""
