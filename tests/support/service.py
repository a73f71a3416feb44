"""The HTTP service over a real, small ledger: the invented world on the embedded chain."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from api.access import CallerRole, Scope
from api.app import create_app
from api.client import SuyuanClient
from api.settings import ServerSettings
from api.tokens.service import issue
from ledger import demo
from ledger.authoring import Author
from ledger.importing.recording import record
from ledger.typed_data import ACTIONS, Value
from ledger.vocabulary import Role
from ledger.workspace import Settings, Workspace
from tests.support import crowd
from tests.support.ledger import key
from tests.support.staff import CHEAP, account

#: A chain id that no public network has.
CHAIN_ID = 20200123

#: Who calls in which role.
OFFICE_OF = {
    CallerRole.PROCUREMENT: "district",
    CallerRole.AUDITOR: "audit-office",
    CallerRole.OPERATOR: "authority",
    CallerRole.SUPPLIER: "qingluan",
    CallerRole.ISSUER: "regulator",
}


#: A second buyer, for what one is not to see of the other.
NEIGHBOUR: Final = demo.Office(
    "neighbour", "91990000MA0DEM996W", "示例市邻区采购办公室", "Neighbouring District Office",
    Role.BUYER, (),
)  # fmt: skip


def office(name: str) -> demo.Office:
    return next(o for o in (*demo.ALL, NEIGHBOUR) if o.key == name)


def identity(name: str) -> str:
    """An office's id as it stands in paths."""
    return "0x" + office(name).id.hex()


def found_world(data: Path, clock: Callable[[], float] = time.time) -> Workspace:
    """The whole invented world recorded on a new ledger in the directory."""
    signers = {name: key(name) for name in demo.ACCOUNTS}
    workspace = Workspace.create(
        data, Settings(chain_id=CHAIN_ID), demo.founding(signers), clock=clock
    )
    story = demo.Story(
        signers, workspace.domains, workspace.catalogue, clock, lambda: time.sleep(1.1)
    )

    def keep(paper: bytes) -> bytes:
        return workspace.keep_document(paper, "example.txt", demo.AUTHORITY.id)

    for title, entries in story.chapters(keep):
        for status in record(workspace, entries):
            assert status.refusal is None, (title, status)
    _register(workspace, NEIGHBOUR)
    crowd.enter(workspace, key)
    return workspace


def _register(workspace: Workspace, newcomer: demo.Office) -> None:
    authority = Author(
        key("authority"),
        demo.AUTHORITY.id,
        workspace.domains,
        workspace.index.next_nonce,
        workspace.clock,
    )
    entry = authority.write(
        "RegisterOrganisation",
        roles=int(newcomer.roles),
        division=0,
        identifierKind="uscc",
        identifier=newcomer.uscc,
        nameZh=newcomer.name_zh,
        nameEn=newcomer.name_en,
    )
    [status] = record(workspace, [authority.sign(entry)])
    assert status.refusal is None, status


@dataclass
class Service:
    """The running app with a token for every role."""

    workspace: Workspace
    app: FastAPI
    client: TestClient
    tokens: dict[CallerRole, str] = field(default_factory=dict)

    def token(
        self,
        role: CallerRole,
        organisation: str = "",
        *,
        scopes: set[Scope] | None = None,
        lifetime: int = 3600,
    ) -> str:
        """A new token's secret for somebody of the office (default: the role's own)."""
        return issue(
            self.workspace,
            office(organisation or OFFICE_OF[role]).id,
            f"{role} of the tests",
            role,
            now=self.workspace.clock(),
            lifetime=lifetime,
            scopes=scopes,
        ).secret

    def login(self, role: CallerRole, organisation: str = "") -> str:
        """The login name of somebody of the office (default: the role's own); the password is
        everybody's (``tests.support.staff``)."""
        found = office(organisation or OFFICE_OF[role])
        return account(self.workspace, found.id, role, f"{role} of the tests")

    def ask(
        self, method: str, path: str, caller: CallerRole | str | None = None, **request: Any
    ) -> Response:
        """A request as this caller: a role, a token's secret, or nobody."""
        secret = self.tokens[caller] if isinstance(caller, CallerRole) else caller
        headers = dict(request.pop("headers", {}))
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        answer: Response = self.client.request(method, path, headers=headers, **request)
        return answer

    def get(self, path: str, caller: CallerRole | str | None = None, **request: Any) -> Response:
        return self.ask("GET", path, caller, **request)

    def submit(self, account: str, action: str, /, *beside: str, **fields: Value) -> dict[str, Any]:
        """An entry signed by this account, and by those ``beside`` it, recorded and readable."""
        firm = next(o for o in demo.ALL if account in o.accounts)
        keeps_goods = bool(firm.roles & (Role.SUPPLIER | Role.STORE))
        token = self.token(CallerRole.SUPPLIER if keeps_goods else CallerRole.ISSUER, firm.key)
        transport = self.client._transport
        if beside:
            accounts = [key(name).address for name in (account, *beside)]
            contract = ACTIONS[action].contract
            next_nonce = self.workspace.index.next_nonce
            fields["nonce"] = max(next_nonce(contract, address) for address in accounts)
        with SuyuanClient("http://127.0.0.1", token, key(account), transport=transport) as client:
            told = client.submit(action, *map(key, beside), **fields)
        until = time.monotonic() + 10
        while self.workspace.position <= told["sequence"] and time.monotonic() < until:
            time.sleep(0.02)
        return told

    def post(self, path: str, caller: CallerRole | str | None = None, **request: Any) -> Response:
        """A request of its own: with a fresh Idempotency-Key, unless headers are given."""
        request.setdefault("headers", {"Idempotency-Key": secrets.token_hex(8)})
        return self.ask("POST", path, caller, **request)


@contextmanager
def running_service(
    workspace: Workspace, settings: ServerSettings | None = None
) -> Iterator[Service]:
    """The app over the workspace, with its background work."""
    app = create_app(workspace, replace(settings or ServerSettings(), hashing=CHEAP))
    with TestClient(app, raise_server_exceptions=False) as client:
        service = Service(workspace, app, client)
        service.tokens = {role: service.token(role) for role in CallerRole}
        yield service
