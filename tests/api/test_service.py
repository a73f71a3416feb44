"""The service about itself, its problems, and what it refuses to start with or to take on."""

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from uvicorn import Config, Server

from api.access import CallerRole
from api.app import create_app
from api.edge import Admission, Bodies
from api.language import language_of
from api.settings import ServerSettings, development_accounts
from ledger.errors import ChainUnavailableError, RequestError
from ledger.signing import Signer
from tests.support.service import Service

# -- about itself


def test_health_is_public_and_says_where_the_ledger_is(service: Service) -> None:
    told = service.get("/health")
    assert told.status_code == 200
    assert told.json()["status"] == "ok"
    assert told.json()["ledger"]["position"] >= 125


def test_a_chain_that_does_not_answer_is_a_degraded_service_that_still_reads(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.workspace, "pump", _stalled)
    for _ in range(100):
        told = service.get("/health").json()
        if told["status"] == "degraded":
            break
        time.sleep(0.05)
    assert told["reasons"] == ["chain.unavailable"]
    assert "node-7" not in str(told)
    assert service.get("/v1/suppliers", CallerRole.PROCUREMENT).status_code == 200


def _stalled() -> bool:
    raise ChainUnavailableError("node-7.internal does not answer")


def test_measures_are_for_the_operator_and_counted_by_route(service: Service) -> None:
    service.get("/v1/suppliers/0x" + "12" * 20, CallerRole.PROCUREMENT)
    service.get("/never/heard/of")
    told = service.get("/metrics", CallerRole.OPERATOR)
    assert told.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'route="/v1/suppliers/{id}",status="404"' in told.text
    assert "/never" not in told.text
    assert service.get("/metrics", CallerRole.AUDITOR).status_code == 403


def test_the_ledger_is_told_with_everything_that_a_signer_needs(service: Service) -> None:
    told = service.get("/v1/ledger").json()
    deployment = service.workspace.deployment
    domain = told["domains"]["QualificationRegistry"]
    assert domain["verifyingContract"] == "0x" + deployment.address("QualificationRegistry").hex()
    assert told["actions"]["DisableAccount"]["type"].startswith("DisableAccount(uint64 nonce,")
    assert told["founding"]["quorum"] == 1


def test_the_catalogue_tells_what_is_required(service: Service) -> None:
    told = service.get("/v1/catalogue").json()
    masks = next(c for c in told["categories"] if c["code"] == "mask.surgical")
    assert {r["kind"] for r in masks["requires"]} == {
        "cn-device-registration",
        "cn-production-licence",
    }


# -- problems


def test_a_problem_speaks_the_language_that_is_asked_for(service: Service) -> None:
    for headers, query, language in (
        ({}, "", "en"),
        ({"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}, "", "zh"),
        ({"Accept-Language": "en;q=0.2, zh;q=0.1"}, "", "en"),
        ({"Accept-Language": "en"}, "?lang=zh", "zh"),
    ):
        told = service.get(f"/v1/suppliers{query}", headers=headers)
        assert told.headers["Content-Language"] == language
        assert ("令牌" in told.json()["detail"]) is (language == "zh")


@pytest.mark.parametrize("header", [b"", b";;;", b"zh;q=x", b"*", b"\xff\xfe", b"," * 5000])
def test_an_unreadable_language_is_english(header: bytes) -> None:
    assert language_of({"headers": [(b"accept-language", header)]}) == "en"


def test_nothing_at_a_path_and_a_wrong_method_are_problems(service: Service) -> None:
    nothing = service.get("/v1/nothing")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "path.unknown")
    wrong = service.ask("PUT", "/v1/verdicts")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert wrong.headers["Content-Type"] == "application/problem+json"


def test_an_unforeseen_error_tells_nothing_of_the_inside(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret is 42")

    monkeypatch.setattr(service.workspace.index, "search", broken)
    told = service.get("/v1/suppliers", CallerRole.PROCUREMENT)
    assert (told.status_code, told.json()["code"]) == (500, "internal")
    assert "42" not in told.text


def test_every_answer_carries_the_security_headers(service: Service) -> None:
    for path in ("/health", "/v1/suppliers", "/nowhere"):
        headers = service.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"


# -- too much


def test_beyond_the_limit_requests_are_turned_away_at_once_and_health_is_not() -> None:
    async def scene() -> None:
        release = asyncio.Event()

        async def slow(scope: object, receive: object, send: object) -> None:
            await release.wait()

        admission = Admission(slow, limit=2)
        sent: list[dict[str, object]] = []

        async def send(message: object) -> None:
            assert isinstance(message, dict)
            sent.append(message)

        async def receive() -> dict[str, object]:
            return {"type": "http.request"}

        def ask(path: str) -> asyncio.Task[None]:
            scope = {"type": "http", "path": path, "headers": [], "query_string": b""}
            return asyncio.create_task(admission(scope, receive, send))

        held = [ask("/v1/suppliers") for _ in range(2)]
        await asyncio.sleep(0)
        await ask("/v1/suppliers")
        assert sent[0]["status"] == 503
        assert (b"retry-after", b"1") in sent[0]["headers"]  # type: ignore[operator]
        health = ask("/health")
        await asyncio.sleep(0)
        assert not health.done()
        release.set()
        await asyncio.gather(*held, health)
        assert admission.in_progress == 0

    asyncio.run(scene())


def test_a_body_beyond_the_limit_is_refused_though_its_length_was_not_told(
    service: Service,
) -> None:
    limit = service.app.state.context.settings.max_body

    def chunks() -> object:
        for _ in range(limit // 65536 + 2):
            yield b" " * 65536

    refused = service.post(
        "/v1/verdicts",
        CallerRole.PROCUREMENT,
        content=chunks(),
        headers={"Content-Type": "application/json"},
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "body.too-large")


def test_half_sent_bodies_shut_nobody_out_and_are_ended(service: Service) -> None:
    """Over real sockets: as many as may be worked on at once send a part and then nothing."""
    settings = ServerSettings(max_in_progress=4, body_deadline=1.0)
    app = create_app(service.workspace, settings)
    server = Server(Config(app, port=0, log_level="warning", lifespan="off"))
    running = threading.Thread(target=server.run)
    running.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(8)]
        for one, path in zip(slow, ["/v1/verdicts"] * 4 + ["/v1/documents"] * 4, strict=True):
            one.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
        time.sleep(0.2)
        headers = {"Authorization": f"Bearer {service.tokens[CallerRole.PROCUREMENT]}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as others:
            assert others.get("/v1/suppliers").status_code == 200
            assert others.post("/v1/verdicts?store=false", json={}).status_code == 422
        for one in slow[:4]:
            told = one.makefile("rb").read()
            assert told.startswith(b"HTTP/1.1 408"), told[:80]
            assert b"body.too-slow" in told
        for one in slow:
            one.close()
    finally:
        server.should_exit = True
        running.join()


def test_more_bodies_than_can_be_held_are_turned_away() -> None:
    async def scene() -> None:
        release = asyncio.Event()

        async def slow(scope: object, receive: object, send: object) -> None:
            await release.wait()

        bodies = Bodies(slow, limit=10, larger={}, deadline=5.0, at_once=2)
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"x" * 9}

        def ask() -> asyncio.Task[None]:
            scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
            return asyncio.create_task(bodies({**scope, "query_string": b""}, receive, send))

        held = [ask() for _ in range(2)]
        await asyncio.sleep(0)
        await ask()
        assert sent[0]["status"] == 503
        release.set()
        await asyncio.gather(*held)
        assert bodies.held.total() == 0

    asyncio.run(scene())


# -- safe start


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (ServerSettings(origins=("*",)), "origins"),
        (ServerSettings(origins=("https://*.example",)), "origins"),
        (ServerSettings(origins=("http://shop.example",)), "origins"),
        (ServerSettings(origins=("http://127.0.0.1.shop.example",)), "origins"),
        (ServerSettings(origins=("http://localhost.shop.example:8000",)), "origins"),
        (ServerSettings(host="0.0.0.0"), "host"),
        (ServerSettings(host="::"), "host"),
        (ServerSettings(behind_proxy=True), "public_url"),
        (ServerSettings(trusted_proxies=("*",)), "trusted_proxies"),
        (ServerSettings(trusted_proxies=("proxy.example",)), "trusted_proxies"),
        (ServerSettings(host="ledger.example"), "host"),
    ],
)
def test_an_unsafe_setting_is_refused_by_name(settings: ServerSettings, field: str) -> None:
    with pytest.raises(RequestError) as refused:
        settings.check()
    assert (refused.value.code, refused.value.field) == ("settings.unsafe", field)


@pytest.mark.parametrize(
    "settings",
    [
        ServerSettings(),
        ServerSettings(host="::1"),
        ServerSettings(host="0.0.0.0", behind_proxy=True, public_url="https://ledger.example"),
        ServerSettings(host="0.0.0.0", tls=(Path("cert.pem"), Path("key.pem"))),
        ServerSettings(origins=("https://shop.example",)),
        ServerSettings(origins=("http://localhost:3000", "http://127.0.0.1:3000")),
    ],
)
def test_a_safe_setting_is_taken(settings: ServerSettings) -> None:
    settings.check([Signer(b"\x55" * 32).address])


def test_a_key_that_every_developer_has_is_refused() -> None:
    anvil = bytes.fromhex("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    for account in (Signer((7).to_bytes(32, "big")).address, anvil):
        assert account in development_accounts()
        with pytest.raises(RequestError) as refused:
            ServerSettings().check([account])
        assert refused.value.field == "accounts"
