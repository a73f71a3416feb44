"""What a procurement officer is shown, through the real app over the invented world."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from babel.dates import format_date
from httpx import Response

from api.access import CallerRole
from api.pages.lexicon import Lexicon
from api.pages.wording import wording
from ledger import demo
from ledger.authoring import Author
from ledger.hashing import keccak
from ledger.importing.recording import record
from ledger.recorded import RecordedEntry
from ledger.typed_data import Citation, organisation_id
from tests.api.pages.conftest import Reader, Visitor
from tests.support.ledger import key
from tests.support.service import Service, identity, office

QINGLUAN = "/suppliers/" + identity("qingluan")
LATER = 7


def day_in(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def text(page: Response) -> str:
    """What is read on the page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def form_of(reader: Visitor, supplier: str) -> Response:
    return reader.get(f"/verdicts/new?supplier={identity(supplier)}")


def ask(reader: Visitor, office: str, model: str = "QL-100", **fields: str) -> Response:
    """Send the form of a supplier; where it leads to."""
    values = {
        "category": demo.MASK,
        "model": model,
        "quantity": "50,000",
        "unit": "H87",
        "deliver_on": day_in(LATER),
        "known_at": "",
        "clock": "recorded",
    }
    return reader.send("/verdicts/new", form_of(reader, office), **{**values, **fields})


def verdict(reader: Visitor, office: str, model: str, **fields: str) -> Response:
    sent = ask(reader, office, model, **fields)
    assert sent.status_code == 303, text(sent)
    return reader.get(sent.headers["location"])


# -------------------------------------------------------------------------------- finding


@pytest.mark.parametrize(
    "wanted",
    ["青鸾", "qingluan", "示械注准20242140001", "QL-100"],
    ids=["Chinese name", "English name", "certificate", "model"],
)
def test_a_supplier_is_found_by(visitor: Reader, wanted: str) -> None:
    page = visitor().get(f"/?q={wanted}")
    assert page.status_code == 200
    assert QINGLUAN in page.text
    assert "示例青鸾口罩厂" in page.text
    assert "Qingluan Example Mask Works" in page.text


def test_a_hit_says_where_it_matched(visitor: Reader) -> None:
    assert "Found by its certificate number 示械注准20242140001" in text(
        visitor().get("/?q=示械注准20242140001")
    )


def test_nothing_found_does_not_look_like_unqualified(visitor: Reader) -> None:
    page = text(visitor().get("/?q=nobody-of-this-name"))
    assert "Nothing was found" in page
    assert "does not mean that a supplier is unqualified" in page


def test_many_results_come_page_by_page_without_repeating(
    visitor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.home.results.PAGE", 5)
    reader, seen = visitor(), list[str]()
    path = "/?q=example"
    for _ in range(10):
        page = reader.get(path)
        seen += re.findall(r'href="(/suppliers/0x[0-9a-f]{40})"', page.text)
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        if following is None:
            break
        path = unescape(following[1])
    assert len(seen) == len(set(seen)) == len(demo.ALL)


# ------------------------------------------------------------------------------- suppliers


def test_a_supplier_stands_model_by_model(visitor: Reader) -> None:
    page = visitor().get("/suppliers/" + identity("baize")).text
    rows = {
        row.group(1): row.group(2)
        for row in re.finditer(
            r'<th scope="row"><bdi>([^<]*)</bdi>.*?class="big">\s*<span class="state (\w+)">',
            page,
            flags=re.S,
        )
    }
    assert rows["Surgical mask (China), model BZ-95"] == "invalid"
    assert rows["Surgical mask (China), model BZ-95G"] == "valid"
    assert rows["Surgical mask (China) (no particular model)"] == "unknown"


def test_every_state_is_a_shape_and_a_word(visitor: Reader) -> None:
    page = visitor().get("/suppliers/" + identity("baize")).text
    states = re.findall(r'<span class="state (\w+)">(.*?)</span>\s*</span>', page, flags=re.S)
    words = {"valid": "Valid", "invalid": "Invalid", "unknown": "Unknown"}
    assert {name for name, _ in states} == set(words)
    for name, shown in states:
        assert "<svg" in shown
        # In the time line the word is the qualification's, and its state stands in the table.
        assert f"<span>{words[name]}" in shown or re.search(r"<span>[A-Z]", shown)


def test_a_lapsed_licence_is_never_shown_as_valid(visitor: Reader) -> None:
    page = text(visitor().get("/suppliers/" + identity("blue-whale")))
    assert re.search(r"production licence \(China\) required Invalid expired on", page)


def test_the_reason_of_a_withdrawal_stands_with_its_record(visitor: Reader) -> None:
    reader = visitor()
    page = reader.get("/suppliers/" + identity("baize")).text
    told = re.search(r"market sample.*?</ul>", page, flags=re.S)
    assert told is not None, "reason"
    entries = re.findall(r'href="(/entries/\d+)"', told[0])
    entry = text(reader.get(entries[-1]))
    assert "withdraws a qualification" in entry
    assert "Example Province Drug Administration" in entry


def test_an_open_alarm_names_the_other_holder(visitor: Reader) -> None:
    page = visitor().get("/suppliers/" + identity("red-fox"))
    assert re.search(
        "Both show the same document.*This supplier Red Fox.*The other side Feiyu", text(page)
    )
    assert "/suppliers/" + identity("feiyu") in page.text


def test_an_alarm_over_a_mere_submission_is_no_refusal_for_whom_it_copies(visitor: Reader) -> None:
    told = "Nobody else vouches for the use by Red Fox"
    reader = visitor()
    copied = reader.get("/suppliers/" + identity("feiyu"))
    assert told in text(copied)
    assert "alarm bad" not in copied.text
    copier = reader.get("/suppliers/" + identity("red-fox"))
    assert told not in text(copier)
    assert "alarm bad" in copier.text


def test_another_time_is_said_and_links_keep_it(visitor: Reader) -> None:
    reader = visitor()
    whale = "/suppliers/" + identity("blue-whale")
    assert "This is not the present state" not in text(reader.get(whale))
    past = text(reader.get(f"{whale}?at={day_in(-60)}"))
    day = format_date(date.fromisoformat(day_in(-60)), "d MMM y", "en")
    assert f"This is not the present state: for {day} (Asia/Shanghai, UTC+08:00)" in past
    assert "Invalid" not in past


def test_what_was_not_known_yet_is_not_shown(visitor: Reader) -> None:
    page = text(visitor().get(f"{QINGLUAN}?known_at={day_in(-2)}"))
    assert "No qualification of it is recorded" in page
    assert "Valid" not in page


def test_tomorrows_knowledge_is_refused(visitor: Reader) -> None:
    page = visitor().get(f"{QINGLUAN}?known_at={day_in(3)}")
    assert page.status_code == 422
    assert "lies in the future" in text(page)


def test_an_unknown_supplier_is_a_page_not_found(visitor: Reader) -> None:
    for language, words in (("en", "supplier is not known"), ("zh", "未找到该供应商")):
        page = visitor(language=language).get("/suppliers/0x" + "5a" * 20)
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert words in text(page)


def test_a_mistyped_address_is_a_page(visitor: Reader) -> None:
    page = visitor().get("/suppliers/0x12")
    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")


# ------------------------------------------------------------------- what registers list

NAMES = {
    "niosh-n95": "Clear Brook Invented Masks Company, Ltd.",
    "fda-eua-china": "Clear Brook Invented Masks Co., Ltd",
}


@pytest.fixture(scope="module")
def listed(service: Service) -> dict[str, str]:
    """A firm that two registers list under slightly different names; its pages, by register."""
    workspace = service.workspace
    mirror = Author(
        key("mirror"),
        office("mirror").id,
        workspace.domains,
        workspace.index.next_nonce,
        workspace.clock,
    )
    entries = [
        mirror.write(
            "ListOrganisation",
            identifierKind=f"register:{register}",
            identifier=name,
            nameZh="",
            nameEn=name,
        )
        for register, name in NAMES.items()
    ]
    for status in record(workspace, [mirror.sign(e) for e in entries]):
        assert status.refusal is None
    return {
        register: "/suppliers/0x" + organisation_id(f"register:{register}", name).hex()
        for register, name in NAMES.items()
    }


def test_a_listed_firm_says_by_which_register(visitor: Reader, listed: dict[str, str]) -> None:
    page = text(visitor().get(listed["niosh-n95"]))
    assert "known from a register only" in page
    assert "NIOSH list of approved N95 respirators" in page


def test_the_same_firm_elsewhere_is_proposed_with_reasons_and_not_merged(
    visitor: Reader, listed: dict[str, str]
) -> None:
    page = visitor().get(listed["niosh-n95"])
    assert listed["fda-eua-china"] in page.text
    assert "98 %" in text(page)
    assert "the names are the same but for punctuation" in text(page)
    assert "Nothing is merged unless a person who may decide signs it" in text(page)
    assert "decided by a person to be the same firm" not in text(page)


def test_a_register_and_its_kind_of_one_code_keep_their_names(service: Service) -> None:
    lexicon = Lexicon(service.app.state.context, wording("en"))
    told = lexicon.reason("fda-eua-china: listed in the register fda-eua-china as published")
    assert told == lexicon.kind("fda-eua-china") + (
        ": listed in the register FDA emergency authorisations: respirators made in China "
        "(Appendix A) as published"
    )


def test_ordinary_words_of_a_reason_stay_as_they_are(service: Service) -> None:
    lexicon = Lexicon(service.app.state.context, wording("en"))
    for said in ("a mask of well-known make, 5 A day", "model KN95-1: 3 H1 and 12 XYZ"):
        assert lexicon.reason(said) == said


# -------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("office", "model", "answer", "words"),
    [
        ("qingluan", "QL-100", "buy", "Buy"),
        ("xuangui", "XG-1", "buy-with-conditions", "Buy with conditions"),
        ("qingluan", "QL-1000", "cannot-tell", "Cannot tell"),
        ("blue-whale", "BW-3", "do-not-buy", "Do not buy"),
    ],
)
def test_the_answer_is_a_word_and_a_shape(
    visitor: Reader, office: str, model: str, answer: str, words: str
) -> None:
    page = verdict(visitor(), office, model)
    assert page.status_code == 200
    shown = re.search(rf'<div class="answer {answer}">(.*?)</div>', page.text, flags=re.S)
    assert shown is not None
    assert "<svg" in shown[1]
    assert f'<p class="word">{words}</p>' in shown[1]


def test_the_verdict_page_says_what_its_json_says(visitor: Reader, service: Service) -> None:
    page = verdict(visitor(), "blue-whale", "BW-3")
    found = re.search(r'href="/verdicts/(0x[0-9a-f]{64})"', page.text)
    assert found is not None
    told = service.get(f"/v1/verdicts/{found[1]}", CallerRole.PROCUREMENT).json()
    rows = re.findall(r'<tr id="check-(\d+)".*?class="state (\w+)"', page.text, flags=re.S)
    made = [c for c in told["checks"] if not c["code"].startswith("lots.")]
    shown = [(c["number"], c["result"]) for c in made if c["result"] != "skipped"]
    assert [(int(n), r) for n, r in rows] == shown
    assert "No lots were offered, so checks 18–33 were not made." in text(page)
    for check in made:
        assert check["title"]["en"] in text(page)
    for remedy in told["would_change"]:
        assert remedy["en"] in text(page)


def test_reasons_speak_of_names_and_not_of_codes(visitor: Reader) -> None:
    page = verdict(visitor(language="zh"), "qingluan", "QL-100")
    assert "H87" not in text(page)
    assert "uscc" not in text(page)
    assert "cn-production-licence" not in text(page)
    assert "每日 60,000 只（件）" in text(page)


def test_a_verdict_reads_the_same_later_and_in_the_other_language(visitor: Reader) -> None:
    sent = ask(visitor(), "qingluan", "QL-100")
    path = sent.headers["location"]
    chinese = visitor(language="zh").get(path)
    assert "可以采购" in text(chinese)
    assert 'lang="zh-CN"' in chinese.text


def test_a_verdict_by_another_clock_says_so(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100", clock="published")
    assert "what registers had published counts, too" in text(page)
    assert "not as known when it was asked" in text(page)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("quantity", "", "must be a whole number"),
        ("quantity", "many", "must be a whole number"),
        ("quantity", "0", "greater than or equal to 1"),
        ("quantity", "-5", "must be a whole number"),
        ("quantity", "1" + "0" * 30, "must be a whole number"),
        ("quantity", "1" + "0" * 29, "less than or equal to"),
        ("deliver_on", "2026-02-30", "is no day"),
        ("day", "", "choose the delivery day"),
        ("category", "mask.golden", "is not in the catalogue"),
        ("known_at", "2999-01-01", "lies in the future"),
        ("clock", "cuckoo", "Input should be 'recorded' or"),
        ("model", "X" * 201, "at most 200"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(
    visitor: Reader, field: str, value: str, words: str
) -> None:
    page = ask(visitor(), "qingluan", **({"deliver_on": ""} if field == "day" else {field: value}))
    assert page.status_code == 422
    assert words in text(page)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', page.text), "marked field"
    if field != "model":
        assert 'value="QL-100"' in page.text


@pytest.mark.parametrize("typed", ["50,000", "５００００", "50 000", "50000"])
def test_a_quantity_is_read_as_people_type_it(visitor: Reader, typed: str) -> None:
    assert "50,000 pieces" in text(verdict(visitor(), "qingluan", "QL-100", quantity=typed))


def test_a_verdict_of_another_organisation_is_not_found(visitor: Reader, service: Service) -> None:
    path = ask(visitor(), "qingluan", "QL-100").headers["location"]
    stranger = visitor(None)
    stranger.sign_in(office="neighbour")
    assert stranger.get(path).status_code == 404
    assert visitor(CallerRole.AUDITOR).get(path).status_code == 200


def test_recent_verdicts_of_the_own_organisation_are_at_hand(
    visitor: Reader, service: Service
) -> None:
    reader = visitor(None)
    reader.sign_in(office="neighbour")
    path = ask(reader, "qingluan", "QL-100").headers["location"]
    assert path in reader.get("/").text
    assert path not in visitor(CallerRole.AUDITOR).get("/").text


# -------------------------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("header", "query", "expected"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.5", "", "en"),
        ("en", "lang=zh", "zh-CN"),
        ("zh", "lang=en", "en"),
        ("fr", "", "en"),
    ],
)
def test_the_page_is_in_the_readers_language(
    visitor: Reader, header: str, query: str, expected: str
) -> None:
    page = visitor(None, language=header).get(f"/sign-in?{query}")
    assert f'<html lang="{expected}"' in page.text
    assert page.headers["content-language"] == expected


def test_the_language_chosen_stays_chosen(visitor: Reader) -> None:
    reader = visitor(language="en")
    assert "查供应商" in reader.get("/?lang=zh").text
    assert "查供应商" in reader.get("/").text
    assert "Find a supplier" in reader.get("/?lang=en").text
    assert "Find a supplier" in reader.get("/").text


def test_the_switch_keeps_the_page_and_its_question(visitor: Reader) -> None:
    page = visitor().get("/?q=青鸾")
    switch = re.search(r'href="([^"]*)" hreflang="zh-CN"', page.text)
    assert switch is not None
    assert unescape(switch[1]) == "/?q=%E9%9D%92%E9%B8%BE&lang=zh"


@pytest.mark.parametrize("path", ["/", "/?q=示例", QINGLUAN, "/entries/30"])
def test_a_page_is_wholly_in_its_language(visitor: Reader, path: str) -> None:
    page = visitor(language="zh").get(path)
    # What is left of Latin letters are names, codes and dates.
    for word in ("Standing", "Records", "Search", "Alarms", "Sign out", "unknown"):
        assert word not in text(page)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_entry_has_a_page(service: Service, visitor: Reader, language: str) -> None:
    index = service.workspace.index
    kinds = {e.action: e.sequence for e in index.entries(0, index.position().size)}
    reader = visitor(CallerRole.AUDITOR, language)
    for action, sequence in kinds.items():
        page = reader.get(f"/entries/{sequence}")
        assert page.status_code == 200, action
        assert "{&#39;" not in page.text, action
        assert f"action.{action}" not in page.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_qualification_relied_on_is_called_by_its_names(
    service: Service, visitor: Reader, language: str
) -> None:
    index, words = service.workspace.index, wording("zh" if language == "zh" else "en")
    entries = index.entries(0, index.position().size)
    making, cited = next((e, c) for e in entries if (c := citations(e)))
    page = visitor(CallerRole.AUDITOR, language).get(f"/entries/{making.sequence}")
    said = text(page)
    assert "True" not in said
    assert "False" not in said
    for one in cited:
        [made] = index.sequences([one.digest]).values()
        assert f'href="/entries/{made}"' in page.text
        assert f'href="/suppliers/0x{one.author.hex()}"' in page.text
        assert one.kind.hex() not in said
        any_model = words("value.yes" if one.any_model else "value.no")
        assert f"{words('entry.cited-any-model')} {any_model}" in said


def citations(entry: RecordedEntry) -> list[Citation]:
    listed = entry.entry.values.get("cited")
    return [c for c in listed if isinstance(c, Citation)] if isinstance(listed, tuple) else []


def test_what_a_citation_hashes_is_named_where_it_is_known(service: Service) -> None:
    lexicon = Lexicon(service.app.state.context, wording("en"))

    def hashed(said: str) -> str:
        return "0x" + keccak(said.encode()).hex()

    name = lexicon.register_of_hash(hashed("register:fda-510k"))
    assert name == "FDA 510(k) clearances"
    for unknown in (hashed("register:nobody"), hashed("nobody's kind")):
        assert lexicon.register_of_hash(unknown) == lexicon.kind_of_hash(unknown) == unknown
