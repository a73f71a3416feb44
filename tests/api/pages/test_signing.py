"""Signing in the page: what is shown is what is signed, by whom it should be, and no key leaves."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from httpx import Response
from playwright.sync_api import Browser, Error, Page, expect

from api.access import CallerRole
from api.pages.session import SESSION_COOKIE
from api.pages.signing.offering import seal
from api.tokens.service import issue
from ledger import demo
from ledger.typed_data import Entry
from tests.api.pages.conftest import Reader, Visitor
from tests.support.browser import EVERYWHERE, Language, Site, reading
from tests.support.ledger import key
from tests.support.node import needs_node
from tests.support.service import CHAIN_ID, office
from tests.support.signing import (
    PASSWORD,
    Wallet,
    ask_to_sign,
    key_file,
    secret,
    sign_with_file,
)

NOTHING = bytes(32)


def reply(text: str = "We have answered. 已答复。") -> Entry:
    now = int(time.time())
    return Entry.of(
        "Reply",
        nonce=0,
        happenedAt=now,
        deadline=now + 60,
        about=NOTHING,
        document=NOTHING,
        text=text,
    )


def _come(page: Page, *entries: Entry, back: str = "/") -> None:
    page.goto("/reviews")
    ask_to_sign(page, entries or [reply()], back=back)


def _state(page: Page) -> str:
    state = page.locator("#signing-state")
    expect(state).to_be_visible()
    return state.inner_text()


# ------------------------------------------------------------------------------- key file


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_a_key_file_opened_in_the_page_signs_and_no_secret_leaves(
    site: Site, browser: Browser, tmp_path: Path, language: Language, width: int
) -> None:
    with reading(browser, site, language, width, CallerRole.SUPPLIER) as page:
        _come(page, reply("first"), reply("second"), back="/reviews")
        sent: list[str] = []
        page.on("request", lambda r: sent.append(f"{r.url}\n{r.headers}\n{r.post_data or ''}"))
        path = key_file(tmp_path, "qingluan")
        sign_with_file(page, path)
        expect(page.locator(".outcomes .state.valid")).to_have_count(2)
        said = "\n".join(sent)
        stored = json.loads(path.read_text())["crypto"]
        for hidden in (secret("qingluan").hex(), PASSWORD, stored["ciphertext"], stored["mac"]):
            assert hidden not in said
        assert "signatures=" in said
        page.click("main a.button")
        assert page.url.endswith("/reviews")


def test_a_key_file_as_the_service_makes_them_opens_too(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "en", 390, CallerRole.SUPPLIER) as page:
        _come(page)
        sign_with_file(page, key_file(tmp_path, "qingluan", 1 << 18))
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)


def test_a_wrong_password_another_key_and_no_key_file_are_told(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        _come(page)
        posts = _posts(page)
        page.click("#sign-file")
        assert "Choose your key file" in _state(page)
        page.set_input_files("#keystore", str(key_file(tmp_path, "qingluan")))
        page.fill("#password", "wrong")
        page.press("#password", "Enter")
        expect(page.locator("#signing-state")).to_contain_text("does not open this key file")
        assert page.input_value("#password") == "", "the password is forgotten"

        page.set_input_files("#keystore", str(key_file(tmp_path, "red-fox")))
        page.fill("#password", PASSWORD)
        page.click("#sign-file")
        expect(page.locator("#signing-state")).to_contain_text("0x" + key("red-fox").address.hex())

        broken = tmp_path / "broken.json"
        broken.write_text('{"version": 3}')
        page.set_input_files("#keystore", str(broken))
        page.fill("#password", PASSWORD)
        page.click("#sign-file")
        expect(page.locator("#signing-state")).to_contain_text("no key file of version 3")
        assert posts == []


def test_the_page_may_connect_to_nothing(site: Site, browser: Browser) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        with page.expect_response("**/signing/account") as answered:
            _come(page)
        policy = answered.value.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src" not in policy
        assert "script-src 'self'" in policy
        tried = page.evaluate("fetch('/health').then(() => 'sent', () => 'stopped')")
        assert tried == "stopped"


# ----------------------------------------------------------------------- several accounts


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
@pytest.mark.parametrize("name", ["reviewer-verifies", "reviewer-edits"])
def test_whichever_listed_account_the_key_file_is_of_signs(
    site: Site, browser: Browser, tmp_path: Path, name: str, language: Language, width: int
) -> None:
    """Its own nonces are put in; nobody chooses first, or types the password again."""
    with reading(browser, site, language, width, CallerRole.ISSUER, "review-centre") as page:
        _come(page, reply(f"first by {name}"), reply(f"second by {name}"))
        expect(page.locator("[name=account]")).to_have_count(2)
        said = {"en": "ending in ", "zh": "末六位 "}[language] + key(name).address.hex()[-6:]
        assert said in page.locator(".accounts").inner_text()
        sign_with_file(page, key_file(tmp_path, name))
        expect(page.locator(".outcomes .state.valid")).to_have_count(2)
        for link in page.locator('.outcomes a[href^="/entries/"]').all():
            number = int((link.get_attribute("href") or "").rpartition("/")[2])
            signed = site.workspace.index.entry(number)
            assert signed is not None
            assert signed.signers == (key(name).address,)
            assert str(signed["text"]).endswith(f"by {name}")


@pytest.mark.parametrize("name", ["reviewer-verifies", "reviewer-edits"])
def test_whichever_listed_account_the_wallet_offers_signs(
    site: Site, browser: Browser, name: str
) -> None:
    wallet = Wallet(name, CHAIN_ID)
    with reading(browser, site, "en", 1440, CallerRole.ISSUER, "review-centre") as page:
        wallet.plug_in(page)
        _come(page)
        with page.expect_navigation(url="**/signing/outcome**"):
            page.click("#wallets button")
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)


def test_another_account_chosen_is_shown_as_it_will_be_signed_at_once(
    site: Site, browser: Browser
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.ISSUER, "review-centre") as page:
        _come(page)
        posts = _posts(page)
        for radio in page.locator("[name=account]").all():
            radio.check()
            entries = json.loads(page.input_value("#signing [name=entries]"))
            assert page.input_value("[name=stamped-for]") == radio.input_value()
            assert json.loads(page.locator(".exact pre").text_content() or "") == entries[0]
            digest = Entry.from_json(entries[0]).digest(
                site.workspace.domains["QualificationRegistry"]
            )
            assert page.locator(".exact .digest").text_content() == "0x" + digest.hex()
            address = bytes.fromhex(radio.input_value()[2:])
            nonce = site.workspace.index.next_nonce("QualificationRegistry", address)
            assert entries[0]["message"]["nonce"] == str(nonce)
        assert posts == []


# --------------------------------------------------------------------------------- wallet


@pytest.mark.parametrize("announced", ["", "Example <b>Wallet"])
def test_a_browser_wallet_signs(site: Site, browser: Browser, announced: str) -> None:
    wallet = Wallet("qingluan", CHAIN_ID)
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        wallet.plug_in(page, announced)
        _come(page, reply("first"), reply("second"))
        button = page.locator("#wallets button")
        expect(button).to_have_text(f"Sign with {announced or 'the wallet'}")
        with page.expect_navigation(url="**/signing/outcome**"):
            button.click()
        expect(page.locator(".outcomes .state.valid")).to_have_count(2)
    assert [data["message"]["text"] for data in wallet.signed] == ["first", "second"]
    assert wallet.signed[0]["domain"]["chainId"] == CHAIN_ID
    assert wallet.signed[0]["domain"]["name"] == "Suyuan QualificationRegistry"


def test_a_wallet_on_another_chain_is_asked_to_change_and_told_of_if_it_cannot(
    site: Site, browser: Browser
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        wallet = Wallet("qingluan", 1, switches=False)
        wallet.plug_in(page)
        _come(page)
        page.click("#wallets button")
        expect(page.locator("#signing-state")).to_contain_text(f"this ledger is chain {CHAIN_ID}")
        wallet.switches = True
        with page.expect_navigation(url="**/signing/outcome**"):
            page.click("#wallets button")
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)


@pytest.mark.parametrize(
    ("wallet", "told"),
    [
        (Wallet("qingluan", CHAIN_ID, refuses=True), "You said no in the wallet"),
        (Wallet("red-fox", CHAIN_ID), "Choose that account in the wallet"),
    ],
    ids=["refused", "another account"],
)
def test_a_wallet_that_does_not_sign_is_told_and_nothing_is_handed_in(
    site: Site, browser: Browser, wallet: Wallet, told: str
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        wallet.plug_in(page)
        _come(page)
        posts = _posts(page)
        page.click("#wallets button")
        expect(page.locator("#signing-state")).to_contain_text(told)
        assert posts == []


def test_a_wallet_that_signs_something_else_is_found_out(site: Site, browser: Browser) -> None:
    wallet = Wallet("qingluan", CHAIN_ID)
    wallet.key = secret("red-fox")
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        wallet.plug_in(page)
        page.add_init_script("window.ethereum && 0")
        _come(page)
        posts = _posts(page)
        # It says that it holds the account, and signs with another key.
        page.evaluate(
            """(account) => {
              const { request } = window.ethereum;
              window.ethereum.request = async (asked) =>
                asked.method === "eth_requestAccounts" ? [account] : request(asked);
            }""",
            "0x" + key("qingluan").address.hex(),
        )
        page.click("#wallets button")
        expect(page.locator("#signing-state")).to_contain_text("not of this account")
        assert posts == []


# ------------------------------------------------------------------------- what was altered


def test_what_is_not_what_the_page_shows_is_not_signed(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "zh", 390, CallerRole.SUPPLIER) as page:
        _come(page, reply("shown"))
        posts = _posts(page)
        page.evaluate(
            """() => { const f = document.querySelector("#signing [name=entries]");
                       f.value = f.value.replace("shown", "other"); }"""
        )
        page.set_input_files("#keystore", str(key_file(tmp_path, "qingluan")))
        page.fill("#password", PASSWORD)
        page.click("#sign-file")
        expect(page.locator("#signing-state")).to_contain_text("与本页所示不符")
        assert posts == []


def test_signatures_of_others_are_turned_away_in_words(site: Site, browser: Browser) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        _come(page)
        stranger = "0x" + key("red-fox").sign_digest(NOTHING).hex()
        page.evaluate(
            """(signature) => { const form = document.querySelector("#signing");
                 form.elements.signatures.value = JSON.stringify([signature]); form.submit(); }""",
            stranger,
        )
        alert = page.locator("main [role=alert]")
        expect(alert).to_contain_text("Nothing was handed in")
        expect(alert).to_contain_text(
            "sign again with the account ending in " + key("qingluan").address.hex()[-6:]
        )
        expect(page.locator("#sign-file")).to_be_visible()


def test_a_reload_of_what_was_sent_does_nothing_twice(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        _come(page)
        with page.expect_request("**/signing/entries") as sent:
            sign_with_file(page, key_file(tmp_path, "qingluan"))
        before = site.workspace.index.position().size
        first = page.url
        again = page.request.post(
            sent.value.url,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            data=sent.value.post_data or "",
            max_redirects=0,
        )
        assert again.status == 303
        assert first.endswith(again.headers["location"])
        page.reload()
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)
        assert site.workspace.index.position().size == before


def test_what_the_ledger_refuses_is_told_with_its_reason(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    now = int(time.time())
    verify = Entry.of(
        "CloseAlarm", nonce=0, happenedAt=now, deadline=now + 60, alarm=NOTHING, reason="no reason"
    )
    wrong = Entry.of(
        "WithdrawQualification", nonce=0, happenedAt=now, deadline=now + 60, qualification=NOTHING,
        document=NOTHING, effective=now, reason="none",
    )  # fmt: skip
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        _come(page, wrong)
        sign_with_file(page, key_file(tmp_path, "qingluan"))
        expect(page.locator(".outcomes .state.invalid")).to_have_count(1)
        # Which entry, why, with its id abridged; the whole of it is folded.
        card = page.locator(".outcomes li")
        expect(card).to_contain_text("none")
        expect(card.locator("> p").last).to_have_text(re.compile(r"0x0000…0000\.$"))
        expect(card.locator("details")).to_contain_text("0x" + "00" * 32)
        expect(page.locator("main a.button").last).to_have_text("Go back and correct it")
        # Nobody there has the role for this: it is said before anything is signed.
        _come(page, verify)
        expect(page.locator("main")).to_contain_text("It takes an account that may act as auditor")
        expect(page.locator("main")).not_to_contain_text("choose how to sign")
        expect(page.locator("main .notice")).to_contain_text(f"Please ask {demo.AUTHORITY.name_en}")
        expect(page.locator("#sign-file")).to_have_count(0)


# ---------------------------------------------------------------------------- command line


def test_the_command_line_signs_the_file_that_the_page_gives(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    """Without scripts from end to end."""
    path = key_file(tmp_path, "qingluan")
    path.with_name(path.name + ".password").write_text(PASSWORD)
    path.with_name(path.name + ".password").chmod(0o600)
    token = tmp_path / "token"
    issued = issue(
        site.workspace, office("qingluan").id, "a program", CallerRole.SUPPLIER,
        now=time.time(), lifetime=600,
    )  # fmt: skip
    token.write_text(issued.secret)
    token.chmod(0o600)
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        _come(page, reply("by command"))
        expect(page.locator("pre").last).to_contain_text(f"--server {site.address}")
        with page.expect_download() as taken:
            page.click('button[formaction="/signing/file"]')
        file = tmp_path / "entries.json"
        taken.value.save_as(file)
        told = json.loads(file.read_text())
        assert [one["action"] for one in told] == ["Reply"]
        outcome = page.locator('a[href^="/signing/outcome"]').get_attribute("href")
        page.goto(outcome or "")
        expect(page.locator(".outcomes .state.unknown")).to_have_count(1)
        command = [sys.executable, "-m", "api.cli", "record", str(file), "--server", site.address,
                   "--token-file", str(token), "--key", str(path)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        page.click("text=Look again")
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)


def offer(who: Visitor, *entries: Entry, back: str, title: str = "") -> Response:
    """The signing page, as a page of ours leads to it."""
    sealed = seal(who.client.cookies[SESSION_COOKIE], entries, title, back)
    given = json.dumps([entry.to_json() for entry in entries])
    page = who.get("/reviews")
    return who.send("/signing/account", page, entries=given, back=back, title=title, seal=sealed)


def test_what_no_page_of_ours_offered_is_not_put_into_words(visitor: Reader) -> None:
    who = visitor(CallerRole.SUPPLIER)
    given, page = json.dumps([reply().to_json()]), who.get("/reviews")
    sealed = seal(who.client.cookies[SESSION_COOKIE], [reply("another")], "", "/reviews")
    for made_up in ({}, {"seal": sealed}, {"seal": "0" * 64}):
        answer = who.send("/signing/account", page, entries=given, back="/reviews", **made_up)
        assert answer.status_code == 422


def test_without_scripts_the_page_offers_the_command_line_alone(visitor: Reader) -> None:
    who = visitor(CallerRole.SUPPLIER)
    page = offer(who, reply(), back="/reviews")
    assert page.status_code == 200
    assert '<p id="no-script" class="notice">' in page.text
    assert '<div class="card" id="way-file" hidden>' in page.text
    assert '<div class="card" id="way-wallet" hidden>' in page.text
    assert 'formaction="/signing/file"' in page.text


def test_everything_that_one_signature_covers_is_unfolded(visitor: Reader) -> None:
    who = visitor(CallerRole.SUPPLIER)
    page = offer(who, *(reply(f"answer {n}") for n in range(6)), back="/reviews")
    assert page.text.count('<details class="card entry" open>') == 6


@pytest.mark.parametrize(
    ("back", "told"),
    [
        ("/reviews", "Back to “Our submissions”"),
        ("/reviews/0x" + "00" * 32, "Back to where you were"),
        ("https://example.org/", "Back to “Search”"),
    ],
)
def test_the_way_on_says_where_it_leads(visitor: Reader, back: str, told: str) -> None:
    who = visitor(CallerRole.SUPPLIER)
    page = who.get(f"/signing/outcome?entries={'A' * 43}&back={back}")
    assert f">{told}</a>" in page.text


def test_what_is_to_be_signed_is_shown_whole_and_does_no_harm(visitor: Reader) -> None:
    who = visitor(CallerRole.SUPPLIER)
    text = "</textarea><script>alert(1)</script>\u202e=1+1 " + "长" * 600
    page = offer(who, reply(text), back="https://example.org/", title="<b>" + "t" * 10_000)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    assert "\ufffd=1+1" in page.text
    # Nobody is led elsewhere afterwards.
    assert "example.org" not in page.text
    taken = who.send("/signing/file", page)
    assert taken.json()[0]["message"]["text"] == text
    assert taken.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "entries", ["", "[]", "{}", "[1]", '[{"action": "None", "message": {}}]', "[" * 3000]
)
def test_what_does_not_come_back_whole_is_told(visitor: Reader, entries: str) -> None:
    who = visitor(CallerRole.SUPPLIER)
    page = who.get("/reviews")
    for path in ("/signing/account", "/signing/file", "/signing/entries"):
        answer = who.send(path, page, entries=entries, signatures="[]")
        assert answer.status_code == 422, path
        assert "<h1>" in answer.text


def test_signing_needs_a_form_of_ours_and_somebody_signed_in(visitor: Reader) -> None:
    given = json.dumps([reply().to_json()])
    who = visitor(CallerRole.SUPPLIER)
    for path in ("/signing/account", "/signing/file", "/signing/entries"):
        assert who.client.post(path, data={"entries": given}).status_code == 403
        assert visitor(None).client.post(path, data={"entries": given}).status_code in (303, 403)
    operator = visitor(CallerRole.OPERATOR)
    page = who.get("/reviews")
    assert operator.send("/signing/entries", page, entries=given).status_code == 403


def test_an_outcome_that_is_none_does_not_exist(visitor: Reader) -> None:
    who = visitor(CallerRole.SUPPLIER)
    for wrong in ("", "x", "-" * 42, "é"):
        assert who.get(f"/signing/outcome?entries={wrong}").status_code in (404, 422), wrong
    nobody = "A" * 43
    assert who.get(f"/signing/outcome?entries={nobody}").status_code in (200, 404)


# ------------------------------------------------------------------------------ the script


@needs_node
def test_the_script_is_what_its_sources_make() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts._signing", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _posts(page: Page) -> list[str]:
    """What is sent by POST from now on."""
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    return sent


# ----------------------------------------------------------------------------------- back


def test_the_browser_goes_back_to_what_was_offered_until_somebody_signs_out(
    site: Site, browser: Browser
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER) as page:
        Wallet("qingluan", CHAIN_ID).plug_in(page)
        _come(page, reply("gone back to"))
        with page.expect_navigation(url="**/signing/outcome**"):
            page.click("#wallets button")
        page.go_back()
        expect(page.locator("main")).to_contain_text("gone back to")
        with page.expect_navigation(url="**/signing/outcome**"):
            page.click("#wallets button")
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)  # nothing was done twice
        page.click(".who summary")
        page.click(".who button")
        page.wait_for_url("**/sign-in")
        # From the sign-in page over the outcome to what was offered: the browser has it no more.
        page.go_back()
        with pytest.raises(Error, match="ERR_CACHE_MISS"):
            page.go_back()
