"""The SQL side: a projection of the chain's events that can always be made again, and what the
service keeps for itself beside it."""
