"""In which of the two languages a caller wants to be answered."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

Language = Literal["zh", "en"]


def language_of(scope: Mapping[str, Any]) -> Language:
    """``?lang=`` first, then ``Accept-Language`` by its weights (RFC 9110, 12.5.4), else English.

    A language that is neither is passed over; an unreadable header counts as none.
    """
    query = scope.get("query_string", b"")
    if b"lang=" in query:
        for name, value in parse_qsl(query.decode("latin-1")):
            if name == "lang" and (found := _known(value)) is not None:
                return found
    best: Language = "en"
    weight = 0.0
    for name, raw in scope.get("headers", ()):
        if name != b"accept-language":
            continue
        for item in raw.decode("latin-1").split(","):
            tag, _, q = item.partition(";")
            wanted = _known(tag.strip())
            try:
                found_weight = float(q.strip().removeprefix("q=")) if q.strip() else 1.0
            except ValueError:
                continue
            if wanted is not None and found_weight > weight:
                best, weight = wanted, found_weight
    return best


def _known(tag: str) -> Language | None:
    match tag.lower().partition("-")[0]:
        case "zh":
            return "zh"
        case "en":
            return "en"
        case _:
            return None
