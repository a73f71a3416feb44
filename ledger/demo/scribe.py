"""Writing and signing in the names of the demo's people."""

from collections.abc import Callable, Mapping

from ledger.authoring import Author
from ledger.demo.cast import ALL, Office
from ledger.hashing import keccak
from ledger.signing import Signer
from ledger.typed_data import Citation, Domain, Entry, SignedEntry, Value


class Scribe:
    """Signs entries for every account of the cast, in the order of their recording."""

    def __init__(
        self,
        signers: Mapping[str, Signer],
        domains: Mapping[str, Domain],
        clock: Callable[[], float],
    ) -> None:
        self.signers = signers
        self.domains = domains
        self.office: Mapping[str, Office] = {n: office for office in ALL for n in office.accounts}
        #: How many entries were written: the size of the ledger when all of them are recorded.
        self.count = 0
        self._clock = clock
        self._authors: dict[str, Author] = {}
        self._entries: list[SignedEntry] = []
        self._citations: dict[tuple[bytes, str], Citation] = {}

    def write(self, who: str, action: str, /, **fields: Value) -> Entry:
        """Write and sign an entry of this account; what is not given is stamped."""
        entry = self.author(who).write(action, **fields)
        self.sign(who, entry)
        return entry

    def sign(self, who: str, entry: Entry) -> None:
        """Sign an entry that this account's author has written."""
        self._entries.append(self.author(who).sign(entry))
        self.count += 1

    def author(self, who: str) -> Author:
        """The account at work."""
        author = self._authors.get(who)
        if author is None:
            author = self._authors[who] = Author(
                self.signers[who],
                self.office[who].id,
                self.domains,
                lambda contract, account: 0,
                self._clock,
            )
        return author

    def written(self) -> list[SignedEntry]:
        """What was written since this was last asked."""
        entries, self._entries = self._entries, []
        return entries

    def digest(self, entry: Entry) -> bytes:
        return entry.digest(self.domains[entry.action.contract])

    def remember(self, entry: Entry, author: Office, holder: Office) -> None:
        """Keep how this new qualification is cited, the latest for its holder and kind."""
        kind = str(entry.values["kind"])
        self._citations[holder.id, kind] = Citation(
            author.id,
            bytes(32),
            keccak(kind.encode()),
            self.digest(entry),
            entry.values["model"] == "",
        )

    def cited(self, holder: Office, *kinds: str) -> tuple[Citation, ...]:
        return tuple(self._citations[holder.id, kind] for kind in kinds)
