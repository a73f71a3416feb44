"""Which module may know of which: read from the sources, not from what happens to be loaded."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: What stands around the core: the edges, and the workflows that join them. All else is the core.
AROUND_THE_CORE = {
    "ledger.chain",
    "ledger.index",
    *("ledger.importing", "ledger.indexing", "ledger.submission", "ledger.workspace"),
    *("ledger.demo", "ledger.documents", "ledger.keystore", "ledger.replaying"),
    *("ledger.audit", "ledger.bundling", "ledger.checkpointing"),
}
CHAIN_LIBRARIES = {"eth", "eth_tester", "web3"}
DATABASE_LIBRARIES = {"alembic", "psycopg", "sqlalchemy", "sqlmodel"}
WEB_LIBRARIES = {"fastapi", "starlette", "uvicorn"}
#: Network, database, clock, environment and chance: in the core they are arguments.
OUTSIDE_WORLD = {
    *CHAIN_LIBRARIES,
    *DATABASE_LIBRARIES,
    *WEB_LIBRARIES,
    *("aiohttp", "http", "httpx", "requests", "socket", "sqlite3", "ssl", "urllib"),
    *("asyncio", "multiprocessing", "os", "random", "secrets", "subprocess", "time"),
}


def modules(package: str) -> dict[str, Path]:
    """Dotted name → file of every module of a package."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Every name that a file imports, also inside of functions: ``from a import b`` is ``a.b``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute, so that they can be read"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name: str, packages: set[str]) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)


def culprits(sources: dict[str, Path], forbidden: set[str]) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, path in sources.items()
        for name in imports(path)
        if below(name, forbidden)
    ]


@pytest.fixture(scope="module")
def ledger() -> dict[str, Path]:
    return modules("ledger")


@pytest.fixture(scope="module")
def core(ledger: dict[str, Path]) -> dict[str, Path]:
    found = {n: p for n, p in ledger.items() if not below(n, AROUND_THE_CORE)}
    del found["ledger"]  # chooses the fast keccak for all, by an environment value
    return found


def test_the_core_imports_only_the_core(core: dict[str, Path]) -> None:
    assert culprits(core, {"api", "scripts", "tests", *AROUND_THE_CORE}) == []


def test_the_core_knows_no_network_database_clock_environment_or_chance(
    core: dict[str, Path],
) -> None:
    assert culprits(core, OUTSIDE_WORLD) == []


def test_only_the_edge_to_the_chain_imports_chain_libraries(ledger: dict[str, Path]) -> None:
    others = {n: p for n, p in ledger.items() if not below(n, {"ledger.chain"})}
    assert culprits(others | modules("api"), CHAIN_LIBRARIES) == []


def test_only_the_index_imports_database_libraries(ledger: dict[str, Path]) -> None:
    others = {n: p for n, p in ledger.items() if not below(n, {"ledger.index"})}
    assert culprits(others | modules("api"), DATABASE_LIBRARIES) == []


def test_the_api_opens_no_database_itself() -> None:
    assert culprits(modules("api"), {"sqlite3"}) == []


def test_the_ledger_knows_nothing_of_the_api_or_the_web(ledger: dict[str, Path]) -> None:
    assert culprits(ledger, {"api", *WEB_LIBRARIES}) == []


def test_nothing_that_is_installed_imports_scripts_or_tests(ledger: dict[str, Path]) -> None:
    assert culprits(ledger | modules("api"), {"scripts", "tests", "pytest"}) == []
