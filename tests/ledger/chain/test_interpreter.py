"""Opcode by opcode the interpreter does what py-evm's loop does: gas, stack, memory, effects."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from coincurve import PrivateKey
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.vm.forks.london.state import LondonState
from eth.vm.message import Message
from eth_hash.auto import keccak
from eth_typing import Address, Hash32
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.chain.store import ChainStore
from ledger.chain.vm import LedgerVMState, context
from ledger.ethereum import EMPTY_ROOT

TO = Address(b"\x77" * 20)
FROM = Address(b"\x55" * 20)


@pytest.fixture(scope="module")
def store() -> Iterator[ChainStore]:
    with TemporaryDirectory() as folder:
        store = ChainStore(Path(folder) / "chain.db")
        yield store
        store.close()


def outcome(state: Any, code: bytes, data: bytes, gas: int) -> dict[str, object]:
    """Everything that running the code shows or leaves."""
    message = Message(gas=gas, to=TO, sender=FROM, value=0, data=data, code=code)
    state.mark_address_warm(TO)
    state.set_storage(TO, 1, 5)
    state.set_code(TO, code)
    state.lock_changes()
    done = state.computation_class.apply_message(
        state, message, state.get_transaction_context_class()(gas_price=0, origin=FROM)
    )
    found: dict[str, object] = {
        "error": done.is_error,
        "burns": done.should_burn_gas,
        "gas": done.get_gas_remaining(),
        "output": done.output,
        "refund": done.get_gas_refund(),
        "logs": done.get_log_entries(),
        "storage": [state.get_storage(TO, slot) for slot in range(6)],
        "calls": len(done.children),
    }
    if not done.is_error:
        found["memory"] = bytes(done._memory._bytes)
        found["stack"] = [
            int.from_bytes(v, "big") if isinstance(v, bytes) else v for v in done._stack.values
        ]
    return found


def both(
    store: ChainStore, code: bytes, data: bytes = b"", gas: int = 200_000
) -> dict[str, object]:
    """What happens under our loop, which must be what happens under theirs."""
    here = context(9, 1_700_000_000, 1234, [b"\x08" * 32, b"\x07" * 32])
    ours = outcome(LedgerVMState.at(store, EMPTY_ROOT, here), code, data, gas)
    stock = LondonState(AtomicDB(MemoryDB()), here, Hash32(EMPTY_ROOT))
    theirs = outcome(stock, code, data, gas)
    assert ours == theirs
    return ours


def push(value: int) -> bytes:
    raw = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return bytes([0x5F + len(raw)]) + raw


#: Copies the call's data into memory, hands it to the precompiled contract 1, returns the answer.
RECOVER = (
    b"\x36" + push(0) * 2 + b"\x37"
    + push(32) + push(256) + b"\x36" + push(0) + push(1) + b"\x61\x20\x00\xfa"
    + push(32) + push(256) + b"\xf3"
)  # fmt: skip

interesting = st.one_of(
    st.integers(0, 70),
    st.sampled_from([2**256 - 1, 2**255, 2**255 - 1, 2**128, 255, 256, 257, 2**64, 32, 31, 33]),
    st.integers(0, 2**256 - 1),
)
ALL_OPCODES = list(range(256))
pieces = st.one_of(
    interesting.map(push),
    interesting.map(push),
    st.sampled_from(ALL_OPCODES).map(lambda op: bytes([op])),
    st.sampled_from(range(0x80, 0xA0)).map(lambda op: bytes([op])),
    # Jumps to the following JUMPDEST, taken or not; a loop of a few rounds.
    st.sampled_from([b"\x58\x60\x05\x01\x56\x5b", b"\x58\x60\x06\x01\x57\x5b", b"\x5b\x58\x57"]),
    # A call of itself or of a precompiled contract with what is in memory.
    st.sampled_from([0x77, 1, 2, 3, 4, 9]).map(
        lambda to: push(32) + push(0) + push(64) + push(0) * 2
        + (b"\x30" if to == 0x77 else push(to)) + b"\x61\x40\x00\xf1"
    ),
)  # fmt: skip


@given(st.lists(pieces, max_size=40), st.binary(max_size=80), st.integers(0, 60_000))
@settings(max_examples=settings().max_examples * 10)
def test_any_code_runs_as_in_py_evm(
    store: ChainStore, program: list[bytes], data: bytes, gas: int
) -> None:
    both(store, b"".join(program), data, gas)


@pytest.mark.parametrize("opcode", ALL_OPCODES)
def test_every_opcode_is_as_in_py_evm_with_plain_and_with_extreme_values(
    store: ChainStore, opcode: int
) -> None:
    extremes = (0, 1, 31, 32, 255, 256, 2**255, 2**256 - 1)
    both(store, bytes([opcode]), b"\xff" * 40)
    for top in extremes:
        for below in extremes:
            program = push(3) + push(64) + push(7) + push(below) + push(top) + bytes([opcode])
            both(store, program, b"\xff" * 40)


@pytest.mark.parametrize("opcode", ["51", "52", "53", "20", "37"])
@pytest.mark.parametrize("end", [1000, 22_000, 40_000, 200_000, 2**40, 2**255])
def test_large_memory_costs_its_square(store: ChainStore, opcode: str, end: int) -> None:
    operands = push(7) * (opcode != "51") + push(3) * (opcode == "37") + push(end)
    both(store, push(1) + operands + bytes.fromhex(opcode), b"data", 3_000_000)


@pytest.mark.parametrize("v", [0, 26, 27, 28, 29, 30])
@pytest.mark.parametrize("r", [0, 1, 2, 3, 4, 5, 6])
def test_only_two_kinds_of_recovery_exist(store: ChainStore, v: int, r: int) -> None:
    data = keccak(b"x") + v.to_bytes(32, "big") + r.to_bytes(32, "big") + keccak(b"s")
    both(store, RECOVER, data)


@pytest.mark.parametrize("opcode", [0x60, 0x80, 0x5A, 0x36, 0x30, 0x58, 0x3D])
def test_the_stack_holds_1024_words_and_no_more(store: ChainStore, opcode: int) -> None:
    one = bytes([opcode, 1]) if opcode == 0x60 else bytes([opcode])
    assert not both(store, push(1) * 1023 + one)["error"]
    assert both(store, push(1) * 1024 + one)["error"]


@given(st.integers(0, 3_000))
def test_running_out_of_gas_anywhere_is_as_in_py_evm(store: ChainStore, gas: int) -> None:
    program = (
        push(5) + push(1) + b"\x55" + push(1) + b"\x54" + push(99) + push(64) + b"\x52"
        + push(64) + push(32) + b"\x20" + push(200) + push(0) + push(0) + b"\x37"
        + push(32) + push(0) + b"\xa0" + push(32) + push(64) + b"\xf3"
    )  # fmt: skip
    both(store, program, b"data", gas * 10)


words = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.sampled_from([bytes(32), bytes(31) + b"\x01", b"\xff" * 32]),
)


@given(words, st.integers(25, 30), st.booleans(), words, words, st.integers(0, 140))
def test_signatures_are_recovered_as_in_py_evm(
    store: ChainStore, digest: bytes, v: int, genuine: bool, r: bytes, s: bytes, size: int
) -> None:
    if genuine:
        raw = PrivateKey(keccak(r)).sign_recoverable(digest, hasher=None)
        v, r, s = 27 + raw[64], raw[:32], raw[32:64]
        size = 128
    data = (digest + v.to_bytes(32, "big") + r + s)[:size]
    found = both(store, RECOVER, data)
    if genuine:
        assert found["output"] != bytes(32)
