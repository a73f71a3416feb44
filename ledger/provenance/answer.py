"""One question about a lot, answered whole: the trace with everything that is to be said of it.

Rules this module keeps:

* The answer is a function of the first ``upto`` entries of the log, ``known_at`` and ``at``; it
  states all of them. Asking again with the same gives the same.
* ``upto`` and ``known_at`` belong together: ``upto`` is how many entries were recorded by then. The
  next page is asked for with those of the first one.
* What registers say may count as known before it was recorded, if the reader chose the clock of
  publication. Then ``position``, up to which the ledger was read for it, is part of the question.
* ``at`` is about the making of lots and what was found. Custody, and so how links are vouched for,
  is as of ``upto`` (``ledger.provenance.custody`` says why).
* All is said of the lots of the page. The lots of earlier pages to which its edges lead, and the
  root, are named again with their findings, so that every path can be told.
* Tracing back, a lot inherits the marks of everything on the pages so far; while there is more,
  there may be more of them, and a later page says what it adds for the root. Tracing forward, a
  lot inherits what lies between the root and it, not what else went into it.
* Of what another lot than the root inherits only the nearest :data:`MOST_INHERITED` are told, and
  that there are more: a thousand lots of a thousand marks would be a million ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger.gathering import Records, gather, gather_reports
from ledger.history import History
from ledger.provenance import texts
from ledger.provenance.actors import Actor, Actors, Histories
from ledger.provenance.assurance import Assessor, Link, LinkKind, least_assured
from ledger.provenance.custody import Custody, chains, custody
from ledger.provenance.findings import Finding, Spread, findings_of, spread
from ledger.provenance.model import Edge, Graph, Lot
from ledger.provenance.tracing import Direction, Trace, before, trace, within
from ledger.provenance.writing import both, lot_json
from ledger.recorded import Founding
from ledger.standing import Freshness
from ledger.typed_data import hexed
from ledger.verdict_texts import Both
from ledger.vocabulary import NO_END, Clock

#: The most lots of one answer, and the greatest depth: ways are told lot by lot.
MOST_ANSWERED: Final = 2_000
MOST_ANSWERED_DEPTH: Final = 1_000
#: The most marks that are told of a lot which is not the one asked about.
MOST_INHERITED: Final = 50

_FRESHNESS: Final = Freshness()
#: The end of the year 9998: what lies later no calendar here can show in every zone.
_LAST_SHOWN: Final = 253370764800


@dataclass(frozen=True)
class Provenance:
    """An answered question.

    ``lots`` are those of the page, those of earlier pages to which its edges lead, and the root, by
    number; so are ``findings``. ``actors`` are the authors of what made and moved the lots of the
    page, by number, in the order of the ledger. ``marks`` are what the root and each lot of the
    page inherit; those in ``more_marks`` inherit more than is told. ``least`` is the least assured
    link of this page, None where it has no link.
    """

    trace: Trace
    position: int
    known_at: int
    clock: Clock
    lots: Mapping[int, Lot]
    custodies: Mapping[int, Custody]
    findings: Mapping[int, tuple[Finding, ...]]
    actors: Mapping[int, tuple[Actor, ...]]
    marks: Mapping[int, tuple[Spread, ...]]
    more_marks: frozenset[int]
    links: tuple[Link, ...]
    least: Link | None
    history: History

    def against(self, lot: int) -> tuple[Finding, ...]:
        """The marks that concern the lot: its own first, then the inherited, the nearest first."""
        own = tuple(f for f in self.findings.get(lot, ()) if f.mark)
        return (*own, *(s.finding for s in self.marks.get(lot, ())))

    def codes(self) -> dict[str, Any]:
        """What it says without words and names: evidence states this, and who verifies compares
        it. ``quantity`` is what was made of a lot in the first ``upto`` entries; ``least`` is its
        place among the links. Of a whole trace only, for it tells nothing of other pages."""
        depths = self.trace.depths
        return {
            "lots": [self._lot_codes(number, depth) for number, depth in depths.items()],
            "edges": [_edge(e) for e in self.trace.edges],
            "links": [_link_codes(link) for link in self.links],
            "least": None if self.least is None else self.links.index(self.least),
        }

    def _lot_codes(self, number: int, depth: int) -> dict[str, Any]:
        told = lot_json(self.lots[number])
        return {name: told[name] for name in _OF_LOT} | {
            "quantity": self.custodies[number].made,
            "depth": depth,
            "findings": [_finding_codes(f) for f in self.findings[number]],
            "inherits": [_spread_codes(s) for s in self.marks.get(number, ())],
            "actors": [_actor_codes(a) for a in self.actors[number]],
        }

    def to_json(self, zone: str = "UTC") -> dict[str, Any]:
        """The whole answer. Ids are 0x hex, times seconds since 1970 UTC; days in sentences are of
        the ``zone``. Lots are named by number, ``lots`` says which they are."""
        return _Writer(self, ZoneInfo(zone)).whole()


def provenance(
    graph: Graph,
    records: Records,
    founding: Founding,
    lot: int,
    *,
    direction: Direction,
    upto: int,
    known_at: int,
    at: int = NO_END,
    depth: int = MOST_ANSWERED_DEPTH,
    size: int = 1000,
    after: str | None = None,
    clock: Clock = Clock.RECORDED,
    freshness: Freshness = _FRESHNESS,
    histories: Histories | None = None,
    position: int | None = None,
) -> Provenance:
    """Trace the lot (its number) and say all that is known of what turns up.

    ``position`` is the size of the ledger from which qualifications and registers are judged, by
    default ``upto``. ``histories`` may be given by who keeps histories; it must answer at that
    position.
    :class:`RequestError` as for :func:`ledger.provenance.tracing.trace`, and for a ``size`` or
    ``depth`` that is too large for one answer; what ``graph`` and ``records`` raise goes through.
    """
    within("size", size, 1, MOST_ANSWERED)
    within("depth", depth, 0, MOST_ANSWERED_DEPTH)
    position = upto if position is None else position
    page = trace(graph, direction, (lot,), upto=upto, at=at, depth=depth, size=size, after=after)
    own = page.lots
    named = {lot, *own}.union(n for e in page.edges for n in (e.output, e.input))
    lots = {found.number: found for found in graph.lots(sorted(named))}
    told = chains(graph, list(lots.values()), upto)
    entries = {e.sequence: e for chain in told.values() for e in chain}
    history = gather_reports(records, founding, entries.values(), position, known_at)

    def gathered(organisation: bytes, category: str) -> History:
        return gather(records, founding, organisation, category, position)

    judge = Actors(histories or gathered, history, known_at, clock, freshness)
    actors = {n: tuple(judge.of(e, lots[n]) for e in chain) for n, chain in told.items()}
    findings = {
        n: findings_of(lots[n], told[n], history, actors[n], known_at, at, clock)
        for n in sorted(lots)
    }
    custodies = {n: custody(lots[n].id, chain) for n, chain in told.items()}
    links = Assessor(lots, told, custodies, findings, history, known_at).links(own, page.edges)
    edges = (*before(graph, page), *page.edges)
    marks = spread(edges, findings, set(own).difference((lot,)), MOST_INHERITED + 1)
    more_marks = frozenset(n for n, found in marks.items() if len(found) > MOST_INHERITED)
    marks |= {n: marks[n][:MOST_INHERITED] for n in more_marks}
    return Provenance(
        page,
        position,
        known_at,
        clock,
        lots,
        {n: custodies[n] for n in own},
        findings,
        {n: tuple(a for a in actors[n] if a.happened_at <= at) for n in own},
        marks | spread(edges, findings, (lot,)),
        more_marks,
        links,
        least_assured(links),
        history,
    )


# ------------------------------------------------------------------------------ writing


class _Writer:
    def __init__(self, p: Provenance, zone: ZoneInfo) -> None:
        self.p = p
        self.zone = zone
        self.by_id = {lot.id: lot for lot in p.lots.values()}

    def whole(self) -> dict[str, Any]:
        p, page = self.p, self.p.trace
        cut = texts.CUTS[page.cut.value] if page.cut is not None else None
        return {
            "direction": page.direction.value,
            "root": page.roots[0],
            "clocks": {
                "complete_to": page.upto,
                "position": p.position,
                "known_at": p.known_at,
                "clock": p.clock.value,
                "at": page.at if page.at < NO_END else None,
            },
            "position": page.position,
            "more": page.more,
            "cut": None if page.cut is None or cut is None else {"by": page.cut.value, **both(cut)},
            "continuation": page.continuation,
            "lots": [self.lot(number, depth) for number, depth in page.depths.items()],
            "earlier": [self.earlier(n) for n in sorted(set(p.lots).difference(page.lots))],
            "edges": [_edge(e) for e in page.edges],
            "assurance": {
                "least": self.link(p.least) if p.least is not None else None,
                "links": [self.link(link) for link in p.links],
            },
            "organisations": self.organisations(),
        }

    def lot(self, number: int, depth: int) -> dict[str, Any]:
        return {
            **self.earlier(number),
            "depth": depth,
            "actors": [self.actor(a) for a in self.p.actors[number]],
        }

    def earlier(self, number: int) -> dict[str, Any]:
        p = self.p
        root = number in p.trace.roots
        return {
            **lot_json(p.lots[number]),
            "findings": [self.finding(f) for f in p.findings[number]],
            # What a mark says stands in the findings of its lot, and is repeated for the root.
            "inherits": [
                _spread_codes(s) | (self.finding(s.finding) if root else {})
                for s in p.marks.get(number, ())
            ],
            "inherits_more": number in p.more_marks,
        }

    def finding(self, f: Finding) -> dict[str, Any]:
        text = texts.FINDINGS[f.code]
        values = self.values(f)
        return {
            "lot": f.lot,
            **_finding_codes(f),
            "en": text.en.format_map({k: v.en for k, v in values.items()}),
            "zh": text.zh.format_map({k: v.zh for k, v in values.items()}),
        }

    def values(self, f: Finding) -> dict[str, Both]:
        found = {
            "by": self.name(f.author),
            "happened": self.day(f.happened_at),
            "recorded": self.day(f.recorded_at),
        }
        tables = {
            "why": texts.DOUBTS,
            "result": texts.RESULTS,
            "what": texts.REPORT_MARKS,
            "action": texts.ACTIONS,
        }
        for key, value in f.values.items():
            if isinstance(value, bytes):
                found[key] = self.name(value)
            elif isinstance(value, int):
                found[key] = self.day(value)
            else:
                found[key] = tables[key][value] if key in tables else Both(value, value)
        return found

    def name(self, who: bytes) -> Both:
        """An organisation by its name, a lot by its maker's and its own."""
        if len(who) == 32:
            maker = self.name(who[:20])
            lot = self.by_id[who].lot if who in self.by_id else hexed(who)
            return Both(f"lot {lot} of {maker.en}", f"{maker.zh}的批次 {lot}")
        found = self.p.history.organisations.get(who)
        if found is None:
            return Both(hexed(who), hexed(who))
        return Both(found.name("en"), found.name("zh"))

    def day(self, instant: int) -> Both:
        if not 0 < instant < _LAST_SHOWN:
            return Both("–", "–")
        shown = datetime.fromtimestamp(instant, self.zone).date().isoformat()
        return Both(shown, shown)

    def actor(self, a: Actor) -> dict[str, Any]:
        return {
            **_actor_codes(a),
            "late": a.late,
            **both(texts.ACTORS[a.code.value]),
        }

    def link(self, link: Link) -> dict[str, Any]:
        told = texts.ASSURANCE[link.assurance.value]
        what = texts.LINKS[link.kind.value]
        return {
            **_link_codes(link),
            "en": f"{what.en}: {told.en}",
            "zh": f"{what.zh}：{told.zh}",
        }

    def organisations(self) -> dict[str, dict[str, str]]:
        """The names of everyone that the answer mentions."""
        p = self.p
        named = {lot.maker for lot in p.lots.values()}
        named.update(a.organisation for actors in p.actors.values() for a in actors)
        named.update(f.author for found in p.findings.values() for f in found)
        named.update(who for link in p.links for who in (link.giver, link.taker))
        named.discard(b"")
        return {hexed(who): both(self.name(who)) for who in sorted(named)}


def _edge(e: Edge) -> dict[str, int]:
    return {
        "output": e.output,
        "input": e.input,
        "entry": e.sequence,
        "used": e.used,
        "made": e.made,
        "happened_at": e.happened_at,
        "recorded_at": e.recorded_at,
    }


#: What evidence tells of a lot itself.
_OF_LOT: Final = (
    *("number", "id", "maker", "gtin", "lot", "category", "model", "unit"),
    "origin_not_shown",
)


def _finding_codes(f: Finding) -> dict[str, Any]:
    return {
        "code": f.code,
        "mark": f.mark,
        "by": hexed(f.author) if f.author else None,
        "happened_at": f.happened_at,
        "recorded_at": f.recorded_at,
        "entries": list(f.entries),
    }


def _spread_codes(s: Spread) -> dict[str, Any]:
    return {"lot": s.finding.lot, "code": s.finding.code, "path": list(s.path)}


def _actor_codes(a: Actor) -> dict[str, Any]:
    return {
        "entry": a.sequence,
        "action": a.action,
        "making": a.making,
        "organisation": hexed(a.organisation),
        "happened_at": a.happened_at,
        "recorded_at": a.recorded_at,
        "then": a.then.value,
        "now": a.now.value,
        "code": a.code.value,
        "entries": list(a.entries),
    }


def _link_codes(link: Link) -> dict[str, Any]:
    return {
        "kind": link.kind.value,
        "assurance": link.assurance.value,
        "lot": link.lot,
        "input": link.input,
        "entry": link.sequence,
        "giver": hexed(link.giver) if link.kind is LinkKind.HANDING_OVER else None,
        "taker": hexed(link.taker),
        "entries": list(link.entries),
    }
