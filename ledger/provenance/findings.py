"""What speaks for and against a lot, and what of it concerns everything made of it.

Rules this module keeps:

* A finding has a stable code and the entries behind it. A *mark* (:data:`MARKS`) is about the
  material and so concerns everything derived from the lot: a failed inspection, a standing hold or
  recall, a mirrored recall that names the lot, an open alarm that speaks against it, an origin that
  is not shown, and a maker that is now known not to have been qualified, or whose key or
  qualification rests on a compromised key. All else concerns the lot alone: that it passed says
  nothing of what is made of it, an underrun is about where its inputs went, lateness and
  corrections are about single entries, a stolen key in its custody about one custodian's goods.
* A report speaks only while it is the word of a third party (``ledger.alarms.doubt``): one signed
  with a compromised key, by a laboratory that was not accredited when it took the sample, or by
  one of the maker's own firm is *doubted* and counts neither way, whatever it says. It is shown.
* Comfort is easier to lose than a warning. A passed report that its author or the authority
  corrected counts no more. A failed one is overturned only if besides, after the correction, the
  same laboratory reported again under the same standard and did not find it failing.
* A correction counts if the author of the corrected entry or the authority signed it, with a sound
  key; anybody else's is a remark. It names words, which several may have signed: an author's own
  takes back its own entry alone, the authority's that of everybody. Signing the words again does
  not bring a passed report back; a failed one then stands anew.
* A hold or recall stands until it is released. A release with a compromised key releases nothing;
  the hold itself stands whoever's key signed it, for the contracts refuse to move the lot. A
  release ends earlier stops only, for the same words may be signed again after it: the one that
  the contracts let go, and those that its author, or the authority, had not soundly released.
* A recall of a register names a lot if it is about the maker's firm and its text gives the lot's
  number, or a range around it; of what a mirror stated of one recall the latest counts. "All lots"
  of a product is a remark: no register says which of the ledger's lots are that product.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from ledger.alarms import doubt, lot_alarms
from ledger.folding import inspection, stated_by
from ledger.history import History
from ledger.provenance.actors import Actor, ActorCode
from ledger.provenance.model import Edge, Lot
from ledger.recalls import same_lot
from ledger.recalls.standing import standing_recalls
from ledger.recorded import RecordedEntry
from ledger.vocabulary import NO_END, Clock, InspectionResult, Role

#: The codes of findings that concern everything derived from the lot, too.
MARKS: Final = frozenset(
    {
        "origin-not-shown",
        "inspection.failed",
        "hold",
        "recall",
        "mirrored-recall",
        "alarm.open",
        "maker.withdrawn-retroactively",
        "maker.not-qualified",
        "maker.key-compromised",
        "maker.qualification-doubted",
    }
)

#: What is filled into a finding's sentence; organisations (20 bytes) and times (in seconds) are
#: named and dated by who shows it.
Values: TypeAlias = Mapping[str, str | int | bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks for or against the lot (its number).

    ``author`` is who says so, empty where it follows from several. Times are of the last entry
    behind it. ``entries`` are sequence numbers, sorted.
    """

    lot: int
    code: str
    author: bytes
    happened_at: int
    recorded_at: int
    entries: tuple[int, ...]
    values: Values

    @property
    def mark(self) -> bool:
        """Whether it concerns everything derived from the lot."""
        return self.code in MARKS


def findings_of(
    lot: Lot,
    chain: Iterable[RecordedEntry],
    history: History,
    actors: Iterable[Actor],
    known_at: int,
    at: int = NO_END,
    clock: Clock = Clock.RECORDED,
) -> tuple[Finding, ...]:
    """What is found about the lot, oldest first.

    ``chain`` is the lot's (``Graph.chain``, or ``Graph.about`` if its custody does not matter),
    ``history`` comes from ``ledger.gathering.gather_reports`` over it, ``actors`` are the authors
    of its entries. What happened after ``at`` is left out, but for alarms and what registers say;
    ``clock`` decides when the latter was known, as for all mirrored facts.
    """
    entries = [e for e in chain if _happened(e) <= at]
    found = [*_of_lot(lot), *_late(lot, entries), *_of_actors(lot, actors, at)]
    reading = _Oversight(lot, entries, history, known_at)
    found.extend(reading.findings())
    found.extend(_of_alarms(lot, history, known_at))
    found.extend(_of_registers(lot, history, known_at, clock))
    return tuple(sorted(found, key=lambda f: f.recorded_at))


def _happened(e: RecordedEntry) -> int:
    happened_at = e["happenedAt"]
    assert isinstance(happened_at, int)
    return happened_at


def _of_lot(lot: Lot) -> Iterable[Finding]:
    for is_so, code in ((lot.origin_not_shown, "origin-not-shown"), (lot.underrun, "underrun")):
        if is_so:
            yield Finding(
                lot.number, code, lot.maker, lot.happened_at, lot.recorded_at, (lot.number,), {}
            )


def _late(lot: Lot, entries: Iterable[RecordedEntry]) -> Iterable[Finding]:
    for e in entries:
        if e.late:
            yield _by(lot, "entry.late", e, {"action": e.action})


_BY_ACTOR: Final = {
    ActorCode.WITHDRAWN_SINCE: "maker.withdrawn-retroactively",
    ActorCode.NOT_QUALIFIED: "maker.not-qualified",
    ActorCode.DOUBTED_SINCE: "maker.qualification-doubted",
    ActorCode.UNKNOWN: "maker.unknown",
    ActorCode.KEY_COMPROMISED: "maker.key-compromised",
}


def _of_actors(lot: Lot, actors: Iterable[Actor], at: int) -> Iterable[Finding]:
    for actor in actors:
        code = _BY_ACTOR.get(actor.code)
        if code is None or actor.happened_at > at:
            continue
        if not actor.making:  # then nothing else can be said of it
            code = "custody.key-compromised"
        yield Finding(
            lot.number,
            code,
            actor.organisation,
            actor.happened_at,
            actor.recorded_at,
            tuple(sorted({actor.sequence, *actor.entries})),
            {"action": actor.action},
        )


def _by(lot: Lot, code: str, e: RecordedEntry, values: Values, *more: int) -> Finding:
    return Finding(
        lot.number,
        code,
        e.author,
        _happened(e),
        e.recorded_at,
        tuple(sorted({e.sequence, *more})),
        values,
    )


class _Oversight:
    """The entries of ``BatchOversight`` about one lot."""

    def __init__(
        self, lot: Lot, entries: Sequence[RecordedEntry], history: History, known_at: int
    ) -> None:
        self.lot = lot
        self.history = history
        self.known_at = known_at
        self.entries = entries
        self.by_digest: dict[bytes, list[RecordedEntry]] = {}
        for e in entries:
            self.by_digest.setdefault(e.digest, []).append(e)
        self.corrections: dict[bytes, list[RecordedEntry]] = {}
        self.releases: dict[int, RecordedEntry] = {}  # by the sequence of what they release
        stops: dict[bytes, list[RecordedEntry]] = {}
        for e in entries:
            if e.action == "Correct" and self.corrected_by(e):
                self.corrections.setdefault(_raw(e, "entry"), []).append(e)
            elif e.action in ("Hold", "Recall"):
                stops.setdefault(e.digest, []).append(e)
            elif e.action == "Release" and self.sound(e):
                self.release(e, stops.get(_raw(e, "hold"), []))

    def release(self, e: RecordedEntry, stops: list[RecordedEntry]) -> None:
        """Ends those of the stops, all in the words that it names, that it may end."""
        for stop in stops[:]:
            if stop is stops[-1] or self.speaks_for(e, stop):
                self.releases[stop.sequence] = e
        stops[:] = [stop for stop in stops if stop.sequence not in self.releases]

    def sound(self, e: RecordedEntry) -> bool:
        return self.history.suspicion(stated_by(e), self.known_at) is None

    def speaks_for(self, e: RecordedEntry, other: RecordedEntry) -> bool:
        """Whether the author of the other entry, or the authority, signed this one."""
        return e.author == other.author or self.is_authority(e.author)

    def corrected_by(self, correction: RecordedEntry) -> list[RecordedEntry]:
        """The entries of this chain about which the correction counts."""
        named = self.by_digest.get(_raw(correction, "entry"), ())
        return [e for e in named if self.sound(correction) and self.speaks_for(correction, e)]

    def correction_of(self, e: RecordedEntry) -> RecordedEntry | None:
        """The last that counts about this report."""
        passed = inspection(e).result is InspectionResult.PASSED
        return next(
            (
                c
                for c in reversed(self.corrections.get(e.digest, ()))
                if self.speaks_for(c, e) and (passed or c.sequence > e.sequence)
            ),
            None,
        )

    def is_authority(self, organisation: bytes) -> bool:
        found = self.history.organisations.get(organisation)
        if found is None:
            return False
        known = [c for c in found.changes if c.stated.recorded <= self.known_at]
        return bool(known and known[-1].roles & Role.AUTHORITY)

    def findings(self) -> Iterable[Finding]:
        for e in self.entries:
            if e.action == "Inspect":
                yield self.report(e)
            elif e.action in ("Hold", "Recall"):
                yield self.stop(e)
            elif e.action == "Correct":
                yield self.correction(e)

    def report(self, e: RecordedEntry) -> Finding:
        report = inspection(e)
        result = report.result.name.lower()
        values: dict[str, str | int | bytes] = {
            "standard": report.standard,
            "number": report.number,
            "sampled": report.sampled_at,
            "result": result,
        }
        why = doubt(self.history, report, self.known_at)
        if why is not None:
            values["why"] = why
            return _by(self.lot, "inspection.doubted", e, values)
        corrected = self.correction_of(e)
        if corrected is None or report.result is InspectionResult.INCONCLUSIVE:
            return _by(self.lot, f"inspection.{result}", e, values)
        if report.result is InspectionResult.PASSED:
            return _by(self.lot, "inspection.taken-back", e, values, corrected.sequence)
        again = next((n for n in self.entries if self.overturns(n, e, corrected)), None)
        if again is None:
            return _by(self.lot, "inspection.failed", e, values, corrected.sequence)
        return _by(self.lot, "inspection.overturned", e, values, corrected.sequence, again.sequence)

    def overturns(
        self, again: RecordedEntry, failed: RecordedEntry, corrected: RecordedEntry
    ) -> bool:
        if (
            again.action != "Inspect"
            or again.sequence < corrected.sequence
            or again.author != failed.author
            or again["standard"] != failed["standard"]
            or self.correction_of(again) is not None
        ):
            return False
        report = inspection(again)
        passed = report.result is InspectionResult.PASSED
        return passed and doubt(self.history, report, self.known_at) is None

    def stop(self, e: RecordedEntry) -> Finding:
        code = e.action.lower()
        values = {"reason": str(e["reason"])}
        release = self.releases.get(e.sequence)
        if release is None:
            return _by(self.lot, code, e, values)
        return _by(self.lot, f"{code}.released", e, values, release.sequence)

    def correction(self, e: RecordedEntry) -> Finding:
        corrected = self.corrected_by(e)
        about = corrected or self.by_digest.get(_raw(e, "entry"), [])
        ruled = self.sound(e) and self.is_authority(e.author)
        code = "corrected" if corrected or ruled else "remark"
        values = {"text": str(e["text"])}
        return _by(self.lot, code, e, values, *(one.sequence for one in about))


def _raw(e: RecordedEntry, name: str) -> bytes:
    value = e[name]
    assert isinstance(value, bytes)
    return value


def _of_alarms(lot: Lot, history: History, known_at: int) -> Iterable[Finding]:
    if lot.id not in history.reports:
        return
    for alarm in lot_alarms(history, lot.id, known_at):
        other = next(h for h in alarm.holders if h != lot.id)
        values: Values = {"what": alarm.mark.what, "shown": alarm.mark.shown, "other": other}
        entries, author, when = alarm.uses, b"", alarm.opened_at
        if alarm.closed is not None:
            code = "alarm.closed"
            author, when = alarm.closed.stated.author, alarm.closed.stated.recorded
            entries = (*entries, alarm.closed.stated.sequence)
        else:
            code = "alarm.open" if alarm.stops(lot.id) else "alarm.claim"
        yield Finding(lot.number, code, author, when, when, tuple(sorted(entries)), values)


def _of_registers(lot: Lot, history: History, known_at: int, clock: Clock) -> Iterable[Finding]:
    if not history.recalls:
        return
    firm = history.firm(lot.maker, known_at)
    for standing in standing_recalls(history, known_at, clock, firm):
        if any(same_lot(mention, lot.lot) for mention in standing.lots.mentions):
            code = "mirrored-recall"
        elif standing.lots.all_lots:
            code = "mirrored-recall.all-lots"
        else:
            continue
        recall = standing.recall
        yield Finding(
            lot.number,
            code,
            recall.stated.author,
            recall.initiated,
            recall.stated.recorded,
            standing.entries,
            {
                "register": recall.register,
                "number": recall.number,
                "product": recall.product,
                "ended": recall.ended,
            },
        )


# ------------------------------------------------------------------------------ spreading


@dataclass(frozen=True, slots=True)
class Spread:
    """A mark upstream of a lot. ``path`` are the numbers of the lots from the one that inherits it
    to the one that has it, both included: the shortest way, of equal ones that of the lowest
    numbers."""

    finding: Finding
    path: tuple[int, ...]


def spread(
    edges: Iterable[Edge],
    findings: Mapping[int, Sequence[Finding]],
    lots: Collection[int] | None = None,
    most: int | None = None,
) -> dict[int, tuple[Spread, ...]]:
    """For each lot the marks of what it was made of, the nearest first; lots without any are left
    out, and so are the lots' own marks.

    ``edges`` may be a trace's in either direction, or those of several pages. ``lots`` limits for
    which of the lots it is worked out (their numbers); all if None. ``most`` is how many of the
    nearest marks to tell for each; all if None.
    """
    made_of: dict[int, set[int]] = {}
    made_into: dict[int, set[int]] = {}
    for edge in edges:
        made_of.setdefault(edge.output, set()).add(edge.input)
        made_into.setdefault(edge.input, set()).add(edge.output)
    marks = {lot: [f for f in found if f.mark] for lot, found in findings.items()}
    marked = {lot for lot, found in marks.items() if found}
    spread_to: dict[int, tuple[Spread, ...]] = {}
    derived = _reached(marked, made_into)
    for lot in sorted(derived if lots is None else derived.intersection(lots)):
        found = (
            Spread(mark, path)
            for source, path in _paths(lot, made_of, marked, derived)
            for mark in marks[source]
        )
        spread_to[lot] = tuple(islice(found, most))
    return spread_to


def _reached(sources: Collection[int], step: Mapping[int, Collection[int]]) -> set[int]:
    """Everything at least one step from any of the sources."""
    reached: set[int] = set()
    waiting = list(sources)
    while waiting:
        for one in step.get(waiting.pop(), ()):
            if one not in reached:
                reached.add(one)
                waiting.append(one)
    return reached


def _paths(
    lot: int,
    made_of: Mapping[int, Collection[int]],
    marked: Collection[int],
    derived: Collection[int],
) -> Iterable[tuple[int, tuple[int, ...]]]:
    """Each marked lot upstream with the way to it, the nearest first. Only lots that are marked or
    derived from such can lie on a way."""
    came: dict[int, int] = {lot: lot}
    level = [lot]
    while level:
        following: list[int] = []
        for one in level:
            for source in sorted(made_of.get(one, ())):
                if source not in came and (source in marked or source in derived):
                    came[source] = one
                    following.append(source)
        for source in following:
            if source in marked:
                path = [source]
                while path[-1] != lot:
                    path.append(came[path[-1]])
                yield source, tuple(reversed(path))
        level = following
