"""A figure with its promise, and the small world that the benchmarks measure in."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak

from ledger import demo
from ledger.authoring import Author
from ledger.importing.holdings import mirror_holdings
from ledger.importing.mirror import plan_mirror
from ledger.importing.recording import record
from ledger.registers import read, sort_files
from ledger.signing import Signer
from ledger.typed_data import Entry, SignedEntry
from ledger.workspace import Settings, Workspace
from tests.support.shared import SHARED


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``; ``promise`` is what was promised and ``kept`` whether it holds (None
    where nothing was)."""

    what: str
    value: float
    unit: str
    promise: str = ""
    kept: bool | None = None

    def __str__(self) -> str:
        mark = {True: "kept", False: "NOT KEPT", None: ""}[self.kept]
        promise = f"  [{self.promise}: {mark}]" if self.promise else ""
        return f"  {self.what:<66} {self.value:>12,.3f} {self.unit}{promise}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def signers() -> dict[str, Signer]:
    """A key for every account of the invented world, the same in every run."""
    return {name: Signer(keccak(b"benchmark " + name.encode())) for name in demo.ACCOUNTS}


def found(data: Path, keys: dict[str, Signer]) -> Workspace:
    """The invented world with participants and catalogue, nothing else recorded."""
    workspace = Workspace.create(
        data, Settings(chain_id=demo.CHAIN_ID), demo.founding(keys), clock=time.time
    )
    story = demo.Story(keys, workspace.domains, workspace.catalogue, time.time)

    def keep(paper: bytes) -> bytes:
        return workspace.keep_document(paper, "example.txt", demo.AUTHORITY.id)

    for _, entries in list(story.chapters(keep))[:2]:
        recorded(workspace, entries)
    return workspace


def recorded(workspace: Workspace, entries: Sequence[SignedEntry]) -> None:
    """Record the entries; every one must be accepted."""
    for status in record(workspace, entries):
        if status.refusal is not None:
            raise RuntimeError(status.refusal.message)


def mirror(workspace: Workspace, keys: dict[str, Signer]) -> Author:
    office = next(o for o in demo.OFFICES if o.key == "mirror")
    return Author(
        keys["mirror"], office.id, workspace.domains, workspace.index.next_nonce, time.time
    )


def register_entries(workspace: Workspace, author: Author, *, only: str = "") -> Iterator[Entry]:
    """The entries that mirror the real registers (those whose name starts with ``only``)."""
    if SHARED is None:
        raise SystemExit(
            "this benchmark reads the real registers, which are not beside the project"
        )
    files = {
        path.name: path.read_bytes()
        for folder in ("niosh_n95_cel", "fda_eua_respirators", "fda_510k_ppe", "wuhan2020")
        for path in sorted((SHARED / "data" / folder).iterdir())
        if path.suffix in (".csv", ".json")
    }
    for register, found_files in sort_files(files).items():
        if register.startswith(only):
            day = date(2020, 11, 28) if register == "fda-510k" else None
            reading = read(register, found_files, published=day)
            holdings = mirror_holdings(workspace.index, author.organisation, reading)
            yield from plan_mirror(reading, holdings, author).entries
