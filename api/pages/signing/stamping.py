"""From what a page wants signed to entries that only lack their signatures.

Rules this module keeps:

* A nonce belongs to an account, so who signs is chosen before entries are made.
* The nonces of entries that are on their way count: signing twice in a row works.
* Who may sign is said here as far as roles tell it; the ledger decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.access import Caller
from api.context import Context
from api.language import Language
from ledger.authoring import DEADLINE
from ledger.checking import check_message
from ledger.citing import citations
from ledger.errors import EvidenceError, RequestError
from ledger.index.records import AccountRecord
from ledger.signing import recover
from ledger.typed_data import ACTIONS, Entry, SignedEntry, Value
from ledger.vocabulary import AccountState, OrganisationStatus, Role

#: As many entries are offered to be signed at once.
MOST: Final = 100

_CUSTODY: Final = Role.SUPPLIER | Role.STORE | Role.BUYER

#: An account needs one of these roles to sign the action (``contracts/interfaces``); those that are
#: not named can be signed by any account, as far as roles tell.
_NEEDED: Final[Mapping[str, Role]] = {
    **{name: Role.AUTHORITY for name, action in ACTIONS.items() if action.authority},
    **dict.fromkeys(
        ("ListOrganisation", "RecordPublication", "MirrorQualification", "DelistQualification",
         "EndKind", "MirrorRecall"),
        Role.MIRROR,
    ),
    **dict.fromkeys(
        ("LinkOrganisations", "VerifyQualification", "EditQualification", "PublishQualification",
         "RefuseQualification"),
        Role.REVIEWER,
    ),
    **dict.fromkeys(
        ("Commission", "Ship", "Receive", "Settle", "Adjust", "Dispense", "Destroy", "Aggregate",
         "TakeApart", "ShipUnit", "ReceiveUnit", "Acknowledge"),
        _CUSTODY,
    ),
    "IssueQualification": Role.ISSUER,
    "SubmitQualification": Role.SUPPLIER,
    "Transform": Role.SUPPLIER,
    "StateCapacity": Role.SUPPLIER | Role.MIRROR,
    "CloseAlarm": Role.AUDITOR,
    "Inspect": Role.LABORATORY,
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """What somebody is to sign: an action of the ledger and its fields. ``nonce``, ``happenedAt``
    and ``deadline`` are filled in where they are not given, and what a maker of a lot cites."""

    action: str
    fields: Mapping[str, Value]


def needed(actions: Iterable[str]) -> list[Role]:
    """The roles of which an account must have one, for each of these actions that needs any."""
    return list(dict.fromkeys(_NEEDED[action] for action in actions if action in _NEEDED))


def accounts(context: Context, organisation: bytes, actions: Iterable[str]) -> list[AccountRecord]:
    """The organisation's live accounts that may sign all of these actions, as far as roles tell."""
    index = context.workspace.index
    own = index.organisation(organisation)
    if own is None or own.status is not OrganisationStatus.ACTIVE:
        return []
    wanted = needed(actions)
    return [
        account
        for account in index.accounts_of(organisation)
        if account.state is AccountState.LIVE
        and all(account.roles & own.roles & roles for roles in wanted)
    ]


def quorum(context: Context) -> int:
    """How many accounts of the authority must sign what the authority alone may do."""
    workspace = context.workspace
    # Rules of the whole ledger stand in the chain of the registry itself.
    registry = workspace.deployment.address("ParticipantRegistry").rjust(32, b"\0")
    said = [e["quorum"] for e in workspace.index.by_subject(registry) if e.action == "SetQuorum"]
    return int(str(said[-1])) if said else workspace.index.founding().quorum


def stamped(
    context: Context, caller: Caller, drafts: Sequence[Draft], account: bytes
) -> list[Entry]:
    """The entries as the account would sign them now, in order, with consecutive nonces for each
    contract. :class:`~ledger.errors.RequestError` names the first field that can never be right."""
    workspace = context.workspace
    now = context.now()
    nonces: dict[str, int] = {}
    entries = []
    for draft in drafts:
        contract = ACTIONS[draft.action].contract
        if contract not in workspace.domains:
            raise RequestError(
                f"this ledger has no {contract}",
                message_zh=f"本账本没有 {contract} 合约",
                field="action",
                code="signing.contract",
            )
        if contract not in nonces:
            nonces[contract] = _next_nonce(context, contract, account)
        stamp: dict[str, Value] = {
            "nonce": nonces[contract],
            "happenedAt": now,
            "deadline": now + DEADLINE,
        }
        fields = {**stamp, **draft.fields}
        if "cited" in ACTIONS[draft.action].names and "cited" not in fields:
            fields["cited"] = _citations(context, caller, fields, now)
        entry = Entry.of(draft.action, **fields)
        check_message(draft.action, entry.to_json()["message"], workspace.catalogue, now)
        nonces[contract] += 1
        entries.append(entry)
    return entries


def next_nonces(
    context: Context, actions: Iterable[str], every: Iterable[bytes]
) -> dict[bytes, dict[str, int]]:
    """The next nonce of each of these accounts, for each contract that the actions go to."""
    contracts = dict.fromkeys(ACTIONS[action].contract for action in actions)
    return {a: {c: _next_nonce(context, c, a) for c in contracts} for a in every}


def _next_nonce(context: Context, contract: str, account: bytes) -> int:
    """The first nonce that the account has neither used nor signed in what is on its way."""
    workspace = context.workspace
    position = workspace.index.position().size
    free = workspace.index.next_nonce(contract, account)
    domain = workspace.domains[contract]
    for packed in workspace.store.outbox.under_way(contract, position):
        signed, digest = SignedEntry.unpack_digested(domain, packed)
        try:
            signer = recover(digest, signed.signatures[0])
        except EvidenceError:
            continue
        if signer == account:
            free = max(free, int(str(signed.entry.values["nonce"])) + 1)
    return free


def _citations(context: Context, caller: Caller, fields: Mapping[str, Value], now: int) -> Value:
    """What the caller's organisation cites for the goods."""
    if fields.get("originNotShown"):
        return ()
    index = context.workspace.index
    category, model = str(fields["category"]), str(fields["model"])

    def digest_of(sequence: int) -> bytes:
        entry = index.entry(sequence)
        assert entry is not None
        return entry.digest

    return citations(
        context.workspace.history(caller.organisation, category),
        caller.organisation,
        category,
        model,
        at=int(str(fields["happenedAt"])),
        now=now,
        digest_of=digest_of,
    )


def unstamped(entry: Entry) -> Draft:
    """The entry as a draft for another account: when it happened stays as it was said."""
    kept = {k: v for k, v in entry.values.items() if k not in ("nonce", "deadline")}
    return Draft(entry.action.name, kept)


def sentence(words: str) -> str:
    """The words for an action at the beginning of a line."""
    return words[:1].upper() + words[1:]


def whole_sentence(words: str, language: Language) -> str:
    """What programs are told as the end of a clause, as a sentence for people."""
    end = "" if words[-1:] in ".。!?！？" else {"zh": "。", "en": "."}[language]
    return sentence(words) + end
