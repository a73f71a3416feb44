"""When something begins and ends, as papers say it.

Rules this module keeps:

* The ledger keeps the first instant after an end. Papers and forms name the last day on which
  something counts, and so do pages; it has expired from the day after.
* What begins or ends within a day is said with its time, so that no day is told to be both.
"""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from api.language import Language
from api.pages import formats
from api.pages.wording import LOCALES
from ledger.days import start_of_day


@lru_cache(maxsize=4096)
def beginning(seconds: int, zone: str, language: Language) -> str:
    """The day; with the time where that is not the day's beginning."""
    said = formats.day(seconds, zone, language)
    if _begins_a_day(seconds, zone):
        return said
    separator = {"zh": " ", "en": ", "}[language]
    return f"{said}{separator}{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%H:%M}"


@lru_cache(maxsize=4096)
def last(end: int, zone: str, language: Language) -> str:
    """The last day before this end; the end itself where it lies within a day."""
    if _begins_a_day(end, zone):
        return formats.day(end - 1, zone, language)
    return beginning(end, zone, language)


def month(begins: datetime, language: Language) -> str:
    """A month in short: Jul 2026, 2026年7月."""
    return format_skeleton("yMMM", begins, locale=LOCALES[language])


def _begins_a_day(seconds: int, zone: str) -> bool:
    return start_of_day(date.fromisoformat(formats.iso_day(seconds, zone)), zone) == seconds
