"""The page of one qualification: how it stands, when, by which records, and its document."""

import pytest
from httpx import Response

from api.access import CallerRole
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.qualifications.shown import beginning, ending
from api.pages.wording import wording
from ledger import demo
from ledger.days import SHANGHAI
from ledger.question import day_interval
from tests.api.pages.conftest import Reader
from tests.api.pages.test_verify import said
from tests.support import crowd
from tests.support.service import Service


def _of(service: Service, holder: demo.Office, model: str) -> str:
    held = service.workspace.index.qualifications_of(holder.id)
    return next("0x" + q.id.hex() for q in held if q.model == model)


def _withdrawn(service: Service) -> str:
    return _of(service, demo.BAIZE, "BZ-95")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Withdrawn", "What happened, step by step"]), ("zh", ["已撤销", "经过"])],
)
def test_a_qualification_is_told_step_by_step_with_its_records(
    visitor: Reader, service: Service, language: str, words: list[str]
) -> None:
    id_ = _withdrawn(service)
    page = visitor(CallerRole.PROCUREMENT, language).get(f"/qualifications/{id_}")
    assert page.status_code == 200
    shown = said(page)
    assert all(word in shown for word in words)
    for entry in service.workspace.index.by_subject(bytes.fromhex(id_[2:])):
        assert f'href="/entries/{entry.sequence}"' in page.text
    assert f'href="/qualifications/{id_}/evidence"' in page.text


def _instant(seconds: int) -> str:
    return " ".join(formats.instant(seconds, SHANGHAI, "en").split())


def _state(page: Response) -> str:
    shown = said(page)
    return shown[shown.index(" State ") : shown.index("What happened")]


def test_a_state_says_since_when_and_until_when_and_apart_when_it_was_looked_at(
    visitor: Reader, service: Service
) -> None:
    id_ = _withdrawn(service)
    told = service.get(f"/v1/qualifications/{id_}", CallerRole.AUDITOR).json()
    *_, valid, over = told["bands"]
    began, since = _instant(valid["start"]), _instant(over["start"])
    reader = visitor(CallerRole.AUDITOR, "en")
    assert f"Withdrawn Since {since} As of " in _state(reader.get(f"/qualifications/{id_}"))
    day = formats.iso_day(over["start"] - demo.DAY, SHANGHAI)
    looked_at = _instant(day_interval(day, SHANGHAI, "at")[0])
    words = f"In force Since {began} Until {since}; then: Withdrawn As of {looked_at}"
    assert words in _state(reader.get(f"/qualifications/{id_}?at={day}"))


def test_an_end_that_lies_between_two_days_is_told_as_the_last_day(service: Service) -> None:
    first, after = day_interval("2027-01-01", SHANGHAI, "")
    english, chinese = (Lexicon(service.app.state.context, wording(x)) for x in ("en", "zh"))
    assert beginning(english, first).said == "1 Jan 2027"
    assert ending(english, after) == (after - 1, "1 Jan 2027 (that day included)")
    assert ending(chinese, after).said == "2027年1月1日（含当日）"
    for at in (first + 1, after - 1):
        instant = formats.instant(at, SHANGHAI, "en")
        assert beginning(english, at) == ending(english, at) == (at, instant)


def test_dates_of_the_paper_and_of_the_states_are_equally_exact(
    visitor: Reader, service: Service
) -> None:
    id_ = _of(service, demo.QINGLUAN, "QL-100")
    q = service.workspace.index.qualification(bytes.fromhex(id_[2:]))
    assert q is not None
    shown = said(visitor(CallerRole.AUDITOR, "en").get(f"/qualifications/{id_}"))
    states, paper = shown.split("What it says")
    for at in (q.valid_from, q.valid_until):
        assert _instant(at) in states
        assert _instant(at) in paper


def test_no_column_of_reasons_is_shown_without_a_reason(visitor: Reader, service: Service) -> None:
    reader = visitor(CallerRole.AUDITOR, "en")
    assert "Because" not in said(reader.get(f"/qualifications/{_withdrawn(service)}"))
    unstated = next(
        "0x" + q.id.hex()
        for q in service.workspace.index.qualifications_of(crowd.CROWDED)
        if not q.valid_from
    )
    shown = said(reader.get(f"/qualifications/{unstated}"))
    assert "Because" in shown
    assert shown.count("no beginning is stated") >= 1


def test_the_people_of_a_review_are_told_apart(visitor: Reader, service: Service) -> None:
    id_ = _of(service, demo.QINGLUAN, "QL-100")
    shown = said(visitor(CallerRole.AUDITOR, "en").get(f"/qualifications/{id_}"))
    for word in ("Submitted", "Verified", "Edited", "Published"):
        assert word in shown
    accounts = {
        s for e in service.workspace.index.by_subject(bytes.fromhex(id_[2:])) for s in e.signers
    }
    assert len(accounts) == 4
    for account in accounts:
        address = "0x" + account.hex()
        assert f"{address[:6]}…{address[-4:]}" in shown


def test_what_time_alone_does_is_no_alarm_but_at_the_time_looked_at(
    visitor: Reader, service: Service
) -> None:
    id_ = _of(service, demo.QINGLUAN, "QL-100")
    q = service.workspace.index.qualification(bytes.fromhex(id_[2:]))
    assert q is not None
    reader = visitor(CallerRole.AUDITOR, "en")
    assert 'class="state invalid"' not in reader.get(f"/qualifications/{id_}").text
    later = formats.iso_day(q.valid_until + 2 * demo.DAY, SHANGHAI)
    expired = reader.get(f"/qualifications/{id_}?at={later}").text
    assert expired.count('class="state invalid"') == 2  # the state, and its row
    assert expired.count('class="state skipped"') == 1  # not yet in force


def test_its_evidence_and_its_document_can_be_taken(visitor: Reader, service: Service) -> None:
    id_ = _withdrawn(service)
    reader = visitor(CallerRole.AUDITOR, "en")
    first = service.workspace.index.by_subject(bytes.fromhex(id_[2:]))[0].sequence
    for query in ("", f"?entry={first}"):
        file = reader.get(f"/qualifications/{id_}/evidence{query}")
        assert file.json()["kind"] == "non-revocation"
    record = service.workspace.index.qualification(bytes.fromhex(id_[2:]))
    assert record is not None
    path = "/documents/0x" + record.document.hex()
    assert f'href="{path}"' in reader.get(f"/qualifications/{id_}").text
    document = reader.get(path)
    assert document.content == service.workspace.documents.get(record.document)
    assert document.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in document.headers["content-security-policy"]


def test_whoever_may_not_see_it_learns_nothing(visitor: Reader, service: Service) -> None:
    foreign = visitor(CallerRole.SUPPLIER, "en", "feiyu")
    for path in (f"/qualifications/{_withdrawn(service)}", "/qualifications/0x" + "5a" * 32):
        assert foreign.get(path).status_code == 404


def test_new_is_no_id_of_a_qualification(visitor: Reader) -> None:
    reader = visitor(CallerRole.SUPPLIER, "en")
    assert reader.get("/qualifications/new").status_code == 200
    assert reader.get("/qualifications/later").status_code == 422
