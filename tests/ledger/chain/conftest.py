"""Both gateways, freshly opened."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.embedded import EmbeddedChain
from ledger.chain.protocol import LedgerGateway
from tests.support.anvil import Anvil, anvil
from tests.support.chains import Probe, Sender, deploy_probe, open_embedded_chain, open_rpc

OpenEmbedded = Callable[..., EmbeddedChain]


@pytest.fixture
def open_embedded(tmp_path: Path) -> Iterator[OpenEmbedded]:
    """Opens (and at the end closes) the embedded chain of this test's directory."""
    opened: list[EmbeddedChain] = []

    def open_it(**options: Any) -> EmbeddedChain:
        path = options.pop("path", tmp_path / "chain.db")
        chain = open_embedded_chain(path, **options)
        opened.append(chain)
        return chain

    yield open_it
    for chain in opened:
        chain.close()


@pytest.fixture
def node() -> Iterator[Anvil]:
    with anvil() as node:
        yield node


@pytest.fixture(params=["embedded", "anvil", "anvil-prague"])
def chain(request: pytest.FixtureRequest, open_embedded: OpenEmbedded) -> Iterator[LedgerGateway]:
    if request.param == "embedded":
        yield open_embedded()
        return
    with anvil(hardfork="prague" if request.param.endswith("prague") else "london") as node:
        gateway = open_rpc(node.url)
        yield gateway
        gateway.close()


@pytest.fixture
def probe(chain: LedgerGateway) -> Probe:
    return deploy_probe(chain, Sender())
