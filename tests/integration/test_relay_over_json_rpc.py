"""The relay over a real node: what it drops, gives up or keeps silent about is made good."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.chain.profiles import ANVIL
from ledger.chain.relayer import Relayer
from ledger.errors import ChainUnavailableError
from ledger.index.database import Database
from ledger.index.repository import Index
from ledger.index.store import Store
from ledger.indexing import Indexer
from ledger.submission import EntryStatus, Relay, Submitter
from ledger.vocabulary import Role
from tests.support.anvil import Anvil, anvil
from tests.support.chains import open_rpc
from tests.support.ledger import key, open_ledger
from tests.support.receipts import service_key

#: Two blocks must follow before one is final, so that a node can still give some up.
PROFILE = replace(ANVIL, confirmations=2)


class Service:
    """Submits to, relays to and indexes a node; ``later`` moves the relay's clock on."""

    def __init__(self, node: Anvil, database: Database) -> None:
        self.node = node
        deploying = open_ledger(open_rpc(node.url))
        self.issuer = deploying.organisation("Issuer", Role.ISSUER)
        self.maker = deploying.organisation("Maker", Role.SUPPLIER)
        deploying.accredit(self.issuer, "business-licence")
        deploying.category("mask.surgical")
        self.ledger = deploying
        self.gateway = open_rpc(node.url, profile=PROFILE, timeout=1.0)
        self.mine(3)
        deployment = deploying.deployment
        self.indexer = Indexer(self.gateway, database, deployment)
        self.indexer.sync()
        self.later = 0.0
        store, self.index = Store(database), Index(database)
        self.submitter = Submitter(store, self.index, deployment, clock=time.time, key=service_key)
        self.outbox = store.outbox
        relayer = Relayer(
            key("the service's relayer"),
            chain_id=deployment.chain_id,
            profile=PROFILE,
            contracts=deployment.addresses,
        )
        self.relay = Relay(
            store,
            self.index,
            self.gateway,
            deployment,
            relayer,
            clock=lambda: time.time() + self.later,
            batch_size=10,
        )

    def submit(self, count: int) -> list[bytes]:
        entries = [
            self.ledger.signed(
                "IssueQualification",
                self.issuer,
                holder=self.maker.id,
                validFrom=1,
                validUntil=4_000_000_000,
                document=bytes(32),
                category="mask.surgical",
                model="",
                kind="business-licence",
                number=str(i),
            )
            for i in range(count)
        ]
        return [s.digest for s in self.submitter.accept(entries)]

    def mine(self, blocks: int) -> None:
        self.node.ask("anvil_mine", hex(blocks))

    def pump(self) -> None:
        self.relay.step()
        self.indexer.sync()

    def until(self, digests: list[bytes], done: Callable[[EntryStatus], bool]) -> None:
        for _ in range(200):
            self.pump()
            if all(done(s) for s in self.submitter.status(digests).values()):
                return
            self.mine(1)
            time.sleep(0.02)
        raise AssertionError(self.submitter.status(digests))

    def states(self, digests: list[bytes]) -> set[str]:
        return {s.state for s in self.submitter.status(digests).values()}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with (
        anvil() as node,
        closing(Database(f"sqlite:///{tmp_path / 'service.db'}")) as database,
    ):
        database.migrate()
        service = Service(node, database)
        yield service
        service.gateway.close()


def is_final(status: EntryStatus) -> bool:
    return status.state == "final"


def test_entries_become_final_in_order_with_the_node_s_confirmations(service: Service) -> None:
    digests = service.submit(9)
    service.pump()
    for _ in range(100):
        if service.states(digests) == {"mined"}:
            break
        service.pump()
        time.sleep(0.02)
    assert service.states(digests) == {"mined"}, "not final before two blocks followed"
    service.until(digests, is_final)
    found = service.submitter.status(digests)
    sequences = [found[d].sequence or 0 for d in digests]
    assert sequences == list(range(sequences[0], sequences[0] + 9))


def test_a_long_queue_is_carried_in_order_by_several_transactions(service: Service) -> None:
    digests = service.submit(45)
    service.until(digests, is_final)
    found = service.submitter.status(digests)
    sequences = [found[d].sequence or 0 for d in digests]
    assert sequences == list(range(sequences[0], sequences[0] + 45))


def test_a_dropped_transaction_is_sent_again_with_the_same_bytes(service: Service) -> None:
    service.node.ask("evm_setAutomine", False)
    digests = service.submit(1)
    service.pump()
    [before] = service.outbox.open_transactions(1234, key("the service's relayer").address)
    assert service.node.ask("anvil_dropTransaction", "0x" + before.hash.hex())
    service.pump()
    assert service.states(digests) == {"sent"}
    service.later = 5
    service.pump()
    [after] = service.outbox.open_transactions(1234, key("the service's relayer").address)
    assert after.raw == before.raw
    service.node.ask("evm_setAutomine", True)
    service.until(digests, is_final)


def test_what_a_reorganisation_took_back_is_sent_again_and_was_never_final(
    service: Service,
) -> None:
    digests = service.submit(3)
    for _ in range(100):
        service.pump()
        if service.states(digests) == {"mined"}:
            break
        time.sleep(0.02)
    assert service.states(digests) == {"mined"}
    service.node.ask("anvil_reorg", 1, [])
    service.until(digests, is_final)
    found = service.submitter.status(digests)
    on_ledger = service.index.sequences(digests)
    assert {d: s.sequence for d, s in found.items()} == on_ledger


def test_while_the_node_is_stalled_entries_wait_and_go_on_by_themselves(
    service: Service,
) -> None:
    digests = service.submit(2)
    service.node.stall()
    with pytest.raises(ChainUnavailableError):
        service.relay.step()
    more = service.submitter.status(service.submit(1))
    assert {s.state for s in more.values()} == {"queued"}, "accepted while the chain is silent"
    service.node.go_on()
    service.until([*digests, *more], is_final)
