"""Evidence to take away: files that prove an answer without this service."""
