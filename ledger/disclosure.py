"""Selective disclosure: a document of named fields of which any can be taken out without breaking
its hash.

The ledger holds one hash of a document. For a file that is the keccak-256 of its bytes: who has the
file can check it, who lacks it cannot guess a scan. What is commercial is different: a price or a
name can be guessed, and a contract is shown to one without its price to another. Such a document
is a list of fields, each hashed with a salt of its own:

* leaf = keccak256(0x00 ‖ salt ‖ keccak256(name) ‖ keccak256(value)), texts in UTF-8;
* root over the leaves in their order, in the shape of RFC 6962, section 2.1 (``ledger.merkle``);
* the document's hash = keccak256("suyuan disclosure 1" ‖ number of fields, 8 bytes ‖ root).

A field that was taken out leaves its leaf behind, which tells nothing of its name or value: the
salt is 32 random bytes. The number of fields and their order stay visible. The form is canonical
JSON, so each set of shown fields has one file:

``{"fields":[{"name":…,"salt":"0x…","value":…},{"leaf":"0x…"}],"format":"suyuan disclosure 1"}``

What is hashed last is itself a row of bytes, which must not pass for a file of the same hash: a
file of just that form is nobody's document (:func:`document_hash` gives no bytes).

Not protected: whoever was given a field can show it to others. Who makes a document can give it
two fields of one name and show one of them to each: no whole document is read that has, but a
copy does not tell; who wants to be sure asks for the whole. A value that is itself a file is
stated by the file's hash.

>>> whole = Disclosure.of({"price": "1.20", "buyer": "A"}, lambda: b"s" * 32)
>>> copy = whole.without(["price"])
>>> copy.hash == whole.hash, copy.shown, copy.is_whole
(True, {'buyer': 'A'}, False)
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ledger.errors import RequestError, SuyuanError
from ledger.evidence import canonical
from ledger.hashing import keccak
from ledger.merkle import Frontier
from ledger.typed_data import hexed

FORMAT: Final = "suyuan disclosure 1"
#: The most fields of one document, and the longest name and value in bytes.
MAX_FIELDS: Final = 1_000
MAX_NAME: Final = 200
MAX_VALUE: Final = 100_000

_BEGINNING: Final = b'{"fields":['
_PREFIX: Final = FORMAT.encode()
#: The prefix, the number of fields and the root.
_PREIMAGE: Final = len(_PREFIX) + 8 + 32


@dataclass(frozen=True, slots=True)
class Shown:
    """A field that is shown; ``salt`` has 32 bytes."""

    name: str
    value: str
    salt: bytes

    @property
    def leaf(self) -> bytes:
        return keccak(b"\0" + self.salt + keccak(self.name.encode()) + keccak(self.value.encode()))


@dataclass(frozen=True, slots=True)
class Hidden:
    """A field that was taken out; only its leaf (32 bytes) is left."""

    leaf: bytes


@dataclass(frozen=True)
class Disclosure:
    """A document of fields, some of which may have been taken out."""

    fields: tuple[Shown | Hidden, ...]

    @classmethod
    def of(cls, fields: Mapping[str, str], salt: Callable[[], bytes]) -> "Disclosure":
        """The whole document; ``salt`` gives 32 new random bytes for each field.

        :class:`RequestError` names a field that is empty or too long.
        """
        if not 1 <= len(fields) <= MAX_FIELDS:
            raise _wrong("fields", f"must be 1 to {MAX_FIELDS}", f"须为 1 到 {MAX_FIELDS} 个")
        return cls(tuple(_shown(name, value, salt()) for name, value in fields.items()))

    @cached_property
    def hash(self) -> bytes:
        """What an entry names as its document: the same however many fields were taken out."""
        log = Frontier()
        for field in self.fields:
            log.append(field.leaf)
        return keccak(_PREFIX + len(self.fields).to_bytes(8, "big") + log.root())

    @property
    def shown(self) -> dict[str, str]:
        """The fields that are shown, by name."""
        return {f.name: f.value for f in self.fields if isinstance(f, Shown)}

    @property
    def is_whole(self) -> bool:
        return all(isinstance(f, Shown) for f in self.fields)

    def without(self, names: Collection[str]) -> "Disclosure":
        """A copy from which these fields are taken out; :class:`RequestError` names one that it
        does not show."""
        for name in names:
            if name not in self.shown:
                raise _wrong("without", f"it shows no field {name!r}", f"没有显示字段 {name!r}")
        return Disclosure(
            tuple(
                Hidden(f.leaf) if isinstance(f, Shown) and f.name in names else f
                for f in self.fields
            )
        )

    def to_bytes(self) -> bytes:
        """The file."""
        fields = [
            {"name": f.name, "salt": hexed(f.salt), "value": f.value}
            if isinstance(f, Shown)
            else {"leaf": hexed(f.leaf)}
            for f in self.fields
        ]
        return canonical.dumps({"fields": fields, "format": FORMAT})

    @classmethod
    def read(cls, data: bytes) -> "Disclosure | None":
        """The document that these bytes are; None where they are something else, to the byte."""
        if not data.startswith(_BEGINNING):
            return None
        try:
            found = cls(tuple(_read(field) for field in canonical.loads(data)["fields"]))
            same = found.to_bytes() == data and len(found.shown) == len(
                [f for f in found.fields if isinstance(f, Shown)]
            )
        except (ValueError, KeyError, TypeError, AttributeError, SuyuanError):
            return None
        return found if same and 1 <= len(found.fields) <= MAX_FIELDS else None


def document_hash(data: bytes) -> bytes:
    """The hash by which the ledger knows a document: of its fields where it is made of such, else
    of its bytes. No bytes where they are what such a document's hash is made of."""
    disclosure = Disclosure.read(data)
    if disclosure is not None:
        return disclosure.hash
    if len(data) == _PREIMAGE and data.startswith(_PREFIX):
        return b""
    return keccak(data)


def _shown(name: Any, value: Any, salt: bytes) -> Shown:
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= MAX_NAME:
        raise _wrong(
            "fields", f"a name must have 1 to {MAX_NAME} bytes", f"名称须为 1 到 {MAX_NAME} 字节"
        )
    if not isinstance(value, str) or len(value.encode()) > MAX_VALUE:
        raise _wrong(
            f"fields.{name}",
            f"must be a text of at most {MAX_VALUE} bytes",
            f"须为不超过 {MAX_VALUE} 字节的文本",
        )
    if len(salt) != 32:
        raise ValueError("a salt has 32 bytes")
    return Shown(name, value, salt)


def _read(field: Mapping[str, Any]) -> Shown | Hidden:
    if set(field) == {"leaf"}:
        leaf = bytes.fromhex(field["leaf"].removeprefix("0x"))
        if len(leaf) != 32:
            raise ValueError("a leaf has 32 bytes")
        return Hidden(leaf)
    return _shown(field["name"], field["value"], bytes.fromhex(field["salt"].removeprefix("0x")))


def _wrong(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code="disclosure.field",
    )
