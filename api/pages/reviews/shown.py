"""Reviews in words: the queues, and one of them with everything that bears on it."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import Request

from api.access import Caller, CallerRole
from api.context import Context
from api.documents.service import readable
from api.pages import formats
from api.pages.lexicon import Lexicon, Named
from api.pages.reviews.viewing import viewed_as
from api.pages.signing.stamping import sentence
from api.parameters import DEFAULT_ZONE
from api.reviews import service
from api.reviews.schemas import Queue, ReviewBody, ReviewDetail, StepBody, TermsBody, UseBody
from ledger.index.store import Document
from ledger.standing import bands, status_at
from ledger.typed_data import hexed
from ledger.vocabulary import NO_END, Clock

#: Of what the reader can do now, so many are shown first.
FIRST: Final = 20
_PAGE: Final = 50
#: Of those who can take a step so many are named.
_ABLE: Final = 3
#: How a review stands, as a state that has a shape.
SHAPES: Final = {
    Queue.VERIFY: "unknown",
    Queue.EDIT: "unknown",
    Queue.PUBLISH: "unknown",
    Queue.REFUSED: "invalid",
    Queue.PUBLISHED: "valid",
}


def desk(
    request: Request, caller: Caller, queue: Queue | None, cursor: str | None
) -> dict[str, Any]:
    """What the page of the queues shows; ``queue`` None is what the reader's organisation can do
    now or, where that is nothing, the first in which something waits."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    doable = service.listed(context, caller, service.OPEN, doable=True, limit=FIRST)
    counts = doable.counts.model_dump()
    mine = queue is None and bool(doable.reviews)
    if queue is None:
        order = (*service.OPEN, Queue.PUBLISHED, Queue.REFUSED)
        queue = next((q for q in order if counts[q.value]), Queue.VERIFY)
    if mine:
        found = doable
    else:
        found = service.listed(context, caller, (queue,), limit=_PAGE, cursor=cursor)
    names = _names(lexicon, found.reviews)
    alarmed = service.alarmed(context, found.reviews)
    return {
        "all": service.reads_all(context, caller),
        "reviewer": service.is_reviewer(context, caller),
        "supplier": caller.role is CallerRole.SUPPLIER,
        "own": hexed(caller.organisation),
        "any": any(counts.values()),
        "waits": queue in service.OPEN,
        "mine": mine,
        "doable": len(doable.reviews),
        "more": doable.next is not None,
        "queues": [
            {"queue": q.value, "word": lexicon.t.word("review.queue", q), "count": counts[q.value]}
            for q in Queue
        ],
        "queue": queue.value,
        "queue_word": lexicon.t.word("review.queue", queue),
        "rows": [
            {
                **_row(context, lexicon, names, body),
                "alarmed": body.qualification in alarmed,
            }
            for body in found.reviews
        ],
        "next": None if mine else found.next,
        "begun": cursor is not None,
    }


def _names(lexicon: Lexicon, bodies: Iterable[ReviewBody]) -> dict[str, Named]:
    ids = {body.holder for body in bodies}
    ids.update(step.author for body in bodies for step in body.steps)
    return lexicon.organisations([_raw(id_) for id_ in ids])


def _row(
    context: Context, lexicon: Lexicon, names: dict[str, Named], body: ReviewBody
) -> dict[str, Any]:
    last = body.steps[-1]
    return {
        "id": body.qualification,
        "holder": names[body.holder],
        "kind": lexicon.kind(body.kind),
        "number": body.terms.number,
        "product": lexicon.scope(body.category, body.model),
        "next": "" if body.queue not in service.OPEN else lexicon.t.word("review.do", body.queue),
        "since": body.waiting_since,
        "waiting": waiting(lexicon, context.now() - body.waiting_since),
        "last": lexicon.t.word("review.step", last.action),
        "last_by": names[last.author],
    }


def waiting(lexicon: Lexicon, seconds: int) -> str:
    """For how long, in the largest whole unit."""
    if seconds >= 86400:
        return lexicon.t.count("review.days", seconds // 86400)
    if seconds >= 3600:
        return lexicon.t.count("review.hours", seconds // 3600)
    if seconds >= 60:
        return lexicon.t.count("review.minutes", seconds // 60)
    return lexicon.t("review.just-now")


# ------------------------------------------------------------------------------- one review


def document(context: Context, caller: Caller, detail: ReviewDetail) -> Document | None:
    """The document of the review, if it is kept here and the caller may read it."""
    digest = detail.terms.document
    return readable(context, caller, _raw(digest)) if digest else None


def item(request: Request, caller: Caller, detail: ReviewDetail) -> dict[str, Any]:
    """What the page of one review shows, but for its form."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    t = lexicon.t
    parties = [party for alarm in detail.alarms for party in alarm.parties if len(party) == 42]
    holders = [use.holder for use in detail.uses if use.holder]
    every = {
        detail.holder, *parties, *holders,
        *(step.author for step in detail.steps), *(use.author for use in detail.uses),
    }  # fmt: skip
    names = lexicon.organisations([_raw(id_) for id_ in every])
    scope = _scope(lexicon, names[detail.holder], detail)
    digest = detail.terms.document or ""
    kept = document(context, caller, detail)
    return {
        "r": detail,
        "names": names,
        "holder": names[detail.holder],
        "kind": lexicon.kind(detail.kind),
        "product": lexicon.scope(detail.category, detail.model),
        "shape": SHAPES[detail.queue],
        "queue_word": t.word("review.queue", detail.queue),
        "waiting": waiting(lexicon, context.now() - detail.waiting_since),
        "open": detail.queue in service.OPEN,
        "digest": digest,
        "kept": kept,
        "shown_as": "" if kept is None else viewed_as(kept.media_type),
        "steps": [_step(lexicon, names, step) for step in detail.steps],
        "terms": [*scope, *_changes(lexicon, detail.submitted, detail.terms)],
        "edited": detail.submitted != detail.terms,
        "uses": [
            {
                "same": sentence(
                    t("review.and").join(t.word("review.same", same) for same in use.same)
                ),
                "action": sentence(t.word("action", use.action)),
                "author": names[use.author],
                "holder": None if use.holder is None else names[use.holder],
                "own": use.holder == detail.holder,
                "register": lexicon.register(use.register_name) if use.register_name else "",
                "product": lexicon.scope(use.category, use.model) if use.category else "",
                "sequence": use.sequence,
                **_as_it_stands(context, lexicon, use),
            }
            for use in detail.uses
        ],
        "alarms": [
            {
                "id": alarm.id,
                "what": t.word("review.same", alarm.what),
                "open": alarm.open,
                "parties": [names[p] for p in alarm.parties if p in names],
                "opened_at": alarm.opened_at,
            }
            for alarm in detail.alarms
        ],
        "obstacle": t.word("review.obstacle", detail.obstacle) if detail.obstacle else "",
        "able": _able(context, lexicon, detail),
        "all": service.reads_all(context, caller),
        "alarmed": any(alarm.open for alarm in detail.alarms),
    }


def _scope(lexicon: Lexicon, holder: Named, detail: ReviewDetail) -> list[dict[str, Any]]:
    """Who holds it and for what: what no editing changes."""
    told = (
        ("holder", lexicon.name(holder)),
        ("category", lexicon.category(detail.category)),
        ("model", detail.model or lexicon.t("scope.no-model")),
    )
    return [
        {"label": lexicon.t.word("field", name), "before": said, "after": said, "changed": False}
        for name, said in told
    ]


def _as_it_stands(context: Context, lexicon: Lexicon, use: UseBody) -> dict[str, str]:
    """The other qualification and what holds of it now; nothing of what is a report on a lot."""
    entry = context.workspace.index.entry(use.sequence)
    assert entry is not None
    record = context.workspace.index.qualification(entry.subjects[0])
    if record is None:
        return {"qualification": "", "status": ""}
    now = context.now()
    history = context.workspace.history(record.holder, record.category)
    held = history.qualifications.get(record.id)
    timeline = () if held is None else bands(held, history, now, Clock.RECORDED)
    status = lexicon.status(status_at(timeline, now).status) if timeline else ""
    return {"qualification": hexed(record.id), "status": status}


def _able(context: Context, lexicon: Lexicon, detail: ReviewDetail) -> str:
    """Who can take the next step where the reader's organisation cannot."""
    if detail.queue not in service.OPEN or detail.accounts:
        return ""
    found = service.able(context, detail)
    if not found:
        return ""
    t, names = lexicon.t, lexicon.organisations(found[:_ABLE])
    who = t("review.or").join(lexicon.name(names[hexed(id_)]) for id_ in found[:_ABLE])
    return t("review.able", who=who) if len(found) <= _ABLE else t("review.able-among", who=who)


def _step(lexicon: Lexicon, names: dict[str, Named], step: StepBody) -> dict[str, Any]:
    return {
        "action": lexicon.t.word("review.step", step.action),
        "author": names[step.author],
        "account": step.account,
        "recorded": step.recorded,
        "sequence": step.sequence,
        "note": step.note,
        "refused": step.action == "refuse",
    }


def _changes(lexicon: Lexicon, first: TermsBody, last: TermsBody) -> list[dict[str, Any]]:
    """Number, dates and document, as submitted and as they stand."""
    t = lexicon.t
    before, after = _told(lexicon, first), _told(lexicon, last)
    names = ("number", "validFrom", "validUntil", "document")
    return [
        {"label": t.word("field", name), "before": b, "after": a, "changed": b != a}
        for name, b, a in zip(names, before, after, strict=True)
        # The document stands beside it.
        if name != "document" or b != a
    ]


def _told(lexicon: Lexicon, terms: TermsBody) -> list[str]:
    return [
        terms.number or lexicon.t("value.none"),
        first_day(lexicon, terms.valid_from),
        last_day(lexicon, terms.valid_until),
        terms.document or lexicon.t("value.none"),
    ]


def first_day(lexicon: Lexicon, seconds: int) -> str:
    """The beginning of a validity in words."""
    return lexicon.day(seconds) if formats.is_stated(seconds) else lexicon.t("date.unstated")


def last_day(lexicon: Lexicon, seconds: int) -> str:
    """The end of a validity as documents write it: the last day, included."""
    if seconds == NO_END:
        return lexicon.t("date.without-end")
    if not formats.is_stated(seconds):
        return lexicon.t("date.unstated")
    return lexicon.day(seconds - 1)


def values_of(terms: TermsBody) -> dict[str, str]:
    """The terms as the form for editing has them."""
    return {
        "number": terms.number,
        "valid_from": _iso(terms.valid_from),
        "valid_until": _iso(terms.valid_until - 1) if formats.is_stated(terms.valid_until) else "",
        "without_end": "on" if terms.valid_until == NO_END else "",
    }


def _iso(seconds: int) -> str:
    return formats.iso_day(seconds, DEFAULT_ZONE) if formats.is_stated(seconds) else ""


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
