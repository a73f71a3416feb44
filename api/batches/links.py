"""The GS1 Digital Link on a box (URI syntax 1.4), as far as it names a batch.

Read here: GTIN (01), consumer product variant (22), batch or lot (10), serial number (21) in this
order as a path, and the expiry date (17) among the attributes of the query. Whatever else the query
says is left to others, as the standard has it. What is written with escapes in the path stays in
one segment, so a lot number may have a slash.

>>> read_link("/01/09520000000059/10/QL100%2FA/21/7?17=271231&linkType=all")
Link(gtin='09520000000059', lot='QL100/A', serial='7', expires=datetime.date(2027, 12, 31))
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from ledger.errors import RequestError

#: The keys that may stand behind a GTIN, in their order.
_QUALIFIERS: Final = ("22", "10", "21")


@dataclass(frozen=True, slots=True)
class Link:
    """What the link says, as it is written there; "" or None for what it does not say."""

    gtin: str
    lot: str = ""
    serial: str = ""
    expires: date | None = None


def read_link(target: str, today: date | None = None) -> Link:
    """Read path and query. :class:`RequestError` names ``link`` where the path is none of a box.

    ``today`` decides the century of a date, by default of this day's clock.
    """
    split = urlsplit(target)
    segments = [unquote(segment) for segment in split.path.split("/")[1:]]
    if len(segments) < 2 or segments[0] != "01":
        raise _no_link()
    stated: dict[str, str] = {}
    rest = segments[2:]
    while rest:
        key, value, rest = rest[0], rest[1] if len(rest) > 1 else "", rest[2:]
        order = [*stated, key]
        if not value or order != [q for q in _QUALIFIERS if q in order]:
            raise _no_link()
        stated[key] = value
    query = dict(parse_qsl(split.query))
    expires = _date(query.get("17", ""), today or date.today())
    return Link(segments[1], stated.get("10", ""), stated.get("21", ""), expires)


def _date(text: str, today: date) -> date | None:
    """A date of six digits (YYMMDD); day 00 is the last of the month. None for what is none."""
    if not re.fullmatch(r"[0-9]{6}", text):
        return None
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    # The century is that in which the year is nearest: up to 49 years back, 50 ahead.
    ahead = (year - today.year) % 100
    full = today.year + (ahead if ahead <= 50 else ahead - 100)
    try:
        return date(full, month, day or calendar.monthrange(full, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def _no_link() -> RequestError:
    return RequestError(
        "link: behind a GTIN may stand /22/, /10/ and /21/, each with its value, in this order",
        message_zh="link：GTIN 之后可依次为 /22/、/10/、/21/，各带其值",
        field="link",
        code="link.form",
    )


def prefers_page(accept: str) -> bool:
    """Whether an ``Accept`` header prefers a page to JSON (RFC 9110, 12.5.1): a browser's does, and
    that of programs that take anything does not."""
    return _weight(accept, "text/html") > _weight(accept, "application/json")


def _weight(accept: str, wanted: str) -> float:
    """The weight of the most specific range that covers the media type; 0 where none does."""
    best, weight = -1, 0.0
    for item in accept.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        place = ("*/*", wanted.partition("/")[0] + "/*", wanted)
        if name in place and place.index(name) > best:
            best, weight = place.index(name), _quality(parameters)
    return weight


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return 0.0
    return 1.0
