"""A supplier in words: who it is, where it stands for each product, and on which records.

Everything is told from what the JSON is made of (``api.suppliers.service.find``). States and their
reasons are those of the verdict's third check (``ledger.checks``), so a page never says more than a
verdict would: nothing required means unknown, not valid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import Request
from markupsafe import Markup

from api.access import Caller, CallerRole, QualificationRecord, Scope, may_see
from api.batches import service as batches
from api.batches.sight import Sight
from api.context import Context
from api.documents.service import readable_among
from api.links import service as links
from api.links.schemas import ProposalBody
from api.pages import days, formats
from api.pages.clocks import clocks_of, stated_clock
from api.pages.lexicon import Lexicon, Named
from api.pages.recent import Recent
from api.pages.rendering import part
from api.pages.signing.stamping import accounts
from api.pages.suppliers import timeline
from api.pages.suppliers.still import Still, find, keep
from api.parameters import DEFAULT_ZONE, Asked, known_until
from api.suppliers import service
from api.suppliers.service import Found
from api.wire import interval_of
from ledger.alarms import Alarm, alarms
from ledger.checks import Case, Reason
from ledger.errors import RequestError
from ledger.history import Capacity, History, Qualification, Terms
from ledger.provenance.model import Lot
from ledger.question import Question, day_interval
from ledger.standing import Band, KindStanding, Result, Standing, Status, status_at, terms_at
from ledger.typed_data import REGISTER_PREFIX, hexed

#: So many scopes, qualifications and batches stand on the page; all of them on further pages.
MOST_SCOPES: Final = 20
MOST_BANDS: Final = 8
MOST_BATCHES: Final = 6
MOST_RECALLED: Final = 8
#: So many qualifications on a page of their own.
PAGE: Final = 50
#: From so many scopes on they can be searched; so many can be chosen among.
MANY_SCOPES: Final = 12
MOST_CHOICES: Final = 200

_ZONE: Final = ZoneInfo(DEFAULT_ZONE)
#: How what holds with a restriction is shown: as an answer with conditions.
RESTRICTED: Final = "buy-with-conditions"
#: The values of reasons that are days or instants.
DATES: Final = frozenset({"since", "until", "published", "known_at"})
_SEVERITY: Final = {Result.INVALID: 0, Result.UNKNOWN: 1, Result.VALID: 2, Result.SKIPPED: 3}


#: The lots that suppliers made, as they were looked up at a position of the ledger.
_MADE: Final = Recent(1024)


@dataclass(frozen=True, slots=True)
class _Made:
    """A page of lots that a supplier made, behind which to go on, by number what stops each; and
    how many of all its lots are recalled, with the first of them."""

    lots: list[Lot]
    following: int | None
    stopped: Mapping[int, str]
    recalled_count: int
    recalled: Sequence[Lot]


@dataclass(frozen=True, slots=True)
class ShownKind:
    """One kind of qualification in a scope, in a ``word``; ``state`` names its shape."""

    name: str
    required: bool
    state: str
    word: str
    reasons: list[str]
    entries: list[int]


@dataclass(frozen=True, slots=True)
class ShownScope:
    """A product with where the supplier stands for it, in a ``word`` and in full; ``state`` names
    its shape, ``until`` says how long it stays so, as far as that is known. ``missing`` are reasons
    of no kind. ``general``: no more than that nothing holds for all models at once."""

    category: str
    model: str
    product: str
    state: str
    word: str
    general: bool
    until: str
    short: str
    missing: list[str]
    kinds: list[ShownKind]


@dataclass(frozen=True, slots=True)
class ShownBand:
    """A qualification with its bands: drawn, and told."""

    id: str
    kind: str
    product: str
    number: str
    state: str
    status: str
    bars: Sequence[timeline.Bar]
    told: list[str]
    way: str
    document: str
    opens: bool
    entry: int


def state_of(status: Status) -> str:
    """The name of a status's shape and colour."""
    return RESTRICTED if status is Status.RESTRICTED else status.result.value


def asked_for(request: Request) -> Asked:
    """The clocks of the page's address; what is empty is now. Days are of the pages' zone."""
    now, said = Context.of(request).now(), clocks_of(request)
    interval = interval_of(said["at"], DEFAULT_ZONE, "at") if "at" in said else (now, now + 1)
    known = known_until(now, said.get("known_at"), DEFAULT_ZONE)
    return Asked(interval, known, stated_clock(request))


def not_now(lexicon: Lexicon, asked: Asked, clocks: Mapping[str, str]) -> list[str]:
    """What is shown instead of the present, clock by clock; nothing for the present."""
    if not clocks:
        return []
    at = asked.at[0]
    day = lexicon.day(at) if "at" in clocks else lexicon.t("clocks.today", day=lexicon.day(at))
    offset = formats.offset(at, DEFAULT_ZONE)
    return [
        lexicon.t("clocks.at-shown", day=day, zone=DEFAULT_ZONE, offset=offset),
        lexicon.t("clocks.known-shown", when=lexicon.instant(asked.known_at)),
        lexicon.t.word("clock", asked.clock),
    ]


# ------------------------------------------------------------------------------- the pages


def shown(request: Request, caller: Caller, organisation: bytes) -> dict[str, Any]:
    """What the page of a supplier shows, for those who may see it."""
    context = Context.of(request)
    with context.workspace.index.snapshot():
        return _Page(request, caller, organisation).whole()


def every_qualification(request: Request, caller: Caller, organisation: bytes) -> dict[str, Any]:
    """What the page with the time line of all qualifications shows."""
    context = Context.of(request)
    with context.workspace.index.snapshot():
        return _Page(request, caller, organisation).qualifications()


def every_batch(
    request: Request, caller: Caller, organisation: bytes, after: int
) -> dict[str, Any]:
    """What the page with all goods that the supplier made shows, behind the number ``after``."""
    context = Context.of(request)
    with context.workspace.index.snapshot():
        made = _Page(request, caller, organisation)
        return {**made.frame(), "batches": made.batches(after, PAGE)}


class _Page:
    """One supplier for one reader; what several parts of the page need is made once."""

    def __init__(self, request: Request, caller: Caller, organisation: bytes) -> None:
        self.request, self.caller = request, caller
        self.context, self.lexicon = Context.of(request), Lexicon.of(request)
        self.asked = asked_for(request)
        self.clocks = clocks_of(request)
        self.found = service.find(self.context, caller, organisation, self.asked)
        self.t = self.lexicon.t
        self.raised = alarms(self.found.history, self.found.id, self.asked.known_at)
        self._stopping = sum(service.stops(a, self.found.firm) for a in self.raised)
        self._reasons: dict[str, str] = {}
        self._products: dict[tuple[str, str], str] = {}

    def whole(self) -> dict[str, Any]:
        found, lexicon = self.found, self.lexicon
        known = service.as_known(found.history.organisations[found.id], self.asked)
        raised = self.raised
        proposals = links.found(
            self.context, self.caller, found.id, self.asked, found.history
        ).proposals
        names = self._names(_involved(raised, proposals))
        still = self._still()
        division = found.record.division
        own = self.caller.organisation in found.firm
        shown = {a.mark.value for a in raised if a.mark.what == "document"}
        opens = self._open(still.documents | shown)
        return {
            **self.frame(),
            "identifier_kind_name": self._identifier_kind(),
            "origin": lexicon.origin(found.record.identifier_kind),
            "on_ledger": known.status.name.lower(),
            "division": lexicon.division(division) if division else "",
            "deliver_on": self._delivery_day(),
            "standing": still.standing,
            "over_time": self._over_time(still, opens & still.documents),
            "about": still.about,
            "alarms": [self._alarm(a, names, opens) for a in raised],
            "stopping": self._stopping,
            "is_own": own,
            "as_known": self.beginning(self.asked.known_at),
            "batches": self.batches(-1, MOST_BATCHES),
            "proposals": [self._proposal(p, names) for p in proposals],
            "may_link": bool(proposals) and self._may("LinkOrganisations"),
            "may_reply": bool(raised) and own and self._may("Reply"),
            "may_close": bool(raised) and self._may("CloseAlarm"),
        }

    # -- what can be kept

    def _still(self) -> Still:
        """The parts that are the same for everybody who may read the same; of another time they
        are made anew."""
        role = self.caller.role
        asks = Scope.VERDICTS_WRITE in self.caller.scopes
        if self.clocks or self.request.query_params.keys() & {"product", "deliver_on", "from"}:
            return self._made_still(asks)
        key = (
            self.found.record,
            self.t.language,
            asks,
            self.caller.organisation if role is CallerRole.SUPPLIER else None,
            max((c.sequence for c in self.lexicon.categories.values()), default=-1),
            self._stopping,
        )
        now = self.asked.at[0]
        still = find(self.found, key, now)
        if still is None:
            still = self._made_still(asks)
            keep(self.found, key, now, still)
        return still

    def _made_still(self, asks: bool) -> Still:
        return Still(
            self._part("standing", may_ask=asks, **self._scopes()),
            self._part("about", **self._about()),
            frozenset(
                terms.document
                for q, _, _ in self._ordered()[:MOST_BANDS]
                if any((terms := terms_at(q, self.asked.known_at, self.asked.clock)).document)
            ),
        )

    def _over_time(self, still: Still, opens: frozenset[bytes]) -> Markup:
        """The time line, with the documents that are open to the reader."""
        if opens not in still.over_time:
            still.over_time[opens] = self._part("over_time", **self.drawn(0, MOST_BANDS, opens))
        return still.over_time[opens]

    def _open(self, documents: Iterable[bytes]) -> frozenset[bytes]:
        if Scope.DOCUMENTS_READ not in self.caller.scopes:
            return frozenset()
        return frozenset(readable_among(self.context, self.caller, documents))

    def _part(self, name: str, **values: Any) -> Markup:
        return part(self.t.language, f"suppliers/{name}.html", **self.frame(), **values)

    def _scopes(self) -> dict[str, Any]:
        query = self.request.query_params
        product, first = query.get("product", "").strip(), self._first()
        models = {one.scope.category for one, _ in self.found.standings if one.scope.model}
        rows = [
            _Row(self, one, history, has_models=one.scope.category in models)
            for one, history in self.found.standings
        ]
        rows.sort(key=lambda row: row.general)
        wanted = [row for row in rows if product.casefold() in row.product.casefold()]
        some = wanted[first : first + MOST_SCOPES]
        return {
            "scopes": [row.shown() for row in some],
            "ask_scopes": [
                (f"{row.scope.category} {row.scope.model}", row.product)
                # What can be answered with yes first; of no particular model nothing can.
                for row in sorted(
                    wanted if len(wanted) <= MOST_CHOICES else some,
                    key=lambda row: (-_SEVERITY[row.result], not row.scope.model),
                )
            ],
            "ask_scope": query.get("scope", ""),
            "ask_quantity": query.get("quantity", "")[:40],
            "scope_count": len(rows),
            "wanted_count": len(wanted),
            "scope_first": first,
            "scope_before": max(first - MOST_SCOPES, 0) if first else None,
            "scope_next": first + MOST_SCOPES if first + MOST_SCOPES < len(wanted) else None,
            "searchable": len(rows) > MANY_SCOPES,
            "product": product,
            "deliver_on": self._delivery_day(),
            "stopping": self._stopping,
        }

    def _first(self) -> int:
        """Behind how many the page begins, as its address says."""
        text = self.request.query_params.get("from", "0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

    def _about(self) -> dict[str, Any]:
        """Who it is, and what it can make."""
        found, lexicon = self.found, self.lexicon
        record = found.record
        known = service.as_known(found.history.organisations[found.id], self.asked)
        capacities = service.capacities_of(found.history, found.firm, self.asked)
        names = self._names({*found.firm, *(c.stated.author for c in capacities)})
        held = [q for q, _ in self._timelines()]
        return {
            "identifier_kind_name": self._identifier_kind(),
            "origin": lexicon.origin(record.identifier_kind),
            "on_ledger": known.status.name.lower(),
            "roles": service.role_words(known.roles),
            "division": lexicon.division(record.division) if record.division else "",
            "registers": [
                {"name": lexicon.register(name), "published": day}
                for name, day in _registers(found, held, capacities).items()
            ],
            "firm": [names[hexed(f)] for f in found.firm if f != found.id],
            "capacities": [self._capacity(c, names) for c in capacities],
        }

    def qualifications(self) -> dict[str, Any]:
        first = self._first()
        some = self._ordered()[first : first + PAGE]
        terms = (terms_at(q, self.asked.known_at, self.asked.clock) for q, _, _ in some)
        opens = self._open({t.document for t in terms if any(t.document)})
        return {**self.frame(), **self.drawn(first, PAGE, opens)}

    def frame(self) -> dict[str, Any]:
        record = self.found.record
        return {
            "supplier": Named(hexed(record.id), record.name_zh, record.name_en, record.identifier),
            "lexicon": self.lexicon,
            "clocks": self.clocks,
            "asked": self.asked,
            "not_now": not_now(self.lexicon, self.asked, self.clocks),
            "here": "/suppliers/" + hexed(record.id),
        }

    def _identifier_kind(self) -> str:
        """What kind of identifier it is known by; of a kind without a name, that it is another."""
        kind = self.found.record.identifier_kind
        named = self.lexicon.identifier_kind(kind)
        return named if named != kind else self.t("supplier.other-identifier", kind=kind)

    # -- time line

    def _timelines(self) -> list[tuple[Qualification, tuple[Band, ...]]]:
        return [
            (q, bands)
            for q, bands in self.found.timelines
            if may_see(self.caller, QualificationRecord(q.holder, q.author))
        ]

    def _ordered(self) -> list[tuple[Qualification, tuple[Band, ...], Band]]:
        """All qualifications with their bands and the one that holds: what does not hold stands
        first."""
        at = self.asked.at[0]
        every = [(q, bands, status_at(bands, at)) for q, bands in self._timelines()]

        def order(one: tuple[Qualification, tuple[Band, ...], Band]) -> tuple[Any, ...]:
            q, _, now = one
            severity = _SEVERITY[now.status.result]
            return (severity, q.category, q.model, q.kind, q.stated.sequence)

        return sorted(every, key=order)

    def drawn(self, first: int, most: int, opens: frozenset[bytes]) -> dict[str, Any]:
        """The time line of so many qualifications; ``opens`` are the documents that the reader may
        take."""
        at = self.asked.at[0]
        everything = self._ordered()
        some = everything[first : first + most]
        looked_at = {"today": self.context.now()}
        if "at" in self.clocks:
            looked_at["chosen"] = at
        delivery = self._delivery()
        if delivery is not None:
            looked_at["delivery"] = delivery
        drawing = timeline.axis((bands for _, bands, _ in some), at, looked_at.values())
        terms = {q.id: terms_at(q, self.asked.known_at, self.asked.clock) for q, _, _ in some}
        rows = [
            ShownBand(
                hexed(q.id),
                self.lexicon.kind(q.kind),
                self.product_of(q.category, q.model),
                terms[q.id].number,
                state_of(now.status),
                self.lexicon.status(now.status),
                drawing.bars(bands),
                self._told(bands, terms[q.id]),
                self._way(q),
                hexed(terms[q.id].document) if any(terms[q.id].document) else "",
                terms[q.id].document in opens,
                q.stated.sequence,
            )
            for q, bands, now in some
        ]
        looks = {bar.look for row in rows for bar in row.bars}
        return {
            "bands": rows,
            "band_count": len(everything),
            "band_first": first,
            "band_next": first + most if first + most < len(everything) else None,
            "band_before": max(first - most, 0) if first else None,
            "ticks": drawing.ticks(DEFAULT_ZONE, self.t.language),
            "marks": drawing.marks(looked_at),
            "legend": [look for look in timeline.EVERY_LOOK if look in looks],
        }

    def _delivery_day(self) -> str:
        return self.request.query_params.get("deliver_on", "") if self._delivery() else ""

    def _delivery(self) -> int | None:
        """The day that a delivery is asked for, if the address says one."""
        text = self.request.query_params.get("deliver_on", "")
        try:
            return day_interval(text, DEFAULT_ZONE, "deliver_on")[0] if text else None
        except RequestError:
            return None

    def _told(self, bands: Sequence[Band], terms: Terms) -> list[str]:
        """The bands in words: what, from when to when; of what nobody has decided about yet, what
        was submitted."""
        told = [self._stretch(band) for band in bands]
        if bands[-1].status is Status.UNDER_REVIEW:
            start, end = (
                said(at)
                if formats.is_stated(at)
                else self.t("date.without-end" if at else "date.unstated")
                for at, said in ((terms.valid_from, self.beginning), (terms.valid_until, self.last))
            )
            told.append(self.t("timeline.submitted", start=start, end=end))
        return told

    def _stretch(self, band: Band) -> str:
        begins, ends = formats.is_stated(band.start) and band.start > 1, formats.is_stated(band.end)
        name = self.lexicon.status(band.status)
        if begins and ends:
            return self.t("timeline.between", status=name, start=self.beginning(band.start),
                          end=self.last(band.end))  # fmt: skip
        if begins:
            return self.t("timeline.from", status=name, start=self.beginning(band.start))
        if ends:
            return self.t("timeline.until", status=name, end=self.beginning(band.end))
        if band.status is Status.UNDER_REVIEW:
            return name
        return self.t("timeline.always", status=name)

    def beginning(self, at: int) -> str:
        return days.beginning(at, DEFAULT_ZONE, self.t.language)

    def last(self, end: int) -> str:
        return days.last(end, DEFAULT_ZONE, self.t.language)

    def _way(self, q: Qualification) -> str:
        by = self._name(q.author)
        if q.register:
            return self.t("way.mirrored", by=by, register=self.lexicon.register(q.register))
        return self.t.word("way", q.way.name.lower()).format(by=by)

    # -- words

    def product_of(self, category: str, model: str) -> str:
        key = (category, model)
        if key not in self._products:
            self._products[key] = self.lexicon.scope(category, model)
        return self._products[key]

    def reason(self, reason: Reason) -> str:
        """A reason with its codes named and its days as the reader writes them; many scopes have
        the same."""
        language, values = self.t.language, dict(reason.values)
        for name, value in values.items():
            if name in DATES and isinstance(value, str):
                values[name] = formats.rewritten(value, language)
            elif name == "models" and isinstance(value, str) and language == "zh":
                values[name] = value.replace(", ", "、")
        text = replace(reason, values=values).text(language)
        if text not in self._reasons:
            self._reasons[text] = self.lexicon.reason(text)
        return self._reasons[text]

    def _name(self, organisation: bytes) -> str:
        found = self.found.history.organisations.get(organisation)
        return found.name(self.t.language) if found else hexed(organisation)

    def _names(self, wanted: Iterable[bytes]) -> dict[str, Named]:
        """Names by hex id; nearly all stand in the history that was read already."""
        known = self.found.history.organisations
        named, missing = dict[str, Named](), []
        for id_ in set(wanted):
            o = known.get(id_)
            if o is None:
                missing.append(id_)
            else:
                named[hexed(id_)] = Named(hexed(id_), o.name_zh, o.name_en, o.identifier)
        return {**named, **self.lexicon.organisations(missing)} if missing else named

    def _may(self, action: str) -> bool:
        """Whether the caller's organisation has an account that may sign this."""
        if self.clocks or Scope.ENTRIES_WRITE not in self.caller.scopes:
            return False  # nobody decides while looking at another time
        if action != "Reply" and self.caller.role is CallerRole.PROCUREMENT:
            return False
        return bool(accounts(self.context, self.caller.organisation, [action]))

    # -- what others said, and can be done

    def _capacity(self, c: Capacity, names: Mapping[str, Named]) -> dict[str, Any]:
        origin = ""
        if c.register and c.stated.published is not None:
            origin = self.t(
                "capacity.from-register",
                register=self.lexicon.register(c.register),
                day=self.lexicon.day(c.stated.published),
            )
        return {
            "product": self.product_of(c.category, c.model),
            "per_day": c.per_day,
            "unit": c.unit,
            "author": names[hexed(c.stated.author)],
            "recorded": c.stated.recorded,
            "origin": origin,
            "entry": c.stated.sequence,
        }

    def _alarm(
        self, alarm: Alarm, names: Mapping[str, Named], opens: frozenset[bytes]
    ) -> dict[str, Any]:
        """``opens`` are the documents that the reader may take."""
        firm, mark, closed = self.found.firm, alarm.mark, alarm.closed
        kind, _, number = mark.shown.partition(" ") if mark.what == "number" else ("", "", "")
        stops = service.stops(alarm, firm)
        return {
            "id": hexed(alarm.id),
            "open": alarm.open,
            "stops": stops,
            "state": "invalid" if stops else "unknown" if alarm.open else "skipped",
            "kind": self.lexicon.kind(kind) if kind else "",
            "number": number,
            "document": "" if kind else hexed(mark.value),
            "opens": mark.value in opens,
            "other": names[
                hexed(next((h for h in alarm.holders if h[:20] not in firm), firm[0])[:20])
            ],
            "sides": [
                {
                    "organisation": names[hexed(holder[:20])],
                    "lot": hexed(holder) if len(holder) == 32 else "",
                    "own": holder[:20] in firm,
                    "vouched": holder in alarm.vouched,
                    "stopped": alarm.stops(holder),
                }
                for holder in sorted(alarm.holders, key=lambda h: h[:20] not in firm)
            ],
            "opened_at": alarm.opened_at,
            "entries": list(alarm.uses),
            "closed": None
            if closed is None
            else {
                "by": names[hexed(closed.stated.author)],
                "recorded": closed.stated.recorded,
                "reason": closed.reason,
                "entry": closed.stated.sequence,
            },
            "replies": [
                {
                    "text": r.text,
                    "by": names[hexed(r.stated.author)],
                    "own": r.stated.author in firm,
                    "recorded": r.stated.recorded,
                    "entry": r.stated.sequence,
                }
                for r in alarm.replies
            ],
        }

    def batches(self, after: int, most: int) -> dict[str, Any] | None:
        """Goods that it made, in the ledger's order; None for who may not read batches at all."""
        if Scope.BATCHES_READ not in self.caller.scopes:
            return None
        # Of a supplier's or a store's reader only what it deals with is seen.
        only = self.caller.organisation if self.caller.role is CallerRole.SUPPLIER else None
        key = (self.context.workspace.data, self.context.position, self.found.id, only, most)
        if after < 0:
            made: _Made = _MADE.get(key, lambda: self._made(after, most))
        else:  # later pages are for whoever asks for them: nobody chooses what is kept
            made = self._made(after, most)
        return {
            "rows": [
                {
                    "id": hexed(lot.id),
                    "lot": lot.lot,
                    "product": self.product_of(lot.category, lot.model),
                    "quantity": lot.quantity,
                    "unit": lot.unit,
                    "happened_at": lot.happened_at,
                    "stopped": made.stopped.get(lot.number),
                }
                for lot in made.lots
                if lot.recorded_at <= self.asked.known_at
            ],
            "next": made.following,
            "recalled_count": made.recalled_count,
            "recalled": [{"id": hexed(lot.id), "lot": lot.lot} for lot in made.recalled],
        }

    def _made(self, after: int, most: int) -> _Made:
        """The lots as they stand now, whatever other time is looked at: a recall that stands is
        never left out."""
        workspace, position = self.context.workspace, self.context.position
        graph = workspace.index.lots
        sight = Sight(workspace, self.caller, self.context.now(), position)
        lots, following = batches.lots(
            workspace, sight, maker=self.found.id, after=after, limit=most
        )
        stops = graph.recalled_of(makers=[self.found.id])
        recalled = sight.own({stop.lot for stop in stops if stop.stands(position)})
        stopped = batches.stopped(workspace, position, [lot.number for lot in lots])
        named = graph.lots(sorted(recalled)[:MOST_RECALLED])
        return _Made(lots, following, stopped, len(recalled), named)

    def _proposal(self, p: ProposalBody, names: Mapping[str, Named]) -> dict[str, Any]:
        language = self.t.language
        return {
            "supplier": p.supplier,
            "origin": self.lexicon.origin(p.supplier.identifier_kind),
            "score": round(p.score * 100),
            "reasons": [r.zh if language == "zh" else r.en for r in p.reasons],
            "decided": p.decided,
            "decision": p.decision,
            "by": names[p.decision.author] if p.decision else None,
        }


class _Row:
    """A scope as a line of the table. Its words are only made for those that are shown."""

    def __init__(
        self, page: _Page, standing: Standing, history: History, *, has_models: bool
    ) -> None:
        self._page, self._standing, self._history = page, standing, history
        self.scope, self.result = standing.scope, standing.result
        self.product = page.product_of(self.scope.category, self.scope.model)
        worst = self._worst()
        #: It stands for single models, and only for no model in particular there is nothing.
        self.general = (
            has_models
            and not self.scope.model
            and self.result is Result.UNKNOWN
            and worst is not None
            and bool(worst.elsewhere)
            and not worst.decisive
        )

    def shown(self) -> ShownScope:
        page, found, scope = self._page, self._standing, self.scope
        case = self._case()
        missing: tuple[Reason, ...] = ()
        if not found.required:
            missing = tuple(r for r in case.in_force()[1] if r.code == "requirements.none")
        restricted = found.result is Result.VALID and any(map(_is_restricted, found.required))
        state, word = self._said(found.result, restricted)
        return ShownScope(
            scope.category,
            scope.model,
            self.product,
            state,
            word,
            self.general,
            self._until(),
            self._short(restricted),
            [page.reason(r) for r in missing],
            [
                *(self._kind(case, k, True) for k in found.required),
                *(self._kind(case, k, False) for k in found.other),
            ],
        )

    def _case(self) -> Case:
        asked, scope = self._page.asked, self._standing.scope
        # The checks speak about a purchase: the smallest there is, at the time asked for. The
        # model is in what was found already; as it stands on the ledger nobody may be able to ask
        # for it.
        question = Question(
            self._page.found.id, scope.category, "", 1, "H87", asked.at, None, asked.known_at,
            asked.clock, DEFAULT_ZONE,
        )  # fmt: skip
        return Case(
            self._history, question, self._page.context.workspace.policy, self._standing, (), _ZONE
        )

    def _kind(self, case: Case, kind: KindStanding, required: bool) -> ShownKind:
        page = self._page
        reasons = case.kind_reasons(kind)
        named = page.lexicon.kind(kind.kind)
        texts = [page.reason(r) for r in reasons]
        return ShownKind(
            named,
            required,
            *self._said(kind.result, _is_restricted(kind)),
            [text.removeprefix(named).lstrip(":： ") for text in texts],
            sorted({e for r in reasons for e in r.entries if e >= 0}),
        )

    def _said(self, result: Result, restricted: bool) -> tuple[str, str]:
        """The name of its shape, and its word."""
        if restricted:
            return RESTRICTED, self._page.lexicon.status(Status.RESTRICTED)
        return result.value, self._page.t.word("result", result.value)

    def _until(self) -> str:
        """How long it holds at least, or since when it does not, as far as that is known."""
        lexicon, found, at = self._page.lexicon, self._standing, self._page.asked.at[0]
        if found.result is Result.VALID:
            ends = [_holds_until(kind, at) for kind in found.required]
            if not all(formats.is_stated(end) for end in ends):
                ends = [end for end in ends if formats.is_stated(end)]
            if not ends:
                return lexicon.t("date.without-end")
            said = lexicon.t("supplier.until", day=self._page.last(min(ends)))
            past = min(ends) <= self._page.context.now()
            return lexicon.t("supplier.until-past", until=said) if past else said
        worst = self._worst()
        if worst is None or not worst.decisive:
            return ""
        start = worst.decisive[0][1].start
        stated = formats.is_stated(start) and start > 1
        return lexicon.t("supplier.since", day=self._page.beginning(start)) if stated else ""

    def _worst(self) -> KindStanding | None:
        """The kind that makes the result what it is."""
        result = self._standing.result
        return next((k for k in self._standing.considered if k.result is result), None)

    def _short(self, restricted: bool) -> str:
        """Why, in a few words."""
        t, lexicon, found = self._page.t, self._page.lexicon, self._standing
        if restricted:
            return t.count("supplier.short-restricted", len(found.required))
        if found.result is Result.VALID:
            return t.count("supplier.short-valid", len(found.required))
        worst = self._worst()
        if not found.required and (worst is None or found.result is Result.UNKNOWN):
            return t("supplier.short-no-requirements")
        assert worst is not None
        kind = lexicon.kind(worst.kind)
        if worst.decisive:
            band = worst.decisive[0][1]
            # "Unknown, because it is unknown" would say nothing.
            said = (
                t.word("qualification.why", band.why.value)
                if band.status is Status.UNKNOWN
                else lexicon.status(band.status)
            )
            return t("supplier.short-status", kind=kind, status=said)
        if self.general:
            return t("supplier.short-general", kind=kind)
        if worst.elsewhere:
            return t("supplier.short-elsewhere", kind=kind)
        return t("supplier.short-none", kind=kind)


def _is_restricted(kind: KindStanding) -> bool:
    """Whether it holds, and nothing carries it without a restriction."""
    return bool(kind.carriers) and all(
        any(b.status is Status.RESTRICTED for b in h.bands) for h in kind.carriers
    )


def _holds_until(kind: KindStanding, at: int) -> int:
    """The end of the time in which one that holds at the instant goes on to hold."""
    latest = 0
    for holding in kind.holdings:
        end = 0
        for band in holding.timeline:
            if band.end <= at:
                continue
            if band.status.result is not Result.VALID or (not end and band.start > at):
                break
            end = band.end
        latest = max(latest, end)
    return latest


def _registers(
    found: Found, held: Iterable[Qualification], capacities: Iterable[Capacity]
) -> dict[str, int]:
    """The registers that speak of the supplier, each with the last day on which it did (0 where
    that is not known)."""
    spoken: dict[str, int] = {}
    if found.record.identifier_kind.startswith(REGISTER_PREFIX):
        spoken[found.record.identifier_kind.removeprefix(REGISTER_PREFIX)] = 0
    said = [(q.register, q.stated.published) for q in held]
    said += [(c.register, c.stated.published) for c in capacities]
    for name, day in said:
        if name:
            plain = name.removeprefix(REGISTER_PREFIX)
            spoken[plain] = max(spoken.get(plain, 0), day or 0)
    return dict(sorted(spoken.items()))


def _involved(raised: Iterable[Alarm], proposals: Iterable[ProposalBody]) -> set[bytes]:
    involved = set[bytes]()
    for alarm in raised:
        involved.update(holder[:20] for holder in alarm.holders)
        involved.update(r.stated.author for r in alarm.replies)
        if alarm.closed is not None:
            involved.add(alarm.closed.stated.author)
    involved.update(bytes.fromhex(p.decision.author[2:]) for p in proposals if p.decision)
    return involved
