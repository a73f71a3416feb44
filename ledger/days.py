"""Calendar days of an issuer, and the instants at which they begin.

A register states days, the ledger keeps instants: a date means its day in the issuer's zone,
and a half-open interval begins with the first instant of that day.
"""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

NEW_YORK: Final = "America/New_York"
SHANGHAI: Final = "Asia/Shanghai"


def start_of_day(day: date, zone: str) -> int:
    """The first instant of ``day`` in the IANA ``zone``, in seconds since 1970 (UTC)."""
    return int(datetime.combine(day, time.min, ZoneInfo(zone)).timestamp())


def iso_day(text: str) -> date | None:
    """A date written YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD; None where it is none of them."""
    for shape in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"):
        # strptime accepts "2020-1-5" too, which is unambiguous; eight bare digits are required.
        if shape == "%Y%m%d" and (len(text) != 8 or not text.isascii()):
            continue
        try:
            return datetime.strptime(text, shape).date()
        except ValueError:
            continue
    return None


def us_day(text: str) -> date | None:
    """A date written the American way, MM/DD/YYYY; None where it is not."""
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()
    except ValueError:
        return None
