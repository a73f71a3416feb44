"""The lots that a supplier offers, with all that a verdict looks at of them and of what they are
made of.

Rules this module keeps:

* :func:`gather_offer` reads, once; everything else is worked out of what was read. Up to the same
  position the same is read whenever it is asked for, so a verdict can be made again.
* Only what was recorded by ``known_at`` counts (:attr:`Offer.upto`), but for recalls of registers,
  which follow the question's clock as all mirrored facts do.
* What lots become after ``upto`` (they grow, they are closed) is not looked at: of a lot only what
  the entry that made it says.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ledger import identifiers
from ledger.errors import RequestError
from ledger.gathering import Records, gather_reports
from ledger.history import History, MirroredRecall
from ledger.policy import Policy
from ledger.provenance.actors import Actor, Actors, Histories
from ledger.provenance.assurance import Assessor, Link, least_assured
from ledger.provenance.custody import Custody, chains, custody
from ledger.provenance.findings import Finding, findings_of
from ledger.provenance.model import Edge, Graph, Lot
from ledger.provenance.tracing import Direction, trace
from ledger.question import MAX_LOTS, Question, wrong
from ledger.recalls import MentionKind, same_lot
from ledger.recalls.standing import standing_recalls
from ledger.recorded import Founding, RecordedEntry
from ledger.standing import Result
from ledger.typed_data import lot_id
from ledger.vocabulary import Clock


class NamedLots(Graph, Protocol):
    """The graph, with the lots of which somebody knows the ids."""

    def by_ids(self, ids: Iterable[bytes]) -> Mapping[bytes, Lot]:
        """Those of these lots that are on the ledger, by id."""
        ...


class Lots(NamedLots, Protocol):
    """The graph, and how lots are found in it."""

    def find(self, gtin: int, lot: str) -> Sequence[Lot]:
        """The lots with this GTIN and number, whoever made them, in order."""
        ...


class Times(Protocol):
    """When entries were recorded."""

    def recorded_at(self, sequence: int) -> int | None:
        """The block time (seconds, UTC) of the entry with this number; None where there is none."""
        ...


class Entries(Records, Times, Protocol):
    """The entries of the ledger, and when each was recorded."""


# ------------------------------------------------------------------------------ naming lots


@dataclass(frozen=True, slots=True)
class LotName:
    """How somebody names a lot: by its id (32 bytes) alone, or by what stands on the carton.
    ``gtin`` as typed, "" where the goods have none; ``maker`` (20 bytes) where several use the
    same."""

    id: bytes = b""
    gtin: str = ""
    lot: str = ""
    maker: bytes = b""

    @classmethod
    def read(cls, text: str, place: int) -> "LotName":
        """The lot that ``GTIN:LOT``, ``GTIN:LOT@0xMAKER`` or a 0x id means; the GTIN may be empty.

        :class:`RequestError` names the ``place`` in the list of a text that is none of these.
        """
        field, plain = f"lots.{place}", text.strip().replace("：", ":")
        if plain.startswith("0x"):
            return cls(id=_bytes(plain, 32, field))
        gtin, colon, rest = plain.partition(":")
        # "@" stands in no lot number (GS1 character set 82).
        lot, at, maker = rest.partition("@")
        if not colon or not lot:
            raise _fault(
                field,
                "form",
                f"“{plain[:80]}” is no GTIN and lot number; write both with a colon between, as "
                "in 09520000000059:QL100-A",
                f"“{plain[:80]}”不是商品代码（GTIN）加批号；请写成 09520000000059:QL100-A 的形式",
            )
        return cls(gtin=gtin, lot=lot, maker=_bytes(maker, 20, field) if at else b"")

    def to_json(self) -> dict[str, str]:
        """As the HTTP interface takes it."""
        if self.id:
            return {"id": "0x" + self.id.hex()}
        maker = {"maker": "0x" + self.maker.hex()} if self.maker else {}
        return {"gtin": self.gtin, "lot": self.lot, **maker}


def _bytes(text: str, length: int, field: str) -> bytes:
    digits = text.removeprefix("0x")
    if len(digits) != 2 * length or not set(digits) <= set("0123456789abcdef"):
        raise _fault(
            field,
            "form",
            f"{text[:80]!r} is no id of {length} bytes in 0x hex",
            f"{text[:80]!r} 不是 {length} 字节的 0x 十六进制标识",
        )
    return bytes.fromhex(digits)


def resolve(lots: Lots, names: Sequence[LotName]) -> tuple[bytes, ...]:
    """The ids of the lots that are named; :class:`RequestError` names the one that is wrong, by its
    place in the list: none, several, a wrong check digit, the same twice, too many, no name."""
    if len(names) > MAX_LOTS:
        raise wrong(
            "lots",
            f"at most {MAX_LOTS} can be offered at once, not {len(names)}",
            f"一次最多 {MAX_LOTS} 个批次，现为 {len(names)} 个",
            "many",
        )
    found: list[bytes] = []
    for place, name in enumerate(names):
        id_ = _resolved(lots, name, f"lots.{place}")
        if id_ in found:
            raise _fault(f"lots.{place}", "twice", "is offered twice", "重复列出")
        found.append(id_)
    return tuple(sorted(found))


def _resolved(lots: Lots, name: LotName, field: str) -> bytes:
    if (name.id and (name.gtin or name.lot or name.maker)) or not (name.id or name.lot):
        raise _fault(
            field,
            "form",
            "give either its id alone, or its lot number with its GTIN",
            "请只给出其标识，或给出批号及其 GTIN",
        )
    if name.id or name.maker:
        id_ = name.id or lot_id(name.maker, _gtin(name.gtin, field), name.lot)
        if id_ not in lots.by_ids([id_]):
            raise _unknown(field)
        return id_
    found = lots.find(_gtin(name.gtin, field), name.lot)
    if not found:
        raise _unknown(field)
    if len(found) > 1:
        makers = ", ".join("0x" + lot.maker.hex() for lot in found[:5])
        raise _fault(
            field,
            "several",
            f"several made a lot of this name; say whose is meant: {makers}",
            f"有多家生产了同名批次，请指明生产者：{makers}",
        )
    return found[0].id


def _gtin(text: str, field: str) -> int:
    if not text.strip():
        return 0
    try:
        return int(identifiers.parse("gtin", text).value)
    except RequestError as fault:
        raise RequestError(
            f"{field}: {fault}",
            message_zh=f"{field}：{fault.message_zh}",
            field=f"{field}.gtin",
            code=fault.code,
            values=fault.values,
        ) from None


def _unknown(field: str) -> RequestError:
    return _fault(field, "unknown", "no such lot is on the ledger", "账本上没有此批次")


def _fault(field: str, what: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code=f"question.lots.{what}",
    )


# ------------------------------------------------------------------------------ what is offered


@dataclass(frozen=True, slots=True)
class Stock:
    """What the supplier has of the offered lots, and what is under way to it."""

    there: int
    arriving: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the supplier has of all offered lots of the product, in the unit asked; ``otherwise``
    are those that are counted in another unit. ``entries`` tell of the lots and of the last that
    the supplier did with each."""

    there: int
    arriving: int
    otherwise: tuple[Lot, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RecallWord:
    """What a mirrored recall says of a lot (its number). ``named``: the lot's number stands in its
    text; else the text says something that only a person can compare. ``same_goods``: it names the
    lot's GTIN, too."""

    lot: int
    recall: MirroredRecall
    named: bool
    same_goods: bool


@dataclass(frozen=True)
class Offer:
    """What was read. ``offered`` are the lots in the order of their numbers, those not known yet at
    ``known_at`` apart in ``later``; ``lots`` are all lots of the trace, by number, in its order.

    ``complete`` is False where there are more lots upstream than the policy looks at; ``edges`` are
    then those among the lots at hand. ``reports`` is from ``gather_reports``, ``histories`` are the
    makers' by organisation and category, all at the position of the question.
    """

    known_at: int
    clock: Clock
    policy: Policy
    upto: int
    offered: tuple[Lot, ...]
    later: tuple[Lot, ...]
    lots: Mapping[int, Lot]
    edges: tuple[Edge, ...]
    complete: bool
    chains: Mapping[int, Sequence[RecordedEntry]]
    reports: History
    histories: Mapping[tuple[bytes, str], History]

    # ---- what is made of what

    @cached_property
    def paths(self) -> Mapping[int, tuple[int, ...]]:
        """The shortest way from an offered lot to each lot of the trace, both ends included."""
        inputs: dict[int, set[int]] = {}
        for edge in self.edges:
            inputs.setdefault(edge.output, set()).add(edge.input)
        found: dict[int, tuple[int, ...]] = {lot.number: (lot.number,) for lot in self.offered}
        waiting = list(found)
        for number in waiting:
            for one in sorted(inputs.get(number, ())):
                if one not in found:
                    found[one] = (*found[number], one)
                    waiting.append(one)
        return found

    @cached_property
    def derived(self) -> Mapping[int, tuple[int, ...]]:
        """Which of the offered lots each lot of the trace went into, or is (their numbers)."""
        inputs: dict[int, set[int]] = {}
        for edge in self.edges:
            inputs.setdefault(edge.output, set()).add(edge.input)
        found: dict[int, list[int]] = {number: [] for number in self.lots}
        for lot in self.offered:
            seen, waiting = {lot.number}, [lot.number]
            while waiting:
                for one in inputs.get(waiting.pop(), set()) - seen:
                    seen.add(one)
                    waiting.append(one)
            for number in seen:
                found[number].append(lot.number)
        return {number: tuple(into) for number, into in found.items()}

    # ---- what is said of the lots

    @cached_property
    def actors(self) -> Mapping[int, tuple[Actor, ...]]:
        """The authors of the entries about each lot."""
        judge = Actors(
            lambda organisation, category: self.histories[organisation, category],
            self.reports,
            self.known_at,
            self.clock,
            self.policy.freshness,
        )
        return {
            number: tuple(judge.of(entry, lot) for entry in self.chains[number])
            for number, lot in self.lots.items()
        }

    @cached_property
    def findings(self) -> Mapping[int, tuple[Finding, ...]]:
        """What is found about each lot."""
        return {
            number: findings_of(
                lot, self.chains[number], self.reports, self.actors[number], self.known_at
            )
            for number, lot in self.lots.items()
        }

    @cached_property
    def custodies(self) -> Mapping[int, Custody]:
        return {number: custody(lot.id, self.chains[number]) for number, lot in self.lots.items()}

    @cached_property
    def least(self) -> Link | None:
        """The least assured link of the trace."""
        assessor = Assessor(
            self.lots, self.chains, self.custodies, self.findings, self.reports, self.known_at
        )
        return least_assured(assessor.links(self.lots, self.edges))

    def stock(self, lot: Lot, firm: Collection[bytes]) -> Stock:
        """What the members of the firm have of the lot. What they did not accept of a shipment is
        not under way to them any more."""
        told = self.custodies[lot.number]
        return Stock(
            sum(told.of(member).there for member in sorted(firm)),
            sum(s.left for s in told.shipments if s.recipient in firm and s.accepted is None)
            + sum(unit.quantity for unit in told.units if unit.recipient in firm),
        )

    def amounts(self, firm: Collection[bytes], category: str, model: str, unit: str) -> Amounts:
        """What the firm has of the offered lots that are of the category and model asked."""
        there = arriving = 0
        otherwise: list[Lot] = []
        entries: set[int] = set()
        for lot in self.offered:
            if lot.category != category or (model and lot.model and lot.model != model):
                continue
            if lot.unit != unit:
                otherwise.append(lot)
                continue
            stock = self.stock(lot, firm)
            there += stock.there
            arriving += stock.arriving
            last = [e.sequence for e in self.chains[lot.number] if e.author in firm]
            entries.update((lot.number, *last[-1:]))
        return Amounts(there, arriving, tuple(otherwise), tuple(sorted(entries)))

    @cached_property
    def recalls(self) -> tuple[RecallWord, ...]:
        """What registers say of recalls of these lots, in the order of the ledger."""
        found = []
        for standing in standing_recalls(self.reports, self.known_at, self.clock):
            recall, reading = standing.recall, standing.lots
            firm = self.reports.firm(recall.organisation, self.known_at)
            concerned = [lot for lot in self.lots.values() if lot.maker in firm]
            goods = {mention.start for mention in reading.of(MentionKind.UDI)}
            open_ended = reading.all_lots or any(not m.decidable for m in reading.mentions)
            for lot in concerned:
                named = any(same_lot(mention, lot.lot) for mention in reading.mentions)
                if named or open_ended:
                    same = bool(lot.gtin) and f"{lot.gtin:014d}" in goods
                    found.append(RecallWord(lot.number, recall, named, same))
        return tuple(found)

    def made_by(self, number: int) -> tuple[Actor, ...]:
        """Who made the lot, entry by entry."""
        return tuple(actor for actor in self.actors[number] if actor.making)

    def judged(self, number: int) -> Iterable[tuple[Actor, Result]]:
        """Who made the lot, with how it stands as known now; nothing of lots whose origin is not
        shown, for which nobody had to be qualified."""
        if not self.lots[number].origin_not_shown:
            for actor in self.made_by(number):
                yield actor, actor.now


def known_size(times: Times, known_at: int, position: int) -> int:
    """How many of the first ``position`` entries of the log were recorded by ``known_at``.

    Blocks never go back in time, so the entries do not, either.
    """

    def later(sequence: int) -> bool:
        recorded_at = times.recorded_at(sequence)
        return recorded_at is None or recorded_at > known_at

    low, high = 0, position
    if position and not later(position - 1):
        return position
    while low < high:
        middle = (low + high) // 2
        if later(middle):
            high = middle
        else:
            low = middle + 1
    return low


def gather_offer(
    lots: NamedLots,
    entries: Entries,
    founding: Founding,
    histories: Histories,
    question: Question,
    policy: Policy,
    position: int,
) -> Offer | None:
    """Read what the question's lots take; None where it offers none or the policy weighs none.

    ``histories`` answers at ``position``, the ledger's size: nothing from there on is read.
    :class:`RequestError` names a lot that is not on the ledger. What is raised by what is read from
    goes through.
    """
    if not question.lots or not policy.trace_lots:
        return None
    upto = known_size(entries, question.known_at, position)
    by_id = lots.by_ids(question.lots)
    for id_ in question.lots:
        if id_ not in by_id or by_id[id_].number >= position:
            raise wrong(
                "lots", f"0x{id_.hex()} is not on the ledger", "账本上没有此批次", "unknown"
            )
    named = sorted(by_id.values(), key=lambda lot: lot.number)
    offered = tuple(lot for lot in named if lot.number < upto)
    later = tuple(lot for lot in named if lot.number >= upto)
    traced: dict[int, Lot] = {}
    edges: tuple[Edge, ...] = ()
    complete = True
    if offered:
        page = trace(
            lots,
            Direction.BACK,
            [lot.number for lot in offered],
            upto=upto,
            size=policy.trace_lots + len(offered),
        )
        complete = not page.more
        found = {lot.number: lot for lot in lots.lots(page.lots)}
        traced = {number: found[number] for number in page.lots}
        edges = tuple(e for e in page.edges if e.output in traced and e.input in traced)
    told = chains(lots, list(traced.values()), upto)
    every = {e.sequence: e for chain in told.values() for e in chain}
    reports = gather_reports(entries, founding, every.values(), position, question.known_at)
    makers = sorted(
        {(lot.maker, lot.category) for lot in traced.values() if not lot.origin_not_shown}
    )
    return Offer(
        question.known_at,
        question.clock,
        policy,
        upto,
        offered,
        later,
        traced,
        edges,
        complete,
        told,
        reports,
        {pair: histories(*pair) for pair in makers},
    )
