"""Where a qualification stands at an instant, as known at another: two clocks, no clock read.

Rules this module keeps:

* The timeline of a qualification is a row of half-open bands from 0 to NO_END.
* Suspension, restriction, reinstatement and supersession take effect when they are recorded. Only
  a withdrawal, a register's removal and the end of a kind take effect at their own date, which may
  lie before. Expiry is time alone.
* An unstated beginning or end is unknown, not open. What a register lists is the one exception
  that is needed: being listed in the publication of D says that it holds on D, and that is
  believed until the register's freshness has passed since the last publication that lists it,
  never before D and never longer.
* A register that no longer lists a row has not withdrawn it: from then on nothing is known.
  A row that says "withdrawn" beats a row of the same register, kind, model and number that says
  "authorised", unless that one was published later. What is known to be over does not become
  unknown by getting stale.
* A kind holds over an interval if at every instant some qualification carries it; whether another
  was withdrawn does not matter then (a shorter certificate that still stands counts).

>>> Freshness().of("niosh-n95") // 86400
30
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ledger.history import (
    Compromise,
    History,
    Period,
    Publication,
    Qualification,
    Stated,
    Terms,
)
from ledger.typed_data import REGISTER_PREFIX
from ledger.vocabulary import NO_END, WITHDRAWN_UNDATED, Clock, QualificationState, Way

DAY: Final = 86400


class Result(StrEnum):
    """What a check, or a qualification over an interval, comes to."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Status(StrEnum):
    """Where a qualification stands at an instant. Words follow EUDAMED where it has one."""

    IN_FORCE = "in-force"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    REFUSED = "refused"
    UNDER_REVIEW = "under-review"
    DELISTED = "delisted"
    UNKNOWN = "unknown"

    @property
    def result(self) -> Result:
        return _RESULTS[self]


_RESULTS: Final[Mapping[Status, Result]] = {
    Status.IN_FORCE: Result.VALID,
    Status.RESTRICTED: Result.VALID,
    Status.SUSPENDED: Result.INVALID,
    Status.WITHDRAWN: Result.INVALID,
    Status.SUPERSEDED: Result.INVALID,
    Status.EXPIRED: Result.INVALID,
    Status.NOT_YET: Result.INVALID,
    Status.REFUSED: Result.INVALID,
    Status.UNDER_REVIEW: Result.UNKNOWN,
    Status.DELISTED: Result.UNKNOWN,
    Status.UNKNOWN: Result.UNKNOWN,
}


class Why(StrEnum):
    """What a band rests on, where its status alone does not say it."""

    STATED = "stated"
    LISTED = "listed"
    UNSTATED_BEGINNING = "unstated-beginning"
    UNSTATED_END = "unstated-end"
    UNSTATED_PERIOD = "unstated-period"
    UNDATED_WITHDRAWAL = "undated-withdrawal"
    STALE = "stale"
    REGISTER_WITHDREW = "register-withdrew"
    KIND_ENDED = "kind-ended"


@dataclass(frozen=True, slots=True)
class Band:
    """From ``start`` (included) to ``end`` (excluded) the status is this; ``rests`` are the
    sequence numbers of the entries that make it so."""

    start: int
    end: int
    status: Status
    why: Why
    rests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Freshness:
    """For how many seconds after its publication a register is believed."""

    default: int = 30 * DAY
    registers: Mapping[str, int] = field(default_factory=dict)

    def of(self, register: str) -> int:
        return self.registers.get(register, self.default)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is about: a category and a model in it ("" for the category itself)."""

    category: str
    model: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A qualification that covers the scope, over the interval asked.

    ``timeline`` is all of its bands, ``bands`` those that touch the interval. ``exact`` says that
    it is stated for the category asked, not for an ancestor. ``accredited``: whether its issuer
    or mirror was accredited when it was recorded, None where that is not needed (reviewed by
    three, waived by the authority). ``suspicion``: an entry that it rests on was signed with a
    key declared compromised.
    """

    qualification: Qualification
    terms: Terms
    exact: bool
    result: Result
    timeline: tuple[Band, ...]
    bands: tuple[Band, ...]
    accredited: bool | None
    suspicion: Compromise | None

    @property
    def restricted(self) -> bool:
        return any(b.status is Status.RESTRICTED for b in self.bands)

    def worst(self) -> Band:
        """The first band in the interval that decides :attr:`result`."""
        return next(b for b in self.bands if b.status.result is self.result)


@dataclass(frozen=True, slots=True)
class KindStanding:
    """How one kind of qualification stands over the interval.

    ``requirement`` is None for a kind that is held but not required. ``carriers`` carry it (empty
    unless valid); ``others`` cover the scope and do not; ``elsewhere`` are of the kind but for
    another model or category. ``decisive`` names what makes it invalid or unknown; it is empty
    when nothing is recorded for the scope.
    """

    kind: str
    requirement: Period | None
    result: Result
    carriers: tuple[Holding, ...]
    others: tuple[Holding, ...]
    elsewhere: tuple[Qualification, ...]
    decisive: tuple[tuple[Holding, Band], ...]

    @property
    def holdings(self) -> tuple[Holding, ...]:
        return (*self.carriers, *self.others)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an organisation stands for a scope over an interval, as known at ``known_at``."""

    organisation: bytes
    scope: Scope
    start: int
    end: int
    known_at: int
    clock: Clock
    firm: tuple[bytes, ...]
    lineage: tuple[str, ...]
    required: tuple[KindStanding, ...]
    other: tuple[KindStanding, ...]

    @property
    def considered(self) -> tuple[KindStanding, ...]:
        """The required kinds or, where nobody stated what is required, all that are held."""
        return self.required or self.other

    @property
    def result(self) -> Result:
        """The worst of what is considered; where nobody stated what is required, what is held can
        speak against the organisation, but never for it."""
        seen = {kind.result for kind in self.considered}
        if Result.INVALID in seen:
            return Result.INVALID
        return Result.VALID if self.required and seen == {Result.VALID} else Result.UNKNOWN


# ------------------------------------------------------------------------------ timelines

_OPEN: Final = frozenset(
    {Status.IN_FORCE, Status.RESTRICTED, Status.UNKNOWN, Status.DELISTED, Status.SUSPENDED}
)
_BELIEVED: Final = frozenset({Status.IN_FORCE})
_LISTED: Final = frozenset({Status.IN_FORCE, Status.UNKNOWN})
_ALL: Final = frozenset(Status)


def _paint(
    bands: list[Band],
    start: int,
    end: int,
    over: frozenset[Status],
    status: Status | None,
    why: Why,
    rests: tuple[int, ...],
) -> list[Band]:
    """Lay a status over the bands of certain statuses; None keeps theirs and adds the entries."""
    painted: list[Band] = []
    for b in bands:
        first, last = max(b.start, start), min(b.end, end)
        if first >= last or b.status not in over:
            painted.append(b)
            continue
        if b.start < first:
            painted.append(Band(b.start, first, b.status, b.why, b.rests))
        if status is None:
            painted.append(Band(first, last, b.status, b.why, b.rests + rests))
        else:
            painted.append(Band(first, last, status, why, rests))
        if last < b.end:
            painted.append(Band(last, b.end, b.status, b.why, b.rests))
    return painted


def _row(*pieces: tuple[int, Status, Why, tuple[int, ...]]) -> list[Band]:
    """Bands from the instants at which each begins; the next one ends it. Empty ones vanish."""
    bands = []
    for i, (start, status, why, rests) in enumerate(pieces):
        end = pieces[i + 1][0] if i + 1 < len(pieces) else NO_END
        if start < end:
            bands.append(Band(start, end, status, why, rests))
    return bands


def _own_period(terms: Terms, rests: tuple[int, ...]) -> list[Band]:
    begins, ends = terms.valid_from, terms.valid_until
    expired = (max(ends, begins), Status.EXPIRED, Why.STATED, rests)
    if not begins:
        if not ends:
            return _row((0, Status.UNKNOWN, Why.UNSTATED_PERIOD, rests))
        return _row((0, Status.UNKNOWN, Why.UNSTATED_BEGINNING, rests), expired)
    before = (0, Status.NOT_YET, Why.STATED, rests)
    if not ends:
        return _row(before, (begins, Status.UNKNOWN, Why.UNSTATED_END, rests))
    return _row(before, (begins, Status.IN_FORCE, Why.STATED, rests), expired)


def _listed_period(
    q: Qualification, terms: Terms, listed_on: int, rests: tuple[int, ...]
) -> list[Band]:
    begins, ends = terms.valid_from, terms.valid_until or NO_END
    why = Why.STATED if begins and terms.valid_until else Why.LISTED
    if q.withdrawn_from:
        # A removed row does not say that it holds on the day of its publication.
        before = Why.UNSTATED_BEGINNING
        if q.withdrawn_from == WITHDRAWN_UNDATED:
            before = Why.UNDATED_WITHDRAWAL
        elif begins:
            return _row(
                (0, Status.NOT_YET, Why.STATED, rests), (begins, Status.IN_FORCE, why, rests)
            )
        return _row((0, Status.UNKNOWN, before, rests))
    if begins:
        first = (0, Status.NOT_YET, Why.STATED, rests)
        believed = begins
    else:
        first = (0, Status.UNKNOWN, Why.UNSTATED_BEGINNING, rests)
        believed = min(listed_on, ends)
    return _row(
        first,
        (believed, Status.IN_FORCE, why, rests),
        (max(ends, believed), Status.EXPIRED, Why.STATED, rests),
    )


def last_listing(
    q: Qualification, history: History, known_at: int, clock: Clock
) -> Publication | None:
    """The last known publication of the register that lists the row (or lists it as before)."""
    until = min(
        (d.published for d in q.delistings if d.stated.known(known_at, clock)), default=None
    )
    last = history.publications.get(q.publication)
    for p in history.issues.get((q.author, q.register), ()):
        if (
            p.stated.known(known_at, clock)
            and (last is None or p.published > last.published)
            and (until is None or p.published < until)
        ):
            last = p
    return last


def _mirrored_bands(
    q: Qualification, history: History, known_at: int, clock: Clock, freshness: Freshness
) -> list[Band]:
    created: tuple[int, ...] = (q.stated.sequence,)
    listed_on = q.stated.recorded if q.stated.published is None else q.stated.published
    bands = _listed_period(q, q.terms[0], listed_on, created)
    last = last_listing(q, history, known_at, clock)
    if last is None:
        stale, rests = listed_on, created
    else:
        stale, rests = last.published, (*created, last.stated.sequence)
    stale += freshness.of(q.register)
    bands = _paint(bands, stale, NO_END, _BELIEVED, Status.UNKNOWN, Why.STALE, rests)
    for d in q.delistings:
        if d.stated.known(known_at, clock):
            gone = (*created, d.stated.sequence)
            bands = _paint(bands, d.published, NO_END, _LISTED, Status.DELISTED, Why.LISTED, gone)
    return bands


def _withdrawals(
    q: Qualification, history: History, known_at: int, clock: Clock
) -> Iterable[tuple[int, Why, tuple[int, ...]]]:
    """Every known end by a decision: from when, on what ground, resting on which entries."""
    created = q.stated.sequence
    for c in q.changes:
        if c.state is QualificationState.WITHDRAWN and c.stated.known(known_at, clock):
            yield c.effective, Why.STATED, (created, c.stated.sequence)
    if q.way is Way.MIRRORED:
        for ending in history.endings.get(q.kind, ()):
            if ending.register == q.register and ending.stated.known(known_at, clock):
                yield ending.effective, Why.KIND_ENDED, (created, ending.stated.sequence)
        for removed in _removals(q, history, known_at, clock):
            since = removed.withdrawn_from
            if since == WITHDRAWN_UNDATED:
                since = removed.stated.published or removed.stated.recorded
            rests = tuple(sorted({created, removed.stated.sequence}))
            yield since, Why.REGISTER_WITHDREW, rests


def _published(stated: Stated) -> int:
    return stated.recorded if stated.published is None else stated.published


def _removals(
    q: Qualification, history: History, known_at: int, clock: Clock
) -> Iterable[Qualification]:
    """The rows by which the register withdrew this row: itself, or the same thing listed as
    removed for the same firm, not published before it."""
    if q.withdrawn_from:
        yield q
    key = (q.author, q.register, q.kind, q.model, q.number)
    for other in history.removed.get(key, ()):
        if (
            other is not q
            and other.stated.known(known_at, clock)
            and _published(other.stated) >= _published(q.stated)
            and (other.holder == q.holder or other.holder in history.firm(q.holder, known_at))
        ):
            yield other


def _changed(bands: list[Band], q: Qualification, known_at: int, clock: Clock) -> list[Band]:
    """Suspensions, restrictions, reinstatements and supersession, each from its recording."""
    known = [c for c in q.changes if c.stated.known(known_at, clock)]
    for i, c in enumerate(known):
        if c.state is QualificationState.WITHDRAWN:
            continue
        at, rests = c.effective, (q.stated.sequence, c.stated.sequence)
        until = next(
            (n.effective for n in known[i + 1 :] if n.state is not QualificationState.WITHDRAWN),
            NO_END,
        )
        match c.state:
            case QualificationState.SUSPENDED:
                bands = _paint(bands, at, until, _OPEN, Status.SUSPENDED, Why.STATED, rests)
            case QualificationState.RESTRICTED:
                bands = _paint(bands, at, until, _BELIEVED, Status.RESTRICTED, Why.STATED, rests)
            case QualificationState.SUPERSEDED:
                bands = _paint(bands, at, NO_END, _OPEN, Status.SUPERSEDED, Why.STATED, rests)
            case _:  # reinstated: as it was before, but resting on this entry too
                bands = _paint(bands, at, until, _OPEN, None, Why.STATED, rests[1:])
    return bands


def bands(
    qualification: Qualification,
    history: History,
    known_at: int,
    clock: Clock,
    freshness: Freshness = Freshness(),
) -> tuple[Band, ...]:
    """The timeline of the qualification as known at ``known_at``; empty if it is not known yet.

    The bands are contiguous, from 0 to NO_END.
    """
    q = qualification
    if not q.stated.known(known_at, clock):
        return ()
    rests: tuple[int, ...] = (q.stated.sequence,)
    if q.way is Way.REVIEWED:
        steps = [s for s in q.steps if s.stated.known(known_at, clock)]
        rests = (*rests, *(s.stated.sequence for s in steps))
        last = steps[-1].state if steps else QualificationState.SUBMITTED
        if last is QualificationState.REFUSED:
            return (Band(0, NO_END, Status.REFUSED, Why.STATED, rests),)
        if last is not QualificationState.IN_FORCE:
            return (Band(0, NO_END, Status.UNDER_REVIEW, Why.STATED, rests),)
    if q.way is Way.MIRRORED:
        row = _mirrored_bands(q, history, known_at, clock, freshness)
    else:
        row = _own_period(terms_at(q, known_at, clock), rests)
    if q.changes:
        row = _changed(row, q, known_at, clock)
    ends = sorted(_withdrawals(q, history, known_at, clock))
    if ends:
        since, why, because = ends[0]
        expiry = next((b.start for b in row if b.status is Status.EXPIRED), NO_END)
        over = _ALL if since < expiry else _ALL - {Status.EXPIRED}
        row = _paint(row, since, NO_END, over, Status.WITHDRAWN, why, because)
    return _joined(row)


def _joined(row: list[Band]) -> tuple[Band, ...]:
    joined: list[Band] = []
    for b in row:
        p = joined[-1] if joined else None
        if p and p.status is b.status and p.why is b.why and p.rests == b.rests:
            joined[-1] = Band(p.start, b.end, p.status, p.why, p.rests)
        else:
            joined.append(b)
    return tuple(joined)


def terms_at(q: Qualification, known_at: int, clock: Clock) -> Terms:
    """The terms as last edited by ``known_at`` (the first ones if nothing was known yet)."""
    for terms in reversed(q.terms):
        if terms.stated.known(known_at, clock):
            return terms
    return q.terms[0]


def status_at(timeline: Sequence[Band], at: int) -> Band:
    """The band that holds at the instant; ``ValueError`` for an empty timeline."""
    for b in timeline:
        if b.start <= at < b.end:
            return b
    raise ValueError("the qualification is not known, or the instant lies outside time")


# ------------------------------------------------------------------------------ standing


def holding(
    q: Qualification,
    history: History,
    scope: Scope,
    interval: tuple[int, int],
    known_at: int,
    clock: Clock,
    freshness: Freshness,
) -> Holding:
    """How one qualification that covers the scope stands over the half-open interval. It must be
    known at ``known_at``, or nothing can be said of it: the holding then has no bands."""
    timeline = bands(q, history, known_at, clock, freshness)
    start, end = interval
    inside = tuple(b for b in timeline if b.start < end and start < b.end)
    results = {b.status.result for b in inside}
    worst = Result.VALID
    if Result.INVALID in results:
        worst = Result.INVALID
    elif Result.UNKNOWN in results:
        worst = Result.UNKNOWN
    return Holding(
        q,
        terms_at(q, known_at, clock),
        q.category == scope.category,
        worst,
        timeline,
        inside,
        _accredited(q, history, known_at),
        _suspicion(q, inside, history, known_at),
    )


def _accredited(q: Qualification, history: History, known_at: int) -> bool | None:
    if q.way is Way.ISSUED:
        kind = q.kind
    elif q.way is Way.MIRRORED:
        kind = REGISTER_PREFIX + q.register
    else:
        return None
    # What a register published earlier was mirrored later: then that day's accreditation counts.
    at = q.stated.recorded
    return history.accredited(q.author, kind, at, max(known_at, at))


def _suspicion(
    q: Qualification, inside: Sequence[Band], history: History, known_at: int
) -> Compromise | None:
    if not history.compromised:
        return None
    rests = {sequence for b in inside for sequence in b.rests}
    for stated in (q.stated, *(s.stated for s in q.steps), *(c.stated for c in q.changes)):
        if stated.sequence in rests:
            found = history.suspicion(stated, known_at)
            if found is not None:
                return found
    return None


_WAY_RANK: Final[Mapping[Way, int]] = {
    Way.NONE: 9,
    Way.ISSUED: 0,
    Way.REVIEWED: 0,
    Way.WAIVED: 1,
    Way.MIRRORED: 2,
}


def _preference(h: Holding) -> tuple[bool, bool, int, bool, bool, int, int]:
    """Which of several carriers to name: sound, well vouched for, exact, unrestricted, longest."""
    return (
        h.suspicion is not None,
        h.accredited is False,
        _WAY_RANK[h.qualification.way],
        not h.exact,
        h.restricted,
        -(h.terms.valid_until or 0),
        h.qualification.stated.sequence,
    )


_TELLING: Final = (
    Status.WITHDRAWN,
    Status.SUSPENDED,
    Status.REFUSED,
    Status.SUPERSEDED,
    Status.EXPIRED,
    Status.NOT_YET,
    Status.UNKNOWN,
    Status.DELISTED,
    Status.UNDER_REVIEW,
)


def _kind_standing(
    kind: str,
    requirement: Period | None,
    holdings: list[Holding],
    elsewhere: tuple[Qualification, ...],
    start: int,
    end: int,
) -> KindStanding:
    holdings.sort(key=_preference)
    carrying = [h for h in holdings if h.result is Result.VALID]
    if carrying:
        best = carrying[0]
        others = tuple(h for h in holdings if h is not best)
        return KindStanding(kind, requirement, Result.VALID, (best,), others, elsewhere, ())
    if not holdings:
        return KindStanding(kind, requirement, Result.UNKNOWN, (), (), elsewhere, ())
    return _relay(kind, requirement, holdings, elsewhere, start, end)


def _relay(
    kind: str,
    requirement: Period | None,
    holdings: list[Holding],
    elsewhere: tuple[Qualification, ...],
    start: int,
    end: int,
) -> KindStanding:
    """No single one holds throughout: perhaps one takes over from another, perhaps none does."""
    result, used, decisive = Result.VALID, list[Holding](), list[tuple[Holding, Band]]()
    for at in sorted({start} | {b.start for h in holdings for b in h.bands if b.start > start}):
        now = [(h, status_at(h.bands, at)) for h in holdings]
        carrier = next((h for h, b in now if b.status.result is Result.VALID), None)
        if carrier is not None:
            if carrier not in used:
                used.append(carrier)
            continue
        unknown = [(h, b) for h, b in now if b.status.result is Result.UNKNOWN]
        if unknown and result is not Result.INVALID:
            if result is Result.VALID:
                decisive = unknown
            result = Result.UNKNOWN
        elif not unknown and result is not Result.INVALID:
            result, decisive = Result.INVALID, now
    if result is Result.VALID:
        others = tuple(h for h in holdings if h not in used)
        return KindStanding(kind, requirement, result, tuple(used), others, elsewhere, ())
    decisive.sort(key=lambda pair: _TELLING.index(pair[1].status))
    return KindStanding(kind, requirement, result, (), tuple(holdings), elsewhere, tuple(decisive))


def standing(
    history: History,
    organisation: bytes,
    scope: Scope,
    at: int | tuple[int, int],
    known_at: int,
    clock: Clock,
    freshness: Freshness = Freshness(),
) -> Standing:
    """How the organisation stands for the scope at an instant or throughout an interval.

    Qualifications of records decided to be the same firm count as its own. A qualification for an
    ancestor of the category covers the category, but one for exactly this category is preferred:
    the ledger's gate compares the category whole, so it takes no other.
    """
    start, end = (at, at + 1) if isinstance(at, int) else at
    firm = history.firm(organisation, known_at)
    lineage = history.lineage(scope.category, known_at)
    holdings: dict[str, list[Holding]] = {}
    elsewhere: dict[str, list[Qualification]] = {}
    for member in firm:
        for q in history.held.get(member, ()):
            if not q.stated.known(known_at, clock):
                continue
            if q.covers(lineage, scope.model):
                holdings.setdefault(q.kind, []).append(
                    holding(q, history, scope, (start, end), known_at, clock, freshness)
                )
            else:
                elsewhere.setdefault(q.kind, []).append(q)
    required = dict(history.required_kinds(lineage, start, end, known_at))

    def of(kind: str) -> KindStanding:
        return _kind_standing(
            kind,
            required.get(kind),
            holdings.get(kind, []),
            tuple(elsewhere.get(kind, ())),
            start,
            end,
        )

    return Standing(
        organisation,
        scope,
        start,
        end,
        known_at,
        clock,
        firm,
        lineage,
        tuple(of(kind) for kind in required),
        tuple(of(kind) for kind in sorted(holdings) if kind not in required),
    )
