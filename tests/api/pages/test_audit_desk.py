"""The audit desk: as of any time, what was found wrong, and evidence by names."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from httpx import Response

from api.access import CallerRole
from ledger import demo
from ledger.audit import PARTS, Report, keeping
from ledger.audit.report import Part
from ledger.evidence.verification import verify
from tests.api.pages.conftest import Reader, Visitor
from tests.api.pages.test_pages import ask
from tests.api.pages.test_verify import said
from tests.support.ledger import key
from tests.support.service import Service, identity

AUDITOR = CallerRole.AUDITOR
LANGUAGES = ("en", "zh")
PAGES = (
    "/audit",
    "/audit/compare",
    "/audit/checkpoints",
    "/audit/runs",
    "/audit/alarms",
    "/audit/evidence",
)
Keep = Callable[..., keeping.Run]


@pytest.fixture
def auditor(visitor: Reader) -> Visitor:
    return visitor(AUDITOR, "en")


@pytest.fixture
def kept(service: Service) -> Iterator[Keep]:
    data = service.workspace.data

    def keep(differences: int = 0, ago: int = 0, parts: tuple[str, ...] = PARTS) -> keeping.Run:
        report = Report()
        for part in parts:
            report.count(part, rows=3)
        for number in range(differences):
            Part("index", report).found(
                "missing", "entry", "it is <b>missing</b>", "缺失", row=number + 20, expected="x"
            )
        ended = int(service.workspace.clock()) - ago
        return keeping.keep(data, report, begun=ended - 90, ended=ended, parts=parts, held=False)

    yield keep
    for path in (data / keeping.FOLDER).glob("*"):
        path.unlink()


def day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_the_desk_opens_in_both_languages(
    visitor: Reader, language: str, path: str
) -> None:
    page = visitor(AUDITOR, language).get(path)
    assert page.status_code == 200, page.text
    assert len(page.content) < 150_000
    for other in PAGES:
        assert f'href="{other}"' in page.text
    assert 'href="/accesses"' in page.text


@pytest.mark.parametrize("path", [*PAGES, "/audit/accounts/0x" + "11" * 20, "/audit/runs/1"])
@pytest.mark.parametrize("role", [r for r in CallerRole if r is not AUDITOR])
def test_the_desk_is_for_auditors(visitor: Reader, role: CallerRole, path: str) -> None:
    assert visitor(role, "en").get(path).status_code == 403


# ------------------------------------------------------------------------------ as of a time


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        (demo.QINGLUAN.uscc, "/suppliers/" + identity("qingluan")),
        ("青鸾口罩", "/suppliers/" + identity("qingluan")),
        ("9520000000059:QL100-A", "/batches/0x" + demo.MASK_LOT.id.hex()),
    ],
)
def test_what_is_typed_leads_to_its_page_on_the_clocks_asked_for(
    auditor: Visitor, text: str, leads: str
) -> None:
    page = auditor.client.get(
        "/audit", params={"q": text, "at": day(-1), "known_at": day(0), "clock": "published"}
    )
    if page.status_code == 200:  # others of these tests asked for verdicts about it, too
        found = re.findall(r'href="(/(?:suppliers|batches)/[^"]*)"', page.text)
        address, _, query = unescape(found[0]).partition("?")
    else:
        address, _, query = page.headers["location"].partition("?")
    assert address == leads
    assert query == f"at={day(-1)}&known_at={day(0)}&clock=published"
    assert auditor.get(f"{address}?{query}").status_code == 200


def test_where_several_are_meant_there_is_a_choice_and_for_none_a_word(auditor: Visitor) -> None:
    page = auditor.get("/audit?q=示例&at=" + day(-1))
    assert page.status_code == 200
    found = re.findall(r'href="(/suppliers/0x[^"]*)"', page.text)
    assert len(found) > 5
    assert all(f"at={day(-1)}" in link for link in found)
    assert 'href="/audit/compare?supplier=' in page.text
    nothing = said(auditor.get("/audit?q=xyz"))
    assert "Nothing on this ledger matches “xyz”" in nothing
    assert "What matches" not in nothing


def test_verdicts_that_are_found_say_what_was_asked_and_that_no_clock_changes_them(
    auditor: Visitor,
) -> None:
    asked = ask(auditor, "qingluan").headers["location"]
    supplier = demo.QINGLUAN.name_en
    found = auditor.get(f"/audit?q={supplier}&at={day(-1)}")
    if found.status_code == 303:  # the name alone led to the supplier
        found = auditor.get(f"/audit?q=Example&at={day(-1)}")
    row = re.search(rf'<li>(.*?href="{asked}".*?)</li>', found.text)
    assert row is not None
    assert supplier in row[1]
    assert "given " in row[1]
    assert "stays as it was given" in said(found)
    assert "stays as it was given" not in said(auditor.get("/audit?q=Example"))


def test_known_then_and_known_now_names_what_changed_and_which_entry_changed_it(
    auditor: Visitor, service: Service
) -> None:
    # Before everything, nothing was known of Baize; now its BZ-95 is withdrawn.
    page = auditor.client.get(
        "/audit/compare", params={"supplier": "白泽", "then": day(-30), "at": day(0)}
    )
    assert page.status_code == 200, page.text
    shown = said(page)
    assert "not on the ledger then" in shown
    assert "Withdrawn" in shown
    withdrawals = [
        e.sequence
        for e in service.workspace.index.entries(0, service.workspace.position)
        if e.action == "WithdrawQualification"
    ]
    assert any(f'href="/entries/{entry}"' in page.text for entry in withdrawals)
    same = auditor.client.get("/audit/compare", params={"supplier": "白泽", "then": day(0)})
    assert "Nothing changed between the two" in said(same)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"supplier": "nobody at all", "then": "2026-01-01"}, "supplier"),
        ({"supplier": "示例", "then": "2026-01-01"}, "supplier"),
        ({"supplier": "白泽", "then": "soon"}, "then"),
        ({"supplier": "白泽", "then": "2100-01-01"}, "then"),
        ({"supplier": "白泽", "then": "2026-01-01", "now": "2100-01-01"}, "now"),
        ({"supplier": "白泽", "then": "2026-01-01", "at": "2026-13-01"}, "at"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_that_cannot_be_made_keeps_the_form_and_names_the_field(
    visitor: Reader, language: str, params: dict[str, str], field: str
) -> None:
    page = visitor(AUDITOR, language).client.get("/audit/compare", params=params)
    assert page.status_code == 422
    assert f'id="{field}-fault"' in page.text
    assert f'<a href="#{field}">' in page.text
    assert f'value="{params["supplier"]}"' in page.text
    assert not re.search(r"RFC|known_at|seconds since", said(page))


# ------------------------------------------------------------------------------ checkpoints


def test_checkpoints_are_listed_with_who_countersigned_and_what_to_read_out(
    auditor: Visitor, service: Service
) -> None:
    page = auditor.get("/audit/checkpoints")
    newest = service.workspace.store.checkpoints.latest()
    assert newest is not None
    assert f"{newest.size:,}" in said(page)
    assert "no countersignature" in said(page)
    groups = re.findall(r"<li>([0-9a-f]{4})</li>", page.text)
    assert len(groups) == 8
    file = auditor.get(f"/audit/checkpoints/{newest.block_number}/file")
    assert file.json()["size"] == newest.size
    assert "attachment" in file.headers["content-disposition"]


def test_the_log_only_grew_is_proved_by_a_file_and_the_wrong_order_is_told(
    auditor: Visitor, service: Service
) -> None:
    kept = service.workspace.store.checkpoints.page(50)
    later, earlier = kept[0], kept[-1]
    if later.block_number == earlier.block_number:
        pytest.skip("one checkpoint only")
    file = auditor.get(
        f"/audit/consistency?since={earlier.block_number}&block={later.block_number}"
    )
    assert file.json()["kind"] == "consistency"
    assert verify(service.workspace.checkpoints.anchors(), file.content).result == "valid"
    wrong = auditor.get(
        f"/audit/consistency?since={later.block_number}&block={earlier.block_number}"
    )
    assert wrong.status_code == 422
    assert auditor.get("/audit/consistency?since=99999999&block=0").status_code == 404


# ------------------------------------------------------------------------------ differences


def test_that_no_audit_is_kept_is_not_told_as_that_none_was_run(auditor: Visitor) -> None:
    for path in ("/audit", "/audit/runs"):
        shown = said(auditor.get(path))
        assert "No audit is kept" in shown
        assert "Perhaps none was ever run, perhaps none was kept" in shown


def test_an_old_audit_is_called_old(auditor: Visitor, kept: Keep) -> None:
    kept(ago=8 * 86400)
    assert "Older than 7 days" in said(auditor.get("/audit"))
    assert "older than 7 days" in said(auditor.get("/audit/runs"))


def test_differences_are_shown_with_the_record_that_they_are_about(
    auditor: Visitor, kept: Keep
) -> None:
    run = kept(2, parts=("chain", "index"))
    assert "Differences found" in said(auditor.get("/audit"))
    listed = auditor.get("/audit/runs")
    assert "2 differences" in said(listed)
    assert f'href="/audit/runs/{run.number}"' in listed.text
    page = auditor.get(f"/audit/runs/{run.number}")
    assert 'href="/entries/20"' in page.text
    assert "&lt;b&gt;missing" in page.text
    assert "documents, verdicts, checkpoints, outbox" in said(page)
    assert auditor.get("/audit/runs/99").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_while_it_runs_says_what_it_is_and_finds_nothing(
    visitor: Reader, language: str
) -> None:
    reader = visitor(AUDITOR, language)
    page = reader.send("/audit/runs", reader.get("/audit/runs"))
    assert page.status_code == 200, page.text
    assert {"en": "Nothing differs in the sample", "zh": "抽样没有差异"}[language] in said(page)
    assert {"en": "is no audit", "zh": "不能代替审计"}[language] in said(page)
    assert {"en": "at most 50", "zh": "最多抽查 50 份"}[language] in said(page)
    foreign = reader.client.post("/audit/runs", data={"form_token": "00"})
    assert foreign.status_code == 403


# ------------------------------------------------------------------------------ alarms and keys


def test_open_alarms_are_listed_with_both_sides(auditor: Visitor) -> None:
    page = auditor.get("/audit/alarms")
    assert demo.RED_FOX.name_en in said(page)
    assert demo.FEIYU.name_en in said(page)
    assert "No key was declared bad" in said(page)


def test_an_alarm_leads_to_where_it_is_settled(auditor: Visitor) -> None:
    page = auditor.get("/audit/alarms")
    target = re.search(r'href="(/suppliers/0x[0-9a-f]{40})(#alarm-[0-9a-f]{8})"', page.text)
    assert target is not None
    supplier = auditor.get(target[1])
    assert f'id="{target[2][1:]}"' in supplier.text
    assert f'action="{target[1]}/closings"' in supplier.text
    assert "See both sides and settle it" in said(page)


def test_a_document_used_twice_is_called_by_its_name(auditor: Visitor) -> None:
    page = auditor.get("/audit/alarms")
    shown = re.sub("<details.*?</details>", "", page.text, flags=re.DOTALL)
    assert not re.search("0x[0-9a-f]{64}", re.sub("<[^>]*>", "", shown))
    assert "example.txt" in shown


def test_the_number_of_a_record_leads_to_the_record(auditor: Visitor) -> None:
    clocks = "&at=2024-05-01&known_at=2024-06-01"
    for typed in ("9", "%239"):
        found = auditor.get(f"/audit?q={typed}{clocks}")
        if found.status_code == 303:
            assert found.headers["location"] == f"/entries/9?{clocks[1:]}"
            assert auditor.get(found.headers["location"]).status_code == 200
        else:  # it stands first among what it may mean
            links = re.findall(r'href="(/(?:entries|suppliers|batches)/[^"]*)"', found.text)
            assert unescape(links[0]) == f"/entries/9?{clocks[1:]}"
    assert "matches" in said(auditor.get("/audit?q=99999999"))


def test_what_rests_on_a_key_is_a_page(auditor: Visitor) -> None:
    address = "0x" + key("regulator").address.hex()
    found = auditor.get(f"/audit/accounts?address={address}&since=2020-01-01")
    assert found.headers["location"] == f"/audit/accounts/{address}?since=2020-01-01"
    page = auditor.get(found.headers["location"])
    assert page.status_code == 200
    shown = said(page)
    assert demo.QINGLUAN.name_en in shown
    assert "signed with it" in shown
    assert len(page.content) < 150_000
    later = said(auditor.get(f"/audit/accounts/{address}?since=2100-01-01"))
    assert "From 1 Jan 2100" in later
    assert "nothing rests on it" in later
    assert "still to come" in later
    assert auditor.get("/audit/accounts/0x" + "11" * 20).status_code == 404
    assert auditor.get("/audit/accounts?address=0x12").status_code == 422


def test_verdicts_that_rest_on_a_key_say_what_was_asked_the_changed_ones_first(
    auditor: Visitor,
) -> None:
    asked = ask(auditor, "qingluan").headers["location"]
    address = "0x" + key("regulator").address.hex()
    page = auditor.get(f"/audit/accounts/{address}?since=2020-01-01")
    table = page.text.partition('id="verdicts"')[2].partition("</table>")[0]
    row = re.search(rf'<tr>(?:(?!<tr>).)*href="{asked}".*?</tr>', table, re.DOTALL)
    assert row is not None
    assert demo.QINGLUAN.name_en in row[0]
    assert "given " in row[0]
    answers = [
        re.findall(r'<td data-label="(?:Answer|Would be)">(.*?)</td>', one, re.DOTALL)
        for one in table.split("<tr>")[2:]
    ]
    same = [given == would_be for given, would_be in answers]
    assert same == sorted(same)


# ------------------------------------------------------------------------------ evidence


def _file(reader: Visitor, **said: str) -> Response:
    answer: Response = reader.client.get("/audit/evidence/file", params=said)
    return answer


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "entry", "entry": "20"},
        {"kind": "standing", "supplier": "青鸾口罩", "category": demo.MASK, "model": "QL-100"},
        {"kind": "non-revocation", "certificate": "示械注准20242140003"},
        {"kind": "trace", "lot": "9520000000059:QL100-A", "direction": "back"},
        {"kind": "entry", "entry": "20", "witnesses": "1"},
    ],
    ids=lambda asked: asked["kind"],
)
def test_evidence_is_taken_by_names(
    auditor: Visitor, service: Service, asked: dict[str, str]
) -> None:
    file = _file(auditor, **asked)
    assert file.status_code == 200, file.text
    assert file.json()["kind"] == asked["kind"]
    assert file.headers["content-disposition"].startswith('attachment; filename="suyuan-')
    assert verify(service.workspace.checkpoints.anchors(), file.content).result == "valid"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "entry", "entry": "first"}, "entry"),
        ({"kind": "standing", "supplier": "示例", "category": demo.MASK}, "supplier"),
        ({"kind": "non-revocation", "certificate": "none such"}, "certificate"),
        ({"kind": "trace", "lot": "??"}, "lot"),
        ({"kind": "verdict", "verdict": "0x12"}, "verdict"),
        ({}, "verdict"),
    ],
)
def test_what_names_nothing_keeps_the_form_and_names_the_field(
    auditor: Visitor, asked: dict[str, str], field: str
) -> None:
    page = _file(auditor, **asked)
    assert page.status_code in (404, 422)
    assert 'role="alert"' in page.text
    if asked:
        assert f'id="{asked["kind"]}-{field}-fault"' in page.text
        assert f'<a href="#{asked["kind"]}-{field}">' in page.text
        assert f'value="{unescape(asked.get(field, ""))}"' in page.text


def test_that_no_lot_matches_is_told_apart_from_that_several_do(auditor: Visitor) -> None:
    none = said(_file(auditor, kind="trace", lot="nothing like it"))
    assert "No lot matches “nothing like it”" in none
    assert "Several lots match" in said(_file(auditor, kind="trace", lot="QL100"))
