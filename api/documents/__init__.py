"""Documents behind hashes: stored once by their keccak-256, fetched by those who may."""
