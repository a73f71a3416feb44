"""Staff accounts, links and sessions are kept the same on both kinds of database."""

import pytest
from sqlalchemy import select

from ledger.index.database import Database
from ledger.index.secrets import secret_hash
from ledger.index.service_tables import INVITATIONS, SESSIONS
from ledger.index.staff import MOST_BROWSERS, StaffBook, StaffSession
from ledger.index.store import Access, Store

NOW = 1_700_000_000
OFFICE, OTHER = b"\x01" * 20, b"\x02" * 20


@pytest.fixture
def book(database: Database) -> StaffBook:
    return Store(database).staff


def add(book: StaffBook, login: str = "li.wei", office: bytes = OFFICE) -> int:
    made = book.add(login, office, "李薇", "procurement", NOW)
    assert made is not None
    return made.id


def state(book: StaffBook, id_: int) -> str:
    found = book.account(id_)
    assert found is not None
    return found.state


def test_a_login_name_is_somebody_s_alone(book: StaffBook) -> None:
    add(book)
    assert book.add("li.wei", OTHER, "another", "auditor", NOW) is None


def test_an_account_is_invited_then_active_then_disabled_then_invited(book: StaffBook) -> None:
    id_ = add(book)
    book.invite(id_, "s1", NOW, NOW + 10)
    assert state(book, id_) == "invited"
    assert book.accept_with_password(secret_hash("s1"), "hash", NOW + 1) == id_
    assert state(book, id_) == "active"
    assert book.disable(id_, NOW + 2)
    assert not book.disable(id_, NOW + 3)
    assert state(book, id_) == "disabled"
    book.invite(id_, "s2", NOW + 4, NOW + 14)
    assert state(book, id_) == "invited", "no old password opens it"


def test_a_link_is_good_once_until_it_expires_or_another_is_made(book: StaffBook) -> None:
    id_ = add(book)

    def said(secret: str, now: int) -> str:
        found = book.invitation(secret)
        assert found is not None
        return found[0].state(now)

    book.invite(id_, "first", NOW, NOW + 10)
    assert (said("first", NOW + 9), said("first", NOW + 10)) == ("open", "expired")
    assert book.accept_with_password(secret_hash("first"), "h", NOW + 10) is None
    book.invite(id_, "second", NOW, NOW + 10)
    assert said("first", NOW) == "replaced"
    assert book.accept_with_password(secret_hash("first"), "h", NOW) is None
    assert book.accept_with_password(secret_hash("second"), "h", NOW) == id_
    assert book.accept_with_password(secret_hash("second"), "h", NOW) is None
    assert said("second", NOW) == "used"
    assert book.invitation("never") is None


def test_an_identity_is_one_account_s(book: StaffBook) -> None:
    first, second = add(book), add(book, "wang")
    book.invite(first, "a", NOW, NOW + 10)
    book.invite(second, "b", NOW, NOW + 10)
    assert book.accept_with_identity(secret_hash("a"), "https://i", "sub", NOW) == first
    assert book.accept_with_identity(secret_hash("b"), "https://i", "sub", NOW) is None
    found = book.invitation("b")
    assert found is not None
    assert found[0].state(NOW) == "open", "nothing was used up"
    assert book.accept_with_identity(secret_hash("b"), "https://other", "sub", NOW) == second
    account = book.by_identity("https://i", "sub")
    assert account is not None
    assert account.id == first


def opened(
    book: StaffBook, id_: int, secret: str, now: int, until: int, browser: str, earlier: str = ""
) -> StaffSession:
    """A session of the account as it is now."""
    account = book.account(id_)
    assert account is not None
    found = book.open_session(account, secret, now, until, browser, earlier)
    assert found is not None
    return found


def test_of_secrets_only_the_hash_is_kept(book: StaffBook, database: Database) -> None:
    id_ = add(book)
    book.invite(id_, "the link", NOW, NOW + 10)
    opened(book, id_, "the cookie", NOW, NOW + 10, "Firefox")
    with database.read() as session:
        kept = [*session.execute(select(INVITATIONS)), *session.execute(select(SESSIONS))]
    assert "the link" not in repr(kept)
    assert "the cookie" not in repr(kept)


@pytest.mark.parametrize("how", ["disable", "password", "invitation"])
def test_what_changes_how_somebody_comes_in_ends_every_session(book: StaffBook, how: str) -> None:
    id_, other = add(book), add(book, "wang")
    book.invite(id_, "a", NOW, NOW + 100)
    book.accept_with_password(secret_hash("a"), "h", NOW)
    for who, secret in ((id_, "one"), (id_, "two"), (other, "theirs")):
        opened(book, who, secret, NOW, NOW + 100, "")
    book.know_browser(id_, "known", NOW)
    if how == "disable":
        book.disable(id_, NOW)
    elif how == "password":
        assert book.set_password(id_, "h", "another")
    else:
        book.invite(id_, "b", NOW, NOW + 100)
        assert len(book.sessions(id_)) == 2, "a link that is not used changes nothing"
        book.accept_with_password(secret_hash("b"), "h2", NOW)
    assert book.sessions(id_) == []
    assert not book.knows_browser(id_, "known")
    assert len(book.sessions(other)) == 1


@pytest.mark.parametrize("how", ["disable", "password", "link", "identity"])
def test_nobody_comes_in_by_what_was_right_when_it_was_looked_at(book: StaffBook, how: str) -> None:
    id_ = add(book)
    book.invite(id_, "a", NOW, NOW + 100)
    book.accept_with_password(secret_hash("a"), "h", NOW)
    matched = book.account(id_)
    assert matched is not None
    if how == "disable":
        book.disable(id_, NOW)
    elif how == "password":
        book.set_password(id_, "h", "another")
    else:
        book.invite(id_, "b", NOW, NOW + 100)
        if how == "link":
            book.accept_with_password(secret_hash("b"), "h2", NOW)
        else:
            book.accept_with_identity(secret_hash("b"), "https://i", "sub", NOW)
    assert book.open_session(matched, "late", NOW, NOW + 100, "") is None
    assert book.session("late") is None
    found = book.account(id_)
    assert found is not None
    assert found.signed_in_at is None


def test_an_identity_that_was_bound_anew_does_not_come_in_as_the_one_before(
    book: StaffBook,
) -> None:
    id_ = add(book)
    for link, subject in (("a", "first"), ("b", "second")):
        book.invite(id_, link, NOW, NOW + 100)
        book.accept_with_identity(secret_hash(link), "https://i", subject, NOW)
        if link == "a":
            first = book.account(id_)
    assert first is not None
    assert book.open_session(first, "late", NOW, NOW + 100, "") is None


def test_signing_in_again_ends_the_session_that_the_browser_had(book: StaffBook) -> None:
    mine, other = add(book), add(book, "wang")
    opened(book, mine, "before", NOW, NOW + 100, "")
    opened(book, mine, "elsewhere", NOW, NOW + 100, "")
    opened(book, other, "now", NOW + 1, NOW + 100, "", "before")
    assert book.session("before") is None
    assert book.session("elsewhere") is not None


def test_a_session_is_ended_by_its_own_account_only(book: StaffBook) -> None:
    mine, other = add(book), add(book, "wang")
    session = opened(book, mine, "s", NOW, NOW + 100, "")
    assert not book.end_session(session.id, other)
    assert book.end_session(session.id, mine)
    assert not book.end_session(session.id, mine)


def test_sessions_and_browsers_of_an_account_are_bounded(book: StaffBook) -> None:
    id_ = add(book)
    for n in range(MOST_BROWSERS + 5):
        opened(book, id_, f"s{n}", NOW, NOW + 100, str(n))
        book.know_browser(id_, f"b{n}", NOW)
    assert [s.browser for s in book.sessions(id_)] == [str(n) for n in range(24, 4, -1)]
    assert not book.knows_browser(id_, "b4")
    assert book.knows_browser(id_, "b5")


def test_expired_sessions_are_cleared_away(book: StaffBook, database: Database) -> None:
    id_ = add(book)
    opened(book, id_, "old", NOW, NOW + 10, "")
    opened(book, id_, "new", NOW + 10, NOW + 20, "")
    with database.read() as session:
        assert len(session.execute(select(SESSIONS)).all()) == 1


def test_a_hash_by_newer_parameters_does_not_undo_a_change(book: StaffBook) -> None:
    id_ = add(book)
    book.invite(id_, "a", NOW, NOW + 100)
    book.accept_with_password(secret_hash("a"), "old", NOW)
    assert book.set_password(id_, "old", "changed meanwhile")
    assert not book.rehash(id_, "old", "old, newly hashed")
    assert not book.set_password(id_, "old", "by the old password")
    found = book.account(id_)
    assert found is not None
    assert found.password_hash == "changed meanwhile"


def test_accounts_are_found_by_a_part_of_a_name_and_in_pages(book: StaffBook) -> None:
    ids = [add(book, f"user{n}") for n in range(5)]
    other = add(book, "zhang", OTHER)
    assert [a.id for a in book.accounts(limit=2, after=ids[1])] == ids[2:4]
    assert [a.id for a in book.accounts(text="ZHANG")] == [other]
    assert [a.id for a in book.accounts(text="%")] == []
    assert [a.id for a in book.accounts(OTHER)] == [other]


def test_failures_alike_are_one_row_an_hour(database: Database) -> None:
    store = Store(database)
    failed = Access(NOW, OFFICE, "李薇", "sign-in.failed", "staff-1")
    for seconds in (0, 10, 3599, 3700):
        store.note_repeated(Access(NOW + seconds, *_rest(failed)), 3600)
    assert [(a.at - NOW, a.times) for _, a in store.accesses()] == [(3700, 1), (0, 3)]


def _rest(access: Access) -> tuple[bytes, str, str, str]:
    return access.organisation, access.person, access.action, access.subject


def test_the_access_log_is_asked_by_whom_what_and_when(database: Database) -> None:
    store = Store(database)
    for n, (office, person, action) in enumerate(
        [(OFFICE, "李薇", "sign-in"), (OTHER, "Wang_Fang", "sign-in"), (OFFICE, "李薇", "sign-out")]
    ):
        store.note_access(Access(NOW + n, office, person, action, "x"))

    def found(**wanted: object) -> list[int]:
        return [a.at - NOW for _, a in store.accesses(**wanted)]  # type: ignore[arg-type]

    assert found() == [2, 1, 0]
    assert found(organisation=OFFICE) == [2, 0]
    assert found(person="李") == [2, 0]
    assert found(person="_") == [1], "no wildcard"
    assert found(action="sign-in") == [1, 0]
    assert found(at=(NOW + 1, NOW + 2)) == [1]
    assert store.access_actions() == ["sign-in", "sign-out"]
