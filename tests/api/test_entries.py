"""Signed entries over HTTP: taken in once, followed to the end, refused with a reason."""

import secrets
import time
from typing import Any

import pytest

from api.access import CallerRole
from api.client import SuyuanClient
from ledger.typed_data import Domain, Entry, SignedEntry, Value
from tests.support.ledger import key
from tests.support.service import CHAIN_ID, Service, identity, office

PATH = "/v1/entries"
ISSUER = CallerRole.ISSUER
NOTHING = bytes(32)


def fresh() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def signed(
    service: Service,
    action: str,
    who: str,
    *,
    domain: Domain | None = None,
    deadline: int = 3600,
    **fields: Value,
) -> SignedEntry:
    """An entry of somebody of the world, stamped now."""
    now = int(time.time())
    stamp = {"nonce": secrets.randbelow(1 << 40) + (1 << 62), "happenedAt": now}
    entry = Entry.of(action, **{**stamp, "deadline": now + deadline, **fields})
    where = domain or service.workspace.deployment.domain(entry.action.contract)
    return SignedEntry(entry, (key(who).sign_digest(entry.digest(where)),))


def capacity(service: Service, per_day: int = 60_000, **options: Any) -> SignedEntry:
    return signed(
        service,
        "StateCapacity",
        "qingluan",
        organisation=office("qingluan").id,
        publication=NOTHING,
        document=NOTHING,
        perDay=per_day,
        category="mask.surgical",
        model="",
        unit="H87",
        **options,
    )


def settled(service: Service, href: str, caller: CallerRole | str) -> dict[str, Any]:
    for _ in range(200):
        told: dict[str, Any] = service.get(href, caller).json()
        if told["state"] in ("final", "refused"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_signed_entry_is_accepted_and_becomes_a_leaf(service: Service) -> None:
    entry = capacity(service)
    accepted = service.post(PATH, CallerRole.SUPPLIER, json=entry.to_json(), headers=fresh())
    assert accepted.status_code == 202, accepted.text
    [told] = accepted.json()["entries"]
    final = settled(service, told["href"], CallerRole.SUPPLIER)
    assert final["state"] == "final"
    recorded = final["recorded"]
    assert recorded["message"] == entry.entry.to_json()["message"]
    assert recorded["author"] == identity("qingluan")
    by_number = service.get(f"{PATH}/{final['sequence']}", CallerRole.SUPPLIER)
    assert by_number.json()["digest"] == told["digest"]
    after = service.get(f"/v1/suppliers?min_position={final['sequence'] + 1}", ISSUER)
    assert after.status_code == 200


def test_every_kind_of_entry_is_read_as_it_was_signed(service: Service) -> None:
    """One of each action of the world, those with lists among them."""
    index = service.workspace.index
    kinds = {e.action: e for e in index.entries(0, index.position().size)}
    assert {"Commission", "Transform", "Aggregate", "Recall", "SetIngredient"} <= set(kinds)
    for entry in kinds.values():
        answer = service.get(f"{PATH}/0x{entry.digest.hex()}", CallerRole.AUDITOR)
        assert answer.status_code == 200, (entry.action, answer.text)
        assert answer.json()["recorded"]["message"] == entry.entry.to_json()["message"]


def test_one_request_sent_twice_has_the_effect_of_one(service: Service) -> None:
    entry, headers = capacity(service, 60_001), fresh()
    first = service.post(PATH, CallerRole.SUPPLIER, json=entry.to_json(), headers=headers)
    again = service.post(PATH, CallerRole.SUPPLIER, json=entry.to_json(), headers=headers)
    assert (again.status_code, again.content) == (202, first.content)
    other = capacity(service, 60_002)
    reused = service.post(PATH, CallerRole.SUPPLIER, json=other.to_json(), headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency.reused")


def test_without_an_idempotency_key_nothing_is_accepted(service: Service) -> None:
    entry = capacity(service, 60_003)
    refused = service.post(PATH, CallerRole.SUPPLIER, json=entry.to_json(), headers={})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency.missing")
    digest = entry.entry.digest(service.workspace.deployment.domain("QualificationRegistry"))
    assert service.get(f"{PATH}/0x{digest.hex()}", ISSUER).status_code == 404


def test_an_entry_by_the_wrong_role_is_refused_by_the_ledger_with_its_reason(
    service: Service,
) -> None:
    wrong = signed(
        service,
        "IssueQualification",
        "qingluan",
        holder=office("qingluan").id,
        validFrom=1,
        validUntil=2**40 - 1,
        document=NOTHING,
        category="mask.surgical",
        model="",
        kind="cn-production-licence",
        number="self-made",
    )
    accepted = service.post(PATH, CallerRole.SUPPLIER, json=wrong.to_json(), headers=fresh())
    told = settled(service, accepted.json()["entries"][0]["href"], CallerRole.SUPPLIER)
    assert (told["state"], told["recorded"]) == ("refused", None)
    assert told["refusal"]["detail"]["en"]
    assert told["refusal"]["detail"]["zh"]
    assert told["final_after"] == wrong.entry.values["deadline"]


def test_an_altered_entry_is_turned_away_at_the_door(service: Service) -> None:
    told = capacity(service, 60_004).to_json()
    told["message"]["perDay"] = "9999999"
    refused = service.post(PATH, CallerRole.SUPPLIER, json=told, headers=fresh())
    assert (refused.status_code, refused.json()["code"]) == (422, "entry.signer-unknown")
    assert refused.json()["field"] == "entries[0].signatures"


def test_an_entry_signed_for_another_chain_is_turned_away_at_the_door(service: Service) -> None:
    ours = service.workspace.deployment.domain("QualificationRegistry")
    foreign = capacity(service, domain=Domain(ours.contract, CHAIN_ID + 1, ours.address))
    refused = service.post(PATH, CallerRole.SUPPLIER, json=foreign.to_json(), headers=fresh())
    assert refused.json()["code"] == "entry.signer-unknown"


def _registration(service: Service, account: str) -> SignedEntry:
    return signed(
        service,
        "AddAccount",
        "authority",
        organisation=office("qingluan").id,
        account=key(account).address,
        roles=int(office("qingluan").roles),
        person=NOTHING,
    )


def test_an_account_may_sign_while_its_registration_is_on_the_way(service: Service) -> None:
    registration = _registration(service, "new at once")
    entry = capacity(service, 60_010).entry
    where = service.workspace.deployment.domain(entry.action.contract)
    first = SignedEntry(entry, (key("new at once").sign_digest(entry.digest(where)),))
    body = [registration.to_json(), first.to_json()]
    together = service.post(PATH, ISSUER, json=body, headers=fresh())
    assert together.status_code == 202, together.text
    for told in together.json()["entries"]:
        assert settled(service, told["href"], CallerRole.AUDITOR)["state"] == "final"


def test_an_account_may_sign_while_its_registration_is_queued(service: Service) -> None:
    entry = capacity(service, 60_011).entry
    where = service.workspace.deployment.domain(entry.action.contract)
    first = SignedEntry(entry, (key("new and queued").sign_digest(entry.digest(where)),))
    too_early = service.post(PATH, CallerRole.SUPPLIER, json=first.to_json(), headers=fresh())
    assert too_early.json()["code"] == "entry.signer-unknown"
    service.workspace.stop()
    try:
        for told in (_registration(service, "new and queued"), first):
            accepted = service.post(PATH, ISSUER, json=told.to_json(), headers=fresh())
            assert accepted.status_code == 202, accepted.text
    finally:
        service.workspace.start()
    href = accepted.json()["entries"][0]["href"]
    assert settled(service, href, ISSUER)["state"] == "final"


def test_who_handed_an_entry_in_follows_it_though_others_signed_it(service: Service) -> None:
    baize = service.token(CallerRole.SUPPLIER, "baize")
    wrong = signed(service, "RemoveAccount", "qingluan", account=key("buyer").address, reason="x")
    accepted = service.post(PATH, baize, json=wrong.to_json(), headers=fresh())
    told = settled(service, accepted.json()["entries"][0]["href"], baize)
    assert told["state"] == "refused"
    assert told["refusal"]["detail"]["en"]


def test_an_entry_whose_deadline_has_passed_is_not_accepted(service: Service) -> None:
    late = capacity(service, deadline=-1)
    refused = service.post(PATH, CallerRole.SUPPLIER, json=late.to_json(), headers=fresh())
    assert (refused.status_code, refused.json()["code"]) == (422, "entry.expired")
    assert refused.json()["field"] == "entries[0].deadline"


def _without(member: str) -> dict[str, Any]:
    told = {
        "action": "DisableAccount",
        "message": {"nonce": "1", "happenedAt": "1", "deadline": "2", "reason": "x"},
        "signatures": ["0x" + "11" * 64],
    }
    del told[member]
    return told


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (b"", "body", "shape.json-invalid"),
        (b"{", "body", "shape.json-invalid"),
        (b"[" * 100_000, "body", "shape.json-invalid"),
        (b"[]", "entries", "submission.count"),
        (b"7", "entries[0]", "entry.members"),
        (_without("signatures"), "entries[0]", "entry.members"),
        ({**_without("action"), "action": "Steal"}, "entries[0].action", "entry.action"),
        ({**_without("message"), "message": {}}, "entries[0].nonce", "entry.field"),
        (
            {**_without("signatures"), "signatures": ["0x11"]},
            "entries[0].signatures",
            "entry.signatures",
        ),
        (
            {**_without("signatures"), "signatures": ["0x" + "11" * 64], "privateKey": "0x1"},
            "entries[0]",
            "entry.members",
        ),
    ],
)
def test_what_is_no_signed_entry_is_named(
    service: Service, body: Any, field: str, code: str
) -> None:
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    refused = service.post(PATH, CallerRole.SUPPLIER, headers=fresh(), **content)
    assert refused.status_code == 422, refused.text
    assert (refused.json()["field"], refused.json()["code"]) == (field, code)


def test_of_a_list_with_one_bad_entry_none_is_accepted(service: Service) -> None:
    good = capacity(service, 60_005)
    body = [good.to_json(), _without("signatures")]
    refused = service.post(PATH, CallerRole.SUPPLIER, json=body, headers=fresh())
    assert refused.json()["field"] == "entries[1]"
    digest = good.entry.digest(service.workspace.deployment.domain("QualificationRegistry"))
    assert service.get(f"{PATH}/0x{digest.hex()}", ISSUER).status_code == 404


def test_a_supplier_does_not_see_the_entries_of_others(service: Service) -> None:
    baize = service.token(CallerRole.SUPPLIER, "baize")
    accepted = service.post(
        PATH, CallerRole.SUPPLIER, json=capacity(service, 60_006).to_json(), headers=fresh()
    )
    href = accepted.json()["entries"][0]["href"]
    settled(service, href, CallerRole.SUPPLIER)
    assert service.get(href, baize).status_code == 404


def test_the_client_signs_at_home_and_waits_until_it_is_final(service: Service) -> None:
    client = _client(service, "qingluan", CallerRole.SUPPLIER)
    told = client.submit(
        "StateCapacity",
        organisation=office("qingluan").id,
        publication=NOTHING,
        document=NOTHING,
        perDay=60_000,
        category="mask.surgical",
        model="",
        unit="H87",
    )
    assert told["state"] == "final"
    assert told["recorded"]["signers"] == ["0x" + key("qingluan").address.hex()]


def _client(service: Service, who: str, role: CallerRole, **options: Any) -> SuyuanClient:
    # The app in this process, over the client's own way of asking.
    return SuyuanClient(
        "http://127.0.0.1",
        service.tokens[role],
        key(who),
        transport=service.client._transport,
        **options,
    )
