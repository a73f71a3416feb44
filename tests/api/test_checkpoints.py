"""Checkpoints, countersignatures, anchors and receipts over HTTP; a witness on the command line."""

import json
import secrets
import time
from binascii import a2b_base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.access import CallerRole
from api.app import create_app
from api.cli import main
from api.tokens.service import issue
from ledger.evidence.anchors import Anchors
from ledger.evidence.report import Result
from ledger.evidence.signed import ReceiptStatement
from ledger.evidence.verification import verify
from ledger.merkle import EMPTY_ROOT, verify_consistency
from ledger.signing import Signer, recover
from ledger.typed_data import Entry, SignedEntry
from ledger.witnessing import Seen, countersign
from ledger.workspace import Workspace
from tests.support.ledger import key
from tests.support.listening import listening
from tests.support.service import Service, office
from tests.support.workspaces import key_file, new_data

PATH = "/v1/checkpoints"
ISSUER = CallerRole.ISSUER
NOTHING = bytes(32)


def entry(service: Service) -> SignedEntry:
    now = int(time.time())
    made = Entry.of(
        "StateCapacity",
        nonce=secrets.randbelow(1 << 40) + (1 << 62),
        happenedAt=now,
        deadline=now + 3600,
        organisation=office("qingluan").id,
        publication=NOTHING,
        document=NOTHING,
        perDay=60_000,
        category="mask.surgical",
        model="",
        unit="H87",
    )
    digest = made.digest(service.workspace.deployment.domain(made.action.contract))
    return SignedEntry(made, (key("qingluan").sign_digest(digest),))


def newest(service: Service) -> dict[str, Any]:
    """The newest checkpoint, after one entry more."""
    workspace = service.workspace
    before = workspace.position
    service.post("/v1/entries", CallerRole.SUPPLIER, json=entry(service).to_json())
    until = time.monotonic() + 10
    while workspace.position == before:
        assert time.monotonic() < until
        time.sleep(0.02)
    workspace.checkpoint()
    told: dict[str, Any] = service.get(f"{PATH}/latest").json()
    return told


def anchors_of(service: Service) -> Anchors:
    return replace(Anchors.parse(service.get("/v1/anchors").content), checkpoints=())


def signature(
    service: Service, told: dict[str, Any], by: Signer, seen: Seen | None = None
) -> dict[str, Any]:
    witness, block = countersign(
        anchors_of(service), seen, Seen.from_json(told), by, int(time.time())
    )
    assert block == told["block"]
    return witness.to_json()


# ----------------------------------------------------------------------------------------- reading


def test_checkpoints_are_read_by_everybody_newest_first_page_by_page(service: Service) -> None:
    made = [newest(service)["block"] for _ in range(3)]
    first = service.get(PATH, params={"limit": 2}).json()
    assert [c["block"] for c in first["checkpoints"]] == made[:0:-1]
    second = service.get(PATH, params={"limit": 1, "before": first["next"]}).json()
    assert [c["block"] for c in second["checkpoints"]] == [made[0]]
    assert service.get(f"{PATH}/{made[0]}").json() == second["checkpoints"][0]


def test_a_block_without_a_checkpoint_is_unknown(service: Service) -> None:
    answer = service.get(f"{PATH}/999999")
    assert (answer.status_code, answer.json()["code"]) == (404, "checkpoint.unknown")


def test_a_reader_with_an_old_root_sees_that_the_log_only_grew(service: Service) -> None:
    old, new = newest(service), newest(service)
    told = service.get(f"{PATH}/{new['block']}/consistency", params={"since": old["size"]}).json()
    roots = [bytes.fromhex(c["root"][2:]) for c in (old, new)]
    path = a2b_base64(told["path"])
    assert verify_consistency(old["size"], roots[0], new["size"], roots[1], path)


def test_evidence_of_growth_verifies_against_the_anchors(service: Service) -> None:
    old, new = newest(service), newest(service)
    answer = service.get(f"{PATH}/{new['block']}/evidence", params={"since": old["size"]})
    report = verify(anchors_of(service), answer.content)
    assert report.result is Result.VALID, report.code


def test_more_entries_than_the_checkpoint_has_cannot_be_asked_about(service: Service) -> None:
    told = newest(service)
    for what in ("consistency", "evidence"):
        answer = service.get(f"{PATH}/{told['block']}/{what}", params={"since": told["size"] + 1})
        assert (answer.status_code, answer.json()["code"]) == (422, "checkpoint.since")


# ---------------------------------------------------------------------------------------- witnesses


def test_a_live_account_countersigns_once_and_its_first_word_stays(service: Service) -> None:
    old, new = newest(service), newest(service)
    path = f"{PATH}/{new['block']}/witnesses"
    said = signature(service, new, key("regulator"), Seen.from_json(old))
    answer = service.post(path, ISSUER, json=said)
    assert answer.status_code == 201
    assert answer.json()["organisation"] == "0x" + office("regulator").id.hex()
    other = signature(service, new, key("regulator"))
    again = service.post(path, ISSUER, json=other)
    assert again.json() == answer.json()
    assert service.get(f"{PATH}/{new['block']}").json()["checkpoint"]["witnesses"] == [said]


def test_the_same_request_twice_is_answered_the_same(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    headers = {"Idempotency-Key": "witness once"}
    path = f"{PATH}/{told['block']}/witnesses"
    first, second = (service.post(path, ISSUER, json=said, headers=headers) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)


def test_countersignatures_are_in_evidence_where_they_are_asked_for(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    service.post(f"{PATH}/{told['block']}/witnesses", ISSUER, json=said)
    path = f"{PATH}/{told['block']}/evidence"
    plain = service.get(path, params={"since": told["size"]}).json()
    asked = service.get(path, params={"since": told["size"], "witnesses": "true"}).json()
    assert plain["checkpoint"]["witnesses"] == []
    assert asked["checkpoint"]["witnesses"] == [said]


def test_only_live_accounts_countersign(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("nobody of this ledger"))
    answer = service.post(f"{PATH}/{told['block']}/witnesses", ISSUER, json=said)
    assert (answer.status_code, answer.json()["code"]) == (422, "witness.account")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"witnessed_at": 7}, "witness.signature"),
        ({"signature": "0x" + "11" * 64}, "witness.signature"),
        ({"previous_size": 3}, "witness.previous"),
        ({"previous_root": "0x" + "22" * 32}, "witness.previous"),
        ({"previous_size": 10**9}, "checkpoint.since"),
    ],
)
def test_a_countersignature_of_something_else_is_refused(
    service: Service, change: dict[str, Any], code: str
) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator")) | change
    answer = service.post(f"{PATH}/{told['block']}/witnesses", ISSUER, json=said)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert service.get(f"{PATH}/{told['block']}").json()["checkpoint"]["witnesses"] == []


def test_nobody_countersigns_without_a_token(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    assert service.post(f"{PATH}/{told['block']}/witnesses", json=said).status_code == 401


# ----------------------------------------------------------------------------------------- receipts


def test_who_hands_in_an_entry_gets_a_receipt_that_the_anchors_key_signed(
    service: Service,
) -> None:
    workspace, made = service.workspace, entry(service)
    first, second = (
        service.post("/v1/entries", CallerRole.SUPPLIER, json=made.to_json()).json()["entries"][0]
        for _ in range(2)
    )
    receipt = first["receipt"]
    digest = made.entry.digest(workspace.deployment.domain(receipt["contract"]))
    assert (receipt["digest"], receipt["account"]) == (
        "0x" + digest.hex(),
        "0x" + key("qingluan").address.hex(),
    )
    statement = ReceiptStatement(
        workspace.deployment.address(receipt["contract"]),
        key("qingluan").address,
        int(receipt["nonce"]),
        digest,
        receipt["deadline"],
        receipt["accepted_at"],
    )
    signed = statement.digest(workspace.deployment.domain("EntryLog"))
    account = recover(signed, bytes.fromhex(receipt["signature"][2:]))
    assert account in anchors_of(service).receipts
    assert second["receipt"] in (receipt, None)
    kept = workspace.submitter.receipt(digest)
    assert kept is not None
    assert (kept.statement, "0x" + kept.signature.hex()) == (statement, receipt["signature"])


# ------------------------------------------------------------------------------ on the command line


def test_a_witness_watches_a_running_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace.open(new_data(tmp_path, is_live=True), clock=time.time)
    anchors, state, token = (tmp_path / name for name in ("anchors", "state", "token"))
    try:
        anchors.write_bytes(orjson.dumps(workspace.checkpoints.anchors().to_json()))
        made = issue(
            workspace, office("regulator").id, "witness", ISSUER, now=time.time(), lifetime=600
        )
        token.write_text(made.secret)
        token.chmod(0o600)
        with listening(create_app(workspace)) as url:
            file = key_file(tmp_path, "regulator")
            arguments = [
                *("--json", "witness", "--server", url, "--token-file", str(token)),
                *("--anchors", str(anchors), "--key", str(file), "--state", str(state)),
            ]
            assert main(arguments) == 0
            first = json.loads(capsys.readouterr().out)
            assert main(arguments) == 0
            second = json.loads(capsys.readouterr().out)
        kept = workspace.store.checkpoints.latest()
    finally:
        workspace.close()
    assert first["previous_root"] == "0x" + EMPTY_ROOT.hex()
    assert second["previous_size"] == first["size"]
    assert kept is not None
    assert [w.witnessed_at for w in kept.checkpoint.witnesses] == [first["witnessed_at"]]
