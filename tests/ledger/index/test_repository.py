"""Asking the index: the same answers from every database."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from ledger.errors import RequestError, UnavailableError
from ledger.gathering import gather
from ledger.index.database import Database
from ledger.index.projection import OWN_NONCES
from ledger.index.records import Hit
from ledger.index.repository import MAX_SEARCH, Index
from ledger.index.terms import TermField
from ledger.indexing import Indexer
from ledger.merkle import leaf_hash
from ledger.typed_data import named_subject, organisation_subject, register_subject
from ledger.vocabulary import AccountState, OrganisationStatus, QualificationState, Role, Way
from tests.support.ledger import NOTHING, embedded_ledger, key
from tests.support.told import DOCUMENT, NUMBER, REGISTER, Told


@pytest.fixture
def index(read: Database) -> Index:
    return Index(read)


# ---- entries


def test_an_entry_is_read_as_it_was_signed(told: Told, index: Index) -> None:
    [made] = index.by_subject(told.issued)[:1]
    assert made.action == "IssueQualification"
    assert made["number"] == NUMBER
    assert made.signers == (told.issuer.signer.address,)
    assert made.author == told.issuer.id
    domain = told.ledger.deployment.domain("QualificationRegistry")
    assert made.digest == made.entry.digest(domain)
    assert index.entry(made.sequence) == index.entry_by_digest(made.digest) == made


def test_an_entry_carries_all_that_its_leaf_binds(index: Index) -> None:
    for e in index.entries(0, 100):
        assert e.leaf == leaf_hash(
            e.sequence, e.recorded_at, e.address, e.digest, e.signers, e.subjects, e.previous
        )


def test_an_act_of_the_authority_names_all_its_signers(told: Told, index: Index) -> None:
    [first] = index.entries(0, 1)
    assert first.action == "AdmitContract"
    assert first.signers == (
        told.ledger.authority.signer.address,
        *(s.address for s in told.ledger.co_signers),
    )


def test_the_chain_of_a_subject_is_whole(told: Told, index: Index) -> None:
    chain = index.by_subject(organisation_subject(told.maker.id))
    assert [e.action for e in chain] == [
        "RegisterOrganisation", "AddAccount", "IssueQualification", "SubmitQualification",
        "Reply", "Reply", "ChangeOrganisation",
    ]  # fmt: skip
    subject = organisation_subject(told.maker.id)
    assert chain[0].previous[chain[0].subjects.index(subject)] == NOTHING
    for older, newer in pairwise(chain):
        assert newer.previous[newer.subjects.index(subject)] == older.leaf


def test_an_entry_that_moves_two_chains_is_in_both(told: Told, index: Index) -> None:
    created = index.by_subject(told.review)[0]
    assert created in index.by_subject(organisation_subject(told.maker.id))


def test_many_chains_are_read_as_each_alone(told: Told, index: Index) -> None:
    subjects = [
        told.review,
        told.issued,
        organisation_subject(told.maker.id),
        named_subject("category", "mask"),
        b"\x77" * 32,
    ]
    assert index.by_subjects(subjects) == {s: index.by_subject(s) for s in subjects}


def test_an_unknown_subject_document_or_number_has_no_entries(index: Index) -> None:
    assert index.by_subject(b"\x77" * 32) == []
    assert index.by_document(b"\x77" * 32) == []
    assert index.by_number("test-report", "none") == []
    assert index.by_number("test-report", "") == []
    assert index.by_document(NOTHING) == []
    assert index.entry(10_000) is None
    assert index.entry_by_digest(b"\x77" * 32) is None


def test_a_document_is_found_where_it_was_stated_and_edited(told: Told, index: Index) -> None:
    found = index.by_document(DOCUMENT)
    assert [e.action for e in found] == ["IssueQualification", "EditQualification"]


def test_a_number_is_found_under_its_kind_only(told: Told, index: Index) -> None:
    assert [e.subjects[0] for e in index.by_number("test-report", NUMBER)] == [told.issued]
    assert index.by_number("licence", NUMBER) == []
    assert [e.action for e in index.by_number("licence", "licence 7")] == ["EditQualification"]


def test_an_entry_that_the_authority_let_in_late_is_marked(told: Told, index: Index) -> None:
    assert [e.sequence for e in index.entries(0, 100) if e.late] == [told.late]


def test_entries_are_read_page_by_page(index: Index) -> None:
    size = index.position().size
    pages = [index.entries(first, 7) for first in range(0, size, 7)]
    assert [e for page in pages for e in page] == index.entries(0, size)


def test_only_recorded_entries_have_sequence_numbers(told: Told, index: Index) -> None:
    known = index.entries(0, 5)
    digests = [*(e.digest for e in known), *told.refused]
    assert index.sequences(digests) == {e.digest: e.sequence for e in known}


def test_a_refused_entry_is_found_with_its_reason(told: Told, index: Index) -> None:
    reasons = [index.refusals(digest) for digest in told.refused]
    assert [[r.error for r in found] for found in reasons] == [
        ["QualificationNotIssuer"],
        ["QualificationCategoryUnknown"],
    ]
    assert [found[0].position for found in reasons] == [0, 2]
    assert index.refusals(b"\x77" * 32) == []


def test_a_history_is_gathered_from_the_index(told: Told, index: Index) -> None:
    size = index.position().size
    with index.snapshot():
        history = gather(index, index.founding(), told.listed, "mask", size)
    assert set(told.mirrored) <= set(history.qualifications)
    assert told.publication in history.publications


# ---- who and what


def test_the_founder_is_an_organisation_with_its_accounts(told: Told, index: Index) -> None:
    founding = index.founding()
    assert founding.organisation == told.ledger.authority.id
    assert founding.quorum == 2
    record = index.organisation(founding.organisation)
    assert record is not None
    assert (record.name_zh, record.sequence) == ("示范主管机构", -1)
    for address in founding.accounts:
        account = index.account(address)
        assert account is not None
        assert account.organisation == founding.organisation


def test_an_organisation_is_as_its_last_change_left_it(told: Told, index: Index) -> None:
    record = index.organisation(told.maker.id)
    assert record is not None
    assert record.roles == Role.SUPPLIER | Role.BUYER
    assert record.division == 420_100_000_000
    assert record.status is OrganisationStatus.ACTIVE
    assert index.organisation(b"\x77" * 20) is None


def test_a_listed_firm_has_no_rights(told: Told, index: Index) -> None:
    [record] = index.listed_organisations(REGISTER)
    assert record.id == told.listed
    assert record.status is OrganisationStatus.LISTED
    assert record.roles == Role(0)
    assert index.organisations([told.listed, b"\x77" * 20]) == {told.listed: record}


def test_an_account_leads_to_its_organisation(told: Told, index: Index) -> None:
    account = index.account(told.maker.signer.address)
    assert account is not None
    assert account.organisation == told.maker.id
    assert account.state is AccountState.LIVE
    assert index.account(b"\x77" * 20) is None


def test_a_removed_account_stays_known_as_removed(index: Index) -> None:
    account = index.account(key("Review House 1 second desk").address)
    assert account is not None
    assert account.state is AccountState.REMOVED


def test_a_reviewed_qualification_has_its_edited_terms(told: Told, index: Index) -> None:
    record = index.qualification(told.review)
    assert record is not None
    assert (record.number, record.document) == ("licence 7", DOCUMENT)
    assert record.way is Way.REVIEWED
    assert record.state is QualificationState.IN_FORCE
    assert index.qualification(b"\x77" * 32) is None


def test_an_organisations_qualifications_are_all_named(told: Told, index: Index) -> None:
    found = [q.id for q in index.qualifications_of(told.maker.id)]
    assert found == [told.issued, told.review]


def test_what_a_register_lists_is_told_with_its_state(told: Told, index: Index) -> None:
    listed = index.listed(REGISTER, told.mirror.id)
    assert [q.id for q in listed] == list(told.mirrored)
    assert [q.state for q in listed] == [
        QualificationState.IN_FORCE,
        QualificationState.DELISTED,
        QualificationState.WITHDRAWN,
    ]
    assert [q.withdrawn_from for q in listed] == [0, 0, 1]
    assert index.listed(REGISTER, told.maker.id) == []
    assert index.listed("register:other") == []


def test_a_registers_publications_and_capacities_are_told(told: Told, index: Index) -> None:
    [publication] = index.publications(REGISTER, told.mirror.id)
    assert publication.id == told.publication
    assert publication == index.publication(told.publication)
    subject = register_subject(told.mirror.id, REGISTER)
    assert [e.sequence for e in index.by_subject(subject)] == [publication.sequence]
    assert index.capacities(REGISTER) == Counter({(told.listed, b"\x55" * 32): 1})


def test_categories_are_told_with_their_parents(index: Index) -> None:
    assert {c.category: c.parent for c in index.categories().values()} == {
        "mask": "",
        "mask.surgical": "mask",
    }


def test_the_next_nonce_is_above_all_that_were_used(told: Told, index: Index) -> None:
    for name in ("ParticipantRegistry", "QualificationRegistry"):
        for member in (told.maker, told.ledger.authority, told.mirror):
            address = member.signer.address
            used = [
                e["nonce"] for e in index.entries(0, 100)
                if e.contract == name and address in e.signers
            ]  # fmt: skip
            expected = max((int(n) for n in used if isinstance(n, int)), default=-1) + 1
            assert index.next_nonce(name, address) == expected
    assert index.next_nonce("ParticipantRegistry", b"\x77" * 20) == 0


def test_a_nonce_that_its_author_chose_freely_uses_up_none(
    database: Database, tmp_path: Path
) -> None:
    with embedded_ledger(tmp_path / "chain.db") as ledger:
        before = ledger.act("SetMaxLateness", maxLateness=86400)
        for nonce in (OWN_NONCES, (1 << 64) - 1):
            ledger.act("SetMaxLateness", maxLateness=86400, nonce=nonce)
        Indexer(ledger.gateway, database, ledger.deployment).sync()
        index = Index(database)
        entry = index.entry(before.sequence)
        assert entry is not None
        following = index.next_nonce("ParticipantRegistry", ledger.authority.signer.address)
        assert following == int(str(entry["nonce"])) + 1


def test_counts_are_of_everything(told: Told, index: Index) -> None:
    counts = index.counts()
    assert counts["entry"] == index.position().size
    assert counts["qualification"] == 5
    assert counts["refusal"] == 2


def test_an_empty_index_cannot_be_asked_how_far_it_is(database: Database) -> None:
    index = Index(database)
    for question in (index.position, index.founding, index.block_number):
        with pytest.raises(UnavailableError) as caught:
            question()
        assert caught.value.code == "index.empty"


# ---- searching


def found(index: Index, text: str) -> list[str]:
    return [hit.organisation.name_en for hit in index.search(text).hits]


@pytest.mark.parametrize(
    "text",
    [
        "清溪", "口罩有限", "clear brook", "CLEAR   BROOK", "ＣＬＥＡＲ　ｂｒｏｏｋ", "masks ltd",
        "cb-1", NUMBER, NUMBER.lower(), "2020-0001", "licence 7",
    ],
)  # fmt: skip
def test_an_organisation_is_found_by_any_part_of_what_is_known(index: Index, text: str) -> None:
    assert "Clear Brook Masks Ltd" in found(index, text)


@pytest.mark.parametrize("text", ["%", "_", "100%_", "\\", "/", "%%", "c_ear", "' or 1=1 --"])
def test_signs_that_databases_read_otherwise_are_only_signs(index: Index, text: str) -> None:
    expected = ["Valley Respirators, Inc."] if text in ("%", "_", "100%_") else []
    assert found(index, text) == expected


def test_what_is_not_there_is_not_found(index: Index) -> None:
    assert found(index, "somebody else") == []


@pytest.mark.parametrize("text", ["\0", "a\0b", "a\x07b"])
def test_control_characters_are_not_searched_for(index: Index, text: str) -> None:
    with pytest.raises(RequestError) as refused:
        index.search(text)
    assert refused.value.field == "q"


def test_every_hit_says_by_what_it_was_found(index: Index) -> None:
    [hit] = index.search("tc-84a").hits
    assert (hit.field, hit.text) == (TermField.NUMBER, "100%_tc-84a")
    [hit] = index.search("vr-2").hits
    assert (hit.field, hit.text) == (TermField.MODEL, "vr-2")


def test_a_whole_number_comes_before_a_beginning_and_that_before_a_part(
    database: Database, tmp_path: Path
) -> None:
    with embedded_ledger(tmp_path / "chain.db") as ledger:
        for name in ("A part of 77 it", "77 is its beginning", "77"):
            ledger.organisation(name, Role.SUPPLIER)
        Indexer(ledger.gateway, database, ledger.deployment).sync()
    assert found(Index(database), "77") == ["77", "77 is its beginning", "A part of 77 it"]


def test_an_identifier_is_found_however_it_is_typed(database: Database, tmp_path: Path) -> None:
    with embedded_ledger(tmp_path / "chain.db") as ledger:
        ledger.act(
            "RegisterOrganisation",
            roles=int(Role.SUPPLIER), division=0, identifierKind="uscc",
            identifier="91371100168371999W", nameZh="", nameEn="Plain Invented Works",
        )  # fmt: skip
        Indexer(ledger.gateway, database, ledger.deployment).sync()
    index = Index(database)
    for text in (
        "91371100168371999w",
        "9137 1100 1683 7199 9W",
        "９１３７１１００１６８３７１９９９Ｗ",
    ):
        assert found(index, text) == ["Plain Invented Works"]


def test_pages_follow_on_each_other_without_gap_or_repetition(index: Index) -> None:
    for text in ("", "e"):
        whole = index.search(text, limit=100)
        assert whole.following is None
        pages: list[Hit] = []
        after: str | None = None
        while True:
            page = index.search(text, limit=2, after=after)
            pages += page.hits
            after = page.following
            if after is None:
                break
        assert tuple(pages) == whole.hits
        assert len({h.organisation.id for h in pages}) == len(pages) > 2


@pytest.mark.parametrize(
    "after", ["", "x", "1", "1.", ".1", "1.x", "9" * 30 + ".1", "٣.١", "--1.2"]
)
def test_a_page_that_no_search_gave_is_refused(index: Index, after: str) -> None:
    with pytest.raises(RequestError) as caught:
        index.search("e", after=after)
    assert caught.value.field == "after"


def test_a_very_long_search_is_refused(index: Index) -> None:
    with pytest.raises(RequestError) as caught:
        index.search("x" * (MAX_SEARCH + 1))
    assert caught.value.field == "q"
