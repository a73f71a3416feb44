"""What a file turned out to be, in words: a report on evidence, or the uses of a document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from api.access import Caller
from api.context import Context
from api.pages import formats
from api.pages.evidence.shown import advice, kind_of
from api.pages.lexicon import Lexicon
from api.pages.uploading import Uploaded
from api.pages.verdicts.told import question_line
from api.verifications import service
from api.verifications.schemas import DocumentReport, ReportBody, UseBody
from ledger.evidence.report import TITLES
from ledger.standing import Status
from ledger.typed_data import ACTIONS
from ledger.verdict_texts import ANSWERS
from ledger.vocabulary import NO_END


@dataclass(frozen=True)
class Line:
    """Something that evidence shows; ``state`` is a word of ``Result`` or of ``Answer`` where it
    is a state."""

    label: str
    value: str
    href: str = ""
    state: str = ""


def shown(request: Request, caller: Caller, picked: Uploaded) -> dict[str, Any]:
    """What the page says of the file, by the same functions as ``POST /v1/verifications``.

    :class:`~ledger.errors.RequestError` for an empty file, and for evidence that is too large.
    """
    context, lexicon = Context.of(request), Lexicon.of(request)
    if service.is_evidence(picked.data):
        report = service.evidence_report(context, picked.data)
        return {"name": picked.name, "evidence": _evidence(lexicon, report)}
    found = service.document_report(context, caller, picked.data)
    return {"name": picked.name, "document": _document(lexicon, found)}


# -------------------------------------------------------------------------------- evidence


def _evidence(lexicon: Lexicon, report: ReportBody) -> dict[str, Any]:
    t = lexicon.t
    checks = [
        {
            "number": check.number,
            "title": getattr(TITLES[check.name], t.language),
            "result": check.result,
            "text": getattr(check, t.language),
            "code": check.code,
            "advice": advice(t, check.code)
            if check.code and check.result in ("invalid", "unknown")
            else "",
        }
        for check in report.checks
    ]
    return {
        "result": report.result,
        "kind": None if report.kind is None else kind_of(t, report.kind),
        "lines": list(_lines(lexicon, report.kind, report.shown)) if report.shown else [],
        "checks": checks,
        "against": [c for c in checks if c["result"] == report.result != "valid"],
        "limits": [getattr(limit, t.language) for limit in report.limits],
    }


def _lines(lexicon: Lexicon, kind: str | None, shown: Mapping[str, Any]) -> Iterator[Line]:
    """What the evidence claims, in words; then as of which checkpoint."""
    t, claim = lexicon.t, shown["claim"]
    match kind:
        case "entry":
            entry = shown["entry"]
            action = entry["action"]
            yield Line(
                t("verify.entry"),
                t("record.entry", number=claim["sequence"]),
                f"/entries/{claim['sequence']}",
            )
            yield Line(
                t("entry.said"),
                t(
                    "verify.entry-said",
                    action=t.word("action", action) if action in ACTIONS else action,
                    when=lexicon.instant(entry["recorded_at"]),
                ),
            )
            yield Line(t("verify.signers"), ", ".join(entry["signers"]))
        case "standing":
            yield _organisation(lexicon, t("verify.supplier"), claim["organisation"], shown)
            yield Line(t("verify.product"), lexicon.scope(claim["category"], claim["model"]))
            yield Line(t("verify.asked-for"), _interval(lexicon, claim["at"]))
            yield _known(lexicon, claim["known_at"])
            result = claim["answer"]["result"]
            yield Line(t("verify.standing"), t.word("result", result), state=result)
        case "non-revocation":
            held = claim["answer"]["holding"]
            yield Line(
                t("verify.qualification"),
                " ".join((lexicon.kind(held["kind"]), held["number"])).strip(),
                f"/qualifications/{claim['qualification']}",
            )
            yield _organisation(lexicon, t("verify.holder"), held["holder"], shown)
            yield Line(t("verify.asked-for"), lexicon.instant(claim["at"]))
            yield _known(lexicon, claim["known_at"])
            status = lexicon.status(Status(held["status"]))
            yield Line(t("verify.state"), status, state=held["result"])
        case "trace":
            yield _lot(lexicon, claim["lot"])
            yield Line(t("verify.direction"), t.word("verify.direction", claim["direction"]))
            yield _known(lexicon, claim["known_at"])
            yield Line(t("verify.lots"), formats.number(len(claim["answer"]["lots"])))
        case "verdict":
            question, answer = claim["question"], claim["answer"]
            yield Line(t("verify.question"), question_line(lexicon, question))
            yield _known(lexicon, question["known_at"])
            text = getattr(ANSWERS[answer["answer"]], t.language)
            yield Line(
                t("verify.answer"), text, f"/verdicts/{answer['id']}", state=answer["answer"]
            )
            failed = [
                c["number"] for c in answer["checks"] if c["result"] in ("invalid", "unknown")
            ]
            if failed:
                numbers = ", ".join(map(str, failed))
                yield Line(t("verify.open-checks"), t("verify.check-numbers", numbers=numbers))
        case "absence":
            yield Line(t("verify.state"), t("verify.absent"), state="valid")
            yield Line(t("verify.account"), claim["account"])
            yield Line(t("verify.nonce"), str(claim["nonce"]))
            if claim.get("receipt"):
                promised = lexicon.instant(claim["receipt"]["deadline"])
                yield Line(t("verify.receipt-deadline"), promised)
        case "consistency":
            earlier, size = claim["earlier"]["size"], shown["checkpoint"]["size"] or 0
            grown = t("verify.grown", earlier=formats.number(earlier), size=formats.number(size))
            yield Line(t("verify.earlier"), grown)
    if shown.get("later") is not None:
        later = shown["later"]
        yield Line(t("verify.later"), t("record.entry", number=later), f"/entries/{later}")
    yield _checkpoint(lexicon, shown["checkpoint"])


def _organisation(lexicon: Lexicon, label: str, id_: str, shown: Mapping[str, Any]) -> Line:
    """By the name that the evidence itself proves, or else the ledger's."""
    names = shown.get("organisations", {}).get(id_)
    if names is None:
        name = lexicon.name(lexicon.organisations([bytes.fromhex(id_[2:])])[id_])
    else:
        first, second = ("zh", "en") if lexicon.t.language == "zh" else ("en", "zh")
        name = names[first] or names[second] or id_
    return Line(label, name, "/suppliers/" + id_)


def _lot(lexicon: Lexicon, id_: str) -> Line:
    raw = bytes.fromhex(id_[2:])
    lot = lexicon.context.workspace.index.lots.lot(raw)
    shown = id_ if lot is None else " · ".join(filter(None, (lot.lot, _gtin(lot.gtin))))
    return Line(lexicon.t("verify.lot"), shown, "/batches/" + id_)


def _gtin(gtin: int) -> str:
    return f"{gtin:014d}" if gtin else ""


def _known(lexicon: Lexicon, seconds: int) -> Line:
    return Line(lexicon.t("verify.known-at"), lexicon.instant(seconds))


def _interval(lexicon: Lexicon, at: list[int]) -> str:
    start, end = at
    if end - start <= 1:
        return lexicon.instant(start)
    last = lexicon.t("date.without-end") if end >= NO_END else lexicon.instant(end - 1)
    return lexicon.t("verify.from-to", start=lexicon.instant(start), end=last)


def _checkpoint(lexicon: Lexicon, checkpoint: Mapping[str, Any]) -> Line:
    t, when = lexicon.t, lexicon.instant(checkpoint["made_at"])
    if checkpoint["size"] is None:
        return Line(t("verify.checkpoint"), t("verify.checkpoint-made", when=when))
    size = formats.number(checkpoint["size"])
    return Line(t("verify.checkpoint"), t("verify.checkpoint-of", size=size, when=when))


# -------------------------------------------------------------------------------- documents

#: What is said first of a document, the worst first: by which finding, and how it looks.
HEADS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown": ("document.unknown", "unknown"),
    "alarm": ("document.used-by-others", "invalid"),
    "failed": ("document.report-failed", "invalid"),
    "over": ("document.not-in-force", "invalid"),
    "known": ("document.in-force", "valid"),
    "found": ("document.unaltered", "valid"),
}


def _document(lexicon: Lexicon, report: DocumentReport) -> dict[str, Any]:
    t = lexicon.t
    found = {finding.code for finding in report.findings}
    head, state = next((head, state) for head, (code, state) in HEADS.items() if code in found)
    ids = {bytes.fromhex(id_[2:]) for use in report.uses for id_ in (use.organisation, use.author)}
    names = lexicon.organisations(ids)
    return {
        "hash": report.hash,
        "kept": report.kept,
        "head": head,
        "state": state,
        "size": t.count("verify.document.bytes", report.size),
        "fields": report.shown,
        "taken_out": t.count("verify.document.taken-out", report.taken_out)
        if report.taken_out
        else "",
        "withheld": t.count("verify.document.withheld", report.withheld) if report.withheld else "",
        "uses": [
            {
                "what": t.word("verify.document.what", use.what),
                "href": _address_of(use),
                "named": _named(lexicon, use),
                "number": use.number,
                "product": lexicon.scope(use.category, use.model) if use.category else "",
                "organisation": names[use.organisation],
                "author": names[use.author],
                "state": _state(use),
                "status": _status(lexicon, use),
                "recorded_at": use.recorded_at,
                "entry": use.entry,
            }
            for use in report.uses
        ],
    }


def _address_of(use: UseBody) -> str:
    match use.what:
        case "qualification":
            return f"/qualifications/{use.id}"
        case "report":
            return f"/batches/{use.id}"
        case _:
            return ""


def _named(lexicon: Lexicon, use: UseBody) -> str:
    match use.what:
        case "qualification":
            return lexicon.kind(use.kind)
        case "publication":
            return lexicon.register(use.kind)
        case _:
            return use.kind


def _state(use: UseBody) -> str:
    if use.what == "qualification" and use.status is not None:
        if use.status == "edited-away":
            return "skipped"
        return Status(use.status).result.value
    return {"passed": "valid", "failed": "invalid", "inconclusive": "unknown"}.get(
        use.status or "", ""
    )


def _status(lexicon: Lexicon, use: UseBody) -> str:
    t = lexicon.t
    if use.status is None:
        return ""
    if use.status == "edited-away":
        return t("verify.document.edited-away")
    if use.what == "report":
        return t.word("verify.document.report", use.status)
    return lexicon.status(Status(use.status))
