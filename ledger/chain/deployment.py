"""Which contracts on which chain are this ledger: deployed once, pinned ever after (R9).

The deployment file is public and small; together with the founding event it is what every reader
of a ledger must hold to tell it from another::

    {"chainId": 1234, "genesisHash": "0x…", "contracts": {"EntryLog": {"address": "0x…",
     "block": 1, "codeHash": "0x…"}, …}, "version": 1}
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import encode as abi_encode

from ledger.chain.artifacts import Artifact
from ledger.chain.protocol import LedgerGateway, Receipt
from ledger.chain.relayer import Deployer
from ledger.errors import ChainUnavailableError, EvidenceError, ForeignLedgerError
from ledger.ethereum import contract_address
from ledger.hashing import keccak
from ledger.typed_data import Domain

VERSION: Final = 1

#: The contracts for batches: the first makes the other two in its constructor and names them by
#: these functions.
BATCHES: Final = "BatchLedger"
_MADE_BY_BATCHES: Final = (("BatchOversight", b"oversight()"), ("LogisticUnits", b"units()"))
#: The contract that keeps the log; all others take entries.
_LOG: Final = "EntryLog"


@dataclass(frozen=True, slots=True)
class FoundingTerms:
    """What the first authority is founded with; ``accounts`` are 20 bytes each,
    ``max_lateness`` is in seconds."""

    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    accounts: tuple[bytes, ...]
    quorum: int
    max_lateness: int


@dataclass(frozen=True, slots=True)
class DeployedContract:
    """A contract, its code's keccak-256 as the chain has it, and the block that made it."""

    name: str
    address: bytes
    code_hash: bytes
    block: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """The pinned identity of a ledger."""

    chain_id: int
    genesis_hash: bytes
    contracts: Mapping[str, DeployedContract]

    def address(self, name: str) -> bytes:
        return self.contracts[name].address

    def name_of(self, address: bytes) -> str | None:
        """The contract that stands at the address; None for a stranger."""
        return next((c.name for c in self.contracts.values() if c.address == address), None)

    def domain(self, name: str) -> Domain:
        """The EIP-712 domain that entries for this contract are signed in."""
        return Domain(name, self.chain_id, self.address(name))

    @property
    def addresses(self) -> tuple[bytes, ...]:
        """All contracts' addresses, by the contracts' names in order."""
        return tuple(self.contracts[name].address for name in sorted(self.contracts))

    @property
    def ledgers(self) -> tuple[str, ...]:
        """The names of the contracts that take entries."""
        return tuple(name for name in sorted(self.contracts) if name != _LOG)

    @property
    def first_block(self) -> int:
        """Nothing of this ledger stands in earlier blocks."""
        return min(c.block for c in self.contracts.values())

    def with_contract(self, contract: DeployedContract) -> "Deployment":
        """The same ledger with one more contract beside the others."""
        if contract.name in self.contracts:
            raise ValueError(f"{contract.name} is deployed already")
        contracts = {**self.contracts, contract.name: contract}
        return Deployment(self.chain_id, self.genesis_hash, contracts)

    def verify(self, gateway: LedgerGateway) -> None:
        """Check that the chain is this ledger's; :class:`ForeignLedgerError` says what differs."""
        if gateway.chain_id() != self.chain_id:
            raise ForeignLedgerError(
                f"the chain id is {gateway.chain_id()}, the ledger's is {self.chain_id}"
            )
        if gateway.genesis_hash() != self.genesis_hash:
            raise ForeignLedgerError(
                f"the genesis hash is 0x{gateway.genesis_hash().hex()}, "
                f"the ledger's is 0x{self.genesis_hash.hex()}"
            )
        for contract in self.contracts.values():
            code = gateway.code(contract.address)
            if keccak(code) != contract.code_hash:
                found = "other code" if code else "no contract"
                raise ForeignLedgerError(
                    f"{contract.name}: there is {found} at 0x{contract.address.hex()}"
                )

    def waiting(self, gateway: LedgerGateway) -> tuple[str, ...]:
        """The names of the contracts that the authority has not admitted to the log yet."""
        return tuple(name for name in self.ledgers if not self._is_admitted(gateway, name))

    def _is_admitted(self, gateway: LedgerGateway, name: str) -> bool:
        call = keccak(b"isAdmitted(address)")[:4] + self.address(name).rjust(32, b"\0")
        return any(gateway.call(self.address(_LOG), call))

    # -- the file ----------------------------------------------------------------------------

    def to_json(self) -> bytes:
        """Canonical: sorted names, no spaces, one newline at the end."""
        contracts = {
            c.name: {
                "address": "0x" + c.address.hex(),
                "block": c.block,
                "codeHash": "0x" + c.code_hash.hex(),
            }
            for c in self.contracts.values()
        }
        data = {
            "chainId": self.chain_id,
            "contracts": contracts,
            "genesisHash": "0x" + self.genesis_hash.hex(),
            "version": VERSION,
        }
        return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_json(cls, raw: bytes) -> "Deployment":
        """The inverse; :class:`EvidenceError` for anything that is not exactly such a file."""
        try:
            data = json.loads(raw)
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']} is not known")
            contracts = {
                name: DeployedContract(
                    name, _hex(c["address"], 20), _hex(c["codeHash"], 32), _count(c["block"])
                )
                for name, c in data["contracts"].items()
            }
            if not contracts:
                raise ValueError("it names no contract")
            found = cls(_count(data["chainId"]), _hex(data["genesisHash"], 32), contracts)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvidenceError(
                f"this is no deployment file: {error}", code="ledger.deployment"
            ) from error
        return found

    def save(self, path: Path) -> None:
        """Write the file as a whole or not at all."""
        temporary = path.with_name(path.name + ".new")
        with temporary.open("wb") as file:
            file.write(self.to_json())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Deployment":
        """The deployment in the file; as :meth:`from_json` raises, naming the file."""
        try:
            return cls.from_json(path.read_bytes())
        except EvidenceError as error:
            raise EvidenceError(f"{path}: {error}", code=error.code) from error


def _hex(value: Any, size: int) -> bytes:
    found = bytes.fromhex(value.removeprefix("0x"))
    if len(found) != size:
        raise ValueError(f"{value!r} is not {size} bytes long")
    return found


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no number")
    return value


# ----------------------------------------------------------------------------------- deploying


def deploy(
    gateway: LedgerGateway,
    artifacts: Mapping[str, Artifact],
    terms: FoundingTerms,
    deployer: Deployer,
    *,
    patience: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Deployment:
    """Deploy a new ledger: the registries and the contracts for batches.

    All but the registry of participants can record nothing before the authority has admitted them
    by entries (``AdmitContract``); these acts are signed by the authority and are not done here.
    ``patience`` in seconds per contract. Arguments that a constructor refuses are
    :class:`EvidenceError`.
    """
    founded = deploy_registries(gateway, artifacts, terms, deployer, patience=patience, sleep=sleep)
    return deploy_batches(gateway, artifacts, founded, deployer, patience=patience, sleep=sleep)


def deploy_registries(
    gateway: LedgerGateway,
    artifacts: Mapping[str, Artifact],
    terms: FoundingTerms,
    deployer: Deployer,
    *,
    patience: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Deployment:
    """Deploy what every ledger begins with: the participants with their log, and the
    qualifications; see :func:`deploy`."""
    participants = deploy_contract(
        gateway,
        artifacts["ParticipantRegistry"],
        (
            terms.identifier_kind,
            terms.identifier,
            terms.name_zh,
            terms.name_en,
            list(terms.accounts),
            terms.quorum,
            terms.max_lateness,
        ),
        deployer,
        patience=patience,
        sleep=sleep,
    )
    log = _made(gateway, participants, _LOG, b"log()")
    qualifications = deploy_contract(
        gateway,
        artifacts["QualificationRegistry"],
        (participants.address,),
        deployer,
        patience=patience,
        sleep=sleep,
    )
    return Deployment(
        gateway.chain_id(),
        gateway.genesis_hash(),
        {c.name: c for c in (participants, log, qualifications)},
    )


def deploy_batches(
    gateway: LedgerGateway,
    artifacts: Mapping[str, Artifact],
    deployment: Deployment,
    deployer: Deployer,
    *,
    patience: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Deployment:
    """Deploy the contracts for batches beside those of a ledger that has none; see :func:`deploy`.

    The others, and every entry in them, stay as they are. If this is interrupted before the
    deployment is saved, what it left on the chain belongs to no ledger: it was never admitted.
    """
    batches = deploy_contract(
        gateway,
        artifacts[BATCHES],
        (deployment.address("QualificationRegistry"),),
        deployer,
        patience=patience,
        sleep=sleep,
    )
    made = (_made(gateway, batches, name, function) for name, function in _MADE_BY_BATCHES)
    for contract in (batches, *made):
        deployment = deployment.with_contract(contract)
    return deployment


def _made(
    gateway: LedgerGateway, maker: DeployedContract, name: str, function: bytes
) -> DeployedContract:
    """The contract that another one made in its constructor, which its function names."""
    address = gateway.call(maker.address, keccak(function)[:4])[12:]
    return DeployedContract(name, address, keccak(gateway.code(address)), maker.block)


def deploy_contract(
    gateway: LedgerGateway,
    artifact: Artifact,
    arguments: Sequence[Any],
    deployer: Deployer,
    *,
    patience: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> DeployedContract:
    """Deploy one contract and wait until it stands; see :func:`deploy`."""
    inputs: list[Mapping[str, Any]] = next(
        (e["inputs"] for e in artifact.abi if e["type"] == "constructor"), []
    )
    init_code = artifact.bytecode + abi_encode([i["type"] for i in inputs], arguments)
    nonce = gateway.transaction_count(deployer.address)
    address = contract_address(deployer.address, nonce)
    [handover] = gateway.send_raw_transactions([deployer.sign(init_code, nonce=nonce)])
    if handover.refusal is not None:
        raise EvidenceError(
            f"{artifact.name} was not taken: {handover.refusal.message}", code="ledger.deployment"
        )
    receipt = _mined(gateway, handover.transaction_hash, patience, sleep)
    code = gateway.code(address)
    if not receipt.succeeded or not code:
        raise EvidenceError(
            f"the constructor of {artifact.name} refused its arguments", code="ledger.deployment"
        )
    return DeployedContract(artifact.name, address, keccak(code), receipt.block_number)


def _mined(
    gateway: LedgerGateway, digest: bytes, patience: float, sleep: Callable[[float], None]
) -> Receipt:
    pause = max(0.02, gateway.profile.block_period / 4)
    for _ in range(max(1, int(patience / pause))):
        receipt = gateway.receipt(digest)
        if receipt is not None:
            return receipt
        sleep(pause)
    raise ChainUnavailableError(f"0x{digest.hex()} was not mined within {patience:g} s")
