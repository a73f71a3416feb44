"""The other language on the answer to a form: nothing that was typed, and no link that is shown
once, is lost by it, and it leads to a page that there is."""

import re
from html import unescape
from typing import Any

from httpx import Response

from api.access import CallerRole
from ledger.demo import MASK_LOT
from tests.api.pages.conftest import Reader, Visitor
from tests.api.pages.test_accounts import DISTRICT
from tests.api.pages.test_pages import ask, text
from tests.api.pages.test_recalls import new
from tests.api.pages.test_recalls import send as send_multipart
from tests.api.pages.test_verify import verified


def resent(reader: Visitor, page: Response) -> Response:
    """The answer to the button that stands for the other language."""
    form = re.search(
        r'<form method="post" action="([^"]*)" enctype="([^"]*)">(.*?)</form>\s*<details',
        page.text,
        flags=re.S,
    )
    assert form is not None
    own = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[3])
    again = re.findall(r'<input name="([^"]*)" value="([^"]*)" type="hidden">', form[3])
    fields = {name: unescape(value) for name, value in own + again}
    parts = {name: (None, value) for name, value in fields.items()}
    sent: dict[str, Any] = {"files": parts} if "multipart" in form[2] else {"data": fields}
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer: Response = reader.client.post(unescape(form[1]), headers=headers, **sent)
    return answer


def beside(page: Response) -> str:
    """Where the other language opens in a tab of its own."""
    link = re.search(r'<a href="([^"]*)" hreflang="[^"]*" lang="[^"]*" target="_blank"', page.text)
    assert link is not None
    return unescape(link[1])


def test_a_form_to_mend_is_the_same_in_the_other_language(visitor: Reader) -> None:
    reader = visitor()
    page = ask(reader, "qingluan", quantity="many", model="QL-<1>")
    chinese = resent(reader, page)
    assert chinese.status_code == 422
    assert 'lang="zh-CN"' in chinese.text
    assert 'value="QL-&lt;1&gt;"' in chinese.text
    assert 'value="many"' in chinese.text
    assert resent(reader, chinese).headers["content-language"] == "en"


def test_what_was_typed_about_a_recall_stays(visitor: Reader) -> None:
    reader = visitor(CallerRole.ISSUER)
    page = send_multipart(
        reader, reader.get(new(MASK_LOT.id)), "/recalls", wrong="Mould\nin the seam", do="sign"
    )
    assert page.status_code == 422, text(page)
    chinese = resent(reader, page)
    assert chinese.status_code == 422
    assert chinese.headers["content-language"] == "zh-CN"
    assert "Mould" in chinese.text


def test_several_of_one_name_in_an_address_all_stay(visitor: Reader) -> None:
    page = visitor(CallerRole.ISSUER).get("/search-nothing?batch=1&batch=2&lang=en")
    assert page.status_code == 404
    page = visitor().get("/?q=a&q=b")
    assert 'href="/?q=a&amp;q=b&amp;lang=zh"' in page.text


def test_an_invitation_link_stays_in_sight(visitor: Reader) -> None:
    operator = visitor(CallerRole.OPERATOR)
    sent = operator.send(
        "/staff", operator.get("/staff"),
        organisation=DISTRICT, person="Li Wei", login="switch.one", role="procurement",
    )  # fmt: skip
    place = sent.headers["location"]
    english = operator.get(place)
    code = re.search(r"code=([A-Za-z0-9_-]{43})", english.text)
    assert code is not None
    assert f'href="{place}?lang=zh"' in english.text
    for again in (f"{place}?lang=zh", place):
        assert code[1] in operator.get(again).text, "also when it is loaded again"
    other = visitor(CallerRole.OPERATOR)
    assert other.get(place).headers["location"] == place.removesuffix("/link"), "this browser only"
    operator.send("/sign-out", operator.get("/account"))
    assert operator.sign_in(CallerRole.OPERATOR).status_code == 303
    assert operator.get(place).status_code == 303, "not after signing out"


def test_the_result_for_a_file_stays_open_beside_the_other_language(visitor: Reader) -> None:
    reader = visitor()
    page = verified(reader, b"some paper")
    assert page.status_code == 200
    assert beside(page) == "/verify?lang=zh"
    assert reader.get(beside(page)).status_code == 200


def test_a_password_is_never_written_into_a_page(visitor: Reader) -> None:
    reader = visitor(None)
    page = reader.send(
        "/sign-in", reader.get("/sign-in?next=/guides"), login="x.y", password="p" * 9
    )
    assert beside(page) == "/sign-in?next=%2Fguides&lang=zh"
    assert "p" * 9 not in page.text
