"""Who works with the pages: signing in, staff, tokens, sessions."""
