"""The pages of a supplier and of a verdict against their JSON: what it costs to say the same to a
person. One connection, both in turns in one run; the pages as a browser asks for them: signed in,
compressed, in Chinese.

Firms of the invented world with few qualifications and with an alarm, and one to which many more
were issued, each for a model of its own.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx

from api.access import CallerRole
from api.cli.serving import make_token
from api.pages.session import SESSION_COOKIE
from api.staff.service import Visit
from ledger import demo
from ledger.authoring import Author
from ledger.workspace import Workspace
from tests.benchmarks.load import median_latency, request, serving
from tests.benchmarks.measuring import Figure, recorded
from tests.support.ledger import key
from tests.support.service import found_world, office
from tests.support.staff import PASSWORD, account, staff_of

#: So many more qualifications are issued to the firm with many.
MANY: Final = 60
_ROUNDS: Final = 3
_REQUESTS: Final = 150
_FIRMS: Final = (
    ("few", demo.QINGLUAN, "QL-100"),
    ("an alarm", demo.RED_FOX, "FY-1"),
    ("many", demo.XUANGUI, "M-1"),
)


def measure(folder: Path) -> Iterator[Figure]:
    folder.mkdir(parents=True)
    data = folder / "world"
    workspace = found_world(data)
    _issue_many(workspace)
    token = make_token(
        workspace, "0x" + office("district").id.hex(), "bench", CallerRole.PROCUREMENT, 1
    )
    session = _session(workspace)
    workspace.close()
    with serving(data) as (port, _):
        for what, firm, model in _FIRMS:
            supplier = "/suppliers/0x" + firm.id.hex()
            verdict = _verdict(port, token, firm, model)
            for name, page in (("supplier", supplier), ("verdict", verdict)):
                told, shown, size = _pair(port, token, session, page)
                yield Figure(f"{name}, {what}: JSON", told * 1000, "ms")
                yield Figure(f"{name}, {what}: page of {size / 1000:.0f} kB", shown * 1000, "ms")
                ratio = shown / told
                yield Figure(f"{name}, {what}: page ÷ JSON", ratio, "×", "at most 2", ratio <= 2)


def _issue_many(workspace: Workspace) -> None:
    regulator = Author(
        key("regulator"),
        office("regulator").id,
        workspace.domains,
        workspace.index.next_nonce,
        workspace.clock,
    )
    now = int(workspace.clock())
    entries = [
        regulator.write(
            "IssueQualification",
            holder=demo.XUANGUI.id,
            validFrom=now - (number + 5) * demo.DAY,
            validUntil=now + 10 * number * demo.DAY,
            document=number.to_bytes(32, "big"),
            category=demo.MASK,
            model=f"M-{number}",
            kind="cn-device-registration",
            number=f"示械注准2024214{number:04d}",
        )
        for number in range(1, MANY + 1)
    ]
    recorded(workspace, [regulator.sign(entry) for entry in entries])


def _session(workspace: Workspace) -> str:
    """The secret of an officer's session."""
    role, visit = CallerRole.PROCUREMENT, Visit("127.0.0.1", "benchmark")
    login = account(workspace, office("district").id, role, "bench")
    return staff_of(workspace).sign_in(login, PASSWORD, visit).session


def _verdict(port: int, token: str, firm: demo.Office, model: str) -> str:
    asked = {
        "organisation": "0x" + firm.id.hex(),
        "category": demo.MASK,
        "model": model,
        "quantity": 50_000,
        "unit": "H87",
        "deliver_on": "2027-01-15",
        "zone": "Asia/Shanghai",
    }
    answer = httpx.post(
        f"http://127.0.0.1:{port}/v1/verdicts",
        content=json.dumps(asked),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{model}",
        },
    )
    assert answer.status_code in (200, 201), answer.text
    return f"/verdicts/{answer.json()['id']}"


def _pair(port: int, token: str, session: str, path: str) -> tuple[float, float, int]:
    """Seconds for the JSON and for the page, and the bytes of the page uncompressed. The least
    median of some rounds in turn: what else runs on the machine only adds."""
    wanted = request("GET", "/v1" + path, token, b"")
    browsed = (
        "\r\n".join(
            [
                f"GET {path} HTTP/1.1",
                "Host: 127.0.0.1",
                "Accept-Encoding: gzip",
                "Accept-Language: zh-CN",
                f"Cookie: {SESSION_COOKIE}={session}; suyuan_form=benchmark",
            ]
        ).encode()
        + b"\r\n\r\n"
    )
    told, shown = [], []
    for _ in range(_ROUNDS):
        told.append(median_latency(port, lambda _: wanted, connections=1, requests=_REQUESTS))
        shown.append(median_latency(port, lambda _: browsed, connections=1, requests=_REQUESTS))
    page = httpx.get(
        f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"{SESSION_COOKIE}={session}"}
    )
    assert page.status_code == 200, page.status_code
    return min(told), min(shown), len(page.content)
