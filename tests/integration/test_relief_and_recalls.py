"""Relief lists and registers of recalls imported into a real ledger, and read again.

Donors, firms and lots are invented; the shapes are those of the public lists.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak

from api.access import CallerRole
from api.app import create_app
from api.cli import main
from api.tokens.service import issue
from ledger import demo, recalls
from ledger.catalogue import load as load_catalogue
from ledger.importing.holdings import register_state
from ledger.importing.recalls import NAME, firm_id, plan_recalls
from ledger.importing.recording import record
from ledger.importing.register_state import RegisterState
from ledger.importing.relief import lots_of, plan_relief
from ledger.importing.report import Outcome, Plan
from ledger.index.records import OrganisationRecord
from ledger.keystore import write_secret
from ledger.provenance.answer import Provenance, provenance
from ledger.provenance.tracing import Direction
from ledger.recalls import COLUMNS, RecallReading, read_lots, read_recalls
from ledger.relief import ReliefList, read_list
from ledger.typed_data import lot_id
from ledger.workspace import Workspace
from tests.ledger.relief.workbooks import ISSUES, workbook
from tests.support.listening import listening
from tests.support.shared import register
from tests.support.tables import csv_bytes
from tests.support.workspaces import (
    BEGINNING,
    HandClock,
    author,
    cheap_keys,
    key_file,
    new_data,
    opened,
    recorded,
    signer,
)

DAY = 86_400
MASKS = ("示例白鹿商会", "医用外科口罩", "2000只/箱", "箱", 12)
GOGGLES = ("示例青鸟基金会", "护目镜", "", "个", 1)
TEA = ("示例白鹿商会", "示例草药茶", "", "袋", 60)
UNCOUNTED = ("示例白鹿商会", "防护服", "", "套", "")
CASES = ("示例青鸟基金会", "防护服", "", "件", 30)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The demo's ledger with its offices and its catalogue, and nothing else."""
    with opened(new_data(tmp_path)) as opened_workspace:
        yield opened_workspace


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Workspace]:
    """The demo's ledger with all that happens there, the next day."""
    clock = HandClock(BEGINNING + DAY)
    with opened(new_data(tmp_path, story=True), clock) as opened_workspace:
        yield opened_workspace


def counts(plan: Plan) -> dict[str, int]:
    return {name: number for name, number in plan.counts().items() if number}


# ------------------------------------------------------------------------------------ relief lists


def receipts(*rows: Sequence[object]) -> ReliefList:
    return read_list("receipts.xlsx", workbook(*rows))


def relief_plan(
    workspace: Workspace,
    *lists: ReliefList,
    issues: Sequence[ReliefList] = (),
    account: str = "warehouse",
    happened_at: int = BEGINNING - DAY,
) -> Plan:
    by = author(workspace, account)
    held = workspace.index.lots.by_ids(lots_of(lists, by.organisation))
    return plan_relief(lists, issues, happened_at, "示例仓库", held, by)


def codes(plan: Plan) -> list[tuple[int, str, str]]:
    return [
        (line.row, line.outcome.value, line.problem.code) for line in plan.lines if line.problem
    ]


def test_a_usable_receipt_becomes_a_lot_whose_origin_is_not_shown(workspace: Workspace) -> None:
    found = receipts(MASKS)
    plan = relief_plan(workspace, found)
    recorded(workspace, author(workspace, "warehouse"), *plan.entries)
    [lot] = workspace.index.lots.lots_of(demo.WAREHOUSE.id)
    assert (lot.category, lot.quantity, lot.unit, lot.gtin) == ("mask.surgical", 12, "XCT", 0)
    assert (lot.origin_not_shown, lot.closed) == (True, True)
    assert lot.happened_at == BEGINNING - DAY
    [entry] = workspace.index.by_subject(lot.id)
    assert entry["document"] == found.rows[0].hash
    assert (entry["cited"], entry["place"]) == ((), "示例仓库")
    assert "示例白鹿商会" in str(entry["origin"])
    assert not entry.late


def test_an_amount_that_may_be_unknown_is_said_in_the_entry(workspace: Workspace) -> None:
    [entry] = relief_plan(workspace, receipts(GOGGLES)).entries
    assert "may not have been counted" in str(entry.values["origin"])


def test_rows_that_say_too_little_are_refused_and_named(workspace: Workspace) -> None:
    plan = relief_plan(workspace, receipts(MASKS, TEA, UNCOUNTED, CASES))
    assert counts(plan) == {"added": 1, "notice": 1, "refused": 3}
    refused = {code for code in codes(plan) if code[1] == "refused"}
    assert refused == {
        (4, "refused", "category.unknown"),
        (5, "refused", "quantity.unknown"),
        (6, "refused", "unit.no-code"),
    }
    assert all(
        line.problem.message != line.problem.message_zh for line in plan.lines if line.problem
    )


def test_the_same_list_again_finds_its_lots(workspace: Workspace) -> None:
    found = receipts(MASKS, MASKS, GOGGLES)
    recorded(workspace, author(workspace, "warehouse"), *relief_plan(workspace, found).entries)
    again = relief_plan(workspace, found)
    assert again.entries == ()
    assert again.count(Outcome.UNCHANGED) == 3


def test_an_import_that_was_interrupted_goes_on_where_it_stopped(workspace: Workspace) -> None:
    found = receipts(MASKS, GOGGLES)
    first, second = relief_plan(workspace, found).entries
    recorded(workspace, author(workspace, "warehouse"), first)
    plan = relief_plan(workspace, found)
    assert [entry.values["lot"] for entry in plan.entries] == [second.values["lot"]]
    assert (plan.count(Outcome.UNCHANGED), plan.count(Outcome.ADDED)) == (1, 1)


def test_two_who_import_one_list_make_lots_of_their_own(tmp_path: Path) -> None:
    clock = HandClock()
    with opened(new_data(tmp_path), clock) as workspace:
        for office in (demo.WAREHOUSE, demo.COMMUNITIES[0]):
            plan = relief_plan(workspace, receipts(MASKS), account=office.key)
            recorded(workspace, author(workspace, office.key), *plan.entries)
            [lot] = workspace.index.lots.lots_of(office.id)
            assert lot.maker == office.id
            clock.tick()


def test_an_issue_is_reported_and_never_recorded(workspace: Workspace) -> None:
    given = read_list("issues.xlsx", workbook(("示例医院", *MASKS[1:]), header=ISSUES))
    plan = relief_plan(workspace, receipts(MASKS), issues=[given])
    assert {entry.action.name for entry in plan.entries} == {"Commission"}
    assert ("issues.xlsx", "医用外科口罩 · 12 箱 → 示例医院") in [
        (line.document, line.what) for line in plan.lines
    ]


def test_who_is_neither_store_nor_supplier_enters_nothing(workspace: Workspace) -> None:
    plan = relief_plan(workspace, receipts(MASKS, GOGGLES), account="regulator")
    by = author(workspace, "regulator")
    found = list(record(workspace, [by.sign(entry) for entry in plan.entries]))
    assert all(status.refusal is not None for status in found)
    assert workspace.index.lots.lots_of(demo.OFFICES[0].id) == []


# ---------------------------------------------------------------------------------------- recalls

ROW = {
    "recall_number": "Z-0101-2026",
    "recalling_firm": "Example Phoenix Filters Inc.",
    "product_description": "Example meltblown, per kilogram",
    "code_info": "Lot numbers: MB-115, MB-7; made in spring",
    "product_quantity": "1,050 kg",
    "reason_for_recall": "Resin of an unlicensed maker.",
    "classification": "Class II",
    "status": "Ongoing",
    "recall_initiation_date": "20261102",
    "termination_date": "",
    "report_date": "20261104",
}
OTHER = {**ROW, "recall_number": "Z-0102-2026", "code_info": "Lot: SB-9"}
ENDED = {**ROW, "status": "Terminated", "termination_date": "20261118"}
FIRST, SECOND, THIRD = date(2026, 11, 5), date(2026, 11, 12), date(2026, 11, 19)


def published(*rows: dict[str, str]) -> RecallReading:
    return read_recalls("recalls.csv", csv_bytes(COLUMNS, *rows))


def state(workspace: Workspace) -> RegisterState:
    mirror = author(workspace, "mirror").organisation
    return register_state(workspace.index, mirror, recalls.REGISTER)


def recall_plan(workspace: Workspace, day: date, *rows: dict[str, str]) -> Plan:
    held = RegisterState.from_json(json.loads(json.dumps(state(workspace).to_json())))
    return plan_recalls(published(*rows), day, held, author(workspace, "mirror"))


def mirrored(workspace: Workspace, day: date, *rows: dict[str, str]) -> Plan:
    plan = recall_plan(workspace, day, *rows)
    recorded(workspace, author(workspace, "mirror"), *plan.entries)
    return plan


def actions(plan: Plan) -> list[str]:
    return [entry.action.name for entry in plan.entries]


def test_a_recall_is_the_statement_of_the_mirror_about_a_listed_firm(workspace: Workspace) -> None:
    plan = mirrored(workspace, FIRST, ROW)
    assert actions(plan) == ["ListOrganisation", "RecordPublication", "MirrorRecall"]
    [held] = workspace.index.lots.mirrored_recalls(NAME)
    assert held.organisation == firm_id("Example Phoenix Filters Inc.")
    firm = workspace.index.organisation(held.organisation)
    assert isinstance(firm, OrganisationRecord)
    assert (firm.identifier_kind, firm.name_en) == (NAME, "Example Phoenix Filters Inc.")
    [publication] = workspace.index.publications(NAME)
    assert publication.document == published(ROW).document.hash
    entry = workspace.index.entry(held.sequence)
    assert entry is not None
    assert entry["document"] == published(ROW).rows[0].hash
    assert (entry["number"], entry["ended"]) == ("Z-0101-2026", 0)
    reading = read_lots(str(entry["lots"])).reading
    assert [mention.start for mention in reading.mentions] == ["MB-115", "MB-7"]
    assert reading.unparsed == ("made in spring",), "what was not understood is kept"
    assert "lots.unread" in {code for _, _, code in codes(plan)}, "and shown"


def test_the_same_publication_again_records_nothing(workspace: Workspace) -> None:
    mirrored(workspace, FIRST, ROW, OTHER)
    again = recall_plan(workspace, FIRST, ROW, OTHER)
    assert again.entries == ()
    assert again.count(Outcome.UNCHANGED) == 2


def test_a_later_publication_adds_what_is_new_and_states_anew_what_changed(
    workspace: Workspace,
) -> None:
    mirrored(workspace, FIRST, ROW)
    plan = mirrored(workspace, SECOND, ENDED, OTHER)
    assert actions(plan) == ["RecordPublication", "MirrorRecall", "MirrorRecall"]
    assert (plan.count(Outcome.CHANGED), plan.count(Outcome.ADDED)) == (1, 1)
    ended = [r.ended for r in workspace.index.lots.mirrored_recalls(NAME) if "0101" in r.number]
    assert ended[0] == 0 < ended[1]
    third = mirrored(workspace, THIRD, ENDED, OTHER, {**OTHER, "recall_number": "Z-0103-2026"})
    assert (third.count(Outcome.UNCHANGED), third.count(Outcome.ADDED)) == (2, 1)


def test_a_recall_that_a_later_publication_does_not_show_goes_on(workspace: Workspace) -> None:
    mirrored(workspace, FIRST, ROW, OTHER)
    plan = mirrored(workspace, SECOND, OTHER)
    assert actions(plan) == ["RecordPublication"]
    assert [line.what for line in plan.lines if line.outcome is Outcome.GONE] == ["Z-0101-2026"]


def test_an_older_publication_adds_only_what_the_ledger_has_nothing_of(
    workspace: Workspace,
) -> None:
    mirrored(workspace, SECOND, ENDED)
    plan = mirrored(workspace, FIRST, ROW, OTHER)
    assert (plan.count(Outcome.UNCHANGED), plan.count(Outcome.ADDED)) == (1, 1)
    assert plan.count(Outcome.GONE) == 0
    assert len(workspace.index.lots.mirrored_recalls(NAME)) == 2


def test_lots_that_need_more_room_are_stated_in_parts_and_an_interrupted_import_goes_on(
    workspace: Workspace,
) -> None:
    numbers = [f"EX-{n:05}" for n in range(400)]
    long = {**ROW, "code_info": "Lot numbers: " + ", ".join(numbers)}
    plan = recall_plan(workspace, FIRST, long)
    parts = [entry for entry in plan.entries if entry.action.name == "MirrorRecall"]
    assert len(parts) > 1
    assert {len(str(part.values["lots"]).encode()) <= 2047 for part in parts} == {True}
    recorded(workspace, author(workspace, "mirror"), *plan.entries[:-1])
    rest = recall_plan(workspace, FIRST, long)
    assert [e.values["lots"] for e in rest.entries] == [parts[-1].values["lots"]]
    recorded(workspace, author(workspace, "mirror"), *rest.entries)
    said = [
        mention.start
        for held in workspace.index.lots.mirrored_recalls(NAME)
        for mention in read_lots(str(_entry(workspace, held.sequence)["lots"])).reading.mentions
    ]
    assert said == numbers
    assert recall_plan(workspace, FIRST, long).entries == ()


def _entry(workspace: Workspace, sequence: int) -> Any:
    found = workspace.index.entry(sequence)
    assert found is not None
    return found


def test_a_text_longer_than_the_ledger_takes_is_cut_and_says_so(workspace: Workspace) -> None:
    plan = mirrored(workspace, FIRST, {**ROW, "product_description": "示例" * 700})
    product = str(plan.entries[-1].values["product"])
    assert product.endswith("[…]")
    assert len(product.encode()) <= 2047
    assert "text.cut" in {code for _, _, code in codes(plan)}


def traced(workspace: Workspace, lot: bytes) -> Provenance:
    known = workspace.index.lots.lot(lot)
    assert known is not None
    return provenance(
        workspace.index.lots,
        workspace.index,
        workspace.index.founding(),
        known.number,
        direction=Direction.BACK,
        upto=workspace.position,
        known_at=int(workspace.clock()),
    )


def found_codes(workspace: Workspace, lot: bytes) -> dict[str, list[int]]:
    """Code → times of ends, of what registers say of recalls of the lot."""
    known = workspace.index.lots.lot(lot)
    assert known is not None
    found: dict[str, list[int]] = {}
    for finding in traced(workspace, lot).findings[known.number]:
        if finding.code.startswith("mirrored-recall"):
            found.setdefault(finding.code, []).append(int(str(finding.values["ended"])))
    return found


def linked(workspace: Workspace) -> None:
    """A named person decides that the listed firm is the maker of the meltblown."""
    by = author(workspace, "reviewer-verifies")
    recorded(workspace, by, by.write(
        "LinkOrganisations", first=demo.FENGHUANG.id,
        second=firm_id("Example Phoenix Filters Inc."), same=True, reason="one firm 同一企业",
    ))  # fmt: skip


def test_a_lot_that_a_recall_names_is_marked_once_its_maker_is_the_recalling_firm(
    told: Workspace,
) -> None:
    mirrored(told, FIRST, ROW)
    assert found_codes(told, demo.FABRIC_LOT.id) == {}, "nobody said that it is one firm"
    linked(told)
    assert found_codes(told, demo.FABRIC_LOT.id) == {"mirrored-recall": [0]}
    assert found_codes(told, lot_id(demo.FENGHUANG.id, demo.FABRIC_LOT.gtin, "MB-116")) == {}
    masks = told.index.lots.lot(demo.MASK_LOT.id)
    assert masks is not None
    against = {finding.code for finding in traced(told, demo.MASK_LOT.id).against(masks.number)}
    assert "mirrored-recall" in against, "it concerns what was made of it, too"


def test_of_a_recall_that_was_stated_again_only_the_latest_is_told(told: Workspace) -> None:
    mirrored(told, FIRST, ROW)
    linked(told)
    mirrored(told, SECOND, ENDED)
    [ended] = found_codes(told, demo.FABRIC_LOT.id)["mirrored-recall"]
    assert ended > 0


# ------------------------------------------------------------------------------- the command line

Suyuan = Callable[..., tuple[int, Any]]


@pytest.fixture
def suyuan(capsys: pytest.CaptureFixture[str]) -> Suyuan:
    def run(*arguments: object, lang: str | None = None) -> tuple[int, Any]:
        """Exit status and answer: JSON, or text where a language is named."""
        capsys.readouterr()
        form = ["--json"] if lang is None else ["--lang", lang]
        with cheap_keys():
            status = main([*form, *map(str, arguments)])
        said = capsys.readouterr()
        if lang is not None:
            return status, said.out
        return status, json.loads(said.out or said.err)

    return run


@pytest.fixture
def live(tmp_path: Path) -> Path:
    return new_data(tmp_path, is_live=True)


def relief_options(data: Path, folder: Path, day: str = "") -> tuple[object, ...]:
    when = day or date.today().isoformat()
    return ("--happened-at", when, "--data", data, "--key", key_file(folder, "warehouse"))


def test_lists_are_imported_compared_and_found_again(
    suyuan: Suyuan, live: Path, tmp_path: Path
) -> None:
    taken, given = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    taken.write_bytes(workbook(MASKS, TEA, ("示例白鹿商会", "护目镜", "", "箱", 4)))
    given.write_bytes(
        workbook(("示例医院", *MASKS[1:4], 15), ("示例医院", "护目镜", "", "个", 9), header=ISSUES)
    )
    arguments = ("import", "relief-lists", taken, "--issues", given)
    options = relief_options(live, tmp_path)
    status, [dry] = suyuan(*arguments, *options, "--dry-run")
    assert (status, dry["dry_run"], dry["rows"]["added"]) == (1, True, 2)
    with opened(live) as workspace:
        assert workspace.index.lots.lots_of(demo.WAREHOUSE.id) == []
    status, [first] = suyuan(*arguments, *options)
    assert (first["entries"], first["rows"]["added"], first["rows"]["refused"]) == (2, 2, 1)
    assert status == 1, "a row has no category"
    flags = {item["item"]: [flag["code"] for flag in item["flags"]] for item in first["balance"]}
    assert flags == {
        "医用外科口罩": ["issued-exceeds-received"],
        "示例草药茶": [],
        "护目镜": ["units-not-addable"],
    }
    [figures] = first["balance"][0]["figures"]
    assert figures == {"unit": "箱", "received": "12", "issued": "15", "difference": "-3"}
    _, [again] = suyuan(*arguments, *options)
    assert (again["entries"], again["rows"]["unchanged"]) == (0, 2)
    for lang, words in (
        ("en", ("15 箱 issued, 12 received, 3 more", "the units cannot be added")),
        ("zh", ("发放 15 箱，接收 12 箱，超出清单所载 3 箱", "计量单位不能相加")),
    ):
        _, text = suyuan(*arguments, *options, lang=lang)
        assert all(word in text for word in words), text


def test_an_old_list_needs_the_authority_beside_and_stays_marked_late(
    suyuan: Suyuan, live: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "in.xlsx"
    taken.write_bytes(workbook(MASKS))
    options = relief_options(live, tmp_path, "2020-01-29")
    status, told = suyuan("import", "relief-lists", taken, *options)
    assert (status, told["error"]["field"]) == (2, "happenedAt")
    also = ("--also", key_file(tmp_path, "authority"))
    status, [told] = suyuan("import", "relief-lists", taken, *options, *also)
    assert (status, told["rows"]["added"], told["refused_entries"]) == (0, 1, [])
    with opened(live) as workspace:
        [lot] = workspace.index.lots.lots_of(demo.WAREHOUSE.id)
        [entry] = workspace.index.by_subject(lot.id)
        assert entry.late
        assert entry.signers[1:] == (signer("authority").address,)
        assert lot.happened_at == 1_580_227_200, "2020-01-29 in Shanghai"


def test_a_list_of_the_other_direction_and_a_day_that_is_none_are_named(
    suyuan: Suyuan, live: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "in.xlsx"
    taken.write_bytes(workbook(("示例医院", *MASKS[1:]), header=ISSUES))
    for day, field in (("", "receipts"), ("yesterday", "happened-at")):
        folder = tmp_path / field
        folder.mkdir()
        status, told = suyuan("import", "relief-lists", taken, *relief_options(live, folder, day))
        assert (status, told["error"]["field"]) == (2, field)


def test_recalls_are_imported_and_found_again(suyuan: Suyuan, live: Path, tmp_path: Path) -> None:
    file = tmp_path / "recalls.csv"
    file.write_bytes(csv_bytes(COLUMNS, ROW, OTHER, {**OTHER, "recall_number": "nonsense"}))
    options = ("--published", "2026-11-05", "--data", live, "--key", key_file(tmp_path, "mirror"))
    status, [told] = suyuan("import", "fda-recalls", file, *options)
    assert (status, told["entries"]) == (1, 4)
    assert (told["rows"]["added"], told["rows"]["refused"]) == (2, 1)
    _, [again] = suyuan("import", "fda-recalls", file, *options)
    assert (again["entries"], again["rows"]["unchanged"]) == (0, 2)
    with opened(live) as workspace:
        assert workspace.documents.get(keccak(file.read_bytes())) == file.read_bytes()


def test_both_go_through_a_running_service_and_only_once(
    suyuan: Suyuan, live: Path, tmp_path: Path
) -> None:
    taken, file = tmp_path / "in.xlsx", tmp_path / "recalls.csv"
    taken.write_bytes(workbook(MASKS, GOGGLES))
    file.write_bytes(csv_bytes(COLUMNS, ROW, OTHER))
    today = date.today().isoformat()
    workspace = Workspace.open(live, clock=time.time)
    try:
        with listening(create_app(workspace)) as url:
            for account, role, *command in (
                ("warehouse", CallerRole.SUPPLIER, "relief-lists", taken, "--happened-at", today),
                ("mirror", CallerRole.ISSUER, "fda-recalls", file, "--published", "2026-11-05"),
            ):
                where = served_at(url, workspace, account, role, tmp_path)
                status, [first] = suyuan("import", *command, *where)
                assert (status, first["rows"]["added"], first["refused_entries"]) == (0, 2, [])
                status, [again] = suyuan("import", *command, *where)
                assert (status, again["entries"], again["rows"]["unchanged"]) == (0, 0, 2)
        assert len(workspace.index.lots.lots_of(demo.WAREHOUSE.id)) == 2
        assert len(workspace.index.lots.mirrored_recalls(NAME)) == 2
    finally:
        workspace.close()


def served_at(
    url: str, workspace: Workspace, account: str, role: CallerRole, folder: Path
) -> tuple[object, ...]:
    """Server, token and key of the account."""
    office = next(o for o in demo.ALL if account in o.accounts)
    made = issue(workspace, office.id, "example person", role, now=time.time(), lifetime=3600)
    token = folder / f"{account}.token"
    write_secret(token, made.secret.encode())
    return ("--server", url, "--token-file", token, "--key", key_file(folder, account))


# -------------------------------------------------------------------------------- the real lists

REAL = ("wuhan_donations_issue7-2_2020-01-29.xlsx", "wuhan_donations_issue8-2_2020-01-30.xlsx")


def test_the_real_receipts_that_say_enough_become_lots(workspace: Workspace) -> None:
    folder = register("wuhan_redcross_2020")
    lists = [read_list(name, (folder / name).read_bytes()) for name in REAL]
    plan = relief_plan(workspace, *lists)
    refused = Counter(code for _, outcome, code in codes(plan) if outcome == "refused")
    assert refused == {"category.unknown": 169, "unit.no-code": 18}
    assert len(plan.entries) == 147 == 334 - 169 - 18
    recorded(workspace, author(workspace, "warehouse"), *plan.entries)
    lots = workspace.index.lots.lots_of(demo.WAREHOUSE.id, limit=1000)
    assert len(lots) == 147
    known = {category.code for category in load_catalogue().categories}
    assert {lot.category for lot in lots} <= known
    assert relief_plan(workspace, *lists).entries == ()


def test_the_real_recalls_become_entries_that_say_what_was_read(workspace: Workspace) -> None:
    name = "medical-device-recalls.csv"
    reading = read_recalls(name, (register("fda_recalls_enforcement") / name).read_bytes())
    plan = plan_recalls(reading, FIRST, state(workspace), author(workspace, "mirror"))
    assert (plan.count(Outcome.ADDED), plan.count(Outcome.REFUSED)) == (34, 0)
    recorded(workspace, author(workspace, "mirror"), *plan.entries)
    held = workspace.index.lots.mirrored_recalls(NAME)
    by_number = {recall.number: recall for recall in reading.recalls}
    assert len(held) == len(by_number) == 34
    for one in held:
        written = read_lots(str(_entry(workspace, one.sequence)["lots"])).reading
        read = by_number[one.number].lots
        assert written.unparsed == read.unparsed
        assert [(m.kind, m.start, m.end) for m in written.mentions] == [
            (m.kind, m.start, m.end) for m in read.mentions
        ]
