"""A founded ledger for each test, copied from one that was built once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.batch_world import BatchWorld, batch_world
from tests.support.contract_world import ContractWorld, contract_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ContractWorld]:
    with contract_world(tmp_path) as made:
        yield made


@pytest.fixture
def batches(tmp_path: Path) -> Iterator[BatchWorld]:
    with batch_world(tmp_path) as made:
        yield made
