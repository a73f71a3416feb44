"""Folding and gathering: what entries tell, and which entries it takes."""

from collections.abc import Sequence

import pytest

from ledger.folding import fold
from ledger.gathering import gather, touches
from ledger.recorded import RecordedEntry
from ledger.typed_data import organisation_subject
from ledger.vocabulary import AccountState, OrganisationStatus, Role, Way
from tests.support.world import NOTHING, World, document, instant

MASK = "mask.surgical"
KIND = "test-report"


@pytest.fixture
def world() -> World:
    world = World("2019-01-01")
    world.category("mask")
    world.category(MASK, "mask")
    world.require(MASK, KIND)
    return world


def test_the_deployment_itself_lays_down_the_authority(world: World) -> None:
    history = fold([], world.founding, 0)
    authority = history.organisations[world.authority.id]
    assert authority.changes[0].roles is Role.AUTHORITY
    assert authority.changes[0].stated.sequence == -1
    assert history.accounts[world.authority.account].organisation == world.authority.id


def test_an_organisation_and_its_accounts_keep_what_became_of_them(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    world.status(maker, OrganisationStatus.CLOSED, "bankrupt")
    world.record(maker, "DisableAccount", reason="lost phone")
    world.compromised(maker, instant("2019-01-01"))
    history = world.history(maker, MASK)
    states = [c.status for c in history.organisations[maker.id].changes]
    assert states == [OrganisationStatus.ACTIVE, OrganisationStatus.CLOSED]
    account = history.accounts[maker.account]
    assert [c.state for c in account.changes] == [
        AccountState.LIVE,
        AccountState.DISABLED,
        AccountState.COMPROMISED,
    ]
    assert account.compromises[0].since == instant("2019-01-01")


def test_a_removed_account_stays_in_the_history(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    world.record(world.authority, "RemoveAccount", account=maker.account, reason="left")
    account = world.history(maker, MASK).accounts[maker.account]
    assert account.changes[-1].state is AccountState.REMOVED


def test_a_review_keeps_every_step_with_the_account_that_took_it(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    reviewer = world.organisation("Reviewers", Role.REVIEWER)
    q = world.submit(maker, MASK, KIND, number="1")
    world.review(reviewer, "Verify", q)
    world.edit(reviewer.second_account(2), q, number="2")
    told = world.history(maker, MASK).qualifications[q]
    assert told.way is Way.REVIEWED
    assert [s.account for s in told.steps] == [
        reviewer.account,
        reviewer.second_account(2).account,
    ]
    assert [t.number for t in told.terms] == ["1", "2"]


def test_nothing_from_the_position_on_is_told(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    lab = world.issuer("Hill Laboratory", KIND)
    position = len(world.entries)
    q = world.issue(lab, maker, MASK, KIND)
    assert q not in world.history(maker, MASK, position).qualifications
    assert q in world.history(maker, MASK).qualifications


def test_gathering_reads_only_the_chains_that_it_needs(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    stranger = world.organisation("Stranger", Role.SUPPLIER)
    lab = world.issuer("Hill Laboratory", KIND)
    world.issue(lab, maker, MASK, KIND)
    foreign = world.issue(lab, stranger, MASK, KIND)

    class Counted:
        def __init__(self) -> None:
            self.asked: set[bytes] = set()

        def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
            assert subject not in self.asked, "each chain is read once"
            self.asked.add(subject)
            return world.by_subject(subject)

        def by_document(self, document: bytes) -> Sequence[RecordedEntry]:
            raise AssertionError("there is no document")

        def by_number(
            self, kind: str, number: str, author: bytes | None = None
        ) -> Sequence[RecordedEntry]:
            raise AssertionError("there is no number")

    records = Counted()
    history = gather(records, world.founding, maker.id, MASK, len(world.entries))
    assert foreign not in history.qualifications
    assert organisation_subject(lab.id) in records.asked
    assert organisation_subject(stranger.id) not in records.asked


def test_a_publication_is_known_from_the_first_time_that_its_words_were_signed(
    world: World,
) -> None:
    mirror = world.mirror("List Mirror", "list")
    publication = world.publication(mirror, "list", instant("2019-01-01"))
    first = world.entries[-1]
    world.now += 86400
    again = world.record(mirror.second_account(2), first.action, **first.entry.values)
    assert again.digest == first.digest
    history = fold(world.entries, world.founding, len(world.entries))
    assert history.publications[publication].stated.sequence == first.sequence


def test_a_qualification_whose_words_a_colleague_signs_again_stays_withdrawn(
    world: World,
) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    issuer = world.issuer("Permits", KIND)
    qualification = world.issue(issuer, maker, MASK, KIND)
    first = world.entries[-1]
    world.withdraw(issuer, qualification, world.now)
    before = world.history(maker, MASK).qualifications[qualification]
    again = world.record(issuer.second_account(2), first.action, **first.entry.values)
    assert again.subjects[0] == qualification
    assert world.history(maker, MASK).qualifications[qualification] == before


def test_gathering_finds_who_issued_what_registers_said_and_who_copied(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    copycat = world.organisation("Copycat", Role.SUPPLIER)
    lab = world.issuer("Hill Laboratory", KIND)
    mirror = world.mirror("Open Registers", "list")
    listed = world.listed(mirror, "list", "Clear Brook")
    world.link(world.organisation("Reviewers", Role.REVIEWER), maker, listed)
    world.issue(lab, maker, MASK, KIND, paper=document("report"))
    copy = world.submit(copycat, MASK, KIND, paper=document("report"))
    publication = world.publication(mirror, "list", instant("2019-01-01"))
    row = world.row(mirror, publication, listed, MASK, "list-kind", "M1")
    world.end_kind(mirror, publication, "list-kind", instant("2020-01-01"))
    later = world.publication(mirror, "list", instant("2019-02-01"))
    world.record(
        mirror, "StateCapacity", organisation=listed.id, publication=later, document=NOTHING,
        perDay=1, category=MASK, model="", unit="H87",
    )  # fmt: skip
    world.record(
        world.authority, "AcceptMirror", accepted=True, register="register:list", kind="list-kind"
    )
    history = world.history(maker, MASK)
    assert history.qualifications[row].register == "list"
    assert history.qualifications[row].stated.published == instant("2019-01-01")
    assert copy in history.qualifications
    assert copycat.id in history.organisations
    assert (lab.id, KIND) in history.accreditations
    assert history.endings["list-kind"][0].register == "list"
    assert {p.id for p in history.publications.values()} == {publication, later}
    assert history.capacities[0].register == "list"
    acceptance = history.acceptance("list", "list-kind", world.now)
    assert acceptance is not None
    assert acceptance.accepted
    assert history.lineage(MASK, world.now) == (MASK, "mask")


def test_a_category_that_is_its_own_ancestor_ends_the_line(world: World) -> None:
    world.category("mask", MASK)
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    assert world.history(maker, MASK).lineage(MASK, world.now) == (MASK, "mask")


def test_a_history_stays_complete_until_an_entry_touches_what_it_watches(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    stranger = world.organisation("Stranger", Role.SUPPLIER)
    lab = world.issuer("Hill Laboratory", KIND)
    q = world.issue(lab, maker, MASK, KIND, paper=document("report"), number="7")
    other = world.submit(stranger, MASK, KIND)
    history = world.history(maker, MASK)

    def touched() -> bool:
        return bool(touches(world.entries[-1]) & history.watched)

    world.issue(lab, stranger, MASK, KIND, paper=document("another"), number="8")
    assert not touched()
    assert history.at(len(world.entries)) == world.history(maker, MASK)
    world.issue(lab, stranger, MASK, KIND, paper=document("report"))
    assert touched(), "the same document"
    world.edit(lab, other, number="7")
    assert touched(), "the same number, by an edit"
    world.change(lab, "Suspend", q)
    assert touched(), "its own qualification"
    world.accredit(lab, "x")
    assert touched(), "its issuer"
    world.category("mask")
    assert touched(), "the parent category"


def test_a_link_signed_with_a_stolen_key_merges_nothing(world: World) -> None:
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    other = world.organisation("Other", Role.SUPPLIER)
    reviewer = world.organisation("Reviewers", Role.REVIEWER)
    world.link(reviewer, maker, other)
    assert world.history(maker, MASK).firm(maker.id, world.now) == (maker.id, other.id)
    world.compromised(reviewer, world.now)
    assert world.history(maker, MASK).firm(maker.id, world.now) == (maker.id,)
