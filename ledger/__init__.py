"""The ledger layer of Suyuan 溯源: sign, submit, index and judge entries of the supplier ledger.

Core modules are pure (no network, database, clock or environment); ``chain`` and ``index`` are
the edges; ``submission``, ``indexing`` and ``importing`` are the workflows that join them.
"""

import os
import sys
from contextlib import suppress

# eth-hash reads this once, at its first use. The pure-Python fallback is several times slower,
# and everything here hashes.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")

# py_ecc, which web3, eth-account and eth-keyfile import, lifts Python's recursion limit a
# hundredfold for the whole process. From then on a JSON document of some ten thousand brackets,
# sent by anybody, would overflow the C stack and kill the process instead of being refused. So it
# is imported here, before anything else can, and the limit put back. Where it is not installed (the
# verification core does without), nothing else can import it either.
_limit = sys.getrecursionlimit()
with suppress(ModuleNotFoundError):
    import py_ecc  # noqa: F401

sys.setrecursionlimit(_limit)
