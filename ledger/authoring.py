"""Writing entries: stamp an action with nonce, time and deadline, and sign it.

An :class:`Author` is one account at work: it hands out its nonces consecutively (they share
storage on the chain), takes the time from the clock it is given, and never shows its key.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from ledger.errors import RequestError
from ledger.signing import Signer
from ledger.typed_data import ACTIONS, Domain, Entry, SignedEntry, Value

#: How long an entry may wait before it must be recorded, in seconds.
DEADLINE: Final = 24 * 3600


class Author:
    """``domains``: the EIP-712 domain of each contract, by its name. ``next_nonce``: the first
    nonce that the account has not used in a contract, as far as the ledger knows."""

    def __init__(
        self,
        signer: Signer,
        organisation: bytes,
        domains: Mapping[str, Domain],
        next_nonce: Callable[[str, bytes], int],
        clock: Callable[[], float],
    ) -> None:
        self.signer = signer
        self.organisation = organisation
        self._domains = domains
        self._next_nonce = next_nonce
        self._clock = clock
        self._nonces: dict[str, int] = {}

    @property
    def contracts(self) -> Collection[str]:
        """The names of the contracts that this ledger has."""
        return self._domains.keys()

    def stamp(self, action: str, *others: Signer) -> dict[str, Value]:
        """A nonce that neither the author nor ``others`` who sign beside it have used, now, and
        the deadline."""
        now = int(self._clock())
        contract = ACTIONS[action].contract
        nonce = self._nonces.get(contract)
        if nonce is None:
            signers = (self.signer, *others)
            nonce = max(self._next_nonce(contract, signer.address) for signer in signers)
        self._nonces[contract] = nonce + 1
        return {"nonce": nonce, "happenedAt": now, "deadline": now + DEADLINE}

    def write(self, action: str, /, **fields: Value) -> Entry:
        """An entry of this action, stamped; values that do not fit raise ``RequestError``."""
        before = dict(self._nonces)
        stamp = self.stamp(action)
        try:
            entry = Entry.of(action, **{**stamp, **fields})
        except RequestError:
            self._nonces = before
            raise
        if "nonce" in fields:
            self._nonces[entry.action.contract] -= 1
        return entry

    def digest(self, entry: Entry) -> bytes:
        return entry.digest(self._domains[entry.action.contract])

    def sign(self, entry: Entry, *others: Signer) -> SignedEntry:
        """Sign as the author; ``others`` add the authority's signatures in this order."""
        digest = self.digest(entry)
        return SignedEntry(entry, tuple(s.sign_digest(digest) for s in (self.signer, *others)))
