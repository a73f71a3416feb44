"""Recalls as lists over HTTP: campaigns, holds, what registers say; and a scope of several lots."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from api.access import CallerRole
from ledger import demo
from ledger.demo.batches import FIRST_RESIN, OTHER_FABRIC
from ledger.provenance.scope import campaign_id
from ledger.typed_data import Value, lot_id, publication_id
from tests.support.service import Service, found_world, identity, office, running_service

BUYER, AUDITOR, SUPPLIER, ISSUER = (
    CallerRole.PROCUREMENT,
    CallerRole.AUDITOR,
    CallerRole.SUPPLIER,
    CallerRole.ISSUER,
)
CAMPAIGNS = "/v1/batches/campaigns"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A world of its own: what others recall would stand in these lists."""
    workspace = found_world(tmp_path_factory.mktemp("recalls") / "world")
    try:
        with running_service(workspace) as running:
            yield running
    finally:
        workspace.close()


def told(service: Service, where: str, caller: CallerRole | str | None, **query: Any) -> Any:
    answer = service.get(where, caller, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sign(service: Service, account: str, action: str, **fields: Value) -> int:
    """An entry of this account, recorded; its sequence number."""
    sequence: int = service.submit(account, action, **fields)["sequence"]
    return sequence


# ------------------------------------------------------------------------------ campaigns


def test_the_recalls_of_the_ledger_are_listed_with_how_many_answered(world: Service) -> None:
    [campaign] = told(world, CAMPAIGNS, AUDITOR)["campaigns"]
    assert [one["by"] for one in campaign["callers"]] == [identity("regulator")]
    assert [lot["lot"] for lot in campaign["lots"]] == ["MB-115", "QL100-A"]
    assert (campaign["named"], campaign["standing"]) == (2, 2)
    assert (campaign["answered"], campaign["unanswered"]) == (5, 2)
    assert campaign["waiting_since"] == campaign["recorded_at"]
    assert campaign["reason"] == "Resin of an unlicensed maker 使用无证企业树脂"
    assert campaign["withheld"] == {}


def test_the_list_counts_what_the_campaign_tells_one_by_one(world: Service) -> None:
    for caller in (AUDITOR, ISSUER, SUPPLIER, world.token(SUPPLIER, "community-1"), BUYER):
        [listed] = told(world, CAMPAIGNS, caller)["campaigns"]
        followed = told(world, f"{CAMPAIGNS}/{listed['campaign']}", caller)
        pairs = {(lot["number"], a["custodian"]) for lot in followed["lots"] for a in
                 lot["acknowledged"]}  # fmt: skip
        assert listed["answered"] == len(pairs)
        assert listed["unanswered"] == sum(len(lot["missing"]) for lot in followed["lots"])
        for name in ("missing", "lots"):
            assert listed["withheld"].get(name) == followed["withheld"].get(name), name


def test_a_store_sees_the_recall_of_its_goods_with_its_own_answer_alone(world: Service) -> None:
    store = world.token(SUPPLIER, "community-1")
    [campaign] = told(world, CAMPAIGNS, store)["campaigns"]
    assert (campaign["answered"], campaign["unanswered"]) == (1, 0)
    # What its masks were made of, it sees; who had that, it does not.
    assert campaign["withheld"] == {"acknowledged": 4, "missing": 2}


def test_a_recall_of_which_somebody_sees_no_lot_is_not_in_the_list(world: Service) -> None:
    stranger = told(world, CAMPAIGNS, world.token(SUPPLIER, "baize"))
    assert (stranger["campaigns"], stranger["organisations"]) == ([], {})


def test_campaigns_come_page_by_page_the_last_begun_first(world: Service) -> None:
    lot = _gift(world, "PAGED-1")
    for name in (b"first", b"second"):
        _recall(world, lot, name.rjust(32, b"\0"))
    whole = [one["campaign"] for one in told(world, CAMPAIGNS, AUDITOR)["campaigns"]]
    found: list[str] = []
    before: dict[str, int] = {}
    while True:
        page = told(world, CAMPAIGNS, AUDITOR, limit=1, **before)
        found += [one["campaign"] for one in page["campaigns"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert found == whole
    assert whole[0] == "0x" + b"second".rjust(32, b"\0").hex()


def test_nobody_is_waited_for_once_a_recall_is_released(world: Service) -> None:
    lot, campaign = _gift(world, "RELEASED-1"), b"released".rjust(32, b"\0")
    sent = sign(
        world, "warehouse", "Ship", lot=lot, recipient=office("community-2").id, quantity=4,
        due=int(time.time()) + 86_400, purpose=0, reference="",
    )  # fmt: skip
    assert sent
    recall = _recall(world, lot, campaign)
    assert _listed(world, campaign)["unanswered"] == 1
    sign(world, "warehouse", "Release", lot=lot, hold=recall, document=bytes(32), reason="Tested")
    after = _listed(world, campaign)
    assert (after["standing"], after["unanswered"], after["waiting_since"]) == (0, 0, None)


def test_of_too_many_lots_the_answers_are_not_counted_and_that_is_said(
    world: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.batches.campaigns._FOLLOWED", 1)
    campaign = told(world, CAMPAIGNS, AUDITOR)["campaigns"][-1]
    assert (campaign["answered"], campaign["unanswered"]) == (None, None)


def test_a_campaign_says_who_called_and_why_and_what_the_asker_has(world: Service) -> None:
    [campaign] = told(world, CAMPAIGNS, world.token(SUPPLIER, "community-2"))["campaigns"][-1:]
    store = world.token(SUPPLIER, "community-2")
    masks = told(world, f"{CAMPAIGNS}/{campaign['campaign']}", store)["lots"][-1]
    [call] = masks["calls"]
    assert (call["by"], call["stands"], call["entry"]) == (
        identity("regulator"), True, masks["recalls"][0],
    )  # fmt: skip
    assert call["document"] is not None
    digest = world.workspace.index.entry(call["entry"])
    assert digest is not None
    assert call["id"] == "0x" + digest.digest.hex()
    assert (masks["own"]["on_hand"], masks["own"]["dispensed"]) == (32_000, 8_000)
    assert told(world, f"{CAMPAIGNS}/{campaign['campaign']}", AUDITOR)["lots"][0]["own"] is None


# ------------------------------------------------------------------------------ holds


def test_holds_that_stand_are_listed_for_who_sees_the_lot(world: Service) -> None:
    lot = _gift(world, "HELD-1")
    sign(world, "warehouse", "Hold", lot=lot, document=bytes(32), reason="A wet box")
    [hold] = told(world, "/v1/batches/holds", AUDITOR)["holds"]
    assert (hold["lot"]["lot"], hold["by"], hold["reason"]) == (
        "HELD-1", identity("warehouse"), "A wet box",
    )  # fmt: skip
    assert told(world, "/v1/batches/holds", SUPPLIER)["holds"] == []
    digest = bytes.fromhex(hold["id"][2:])
    sign(world, "warehouse", "Release", lot=lot, hold=digest, document=bytes(32), reason="Dry")
    assert told(world, "/v1/batches/holds", AUDITOR)["holds"] == []


# ------------------------------------------------------------------------------ registers


def test_what_registers_say_of_recalls_is_listed_as_it_was_stated_last(world: Service) -> None:
    for reason in ("Fluid passes", "Fluid passes, and straps break"):
        _mirror(world, "Z-0001-2026", demo.QINGLUAN, reason)
    _mirror(world, "Z-0002-2026", demo.BAIZE, "Labels")
    listed = told(world, "/v1/batches/mirrored-recalls", BUYER)["recalls"]
    assert [(one["number"], one["reason"]) for one in listed] == [
        ("Z-0002-2026", "Labels"),
        ("Z-0001-2026", "Fluid passes, and straps break"),
    ]
    own = told(world, "/v1/batches/mirrored-recalls", SUPPLIER)["recalls"]
    assert [one["organisation"] for one in own] == [identity("qingluan")]
    first = told(world, "/v1/batches/mirrored-recalls", BUYER, limit=1)
    second = told(world, "/v1/batches/mirrored-recalls", BUYER, limit=1, before=first["next"])
    assert [one["number"] for one in second["recalls"]] == ["Z-0001-2026"]


# ------------------------------------------------------------------------------ several lots


def test_a_scope_of_several_lots_is_one_campaign(world: Service) -> None:
    fabric = "0x" + demo.FABRIC_LOT.id.hex()
    scope = told(
        world, f"/v1/batches/{fabric}/recall-scope", ISSUER, also="0x" + OTHER_FABRIC.id.hex()
    )
    assert {lot["lot"] for lot in scope["lots"]} == {"MB-115", "MB-116", "QL100-A", "QL100-B"}
    campaign = campaign_id([demo.FABRIC_LOT.id, OTHER_FABRIC.id], scope["complete_to"])
    assert {e["message"]["campaign"] for e in scope["recalls"]} == {"0x" + campaign.hex()}
    noted = told(world, "/v1/accesses", AUDITOR)["accesses"]
    assert ("batch.scope-read", "0x" + OTHER_FABRIC.id.hex()) in {
        (a["action"], a["subject"]) for a in noted
    }


def test_a_further_lot_that_the_asker_may_not_see_is_none(world: Service) -> None:
    maker = world.token(SUPPLIER, "qilin")
    known = "0x" + demo.batches.SPUNBOND_LOT.id.hex()
    for other in ("0x" + "77" * 32, "0x" + OTHER_FABRIC.id.hex()):
        refused = world.get(f"/v1/batches/{known}/recall-scope", maker, params={"also": other})
        assert (refused.status_code, refused.json()["code"]) == (404, "batch.unknown")


def test_a_lot_named_twice_is_one(world: Service) -> None:
    resin = "0x" + FIRST_RESIN.id.hex()
    once = told(world, f"/v1/batches/{resin}/recall-scope", ISSUER)
    twice = told(world, f"/v1/batches/{resin}/recall-scope", ISSUER, also=f"{resin},{resin}")
    assert twice["campaign"] == once["campaign"]


# ------------------------------------------------------------------------------ made here


def _gift(service: Service, lot: str) -> bytes:
    sign(
        service, "warehouse", "Commission", quantity=10, gtin=0, originNotShown=True,
        document=bytes(32), lot=lot, category=demo.MASK, model="", unit="H87", place="",
        origin="", cited=(),
    )  # fmt: skip
    return lot_id(demo.WAREHOUSE.id, 0, lot)


def _recall(service: Service, lot: bytes, campaign: bytes) -> bytes:
    """The warehouse recalls its lot; the recall's digest."""
    number = sign(
        service, "warehouse", "Recall", lot=lot, completeTo=service.workspace.position,
        campaign=campaign, document=bytes(32), reason="Broken",
    )  # fmt: skip
    entry = service.workspace.index.entry(number)
    assert entry is not None
    return entry.digest


def _listed(service: Service, campaign: bytes) -> Any:
    listed = told(service, CAMPAIGNS, AUDITOR)["campaigns"]
    return next(one for one in listed if one["campaign"] == "0x" + campaign.hex())


def _mirror(service: Service, number: str, firm: demo.Office, reason: str) -> None:
    now = int(time.time())
    published = sign(
        service, "mirror", "RecordPublication", register="register:fda-recalls",
        document=reason.encode().rjust(32, b"\0")[:32], published=now - 86_400,
        rowsRoot=bytes(32), rows=1, title="Recalls",
    )  # fmt: skip
    entry = service.workspace.index.entry(published)
    assert entry is not None
    publication = publication_id(office("mirror").id, entry.digest)
    sign(
        service, "mirror", "MirrorRecall", organisation=firm.id, publication=publication,
        document=bytes(31) + b"r", initiated=now - 86_400, ended=0,
        register="register:fda-recalls", number=number, product="Example mask", lots="all",
        reason=reason,
    )  # fmt: skip
