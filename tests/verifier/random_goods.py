"""Random ledgers of goods and random questions about lots, made to meet every rule of traces, of
custody, of findings and of the checks on offered lots.

Few firms, standards, papers and numbers, so that they meet. Everybody parts only with what he has,
for a chain in which somebody does not is no contract's; else nothing is refused, so that reports,
corrections, releases and recalls come from whom they should and from whom they should not.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from ledger.alarms import lot_alarms
from ledger.policy import policies
from ledger.provenance.custody import Custody
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from ledger.vocabulary import NO_END, InspectionResult, OrganisationStatus, Role
from tests.support.batches import BatchWorld
from tests.support.world import NOTHING, Firm, document
from tests.verifier.asking import Ledger, Question

_HOUR: Final = 3600
_DAY: Final = 86400
CATEGORIES: Final = ("mask", "mask.surgical", "fabric")
MODELS: Final = ("", "", "SM-1", "SM-2")
UNITS: Final = ("H87", "H87", "H87", "KGM")
STANDARDS: Final = ("YY 0469", "GB 2626")
KINDS: Final = ("licence", "approval")
GTINS: Final = (0, 9520000000059, 9520000000066)
_PAPERS: Final = (NOTHING, *(document(f"sheet {n}") for n in range(4)))
_NUMBERS: Final = ("", "R-1", "R-2", "R-3")
_FRESH: Final = {"default": 30 * _DAY, "registers": {"recalls": 400 * _DAY}}


class RandomGoods:
    """Fills a :class:`BatchWorld` from a seed; ``make`` goes so many steps."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"goods {seed}")
        self.world = w = BatchWorld("2020-01-01")
        for category in CATEGORIES:
            w.category(category, "mask" if category == "mask.surgical" else "")
            if self.random.random() < 0.8:
                w.require(category, self.pick(KINDS), start=self.pick((1, w.now + 5 * _DAY)))
        self.firms = [w.organisation(f"Works {n}", Role.SUPPLIER) for n in range(4)]
        self.bureau = w.issuer("Bureau", *KINDS)
        self.labs = [w.laboratory(f"Bench {n}", *STANDARDS) for n in range(2)]
        self.own_lab = w.laboratory("Works bench", *STANDARDS)
        self.mirrors = [w.mirror(f"Mirror {n}", "recalls") for n in range(2)]
        self.auditor = w.organisation("Ledger Looks", Role.AUDITOR)
        self.publications: list[tuple[Firm, bytes]] = []
        #: Name, maker, whether it may grow.
        self.lots: dict[bytes, tuple[str, Firm, bool]] = {}
        self.units: dict[bytes, tuple[Firm, dict[bytes, int], Firm | None]] = {}
        self.ingredient("making", "fabric", 40)
        for firm in self.firms:
            self._licence(firm)
            self._commission(firm)

    def pick(self, values: Sequence[Any]) -> Any:
        return self.random.choice(values)

    def make(self, steps: int) -> Ledger:
        for _ in range(steps):
            self.world.now += self.pick((0, 60, _HOUR, _HOUR, _DAY))
            self.pick(self._steps)(self)
            if self.random.random() < 0.04:
                self.world.make_late(self.pick(self.world.entries[-3:]))
        return Ledger.of_world(self.world)

    # ---- who and what

    @property
    def _firm(self) -> Firm:
        firm: Firm = self.pick(self.firms)
        return firm

    def _named(self, id_: bytes) -> Firm:
        return next(firm for firm in self.firms if firm.id == id_)

    @property
    def _lot(self) -> bytes:
        lot: bytes = self.pick(list(self.lots)[-12:])
        return lot

    def _of(self, action: str) -> RecordedEntry | None:
        found = [e for e in self.world.entries if e.action == action]
        return self.pick(found[-12:]) if found else None

    def _some(self, has: int) -> int:
        return self.pick((has, has // 2, self.random.randint(0, has))) if has else 0

    def _stock(self) -> tuple[bytes, Firm, int, Custody] | None:
        """Some lot with somebody who has some of it."""
        lot = self._lot
        custody = self.world.custody(lot)
        having = [s for s in custody.stocks if s.on_hand]
        if not having:
            return None
        stock = self.pick(having)
        return lot, self._named(stock.custodian), self._some(stock.on_hand), custody

    # ---- people

    def _licence(self, firm: Firm | None = None) -> None:
        w, start = self.world, self.pick((1, 1, self.world.now - 10 * _DAY, self.world.now))
        holder, end = firm or self._firm, self.pick((NO_END, NO_END, 0, w.now + 20 * _DAY))
        w.issue(
            self.bureau, holder, self.pick(CATEGORIES), self.pick(KINDS), start=start, end=end,
            model=self.pick(MODELS), paper=self.pick(_PAPERS), number=self.pick(_NUMBERS),
        )  # fmt: skip

    def _withdraw(self) -> None:
        issued = [e for e in self.world.entries if e.action == "IssueQualification"]
        about = self.pick(issued).subjects[0]
        self.world.withdraw(self.bureau, about, self.pick((0, self.world.now - 9 * _DAY)))

    def _steal(self) -> None:
        if self.random.random() < 0.3:
            of = (*self.firms, *self.labs, self.own_lab, self.bureau, *self.mirrors)
            self.world.compromised(self.pick(of), self.world.now - self.pick((1, 10, 40)) * _DAY)

    def _link(self) -> None:
        one, other = self.random.sample([*self.firms, self.own_lab, self.labs[0]], 2)
        self.world.link(self.auditor, one, other, self.pick((True, True, False)))

    def _accredit(self) -> None:
        w, lab = self.world, self.pick((*self.labs, self.own_lab))
        w.accredit(lab, self.pick(STANDARDS), self.pick((1, w.now)), self.pick((w.now, NO_END)))

    def _status(self) -> None:
        self.world.status(self._firm, self.pick(list(OrganisationStatus)[1:]))

    def ingredient(self, process: str, category: str, most: int) -> None:
        self.world.record(
            self.world.authority, "SetIngredient", least=0, most=most, per=self.pick((10, 10, 0)),
            process=process, category="mask", unit="H87", input=category,
            inputUnit=self.pick(UNITS),
        )  # fmt: skip

    def _ingredient(self) -> None:
        self.ingredient("making", self.pick(CATEGORIES), self.pick((0, 1, 40, 2**40 - 1)))

    # ---- making and handing on

    def _commission(self, firm: Firm | None = None) -> None:
        maker, name = firm or self._firm, f"L-{2400 + len(self.lots)}"
        made = self.world.commission(
            maker, name, self.pick((100, 1000, 2**39)), category=self.pick(CATEGORIES),
            model=self.pick(MODELS), unit=self.pick(UNITS), shown=self.random.random() < 0.8,
            gtin=self.pick(GTINS), happenedAt=self.world.now - self.pick((0, _HOUR, 3 * _DAY)),
        )  # fmt: skip
        self.lots[made] = (name, maker, False)

    def _transform(self) -> None:
        maker, inputs = self._firm, dict[bytes, int]()
        for lot in list(self.lots)[-12:]:
            has = self.world.custody(lot).of(maker.id).on_hand
            if has and len(inputs) < self.pick((1, 2, 3)):
                inputs[lot] = max(1, self._some(has))
        growing = [n for n, (_, by, grows) in self.lots.items() if by == maker and grows]
        growing = [n for n in growing if n not in inputs]
        if inputs and growing and self.random.random() < 0.4:
            first = self.world.by_subject(growing[-1])[0]
            terms = {name: first[name] for name in ("lot", "category", "model", "unit")}
            name = str(terms["lot"])
        else:
            name = f"L-{2400 + len(self.lots)}"
            terms = {"lot": name, "category": self.pick(CATEGORIES), "model": self.pick(MODELS)}
            terms["unit"] = self.pick(UNITS)
        if inputs:
            at = self.world.now - self.pick((0, 0, _HOUR, 2 * _DAY))
            given: Any = terms
            made = self.world.transform(
                maker, quantity=self.pick((1, 50, 400)), inputs=inputs, happenedAt=at, **given
            )
            self.lots[made] = (name, maker, True)
            for used in inputs:
                self._grown(used)

    def _grown(self, lot: bytes) -> None:
        name, maker, _ = self.lots[lot]
        self.lots[lot] = (name, maker, False)

    def _ship(self) -> None:
        found = self._stock()
        if found is None or not found[2]:
            return
        lot, by, quantity, _ = found
        self._grown(lot)
        to = self.pick([firm for firm in self.firms if firm != by])
        shipment = self.world.ship(by, lot, to, quantity)
        self.world.now += self.pick((0, _HOUR))
        if self.random.random() < 0.8:
            self.world.receive(to, shipment, self._some(quantity))
        if self.random.random() < 0.3:
            self._settle(shipment)

    def _settle(self, shipment: RecordedEntry | None = None) -> None:
        """The rest of a shipment comes back, or some of it is lost."""
        shipment = shipment or self._of("Ship")
        if shipment is None:
            return
        # What was answered under another name is under way no more.
        shipments = self.world.custody(shipment.subjects[0]).shipments
        loose = sum(s.left for s in shipments if s.recipient == shipment["recipient"])
        left = min(loose, next((s.left for s in shipments if s.id == shipment.digest), 0))
        if left > 0:
            returned = self._some(left)
            self.world.settle(shipment, returned, self.pick((left - returned, 0)))

    def _misnamed(self) -> None:
        """What was sent is answered under a name by which nothing was sent."""
        shipment = self._of("Ship")
        if shipment is None:
            return
        lot, to = shipment.subjects[0], shipment["recipient"]
        assert isinstance(to, bytes)
        if sum(s.left for s in self.world.custody(lot).shipments if s.recipient == to) > 0:
            self.world.record(
                self._named(to), "Receive", lot=lot, shipment=document("no such shipment"),
                sender=shipment.author, accepted=1, reason="",
            )  # fmt: skip

    def _pack(self) -> None:
        found = self._stock()
        if found is None or not found[2]:
            return
        lot, by, quantity, _ = found
        self._grown(lot)
        parts = {lot: quantity}
        unit = self.world.pack(by, 100000000000000000 + len(self.units), parts)
        self.units[unit] = (by, parts, None)

    def _move_unit(self) -> None:
        if not self.units:
            return
        unit = self.pick(list(self.units))
        holder, parts, to = self.units[unit]
        if to is None and self.random.random() < 0.6:
            to = self.pick([firm for firm in self.firms if firm != holder])
            self.world.ship_unit(holder, unit, to, parts)
        elif to is not None and self.random.random() < 0.8:
            accepted = self.random.random() < 0.7
            self.world.receive_unit(to, unit, parts, accepted)
            holder, to = (to if accepted else holder), None
        else:
            self.world.take_apart(holder, unit, parts)
            del self.units[unit]
            return
        self.units[unit] = (holder, parts, to)

    def _alone(self) -> None:
        found = self._stock()
        if found is None or not found[2]:
            return
        lot, by, quantity, custody = found
        self._grown(lot)
        lost = custody.of(by.id).lost
        if lost and self.random.random() < 0.5:
            self.world.adjust(by, lot, self._some(lost) or 1, up=True)
        else:
            self.pick((self.world.dispense, self.world.destroy, self.world.adjust))(
                by, lot, quantity // 4 or 1
            )

    # ---- what is found

    def _inspect(self) -> None:
        lab = self.pick((*self.labs, *self.labs, self.own_lab, self._firm))
        result = self.pick((InspectionResult.PASSED, *InspectionResult))
        self.world.inspect(
            lab, self._lot, result, paper=self.pick(_PAPERS), number=self.pick(_NUMBERS),
            standard=self.pick(STANDARDS), sampled=self.world.now - self.pick((_HOUR, 9 * _DAY)),
        )  # fmt: skip

    def _again(self) -> None:
        """A failed report is corrected and the goods tested again, or something like it."""
        failed = self._of("Inspect")
        if failed is None:
            return
        w, lot = self.world, failed.subjects[0]
        own = Firm(failed.author, "", failed.signers[0])
        w.correct(self.pick((own, own, w.authority, self._firm)), lot, failed)
        if self.random.random() < 0.7:
            w.now += _HOUR
            lab = self.pick((own, own, self.labs[0]))
            standard = self.pick((str(failed["standard"]), *STANDARDS))
            again = w.inspect(lab, lot, standard=standard)
            if self.random.random() < 0.2:
                w.correct(w.authority, lot, again)

    def _correct(self) -> None:
        about = self.pick(self.world.by_subject(self._lot))
        by = self.pick((self.world.authority, self._firm, self.labs[0]))
        self.world.correct(by, about.subjects[0], about)

    def _copy(self) -> None:
        """The same words once more, by whoever had signed them or by somebody else."""
        wanted = ("Hold", "Recall", "Inspect", "Correct", "Release")
        e = self._of(self.pick(wanted))
        if e is not None:
            self.world.copied(self.pick((Firm(e.author, "", e.signers[0]), self._firm)), e)

    def _stop(self) -> None:
        self.pick((self.world.hold, self.world.recall))(self._firm, self._lot)

    def _release(self) -> None:
        stop = self._of(self.pick(("Hold", "Recall")))
        if stop is not None:
            own = Firm(stop.author, "", stop.signers[0])
            self.world.release(self.pick((own, own, self.world.authority, self._firm)), stop)

    def _acknowledge(self) -> None:
        recall = self._of("Recall")
        if recall is not None:
            self.world.acknowledge(self._firm, recall, 1)

    def _close(self) -> None:
        w, lot = self.world, self._lot
        alarms = lot_alarms(w.reports(lot, w.now), lot, w.now)
        if alarms:
            w.close_alarm(self.pick((self.auditor, self.auditor, self._firm)), self.pick(alarms).id)

    # ---- recalls of registers

    def _publish(self) -> None:
        mirror = self.pick(self.mirrors)
        published = self.world.now - self.pick((0, 5, 20)) * _DAY
        made = self.world.publication(mirror, "recalls", published)
        self.publications.append((mirror, made))

    def _register_recall(self) -> None:
        if not self.publications:
            self._publish()
        mirror, publication = self.pick(self.publications)
        name, maker, _ = self.lots[self._lot]
        number = int(name.removeprefix("L-"))
        gtin = f"UDI {self.pick(GTINS):014d}; "
        texts = (
            f"Lot {name}", f"{gtin}Lot {name.lower()}", f"{gtin}Lots L-{number - 2} to L-{number}",
            f"Lot {name} to M-9", "all lots", "see the notice", f"Lots: {name}, 1234-1239",
            f"Lots, form 1, part 1 of 1:\nlot {name}\nunread made in spring",
            f"Lots, form 1, part 1 of 2:\nlot {name}", "Lots, form 1, part 2 of 2:\nall",
            f"Lots, form 1, part 1 of 1:\nlot {name} to Z\nudi {self.pick(GTINS):014d}",
        )  # fmt: skip
        now = self.world.now
        self.world.record(
            mirror, "MirrorRecall", organisation=maker.id, publication=publication,
            document=self.pick(_PAPERS[:2]), initiated=now - _DAY,
            ended=self.pick((0, 0, now - _HOUR, now + 9 * _DAY)), register="register:recalls",
            number=self.pick(("Z-1", "Z-2")), product="masks", lots=self.pick(texts), reason="torn",
        )  # fmt: skip

    _steps: tuple[Callable[["RandomGoods"], None], ...] = (
        _licence, _licence, _withdraw, _steal, _link, _accredit, _status, _ingredient, _commission,
        _commission, _transform, _transform, _transform, _transform, _transform, _ship, _ship,
        _ship, _ship, _settle, _misnamed, _pack, _move_unit, _move_unit, _alone, _alone, _inspect,
        _inspect, _inspect, _inspect, _again, _again, _correct, _copy, _copy, _stop, _release,
        _release, _acknowledge, _close, _publish, _register_recall, _register_recall,
    )  # fmt: skip


class Asking:
    """Random questions about the lots of a ledger, mostly such as have an answer."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.random = random.Random(f"questions {seed}")
        self.ledger = ledger
        self.made: dict[bytes, RecordedEntry] = {}
        for e in ledger.entries:
            if e.action in ("Commission", "Transform"):
                self.made.setdefault(e.subjects[0], e)

    def some(self, count: int) -> list[Question]:
        return [self.random.choice((self.trace, self.verdict))() for _ in range(count)]

    def _times(self) -> tuple[int, int, int]:
        """A position, what was known then or earlier, and how many entries that is."""
        entries, pick = self.ledger.entries, self.random.choice
        position = pick((len(entries), len(entries), self.random.randint(1, len(entries))))
        latest = entries[position - 1].recorded_at
        known_at = pick((latest, latest, latest + 1, pick(entries[:position]).recorded_at))
        return position, known_at, sum(e.recorded_at <= known_at for e in entries[:position])

    def _lots(self, upto: int, most: int) -> list[bytes]:
        """Some lots, seldom such as were not known yet."""
        seldom = self.random.random() < 0.1
        known = [lot for lot, e in self.made.items() if e.sequence < upto or seldom]
        return self.random.sample(known, min(len(known), most)) or list(self.made)[:1]

    def trace(self) -> Question:
        entries, pick = self.ledger.entries, self.random.choice
        position, known_at, upto = self._times()
        (lot,) = self._lots(upto, 1)
        return "trace", {
            "lot": hexed(lot),
            "direction": pick(("back", "forward")),
            "at": pick((None, None, NO_END, pick(entries).recorded_at)),
            "known_at": known_at,
            "clock": pick(("recorded", "published")),
            "position": position,
            "upto": max(0, upto + pick((0,) * 20 + (-1, 1))),
            "freshness": pick((_FRESH, {"default": 0, "registers": {}})),
        }

    def verdict(self) -> Question:
        pick = self.random.choice
        position, known_at, upto = self._times()
        lots = sorted(self._lots(upto, pick((1, 1, 2, 3))))
        asked = self.made[pick(lots)]
        day = known_at // _DAY * _DAY + pick((-2, 0, 1, 30)) * _DAY
        oldest, *_, newest = policies().values()
        policy = dict(pick((oldest, *[newest] * 9)).document)
        if "trace_lots" in policy:
            policy["trace_lots"] = pick((1, 3, 2000, 2000))
        question = {
            "organisation": hexed(pick((asked.author, asked.author, pick(lots)[:20]))),
            "category": pick((asked["category"], asked["category"], "mask")),
            "model": pick((asked["model"], asked["model"], "SM-1", "")),
            "quantity": pick((1, 40, 1000, 2**39)),
            "unit": pick((asked["unit"], asked["unit"], "H87")),
            "deliver_at": [day, day + _DAY],
            "at": pick((None, day)),
            "known_at": known_at,
            "clock": pick(("recorded", "published")),
            "zone": "Asia/Shanghai",
            "lots": [hexed(lot) for lot in lots],
        }
        if self.random.random() < 0.05:
            del question["lots"]
        return "verdict", {"question": question, "policy": policy, "position": position}
