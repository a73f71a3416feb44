"""The client class: against the real service, and for what it refuses to do."""

from typing import Any

import pytest

from api.access import CallerRole
from api.client import SuyuanClient
from ledger import demo
from ledger.errors import EvidenceError, RequestError, UnavailableError
from tests.api.test_verdicts import question
from tests.support.ledger import key
from tests.support.service import Service, identity, office


@pytest.fixture
def client(service: Service) -> SuyuanClient:
    return SuyuanClient(
        "http://127.0.0.1",
        service.tokens[CallerRole.PROCUREMENT],
        transport=service.client._transport,
    )


def test_it_searches_through_all_pages(client: SuyuanClient) -> None:
    assert identity("qingluan") in {s["id"] for s in client.search()}
    assert [s["id"] for s in client.search("青鸾")] == [identity("qingluan")]


def test_it_asks_reads_and_recomputes_a_verdict(client: SuyuanClient) -> None:
    given = client.verdict(**question())
    assert given["answer"] == "buy"
    assert given["id"].encode() in client.read_verdict(given["id"])
    assert client.recompute(given["id"])["same"]


def test_it_stores_and_fetches_a_document(client: SuyuanClient) -> None:
    digest = client.store_document(b"%PDF-1.7 licence", "application/pdf", "licence.pdf")
    assert client.fetch_document(digest) == b"%PDF-1.7 licence"


def test_it_finds_traces_and_follows_batches(client: SuyuanClient) -> None:
    masks, fabric = ("0x" + lot.id.hex() for lot in (demo.MASK_LOT, demo.FABRIC_LOT))
    gtin = f"{demo.MASK_LOT.gtin:014d}"
    assert [b["id"] for b in client.batches(gtin=gtin, lot=demo.MASK_LOT.lot)] == [masks]
    assert client.batch(masks)["stops"][0]["kind"] == "recall"
    page = client.trace_back(masks, size="1")
    assert client.trace_back(masks, after=page["continuation"])["position"] == 1
    assert client.trace_forward(fabric)["lots"][-1]["id"] == masks
    assert client.custody(masks)["withheld"], "a buyer is no party"
    assert [lot["id"] for lot in client.recall_scope(fabric)["lots"]] == [fabric, masks]
    campaign = client.batch(masks)["stops"][0]["campaign"]
    assert client.campaign(campaign)["campaign"] == campaign
    assert client.digital_link(gtin, demo.MASK_LOT.lot)["recalled"]
    with pytest.raises(RequestError) as refused:
        client.digital_link(gtin, "a/b")
    assert refused.value.code == "batch.unknown"


def test_a_refused_request_is_our_own_request_error(client: SuyuanClient) -> None:
    with pytest.raises(RequestError) as refused:
        client.verdict(**question(quantity=0))
    assert refused.value.field == "quantity"


def test_a_token_is_never_sent_over_plain_http_to_another_machine() -> None:
    with pytest.raises(RequestError) as refused:
        SuyuanClient("http://ledger.example", "suyuan_x")
    assert refused.value.code == "client.plain-http"


def test_without_a_key_nothing_is_signed(client: SuyuanClient) -> None:
    with pytest.raises(RequestError) as refused:
        client.sign("DisableAccount", reason="x")
    assert refused.value.code == "client.signer"


def test_a_service_of_another_ledger_gets_no_signature(service: Service) -> None:
    client = SuyuanClient(
        "http://127.0.0.1",
        service.tokens[CallerRole.SUPPLIER],
        key("qingluan"),
        contracts={"QualificationRegistry": bytes(20)},
        transport=service.client._transport,
    )
    with pytest.raises(EvidenceError, match="another ledger"):
        client.sign("Reply", about=bytes(32), document=bytes(32), text="x")


def test_a_silent_service_is_asked_again_and_then_reported() -> None:
    pauses: list[float] = []
    with (
        SuyuanClient("http://127.0.0.1:9", "suyuan_x", sleep=pauses.append) as client,
        pytest.raises(UnavailableError) as silent,
    ):
        client.ledger()
    assert silent.value.code == "service.silent"
    assert len(pauses) == 3


def test_a_refusal_of_the_ledger_comes_with_its_reason(service: Service) -> None:
    client = SuyuanClient(
        "http://127.0.0.1",
        service.tokens[CallerRole.SUPPLIER],
        key("qingluan"),
        transport=service.client._transport,
    )
    fields: dict[str, Any] = {"holder": office("qingluan").id, "validFrom": 1, "validUntil": 2}
    with pytest.raises(RequestError) as refused:
        client.submit(
            "IssueQualification",
            document=bytes(32),
            category="mask.surgical",
            model="",
            kind="cn-production-licence",
            number="self-made",
            **fields,
        )
    assert refused.value.code.startswith("entry.refused.")
    assert refused.value.message_zh
