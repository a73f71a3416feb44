"""The committed artifacts, the sources and both toolchains say the same."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from web3 import EthereumTesterProvider, Web3

from ledger.typed_data import ACTIONS, Action, Citation, Entry, Part, Value
from scripts._compile import (
    ARTIFACTS,
    CODE_LIMIT,
    ROOT,
    SNAPSHOTS,
    CompilationError,
    committed_files,
    compile_contracts,
    differences,
    write,
)
from tests.support.batch_world import BatchWorld, batch_world
from tests.support.contract_world import account

Contracts = Mapping[str, Mapping[str, Any]]

#: What creates a contract may have so many bytes (EIP-3860, from Shanghai on).
INIT_LIMIT: Final = 49_152
#: How many actions each contract has.
COUNTS: Final = Counter(a.contract for a in ACTIONS.values())


@pytest.fixture(scope="module")
def compiled() -> dict[str, Any]:
    return compile_contracts()


def artifact(name: str) -> Any:
    return json.loads((ROOT / ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))


def test_the_committed_artifacts_are_what_py_solc_x_makes_of_the_sources(
    compiled: dict[str, Any],
) -> None:
    assert differences(committed_files(compiled)) == []


def test_hardhat_makes_the_same_bytecode_as_py_solc_x(
    compiled: dict[str, Any], tmp_path: Path
) -> None:
    run = subprocess.run(
        [ROOT / "node_modules/.bin/hardhat", "compile", "--force"],
        cwd=ROOT,
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true",
            "SUYUAN_HARDHAT_OUTPUT": str(tmp_path),
        },
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr

    for name, made in compiled.items():
        hardhat = json.loads((tmp_path / f"artifacts/contracts/{name}.sol/{name}.json").read_text())
        assert hardhat["bytecode"] == "0x" + made["evm"]["bytecode"]["object"], name
        assert hardhat["deployedBytecode"] == "0x" + made["evm"]["deployedBytecode"]["object"], name


def test_every_contract_leaves_room_under_the_limit_on_code() -> None:
    sizes = json.loads((ROOT / SNAPSHOTS / "sizes.json").read_text(encoding="utf-8"))
    for name, size in sizes.items():
        assert size["runtime"] == len(artifact(name)["deployedBytecode"]) // 2 - 1, name
        assert size["runtime"] + size["headroom"] == CODE_LIMIT, name
        assert size["headroom"] > 0, name
        assert size["init"] == len(artifact(name)["bytecode"]) // 2 - 1, name
        assert size["init"] <= INIT_LIMIT, name


def test_every_contract_can_be_created_in_one_transaction() -> None:
    """EIP-3860 (Shanghai): creation code has at most 49,152 bytes, the arguments included."""
    for file in sorted((ROOT / ARTIFACTS).glob("*.json")):
        made = artifact(file.stem)
        inputs = [i for e in made["abi"] if e["type"] == "constructor" for i in e["inputs"]]
        # A fixed argument is one word; the founding's texts and accounts stay below 4 kB.
        arguments = 32 * len(inputs) if all(i["type"] == "address" for i in inputs) else 4_096
        assert len(made["bytecode"]) // 2 - 1 + arguments < 49_152, file.stem


def test_the_logs_size_and_root_lie_in_slots_0_and_1() -> None:
    layout = json.loads((ROOT / SNAPSHOTS / "storage-layout.json").read_text(encoding="utf-8"))
    slots = {v["label"]: (v["slot"], v["offset"]) for v in layout["EntryLog"]["variables"]}
    assert slots["size"] == (0, 0)
    assert slots["root"] == (1, 0)
    assert slots["heads"] == (2, 0)


def test_an_altered_a_missing_and_a_left_over_artifact_are_each_named(tmp_path: Path) -> None:
    altered, missing, left_over = (ARTIFACTS / f"{n}.json" for n in ("Altered", "Missing", "Old"))
    write({altered: "as committed", left_over: "of a contract that is no more"}, tmp_path)

    assert differences({altered: "as made today", missing: "new"}, tmp_path) == [
        f"{altered} is not what the sources make",
        f"{missing} is missing",
        f"{left_over} belongs to no contract",
    ]


def test_a_warning_of_the_compiler_about_our_sources_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    settings = (ROOT / "contracts/compiler.json").read_text(encoding="utf-8")
    (tmp_path / "contracts/compiler.json").write_text(settings, encoding="utf-8")
    (tmp_path / "contracts/Idle.sol").write_text(
        "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
        "contract Idle { function f() external pure { uint256 idle; } }\n",
        encoding="utf-8",
    )
    with pytest.raises(CompilationError, match="Unused local variable"):
        compile_contracts(tmp_path)


@pytest.fixture(scope="module")
def deployed() -> dict[str, Any]:
    """All contracts with actions on a chain in memory, deployed from the committed artifacts."""
    web3 = Web3(EthereumTesterProvider())

    def deploy(name: str, *arguments: object) -> Any:
        made = artifact(name)
        factory = web3.eth.contract(abi=made["abi"], bytecode=made["bytecode"])
        sent = factory.constructor(*arguments).transact({"from": web3.eth.accounts[0]})
        address = web3.eth.wait_for_transaction_receipt(sent)["contractAddress"]
        return web3.eth.contract(address, abi=made["abi"])

    founding = ("invented", "1", "虚构机关", "Invented Authority", [web3.eth.accounts[0]], 1, 0)
    participants = deploy("ParticipantRegistry", *founding)
    qualifications = deploy("QualificationRegistry", participants.address)
    batches = deploy("BatchLedger", qualifications.address)
    made = {
        "ParticipantRegistry": participants,
        "QualificationRegistry": qualifications,
        "BatchLedger": batches,
    }
    for name, address in [
        ("LogisticUnits", batches.functions.units().call()),
        ("BatchOversight", batches.functions.oversight().call()),
    ]:
        made[name] = web3.eth.contract(address, abi=artifact(name)["abi"])
    return made


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda a: a.name)
def test_every_type_hash_is_the_contracts_own(deployed: dict[str, Any], action: Action) -> None:
    found = deployed[action.contract].functions.typeHash(action.number).call()
    assert found == action.type_hash, action.type_string


@pytest.mark.parametrize("contract", COUNTS)
def test_a_contract_knows_no_action_beside_these(deployed: dict[str, Any], contract: str) -> None:
    for number in {0, *range(COUNTS[contract] + 1, 256)}:
        found = deployed[contract].functions.typeHash(number).call()
        assert found == bytes(32), f"action {number}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchWorld]:
    with batch_world(tmp_path_factory.mktemp("layout")) as made:
        yield made


def any_value(kind: str, chance: random.Random) -> Value:
    """A value that uses the whole width of its type."""
    if kind == "Part[]":
        items = range(chance.randrange(9))
        return tuple(Part(chance.randbytes(32), chance.getrandbits(40)) for _ in items)
    if kind == "Citation[]":
        return tuple(
            Citation(
                chance.randbytes(20),
                chance.randbytes(32),
                chance.randbytes(32),
                chance.randbytes(32),
                chance.random() < 0.5,
            )
            for _ in range(chance.randrange(9))
        )
    if kind == "string":
        return "批号 lot"[chance.randrange(7) :] * chance.randrange(20)
    if kind == "bool":
        return chance.random() < 0.5
    if kind.startswith("uint"):
        return chance.getrandbits(int(kind[4:]))
    return chance.randbytes(20 if kind == "address" else int(kind[5:]))


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda a: a.name)
def test_the_contract_reads_from_the_bytes_what_was_signed(
    world: BatchWorld, action: Action
) -> None:
    """Read at other widths, in another order or from another place, the entry would have another
    digest, and from its signature would come another account than the one that is refused."""
    chance = random.Random(action.name)
    for _ in range(20):
        values = {f.name: any_value(f.type, chance) for f in action.fields}
        values |= {"deadline": 2**40 - 1}
        if action.name in ("Commission", "Transform"):
            values["lot"] = "A" * chance.randrange(1, 21)  # its form is asked for first
        error = world.refused(world.sign(Entry.of(action.name, **values), "eve"))
        expected = ("EntrySignerNotLive", {"account": account("eve")})
        assert (error.name, dict(error.values)) == expected
