"""A verdict on paper: a PDF that says all of it in the reader's language, can be read out and
searched, and leads back to the live record."""

import asyncio
import re
import threading
import unicodedata
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, cast

import orjson
import pytest
from pypdf import PdfReader

from api.access import SCOPES_OF, Caller, CallerRole
from api.context import Context
from api.pages.paper import typesetting
from api.pages.paper.typesetting import BOX, LONGEST, characters, fit, fitted, typeset
from api.pages.verdicts import paper
from ledger import demo
from ledger.errors import UnavailableError
from ledger.index.store import KeptVerdict
from tests.api.pages.conftest import Reader
from tests.support.service import Service, identity, office

LANGUAGES = ["zh", "en"]
LOTS = [
    {"gtin": "09520000000059", "lot": "QL100-A"},
    {"gtin": "09520000000059", "lot": "QL100-B"},
]


def verdict(service: Service, office: str, model: str, lots: Any = ()) -> dict[str, Any]:
    question = {
        "organisation": identity(office),
        "category": demo.MASK,
        "model": model,
        "quantity": 50_000,
        "unit": "H87",
        "deliver_on": f"{datetime.now(UTC) + timedelta(days=6):%Y-%m-%d}",
        **({"lots": list(lots)} if lots else {}),
    }
    answer = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=question)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def text(raw: bytes) -> str:
    """Everything that can be searched for, lines joined."""
    pages = PdfReader(BytesIO(raw)).pages
    return unicodedata.normalize("NFC", "\n".join(page.extract_text() for page in pages))


def squeezed(said: str) -> str:
    """Without white space and line breaks, which a reader's search passes over too."""
    return re.sub(r"[\s\u200b]+", "", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_the_whole_verdict(service: Service, visitor: Reader, language: str) -> None:
    v = verdict(service, "qingluan", "QL-100", LOTS)
    page = visitor(language=language).get(f"/verdicts/{v['id']}/pdf?lang={language}")
    assert page.status_code == 200, page.text
    assert page.headers["content-type"] == "application/pdf"
    said = squeezed(text(page.content))
    for check in v["checks"]:
        assert squeezed(check["title"][language]) in said
        for number in check["entries"]:
            assert str(number) in said
    for remedy in v["would_change"]:
        assert squeezed(remedy[language]) in said
    for wanted in (v["id"], v["policy"]["hash"], "QL100-A", "QL100-B", "09520000000059"):
        assert wanted in said
    # Both names and both answers, whatever the language.
    for wanted in (demo.QINGLUAN.name_zh, demo.QINGLUAN.name_en, "不要采购", "Do not buy"):
        assert squeezed(wanted) in said
    note = {"zh": "以现行记录为准", "en": "the live record decides"}[language]
    assert squeezed(note) in said
    pages = len(PdfReader(BytesIO(page.content)).pages)
    assert f"1/{pages}" in said
    assert f"{pages}/{pages}" in said


@pytest.mark.parametrize(
    ("language", "told"), [("zh", "QL100-A 已召回"), ("en", "QL100-A Recalled. As of printing")]
)
def test_a_recall_that_the_verdict_does_not_speak_of_stands_on_the_paper(
    service: Service, visitor: Reader, language: str, told: str
) -> None:
    v = verdict(service, "qingluan", "QL-100")
    page = visitor(language=language).get(f"/verdicts/{v['id']}/pdf?lang={language}")
    assert squeezed(told) in squeezed(text(page.content))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_is_tagged_and_names_its_language_and_title(
    service: Service, visitor: Reader, language: str
) -> None:
    v = verdict(service, "blue-whale", "BW-3")
    page = visitor(language=language).get(f"/verdicts/{v['id']}/pdf?lang={language}")
    reader = PdfReader(BytesIO(page.content))
    root = cast(dict[str, Any], reader.trailer["/Root"])
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == {"zh": "zh-CN", "en": "en-GB"}[language]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert str(reader.metadata.title).startswith(v["answer_text"][language])
    stated = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in stated
    assert "<pdfaid:part>2</pdfaid:part>" in stated
    roles = _roles(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure", "/Link"} <= set(roles)
    # Every picture that says something says it in words.
    figures = [node for node in _nodes(root["/StructTreeRoot"]) if node.get("/S") == "/Figure"]
    assert figures
    assert all(node.get("/Alt") for node in figures)


def _nodes(node: Any) -> list[dict[str, Any]]:
    found = [node]
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        child = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(child, dict) and "/S" in child:
            found.extend(_nodes(child))
    return found


def _roles(root: Any) -> list[str]:
    return [str(node.get("/S")) for node in _nodes(root)]


def test_the_paper_leads_back_to_the_live_record(service: Service, visitor: Reader) -> None:
    v = verdict(service, "blue-whale", "BW-3")
    page = visitor().get(f"/verdicts/{v['id']}/pdf")
    links = [
        annotation.get_object()["/A"]["/URI"]
        for sheet in PdfReader(BytesIO(page.content)).pages
        for annotation in sheet.get("/Annots", [])
    ]
    assert f"http://127.0.0.1:8000/verdicts/{v['id']}" in links


def test_the_same_verdict_gives_the_same_bytes(service: Service, visitor: Reader) -> None:
    v = verdict(service, "blue-whale", "BW-3")
    reader, address = visitor(), f"/verdicts/{v['id']}/pdf?lang=en"
    assert reader.get(address).content == reader.get(address).content


def test_programs_get_the_same_paper(service: Service, visitor: Reader) -> None:
    v = verdict(service, "blue-whale", "BW-3")
    shown = visitor().get(f"/verdicts/{v['id']}/pdf?lang=zh").content
    answer = service.get(f"/v1/verdicts/{v['id']}/pdf?lang=zh", CallerRole.PROCUREMENT)
    assert answer.status_code == 200
    assert answer.content == shown
    assert answer.headers["content-language"] == "zh-CN"


@pytest.mark.parametrize("path", ["/v1/verdicts/{}/pdf", "/v1/verdicts/{}"])
def test_nobody_else_gets_it(service: Service, path: str) -> None:
    v = verdict(service, "blue-whale", "BW-3")
    other = service.token(CallerRole.PROCUREMENT, "neighbour")
    assert service.get(path.format(v["id"]), other).status_code == 404
    assert service.get(path.format("0x" + "5a" * 32), CallerRole.AUDITOR).status_code == 404
    assert service.get(path.format(v["id"])).status_code == 401


def test_an_auditors_taking_is_noted(service: Service) -> None:
    v = verdict(service, "blue-whale", "BW-3")
    before = service.get("/v1/accesses", CallerRole.AUDITOR).text.count(v["id"])
    assert service.get(f"/v1/verdicts/{v['id']}/pdf", CallerRole.AUDITOR).status_code == 200
    assert service.get("/v1/accesses", CallerRole.AUDITOR).text.count(v["id"]) == before + 1


# ------------------------------------------------------------------------------ what is set

HOSTILE = [
    '#import "/etc/passwd": *',
    '#eval("1+1") $x^2$ \\ *bold* _it_ `raw` <label> @ref // /* [x] {y}',
    '"}; #sys.inputs.data',
    "\u202egnp.exe\u2066",
    "\u0000\u0007\u001b[31m",
    "x" * 10_000,
    "名" * 10_000,
    "😀 🇨🇳 👩‍⚕️",
    "𠮷野家 \ue000 \u0301",
    "مصنع الكمامات",
    "\ud7ff\uffff",
    "https://evil.example/" + "a" * 300,
    "]] endobj stream",
]


def _kept(v: dict[str, Any]) -> KeptVerdict:
    return KeptVerdict(
        id=v["id"] + ":00",
        question=orjson.dumps(v["question"]),
        policy_hash=bytes(32),
        position=1,
        verdict=orjson.dumps(v),
        organisation=bytes(20),
        person="Chen",
        asked_at=v["question"]["known_at"],
    )


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_what_others_wrote_is_text_and_does_no_harm(service: Service, hostile: str) -> None:
    v = verdict(service, "qingluan", "QL-100", LOTS)
    for check in v["checks"]:
        for reason in check["reasons"]:
            reason["en"] = reason["zh"] = hostile
    v["question"]["model"] = hostile
    v["lots"]["offered"][0]["lot"] = hostile
    v["replies"] = [
        {"about": v["id"], "by": identity("qingluan"), "text": hostile, "recorded": 1, "entry": 1}
    ]
    context = service.app.state.context
    assert isinstance(context, Context)
    address = "https://suyuan.example/verdicts/" + v["id"]
    role = CallerRole.PROCUREMENT
    reader = Caller("1", office("district").id, "x", role, SCOPES_OF[role])
    said = text(paper.pdf(context, reader, _kept(v), "en", address))
    assert "/etc/passwd" not in said or "#import" in said  # shown, not carried out
    assert "root:" not in said
    assert "\u202e" not in said
    # What is beside it still stands.
    assert "Show me the evidence" in said
    wanted = squeezed(fit(hostile))[:200]
    if wanted.isascii():
        assert wanted in squeezed(said)


def test_what_the_font_does_not_have_becomes_a_box() -> None:
    assert fit("青鸾😀") == "青鸾" + BOX
    assert fit("a\u202eb") == f"a{BOX}b"
    assert fit("line\nbreak\ttab") == "line break tab"


def test_the_font_has_what_names_are_written_with() -> None:
    wanted = "龘镕喆堃㛃䶮 ABCxyz éüñ 示例青鸾口罩厂 臺灣醫療 ←→ ①②③ “”‘’—…·"
    assert set(wanted) - characters() == set()
    everyday = {
        bytes([high, low]).decode("gb2312", "ignore")
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
    }
    assert everyday - characters() - {""} == set()


def test_endless_texts_are_cut_and_long_words_can_be_broken() -> None:
    assert len(fit("名" * 10_000)) == LONGEST + 1
    assert max(map(len, fit("x" * 500).split("\u200b"))) <= 30
    # An id is searched for whole.
    assert fitted({"id": "0x" + "ab" * 32}) == {"id": "0x" + "ab" * 32}


def test_only_so_many_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "_waiting", threading.BoundedSemaphore(1))
    assert asyncio.run(typesetting.in_turn(lambda: 1)) == 1
    assert typesetting._waiting.acquire(blocking=False)
    with pytest.raises(UnavailableError):
        asyncio.run(typesetting.in_turn(lambda: 1))


def test_nothing_is_set_with_a_font_of_the_machine() -> None:
    made = typeset("verdict.typ", _smallest(), {"address": _DOT, "buy": _DOT}, 0)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(BytesIO(made)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    assert all("NotoSansSC" in font for font in fonts), fonts


_DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'


def _smallest() -> dict[str, Any]:
    texts = (
        *("lang", "other-lang", "title", "eyebrow", "question", "other-question", "answer-text"),
        *("other-answer", "meaning", "stopped", "not-now", "decided-title", "traced"),
        *("inapplicable", "left-out", "address", "id", "print-note"),
    )
    words = (
        *("none", "records", "besides", "would-change", "lots", "checks", "inapplicable"),
        *("alarms", "replies", "basis", "verify", "qr", "qr-alt"),
    )
    lists = ("decided", "besides", "remedies", "lots", "groups", "alarms", "replies", "verify")
    return {
        **dict.fromkeys(texts, "x"),
        **{name: [] for name in lists},
        "lang": "en",
        "other-lang": "zh",
        "region": "GB",
        "keywords": [],
        "answer": "buy",
        "basis": [["a", "b"]],
        "words": dict.fromkeys(words, "x"),
    }
