"""The page in a real browser, opened from a file as an auditor would: it needs no network, says the
result in both languages on a phone and on a desk, and can be used by everybody."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ledger.evidence.bundle import KINDS
from ledger.evidence.verification import Verifier
from tests.support.browser import WIDTHS, Language, browsing, chromium
from tests.support.evidence import PAPER, EvidenceWorld
from tests.support.node import ROOT, needs_node, outcome

PAGE: Final = ROOT / "api/verifier/verify.html"
_LOCALES: Final = {"zh": "zh-CN", "en": "en-GB"}
_WORDS: Final = {
    "zh": {"valid": "有效", "invalid": "无效", "unknown": "未知"},
    "en": {"valid": "Valid", "invalid": "Invalid", "unknown": "Unknown"},
}

needs_browser: Final = pytest.mark.skipif(chromium() is None, reason="there is no Chromium")


@needs_node
def test_what_is_committed_is_made_of_the_sources() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts._verifier", "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_page_may_fetch_nothing() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "default-src 'none'; script-src 'sha256-" in text
    assert "connect-src" not in text
    assert "unsafe" not in text.partition("<style>")[0]
    markup = text.partition("<style>")[0] + text.partition("</style>")[2].partition("<script>")[0]
    assert 'src="' not in markup
    assert 'href="http' not in markup


def test_the_page_carries_the_licences_of_what_is_in_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for library in ("@noble/curves", "@noble/hashes"):
        assert f"{library}\n\nThe MIT License (MIT)\n\nCopyright (c) 2022 Paul Miller" in text


@dataclass
class Files:
    """Bundles of each kind and what goes with them, as files to choose."""

    folder: Path
    reports: dict[str, dict[str, object]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def files(evidence: EvidenceWorld, tmp_path_factory: pytest.TempPathFactory) -> Files:
    found = Files(tmp_path_factory.mktemp("page"))
    anchors, verifier = evidence.anchors(), Verifier(evidence.anchors())
    found.folder.joinpath("anchors.json").write_text(json.dumps(anchors.to_json()))
    for kind in KINDS:
        data = evidence.bundle(kind).to_bytes()
        found.folder.joinpath(f"{kind}.json").write_bytes(data)
        found.reports[kind] = verifier.verify(data).to_json()
    standing = evidence.bundle("standing").to_bytes()
    tampered = standing.replace(b'"result":"invalid"', b'"result":"valid"')
    assert tampered != standing
    found.folder.joinpath("tampered.json").write_bytes(tampered)
    found.folder.joinpath("licence.pdf").write_bytes(PAPER)
    found.folder.joinpath("no anchors.json").write_text("{}")
    found.folder.joinpath("long.json").write_bytes(b'{"' + b" " * (33 << 20))
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@contextmanager
def opened(browser: Browser, language: Language = "en", width: int = 1440) -> Iterator[Page]:
    """The page from its file, without a network; whatever it asks for or complains of fails."""
    context = browser.new_context(
        locale=_LOCALES[language],
        viewport={"width": width, "height": WIDTHS[width]},
        offline=True,
    )
    context.set_default_timeout(20_000)
    asked: list[str] = []
    said: list[str] = []
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(PAGE.as_uri())
        yield page
        assert [url for url in asked if not url.startswith("blob:")] == [PAGE.as_uri()]
        assert said == []
    finally:
        context.close()


def choose(page: Page, files: Files, bundle: str, *documents: str) -> None:
    page.set_input_files("#anchors", files["anchors.json"])
    if documents:
        page.set_input_files("#documents", [files[name] for name in documents])
    page.set_input_files("#bundle", files[bundle])


def drop(page: Page, target: str, *paths: str) -> None:
    """Drop files as a hand would."""
    contents = [[Path(path).name, list(Path(path).read_bytes())] for path in paths]
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, bytes] of files)
                transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        contents,
    )
    page.dispatch_event(target, "drop", {"dataTransfer": transfer})


def expect_result(page: Page, result: str, language: Language = "en") -> None:
    outcome_ = page.locator(f".outcome[data-result={result}]")
    expect(outcome_).to_be_visible()
    expect(outcome_.locator("h2")).to_have_text(_WORDS[language][result])
    expect(outcome_.locator("svg")).to_be_visible()


@needs_browser
@pytest.mark.parametrize("kind", KINDS)
def test_a_chosen_bundle_is_verified_as_the_service_does(
    kind: str, browser: Browser, files: Files
) -> None:
    with opened(browser) as page:
        choose(page, files, f"{kind}.json")
        expect_result(page, "valid")
        with page.expect_download() as download:
            page.click("a.save")
        report = json.loads(download.value.path().read_text(encoding="utf-8"))
        assert outcome(report) == outcome(files.reports[kind])


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_dropped_files_are_told_apart_and_shown_without_barriers(
    language: Language, width: int, browser: Browser, files: Files
) -> None:
    with opened(browser, language, width) as page:
        # The markup is the same for both languages and widths: axe looks at two of the four.
        axe = Axe() if (language, width) in (("zh", 390), ("en", 1440)) else None
        _accessible(axe, page)
        drop(page, "main", files["anchors.json"], files["standing.json"], files["licence.pdf"])
        expect_result(page, "valid", language)
        expect(page.locator("[data-check='15'] .mark")).to_have_text(_WORDS[language]["valid"])
        _accessible(axe, page)
        drop(page, "[data-slot=bundle]", files["tampered.json"])
        expect_result(page, "invalid", language)
        expect(page.locator("[data-check='14'] code")).to_have_text("claim.differs")
        _accessible(axe, page)


def _accessible(axe: Axe | None, page: Page) -> None:
    if axe is not None:
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "the page scrolls sideways"


@needs_browser
def test_a_bundle_that_is_too_long_is_refused_unread(browser: Browser, files: Files) -> None:
    with opened(browser) as page:
        choose(page, files, "long.json")
        expect_result(page, "invalid")
        expect(page.locator("[data-check='1'] code")).to_have_text("form.size")


@needs_browser
def test_anchors_that_are_none_are_no_fault_of_the_bundle(browser: Browser, files: Files) -> None:
    with opened(browser) as page:
        page.set_input_files("#bundle", files["entry.json"])
        page.set_input_files("#anchors", files["no anchors.json"])
        expect(page.locator("#state")).to_contain_text("cannot be used")
        expect(page.locator(".outcome")).to_have_count(0)


@needs_browser
def test_the_other_language_is_one_press_away(browser: Browser, files: Files) -> None:
    with opened(browser, "zh") as page:
        choose(page, files, "entry.json")
        expect_result(page, "valid", "zh")
        page.click("[data-language=en]")
        expect_result(page, "valid", "en")
        assert page.get_attribute("html", "lang") == "en"


@needs_browser
def test_cleared_files_leave_no_result(browser: Browser, files: Files) -> None:
    with opened(browser) as page:
        choose(page, files, "entry.json")
        expect_result(page, "valid")
        page.click("button[type=reset]")
        expect(page.locator(".outcome")).to_have_count(0)
        expect(page.locator("#bundle-chosen")).to_have_text("")
