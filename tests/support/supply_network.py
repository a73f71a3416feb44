"""A seeded generator of believable supply networks, from polymer to the community store.

Rules it keeps:

* The same size and seed give the same entries, whatever ran before. Nothing global is touched.
* Entries come in the order of the ledger and lazily: what is used up is forgotten, so that millions
  of lots fit in memory.
* Every entry without a ``refusal`` is accepted by the ledger's contracts, if all before it were
  recorded at their times; every other is refused with exactly that error and changes nothing.

The network starts with what the authority and a licensing bureau must have recorded
(:meth:`Network.preparation`), then runs in shifts of eight hours (:meth:`Network.entries`).

>>> network = Network(Size(firms=60, lots=100), seed=7)
>>> steps = [*network.preparation(), *network.entries()]
>>> next(s.entry.action.name for s in steps)
'RegisterOrganisation'
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from hashlib import blake2b
from itertools import islice
from random import Random
from typing import Final, NamedTuple

from eth_hash.auto import keccak

from ledger.recorded import RecordedEntry
from ledger.typed_data import (
    ACTIONS,
    Citation,
    Domain,
    Entry,
    Part,
    SignedEntry,
    Value,
    lot_id,
    organisation_subject,
    qualification_id,
    unit_id,
)
from tests.support.supply_faults import OF_ACTION, Bad, Told
from tests.support.supply_firms import (
    BLEND,
    BLENDERS,
    FIRST_BLEND,
    IDENTIFIER_KIND,
    LOOP,
    OF_A_MODEL,
    REBLEND,
    RESIN,
    RESPIRATOR,
    STANDARDS,
    SURGICAL,
    WIRE,
    Firm,
    Goods,
    Holding,
    Ingredient,
    Lot,
    Population,
    Process,
    Weighted,
    check_digit,
    preparation,
)

HOUR: Final = 3_600
DAY: Final = 86_400
SHIFT: Final = 8 * HOUR
#: When a network starts unless told otherwise: 2020-09-14 in UTC.
START: Final = 1_600_100_000
#: Nonces of the authority, and of entries that it signs beside their author, so that they meet
#: no others of the accounts.
_AUTHORITYS: Final = 1 << 32
_COSIGNED: Final = 1 << 40
_DUE: Final = 14 * DAY
_GATE_OPENS: Final = 400 * DAY
_MOST_PARTS: Final = 8
_NOTHING: Final = bytes(32)

#: What one lot of these goods is at first, what one order asks for, in their unit.
_LOTS: Final[Mapping[str, tuple[int, int]]] = {
    RESIN.category: (100_000, 20_000),
    WIRE.category: (2_000_000, 300_000),
    LOOP.category: (4_000_000, 600_000),
    "fabric.meltblown.electret": (0, 1_000_000),
    "fabric.spunbond": (0, 1_800_000),
}
#: Less than this part of a shift's output is not worth starting the line.
_SMALLEST_PART: Final = 60
#: Lots in one layer of the deep lot's past, and kilograms in one of its lots of resin.
_WIDTH: Final = 128
_RESIN_WEIGHT: Final = 80_000


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network is, and how much of it is told.

    ``lots`` are at least made, then what is under way is brought to an end. ``faults`` is how many
    wrong entries there are for each right one. ``downstream`` is the share of mask lots whose way
    to the stores is told (about 75 entries each; the others stay with their maker, about 3 each
    with all that went into them). ``late`` is the share of entries that the authority lets in
    after the permitted lateness, ``failures`` that of the tested lots which fail; each of these is
    held, and half of them recalled.
    ``ancestors``: if not 0, one lot has at least so many (:attr:`Network.deep`), spread over the
    whole stream.
    """

    firms: int = 200
    lots: int = 1_000
    faults: float = 0.0
    downstream: float = 1.0
    late: float = 0.003
    failures: float = 0.04
    ancestors: int = 0


class Step(NamedTuple):
    """One entry that is sent to the ledger at ``at`` (block time).

    ``author`` is the organisation of ``account``, which signs it; if ``cosigned``, a quorum of the
    authority signs it too (an act of the authority has ``account`` :data:`AUTHORITY`, and only
    these signatures). ``subjects`` are the chains that it moves if accepted. ``refusal`` is the
    name of the error that the ledger must answer with, ``fault`` what is wrong; None if nothing is.
    """

    at: int
    author: bytes
    account: str
    entry: Entry
    digest: bytes
    subjects: tuple[bytes, ...]
    cosigned: bool
    refusal: str | None
    fault: str | None


#: The account that stands for the authority's.
AUTHORITY: Final = "authority"


@dataclass(frozen=True, slots=True)
class DeepLot:
    """A lot with all that it was made of, however far back."""

    id: bytes
    ancestors: frozenset[bytes]


@cache
def invented_account(name: str) -> bytes:
    """An address that nobody has the key of, for networks that are not signed."""
    return keccak(b"account of " + name.encode())[-20:]


class Network:
    """One network. ``preparation`` and then ``entries`` are to be run through once, in this order.

    ``domains`` (contract → domain) makes digests, and so the ids of shipments, real; without them
    they are invented, which is faster. ``account`` gives the address of an account by its name.
    """

    def __init__(
        self,
        size: Size,
        seed: int,
        *,
        start: int = START,
        domains: Mapping[str, Domain] | None = None,
        account: Callable[[str], bytes] = invented_account,
    ) -> None:
        self.size = size
        self.lots = 0
        self.accepted = 0
        self._random = Random(f"supply network {seed}")
        self._domains = domains
        self._account = account
        self._salt = seed.to_bytes(8, "big", signed=True)
        self._said = 0
        self._start = start
        self._at = start
        self._shift = 0
        self._out: list[Step] = []
        self._due: dict[int, list[Callable[[], object]]] = {}
        self._busy: dict[int, Firm] = {}
        self._afterwards: Told | None = None
        self._faults: Counter[str] = Counter()
        self.population = population = Population(
            self._random, size.firms, blenders=size.ancestors > 0
        )
        self._lines = Weighted(population.of("mask maker", "respirator maker"))
        self._distributors = Weighted(population.of("distributor"))
        stores = population.of("store")
        self._upper = Weighted([s for s in stores if s.level < 2])
        self._stores = stores
        self._laboratories = population.of("laboratory")[:-1]
        self._unaccredited = population.of("laboratory")[-1]
        self._unlicensed = population.of("unlicensed maker")[0]
        self._blending = self._blends()
        self._blended = 0

    # ---------------------------------------------------------------- what there is

    @property
    def deep(self) -> DeepLot | None:
        """The lot with the many ancestors, before it is made."""
        if not self.size.ancestors:
            return None
        layers = self._layers()
        found = {
            self._blend_id(layer, place)
            for layer in range(layers)
            for place in range(self._width(layer))
        }
        return DeepLot(self._blend_id(layers, 0), frozenset(found))

    # ---------------------------------------------------------------- the stream

    def preparation(self) -> Iterator[Step]:
        """What must stand before the first lot: firms, categories, processes, licences."""
        for firm in self.population.all:
            yield from self._admit(firm)
        for action, values, subjects in preparation(self.population):
            yield self._rule(action, values, subjects)
        for firm in self.population.all:
            if firm.makes is not None:
                yield from self._license(firm)

    def entries(self) -> Iterator[Step]:
        """All that happens, in the order of the ledger."""
        while self.lots < self.size.lots:
            self._run_shift(producing=True)
            yield from self._told()
        if self.size.ancestors:
            for _ in self._blending:
                pass
        yield from self._told()
        while self._due:
            self._run_shift(producing=False)
            yield from self._told()

    def _told(self) -> list[Step]:
        self._go_wrong_after()
        told, self._out = self._out, []
        return told

    # ---------------------------------------------------------------- before the first lot

    def _rule(self, action: str, values: dict[str, Value], subjects: tuple[bytes, ...]) -> Step:
        authority = self.population.authority
        return self._step(authority, action, values, subjects, happened=self._at, cosigned=True)

    def _admit(self, firm: Firm) -> Iterator[Step]:
        subjects = (organisation_subject(firm.id),)
        yield self._rule(
            "RegisterOrganisation",
            {
                "roles": int(firm.roles), "division": firm.division,
                "identifierKind": IDENTIFIER_KIND, "identifier": firm.name,
                "nameZh": f"虚构单位 {firm.number}", "nameEn": firm.name,
            },
            subjects,
        )  # fmt: skip
        yield self._rule(
            "AddAccount",
            {
                "organisation": firm.id, "account": self._account(firm.name),
                "roles": int(firm.roles), "person": self._unique(b"person"),
            },
            subjects,
        )  # fmt: skip

    def _license(self, firm: Firm) -> Iterator[Step]:
        """Every certificate that what the firm makes requires; a blender also makes resin."""
        assert firm.makes is not None
        bureau = self.population.bureau
        for made in (RESIN, BLEND) if firm.makes is BLEND else (firm.makes,):
            for kind in made.kinds:
                model = firm.model if kind == OF_A_MODEL else ""
                values: dict[str, Value] = {
                    "holder": firm.id,
                    "validFrom": self._start - _GATE_OPENS,
                    "validUntil": self._start + 40 * _GATE_OPENS,
                    "document": self._unique(b"certificate"),
                    "category": made.category, "model": model, "kind": kind,
                    "number": f"N{firm.number:06d}",
                }  # fmt: skip
                step = self._step(bureau, "IssueQualification", values, (), happened=self._at)
                made_id = qualification_id(
                    bureau.id, firm.id, made.category, model, kind, step.digest
                )
                yield step._replace(subjects=(made_id, organisation_subject(firm.id)))
                kind_key = keccak(kind.encode())
                citation = Citation(bureau.id, _NOTHING, kind_key, step.digest, not model)
                firm.cited = (*firm.cited, citation)

    # ---------------------------------------------------------------- saying

    def _unique(self, what: bytes) -> bytes:
        """32 bytes that nothing else has."""
        self._said += 1
        return blake2b(
            what + self._said.to_bytes(8, "big"), digest_size=32, key=self._salt
        ).digest()

    def _step(
        self,
        firm: Firm,
        action: str,
        values: Mapping[str, Value],
        subjects: tuple[bytes, ...],
        *,
        happened: int,
        cosigned: bool = False,
        fault: tuple[str, str] | None = None,
    ) -> Step:
        """The common fields are filled in unless ``values`` has them."""
        what = ACTIONS[action]
        nonce = firm.nonces.get(what.contract, 0)
        firm.nonces[what.contract] = nonce + 1
        if what.authority:
            nonce += _AUTHORITYS
        elif cosigned:
            nonce = _COSIGNED + self._said
        common: dict[str, Value] = {
            "nonce": nonce, "happenedAt": happened, "deadline": self._at + DAY
        }  # fmt: skip
        entry = Entry(what, {**common, **values})
        if self._domains is None:
            digest = self._unique(b"digest")
        else:
            self._said += 1
            digest = entry.digest(self._domains[what.contract])
        if fault is None:
            self.accepted += 1
        name, refusal = fault or (None, None)
        return Step(
            self._at, firm.id, firm.name if firm.number else AUTHORITY, entry, digest, subjects,
            cosigned, refusal, name,
        )  # fmt: skip

    def _say(
        self,
        firm: Firm,
        action: str,
        values: dict[str, Value],
        subjects: tuple[bytes, ...],
        since: int,
        lot: Lot | None = None,
        holdings: tuple[Holding, ...] = (),
    ) -> Step:
        """An entry that is right, and perhaps one before or after it that is not.

        It may have happened from ``since`` on. The caller applies it before it says more.
        """
        self._go_wrong_after()
        random = self._random
        late = random.random() < self.size.late and since < self._at - 12 * DAY
        if late:
            happened = max(since, self._at - random.randrange(8, 12) * DAY)
        else:
            happened = max(since, self._at - min(int(random.expovariate(1 / HOUR)), 5 * DAY))
        wrong = self.size.faults and not late and random.random() < self.size.faults
        told = None
        if wrong:
            told = Told(
                firm, action, values, self._at, since, 0, happened, self._at + DAY, b"",
                lot, holdings, self._unlicensed, self._stranger(lot), self._unaccredited,
            )  # fmt: skip
            rarest = self._rarest(action, after=False), self._rarest(action, after=True)
            if rarest[0] <= rarest[1] and self._go_wrong(told, after=False):
                told = None
        step = self._step(firm, action, values, subjects, happened=happened, cosigned=late)
        if told is not None:
            nonce = step.entry.values["nonce"]
            assert isinstance(nonce, int)
            told.nonce, told.digest = nonce, step.digest
            self._afterwards = told
        self._out.append(step)
        return step

    def _stranger(self, lot: Lot | None) -> Firm:
        """A store that did not make the lot."""
        store = self._random.choice(self._stores)
        while lot is not None and lot.maker is store:
            store = self._random.choice(self._stores)
        return store

    def _go_wrong_after(self) -> None:
        told, self._afterwards = self._afterwards, None
        if told is not None:
            self._go_wrong(told, after=True)

    def _rarest(self, action: str, *, after: bool) -> float:
        """How often the rarest fault came that an entry of the action lends itself to."""
        faults = OF_ACTION.get((action, after), ())
        return min((self._faults[f.name] for f in faults), default=float("inf"))

    def _go_wrong(self, told: Told, *, after: bool) -> bool:
        """Say something wrong that this entry lends itself to; of several the rarest so far."""
        bad: Bad | None
        for fault in sorted(
            OF_ACTION.get((told.action, after), ()), key=lambda f: self._faults[f.name]
        ):
            bad = fault.make(told)
            if bad is not None:
                self._faults[fault.name] += 1
                step = self._step(
                    bad.firm, bad.action, bad.values, (), happened=told.happened,
                    fault=(fault.name, fault.refusal),
                )  # fmt: skip
                self._out.append(step)
                return True
        return False

    # ---------------------------------------------------------------- a shift

    def _later(self, least: int, most: int, job: Callable[[], object]) -> None:
        shift = self._shift + self._random.randint(least, most)
        self._due.setdefault(shift, []).append(job)

    def _run_shift(self, *, producing: bool) -> None:
        self._shift += 1
        self._at += SHIFT
        for job in self._due.pop(self._shift, ()):
            job()
        if not producing:
            return
        for firm in list(self._busy.values()):
            self._serve(firm)
        for firm in self._lines.some(self._random, 2 * len(self._lines.firms)):
            self._work(firm)
        if self._random.random() < 0.1 * self.size.downstream:
            self._relief()
        if self.size.ancestors:
            # As far as the whole is: the deep lot's past lies spread over the stream.
            wanted = self._blend_entries() * self.lots // self.size.lots
            for _ in islice(self._blending, max(0, wanted - self._blended)):
                pass

    # ---------------------------------------------------------------- making

    def _begin(self, firm: Firm, goods: Goods, gtin: int, model: str) -> tuple[Lot, str]:
        firm.counter += 1
        text = f"{firm.number}-{firm.counter}"
        lot = Lot(firm, goods, gtin, text, model)
        self.lots += 1
        return lot, text

    def _commission(self, firm: Firm, goods: Goods, quantity: int, *, shown: bool) -> Holding:
        lot, text = self._begin(firm, goods, firm.gtin if shown else 0, "")
        values: dict[str, Value] = {
            "quantity": quantity,
            "gtin": firm.gtin if shown else 0,
            "originNotShown": not shown,
            "document": self._unique(b"certificate of analysis"),
            "lot": text, "category": goods.category, "model": "", "unit": goods.unit,
            "place": f"Site {firm.number}", "origin": "" if shown else "a donation",
            "cited": firm.cited if shown else (),
        }  # fmt: skip
        step = self._say(firm, "Commission", values, (lot.id,), self._start, lot)
        return self._made(step, lot, quantity)

    def _made(self, step: Step, lot: Lot, quantity: int) -> Holding:
        """The maker's stock of what was made."""
        happened = _happened(step)
        holding = lot.stocks.get(lot.maker.number)
        if holding is None:
            holding = lot.stocks[lot.maker.number] = Holding(lot, happened)
            lot.made_by = step.digest
        lot.made_at = holding.since = min(holding.since, happened)
        holding.quantity += quantity
        return holding

    def _transform(
        self,
        firm: Firm,
        lot: Lot,
        text: str,
        process: Process,
        quantity: int,
        used: list[tuple[Holding, int]],
    ) -> Holding:
        used.sort(key=lambda pair: pair[0].lot.id)
        inputs = tuple(Part(h.lot.id, q) for h, q in used)
        values: dict[str, Value] = {
            "quantity": quantity, "gtin": firm.gtin, "lot": text,
            "category": process.output.category, "model": lot.model, "unit": process.output.unit,
            "process": process.name, "place": f"Line {firm.number}",
            "inputs": inputs, "cited": firm.cited,
        }  # fmt: skip
        subjects = (lot.id, *(part.lot for part in inputs))
        since = max(h.since for h, _ in used)
        holdings = tuple(h for h, _ in used)
        step = self._say(firm, "Transform", values, subjects, since, lot, holdings)
        for holding, amount in used:
            self._take(firm, holding, amount)
        lot.is_open = True
        return self._made(step, lot, quantity)

    def _usable(self, firm: Firm, goods: Goods, most: int) -> list[Holding]:
        """The oldest that the firm may use, at most so many."""
        stock = firm.stock.get(goods.category, ())
        return list(islice((h for h in stock if h.quantity and not h.lot.stops), most))

    def _work(self, firm: Firm) -> None:
        """One shift on the firm's line: a new lot, more of an open one, or an order for goods."""
        process = firm.process
        assert process is not None
        if firm.is_starved:
            return
        each = _MOST_PARTS // len(process.ingredients)
        found = [(i, self._usable(firm, i.goods, each)) for i in process.ingredients]
        scale = firm.weight**0.5 * self._random.lognormvariate(0, 0.4)
        wanted = quantity = int(process.typical * scale)
        smallest = process.typical // _SMALLEST_PART
        for ingredient, holdings in found:
            there = sum(h.quantity for h in holdings)
            enough = there * ingredient.per // ingredient.least
            quantity = min(quantity, enough)
            if enough < 2 * wanted:
                self._order(firm, ingredient.goods)
                if enough < smallest and len(holdings) == each:
                    # Remnants of lots, too many and too small to be used at once.
                    self._destroy(firm, holdings[0], holdings[0].quantity, "remnants")
        if quantity < smallest:
            # Until something comes; what is lacking has been ordered.
            firm.is_starved = True
            self._finish(firm)
            return
        if firm.open_lot is not None and firm.open_lot.stops:
            self._finish(firm)
        if firm.open_lot is None:
            firm.open_lot, firm.open_text = self._begin(firm, process.output, firm.gtin, firm.model)
            firm.shifts_left = self._random.randint(1, process.shifts)
        used = [
            pick
            for ingredient, holdings in found
            for pick in self._pick(ingredient, holdings, quantity)
        ]
        self._transform(firm, firm.open_lot, firm.open_text, process, quantity, used)
        firm.shifts_left -= 1
        if not firm.shifts_left:
            self._finish(firm)

    def _pick(
        self, ingredient: Ingredient, holdings: list[Holding], quantity: int
    ) -> list[tuple[Holding, int]]:
        """What of the holdings goes in: what is needed, a usual loss, at times more than that."""
        least, most, per = ingredient.least, ingredient.most, ingredient.per
        needed = -(-quantity * least // per)
        loss = self._random.random() * (most - least) / least
        if self._random.random() < 0.02:
            loss += 0.3
        rest = min(int(needed * (1 + loss)), sum(h.quantity for h in holdings))
        used = []
        for holding in holdings:
            amount = min(rest, holding.quantity)
            if amount:
                used.append((holding, amount))
                rest -= amount
        return used

    def _finish(self, firm: Firm) -> None:
        """The open lot is complete: tested at times, closed at times, and to be had."""
        lot, firm.open_lot = firm.open_lot, None
        if lot is None:
            return
        holding = lot.stocks[firm.number]
        lot.is_open = False
        if self._random.random() < 0.3 or firm.closed_lot == "":
            self._say(firm, "CloseLot", {"lot": lot.id}, (lot.id,), holding.since, lot)
            firm.closed_lot = firm.open_text
        is_mask = lot.goods in (SURGICAL, RESPIRATOR)
        if is_mask and self._random.random() >= self.size.downstream:
            return
        if self._random.random() < 0.25:
            self._inspect(lot)
        if is_mask:
            self._later(1, 6, partial(self._release_to_trade, holding))
        else:
            firm.stock.setdefault(lot.goods.category, []).append(holding)

    # ---------------------------------------------------------------- orders

    def _order(self, firm: Firm, goods: Goods) -> None:
        """Ask a supplier, unless one has been asked."""
        if goods.category in firm.waiting:
            return
        firm.waiting.add(goods.category)
        supplier = self._random.choice(firm.suppliers[goods.category])
        supplier.orders.append((firm, goods))
        self._busy[supplier.number] = supplier

    def _serve(self, firm: Firm) -> None:
        """Ship what was ordered, or make it first."""
        while firm.orders:
            buyer, goods = firm.orders[0]
            first, ordered = _LOTS[goods.category]
            amount = int(ordered * buyer.weight * self._random.lognormvariate(0, 0.5)) + 1
            found = self._usable(firm, goods, 1)
            if not found and goods.raw:
                quantity = int(first * firm.weight * self._random.lognormvariate(0, 0.5)) + 1
                holding = self._commission(firm, goods, quantity, shown=True)
                firm.stock.setdefault(goods.category, []).append(holding)
                found = [holding]
            if not found:
                self._work(firm)
                return
            firm.orders.popleft()
            holding = found[0]
            self._ship(firm, holding, buyer, min(amount, holding.quantity))
        del self._busy[firm.number]

    # ---------------------------------------------------------------- stocks

    def _take(self, firm: Firm, holding: Holding, quantity: int) -> None:
        holding.quantity -= quantity
        if not holding.quantity:
            stock = firm.stock.get(holding.lot.goods.category, [])
            if holding in stock:
                stock.remove(holding)

    def _give(self, firm: Firm, lot: Lot, quantity: int, when: int) -> Holding:
        holding = lot.stocks.get(firm.number)
        if holding is None:
            holding = lot.stocks[firm.number] = Holding(lot, when)
        holding.quantity += quantity
        if lot.goods.category in _LOTS:
            stock = firm.stock.setdefault(lot.goods.category, [])
            if holding not in stock:
                stock.append(holding)
        return holding

    def _destroy(self, firm: Firm, holding: Holding, quantity: int, reason: str) -> None:
        lot = holding.lot
        values: dict[str, Value] = {"lot": lot.id, "quantity": quantity, "reason": reason}
        self._say(firm, "Destroy", values, (lot.id,), holding.since, lot, (holding,))
        self._take(firm, holding, quantity)

    def _miscount(self, firm: Firm, holding: Holding) -> None:
        """Some is missing; later a part of it is found again."""
        lot, missing = holding.lot, max(1, holding.quantity // 50)
        self._adjust(firm, holding, missing, up=False)
        holding.lost += missing
        self._take(firm, holding, missing)
        if self._random.random() < 0.5:
            found = self._random.randint(1, missing)
            self._adjust(firm, holding, found, up=True)
            holding.lost -= found
            self._give(firm, lot, found, holding.since)

    def _adjust(self, firm: Firm, holding: Holding, quantity: int, *, up: bool) -> None:
        lot = holding.lot
        reason = "found again" if up else "missing at the count"
        values: dict[str, Value] = {"lot": lot.id, "quantity": quantity, "up": up, "reason": reason}
        self._say(firm, "Adjust", values, (lot.id,), holding.since, lot, (holding,))

    # ---------------------------------------------------------------- handing over

    def _ship(
        self, firm: Firm, holding: Holding, to: Firm, quantity: int, purpose: int = 0
    ) -> None:
        lot = holding.lot
        due = self._at + _DUE
        values: dict[str, Value] = {
            "lot": lot.id, "recipient": to.id, "quantity": quantity, "due": due,
            "purpose": purpose, "reference": f"DN-{self._said}",
        }  # fmt: skip
        step = self._say(firm, "Ship", values, (lot.id,), holding.since, lot, (holding,))
        lot.is_open = False
        self._take(firm, holding, quantity)
        sent = _happened(step)
        parcel = _Parcel(step.digest, holding, firm, to, quantity, sent)
        if self._random.random() < 0.01:
            shifts = _DUE // SHIFT
            self._later(shifts + 1, shifts + 9, partial(self._settle, parcel, quantity))
        else:
            self._later(1, 9, partial(self._receive, parcel))

    def _receive(self, parcel: "_Parcel") -> None:
        chance = self._random.random()
        accepted, reason = parcel.quantity, ""
        if chance < 0.01:
            accepted, reason = 0, "wrong goods"
        elif chance < 0.05:
            accepted = self._random.randint(parcel.quantity // 2, parcel.quantity)
            reason = "damaged cartons"
        lot, firm = parcel.holding.lot, parcel.recipient
        values: dict[str, Value] = {
            "lot": lot.id, "shipment": parcel.id, "sender": parcel.sender.id,
            "accepted": accepted, "reason": reason,
        }  # fmt: skip
        step = self._say(firm, "Receive", values, (lot.id,), parcel.sent, lot)
        firm.waiting.discard(lot.goods.category)
        firm.is_starved = False
        if accepted < parcel.quantity:
            self._later(1, 6, partial(self._settle, parcel, parcel.quantity - accepted))
        if accepted:
            happened = _happened(step)
            self._arrived(firm, self._give(firm, lot, accepted, happened))

    def _settle(self, parcel: "_Parcel", quantity: int) -> None:
        """What was not accepted came back, or some of it did not."""
        lot, firm = parcel.holding.lot, parcel.sender
        parcel.recipient.waiting.discard(lot.goods.category)
        parcel.recipient.is_starved = False
        lost = self._random.randint(0, quantity) if self._random.random() < 0.3 else 0
        values: dict[str, Value] = {
            "lot": lot.id, "shipment": parcel.id, "recipient": parcel.recipient.id,
            "returned": quantity - lost, "lost": lost, "reason": "lost on the way",
        }  # fmt: skip
        self._say(firm, "Settle", values, (lot.id,), parcel.sent, lot)
        parcel.holding.lost += lost
        if quantity > lost:
            holding = self._give(firm, lot, quantity - lost, parcel.holding.since)
            if holding is not parcel.holding:
                raise AssertionError("a sender has one stock of a lot")

    # ---------------------------------------------------------------- masks on their way

    def _release_to_trade(self, holding: Holding) -> None:
        lot = holding.lot
        if lot.stops:
            return
        for buyer in self._distributors.some(self._random, self._random.randint(1, 3)):
            if holding.quantity:
                share = self._random.uniform(0.3, 1)
                self._ship(lot.maker, holding, buyer, max(1, int(holding.quantity * share)))

    def _arrived(self, firm: Firm, holding: Holding) -> None:
        """What somebody does with masks that came; makers use what they get in their own time."""
        if firm.kind == "distributor":
            if self._random.random() < 0.1:
                self._inspect(holding.lot)
            if self._random.random() < 0.25:
                firm.staged.append(holding)
                if len(firm.staged) == 3:
                    staged, firm.staged = firm.staged, []
                    self._later(1, 3, partial(self._pack, firm, staged))
            else:
                self._later(1, 12, partial(self._forward, firm, holding))
        elif firm.kind == "store":
            self._later(1, 12, partial(self._forward, firm, holding))

    def _forward(self, firm: Firm, holding: Holding) -> None:
        """A distributor sends on to stores, a store to those below it or to who needs masks."""
        if not holding.quantity or holding.lot.stops:
            return
        if self._random.random() < 0.03 and holding.quantity > 1:
            self._miscount(firm, holding)
        below = firm.children
        if firm.kind == "distributor":
            below = self._upper.some(self._random, 3)
        if below:
            for store in self._random.sample(below, min(len(below), self._random.randint(1, 2))):
                if holding.quantity and store is not firm:
                    share = self._random.uniform(0.3, 0.9)
                    self._ship(firm, holding, store, max(1, int(holding.quantity * share)))
        elif self._random.random() < 0.02 and holding.lot.maker is not firm:
            self._ship(firm, holding, holding.lot.maker, holding.quantity, purpose=1)
        if holding.quantity and firm.kind == "store":
            self._dispense(firm, holding)

    def _dispense(self, firm: Firm, holding: Holding) -> None:
        lot = holding.lot
        quantity = holding.quantity
        if self._random.random() < 0.3:
            quantity = max(1, quantity // 2)
            self._later(1, 20, partial(self._forward, firm, holding))
        values: dict[str, Value] = {"lot": lot.id, "quantity": quantity, "to": "a clinic"}
        self._say(firm, "Dispense", values, (lot.id,), holding.since, lot, (holding,))
        self._take(firm, holding, quantity)

    def _relief(self) -> None:
        """Masks of which nobody knows where they come from, given to a store."""
        store = self._upper.one(self._random)
        quantity = self._random.randint(1_000, 50_000)
        holding = self._commission(store, SURGICAL, quantity, shown=False)
        self._later(1, 9, partial(self._forward, store, holding))

    # ---------------------------------------------------------------- logistic units

    def _pack(self, firm: Firm, staged: list[Holding]) -> None:
        """Several lots on one pallet, to one store."""
        unique = {h.lot.id: h for h in staged if h.quantity and not h.lot.stops}
        if len(unique) < 2:
            for holding in unique.values():
                self._forward(firm, holding)
            return
        holdings = tuple(unique[id_] for id_ in sorted(unique))
        parts = tuple(Part(h.lot.id, h.quantity) for h in holdings)
        lots = tuple(part.lot for part in parts)
        firm.counter += 1
        sscc = check_digit((690_000_000 + firm.number) * 10**7 + firm.counter)
        unit = unit_id(firm.id, sscc)
        since = max(h.since for h in holdings)
        values: dict[str, Value] = {"sscc": sscc, "parts": parts}
        step = self._say(firm, "Aggregate", values, (unit, *lots), since)
        for holding in holdings:
            self._take(firm, holding, holding.quantity)
        store = self._upper.one(self._random)
        packed = _happened(step)
        values = {
            "unit": unit, "recipient": store.id, "due": self._at + _DUE, "purpose": 0,
            "parts": parts,
        }  # fmt: skip
        step = self._say(firm, "ShipUnit", values, (unit, *lots), packed)
        sent = _happened(step)
        moved = [(h.lot, part.quantity) for h, part in zip(holdings, parts, strict=True)]
        self._later(1, 9, partial(self._receive_unit, store, unit, parts, moved, sent))

    def _receive_unit(
        self,
        store: Firm,
        unit: bytes,
        parts: tuple[Part, ...],
        moved: list[tuple[Lot, int]],
        sent: int,
    ) -> None:
        subjects = (unit, *(part.lot for part in parts))
        values: dict[str, Value] = {"unit": unit, "accepted": True, "reason": "", "parts": parts}
        step = self._say(store, "ReceiveUnit", values, subjects, sent)
        received = _happened(step)
        step = self._say(store, "TakeApart", {"unit": unit, "parts": parts}, subjects, received)
        happened = _happened(step)
        for lot, quantity in moved:
            self._arrived(store, self._give(store, lot, quantity, happened))

    # ---------------------------------------------------------------- oversight

    def _inspect(self, lot: Lot) -> None:
        chance = self._random.random()
        failures = self.size.failures
        result = 2 if chance < failures else 3 if chance < failures + 0.02 else 1
        values: dict[str, Value] = {
            "lot": lot.id, "sampledAt": lot.made_at, "result": result,
            "document": self._unique(b"report"), "standard": self._random.choice(STANDARDS),
            "number": f"R-{self._said}",
        }  # fmt: skip
        laboratory = self._random.choice(self._laboratories)
        self._say(laboratory, "Inspect", values, (lot.id,), lot.made_at, lot)
        if result == 2:
            self._later(1, 3, partial(self._hold, lot))
        elif self._random.random() < 0.05:
            self._correct(lot)

    def _correct(self, lot: Lot) -> None:
        values: dict[str, Value] = {
            "lot": lot.id, "entry": lot.made_by, "document": self._unique(b"note"),
            "text": "the line was another one",
        }  # fmt: skip
        self._say(lot.maker, "Correct", values, (lot.id,), lot.made_at, lot)

    def _hold(self, lot: Lot) -> None:
        values: dict[str, Value] = {
            "lot": lot.id, "document": self._unique(b"notice"), "reason": "a failed test"
        }  # fmt: skip
        step = self._say(lot.maker, "Hold", values, (lot.id,), lot.made_at, lot)
        lot.stops += 1
        if self._random.random() < 0.5:
            self._later(1, 9, partial(self._release, lot, step.digest))
        else:
            self._later(1, 6, partial(self._recall, lot))

    def _release(self, lot: Lot, hold: bytes) -> None:
        values: dict[str, Value] = {
            "lot": lot.id, "hold": hold, "document": self._unique(b"notice"),
            "reason": "passed when tested again",
        }  # fmt: skip
        self._say(lot.maker, "Release", values, (lot.id,), lot.made_at, lot)
        lot.stops -= 1
        if not lot.stops and lot.goods in (SURGICAL, RESPIRATOR):
            for firm in [self.population.all[number - 1] for number in lot.stocks]:
                if firm is lot.maker:
                    self._release_to_trade(lot.stocks[firm.number])
                else:
                    self._arrived(firm, lot.stocks[firm.number])

    def _recall(self, lot: Lot) -> None:
        values: dict[str, Value] = {
            "lot": lot.id, "completeTo": self.accepted, "campaign": self._unique(b"campaign"),
            "document": self._unique(b"notice"), "reason": "the filter lets too much through",
        }  # fmt: skip
        step = self._say(lot.maker, "Recall", values, (lot.id,), lot.made_at, lot)
        lot.stops += 1
        for number in list(lot.stocks):
            firm = self.population.all[number - 1]
            if firm is not lot.maker:
                self._later(1, 9, partial(self._acknowledge, firm, lot, step.digest))

    def _acknowledge(self, firm: Firm, lot: Lot, recall: bytes) -> None:
        holding = lot.stocks[firm.number]
        values: dict[str, Value] = {
            "lot": lot.id, "recall": recall, "setAside": holding.quantity, "gone": 0,
            "note": "as counted",
        }  # fmt: skip
        self._say(firm, "Acknowledge", values, (lot.id,), self._at - HOUR, lot)
        if holding.quantity and self._random.random() < 0.5:
            self._ship(firm, holding, lot.maker, holding.quantity, purpose=1)
        elif holding.quantity:
            self._destroy(firm, holding, holding.quantity, "recalled")

    # ---------------------------------------------------------------- the deep lot

    def _layers(self) -> int:
        """Layers of lots below the deep one: the last gives 8 ancestors, the one before 64."""
        return max(2, 2 - -(self.size.ancestors - 8 - 64) // _WIDTH)

    def _blend_entries(self) -> int:
        """How many turns :meth:`_blends` takes."""
        return sum(self._width(layer) for layer in range(self._layers() + 1))

    def _width(self, layer: int) -> int:
        """How many lots a layer has: above the deep lot 8, then 64, then the same for all."""
        return min(_WIDTH, int(_MOST_PARTS ** (self._layers() - layer)))

    def _blender(self, layer: int) -> Firm:
        return self.population.of("blender")[layer % BLENDERS]

    def _blend_id(self, layer: int, place: int) -> bytes:
        firm = self._blender(layer)
        return lot_id(firm.id, firm.gtin, _blend_text(layer, place))

    def _blends(self) -> Iterator[None]:
        """Resin blended again and again: each lot of eight of the layer before, by turns of three
        firms, which send each other what they made. One turn makes one lot."""
        before: list[Holding] = []
        weight = each = 0
        layers = self._layers()
        for layer in range(layers + 1):
            firm, after = self._blender(layer), self._blender(layer + 1)
            made = []
            for place in range(self._width(layer)):
                lot = Lot(firm, BLEND if layer else RESIN, firm.gtin, _blend_text(layer, place), "")
                self.lots += 1
                if layer:
                    chosen = [
                        before[(place * _MOST_PARTS + k) % len(before)] for k in range(_MOST_PARTS)
                    ]
                    holding = self._reblend(firm, lot, layer, place, chosen, weight // _MOST_PARTS)
                else:
                    holding = self._deep_resin(firm, lot, place)
                each = holding.quantity
                if layer < layers:
                    made.append(self._hand_over(firm, holding, after))
                self._blended += 1
                yield
            before, weight = made, each

    def _deep_resin(self, firm: Firm, lot: Lot, place: int) -> Holding:
        values: dict[str, Value] = {
            "quantity": _RESIN_WEIGHT, "gtin": firm.gtin, "originNotShown": False,
            "document": self._unique(b"certificate of analysis"), "lot": _blend_text(0, place),
            "category": RESIN.category, "model": "", "unit": RESIN.unit, "place": "Silo",
            "origin": "", "cited": firm.cited,
        }  # fmt: skip
        step = self._say(firm, "Commission", values, (lot.id,), self._start, lot)
        return self._made(step, lot, _RESIN_WEIGHT)

    def _reblend(
        self, firm: Firm, lot: Lot, layer: int, place: int, chosen: list[Holding], share: int
    ) -> Holding:
        """``share`` is an eighth of what each of the lots was: each is used by eight."""
        process = FIRST_BLEND if layer == 1 else REBLEND
        [ingredient] = process.ingredients
        quantity = share * _MOST_PARTS * ingredient.per // ingredient.least
        used = [(h, share) for h in chosen]
        return self._transform(firm, lot, _blend_text(layer, place), process, quantity, used)

    def _hand_over(self, firm: Firm, holding: Holding, to: Firm) -> Holding:
        """All of the lot, received at once."""
        lot, quantity = holding.lot, holding.quantity
        values: dict[str, Value] = {
            "lot": lot.id, "recipient": to.id, "quantity": quantity, "due": self._at + _DUE,
            "purpose": 0, "reference": "",
        }  # fmt: skip
        step = self._say(firm, "Ship", values, (lot.id,), holding.since, lot, (holding,))
        self._take(firm, holding, quantity)
        values = {
            "lot": lot.id, "shipment": step.digest, "sender": firm.id, "accepted": quantity,
            "reason": "",
        }  # fmt: skip
        step = self._say(to, "Receive", values, (lot.id,), _happened(step), lot)
        return self._give(to, lot, quantity, _happened(step))


def _happened(step: Step) -> int:
    happened = step.entry.values["happenedAt"]
    assert isinstance(happened, int)
    return happened


def _blend_text(layer: int, place: int) -> str:
    return f"B{layer}-{place}"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What is under way; ``holding`` is the sender's."""

    id: bytes
    holding: Holding
    sender: Firm
    recipient: Firm
    quantity: int
    sent: int


# ---------------------------------------------------------------- as if recorded

#: So many entries share a block at most.
_PER_BLOCK: Final = 100


def recorded(
    steps: Iterable[Step],
    *,
    first: int = 0,
    first_block: int = 1,
    addresses: Mapping[str, bytes] | None = None,
) -> Iterator[tuple[RecordedEntry, bytes]]:
    """Each entry that would be accepted, as the index is given it: (entry, packed bytes).

    **For benchmarks of the index and of tracing only.** Sequence numbers, block times, subjects and
    packed values are as on a ledger. Signatures, leaf hashes and transaction hashes are invented,
    though each is unique, ``previous`` is zeros, and digests are what the network made them:
    nothing of it would pass a check of evidence.
    """
    known = dict(addresses or {})
    block, at, contract, room = first_block - 1, -1, "", 0
    transaction = _NOTHING
    sequence = first
    for step in steps:
        if step.refusal is not None:
            continue
        name = step.entry.action.contract
        if step.at != at or name != contract or not room:
            block, at, contract, room = block + 1, step.at, name, _PER_BLOCK
            transaction = blake2b(b"transaction%d" % block, digest_size=32).digest()
            if name not in known:
                known[name] = keccak(name.encode())[-20:]
        room -= 1
        leaf = blake2b(b"leaf%d" % sequence, digest_size=32).digest()
        signers: tuple[bytes, ...] = (invented_account(step.account),)
        if step.cosigned and step.account != AUTHORITY:
            signers = (*signers, invented_account(AUTHORITY))
        signatures = (leaf + step.digest,) * len(signers)
        entry = RecordedEntry(
            sequence, at, block, transaction, contract, known[contract], step.entry, signatures,
            signers, step.author, len(signers) > 1, step.digest, step.subjects,
            (_NOTHING,) * len(step.subjects), leaf,
        )  # fmt: skip
        yield entry, SignedEntry(step.entry, signatures).pack()
        sequence += 1
