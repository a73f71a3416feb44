"""A whole ledger on a chain: the contracts deployed, and acts recorded in one line each.

>>> ledger = open_ledger(gateway)                     # deployed; the contracts are admitted
>>> maker = ledger.organisation("Clear Brook Masks", Role.SUPPLIER)
>>> ledger.act("SetCategory", rawMaterial=False, category="mask.surgical", ...)
>>> ledger.act("SubmitQualification", by=maker, ...)
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak

from ledger.chain.artifacts import load_artifacts
from ledger.chain.codec import (
    ContractError,
    EntryRecorded,
    EntryRefused,
    Event,
    decode_error,
    decode_event,
    record_calldata,
)
from ledger.chain.deployment import Deployment, FoundingTerms, deploy
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.protocol import LedgerGateway, Receipt
from ledger.chain.relayer import Deployer, Relayer
from ledger.signing import Signer
from ledger.typed_data import ACTIONS, Entry, SignedEntry, Value, organisation_id
from ledger.vocabulary import NO_END, Role

NOTHING = bytes(32)
CONTRACTS_FOR_BATCHES = ("BatchLedger", "LogisticUnits", "BatchOversight")
MAX_LATENESS = 7 * 86400


def key(name: str) -> Signer:
    """The same key for the same name."""
    return Signer(keccak(b"key of " + name.encode()))


@dataclass(frozen=True)
class Member:
    """An organisation with an account of it; ``signer`` signs in its name."""

    id: bytes
    name: str
    signer: Signer


class Refused(Exception):
    """The contract refused an entry that the test expected to be recorded."""

    def __init__(self, error: ContractError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class TestLedger:
    """A deployed ledger and everybody's keys. ``now`` gives the time that entries claim."""

    __test__ = False

    gateway: LedgerGateway
    deployment: Deployment
    authority: Member
    now: Callable[[], float]
    co_signers: tuple[Signer, ...] = ()
    _relay: Signer = field(default_factory=lambda: key("relayer"))
    _nonces: dict[tuple[str, bytes], int] = field(default_factory=dict)

    # -- writing

    def entry(self, action: str, /, by: Member | None = None, **values: Value) -> Entry:
        """An unsigned entry with the author's next nonce, now, and an hour's deadline."""
        author = (by or self.authority).signer.address
        spot = (ACTIONS[action].contract, author)
        now = int(self.now())
        common: dict[str, Value] = {"happenedAt": now, "deadline": now + 3600}
        if "nonce" not in values:
            common["nonce"] = self._nonces.get(spot, 0)
            self._nonces[spot] = self._nonces.get(spot, 0) + 1
        return Entry.of(action, **{**common, **values})

    def sign(self, entry: Entry, *signers: Signer) -> SignedEntry:
        digest = entry.digest(self.deployment.domain(entry.action.contract))
        return SignedEntry(entry, tuple(s.sign_digest(digest) for s in signers))

    def signed(
        self, action: str, /, by: Member | None = None, also: Sequence[Signer] = (), **values: Value
    ) -> SignedEntry:
        """The entry, signed by its author (default: the authority) and by ``also``; an act of the
        authority gets the co-signers that its quorum needs."""
        author = by or self.authority
        others = tuple(also)
        if ACTIONS[action].authority and author.id == self.authority.id:
            others = (*self.co_signers, *others)
        return self.sign(self.entry(action, author, **values), author.signer, *others)

    def send(self, *entries: SignedEntry) -> list[Receipt]:
        """Record entries: one transaction for each run of entries for one contract."""
        receipts = []
        while entries:
            name = entries[0].entry.action.contract
            count = next(
                (i for i, e in enumerate(entries) if e.entry.action.contract != name), len(entries)
            )
            receipts.append(self.send_raw(name, record_calldata(entries[:count])))
            entries = entries[count:]
        return receipts

    def send_raw(self, contract: str, data: bytes) -> Receipt:
        """One transaction with this calldata to a contract; the chain must take and mine it."""
        relayer = Relayer(
            self._relay,
            chain_id=self.deployment.chain_id,
            profile=self.gateway.profile,
            contracts=self.deployment.addresses,
        )
        nonce = self.gateway.transaction_count(relayer.address)
        raw = relayer.sign(self.deployment.address(contract), data, nonce=nonce)
        [handover] = self.gateway.send_raw_transactions([raw])
        assert handover.refusal is None, handover.refusal
        for _ in range(500):
            receipt = self.gateway.receipt(handover.transaction_hash)
            if receipt is not None:
                assert receipt.succeeded, "the transaction was reverted"
                return receipt
            time.sleep(0.02)
        raise AssertionError("not mined within 10 s")

    def record(self, *entries: SignedEntry) -> list[EntryRecorded]:
        """Send entries that must all be accepted; raises :class:`Refused` for the first not."""
        found = []
        for receipt in self.send(*entries):
            for event in events(receipt):
                if isinstance(event, EntryRefused):
                    raise Refused(decode_error(event.reason))
                if isinstance(event, EntryRecorded):
                    found.append(event)
        return found

    def act(
        self, action: str, /, by: Member | None = None, also: Sequence[Signer] = (), **values: Value
    ) -> EntryRecorded:
        """Record one entry at once; fields as :meth:`signed`. Raises :class:`Refused`."""
        [event] = self.record(self.signed(action, by, also, **values))
        return event

    def refusal(
        self, action: str, /, by: Member | None = None, also: Sequence[Signer] = (), **values: Value
    ) -> ContractError:
        """The error with which the contract refuses this entry, which it must."""
        [receipt] = self.send(self.signed(action, by, also, **values))
        [event] = [e for e in events(receipt) if isinstance(e, EntryRefused)]
        return decode_error(event.reason)

    # -- common acts

    def admit(self, *names: str) -> None:
        """The authority lets these contracts append to the log."""
        for name in names:
            self.act("AdmitContract", ledger=self.deployment.address(name), name=name)

    def organisation(self, name: str, roles: Role, *, chinese: str = "") -> Member:
        """Register an organisation with one account that carries the same roles."""
        member = Member(organisation_id("demo", name), name, key(name))
        self.record(
            self.signed(
                "RegisterOrganisation",
                roles=int(roles), division=0, identifierKind="demo", identifier=name,
                nameZh=chinese, nameEn=name,
            ),
            self.signed(
                "AddAccount",
                organisation=member.id, account=member.signer.address, roles=int(roles),
                person=NOTHING,
            ),
        )  # fmt: skip
        return member

    def account(self, member: Member, name: str, roles: Role) -> Member:
        """A further account of an organisation."""
        signer = key(f"{member.name} {name}")
        self.act(
            "AddAccount",
            organisation=member.id, account=signer.address, roles=int(roles), person=NOTHING,
        )  # fmt: skip
        return Member(member.id, member.name, signer)

    def accredit(self, member: Member, kind: str, since: int = 1, until: int = NO_END) -> None:
        values: dict[str, Any] = {"from": since, "until": until}
        self.act("Accredit", organisation=member.id, kind=kind, **values)

    def category(self, category: str, parent: str = "") -> None:
        self.act(
            "SetCategory",
            rawMaterial=False, category=category, parent=parent, nameZh="", nameEn=category,
            unit="H87", codes="",
        )  # fmt: skip


def events(receipt: Receipt) -> Iterator[Event]:
    """What the ledger's contracts said in a transaction, in order."""
    for log in receipt.logs:
        event = decode_event(log)
        if event is not None:
            yield event


def open_ledger(
    gateway: LedgerGateway,
    *,
    quorum: int = 1,
    max_lateness: int = MAX_LATENESS,
    now: Callable[[], float] = time.time,
    admit: bool = True,
    with_batches: bool = False,
) -> TestLedger:
    """Deploy a ledger on the chain, founded with ``quorum`` authority accounts; with ``admit``
    the authority admits the qualification registry, which is entry 0; ``with_batches`` admits the
    contracts for batches next."""
    signers = tuple(key(f"Authority {n}") for n in range(quorum))
    relayer = key("relayer")
    deployment = deploy(
        gateway,
        load_artifacts(),
        FoundingTerms(
            "demo", "authority", "示范主管机构", "Authority",
            tuple(s.address for s in signers), quorum, max_lateness,
        ),
        Deployer(relayer, chain_id=gateway.chain_id(), profile=gateway.profile),
    )  # fmt: skip
    authority = Member(organisation_id("demo", "authority"), "Authority", signers[0])
    ledger = TestLedger(gateway, deployment, authority, now, signers[1:], relayer)
    if admit:
        ledger.admit("QualificationRegistry")
    if with_batches:
        ledger.admit(*CONTRACTS_FOR_BATCHES)
    return ledger


@contextmanager
def embedded_ledger(
    path: Path,
    *,
    chain_id: int = 1234,
    clock: Callable[[], float] = time.time,
    quorum: int = 1,
    with_batches: bool = False,
) -> Iterator[TestLedger]:
    """A new ledger on an embedded chain in the file; closed at the end."""
    chain = EmbeddedChain(path, chain_id=chain_id, clock=clock)
    try:
        yield open_ledger(chain, now=clock, quorum=quorum, with_batches=with_batches)
    finally:
        chain.close()
