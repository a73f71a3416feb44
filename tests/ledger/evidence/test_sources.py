"""What was asked is remembered, what was not proved is missed, and who signed is worked out."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ledger.errors import EvidenceError
from ledger.evidence.sources import (
    Missing,
    Proven,
    Recorder,
    Superfluous,
    attributed,
    registry_subject,
)
from ledger.recorded import RecordedEntry
from ledger.typed_data import Entry, organisation_subject
from ledger.vocabulary import Role
from tests.support.batches import BatchWorld
from tests.support.replaying import bare
from tests.support.world import NOTHING, Firm, document, instant

REGISTRY = b"\x07" * 20
PAPER = document("a certificate")
DAY = 86400


class Told:
    """A firm, a bureau that issues it a licence, another that submits a copy, and a lot with a
    report on it that shows the same paper."""

    def __init__(self) -> None:
        self.world = world = BatchWorld()
        world.category("mask")
        self.bureau = world.issuer("Bureau", "licence")
        self.maker = world.organisation("Clear Brook", Role.SUPPLIER)
        self.copier = world.organisation("Still Brook", Role.SUPPLIER)
        self.laboratory = world.laboratory("Laboratory", "licence")
        self.licence = world.issue(
            self.bureau, self.maker, "mask", "licence", number="N-1", paper=PAPER
        )
        self.copy = world.submit(self.copier, "mask", "licence", number="N-1", paper=PAPER)
        self.edit = world.edit(self.bureau, self.copy, number="N-2")
        self.waiver = world.waive(self.maker, "mask", "licence", instant("2030-01-01"), paper=PAPER)
        self.lot = world.commission(self.maker, "A1", 10)
        self.report = world.inspect(
            self.laboratory, self.lot, paper=PAPER, number="N-1", standard="licence"
        )

    def recorder(self, position: int | None = None) -> Recorder:
        size = self.world.size if position is None else position
        return Recorder(self.world, REGISTRY, size)

    def proven(self, *subjects: bytes, entries: Sequence[RecordedEntry] = ()) -> Proven:
        held = [e for e in self.world.entries if set(subjects) & set(e.subjects)]
        return Proven([*held, *entries], subjects, {}, REGISTRY)


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def sequences(entries: Sequence[RecordedEntry]) -> list[int]:
    return [e.sequence for e in entries]


# ---- recording


def test_what_was_asked_and_answered_is_remembered(told: Told) -> None:
    recorder = told.recorder()
    chain = recorder.by_subject(told.licence)
    assert sequences(chain) == [chain[0].sequence]
    assert recorder.by_subject(b"\x01" * 32) == []
    assert recorder.recorded_at(3) == told.world.entries[3].recorded_at
    assert set(recorder.subjects) == {told.licence, b"\x01" * 32}
    assert recorder.entries == {chain[0].sequence: chain[0]}
    assert recorder.times == {3}


def test_what_lies_behind_the_position_was_not_answered(told: Told) -> None:
    recorder = told.recorder(told.report.sequence)
    assert told.report not in recorder.by_subject(told.lot)
    assert told.report not in recorder.by_document(PAPER)
    assert told.report.sequence not in recorder.entries


def test_only_what_can_be_a_copy_is_answered_by_its_document(told: Told) -> None:
    actions = [e.action for e in told.recorder().by_document(PAPER)]
    assert actions == ["IssueQualification", "SubmitQualification", "Inspect"]


def test_a_copy_is_kept_with_its_chain_and_a_report_as_it_is(told: Told) -> None:
    recorder = told.recorder()
    recorder.by_document(PAPER)
    recorder.by_number("licence", "N-2")
    assert set(recorder.entries) == {told.report.sequence}


def test_of_one_laboratory_only_its_own_reports_are_answered(told: Told) -> None:
    recorder = told.recorder()
    assert recorder.by_number("licence", "N-1", told.bureau.id) == []
    assert recorder.by_number("licence", "N-1", told.laboratory.id) == [told.report]
    proven = told.proven(told.licence, told.lot)
    assert proven.by_number("licence", "N-1", told.bureau.id) == []
    assert proven.by_number("licence", "N-1", told.laboratory.id) == [told.report]


def test_whoever_signed_is_asked_about_until_all_are_known(told: Told) -> None:
    recorder = told.recorder()
    recorder.by_subject(told.lot)
    recorder.settle()
    # The lot is signed for by its maker and the laboratory, these were registered by the authority,
    # and the maker's chain has the bureau's licence.
    wanted = (told.maker, told.laboratory, told.world.authority, told.bureau)
    assert set(recorder.subjects) == {told.lot, *(organisation_subject(w.id) for w in wanted)}


# ---- replaying


def test_a_chain_that_is_not_proved_to_be_whole_is_missed_even_where_entries_are_there(
    told: Told,
) -> None:
    [created] = told.world.by_subject(told.licence)
    proven = told.proven(entries=[created])
    with pytest.raises(Missing, match="0x" + told.licence.hex()) as caught:
        proven.by_subject(told.licence)
    assert caught.value.code == "complete.missing"


def test_a_proven_chain_is_given_in_order(told: Told) -> None:
    proven = told.proven(told.copy)
    assert sequences(proven.by_subject(told.copy)) == sequences(told.world.by_subject(told.copy))


@pytest.mark.parametrize("number", ["N-1", "N-2", "N-3", ""])
def test_numbers_are_found_as_the_index_finds_them(told: Told, number: str) -> None:
    proven = told.proven(told.licence, told.copy, told.lot)
    expected = told.recorder().by_number("licence", number)
    assert sequences(proven.by_number("licence", number)) == sequences(expected)
    assert len(expected) == {"N-1": 3, "N-2": 1}.get(number, 0)


def test_an_edit_tells_no_number_while_nobody_knows_of_which_kind(told: Told) -> None:
    proven = told.proven(entries=[told.edit])
    assert proven.by_number("", "N-2") == []


def test_no_document_is_no_mark(told: Told) -> None:
    assert told.proven(told.licence, told.copy).by_document(NOTHING) == []


def test_the_time_of_an_entry_is_told_by_itself_or_by_a_bare_leaf(told: Told) -> None:
    [created] = told.world.by_subject(told.licence)
    proven = Proven([created], [told.licence], {2: 77}, REGISTRY)
    assert proven.recorded_at(created.sequence) == created.recorded_at
    assert proven.recorded_at(2) == 77
    with pytest.raises(Missing, match="entry 3 "):
        proven.recorded_at(3)


def test_what_nothing_asked_for_is_superfluous(told: Told) -> None:
    [created] = told.world.by_subject(told.licence)
    proven = Proven([created, told.report], [told.licence, told.copy], {2: 77}, REGISTRY)
    assert proven.superfluous() == Superfluous(
        tuple(sorted((told.licence, told.copy))), (told.report.sequence,), (2,)
    )
    proven.by_subject(told.licence)
    proven.by_document(PAPER)
    proven.recorded_at(2)
    assert proven.superfluous() == Superfluous((told.copy,), (), ())


# ---- attributing


def read(world: BatchWorld, entries: Sequence[RecordedEntry]) -> list[RecordedEntry]:
    return attributed([bare(e) for e in entries], world.founding, REGISTRY)


def test_everybody_is_known_from_the_founding_and_from_where_accounts_were_added(
    told: Told,
) -> None:
    assert read(told.world, told.world.entries) == [
        replace(e, block_number=-1, transaction_hash=b"") for e in told.world.entries
    ]


def test_an_account_that_nobody_added_is_unknown(told: Told) -> None:
    kept = [e for e in told.world.entries if told.maker.id != e.entry.values.get("organisation")]
    with pytest.raises(EvidenceError, match="whose account") as caught:
        read(told.world, kept)
    assert caught.value.code == "author.unknown"


def test_an_account_is_nobodys_before_it_was_added() -> None:
    world = BatchWorld()
    maker = Firm(b"\x05" * 20, "Clear Brook", b"\x06" * 20)
    world.reply(maker, NOTHING, "too early")
    world.add_account(maker, Role.SUPPLIER)
    with pytest.raises(EvidenceError, match="entry 0"):
        read(world, world.entries)


def limit(world: BatchWorld, seconds: int, subject: bytes) -> RecordedEntry:
    """The authority permits so much lateness."""
    entry = Entry.of(
        "SetMaxLateness", nonce=0, happenedAt=world.now, deadline=world.now, maxLateness=seconds
    )
    made = world.reply(world.authority, NOTHING, "")
    world.entries[-1] = made = replace(made, entry=entry, subjects=(subject,))
    return made


def late(world: BatchWorld) -> list[bool]:
    return [e.late for e in read(world, world.entries)]


def test_an_entry_is_late_after_more_than_the_founding_permitted() -> None:
    world = BatchWorld()
    for seconds in (7 * DAY, 7 * DAY + 1):
        world.record(
            world.authority, "Reply", about=NOTHING, document=NOTHING, text="",
            happenedAt=world.now - seconds,
        )  # fmt: skip
    assert late(world) == [False, True]


def test_what_is_permitted_changes_for_what_comes_after() -> None:
    world = BatchWorld()
    for _ in range(2):
        world.record(
            world.authority, "Reply", about=NOTHING, document=NOTHING, text="",
            happenedAt=world.now - 3 * DAY,
        )  # fmt: skip
        limit(world, 2 * DAY, registry_subject(REGISTRY))
    assert late(world) == [False, False, True, False]


def test_another_registrys_limit_changes_nothing() -> None:
    world = BatchWorld()
    limit(world, 0, registry_subject(b"\x08" * 20))
    world.record(
        world.authority, "Reply", about=NOTHING, document=NOTHING, text="",
        happenedAt=world.now - DAY,
    )  # fmt: skip
    assert late(world) == [False, False]
