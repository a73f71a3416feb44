"""How secrets of 256 random bits are kept: tokens, sessions, invitations."""

import hashlib


def secret_hash(secret: str) -> bytes:
    """One SHA-256 is enough: nobody tries 2**256 secrets."""
    return hashlib.sha256(secret.encode()).digest()
