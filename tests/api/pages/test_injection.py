"""Names, notes, reasons and file names that try something, put on a real ledger by real entries:
every page that shows them shows them as text, with their tricks made visible."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import quote

import pytest
from httpx import Response
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

from api.access import CallerRole
from api.pages.formats import _DECEIVING
from ledger import demo
from ledger.authoring import Author
from ledger.importing.recording import record
from ledger.provenance.scope import campaign_id
from ledger.typed_data import Value, lot_id, organisation_id, publication_id, qualification_id
from ledger.vocabulary import Role
from ledger.workspace import Workspace
from tests.api.pages.conftest import Visitor
from tests.support.browser import reading, serving
from tests.support.ledger import key
from tests.support.service import Service, found_world, running_service
from tests.support.staff import PASSWORD, account

#: Markup that runs where it is taken for markup; an attribute broken out of; a template's; a
#: spreadsheet's formula; characters that turn others round or are not seen.
MARKUP: Final = "\"'><script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
TEMPLATE: Final = "{{7*7}}${7*7}{% raw %}<%= 7*7 %>"
FORMULA: Final = '=HYPERLINK("http://evil.example","KSAM")'
TURNED: Final = "\u202eKSAM\u2066\u200b\ufeffend"
HOSTILE: Final = f"{MARKUP}{TEMPLATE}{TURNED}"
#: As long as the ledger takes (2,047 bytes), without a place to break the line.
LONG: Final = (HOSTILE + "W" * 3000).encode()[:2047].decode(errors="ignore")
#: A lot number may have these characters (GS1's set 82).
LOT: Final = "=<b>\"'&%x;/../(1)"
CAMPAIGN: Final = bytes(29) + b"bad"
GTIN: Final = 9520000000066


@dataclass
class Hostile:
    """A world with somebody in it who tries. ``paths`` are what each role is to open."""

    workspace: Workspace
    firm: bytes
    lot: bytes
    first: int
    qualification: bytes
    notice: bytes = b""
    paths: dict[CallerRole, list[str]] = field(default_factory=dict)


class _Writer:
    """Signs and records for anybody, with ``mallory``'s organisation among them."""

    def __init__(self, workspace: Workspace, firm: bytes) -> None:
        self.workspace, self.firm = workspace, firm

    def write(self, account_: str, action: str, **fields: Value) -> Any:
        office = next((o for o in demo.ALL if account_ in o.accounts), None)
        author = Author(
            key(account_),
            self.firm if office is None else office.id,
            self.workspace.domains,
            self.workspace.index.next_nonce,
            self.workspace.clock,
        )
        entry = author.write(action, **fields)
        [status] = record(self.workspace, [author.sign(entry)])
        assert status.refusal is None, (action, status.refusal)
        return author.digest(entry)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    workspace = found_world(tmp_path_factory.mktemp("hostile") / "world")
    firm = organisation_id("demo", "hostile")
    w, now = _Writer(workspace, firm), int(workspace.clock())
    first = workspace.position
    w.write(
        "authority", "RegisterOrganisation", roles=int(Role.SUPPLIER | Role.STORE), division=0,
        identifierKind="demo", identifier="hostile", nameZh=HOSTILE, nameEn=LONG,
    )  # fmt: skip
    w.write(
        "authority", "AddAccount", organisation=firm, account=key("mallory").address,
        roles=int(Role.SUPPLIER | Role.STORE), person=bytes(32),
    )  # fmt: skip
    file = f"%PDF-{HOSTILE}".encode()
    notice = workspace.keep_document(file, HOSTILE + ".pdf", firm)
    terms: dict[str, Value] = {"validFrom": now - 86_400, "validUntil": now + 86_400 * 300}
    submitted = w.write(
        "mallory", "SubmitQualification", document=notice, category=demo.MASK, model=HOSTILE,
        kind="cn-device-registration", number=HOSTILE, **terms,
    )  # fmt: skip
    kind = "cn-device-registration"
    qualification = qualification_id(firm, firm, demo.MASK, HOSTILE, kind, submitted)
    w.write(
        "reviewer-verifies", "VerifyQualification", qualification=qualification, note=LONG,
        document=bytes(32),
    )  # fmt: skip
    lot = lot_id(firm, GTIN, LOT)
    w.write(
        "mallory", "Commission", quantity=100, gtin=GTIN, originNotShown=True, document=notice,
        lot=LOT, category=demo.MASK, model=HOSTILE, unit="H87", place=LONG, origin=LONG, cited=(),
    )  # fmt: skip
    shipment = w.write(
        "mallory", "Ship", lot=lot, recipient=demo.COMMUNITIES[1].id, quantity=60,
        due=now + 86_400, purpose=0, reference=LONG,
    )  # fmt: skip
    w.write(
        "community-2", "Receive", lot=lot, shipment=shipment, sender=firm, accepted=50,
        reason=LONG,
    )  # fmt: skip
    w.write(
        "laboratory", "Inspect", lot=lot, sampledAt=int(workspace.clock()), result=2,
        document=notice, standard="YY 0469-2011", number=LONG,
    )  # fmt: skip
    w.write("mallory", "Correct", lot=lot, entry=shipment, document=bytes(32), text=LONG)
    w.write("mallory", "Hold", lot=lot, document=notice, reason=LONG)
    recall = w.write(
        "mallory", "Recall", lot=lot, completeTo=workspace.position, campaign=CAMPAIGN,
        document=notice, reason=LONG,
    )  # fmt: skip
    w.write(
        "community-2", "Acknowledge", lot=lot, recall=recall, setAside=7, gone=1, note=LONG
    )  # fmt: skip
    published = w.write(
        "mirror", "RecordPublication", register="register:fda-recalls", document=bytes(31) + b"p",
        published=now - 86_400, rowsRoot=bytes(32), rows=1, title=HOSTILE,
    )  # fmt: skip
    mirror = next(o for o in demo.ALL if "mirror" in o.accounts)
    w.write(
        "mirror", "MirrorRecall", organisation=firm, document=bytes(31) + b"r",
        publication=publication_id(mirror.id, published), initiated=now - 86_400, ended=0,
        register="register:fda-recalls", number=HOSTILE, product=HOSTILE, lots=HOSTILE,
        reason=LONG,
    )  # fmt: skip
    w.write(
        "authority", "DeclareCompromised", account=key("mallory").address, since=now, reason=LONG
    )  # fmt: skip
    found = Hostile(workspace, firm, lot, first, qualification, notice)
    _come_to_all(found)
    try:
        yield found
    finally:
        workspace.close()


def _come_to_all(found: Hostile) -> None:
    """Every page that shows any of it, for who may open it."""
    firm, lot = "0x" + found.firm.hex(), "0x" + found.lot.hex()
    [hold] = [
        e.sequence
        for e in found.workspace.index.by_subject(found.lot)
        if e.action == "Hold"
    ]  # fmt: skip
    shared = [
        "/?q=script",
        "/?q=" + quote(HOSTILE),
        "/?q=" + quote(LOT),
        f"/suppliers/{firm}",
        f"/suppliers/{firm}/qualifications",
        f"/suppliers/{firm}/batches",
        f"/batches/{lot}",
        f"/01/{GTIN:014d}/10/{quote(LOT, safe='')}",
        f"/01/{GTIN:014d}/10/{quote(LOT, safe='')}?lang=zh&linkType={quote(MARKUP)}",
        "/01?code=" + quote(HOSTILE),
        f"/qualifications/0x{found.qualification.hex()}",
        "/recalls",
        "/recalls/new?find=" + quote(HOSTILE),
        f"/recalls/new?batch={lot}",
        "/recalls/0x" + CAMPAIGN.hex(),
        f"/recalls/holds/{hold}",
        "/account",
        "/nothing/" + quote(MARKUP),
        *(f"/entries/{n}" for n in range(found.first, found.workspace.position)),
    ]
    found.paths = {
        CallerRole.AUDITOR: [
            *shared,
            "/audit",
            "/audit/accounts",
            "/audit/alarms",
            "/audit/accounts/0x" + key("mallory").address.hex(),
            "/accesses",
            f"/verdicts/new?supplier={firm}&model={quote(HOSTILE)}",
        ],
        CallerRole.ISSUER: [*shared, "/reviews", f"/reviews/0x{found.qualification.hex()}"],
        CallerRole.OPERATOR: ["/staff", "/account"],
    }


def _known(workspace: Workspace, role: CallerRole) -> str:
    """The login name of somebody in the role whose own name tries something."""
    offices = {
        CallerRole.AUDITOR: "audit-office",
        CallerRole.ISSUER: "review-centre",
        CallerRole.OPERATOR: "authority",
    }
    office = next(o for o in demo.ALL if o.key == offices[role])
    return account(workspace, office.id, role, HOSTILE)


# ------------------------------------------------------------------------------ by requests


class _Elements(HTMLParser):
    """What a browser makes of a page: its elements with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


_OURS: Final = re.compile(r"/|#|\?|$")


def _check(path: str, answer: Response) -> None:
    where = f"{path} ({answer.status_code})"
    assert answer.status_code != 500, where
    if answer.status_code == 303:
        return
    if not answer.headers["content-type"].startswith("text/html"):
        assert "json" in answer.headers["content-type"], where
        assert answer.headers["x-content-type-options"] == "nosniff", where
        return
    html = answer.text
    assert not _DECEIVING.search(html.replace("\r\n", "\n")), f"{where}: a character deceives"
    elements = _Elements()
    elements.feed(html)
    for tag, attributes in elements.found:
        shown = f"{where}: <{tag} {attributes}>"[:400]
        assert tag not in ("object", "embed", "base", "style"), shown
        assert tag != "iframe" or attributes.get("src", "").startswith("/documents/0x"), shown
        assert not [n for n in attributes if n.startswith("on") or n == "style"], shown
        assert tag != "script" or attributes.get("src", "").startswith("/static/"), shown
        assert tag != "img" or attributes.get("src", "").startswith("/"), shown
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            assert _OURS.match(attributes.get(name, "")), shown
            assert not attributes.get(name, "").startswith("//"), shown
    assert "script-src 'unsafe" not in answer.headers["content-security-policy"], where
    for name, value in answer.headers.items():
        assert "\n" not in value, f"{where}: {name}"


@pytest.fixture
def hostile_service(hostile: Hostile) -> Iterator[Service]:
    with running_service(hostile.workspace) as running:
        yield running


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_shows_what_is_hostile_as_text(
    hostile: Hostile, hostile_service: Service, language: str
) -> None:
    said = ""
    for role, paths in hostile.paths.items():
        reader = Visitor(hostile_service, language)
        reader.client.headers["Accept"] = "text/html,*/*;q=0.8"
        form = reader.get("/sign-in")
        login = _known(hostile.workspace, role)
        sent = reader.send("/sign-in", form, login=login, password=PASSWORD)
        assert sent.status_code == 303, role
        for path in paths:
            answer = reader.get(path)
            _check(path, answer)
            said += answer.text
    # It was there to be seen, its template not evaluated and its tricks in view.
    assert "{{7*7}}" in said
    assert "&lt;script&gt;window.pwned=1&lt;/script&gt;" in said
    assert "\N{REPLACEMENT CHARACTER}KSAM" in said


def test_a_hostile_form_comes_back_as_text(hostile: Hostile, hostile_service: Service) -> None:
    reader = Visitor(hostile_service, "en")
    assert reader.sign_in(CallerRole.ISSUER).status_code == 303
    path = f"/recalls/new?batch=0x{hostile.lot.hex()}"
    page = reader.get(path)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    parts: dict[str, Any] = {name: (None, value) for name, value in hidden}
    for name in ("wrong", "act", "document", "again", "do"):
        parts[name] = (None, HOSTILE)
    parts["notice"] = (HOSTILE + ".txt", HOSTILE.encode())
    _check("/recalls", reader.client.post("/recalls", files=parts))
    parts |= {"document": (None, ""), "wrong": (None, "x" * 10_000)}
    answer = reader.client.post("/recalls", files=parts)
    assert answer.status_code == 422
    _check("/recalls", answer)


def test_a_hostile_file_name_goes_into_no_header(
    hostile: Hostile, hostile_service: Service
) -> None:
    reader = Visitor(hostile_service, "en")
    assert reader.sign_in(CallerRole.AUDITOR).status_code == 303
    answer = reader.get("/documents/0x" + hostile.notice.hex())
    assert answer.status_code == 200
    said = answer.headers["content-disposition"]
    assert said.startswith("attachment; ")
    assert said.isascii()
    assert said.count('"') == 2, "nothing ends the name before its end"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_verdict_on_somebody_hostile_is_text_on_the_page_and_on_paper(
    hostile: Hostile, hostile_service: Service
) -> None:
    reader = Visitor(hostile_service, "zh")
    assert reader.sign_in(CallerRole.AUDITOR).status_code == 303
    firm = "0x" + hostile.firm.hex()
    form = reader.get(f"/verdicts/new?supplier={firm}")
    sent = reader.send(
        "/verdicts/new", form, supplier=firm, category=demo.MASK, model=HOSTILE, quantity="50",
        unit="H87", deliver_on="2099-01-01", lots=f"{GTIN:014d}:{LOT}",
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    where = sent.headers["location"].partition("?")[0]
    for path in (where, where + "/now"):
        _check(path, reader.get(path))
    paper = reader.get(where + "/pdf")
    assert paper.content.startswith(b"%PDF-"), paper.text[:400]
    assert b"/JavaScript" not in paper.content
    said = paper.headers["content-disposition"]
    assert said.isascii()
    assert "script" not in said


def test_a_recall_as_a_file_is_json_and_nothing_else(
    hostile: Hostile, hostile_service: Service
) -> None:
    reader = Visitor(hostile_service, "en")
    assert reader.sign_in(CallerRole.ISSUER).status_code == 303
    page = reader.get(f"/recalls/new?batch=0x{hostile.lot.hex()}")
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    parts: dict[str, Any] = {name: (None, value) for name, value in hidden}
    parts |= {"wrong": (None, FORMULA), "act": (None, HOSTILE), "again": (None, "1")}
    answer = reader.client.post("/recalls", files={**parts, "do": (None, "file")})
    assert answer.headers["content-type"] == "application/json"
    [entry] = answer.json()
    assert entry["message"]["reason"] == f"{FORMULA}\n{HOSTILE}", "signed as it was written"
    campaign = campaign_id([hostile.lot], entry["message"]["completeTo"])
    assert entry["message"]["campaign"] == "0x" + campaign.hex()


# ------------------------------------------------------------------------------ in a browser

_WATCH: Final = """() => {
  window.violated = [];
  document.addEventListener("securitypolicyviolation",
    (event) => window.violated.push(event.violatedDirective + " " + event.blockedURI));
}"""


def test_no_browser_runs_any_of_it_and_no_page_is_wider_than_a_phone(
    hostile: Hostile, browser: Browser
) -> None:
    with serving(hostile.workspace) as site:
        for role, paths in hostile.paths.items():
            login = _known(hostile.workspace, role)
            with reading(browser, site, "zh", 390) as page:
                faults = _listening(page)
                page.goto("/sign-in")
                page.fill("#login", login)
                page.fill("#password", PASSWORD)
                with page.expect_navigation():
                    page.click("main button")
                for path in paths:
                    page.goto(path)
                    assert not page.evaluate("window.pwned"), path
                    assert not page.evaluate("window.violated"), path
                    assert not faults, (path, faults)
                    overhang = page.evaluate(
                        "document.documentElement.scrollWidth"
                        " - document.documentElement.clientWidth"
                    )
                    assert overhang <= 0, f"{path} is wider than the screen by {overhang} px"


def _listening(page: Page) -> list[str]:
    """What the browser does that no page of ours should make it do."""
    faults: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    def hear(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            faults.append(said.text)

    page.add_init_script(f"({_WATCH})()")
    page.on("dialog", dismiss)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", hear)
    return faults
