"""A whole ledger with everything that submits to it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import delete, update

from ledger.chain.relayer import Relayer
from ledger.index.database import Database
from ledger.index.repository import Index
from ledger.index.service_tables import ENTRIES, NONCES, TRANSACTIONS
from ledger.index.store import Store
from ledger.indexing import Indexer
from ledger.submission import EntryStatus, Relay, Submitter
from ledger.typed_data import SignedEntry
from ledger.vocabulary import Role
from tests.support.databases import DATABASES, new_database
from tests.support.ledger import Member, TestLedger, embedded_ledger, key
from tests.support.receipts import service_key

KIND = "business-licence"


@dataclass
class Service:
    """``issuer`` is accredited for :data:`KIND`; ``maker`` is a supplier."""

    ledger: TestLedger
    database: Database
    store: Store
    index: Index
    indexer: Indexer
    submitter: Submitter
    issuer: Member
    maker: Member

    def relay(self, *, batch_size: int = 100, in_flight: int = 4) -> Relay:
        gateway = self.ledger.gateway
        return Relay(
            self.store,
            self.index,
            gateway,
            self.ledger.deployment,
            Relayer(
                key("the service's relayer"),
                chain_id=gateway.chain_id(),
                profile=gateway.profile,
                contracts=self.ledger.deployment.addresses,
            ),
            clock=self.ledger.now,
            batch_size=batch_size,
            in_flight=in_flight,
        )

    def issue(self, number: str = "L-1", **changes: object) -> SignedEntry:
        values = {
            "holder": self.maker.id,
            "validFrom": 1,
            "validUntil": 4_000_000_000,
            "document": bytes(32),
            "category": "mask.surgical",
            "model": "",
            "kind": KIND,
            "number": number,
        } | changes
        return self.ledger.signed("IssueQualification", self.issuer, **values)  # type: ignore[arg-type]

    def settle(self, relay: Relay | None = None) -> None:
        """Relay and index until nothing moves."""
        relay = relay or self.relay()
        for _ in range(100):
            moved = relay.step()
            self.indexer.sync()
            if not moved and relay.health().under_way == 0:
                return
        raise AssertionError("it goes on for ever")

    def set_back(self, *forgotten: bytes) -> None:
        """As a database from an old backup: no transaction is known, no nonce was given, and
        these entries are queued."""
        with self.database.write() as session:
            session.execute(update(ENTRIES).values(carrier=None))
            session.execute(
                update(ENTRIES)
                .where(ENTRIES.c.digest.in_(forgotten))
                .values(state="queued", sequence=None)
            )
            session.execute(delete(TRANSACTIONS))
            session.execute(delete(NONCES))

    def carry(self, *entries: SignedEntry) -> list[EntryStatus]:
        """Hand in, relay, and say how it ended."""
        digests = [s.digest for s in self.submitter.accept(entries)]
        self.settle()
        found = self.submitter.status(digests)
        return [found[d] for d in digests]


@pytest.fixture(scope="module")
def module_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestLedger]:
    with embedded_ledger(tmp_path_factory.mktemp("submission") / "chain.db") as ledger:
        yield ledger


@pytest.fixture(scope="module", params=DATABASES)
def service(
    request: pytest.FixtureRequest,
    module_ledger: TestLedger,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """On one chain that all tests of a module write to, each kind of database with an index of
    its own."""
    ledger = module_ledger
    with new_database(request.param, tmp_path_factory.mktemp("database")) as database:
        issuer = ledger.organisation(f"Issuer for {request.param}", Role.ISSUER)
        maker = ledger.organisation(f"Maker for {request.param}", Role.SUPPLIER)
        ledger.accredit(issuer, KIND)
        ledger.category("mask.surgical")
        indexer = Indexer(ledger.gateway, database, ledger.deployment)
        indexer.sync()
        index = Index(database)
        store = Store(database)
        submitter = Submitter(store, index, ledger.deployment, clock=ledger.now, key=service_key)
        yield Service(ledger, database, store, index, indexer, submitter, issuer, maker)
