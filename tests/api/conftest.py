"""One small world for all tests of a process; they write to it, but never against each other."""

from collections.abc import Iterator

import pytest

from api.settings import ServerSettings
from tests.support.service import Service, found_world, running_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    workspace = found_world(tmp_path_factory.mktemp("world"))
    try:
        with running_service(workspace, ServerSettings(patience=0.05)) as running:
            yield running
    finally:
        workspace.close()
