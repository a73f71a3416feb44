"""Entries that no honest tool can write: signed over words outside the range of their type."""

from collections.abc import Mapping

from eth_hash.auto import keccak

from ledger.typed_data import ACTIONS, Entry, Part, SignedEntry, Value
from tests.support.contract_world import ContractWorld, signature


def signed_with(
    world: ContractWorld,
    action: str,
    by: str,
    values: Mapping[str, Value],
    /,
    *beside: str,
    **flags: int,
) -> bytes:
    """The packed entry with these flags in the place of true or false, rightly signed."""
    kind = ACTIONS[action]
    entry = Entry.of(action, **{**values, **dict.fromkeys(flags, False)})
    body = bytearray(entry.body)
    names = [f.name for f in kind.fields]
    for name, flag in flags.items():
        body[32 * names.index(name) + 31] = flag
    separator = world.domain(kind.contract).separator
    digest = keccak(b"\x19\x01" + separator + keccak(kind.type_hash + bytes(body)))
    signed = SignedEntry(entry, tuple(signature(name, digest) for name in (by, *beside)))
    raw = bytearray(signed.pack())
    place = len(raw)
    for field in reversed(kind.fields):
        value = entry.values[field.name]
        if isinstance(value, str):
            place -= 2 + len(value.encode())
        elif isinstance(value, tuple):
            place -= 1 + sum(37 if isinstance(item, Part) else 117 for item in value)
        else:
            place -= {"bool": 1, "address": 20}.get(field.type) or _bytes_of(field.type)
        if field.name in flags:
            raw[place] = flags[field.name]
    return bytes(raw)


def _bytes_of(kind: str) -> int:
    return int(kind[4:]) // 8 if kind.startswith("uint") else int(kind[5:])
