"""A kept verdict as a PDF: the print that goes into the file, with the way back to the live record.

It is written in one language; question, answer and the supplier's name stand in the other beside
it, so that both readers know what they hold. One text in two languages would double the paper, and
a screen reader would hear everything twice.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Any, Final

import segno
from fastapi import Request, Response

from api.access import Caller
from api.context import Context
from api.language import Language
from api.pages import formats, shapes
from api.pages.lexicon import Lexicon
from api.pages.paper.typesetting import in_turn, typeset
from api.pages.verdicts.stops import in_words, stopped_since
from api.pages.verdicts.told import Reply, Told, ToldCheck, told
from api.pages.wording import wording
from api.verdicts import service
from ledger.index.store import KeptVerdict

TEMPLATE: Final = "verdict.typ"
MEDIA_TYPE: Final = "application/pdf"
_TAGS: Final = {"zh": ("zh", "CN"), "en": ("en", "GB")}
#: The colour of every state, as on the pages.
_COLOURS: Final = {
    "valid": "#0b5d2a",
    "invalid": "#99161c",
    "unknown": "#4b3a80",
    "skipped": "#4a5865",
    "buy": "#0b5d2a",
    "do-not-buy": "#99161c",
    "cannot-tell": "#4b3a80",
    "buy-with-conditions": "#6b4700",
}


def taken(context: Context, caller: Caller, id_: bytes) -> KeptVerdict:
    """The verdict that is to be printed, for those who may see it; noted as every reading is."""
    kept = service.kept(context, caller, id_)
    service.note_reading(context, caller, kept, "verdict.read")
    return kept


def live(request: Request, kept: KeptVerdict) -> str:
    """The permanent address of the verdict, as it is reached from outside."""
    path = "/verdicts/" + kept.id.partition(":")[0]
    return Context.of(request).public(request) + path


async def printed(
    context: Context, caller: Caller, kept: KeptVerdict, language: Language, address: str
) -> Response:
    """The PDF as a file to keep; ``address`` is the live record's. Set beside the event loop, one
    after the other; :class:`~ledger.errors.UnavailableError` where too many wait already."""
    raw = await in_turn(lambda: pdf(context, caller, kept, language, address))
    name = f"suyuan-verdict-{kept.id[2:18]}-{language}.pdf"
    return Response(
        raw,
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Content-Language": {"zh": "zh-CN", "en": "en"}[language],
        },
    )


def pdf(
    context: Context, caller: Caller, kept: KeptVerdict, language: Language, address: str
) -> bytes:
    """The same bytes for the same record, language and address, as long as nobody in it is
    renamed and no lot is recalled, held or released."""
    said = content(context, caller, kept, language, address)
    return typeset(TEMPLATE, said, pictures(address), kept.asked_at)


def content(
    context: Context, caller: Caller, kept: KeptVerdict, language: Language, address: str
) -> dict[str, Any]:
    """What stands on the paper, for ``paper/verdict.typ``; ``address`` is the live record's."""
    other: Language = "en" if language == "zh" else "zh"
    lexicon = Lexicon(context, wording(language))
    t, found = lexicon.t, told(lexicon, kept)
    beside = told(Lexicon(context, wording(other)), kept)
    v = found.v
    lang, region = _TAGS[language]
    return {
        "lang": lang,
        "region": region,
        "other-lang": _TAGS[other][0],
        "title": f"{found.answer_text} – {found.question}",
        "keywords": [found.answer_text, beside.answer_text, v["id"]],
        "eyebrow": t("verdict.paper-eyebrow"),
        "question": found.question,
        "other-question": beside.question,
        "answer": v["answer"],
        "answer-text": found.answer_text,
        "other-answer": beside.answer_text,
        "meaning": found.meaning,
        "stopped": in_words(lexicon, stopped_since(context, caller, kept), bool(found.offered)),
        "not-now": " ".join(found.notices),
        "decided-title": found.decided_title,
        "decided": [_check(lexicon, found, c) for c in found.decided],
        "besides": [_check(lexicon, found, c) for c in found.besides],
        "remedies": [
            {"text": r.text, "checks": t("verdict.for-checks", numbers=_list(r.checks))}
            for r in found.remedies
        ],
        "lots": [
            {
                "lot": lot.lot,
                "gtin": lot.gtin or "–",
                "maker": lexicon.name(lot.maker),
                "at-hand": lot.at_hand,
                "under-way": lot.under_way,
                "number": lot.number,
            }
            for lot in found.offered
        ],
        "traced": found.traced,
        "groups": [
            {"title": g.title, "checks": [_check(lexicon, found, c) for c in g.checks]}
            for g in found.groups
        ],
        "inapplicable": found.inapplicable,
        "left-out": t("verdict.no-lots", numbers=found.left_out) if found.left_out else "",
        "alarms": [
            {
                "state": t("alarm.open") if a.open else t("alarm.closed"),
                "sentence": a.sentence,
                "since": t("alarm.since", when=lexicon.instant(a.opened_at, found.zone)),
                "closed": a.closed,
                "entries": list(a.entries),
                "replies": [_reply(lexicon, found, r) for r in a.replies],
            }
            for a in found.alarms
        ],
        "replies": [_reply(lexicon, found, r) for r in found.replies],
        "basis": _basis(lexicon, found),
        "verify": [t("verdict.paper-verify"), t("verdict.paper-live")],
        "address": address,
        "id": v["id"],
        "print-note": t("verdict.paper-note"),
        "words": _words(lexicon),
    }


def pictures(address: str) -> dict[str, str]:
    """The shapes of states, and the address as a QR code."""
    drawn = {name: shapes.drawing(name, colour) for name, colour in _COLOURS.items()}
    return {"address": code(address), **drawn}


def _words(lexicon: Lexicon) -> dict[str, Any]:
    t = lexicon.t
    return {
        "results": {
            r: t.word("verdict.result", r) for r in ("valid", "invalid", "unknown", "skipped")
        },
        "none": t("record.none"),
        "records": t("record.title"),
        "besides": t("verdict.besides"),
        "would-change": t("verdict.would-change"),
        "lots": t("verdict.lots"),
        "lot-columns": [
            t("verdict.lot"),
            t("verdict.lot-gtin"),
            t("verdict.lot-maker"),
            t("verdict.lot-there"),
            t("verdict.lot-arriving"),
            t("record.title"),
        ],
        "checks": t("verdict.checks"),
        "check-columns": [
            t("verdict.number"),
            t("verdict.result"),
            t("verdict.check"),
            t("verdict.reason"),
            t("record.title"),
        ],
        "inapplicable": t("verdict.inapplicable"),
        "alarms": t("verdict.alarms"),
        "replies": t("reply.title"),
        "basis": t("verdict.basis"),
        "verify": t("verdict.evidence"),
        "qr": t("verdict.qr"),
        "qr-alt": t("verdict.qr-alt"),
    }


def _basis(lexicon: Lexicon, found: Told) -> list[tuple[str, str]]:
    t, q, v = lexicon.t, found.v["question"], found.v
    names = [n for n in (found.supplier.name_zh, found.supplier.name_en) if n]
    delivery = q["deliver_at"][0]
    return [
        (t("verdict.supplier"), " / ".join([*names, found.supplier.identifier])),
        (t("ask.category"), f"{found.category} ({q['category']})"),
        (t("ask.model"), q["model"] or t("scope.no-model")),
        (t("ask.quantity"), found.quantity),
        (
            t("ask.deliver-on"),
            t(
                "date.in-zone",
                day=lexicon.day(delivery, found.zone),
                zone=found.zone,
                offset=formats.offset(delivery, found.zone),
            ),
        ),
        (t("verdict.known-at"), lexicon.instant(q["known_at"], found.zone)),
        (t("clocks.clock"), t.word("clock", q["clock"])),
        (
            t("verdict.policy"),
            t("verdict.policy-version", version=v["policy"]["version"]),
        ),
        (t("verdict.policy-hash"), v["policy"]["hash"]),
        (
            t("verdict.position"),
            t("verdict.position-entries", count=formats.number(v["ledger"]["position"])),
        ),
        (
            t("verdict.asked-by"),
            f"{found.person}, {lexicon.instant(found.asked_at, found.zone)}",
        ),
        (t("verdict.id"), v["id"]),
    ]


def _check(lexicon: Lexicon, found: Told, c: ToldCheck) -> dict[str, Any]:
    return {
        "number": c.number,
        "result": c.result,
        "title": c.title,
        "weight": lexicon.t.word("weight", c.weight),
        "reasons": list(c.reasons),
        "entries": list(c.entries),
        "replies": [_reply(lexicon, found, r) for r in c.replies],
    }


def _reply(lexicon: Lexicon, found: Told, r: Reply) -> dict[str, str]:
    when = lexicon.instant(r.recorded, found.zone)
    about = lexicon.t("reply.by", by=lexicon.name(r.by), when=when, number=r.entry)
    return {"text": r.text, "about": about}


def _list(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def code(address: str) -> str:
    """The address as a QR code, an SVG."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, border=2, omitsize=True
    )
    return drawn.getvalue().decode()
