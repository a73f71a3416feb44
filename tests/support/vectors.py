"""Vectors of evidence: bundles of a small ledger, one fault in every field of each, pre-images.

What is committed under ``tests/vectors/evidence/`` is made by :func:`vectors` and nothing else
(``scripts/vectors``); the tests make it again and compare. For other implementations:

* ``anchors.json`` and one bundle of each kind, ``<kind>.json``, which is valid against it.
* ``<kind>.faults.json``: faults, each to be laid over the bundle alone. ``at`` is a JSON pointer
  (RFC 6901), ``fault`` what is done there: ``changed`` to ``value``, ``removed``, ``added`` (a
  member of this name with ``value``). The bytes are those of the canonical form; ``keccak256`` is
  their hash and ``code`` what decides the verification.
* ``preimages.json``: what is hashed for entries, leaves, statements, headers, slots and documents,
  with its keccak-256.
"""

import json
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from ledger.disclosure import Disclosure, Shown
from ledger.evidence import canonical
from ledger.evidence.bundle import KINDS, ConsistencyClaim
from ledger.evidence.signed import CheckpointStatement
from ledger.evidence.slots import head_slot
from ledger.evidence.verification import Verifier
from ledger.hashing import keccak
from ledger.merkle import signers_hash
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from tests.support.evidence import EvidenceWorld, evidence_world

Json = Any


def vectors() -> dict[str, bytes]:
    """The files, by name."""
    with tempfile.TemporaryDirectory() as folder, evidence_world(Path(folder)) as world:
        anchors = world.anchors()
        files = {"anchors.json": _pretty(anchors.to_json())}
        verifier = Verifier(anchors)
        for kind in sorted(KINDS):
            raw = world.bundle(kind).to_bytes()
            assert verifier.verify(raw).code is None, kind
            files[f"{kind}.json"] = raw
            files[f"{kind}.faults.json"] = _rows(
                {**fault, "code": verifier.verify(data).code, "keccak256": hexed(keccak(data))}
                for fault, data in faults(json.loads(raw))
            )
        files["preimages.json"] = _rows(_preimages(world))
        return files


def _pretty(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _rows(rows: Iterator[Json]) -> bytes:
    """One row a line, so that a difference shows which."""
    written = ",\n".join(json.dumps(r, ensure_ascii=False, sort_keys=True) for r in rows)
    return b"[\n" + written.encode() + b"\n]\n"


# ------------------------------------------------------------------------------------ faults


def faults(bundle: Json) -> Iterator[tuple[dict[str, Json], bytes]]:
    """Each fault with the bytes that it makes of the bundle. Of a list the first and the last item
    are gone into, and the last is taken out."""
    for fault in _faults(bundle, ""):
        yield fault, canonical.dumps(laid_over(bundle, fault))


def _faults(value: Json, at: str) -> Iterator[dict[str, Json]]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _faults(value[name], f"{at}/{name}")
            yield {"at": f"{at}/{name}", "fault": "removed"}
        yield {"at": f"{at}/another", "fault": "added", "value": 0}
    elif isinstance(value, list):
        for place in sorted({0, len(value) - 1} & set(range(len(value)))):
            yield from _faults(value[place], f"{at}/{place}")
        if value:
            yield {"at": f"{at}/{len(value) - 1}", "fault": "removed"}
        else:
            yield {"at": at, "fault": "changed", "value": [0]}
    else:
        yield {"at": at, "fault": "changed", "value": _another(value)}


def _another(value: Json) -> Json:
    """Something else of the same form, where there is something."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value.startswith("0x"):
        return value[:-1] + format(int(value[-1], 16) ^ 1, "x")
    if value.isdigit():
        return str(int(value) + 1)
    return ("B" if value[:1] != "B" else "C") + value[1:]


def laid_over(bundle: Json, fault: dict[str, Json]) -> Json:
    """The bundle with this fault."""
    found = deepcopy(bundle)
    *way, last = fault["at"].split("/")[1:]
    place = found
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    key = int(last) if isinstance(place, list) else last
    if fault["fault"] == "removed":
        del place[key]
    else:
        place[key] = fault["value"]
    return found


# --------------------------------------------------------------------------------- pre-images

_WORD: Final = 32


def _preimages(world: EvidenceWorld) -> Iterator[dict[str, str]]:
    for entry in world.records:
        yield from _of_entry(world, entry)
    bundle = world.bundle("consistency")
    assert isinstance(bundle.claim, ConsistencyClaim)
    for name, checkpoint in (("newer", bundle.checkpoint), ("older", bundle.claim.earlier)):
        yield _hashed(f"block header of the {name} checkpoint", checkpoint.header)
    block = world.ledger.gateway.head()
    newer = bundle.checkpoint
    statement = CheckpointStatement(newer.size, newer.root, block.number, block.hash, newer.made_at)
    words = (newer.size, newer.root, block.number, block.hash, newer.made_at)
    kind = (
        b"Checkpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash,uint40 madeAt)"
    )
    yield _hashed("type of a checkpoint's statement", kind)
    struct = _hashed("statement of the newer checkpoint", keccak(kind) + _words(*words))
    yield struct
    signed = b"\x19\x01" + world.domain.separator + bytes.fromhex(struct["keccak256"][2:])
    assert keccak(signed) == statement.digest(world.domain)
    yield _hashed("what the service signs of it", signed)
    for node in bundle.nodes[:2]:
        yield _hashed("trie node", node)
    slot = world.lot + _words(2)
    assert int.from_bytes(keccak(slot), "big") == head_slot(world.lot)
    yield _hashed("slot of the lot's head", slot)
    document = Disclosure.of({"price": "1.20", "buyer": "示例医院"}, lambda: b"\x07" * _WORD)
    for field in document.fields:
        assert isinstance(field, Shown)
        texts = keccak(field.name.encode()) + keccak(field.value.encode())
        leaf = _hashed(f"leaf of the field {field.name}", b"\0" + field.salt + texts)
        assert leaf["keccak256"] == hexed(field.leaf)
        yield leaf
    joined = _hashed("their node", b"\x01" + b"".join(field.leaf for field in document.fields))
    yield joined
    root = bytes.fromhex(joined["keccak256"][2:])
    whole = b"suyuan disclosure 1" + (2).to_bytes(8, "big") + root
    assert keccak(whole) == document.hash
    yield _hashed("the document of these fields", whole)


def _of_entry(world: EvidenceWorld, e: RecordedEntry) -> Iterator[dict[str, str]]:
    name, action = f"entry {e.sequence}", e.entry.action
    yield _hashed(f"{name}: type", action.type_string.encode())
    struct = _hashed(f"{name}: struct", action.type_hash + e.entry.body)
    yield struct
    domain = world.ledger.deployment.domain(e.contract)
    signed = b"\x19\x01" + domain.separator + bytes.fromhex(struct["keccak256"][2:])
    assert keccak(signed) == e.digest
    yield _hashed(f"{name}: what is signed", signed)
    moved = b"".join(a + b for a, b in zip(e.subjects, e.previous, strict=True))
    leaf = b"\0" + _words(
        e.sequence, e.recorded_at, e.address, e.digest, signers_hash(e.signers), len(e.subjects)
    )
    assert keccak(leaf + moved) == e.leaf
    yield _hashed(f"{name}: leaf", leaf + moved)


def _words(*values: int | bytes) -> bytes:
    return b"".join(
        v.rjust(_WORD, b"\0") if isinstance(v, bytes) else v.to_bytes(_WORD, "big") for v in values
    )


def _hashed(what: str, preimage: bytes) -> dict[str, str]:
    return {"what": what, "preimage": hexed(preimage), "keccak256": hexed(keccak(preimage))}
