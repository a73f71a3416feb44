"""Batches from the command line: added to an old ledger, admitted, and recorded by makers."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from ledger import demo
from ledger.chain.deployment import deploy_registries
from ledger.demo.batches import FIRST_RESIN, SPUNBOND_LOT
from ledger.typed_data import Citation
from tests.support.workspaces import found, key_file, opened

Suyuan = Callable[..., tuple[int, Any]]


@pytest.fixture
def suyuan(capsys: pytest.CaptureFixture[str]) -> Suyuan:
    """Run one command; its status, and what it answers or complains of."""

    def run(*arguments: object) -> tuple[int, Any]:
        capsys.readouterr()
        status = main(["--json", "--lang", "en", *map(str, arguments)])
        said = capsys.readouterr()
        return status, json.loads(said.out) if said.out else json.loads(said.err)["error"]

    return run


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of the time before batches, its catalogue set and its licences issued."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.workspace.deploy", deploy_registries)
        found(tmp_path / "old", chapters=3, clock=time.time)
    return tmp_path / "old"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A ledger with batches on which resin makers are licensed."""
    found(tmp_path / "data", chapters=3, clock=time.time)
    return tmp_path / "data"


def record(suyuan: Suyuan, data: Path, account: str, *entries: dict[str, Any]) -> tuple[int, Any]:
    file = data.parent / "entries.json"
    file.write_text(json.dumps(list(entries)), encoding="utf-8")
    key = data.parent / f"{account}.json"
    if not key.exists():
        key_file(data.parent, account)
    return suyuan("record", file, "--data", data, "--key", key)


def commission(**changes: Any) -> dict[str, Any]:
    lot = FIRST_RESIN
    message = {
        "quantity": 4_000, "gtin": f"{lot.gtin:014d}", "originNotShown": False,
        "document": "0x" + "00" * 32, "lot": lot.lot, "category": lot.category, "model": "",
        "unit": "KGM", "place": "", "origin": "",
    }  # fmt: skip
    return {"action": "Commission", "message": message | changes}


def test_batches_are_added_admitted_and_used(suyuan: Suyuan, old: Path) -> None:
    status, told = suyuan("deploy", "--data", old, "--add", "BatchLedger")
    assert status == 0
    assert {"BatchLedger", "BatchOversight", "LogisticUnits"} <= set(told["contracts"])

    status, acts = suyuan("acts", "--data", old)
    assert status == 0
    assert [a["action"] for a in acts] == ["AdmitContract"] * 3 + ["SetIngredient"] * 4
    assert record(suyuan, old, "authority", *acts)[0] == 0
    assert suyuan("acts", "--data", old) == (0, [])

    assert record(suyuan, old, "canglong", commission())[0] == 0
    again = suyuan("deploy", "--data", old, "--add", "BatchLedger")
    assert (again[0], again[1]["code"]) == (2, "workspace.deployed")


def test_a_ledger_without_batches_is_not_told_of_processes(suyuan: Suyuan, old: Path) -> None:
    assert suyuan("acts", "--data", old) == (0, [])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--add", "BatchLedger", "--chain-id", "7"), "chain-id"),
        (("--add", "BatchLedger", "--rpc-url", "http://127.0.0.1:1"), "rpc-url"),
        ((), "founding"),
    ],
)
def test_adding_and_founding_are_two_things(
    suyuan: Suyuan, tmp_path: Path, options: tuple[str, ...], field: str
) -> None:
    status, problem = suyuan("deploy", "--data", tmp_path / "nowhere", *options)
    assert (status, problem["code"], problem["field"]) == (2, "deploy.options", field)


def test_what_a_maker_cites_is_found_for_it(suyuan: Suyuan, data: Path) -> None:
    status, told = record(suyuan, data, "canglong", commission())
    assert (status, told["lot"]) == (0, "0x" + FIRST_RESIN.id.hex()), "by which it is shipped"
    with opened(data) as workspace:
        [made] = workspace.index.by_subject(FIRST_RESIN.id)
        cited = made["cited"]
        assert isinstance(cited, tuple)
        [licence] = workspace.index.qualifications_of(demo.CANGLONG.id)
        issued = workspace.index.entry(licence.sequence)
        assert issued is not None
        assert [c.digest for c in cited if isinstance(c, Citation)] == [issued.digest]


def test_who_holds_nothing_is_told_the_kind_that_is_missing(suyuan: Suyuan, data: Path) -> None:
    status, problem = record(suyuan, data, "feiyu", commission())
    assert (status, problem["code"], problem["field"]) == (2, "citation.missing", "cited")
    assert "business-licence" in problem["message"]


def test_a_mistake_is_named_with_its_entry_and_nothing_is_recorded(
    suyuan: Suyuan, data: Path
) -> None:
    wrong = commission(gtin="09520000000012")
    status, problem = record(suyuan, data, "canglong", commission(), wrong)
    assert (status, problem["field"]) == (2, "entries[1].gtin")
    assert record(suyuan, data, "canglong", wrong)[1]["field"] == "gtin"
    with opened(data) as workspace:
        assert workspace.index.by_subject(FIRST_RESIN.id) == []


def test_goods_of_unknown_origin_cite_nothing(suyuan: Suyuan, data: Path) -> None:
    given = commission(gtin=0, originNotShown=True, category="mask.surgical", unit="H87")
    assert record(suyuan, data, "warehouse", given)[0] == 0


def test_lists_travel_as_json_and_an_overrun_is_told_with_its_figures(
    suyuan: Suyuan, data: Path
) -> None:
    assert record(suyuan, data, "canglong", commission())[0] == 0
    ship = {
        "lot": "0x" + FIRST_RESIN.id.hex(), "recipient": "0x" + demo.QILIN.id.hex(),
        "quantity": 2_000, "due": int(time.time()) + 86_400, "purpose": 0, "reference": "",
    }  # fmt: skip
    _, sent = record(suyuan, data, "canglong", {"action": "Ship", "message": ship})
    receive = {
        "lot": ship["lot"], "shipment": sent["digest"], "sender": "0x" + demo.CANGLONG.id.hex(),
        "accepted": 2_000, "reason": "",
    }  # fmt: skip
    assert record(suyuan, data, "qilin", {"action": "Receive", "message": receive})[0] == 0
    lot = SPUNBOND_LOT
    made = {
        "quantity": 1_000, "gtin": lot.gtin, "lot": lot.lot, "category": lot.category, "model": "",
        "unit": "KGM", "process": "spunbonding", "place": "",
        "inputs": [{"lot": ship["lot"], "quantity": 999}],
    }  # fmt: skip
    status, told = record(suyuan, data, "qilin", {"action": "Transform", "message": made})
    assert (status, told["state"]) == (1, "refused")
    assert "1000" in told["reason"]["en"]
    assert "999 was given" in told["reason"]["en"]
    assert "resin.polypropylene" in told["reason"]["en"]
    assert "999" in told["reason"]["zh"]
    made["inputs"] = [{"lot": ship["lot"], "quantity": 1_040}]
    assert record(suyuan, data, "qilin", {"action": "Transform", "message": made})[0] == 0
