"""Whole workspaces to try things on: a data directory with chain, database, documents and keys.

The invented world's ledger (its authority, offices, accounts and catalogue; with ``story`` all that
happens there) is founded once per process and copied for each test that wants one, so that tests
share nothing. Time stands still until a test moves it. Key files are cheap to open, and real.

>>> with opened(new_data(tmp_path)) as workspace:
...     plan = plan_mirror(reading, holdings, author(workspace, "mirror"))
"""

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import pytest
from eth_hash.auto import keccak

from ledger import demo, keystore
from ledger.authoring import Author
from ledger.importing.holdings import mirror_holdings
from ledger.importing.mirror import plan_mirror
from ledger.importing.recording import record
from ledger.importing.report import Plan
from ledger.registers import RegisterReading
from ledger.signing import Signer
from ledger.submission import EntryStatus
from ledger.typed_data import Entry
from ledger.workspace import Settings, Workspace

CHAIN_ID: Final = 4321
#: When a founded world begins: 2026-11-22 00:00 UTC.
BEGINNING: Final = 1_795_305_600
#: scrypt's cost of the keys here: real key files, opened in no time.
CHEAP_SCRYPT: Final = 1 << 10
#: What the world's founding takes of its story: the participants and the catalogue.
_FOUNDING_CHAPTERS: Final = 2


@dataclass
class HandClock:
    """A clock that a test moves."""

    now: float = BEGINNING

    def __call__(self) -> float:
        return self.now

    def tick(self) -> None:
        self.now += 60


def secret(name: str) -> bytes:
    """The private key of an account of the demo (``ledger.demo.ACCOUNTS``), always the same."""
    return keccak(b"key of the demo's " + name.encode())


def signer(name: str) -> Signer:
    return Signer(secret(name))


def signers() -> Mapping[str, Signer]:
    return {name: signer(name) for name in demo.ACCOUNTS}


@contextmanager
def cheap_keys() -> Iterator[None]:
    """Key files that are made meanwhile cost little to make and to open."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = partial(keystore.save_key, n=CHEAP_SCRYPT)
        patch.setattr("ledger.workspace.save_key", cheap)
        yield


def found(
    data: Path,
    *,
    chapters: int,
    settings: Settings | None = None,
    clock: Callable[[], float] | None = None,
) -> None:
    """Found the demo's ledger in the directory and let that many chapters of it happen. Without a
    clock all happens at the beginning, what comes to light later one and two minutes after it."""
    hands = HandClock()
    pause = hands.tick if clock is None else lambda: time.sleep(1.1)
    clock = clock or hands
    with cheap_keys():
        workspace = Workspace.create(
            data,
            settings or Settings(chain_id=CHAIN_ID),
            demo.founding(signers()),
            clock=clock,
        )
    try:
        story = demo.Story(signers(), workspace.domains, workspace.catalogue, clock, pause)
        told = story.chapters(
            lambda paper: workspace.keep_document(paper, "example.txt", demo.AUTHORITY.id)
        )
        for (title, entries), _ in zip(told, range(chapters), strict=False):
            refused = [s.refusal for s in record(workspace, entries) if s.refusal is not None]
            assert not refused, f"{title}: {refused[0].message}"
    finally:
        workspace.close()


@cache
def _template(chapters: int, is_live: bool) -> Path:
    home = Path(tempfile.mkdtemp(prefix="suyuan-world-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    data = home / "data"
    with cheap_keys():  # the key for checkpoints is made when the first of them is
        found(data, chapters=chapters, clock=time.time if is_live else None)
    return data


def new_data(folder: Path, *, story: bool = False, is_live: bool = False) -> Path:
    """A data directory of the demo's ledger below the folder, nobody else's; not open. A live one
    was founded just now, for what takes the time from the machine."""
    data = folder / "data"
    shutil.copytree(_template(99 if story else _FOUNDING_CHAPTERS, is_live), data)
    return data


def key_file(folder: Path, account: str) -> Path:
    """A key file of an account of the demo, its password beside it."""
    file = folder / f"{account}.json"
    password = folder / f"{account}.json.password"
    keystore.write_secret(password, b"not secret\n")
    keystore.save_key(file, secret(account), b"not secret", n=CHEAP_SCRYPT)
    return file


@contextmanager
def opened(data: Path, clock: HandClock | None = None) -> Iterator[Workspace]:
    workspace = Workspace.open(data, clock=clock or HandClock())
    try:
        yield workspace
    finally:
        workspace.close()


def author(workspace: Workspace, account: str) -> Author:
    """An account of the demo at work on this ledger."""
    office = next(o for o in demo.ALL if account in o.accounts)
    return Author(
        signer(account),
        office.id,
        workspace.domains,
        workspace.index.next_nonce,
        workspace.clock,
    )


def recorded(workspace: Workspace, by: Author, *entries: Entry) -> list[EntryStatus]:
    """Sign and record the entries; none may be refused."""
    found = list(record(workspace, [by.sign(entry) for entry in entries]))
    for status in found:
        assert status.refusal is None, status.refusal.message
        assert status.state == "final"
    return found


def planned(workspace: Workspace, reading: RegisterReading, account: str = "mirror") -> Plan:
    """What mirroring this publication would record, as the ledger stands."""
    by = author(workspace, account)
    return plan_mirror(reading, mirror_holdings(workspace.index, by.organisation, reading), by)


def mirrored(workspace: Workspace, reading: RegisterReading, account: str = "mirror") -> Plan:
    """Mirror a publication; what was planned, all of it recorded."""
    plan = planned(workspace, reading, account)
    recorded(workspace, author(workspace, account), *plan.entries)
    return plan
