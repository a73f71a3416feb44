"""Who may do and see what: every endpoint × role × foreign object, from the OpenAPI document."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.access import (
    SCOPES_OF,
    BatchRecord,
    Caller,
    CallerRole,
    CustodyRecord,
    DocumentRecord,
    EntryRecord,
    QualificationRecord,
    Scope,
    StoredVerdict,
    SupplierRecord,
    Thing,
    Visibility,
    may_see,
)
from ledger.demo import MASK, MASK_LOT
from tests.api.test_batches import gift
from tests.api.test_verdicts import question
from tests.support.ledger import key
from tests.support.service import Service, identity

EVERYBODY: tuple[CallerRole | None, ...] = (None, *CallerRole)
BUYER, AUDITOR, OPERATOR, SUPPLIER, ISSUER = (
    CallerRole.PROCUREMENT,
    CallerRole.AUDITOR,
    CallerRole.OPERATOR,
    CallerRole.SUPPLIER,
    CallerRole.ISSUER,
)


@dataclass(frozen=True)
class Foreign:
    """What a request to an operation names: things of a firm and an office that no role's token
    belongs to; ``seen_by`` are the roles that may see them nevertheless."""

    path: dict[str, str] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    seen_by: frozenset[CallerRole] = frozenset(CallerRole)


@pytest.fixture(scope="module")
def foreign(service: Service) -> dict[str, Foreign]:
    """For every operation of the document; a new one fails until it is thought of here."""
    stranger = service.token(BUYER, "neighbour")
    baize = service.token(SUPPLIER, "baize")
    held = service.get(f"/v1/suppliers/{identity('baize')}/qualifications", baize).json()
    verdict = service.post("/v1/verdicts", stranger, json=question(quantity=31)).json()["id"]
    private = service.post(
        "/v1/documents?visibility=private",
        baize,
        content=b"%PDF- not for others",
        headers={"Content-Type": "application/pdf"},
    ).json()["hash"]
    entry = str(held["qualifications"][0]["sequence"])
    submitted = service.get("/v1/reviews", AUDITOR).json()["reviews"][0]["qualification"]
    judges = frozenset({BUYER, AUDITOR, ISSUER})
    auditor = frozenset({AUDITOR})
    one = {"id": identity("baize")}
    batch = {"id": gift(service, "FOREIGN-1")}
    notice = bytes(31) + b"f"
    checkpoint = service.workspace.checkpoint()
    at_block = {"block": str(checkpoint.block_number)}
    since = {"params": {"since": checkpoint.size}}
    service.submit(
        "warehouse", "Recall", lot=bytes.fromhex(batch["id"][2:]), completeTo=1, campaign=notice,
        document=bytes(32), reason="for the matrix",
    )  # fmt: skip
    return {
        "search_suppliers": Foreign(),
        "search": Foreign(request={"params": {"q": "a"}}),
        "read_supplier": Foreign(one, seen_by=judges),
        "list_qualifications": Foreign(one, seen_by=judges),
        "list_alarms": Foreign(one, seen_by=judges),
        "list_capacities": Foreign(one, seen_by=judges),
        "propose_links": Foreign(one, seen_by=judges),
        "read_qualification": Foreign({"id": held["qualifications"][0]["id"]}, seen_by=judges),
        "list_reviews": Foreign(),
        "read_review": Foreign({"id": submitted}, seen_by=frozenset({AUDITOR, ISSUER})),
        "ask_verdict": Foreign(
            request={"json": question(quantity=32), "headers": {"Idempotency-Key": "matrix"}}
        ),
        "read_verdict": Foreign({"id": verdict}, seen_by=auditor),
        "recompute_verdict": Foreign({"id": verdict}, seen_by=auditor),
        "print_verdict": Foreign({"id": verdict}, seen_by=auditor),
        "read_attention": Foreign(),
        "find_batches": Foreign(),
        "read_batch": Foreign(batch, seen_by=judges),
        "trace_back": Foreign(batch, seen_by=judges),
        "trace_forward": Foreign(batch, seen_by=judges),
        "read_custody": Foreign(batch, seen_by=judges),
        "recall_scope": Foreign(batch, seen_by=judges),
        "list_campaigns": Foreign(),
        "list_holds": Foreign(),
        "list_mirrored_recalls": Foreign(),
        "follow_campaign": Foreign({"campaign": "0x" + notice.hex()}, seen_by=judges),
        "digital_link": Foreign({"gtin": f"{MASK_LOT.gtin:014d}", "lot": MASK_LOT.lot}),
        "submit_entries": Foreign(
            request={"content": b"[]", "headers": {"Idempotency-Key": "matrix"}}
        ),
        "read_entry": Foreign({"id": entry}, seen_by=judges),
        "take_entry_evidence": Foreign({"id": entry}, seen_by=judges),
        "take_standing_evidence": Foreign(one, {"params": {"category": MASK}}, judges),
        "take_qualification_evidence": Foreign(
            {"id": held["qualifications"][0]["id"]}, seen_by=judges
        ),
        "take_trace_evidence": Foreign(batch, seen_by=judges),
        "take_verdict_evidence": Foreign({"id": verdict}, seen_by=auditor),
        "read_evidence_schema": Foreign(),
        "store_document": Foreign(request={"json": "a document"}),
        "fetch_document": Foreign({"hash": private}, seen_by=auditor),
        "list_checkpoints": Foreign(),
        "read_latest_checkpoint": Foreign(),
        "read_checkpoint": Foreign(at_block),
        "read_consistency": Foreign(at_block, since),
        "read_checkpoint_evidence": Foreign(at_block, since),
        "countersign_checkpoint": Foreign(
            {"block": str(2**40)},
            {
                "json": {
                    "account": "0x" + "12" * 20,
                    "previous_size": 0,
                    "previous_root": "0x" + "00" * 32,
                    "witnessed_at": 1,
                    "signature": "0x" + "12" * 64,
                },
                "headers": {"Idempotency-Key": "matrix-witness"},
            },
            frozenset(),
        ),
        "read_anchors": Foreign(),
        "verify_file": Foreign(request={"content": b"a file"}),
        "read_catalogue": Foreign(),
        "read_register": Foreign(
            {"register": "niosh-n95"}, {"params": {"mirror": identity("mirror")}}, judges
        ),
        "read_account": Foreign({"address": "0x" + key("baize").address.hex()}, seen_by=judges),
        "list_open_alarms": Foreign(),
        "list_compromises": Foreign(),
        "list_audits": Foreign(),
        "read_audit": Foreign({"number": "99999999"}, seen_by=frozenset()),
        "check_service": Foreign(),
        "list_dependents": Foreign(
            {"address": "0x" + key("baize").address.hex()}, {"params": {"since": 0}}
        ),
        "next_nonce": Foreign(
            {"address": "0x" + "12" * 20}, {"params": {"contract": "ParticipantRegistry"}}
        ),
        "create_token": Foreign(
            request={"json": {"organisation": identity("baize"), "person": "x", "role": "supplier"}}
        ),
        "list_tokens": Foreign(),
        "revoke_token": Foreign({"id": str(2**40)}, seen_by=frozenset()),
        "create_staff_account": Foreign(
            request={
                "json": {
                    "organisation": identity("baize"),
                    "person": "x",
                    "role": "supplier",
                    "login": "matrix.of.operations",
                }
            }
        ),
        "list_staff_accounts": Foreign(),
        "read_staff_account": Foreign({"id": str(2**30)}, seen_by=frozenset()),
        "invite_staff_account": Foreign({"id": str(2**30)}, seen_by=frozenset()),
        "change_staff_role": Foreign(
            {"id": str(2**30)}, {"json": {"role": "supplier"}}, frozenset()
        ),
        "disable_staff_account": Foreign({"id": str(2**30)}, seen_by=frozenset()),
        "list_accesses": Foreign(),
        "health": Foreign(),
        "metrics": Foreign(),
        "read_ledger": Foreign(),
    }


#: Who asks must be somebody, and may be anybody: what is told depends on the scopes.
ANY_TOKEN = "any token"


def _cells(service: Service) -> Iterator[tuple[str, str, str, Scope | str | None]]:
    for path, methods in service.app.openapi()["paths"].items():
        for method, operation in methods.items():
            security = operation.get("security")
            scopes = [Scope(s) for s in security[0]["token"]] if security else [None]
            yield operation["operationId"], method.upper(), path, (*scopes, ANY_TOKEN)[0]


def test_every_endpoint_answers_every_role_about_foreign_things_as_it_should(
    service: Service, foreign: dict[str, Foreign]
) -> None:
    seen = set()
    for name, method, path, scope in _cells(service):
        seen.add(name)
        thing = foreign[name]
        for caller in EVERYBODY:
            if scope is None:
                wanted = {200}
            elif caller is None:
                wanted = {401}
            elif scope != ANY_TOKEN and scope not in SCOPES_OF[caller]:
                wanted = {403}
            elif caller not in thing.seen_by:
                wanted = {404}
            else:
                wanted = {200, 201, 422} if name == "submit_entries" else {200, 201}
            where = path.format(**thing.path)
            told = service.ask(method, where, caller, **thing.request)
            assert told.status_code in wanted, f"{name} as {caller}: {told.status_code} {told.text}"
    assert seen == set(foreign), "operations and what is known of them"


def test_a_token_without_the_scope_gains_nothing_by_its_role(
    service: Service, foreign: dict[str, Foreign]
) -> None:
    """Each role's token with all its scopes but the one that is needed."""
    for name, method, path, scope in _cells(service):
        if not isinstance(scope, Scope):
            continue
        for role in CallerRole:
            rest = set(SCOPES_OF[role]) - {scope}
            if scope in SCOPES_OF[role] and rest:
                secret = service.token(role, scopes=rest)
                where = path.format(**foreign[name].path)
                told = service.ask(method, where, secret, **foreign[name].request)
                assert told.status_code == 403, f"{name} as {role} without {scope}"


# -- the one function

ME, OTHER, THIRD = b"m" * 20, b"o" * 20, b"t" * 20


def as_role(role: CallerRole) -> Caller:
    return Caller("1", ME, "somebody", role, SCOPES_OF[role])


def _document(visibility: Visibility, owner: bytes, *parties: bytes) -> DocumentRecord:
    return DocumentRecord(frozenset({owner}), visibility, frozenset(parties))


OWN: dict[str, Thing] = {
    "a supplier record": SupplierRecord(ME),
    "a record of the same firm": SupplierRecord(OTHER, (OTHER, ME)),
    "a qualification that it holds": QualificationRecord(ME, OTHER),
    "a qualification that it stated": QualificationRecord(OTHER, ME),
    "a verdict that it asked for": StoredVerdict(frozenset({ME})),
    "an entry on the way that it signed": EntryRecord(ME, frozenset(), False),
    "an entry about it": EntryRecord(OTHER, frozenset({ME}), True),
    "a batch that it made or had": BatchRecord(frozenset({OTHER, ME})),
    "a batch of a record of its firm": BatchRecord(frozenset({OTHER}), frozenset({OTHER})),
    "its own part in where a batch went": CustodyRecord(frozenset({OTHER, ME})),
    "where it sent a batch": EntryRecord(OTHER, frozenset({ME}), True, custody=True),
    "a private document of its own": _document(Visibility.PRIVATE, ME),
    "a document of which it is a party": _document(Visibility.PARTIES, OTHER, ME),
}
JUDGES = {BUYER, AUDITOR, ISSUER}
OTHERS: dict[str, tuple[Thing, set[CallerRole]]] = {
    "a supplier record": (SupplierRecord(OTHER), JUDGES),
    "a qualification": (QualificationRecord(OTHER, THIRD), JUDGES),
    "a verdict": (StoredVerdict(frozenset({OTHER})), {AUDITOR}),
    "an entry on the way": (EntryRecord(OTHER, frozenset(), False), {AUDITOR}),
    "an entry on the way by nobody known": (EntryRecord(None, frozenset(), False), {AUDITOR}),
    "a recorded entry": (EntryRecord(OTHER, frozenset({THIRD}), True), JUDGES),
    "a batch": (BatchRecord(frozenset({OTHER})), JUDGES),
    "where a batch went": (CustodyRecord(frozenset({OTHER, THIRD})), {AUDITOR}),
    "where a batch went that it may recall": (
        CustodyRecord(frozenset({OTHER}), overseen=True),
        {AUDITOR, ISSUER},
    ),
    "an entry about where a batch went": (
        EntryRecord(OTHER, frozenset({THIRD}), True, custody=True),
        {AUDITOR},
    ),
    "a private document": (_document(Visibility.PRIVATE, OTHER, ME), {AUDITOR}),
    "a document for parties": (_document(Visibility.PARTIES, OTHER, THIRD), {AUDITOR}),
    "a document that it judges": (
        DocumentRecord(frozenset({OTHER}), Visibility.PARTIES, frozenset({THIRD}), frozenset({ME})),
        {AUDITOR, ISSUER},
    ),
    "a document that nobody cites": (_document(Visibility.PARTIES, OTHER), {AUDITOR}),
    "a document of the ledger": (
        _document(Visibility.LEDGER, OTHER),
        {BUYER, AUDITOR, SUPPLIER, ISSUER},
    ),
}


@pytest.mark.parametrize("what", OWN)
def test_everybody_but_an_operator_sees_what_is_its_own(what: str) -> None:
    for role in CallerRole:
        assert may_see(as_role(role), OWN[what]) is (role is not OPERATOR), role


@pytest.mark.parametrize("what", OTHERS)
def test_what_belongs_to_others_is_seen_by_these_roles_alone(what: str) -> None:
    thing, roles = OTHERS[what]
    assert {role for role in CallerRole if may_see(as_role(role), thing)} == roles


def test_a_private_document_is_not_even_for_parties() -> None:
    assert not may_see(as_role(SUPPLIER), _document(Visibility.PRIVATE, OTHER, ME))


def test_every_scope_is_some_roles() -> None:
    assert set().union(*SCOPES_OF.values()) == set(Scope)
