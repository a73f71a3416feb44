"""The one form in which evidence is written: for each content exactly one sequence of bytes.

UTF-8 JSON (RFC 8259): members sorted by code point, no white space, only the escapes that must be,
integers from 0 to 2**53 - 1 and no other numbers, so that every language reads the same.

>>> dumps({"b": [1, True], "a": "溯源"}).decode()
'{"a":"溯源","b":[1,true]}'
"""

from typing import Any, Final

import orjson

from ledger.errors import EvidenceError

#: The longest document that is read, in bytes.
MAX_BYTES: Final = 32 * 1024 * 1024
#: How many commas there may be in it, and how many opening brackets and braces: what it costs to
#: read is known before it is read. Those within texts are counted, too.
MAX_COMMAS: Final = 2_000_000
MAX_OPENINGS: Final = 500_000
#: How deep lists and objects may stand in one another; the outermost is the first.
MAX_DEPTH: Final = 64
#: The largest integer that every language reads exactly.
MAX_INTEGER: Final = 2**53 - 1

_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def dumps(value: Any) -> bytes:
    """The canonical bytes; ``TypeError`` for what JSON cannot carry exactly."""
    return orjson.dumps(value, option=_OPTIONS)


def loads(data: bytes) -> Any:
    """The content of canonical bytes. Raises :class:`EvidenceError` with the code ``form.size`` or,
    for everything that is not exactly the canonical form of some content, ``form.json``."""
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"it is longer than {MAX_BYTES} bytes", code="form.size")
    # So few bytes cannot have too many parts.
    if len(data) > MAX_OPENINGS:
        commas, openings = data.count(b","), data.count(b"[") + data.count(b"{")
        if commas > MAX_COMMAS or openings > MAX_OPENINGS:
            raise EvidenceError("it has too many parts", code="form.size")
    value = rewritten(data)
    _check([value], 0)
    return value


def rewritten(data: bytes) -> Any:
    """The same for a caller that reads every value strictly itself, and knows how long it is:
    numbers may have any form, and what is nested is as deep as it is."""
    try:
        value = orjson.loads(data)
        again = orjson.dumps(value, option=_OPTIONS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise _wrong(f"it is not JSON: {error}") from None
    if again != data:
        raise _wrong("it is not in the canonical form")
    return value


def _check(holder: Any, depth: int) -> None:
    """That nothing stands too deep and each number is an integer in range."""
    if depth > MAX_DEPTH:
        raise _wrong(f"it is nested deeper than {MAX_DEPTH}")
    for item in holder.values() if type(holder) is dict else holder:
        kind = type(item)
        if kind is str or kind is bool or item is None:
            continue
        if kind is int:
            if not 0 <= item <= MAX_INTEGER:
                raise _wrong("a number is out of range")
        elif kind is float:
            raise _wrong("a number is not an integer")
        else:
            _check(item, depth + 1)


def _wrong(message: str) -> EvidenceError:
    return EvidenceError(message, code="form.json")


def difference(left: Any, right: Any) -> str | None:
    """Where two JSON values first differ, as a JSON pointer (RFC 6901): members by code point,
    then items in order; None where they are the same."""
    if type(left) is not type(right):
        return ""
    if isinstance(left, dict):
        for name in sorted(left.keys() | right.keys()):
            if name not in left or name not in right:
                return "/" + _escaped(name)
            deeper = difference(left[name], right[name])
            if deeper is not None:
                return f"/{_escaped(name)}{deeper}"
        return None
    if isinstance(left, list):
        for place, (a, b) in enumerate(zip(left, right, strict=False)):
            deeper = difference(a, b)
            if deeper is not None:
                return f"/{place}{deeper}"
        return None if len(left) == len(right) else f"/{min(len(left), len(right))}"
    return None if left == right else ""


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
