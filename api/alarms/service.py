"""Alarms over the whole ledger, found by the documents and numbers that several entries state.

What an alarm is, and whether it is open, is decided in ``ledger.alarms`` alone.
"""

from collections.abc import Sequence
from typing import Final

from api.alarms.schemas import (
    CompromiseBody,
    CompromiseList,
    OpenAlarmBody,
    OpenAlarmList,
    SideBody,
)
from api.context import Context
from api.wire import Position
from ledger.alarms import Alarm, alarms, lot_alarms
from ledger.folding import created_qualification, inspection, raw
from ledger.gathering import gather_reports
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from ledger.vocabulary import AccountState

#: So many documents and numbers that are used twice are looked through, the newest first; holders
#: edit their own, so most of them are no alarm.
MARKS: Final = 300
#: So many bad keys are told.
ACCOUNTS: Final = 200


def open_alarms(context: Context) -> OpenAlarmList:
    """Every open alarm, as known now; for auditors."""
    workspace, now = context.workspace, context.now()
    position = workspace.position
    marks = workspace.index.shared_marks(MARKS + 1)
    found: dict[bytes, Alarm] = {}
    holders: set[bytes] = set()
    for uses in marks[:MARKS]:
        known = [e for e in uses if e.sequence < position]
        reports = [e for e in known if e.action == "Inspect"]
        parties = {_holder(context, e) for e in known if e.action != "Inspect"}
        if len(parties) + len(reports) < 2:
            continue
        holders |= parties
        if reports:
            found |= _of_lots(context, reports, position, now)
    for holder in holders - {b""}:
        raised = alarms(workspace.history(holder, ""), holder, now)
        found |= {alarm.id: alarm for alarm in raised}
    standing = [alarm for alarm in found.values() if alarm.open]
    standing.sort(key=lambda alarm: (-alarm.opened_at, alarm.id))
    return OpenAlarmList(
        alarms=[_body(alarm) for alarm in standing],
        complete=len(marks) <= MARKS,
        ledger=Position(position=position),
    )


def _holder(context: Context, entry: RecordedEntry) -> bytes:
    """Who holds the qualification that the entry states or edits; empty where that is nobody."""
    id_ = created_qualification(entry) or raw(entry["qualification"])
    record = context.workspace.index.qualification(id_)
    return b"" if record is None else record.holder


def _of_lots(
    context: Context, reports: Sequence[RecordedEntry], position: int, now: int
) -> dict[bytes, Alarm]:
    index = context.workspace.index
    history = gather_reports(index, index.founding(), reports, position, now)
    lots = {inspection(report).lot for report in reports}
    return {alarm.id: alarm for lot in lots for alarm in lot_alarms(history, lot, now)}


def _body(alarm: Alarm) -> OpenAlarmBody:
    return OpenAlarmBody(
        id=hexed(alarm.id),
        what="document" if alarm.mark.what == "document" else "number",
        shown=alarm.mark.shown,
        opened_at=alarm.opened_at,
        sides=[
            SideBody(
                organisation=hexed(party[:20]),
                lot=hexed(party) if len(party) == 32 else None,
                stopped=alarm.stops(party),
            )
            for party in alarm.holders
        ],
        uses=list(alarm.uses),
        replies=len(alarm.replies),
    )


def compromises(context: Context) -> CompromiseList:
    """Every key that was declared bad, with its last declaration; for auditors."""
    index, position = context.workspace.index, context.position
    accounts = index.accounts_in(AccountState.COMPROMISED, ACCOUNTS + 1)
    found = []
    for account in accounts[:ACCOUNTS]:
        declared = [
            e
            for e in index.by_subject(account.organisation.ljust(32, b"\0"))
            if e.action == "DeclareCompromised"
            and e["account"] == account.address
            and e.sequence < position
        ]
        if declared:
            last = declared[-1]
            found.append(
                CompromiseBody(
                    account=hexed(account.address),
                    organisation=hexed(account.organisation),
                    since=int(str(last["since"])),
                    reason=str(last["reason"]),
                    recorded_at=last.recorded_at,
                    entry=last.sequence,
                )
            )
    found.sort(key=lambda one: -one.entry)
    return CompromiseList(
        compromises=found,
        complete=len(accounts) <= ACCOUNTS,
        ledger=Position(position=position),
    )
