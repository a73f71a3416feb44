"""What needs somebody's attention: found by the functions that the pages behind it use.

Rules this module keeps:

* Nothing is judged here: alarms, standings, recalls and verdicts are decided where they always
  are. A matter is there as long as what it tells of is so, and goes away with it.
* It is made for every home page, so it is bounded: so many verdicts, suppliers and lots, and no
  more time than :data:`PATIENCE` for deciding verdicts again. What was cut is said by ``complete``.
* What was found is kept until the ledger moves on, at most for :data:`KEPT` seconds.
* Whoever may not read a kind of thing is told nothing of it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any, Final
from weakref import WeakKeyDictionary

import orjson

from api.access import Caller, CallerRole, Scope, SupplierRecord, may_see
from api.alarms import service as all_alarms
from api.attention.schemas import AttentionBody, MatterBody
from api.batches import campaigns
from api.batches.schemas import NamesBody
from api.batches.sight import Sight
from api.context import Context
from api.meta import service as meta
from api.parameters import Asked
from api.reviews import service as reviews
from api.suppliers import service as suppliers
from api.wire import Position
from ledger.alarms import alarms
from ledger.errors import SuyuanError
from ledger.index.lots import Stop
from ledger.provenance.scope import follow_up_of
from ledger.question import Question
from ledger.standing import Status, status_at
from ledger.typed_data import hexed
from ledger.verdict import Answer, Verdict
from ledger.vocabulary import NO_END, Clock
from ledger.workspace import Workspace

DAY: Final = 86_400
#: An end within so many seconds is near.
NEAR: Final = 30 * DAY
#: So many of an organisation's newest verdicts are looked through, so many decided again.
VERDICTS: Final = 60
DECIDED: Final = 40
#: So many of the suppliers that were asked about are looked at.
SUPPLIERS: Final = 20
#: So many of one kind of matter are shown.
MOST: Final = 10
#: So many campaigns are looked through.
CAMPAIGNS: Final = 20
#: So many checkpoints are looked through for one that is countersigned; one that is not after so
#: many seconds is a matter.
CHECKPOINTS: Final = 50
WITNESSED_WITHIN: Final = 3_600
#: For deciding verdicts again there are so many seconds.
PATIENCE: Final = 0.25
#: What was found is looked for again after so many seconds, though the ledger has not moved.
KEPT: Final = 300
_MOST_KEPT: Final = 500

_STOPPED: Final = frozenset({Status.RESTRICTED, Status.SUSPENDED, Status.WITHDRAWN, Status.REFUSED})
_ORDER: Final = {
    "health": 0,
    "verdict-changed": 1,
    "recall-unanswered": 2,
    "own-recall": 2,
    "own-alarm": 3,
    "supplier-recall": 4,
    "supplier-alarm": 5,
}
_LAST: Final = 9


@dataclass
class _Looked:
    """What one look found. ``complete`` is False where something was cut."""

    matters: list[MatterBody] = field(default_factory=list)
    complete: bool = True

    def some(self, found: Sequence[MatterBody]) -> None:
        """Take the first of one kind."""
        self.matters.extend(found[:MOST])
        self.complete = self.complete and len(found) <= MOST


@dataclass
class _Kept:
    """What was found lately for whom, by who asks and on how much of the ledger."""

    found: OrderedDict[tuple[Any, ...], AttentionBody] = field(default_factory=OrderedDict)
    guard: threading.Lock = field(default_factory=threading.Lock)


_kept: Final[WeakKeyDictionary[Workspace, _Kept]] = WeakKeyDictionary()


def attention(context: Context, caller: Caller) -> AttentionBody:
    """What needs this caller's attention now, the most pressing first."""
    if caller.role is CallerRole.OPERATOR:
        return _looked(context, caller)  # how the service does changes without the ledger
    kept = _kept.setdefault(context.workspace, _Kept())
    # Verdicts are kept without the ledger moving: the newest count, too (several in one second
    # come in no order of time).
    newest = context.workspace.store.verdicts(caller.organisation, limit=3)
    key = (
        caller.organisation,
        caller.role,
        caller.scopes,
        context.position,
        tuple(v.id for v in newest),
    )
    with kept.guard:
        found = kept.found.get(key)
    if found is not None and 0 <= context.now() - found.at < KEPT:
        return found
    found = _looked(context, caller)
    with kept.guard:
        kept.found[key] = found
        kept.found.move_to_end(key)
        while len(kept.found) > _MOST_KEPT:
            kept.found.popitem(last=False)
    return found


def _looked(context: Context, caller: Caller) -> AttentionBody:
    position, now = context.position, context.now()
    looked = _Looked()
    with context.workspace.index.snapshot():
        match caller.role:
            case CallerRole.PROCUREMENT:
                _of_a_buyer(context, caller, now, looked)
                _of_goods(context, caller, now, looked)
            case CallerRole.SUPPLIER:
                _of_a_supplier(context, caller, now, looked)
                _of_goods(context, caller, now, looked)
            case CallerRole.ISSUER:
                _of_reviews(context, caller, looked)
                _of_campaigns(context, caller, now, looked, own=True)
            case CallerRole.AUDITOR:
                _of_alarms(context, caller, looked)
                _of_campaigns(context, caller, now, looked, own=False)
                _of_checkpoints(context, looked)
            case CallerRole.OPERATOR:
                looked.some(list(_of_the_service(context)))
        names = _names(context, looked.matters)
    looked.matters.sort(
        key=lambda m: (_ORDER.get(m.code, _LAST), m.until or NO_END, -(m.since or m.asked_at or 0))
    )
    return AttentionBody(
        matters=looked.matters,
        complete=looked.complete,
        at=now,
        organisations=names,
        ledger=Position(position=position),
    )


def _names(context: Context, matters: Iterable[MatterBody]) -> dict[str, NamesBody]:
    wanted = {id_ for m in matters for id_ in (m.organisation, m.other) if id_}
    known = context.workspace.index.organisations([bytes.fromhex(id_[2:]) for id_ in wanted])
    return {
        hexed(o.id): NamesBody(en=o.name_en or o.name_zh, zh=o.name_zh or o.name_en)
        for o in known.values()
    }


# ------------------------------------------------------------------------------------ buyers


@dataclass(frozen=True, slots=True)
class _Given:
    """A verdict that was given, for a delivery that lies ahead."""

    id: str
    question: Question
    answer: Answer
    asked_at: int


def _of_a_buyer(context: Context, caller: Caller, now: int, looked: _Looked) -> None:
    if Scope.VERDICTS_READ not in caller.scopes:
        return
    given = _ahead(context, caller, now, looked)
    again = _again(context, given, now, looked)
    looked.some([m for m in (_changed(g, again.get(g.id)) for g in given) if m is not None])
    looked.some(list(_ending(given, again, now)))
    seen = dict.fromkeys(g.question.organisation for g in given)
    looked.complete = looked.complete and len(seen) <= SUPPLIERS
    about = [s for s in list(seen)[:SUPPLIERS] if may_see(caller, SupplierRecord(s))]
    looked.some([m for s in about for m in _supplier_alarms(context, s, now)])
    looked.some([m for s in about for m in _supplier_recalls(context, s, now)])


def _ahead(context: Context, caller: Caller, now: int, looked: _Looked) -> list[_Given]:
    """The newest verdict on each question whose delivery is yet to come, as far as it was asked
    for its own day: who asks as known earlier looks back."""
    found: dict[tuple[Any, ...], _Given] = {}
    kept = context.workspace.store.verdicts(caller.organisation, limit=VERDICTS)
    looked.complete = looked.complete and len(kept) < VERDICTS
    for one in kept:
        question = Question.from_json(orjson.loads(one.question))
        if question.deliver_at[1] <= now or question.known_at < one.asked_at - DAY:
            continue
        q = question
        key = (q.organisation, q.category, q.model, q.deliver_at, q.quantity, q.unit, q.lots)
        if key not in found:
            answer = Answer(orjson.loads(one.verdict)["answer"])
            id_ = one.id.partition(":")[0]
            found[key] = _Given(id_, question, answer, one.asked_at)
    return list(found.values())


def _again(
    context: Context, given: Sequence[_Given], now: int, looked: _Looked
) -> Mapping[str, Verdict]:
    """The verdicts as they would be given now, by the ids of those that were given; those whose
    delivery is nearest first, as many as there is time for."""
    found: dict[str, Verdict] = {}
    until = time.monotonic() + PATIENCE
    for one in sorted(given, key=lambda g: g.question.deliver_at):
        if len(found) == DECIDED or time.monotonic() > until:
            looked.complete = False
            break
        # From when the supplier can work on it stays what it was: the order may be placed.
        found[one.id] = context.workspace.decide(replace(one.question, known_at=now))
    return found


def _changed(given: _Given, again: Verdict | None) -> MatterBody | None:
    if again is None or again.answer is given.answer:
        return None
    return MatterBody(
        code="verdict-changed",
        path="/verdicts/" + given.id,
        asked_at=given.asked_at,
        until=given.question.deliver_at[0],
        organisation=hexed(given.question.organisation),
        category=given.question.category,
        model=given.question.model,
        before=given.answer,
        now=again.answer,
    )


def _ending(
    given: Sequence[_Given], again: Mapping[str, Verdict], now: int
) -> Iterator[MatterBody]:
    """What carries an answer and ends soon after the delivery day, or before it."""
    told = set()
    for one in given:
        verdict = again.get(one.id)
        for kind in verdict.standing.required if verdict is not None else ():
            last = max(kind.carriers, key=lambda h: h.terms.valid_until or NO_END, default=None)
            if last is None or last.qualification.id in told:
                continue
            until = last.terms.valid_until
            if 0 < until < max(now + NEAR, one.question.deliver_at[1]):
                told.add(last.qualification.id)
                yield MatterBody(
                    code="supplier-licence-ends",
                    path="/suppliers/" + hexed(one.question.organisation),
                    until=until,
                    organisation=hexed(one.question.organisation),
                    kind=kind.kind,
                    number=last.terms.number,
                )


def _supplier_alarms(context: Context, supplier: bytes, now: int) -> Iterator[MatterBody]:
    history = context.workspace.history(supplier, "")
    firm = history.firm(supplier, now)
    for alarm in alarms(history, supplier, now):
        if any(alarm.stops(member) for member in firm):
            yield MatterBody(
                code="supplier-alarm",
                path="/suppliers/" + hexed(supplier),
                since=alarm.opened_at,
                organisation=hexed(supplier),
            )
            return


def _supplier_recalls(context: Context, supplier: bytes, now: int) -> Iterator[MatterBody]:
    graph = context.workspace.index.lots
    firm = context.workspace.history(supplier, "").firm(supplier, now)
    stops = graph.recalled_of(makers=firm)
    if stops:
        one_campaign = len({s.campaign for s in stops}) == 1
        path = f"/recalls/{hexed(stops[-1].campaign)}" if one_campaign else "/recalls"
        yield MatterBody(
            code="supplier-recall",
            path=path,
            since=context.workspace.index.recorded_at(stops[0].sequence),
            organisation=hexed(supplier),
            count=len({s.lot for s in stops}),
        )
    listed = [r for r in graph.latest_mirrored_recalls(1 << 53, MOST + 1, firm) if not r.ended]
    if listed:
        yield MatterBody(
            code="supplier-recall-listed",
            path="/suppliers/" + hexed(supplier),
            since=max(r.initiated for r in listed) or None,
            organisation=hexed(supplier),
            count=len(listed),
        )


# --------------------------------------------------------------------------------- suppliers


def _of_a_supplier(context: Context, caller: Caller, now: int, looked: _Looked) -> None:
    own = caller.organisation
    asked = Asked((now, now + 1), now, Clock.RECORDED)
    found = suppliers.find(context, caller, own, asked)
    ending, stopped = [], []
    last: dict[tuple[str, str, str], int] = {}
    for q, timeline in found.timelines:
        until = next((b.end for b in timeline if b.start <= now < b.end and _valid(b.status)), 0)
        scope = (q.kind, q.category, q.model)
        last[scope] = max(last.get(scope, 0), until)
    for q, timeline in found.timelines:
        band = status_at(timeline, now)
        about: dict[str, Any] = {
            "path": "/qualifications/" + hexed(q.id),
            "kind": q.kind,
            "category": q.category,
            "model": q.model,
            "number": suppliers.qualification_summary(q, timeline, asked).number,
        }
        if _valid(band.status) and now < band.end < now + NEAR:
            if band.end == last[q.kind, q.category, q.model]:  # and nothing carries on after it
                ending.append(MatterBody(code="own-licence-ends", until=band.end, **about))
        # What was taken away long ago is known.
        recent = band.status is not Status.WITHDRAWN or band.start > now - NEAR
        if band.status in _STOPPED and recent:
            since = _recorded(context, band.rests) or band.start
            stopped.append(
                MatterBody(
                    code="own-licence-stopped", since=since, status=band.status.value, **about
                )
            )
    looked.some(stopped)
    looked.some(ending)
    silent = [
        alarm
        for alarm in alarms(found.history, own, now)
        if alarm.open and not any(r.stated.author in found.firm for r in alarm.replies)
    ]
    if silent:
        looked.matters.append(
            MatterBody(
                code="own-alarm",
                path="/suppliers/" + hexed(own),
                since=min(alarm.opened_at for alarm in silent),
                count=len(silent),
            )
        )
    stops = context.workspace.index.lots.recalled_of(makers=found.firm)
    looked.some(list(_own_recalls(context, stops)))


def _valid(status: Status) -> bool:
    return status in (Status.IN_FORCE, Status.RESTRICTED)


def _recorded(context: Context, entries: Sequence[int]) -> int | None:
    return context.workspace.index.recorded_at(max(entries)) if entries else None


def _own_recalls(context: Context, stops: Sequence[Stop]) -> Iterator[MatterBody]:
    for campaign in dict.fromkeys(s.campaign for s in stops):
        of_it = [s for s in stops if s.campaign == campaign]
        yield MatterBody(
            code="own-recall",
            path="/recalls/" + hexed(campaign),
            since=context.workspace.index.recorded_at(of_it[0].sequence),
            lot=context.workspace.index.lots.lots({of_it[0].lot})[0].lot,
            count=len({s.lot for s in of_it}),
        )


def _of_goods(context: Context, caller: Caller, now: int, looked: _Looked) -> None:
    """What is asked of whoever holds goods or is sent some."""
    if Scope.BATCHES_READ not in caller.scopes:
        return
    looked.some(list(_unanswered(context, caller)))
    looked.some(list(_arriving(context, caller, now)))


def _unanswered(context: Context, caller: Caller) -> Iterator[MatterBody]:
    workspace, own = context.workspace, caller.organisation
    graph = workspace.index.lots
    stops = graph.recalled_of(custodian=own)
    for campaign in list(dict.fromkeys(s.campaign for s in stops))[: MOST + 1]:
        of_it = [s for s in stops if s.campaign == campaign]
        lots = list(graph.lots({s.lot for s in of_it}))
        followed = follow_up_of(graph, lots, campaign, upto=context.position)
        asked = [f for f in followed if any(s.custodian == own for s in f.missing)]
        if asked:
            yield MatterBody(
                code="recall-unanswered",
                path="/recalls/" + hexed(campaign),
                since=workspace.index.recorded_at(of_it[0].sequence),
                lot=asked[0].lot.lot,
                count=len(asked),
            )


def _arriving(context: Context, caller: Caller, now: int) -> Iterator[MatterBody]:
    graph, own = context.workspace.index.lots, caller.organisation
    coming = [w for w in graph.under_way_of(own) if w.recipient == own and not w.answered]
    lots = {lot.number: lot for lot in graph.lots({w.lot for w in coming})}
    for way in coming:
        lot = lots[way.lot]
        yield MatterBody(
            code="arrival-late" if way.due and way.due < now else "arrival",
            path="/batches/" + hexed(lot.id),
            since=way.sent_at,
            until=way.due or None,
            organisation=hexed(way.sender),
            lot=lot.lot,
            quantity=way.quantity,
            unit=lot.unit,
        )


# ----------------------------------------------------------------- reviewers and overseers


def _of_reviews(context: Context, caller: Caller, looked: _Looked) -> None:
    """How many reviews wait for each step that an account of the organisation may take."""
    found: dict[str, list[int]] = {}
    page = reviews.listed(context, caller, reviews.OPEN, doable=True, limit=200)
    looked.complete = looked.complete and page.next is None
    for one in page.reviews:
        found.setdefault(one.queue.value, []).append(one.waiting_since)
    for queue in reviews.OPEN:
        if queue.value in found:
            since = found[queue.value]
            looked.matters.append(
                MatterBody.model_validate(
                    {
                        "code": f"review-{queue.value}",
                        "path": "/reviews",
                        "since": min(since),
                        "count": len(since),
                    }
                )
            )


def _of_campaigns(
    context: Context, caller: Caller, now: int, looked: _Looked, *, own: bool
) -> None:
    """Recalls that custodians have not answered; ``own``: those that the caller called alone."""
    if Scope.BATCHES_READ not in caller.scopes:
        return
    sight = Sight(context.workspace, caller, now, context.position)
    told = campaigns.campaigns(context.workspace, sight, context.position, None, CAMPAIGNS)
    looked.complete = looked.complete and told["next"] is None
    found = []
    for one in told["campaigns"]:
        callers = {c["by"] for c in one["callers"]}
        if one["unanswered"] and (not own or hexed(caller.organisation) in callers):
            found.append(
                MatterBody(
                    code="recall-waits",
                    path="/recalls/" + one["campaign"],
                    since=one["waiting_since"],
                    lot=one["lots"][0]["lot"] if one["lots"] else None,
                    count=one["unanswered"],
                )
            )
    looked.some(found)


# ---------------------------------------------------------------------------------- auditors


def _of_alarms(context: Context, caller: Caller, looked: _Looked) -> None:
    if Scope.AUDIT_READ not in caller.scopes:
        return
    told = all_alarms.open_alarms(context)
    looked.complete = looked.complete and told.complete
    looked.some(
        [
            MatterBody(
                code="alarm-document" if alarm.what == "document" else "alarm-number",
                path="/suppliers/" + alarm.sides[0].organisation,
                since=alarm.opened_at,
                organisation=alarm.sides[0].organisation,
                other=alarm.sides[1].organisation,
                number=alarm.shown,
            )
            for alarm in told.alarms
        ]
    )


def _of_checkpoints(context: Context, looked: _Looked) -> None:
    """Whether somebody else has seen what the log is."""
    book = context.workspace.store.checkpoints
    newest = book.page(CHECKPOINTS)
    if not newest:
        looked.matters.append(MatterBody(code="checkpoint-none", path="/audit"))
        return
    alone = list(takewhile(lambda kept: not kept.checkpoint.witnesses, newest))
    # A witness comes by from time to time: what was made since is no matter yet.
    if alone and alone[-1].made_at < context.now() - WITNESSED_WITHIN:
        looked.matters.append(
            MatterBody(
                code="checkpoint-unwitnessed",
                path="/audit",
                since=alone[-1].made_at,
                count=len(alone),
            )
        )


# --------------------------------------------------------------------------------- operators


def _of_the_service(context: Context) -> Iterator[MatterBody]:
    try:
        health = meta.health(context)
    except SuyuanError as error:
        yield MatterBody(code="health", path="/guides/operator", status=error.code)
        return
    for reason in health.reasons:
        yield MatterBody(code="health", path="/guides/operator", status=reason)
    if health.queued:
        oldest = context.workspace.relay.health().oldest
        yield MatterBody(
            code="queue",
            path="/guides/operator",
            since=None if oldest is None else int(oldest),
            count=health.queued,
        )
