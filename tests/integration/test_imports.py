"""Registers and tables imported into a real ledger: planned, signed, recorded, read again.

Firms are invented; the shapes of the rows are those of the public registers.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledger import demo
from ledger.catalogue import load as load_catalogue
from ledger.days import start_of_day
from ledger.errors import RequestError
from ledger.importing.holdings import issued_keys, mirror_holdings, organisations_of
from ledger.importing.issues import plan_issues
from ledger.importing.mirror import holder_id, plan_mirror
from ledger.importing.recording import finish
from ledger.importing.report import Outcome, Plan
from ledger.registers import RegisterReading, read, sort_files
from ledger.template import read_template
from ledger.typed_data import REGISTER_PREFIX
from ledger.vocabulary import QualificationState, Way
from ledger.workspace import Workspace
from tests.support.shared import SHARED, needs_registers
from tests.support.tables import csv_bytes
from tests.support.workspaces import (
    author,
    mirrored,
    new_data,
    opened,
    planned,
    recorded,
)

NIOSH = "niosh-n95"
MIRROR = next(office for office in demo.OFFICES if office.key == "mirror")
NIOSH_COLUMNS = (
    "page_last_updated", "supplier_name", "private_label_note", "models_cell", "approval_number",
    "valve",
)  # fmt: skip
EUA_COLUMNS = ("list_title", "Manufacturer", "Respirator Model(s)", "Instructions for Use")
REMOVED_COLUMNS = (
    "list_title", "Date No longer Authorized", "Manufacturer",
    "Respirator Model(s) No Longer Authorized",
)  # fmt: skip
IMPORTED_COLUMNS = (*EUA_COLUMNS[:3], "Country of Manufacture", EUA_COLUMNS[3])
NOVEMBER, DECEMBER, JANUARY = date(2020, 11, 20), date(2020, 12, 18), date(2021, 1, 15)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The demo's ledger with its offices and its catalogue, and nothing else."""
    with opened(new_data(tmp_path)) as opened_workspace:
        yield opened_workspace


def niosh(*rows: tuple[str, str, str], published: date = NOVEMBER) -> RegisterReading:
    """A list of (supplier, models, approval number)."""
    data = csv_bytes(
        NIOSH_COLUMNS,
        *(
            {"supplier_name": s, "models_cell": m, "approval_number": n, "valve": "No"}
            for s, m, n in rows
        ),
    )
    return read(NIOSH, {"list.csv": data}, published=published)


CRANE = ("Example Crane Masks", "EC-1, EC-2", "84A-9001")
#: What a later list says of the same firm: one model goes on, the other is withdrawn.
CRANE_LATER = (
    ("Example Crane Masks", "EC-1", "84A-9001"),
    ("Example Crane Masks", "EC-2", "84A-9001 Obsolete 11/2020"),
)
HERON = ("Example Heron Goods", "EH-1", "84A-9002")
IBIS = ("Example Ibis Company", "EI-1", "84A-9003")


def states(workspace: Workspace, register: str = NIOSH) -> dict[str, list[str]]:
    """Model → the states of its rows on the ledger, in order."""
    found: dict[str, list[str]] = {}
    for q in workspace.index.listed(REGISTER_PREFIX + register):
        found.setdefault(q.model, []).append(q.state.name)
    return found


def counts(plan: Plan) -> dict[str, int]:
    """What the plan's report counts, without what it does not have."""
    return {name: number for name, number in plan.counts().items() if number}


def delistings(workspace: Workspace) -> list[tuple[str, str]]:
    """(model, reason) of each delisting on the ledger, in order."""
    found = []
    for e in workspace.index.entries(0, 10_000):
        if e.action == "DelistQualification":
            qualification = e["qualification"]
            assert isinstance(qualification, bytes)
            known = workspace.index.qualification(qualification)
            assert known is not None
            found.append((known.model, str(e["reason"])))
    return found


# ------------------------------------------------------------------------------ one publication


def test_a_plan_records_nothing(workspace: Workspace) -> None:
    before = workspace.index.position()
    plan = planned(workspace, niosh(CRANE, HERON))
    finish(workspace)
    assert counts(plan) == {"added": 3}
    assert len(plan.entries) == 2 + 1 + 3, "two firms, the publication, three models"
    assert workspace.index.position() == before
    assert workspace.index.listed(REGISTER_PREFIX + NIOSH) == []


def test_a_mirrored_row_is_the_statement_of_the_mirror_about_a_listed_firm(
    workspace: Workspace,
) -> None:
    reading = niosh(CRANE)
    mirrored(workspace, reading)
    first, second = workspace.index.listed(REGISTER_PREFIX + NIOSH)
    assert (first.model, second.model) == ("EC-1", "EC-2")
    assert first.document == second.document == reading.rows[0].hash
    assert (first.author, first.way) == (MIRROR.id, Way.MIRRORED)
    assert (first.kind, first.number, first.valid_from, first.valid_until) == (
        "niosh-approval", "84A-9001", 0, 0,
    )  # fmt: skip
    firm = workspace.index.organisation(first.holder)
    assert firm is not None
    assert (firm.identifier_kind, firm.identifier) == ("register:niosh-n95", "Example Crane Masks")
    [publication] = workspace.index.publications(REGISTER_PREFIX + NIOSH)
    assert publication.document == reading.publication.hash
    assert publication.published == start_of_day(NOVEMBER, "America/New_York")


def test_the_same_files_again_record_nothing_new(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE, HERON))
    again = planned(workspace, niosh(CRANE, HERON))
    assert again.entries == ()
    assert counts(again) == {"unchanged": 3}


def test_the_report_names_row_and_column_of_what_was_refused(workspace: Workspace) -> None:
    plan = planned(workspace, niosh(CRANE, ("Example Heron Goods", "EH-1", "84-95"), IBIS))
    [line] = [line for line in plan.lines if line.outcome is Outcome.REFUSED]
    assert (line.document, line.row) == ("list.csv", 3)
    assert line.problem is not None
    assert line.problem.field == "row 3: approval_number"
    assert line.to_json()["problem"]["zh"]
    assert counts(plan) == {"added": 3, "refused": 1}, "the other rows stand"


def test_a_refused_row_leaves_no_firm_behind(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE, ("Example Heron Goods", "EH-1", "84-95")))
    firms = workspace.index.listed_organisations(REGISTER_PREFIX + NIOSH)
    assert [firm.name_en for firm in firms] == ["Example Crane Masks"]


def test_each_row_of_the_report_stands_where_the_file_has_it(workspace: Workspace) -> None:
    plan = planned(workspace, niosh(CRANE, HERON))
    assert [(line.row, line.what) for line in plan.lines] == [
        (2, "Example Crane Masks · EC-1 · 84A-9001"),
        (2, "Example Crane Masks · EC-2 · 84A-9001"),
        (3, "Example Heron Goods · EH-1 · 84A-9002"),
    ]


def test_a_category_that_the_ledger_does_not_have_is_named(workspace: Workspace) -> None:
    reading = niosh(CRANE)
    holdings = mirror_holdings(workspace.index, MIRROR.id, reading)
    without = holdings.categories - {"mask.respirator.n95"}
    with pytest.raises(RequestError) as error:
        plan_mirror(reading, replace(holdings, categories=without), author(workspace, "mirror"))
    assert (error.value.code, error.value.field) == ("category.unknown", "category")
    assert "mask.respirator.n95" in str(error.value)


def test_who_is_not_accredited_for_the_register_is_refused_entry_by_entry(
    workspace: Workspace,
) -> None:
    plan = planned(workspace, niosh(CRANE), account="regulator")
    with pytest.raises(AssertionError, match=r"."):
        recorded(workspace, author(workspace, "regulator"), *plan.entries)
    assert workspace.index.listed(REGISTER_PREFIX + NIOSH) == []


# ----------------------------------------------------------------------------- later publications


def test_a_later_publication_adds_keeps_and_no_longer_lists(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE, HERON))
    later = mirrored(workspace, niosh(CRANE, IBIS, published=DECEMBER))
    assert counts(later) == {"added": 1, "unchanged": 2, "gone": 1}
    assert states(workspace) == {
        "EC-1": ["IN_FORCE"],
        "EC-2": ["IN_FORCE"],
        "EH-1": ["DELISTED"],
        "EI-1": ["IN_FORCE"],
    }
    assert delistings(workspace) == [("EH-1", "no longer listed")]


def test_what_is_no_longer_listed_is_delisted_by_the_publication_of_that_day(
    workspace: Workspace,
) -> None:
    mirrored(workspace, niosh(CRANE, HERON))
    mirrored(workspace, niosh(CRANE, published=DECEMBER))
    _, december = workspace.index.publications(REGISTER_PREFIX + NIOSH)
    [gone] = [e for e in workspace.index.entries(0, 10_000) if e.action == "DelistQualification"]
    assert gone["publication"] == december.id
    assert december.published == start_of_day(DECEMBER, "America/New_York")


def test_what_is_said_differently_is_stated_anew(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE))
    later = mirrored(workspace, niosh(*CRANE_LATER, published=DECEMBER))
    assert counts(later) == {"unchanged": 1, "changed": 1}
    assert states(workspace) == {"EC-1": ["IN_FORCE"], "EC-2": ["DELISTED", "WITHDRAWN"]}
    assert planned(workspace, niosh(*CRANE_LATER, published=DECEMBER)).entries == ()


def test_what_comes_back_is_stated_again(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE, HERON))
    mirrored(workspace, niosh(CRANE, published=DECEMBER))
    back = mirrored(workspace, niosh(CRANE, HERON, published=JANUARY))
    assert counts(back) == {"added": 1, "unchanged": 2}
    assert states(workspace)["EH-1"] == ["DELISTED", "IN_FORCE"]


# ----------------------------------------------------------------------------- older publications


def test_an_older_publication_takes_nothing_away(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE, IBIS, published=DECEMBER))
    late = mirrored(workspace, niosh(CRANE, HERON))
    assert counts(late) == {"added": 1, "unchanged": 2}
    assert states(workspace) == {
        "EC-1": ["IN_FORCE"],
        "EC-2": ["IN_FORCE"],
        "EI-1": ["IN_FORCE"],
        "EH-1": ["DELISTED"],
    }


@pytest.mark.parametrize("first", [NOVEMBER, DECEMBER])
def test_an_older_publication_again_records_nothing_new(workspace: Workspace, first: date) -> None:
    older, newer = niosh(CRANE, HERON), niosh(CRANE, IBIS, published=DECEMBER)
    for reading in (older, newer) if first == NOVEMBER else (newer, older):
        mirrored(workspace, reading)
    assert planned(workspace, older).entries == ()
    assert planned(workspace, newer).entries == ()


def test_what_an_older_publication_said_differently_is_kept_with_its_end(
    workspace: Workspace,
) -> None:
    mirrored(workspace, niosh(*CRANE_LATER, published=DECEMBER))
    mirrored(workspace, niosh(CRANE))
    assert states(workspace) == {"EC-1": ["IN_FORCE"], "EC-2": ["WITHDRAWN", "DELISTED"]}
    assert planned(workspace, niosh(CRANE)).entries == ()


def test_a_row_of_an_older_publication_ends_with_the_next_one_not_the_newest(
    workspace: Workspace,
) -> None:
    mirrored(workspace, niosh(CRANE, published=DECEMBER))
    mirrored(workspace, niosh(CRANE, published=JANUARY))
    mirrored(workspace, niosh(CRANE, HERON))
    [gone] = [e for e in workspace.index.entries(0, 10_000) if e.action == "DelistQualification"]
    publication = gone["publication"]
    assert isinstance(publication, bytes)
    ended_by = workspace.index.publication(publication)
    assert ended_by is not None
    assert ended_by.published == start_of_day(DECEMBER, "America/New_York")


# ------------------------------------------------------------------------------- interrupted runs


@pytest.mark.parametrize("recorded_before", [0, 1, 3, 4, 5, 6])
def test_an_interrupted_import_goes_on(workspace: Workspace, recorded_before: int) -> None:
    reading = niosh(CRANE, HERON)
    plan = planned(workspace, reading)
    recorded(workspace, author(workspace, "mirror"), *plan.entries[:recorded_before])
    rest = mirrored(workspace, reading)
    assert len(rest.entries) == len(plan.entries) - recorded_before
    assert states(workspace) == {"EC-1": ["IN_FORCE"], "EC-2": ["IN_FORCE"], "EH-1": ["IN_FORCE"]}
    assert planned(workspace, reading).entries == ()


@pytest.mark.parametrize("recorded_before", range(7))
def test_an_interrupted_later_publication_goes_on(
    workspace: Workspace, recorded_before: int
) -> None:
    mirrored(workspace, niosh(CRANE, HERON))
    later = niosh(*CRANE_LATER, IBIS, published=DECEMBER)
    plan = planned(workspace, later)
    assert len(plan.entries) == 6, "firm, publication, two delisted, two stated"
    recorded(workspace, author(workspace, "mirror"), *plan.entries[:recorded_before])
    mirrored(workspace, later)
    assert states(workspace) == {
        "EC-1": ["IN_FORCE"],
        "EC-2": ["DELISTED", "WITHDRAWN"],
        "EH-1": ["DELISTED"],
        "EI-1": ["IN_FORCE"],
    }
    assert planned(workspace, later).entries == ()


@pytest.mark.parametrize("recorded_before", range(7))
def test_an_interrupted_older_publication_goes_on(
    workspace: Workspace, recorded_before: int
) -> None:
    mirrored(workspace, niosh(CRANE, published=DECEMBER))
    older = niosh(CRANE, HERON, IBIS)
    plan = planned(workspace, older)
    assert len(plan.entries) == 7, "two firms, publication, two stated and delisted"
    recorded(workspace, author(workspace, "mirror"), *plan.entries[:recorded_before])
    mirrored(workspace, older)
    assert states(workspace) == {
        "EC-1": ["IN_FORCE"],
        "EC-2": ["IN_FORCE"],
        "EH-1": ["DELISTED"],
        "EI-1": ["DELISTED"],
    }
    assert planned(workspace, older).entries == ()


def test_what_an_interrupted_run_left_waiting_is_recorded_once(tmp_path: Path) -> None:
    data, reading = new_data(tmp_path), niosh(CRANE, HERON)
    with opened(data) as workspace:
        by = author(workspace, "mirror")
        plan = planned(workspace, reading)
        workspace.submitter.accept([by.sign(e) for e in plan.entries])
    with opened(data) as workspace:
        finish(workspace)
        assert planned(workspace, reading).entries == ()
        assert states(workspace) == {
            "EC-1": ["IN_FORCE"], "EC-2": ["IN_FORCE"], "EH-1": ["IN_FORCE"],
        }  # fmt: skip


# --------------------------------------------------------------------------------------- notices


def china(*models: str, published: date = NOVEMBER) -> RegisterReading:
    firm = {"list_title": "Appendix A", "Manufacturer": "Example Osprey Co., Ltd."}
    removed = {
        "list_title": "Removed", "Date No longer Authorized": "05/07/2020",
        "Manufacturer": "Example Osprey Co. Ltd", REMOVED_COLUMNS[3]: "EO-9",
    }  # fmt: skip
    return read(
        "fda-eua-china",
        {
            "a.csv": csv_bytes(EUA_COLUMNS, firm | {"Respirator Model(s)": ", ".join(models)}),
            "removed.csv": csv_bytes(REMOVED_COLUMNS, removed),
        },
        published=published,
    )


def imported(model: str = "EX-1") -> RegisterReading:
    row = {
        "list_title": "Exhibit 1",
        "Manufacturer": "Example Puffin",
        "Respirator Model(s)": model,
    }
    return read("fda-eua-imported", {"e.csv": csv_bytes(IMPORTED_COLUMNS, row)}, published=NOVEMBER)


def test_each_revocation_is_recorded_once_as_a_notice_without_rows(workspace: Workspace) -> None:
    for reading in (china("EO-1"), imported(), china("EO-1"), imported()):
        mirrored(workspace, reading)
    ended = [e for e in workspace.index.entries(0, 10_000) if e.action == "EndKind"]
    assert [e["kind"] for e in ended] == ["fda-eua-china", "fda-eua-imported"]
    assert {e["effective"] for e in ended} == {start_of_day(date(2021, 7, 6), "America/New_York")}
    for register in ("fda-eua-china", "fda-eua-imported"):
        own, notice = workspace.index.publications(REGISTER_PREFIX + register)
        assert any(own.rows_root)
        assert not any(notice.rows_root)


def test_no_other_register_gets_a_notice(workspace: Workspace) -> None:
    mirrored(workspace, niosh(CRANE))
    assert all(e.action != "EndKind" for e in workspace.index.entries(0, 10_000))


def test_a_notice_of_a_later_day_makes_no_list_an_older_one(workspace: Workspace) -> None:
    mirrored(workspace, china("EO-1", "EO-2"))
    later = mirrored(workspace, china("EO-1", "EO-3", published=DECEMBER))
    assert counts(later) == {"added": 1, "unchanged": 2, "gone": 1}
    assert states(workspace, "fda-eua-china") == {
        "EO-1": ["IN_FORCE"],
        "EO-2": ["DELISTED"],
        "EO-3": ["IN_FORCE"],
        "EO-9": ["WITHDRAWN"],
    }


# ------------------------------------------------------------------------------------ capacities


def factories(*supplies: tuple[str, int]) -> RegisterReading:
    rows = [
        {
            "name": "示例白鹭口罩有限公司",
            "province": "示例省",
            "date": "2020-01-26T16:00:00.000Z",
            "supplies": [{"specification": s, "value": v} for s, v in supplies],
            "qualification": "",
        }
    ]
    data = json.dumps(rows, ensure_ascii=False).encode()
    return read("wuhan2020-factories", {"factories.json": data})


SUPPLIES = (("医用外科口罩", 20_000), ("KN95", 30_000))


def test_stated_capacities_are_recorded_for_the_listed_firm(workspace: Workspace) -> None:
    reading = factories(*SUPPLIES)
    mirrored(workspace, reading)
    firm = holder_id("wuhan2020-factories", reading.holders[0])
    history = workspace.history(firm, "mask.surgical")
    stated = [
        c for c in history.capacities if c.organisation == firm and c.category == "mask.surgical"
    ]
    assert [(c.per_day, c.unit) for c in stated] == [(20_000, "H87")]
    assert planned(workspace, reading).entries == ()


@pytest.mark.parametrize("recorded_before", range(5))
def test_two_capacities_of_one_row_are_both_recorded_after_an_interruption(
    workspace: Workspace, recorded_before: int
) -> None:
    reading = factories(*SUPPLIES)
    plan = planned(workspace, reading)
    assert len(plan.entries) == 4
    recorded(workspace, author(workspace, "mirror"), *plan.entries[:recorded_before])
    mirrored(workspace, reading)
    stated = workspace.index.capacities("register:wuhan2020-factories")
    assert list(stated.values()) == [2]
    assert planned(workspace, reading).entries == ()


# ------------------------------------------------------------------------------- an issuer's table

ISSUE_COLUMNS = (
    "holder_kind", "holder", "category", "model", "kind", "number", "valid_from", "valid_until",
    "document",
)  # fmt: skip
GOOD_ROW = {
    "holder_kind": "uscc", "holder": demo.QINGLUAN.uscc, "category": "mask.surgical",
    "model": "QL-1", "kind": "cn-device-registration", "number": "示械注准20262140001",
    "valid_from": "2026-01-01", "valid_until": "2030-12-31",
}  # fmt: skip


def issues(
    workspace: Workspace, *rows: dict[str, str], documents: dict[str, bytes] | None = None
) -> Plan:
    data = csv_bytes(ISSUE_COLUMNS, *rows)
    reading = read_template("issues.csv", data, load_catalogue())
    by = author(workspace, "regulator")
    return plan_issues(
        "issues.csv",
        reading,
        documents or {},
        issued_keys(workspace.index, by.organisation, reading),
        organisations_of(workspace.index, reading),
        by,
    )


def test_an_issuers_table_is_issued_row_by_row(workspace: Workspace) -> None:
    second = GOOD_ROW | {"model": "QL-2", "valid_until": "none"}
    plan = issues(workspace, GOOD_ROW, second)
    assert counts(plan) == {"added": 2}
    recorded(workspace, author(workspace, "regulator"), *plan.entries)
    first, _ = workspace.index.qualifications_of(demo.QINGLUAN.id)
    assert (first.model, first.way) == ("QL-1", Way.ISSUED)
    assert first.valid_until == start_of_day(date(2031, 1, 1), "Asia/Shanghai")


def test_the_same_table_again_issues_nothing(workspace: Workspace) -> None:
    recorded(workspace, author(workspace, "regulator"), *issues(workspace, GOOD_ROW).entries)
    again = issues(workspace, GOOD_ROW)
    assert again.entries == ()
    assert counts(again) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"holder": "91990000MA0DEM0807"}, "holder", "identifier.check-digit"),
        ({"holder": "91990000MA0DEM999X"}, "holder", None),
        ({"category": "mask.unheard-of"}, "category", None),
        ({"kind": "unheard-of"}, "kind", None),
        ({"valid_until": "2025-12-31"}, "valid_until", "date.reversed"),
        ({"valid_from": "31.12.2025"}, "valid_from", "date.form"),
        ({"number": ""}, "number", "cell.missing"),
        ({"document": "certificate.pdf"}, "document", "document.missing"),
    ],
)
def test_a_wrong_row_is_refused_by_row_and_column_and_the_others_stand(
    workspace: Workspace, change: dict[str, str], column: str, code: str | None
) -> None:
    plan = issues(workspace, GOOD_ROW | {"model": "QL-9"}, GOOD_ROW | change)
    assert counts(plan) == {"added": 1, "refused": 1}
    [line] = [line for line in plan.lines if line.outcome is Outcome.REFUSED]
    assert line.problem is not None
    assert line.problem.field == f"row 3: {column}"
    assert line.problem.message_zh
    if code is not None:
        assert line.problem.code == code


def test_a_holder_that_is_not_on_the_ledger_is_refused(workspace: Workspace) -> None:
    plan = issues(workspace, GOOD_ROW | {"holder": "91371100168371999W"})
    [line] = plan.lines
    assert line.problem is not None
    assert (line.problem.code, line.problem.field) == ("holder.unknown", "row 2: holder")
    assert plan.entries == ()


def test_a_document_that_a_row_names_is_bound_by_its_hash(workspace: Workspace) -> None:
    digest = workspace.documents.put(b"a certificate")
    row = GOOD_ROW | {"document": "certificate.pdf"}
    plan = issues(workspace, row, documents={"certificate.pdf": digest})
    assert [e.values["document"] for e in plan.entries] == [digest]


# ------------------------------------------------------------------------------ the real registers

REAL = {
    "niosh-n95": ("niosh_n95_cel", {"added": 1644, "notice": 46, "refused": 2}),
    "fda-eua-china": ("fda_eua_respirators", {"added": 320, "notice": 1}),
    "fda-eua-imported": ("fda_eua_respirators", {"added": 15, "notice": 1}),
    "fda-eua-surgical": ("fda_eua_respirators", {"added": 14}),
    "fda-510k": ("fda_510k_ppe", {"added": 282, "notice": 60}),
    "wuhan2020-factories": ("wuhan2020", {"added": 38, "notice": 43, "refused": 1}),
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A ledger to which the real registers are added one after the other."""
    with opened(new_data(tmp_path_factory.mktemp("registers"))) as opened_workspace:
        yield opened_workspace


def real(register: str) -> RegisterReading:
    assert SHARED is not None
    folder = SHARED / "data" / REAL[register][0]
    files = {
        p.name: p.read_bytes()
        for p in folder.iterdir()
        if p.suffix == ".csv" or p.name == "factories.json"
    }
    return read(register, sort_files(files)[register])


@needs_registers
@pytest.mark.parametrize("register", REAL)
def test_a_real_register_is_imported_whole_and_only_once(
    everything: Workspace, register: str
) -> None:
    assert counts(mirrored(everything, real(register))) == REAL[register][1]
    again = planned(everything, real(register))
    assert again.entries == ()
    assert again.count(Outcome.ADDED) == 0


@needs_registers
def test_a_later_niosh_publication_is_compared_row_by_row(tmp_path: Path) -> None:
    assert SHARED is not None
    folder = SHARED / "data" / "niosh_n95_cel"
    name = "n95_list_2020-11-20.csv"
    files = {p.name: p.read_bytes() for p in folder.glob("*.csv")}
    first = read(NIOSH, files, published=NOVEMBER)
    table = csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline=""))
    rows = [row for row in table if row["approval_number"] != "84A-0006"]
    rows.append(rows[0] | {"supplier_name": "Example New Supplier", "models_cell": "EN-1"})
    assert table.fieldnames is not None
    changed = csv_bytes(table.fieldnames, *rows)
    with opened(new_data(tmp_path)) as workspace:
        mirrored(workspace, first)
        later = mirrored(workspace, read(NIOSH, files | {name: changed}, published=DECEMBER))
        gone = sum(s.number == "84A-0006" for s in first.statements)
        assert gone > 0
        assert (later.count(Outcome.ADDED), later.count(Outcome.GONE)) == (1, gone)
        assert later.count(Outcome.UNCHANGED) == len(first.statements) - gone
        delisted = [
            q
            for q in workspace.index.listed(REGISTER_PREFIX + NIOSH)
            if q.state is QualificationState.DELISTED
        ]
        assert [q.number for q in delisted] == ["84A-0006"] * gone
        assert {reason for _, reason in delistings(workspace)} == {"no longer listed"}
