"""A chain for simulations: the gateway's protocol, the contracts' bookkeeping, and every mishap.

Entries are real ones and travel in real transactions; what the contracts do with them is reduced
to what matters to whoever relays: a nonce is used once, an entry may need an earlier one, a batch
may run out of gas. The text of an entry is its part in the play (:class:`Part`).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_abi.abi import encode as abi_encode
from eth_hash.auto import keccak

from ledger.chain.deployment import DeployedContract, Deployment
from ledger.chain.protocol import (
    AccountProof,
    Block,
    CallReverted,
    EngineProfile,
    Handover,
    Log,
    Receipt,
    Refusal,
)
from ledger.errors import ChainUnavailableError
from ledger.ethereum import decode
from ledger.signing import Signer, recover
from ledger.typed_data import Entry, SignedEntry

CONTRACTS = ("ParticipantRegistry", "QualificationRegistry")
CHAIN_ID = 77
PROFILE = EngineProfile(
    name="simulated",
    confirmations=3,
    max_fee_per_gas=0,
    priority_fee_per_gas=0,
    gas_limit=1 << 24,
    block_period=2.0,
)
DEPLOYMENT = Deployment(
    CHAIN_ID,
    b"\x01" * 32,
    {
        n: DeployedContract(n, keccak(n.encode())[:20], bytes(32), 0)
        for n in (*CONTRACTS, "EntryLog")
    },
)
NOW = 1_600_000_000

_RECORDED = keccak(b"EntryRecorded(uint256,bytes32,bytes20,bytes)")
_REFUSED = keccak(b"EntryRefused(bytes32,uint256,bytes)")


@dataclass(frozen=True)
class Part:
    """What an entry does: ``needs`` another by number; ``bad`` ones are always refused;
    ``weight`` is how much gas it takes."""

    number: int
    needs: int | None = None
    bad: bool = False
    weight: int = 1

    def text(self) -> str:
        needs = "" if self.needs is None else self.needs
        return f"{self.number};{needs};{int(self.bad)};{self.weight}"

    @classmethod
    def read(cls, text: str) -> "Part":
        number, needs, bad, weight = text.split(";")
        return cls(int(number), int(needs) if needs else None, bad == "1", int(weight))


def entry_of(part: Part, signer: Signer, contract: str) -> SignedEntry:
    common = {"nonce": part.number, "happenedAt": NOW, "deadline": NOW + 1_000_000}
    if contract == "ParticipantRegistry":
        entry = Entry.of("DisableAccount", **common, reason=part.text())
    else:
        entry = Entry.of("Reply", **common, about=bytes(32), document=bytes(32), text=part.text())
    digest = entry.digest(DEPLOYMENT.domain(contract))
    return SignedEntry(entry, (signer.sign_digest(digest),))


@dataclass
class Clock:
    now: float = float(NOW)

    def __call__(self) -> float:
        return self.now


@dataclass
class _State:
    """What the contracts know after some blocks."""

    used: set[tuple[str, bytes, int]] = field(default_factory=set)
    there: set[int] = field(default_factory=set)
    digests: dict[bytes, int] = field(default_factory=dict)
    counts: dict[bytes, int] = field(default_factory=dict)

    def copy(self) -> "_State":
        return _State(set(self.used), set(self.there), dict(self.digests), dict(self.counts))


@dataclass
class _Block:
    head: Block
    receipts: dict[bytes, Receipt]
    state: _State


@dataclass(frozen=True)
class _Transaction:
    raw: bytes
    hash: bytes
    sender: bytes
    nonce: int
    to: bytes
    packed: tuple[bytes, ...]

    @classmethod
    def read(cls, raw: bytes, sender: bytes) -> "_Transaction":
        fields = decode(raw[1:])
        data = fields[7][4:]
        return cls(
            raw, keccak(raw), sender, int.from_bytes(fields[1], "big"), fields[5], _entries(data)
        )


def _entries(data: bytes) -> tuple[bytes, ...]:
    def word(at: int) -> int:
        return int.from_bytes(data[at : at + 32], "big")

    found = []
    for i in range(word(32)):
        at = 64 + word(64 + 32 * i)
        found.append(data[at + 32 : at + 32 + word(at)])
    return tuple(found)


@dataclass
class Mishaps:
    """How likely each is, per call or per block; all zero once a simulation calms down."""

    unavailable: float = 0.0
    dropped: float = 0.0
    delayed: float = 0.0
    stale: float = 0.0
    reorganised: float = 0.0
    stalled: float = 0.0


class SimulatedChain:
    """See the module. ``relayer`` sends; ``gas`` is how much weight one transaction carries."""

    def __init__(
        self, chance: random.Random, clock: Clock, relayer: bytes, *, gas: int = 1_000
    ) -> None:
        self._chance = chance
        self._clock = clock
        self._relayer = relayer
        self._gas = gas
        self.mishaps = Mishaps()
        self._blocks = [_Block(Block(0, keccak(b"0"), bytes(32), NOW), {}, _State())]
        self._pool: dict[tuple[bytes, int], tuple[_Transaction, float]] = {}
        self._known: dict[bytes, _Transaction] = {}
        self._forks = 0
        self._final = 0
        #: Every transaction that was ever handed over, by nonce.
        self.handed_over: dict[int, set[bytes]] = {}

    # -- what happens by itself ----------------------------------------------------------------

    def tick(self) -> None:
        """Time passes by one block."""
        self._clock.now += PROFILE.block_period
        self._final = max(self._final, len(self._blocks) - 1 - PROFILE.confirmations)
        if self._happens(self.mishaps.reorganised):
            self._reorganise(self._chance.randint(1, PROFILE.confirmations))
        if not self._happens(self.mishaps.stalled):
            self._mine()

    def relay_as_somebody_else(self, contract: str, packed: bytes) -> None:
        """A participant sends an entry alone."""
        sender = b"\x55" * 20
        nonce = self._chance.getrandbits(60)
        made = _Transaction(
            b"", keccak(b"other%d" % nonce), sender, -1, DEPLOYMENT.address(contract), (packed,)
        )
        self._pool[sender, nonce] = (made, self._clock.now)

    def forget(self, transaction: bytes) -> None:
        """Another transaction takes the nonce of this one, which is dropped everywhere."""
        [(key, (lost, _))] = [(k, v) for k, v in self._pool.items() if v[0].hash == transaction]
        other = _Transaction(b"", keccak(b"other"), lost.sender, lost.nonce, bytes(20), ())
        self._pool[key] = (other, self._clock.now)

    def _happens(self, likelihood: float) -> bool:
        return self._chance.random() < likelihood

    def _reorganise(self, depth: int) -> None:
        self._forks += 1
        # Never deeper than what anybody may have been told is final.
        for _ in range(min(depth, len(self._blocks) - 1 - self._final)):
            for receipt in self._blocks.pop().receipts.values():
                transaction = self._known[receipt.transaction_hash]
                if self._chance.random() < 0.6:
                    self._pool[transaction.sender, transaction.nonce] = (
                        transaction,
                        self._clock.now + self._chance.choice((0, 0, 4, 9)),
                    )

    def _mine(self) -> None:
        parent = self._blocks[-1]
        state = parent.state.copy()
        number = parent.head.number + 1
        block_hash = keccak(b"%d/%d" % (number, self._forks))
        receipts: dict[bytes, Receipt] = {}
        most = self._chance.randint(1, 4) if self.mishaps.delayed else 100
        for key in sorted(self._pool, key=lambda k: (k[0], k[1])):
            transaction, ready = self._pool[key]
            following = state.counts.get(transaction.sender, 0)
            if transaction.nonce not in (-1, following):
                if transaction.nonce < following:
                    del self._pool[key]
                continue
            if ready > self._clock.now or len(receipts) >= most:
                continue
            del self._pool[key]
            self._known[transaction.hash] = transaction
            state.counts[transaction.sender] = following + 1
            receipts[transaction.hash] = self._run(
                transaction, state, number, block_hash, len(receipts)
            )
        self._blocks.append(
            _Block(
                Block(number, block_hash, parent.head.hash, int(self._clock.now)), receipts, state
            )
        )

    def _run(
        self, transaction: _Transaction, state: _State, number: int, block_hash: bytes, index: int
    ) -> Receipt:
        logs: list[Log] = []

        def emit(topics: tuple[bytes, ...], data: bytes) -> None:
            logs.append(
                Log(
                    number,
                    block_hash,
                    transaction.hash,
                    index,
                    len(logs),
                    transaction.to,
                    topics,
                    data,
                )
            )

        contract = DEPLOYMENT.name_of(transaction.to)
        fits = contract is not None and _weight(contract, transaction.packed) <= self._gas
        if contract is not None and fits:
            for position, packed in enumerate(transaction.packed):
                digest, error = _apply(contract, packed, state)
                if error:
                    data = abi_encode(["uint256", "bytes"], [position, error])
                    emit((_REFUSED, digest), data)
                else:
                    sequence = state.digests[digest]
                    topics = (
                        _RECORDED,
                        sequence.to_bytes(32, "big"),
                        bytes(32),
                        b"\x01" * 20 + bytes(12),
                    )
                    emit(topics, abi_encode(["bytes"], [packed]))
        return Receipt(transaction.hash, number, block_hash, fits, 1, None, tuple(logs))

    # -- what a node says ------------------------------------------------------------------------

    def _answer(self) -> int:
        """The head of the node that answers, if it does."""
        if self._happens(self.mishaps.unavailable):
            raise ChainUnavailableError("no answer")
        lag = self._chance.randint(1, 5) if self._happens(self.mishaps.stale) else 0
        return max(0, len(self._blocks) - 1 - lag)

    @property
    def profile(self) -> EngineProfile:
        return PROFILE

    def chain_id(self) -> int:
        return CHAIN_ID

    def genesis_hash(self) -> bytes:
        return DEPLOYMENT.genesis_hash

    def head(self) -> Block:
        return self._blocks[self._answer()].head

    def final_head(self) -> Block:
        return self._blocks[max(0, self._answer() - PROFILE.confirmations)].head

    def block(self, number: int) -> Block | None:
        return self._blocks[number].head if number <= self._answer() else None

    def call(self, to: bytes, data: bytes, block_number: int | None = None) -> bytes:
        self._answer()
        contract = DEPLOYMENT.name_of(to)
        assert contract is not None
        if _weight(contract, _entries(data[4:])) > self._gas:
            raise CallReverted(b"")
        return b""

    def transaction_count(self, address: bytes) -> int:
        return self._blocks[self._answer()].state.counts.get(address, 0)

    def send_raw_transactions(self, raws: Sequence[bytes]) -> list[Handover]:
        self._answer()
        handovers = []
        for raw in raws:
            transaction = _Transaction.read(raw, self._relayer)
            self.handed_over.setdefault(transaction.nonce, set()).add(transaction.hash)
            handovers.append(self._take(transaction))
        if self._happens(self.mishaps.unavailable):
            raise ChainUnavailableError("the answer was lost")
        return handovers

    def _take(self, transaction: _Transaction) -> Handover:
        following = self._blocks[-1].state.counts.get(transaction.sender, 0)
        if any(transaction.hash in b.receipts for b in self._blocks):
            # Some engines know what they have mined, some only see the nonce.
            if self._chance.random() < 0.5:
                return Handover(transaction.hash)
            return Handover(transaction.hash, Refusal("nonce-used", "nonce too low"))
        if transaction.nonce < following:
            return Handover(transaction.hash, Refusal("nonce-used", "nonce too low"))
        key = (transaction.sender, transaction.nonce)
        if not self._happens(self.mishaps.dropped):
            late = self._happens(self.mishaps.delayed)
            ready = self._clock.now + (self._chance.uniform(0, 30) if late else 0)
            known = self._pool.get(key)
            if known is None or known[0].hash != transaction.hash:
                self._pool[key] = (transaction, ready)
        return Handover(transaction.hash)

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        for block in self._blocks[: self._answer() + 1]:
            if transaction_hash in block.receipts:
                return block.receipts[transaction_hash]
        return None

    def code(self, address: bytes, block_number: int | None = None) -> bytes:
        raise AssertionError("nobody asks")

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        raise AssertionError("nobody asks")

    def storage_at(self, address: bytes, slot: int, block_number: int | None = None) -> bytes:
        raise AssertionError("nobody asks")

    def proof(
        self, address: bytes, slots: Sequence[int], block_number: int | None = None
    ) -> AccountProof:
        raise AssertionError("nobody asks")

    def close(self) -> None: ...

    # -- the truth, for whoever judges -------------------------------------------------------------

    def recorded(self) -> dict[bytes, int]:
        """Digest → sequence of all that is on the ledger."""
        return dict(self._blocks[-1].state.digests)

    def mined(self) -> list[bytes]:
        """The packed entries of every ``EntryRecorded``, in order."""
        return [
            log.data[64 : 64 + int.from_bytes(log.data[32:64], "big")]
            for block in self._blocks
            for receipt in block.receipts.values()
            for log in receipt.logs
            if log.topics[0] == _RECORDED
        ]

    def final_state(self, lag: int) -> tuple[int, dict[bytes, int]]:
        """What an index knows that has read all but the newest ``lag`` final blocks."""
        number = max(0, len(self._blocks) - 1 - PROFILE.confirmations - lag)
        return number, self._blocks[number].state.digests


class SimulatedIndex:
    """Reads final blocks only, and may be behind."""

    def __init__(self, chain: SimulatedChain, chance: random.Random) -> None:
        self._chain = chain
        self._chance = chance

    def block_number(self) -> int:
        lag = self._chance.randint(0, 2) if self._chain.mishaps.stale else 0
        return self._chain.final_state(lag)[0]

    def sequences(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        found = self._chain.final_state(0)[1]
        return {d: found[d] for d in digests if d in found}

    def recorded(self, signed: Sequence[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], int]:
        """Nobody signs another's words here."""
        found = self._chain.final_state(0)[1]
        return {(d, signer): found[d] for d, signer in signed if d in found}


def _parts(contract: str, packed: Sequence[bytes]) -> list[tuple[SignedEntry, Part]]:
    field_name = "reason" if contract == "ParticipantRegistry" else "text"
    found = []
    for item in packed:
        signed = SignedEntry.unpack(contract, item)
        found.append((signed, Part.read(str(signed.entry.values[field_name]))))
    return found


def _weight(contract: str, packed: Sequence[bytes]) -> int:
    return sum(part.weight for _, part in _parts(contract, packed))


def _apply(contract: str, packed: bytes, state: _State) -> tuple[bytes, bytes]:
    """The digest, and the ABI-encoded error or nothing."""
    [(signed, part)] = _parts(contract, [packed])
    digest = signed.entry.digest(DEPLOYMENT.domain(contract))
    account = recover(digest, signed.signatures[0])
    used = (contract, account, part.number)
    if used in state.used:
        return digest, error("EntryNonceUsed(address,uint256)", account, part.number)
    if part.bad:
        return digest, error("EntryRoleMissing(address,uint256)", account, 2)
    if part.needs is not None and part.needs not in state.there:
        return digest, error("QualificationUnknown(bytes32)", part.needs.to_bytes(32, "big"))
    state.used.add(used)
    state.there.add(part.number)
    state.digests[digest] = len(state.digests)
    return digest, b""


def error(signature: str, *values: object) -> bytes:
    types = signature[signature.index("(") + 1 : -1].split(",")
    return keccak(signature.encode())[:4] + abi_encode(types, values)
