"""Which ledger a command works on: a running service (``--server``) or a directory (``--data``).

A running service holds its data directory; a command on the directory is then told which process
that is, and to name the service instead.
"""

import argparse
import time
from pathlib import Path

from api.client import SuyuanClient
from ledger.errors import LedgerInUseError, RequestError
from ledger.keystore import read_password
from ledger.signing import Signer
from ledger.workspace import Workspace


def add_where(parser: argparse.ArgumentParser) -> None:
    """``--data DIR``, or ``--server URL`` with ``--token-file FILE``."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, metavar="DIR", help="the ledger's data directory")
    where.add_argument("--server", metavar="URL", help="a running service")
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help="access token for the service (mode 0600)"
    )


def client_of(options: argparse.Namespace, signer: Signer | None = None) -> SuyuanClient | None:
    """The client of the service named by ``--server``; None where ``--data`` is given."""
    if options.server is None:
        return None
    if options.token_file is None:
        raise RequestError(
            "--server needs --token-file, a file that only you can read",
            message_zh="--server 须与 --token-file（仅本人可读的文件）同用",
            field="token-file",
            code="client.token",
        )
    token = read_password(options.token_file).decode("ascii", "replace").strip()
    return SuyuanClient(options.server, token, signer, language=options.lang)


def workspace_of(options: argparse.Namespace) -> Workspace:
    """The ledger in the directory named by ``--data``."""
    try:
        return Workspace.open(options.data, clock=time.time)
    except LedgerInUseError as error:
        raise LedgerInUseError(f"{error}; ask the running service with --server URL") from error
