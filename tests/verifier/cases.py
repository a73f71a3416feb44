"""Evidence with one fault each, and what must be said of it: a table of sentences.

Where a fault lies behind a signature, the service signs the fault, so that only the check that it
is made for can find it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from ledger.ethereum import decode, encode
from ledger.evidence import canonical, signed
from ledger.evidence.anchors import Anchors, NamedWitness, PinnedCheckpoint, SealAnchor
from ledger.evidence.bundle import (
    Bundle,
    Chain,
    Checkpoint,
    ConsistencyClaim,
    JudgedClaim,
    Seal,
    ShownEntry,
)
from ledger.evidence.headers import Header
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT, head_slot
from ledger.policy import default_policy, policies
from tests.support.evidence import LOG, PAPER, SERVICE, STRANGER, WITNESS, EvidenceWorld
from tests.verifier import seals

_MINUTE: Final = 60


@dataclass(frozen=True)
class Case:
    """What a verifier is given; ``code`` is what decides, None where all is valid."""

    code: str | None
    data: bytes
    anchors: Anchors
    documents: Sequence[bytes] = ()


Made: TypeAlias = Callable[[EvidenceWorld], Case]
CASES: Final[dict[str, Made]] = {}


def _case(sentence: str, code: str | None) -> Callable[[Callable[[EvidenceWorld], Any]], None]:
    """Registers what makes a bundle (or bytes), or that with anchors, or with documents as well."""

    def keep(make: Callable[[EvidenceWorld], Any]) -> None:
        def made(world: EvidenceWorld) -> Case:
            found = make(world)
            bundle, *others = found if isinstance(found, tuple) else (found,)
            anchors = others[0] if others else world.anchors()
            data = bundle.to_bytes() if isinstance(bundle, Bundle) else bundle
            return Case(code, data, anchors, others[1] if len(others) > 1 else ())

        assert sentence not in CASES
        CASES[sentence] = made

    return keep


def resigned(world: EvidenceWorld, checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint as it stands, signed by the service."""
    block = Header.parse(checkpoint.header, "service")
    statement = signed.CheckpointStatement(
        checkpoint.size, checkpoint.root, block.number, block.hash, checkpoint.made_at
    )
    signature = SERVICE.sign_digest(statement.digest(world.domain))
    return replace(checkpoint, seal=Seal("service", (signature,)))


def _at(bundle: Bundle, **changes: Any) -> Bundle:
    return replace(bundle, checkpoint=replace(bundle.checkpoint, **changes))


def _entry(bundle: Bundle, place: int, **changes: Any) -> Bundle:
    entries = list(bundle.entries)
    entries[place] = replace(entries[place], **changes)
    return replace(bundle, entries=tuple(entries))


def _json(bundle: Bundle, change: Callable[[dict[str, Any]], None]) -> bytes:
    value = bundle.to_json()
    change(value)
    return canonical.dumps(value)


def _claim(bundle: Bundle, **changes: Any) -> Bundle:
    assert isinstance(bundle.claim, JudgedClaim)
    claim = replace(bundle.claim, question={**bundle.claim.question, **changes})
    return replace(bundle, claim=claim)


def _flipped(data: bytes, place: int = -1) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def _chained(bundle: Bundle, subject: bytes) -> list[int]:
    """The places of the entries in this chain."""
    return [place for place, e in enumerate(bundle.entries) if subject in e.subjects]


def _longest(bundle: Bundle) -> bytes:
    return max((c.subject for c in bundle.chains), key=lambda s: len(_chained(bundle, s)))


def _without(bundle: Bundle, place: int) -> Bundle:
    entries = bundle.entries
    return replace(bundle, entries=(*entries[:place], *entries[place + 1 :]))


def _with_chains(world: EvidenceWorld, bundle: Bundle, chains: Sequence[Chain]) -> Bundle:
    """The bundle with these chains, whose heads are proved."""
    chains = sorted(chains, key=lambda c: c.subject)
    heads = [head_slot(c.subject) for c in chains if c.next is None]
    block = Header.parse(bundle.checkpoint.header, "service").number
    nodes = world.nodes(block, (LOG, [SIZE_SLOT, ROOT_SLOT, *heads]))
    return replace(bundle, chains=tuple(chains), nodes=nodes)


def _with_entries(bundle: Bundle, *more: ShownEntry) -> Bundle:
    entries = sorted((*bundle.entries, *more), key=lambda e: e.sequence)
    return replace(bundle, entries=tuple(entries))


# ----------------------------------------------------------------------------------- valid

for _kind in ("entry", "standing", "non-revocation", "trace", "verdict", "absence", "consistency"):
    _case(f"a bundle of the kind {_kind}", None)(lambda w, kind=_kind: w.bundle(kind))  # type: ignore[misc]

for _rule in seals.RULES:

    @_case(f"a standing sealed by {_rule}", None)
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        return seals.sealed(world.bundle("standing"), rule), world.anchors(seal=seals.anchor(rule))

    @_case(f"an entry that too few sealed by {_rule}", "seal.quorum")
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        bundle = seals.sealed(world.bundle("entry"), rule, (0, 1))
        return bundle, world.anchors(seal=seals.anchor(rule))

    @_case(f"an entry that one sealed again by {_rule}", "seal.signature")
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        bundle = seals.sealed(world.bundle("entry"), rule, (0, 0, 1))
        return bundle, world.anchors(seal=seals.anchor(rule))

    @_case(f"an entry that a stranger sealed by {_rule}", "seal.key")
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        others = SealAnchor(rule, tuple(sorted((*seals.VALIDATORS[:2], STRANGER.address))))
        return seals.sealed(world.bundle("entry"), rule), world.anchors(seal=others)

    @_case(f"an entry whose seal by {_rule} is of another time", "seal.time")
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        bundle = seals.sealed(world.bundle("entry"), rule)
        later = _at(bundle, made_at=bundle.checkpoint.made_at + 1)
        return later, world.anchors(seal=seals.anchor(rule))

    @_case(f"an entry whose header by {_rule} holds something else", "header.malformed")
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        bundle = seals.sealed(world.bundle("entry"), rule)
        header = bundle.checkpoint.header + b"\0"
        return _at(bundle, header=header), world.anchors(seal=seals.anchor(rule))


@_case("a checkpoint with a known witness", None)
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    bundle = replace(bundle, checkpoint=world.witnessed(bundle.checkpoint, WITNESS))
    return bundle, world.anchors(witness_quorum=1)


@_case("a checkpoint that was seen before", None)
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    return bundle, world.anchors(checkpoints=(_pinned(bundle.checkpoint),))


@_case("the document that an entry names", None)
def _(world: EvidenceWorld) -> Any:
    return world.bundle("standing"), world.anchors(), (PAPER,)


def _pinned(checkpoint: Checkpoint) -> PinnedCheckpoint:
    block = Header.parse(checkpoint.header, "service")
    return PinnedCheckpoint(checkpoint.size, checkpoint.root, block.hash)


# ------------------------------------------------------------------------------------ form


@_case("a bundle that is too long", "form.size")
def _(world: EvidenceWorld) -> Any:
    return b" " * (canonical.MAX_BYTES + 1)


_TEXTS: Final[Mapping[str, tuple[Callable[[bytes], bytes], str]]] = {
    "nothing": (lambda data: b"", "form.json"),
    "half a bundle": (lambda data: data[: len(data) // 2], "form.json"),
    "a bundle and a space": (lambda data: data + b" ", "form.json"),
    "a bundle behind a byte order mark": (lambda data: b"\xef\xbb\xbf" + data, "form.json"),
    "a member twice": (
        lambda data: data.replace(b'"kind":"entry"', b'"kind":"entry","kind":"entry"'),
        "form.json",
    ),
    "members in another order": (
        lambda data: b'{"zz":1,' + data[1:],
        "form.json",
    ),
    "a letter written as an escape": (
        lambda data: data.replace(b'"entry"', b'"\\u0065ntry"'),
        "form.json",
    ),
    "half a surrogate pair": (
        lambda data: data.replace(b'"fire', b'"\\ud83d'),
        "form.json",
    ),
    "bytes that are no UTF-8": (lambda data: data.replace(b'"fire', b'"\xff\xfe'), "form.json"),
    "a surrogate as UTF-8": (lambda data: data.replace(b'"fire', b'"\xed\xa0\x80'), "form.json"),
    "a raw control character": (lambda data: data.replace(b'"fire', b'"\x01fire'), "form.json"),
    "a number with a fraction": (
        lambda data: data.replace(b'"size":', b'"size":1.0,"x":'),
        "form.json",
    ),
    "a number that is too large": (
        lambda data: data.replace(b'"claim":{"sequence":', b'"claim":{"sequence":9007199254740992'),
        "form.json",
    ),
    "a negative number": (
        lambda data: data.replace(b'"claim":{"sequence":', b'"claim":{"sequence":-'),
        "form.json",
    ),
    "an exponent": (lambda data: data.replace(b'"size":', b'"size":1e9,"x":'), "form.json"),
    "nesting of a hundred": (lambda data: b"[" * 100 + b"]" * 100, "form.json"),
    "nesting of half a million": (lambda data: b"[" * 500_000, "form.json"),
    "half a million lists and an object": (lambda data: b"[" * 500_000 + b"{", "form.size"),
    "a text of half a million brackets": (
        lambda data: b'"' + b"[{" * 250_000 + b'"',
        "form.version",
    ),
    "a text of a bracket more": (lambda data: b'"' + b"[{" * 250_000 + b'["', "form.size"),
    "a text of two million commas": (lambda data: b'"' + b"," * 2_000_000 + b'"', "form.version"),
    "a text of a comma more": (lambda data: b'"' + b"," * 2_000_001 + b'"', "form.size"),
    "objects nested a hundred thousand deep": (lambda data: b'{"a":' * 100_000, "form.json"),
    "a list": (lambda data: b"[]", "form.version"),
    "a number": (lambda data: b"0", "form.version"),
    "a text": (lambda data: b'"entry"', "form.version"),
    "nothing said": (lambda data: b"null", "form.version"),
    "nesting of 64": (lambda data: b"[" * 64 + b"]" * 64, "form.version"),
    "another format": (
        lambda data: data.replace(b"suyuan evidence 1", b"suyuan evidence 2"),
        "form.version",
    ),
    "another kind": (
        lambda data: data.replace(b'"kind":"entry"', b'"kind":"entrx"'),
        "form.version",
    ),
    "a kind that every object has": (
        lambda data: data.replace(b'"kind":"entry"', b'"kind":"__proto__"'),
        "form.version",
    ),
    "a member more": (lambda data: data[:-1] + b',"zz":1}', "form.schema"),
    "a prototype": (lambda data: b'{"__proto__":{"a":1},' + data[1:], "form.schema"),
}
for _sentence, (_change, _code) in _TEXTS.items():

    @_case(f"instead of an entry: {_sentence}", _code)
    def _(world: EvidenceWorld, change: Callable[[bytes], bytes] = _change) -> Any:
        data = world.bundle("entry").to_bytes()
        changed = change(data)
        assert changed != data
        return changed


def _many(value: Any, count: int) -> list[Any]:
    return [value] * count


#: So many are too many of each, and one less is not: then it is another check that finds the fault.
_BOUNDS: Final[Mapping[str, tuple[str, int, Callable[[Any, int], None], str]]] = {
    "signatures of an entry": (
        *("entry", 256),
        lambda v, n: v["entries"][0].update(signatures=_many(v["entries"][0]["signatures"][0], n)),
        "inclusion.path",
    ),
    "signatures of a seal": (
        *("entry", 256),
        lambda v, n: v["checkpoint"]["seal"].update(
            signatures=_many(v["checkpoint"]["seal"]["signatures"][0], n)
        ),
        "seal.signature",
    ),
    "headers that follow": (
        *("entry", 256),
        lambda v, n: v["checkpoint"].update(seal={"rule": "clique", "headers": _many("", n)}),
        "seal.rule",
    ),
    "witnesses": (
        *("entry", 256),
        lambda v, n: v["checkpoint"].update(
            witnesses=[
                {
                    "account": f"0x{i:040x}",
                    "previous_size": 0,
                    "previous_root": "0x" + "00" * 32,
                    "witnessed_at": 0,
                    "signature": "0x" + "00" * 64,
                }
                for i in range(n)
            ]
        ),
        "witness.signature",
    ),
    "subjects": (
        *("entry", 256),
        lambda v, n: v["entries"][0].update(
            subjects=_many("0x" + "11" * 32, n), previous=_many("0x" + "11" * 32, n)
        ),
        "entry.form",
    ),
    "contracts": (
        *("entry", 256),
        lambda v, n: v["ledger"]["contracts"].update(
            {f"C{i}": "0x" + "11" * 20 for i in range(n - len(v["ledger"]["contracts"]))}
        ),
        "ledger.contract-unknown",
    ),
    "nodes": ("entry", 200_001, lambda v, n: v.update(nodes=_many("", n)), "state.node"),
    "chains": (
        *("standing", 50_001),
        lambda v, n: v.update(chains=[{"subject": f"0x{i:064x}", "next": 9} for i in range(n)]),
        "state.node",
    ),
}
for _sentence, (_kind, _count, _grow, _else) in _BOUNDS.items():
    for _n, _code in ((_count, "form.schema"), (_count - 1, _else)):

        @_case(f"{_n} {_sentence}", _code)
        def _(
            world: EvidenceWorld,
            kind: str = _kind,
            grow: Callable[[Any, int], None] = _grow,
            n: int = _n,
        ) -> Any:
            return _json(world.bundle(kind), lambda value: grow(value, n))


# ------------------------------------------------------------------------ ledger and checkpoint


@_case("another chain", "ledger.chain")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("entry"), world.anchors(chain_id=4321)


@_case("another genesis block", "ledger.chain")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("entry"), world.anchors(genesis=bytes(32))


@_case("a contract elsewhere", "ledger.contracts")
def _(world: EvidenceWorld) -> Any:
    contracts = dict(world.anchors().contracts)
    contracts["BatchLedger"] = replace(contracts["BatchLedger"], address=bytes(20))
    return world.bundle("entry"), world.anchors(contracts=contracts)


@_case("a contract that nobody knows", "ledger.contract-unknown")
def _(world: EvidenceWorld) -> Any:
    contracts = dict(world.anchors().contracts)
    del contracts["BatchLedger"]
    return world.bundle("entry"), world.anchors(contracts=contracts)


@_case("more signatures than may be in all", "form.schema")
def _(world: EvidenceWorld) -> Any:
    def multiply(value: dict[str, Any]) -> None:
        [first, *_] = value["entries"]
        signed = {**first, "signatures": first["signatures"][:1] * 250}
        value["entries"] = [{**signed, "sequence": i} for i in range(241)]

    return _json(world.bundle("standing"), multiply)


@_case("a header that is too long", "header.malformed")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    fields = list(decode(bundle.checkpoint.header))
    return _at(bundle, header=encode([*fields[:12], bytes(1_000_000), *fields[13:]]))


@_case("a header that is long", "seal.key")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    fields = list(decode(bundle.checkpoint.header))
    return _at(bundle, header=encode([*fields[:12], bytes(999_000), *fields[13:]]))


@_case("a header with an integer that begins with zero", "header.malformed")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    fields = list(decode(bundle.checkpoint.header))
    return _at(bundle, header=encode([*fields[:8], b"\0" + fields[8], *fields[9:]]))


@_case("anchors of another rule", "seal.rule")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("entry"), world.anchors(seal=seals.anchor("qbft"))


@_case("a signature with s in the upper half", "seal.signature")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    [signature] = bundle.checkpoint.seal.signatures
    half = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0
    return _at(bundle, seal=Seal("service", (signature[:32] + (half + 1).to_bytes(32, "big"),)))


@_case("a signature with s at the end of the lower half", "seal.key")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    [signature] = bundle.checkpoint.seal.signatures
    half = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0
    return _at(bundle, seal=Seal("service", (signature[:32] + half.to_bytes(32, "big"),)))


@_case("a signature of zeros", "seal.signature")
def _(world: EvidenceWorld) -> Any:
    return _at(world.bundle("entry"), seal=Seal("service", (bytes(64),)))


@_case("the same signature twice", "seal.signature")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    return _at(bundle, seal=Seal("service", bundle.checkpoint.seal.signatures * 2))


@_case("a checkpoint that a stranger signed", "seal.key")
def _(world: EvidenceWorld) -> Any:
    return replace(world.bundle("entry"), checkpoint=world.checkpoint(signers=[STRANGER]))


@_case("a checkpoint that one of two had to sign", "seal.quorum")
def _(world: EvidenceWorld) -> Any:
    keys = tuple(sorted((SERVICE.address, STRANGER.address)))
    return world.bundle("entry"), world.anchors(seal=SealAnchor("service", keys, 2))


@_case("a checkpoint that is older than its block", "seal.time")
def _(world: EvidenceWorld) -> Any:
    return replace(world.bundle("entry"), checkpoint=world.checkpoint(wait=-1))


@_case("a countersignature by another than it says", "witness.signature")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    [witness] = world.witnessed(bundle.checkpoint, WITNESS).witnesses
    return _at(bundle, witnesses=(replace(witness, account=STRANGER.address),))


@_case("a countersignature of another time", "witness.signature")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    [witness] = world.witnessed(bundle.checkpoint, WITNESS).witnesses
    return _at(bundle, witnesses=(replace(witness, witnessed_at=1),))


@_case("no witness where one is wanted", "witness.quorum")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("entry"), world.anchors(witness_quorum=1)


@_case("a witness whom nobody knows", "witness.unknown")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    return replace(bundle, checkpoint=world.witnessed(bundle.checkpoint, STRANGER))


@_case("a witness whom nobody knows beside one who is known", None)
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    return replace(bundle, checkpoint=world.witnessed(bundle.checkpoint, WITNESS, STRANGER))


@_case("a stranger as the witness that is wanted", "witness.quorum")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    bundle = replace(bundle, checkpoint=world.witnessed(bundle.checkpoint, WITNESS))
    others = (NamedWitness(STRANGER.address, "Hill Inspectorate"),)
    return bundle, world.anchors(witnesses=others, witness_quorum=1)


# ------------------------------------------------------------------------- state and history


@_case("a node less", "state.node")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return replace(bundle, nodes=bundle.nodes[:-1])


@_case("a node twice", "state.node")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return replace(bundle, nodes=(*bundle.nodes, bundle.nodes[0]))


@_case("two nodes in the other order", "state.node")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    first, second, *others = bundle.nodes
    return replace(bundle, nodes=(second, first, *others))


@_case("a node with another last byte", "state.node")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return replace(bundle, nodes=(*bundle.nodes[:-1], _flipped(bundle.nodes[-1])))


@_case("a log with other code", "state.code")
def _(world: EvidenceWorld) -> Any:
    contracts = dict(world.anchors().contracts)
    contracts[LOG] = replace(contracts[LOG], code_hash=bytes(32))
    return world.bundle("entry"), world.anchors(contracts=contracts)


@_case("a signed size that the state does not have", "state.size")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    checkpoint = replace(bundle.checkpoint, size=bundle.checkpoint.size + 1)
    return replace(bundle, checkpoint=resigned(world, checkpoint))


@_case("a signed root that the state does not have", "state.root")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    checkpoint = replace(bundle.checkpoint, root=_flipped(bundle.checkpoint.root))
    return replace(bundle, checkpoint=resigned(world, checkpoint))


@_case("another root of the same size seen before", "history.fork")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    pinned = replace(_pinned(bundle.checkpoint), root=bytes(32))
    return bundle, world.anchors(checkpoints=(pinned,))


@_case("another size at the same block seen before", "history.fork")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    pinned = replace(_pinned(bundle.checkpoint), size=1)
    return bundle, world.anchors(checkpoints=(pinned,))


for _rule in seals.RULES:
    for _kind in ("entry", "absence"):

        @_case(f"another size that nothing binds, of the kind {_kind} sealed by {_rule}", None)
        def _(world: EvidenceWorld, rule: str = _rule, kind: str = _kind) -> Any:
            # As long a log was seen before, with another root: what the bundle says accuses nobody.
            bundle = seals.sealed(world.bundle(kind), rule)
            pinned = PinnedCheckpoint(bundle.checkpoint.size, b"\1" * 32, b"\2" * 32)
            return bundle, world.anchors(seal=seals.anchor(rule), checkpoints=(pinned,))

    @_case(f"another root at the same block sealed by {_rule}", "history.fork")
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        bundle = seals.sealed(world.bundle("entry"), rule)
        block = Header.parse(bundle.checkpoint.header, rule)
        pinned = PinnedCheckpoint(bundle.checkpoint.size, b"\1" * 32, block.hash)
        return bundle, world.anchors(seal=seals.anchor(rule), checkpoints=(pinned,))

    @_case(
        f"another root of the same size that the state proves, sealed by {_rule}", "history.fork"
    )
    def _(world: EvidenceWorld, rule: str = _rule) -> Any:
        bundle = seals.sealed(world.bundle("standing"), rule)
        pinned = PinnedCheckpoint(bundle.checkpoint.size, b"\1" * 32, b"\2" * 32)
        return bundle, world.anchors(seal=seals.anchor(rule), checkpoints=(pinned,))


@_case("an earlier checkpoint that is longer", "history.rollback")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("consistency")
    assert isinstance(bundle.claim, ConsistencyClaim)
    swapped = ConsistencyClaim(bundle.checkpoint, bundle.claim.path)
    block = Header.parse(bundle.claim.earlier.header, "service").number
    both = (SIZE_SLOT, ROOT_SLOT)
    late = Header.parse(bundle.checkpoint.header, "service").number
    nodes = dict.fromkeys((*world.nodes(block, (LOG, both)), *world.nodes(late, (LOG, both))))
    return replace(bundle, checkpoint=bundle.claim.earlier, claim=swapped, nodes=tuple(nodes))


@_case("a path that leads elsewhere", "history.path")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("consistency")
    assert isinstance(bundle.claim, ConsistencyClaim)
    path = _flipped(bundle.claim.path)
    return replace(bundle, claim=replace(bundle.claim, path=path))


@_case("a path that is too short", "history.path")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("consistency")
    assert isinstance(bundle.claim, ConsistencyClaim)
    return replace(bundle, claim=replace(bundle.claim, path=bundle.claim.path[:-32]))


# ------------------------------------------------------------------------------- entries


def _message(change: Callable[[dict[str, Any]], None]) -> Made:
    def made(world: EvidenceWorld) -> Any:
        bundle = world.bundle("entry")
        message = dict(bundle.entries[0].message)
        change(message)
        return _entry(bundle, 0, message=message)

    return made


_MESSAGES: Final[Mapping[str, Callable[[dict[str, Any]], Any]]] = {
    "a field less": lambda m: m.pop("reason"),
    "a field more": lambda m: m.update(more="1"),
    "a field of the prototype": lambda m: m.update(__proto__="1"),
    "an integer as a number": lambda m: m.update(nonce=1),
    "an integer with a leading zero": lambda m: m.update(nonce="01"),
    "an integer with a sign": lambda m: m.update(nonce="+1"),
    "an integer in other digits": lambda m: m.update(nonce="１"),
    "an integer that is too wide": lambda m: m.update(happenedAt=str(1 << 40)),
    "an integer of a hundred digits": lambda m: m.update(nonce="1" * 100),
    "bytes in capitals": lambda m: m.update(document=m["document"].upper().replace("X", "x")),
    "bytes without 0x": lambda m: m.update(document=m["document"][2:]),
    "bytes that are too few": lambda m: m.update(document=m["document"][:-2]),
    "a text that is a list": lambda m: m.update(reason=["fire"]),
    "a text that is nothing": lambda m: m.update(reason=None),
}
for _sentence, _alter in _MESSAGES.items():
    _case(f"an entry with {_sentence}", "entry.form")(_message(_alter))


@_case("an entry of an action that nobody knows", "entry.form")
def _(world: EvidenceWorld) -> Any:
    return _entry(world.bundle("entry"), 0, action="constructor")


@_case("an entry for a contract that is not named", "entry.form")
def _(world: EvidenceWorld) -> Any:
    def drop(value: dict[str, Any]) -> None:
        del value["ledger"]["contracts"]["QualificationRegistry"]

    return _json(world.bundle("entry"), drop)


@_case("an entry with a subject more", "entry.form")
def _(world: EvidenceWorld) -> Any:
    return _entry(world.bundle("entry"), 0, subjects=(bytes(32),) * 2, previous=(bytes(32),) * 2)


@_case("an entry that names another holder's chain", "entry.form")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    place = next(i for i, e in enumerate(bundle.entries) if e.action == "IssueQualification")
    subjects = (bundle.entries[place].subjects[0], b"\1" * 32)
    return _entry(bundle, place, subjects=subjects)


@_case("an entry with a signature of zeros", "entry.signature")
def _(world: EvidenceWorld) -> Any:
    return _entry(world.bundle("entry"), 0, signatures=(bytes(64),))


_OTHER_LEAVES: Final[Mapping[str, Mapping[str, Any]]] = {
    "other words": {"message": "reason"},
    "another signature": {"signatures": True},
    "another time": {"recorded_at": 1},
    "another head before it": {"previous": (b"\1" * 32,)},
}
for _sentence, _changes in _OTHER_LEAVES.items():

    @_case(f"an entry with {_sentence} than in the log", "inclusion.path")
    def _(world: EvidenceWorld, changes: Mapping[str, Any] = _changes) -> Any:
        bundle = world.bundle("entry")
        [entry] = bundle.entries
        if "message" in changes:
            return _entry(bundle, 0, message={**entry.message, "reason": "no fire"})
        if "signatures" in changes:
            other = STRANGER.sign_digest(bytes(32))
            return _entry(bundle, 0, signatures=(other,))
        return _entry(bundle, 0, **changes)


@_case("an entry with a path that is too long", "inclusion.path")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("entry")
    path = bundle.entries[0].path
    assert path is not None
    return _entry(bundle, 0, path=path + bytes(32))


@_case("an entry behind the end of the log", "inclusion.path")
def _(world: EvidenceWorld) -> Any:
    def move(value: dict[str, Any]) -> None:
        value["claim"]["sequence"] = value["entries"][0]["sequence"] = 1 << 40

    return _json(world.bundle("entry"), move)


# -------------------------------------------------------------------------------- chains


@_case("a chain without its first entry", "chain.beginning")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("trace")
    return _without(bundle, 0)


@_case("a chain without an entry in the middle", "chain.broken")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return _without(bundle, _chained(bundle, _longest(bundle))[1])


@_case("a chain without its last entry", "chain.head")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return _without(bundle, len(bundle.entries) - 1)


@_case("a chain that ends in a leaf that is not here", "chain.next")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("non-revocation")
    return replace(bundle, leaves=())


@_case("a chain whose next leaf lies before the position", "chain.position")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("non-revocation")
    [cut] = [c for c in bundle.chains if c.next is not None]
    chains = tuple(replace(c, next=0) if c is cut else c for c in bundle.chains)
    return replace(bundle, chains=chains)


@_case("an entry behind the position", "chain.position")
def _(world: EvidenceWorld) -> Any:
    return _claim(world.bundle("standing"), position=1)


@_case("an entry that stands in no chain", "chain.unproved")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("non-revocation")
    lone = next(e for e in world.records if e.action == "Commission")
    return _with_entries(bundle, world.shown(lone.sequence))


@_case("a signer whom nothing here places", "author.unknown")
def _(world: EvidenceWorld) -> Any:
    founding = replace(world.index.founding(), accounts=())
    return world.bundle("standing"), world.anchors(founding=founding)


@_case("a chain less than the answer needs", "complete.missing")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    empty = [c for c in bundle.chains if not _chained(bundle, c.subject)]
    return _with_chains(world, bundle, [c for c in bundle.chains if c is not empty[0]])


@_case("a chain more than the answer needs", "complete.superfluous")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return _with_chains(world, bundle, [*bundle.chains, Chain(b"\1" * 32, None)])


@_case("an entry more than the answer needs", "complete.superfluous")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    lone = next(e for e in world.records if e.action == "Commission")
    return _with_entries(bundle, world.shown(lone.sequence, bundle.checkpoint.size))


@_case("a leaf more than the answer needs", "complete.superfluous")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    lone = next(e for e in world.records if e.action == "Commission")
    return replace(bundle, leaves=(world.bare(lone.sequence, bundle.checkpoint.size),))


# ------------------------------------------------------------------------------ the claim


@_case("a question about what was known later", "known.late")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return _claim(bundle, known_at=bundle.checkpoint.made_at + _MINUTE)


@_case("a position behind the checkpoint", "known.position")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    return _claim(bundle, position=bundle.checkpoint.size + 1)


@_case("a chain that is cut off before the time of knowing", "known.position")
def _(world: EvidenceWorld) -> Any:
    later = world.records[world.suspension].recorded_at + 1
    return _claim(world.bundle("non-revocation"), known_at=later)


@_case("an interval that ends before it begins", "claim.question")
def _(world: EvidenceWorld) -> Any:
    return _claim(world.bundle("standing"), at=[2, 1])


@_case("a verdict by a policy that is none", "claim.question")
def _(world: EvidenceWorld) -> Any:
    return _claim(world.bundle("verdict"), policy={})


@_case("a qualification said to be in force after it was suspended", "claim.differs")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("standing")
    assert isinstance(bundle.claim, JudgedClaim)
    answer = {**bundle.claim.answer, "result": "valid"}
    return replace(bundle, claim=replace(bundle.claim, answer=answer))


@_case("an answer with a member more", "claim.differs")
def _(world: EvidenceWorld) -> Any:
    bundle = world.bundle("trace")
    assert isinstance(bundle.claim, JudgedClaim)
    return replace(bundle, claim=replace(bundle.claim, answer={**bundle.claim.answer, "~/": 1}))


@_case("a verdict by an older policy that the anchors name", None)
def _(world: EvidenceWorld) -> Any:
    oldest = next(iter(policies().values()))
    return world.judged_bundle(
        "verdict", {**world.verdict_question(), "policy": dict(oldest.document)}
    )


@_case("a verdict by a policy of somebody's own", "claim.policy")
def _(world: EvidenceWorld) -> Any:
    question = world.verdict_question()
    weights = dict.fromkeys(question["policy"]["checks"], "advisory")
    policy = {**question["policy"], "checks": weights}
    return world.judged_bundle("verdict", {**question, "policy": policy})


@_case("a verdict where the anchors name no policy", "claim.policy")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("verdict"), world.anchors(policies=())


_PATIENT: Final = {"default": 365 * 86_400, "registers": {}}
for _kind in ("standing", "non-revocation", "trace"):

    @_case(f"a freshness of somebody's own, of the kind {_kind}", "claim.policy")
    def _(world: EvidenceWorld, kind: str = _kind) -> Any:
        bundle = world.bundle(kind)
        assert isinstance(bundle.claim, JudgedClaim)
        return world.judged_bundle(kind, {**bundle.claim.question, "freshness": _PATIENT})


@_case("a freshness by register, of one of the anchors' policies", None)
def _(world: EvidenceWorld) -> Any:
    policy = {
        **default_policy().document,
        "freshness_days": {"default": 30, "registers": {"溯": 2, "__proto__": 90}},
    }
    freshness = {"default": 30 * 86_400, "registers": {"溯": 2 * 86_400, "__proto__": 90 * 86_400}}
    bundle = world.judged_bundle("standing", world.standing_question(freshness=freshness))
    return bundle, world.anchors(policies=(*world.anchors().policies, policy))


@_case("a nonce that was used", "absence.recorded")
def _(world: EvidenceWorld) -> Any:
    made = next(e for e in world.records if e.contract == "ParticipantRegistry")
    nonce = made["nonce"]
    assert isinstance(nonce, int)
    return world.absence_bundle(nonce=nonce, account=made.signers[0], with_receipt=False)


@_case("an absence without a receipt", None)
def _(world: EvidenceWorld) -> Any:
    return world.absence_bundle(with_receipt=False)


@_case("a receipt of somebody else", "absence.receipt")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("absence"), world.anchors(receipts=(STRANGER.address,))


@_case("a receipt whose deadline has not passed", "absence.deadline")
def _(world: EvidenceWorld) -> Any:
    def wait(value: dict[str, Any]) -> None:
        receipt = value["claim"]["receipt"]
        receipt["deadline"] = value["checkpoint"]["made_at"]
        digest = bytes.fromhex(receipt["digest"][2:])
        statement = world.receipt_statement(digest, receipt["deadline"], receipt["accepted_at"])
        signature = SERVICE.sign_digest(statement.digest(world.domain))
        receipt["signature"] = "0x" + signature.hex()

    return _json(world.bundle("absence"), wait)


@_case("a document that was altered", "document.unknown")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("standing"), world.anchors(), (PAPER, _flipped(PAPER))


@_case("a document of no bytes", "document.unknown")
def _(world: EvidenceWorld) -> Any:
    return world.bundle("standing"), world.anchors(), (b"",)
