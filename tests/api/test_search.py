"""One search over everything, over HTTP: understood, found in groups, or said to be wrong."""

from typing import Any

import pytest

from api.access import CallerRole, Scope
from ledger.demo import MASK_LOT, OTHER_MASK_LOT
from tests.api.test_verdicts import question
from tests.support.service import Service, identity

QINGLUAN = identity("qingluan")
SCAN = "]d201095200000000591727123110QL100-A\x1d21ABC"


def found(service: Service, q: str, caller: CallerRole | str = CallerRole.PROCUREMENT) -> Any:
    answer = service.get("/v1/search", caller, params={"q": q})
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(told: Any) -> list[str]:
    return [note["code"] for note in told["notes"]]


@pytest.mark.parametrize(
    "q",
    [
        SCAN, "(01)09520000000059(10)QL100-A", "9520000000059:QL100-A",
        "https://id.example.org/01/9520000000059/10/QL100-A?17=271231&utm=x",
    ],
)  # fmt: skip
def test_a_scanned_box_is_one_batch(service: Service, q: str) -> None:
    told = found(service, q)
    [batch] = told["batches"]["found"]
    assert told["exact"] == {"kind": "batch", "path": "/batches/" + batch["id"]}
    assert (batch["gtin"], batch["lot"]) == ("09520000000059", "QL100-A")
    assert told["organisations"][batch["maker"]]["zh"] == "示例青鸾口罩厂"
    assert told["notes"] == []


def test_a_whole_credit_code_is_one_supplier(service: Service) -> None:
    told = found(service, "91990000ma0dem0806")
    assert told["exact"] == {"kind": "supplier", "path": "/suppliers/" + QINGLUAN}


def test_a_link_to_a_page_is_that_page(service: Service) -> None:
    told = found(service, f"https://elsewhere.example/suppliers/{QINGLUAN}?at=2026-01-01")
    assert told["exact"] == {"kind": "page", "path": "/suppliers/" + QINGLUAN}
    assert told["suppliers"]["found"] == []


@pytest.mark.parametrize("q", ["青鸾", "青鸞", "qingluan", "Qing Luan", "slqlkzc"])
def test_a_name_finds_suppliers_and_leads_nowhere_by_itself(service: Service, q: str) -> None:
    told = found(service, q)
    assert QINGLUAN in [s["id"] for s in told["suppliers"]["found"]]
    assert told["exact"] is None
    assert told["understood"]["form"] == "words"


def test_a_certificate_number_shows_how_it_stands(service: Service) -> None:
    told = found(service, "示械注准20242140001")
    certificates = told["certificates"]["found"]
    assert {c["number"] for c in certificates} == {"示械注准20242140001"}
    assert QINGLUAN in {c["holder"] for c in certificates}
    assert all(c["status"] for c in certificates)


def test_several_kinds_of_hits_come_in_groups(service: Service) -> None:
    body = question()
    asked = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=body).json()
    told = found(service, "ql")
    assert told["suppliers"]["found"]
    assert [b["lot"] for b in told["batches"]["found"]]  # QL100-A and the like: case is mended
    assert asked["id"] in [v["id"] for v in told["verdicts"]["found"]]


def test_more_verdicts_than_are_shown_are_not_counted_as_all(service: Service) -> None:
    for quantity in range(1, 8):
        body = question(quantity=quantity)
        given = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=body)
        assert given.status_code in (200, 201), given.text
    told = found(service, "qingluan")["verdicts"]
    assert (len(told["found"]), told["more"]) == (5, True)
    assert len({v["quantity"] for v in told["found"]}) > 1


def test_an_open_alarm_marks_the_certificate_and_its_holder(service: Service) -> None:
    told = found(service, "示械注准20242140005")
    against = {c["holder"]: told["alarmed"][c["id"]] for c in told["certificates"]["found"]}
    assert against == {identity("red-fox"): True, identity("feiyu"): False}
    holders = {s["id"]: told["alarmed"].get(s["id"]) for s in told["suppliers"]["found"]}
    assert holders == against
    assert found(service, "示械注准20242140001")["alarmed"] == {}


def test_a_gtin_alone_lists_its_batches(service: Service) -> None:
    told = found(service, "9520000000059")
    assert told["exact"] is None
    assert len(told["batches"]["found"]) > 1
    assert {b["gtin"] for b in told["batches"]["found"]} == {"09520000000059"}


def test_an_unknown_lot_says_what_was_searched_for_instead(service: Service) -> None:
    told = found(service, "(01)09520000000059(10)QL100")
    assert codes(told) == ["lot.unknown"]
    assert told["exact"] is None
    assert all(b["lot"].startswith("QL100") for b in told["batches"]["found"])
    assert told["batches"]["found"]


def test_a_wrong_check_digit_leads_nowhere_and_the_lot_is_still_searched_for(
    service: Service,
) -> None:
    told = found(service, "010952000000005810QL100-A")
    assert codes(told) == ["gtin.check-digit", "gtin.unread"]
    assert told["exact"] is None
    assert [b["lot"] for b in told["batches"]["found"]] == ["QL100-A"]


def test_a_separator_that_the_scanner_dropped_is_noticed(service: Service) -> None:
    told = found(service, "010952000000005910QL100-A21SERIAL")
    assert codes(told) == ["scan.separator"]
    assert told["exact"]["kind"] == "batch"
    assert [b["lot"] for b in told["batches"]["found"]] == ["QL100-A"]


def test_a_wrong_credit_code_says_so_and_is_searched_for_as_it_stands(service: Service) -> None:
    told = found(service, "91990000MA0DEM0807")
    assert codes(told) == ["uscc.check-digit", "words.searched"]
    assert told["suppliers"]["found"] == []


def test_a_logistic_unit_shows_its_batches(service: Service) -> None:
    told = found(service, "(00)095200000000000011", CallerRole.AUDITOR)
    [hit] = told["units"]
    assert (hit["packer"], hit["state"]) == (QINGLUAN, "taken-apart")
    lots = {"0x" + lot.id.hex() for lot in (MASK_LOT, OTHER_MASK_LOT)}
    assert set(hit["lots"]) == lots, "what was in it"
    assert hit["taken_apart_at"]
    assert found(service, "095200000000000011")["units"] == [], "no party to it"
    assert codes(found(service, "(00)106141412345678908")) == ["sscc.unknown"]


def test_an_id_or_a_hash_is_what_it_is_of(service: Service) -> None:
    assert found(service, QINGLUAN)["exact"]["kind"] == "supplier"
    entry = service.workspace.index.entry(20)
    assert entry is not None
    assert found(service, "0x" + entry.digest.hex())["exact"]["path"] == "/entries/20"
    assert found(service, "0x" + "5a" * 32)["exact"] is None


def test_a_supplier_finds_only_itself_and_its_own(service: Service) -> None:
    for q in ("示例", "shili", "e"):
        told = found(service, q, CallerRole.SUPPLIER)
        assert [s["id"] for s in told["suppliers"]["found"]] == [QINGLUAN]
    told = found(service, "白泽", CallerRole.SUPPLIER)
    assert told["suppliers"]["found"] == told["certificates"]["found"] == []
    assert found(service, identity("baize"), CallerRole.SUPPLIER)["exact"] is None
    other = service.token(CallerRole.SUPPLIER, "baize")
    told = found(service, SCAN, other)
    assert (told["exact"], told["batches"]["found"]) == (None, [])


def test_who_may_not_read_a_kind_finds_none_of_it(service: Service) -> None:
    token = service.token(CallerRole.PROCUREMENT, scopes={Scope.SUPPLIERS_READ})
    told = found(service, "ql", token)
    assert told["suppliers"]["found"]
    assert told["batches"]["found"] == told["units"] == told["verdicts"]["found"] == []


def test_an_operator_searches_nothing(service: Service) -> None:
    answer = service.get("/v1/search", CallerRole.OPERATOR, params={"q": "青鸾"})
    assert answer.status_code == 403


def test_a_very_long_name_is_searched_for_by_its_beginning(service: Service) -> None:
    told = found(service, "示" * 1_000)
    assert codes(told) == ["words.cut"]
    assert len(told["understood"]["words"]) == 200


@pytest.mark.parametrize("q", ["\0", "\x07\x1d", "   ", "%", "' or 1=1 --", "\u202e\u200b", "]d2"])
def test_hostile_characters_do_no_harm(service: Service, q: str) -> None:
    assert found(service, q)["exact"] is None


def test_pages_of_suppliers_follow_on_each_other(service: Service) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        params = {"q": "shili", "limit": "3", **cursor}
        told = service.get("/v1/search", CallerRole.PROCUREMENT, params=params).json()
        seen += [s["id"] for s in told["suppliers"]["found"]]
        if told["suppliers"]["next"] is None:
            break
        cursor = {"cursor": told["suppliers"]["next"]}
    assert len(seen) == len(set(seen)) > 6
