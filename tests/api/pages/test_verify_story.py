"""An auditor takes the evidence of a verdict from its page, verifies it here and on a machine of
their own, and sees one changed byte refused, with the check named: on a phone and at a desk, in
both languages; and with scripts switched off."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.access import CallerRole
from ledger import demo
from tests.support.browser import EVERYWHERE, Language, Site, reading
from tests.support.sights.verdicts import ask

VALID = {"zh": "证据成立，未被改动", "en": "The evidence holds"}
REFUSED = {"zh": "证据不成立", "en": "The evidence does not hold"}


def _verify(page: Page, file: Path) -> None:
    page.goto("/verify")
    page.set_input_files("#file", file)
    with page.expect_navigation():
        page.click("main form button")


def _altered(file: Path, to: Path) -> Path:
    """The file with one byte changed, in what an entry says was recorded when."""
    raw = bytearray(file.read_bytes())
    at = raw.index(b'"recorded_at":') + len(b'"recorded_at":') + 9
    raw[at] ^= 1
    to.write_bytes(raw)
    return to


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_an_auditor_takes_evidence_verifies_it_twice_and_sees_a_change_refused(
    site: Site, browser: Browser, language: Language, width: int, tmp_path: Path
) -> None:
    with reading(browser, site, language, width, CallerRole.AUDITOR) as page:
        ask(page, demo.QINGLUAN, "QL-100", "50000", 7)
        verdict = page.url
        with page.expect_download() as taking:
            page.locator('a[href$="/evidence"][download]').first.click()
        file = tmp_path / "verdict.json"
        taking.value.save_as(file)
        with page.expect_download() as anchoring:
            page.goto("/verify")
            page.locator('a[href="/v1/anchors"]').click()
        anchors = tmp_path / "anchors.json"
        anchoring.value.save_as(anchors)

        # Here.
        _verify(page, file)
        expect(page.locator(".answer.valid .word")).to_have_text(VALID[language])
        assert page.locator("table.checks tbody tr").count() == 15
        link = page.locator('a[href^="/verdicts/0x"], .state.buy')
        expect(link.first).to_be_visible()
        altered = _altered(file, tmp_path / "altered.json")
        _verify(page, altered)
        expect(page.locator(".answer.invalid .word")).to_have_text(REFUSED[language])
        against = page.locator("section[aria-labelledby=against]")
        expect(against.locator(".state.invalid")).to_be_visible()
        code = against.locator("a.code").inner_text()
        assert "." in code

        # On a machine of one's own: the verifier's one file, opened from the disk, offline.
        own = tmp_path / "verifier.html"
        own.write_bytes(page.request.get("/verifier.html").body())
        assert "/verdicts/0x" in verdict
    with reading(browser, site, language, width) as machine:
        machine.context.set_offline(True)
        machine.goto(own.as_uri())
        machine.set_input_files("#anchors", anchors)
        for bundle, result in ((file, "valid"), (altered, "invalid")):
            machine.set_input_files("#bundle", bundle)
            expect(machine.locator(f".outcome[data-result={result}]")).to_be_visible()
        expect(machine.locator("#result")).to_contain_text(code)


def test_a_file_is_verified_with_scripts_switched_off(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "en", 390, CallerRole.AUDITOR) as page:
        cookies = page.context.cookies()
    context = browser.new_context(base_url=site.address, java_script_enabled=False, locale="en-GB")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        file = tmp_path / "entry.json"
        file.write_bytes(page.request.get("/entries/20/evidence").body())
        _verify(page, file)
        expect(page.locator(".answer.valid .word")).to_have_text(VALID["en"])
        large = tmp_path / "large.bin"
        large.write_bytes(bytes(30 * 1024 * 1024))
        _verify(page, large)
        expect(page.get_by_text("larger than 20 MB")).to_be_visible()
    finally:
        context.close()
