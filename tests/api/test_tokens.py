"""Tokens: made by operators, told once, kept as hashes, refused when they should be."""

import time

import pytest

from api.access import SCOPES_OF, CallerRole, Scope
from api.tokens.service import issue
from ledger.errors import RequestError
from ledger.index.secrets import secret_hash
from tests.support.service import Service, identity, office

SEARCH = "/v1/suppliers"


def test_without_a_token_the_scheme_to_use_is_named(service: Service) -> None:
    refused = service.get(SEARCH)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert refused.json()["code"] == "token.missing"


@pytest.mark.parametrize(
    "secret",
    ["nonsense", "suyuan_", "suyuan_" + "A" * 43, "suyuan_" + "A" * 42 + "é", "x" * 5000],
)
def test_a_token_that_nobody_made_is_refused(service: Service, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}".encode("latin-1")}
    refused = service.client.get(SEARCH, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "token.invalid")


def test_a_token_in_another_scheme_or_in_the_address_is_no_token(service: Service) -> None:
    secret = service.tokens[CallerRole.PROCUREMENT]
    basic = service.client.get(SEARCH, headers={"Authorization": f"Basic {secret}"})
    assert basic.status_code == 401
    assert service.get(f"{SEARCH}?token={secret}").status_code in (401, 422)


def test_a_token_that_expired_is_refused(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = service.token(CallerRole.PROCUREMENT, lifetime=60)
    assert service.get(SEARCH, secret).status_code == 200
    monkeypatch.setattr(service.workspace, "clock", lambda: time.time() + 61)
    assert service.get(SEARCH, secret).json()["code"] == "token.invalid"


def test_an_operator_makes_a_token_and_it_works_until_it_is_revoked(service: Service) -> None:
    made = service.post(
        "/v1/tokens",
        CallerRole.OPERATOR,
        json={"organisation": identity("district"), "person": "Li Wei", "role": "procurement"},
    )
    assert made.status_code == 201, made.text
    told = made.json()
    assert set(told["scopes"]) == SCOPES_OF[CallerRole.PROCUREMENT]
    assert service.get(SEARCH, told["secret"]).status_code == 200
    listed = service.get("/v1/tokens", CallerRole.OPERATOR).json()["tokens"]
    mine = next(t for t in listed if t["id"] == told["id"])
    assert "secret" not in mine
    assert mine["person"] == "Li Wei"
    revoked = service.ask("DELETE", f"/v1/tokens/{told['id']}", CallerRole.OPERATOR)
    assert revoked.status_code == 204
    assert service.get(SEARCH, told["secret"]).json()["code"] == "token.invalid"
    again = service.ask("DELETE", f"/v1/tokens/{told['id']}", CallerRole.OPERATOR)
    assert again.status_code == 404


def test_a_secret_is_kept_nowhere_but_as_its_hash(service: Service) -> None:
    secret = service.token(CallerRole.PROCUREMENT)
    # What was written may still be in the journal beside the database.
    kept = b"".join(p.read_bytes() for p in service.workspace.data.glob("service.sqlite*"))
    assert secret.encode() not in kept
    assert secret_hash(secret) in kept


def test_a_token_cannot_get_scopes_beyond_its_role(service: Service) -> None:
    refused = service.post(
        "/v1/tokens",
        CallerRole.OPERATOR,
        json={
            "organisation": identity("district"),
            "person": "Li Wei",
            "role": "procurement",
            "scopes": ["tokens:admin"],
        },
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "scopes")


def test_a_token_is_for_an_organisation_of_the_ledger(service: Service) -> None:
    refused = service.post(
        "/v1/tokens",
        CallerRole.OPERATOR,
        json={"organisation": "0x" + "00" * 20, "person": "x", "role": "auditor"},
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "organisation")


@pytest.mark.parametrize(
    ("role", "organisation"),
    [
        ("auditor", "district"),
        ("procurement", "qingluan"),
        ("supplier", "regulator"),
        ("issuer", "audit-office"),
        ("auditor", "authority"),
    ],
)
def test_a_role_is_only_for_organisations_that_have_it_on_the_ledger(
    service: Service, role: str, organisation: str
) -> None:
    body = {"organisation": identity(organisation), "person": "x", "role": role}
    refused = service.post("/v1/tokens", CallerRole.OPERATOR, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "token.role")
    assert refused.json()["field"] == "role"


@pytest.mark.parametrize("person", ["", " ", "a\x00b", "a\nb", "a\x9bb", "x" * 121])
def test_a_person_has_a_name_without_control_characters(service: Service, person: str) -> None:
    body = {"organisation": identity("district"), "person": person, "role": "procurement"}
    refused = service.post("/v1/tokens", CallerRole.OPERATOR, json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, "person")
    with pytest.raises(RequestError) as direct:
        issue(service.workspace, office("district").id, person, CallerRole.PROCUREMENT,
              now=time.time(), lifetime=60)  # fmt: skip
    assert direct.value.field == "person"


def test_a_token_does_only_what_its_scopes_say(service: Service) -> None:
    reader = service.token(CallerRole.PROCUREMENT, scopes={Scope.SUPPLIERS_READ})
    assert service.get(SEARCH, reader).status_code == 200
    refused = service.post("/v1/verdicts", reader, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "token.scope")
    assert refused.json()["values"] == {"scope": "verdicts:write", "role": "procurement"}


def test_making_and_revoking_tokens_is_in_the_access_log(service: Service) -> None:
    made = service.post(
        "/v1/tokens",
        CallerRole.OPERATOR,
        json={"organisation": identity("audit-office"), "person": "Wang", "role": "auditor"},
    ).json()
    service.ask("DELETE", f"/v1/tokens/{made['id']}", CallerRole.OPERATOR)
    log = service.get(f"/v1/accesses?subject={made['id']}", CallerRole.AUDITOR).json()["accesses"]
    assert [a["action"] for a in log] == ["token.revoke", "token.create"]
    assert {a["organisation"] for a in log} == {identity("authority")}
