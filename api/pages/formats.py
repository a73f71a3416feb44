"""How names, numbers and times are shown to a reader: grouped, dated, and unable to do harm."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.units import format_unit
from markupsafe import Markup

from api.language import Language
from ledger.vocabulary import NO_END

#: How days are written (Unicode CLDR): 1 Dec 2026, 2026年12月1日.
_LOCALES: Final[Mapping[Language, tuple[Locale, str]]] = {
    "zh": (Locale("zh", script="Hans"), "long"),
    "en": (Locale("en"), "d MMM y"),
}

#: Characters that change the direction or the place of other characters, or are not seen at all.
#: A name that carries them is shown with the replacement character, so that the trick is seen.
_DECEIVING: Final = re.compile(
    "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u202a-\\u202e"
    "\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)
#: Units of measure by their UN/ECE codes (Recommendation 20), as CLDR calls them.
MEASURES: Final[Mapping[str, str]] = {
    "KGM": "mass-kilogram",
    "GRM": "mass-gram",
    "TNE": "mass-tonne",
    "MTK": "area-square-meter",
    "CMK": "area-square-centimeter",
    "LTR": "volume-liter",
    "MLT": "volume-milliliter",
    "MTR": "length-meter",
    "CMT": "length-centimeter",
}
_LONGEST_NUMBER: Final = 60
_GROUPING: Final = re.compile(r"[,\s'’_]")


def harmless(value: Any) -> Any:
    """Every text that goes into a page: deceiving characters become visible (markup is escaped
    by the template engine, after this)."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _DECEIVING.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def number(value: int) -> str:
    """A number in groups of three, as both languages write it (CLDR)."""
    return f"{value:,}"


def megabytes(size: int) -> str:
    """A limit in bytes as people read it: ``20 MB``."""
    return f"{size // 1024**2} MB"


@lru_cache(maxsize=4096)
def measured(value: int, unit: str, language: Language) -> str:
    """So much of a unit of :data:`MEASURES`: 1,880 kg, 1,880千克 (CLDR)."""
    locale = _LOCALES[language][0]
    if language == "zh":
        return format_unit(value, MEASURES[unit], "long", locale=locale)
    return format_unit(value, MEASURES[unit], "short", locale=locale)


def typed_number(text: str) -> int | None:
    """A whole number as people type it: full-width digits, grouped by commas or spaces; None if it
    is none."""
    if len(text) > _LONGEST_NUMBER:  # to bring a long text into one form can take very long
        return None
    plain = _GROUPING.sub("", unicodedata.normalize("NFKC", text))
    return int(plain) if re.fullmatch(r"[0-9]{1,30}", plain) else None


@lru_cache(maxsize=4096)
def instant(seconds: int, zone: str, language: Language) -> str:
    """An instant with its zone: ``1 Dec 2026, 08:00:00 UTC+08:00``; a line never breaks between
    the two."""
    local = _local(seconds, zone)
    separator = {"zh": " ", "en": ", "}[language]
    return f"{_day(local, language)}{separator}{local:%H:%M:%S}\N{NO-BREAK SPACE}{_offset(local)}"


@lru_cache(maxsize=4096)
def day(seconds: int, zone: str, language: Language) -> str:
    """The day on which the instant lies in the zone."""
    return _day(_local(seconds, zone), language)


def _day(local: datetime, language: Language) -> str:
    locale, length = _LOCALES[language]
    return format_date(local, length, locale)


def rewritten(text: str, language: Language) -> str:
    """A day or an instant as reasons of the ledger write it (2026-05-07, 2026-05-07 11:14+08:00),
    as the reader's language writes it: no finer than it was; what is neither stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    shown = _day(moment, language)
    if moment.tzinfo is None:
        return shown
    separator = {"zh": " ", "en": ", "}[language]
    return f"{shown}{separator}{moment:%H:%M} {_offset(moment)}"


def weekday(on: date, language: Language) -> str:
    """The day of the week in short: Fri, 周五."""
    return format_date(on, "EEE", _LOCALES[language][0])


def iso_day(seconds: int, zone: str) -> str:
    """The same for a field of a form."""
    return f"{_local(seconds, zone):%Y-%m-%d}"


def offset(seconds: int, zone: str) -> str:
    """How far the zone is from UTC at the instant: ``UTC+08:00``."""
    return _offset(_local(seconds, zone))


def machine_time(seconds: int) -> str:
    """The instant for a ``datetime`` attribute."""
    return f"{_local(seconds, 'UTC'):%Y-%m-%dT%H:%M:%SZ}"


def _local(seconds: int, zone: str) -> datetime:
    # The end of time on the ledger lies beyond the calendar's.
    return datetime.fromtimestamp(min(seconds, 253370764799), UTC).astimezone(ZoneInfo(zone))


def _offset(local: datetime) -> str:
    shown = f"{local:%z}"
    return f"UTC{shown[:3]}:{shown[3:]}"


def is_stated(seconds: int) -> bool:
    """Neither unstated (0) nor stated to be without end."""
    return 0 < seconds < NO_END
