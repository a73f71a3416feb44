"""The link on a box: read as GS1 has it, for people a page, for programs JSON."""

from datetime import date

import pytest

from api.batches.links import Link, prefers_page, read_link
from ledger import demo
from ledger.errors import RequestError
from tests.support.service import Service

TODAY = date(2026, 11, 23)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
FINE = f"/01/{demo.OTHER_MASK_LOT.gtin:014d}/10/{demo.OTHER_MASK_LOT.lot}"


@pytest.mark.parametrize(
    ("target", "link"),
    [
        ("/01/09520123456788", Link("09520123456788")),
        ("/01/9520123456788/10/ABC1", Link("9520123456788", "ABC1")),
        ("/01/09520123456788/10/ABC1/21/12345", Link("09520123456788", "ABC1", "12345")),
        ("/01/09520123456788/22/2A/10/ABC1", Link("09520123456788", "ABC1")),
        ("/01/09520123456788/21/12345", Link("09520123456788", "", "12345")),
        ("/01/09520123456788/10/A%2F1%20b", Link("09520123456788", "A/1 b")),
        ("/01/09520123456788/10/A+1", Link("09520123456788", "A+1")),
        (
            "/01/09520123456788/10/ABC1?17=180426&3103=000195&x=y",
            Link("09520123456788", "ABC1", "", date(2018, 4, 26)),
        ),
        ("/01/09520123456788?17=270200", Link("09520123456788", expires=date(2027, 2, 28))),
        ("/01/09520123456788?17=991231", Link("09520123456788", expires=date(1999, 12, 31))),
        ("/01/09520123456788?17=760101", Link("09520123456788", expires=date(2076, 1, 1))),
        ("/01/09520123456788?17=271399", Link("09520123456788")),
        ("/01/09520123456788?17=２７1231", Link("09520123456788")),
    ],
)
def test_a_link_says_which_box_it_stands_on(target: str, link: Link) -> None:
    assert read_link(target, TODAY) == link


@pytest.mark.parametrize(
    "path",
    [
        "/01",
        "/00/106141412345678908",
        "/01/09520123456788/10/",
        "/01/09520123456788/10",
        "/01//10/A",
        "/01/09520123456788/21/1/10/A",
        "/01/09520123456788/10/A/10/B",
        "/01/09520123456788/99/A",
        "/gtin/09520123456788/lot/A",
    ],
)
def test_what_is_no_link_of_a_box_is_refused_by_name(path: str) -> None:
    if path == "/01//10/A":
        assert read_link(path).gtin == "", "and that is no GTIN"
        return
    with pytest.raises(RequestError) as refused:
        read_link(path)
    assert refused.value.field == "link"


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/*", True),
        ("application/json;q=0.5, text/html;q=0.6", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/json, text/html", False),
        ("text/html;q=0, */*", False),
        ("text/html;q=nonsense", False),
    ],
)
def test_who_would_rather_have_a_page_gets_one(service: Service, accept: str, page: bool) -> None:
    assert prefers_page(accept) is page
    answer = service.get(FINE, headers={"Accept": accept})
    assert answer.status_code == 200
    assert ("html" in answer.headers["content-type"]) is page
    assert "Accept" in answer.headers["vary"].replace("Accept-", "").split(", ")


@pytest.mark.parametrize("wrong", ["/01/09520000000058/10/A", "/01/09520000000059/10/NOWHERE"])
def test_refusals_depend_on_who_asks_too(service: Service, wrong: str) -> None:
    for accept, kind in (("*/*", "application/problem+json"), (BROWSER, "text/html")):
        answer = service.get(wrong, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["vary"].split(", ")[0] == "Accept"


def test_more_keys_and_attributes_change_nothing_for_programs(service: Service) -> None:
    told = service.get(FINE).json()
    for more in ("/21/000815", "?17=271231", "/21/1?17=271231&linkType=all&17=271231&lang=zh"):
        assert service.get(FINE + more).json()["batches"] == told["batches"], more
    variant = FINE.replace("/10/", "/22/V1/10/")
    assert service.get(variant).json() == told


def test_a_program_is_told_where_a_link_names_no_lot(service: Service) -> None:
    answer = service.get("/01/09520000000059")
    assert (answer.status_code, answer.json()["code"]) == (422, "link.lot")
