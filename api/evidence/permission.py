"""Who may take a piece of evidence away: whoever may see every entry in it."""

from collections.abc import Iterable
from typing import Final

from api.access import Caller, CallerRole, EntryRecord, QualificationRecord, may_see
from api.batches.sight import Sight
from api.context import Context
from api.entries.service import CUSTODY, about
from api.problems import Forbidden
from ledger.bundling import Permit
from ledger.recorded import RecordedEntry
from ledger.typed_data import PARTICIPANT_ACTIONS

#: The acts about who takes part and by which rules.
_COMMON: Final = frozenset(
    {
        *(action.name for action in PARTICIPANT_ACTIONS),
        *("SetCategory", "SetRequirement", "AcceptMirror", "RecordPublication", "EndKind"),
        "SetIngredient",
    }
)
#: What is stated of a lot without telling where it went.
_GOODS: Final = frozenset({"BatchLedger", "BatchOversight"})


def permit_of(context: Context, caller: Caller) -> Permit:
    """Raises :class:`Forbidden` for evidence with an entry that the caller may not see."""
    sight = Sight(context.workspace, caller, context.now(), context.position)

    def check(entries: Iterable[RecordedEntry]) -> None:
        if caller.role is CallerRole.AUDITOR:
            return
        goods: set[bytes] = set()
        for e in entries:
            if e.action in CUSTODY:
                if not _deals(sight, e):
                    raise _custody()
            elif may_see(caller, _record(e)) or _of_seen_qualification(context, caller, e):
                continue
            elif e.contract in _GOODS:
                goods.update(e.subjects)
            else:
                raise _foreign()
        if goods:
            lots = context.workspace.index.lots.by_ids(goods)
            numbers = {lot.number for lot in lots.values()}
            if len(numbers) < len(goods) or sight.lots(numbers) != numbers:
                raise _foreign()

    return check


def _record(e: RecordedEntry) -> EntryRecord:
    return EntryRecord(e.author, about(e), recorded=True, common=e.action in _COMMON)


def _of_seen_qualification(context: Context, caller: Caller, e: RecordedEntry) -> bool:
    """Whether it happened to a qualification whose history the caller may read."""
    found = context.workspace.index.qualification(e.subjects[0])
    return found is not None and may_see(caller, QualificationRecord(found.holder, found.author))


def _deals(sight: Sight, e: RecordedEntry) -> bool:
    """Whether the caller may see this of the custody of every lot in it."""
    # The first subject of a logistic unit's entry is the unit.
    lots = e.subjects[1:] if e.contract == "LogisticUnits" else e.subjects
    others = (e.entry.values.get(name) for name in ("sender", "recipient"))
    parties = [e.author, *(other for other in others if isinstance(other, bytes))]
    return all(sight.deals(lot[:20], *parties) for lot in lots)


def _custody() -> Forbidden:
    return Forbidden(
        "this evidence holds whole histories of goods, with where they went; auditors may take "
        "it, the authority and who is accredited for oversight, and whoever is a party to all of "
        "it",
        message_zh="该证据包含货物的完整流转记录；仅审计方、主管机构、获监管认可者以及其中全部流转的"
        "当事方可下载",
        code="evidence.custody",
    )


def _foreign() -> Forbidden:
    return Forbidden(
        "this evidence holds entries of others that this token may not read; buyers, issuers and "
        "auditors may take it",
        message_zh="该证据包含此令牌无权读取的他方条目；采购方、签发方与审计方可下载",
        code="evidence.entries",
    )
