"""Audits for auditors: what was kept of them, and what can be compared without stopping."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.access import Caller
from api.audits.schemas import (
    Age,
    AreaBody,
    CheckBody,
    DifferenceBody,
    NoteBody,
    RunBody,
    RunList,
    RunSummary,
)
from api.context import Context
from api.problems import not_found
from ledger.audit import keeping
from ledger.audit.keeping import Run
from ledger.audit.running import look

#: After so many seconds an audit is old.
OLD: Final = 7 * 86400


def runs(context: Context) -> RunList:
    """The runs that were kept, the newest first."""
    found = list(keeping.runs(context.workspace.data))
    return RunList(age=_age(context, found), runs=[_summary(run) for run in found])


def _age(context: Context, found: Sequence[Run]) -> Age:
    if not found:
        return "never"
    return "recent" if context.now() - found[0].ended <= OLD else "old"


def run(context: Context, number: int) -> RunBody:
    found = keeping.run(context.workspace.data, number)
    if found is None:
        raise not_found("the audit", "该次审计", "number", code="audit.unknown")
    report = found.report
    return RunBody(
        **_summary(found).model_dump(),
        notes=[NoteBody(en=note["en"], zh=note["zh"]) for note in report["notes"]],
        found=[_difference(f) for f in report["findings"]],
        left_out=report["left_out"],
    )


def check(context: Context, caller: Caller) -> CheckBody:
    """Compare what can be compared while the service runs; that somebody did is written down."""
    context.note_access(caller, "audit.checked", "service")
    report = look(context.workspace).to_json()
    health = context.workspace.relay.health()
    return CheckBody(
        checked_at=context.now(),
        areas=_areas(report),
        found=[_difference(f) for f in report["findings"]],
        queued=health.queued,
        under_way=health.under_way,
    )


def _summary(found: Run) -> RunSummary:
    return RunSummary(
        number=found.number,
        begun=found.begun,
        ended=found.ended,
        asked=list(found.parts),
        not_checked=list(found.not_checked),
        with_checkpoints_of_others=found.held,
        result=found.report["result"],
        differences=found.differences,
        areas=_areas(found.report),
    )


def _areas(report: Mapping[str, Any]) -> list[AreaBody]:
    return [
        AreaBody(part=p["part"], differences=p["differences"], looked_at=p["looked_at"])
        for p in report["parts"]
    ]


def _difference(finding: Mapping[str, Any]) -> DifferenceBody:
    return DifferenceBody(**finding)
