"""The review desk and the submission without a browser: who sees what, what is mended, what is
shown of documents."""

import re
from html import unescape

import pytest
from httpx import Response

from api.access import CallerRole
from ledger import demo
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import Service, office

COPIED = "示械注准20242140005"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def _review(who: Visitor) -> str:
    page = who.get("/reviews?step=verify")
    found = re.search(rf'<a href="(/reviews/0x[0-9a-f]+)">[^<]*<bdi[^>]*>{COPIED}', page.text)
    assert found is not None
    return found[1]


def _submit(who: Visitor, file: tuple[str, bytes], **fields: str) -> Response:
    page = who.get("/qualifications/new")
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    filled = {
        "category": demo.MASK, "model": "Q-1", "kind": "cn-production-licence", "number": "N-1",
        "valid_from": "2026-01-01", "valid_until": "2027-01-01", "visibility": "parties",
    }  # fmt: skip
    data = {name: unescape(value) for name, value in hidden} | filled | fields
    answer: Response = who.client.post(
        "/qualifications/new",
        data=data,
        files={"document": file},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return answer


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("valid_until", "2020-01-01", "The last day lies before the first one."),
        ("valid_from", "1 May", "is no day"),
        ("kind", "nothing", "Choose a kind from the list."),
        ("category", "nothing", "Choose a product from the list."),
        ("number", "n" * 201, "at most 200 characters"),
        ("model", "m" * 10_000, "at most 200 characters"),
        ("visibility", "all", "Choose who may read it."),
    ],
)
def test_what_is_wrong_in_a_submission_is_named_at_its_field(
    visitor: Reader, field: str, value: str, told: str
) -> None:
    answer = _submit(visitor(CallerRole.SUPPLIER), ("a.png", PNG), **{field: value})
    assert answer.status_code == 422
    fault = re.search(rf'id="{field}-fault">([^<]*)<', answer.text)
    assert told in (fault[1] if fault else answer.text)
    assert 'value="2027-01-01"' in answer.text or field == "valid_until"


def test_what_is_no_document_is_not_kept(visitor: Reader) -> None:
    who = visitor(CallerRole.SUPPLIER, "zh")
    for name, data in (("a.png", b""), ("a.html", b"<script>"), ("a.pdf", b"<svg/>")):
        answer = _submit(who, (name, data))
        assert answer.status_code == 422, name
        assert 'id="document-fault"' in answer.text, name


def test_all_that_is_to_be_mended_in_a_submission_is_told_at_once(visitor: Reader) -> None:
    answer = _submit(
        visitor(CallerRole.SUPPLIER), ("a.png", b""), kind="nothing", valid_until="2020-01-01"
    )
    assert answer.status_code == 422
    for field in ("kind", "valid_until", "document"):
        assert f'id="{field}-fault"' in answer.text
        assert f'<a href="#{field}">' in answer.text
    assert "What you typed is still below" in answer.text


def test_the_same_number_twice_is_named(visitor: Reader) -> None:
    answer = _submit(
        visitor(CallerRole.SUPPLIER), ("a.png", PNG), model="QL-100",
        kind="cn-device-registration", number="示械注准20242140001",
    )  # fmt: skip
    assert answer.status_code == 422
    assert re.search(
        r'You hold or have submitted this number already\. <a href="/entries/\d+">', answer.text
    )


def test_only_suppliers_submit(visitor: Reader) -> None:
    buyer = visitor(CallerRole.PROCUREMENT)
    page = buyer.get("/qualifications/new")
    assert "Only suppliers submit" in page.text
    assert "You are signed in as: Procurement." in page.text
    assert 'href="/reviews"' not in page.text  # nothing of theirs is there
    assert "<select" not in page.text
    assert _submit(buyer, ("a.png", PNG)).status_code == 403


def test_a_name_of_a_file_does_no_harm_and_the_document_is_shown_as_a_picture(
    visitor: Reader, service: Service
) -> None:
    who = visitor(CallerRole.SUPPLIER)
    answer = _submit(who, ("<b>=1+1\u202egnp.png", PNG + b"1"))
    assert answer.status_code == 200, answer.text
    [digest] = set(re.findall(r'"document":"(0x[0-9a-f]{64})"', unescape(answer.text)))
    shown = who.get(f"/documents/{digest}/view")
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["x-frame-options"] == "SAMEORIGIN"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in shown.headers["content-security-policy"]
    # Nobody cites it yet, so nobody else reads it; who is not signed in neither.
    assert visitor(CallerRole.PROCUREMENT).get(f"/documents/{digest}/view").status_code == 404
    assert visitor(None).get(f"/documents/{digest}/view").status_code == 303


def test_texts_are_shown_as_plain_text_and_tables_only_taken_away(visitor: Reader) -> None:
    who = visitor(CallerRole.ISSUER, office="review-centre")
    page = who.get(_review(who))
    [frame] = re.findall(r'<iframe class="paper" src="([^"]+)"[^>]* sandbox>', page.text)
    shown = who.get(frame)
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    assert "frame-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("role", [CallerRole.PROCUREMENT, CallerRole.SUPPLIER])
def test_what_others_submitted_does_not_exist_for_who_may_not_see_it(
    visitor: Reader, role: CallerRole
) -> None:
    path = _review(visitor(CallerRole.AUDITOR))
    who = visitor(role)
    assert who.get(path).status_code == 404
    assert COPIED not in who.get("/reviews?step=verify").text
    assert who.send(path, who.get("/reviews"), do="accept", note="").status_code == 404


def test_who_may_not_take_the_step_sees_why_and_cannot_force_it(visitor: Reader) -> None:
    path = _review(visitor(CallerRole.AUDITOR))
    for role, of, told in (
        (CallerRole.AUDITOR, "", "no account with the role of a reviewer"),
        (CallerRole.ISSUER, "regulator", "no account with the role of a reviewer"),
        (CallerRole.SUPPLIER, "red-fox", "others must review it"),
    ):
        who = visitor(role, office=of)
        page = who.get(path)
        assert told in page.text
        for do in ("accept", "refuse"):
            forced = who.send(path, page, do=do, note="", reason="because")
            assert forced.status_code == 422
            assert "cannot take this step now" in forced.text


def test_who_may_not_take_the_step_is_told_who_can(visitor: Reader) -> None:
    path = _review(visitor(CallerRole.AUDITOR))
    page = visitor(CallerRole.ISSUER, "zh", office="regulator").get(path)
    told = re.search(r"<p>可由(.*)办理。</p>", page.text)
    assert told is not None
    assert office("review-centre").name_zh in told[1]
    assert "示例赤狐" not in told[1], "the submitter itself cannot"


def test_an_open_alarm_is_told_in_the_queue_and_before_the_choice(visitor: Reader) -> None:
    who = visitor(CallerRole.ISSUER, office="review-centre")
    path = _review(who)
    [row] = [r for r in who.get("/reviews").text.split("<tr>") if path in r]
    assert "Open alarm" in row
    [other] = [r for r in who.get("/reviews?step=published").text.split("<tr>") if "40001" in r]
    assert "Open alarm" not in other
    page = who.get(path).text
    assert "There is an open alarm over this." in page
    assert '<details class="card refuse no-print" open>' in page
    assert re.search(r'href="/suppliers/0x[0-9a-f]{40}#alarm-[0-9a-f]{8}"', page)


def test_what_was_submitted_says_for_whom_and_for_what(visitor: Reader) -> None:
    who = visitor(CallerRole.ISSUER, office="review-centre")
    page = who.get(_review(who)).text
    terms = page[page.index('aria-labelledby="terms"') : page.index('aria-labelledby="act"')]
    for label in ("Holder", "Product category", "Model", "Number"):
        assert f"<dt>{label}</dt>" in terms


def test_another_use_says_what_holds_of_it_now(visitor: Reader) -> None:
    who = visitor(CallerRole.ISSUER, office="review-centre")
    page = who.get(_review(who)).text
    uses = page[page.index('aria-labelledby="uses"') :]
    assert re.search(r'Now: <a href="/qualifications/0x[0-9a-f]{64}">[^<]+</a>', uses)


def test_a_supplier_without_submissions_is_told_where_its_certificates_are(
    visitor: Reader,
) -> None:
    page = visitor(CallerRole.SUPPLIER, office="baize").get("/reviews").text
    assert "has not submitted any qualification yet" in page
    assert re.search(r'directly stands here: <a href="/suppliers/0x[0-9a-f]{40}">', page)


def test_a_note_that_is_too_long_comes_back_with_its_field(visitor: Reader) -> None:
    who = visitor(CallerRole.ISSUER, office="review-centre")
    path = _review(who)
    note = "<script>alert(1)</script>\u202e" + "长" * 10_000
    answer = who.send(path, who.get(path), do="accept", note=note)
    assert answer.status_code == 422
    assert 'id="note-fault"' in answer.text
    assert "长" * 10_000 in answer.text
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text


def test_nobody_is_shown_another_ones_desk_without_signing_in(visitor: Reader) -> None:
    for path in ("/reviews", "/qualifications/new", "/reviews/0x" + "00" * 32):
        assert visitor(None).get(path).status_code == 303
    assert visitor(CallerRole.OPERATOR).get("/reviews").status_code == 403


def test_who_cannot_read_the_document_here_must_say_that_it_was_looked_at(
    visitor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = visitor(CallerRole.ISSUER, office="review-centre")
    path = _review(who)
    assert 'name="seen"' not in who.get(path).text, "it can be read here"
    monkeypatch.setattr("api.pages.reviews.shown.readable", lambda *_: None)
    page = who.get(path)
    refused = who.send(path, page, do="accept", note="")
    assert refused.status_code == 422
    assert 'id="seen-fault"' in refused.text
    offered = who.send(path, page, do="accept", note="", seen="on")
    assert offered.status_code == 200
    assert 'id="signing"' in offered.text
