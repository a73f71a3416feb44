"""Which records may be one firm: proposed with reasons, decided by people."""
