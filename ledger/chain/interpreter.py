"""How contract code is run: py-evm's machine, its inner loop translated to Python once.

py-evm takes about ten microseconds for an opcode: a generator step, a dictionary, three calls, a
debug flag and two type checks. Recording rests on this loop. So straight runs of code (from a
jump's destination to the next jump) are translated into Python functions at their first use, in
which the stack's upper part are local variables. Opcodes that reach beyond the frame (calls,
creations, storage writes, events, returns …) and all rare ones are py-evm's own.

Why this is the same: within a run nothing can be seen from outside, and every failure in it (no
gas, stack too short or too long, bad destination) has the same outcome, burning the frame's gas;
so a run's fixed gas and stack height are checked at its start. ``tests/ledger/chain/
test_interpreter.py`` holds both machines against each other, opcode by opcode.

Source of the rules: Ethereum Yellow Paper, appendix H; EIP-2929 (access costs).
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

from coincurve import PublicKey
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
from ledger.hashing import keccak

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_STACK_LIMIT: Final = 1024

_GAS_COLD_SLOT: Final = 2100
_GAS_WARM: Final = 100
_GAS_ECRECOVER: Final = 3000


# -------------------------------------------------------------------------------- translation

#: (stack, memory, gas, call data, state, address) → (where to go on, gas left).
_Run: TypeAlias = Callable[[list[Any], bytearray, int, bytes, LedgerState, bytes], tuple[int, int]]

#: Opcode → fixed gas and value, of the operands a (top), b.
_PURE: Final[dict[int, tuple[int, int, str]]] = {
    0x01: (3, 2, "({a} + {b}) & WORD"),
    0x02: (5, 2, "({a} * {b}) & WORD"),
    0x03: (3, 2, "({a} - {b}) & WORD"),
    0x04: (5, 2, "{a} // {b} if {b} else 0"),
    0x06: (5, 2, "{a} % {b} if {b} else 0"),
    0x10: (3, 2, "1 if {a} < {b} else 0"),
    0x11: (3, 2, "1 if {a} > {b} else 0"),
    # Signed: as if both were shifted by 2**255.
    0x12: (3, 2, "1 if {a} ^ SIGN < {b} ^ SIGN else 0"),
    0x13: (3, 2, "1 if {a} ^ SIGN > {b} ^ SIGN else 0"),
    0x14: (3, 2, "1 if {a} == {b} else 0"),
    0x15: (3, 1, "0 if {a} else 1"),
    0x16: (3, 2, "{a} & {b}"),
    0x17: (3, 2, "{a} | {b}"),
    0x18: (3, 2, "{a} ^ {b}"),
    0x19: (3, 1, "{a} ^ WORD"),
    0x1A: (3, 2, "{b} >> 8 * (31 - {a}) & 255 if {a} < 32 else 0"),
    0x1B: (3, 2, "({b} << {a}) & WORD if {a} < 256 else 0"),
    0x1C: (3, 2, "{b} >> {a} if {a} < 256 else 0"),
    0x30: (2, 0, "int.from_bytes(address, 'big')"),
    0x35: (3, 1, "int.from_bytes(data[{a} : {a} + 32].ljust(32, ZERO), 'big')"),
    0x36: (2, 0, "len(data)"),
    0x59: (2, 0, "len(memory)"),
}

_GROW: Final = "if {end} > len(memory): gas = grow(memory, gas, {end})"

#: Opcode → fixed gas, operands a, b, c from the top, statements, and the value pushed, if any.
_EFFECTS: Final[dict[int, tuple[int, int, tuple[str, ...], str]]] = {
    0x20: (
        30,
        2,
        (
            "gas -= 6 * ({b} + 31 >> 5)",
            "if {b} and {a} + {b} > len(memory): gas = grow(memory, gas, {a} + {b})",
            "if gas < 0: raise OutOfGas('KECCAK256')",
        ),
        "int.from_bytes(keccak(bytes(memory[{a} : {a} + {b}])), 'big')",
    ),
    0x37: (
        3,
        3,
        (
            "gas -= 3 * ({c} + 31 >> 5)",
            "if gas < 0: raise OutOfGas('CALLDATACOPY')",
            "if {c} and {a} + {c} > len(memory): gas = grow(memory, gas, {a} + {c})",
            "if {c}: memory[{a} : {a} + {c}] = data[{b} : {b} + {c}].ljust({c}, ZERO)",
        ),
        "",
    ),
    0x50: (2, 1, (), ""),
    0x51: (
        3,
        1,
        (_GROW.format(end="{a} + 32"),),
        "int.from_bytes(memory[{a} : {a} + 32], 'big')",
    ),
    0x52: (
        3,
        2,
        (_GROW.format(end="{a} + 32"), "memory[{a} : {a} + 32] = ({b}).to_bytes(32, 'big')"),
        "",
    ),
    0x53: (3, 2, (_GROW.format(end="{a} + 1"), "memory[{a}] = {b} & 255"), ""),
    0x54: (
        0,
        1,
        (
            "if state.is_storage_warm(address, {a}): gas -= WARM",
            "else: gas -= COLD; state.mark_storage_warm(address, {a})",
            "if gas < 0: raise OutOfGas('SLOAD')",
        ),
        "state.get_storage(address, {a})",
    ),
    0x5B: (1, 0, (), ""),
}


def _grow(memory: bytearray, gas: int, size: int) -> int:
    """Extend memory to ``size`` bytes, in whole words; gives the gas that is left."""
    old, new = len(memory) >> 5, (size + 31) >> 5
    gas -= 3 * (new - old) + new * new // 512 - old * old // 512
    if gas < 0:
        raise OutOfGas("memory")
    memory.extend(bytes((new - old) << 5))
    return gas


_BAD_JUMP: Final = "raise InvalidJumpDestination('no JUMPDEST')"
_NAMES: Final = {
    "WORD": (1 << 256) - 1,
    "SIGN": 1 << 255,
    "ZERO": b"\0",
    "WARM": _GAS_WARM,
    "COLD": _GAS_COLD_SLOT,
    "LIMIT": _STACK_LIMIT,
    "grow": _grow,
    "keccak": keccak,
    "OutOfGas": OutOfGas,
    "FullStack": FullStack,
    "InvalidJumpDestination": InvalidJumpDestination,
}


class _Code:
    """The bytecode of one contract with what was translated of it."""

    def __init__(self, code: bytes) -> None:
        self._code = code
        self.destinations = _destinations(code)
        #: By position: the run that starts there; None where py-evm's opcode stands.
        self.runs: dict[int, _Run | None] = {}

    def translate(self, start: int) -> _Run | None:
        """The run that starts there, or None if its first opcode is left to py-evm."""
        code = self._code
        lines: list[str] = []
        #: What lies above the real stack: names of variables, and integers as they stand.
        upper: list[str] = []
        popped = highest = gas = fresh = 0
        at = start
        end = ""

        def need(count: int) -> None:
            nonlocal popped, fresh
            while len(upper) < count:
                lines.append(f"v{fresh} = stack.pop()")
                upper.insert(0, f"v{fresh}")
                popped += 1
                fresh += 1

        def give(value: str) -> None:
            nonlocal fresh
            lines.append(f"v{fresh} = {value}")
            upper.append(f"v{fresh}")
            fresh += 1

        while not end:
            opcode = code[at] if at < len(code) else 0x00
            if opcode == 0x5B and at > start:
                end = f"return {at}, gas"
                break
            if opcode in _PURE or opcode in _EFFECTS:
                if opcode in _PURE:
                    cost, operands, value = _PURE[opcode]
                    statements: tuple[str, ...] = ()
                else:
                    cost, operands, statements, value = _EFFECTS[opcode]
                gas += cost
                need(operands)
                names = dict(zip("abc", reversed(upper[len(upper) - operands :]), strict=False))
                del upper[len(upper) - operands :]
                lines += [statement.format(**names) for statement in statements]
                if value:
                    give(value.format(**names))
            elif 0x60 <= opcode <= 0x7F:  # PUSH
                size = opcode - 0x5F
                gas += 3
                literal = code[at + 1 : at + 1 + size].ljust(size, b"\0")
                upper.append(str(int.from_bytes(literal, "big")))
                at += size
            elif 0x80 <= opcode <= 0x8F:  # DUP
                gas += 3
                need(opcode - 0x7F)
                upper.append(upper[0x7F - opcode])
            elif 0x90 <= opcode <= 0x9F:  # SWAP
                gas += 3
                need(opcode - 0x8E)
                other = 0x8E - opcode
                upper[-1], upper[other] = upper[other], upper[-1]
            elif opcode == 0x58:  # PC
                gas += 2
                upper.append(str(at))
            elif opcode in (0x56, 0x57):  # JUMP, JUMPI
                gas += 8 if opcode == 0x56 else 10
                need(opcode - 0x55)
                target = upper.pop()
                lines_of_jump = []
                if not target.isdigit():
                    lines_of_jump.append(f"if {target} not in destinations: {_BAD_JUMP}")
                elif int(target) not in self.destinations:
                    lines_of_jump.append(_BAD_JUMP)
                lines_of_jump.append(f"return {target}, gas")
                jump = "\n".join(lines_of_jump)
                if opcode == 0x57:
                    condition = upper.pop()
                    taken = jump.replace("\n", "\n ")
                    jump = f"if {condition}:\n {taken}\nreturn {at + 1}, gas"
                end = jump
            else:
                if at == start:
                    return None
                end = f"return {at}, gas"
            highest = max(highest, len(upper) - popped)
            at += 1

        if upper:
            lines.append(f"stack += ({', '.join(upper)},)")
        head = [f"gas -= {gas}", "if gas < 0: raise OutOfGas('run')"]
        if highest > 0:
            head.append(f"if len(stack) + {highest} > LIMIT: raise FullStack('stack limit')")
        body = "\n".join((*head, *lines, end)).replace("\n", "\n ")
        source = f"def run(stack, memory, gas, data, state, address):\n {body}\n"
        space: dict[str, Any] = {**_NAMES, "destinations": self.destinations}
        exec(compile(source, f"<bytecode at {start}>", "exec"), space)
        return cast(_Run, space["run"])


def _destinations(code: bytes) -> frozenset[int]:
    """The positions of all JUMPDESTs that are not part of a PUSH."""
    found = set()
    at = 0
    while at < len(code):
        opcode = code[at]
        if opcode == 0x5B:
            found.add(at)
        at += opcode - 0x5E if 0x60 <= opcode <= 0x7F else 1
    return frozenset(found)


_codes: dict[bytes, _Code] = {}


def _translated(code: bytes) -> _Code:
    found = _codes.get(code)
    if found is None:
        if len(_codes) >= 64:
            _codes.clear()
        found = _codes[code] = _Code(code)
    return found


# ---------------------------------------------------------------------------------- execution


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
        code = self.msg.code
        translated = _translated(code)
        runs = translated.runs
        machine: Any = self  # py-evm's own fields, which its interfaces do not name
        meter = self._gas_meter
        stack: list[Any] = machine._stack.values  # integers, but for what py-evm just pushed
        memory: bytearray = machine._memory._bytes
        state: LedgerState = machine.state.ledger
        opcodes: dict[int, Callable[..., Any]] = self.opcodes
        data = self.msg.data_as_bytes
        address = self.msg.storage_address
        gas = meter.gas_remaining
        end = len(code)
        at = 0
        try:
            while at < end:
                try:
                    run = runs[at]
                except KeyError:
                    run = runs[at] = translated.translate(at)
                if run is not None:
                    at, gas = run(stack, memory, gas, data, state, address)
                    continue
                if gas < 0:
                    raise OutOfGas("before an opcode")
                opcode = code[at]
                at += 1
                meter.gas_remaining = gas
                machine.code.program_counter = at
                function = opcodes.get(opcode)
                if function is None:
                    function = InvalidOpcode(opcode)
                function(computation=self)
                gas = meter.gas_remaining
                memory = machine._memory._bytes
                if stack and type(stack[-1]) is bytes:  # it leaves at most one value, on top
                    stack[-1] = int.from_bytes(stack[-1], "big")
        except IndexError:
            raise InsufficientStack("stack underflow") from None
        except Halt:  # STOP, RETURN and SELFDESTRUCT; the meter is right
            return
        if gas < 0:
            raise OutOfGas("at the end")
        meter.gas_remaining = gas
