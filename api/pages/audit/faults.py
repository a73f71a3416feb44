"""What is wrong with a form of an auditor's, in sentences of both languages."""

from api.pages.wording import wording
from api.parameters import DEFAULT_ZONE
from api.wire import interval_of
from ledger.errors import RequestError


def fault(what: str, field: str, text: str) -> RequestError:
    """The fault of a field that says ``text``."""
    return RequestError(
        wording("en").word("audit.fault", what).format(text=text[:60]),
        message_zh=wording("zh").word("audit.fault", what).format(text=text[:60]),
        field=field,
        code=f"audit.{what}",
    )


def interval(text: str, field: str) -> tuple[int, int]:
    """The day, or the second, that a field means; half-open."""
    try:
        return interval_of(text, DEFAULT_ZONE, field)
    except RequestError as error:
        raise fault("no-day", field, text) from error


def known_by(now: int, text: str, field: str) -> int:
    """Up to when things count as known where a field names a day; what is to come is not known."""
    start, end = interval(text, field)
    if start > now:
        raise fault("future", field, text)
    return min(end - 1, now)
