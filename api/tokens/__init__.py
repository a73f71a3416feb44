"""Access tokens: made, listed and revoked by operators; shown once."""
