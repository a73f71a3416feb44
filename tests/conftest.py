"""What all tests share: how long properties run, and which tests wait for ``--deep``."""

import sys

import pytest
from hypothesis import HealthCheck, settings

import ledger.chain.pyevm  # noqa: F401 - before a test imports what lifts the recursion limit

# A shared machine may stop for a second at any time: a slow example says nothing about the code.
_COMMON = settings(
    deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile("quick", _COMMON, max_examples=50, derandomize=True)
settings.register_profile("deep", _COMMON, max_examples=2_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="run the long properties as well")
    parser.addoption("--seed", type=int, help="replay this one seed of the simulations")


def pytest_configure(config: pytest.Config) -> None:
    assert sys.getrecursionlimit() <= 1_000, "deep input must be refused in tests as in service"
    settings.load_profile("deep" if config.getoption("--deep") else "quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--deep"):
        return
    waiting = pytest.mark.skip(reason="a long property: run with --deep")
    for item in items:
        if item.get_closest_marker("deep"):
            item.add_marker(waiting)


@pytest.fixture(scope="session")
def deep(pytestconfig: pytest.Config) -> bool:
    """Whether the long properties were asked for."""
    return bool(pytestconfig.getoption("--deep"))
