"""Staff: who works with the pages, how they sign in, and for how long."""
