"""A key for the service's receipts, where there is no data directory with one."""

from functools import cache

from ledger.signing import Signer


@cache
def service_key() -> Signer:
    return Signer(bytes(31) + b"\x51")
