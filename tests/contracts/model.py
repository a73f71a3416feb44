"""What the contracts should decide, in plain Python: every rule by itself, none of their shortcuts.

The model does not predict *which* of several broken rules a refusal names, only the set of them;
it counts what the contracts keep counts of, and keeps whole texts where they keep hashes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.typed_data import (
    Entry,
    SignedEntry,
    organisation_id,
    publication_id,
    qualification_id,
    register_subject,
)
from ledger.vocabulary import NO_END, Role, Way
from ledger.vocabulary import AccountState as Account
from ledger.vocabulary import OrganisationStatus as Status
from ledger.vocabulary import QualificationState as State

PARTICIPANTS = "ParticipantRegistry"
TOLERANCE = 600


@dataclass
class Organisation:
    status: int
    roles: int
    division: int


@dataclass
class Member:
    organisation: bytes
    roles: int
    state: int = Account.LIVE
    since: int = 0


@dataclass
class Qualification:
    source: bytes
    holder: bytes
    category: str
    model: str
    kind: str
    issuer: bytes
    valid_from: int
    valid_until: int
    state: int
    way: int
    submitter: bytes = b""
    register: str = ""
    digest: bytes = b""
    author: bytes = b""
    steps: list[bytes] = field(default_factory=list)
    #: Since when it is withdrawn; None if it is not.
    withdrawn: int | None = None


@dataclass
class Model:
    """Both registries. Accounts are addresses; ``now`` is the block's time."""

    now: int
    quorum: int
    max_lateness: int
    organisations: dict[bytes, Organisation] = field(default_factory=dict)
    accounts: dict[bytes, Member] = field(default_factory=dict)
    accreditations: dict[tuple[bytes, str], tuple[int, int]] = field(default_factory=dict)
    used: set[tuple[str, bytes, int]] = field(default_factory=set)
    categories: dict[str, bool] = field(default_factory=dict)
    requirements: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    qualifications: dict[bytes, Qualification] = field(default_factory=dict)
    publications: dict[bytes, tuple[bytes, str]] = field(default_factory=dict)
    mirrors: set[tuple[str, str]] = field(default_factory=set)
    ended: dict[tuple[str, str], int] = field(default_factory=dict)
    admitted: set[bytes] = field(default_factory=set)
    contracts: set[bytes] = field(default_factory=set)
    #: Organisations that some entry has touched.
    touched: set[bytes] = field(default_factory=set)
    late: bool = False

    # ---------------------------------------------------------------- accounts

    def is_live(self, account: bytes) -> bool:
        member = self.accounts.get(account)
        return (
            member is not None
            and member.state == Account.LIVE
            and self.organisations[member.organisation].status == Status.ACTIVE
        )

    def has(self, account: bytes, role: Role) -> bool:
        member = self.accounts[account]
        return bool(member.roles & self.organisations[member.organisation].roles & role)

    def authority_accounts(self) -> int:
        return sum(1 for a in self.accounts if self.is_live(a) and self.has(a, Role.AUTHORITY))

    def accredited(self, organisation: bytes, kind: str, time: int) -> bool:
        since, until = self.accreditations.get((organisation, kind), (0, 0))
        return since <= time < until

    # ---------------------------------------------------------------- one entry

    def record(self, signed: SignedEntry, digest: bytes, signers: Sequence[bytes]) -> set[str]:
        """The rules that the entry breaks; if none, it is applied."""
        entry = signed.entry
        values: Mapping[str, Any] = entry.values
        contract = entry.action.contract
        broken = set(self.misshapen(entry))
        broken |= set(self._common(entry.action.authority, contract, values, signers))
        if broken:
            return broken
        author = self.accounts[signers[0]].organisation
        authorities = sum(self.has(s, Role.AUTHORITY) for s in signers)
        act = self.act(digest, signers, author, authorities)
        before = self.authority_accounts()
        method = getattr(act, entry.action.name)
        broken = set(method(values))
        if broken:
            return broken
        act.apply()
        if self.authority_accounts() < self.quorum:
            assert before >= self.quorum
            act.undo()
            return {"ParticipantQuorumUnreachable"}
        self.used |= {(contract, s, values["nonce"]) for s in signers}
        self.late = values["happenedAt"] + self._lateness_before < self.now
        self.touched |= act.moves
        return set()

    def act(
        self, digest: bytes, signers: Sequence[bytes], author: bytes, authorities: int
    ) -> "Act":
        """The rules of every action that this model knows."""
        return Act(self, digest, signers, author, authorities)

    def misshapen(self, entry: Entry) -> Iterable[str]:
        """What the form of an entry breaks, which is looked at before all else."""
        return ()

    _lateness_before: int = 0

    def _common(
        self, authority: bool, contract: str, values: Mapping[str, Any], signers: Sequence[bytes]
    ) -> Iterator[str]:
        self._lateness_before = self.max_lateness
        if values["deadline"] < self.now:
            yield "EntryExpired"
        for place, signer in enumerate(signers):
            if not self.is_live(signer):
                yield "EntrySignerNotLive"
            elif (place or authority) and not self.has(signer, Role.AUTHORITY):
                yield "EntrySignerNotAuthority"
            if (contract, signer, values["nonce"]) in self.used:
                yield "EntryNonceUsed"
        if len(set(signers)) < len(signers):
            yield "EntrySignerRepeated"
        if authority and len(signers) < self.quorum:
            yield "EntryQuorumNotMet"
        if values["happenedAt"] > self.now + TOLERANCE:
            yield "EntryFromFuture"
        elif values["happenedAt"] < self.now - self.max_lateness:
            known = [s for s in signers if self.is_live(s) and self.has(s, Role.AUTHORITY)]
            if len(known) < self.quorum:
                yield "EntryTooLate"

    # ---------------------------------------------------------------- the gate

    def gate(
        self, holder: bytes, category: str, model: str, time: int, cited: Sequence[bytes]
    ) -> bool:
        """Whether these qualifications, named by whoever has them, open the gate."""
        return all(
            any(
                self.qualifications[c].kind == kind
                and self._counts(self.qualifications[c], holder, category, model, time)
                for c in cited
            )
            for kind, (since, until) in self.requirements.get(category, {}).items()
            if since <= time < until
        )

    def _counts(
        self, q: Qualification, holder: bytes, category: str, model: str, time: int
    ) -> bool:
        if (q.holder, q.category) != (holder, category) or q.model not in ("", model):
            return False
        if not q.valid_from or not q.valid_until:
            return False
        if not q.valid_from <= time < q.valid_until:
            return False
        if q.withdrawn is not None and (time >= q.withdrawn or self.now >= q.withdrawn):
            return False
        # What was withdrawn with notice and has lapsed since need not be told from withdrawn.
        if q.withdrawn is not None and self.now >= q.valid_until:
            return False
        if q.way == Way.MIRRORED:
            end = self.ended.get((q.register, q.kind), NO_END + 1)
            if (q.register, q.kind) not in self.mirrors or time >= end or self.now >= end:
                return False
        return q.state in (State.IN_FORCE, State.RESTRICTED, State.WITHDRAWN)


class Act:
    """One entry whose signatures and times are good: the rules of each action.

    Each method yields the rules broken, and leaves in ``apply`` what the entry does.
    """

    def __init__(
        self,
        model: Model,
        digest: bytes,
        signers: Sequence[bytes],
        author: bytes,
        authorities: int,
    ) -> None:
        self.m = model
        self.digest = digest
        self.signers = signers
        self.author = author
        self.quorate = authorities == len(signers) and authorities >= model.quorum
        self.moves: set[bytes] = set()
        self.apply: Any = lambda: None
        self.undo: Any = lambda: None

    def role(self, role: Role) -> Iterator[str]:
        if not self.m.has(self.signers[0], role):
            yield "EntryRoleMissing"

    # ------------------------------------------------------------ participants

    def _created(self, v: Mapping[str, Any], made: Organisation) -> Iterator[str]:
        id_ = organisation_id(v["identifierKind"], v["identifier"])
        if not v["identifierKind"] or not v["identifier"] or not v["nameZh"] + v["nameEn"]:
            yield "ParticipantNameMissing"
        if id_ in self.m.organisations:
            yield "ParticipantOrganisationExists"
        self.moves = {id_}
        self.apply = lambda: self.m.organisations.update({id_: made})

    def RegisterOrganisation(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["division"] > 999_999_999_999:
            yield "ParticipantValueInvalid"
        yield from self._created(v, Organisation(Status.ACTIVE, v["roles"], v["division"]))

    def ListOrganisation(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.MIRROR)
        if not self.m.accredited(self.author, v["identifierKind"], self.m.now):
            yield "ParticipantNotAccredited"
        yield from self._created(v, Organisation(Status.LISTED, 0, 0))

    def _participant(self, id_: bytes) -> Iterator[str]:
        found = self.m.organisations.get(id_)
        if found is None:
            yield "ParticipantOrganisationUnknown"
        elif found.status in (Status.LISTED, Status.CLOSED):
            yield "ParticipantOrganisationStatusWrong"

    def ChangeOrganisation(self, v: Mapping[str, Any]) -> Iterator[str]:
        id_ = v["organisation"]
        yield from self._participant(id_)
        if v["status"] not in (Status.ACTIVE, Status.SUSPENDED, Status.CLOSED):
            yield "ParticipantValueInvalid"
        if v["division"] > 999_999_999_999:
            yield "ParticipantValueInvalid"
        old = self.m.organisations.get(id_)
        new = Organisation(v["status"], v["roles"], v["division"])
        self.moves = {id_}
        self.apply = lambda: self.m.organisations.update({id_: new})
        self.undo = lambda: self.m.organisations.update({id_: old})

    def AddAccount(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._participant(v["organisation"])
        if v["account"] == bytes(20):
            yield "ParticipantValueInvalid"
        if v["account"] in self.m.accounts:
            yield "ParticipantAccountExists"
        self.moves = {v["organisation"]}
        made = Member(v["organisation"], v["roles"])
        self.apply = lambda: self.m.accounts.update({v["account"]: made})

    def _ended(self, account: bytes, state: int) -> Iterator[str]:
        member = self.m.accounts.get(account)
        if member is None or member.state != Account.LIVE:
            yield "ParticipantAccountNotLive"
            return
        self.moves = {member.organisation}
        self.apply = lambda: setattr(member, "state", state)
        self.undo = lambda: setattr(member, "state", Account.LIVE)

    def RemoveAccount(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._ended(v["account"], Account.REMOVED)

    def DisableAccount(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._ended(self.signers[0], Account.DISABLED)

    def DeclareCompromised(self, v: Mapping[str, Any]) -> Iterator[str]:
        if not 0 < v["since"] <= self.m.now:
            yield "ParticipantValueInvalid"
        member = self.m.accounts.get(v["account"])
        if member is None:
            yield "ParticipantAccountNotLive"
            return
        if member.state == Account.COMPROMISED and v["since"] >= member.since:
            yield "ParticipantAlreadyCompromised"
        old = (member.state, member.since)

        def put(state: int, since: int) -> None:
            member.state, member.since = state, since

        self.moves = {member.organisation}
        self.apply = lambda: put(Account.COMPROMISED, v["since"])
        self.undo = lambda: put(*old)

    def Accredit(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._participant(v["organisation"])
        if not 0 < v["from"] < v["until"]:
            yield "ParticipantDatesReversed"
        self.moves = {v["organisation"]}
        put = {(v["organisation"], v["kind"]): (v["from"], v["until"])}
        self.apply = lambda: self.m.accreditations.update(put)

    def LinkOrganisations(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.REVIEWER)
        if v["first"] == v["second"]:
            yield "ParticipantValueInvalid"
        if not {v["first"], v["second"]} <= set(self.m.organisations):
            yield "ParticipantOrganisationUnknown"
        self.moves = {v["first"], v["second"]}

    def SetQuorum(self, v: Mapping[str, Any]) -> Iterator[str]:
        if not 0 < v["quorum"] <= self.m.authority_accounts():
            yield "ParticipantQuorumUnreachable"
        self.apply = lambda: setattr(self.m, "quorum", v["quorum"])

    def SetMaxLateness(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from ()
        self.apply = lambda: setattr(self.m, "max_lateness", v["maxLateness"])

    def AdmitContract(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["ledger"] not in self.m.contracts or v["ledger"] in self.m.admitted:
            yield "ParticipantContractInvalid"
        self.apply = lambda: self.m.admitted.add(v["ledger"])

    # ------------------------------------------------------------ catalogue

    def SetCategory(self, v: Mapping[str, Any]) -> Iterator[str]:
        if not v["category"]:
            yield "QualificationTextMissing"
        if v["parent"] and v["parent"] not in self.m.categories:
            yield "QualificationCategoryUnknown"
        self.apply = lambda: self.m.categories.update({v["category"]: v["rawMaterial"]})

    def _category(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["category"] not in self.m.categories:
            yield "QualificationCategoryUnknown"

    def SetRequirement(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._category(v)
        if not v["kind"]:
            yield "QualificationTextMissing"
        if not 0 < v["from"] < v["until"]:
            yield "QualificationDatesReversed"
        kinds = self.m.requirements.setdefault(v["category"], {})
        if v["kind"] not in kinds and len(kinds) == 8:
            yield "QualificationRequirementsFull"
        self.apply = lambda: kinds.update({v["kind"]: (v["from"], v["until"])})

    def AcceptMirror(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from ()
        change = self.m.mirrors.add if v["accepted"] else self.m.mirrors.discard
        self.apply = lambda: change((v["register"], v["kind"]))

    # ------------------------------------------------------------ ways in

    def _made(
        self,
        v: Mapping[str, Any],
        way: Way,
        holder: bytes,
        source: bytes = b"",
        withdrawn: int = 0,
        register: str = "",
    ) -> Iterator[str]:
        if holder not in self.m.touched:
            yield "QualificationHolderUnknown"
        yield from self._category(v)
        if not v["kind"]:
            yield "QualificationTextMissing"
        since, until = v["validFrom"], v["validUntil"]
        if since and until and since >= until:
            yield "QualificationDatesReversed"
        source = source or self.author
        scope = (v["category"], v["model"], v["kind"])
        state = State.SUBMITTED if way == Way.REVIEWED else State.IN_FORCE
        id_ = qualification_id(source, holder, *scope, self.digest)
        if id_ in self.m.qualifications:
            yield "QualificationExists"
        made = Qualification(
            source, holder, *scope, self.author, since, until, state, way, self.author, register
        )
        made.digest, made.author = self.digest, self.author
        if withdrawn:
            made.state, made.withdrawn = State.WITHDRAWN, withdrawn
        self.moves = {holder}
        self.apply = lambda: self.m.qualifications.update({id_: made})

    def IssueQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.ISSUER)
        for time in (v["happenedAt"], self.m.now):
            if not self.m.accredited(self.author, v["kind"], time):
                yield "QualificationNotAccredited"
        yield from self._made(v, Way.ISSUED, v["holder"])

    def SubmitQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.SUPPLIER)
        yield from self._made(v, Way.REVIEWED, self.author)

    def WaiveQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        if not v["validFrom"] or v["validUntil"] in (0, NO_END):
            yield "QualificationDateUnstated"
        if not v["reason"]:
            yield "QualificationTextMissing"
        yield from self._made(v, Way.WAIVED, v["holder"])

    def MirrorQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._mirror(v["publication"])
        _, register = self.m.publications.get(v["publication"], (b"", ""))
        source = register_subject(self.author, register)
        yield from self._made(v, Way.MIRRORED, v["holder"], source, v["withdrawnFrom"], register)

    # ------------------------------------------------------------ review

    def _reviewed(self, v: Mapping[str, Any], state: State, leads: State) -> Iterator[str]:
        yield from self.role(Role.REVIEWER)
        q = self.m.qualifications.get(v["qualification"])
        if q is None:
            yield "QualificationUnknown"
            return
        if q.state != state:
            yield "QualificationStateWrong"
        if q.issuer == self.author:
            yield "QualificationReviewerOfSubmitter"
        if self.signers[0] in q.steps:
            yield "QualificationReviewerRepeated"

        def put() -> None:
            q.state = leads
            q.steps.append(self.signers[0])

        self.apply = put

    def VerifyQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._reviewed(v, State.SUBMITTED, State.VERIFIED)

    def EditQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._reviewed(v, State.VERIFIED, State.EDITED)
        if v["validFrom"] and v["validUntil"] and v["validFrom"] >= v["validUntil"]:
            yield "QualificationDatesReversed"
        put, q = self.apply, self.m.qualifications.get(v["qualification"])

        def edit() -> None:
            put()
            assert q is not None
            q.valid_from, q.valid_until = v["validFrom"], v["validUntil"]

        self.apply = edit

    def PublishQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._reviewed(v, State.EDITED, State.IN_FORCE)
        q = self.m.qualifications.get(v["qualification"])
        if q is None:
            return
        if q.steps and {self.m.accounts[s].organisation for s in q.steps} == {self.author}:
            yield "QualificationReviewersOfOneOrganisation"
        put = self.apply

        def publish() -> None:
            put()
            q.issuer = self.author

        self.apply = publish

    def RefuseQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.REVIEWER)
        q = self.m.qualifications.get(v["qualification"])
        if q is None:
            yield "QualificationUnknown"
            return
        if q.state not in (State.SUBMITTED, State.VERIFIED, State.EDITED):
            yield "QualificationStateWrong"
        if q.issuer == self.author:
            yield "QualificationReviewerOfSubmitter"
        self.apply = lambda: setattr(q, "state", State.REFUSED)

    # ------------------------------------------------------------ mirrors

    def RecordPublication(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.MIRROR)
        if not self.m.accredited(self.author, v["register"], self.m.now):
            yield "QualificationNotAccredited"
        if not 0 < v["published"] <= v["happenedAt"]:
            yield "QualificationValueInvalid"
        put = {publication_id(self.author, self.digest): (self.author, v["register"])}
        if put.keys() & self.m.publications.keys():
            yield "QualificationExists"
        self.apply = lambda: self.m.publications.update(put)

    def _mirror(self, publication: bytes) -> Iterator[str]:
        author, register = self.m.publications.get(publication, (b"", ""))
        if author != self.author:
            yield "QualificationPublicationForeign"
            return
        yield from self.role(Role.MIRROR)
        if not self.m.accredited(self.author, register, self.m.now):
            yield "QualificationNotAccredited"

    def DelistQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._mirror(v["publication"])
        q = self.m.qualifications.get(v["qualification"])
        if q is None:
            yield "QualificationUnknown"
            return
        if q.issuer != self.author:
            yield "QualificationNotIssuer"
        if q.way != Way.MIRRORED or q.state != State.IN_FORCE:
            yield "QualificationStateWrong"
        self.apply = lambda: setattr(q, "state", State.DELISTED)

    def EndKind(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._mirror(v["publication"])
        if not v["effective"]:
            yield "QualificationValueInvalid"
        key = (self.m.publications.get(v["publication"], (b"", ""))[1], v["kind"])
        earliest = min(v["effective"], self.m.ended.get(key, v["effective"]))
        self.apply = lambda: self.m.ended.update({key: earliest})

    # ------------------------------------------------------------ changes

    def _changed(self, v: Mapping[str, Any], starts: set[State], leads: State) -> Iterator[str]:
        q = self.m.qualifications.get(v["qualification"])
        if q is None:
            yield "QualificationUnknown"
            return
        role = {
            Way.ISSUED: Role.ISSUER,
            Way.REVIEWED: Role.REVIEWER,
            Way.MIRRORED: Role.MIRROR,
        }.get(Way(q.way))
        if not self.quorate:
            if q.issuer != self.author or role is None:
                yield "QualificationNotIssuer"
            else:
                yield from self.role(role)
        if q.state not in starts:
            yield "QualificationStateWrong"
        self.apply = lambda: setattr(q, "state", leads)

    def RestrictQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._changed(v, {State.IN_FORCE}, State.RESTRICTED)

    def SuspendQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._changed(v, {State.IN_FORCE, State.RESTRICTED}, State.SUSPENDED)

    def ReinstateQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._changed(v, {State.RESTRICTED, State.SUSPENDED}, State.IN_FORCE)

    def WithdrawQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        counting = {State.IN_FORCE, State.RESTRICTED, State.WITHDRAWN}
        starts = counting | {State.SUSPENDED, State.SUPERSEDED, State.DELISTED}
        if v["effective"] > self.m.now:
            starts = counting
        yield from self._changed(v, starts, State.WITHDRAWN)
        if not v["effective"]:
            yield "QualificationValueInvalid"
        q = self.m.qualifications.get(v["qualification"])
        if q is None:
            return
        if q.withdrawn is not None:
            # A withdrawal after its own end says nothing more than the end.
            end = min(q.withdrawn, q.valid_until or q.withdrawn)
            if v["effective"] >= end:
                yield "QualificationAlreadyWithdrawn"
        put = self.apply

        def withdraw() -> None:
            put()
            q.withdrawn = v["effective"]

        self.apply = withdraw

    def SupersedeQualification(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._changed(v, {State.IN_FORCE, State.RESTRICTED}, State.SUPERSEDED)
        other = self.m.qualifications.get(v["successor"])
        good = other is not None and other.state in (State.IN_FORCE, State.RESTRICTED)
        if not good or v["successor"] == v["qualification"]:
            yield "QualificationStateWrong"

    # ------------------------------------------------------------ capacity, alarms, replies

    def StateCapacity(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["publication"] != bytes(32):
            yield from self._mirror(v["publication"])
            if v["organisation"] not in self.m.touched:
                yield "QualificationHolderUnknown"
        else:
            if v["organisation"] != self.author:
                yield "QualificationCapacityForeign"
            yield from self.role(Role.SUPPLIER)
        yield from self._category(v)
        if not v["unit"]:
            yield "QualificationTextMissing"
        self.moves = {v["organisation"]}

    def CloseAlarm(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.AUDITOR)

    def Reply(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from ()
        self.moves = {self.author}
