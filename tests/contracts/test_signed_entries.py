"""How every entry is read, checked, refused and logged; the cases are in signed_entries.tree."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_hash.auto import keccak

from ledger.chain.artifacts import load_artifacts
from ledger.chain.codec import packed_calldata
from ledger.merkle import EMPTY_ROOT
from ledger.typed_data import (
    Citation,
    Domain,
    Entry,
    Part,
    SignedEntry,
)
from ledger.vocabulary import Role
from tests.support.batch_world import BatchWorld
from tests.support.chains import CHAIN_ID, Sender
from tests.support.contract_world import (
    AUTHORITIES,
    MAX_LATENESS,
    ORDER,
    ContractWorld,
    LogModel,
    account,
    org,
    outcome,
    recover,
    signature,
)

FIRST, SECOND, THIRD = AUTHORITIES
QUALIFICATIONS = "QualificationRegistry"
PARTICIPANTS = "ParticipantRegistry"
BATCHES = "BatchLedger"
UNITS = "LogisticUnits"


def reply(world: ContractWorld, by: str = "issuer", text: str = "seen", **values: int) -> Entry:
    """The plainest entry: any live account may make it."""
    return world.entry("Reply", by, about=bytes(32), document=bytes(32), text=text, **values)


def packed(entry: Entry, *signatures: bytes) -> bytes:
    return SignedEntry(entry, signatures).pack()


# ---------------------------------------------------------------- a good entry


def test_it_should_record_it_with_sequence_subject_author_and_the_bytes_that_travelled(
    world: ContractWorld,
) -> None:
    size = world.size()
    signed = world.issue()

    made = world.record(signed)

    [recorded] = made.recorded
    assert recorded.sequence == size
    assert recorded.author == org("bureau")
    assert recorded.subject == world.id_of(signed, org("bureau"))
    assert recorded.packed == signed.pack()
    assert not recorded.late
    assert (made.first, made.count, made.root) == (size, 1, world.root())
    assert world.size() == size + 1


def test_it_should_take_it_from_whoever_sends_it(world: ContractWorld) -> None:
    signed = world.sign(reply(world), "issuer")
    world.sender = Sender(secret=b"\x09" * 32)

    [recorded] = world.accepted(signed)

    assert recorded.author == org("bureau")


def test_it_should_move_the_head_of_every_subject_to_the_leaf(world: ContractWorld) -> None:
    signed = world.issue()

    [recorded] = world.accepted(signed)

    head = world.head(recorded.subject)
    assert head != bytes(32)
    assert world.head(org("maker")) == head
    assert world.head(org("weaver")) != head


def test_it_should_use_up_the_nonce_of_its_signer_alone(world: ContractWorld) -> None:
    world.accepted(world.sign(reply(world, nonce=700), "issuer"))

    assert world.is_nonce_used(QUALIFICATIONS, "issuer", 700)
    assert not world.is_nonce_used(QUALIFICATIONS, "issuer", 701)
    assert not world.is_nonce_used(QUALIFICATIONS, "clerk", 700)
    assert not world.is_nonce_used(PARTICIPANTS, "issuer", 700)


def test_it_should_accept_nonces_in_any_order(world: ContractWorld) -> None:
    for nonce in [5, 2**64 - 1, 0, 255, 256, 4, 2**63, 1]:
        world.accepted(world.sign(reply(world, nonce=nonce), "issuer"))
        assert world.is_nonce_used(QUALIFICATIONS, "issuer", nonce)


def test_it_should_use_up_the_nonce_of_everybody_who_signed_beside_the_author(
    world: ContractWorld,
) -> None:
    world.accepted(world.act("SetQuorum", FIRST, SECOND, nonce=900, quorum=2))

    assert world.is_nonce_used(PARTICIPANTS, SECOND, 900)
    again = world.act("SetQuorum", THIRD, SECOND, nonce=900, quorum=1)
    assert world.refused(again).name == "EntryNonceUsed"


def test_it_should_make_another_record_of_a_copy_that_somebody_else_signed(
    world: ContractWorld,
) -> None:
    original = world.issue(nonce=50)
    copy = world.sign(original.entry, "second issuer")

    stolen, rightful = world.accepted(copy, original)

    assert stolen.author == org("institute")
    assert rightful.author == org("bureau")
    assert rightful.subject == world.id_of(original, org("bureau")) != stolen.subject


# ---------------------------------------------------------------- batches


def test_it_should_do_nothing_for_an_empty_batch(world: ContractWorld) -> None:
    before = world.storage()
    made = world.record_bytes(QUALIFICATIONS, [])

    assert made.receipt.logs == ()
    assert world.storage() == before


def test_it_should_refuse_each_bad_entry_on_its_own_and_record_the_others(
    world: ContractWorld,
) -> None:
    good = [world.sign(reply(world, text=str(i)), "issuer").pack() for i in range(3)]
    bad = [b"", b"\xff", good[0][:-1], world.issue(by="eve").pack(), good[0]]
    size = world.size()

    made = world.record_bytes(
        QUALIFICATIONS, [bad[0], good[0], bad[1], bad[2], good[1], bad[3], bad[4], good[2]]
    )

    assert [r.packed for r in made.recorded] == good
    assert [r.sequence for r in made.recorded] == [size, size + 1, size + 2]
    assert [r.index for r in made.refused] == [0, 2, 3, 5, 6]
    assert made.errors == ["EntryMalformed"] * 3 + ["EntrySignerNotLive", "EntryNonceUsed"]
    assert (made.first, made.count) == (size, 3)


def test_it_should_name_a_refused_entry_by_what_was_signed(world: ContractWorld) -> None:
    signed = world.issue(by="eve")

    refused = world.refused_bytes(QUALIFICATIONS, signed.pack())

    assert refused.digest == world.digest(signed)


def test_it_should_name_an_entry_of_broken_form_by_the_hash_of_its_bytes(
    world: ContractWorld,
) -> None:
    broken = world.issue().pack() + b"\0"

    assert world.refused_bytes(QUALIFICATIONS, broken).digest == keccak(broken)


def test_it_should_append_nothing_where_all_are_refused(world: ContractWorld) -> None:
    before = world.storage()
    made = world.record(*(world.issue(by="eve") for _ in range(3)))

    assert (made.root, made.count, len(made.refused)) == (None, 0, 3)
    assert world.storage() == before


def test_it_should_accept_a_refused_entry_later_when_what_it_lacked_has_come_about(
    world: ContractWorld,
) -> None:
    early = world.issue(by="newcomer")
    assert world.refused(early).name == "EntrySignerNotLive"

    world.accepted(world.add_account("newcomer", org("bureau"), Role.ISSUER))

    world.accepted(early)


def test_it_should_never_take_an_unsigned_entry_for_the_last_authors(
    world: ContractWorld,
) -> None:
    """A failed recovery gives the zero address; no memory of the batch may know that one."""
    unsigned = packed(reply(world), bytes(64))
    good = world.sign(reply(world), "issuer").pack()
    stranger = world.sign(reply(world, by="eve"), "eve").pack()

    made = world.record_bytes(
        QUALIFICATIONS, [unsigned, stranger, unsigned, good, unsigned, stranger, unsigned, b""]
    )

    assert [r.packed for r in made.recorded] == [good]
    assert [r.error.name for r in made.refused if r.index in (0, 2, 4, 6)] == [
        "EntrySignatureInvalid"
    ] * 4


def test_it_should_join_the_entries_of_all_contracts_in_one_log(world: ContractWorld) -> None:
    size = world.size()
    one, two = world.accepted(
        world.sign(reply(world), "issuer"), world.register("newcomer", Role.SUPPLIER)
    )

    assert (one.sequence, two.sequence, world.size()) == (size, size + 1, size + 2)


# ---------------------------------------------------------------- form


def test_it_should_refuse_every_prefix_of_a_good_entry(world: ContractWorld) -> None:
    signed = world.issue(model="SM-1", number="许可 1")
    whole = signed.pack()
    prefixes = [whole[:length] for length in range(len(whole))]
    before = world.storage()

    made = world.record_bytes(QUALIFICATIONS, prefixes)

    assert [r.index for r in made.refused] == list(range(len(whole)))
    assert set(made.errors) == {"EntryMalformed"}
    assert made.refused[0].error.values == {"typeHash": bytes(32)}
    assert made.refused[-1].error.values == {"typeHash": signed.entry.action.type_hash}
    assert world.storage() == before
    world.accepted(signed)


def test_it_should_refuse_a_prefix_although_what_follows_in_the_calldata_would_complete_it(
    world: ContractWorld,
) -> None:
    first, second = world.issue().pack(), world.issue().pack()

    made = world.record_bytes(QUALIFICATIONS, [first[:-32], first[-32:], second])

    assert [r.packed for r in made.recorded] == [second]
    assert [r.index for r in made.refused] == [0, 1]


def test_it_should_refuse_one_byte_more(world: ContractWorld) -> None:
    signed = world.issue()
    for extra in (b"\0", b"\1", bytes(32)):
        refused = world.refused_bytes(QUALIFICATIONS, signed.pack() + extra)
        assert refused.error.name == "EntryMalformed"
        assert refused.error.values == {"typeHash": signed.entry.action.type_hash}


@pytest.mark.parametrize(
    ("contract", "numbers"), [(PARTICIPANTS, [0, 13, 255]), (QUALIFICATIONS, [0, 23, 128, 255])]
)
def test_it_should_refuse_an_action_that_the_contract_does_not_know(
    world: ContractWorld, contract: str, numbers: list[int]
) -> None:
    rest = world.issue().pack()[1:]
    for number in numbers:
        refused = world.refused_bytes(contract, bytes((number,)) + rest)
        assert refused.error.values == {"typeHash": bytes(32)}
        assert refused.error.name == "EntryMalformed"


def test_it_should_refuse_an_entry_without_a_signature(world: ContractWorld) -> None:
    refused = world.refused_bytes(QUALIFICATIONS, packed(reply(world)))

    assert refused.error.name == "EntryMalformed"


def test_it_should_refuse_more_signatures_than_the_bytes_hold(world: ContractWorld) -> None:
    raw = bytearray(world.issue().pack())
    for count in (2, 3, 255):
        raw[1] = count
        assert world.refused_bytes(QUALIFICATIONS, bytes(raw)).error.name == "EntryMalformed"


def test_it_should_refuse_a_text_whose_length_goes_beyond_the_entry(world: ContractWorld) -> None:
    entry = reply(world, text="")
    whole = world.sign(entry, "issuer").pack()
    for length in (1, 255, 2047, 2048, 65_535):
        raw = whole[:-2] + length.to_bytes(2, "big")
        assert world.refused_bytes(QUALIFICATIONS, raw).error.name == "EntryMalformed"


def test_it_should_spend_little_on_lengths_that_go_beyond_the_entry(world: ContractWorld) -> None:
    """A short entry may not make the contract hash what is not there, at the others' expense."""
    raw = bytes((1, 1)) + bytes(64) + bytes(18) + b"\0" + b"\xff" * 40
    one = world.record_bytes(QUALIFICATIONS, [raw])
    many = world.record_bytes(QUALIFICATIONS, [raw] * 11)

    assert set(many.errors) == {"EntryMalformed"}
    assert (many.receipt.gas_used - one.receipt.gas_used) / 10 < 10_000


# ---------------------------------------------------------------- lists


def with_lists(world: BatchWorld) -> SignedEntry:
    """An entry that ends in two lists of two items each, all of which is good."""
    one, two = world.polymer_at_weaver(), world.polymer_at_weaver(lot="PP-2")
    cited = (world.licences["weaver"], world.licences["maker"])
    return world.transform(Part(one, 60), Part(two, 50), cited=cited)


def refused_as_malformed(world: BatchWorld, signed: SignedEntry, packed: bytes) -> None:
    error = world.refused_bytes(signed.entry.action.contract, packed).error
    malformed = ("EntryMalformed", {"typeHash": signed.entry.action.type_hash})
    assert (error.name, dict(error.values)) == malformed


def signed_over(world: BatchWorld, signed: SignedEntry, by: str, lists: list[bytes]) -> bytes:
    """The signature of an entry whose lists have these words; no honest tool makes it."""
    entry = signed.entry
    body = entry.body[: -32 * len(lists)] + b"".join(lists)
    domain = world.domain(entry.action.contract).separator
    return signature(by, keccak(b"\x19\x01" + domain + keccak(entry.action.type_hash + body)))


def test_it_should_read_lists_of_none_and_of_eight_items(batches: BatchWorld) -> None:
    world = batches
    licence = world.licences["refinery"]
    others = tuple(licence._replace(digest=bytes((i,)) * 32) for i in range(7))
    world.accepted(world.commission(cited=(*others, licence)))
    world.accepted(world.commission(lot="PP-2", originNotShown=True, cited=()))
    world.accepted(with_lists_of_eight(world))


def with_lists_of_eight(world: BatchWorld) -> SignedEntry:
    parts = [Part(world.polymer_at_weaver(lot=f"PP-1{i}"), 20) for i in range(8)]
    licence = world.licences["weaver"]
    others = [licence._replace(digest=bytes((i,)) * 32) for i in range(7)]
    return world.transform(*parts, cited=(*others, licence))


def test_it_should_refuse_a_list_of_nine_items(batches: BatchWorld) -> None:
    world = batches
    parts = sorted(Part(world.made(world.found_goods(lot=f"L{i}")), 1) for i in range(9))
    signed = world.aggregate("storekeeper", *parts[:8])
    last = parts[8].lot + parts[8].quantity.to_bytes(5, "big")
    head, items = signed.pack()[: -1 - 37 * 8], signed.pack()[-37 * 8 :]
    type_hash = keccak(b"Part(bytes32 lot,uint40 quantity)")
    hashes = [keccak(type_hash + p.lot + p.quantity.to_bytes(32, "big")) for p in parts]
    rightly = signed_over(world, signed, "storekeeper", [keccak(b"".join(hashes))])
    packed = head[:2] + rightly + head[66:] + bytes((9,)) + items + last

    refused_as_malformed(world, signed, packed)
    for count in (10, 128, 255):
        longer = packed + last * (count - 9)
        refused_as_malformed(
            world, signed, longer.replace(b"\x09" + items, bytes((count,)) + items)
        )
    world.accepted(signed)


@pytest.mark.parametrize("flag", [2, 128, 255])
def test_it_should_refuse_a_flag_inside_an_item_that_is_neither_true_nor_false(
    batches: BatchWorld, flag: int
) -> None:
    world = batches
    signed = world.commission()
    [licence] = (world.licences["refinery"],)
    words = licence.author.ljust(32, b"\0") + licence.register + licence.kind + licence.digest
    type_hash = keccak(
        b"Citation(bytes20 author,bytes32 register,bytes32 kind,bytes32 digest,bool anyModel)"
    )
    item = keccak(type_hash + words + flag.to_bytes(32, "big"))
    rightly = signed_over(world, signed, "polymer maker", [keccak(item)])
    packed = signed.pack()

    refused_as_malformed(world, signed, packed[:2] + rightly + packed[66:-1] + bytes((flag,)))


def test_it_should_refuse_an_entry_cut_before_or_within_its_lists(batches: BatchWorld) -> None:
    world = batches
    signed = with_lists(world)
    whole = signed.pack()
    lists = 2 + 2 * 37 + 2 * 117
    prefixes = [whole[:-cut] for cut in range(1, lists + 3)]
    before = world.storage()
    for start in range(0, len(prefixes), 100):
        made = world.record_bytes(BATCHES, prefixes[start : start + 100])
        assert set(made.errors) == {"EntryMalformed"}
        assert len(made.refused) == len(prefixes[start : start + 100])
    assert world.storage() == before
    world.accepted(signed)


def test_it_should_refuse_a_cut_list_although_what_follows_in_the_calldata_would_complete_it(
    batches: BatchWorld,
) -> None:
    world = batches
    whole = with_lists(world).pack()

    made = world.record_bytes(BATCHES, [whole[:-32], whole[-32:]])

    assert [r.error.name for r in made.refused] == ["EntryMalformed"] * 2


def test_it_should_refuse_bytes_behind_the_lists(batches: BatchWorld) -> None:
    world = batches
    signed = with_lists(world)
    for extra in (b"\0", b"\1", bytes(37), bytes(117)):
        refused_as_malformed(world, signed, signed.pack() + extra)


def test_it_should_refuse_lists_behind_an_action_that_has_none(batches: BatchWorld) -> None:
    world = batches
    fabric = world.transformed(Part(world.polymer_at_weaver(), 110))
    signed = world.alone("CloseLot", "second supplier", fabric)
    for lists in (b"\0", b"\1" + bytes(37), b"\0\0"):
        refused_as_malformed(world, signed, signed.pack() + lists)
    world.accepted(signed)


def test_it_should_refuse_an_item_that_was_altered_moved_or_left_out(batches: BatchWorld) -> None:
    world = batches
    signed = with_lists(world)
    values = signed.entry.values
    inputs, cited = values["inputs"], values["cited"]
    assert isinstance(inputs, tuple)
    assert isinstance(cited, tuple)
    one, two = cited
    assert isinstance(one, Citation)
    for changed in (
        {"inputs": inputs[:1]},
        {"inputs": (inputs[1], inputs[0])},
        {"inputs": (inputs[0], Part(inputs[1][0], 51))},
        {"cited": (one,)},
        {"cited": (two, one)},
        {"cited": (one, two, two)},
        {"cited": ()},
        {"cited": (one._replace(any_model=not one.any_model), two)},
        {"cited": (one._replace(author=org("maker")), two)},
        {"cited": (one._replace(register=keccak(b"register")), two)},
    ):
        altered = SignedEntry(
            replace(signed.entry, values={**values, **changed}), signed.signatures
        )
        # Another account's, whose key nobody has.
        assert world.refused(altered).name == "EntrySignerNotLive"
    world.accepted(signed)


def test_it_should_spend_little_on_lists_that_are_not_there(batches: BatchWorld) -> None:
    """A short entry may not make the contract hash what is not there, at the others' expense."""
    raw = bytes((1, 1)) + bytes(64) + bytes(18) + bytes(8) + b"\xff" * 40
    one = batches.record_bytes(UNITS, [raw])
    many = batches.record_bytes(UNITS, [raw] * 11)

    assert set(many.errors) == {"EntryMalformed"}
    assert (many.receipt.gas_used - one.receipt.gas_used) / 10 < 10_000


# ---------------------------------------------------------------- texts

GOOD_TEXTS = [
    "",
    "a",
    "x" * 31,
    "x" * 32,
    "x" * 33,
    "x" * 2047,
    "口罩" * 341 + "a",  # 2,047 bytes
    "\x01\x7f\n\t",
    "¡߿",
    "ࠀ￿",
    "\ud7ff\ue000",
    "\U00010000\U0010ffff",
    "𠮷野家 مَرْحَبًا 👩‍⚕️",
    "x" * 31 + "é",
    "x" * 30 + "口罩",
]


@pytest.mark.parametrize("text", GOOD_TEXTS, ids=lambda t: repr(t[:6]) + str(len(t.encode())))
def test_it_should_record_every_well_formed_text_of_up_to_2047_bytes(
    world: ContractWorld, text: str
) -> None:
    [recorded] = world.accepted(world.sign(reply(world, text=text), "issuer"))

    assert SignedEntry.unpack(QUALIFICATIONS, recorded.packed).entry.values["text"] == text


class RawText(str):
    """A text that travels as the bytes it was made of, whatever they are."""

    raw: bytes

    def __new__(cls, raw: bytes) -> "RawText":
        made = super().__new__(cls, raw.hex())
        made.raw = raw
        return made

    def encode(self, *_: object) -> bytes:
        return self.raw


BAD_TEXTS = [
    b"\0",
    b"a\0",
    b"\0a",
    b"a" * 32 + b"\0",
    b"a" * 31 + b"\0" + b"a" * 40,
    b"x" * 2048,
    b"x" * 4096,
    "罩".encode() * 683,  # 2,049 bytes
    b"\x80",
    b"\xbf",
    b"\xc0\x80",
    b"\xc1\xbf",
    b"\xc2",
    b"\xc2\x41",
    b"\xc2\xc0",
    b"\xe0\x9f\xbf",
    b"\xe0\xa0",
    b"\xe4\xb8",
    b"\xe4\xb8\xc0",
    b"\xe4\x41\x80",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf0\x90\x80",
    b"\xf0\x90\x80\xc0",
    b"\xf0\x90\x41\x80",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xff",
    b"\xfe\xff",
    "口罩".encode("gb18030"),
    "口罩".encode() + b"\xe7",
    "口罩".encode() + b"\0",
    "口罩".encode() + b"\x80",
    b"a" * 29 + "口".encode()[:2],
    b"a" * 30 + b"\xe5",
]


@pytest.mark.parametrize("raw", BAD_TEXTS, ids=lambda r: r[-8:].hex() + f"-{len(r)}")
def test_it_should_refuse_a_text_that_is_too_long_or_no_utf_8_or_has_nul(
    world: ContractWorld, raw: bytes
) -> None:
    signed = world.sign(reply(world, text=RawText(raw)), "issuer")

    error = world.refused(signed)

    assert (error.name, error.values) == ("EntryTextInvalid", {"field": 5})


@pytest.mark.parametrize("field", ["category", "model", "kind", "number"])
def test_it_should_name_the_place_of_the_bad_text(world: ContractWorld, field: str) -> None:
    signed = world.issue(**{"model": "口罩", "number": "许", field: RawText(b"\xe5\x8f")})

    error = world.refused(signed)

    names = [f.name for f in signed.entry.action.fields]
    assert (error.name, error.values) == ("EntryTextInvalid", {"field": names.index(field)})


# ---------------------------------------------------------------- deadline


def test_it_should_record_an_entry_in_the_second_of_its_deadline(world: ContractWorld) -> None:
    world.accepted(world.sign(reply(world, deadline=world.now), "issuer"))


def test_it_should_refuse_an_entry_after_its_deadline(world: ContractWorld) -> None:
    error = world.refused(world.sign(reply(world, deadline=world.now - 1), "issuer"))

    assert error.name == "EntryExpired"
    assert error.values == {"deadline": world.now - 1, "blockTime": world.now}


# ---------------------------------------------------------------- signatures


def test_it_should_refuse_an_entry_of_which_any_bit_was_altered(world: ContractWorld) -> None:
    signed = world.issue(model="SM-1")
    whole = signed.pack()
    altered = []
    for place in range(len(whole)):
        for bit in (0x01, 0x80):
            raw = bytearray(whole)
            raw[place] ^= bit
            altered.append(bytes(raw))
    before = world.storage()

    for start in range(0, len(altered), 200):
        made = world.record_bytes(QUALIFICATIONS, altered[start : start + 200])
        assert not made.recorded
    assert world.storage() == before
    world.accepted(signed)


@pytest.mark.parametrize(
    "domain",
    [
        lambda w: Domain(QUALIFICATIONS, CHAIN_ID + 1, w.addresses[QUALIFICATIONS]),
        lambda w: Domain(QUALIFICATIONS, CHAIN_ID, w.addresses[PARTICIPANTS]),
        lambda w: Domain(QUALIFICATIONS, CHAIN_ID, account("a second deployment")),
    ],
    ids=["another chain", "another contract", "another deployment"],
)
def test_it_should_refuse_an_entry_signed_for_another_chain_or_contract(
    world: ContractWorld, domain: Callable[[ContractWorld], Domain]
) -> None:
    entry = reply(world)
    elsewhere = world.sign(entry, "issuer", domain=domain(world))

    error = world.refused(elsewhere)

    found = recover(world.digest(elsewhere), elsewhere.signatures[0])
    assert error.name == "EntrySignerNotLive"
    assert error.values == {"account": found}
    assert found != account("issuer")


def test_it_should_refuse_an_entry_signed_as_another_action_of_the_same_form(
    world: ContractWorld,
) -> None:
    id_ = world.make(world.issue())
    raw = bytearray(world.step("RestrictQualification", "issuer", id_).pack())
    raw[0] = 16  # suspend, whose fields are the same

    assert world.refused_bytes(QUALIFICATIONS, bytes(raw)).error.name == "EntrySignerNotLive"


def compact(r: int, s: int, parity: int) -> bytes:
    return r.to_bytes(32, "big") + (s | parity << 255).to_bytes(32, "big")


def parts(compact_signature: bytes) -> tuple[int, int, int]:
    r, vs = (
        int.from_bytes(compact_signature[:32], "big"),
        int.from_bytes(compact_signature[32:], "big"),
    )
    return r, vs & ((1 << 255) - 1), vs >> 255


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 0), (0, 1), (1, 0), (ORDER, 1), (2**256 - 1, 1), (1, ORDER // 2 + 1), (1, 2**255 - 1)],
    ids=["zero", "r zero", "s zero", "r order", "r most", "s just high", "s most"],
)
def test_it_should_refuse_what_is_no_signature_of_the_curve_or_has_a_high_s(
    world: ContractWorld, r: int, s: int
) -> None:
    for parity in (0, 1):
        refused = world.refused_bytes(QUALIFICATIONS, packed(reply(world), compact(r, s, parity)))
        assert refused.error.name == "EntrySignatureInvalid"
        assert refused.error.values == {"index": 0}


def test_it_should_refuse_the_malleable_twin_of_a_signature(world: ContractWorld) -> None:
    """The twin (r, n - s, other parity) of almost every signature has no EIP-2098 form at all."""
    entry = reply(world)
    r, s, parity = parts(signature("issuer", entry.digest(world.domain(QUALIFICATIONS))))

    for twin in (compact(r, ORDER - s & (2**255 - 1), 1 - parity), compact(r, s, 1 - parity)):
        assert world.refused_bytes(QUALIFICATIONS, packed(entry, twin)).error.name in (
            "EntrySignatureInvalid",
            "EntrySignerNotLive",
        )


def test_it_should_name_the_place_of_a_bad_signature_beside_good_ones(
    world: ContractWorld,
) -> None:
    signed = world.ruled("SetQuorum", quorum=2)
    broken = replace(signed, signatures=(signed.signatures[0], bytes(64)))

    error = world.refused(broken)

    assert (error.name, error.values) == ("EntrySignatureInvalid", {"index": 1})


def end_account(world: ContractWorld, how: str) -> None:
    if how == "removed":
        world.accepted(world.ruled("RemoveAccount", account=account("issuer"), reason="left"))
    elif how == "disabled":
        world.accepted(world.act("DisableAccount", "issuer", reason="lost phone"))
    elif how == "compromised":
        world.accepted(
            world.ruled(
                "DeclareCompromised", account=account("issuer"), since=world.now, reason="theft"
            )
        )
    else:
        status = {"suspended": 3, "closed": 4}[how]
        world.accepted(
            world.ruled(
                "ChangeOrganisation",
                organisation=org("bureau"),
                status=status,
                roles=int(Role.ISSUER),
                division=0,
                reason="as ordered",
            )
        )


@pytest.mark.parametrize("how", ["removed", "disabled", "compromised", "suspended", "closed"])
def test_it_should_refuse_an_account_or_organisation_that_is_no_longer_live(
    world: ContractWorld, how: str
) -> None:
    signed = world.issue()
    end_account(world, how)

    error = world.refused(signed)

    assert (error.name, error.values) == ("EntrySignerNotLive", {"account": account("issuer")})


def test_it_should_refuse_an_account_ended_by_the_entry_before_it(world: ContractWorld) -> None:
    made = world.record(
        world.act("DisableAccount", "issuer", reason="lost phone"),
        world.act("DisableAccount", "issuer", reason="once more"),
    )

    assert (len(made.recorded), made.errors) == (1, ["EntrySignerNotLive"])


def test_it_should_refuse_an_account_that_never_was_one(world: ContractWorld) -> None:
    error = world.refused(world.issue(by="eve"))

    assert (error.name, error.values) == ("EntrySignerNotLive", {"account": account("eve")})


def test_it_should_refuse_the_same_account_twice(world: ContractWorld) -> None:
    error = world.refused(world.act("SetQuorum", FIRST, FIRST, quorum=2))

    assert (error.name, error.values) == ("EntrySignerRepeated", {"account": account(FIRST)})


def test_it_should_refuse_somebody_without_authority_beside_the_author(
    world: ContractWorld,
) -> None:
    for signed, who in [
        (
            world.act("Reply", "issuer", "clerk", about=bytes(32), document=bytes(32), text=""),
            "clerk",
        ),
        (world.act("SetQuorum", FIRST, "clerk", quorum=2), "clerk"),
        (world.act("SetQuorum", "clerk", FIRST, SECOND, quorum=2), "clerk"),
        (world.act("SetQuorum", FIRST, SECOND, "clerk", quorum=2), "clerk"),
    ]:
        error = world.refused(signed)
        assert (error.name, error.values) == (
            "EntrySignerNotAuthority",
            {"account": account(who)},
        )


def test_it_should_record_what_the_authority_signed_beside_its_author_needlessly(
    world: ContractWorld,
) -> None:
    signed = world.act(
        "Reply", "issuer", FIRST, about=bytes(32), document=bytes(32), text="countersigned"
    )

    [recorded] = world.accepted(signed)

    assert recorded.author == org("bureau")
    assert not recorded.late


# ---------------------------------------------------------------- quorum


def test_it_should_refuse_an_act_of_the_authority_with_too_few_signatures(
    world: ContractWorld,
) -> None:
    error = world.refused(world.act("SetQuorum", FIRST, quorum=1))

    assert (error.name, error.values) == ("EntryQuorumNotMet", {"given": 1, "needed": 2})


def test_it_should_record_an_act_with_as_many_as_the_quorum_or_more_in_any_order(
    world: ContractWorld,
) -> None:
    for names in [(FIRST, SECOND), (SECOND, FIRST), (THIRD, FIRST), (THIRD, SECOND, FIRST)]:
        world.accepted(world.act("SetQuorum", *names, quorum=2))


def test_it_should_apply_a_new_quorum_to_the_next_entry_of_the_same_batch(
    world: ContractWorld,
) -> None:
    made = world.record(
        world.ruled("SetQuorum", quorum=3),
        world.act("SetQuorum", SECOND, THIRD, quorum=2),  # two are too few now
        world.act("SetQuorum", FIRST, SECOND, THIRD, quorum=1),
        world.act("SetQuorum", THIRD, quorum=2),  # one is enough now
        world.act("SetQuorum", THIRD, quorum=1),  # and no longer
    )

    assert len(made.recorded) == 3
    assert [r.index for r in made.refused] == [1, 4]
    assert [r.error.values for r in made.refused] == [
        {"given": 2, "needed": 3},
        {"given": 1, "needed": 2},
    ]


def test_it_should_apply_a_new_quorum_in_the_other_contract(world: ContractWorld) -> None:
    world.accepted(world.ruled("SetQuorum", quorum=3))

    error = world.refused(world.waive(FIRST, SECOND))

    assert error.values == {"given": 2, "needed": 3}
    world.accepted(world.waive(FIRST, SECOND, THIRD))


def test_it_should_not_count_an_authority_account_that_was_ended(world: ContractWorld) -> None:
    world.accepted(world.ruled("RemoveAccount", account=account(THIRD), reason="left"))

    error = world.refused(world.act("SetQuorum", FIRST, THIRD, quorum=2))

    assert (error.name, error.values) == ("EntrySignerNotLive", {"account": account(THIRD)})


# ---------------------------------------------------------------- nonces


def test_it_should_refuse_the_same_entry_again_in_the_same_batch_and_later(
    world: ContractWorld,
) -> None:
    signed = world.issue(nonce=77)
    made = world.record(signed, signed)
    assert (len(made.recorded), made.errors) == (1, ["EntryNonceUsed"])

    error = world.refused(signed)

    assert error.values == {"account": account("issuer"), "nonce": 77}


def test_it_should_refuse_another_entry_with_a_used_nonce(world: ContractWorld) -> None:
    world.accepted(world.issue(nonce=2**64 - 1))

    error = world.refused(world.sign(reply(world, nonce=2**64 - 1), "issuer"))

    assert error.name == "EntryNonceUsed"
    assert error.values == {"account": account("issuer"), "nonce": 2**64 - 1}


# ---------------------------------------------------------------- lateness


def test_it_should_record_what_happened_up_to_the_permitted_lateness_ago(
    world: ContractWorld,
) -> None:
    signed = world.sign(reply(world, happenedAt=world.now - MAX_LATENESS), "issuer")

    [recorded] = world.accepted(signed)

    assert not recorded.late


def test_it_should_refuse_what_happened_earlier(world: ContractWorld) -> None:
    early = world.now - MAX_LATENESS - 1

    error = world.refused(world.sign(reply(world, happenedAt=early), "issuer"))

    assert error.name == "EntryTooLate"
    assert error.values == {"happenedAt": early, "earliest": world.now - MAX_LATENESS}


def late(world: ContractWorld, *names: str) -> SignedEntry:
    return world.act(
        "Reply", *names, happenedAt=1, about=bytes(32), document=bytes(32), text="late"
    )


def test_it_should_record_it_as_late_with_the_signatures_of_the_authority(
    world: ContractWorld,
) -> None:
    [recorded] = world.accepted(late(world, "issuer", FIRST, SECOND))

    assert recorded.late
    assert recorded.author == org("bureau")


def test_it_should_refuse_it_with_too_few_signatures_of_the_authority(
    world: ContractWorld,
) -> None:
    assert world.refused(late(world, "issuer", FIRST)).name == "EntryTooLate"


def test_it_should_count_the_author_too_where_the_author_is_the_authority(
    world: ContractWorld,
) -> None:
    assert world.refused(late(world, FIRST)).name == "EntryTooLate"
    assert world.accepted(late(world, FIRST, SECOND))[0].late


def test_it_should_mark_only_the_late_entries_of_a_batch(world: ContractWorld) -> None:
    made = world.record(
        world.sign(reply(world), "issuer"),
        late(world, "issuer", FIRST, SECOND),
        world.sign(reply(world), "issuer"),
    )

    assert [r.late for r in made.recorded] == [False, True, False]


def test_it_should_record_what_happened_up_to_ten_minutes_after_the_block(
    world: ContractWorld,
) -> None:
    world.accepted(world.sign(reply(world, happenedAt=world.now + 600), "issuer"))


def test_it_should_refuse_what_happened_in_the_future(world: ContractWorld) -> None:
    error = world.refused(world.sign(reply(world, happenedAt=world.now + 601), "issuer"))

    assert error.name == "EntryFromFuture"
    assert error.values == {"happenedAt": world.now + 601, "blockTime": world.now}


def test_it_should_apply_a_new_lateness_to_the_next_entry_of_the_same_batch(
    world: ContractWorld,
) -> None:
    made = world.record(
        world.ruled("SetMaxLateness", maxLateness=10),
        world.act("DisableAccount", "clerk", happenedAt=world.now - 11, reason="late"),
        world.act("DisableAccount", "clerk", happenedAt=world.now - 10, reason="in time"),
    )

    assert (len(made.recorded), made.errors) == (2, ["EntryTooLate"])
    assert world.limits() == (2, 10)


# ---------------------------------------------------------------- order and gas


def test_it_should_name_the_first_rule_that_fails(world: ContractWorld) -> None:
    """Form, deadline, signatures, nonce, lateness, then the action's own."""
    world.accepted(world.sign(reply(world, nonce=600), "supplier"))
    wrong = {"nonce": 600, "happenedAt": 1, "deadline": 1}
    bad = RawText(b"\0")

    def error(by: str, **values: object) -> str:
        given: dict[str, object] = {"by": "supplier", "kind": "", **values}
        entry = world.issue(**given).entry  # type: ignore[arg-type]
        return world.refused(world.sign(entry, by)).name

    assert error("eve", **wrong, number=bad) == "EntryTextInvalid"
    assert error("eve", **wrong) == "EntryExpired"
    assert error("eve", **{**wrong, "deadline": world.now}) == "EntrySignerNotLive"
    assert error("supplier", **{**wrong, "deadline": world.now}) == "EntryNonceUsed"
    assert error("supplier", happenedAt=1) == "EntryTooLate"
    assert error("supplier") == "EntryRoleMissing"


def test_it_should_revert_a_batch_with_too_little_gas_and_refuse_nothing(
    world: ContractWorld,
) -> None:
    batch = [
        world.issue(by="eve"),
        world.issue(number="许可证"),
        world.issue(by="second issuer"),
        late(world, "supplier", FIRST, SECOND),
        world.submit(),
    ]
    data = [e.pack() for e in batch]
    before = world.storage()

    gas = 21_000 + 16 * len(packed_calldata(data))
    while True:
        receipt = world.send(QUALIFICATIONS, packed_calldata(data), gas=gas)
        if receipt.succeeded:
            break
        assert receipt.logs == ()
        assert world.storage() == before
        gas += 1_499
    made = world.record_bytes(QUALIFICATIONS, data)

    assert gas > 300_000
    assert len(receipt.logs) == 1 + 4 + 1 + 1  # a refusal, four records, one mark, the append
    assert set(made.errors) == {"EntrySignerNotLive", "EntryNonceUsed"}


def test_it_should_revert_as_a_whole_where_the_list_is_not_abi_encoded(
    world: ContractWorld,
) -> None:
    good = packed_calldata([world.issue().pack()])
    before = world.storage()
    for data in (good[:-64], good[:36], good[:4], good[:4] + b"\xff" * 64):
        receipt = world.send(QUALIFICATIONS, data)
        assert not receipt.succeeded
        assert receipt.logs == ()
    assert world.storage() == before


def test_it_should_have_no_other_way_to_write(world: ContractWorld) -> None:
    for name in (PARTICIPANTS, QUALIFICATIONS):
        writing = [
            e["name"]
            for e in load_artifacts()[name].abi
            if e["type"] == "function" and e["stateMutability"] not in ("view", "pure")
        ]
        assert writing == ["record"], name
        raw = world.sender.sign(world.addresses[name], b"", value=0)
        [handover] = world.chain.send_raw_transactions([raw])
        receipt = world.chain.receipt(handover.transaction_hash)
        assert receipt is not None
        assert not receipt.succeeded


# ---------------------------------------------------------------- the log over them


def test_it_should_keep_root_and_heads_that_anybody_can_recompute_from_the_events(
    world: ContractWorld,
) -> None:
    """From the first entry after founding on, with the founded log as the ground."""
    model = LogModel()
    for block in range(1, world.chain.head().number + 1):
        follow_block(world, model, block)
    made = world.record(*(world.issue() for _ in range(7)), world.issue(by="eve"))
    model.follow(world, QUALIFICATIONS, made)
    made = world.record(late(world, "issuer", FIRST, SECOND), world.submit())
    model.follow(world, QUALIFICATIONS, made)

    assert model.frontier.size == world.size()
    assert model.frontier.root() == world.root() == made.root != EMPTY_ROOT
    for subject, head in model.heads.items():
        assert world.head(subject) == head


def follow_block(world: ContractWorld, model: LogModel, block: int) -> None:
    for name in (PARTICIPANTS, QUALIFICATIONS):
        addresses = [world.addresses[name], world.addresses["EntryLog"]]
        logs = world.chain.logs(block, block, addresses)
        own = {log.transaction_hash for log in logs if log.address == addresses[0]}
        for digest in own:
            receipt = world.chain.receipt(digest)
            assert receipt is not None
            model.follow(world, name, outcome(receipt))
