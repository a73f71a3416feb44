"""What the service keeps for itself, on both kinds of database."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ledger.errors import RequestError
from ledger.index.database import Database
from ledger.index.idempotency import Answer, Once
from ledger.index.service_tables import ANSWERS, TOKENS
from ledger.index.store import Access, Document, KeptVerdict, Store
from tests.support.databases import DATABASES, new_database

NOW = 1_600_000_000
BUYER, OTHER = b"\x01" * 20, b"\x02" * 20
VERDICT = KeptVerdict("v1", b'{"q":1}', b"\x03" * 32, 17, b'{"answer":"no"}', BUYER, "Officer", NOW)
DOCUMENT = Document(
    b"\x04" * 32, BUYER, "Officer", 12, "application/pdf", "证书.pdf", "parties", NOW
)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with new_database(request.param, tmp_path) as database:
        yield database


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


# ------------------------------------------------------------------------------------- tokens


def test_a_token_is_found_by_its_secret_which_is_not_kept(store: Store, database: Database) -> None:
    made = store.create_token(
        "s3cret", organisation=BUYER, person="Officer", scopes=["verdicts", "read"], now=NOW
    )
    assert made.scopes == ("verdicts", "read")
    found = store.find_token("s3cret", now=NOW)
    assert found is not None
    assert (found.id, found.organisation, found.person) == (made.id, BUYER, "Officer")
    assert store.find_token("s3creT", now=NOW) is None
    with database.read() as session:
        assert "s3cret" not in repr(session.execute(select(TOKENS)).all())


def test_a_token_is_valid_until_it_expires(store: Store) -> None:
    token = store.create_token(
        "s", organisation=BUYER, person="", scopes=[], now=NOW, expires_at=NOW + 10
    )
    assert token.is_valid(NOW + 9)
    assert not token.is_valid(NOW + 10)


def test_a_token_is_revoked_once_and_stays_known(store: Store) -> None:
    token = store.create_token("s", organisation=BUYER, person="", scopes=[], now=NOW)
    assert store.revoke_token(token.id, now=NOW + 1)
    assert not store.revoke_token(token.id, now=NOW + 2)
    found = store.find_token("s", now=NOW + 3)
    assert found is not None
    assert not found.is_valid(NOW + 3)
    assert found.revoked_at == NOW + 1


def test_only_the_day_of_a_token_s_last_use_is_kept(store: Store) -> None:
    store.create_token("s", organisation=BUYER, person="", scopes=[], now=NOW)
    store.find_token("s", now=NOW + 5)
    [token] = store.tokens(BUYER)
    assert token.last_used == NOW // 86_400 * 86_400


def test_each_organisation_s_tokens_are_listed_apart(store: Store) -> None:
    store.create_token("a", organisation=BUYER, person="A", scopes=[], now=NOW)
    store.create_token("b", organisation=OTHER, person="B", scopes=[], now=NOW)
    assert [t.person for t in store.tokens(OTHER)] == ["B"]
    assert [t.person for t in store.tokens()] == ["A", "B"]


# ----------------------------------------------------------------------- verdicts, documents


def test_a_verdict_is_read_again_as_it_was_given(store: Store) -> None:
    store.put_verdict(VERDICT)
    assert store.verdict("v1") == VERDICT
    assert store.verdict("v2") is None


def test_verdicts_are_listed_for_who_asked_newest_first(store: Store) -> None:
    for i in range(3):
        store.put_verdict(replace(VERDICT, id=f"v{i}", asked_at=NOW + i))
    store.put_verdict(replace(VERDICT, id="x", organisation=OTHER))
    assert [v.id for v in store.verdicts(BUYER, limit=2)] == ["v2", "v1"]


def test_a_document_is_noted_once_for_each_who_keeps_it(store: Store) -> None:
    assert store.put_document(DOCUMENT) == DOCUMENT
    second = store.put_document(replace(DOCUMENT, name="other.pdf", stored_at=NOW + 1))
    assert second == DOCUMENT
    theirs = replace(DOCUMENT, organisation=OTHER, stored_at=NOW + 2)
    store.put_document(theirs)
    assert store.documents(DOCUMENT.hash) == [DOCUMENT, theirs]
    assert store.documents(bytes(32)) == []


def test_who_looked_is_listed_newest_first_and_paged(store: Store) -> None:
    for i in range(4):
        store.note_access(Access(NOW + i, BUYER, "Officer", "read", f"doc{i % 2}"))
    first = store.accesses(limit=2)
    assert [a.at for _, a in first] == [NOW + 3, NOW + 2]
    assert [a.at for _, a in store.accesses(before=first[-1][0])] == [NOW + 1, NOW]
    assert [a.at for _, a in store.accesses(subject="doc0")] == [NOW + 2, NOW]


# ----------------------------------------------------------------------------- same requests

ONCE = Once("0xbuyer", "key-1", b"\x05" * 32)
ANSWER = Answer(201, b'{"id":"v1"}')


def test_a_repeated_request_gets_the_first_answer(store: Store) -> None:
    with store.once(ONCE) as earlier:
        assert earlier is None
        store.put_verdict(VERDICT, once=ONCE, answer=ANSWER)
    with store.once(ONCE) as earlier:
        assert earlier == ANSWER


def test_a_key_used_for_another_request_is_an_error(store: Store) -> None:
    with store.once(ONCE):
        store.put_verdict(VERDICT, once=ONCE, answer=ANSWER)
    with pytest.raises(RequestError) as caught, store.once(replace(ONCE, request_hash=bytes(32))):
        raise AssertionError("it must not begin")
    assert (caught.value.code, caught.value.field) == ("idempotency.reused", "Idempotency-Key")


def test_the_same_key_of_another_owner_is_another_key(store: Store) -> None:
    with store.once(ONCE):
        store.put_verdict(VERDICT, once=ONCE, answer=ANSWER)
    with store.once(replace(ONCE, owner="0xother")) as earlier:
        assert earlier is None


def test_a_request_that_is_being_worked_on_turns_its_repetition_away(store: Store) -> None:
    codes = []

    def repeat(once: Once) -> None:
        try:
            with store.once(once):
                codes.append("begun")
        except RequestError as error:
            codes.append(error.code)

    with store.once(ONCE):
        for once in (ONCE, replace(ONCE, request_hash=bytes(32))):
            thread = threading.Thread(target=repeat, args=(once,))
            thread.start()
            thread.join()
    assert codes == ["idempotency.in-progress", "idempotency.reused"]
    with store.once(ONCE) as earlier:
        assert earlier is None


def test_a_request_that_failed_can_be_made_again(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.once(ONCE):
        raise ZeroDivisionError
    with store.once(ONCE) as earlier:
        assert earlier is None


def test_another_process_that_was_quicker_has_the_only_effect(
    store: Store, database: Database
) -> None:
    other = Store(database)

    def ask() -> None:
        with store.once(ONCE):
            other.put_document(DOCUMENT, once=ONCE, answer=ANSWER)
            store.put_document(replace(DOCUMENT, hash=bytes(32)), once=ONCE, answer=ANSWER)

    with pytest.raises(RequestError) as caught:
        ask()
    assert caught.value.code == "idempotency.in-progress"
    assert store.documents(bytes(32)) == []


def test_what_failed_for_another_reason_is_not_taken_for_that(store: Store) -> None:
    store.create_token("s", organisation=BUYER, person="", scopes=[], now=NOW)
    with pytest.raises(IntegrityError), store.once(ONCE):
        store.create_token("s", organisation=BUYER, person="", scopes=[], now=NOW)


def test_a_verdict_that_is_kept_already_stays_as_it_is(store: Store) -> None:
    store.put_verdict(VERDICT)
    store.put_verdict(replace(VERDICT, verdict=b"{}"))
    assert store.verdict("v1") == VERDICT


def test_old_answers_are_forgotten(store: Store, database: Database) -> None:
    later = replace(VERDICT, asked_at=NOW + 10)
    store.put_verdict(replace(VERDICT, asked_at=NOW), once=ONCE, answer=ANSWER)
    store.put_verdict(later, once=replace(ONCE, key="key-2"), answer=ANSWER)
    assert store.forget_answers(NOW + 5) == 1
    with database.read() as session:
        assert [r.key for r in session.execute(select(ANSWERS))] == ["key-2"]
