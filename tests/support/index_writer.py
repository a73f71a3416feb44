"""Reads a ledger into a database, block by block, and says so: for tests that kill it.

Arguments: the chain's file, the deployment file, the database's URL.
"""

import sys
import time
from pathlib import Path

from ledger.chain.deployment import Deployment
from ledger.chain.embedded import EmbeddedChain
from ledger.index.database import Database
from ledger.indexing import Indexer


def main(chain_file: str, deployment_file: str, url: str) -> None:
    deployment = Deployment.load(Path(deployment_file))
    chain = EmbeddedChain(Path(chain_file), chain_id=deployment.chain_id, clock=time.time)
    indexer = Indexer(chain, Database(url), deployment)
    position = indexer.sync(until=0)
    while position.block_number < chain.final_head().number:
        position = indexer.sync(until=position.block_number + 1)
        print(position.block_number, position.size, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
