"""The signed entry: every action of the ledger as an EIP-712 type, and its bytes.

Rules this module keeps:

* One type per action. Each starts with ``nonce``, ``happenedAt``, ``deadline``; strings come behind
  the other fields, and lists of structs last.
* ``body`` is the EIP-712 ``encodeData`` without the type hash: one 32-byte word per field, a
  string standing as the keccak-256 of its UTF-8 bytes, a list as that of its items' hashes.
* An entry travels packed (:meth:`SignedEntry.pack`); the contracts expand it to ``body``
  themselves, so what was signed is what is read.
* ``digest`` = keccak256(0x1901 ‖ domainSeparator ‖ keccak256(typeHash ‖ body)) (EIP-712).

The type strings stand here and in the contracts; ``tests/agreement`` proves that they agree.

>>> entry = Entry.of("DisableAccount", nonce=7, happenedAt=1, deadline=2, reason="lost phone")
>>> len(entry.body) // 32
4
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from ledger.errors import RequestError
from ledger.hashing import keccak


class Part(NamedTuple):
    """So much of one lot; ``lot`` is its id (:func:`lot_id`), ``quantity`` in the lot's unit."""

    lot: bytes
    quantity: int


class Citation(NamedTuple):
    """A qualification on which the maker of a lot relies.

    ``digest`` is that of the entry which made it, ``author`` the organisation that signed this.
    ``kind`` and ``register`` are keccak-256 of their texts, ``register`` zeros unless it is
    mirrored. ``any_model`` says that it names no model.
    """

    author: bytes
    register: bytes
    kind: bytes
    digest: bytes
    any_model: bool


Scalar: TypeAlias = int | str | bytes | bool
Item: TypeAlias = Part | Citation
Value: TypeAlias = Scalar | tuple[Item, ...]

COMMON: Final = "uint64 nonce,uint40 happenedAt,uint40 deadline"


@dataclass(frozen=True)
class Field:
    """One member of an EIP-712 struct. ``width`` is in how many bytes it travels, 0 for a text and
    a list, which have as many as they need."""

    type: str
    name: str

    @cached_property
    def width(self) -> int:
        if self.type.startswith("uint"):
            return int(self.type[4:]) // 8
        if self.type.startswith("bytes"):
            return int(self.type[5:])
        return {"address": 20, "bool": 1}.get(self.type, 0)


def _fields(members: str) -> tuple[Field, ...]:
    return tuple(Field(*m.split(" ")) for m in members.split(","))


@dataclass(frozen=True)
class Struct:
    """A type whose items stand in lists; ``made`` makes one of its fields' values, in order."""

    name: str
    fields: tuple[Field, ...]
    made: Callable[..., Item]

    @cached_property
    def type_string(self) -> str:
        return f"{self.name}({','.join(f'{f.type} {f.name}' for f in self.fields)})"

    @cached_property
    def type_hash(self) -> bytes:
        return keccak(self.type_string.encode())

    @cached_property
    def layout(self) -> "_Layout":
        return _Layout(self.fields)

    def pairs(self, item: Item) -> list[tuple[Field, Scalar]]:
        """Each field with its value."""
        return list(zip(self.fields, item, strict=True))


#: The longest list that an entry may carry.
MOST_ITEMS: Final = 8

#: The structs that lists hold, by the type of the list.
STRUCTS: Final[Mapping[str, Struct]] = {
    "Citation[]": Struct(
        "Citation",
        _fields("bytes20 author,bytes32 register,bytes32 kind,bytes32 digest,bool anyModel"),
        Citation,
    ),
    "Part[]": Struct("Part", _fields("bytes32 lot,uint40 quantity"), Part),
}


@dataclass(frozen=True)
class Action:
    """One thing that can be stated on the ledger.

    ``authority``: needs the signatures of ``quorum`` different authority accounts.
    """

    contract: str
    number: int
    name: str
    fields: tuple[Field, ...]
    authority: bool

    @cached_property
    def layout(self) -> "_Layout":
        return _Layout(self.fields)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its fields' names, in order."""
        return tuple(f.name for f in self.fields)

    @cached_property
    def type_string(self) -> str:
        """The EIP-712 ``encodeType`` of the action: its own, then its structs' by their names."""
        own = f"{self.name}({','.join(f'{f.type} {f.name}' for f in self.fields)})"
        structs = sorted(STRUCTS[f.type].type_string for f in self.fields if f.type in STRUCTS)
        return "".join((own, *structs))

    @cached_property
    def type_hash(self) -> bytes:
        return keccak(self.type_string.encode())


def _actions(contract: str, rows: Iterable[tuple[int, str, str, bool]]) -> tuple[Action, ...]:
    made = []
    for number, name, members, authority in rows:
        made.append(Action(contract, number, name, _fields(f"{COMMON},{members}"), authority))
    return tuple(made)


_CHANGE = "bytes32 qualification,bytes32 document,string reason"
_TERMS = "uint40 validFrom,uint40 validUntil,bytes32 document"
_SCOPE = "string category,string model,string kind"

PARTICIPANT_ACTIONS: Final = _actions(
    "ParticipantRegistry",
    [
        (
            1,
            "RegisterOrganisation",
            "uint16 roles,uint64 division,"
            "string identifierKind,string identifier,string nameZh,string nameEn",
            True,
        ),
        (
            2,
            "ListOrganisation",
            "string identifierKind,string identifier,string nameZh,string nameEn",
            False,
        ),
        (
            3,
            "ChangeOrganisation",
            "bytes20 organisation,uint8 status,uint16 roles,uint64 division,string reason",
            True,
        ),
        (
            4,
            "AddAccount",
            "bytes20 organisation,address account,uint16 roles,bytes32 person",
            True,
        ),
        (5, "RemoveAccount", "address account,string reason", True),
        (6, "DisableAccount", "string reason", False),
        (7, "DeclareCompromised", "address account,uint40 since,string reason", True),
        (8, "Accredit", "bytes20 organisation,uint40 from,uint40 until,string kind", True),
        (
            9,
            "LinkOrganisations",
            "bytes20 first,bytes20 second,bool same,string reason",
            False,
        ),
        (10, "SetQuorum", "uint16 quorum", True),
        (11, "SetMaxLateness", "uint40 maxLateness", True),
        (12, "AdmitContract", "address ledger,string name", True),
    ],
)

QUALIFICATION_ACTIONS: Final = _actions(
    "QualificationRegistry",
    [
        (
            1,
            "SetCategory",
            "bool rawMaterial,"
            "string category,string parent,string nameZh,string nameEn,string unit,string codes",
            True,
        ),
        (2, "SetRequirement", "uint40 from,uint40 until,string category,string kind", True),
        (3, "AcceptMirror", "bool accepted,string register,string kind", True),
        (
            4,
            "IssueQualification",
            f"bytes20 holder,{_TERMS},{_SCOPE},string number",
            False,
        ),
        (5, "SubmitQualification", f"{_TERMS},{_SCOPE},string number", False),
        (6, "VerifyQualification", _CHANGE.replace("reason", "note"), False),
        (
            7,
            "EditQualification",
            f"bytes32 qualification,{_TERMS},string number,string note",
            False,
        ),
        (8, "PublishQualification", _CHANGE.replace("reason", "note"), False),
        (9, "RefuseQualification", _CHANGE, False),
        (
            10,
            "WaiveQualification",
            f"bytes20 holder,{_TERMS},{_SCOPE},string reason",
            True,
        ),
        (
            11,
            "RecordPublication",
            "uint40 published,bytes32 document,uint64 rows,bytes32 rowsRoot,"
            "string register,string title",
            False,
        ),
        (
            12,
            "MirrorQualification",
            f"bytes20 holder,{_TERMS},bytes32 publication,uint40 withdrawnFrom,"
            f"{_SCOPE},string number",
            False,
        ),
        (
            13,
            "DelistQualification",
            "bytes32 qualification,bytes32 publication,string reason",
            False,
        ),
        (
            14,
            "EndKind",
            "bytes32 publication,uint40 effective,string kind,string reason",
            False,
        ),
        (15, "RestrictQualification", _CHANGE, False),
        (16, "SuspendQualification", _CHANGE, False),
        (17, "ReinstateQualification", _CHANGE, False),
        (
            18,
            "WithdrawQualification",
            "bytes32 qualification,bytes32 document,uint40 effective,string reason",
            False,
        ),
        (
            19,
            "SupersedeQualification",
            "bytes32 qualification,bytes32 successor,string reason",
            False,
        ),
        (
            20,
            "StateCapacity",
            "bytes20 organisation,bytes32 publication,bytes32 document,uint64 perDay,"
            "string category,string model,string unit",
            False,
        ),
        (21, "CloseAlarm", "bytes32 alarm,string reason", False),
        (22, "Reply", "bytes32 about,bytes32 document,string text", False),
    ],
)

_MADE: Final = "string lot,string category,string model,string unit"

BATCH_ACTIONS: Final = (
    *_actions(
        "BatchLedger",
        [
            (
                1,
                "Commission",
                "uint40 quantity,uint48 gtin,bool originNotShown,bytes32 document,"
                f"{_MADE},string place,string origin,Citation[] cited",
                False,
            ),
            (
                2,
                "Transform",
                f"uint40 quantity,uint48 gtin,{_MADE},string process,string place,"
                "Part[] inputs,Citation[] cited",
                False,
            ),
            (
                3,
                "Ship",
                "bytes32 lot,bytes20 recipient,uint40 quantity,uint40 due,uint8 purpose,"
                "string reference",
                False,
            ),
            (
                4,
                "Receive",
                "bytes32 lot,bytes32 shipment,bytes20 sender,uint40 accepted,string reason",
                False,
            ),
            (
                5,
                "Settle",
                "bytes32 lot,bytes32 shipment,bytes20 recipient,uint40 returned,uint40 lost,"
                "string reason",
                False,
            ),
            (6, "CloseLot", "bytes32 lot", False),
            (7, "Adjust", "bytes32 lot,uint40 quantity,bool up,string reason", False),
            (8, "Dispense", "bytes32 lot,uint40 quantity,string to", False),
            (9, "Destroy", "bytes32 lot,uint40 quantity,string reason", False),
            (
                10,
                "SetIngredient",
                "uint40 least,uint40 most,uint40 per,"
                "string process,string category,string unit,string input,string inputUnit",
                True,
            ),
        ],
    ),
    *_actions(
        "LogisticUnits",
        [
            (1, "Aggregate", "uint64 sscc,Part[] parts", False),
            (2, "TakeApart", "bytes32 unit,Part[] parts", False),
            (
                3,
                "ShipUnit",
                "bytes32 unit,bytes20 recipient,uint40 due,uint8 purpose,Part[] parts",
                False,
            ),
            (4, "ReceiveUnit", "bytes32 unit,bool accepted,string reason,Part[] parts", False),
        ],
    ),
    *_actions(
        "BatchOversight",
        [
            (
                1,
                "Inspect",
                "bytes32 lot,uint40 sampledAt,uint8 result,bytes32 document,"
                "string standard,string number",
                False,
            ),
            (2, "Hold", "bytes32 lot,bytes32 document,string reason", False),
            (
                3,
                "Recall",
                "bytes32 lot,uint64 completeTo,bytes32 campaign,bytes32 document,string reason",
                False,
            ),
            (4, "Release", "bytes32 lot,bytes32 hold,bytes32 document,string reason", False),
            (
                5,
                "Acknowledge",
                "bytes32 lot,bytes32 recall,uint40 setAside,uint40 gone,string note",
                False,
            ),
            (6, "Correct", "bytes32 lot,bytes32 entry,bytes32 document,string text", False),
            (
                7,
                "MirrorRecall",
                "bytes20 organisation,bytes32 publication,bytes32 document,"
                "uint40 initiated,uint40 ended,"
                "string register,string number,string product,string lots,string reason",
                False,
            ),
        ],
    ),
)

#: Every action, by the name of its EIP-712 type.
ACTIONS: Final[Mapping[str, Action]] = {
    a.name: a for a in (*PARTICIPANT_ACTIONS, *QUALIFICATION_ACTIONS, *BATCH_ACTIONS)
}
#: Every action, by contract name and the number that travels in calldata.
BY_NUMBER: Final[Mapping[tuple[str, int], Action]] = {
    (a.contract, a.number): a for a in ACTIONS.values()
}


@dataclass(frozen=True, slots=True)
class Domain:
    """The EIP-712 domain: an entry signed for one contract on one chain holds nowhere else."""

    contract: str
    chain_id: int
    address: bytes

    @property
    def separator(self) -> bytes:
        return _separator(self.contract, self.chain_id, self.address)


_DOMAIN_TYPE: Final = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)


@cache
def _separator(contract: str, chain_id: int, address: bytes) -> bytes:
    return keccak(
        _DOMAIN_TYPE
        + keccak(f"Suyuan {contract}".encode())
        + keccak(b"1")
        + chain_id.to_bytes(32, "big")
        + address.rjust(32, b"\0")
    )


def _mistake(action: Action, field: Field, value: object) -> RequestError:
    return RequestError(
        f"{action.name}.{field.name}: {str(value)[:80]!r} is not a {field.type}",
        message_zh=f"{action.name}.{field.name}：{str(value)[:80]!r} 不是 {field.type} 类型的值",
        field=field.name,
        code="entry.field",
        values={"type": field.type},
    )


def _list_word(action: Action, field: Field, struct: Struct, value: Value) -> bytes:
    if not isinstance(value, tuple) or len(value) > MOST_ITEMS:
        raise _mistake(action, field, value)
    hashes = []
    for item in value:
        if type(item) is not struct.made:
            raise _mistake(action, field, item)
        words = (_word(action, f, v) for f, v in struct.pairs(item))
        hashes.append(keccak(struct.type_hash + b"".join(words)))
    return keccak(b"".join(hashes))


def _word(action: Action, field: Field, value: Value) -> bytes:
    """The word of a value in ``encodeData``; :class:`RequestError` where the type has no such
    value."""
    kind, width = field.type, field.width
    if isinstance(value, str):
        if kind == "string":
            try:
                return keccak(value.encode())
            except UnicodeEncodeError:
                pass
    elif isinstance(value, bytes):
        if len(value) == width and kind.startswith("bytes"):
            return value.ljust(32, b"\0")
        if len(value) == width and kind == "address":
            return value.rjust(32, b"\0")
    elif isinstance(value, bool):
        if kind == "bool":
            return _TRUE if value else _FALSE
    elif isinstance(value, int):
        if kind.startswith("uint") and 0 <= value < 1 << 8 * width:
            return value.to_bytes(32, "big")
    elif kind in STRUCTS:
        return _list_word(action, field, STRUCTS[kind], value)
    raise _mistake(action, field, value)


_FALSE: Final = bytes(32)
_TRUE: Final = bytes(31) + b"\1"


@dataclass(frozen=True)
class Entry:
    """One action with its values, not yet signed. Values are checked when it is made."""

    action: Action
    values: Mapping[str, Value]

    @classmethod
    def of(cls, name: str, /, **values: Value) -> "Entry":
        """Make an entry of the action called ``name``; every field must be given, no other."""
        action = ACTIONS.get(name)
        if action is None:
            raise RequestError(
                f"unknown action {name!r}",
                message_zh=f"未知的操作 {name!r}",
                field="action",
                code="entry.action",
            )
        names = {f.name for f in action.fields}
        for wrong in [n for n in values if n not in names]:
            raise RequestError(
                f"{name} has no field {wrong!r}",
                message_zh=f"{name} 没有字段 {wrong!r}",
                field=wrong,
                code="entry.field",
            )
        for missing in [f.name for f in action.fields if f.name not in values]:
            raise RequestError(
                f"{name} needs the field {missing!r}",
                message_zh=f"{name} 缺少字段 {missing!r}",
                field=missing,
                code="entry.field",
            )
        entry = cls(action, values)
        entry.body  # noqa: B018 - encoding is the check
        return entry

    @cached_property
    def body(self) -> bytes:
        """EIP-712 ``encodeData`` without the type hash: one word per field."""
        return b"".join(_word(self.action, f, self.values[f.name]) for f in self.action.fields)

    def digest(self, domain: Domain) -> bytes:
        """What is signed (EIP-712). ``domain.contract`` must be the action's contract."""
        if domain.contract != self.action.contract:
            raise ValueError(f"{self.action.name} belongs to {self.action.contract}")
        return keccak(b"\x19\x01" + domain.separator + keccak(self.action.type_hash + self.body))

    def to_json(self) -> dict[str, Any]:
        """``{"action": …, "message": {…}}``: bytes as 0x hex, integers as decimal strings."""
        return {
            "action": self.action.name,
            "message": {f.name: _to_json(f, self.values[f.name]) for f in self.action.fields},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Entry":
        """The inverse of :meth:`to_json`; integers may also come as JSON numbers."""
        name, message = data.get("action"), data.get("message")
        action = ACTIONS.get(name) if isinstance(name, str) else None
        if action is None:
            raise RequestError(
                f"unknown action {name!r}",
                message_zh=f"未知的操作 {name!r}",
                field="action",
                code="entry.action",
            )
        if not isinstance(message, Mapping):
            raise RequestError(
                "message must be an object",
                message_zh="message 必须是对象",
                field="message",
                code="entry.field",
            )
        types = {f.name: f for f in action.fields}
        values = {
            str(k): _from_json(action, types[k], v) if k in types else v for k, v in message.items()
        }
        return cls.of(action.name, **values)


def _packed(field: Field, value: Value) -> bytes:
    if isinstance(value, tuple):
        struct = STRUCTS[field.type]
        items = (_packed(f, v) for item in value for f, v in struct.pairs(item))
        return b"".join((bytes((len(value),)), *items))
    if isinstance(value, str):
        text = value.encode()
        return len(text).to_bytes(2, "big") + text
    return value if isinstance(value, bytes) else value.to_bytes(field.width, "big")


#: Categories, units and places come again and again.
_text_word: Final = lru_cache(maxsize=4096)(keccak)


#: The integers that ``struct`` reads by itself.
_CODES: Final = {"uint8": "B", "uint16": "H", "uint64": "Q", "bool": "B"}


class _Layout:
    """How a struct travels: what has a width of its own, then texts, then lists. Each of the first
    is read at once, for every entry of a ledger passes here."""

    def __init__(self, fields: Iterable[Field]) -> None:
        kinds = [f.type for f in fields]
        own = [f for f in fields if f.width]
        codes = [_CODES.get(f.type, f"{f.width}s") for f in own]
        self._fixed = struct.Struct(">" + "".join(codes))
        # The same, each in a word: bytes stand at its beginning, all else at its end.
        self._words = struct.Struct(
            ">"
            + "".join(
                f"{code}{32 - f.width}x" if f.type.startswith("bytes") else f"{32 - f.width}x{code}"
                for f, code in zip(own, codes, strict=True)
            )
        )
        places = list(enumerate(own))
        self._bools = [i for i, f in places if f.type == "bool"]
        self._wide = [i for i, f in places if f.type.startswith("uint") and f.type not in _CODES]
        self._texts = kinds.count("string")
        self._lists = [STRUCTS[kind] for kind in kinds if kind in STRUCTS]
        in_order = ["string"] * self._texts + [kind for kind in kinds if kind in STRUCTS]
        assert kinds[len(own) :] == in_order, f"{kinds}: texts follow what is fixed, then lists"

    def read(
        self, data: bytes, start: int, words: list[bytes] | None = None
    ) -> tuple[list[Value], int]:
        """The values that stand from ``start`` on, and where they end. ``words`` receives, piece by
        piece, their ``encodeData`` without the type hash."""
        size, own = len(data), start + self._fixed.size
        if size < own:
            raise ValueError("the entry ends within a field")
        values: list[Any] = list(self._fixed.unpack_from(data, start))
        if words is not None:
            words.append(self._words.pack(*values))
        for place in self._wide:
            values[place] = int.from_bytes(values[place])
        for place in self._bools:
            if values[place] > 1:
                raise ValueError("the entry holds something else than true or false")
            values[place] = values[place] == 1
        start = own
        for _ in range(self._texts):
            first = start + 2
            start = first + int.from_bytes(data[start:first])
            if size < start:
                raise ValueError("the entry ends within a text")
            text = data[first:start]
            values.append(text.decode())
            if words is not None:
                words.append(_text_word(text))
        for struct_ in self._lists:
            if size <= start or data[start] > MOST_ITEMS:
                raise ValueError("the entry has no list where one is due, or too long a one")
            count, start = data[start], start + 1
            items, hashes = [], []
            for _ in range(count):
                body = None if words is None else [struct_.type_hash]
                item, start = struct_.layout.read(data, start, body)
                items.append(struct_.made(*item))
                if body is not None:
                    hashes.append(keccak(b"".join(body)))
            values.append(tuple(items))
            if words is not None:
                words.append(keccak(b"".join(hashes)))
        return values, start


def hexed(value: bytes) -> str:
    """Bytes as JSON has them: 0x and hex."""
    return "0x" + value.hex()


def _to_json(field: Field, value: Value) -> Any:
    if isinstance(value, tuple):
        struct = STRUCTS[field.type]
        return [{f.name: _to_json(f, v) for f, v in struct.pairs(item)} for item in value]
    if isinstance(value, bool | str):
        return value
    return hexed(value) if isinstance(value, bytes) else str(value)


def _from_json(action: Action, field: Field, value: Any) -> Value:
    if field.type in STRUCTS:
        struct = STRUCTS[field.type]
        names = {f.name for f in struct.fields}
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise _mistake(action, field, value)
        if any(not isinstance(item, Mapping) or set(item) != names for item in value):
            raise _mistake(action, field, value)
        return tuple(
            struct.made(*(_from_json(action, f, item[f.name]) for f in struct.fields))
            for item in value
        )
    if field.type in ("string", "bool"):
        wanted = str if field.type == "string" else bool
        if isinstance(value, wanted):
            return value
    elif field.type.startswith("uint"):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 78:
            return int(value)
    elif isinstance(value, str) and value.startswith("0x"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            pass
    raise _mistake(action, field, value)


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """An entry with its author's signature first, then those of the authority where needed.

    Each signature is 64 bytes: ``r ‖ yParityAndS`` (EIP-2098).
    """

    entry: Entry
    signatures: tuple[bytes, ...]

    def pack(self) -> bytes:
        """The entry as it travels: action ‖ number of signatures ‖ signatures ‖ fields in order."""
        values = self.entry.values
        return b"".join(
            (
                bytes((self.entry.action.number, len(self.signatures))),
                *self.signatures,
                *(_packed(f, values[f.name]) for f in self.entry.action.fields),
            )
        )

    @classmethod
    def unpack(cls, contract: str, data: bytes) -> "SignedEntry":
        """Read back what travelled to ``contract``; ``ValueError`` where it has another form."""
        return cls._read(contract, data, None)

    @classmethod
    def unpack_digested(cls, domain: Domain, data: bytes) -> tuple["SignedEntry", bytes]:
        """The same with :meth:`Entry.digest` in that domain, which is made from the bytes as they
        are read: reading a ledger does this most."""
        words: list[bytes] = []
        signed = cls._read(domain.contract, data, words)
        body = signed.entry.action.type_hash + b"".join(words)
        return signed, keccak(b"\x19\x01" + domain.separator + keccak(body))

    @classmethod
    def _read(cls, contract: str, data: bytes, words: list[bytes] | None) -> "SignedEntry":
        try:
            action = BY_NUMBER[contract, data[0]]
            start = 2 + 64 * data[1]
        except (IndexError, KeyError):
            raise ValueError("no entry of this contract") from None
        signatures = tuple([data[i : i + 64] for i in range(2, start, 64)])
        values, end = action.layout.read(data, start, words)
        if end != len(data):
            raise ValueError("the entry does not have the form of its action")
        return cls(Entry(action, dict(zip(action.names, values, strict=True))), signatures)

    def to_json(self) -> dict[str, Any]:
        return {**self.entry.to_json(), "signatures": [hexed(s) for s in self.signatures]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SignedEntry":
        raw = data.get("signatures")
        try:
            signatures = tuple(bytes.fromhex(s.removeprefix("0x")) for s in raw or ())
        except (AttributeError, TypeError, ValueError):
            signatures = (b"",)
        if (
            not isinstance(raw, Sequence)
            or isinstance(raw, str)
            or not signatures
            or any(len(s) != 64 for s in signatures)
        ):
            raise RequestError(
                "signatures must be a list of 64-byte EIP-2098 signatures as 0x hex",
                message_zh="signatures 必须是 64 字节 EIP-2098 签名（0x 十六进制）的列表",
                field="signatures",
                code="entry.signatures",
            )
        return cls(Entry.from_json(data), signatures)


#: On the ledger a register is named by this and its name. The same text is the kind for which its
#: mirrors are accredited and the identifier kind of the firms that they list.
REGISTER_PREFIX: Final = "register:"


def organisation_id(identifier_kind: str, identifier: str) -> bytes:
    """The 20-byte id of an organisation: the same identifier can only be registered once."""
    return keccak(keccak(identifier_kind.encode()) + keccak(identifier.encode()))[:20]


def qualification_id(
    source: bytes, holder: bytes, category: str, model: str, kind: str, digest: bytes
) -> bytes:
    """The id of a qualification, which commits to its source, holder, scope and kind.

    ``source`` is the organisation that signed the creating entry or, for a mirrored one, the
    register's subject (:func:`register_subject`); ``digest`` is that entry's. A citation therefore
    needs only these and the kind: the contract recomputes the rest.
    """
    return keccak(
        source.ljust(32, b"\0")
        + holder.ljust(32, b"\0")
        + keccak(category.encode())
        + keccak(model.encode())
        + keccak(kind.encode())
        + digest
    )


def cited_qualification(cited: Citation, holder: bytes, category: str, model: str) -> bytes:
    """The id of the qualification that ``holder`` cites for goods of this category and model."""
    source = cited.author.ljust(32, b"\0")
    if any(cited.register):
        source = keccak(keccak(b"register") + source + cited.register)
    return keccak(
        source
        + holder.ljust(32, b"\0")
        + keccak(category.encode())
        + keccak(b"" if cited.any_model else model.encode())
        + cited.kind
        + cited.digest
    )


def publication_id(author: bytes, digest: bytes) -> bytes:
    """The id of a register's publication, from who recorded it and in which entry."""
    return keccak(author.ljust(32, b"\0") + digest)


def organisation_subject(organisation: bytes) -> bytes:
    return organisation.ljust(32, b"\0")


def named_subject(kind: str, name: str) -> bytes:
    """The subject of a category or of a qualification kind (``kind`` is the word for which)."""
    return keccak(keccak(kind.encode()) + keccak(name.encode()))


def register_subject(author: bytes, register: str) -> bytes:
    """The subject that chains all publications of one register by one mirror.

    ``register`` is the name as the ledger has it, with :data:`REGISTER_PREFIX`.
    """
    return keccak(keccak(b"register") + author.ljust(32, b"\0") + keccak(register.encode()))


def alarm_subject(alarm: bytes) -> bytes:
    """The subject of an alarm; apart from its id, so that no alarm can name another subject."""
    return keccak(keccak(b"alarm") + alarm)


def lot_id(maker: bytes, gtin: int, lot: str) -> bytes:
    """The id of a lot, which is its subject, too: the maker's organisation and 12 bytes of a hash.

    ``gtin`` is the GTIN-14 as a number, 0 where there is none; ``lot`` the batch or lot number.
    """
    return maker + keccak(gtin.to_bytes(32, "big") + keccak(lot.encode()))[:12]


def unit_id(packer: bytes, sscc: int) -> bytes:
    """The id, and subject, of a logistic unit that ``packer`` numbered ``sscc`` (18 digits)."""
    return keccak(keccak(b"unit") + packer.ljust(32, b"\0") + sscc.to_bytes(32, "big"))


def goods(category: str, unit: str) -> bytes:
    """A category counted in a unit, in 10 bytes, as processes and lots have it on chain."""
    return keccak(keccak(category.encode()) + keccak(unit.encode()))[:10]


def moved_subjects(entry: Entry, first: bytes, author: bytes) -> tuple[bytes, ...]:
    """Whose chains an entry moves, in the order of its leaf; ``first`` is what its event names.

    What makes a qualification moves the holder's chain too, a link both organisations', a
    supersession the successor's, and what is done with several lots each lot's. That this is
    what the contract did is proved by the log's root.
    """
    match entry.action.name:
        case "IssueQualification" | "WaiveQualification" | "MirrorQualification":
            second = entry.values["holder"]
        case "SubmitQualification":
            second = author
        case "LinkOrganisations":
            second = entry.values["second"]
        case "SupersedeQualification":
            second = entry.values["successor"]
        case "Transform":
            return (first, *(part.lot for part in _parts(entry, "inputs")))
        case "Aggregate" | "TakeApart" | "ShipUnit" | "ReceiveUnit":
            return (first, *(part.lot for part in _parts(entry, "parts")))
        case _:
            return (first,)
    assert isinstance(second, bytes)
    return (first, second.ljust(32, b"\0"))


def _parts(entry: Entry, name: str) -> tuple[Part, ...]:
    value = entry.values[name]
    assert isinstance(value, tuple)
    return tuple(item for item in value if isinstance(item, Part))
