"""The committed artifacts, the sources and both toolchains say the same."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from web3 import EthereumTesterProvider, Web3

from ledger.typed_data import PARTICIPANT_ACTIONS, QUALIFICATION_ACTIONS, Action
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

Contracts = Mapping[str, Mapping[str, Any]]


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
    """Both registries on a chain in memory, deployed from the committed artifacts."""
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
    return {"ParticipantRegistry": participants, "QualificationRegistry": qualifications}


@pytest.mark.parametrize(
    "action", [*PARTICIPANT_ACTIONS, *QUALIFICATION_ACTIONS], ids=lambda a: a.name
)
def test_every_type_hash_is_the_contracts_own(deployed: dict[str, Any], action: Action) -> None:
    found = deployed[action.contract].functions.typeHash(action.number).call()
    assert found == action.type_hash, action.type_string


@pytest.mark.parametrize(
    ("contract", "count"),
    [
        ("ParticipantRegistry", len(PARTICIPANT_ACTIONS)),
        ("QualificationRegistry", len(QUALIFICATION_ACTIONS)),
    ],
)
def test_a_contract_knows_no_action_beside_these(
    deployed: dict[str, Any], contract: str, count: int
) -> None:
    for number in {0, *range(count + 1, 256)}:
        found = deployed[contract].functions.typeHash(number).call()
        assert found == bytes(32), f"action {number}"
