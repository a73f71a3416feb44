"""A process that writes an embedded chain until it is killed; run by the crash tests.

Usage: ``chain_writer.py FILE ADDRESS FIRST_NONCE``. After each block that
:meth:`send_raw_transactions` has acknowledged it prints ``<block> <count>`` on a line: the
contract's counter as of that block.
"""

import sys
import time
from pathlib import Path

from ledger.chain.embedded import EmbeddedChain
from tests.support.chains import CHAIN_ID, Sender, calldata


def main(path: Path, address: bytes, nonce: int) -> None:
    chain = EmbeddedChain(path, chain_id=CHAIN_ID, clock=time.time)
    sender = Sender(nonce=nonce)
    count = int.from_bytes(chain.storage_at(address, 0), "big")
    print(chain.head().number, count, flush=True)
    for turn in range(1_000_000):
        raws = [
            sender.sign(address, calldata("note(uint256,uint256,string)", turn * 8 + i, i, "x"))
            for i in range(1 + turn % 5)
        ]
        handovers = chain.send_raw_transactions(raws)
        assert all(h.refusal is None for h in handovers)
        count += len(raws)
        print(chain.head().number, count, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3]))
