"""Reading a signed message from its canonical JSON, strictly and fast.

:meth:`ledger.typed_data.Entry.from_json` is lenient about how a value is written; evidence has one
form for each. Every entry of every bundle passes here, so values and their EIP-712 words are made
in one go.

>>> entry, body = read_message("CloseLot", {
...     "nonce": "7", "happenedAt": "1", "deadline": "2", "lot": "0x" + "11" * 32})
>>> entry.values["nonce"], len(body)
(7, 128)
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from ledger.hashing import keccak
from ledger.typed_data import ACTIONS, MOST_ITEMS, STRUCTS, Action, Entry, Field, Item, Value

#: Reads the JSON of a value: the value and its word. ``ValueError`` for any other form.
Reader: TypeAlias = Callable[[Any], tuple[Value, bytes]]

_FALSE: Final = bytes(32)
_TRUE: Final = bytes(31) + b"\1"
#: Categories, units and reasons come again and again; longer texts hardly do.
_SHORT: Final = 64


def read_message(name: str, message: Mapping[str, Any]) -> tuple[Entry, bytes]:
    """The entry of this action, and the ``encodeData`` of its message without the type hash.

    ``ValueError`` where there is no such action, or the message is not in the one form that
    :meth:`~ledger.typed_data.Entry.to_json` gives it.
    """
    form = _form(name)
    values, body = form.read(message)
    return Entry(form.action, values), body


class _Form(NamedTuple):
    """How the message of an action is read."""

    action: Action
    readers: tuple[tuple[str, Reader], ...]

    def read(self, message: Mapping[str, Any]) -> tuple[dict[str, Value], bytes]:
        if len(message) != len(self.readers):
            raise ValueError("the message has other members than its action")
        values, words = {}, []
        for name, read in self.readers:
            try:
                values[name], word = read(message[name])
            except KeyError:
                raise ValueError(f"{name} is missing") from None
            except ValueError:
                raise ValueError(f"{name} is not of its form") from None
            words.append(word)
        return values, b"".join(words)


@cache
def _form_of(name: str) -> _Form:
    action = ACTIONS[name]
    return _Form(action, tuple((field.name, _reader(field)) for field in action.fields))


def _form(name: str) -> _Form:
    # Only names of actions are kept in mind, whatever is asked for.
    if name not in ACTIONS:
        raise ValueError("no such action")
    return _form_of(name)


def _reader(field: Field) -> Reader:
    kind, width = field.type, field.width
    if kind == "string":
        return _read_text
    if kind == "bool":
        return _read_bool
    if kind in STRUCTS:
        return _list_reader(kind)
    if kind.startswith("uint"):
        return _integer_reader(8 * width)
    return _hex_reader(width, at_end=kind == "address")


def _read_text(value: Any) -> tuple[Value, bytes]:
    if type(value) is not str:
        raise ValueError
    return value, _short_word(value) if len(value) <= _SHORT else keccak(value.encode())


@lru_cache(maxsize=4096)
def _short_word(value: str) -> bytes:
    return keccak(value.encode())


def _read_bool(value: Any) -> tuple[Value, bytes]:
    if type(value) is not bool:
        raise ValueError
    return value, _TRUE if value else _FALSE


def _integer_reader(bits: int) -> Reader:
    def read(value: Any) -> tuple[Value, bytes]:
        if type(value) is not str:
            raise ValueError
        number = int(value)
        # Neither negative nor too large, and written in the one way.
        if number >> bits or str(number) != value:
            raise ValueError
        return number, number.to_bytes(32, "big")

    return read


def _hex_reader(width: int, *, at_end: bool) -> Reader:
    length, padding = 2 + 2 * width, bytes(32 - width)

    def read(value: Any) -> tuple[Value, bytes]:
        if type(value) is not str or len(value) != length or value[:2] != "0x":
            raise ValueError
        raw = bytes.fromhex(value[2:])
        if raw.hex() != value[2:]:
            raise ValueError
        return raw, padding + raw if at_end else raw + padding

    return read


def _list_reader(kind: str) -> Reader:
    struct = STRUCTS[kind]
    readers = [(field.name, _reader(field)) for field in struct.fields]

    def read_item(value: Any) -> tuple[Item, bytes]:
        if type(value) is not dict or len(value) != len(readers):
            raise ValueError
        try:
            pairs = [read(value[name]) for name, read in readers]
        except KeyError:
            raise ValueError from None
        words = b"".join([word for _, word in pairs])
        return struct.made(*(v for v, _ in pairs)), keccak(struct.type_hash + words)

    def read(value: Any) -> tuple[Value, bytes]:
        if type(value) is not list or len(value) > MOST_ITEMS:
            raise ValueError
        pairs = [read_item(item) for item in value]
        return tuple([item for item, _ in pairs]), keccak(b"".join([h for _, h in pairs]))

    return read
