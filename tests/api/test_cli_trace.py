"""``suyuan trace`` and ``campaign``: the demo's goods from the command line."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.access import CallerRole
from api.app import create_app
from api.cli import main
from api.cli.tracing import table
from api.tokens.service import issue
from ledger import demo
from ledger.keystore import write_secret
from ledger.workspace import Workspace
from tests.support.listening import listening
from tests.support.workspaces import BEGINNING, HandClock, found, key_file, new_data, opened

MASKS = f"{demo.MASK_LOT.gtin:014d}:{demo.MASK_LOT.lot}"
FABRIC = f"{demo.FABRIC_LOT.gtin:014d}:{demo.FABRIC_LOT.lot}"
RESIN = f"{demo.SECOND_RESIN.gtin:014d}:{demo.SECOND_RESIN.lot}"


@dataclass
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> Any:
        return json.loads(self.err)["error"]


Suyuan = Callable[..., Said]


@pytest.fixture
def suyuan(capsys: pytest.CaptureFixture[str]) -> Suyuan:
    def run(*arguments: object, lang: str = "en", as_json: bool = False) -> Said:
        capsys.readouterr()
        given = ["--lang", lang, *(["--json"] if as_json else []), *map(str, arguments)]
        try:
            status = main(given)
        except SystemExit as end:
            status = int(str(end.code))
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return run


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_data(tmp_path_factory.mktemp("goods"), story=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[object]]]:
    """The options that ask a running service as somebody of an office."""
    folder = tmp_path_factory.mktemp("served")
    workspace = Workspace.open(new_data(folder, story=True), clock=HandClock(BEGINNING + 3_600))
    roles = {"audit-office": CallerRole.AUDITOR}

    def asking_as(office: str) -> list[object]:
        file = folder / f"{office}.token"
        if not file.exists():
            [who] = [o for o in demo.ALL if o.key == office]
            role = roles.get(office, CallerRole.SUPPLIER)
            token = issue(workspace, who.id, "clerk", role, now=workspace.clock(), lifetime=86_400)
            write_secret(file, token.secret.encode() + b"\n")
        return ["--server", url, "--token-file", file]

    try:
        with listening(create_app(workspace)) as url:
            yield asking_as
    finally:
        workspace.close()


# ------------------------------------------------------------------------------ tracing


def test_masks_are_traced_to_their_resin_in_both_languages(suyuan: Suyuan, data: Path) -> None:
    english = suyuan("trace", MASKS, "--data", data)
    assert english.status == 0, english.err
    for lot in ("QL100-A", "MB-115", "SB-2201", "CL-7042", "ZH-0318"):
        assert lot in english.out
    assert "✗ QL100-A ← MB-115 ← ZH-0318: " in english.out
    assert "✓ / ✗" in english.out, "qualified then, and not now"
    assert "Least assured: " in english.out
    chinese = suyuan("trace", MASKS, "--data", data, lang="zh")
    assert demo.ZHUHUAN.name_zh in chinese.out
    assert "保证最弱的环节" in chinese.out
    assert "known" not in chinese.out


def test_a_lot_may_be_named_by_its_id_and_with_its_maker(suyuan: Suyuan, data: Path) -> None:
    whole = suyuan("trace", MASKS, "--data", data, as_json=True).json
    for name in (f"0x{demo.MASK_LOT.id.hex()}", f"{MASKS}@0x{demo.QINGLUAN.id.hex()}"):
        assert suyuan("trace", name, "--data", data, as_json=True).json["lots"] == whole["lots"]


def test_what_was_made_of_a_lot(suyuan: Suyuan, data: Path) -> None:
    told = suyuan("trace", RESIN, "--forward", "--data", data, as_json=True)
    assert told.status == 0
    assert [lot["lot"] for lot in told.json["lots"]] == ["ZH-0318", "MB-115", "QL100-A"]


def test_a_page_that_is_not_all_says_how_to_go_on(suyuan: Suyuan, data: Path) -> None:
    lots: list[str] = []
    after: list[object] = []
    while True:
        said = suyuan("trace", MASKS, "--size", 2, *after, "--data", data, as_json=True)
        lots += [lot["lot"] for lot in said.json["lots"]]
        if not said.json["more"]:
            break
        assert said.status == 1
        after = ["--after", said.json["continuation"]]
    assert said.status == 0
    assert len(lots) == len(set(lots)) == 5
    first = suyuan("trace", MASKS, "--size", 2, "--data", data)
    assert "There is more: --after " in first.out
    deep = suyuan("trace", MASKS, "--depth", 1, "--data", data)
    assert (deep.status, "There is more, deeper: --depth" in deep.out) == (1, True)


def test_both_clocks_can_be_set(suyuan: Suyuan, data: Path) -> None:
    before = suyuan("trace", RESIN, "--known-at", BEGINNING, "--data", data, as_json=True).json
    assert before["lots"][0]["actors"][0]["now"] == "valid"
    after = suyuan("trace", RESIN, "--data", data, as_json=True).json
    assert after["lots"][0]["actors"][0]["now"] == "invalid"
    made = after["lots"][0]["happened_at"]
    early = suyuan("trace", RESIN, "--forward", "--at", made, "--data", data, as_json=True).json
    assert [lot["lot"] for lot in early["lots"]] == ["ZH-0318"]


# ------------------------------------------------------------------------------ custody, recalls


def test_custody_is_told_act_by_act(suyuan: Suyuan, data: Path) -> None:
    said = suyuan("trace", MASKS, "--custody", "--data", data)
    assert said.status == 0
    assert "700,000 H87" in said.out
    assert "12,500" in said.out, "handed out by the first community"
    assert demo.COMMUNITIES[0].name_en in said.out
    assert suyuan("trace", MASKS, "--custody", "--size", 3, "--data", data).status == 1


def test_the_scope_of_a_recall_becomes_a_file_that_is_signed(
    suyuan: Suyuan, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    found(data, chapters=8, clock=time.time)  # all but the recall and what led to it
    file = tmp_path / "recalls.json"
    said = suyuan(
        "trace", FABRIC, "--recall-scope", "--entries", file, "--reason", "Filter fails",
        "--size", 1, "--data", data,
    )  # fmt: skip
    assert said.status == 0, said.err
    entries = json.loads(file.read_text())
    assert [e["message"]["lot"] for e in entries] == [
        "0x" + lot.id.hex() for lot in (demo.FABRIC_LOT, demo.MASK_LOT)
    ], "of all pages"
    key = key_file(tmp_path, "regulator")
    signed = suyuan("record", file, "--data", data, "--key", key, as_json=True)
    assert signed.status == 0, signed.out + signed.err

    campaign = entries[0]["message"]["campaign"]
    followed = suyuan("campaign", campaign, "--data", data)
    assert followed.status == 1, "nobody has answered yet"
    assert f"✗ {demo.WAREHOUSE.name_en} has not answered" in followed.out

    with opened(data) as workspace:
        number = workspace.index.lots.by_ids([demo.MASK_LOT.id])[demo.MASK_LOT.id].number
        [stop] = workspace.index.lots.stops([number])
    false = {
        "lot": "0x" + demo.MASK_LOT.id.hex(), "recall": "0x" + stop.digest.hex(),
        "setAside": 1, "gone": 2, "note": "",
    }  # fmt: skip
    file = tmp_path / "answer.json"
    file.write_text(json.dumps([{"action": "Acknowledge", "message": false}]))
    signed = suyuan("record", file, "--data", data, "--key", key_file(tmp_path, "warehouse"))
    assert signed.status == 0, signed.out + signed.err
    followed = suyuan("campaign", campaign, "--data", data)
    assert followed.status == 1
    assert f"✗ {demo.WAREHOUSE.name_en}, " in followed.out
    assert "it says 1 set aside and 2 gone, the ledger says " in followed.out


def test_who_answered_a_recall_is_told_with_the_time(suyuan: Suyuan, data: Path) -> None:
    lot = suyuan("trace", MASKS, "--recall-scope", "--data", data, as_json=True).json["lots"][0]
    assert lot["stops"], "it is recalled"
    with opened(data) as workspace:
        [stop] = workspace.index.lots.stops([lot["number"]])
    said = suyuan("campaign", "0x" + stop.campaign.hex(), "--data", data, lang="zh")
    assert said.status == 1
    assert f"✓ {demo.COMMUNITIES[0].name_zh}" in said.out
    assert f"✗ {demo.WAREHOUSE.name_zh}未答复" in said.out


def test_a_recall_that_stands_is_told_with_its_campaign(
    suyuan: Suyuan, data: Path, tmp_path: Path
) -> None:
    told = suyuan("trace", MASKS, "--recall-scope", "--data", data, as_json=True).json
    [standing] = told["standing"]
    with opened(data) as workspace:
        [stop] = workspace.index.lots.stops([standing["lot"]])
    campaign = "0x" + stop.campaign.hex()
    assert (standing["campaign"], standing["entry"]) == (campaign, stop.sequence)
    said = suyuan("trace", MASKS, "--recall-scope", "--data", data)
    assert f"! QL100-A: it is recalled already, by entry {stop.sequence}; " in said.out
    assert f"`suyuan campaign {campaign}` shows who answered" in said.out
    assert suyuan("campaign", campaign, "--data", data).status == 1, "and is no unknown campaign"
    again = suyuan(
        "trace", MASKS, "--recall-scope", "--entries", tmp_path / "again.json",
        "--reason", "Once more", "--data", data, as_json=True,
    )  # fmt: skip
    assert again.json["warning"]["en"].startswith("Warning: already recalled: 1 of these lots")


# ------------------------------------------------------------------------------ by a service


def test_a_service_answers_the_same_as_its_directory(
    suyuan: Suyuan, data: Path, served: Callable[[str], list[object]]
) -> None:
    for what in ((), ("--forward",), ("--custody",), ("--recall-scope",)):
        known = ("--known-at", BEGINNING + 150)
        here = suyuan("trace", FABRIC, *what, *known, "--data", data, as_json=True)
        there = suyuan("trace", FABRIC, *what, *known, *served("audit-office"), as_json=True)
        assert (there.status, there.json) == (here.status, here.json), what


def test_what_a_token_may_not_see_is_said_and_is_not_all(
    suyuan: Suyuan, served: Callable[[str], list[object]]
) -> None:
    said = suyuan("trace", RESIN, "--forward", *served("zhuhuan"))
    assert said.status == 1
    assert "Not shown to you: 2 lots" in said.out
    assert "QL100-A" not in said.out
    unknown = suyuan("trace", MASKS, *served("zhuhuan"), as_json=True)
    assert (unknown.status, unknown.problem["code"]) == (2, "batch.unknown")


# ------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("NOWHERE",), "lot"),
        ((":NOWHERE",), "lot"),
        (("09520000000058:QL100-A",), "lot.gtin"),
        (("09520000000059:QL 100",), "lot"),
        (("09520000000059:口罩",), "lot"),
        (("0x12",), "lot"),
        ((MASKS, "--after", "next"), "after"),
        ((MASKS, "--at", "yesterday"), "at"),
        ((MASKS, "--known-at", "2999-01-01"), "known_at"),
        ((MASKS, "--zone", "Nowhere/Else"), "zone"),
        ((MASKS, "--custody", "--depth", "2"), "depth"),
        ((MASKS, "--entries", "x.json"), "entries"),
        ((MASKS, "--reason", "x"), "reason"),
        ((MASKS, "--recall-scope", "--entries", "x.json"), "reason"),
    ],
)
def test_what_is_wrong_is_named(
    suyuan: Suyuan, data: Path, arguments: tuple[str, ...], field: str
) -> None:
    said = suyuan("trace", *arguments, "--data", data, as_json=True)
    assert (said.status, said.problem.get("field")) == (2, field), said.err
    chinese = suyuan("trace", *arguments, "--data", data, as_json=True, lang="zh")
    assert chinese.problem["message"] != said.problem["message"]


def test_a_campaign_of_which_nobody_heard_is_not_known(suyuan: Suyuan, data: Path) -> None:
    for given, code in (("0x" + "00" * 32, "campaign.unknown"), ("0x00", "batch.id")):
        said = suyuan("campaign", given, "--data", data, as_json=True)
        assert (said.status, said.problem["code"]) == (2, code)


def test_a_limit_out_of_range_is_refused_at_once(suyuan: Suyuan, data: Path) -> None:
    said = suyuan("trace", MASKS, "--size", 0, "--data", data)
    assert (said.status, "1 to 2000" in said.err) == (2, True)


def test_a_file_that_is_there_is_not_written_over(
    suyuan: Suyuan, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    file.write_text("mine")
    said = suyuan(
        "trace", FABRIC, "--recall-scope", "--entries", file, "--reason", "x", "--data", data,
        as_json=True,
    )  # fmt: skip
    assert (said.status, said.problem["field"], file.read_text()) == (2, "entries", "mine")


def test_columns_stand_under_each_other_whatever_is_in_them() -> None:
    assert table([["口罩", "1"], ["a", "22"]]) == ["口罩  1", "a     22"]


def test_a_reason_cannot_look_like_an_answer(
    suyuan: Suyuan, tmp_path: Path, served: Callable[[str], list[object]]
) -> None:
    file = tmp_path / "hold.json"
    message = {
        "lot": "0x" + demo.SPUNBOND_LOT.id.hex(), "document": "0x" + "00" * 32,
        "reason": "soaked\n✓ nothing speaks against it\x1b[2J", "happenedAt": BEGINNING,
    }  # fmt: skip
    file.write_text(json.dumps({"action": "Hold", "message": message}))
    where, key = served("qilin"), key_file(tmp_path, "qilin")
    signed = suyuan("record", file, *where, "--key", key)
    assert signed.status == 0, signed.err
    name = f"0x{demo.SPUNBOND_LOT.id.hex()}"
    said = suyuan("trace", name, *where)
    [line] = [line for line in said.out.splitlines() if "soaked" in line]
    assert line.startswith("✗ SB-2201: ")
    assert "\x1b" not in said.out


def test_help_says_what_the_exit_status_means(suyuan: Suyuan) -> None:
    said = suyuan("trace", "--help")
    assert (said.status, "Exit status: 0 when" in said.out) == (0, True)
