"""Every page and every form, asked for by everybody there is (R27): one table says who may.

The rows are checked against the app's own routes, so that a page without a row fails; and each
form is sent from elsewhere, and without what only our own pages know.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from fastapi.routing import APIRoute
from httpx import Response

from api.access import CallerRole
from api.pages import endpoints, session
from api.staff.guesses import Guesses
from api.tokens.service import issue
from ledger.demo import MASK, MASK_LOT
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import Service, identity, office

#: Everybody: the role and the office, and nobody. What the table asks for is Qingluan's, and what
#: the district's buyer asked; the second of each kind is a stranger to it.
EVERYBODY: Final[dict[str, tuple[CallerRole | None, str]]] = {
    "nobody": (None, ""),
    "buyer": (CallerRole.PROCUREMENT, "district"),
    "other-buyer": (CallerRole.PROCUREMENT, "neighbour"),
    "auditor": (CallerRole.AUDITOR, ""),
    "operator": (CallerRole.OPERATOR, ""),
    "supplier": (CallerRole.SUPPLIER, "qingluan"),
    "other-supplier": (CallerRole.SUPPLIER, "baize"),
    "issuer": (CallerRole.ISSUER, "regulator"),
}
NOBODY: Final = frozenset({"nobody"})
EVERYBODY_AT_ALL: Final = frozenset(EVERYBODY)
ALL: Final = EVERYBODY_AT_ALL - NOBODY
JUDGES: Final = frozenset({"buyer", "other-buyer", "auditor", "issuer"})
READERS: Final = ALL - {"operator"}
BUYERS: Final = frozenset({"buyer", "other-buyer"})
ASKERS: Final = BUYERS | {"auditor"}
AUDITOR: Final = frozenset({"auditor"})
OPERATOR: Final = frozenset({"operator"})

UNKNOWN: Final = "0x" + "5a" * 32


@dataclass(frozen=True, slots=True)
class Row:
    """``may``: who has the permission; of the others nobody is sent to sign in, and those who are
    signed in are refused (403). ``sees``: for whom of these the thing exists (404 for the others).
    ``found`` are the answers to all who are left."""

    may: frozenset[str] = READERS
    sees: frozenset[str] = EVERYBODY_AT_ALL
    found: tuple[int, ...] = (200,)


_PUBLIC: Final = Row(EVERYBODY_AT_ALL)
_OWN_OR_JUDGED: Final = Row(sees=JUDGES | {"supplier"})
_OWN_VERDICT: Final = Row(ASKERS, frozenset({"buyer", "auditor"}))
#: Named by a number or hash that nothing has: whoever may ask learns that there is nothing.
_NOTHING: Final = Row(found=(404,))
#: Sent without its fields: it comes back to be mended, or names nothing.
_EMPTY: Final = Row(found=(404, 422))
_OPERATOR: Final = Row(OPERATOR)
_DONE: Final = Row(OPERATOR, found=(303,))
_AUDITOR: Final = Row(AUDITOR)
_AUDITOR_EMPTY: Final = Row(AUDITOR, found=(404, 422))

TABLE: Final[dict[str, Row]] = {
    "GET /": Row(ALL),
    "GET /suppliers/{id}": _OWN_OR_JUDGED,
    "GET /suppliers/{id}/qualifications": _OWN_OR_JUDGED,
    "GET /suppliers/{id}/batches": _OWN_OR_JUDGED,
    "GET /suppliers/{id}/ask": Row(found=(303,)),
    "GET /suppliers/{id}/evidence": _EMPTY,
    "POST /suppliers/{id}/links": _EMPTY,
    "POST /suppliers/{id}/replies": _EMPTY,
    "POST /suppliers/{id}/closings": _EMPTY,
    "GET /verdicts/new": Row(ASKERS, found=(404, 422)),
    "POST /verdicts/new": Row(ASKERS, found=(404, 422)),
    "GET /verdicts/{id}": _OWN_VERDICT,
    "GET /verdicts/{id}/now": _OWN_VERDICT,
    "GET /verdicts/{id}/pdf": _OWN_VERDICT,
    "GET /verdicts/{id}/qr.svg": _OWN_VERDICT,
    "GET /verdicts/{id}/evidence": _OWN_VERDICT,
    "GET /batches/{id}": _OWN_OR_JUDGED,
    # Whole histories of goods are for who judges them: to parties it is refused, not denied.
    "GET /batches/{id}/evidence": Row(
        frozenset({"auditor", "issuer", "other-supplier"}), frozenset({"auditor", "issuer"})
    ),
    "GET /entries/{sequence}": _OWN_OR_JUDGED,
    "GET /entries/{sequence}/evidence": _OWN_OR_JUDGED,
    "GET /documents/{hash}": Row(sees=frozenset({"auditor", "supplier"})),
    "GET /documents/{hash}/view": Row(sees=frozenset({"auditor", "supplier"})),
    "GET /qualifications/{id}": _OWN_OR_JUDGED,
    "GET /qualifications/{id}/evidence": _OWN_OR_JUDGED,
    "GET /qualifications/new": Row(),
    "POST /qualifications/new": _EMPTY,
    "GET /reviews": Row(),
    "GET /reviews/{id}": _NOTHING,
    "POST /reviews/{id}": _NOTHING,
    "GET /recalls": Row(),
    "GET /recalls/new": Row(),
    "POST /recalls": _EMPTY,
    "GET /recalls/holds/{entry}": _NOTHING,
    "POST /recalls/holds/{entry}/release": _NOTHING,
    "GET /recalls/{campaign}": _NOTHING,
    "POST /recalls/{campaign}/acknowledge": _NOTHING,
    "POST /recalls/{campaign}/release": _NOTHING,
    "POST /signing/entries": _EMPTY,
    "POST /signing/account": _EMPTY,
    "POST /signing/file": _EMPTY,
    "GET /signing/outcome": _EMPTY,
    "GET /verify": Row(),
    "POST /verify": _EMPTY,
    "GET /audit": _AUDITOR,
    "GET /audit/compare": _AUDITOR,
    "GET /audit/checkpoints": _AUDITOR,
    "GET /audit/consistency": _AUDITOR_EMPTY,
    "GET /audit/checkpoints/{block}/file": Row(AUDITOR, found=(200, 404)),
    "GET /audit/runs": _AUDITOR,
    "POST /audit/runs": Row(AUDITOR, found=(200, 303)),
    "GET /audit/runs/{number}": _AUDITOR_EMPTY,
    "GET /audit/alarms": _AUDITOR,
    "GET /audit/accounts": _AUDITOR_EMPTY,
    "GET /audit/accounts/{address}": _AUDITOR_EMPTY,
    "GET /audit/evidence": _AUDITOR,
    "GET /audit/evidence/file": _AUDITOR_EMPTY,
    "GET /accesses": _AUDITOR,
    "GET /account": Row(ALL),
    "POST /account/password": Row(ALL, found=(422,)),
    "POST /account/sessions/end": Row(ALL, found=(303,)),
    "GET /staff": _OPERATOR,
    "POST /staff": Row(OPERATOR, found=(422,)),
    "GET /staff/{number}": _OPERATOR,
    "POST /staff/{number}/invitation": _DONE,
    "POST /staff/{number}/role": Row(OPERATOR, found=(422,)),
    "GET /staff/{number}/link": Row(OPERATOR, found=(200, 303)),
    "GET /staff/{number}/disable": _OPERATOR,
    "POST /staff/{number}/disable": _DONE,
    "GET /staff/tokens": _OPERATOR,
    "POST /staff/tokens": Row(OPERATOR, found=(422,)),
    "GET /staff/tokens/{number}/revoke": _OPERATOR,
    "POST /staff/tokens/{number}/revoke": _DONE,
    # Open to everybody.
    "GET /evidence": _PUBLIC,
    "GET /guides": _PUBLIC,
    "GET /guides/{name}": _PUBLIC,
    "GET /static/{name:path}": _PUBLIC,
    "GET /sign-in": _PUBLIC,
    "POST /sign-in": Row(EVERYBODY_AT_ALL, found=(401, 429)),
    "POST /sign-in/with": Row(EVERYBODY_AT_ALL, found=(404,)),
    "GET /sign-in/return/{provider}": Row(EVERYBODY_AT_ALL, found=(403,)),
    "GET /invitation": Row(EVERYBODY_AT_ALL, found=(404,)),
    "POST /invitation": Row(EVERYBODY_AT_ALL, found=(404,)),
    "POST /invitation/with": Row(EVERYBODY_AT_ALL, found=(404,)),
    "POST /sign-out": Row(EVERYBODY_AT_ALL, found=(303,)),
}


def routes() -> Iterator[APIRoute]:
    """Every page and form of the app."""

    for family in endpoints.ROUTES:
        for route in family.routes:
            assert isinstance(route, APIRoute)
            yield route


@pytest.fixture(scope="module")
def things(service: Service) -> dict[str, str]:
    """What stands in the paths: Qingluan's, and the district's."""
    question = {
        "organisation": identity("qingluan"), "category": MASK, "model": "QL-100",
        "quantity": 1, "unit": "H87", "deliver_on": "2027-06-01",
    }  # fmt: skip
    verdict = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=question).json()["id"]
    held = service.get(
        f"/v1/suppliers/{identity('qingluan')}/qualifications", CallerRole.AUDITOR
    ).json()["qualifications"]
    stored = service.post(
        "/v1/documents?visibility=private",
        service.token(CallerRole.SUPPLIER, "qingluan"),
        content=b"%PDF-1.7 of Qingluan alone",
        headers={"Content-Type": "application/pdf", "Idempotency-Key": "matrix-of-pages"},
    )
    staff = service.app.state.context.staff
    role = CallerRole.PROCUREMENT
    account = staff.create(office("district").id, "x", role, "matrix", None).account
    token = issue(service.workspace, office("district").id, "x", role, now=time.time(), lifetime=60)
    return {
        "/suppliers/{id}": "/suppliers/" + identity("qingluan"),
        "/verdicts/{id}": "/verdicts/" + verdict,
        "/batches/{id}": "/batches/0x" + MASK_LOT.id.hex(),
        "/qualifications/{id}": "/qualifications/" + held[0]["id"],
        "/documents/{hash}": "/documents/" + stored.json()["hash"],
        "/entries/{sequence}": f"/entries/{held[0]['sequence']}",
        "/guides/{name}": "/guides/officer",
        "/staff/tokens/{number}": f"/staff/tokens/{token.id}",
        "/staff/{number}": f"/staff/{account.id}",
        "{name:path}": "style.css",
        # Nothing has these.
        "{id}": UNKNOWN,
        "{campaign}": UNKNOWN,
        "{entry}": "1",
        "{number}": "2000000000",
        "{block}": "2000000000",
        "{address}": "0x" + "12" * 20,
    }


def path_of(route: str, things: dict[str, str]) -> str:
    for part, value in things.items():
        route = route.replace(part, value)
    return route


def named(route: APIRoute) -> Iterator[tuple[str, str, str]]:
    for method in sorted(route.methods or ()):
        yield f"{method} {route.path}", method, route.path


EVERY: Final = [one for route in routes() for one in named(route)]


def test_every_page_and_form_has_a_row_and_every_row_a_page() -> None:
    assert {name for name, _, _ in EVERY} == TABLE.keys()


def ask(reader: Visitor, method: str, path: str, **fields: str) -> Response:
    if method == "GET":
        return reader.get(path)
    own = {"Sec-Fetch-Site": "same-origin"}
    sent = {session.FORM_FIELD: reader.token(), **fields}
    answer: Response = reader.client.post(path, data=sent, headers=own)
    return answer


def test_everybody_is_answered_as_the_table_says(
    visitor: Reader, service: Service, things: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {name: visitor(role, "en", office=key) for name, (role, key) in EVERYBODY.items()}
    monkeypatch.setattr(service.app.state.context.staff, "_guesses", Guesses())
    wrong = []
    # Signing out comes last, or they all were nobody from then on.
    for name, method, route in sorted(EVERY, key=lambda one: one[2] == "/sign-out"):
        row, path = TABLE[name], path_of(route, things)
        for who, reader in people.items():
            answer = ask(reader, method, path)
            away = answer.headers.get("location", "").startswith("/sign-in?next=")
            if who not in row.may:
                fits = away if who == "nobody" else answer.status_code == 403
            elif who not in row.sees:
                fits = answer.status_code == 404
            else:
                fits = answer.status_code in row.found and not away
            if not fits:
                wrong.append(f"{name}: {who} got {answer.status_code}")
    assert not wrong, "\n".join(wrong)


#: Forms with files are sent in another way.
UPLOADS: Final = frozenset({"POST /recalls", "POST /qualifications/new", "POST /verify"})
FORMS: Final = [(name, route) for name, method, route in EVERY if method == "POST"]


@pytest.mark.parametrize(("name", "route"), FORMS, ids=[name for name, _ in FORMS])
def test_no_form_is_taken_that_our_own_page_did_not_send(
    visitor: Reader, things: dict[str, str], name: str, route: str
) -> None:
    row = TABLE[name]
    who = next(iter(sorted(row.may - NOBODY)))
    role, key = EVERYBODY[who]
    reader, other = visitor(role, "en", office=key), visitor(CallerRole.AUDITOR)
    path = path_of(route, things)
    for sent, headers in (
        ({}, {}),
        ({session.FORM_FIELD: "00" * 64}, {}),
        ({session.FORM_FIELD: other.token()}, {}),
        ({session.FORM_FIELD: reader.token()}, {"Sec-Fetch-Site": "cross-site"}),
        ({session.FORM_FIELD: reader.token()}, {"Sec-Fetch-Site": "same-site"}),
    ):
        files = {"file": ("a.txt", b"a file")} if name in UPLOADS else None
        answer = reader.client.post(path, data=sent, headers=headers, files=files)
        assert answer.status_code == 403, (sent, headers)
    assert reader.get("/account").status_code == 200, "nothing happened, not even signing out"


def test_no_page_is_kept_by_the_browser_and_none_is_shown_after_signing_out(
    visitor: Reader, things: dict[str, str]
) -> None:
    reader = visitor(CallerRole.AUDITOR)
    kept = [path_of(p, things) for name, m, p in EVERY if m == "GET" and "/static/" not in name]
    for path in kept:
        assert "no-store" in reader.get(path).headers["cache-control"], path
    gone = reader.send("/sign-out", reader.get("/account"))
    assert gone.headers["clear-site-data"] == '"cache"'
    assert gone.headers["cache-control"] == "no-store"
    for name, method, route in EVERY:
        if method == "GET" and "nobody" not in TABLE[name].may:
            path = path_of(route, things)
            assert reader.get(path).headers.get("location", "").startswith("/sign-in"), path
