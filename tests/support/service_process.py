"""A process that submits, relays and indexes until it is killed; run by the crash test.

It is started by a fork server that has imported all this already, so that a start takes a few
milliseconds. What it is sent: lists of packed entries with their contract. What it answers, once
:meth:`Submitter.accept` has returned: their digests.
"""

import threading
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from ledger.chain.deployment import Deployment
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.relayer import Relayer
from ledger.index.database import Database
from ledger.index.repository import Index
from ledger.index.store import Store
from ledger.indexing import Indexer
from ledger.submission import Relay, Submitter
from ledger.typed_data import SignedEntry
from tests.support.ledger import key
from tests.support.receipts import service_key


class Service:
    """Everything on one data directory: the chain, the database, and what joins them."""

    def __init__(self, folder: Path, deployment: Deployment) -> None:
        self.chain = EmbeddedChain(
            folder / "chain.db",
            chain_id=deployment.chain_id,
            genesis_hash=deployment.genesis_hash,
            clock=time.time,
        )
        self.database = Database(f"sqlite:///{folder / 'service.db'}")
        self.database.migrate()
        self.index = Index(self.database)
        self.indexer = Indexer(self.chain, self.database, deployment)
        self.indexer.sync()
        self.store = Store(self.database)
        self.submitter = Submitter(
            self.store, self.index, deployment, clock=time.time, key=service_key
        )
        relayer = Relayer(
            key("the service's relayer"),
            chain_id=deployment.chain_id,
            profile=self.chain.profile,
            contracts=deployment.addresses,
        )
        self.relay = Relay(
            self.store, self.index, self.chain, deployment, relayer, clock=time.time, batch_size=8
        )

    def pump(self) -> bool:
        moved = self.relay.step()
        self.indexer.sync()
        return moved

    def close(self) -> None:
        self.database.close()
        self.chain.close()


def serve(connection: Connection, folder: Path, deployment: Deployment) -> None:
    """Never returns: the process ends by being killed."""
    with closing(Service(folder, deployment)) as service:

        def take_in() -> None:
            while True:
                contract, packed = connection.recv()
                entries = [SignedEntry.unpack(contract, p) for p in packed]
                connection.send([s.digest for s in service.submitter.accept(entries)])

        threading.Thread(target=take_in, daemon=True).start()
        while True:
            if not service.pump():
                time.sleep(0.001)
