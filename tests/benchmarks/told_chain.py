"""A generated supply network as the events of a chain, rightly signed and with the true roots
of the log, so that the indexer reads it as it reads any other. There are no blocks behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from eth_abi.abi import encode as abi_encode
from eth_hash.auto import keccak

from ledger.chain.deployment import DeployedContract, Deployment
from ledger.chain.protocol import Block, Log
from ledger.merkle import Frontier, leaf_hash
from ledger.signing import Signer
from ledger.typed_data import SignedEntry
from tests.support.supply_firms import IDENTIFIER_KIND
from tests.support.supply_network import AUTHORITY, Network, Size, Step

CHAIN_ID = 1234
CONTRACTS = (
    *("EntryLog", "ParticipantRegistry", "QualificationRegistry"),
    *("BatchLedger", "LogisticUnits", "BatchOversight"),
)
#: Entries of one transaction, and so of one block.
PER_BLOCK = 100
_CODE = b"code"


@cache
def signer(account: str) -> Signer:
    return Signer(keccak(b"benchmark " + account.encode()))


def address_of(contract: str) -> bytes:
    return keccak(contract.encode())[-20:]


def deployment() -> Deployment:
    """The contracts that the events are said to come from."""
    return Deployment(
        CHAIN_ID,
        bytes(32),
        {n: DeployedContract(n, address_of(n), keccak(_CODE), 1) for n in CONTRACTS},
    )


def network(size: Size, seed: int) -> Network:
    """A network whose digests are those of this deployment."""
    domains = {name: deployment().domain(name) for name in CONTRACTS}
    return Network(size, seed, domains=domains, account=lambda name: signer(name).address)


@dataclass
class ToldChain:
    """What the indexer asks of a gateway. ``checked`` are digest, signature and leaf of what was
    told, to measure what to check them costs."""

    blocks: list[Block] = field(default_factory=list)
    events: list[list[Log]] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    signed: list[tuple[bytes, bytes]] = field(default_factory=list)
    leaves: list[tuple[int, int, bytes, bytes, list[bytes], tuple[bytes, ...], list[bytes]]] = (
        field(default_factory=list)
    )

    # -- telling

    def tell(self, told: Network, steps: Iterable[Step]) -> None:
        """Everything that is accepted, in blocks."""
        self._block(0, [])
        self._block(1, [self._founded(told)])
        heads: dict[bytes, bytes] = {}
        run: list[Step] = []
        for step in steps:
            if step.refusal is not None:
                continue
            if run and (
                len(run) == PER_BLOCK
                or step.at != run[0].at
                or step.entry.action.contract != run[0].entry.action.contract
            ):
                self._transaction(run, heads)
                run = []
            run.append(step)
        self._transaction(run, heads)

    def _founded(self, told: Network) -> tuple[str, list[bytes], bytes]:
        authority = told.population.authority
        data = abi_encode(
            ["string", "string", "string", "string", "address[]", "uint256", "uint64"],
            [
                *(IDENTIFIER_KIND, "authority", "", authority.name),
                *([signer(AUTHORITY).address], 1, 7 * 86_400),
            ],
        )
        name = "AuthorityFounded(bytes20,string,string,string,string,address[],uint256,uint64)"
        return "ParticipantRegistry", [keccak(name.encode()), authority.id.ljust(32, b"\0")], data

    def _transaction(self, steps: Sequence[Step], heads: dict[bytes, bytes]) -> None:
        contract, first = steps[0].entry.action.contract, self.frontier.size
        address, logs = address_of(contract), []
        for step in steps:
            names = [step.account]
            if step.cosigned and step.account != AUTHORITY:
                names.append(AUTHORITY)
            signatures = tuple(signer(n).sign_digest(step.digest) for n in names)
            packed = SignedEntry(step.entry, signatures).pack()
            sequence = self.frontier.size
            previous = [heads.get(s, bytes(32)) for s in step.subjects]
            signers = [signer(n).address for n in names]
            bound = (sequence, step.at, address, step.digest, signers, step.subjects, previous)
            leaf = leaf_hash(*bound)
            heads.update(dict.fromkeys(step.subjects, leaf))
            self.frontier.append(leaf)
            self.signed += ((step.digest, s) for s in signatures)
            self.leaves.append(bound)
            words = [sequence.to_bytes(32, "big"), step.subjects[0]]
            topics = [_RECORDED, *words, step.author.ljust(32, b"\0")]
            logs.append((contract, topics, abi_encode(["bytes"], [packed])))
            if len(names) > 1:
                logs.append((contract, [_LATE, words[0]], b""))
        count = (self.frontier.size - first).to_bytes(32, "big")
        appended = [_APPENDED, first.to_bytes(32, "big")]
        logs.append(("EntryLog", appended, count + self.frontier.root()))
        self._block(steps[0].at, logs)

    def _block(self, time: int, logs: Sequence[tuple[str, list[bytes], bytes]]) -> None:
        number = len(self.blocks)
        hash_ = keccak(b"block" + number.to_bytes(8, "big"))
        parent = self.blocks[-1].hash if self.blocks else bytes(32)
        self.blocks.append(Block(number, hash_, parent, time))
        transaction = keccak(b"transaction" + number.to_bytes(8, "big"))
        self.events.append(
            [
                Log(number, hash_, transaction, 0, i, address_of(name), tuple(topics), data)
                for i, (name, topics, data) in enumerate(logs)
            ]
        )

    # -- what the indexer asks

    def chain_id(self) -> int:
        return CHAIN_ID

    def genesis_hash(self) -> bytes:
        return bytes(32)

    def code(self, address: bytes) -> bytes:
        return _CODE

    def final_head(self) -> Block:
        return self.blocks[-1]

    def block(self, number: int) -> Block | None:
        return self.blocks[number] if number < len(self.blocks) else None

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        return [log for logs in self.events[first : last + 1] for log in logs]


_RECORDED = keccak(b"EntryRecorded(uint256,bytes32,bytes20,bytes)")
_LATE = keccak(b"EntryAdmittedLate(uint256)")
_APPENDED = keccak(b"Appended(uint256,uint256,bytes32)")
