"""An entry as the ledger recorded it: what all reading, judging and proving starts from."""

from dataclasses import dataclass

from ledger.typed_data import Entry, Value


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """One leaf of the log with the entry behind it.

    ``sequence`` is the leaf index, gapless from 0. ``recorded_at`` is the block time (seconds,
    UTC). ``author`` is the organisation of the first signer (20 bytes). ``late`` marks an entry
    that the authority let in after the permitted lateness. ``subjects`` are the chains that it
    moved and ``previous`` their heads before it. ``leaf`` is the hash in the log.
    """

    sequence: int
    recorded_at: int
    block_number: int
    transaction_hash: bytes
    contract: str
    address: bytes
    entry: Entry
    signatures: tuple[bytes, ...]
    signers: tuple[bytes, ...]
    author: bytes
    late: bool
    digest: bytes
    subjects: tuple[bytes, ...]
    previous: tuple[bytes, ...]
    leaf: bytes

    @property
    def action(self) -> str:
        return self.entry.action.name

    def __getitem__(self, field: str) -> Value:
        """A field of the signed message."""
        return self.entry.values[field]


@dataclass(frozen=True, slots=True)
class Founding:
    """What the deployment itself laid down, before any entry: the first authority.

    ``accounts`` are the authority's first accounts (20 bytes each).
    """

    organisation: bytes
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    accounts: tuple[bytes, ...]
    quorum: int
    max_lateness: int
    founded_at: int
