"""Kill -9 at any moment: what was accepted ends as final or refused, nothing is lost or double.

A process takes entries in, relays and indexes on one data directory; it is fed without pause,
killed at a random moment and started again on what it left behind. What it had acknowledged counts
as accepted; what it had not is sent again, as a client would.
"""

import multiprocessing
import random
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from ledger.typed_data import SignedEntry
from ledger.vocabulary import Role
from tests.support.ledger import Member, TestLedger, embedded_ledger
from tests.support.service_process import Service, serve

QUICK, DEEP = 20, 200
CONTRACT = "QualificationRegistry"
KIND = "business-licence"


class Author:
    """Signs entries that the ledger must take, and here and there one that it must refuse."""

    def __init__(self, ledger: TestLedger, chance: random.Random) -> None:
        self._ledger = ledger
        self._chance = chance
        self._issuer: Member = ledger.organisation("Issuer", Role.ISSUER)
        self._maker = ledger.organisation("Maker", Role.SUPPLIER)
        ledger.accredit(self._issuer, KIND)
        ledger.category("mask.surgical")
        self.good: dict[bytes, bool] = {}

    def write(self) -> tuple[bytes, bytes]:
        """Digest and packed bytes of a new entry."""
        good = self._chance.random() < 0.9
        signed: SignedEntry = self._ledger.signed(
            "IssueQualification",
            self._issuer,
            holder=self._maker.id,
            validFrom=1,
            validUntil=4_000_000_000,
            document=bytes(32),
            category="mask.surgical",
            model="",
            kind=KIND if good else "unheard-of",
            number=str(len(self.good)),
        )
        digest = signed.entry.digest(self._ledger.deployment.domain(CONTRACT))
        self.good[digest] = good
        return digest, signed.pack()


def feed(connection: Connection, entries: list[bytes], chance: random.Random) -> None:
    while entries:
        count = chance.randint(1, 8)
        connection.send((CONTRACT, entries[:count]))
        del entries[:count]


def acknowledged(connection: Connection) -> set[bytes]:
    """All that was answered before the other side died."""
    found: set[bytes] = set()
    try:
        while connection.poll():
            found.update(connection.recv())
    except (EOFError, ConnectionResetError):
        pass
    return found


@pytest.mark.timeout(1_800)
def test_killed_at_any_moment_nothing_accepted_is_lost_or_recorded_twice(
    tmp_path: Path, pytestconfig: pytest.Config, deep: bool
) -> None:
    seed = pytestconfig.getoption("--seed") or 1
    chance = random.Random(seed)
    with embedded_ledger(tmp_path / "chain.db") as ledger:
        author = Author(ledger, chance)
        deployment = ledger.deployment
    with closing(Service(tmp_path, deployment)) as service:
        before = service.index.position().size

    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.support.service_process"])
    unanswered: dict[bytes, bytes] = {}
    accepted: set[bytes] = set()
    rounds = DEEP if deep else QUICK
    killed_with_work_left = 0
    for _ in range(rounds):
        ours, theirs = forks.Pipe()
        process = forks.Process(target=serve, args=(theirs, tmp_path, deployment))
        process.start()
        theirs.close()
        for _ in range(chance.randint(5, 60)):
            digest, packed = author.write()
            unanswered[digest] = packed
        feed(ours, list(unanswered.values()), chance)
        if chance.random() < 0.7:
            # Not before it has begun: opening alone takes longer than everything after it.
            ours.poll(5)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.join()
        answered = acknowledged(ours)
        ours.close()
        accepted |= answered
        killed_with_work_left += bool(unanswered.keys() - answered)
        for digest in answered:
            unanswered.pop(digest, None)

    with closing(Service(tmp_path, deployment)) as service:
        for _ in range(10_000):
            moved = service.pump()
            health = service.relay.health()
            if not (moved or health.queued or health.under_way):
                break
        states = service.submitter.status(list(author.good))
        on_ledger = service.index.sequences(list(author.good))
        size = service.index.position().size
    print(
        f"{rounds} rounds, {len(accepted)} entries accepted, {len(on_ledger)} recorded, "
        f"{killed_with_work_left} times killed with entries unanswered"
    )
    assert accepted, "something was accepted"
    assert accepted <= states.keys(), "nothing accepted was lost"
    for digest, status in states.items():
        expected = "final" if author.good[digest] else "refused"
        assert status.state == expected, status
        assert (digest in on_ledger) == (expected == "final")
    assert size == before + len(on_ledger), "nothing was recorded twice"
