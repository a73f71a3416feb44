"""The loop that runs contract code: py-evm's, without what makes it slow.

py-evm takes about ten microseconds for an opcode: a generator step, a dictionary, three calls, a
debug flag and two type checks. Recording rests on this loop, so the opcodes that compiled Solidity
consists of are done here, in place, on a stack of integers. Every other opcode, and every call of
a precompiled contract except ``ecrecover``, is py-evm's own. Gas, order of checks and effects are
the same; ``tests/ledger/chain/test_same_rules.py`` holds both against each other.

Source of the rules: Ethereum Yellow Paper, appendix H; EIP-2929 (access costs).
"""

from collections.abc import Callable
from typing import Any, Final, cast

from coincurve import PublicKey
from eth_hash.auto import keccak
from eth_typing import Address

from ledger.chain.pyevm import (
    ComputationAPI,
    FullStack,
    Halt,
    InsufficientStack,
    InvalidJumpDestination,
    InvalidOpcode,
    LondonComputation,
    MessageAPI,
    OutOfGas,
    StateAPI,
    TransactionContextAPI,
)
from ledger.chain.state import LedgerState

_WORD: Final = (1 << 256) - 1
_SIGN: Final = 1 << 255
_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_GAS_COLD_SLOT: Final = 2100
_GAS_WARM: Final = 100
_GAS_ECRECOVER: Final = 3000

#: By code: the value and the following position of each PUSH by its position, and all JUMPDESTs.
_Prepared = tuple[dict[int, tuple[int, int]], frozenset[int]]
_prepared: dict[bytes, _Prepared] = {}


def _prepare(code: bytes) -> _Prepared:
    found = _prepared.get(code)
    if found is None:
        pushes: dict[int, tuple[int, int]] = {}
        destinations = set()
        at = 0
        while at < len(code):
            opcode = code[at]
            if 0x60 <= opcode <= 0x7F:
                size = opcode - 0x5F
                value = int.from_bytes(code[at + 1 : at + 1 + size].ljust(size, b"\0"), "big")
                pushes[at] = (value, at + 1 + size)
                at += size
            elif opcode == 0x5B:
                destinations.add(at)
            at += 1
        if len(_prepared) >= 256:
            _prepared.clear()
        found = _prepared[code] = (pushes, frozenset(destinations))
    return found


def _ecrecover(computation: ComputationAPI) -> ComputationAPI:
    """The precompiled contract 1, by libsecp256k1 directly."""
    computation.consume_gas(_GAS_ECRECOVER, "ECRecover Precompile")
    data = computation.msg.data_as_bytes[:128].ljust(128, b"\0")
    v, r, s = (int.from_bytes(data[i : i + 32], "big") for i in (32, 64, 96))
    if v in (27, 28) and 0 < r < _ORDER and 0 < s < _ORDER:
        try:
            key = PublicKey.from_signature_and_message(
                data[64:128] + bytes((v - 27,)), data[:32], hasher=None
            )
        except Exception:  # no point on the curve: coincurve raises a bare Exception
            return computation
        computation.output = keccak(key.format(compressed=False)[1:])[12:].rjust(32, b"\0")
    return computation


class LedgerComputation(LondonComputation):
    """London's rules, run by :meth:`_run`."""

    _precompiles = {  # noqa: RUF012 - as in every class it descends from
        **(LondonComputation._precompiles or {}),
        Address(bytes(19) + b"\x01"): _ecrecover,
    }

    @classmethod
    def apply_computation(
        cls,
        state: StateAPI,
        message: MessageAPI,
        transaction_context: TransactionContextAPI,
        parent_computation: ComputationAPI | None = None,
    ) -> ComputationAPI:
        with cls(state, message, transaction_context) as entered:
            computation = cast(LedgerComputation, entered)
            if parent_computation is None:
                computation.contracts_created = []
            else:
                computation.contracts_created = parent_computation.contracts_created
            if message.is_create:
                computation.contracts_created.append(message.storage_address)
            precompile = cls._precompiles.get(message.code_address)
            if precompile is not None:
                precompile(computation)
            elif message.code:
                computation._run()
        return entered

    def _run(self) -> None:
        """Run the code; raises py-evm's ``VMError`` where it fails."""
        machine: Any = self  # py-evm's own fields, which its interfaces do not name
        code = self.msg.code
        pushes, destinations = _prepare(code)
        end = len(code)
        opcodes: dict[int, Callable[..., Any]] = self.opcodes
        meter = self._gas_meter
        stack: list[Any] = machine._stack.values  # integers, but for what py-evm just pushed
        push, pop = stack.append, stack.pop
        data = self.msg.data_as_bytes
        address = self.msg.storage_address
        ledger: LedgerState = machine.state.ledger
        memory: bytearray = machine._memory._bytes
        gas = meter.gas_remaining
        pc = 0

        def grow(size: int) -> int:
            """Extend memory to ``size`` bytes; gives the gas that is left."""
            old, new = len(memory) >> 5, (size + 31) >> 5
            left = gas - (3 * (new - old) + new * new // 512 - old * old // 512)
            if left < 0:
                raise OutOfGas("memory")
            memory.extend(bytes((new - old) << 5))
            return left

        try:
            while pc < end:
                opcode = code[pc]
                if opcode >= 0x60:
                    if opcode <= 0x7F:  # PUSH
                        value, pc = pushes[pc]
                        gas -= 3
                        push(value)
                        if len(stack) > 1024:
                            raise FullStack("stack limit")
                        continue
                    if opcode <= 0x8F:  # DUP
                        gas -= 3
                        push(stack[0x7F - opcode])
                        if len(stack) > 1024:
                            raise FullStack("stack limit")
                        pc += 1
                        continue
                    if opcode <= 0x9F:  # SWAP
                        gas -= 3
                        other = 0x8E - opcode
                        stack[-1], stack[other] = stack[other], stack[-1]
                        pc += 1
                        continue
                elif opcode >= 0x50:
                    if opcode == 0x5B:  # JUMPDEST
                        gas -= 1
                        pc += 1
                        continue
                    if opcode == 0x57:  # JUMPI
                        gas -= 10
                        target = pop()
                        if pop():
                            if target not in destinations:
                                raise InvalidJumpDestination("no JUMPDEST")
                            pc = target
                        else:
                            pc += 1
                        if gas < 0:
                            raise OutOfGas("JUMPI")
                        continue
                    if opcode == 0x50:  # POP
                        gas -= 2
                        pop()
                        pc += 1
                        continue
                    if opcode == 0x52:  # MSTORE
                        gas -= 3
                        start = pop()
                        value = pop()
                        if start + 32 > len(memory):
                            gas = grow(start + 32)
                        memory[start : start + 32] = value.to_bytes(32, "big")
                        pc += 1
                        continue
                    if opcode == 0x51:  # MLOAD
                        gas -= 3
                        start = stack[-1]
                        if start + 32 > len(memory):
                            gas = grow(start + 32)
                        stack[-1] = int.from_bytes(memory[start : start + 32], "big")
                        pc += 1
                        continue
                    if opcode == 0x56:  # JUMP
                        gas -= 8
                        pc = pop()
                        if pc not in destinations:
                            raise InvalidJumpDestination("no JUMPDEST")
                        if gas < 0:
                            raise OutOfGas("JUMP")
                        continue
                    if opcode == 0x54:  # SLOAD
                        slot = stack[-1]
                        if ledger.is_storage_warm(address, slot):
                            gas -= _GAS_WARM
                        else:
                            gas -= _GAS_COLD_SLOT
                            ledger.mark_storage_warm(address, slot)
                        if gas < 0:
                            raise OutOfGas("SLOAD")
                        stack[-1] = ledger.get_storage(address, slot)
                        pc += 1
                        continue
                    if opcode == 0x5A:  # GAS
                        gas -= 2
                        if gas < 0:
                            raise OutOfGas("GAS")
                        push(gas)
                        if len(stack) > 1024:
                            raise FullStack("stack limit")
                        pc += 1
                        continue
                    if opcode == 0x53:  # MSTORE8
                        gas -= 3
                        start = pop()
                        value = pop()
                        if start + 1 > len(memory):
                            gas = grow(start + 1)
                        memory[start] = value & 0xFF
                        pc += 1
                        continue
                elif opcode < 0x1D:
                    if opcode == 0x01:  # ADD
                        gas -= 3
                        value = pop()
                        stack[-1] = (value + stack[-1]) & _WORD
                        pc += 1
                        continue
                    if opcode == 0x15:  # ISZERO
                        gas -= 3
                        stack[-1] = 0 if stack[-1] else 1
                        pc += 1
                        continue
                    if opcode == 0x16:  # AND
                        gas -= 3
                        value = pop()
                        stack[-1] &= value
                        pc += 1
                        continue
                    if opcode == 0x03:  # SUB
                        gas -= 3
                        value = pop()
                        stack[-1] = (value - stack[-1]) & _WORD
                        pc += 1
                        continue
                    if opcode == 0x1B:  # SHL
                        gas -= 3
                        shift = pop()
                        stack[-1] = (stack[-1] << shift) & _WORD if shift < 256 else 0
                        pc += 1
                        continue
                    if opcode == 0x1C:  # SHR
                        gas -= 3
                        shift = pop()
                        stack[-1] = stack[-1] >> shift if shift < 256 else 0
                        pc += 1
                        continue
                    if opcode == 0x10:  # LT
                        gas -= 3
                        value = pop()
                        stack[-1] = 1 if value < stack[-1] else 0
                        pc += 1
                        continue
                    if opcode == 0x11:  # GT
                        gas -= 3
                        value = pop()
                        stack[-1] = 1 if value > stack[-1] else 0
                        pc += 1
                        continue
                    if opcode == 0x14:  # EQ
                        gas -= 3
                        value = pop()
                        stack[-1] = 1 if value == stack[-1] else 0
                        pc += 1
                        continue
                    if opcode == 0x17:  # OR
                        gas -= 3
                        value = pop()
                        stack[-1] |= value
                        pc += 1
                        continue
                    if opcode == 0x18:  # XOR
                        gas -= 3
                        value = pop()
                        stack[-1] ^= value
                        pc += 1
                        continue
                    if opcode == 0x19:  # NOT
                        gas -= 3
                        stack[-1] ^= _WORD
                        pc += 1
                        continue
                    if opcode == 0x02:  # MUL
                        gas -= 5
                        value = pop()
                        stack[-1] = (value * stack[-1]) & _WORD
                        pc += 1
                        continue
                    if opcode == 0x04:  # DIV
                        gas -= 5
                        value = pop()
                        stack[-1] = value // stack[-1] if stack[-1] else 0
                        pc += 1
                        continue
                    if opcode == 0x06:  # MOD
                        gas -= 5
                        value = pop()
                        stack[-1] = value % stack[-1] if stack[-1] else 0
                        pc += 1
                        continue
                    if opcode == 0x12 or opcode == 0x13:  # SLT, SGT: as if shifted by 2**255
                        gas -= 3
                        value = pop() ^ _SIGN
                        other = stack[-1] ^ _SIGN
                        smaller = value < other if opcode == 0x12 else value > other
                        stack[-1] = 1 if smaller else 0
                        pc += 1
                        continue
                    if opcode == 0x1A:  # BYTE
                        gas -= 3
                        index = pop()
                        stack[-1] = stack[-1] >> (8 * (31 - index)) & 0xFF if index < 32 else 0
                        pc += 1
                        continue
                    if opcode == 0x00:  # STOP
                        break
                elif opcode == 0x35:  # CALLDATALOAD
                    gas -= 3
                    start = stack[-1]
                    word = data[start : start + 32] if start < len(data) else b""
                    stack[-1] = int.from_bytes(word.ljust(32, b"\0"), "big")
                    pc += 1
                    continue
                elif opcode == 0x20:  # KECCAK256
                    start = pop()
                    size = pop()
                    gas -= 30 + 6 * ((size + 31) >> 5)
                    if size and start + size > len(memory):
                        gas = grow(start + size)
                    if gas < 0:
                        raise OutOfGas("KECCAK256")
                    push(int.from_bytes(keccak(bytes(memory[start : start + size])), "big"))
                    pc += 1
                    continue
                elif opcode == 0x37:  # CALLDATACOPY
                    to = pop()
                    start = pop()
                    size = pop()
                    gas -= 3 + 3 * ((size + 31) >> 5)
                    if gas < 0:
                        raise OutOfGas("CALLDATACOPY")
                    if size:
                        if to + size > len(memory):
                            gas = grow(to + size)
                        memory[to : to + size] = data[start : start + size].ljust(size, b"\0")
                    pc += 1
                    continue

                # Everything else is py-evm's. It leaves at most one new value, on top.
                if gas < 0:
                    raise OutOfGas("before an opcode")
                meter.gas_remaining = gas
                pc += 1
                self.code.program_counter = pc
                function = opcodes.get(opcode)
                if function is None:
                    function = InvalidOpcode(opcode)
                function(computation=self)
                gas = meter.gas_remaining
                memory = machine._memory._bytes
                if stack and type(stack[-1]) is bytes:
                    stack[-1] = int.from_bytes(stack[-1], "big")
        except IndexError:
            raise InsufficientStack("stack underflow") from None
        except Halt:  # RETURN and SELFDESTRUCT; the meter is right
            return
        if gas < 0:
            raise OutOfGas("at the end")
        meter.gas_remaining = gas
