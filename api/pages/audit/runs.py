"""What audits found, in words, with the records that the differences are about."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request

from api.access import Caller
from api.audits import service
from api.audits.schemas import AreaBody, DifferenceBody, RunSummary
from api.context import Context
from api.pages.audit.ages import age
from api.pages.lexicon import Lexicon
from ledger.audit.report import TITLES, looked_at
from ledger.audit.running import CHECKPOINTS, DOCUMENTS, VERDICTS


def listed(request: Request) -> dict[str, Any]:
    """The runs that were kept, the newest first."""
    lexicon = Lexicon.of(request)
    found = service.runs(lexicon.context)
    return {"age": found.age, "runs": [_summary(lexicon, run) for run in found.runs]}


def shown(request: Request, number: int) -> dict[str, Any]:
    """One run with its differences."""
    lexicon = Lexicon.of(request)
    run = service.run(lexicon.context, number)
    language = lexicon.t.language
    return {
        "run": _summary(lexicon, run),
        "differences": [_difference(lexicon, d) for d in run.found],
        "left_out": lexicon.t.count("audit.left-out", run.left_out) if run.left_out else "",
        "notes": [getattr(note, language) for note in run.notes],
    }


def checked(request: Request, caller: Caller) -> dict[str, Any]:
    """What a running service finds of itself now."""
    lexicon = Lexicon.of(request)
    found = service.check(Context.of(request), caller)
    return {
        "checked_at": found.checked_at,
        "areas": _areas(lexicon, found.areas),
        "differences": [_difference(lexicon, d) for d in found.found],
        "sample": lexicon.t(
            "audit.check-sample", documents=DOCUMENTS, verdicts=VERDICTS, checkpoints=CHECKPOINTS
        ),
        "queue": lexicon.t("audit.check-queue", queued=found.queued, under=found.under_way),
    }


def _summary(lexicon: Lexicon, run: RunSummary) -> dict[str, Any]:
    t = lexicon.t
    if run.result == "differs":
        state, word = "invalid", t.count("audit.differences", run.differences)
    elif run.not_checked:
        state, word = "unknown", t("audit.result.partly")
    else:
        state, word = "valid", t("audit.result.same")
    separator = {"zh": "、", "en": ", "}[t.language]
    return {
        "number": run.number,
        "ended": run.ended,
        "took": t("audit.took", age=age(t, run.ended - run.begun)),
        "state": state,
        "word": word,
        "areas": _areas(lexicon, run.areas),
        "not_checked": separator.join(_title(lexicon, part) for part in run.not_checked),
        "with_others": run.with_checkpoints_of_others,
    }


def _title(lexicon: Lexicon, part: str) -> str:
    return str(getattr(TITLES[part], lexicon.t.language))


def _areas(lexicon: Lexicon, areas: Sequence[AreaBody]) -> list[dict[str, Any]]:
    t = lexicon.t
    separator = {"zh": "，", "en": ", "}[t.language]
    return [
        {
            "title": _title(lexicon, area.part),
            **_stands(lexicon, area),
            "looked_at": separator.join(
                getattr(looked_at(what, count), t.language)
                for what, count in area.looked_at.items()
            ),
        }
        for area in areas
    ]


def _stands(lexicon: Lexicon, area: AreaBody) -> dict[str, str]:
    """Where there was nothing to look at, nothing is called the same either."""
    t = lexicon.t
    if area.differences:
        return {"state": "invalid", "word": t.count("audit.differences", area.differences)}
    if not any(area.looked_at.values()):
        return {"state": "skipped", "word": t("audit.result.nothing")}
    return {"state": "valid", "word": t("audit.result.same")}


def _difference(lexicon: Lexicon, d: DifferenceBody) -> dict[str, Any]:
    return {
        "text": getattr(d, lexicon.t.language),
        "part": _title(lexicon, d.part),
        "where": d.where,
        "row": d.row,
        "field": d.field,
        "expected": d.expected,
        "found": d.found,
        "href": _record(d),
    }


def _record(d: DifferenceBody) -> str:
    """The page of the record that a difference is about; "" where there is none."""
    row = d.row or ""
    match d.where:
        case "entry" if row.isascii() and row.isdigit():
            return f"/entries/{row}"
        case "stored_verdict" if row.startswith("0x"):
            return f"/verdicts/{row.partition(':')[0]}"
        case "organisation" if row.startswith("0x") and len(row) == 42:
            return f"/suppliers/{row}"
        case "qualification" if row.startswith("0x") and len(row) == 66:
            return f"/qualifications/{row}"
        case "lot" if row.startswith("0x") and len(row) == 66:
            return f"/batches/{row}"
        case _:
            return ""
