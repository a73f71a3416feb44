"""From JSON to signed entries, and from where an entry stands to JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from api.access import Caller, EntryRecord, may_see
from api.context import Context
from api.entries.schemas import (
    AcceptedBody,
    AcceptedEntry,
    EntryBody,
    ReceiptBody,
    RecordedBody,
    RefusalBody,
    RefusalTexts,
)
from api.problems import not_found
from api.wire import Position
from ledger.errors import EvidenceError, RequestError
from ledger.index.idempotency import Answer, Once
from ledger.recorded import RecordedEntry
from ledger.refusals import Refusal
from ledger.signing import recover
from ledger.submission import EntryReceipt, EntryStatus
from ledger.typed_data import ACTIONS, SignedEntry, hexed

ACCEPTED: Final = 202
_REGISTERS_ACCOUNTS: Final = ACTIONS["AddAccount"]
_MEMBERS: Final = {"action", "message", "signatures"}
#: The actions that tell where goods went.
CUSTODY: Final = frozenset(
    {"Ship", "Receive", "Settle", "Adjust", "Dispense", "Destroy", "Acknowledge"}
    | {name for name, action in ACTIONS.items() if action.contract == "LogisticUnits"}
)


def read_entries(raw: bytes) -> list[SignedEntry]:
    """One signed entry or a list of them; :class:`RequestError` names entry and field."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RequestError(
            f"the body is no JSON: {error}",
            message_zh="请求内容不是 JSON",
            field="body",
            code="shape.json-invalid",
        ) from None
    items = data if isinstance(data, list) else [data]
    entries = []
    for i, item in enumerate(items):
        place = f"entries[{i}]"
        if not isinstance(item, dict) or set(item) != _MEMBERS:
            raise RequestError(
                f"{place}: a signed entry has exactly the members action, message, signatures",
                message_zh=f"{place}：已签名条目须恰好有 action、message、signatures 三个成员",
                field=place,
                code="entry.members",
            )
        try:
            entries.append(SignedEntry.from_json(item))
        except RequestError as error:
            raise RequestError(
                f"{place}: {error}",
                message_zh=f"{place}：{error.message_zh}",
                field=f"{place}.{error.field}" if error.field else place,
                code=error.code,
                values=error.values,
            ) from None
    return entries


def hand_in(context: Context, caller: Caller, raw: bytes, once: Once) -> list[EntryStatus]:
    """Accept all entries of the body for the caller's organisation, or none."""
    entries = read_entries(raw)
    _check_signers(context, entries)
    return context.workspace.submitter.accept(
        entries,
        organisation=caller.organisation,
        token=int(caller.token) if caller.token.isdigit() else None,
        once=once,
        answer=accepted,
    )


def _check_signers(context: Context, entries: Sequence[SignedEntry]) -> None:
    """Turn away what was signed by an account of which nothing is known, on the ledger or on the
    way there: :class:`RequestError` names the entry.

    Every signature recovers to some account, so a message that was altered after it was signed,
    or signed for another ledger, looks as if a stranger had signed it.
    """
    workspace = context.workspace
    position = workspace.index.position().size
    known: set[bytes] = set()
    unknown: dict[bytes, str] = {}
    for i, signed in enumerate(entries):
        contract = signed.entry.action.contract
        if contract not in workspace.deployment.contracts:
            continue
        digest = signed.entry.digest(workspace.deployment.domain(contract))
        for signature in signed.signatures:
            try:
                account = recover(digest, signature)
            except EvidenceError:
                continue  # told by the submitter, with all else that can be wrong
            if account in known or account in unknown:
                continue
            if workspace.index.account(account) is None:
                unknown[account] = f"entries[{i}]"
            else:
                known.add(account)
    if not unknown:
        return
    coming = (
        SignedEntry.unpack(_REGISTERS_ACCOUNTS.contract, packed).entry
        for packed in workspace.store.outbox.under_way(_REGISTERS_ACCOUNTS.contract, position)
    )
    for entry in (*(s.entry for s in entries), *coming):
        if entry.action is _REGISTERS_ACCOUNTS:
            registered = entry.values["account"]
            assert isinstance(registered, bytes)
            unknown.pop(registered, None)
    for account, place in unknown.items():
        raise RequestError(
            f"signatures: {hexed(account)} is no account of this ledger; the entry was altered "
            "after it was signed, or signed for another ledger, or its account is not registered "
            "yet",
            message_zh=f"签名：{hexed(account)} 不是本账本的账户；条目在签名后被改动，"
            "或是为另一账本签署，或该账户尚未登记",
            field=f"{place}.signatures",
            code="entry.signer-unknown",
            values={"account": account},
        )


def accepted(statuses: Sequence[EntryStatus]) -> Answer:
    """The answer to who handed the entries in."""
    body = AcceptedBody(
        entries=[
            AcceptedEntry(
                digest=hexed(s.digest),
                state=s.state,
                href=f"/v1/entries/{hexed(s.digest)}",
                receipt=None if s.receipt is None else receipt_body(s.receipt),
            )
            for s in statuses
        ]
    )
    return Answer(ACCEPTED, body.model_dump_json().encode())


def receipt_body(receipt: EntryReceipt) -> ReceiptBody:
    """The receipt as its holder keeps it."""
    said = receipt.statement
    return ReceiptBody(
        contract=receipt.contract,
        account=hexed(said.account),
        nonce=str(said.nonce),
        digest=hexed(said.digest_of_entry),
        deadline=said.deadline,
        accepted_at=said.accepted_at,
        signature=hexed(receipt.signature),
    )


def find(context: Context, caller: Caller, reference: bytes | int) -> EntryBody:
    """Where the entry with this digest or sequence number stands."""
    workspace = context.workspace
    position = context.position
    if isinstance(reference, int):
        numbered = workspace.index.entry(reference)
        if numbered is None:
            raise _unknown()
        reference = numbered.digest
    # First where it stands, then what is recorded: in between it can only get further.
    status = workspace.submitter.status([reference]).get(reference)
    recorded = workspace.index.entry_by_digest(reference)
    if status is None or not may_see(caller, entry_record(context, reference, recorded)):
        raise _unknown()
    state = status.state
    if state == "final" and recorded is None:
        state = "mined"  # final is what can be read, too
    return EntryBody(
        digest=hexed(reference),
        state=state,
        delayed=status.delayed,
        accepted_at=status.accepted_at,
        transaction=None if status.transaction is None else hexed(status.transaction),
        block=status.block,
        sequence=status.sequence,
        refusal=None if status.refusal is None else _refusal(status.refusal),
        final_after=status.final_after,
        recorded=None if recorded is None else recorded_body(recorded),
        ledger=Position(position=position),
    )


def _unknown() -> Exception:
    return not_found("the entry", "该条目", "id", code="entry.unknown")


def entry_record(context: Context, digest: bytes, recorded: RecordedEntry | None) -> EntryRecord:
    """The entry as :func:`api.access.may_see` judges it; ``recorded`` is None while it waits."""
    senders = context.workspace.store.outbox.senders(digest)
    if recorded is not None:
        custody = recorded.action in CUSTODY
        return EntryRecord(recorded.author, about(recorded), True, senders, custody)
    waiting = context.workspace.store.outbox.entries([digest])[digest]
    signed = SignedEntry.unpack(waiting.contract, waiting.packed)
    try:
        account = context.workspace.index.account(recover(digest, signed.signatures[0]))
    except EvidenceError:
        account = None
    author = None if account is None else account.organisation
    return EntryRecord(author, frozenset(), False, senders)


def about(recorded: RecordedEntry) -> frozenset[bytes]:
    """Whom a recorded entry is about."""
    # The other side of a handover, too.
    others = (recorded.entry.values.get(name) for name in ("sender", "recipient"))
    found = {other for other in others if isinstance(other, bytes)}
    return frozenset(found.union(s[:20] for s in recorded.subjects))


def _refusal(refusal: Refusal) -> RefusalBody:
    return RefusalBody(
        name=refusal.name,
        values=_plain(refusal.values),
        field=refusal.field,
        detail=RefusalTexts(en=refusal.message, zh=refusal.message_zh),
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        k: hexed(v) if isinstance(v, bytes) else str(v) if isinstance(v, int) else v
        for k, v in values.items()
    }


def recorded_body(e: RecordedEntry) -> RecordedBody:
    """A recorded entry as JSON, with everything by which it can be checked again."""
    told = e.entry.to_json()
    return RecordedBody(
        sequence=e.sequence,
        recorded_at=e.recorded_at,
        block=e.block_number,
        transaction=hexed(e.transaction_hash),
        contract=e.contract,
        author=hexed(e.author),
        signers=[hexed(s) for s in e.signers],
        late=e.late,
        subjects=[hexed(s) for s in e.subjects],
        leaf=hexed(e.leaf),
        action=told["action"],
        message=told["message"],
        signatures=[hexed(s) for s in e.signatures],
    )
