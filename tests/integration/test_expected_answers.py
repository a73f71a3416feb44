"""The questions whose answers are known beforehand, over registers imported into a real ledger.

Asked twice: of a few rows as they stand in the lists of November 2020 (facts of public lists), and
of the whole lists where they are beside the repository. Deliveries of 1,000 masks, by the clock
of publication, asked years later.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger import demo
from ledger.identifiers import Identifier
from ledger.importing.mirror import holder_id
from ledger.index.records import OrganisationRecord
from ledger.matching import Party, propose
from ledger.question import Question
from ledger.registers import Holder, RegisterReading, read
from ledger.typed_data import Entry, organisation_id
from ledger.verdict import Answer, Verdict
from ledger.vocabulary import Clock, Role
from ledger.workspace import Workspace
from tests.integration.test_imports import (
    EUA_COLUMNS,
    IMPORTED_COLUMNS,
    NIOSH_COLUMNS,
    REAL,
    REMOVED_COLUMNS,
    real,
)
from tests.support.shared import SHARED
from tests.support.tables import csv_bytes
from tests.support.workspaces import BEGINNING, author, mirrored, new_data, opened, recorded

NEW_YORK, SHANGHAI = "America/New_York", "Asia/Shanghai"
ZONES = pytest.mark.parametrize("zone", [NEW_YORK, SHANGHAI])
TODAY = "2026-11-22"
CHINA, IMPORTED, NIOSH = "fda-eua-china", "fda-eua-imported", "niosh-n95"
CATEGORY = {
    CHINA: "mask.respirator.eua-china",
    IMPORTED: "mask.respirator.eua-imported",
    NIOSH: "mask.respirator.n95",
    "wuhan2020-factories": "mask.respirator",
}
WINNER_REMOVED = (CHINA, "Winner Medical Co. Ltd.")
WINNER = (CHINA, "Winner Medical Co., Ltd")
THREE_M = (NIOSH, "3M Company")
SHIGEMATSU = (NIOSH, "Shigematsu Works Company, Ltd.")

SANQI_CODE = "91371100168371999W"
SANQI_CHINESE = ("wuhan2020-factories", "日照三奇医疗卫生用品有限公司")
SANQI_ENGLISH = (CHINA, "Rizhao Sanqi Medical & Health Articles Co., Ltd")


def few() -> Mapping[str, RegisterReading]:
    """The rows of the lists that the questions are about."""
    firm, models = EUA_COLUMNS[1:3]
    title = "Appendix A: Authorized (Updated: October 15, 2020)"
    authorised = csv_bytes(
        EUA_COLUMNS,
        {"list_title": title, firm: WINNER[1], models: "WN-N95FW, WN-N95FGIN"},
        {"list_title": title, firm: SANQI_ENGLISH[1], models: "RIZ100CVb, 3Q KN95 9505"},
    )
    removed = csv_bytes(
        REMOVED_COLUMNS,
        dict(zip(REMOVED_COLUMNS, ("Removed", "05/07/2020", WINNER_REMOVED[1], "WN-N95FG"),
                 strict=True)),
    )  # fmt: skip
    exhibit = csv_bytes(IMPORTED_COLUMNS, {"list_title": "Exhibit 1", firm: "3M", models: "9320+"})
    niosh = csv_bytes(
        NIOSH_COLUMNS,
        *(
            {"supplier_name": s, "models_cell": m, "approval_number": n, "valve": "No"}
            for s, m, n in (
                (THREE_M[1], "1860 (FDA)\n1860S (FDA)", "84A-0006"),
                (SHIGEMATSU[1], "DD01V-N95", "84A-5465\nObsolete 03/2013"),
            )
        ),
    )
    factories = """[{"province": "山东", "city": "日照市", "name": "日照三奇医疗卫生用品有限公司",
        "supplies": [{"specification": "N95", "value": 50000}], "qualification": "",
        "date": "2020-01-25T16:00:00.000Z"}]"""
    return {
        CHINA: read(CHINA, {"2020-11-20_a.csv": authorised, "2020-11-20_removed.csv": removed}),
        IMPORTED: read(IMPORTED, {"2020-11-20_exhibit.csv": exhibit}),
        NIOSH: read(NIOSH, {"2020-11-20_n95.csv": niosh}),
        SANQI_CHINESE[0]: read(SANQI_CHINESE[0], {"factories.json": factories.encode()}),
    }


def whole() -> Mapping[str, RegisterReading]:
    if SHARED is None:
        pytest.skip("the real registers are not beside this repository (../shared/data)")
    return {register: real(register) for register in REAL}


@dataclass
class Registers:
    workspace: Workspace
    readings: Mapping[str, RegisterReading]

    def ask(
        self,
        who: tuple[str, str],
        model: str,
        deliver_on: str,
        *,
        zone: str = NEW_YORK,
        known_at: int = BEGINNING + 86400,
        clock: Clock = Clock.PUBLISHED,
        category: str | None = None,
    ) -> Verdict:
        """The verdict on a firm of a register, by its name there."""
        register, name = who
        return self.workspace.decide(
            Question.for_day(
                listed(register, name), category or CATEGORY[register], model, 1000, "H87",
                deliver_on, known_at=known_at, zone=zone, clock=clock,
            )
        )  # fmt: skip


def listed(register: str, name: str) -> bytes:
    return holder_id(register, Holder(name, "", ""))


def reasons(verdict: Verdict, check: str) -> set[str]:
    return {reason.code for reason in verdict.check(check).reasons}


@dataclass
class Kept:
    """A data directory into which registers were imported, to be copied."""

    data: Path
    readings: Mapping[str, RegisterReading]

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Registers]:
        shutil.copytree(self.data, folder / "data")
        with opened(folder / "data") as workspace:
            yield Registers(workspace, self.readings)


@pytest.fixture(scope="module", params=[few, whole], ids=["rows", "registers"])
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    readings = request.param()
    data = new_data(tmp_path_factory.mktemp("imported"))
    with opened(data) as workspace:
        for reading in readings.values():
            mirrored(workspace, reading)
    return Kept(data, readings)


@pytest.fixture(scope="module")
def registers(imported: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registers]:
    """Shared: for questions only."""
    with imported.copied(tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture
def own_registers(imported: Kept, tmp_path: Path) -> Iterator[Registers]:
    """The test's own, to add to."""
    with imported.copied(tmp_path) as found:
        yield found


# ---------------------------------------------------------------------------------- the table


@ZONES
@pytest.mark.parametrize("day", ["2020-05-07", "2020-05-08", "2020-12-01", "2021-07-06", TODAY])
def test_a_removed_model_is_refused_from_the_day_of_its_removal(
    registers: Registers, day: str, zone: str
) -> None:
    verdict = registers.ask(WINNER_REMOVED, "WN-N95FG", day, zone=zone)
    assert verdict.answer is Answer.DO_NOT_BUY
    assert "kind.register-withdrew" in reasons(verdict, "qualification.nothing-against")


@ZONES
def test_the_day_before_nobody_can_tell_for_its_beginning_is_unstated(
    registers: Registers, zone: str
) -> None:
    verdict = registers.ask(WINNER_REMOVED, "WN-N95FG", "2020-05-06", zone=zone)
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.unstated-beginning"}
    assert reasons(verdict, "qualification.nothing-against") == {"against.none"}


@ZONES
def test_the_model_that_begins_like_the_removed_one_is_not_touched(
    registers: Registers, zone: str
) -> None:
    verdict = registers.ask(WINNER, "WN-N95FGIN", "2020-12-01", zone=zone)
    assert verdict.answer is Answer.CONDITIONS
    assert reasons(verdict, "vouching") == {"vouching.mirrored"}
    assert reasons(verdict, "qualification.period-stated") == {"period.unstated"}


def test_the_removed_model_is_never_to_be_bought_under_the_firms_other_spelling(
    registers: Registers,
) -> None:
    """Two spellings are two records until a person links them; neither says yes."""
    verdict = registers.ask(WINNER, "WN-N95FG", "2020-12-01")
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.elsewhere"}


@ZONES
@pytest.mark.parametrize("day", ["2021-07-06", "2021-07-07", TODAY])
def test_every_model_of_the_two_revoked_lists_is_refused_from_that_day(
    registers: Registers, day: str, zone: str
) -> None:
    asked = 0
    for register in (CHINA, IMPORTED):
        for s in registers.readings[register].statements:
            verdict = registers.ask((register, s.holder.identifier), s.model, day, zone=zone)
            assert verdict.answer is Answer.DO_NOT_BUY, s
            asked += 1
    assert asked in (6, 335)


def test_the_revoked_lists_were_not_refused_for_that_reason_the_day_before(
    registers: Registers,
) -> None:
    for register in (CHINA, IMPORTED):
        for s in registers.readings[register].statements:
            if not s.withdrawn_from:
                verdict = registers.ask((register, s.holder.identifier), s.model, "2021-07-05")
                assert verdict.answer is Answer.CANNOT_TELL, s
                assert reasons(verdict, "mirror.fresh") == {"mirror.stale"}


def test_the_surgical_masks_were_not_among_what_was_revoked(registers: Registers) -> None:
    if "fda-eua-surgical" not in registers.readings:
        pytest.skip("this list is asked of the whole registers only")
    for s in registers.readings["fda-eua-surgical"].statements:
        verdict = registers.ask(
            ("fda-eua-surgical", s.holder.identifier), s.model, "2021-07-06",
            category="mask.surgical.eua",
        )  # fmt: skip
        assert verdict.answer is Answer.CANNOT_TELL, s
        assert reasons(verdict, "qualification.nothing-against") == {"against.none"}


@ZONES
def test_a_mirrored_approval_is_bought_with_conditions_at_best(
    registers: Registers, zone: str
) -> None:
    verdict = registers.ask(THREE_M, "1860", "2020-12-01", zone=zone)
    assert verdict.answer is Answer.CONDITIONS
    assert reasons(verdict, "identity") == {"identity.listed"}
    assert reasons(verdict, "vouching") == {"vouching.mirrored"}


@ZONES
def test_an_old_mirror_tells_nothing_about_today(registers: Registers, zone: str) -> None:
    verdict = registers.ask(THREE_M, "1860", TODAY, zone=zone)
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "mirror.fresh") == {"mirror.stale"}


@ZONES
def test_an_approval_that_is_obsolete_in_the_number_cell_is_refused(
    registers: Registers, zone: str
) -> None:
    verdict = registers.ask(SHIGEMATSU, "DD01V-N95", "2020-12-01", zone=zone)
    assert verdict.answer is Answer.DO_NOT_BUY
    assert reasons(verdict, "qualification.in-force") == {"kind.register-withdrew"}


def test_no_mirrored_model_is_ever_simply_bought(registers: Registers) -> None:
    for register in (CHINA, IMPORTED, NIOSH):
        for s in registers.readings[register].statements:
            verdict = registers.ask((register, s.holder.identifier), s.model, "2020-12-01")
            assert verdict.answer is not Answer.BUY, s


def test_by_the_clock_of_recording_nothing_was_known_then(registers: Registers) -> None:
    verdict = registers.ask(
        THREE_M, "1860", "2020-12-01", known_at=1_606_800_000, clock=Clock.RECORDED
    )
    assert verdict.answer is Answer.CANNOT_TELL


def test_the_answer_shows_both_dates_of_what_it_rests_on(registers: Registers) -> None:
    data = registers.ask(THREE_M, "1860", "2020-12-01").to_json()
    [vouching] = [c for c in data["checks"] if c["code"] == "vouching"]
    text = vouching["reasons"][0]["en"]
    assert "2020-11-20" in text, "published"
    assert "2026-11-2" in text, "recorded"


# ------------------------------------------------------------------- three records, one firm


def party(workspace: Workspace, record: OrganisationRecord) -> Party:
    held = workspace.index.qualifications_of(record.id)
    return Party(
        record.id.hex(),
        tuple(filter(None, (record.name_zh, record.name_en))),
        (Identifier(record.identifier_kind, record.identifier),),
        frozenset((q.kind, q.number) for q in held if q.number),
        frozenset(q.model for q in held),
    )


def everyone(workspace: Workspace) -> list[Party]:
    found = workspace.index.search("", limit=10_000)
    return [party(workspace, hit.organisation) for hit in found.hits]


def act(workspace: Workspace, who: str, action: str, **values: object) -> Entry:
    by = author(workspace, who)
    entry = by.write(action, **values)  # type: ignore[arg-type]
    recorded(workspace, by, entry)
    return entry


@pytest.fixture
def three_records(own_registers: Registers) -> tuple[bytes, bytes, bytes]:
    """日照三奇 by its Chinese name, by its credit code and by its English name."""
    act(
        own_registers.workspace, "authority", "RegisterOrganisation",
        roles=int(Role.SUPPLIER), division=0, identifierKind="uscc", identifier=SANQI_CODE,
        nameZh=SANQI_CHINESE[1], nameEn="",
    )  # fmt: skip
    return listed(*SANQI_CHINESE), organisation_id("uscc", SANQI_CODE), listed(*SANQI_ENGLISH)


@pytest.mark.parametrize(
    ("text", "record"), [(SANQI_CHINESE[1], 0), (SANQI_CODE, 1), ("Rizhao Sanqi", 2)]
)
def test_each_record_is_found_by_what_it_bears(
    own_registers: Registers, three_records: tuple[bytes, ...], text: str, record: int
) -> None:
    hits = own_registers.workspace.index.search(text).hits
    assert three_records[record] in {hit.organisation.id for hit in hits}


def test_three_records_are_proposed_as_one_firm_and_merged_only_by_a_person(
    own_registers: Registers, three_records: tuple[bytes, bytes, bytes]
) -> None:
    workspace, (chinese, code, english) = own_registers.workspace, three_records
    proposals = {frozenset((p.first, p.second)): p for p in propose(everyone(workspace))}
    for pair in ((chinese, code), (chinese, english), (code, english)):
        found = proposals[frozenset(side.hex() for side in pair)]
        assert found.likeness.proposed
        assert all(reason.en and reason.zh for reason in found.likeness.reasons)

    def by_its_code() -> Verdict:
        return workspace.decide(
            Question.for_day(
                code, CATEGORY[CHINA], "3Q KN95 9505", 1000, "H87", "2020-12-01",
                known_at=BEGINNING + 86400, zone=SHANGHAI, clock=Clock.PUBLISHED,
            )
        )  # fmt: skip

    assert reasons(by_its_code(), "qualification.in-force") == {"kind.none"}
    who = "reviewer-verifies"
    for other in (chinese, english):
        act(
            workspace, who, "LinkOrganisations",
            first=code, second=other, same=True, reason="same licence, seen 已核对营业执照",
        )  # fmt: skip
    history = workspace.history(code, CATEGORY[CHINA])
    assert set(history.firm(code, BEGINNING + 86400)) == set(three_records)
    [link, _] = history.links
    entry = workspace.index.entry(link.stated.sequence)
    assert entry is not None
    office = next(o for o in demo.OFFICES if who in o.accounts)
    assert (entry.author, len(entry.signers)) == (office.id, 1), "a person's own signature"
    linked = by_its_code()
    assert linked.answer is Answer.CONDITIONS
    assert reasons(linked, "qualification.in-force") == {"kind.listed"}


def test_what_is_said_of_one_spelling_holds_for_the_other_once_they_are_linked(
    own_registers: Registers,
) -> None:
    act(
        own_registers.workspace, "reviewer-verifies", "LinkOrganisations",
        first=listed(*WINNER), second=listed(*WINNER_REMOVED), same=True, reason="one firm",
    )  # fmt: skip
    refused = own_registers.ask(WINNER, "WN-N95FG", "2020-12-01")
    assert refused.answer is Answer.DO_NOT_BUY
    untouched = own_registers.ask(WINNER, "WN-N95FGIN", "2020-12-01")
    assert untouched.answer is Answer.CONDITIONS
