"""The outbox and the relay in a world where everything goes wrong, from one number each time.

Whatever the seed brings - transactions dropped, delayed, mined twice over after a reorganisation,
nodes that lag or fall silent, crashes between any two steps, somebody else relaying the same
entries, a database restored from an old backup - once things calm down:

1. every entry that was accepted is final or refused, none is lost;
2. nothing is on the ledger twice, and "final" is said of what is on the ledger and nothing else;
3. "refused" is said only of what can not be recorded: what an entry builds on, goes before it;
4. no nonce is left out, and none is used for two transactions (unless the database was set back).

A failing seed says which; ``pytest --seed N`` plays it again.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select

from ledger.chain.relayer import Relayer
from ledger.errors import UnavailableError
from ledger.index.database import Database
from ledger.index.service_tables import ENTRIES, NONCES, TRANSACTIONS
from ledger.index.store import Store
from ledger.signing import Signer
from ledger.submission import Relay, Submitter
from ledger.typed_data import SignedEntry
from tests.ledger.submission.simulated_chain import (
    CHAIN_ID,
    CONTRACTS,
    DEPLOYMENT,
    PROFILE,
    Clock,
    Mishaps,
    Part,
    SimulatedChain,
    SimulatedIndex,
    entry_of,
)
from tests.support.receipts import service_key

AUTHORS = [Signer(bytes([0] * 31 + [i])) for i in range(1, 4)]
RELAYER = Signer(b"\x11" * 32)
TABLES = (ENTRIES, TRANSACTIONS, NONCES)


class Crash(BaseException):
    """The process dies here."""


class Crashing:
    """Calls go through, but before or after each of them the process may die."""

    def __init__(self, behind: Any, chance: random.Random, likelihood: list[float]) -> None:
        self._behind = behind
        self._chance = chance
        self._likelihood = likelihood

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._chance.random() < self._likelihood[0]:
                raise Crash
            result = found(*args, **kwargs)
            if self._chance.random() < self._likelihood[0]:
                raise Crash
            return result

        return call


@dataclass
class Simulation:
    """One world from one seed, over a database that is empty at first."""

    seed: int
    database: Database
    chance: random.Random = field(init=False)
    parts: dict[int, Part] = field(default_factory=dict)
    accepted: dict[bytes, int] = field(default_factory=dict)
    entries: list[SignedEntry] = field(default_factory=list)
    backup: list[list[Any]] | None = None
    restored: bool = False

    def __post_init__(self) -> None:
        chance = self.chance = random.Random(self.seed)
        self.gas = chance.choice((3, 12, 1_000))
        self.clock = Clock()
        self.chain = SimulatedChain(chance, self.clock, RELAYER.address, gas=self.gas)
        self.chain.mishaps = Mishaps(
            *(chance.choice((0.0, 0.05, 0.3)) for _ in Mishaps.__dataclass_fields__)
        )
        self.crashes = [chance.choice((0.0, 0.005, 0.05))]
        self.index = SimulatedIndex(self.chain, chance)
        self.store = Store(self.database)
        self.submitter = Submitter(
            self.store, self.index, DEPLOYMENT, clock=self.clock, key=service_key
        )
        self.batch_size = chance.randint(1, 10)
        self.in_flight = chance.randint(1, 4)
        self.relay = self.new_relay()

    def new_relay(self) -> Relay:
        """As after a start of the process: nothing is remembered but what is in the database."""
        store: Any = Store(self.database)
        store.outbox = Crashing(store.outbox, self.chance, self.crashes)
        chain: Any = Crashing(self.chain, self.chance, self.crashes)
        relayer = Relayer(
            RELAYER, chain_id=CHAIN_ID, profile=PROFILE, contracts=DEPLOYMENT.addresses
        )
        return Relay(
            store,
            self.index,
            chain,
            DEPLOYMENT,
            relayer,
            clock=self.clock,
            batch_size=self.batch_size,
            in_flight=self.in_flight,
        )

    # -- what may happen -------------------------------------------------------------------------

    def submit(self) -> None:
        chance = self.chance
        made = []
        for _ in range(chance.randint(1, 12)):
            number = len(self.parts)
            part = Part(
                number,
                needs=chance.choice(sorted(self.parts))
                if number and chance.random() < 0.5
                else None,
                bad=chance.random() < 0.1,
                weight=chance.choice((1, 1, 1, 2, self.gas, self.gas + 1)),
            )
            self.parts[number] = part
            made.append(entry_of(part, chance.choice(AUTHORS), chance.choice(CONTRACTS)))
        self.hand_in(made)
        self.entries += made

    def hand_in(self, entries: list[SignedEntry]) -> None:
        for entry, status in zip(entries, self.submitter.accept(entries), strict=True):
            name = "reason" if entry.entry.action.name == "DisableAccount" else "text"
            self.accepted[status.digest] = Part.read(str(entry.entry.values[name])).number

    def somebody_sends_again(self) -> None:
        """The author did not get the answer, or a participant relays it alone."""
        entry = self.chance.choice(self.entries)
        if self.chance.random() < 0.5:
            self.hand_in([entry])
        else:
            self.chain.relay_as_somebody_else(entry.entry.action.contract, entry.pack())

    def step(self) -> None:
        try:
            self.relay.step()
        except UnavailableError:
            pass
        except Crash:
            self.relay = self.new_relay()

    def back_up(self) -> None:
        with self.database.read() as session:
            self.backup = [[dict(r) for r in session.execute(select(t)).mappings()] for t in TABLES]

    def restore(self) -> None:
        """The old backup takes the place of the database; the authors send everything again."""
        if self.backup is None or self.restored:
            return
        empty(self.database)
        with self.database.write() as session:
            for table, rows in reversed(list(zip(TABLES, self.backup, strict=True))):
                if rows:
                    session.execute(insert(table), rows)
        self.restored = True
        self.relay = self.new_relay()
        for start in range(0, len(self.entries), 500):
            self.hand_in(self.entries[start : start + 500])

    # -- the play --------------------------------------------------------------------------------

    def run(self) -> None:
        chance = self.chance
        may_restore = chance.random() < 0.3
        self.submit()
        for _ in range(chance.randint(20, 60)):
            roll = chance.random()
            if roll < 0.1:
                self.submit()
            elif roll < 0.2:
                self.somebody_sends_again()
            elif roll < 0.55:
                self.step()
            elif roll < 0.97 or not may_restore:
                self.chain.tick()
            elif self.backup is None:
                self.back_up()
            else:
                self.restore()
        self.chain.mishaps = Mishaps()
        self.crashes[0] = 0.0
        for _ in range(3_000):
            self.step()
            health = self.relay.health()
            if not health.queued and not health.under_way and not self.unfinished():
                return
            self.chain.tick()
            self.chain.tick()
        raise AssertionError(f"never done: {self.unfinished()} {self.relay.health()}")

    def unfinished(self) -> list[tuple[int, str]]:
        states = self.submitter.status(list(self.accepted))
        return [
            (number, states[digest].state if digest in states else "lost")
            for digest, number in self.accepted.items()
            if digest not in states or states[digest].state not in ("final", "refused")
        ]

    def judge(self) -> None:
        states = self.submitter.status(list(self.accepted))
        recorded = self.chain.recorded()
        mined = self.chain.mined()
        assert len(mined) == len(set(mined)) == len(recorded), "recorded once"
        there = {self.accepted[d] for d in recorded if d in self.accepted}
        for digest, number in self.accepted.items():
            part, status = self.parts[number], states[digest]
            if status.state == "final":
                assert recorded.get(digest) == status.sequence, f"final {part}"
            else:
                assert status.refusal is not None, f"refused {part} without a reason"
                assert digest not in recorded, f"refused {part}, which is on the ledger"
                hopeless = part.bad or part.weight > self.gas
                assert hopeless or part.needs not in {None, *there}, f"refused {part}"
        nonces = self.chain.handed_over
        assert sorted(nonces) == list(range(len(nonces))), "contiguous nonces"
        if not self.restored:
            assert all(len(hashes) == 1 for hashes in nonces.values()), "one transaction a nonce"


def empty(database: Database) -> None:
    with database.write() as session:
        for table in TABLES:
            session.execute(delete(table))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("simulation") / "service.db"
    database = Database(f"sqlite:///{path}")
    # What dies here is not the machine: nothing needs to wait for the disk.
    event.listen(database.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    database.migrate()
    yield database
    database.close()


def seeds(config: pytest.Config) -> Callable[[int, int], range]:
    def chosen(quick: int, deep: int) -> range:
        one = config.getoption("--seed")
        if one is not None:
            return range(one, one + 1)
        return range(deep if config.getoption("--deep") else quick)

    return chosen


@pytest.mark.timeout(3_000)
def test_whatever_happens_every_accepted_entry_ends_as_final_or_refused_and_none_twice(
    database: Database, pytestconfig: pytest.Config
) -> None:
    for seed in seeds(pytestconfig)(200, 3_000):
        empty(database)
        simulation = Simulation(seed, database)
        try:
            simulation.run()
            simulation.judge()
        except BaseException as error:
            error.add_note(f"replay with: pytest --seed {seed} {__file__}")
            raise
