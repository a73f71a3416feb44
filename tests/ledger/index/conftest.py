"""A database of each kind, and a ledger with some history to read into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.index.database import Database
from ledger.indexing import Indexer
from tests.support.databases import DATABASES, new_database
from tests.support.ledger import embedded_ledger
from tests.support.told import Told, tell


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with new_database(request.param, tmp_path) as database:
        yield database


@pytest.fixture(scope="module", params=DATABASES)
def read(
    request: pytest.FixtureRequest, told: Told, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database into which that ledger was read; for looking only."""
    with new_database(request.param, tmp_path_factory.mktemp("read")) as database:
        Indexer(told.ledger.gateway, database, told.ledger.deployment).sync()
        yield database


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A ledger with a little of everything; nothing may be recorded on it any more."""
    with embedded_ledger(tmp_path_factory.mktemp("told") / "chain.db", quorum=2) as ledger:
        yield tell(ledger)
