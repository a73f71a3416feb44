"""Batches over HTTP: traced and followed in the demo's goods, as far as the asker may see."""

from typing import Any
from urllib.parse import quote

import pytest

from api.access import CallerRole
from ledger import demo
from ledger.demo.batches import DONATED, FIRST_RESIN, OTHER_FABRIC, LotName
from ledger.provenance.scope import campaign_id
from ledger.typed_data import lot_id
from tests.support.service import Service, identity, office

BUYER, AUDITOR, SUPPLIER, ISSUER = (
    CallerRole.PROCUREMENT,
    CallerRole.AUDITOR,
    CallerRole.SUPPLIER,
    CallerRole.ISSUER,
)
MASKS, OTHER_MASKS, FABRIC, RESIN = (
    demo.MASK_LOT,
    demo.OTHER_MASK_LOT,
    demo.FABRIC_LOT,
    demo.SECOND_RESIN,
)


def gift(service: Service, lot: str) -> str:
    """A lot of unknown origin that the warehouse takes in now; its id."""
    service.submit(
        "warehouse", "Commission", quantity=10, gtin=0, originNotShown=True, document=bytes(32),
        lot=lot, category=demo.MASK, model="", unit="H87", place="", origin="", cited=(),
    )  # fmt: skip
    return "0x" + lot_id(demo.WAREHOUSE.id, 0, lot).hex()


def path(lot: LotName, *tail: str) -> str:
    return "/".join(("/v1/batches", "0x" + lot.id.hex(), *tail))


def told(service: Service, where: str, caller: CallerRole | str | None, **query: Any) -> Any:
    answer = service.get(where, caller, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(body: Any) -> list[str]:
    return [lot["lot"] for lot in body["lots"]]


def recalled(service: Service) -> Any:
    [recall] = [e for e in service.workspace.index.by_subject(MASKS.id) if e.action == "Recall"]
    return recall


# ------------------------------------------------------------------------------ finding


def test_a_batch_is_found_by_what_stands_on_its_carton(service: Service) -> None:
    for gtin in (f"{MASKS.gtin:014d}", f"{MASKS.gtin:013d}"):
        found = told(service, "/v1/batches", BUYER, gtin=gtin, lot=MASKS.lot)
        assert [one["id"] for one in found["batches"]] == ["0x" + MASKS.id.hex()]
        assert found["organisations"][identity("qingluan")]["en"] == demo.QINGLUAN.name_en


def test_goods_without_a_gtin_are_found_by_their_number(service: Service) -> None:
    [found] = told(service, "/v1/batches", BUYER, gtin="", lot=DONATED.lot)["batches"]
    assert (found["gtin"], found["origin_not_shown"]) == ("", True)
    assert told(service, "/v1/batches", BUYER, gtin="", lot=MASKS.lot)["batches"] == []


def test_without_a_gtin_a_number_is_looked_for_among_all(service: Service) -> None:
    for lot in (MASKS, DONATED):
        for maker in ({}, {"maker": "0x" + lot.id[:20].hex()}):
            found = told(service, "/v1/batches", BUYER, lot=lot.lot, **maker)["batches"]
            assert [one["id"] for one in found] == ["0x" + lot.id.hex()]
    assert told(service, "/v1/batches", BUYER, lot=MASKS.lot[:-1])["batches"] == [], "the whole"


def test_the_batches_of_a_maker_come_page_by_page(service: Service) -> None:
    query = {"maker": identity("qingluan")}
    whole = told(service, "/v1/batches", BUYER, **query)["batches"]
    assert [b["lot"] for b in whole][:2] == ["QL100-A", "QL100-B"]
    one_by_one = [told(service, "/v1/batches", BUYER, **query, limit=1)]
    while one_by_one[-1]["next"] is not None:
        after = one_by_one[-1]["next"]
        one_by_one.append(told(service, "/v1/batches", BUYER, **query, limit=1, after=after))
    assert [page["batches"] for page in one_by_one] == [[batch] for batch in whole]


def test_batches_are_found_by_the_beginning_of_their_number(service: Service) -> None:
    found = told(service, "/v1/batches", AUDITOR, q="MB-")
    assert [one["lot"] for one in found["batches"]] == ["MB-115", "MB-116"]
    assert told(service, "/v1/batches", AUDITOR, q="mb-")["batches"] == [], "case counts"


def test_a_store_finds_what_it_keeps_and_nothing_else(service: Service) -> None:
    store = service.token(SUPPLIER, "community-1")
    found = told(service, "/v1/batches", store)
    assert [one["lot"] for one in found["batches"]] == [MASKS.lot]
    sought = {"gtin": f"{OTHER_MASKS.gtin:014d}", "lot": OTHER_MASKS.lot}
    assert told(service, "/v1/batches", store, **sought)["batches"] == []


# ------------------------------------------------------------------------------ one batch


def test_a_batch_is_told_with_what_was_found_and_what_stops_it(service: Service) -> None:
    found = told(service, path(MASKS), AUDITOR)
    assert found["quantity"] == 700_000
    assert {"inspection.passed", "recall"} <= {f["code"] for f in found["findings"]}
    [stop] = found["stops"]
    assert (stop["kind"], stop["stands"], stop["by"]) == ("recall", True, identity("regulator"))
    assert found["clocks"]["complete_to"] == found["clocks"]["position"]
    assert found["withheld"] == {}


def test_before_it_was_recalled_a_batch_was_not_stopped(service: Service) -> None:
    found = told(service, path(MASKS), AUDITOR, known_at=recalled(service).recorded_at - 1)
    assert found["stops"] == []
    assert "recall" not in {f["code"] for f in found["findings"]}


# ------------------------------------------------------------------------------ tracing


def test_masks_are_traced_to_the_resin_of_both_makers(service: Service) -> None:
    trace = told(service, path(MASKS, "trace-back"), AUDITOR)
    assert names(trace)[0] == MASKS.lot
    assert set(names(trace)) == {"QL100-A", "MB-115", "SB-2201", "CL-7042", "ZH-0318"}
    assert not trace["more"]
    assert trace["continuation"] is None
    number = {lot["lot"]: lot["number"] for lot in trace["lots"]}
    used = [e["used"] for e in trace["edges"] if e["input"] == number["MB-115"]]
    assert used == [430, 320], "two shifts"
    maker = next(lot for lot in trace["lots"] if lot["lot"] == "ZH-0318")["actors"][0]
    assert (maker["then"], maker["now"]) == ("valid", "invalid")
    marks = {(m["code"], tuple(m["path"])) for m in trace["lots"][0]["inherits"]}
    way = tuple(number[lot] for lot in ("QL100-A", "MB-115", "ZH-0318"))
    assert ("maker.withdrawn-retroactively", way) in marks
    assert trace["assurance"]["least"] in trace["assurance"]["links"]
    assert trace["withheld"] == {}


def test_pages_laid_side_by_side_are_the_whole_trace(service: Service) -> None:
    whole = told(service, path(MASKS, "trace-back"), AUDITOR)
    lots: list[str] = []
    edges: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = told(service, path(MASKS, "trace-back"), AUDITOR, size=2, **after)
        lots += names(page)
        edges += page["edges"]
        assert page["more"] == (page["continuation"] is not None)
        if not page["more"]:
            break
        assert page["cut"]["by"] == "size"
        after = {"after": page["continuation"]}
    assert lots == names(whole)
    assert sorted(map(str, edges)) == sorted(map(str, whole["edges"]))


def test_a_depth_that_leaves_something_out_says_so(service: Service) -> None:
    page = told(service, path(MASKS, "trace-back"), AUDITOR, depth=1)
    assert set(names(page)) == {"QL100-A", "MB-115", "SB-2201"}
    assert (page["more"], page["cut"]["by"], page["continuation"]) == (True, "depth", None)


def test_as_known_before_the_withdrawal_the_maker_was_qualified(service: Service) -> None:
    index = service.workspace.index
    [licence] = index.qualifications_of(demo.ZHUHUAN.id)
    withdrawn = next(e for e in index.by_subject(licence.id) if e.action == "WithdrawQualification")
    trace = told(service, path(RESIN, "trace-back"), AUDITOR, known_at=withdrawn.recorded_at - 1)
    assert trace["lots"][0]["actors"][0]["now"] == "valid"
    assert trace["clocks"]["complete_to"] <= withdrawn.sequence


def test_resin_is_traced_forward_to_the_masks(service: Service) -> None:
    trace = told(service, path(RESIN, "trace-forward"), AUDITOR)
    assert names(trace) == ["ZH-0318", "MB-115", "QL100-A"]


def test_what_happened_after_the_time_asked_about_is_left_out(service: Service) -> None:
    made = told(service, path(FABRIC), AUDITOR)["happened_at"]
    trace = told(service, path(RESIN, "trace-forward"), AUDITOR, at=made)
    assert names(trace) == ["ZH-0318", "MB-115"]
    assert trace["clocks"]["at"] == made


def test_of_a_batch_that_grew_only_what_was_made_by_then_is_counted(service: Service) -> None:
    making = [e for e in service.workspace.index.by_subject(MASKS.id) if e.action == "Transform"]
    first = making[0]
    assert len(making) == 2
    then = told(service, path(MASKS), AUDITOR, at=first["happenedAt"])
    assert then["quantity"] == first["quantity"] < told(service, path(MASKS), AUDITOR)["quantity"]
    assert "as of now" in then["clocks"]["note"]["en"]
    traced = told(service, path(MASKS, "trace-back"), AUDITOR, at=first["happenedAt"])
    assert traced["lots"][0]["quantity"] == first["quantity"]
    assert traced["clocks"] == then["clocks"]
    known = told(service, path(MASKS), AUDITOR, known_at=recalled(service).recorded_at)
    assert (known["quantity"], known["clocks"]["note"]) == (700_000, None)


def test_a_maker_of_resin_is_told_how_much_it_may_not_see_downstream(service: Service) -> None:
    trace = told(service, path(RESIN, "trace-forward"), service.token(SUPPLIER, "zhuhuan"))
    assert names(trace) == ["ZH-0318"]
    assert trace["edges"] == []
    assert (trace["withheld"]["lots"], trace["withheld"]["edges"]) == (2, 3)
    assert identity("qingluan") not in trace["organisations"], "to whom it sold nothing"
    assert "MB-115" not in str(trace)


def test_who_made_something_of_it_sees_the_way_there(service: Service) -> None:
    trace = told(service, path(RESIN, "trace-forward"), SUPPLIER)
    assert names(trace) == ["ZH-0318", "MB-115", "QL100-A"], "the mask works"
    assert told(service, path(FIRST_RESIN, "trace-forward"), SUPPLIER)["withheld"].keys() <= {
        "actors",
        "findings",
    }


def test_a_store_sees_what_its_masks_were_made_of(service: Service) -> None:
    store = service.token(SUPPLIER, "community-1")
    assert "ZH-0318" in names(told(service, path(MASKS, "trace-back"), store))
    assert told(service, path(RESIN), store)["lot"] == "ZH-0318"
    refused = service.get(path(OTHER_FABRIC), store)
    assert (refused.status_code, refused.json()["code"]) == (404, "batch.unknown")


def test_a_buyer_sees_who_made_it_and_not_through_whose_hands_it_went(service: Service) -> None:
    trace = told(service, path(MASKS, "trace-back"), BUYER)
    masks = trace["lots"][0]
    assert {a["action"] for a in masks["actors"]} >= {"Transform", "Inspect", "Recall"}
    assert not {a["action"] for a in masks["actors"]} & {"Dispense", "Ship", "Receive"}
    assert trace["withheld"]["actors"] > 0
    assert trace["assurance"]["links"], "who handed what to its maker is part of the trace"


# ------------------------------------------------------------------------------ custody


def test_the_custody_of_a_batch_adds_up_for_an_auditor(service: Service) -> None:
    found = told(service, path(MASKS, "custody"), AUDITOR)
    books = found["custodians"]
    left = ("on_hand", "in_units", "under_way_from", "used", "dispensed", "destroyed", "lost")
    assert sum(b[name] for b in books for name in left) == found["made"] == 700_000
    assert {b["custodian"] for b in books} >= {
        s.id.hex() and "0x" + s.id.hex() for s in demo.COMMUNITIES
    }
    [shipment] = found["under_way"]
    assert (shipment["quantity"], shipment["recipient"]) == (15_000, identity("community-3"))
    assert found["hops"][0]["act"] == "made"
    assert found["withheld"] == {}


def test_the_acts_of_custody_come_page_by_page(service: Service) -> None:
    whole = told(service, path(MASKS, "custody"), AUDITOR)["hops"]
    hops: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = told(service, path(MASKS, "custody"), AUDITOR, size=5, **after)
        hops += page["hops"]
        if not page["more"]:
            break
        after = {"after": page["continuation"]}
    assert hops == whole
    assert len(whole) > 10


def test_a_store_sees_its_own_part_of_the_custody(service: Service) -> None:
    store = service.token(SUPPLIER, "community-1")
    found = told(service, path(MASKS, "custody"), store)
    assert [b["custodian"] for b in found["custodians"]] == [identity("community-1")]
    assert {h["act"] for h in found["hops"]} == {"shipped", "received", "dispensed"}
    assert found["withheld"]["custodians"] == 4
    assert found["withheld"]["under_way"] == 1
    assert identity("community-2") not in str(found)


def test_the_maker_and_who_may_recall_see_the_whole_custody(service: Service) -> None:
    for caller in (SUPPLIER, ISSUER):  # the mask works, and the regulator
        assert told(service, path(MASKS, "custody"), caller)["withheld"] == {}, caller


@pytest.mark.parametrize("caller", [BUYER, "laboratory"])
def test_who_is_no_party_sees_no_custody(service: Service, caller: CallerRole | str) -> None:
    if caller == "laboratory":
        caller = service.token(ISSUER, "laboratory")
    found = told(service, path(MASKS, "custody"), caller)
    assert (found["custodians"], found["under_way"], found["hops"]) == ([], [], [])
    assert found["withheld"]["custodians"] == 5
    assert found["made"] == 700_000


def test_entries_of_custody_are_no_more_public_than_custody(service: Service) -> None:
    sent = next(e for e in service.workspace.index.by_subject(MASKS.id) if e.action == "Dispense")
    where = f"/v1/entries/{sent.sequence}"
    seen = {c: service.get(where, c).status_code for c in (BUYER, AUDITOR, SUPPLIER)}
    assert seen == {BUYER: 404, AUDITOR: 200, SUPPLIER: 200}, "the supplier made the masks"


def test_that_custody_was_read_is_written_down(service: Service) -> None:
    told(service, path(FABRIC, "custody"), BUYER)
    noted = told(service, "/v1/accesses", AUDITOR)["accesses"]
    assert ("batch.custody-read", "0x" + FABRIC.id.hex()) in {
        (a["action"], a["subject"]) for a in noted
    }


# ------------------------------------------------------------------------------ recalls


def test_the_scope_of_a_recall_names_every_lot_and_where_it_is(service: Service) -> None:
    scope = told(service, path(FABRIC, "recall-scope"), AUDITOR, reason="Filter fails")
    assert names(scope) == ["MB-115", "QL100-A"]
    assert scope["complete_to"] == service.workspace.position
    custodians = {c["custodian"] for lot in scope["lots"] for c in lot["custody"]["custodians"]}
    assert {"0x" + store.id.hex() for store in demo.COMMUNITIES} <= custodians
    campaign = "0x" + campaign_id([FABRIC.id], scope["complete_to"]).hex()
    assert scope["campaign"] == campaign
    assert [e["message"] for e in scope["recalls"]] == [
        {"lot": lot["id"], "completeTo": scope["complete_to"], "campaign": campaign,
         "document": "0x" + "00" * 32, "reason": "Filter fails"}
        for lot in scope["lots"]
    ]  # fmt: skip


def test_a_maker_gets_entries_for_its_own_lots_only(service: Service) -> None:
    scope = told(service, path(FABRIC, "recall-scope"), service.token(SUPPLIER, "fenghuang"))
    assert names(scope) == ["MB-115"]
    assert scope["withheld"] == {"lots": 1}
    assert [e["message"]["lot"] for e in scope["recalls"]] == ["0x" + FABRIC.id.hex()]
    assert told(service, path(FABRIC, "recall-scope"), BUYER)["recalls"] == []


def test_the_campaign_says_who_answered_and_who_did_not(service: Service) -> None:
    campaign = "0x" + recalled(service)["campaign"].hex()
    followed = told(service, f"/v1/batches/campaigns/{campaign}", ISSUER)
    by_lot = {lot["lot"]: lot for lot in followed["lots"]}
    answered = {a["custodian"]: a for a in by_lot["QL100-A"]["acknowledged"]}
    assert answered[identity("community-1")]["set_aside"] == 47_500
    missing = {m["custodian"] for m in by_lot["QL100-A"]["missing"]}
    assert missing == {identity("warehouse"), identity("community-2")}
    assert followed["withheld"] == {}


def test_an_answer_is_held_against_the_books_and_a_later_one_supersedes_it(
    service: Service,
) -> None:
    def acknowledge(aside: int, gone: int) -> None:
        service.submit(
            "community-3", "Acknowledge",
            lot=MASKS.id, recall=recall.digest, setAside=aside, gone=gone, note="",
        )  # fmt: skip

    def answers() -> Any:
        followed = told(service, f"/v1/batches/campaigns/0x{recall['campaign'].hex()}", AUDITOR)
        [masks] = [lot for lot in followed["lots"] if lot["lot"] == MASKS.lot]
        return [a for a in masks["acknowledged"] if a["custodian"] == identity("community-3")]

    recall = recalled(service)
    [first] = answers()
    assert (first["code"], first["ledger_under_way"]) == ("under-way", 15_000)
    acknowledge(18_499, 1_500)
    former, latest = answers()
    assert (former["code"], former["superseded_by"]) == ("superseded", latest["entry"])
    assert (latest["code"], latest["ledger_there"], latest["ledger_gone"]) == (
        "differs", 18_500, 1_500,
    )  # fmt: skip
    assert "18,499" in latest["en"]
    assert "18,500" in latest["zh"]
    acknowledge(33_500, 1_500)
    assert [a["code"] for a in answers()] == ["superseded", "superseded", "agrees"]


def test_a_store_sees_its_own_answer_alone(service: Service) -> None:
    campaign = "0x" + recalled(service)["campaign"].hex()
    store = service.token(SUPPLIER, "community-1")
    followed = told(service, f"/v1/batches/campaigns/{campaign}", store)
    masks = followed["lots"][-1]
    assert [a["custodian"] for a in masks["acknowledged"]] == [identity("community-1")]
    assert masks["missing"] == []
    assert followed["withheld"]["missing"] == 2


def test_a_campaign_of_which_nobody_heard_is_not_known(service: Service) -> None:
    refused = service.get("/v1/batches/campaigns/0x" + "00" * 32, AUDITOR)
    assert (refused.status_code, refused.json()["code"]) == (404, "campaign.unknown")


def test_that_somebody_recorded_custody_late_is_told_to_its_parties(service: Service) -> None:
    day, now = 86_400, int(service.workspace.clock())
    lot = lot_id(demo.WAREHOUSE.id, 0, "LATE-1")
    service.submit(
        "warehouse", "Commission", "authority", quantity=10, gtin=0, originNotShown=True,
        document=bytes(32), lot="LATE-1", category=demo.MASK, model="", unit="H87", place="",
        origin="", cited=(), happenedAt=now - 40 * day,
    )  # fmt: skip
    sent = service.submit(
        "warehouse", "Ship", "authority", lot=lot, recipient=office("community-2").id, quantity=4,
        due=now + day, purpose=0, reference="", happenedAt=now - 39 * day,
    )  # fmt: skip
    service.submit(
        "community-2", "Receive", "authority", lot=lot, sender=demo.WAREHOUSE.id,
        shipment=bytes.fromhex(sent["digest"][2:]), accepted=4, reason="",
        happenedAt=now - 38 * day,
    )  # fmt: skip
    for caller, shown in (
        (AUDITOR, ["warehouse", "warehouse", "community-2"]),
        (service.token(SUPPLIER, "community-2"), ["warehouse", "warehouse", "community-2"]),
        (BUYER, ["warehouse", "warehouse"]),
    ):
        found = told(service, "/v1/batches/0x" + lot.hex(), caller)
        late = [f["by"] for f in found["findings"] if f["code"] == "entry.late"]
        assert late == [identity(who) for who in shown]
        assert found["withheld"].get("findings", 0) == 3 - len(shown)


# ------------------------------------------------------------------------------ whoever asks

#: Who had some of the masks, beside their maker.
KEEPERS = ("warehouse", "community-1", "community-2", "community-3")


@pytest.mark.parametrize(
    ("asker", "role", "not_told"),
    [
        # The warehouse is the maker of other batches, which these may find.
        ("district", BUYER, KEEPERS[1:]),
        ("laboratory", ISSUER, KEEPERS[1:]),
        ("community-1", SUPPLIER, ("community-2", "community-3")),
        ("fenghuang", SUPPLIER, KEEPERS),
        ("zhuhuan", SUPPLIER, (*KEEPERS, "qingluan")),
        ("baize", SUPPLIER, (*KEEPERS, "qingluan")),
        (None, None, KEEPERS),
    ],
)
def test_no_answer_about_any_batch_names_whom_the_asker_has_nothing_to_do_with(
    service: Service, asker: str | None, role: CallerRole | None, not_told: tuple[str, ...]
) -> None:
    """Every endpoint of the document about batches × every batch of the story."""
    token = service.token(role, asker) if role is not None and asker is not None else None
    campaign = "0x" + recalled(service)["campaign"].hex()
    answered = 0
    for template, methods in service.app.openapi()["paths"].items():
        if "batches" not in methods.get("get", {}).get("tags", ()):
            continue
        if token is not None and "security" not in methods["get"]:
            continue  # the same for everybody
        for lot in (MASKS, OTHER_MASKS, FABRIC, RESIN, FIRST_RESIN):
            where = template.format(
                id="0x" + lot.id.hex(), campaign=campaign, gtin=f"{lot.gtin:014d}", lot=lot.lot
            )
            answer = service.get(where, token)
            assert answer.status_code in ({200, 404} if token else {200, 401}), answer.text
            answered += answer.status_code == 200
            for other in not_told:
                assert identity(other)[2:] not in answer.text.replace(lot.id.hex(), ""), where
                assert office(other).name_en not in answer.text, where
    assert answered > 4


# ------------------------------------------------------------------------------ for everybody


def test_anybody_may_ask_whether_the_box_is_real_and_recalled(service: Service) -> None:
    found = told(service, f"/01/{MASKS.gtin:014d}/10/{MASKS.lot}", None)
    assert found["recalled"]
    [batch] = found["batches"]
    assert batch["maker"] == identity("qingluan")
    assert batch["recalls"][0]["by"] == identity("regulator")
    other = told(service, f"/01/{OTHER_MASKS.gtin:013d}/10/{OTHER_MASKS.lot}", None)
    assert not other["recalled"]


def test_the_public_is_told_that_what_a_box_was_made_of_is_recalled(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks = told(service, f"/01/{MASKS.gtin:014d}/10/{MASKS.lot}", None)
    assert masks["upstream"]["recalled"], "the fabric"
    assert masks["upstream"]["code"] == "recalled"
    assert masks["upstream"]["complete"]
    where = f"/01/{OTHER_MASKS.gtin:013d}/10/{OTHER_MASKS.lot}"
    clear = told(service, where, None)["upstream"]
    assert (clear["recalled"], clear["held"], clear["code"]) == (False, False, "clear")
    monkeypatch.setattr("api.batches.service._MOST_BEHIND", 1)
    unknown = told(service, where, None)["upstream"]
    assert (unknown["recalled"], unknown["held"], unknown["complete"]) == (None, None, False)
    assert unknown["code"] == "unknown"
    assert "not known" in unknown["en"]


def test_the_public_is_told_no_quantity_and_no_hand(service: Service) -> None:
    found = told(service, f"/01/{MASKS.gtin:014d}/10/{MASKS.lot}", None)
    assert set(found["organisations"]) == {identity("qingluan"), identity("regulator")}
    assert not {"quantity", "custody", "actors", "findings"} & set(found["batches"][0])


@pytest.mark.parametrize(
    ("link", "status", "field"),
    [
        ("/01/09520000000059/10/NOWHERE", 404, "lot"),
        ("/01/09520000000058/10/QL100-A", 422, "gtin"),
        ("/01/095200000000/10/QL100-A", 422, "gtin"),
        ("/01/09520000000059/10/QL%20100", 422, "lot"),
        ("/01/09520000000059/10/" + quote("口罩"), 422, "lot"),
        ("/01/09520000000059/10/ABCDEFGHIJKLMNOPQRSTU", 422, "lot"),
    ],
)
def test_a_link_that_cannot_be_is_told_what_is_wrong(
    service: Service, link: str, status: int, field: str
) -> None:
    for language in ("en", "zh"):
        refused = service.get(link, params={"lang": language})
        assert (refused.status_code, refused.json()["field"]) == (status, field)


def test_a_number_with_a_slash_can_be_asked_for(service: Service) -> None:
    gift(service, "A/1")
    refused = service.get("/01/09520000000059/10/A%2F1")
    assert refused.json()["code"] == "batch.unknown", "and is no other path"


# ------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("where", "field", "code"),
    [
        ("/v1/batches/0x12", "id", "shape.value-error"),
        ("/v1/batches?gtin=09520000000058&lot=QL100-A", "gtin", "identifier.check-digit"),
        ("/v1/batches?gtin=09520000000059", "gtin", "batch.parameters"),
        ("/v1/batches?lot=QL100-A&q=QL", "q", "batch.parameters"),
        ("/v1/batches?lot=QL%20100", "lot", None),
        ("/v1/batches?maker=0x12", "maker", "shape.value-error"),
        ("/v1/batches?limit=0", "limit", "shape.greater-than-equal"),
        ("/v1/batches?GTIN=1", "GTIN", "parameter.unknown"),
        ("{}/trace-back?size=0", "size", "shape.greater-than-equal"),
        ("{}/trace-back?size=2001", "size", "shape.less-than-equal"),
        ("{}/trace-forward?depth=1001", "depth", "shape.less-than-equal"),
        ("{}/trace-back?after=next", "after", "trace.continuation"),
        ("{}/custody?after=AAAA.1.1.recorded", "after", "trace.continuation"),
        ("{}/trace-back?at=yesterday", "at", None),
        ("{}/trace-back?known_at=2999-01-01", "known_at", "question.known-at"),
        ("{}/trace-back?known_at=2001-01-01", "known_at", "batch.not-yet"),
        ("{}/trace-back?at=2001-01-01", "at", "batch.not-yet"),
        ("{}/trace-forward?at=2001-01-01", "at", "batch.not-yet"),
        ("{}?at=2001-01-01", "at", "batch.not-yet"),
        ("{}/trace-back?zone=Nowhere/Else", "zone", "question.zone"),
        ("{}/custody?size=x", "size", "shape.int-parsing"),
        ("{}/recall-scope?document=0x12", "document", "shape.value-error"),
    ],
)
def test_what_is_wrong_is_named(service: Service, where: str, field: str, code: str | None) -> None:
    asked = where.replace("{}", path(MASKS))
    refused = service.get(asked, AUDITOR)
    problem = refused.json()
    assert (refused.status_code, problem["field"]) == (422, field), problem
    assert code is None or problem["code"] == code
    chinese = service.get(asked, AUDITOR, headers={"Accept-Language": "zh"}).json()
    assert chinese["detail"] != problem["detail"]


def test_an_unknown_batch_is_not_known_anywhere(service: Service) -> None:
    for tail in ("", "/trace-back", "/trace-forward", "/custody", "/recall-scope"):
        refused = service.get(f"/v1/batches/0x{'77' * 32}{tail}", AUDITOR)
        assert (refused.status_code, refused.json()["code"]) == (404, "batch.unknown")


def test_a_continuation_belongs_to_its_question(service: Service) -> None:
    page = told(service, path(MASKS, "trace-back"), AUDITOR, size=1)
    for where, more in (
        (path(MASKS, "trace-forward"), {}),
        (path(OTHER_MASKS, "trace-back"), {}),
        (path(MASKS, "trace-back"), {"at": 1}),
        (path(MASKS, "trace-back"), {"clock": "published"}),
        (path(MASKS, "trace-back"), {"known_at": "2020-01-01"}),
        (path(MASKS, "recall-scope"), {}),
        (path(MASKS, "custody"), {}),
    ):
        query = {"after": page["continuation"], **more}
        refused = service.get(where, AUDITOR, params=query)
        assert (refused.status_code, refused.json()["field"]) == (422, "after"), (where, more)
        assert refused.json()["code"] == "trace.continuation"


def test_a_continuation_with_other_clocks_is_none(service: Service) -> None:
    page = told(service, path(MASKS, "trace-back"), AUDITOR, size=1)
    token, known_at, position, clock = page["continuation"].split(".")
    begun = recalled(service).recorded_at - 1
    for known, upto in ((begun, position), (10**11, position), (known_at, 10**9), ("x", position)):
        after = f"{token}.{known}.{upto}.{clock}"
        refused = service.get(path(MASKS, "trace-back"), AUDITOR, params={"after": after})
        assert (refused.status_code, refused.json()["code"]) == (422, "trace.continuation")


def test_a_place_in_a_list_is_none_in_a_trace(service: Service) -> None:
    page = told(service, path(MASKS, "custody"), AUDITOR, size=1)
    for where in (path(MASKS, "trace-back"), path(OTHER_MASKS, "custody")):
        refused = service.get(where, AUDITOR, params={"after": page["continuation"]})
        assert (refused.status_code, refused.json()["field"]) == (422, "after")


def test_a_page_stands_on_the_ledger_of_the_first(service: Service) -> None:
    page = told(service, path(MASKS, "trace-back"), AUDITOR, size=1)
    gift(service, "LATER-1")
    following = told(
        service, path(MASKS, "trace-back"), AUDITOR, size=1, after=page["continuation"]
    )
    assert following["clocks"] == page["clocks"]
    assert following["clocks"]["position"] < service.workspace.position


def test_a_batch_can_be_read_as_soon_as_it_is_recorded(service: Service) -> None:
    entry = service.submit(
        "warehouse", "Commission", quantity=1, gtin=0, originNotShown=True, document=bytes(32),
        lot="NOW-1", category=demo.MASK, model="", unit="H87", place="", origin="", cited=(),
    )  # fmt: skip
    new = "0x" + lot_id(demo.WAREHOUSE.id, 0, "NOW-1").hex()
    found = told(service, f"/v1/batches/{new}", AUDITOR, min_position=entry["sequence"] + 1)
    assert found["number"] == entry["sequence"]
    ahead = service.get(f"/v1/batches/{new}", AUDITOR, params={"min_position": 10**9})
    assert (ahead.status_code, ahead.json()["code"]) == (503, "position.not-reached")
