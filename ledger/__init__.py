"""The ledger layer of Suyuan 溯源: sign, submit, index and judge entries of the supplier ledger.

Core modules are pure (no network, database, clock or environment); ``chain`` and ``index`` are
the edges; ``submission``, ``indexing`` and ``importing`` are the workflows that join them.
"""

import os

# eth-hash reads this once, at its first use. The pure-Python fallback is several times slower,
# and everything here hashes.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
