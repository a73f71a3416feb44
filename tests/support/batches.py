"""Lots in a ledger in memory, and the graph that they make.

As in :mod:`tests.support.world`, no rule of the contracts is enforced.

>>> world = BatchWorld()
>>> maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
>>> lot = world.commission(maker, "P-1", 100)
>>> MemoryGraph(world).number(lot)
2
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from ledger.gathering import gather_reports
from ledger.history import History
from ledger.provenance.custody import Custody, custody
from ledger.provenance.findings import Finding, findings_of
from ledger.provenance.model import Edge, Lot
from ledger.recorded import RecordedEntry
from ledger.typed_data import Part, Value, unit_id
from ledger.vocabulary import InspectionResult, Role
from tests.support.world import NOTHING, Firm, World


class BatchWorld(World):
    """A world with lots. A lot is named by its id, and counted in pieces unless told otherwise."""

    def __init__(self, founded: str = "2019-01-01") -> None:
        super().__init__(founded)
        self.underruns: set[bytes] = set()

    def commission(
        self, maker: Firm, lot: str, quantity: int, *, category: str = "polymer", model: str = "",
        unit: str = "H87", shown: bool = True, gtin: int = 0, **common: Value,
    ) -> bytes:  # fmt: skip
        return self.record(
            maker, "Commission", quantity=quantity, gtin=gtin, originNotShown=not shown,
            document=NOTHING, lot=lot, category=category, model=model, unit=unit, place="hall 1",
            origin="" if shown else "from the storeroom", cited=(), **common,
        ).subjects[0]  # fmt: skip

    def transform(
        self, maker: Firm, lot: str, quantity: int, inputs: dict[bytes, int], *,
        category: str = "mask.surgical", model: str = "", unit: str = "H87", **common: Value,
    ) -> bytes:  # fmt: skip
        parts = tuple(Part(i, inputs[i]) for i in sorted(inputs))
        return self.record(
            maker, "Transform", quantity=quantity, gtin=0, lot=lot, category=category, model=model,
            unit=unit, process="making", place="hall 2", inputs=parts, cited=(), **common,
        ).subjects[0]  # fmt: skip

    def ship(
        self, sender: Firm, lot: bytes, recipient: Firm, quantity: int, due: int = 0
    ) -> RecordedEntry:
        return self.record(
            sender, "Ship", lot=lot, recipient=recipient.id, quantity=quantity, due=due, purpose=0,
            reference="",
        )  # fmt: skip

    def receive(
        self, recipient: Firm, shipment: RecordedEntry, accepted: int | None = None
    ) -> RecordedEntry:
        if accepted is None:
            quantity = shipment["quantity"]
            assert isinstance(quantity, int)
            accepted = quantity
        return self.record(
            recipient, "Receive", lot=shipment["lot"], shipment=shipment.digest,
            sender=shipment.author, accepted=accepted, reason="counted",
        )  # fmt: skip

    def settle(self, shipment: RecordedEntry, returned: int, lost: int) -> RecordedEntry:
        by = Firm(shipment.author, "", shipment.signers[0])
        return self.record(
            by, "Settle", lot=shipment["lot"], shipment=shipment.digest,
            recipient=shipment["recipient"], returned=returned, lost=lost, reason="counted",
        )  # fmt: skip

    def hand_over(self, sender: Firm, lot: bytes, recipient: Firm, quantity: int) -> RecordedEntry:
        """Ship and receive all; returns the receipt."""
        return self.receive(recipient, self.ship(sender, lot, recipient, quantity))

    def adjust(self, by: Firm, lot: bytes, quantity: int, up: bool = False) -> RecordedEntry:
        return self.record(by, "Adjust", lot=lot, quantity=quantity, up=up, reason="counted")

    def dispense(self, by: Firm, lot: bytes, quantity: int) -> RecordedEntry:
        return self.record(by, "Dispense", lot=lot, quantity=quantity, to="residents")

    def destroy(self, by: Firm, lot: bytes, quantity: int) -> RecordedEntry:
        return self.record(by, "Destroy", lot=lot, quantity=quantity, reason="wet")

    def copied(self, by: Firm, entry: RecordedEntry) -> RecordedEntry:
        """The same words, signed by somebody else: another entry of the same digest."""
        return self.record(by, entry.action, **entry.entry.values)

    # ---- logistic units: named by id, their parts kept by the caller

    def pack(self, by: Firm, sscc: int, parts: dict[bytes, int]) -> bytes:
        self.record(by, "Aggregate", sscc=sscc, parts=_parts(parts))
        return unit_id(by.id, sscc)

    def take_apart(self, by: Firm, unit: bytes, parts: dict[bytes, int]) -> RecordedEntry:
        return self.record(by, "TakeApart", unit=unit, parts=_parts(parts))

    def ship_unit(
        self, by: Firm, unit: bytes, recipient: Firm, parts: dict[bytes, int]
    ) -> RecordedEntry:
        return self.record(
            by, "ShipUnit", unit=unit, recipient=recipient.id, due=0, purpose=0,
            parts=_parts(parts),
        )  # fmt: skip

    def receive_unit(
        self, by: Firm, unit: bytes, parts: dict[bytes, int], accepted: bool = True
    ) -> RecordedEntry:
        return self.record(
            by, "ReceiveUnit", unit=unit, accepted=accepted, reason="counted", parts=_parts(parts)
        )

    # ---- oversight

    def laboratory(self, name: str, *standards: str) -> Firm:
        firm = self.organisation(name, Role.LABORATORY)
        for standard in standards:
            self.accredit(firm, standard)
        return firm

    def inspect(
        self, lab: Firm, lot: bytes, result: InspectionResult = InspectionResult.PASSED, *,
        paper: bytes = NOTHING, number: str = "", standard: str = "YY 0469",
        sampled: int | None = None,
    ) -> RecordedEntry:  # fmt: skip
        return self.record(
            lab, "Inspect", lot=lot, sampledAt=self.now if sampled is None else sampled,
            result=int(result), document=paper, standard=standard, number=number,
        )  # fmt: skip

    def hold(self, by: Firm, lot: bytes) -> RecordedEntry:
        return self.record(by, "Hold", lot=lot, document=NOTHING, reason="a complaint")

    def recall(
        self, by: Firm, lot: bytes, campaign: bytes = NOTHING, complete_to: int = 0
    ) -> RecordedEntry:
        return self.record(
            by, "Recall", lot=lot, completeTo=complete_to, campaign=campaign, document=NOTHING,
            reason="torn seams",
        )  # fmt: skip

    def release(self, by: Firm, stop: RecordedEntry) -> RecordedEntry:
        return self.record(
            by, "Release", lot=stop["lot"], hold=stop.digest, document=NOTHING, reason="resolved"
        )

    def acknowledge(
        self, by: Firm, recall: RecordedEntry, set_aside: int, gone: int = 0
    ) -> RecordedEntry:
        return self.record(
            by, "Acknowledge", lot=recall["lot"], recall=recall.digest, setAside=set_aside,
            gone=gone, note="",
        )  # fmt: skip

    def correct(self, by: Firm, lot: bytes, entry: RecordedEntry) -> RecordedEntry:
        return self.record(
            by, "Correct", lot=lot, entry=entry.digest, document=NOTHING, text="a slip"
        )

    def mirror_recall(
        self, mirror: Firm, publication: bytes, firm: Firm, lots: str
    ) -> RecordedEntry:
        return self.record(
            mirror, "MirrorRecall", organisation=firm.id, publication=publication,
            document=NOTHING, initiated=self.now, ended=0, register="register:recalls",
            number="Z-1", product="masks", lots=lots, reason="torn",
        )  # fmt: skip

    def make_late(self, entry: RecordedEntry) -> None:
        """The entry turns out to have been let in late by the authority."""
        self.entries[entry.sequence] = replace(entry, late=True)

    # ---- reading

    @property
    def size(self) -> int:
        return len(self.entries)

    def custody(self, lot: bytes, upto: int | None = None) -> Custody:
        entries = self.by_subject(lot)
        return custody(lot, [e for e in entries if upto is None or e.sequence < upto])

    def reports(self, lot: bytes, known_at: int) -> History:
        return gather_reports(self, self.founding, self.by_subject(lot), self.size, known_at)

    def findings(self, lot: bytes, known_at: int) -> tuple[Finding, ...]:
        """What is found about the lot, its makers' standing left out."""
        graph = MemoryGraph(self)
        (found,) = graph.lots([graph.number(lot)])
        history = self.reports(lot, known_at)
        return findings_of(found, self.by_subject(lot), history, (), known_at)


def _parts(parts: dict[bytes, int]) -> tuple[Part, ...]:
    return tuple(Part(lot, parts[lot]) for lot in sorted(parts))


class MemoryGraph:
    """The graph of the lots that a world has at the time of asking."""

    def __init__(self, world: BatchWorld) -> None:
        self.world = world
        self._read = 0
        self._lots: dict[bytes, Lot] = {}
        self._edges: list[Edge] = []

    def number(self, lot: bytes) -> int:
        self._catch_up()
        return self._lots[lot].number

    def inputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        self._catch_up()
        found = [e for e in self._edges if e.output in lots and e.sequence < upto]
        return sorted(found, key=lambda e: (e.output, e.sequence, e.input))

    def outputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        self._catch_up()
        found = [e for e in self._edges if e.input in lots and e.sequence < upto]
        return sorted(found, key=lambda e: (e.input, e.sequence, e.output))

    def lots(self, numbers: Collection[int]) -> Sequence[Lot]:
        self._catch_up()
        return [lot for lot in self._lots.values() if lot.number in numbers]

    def about(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        return [e for e in self.chain(lots, upto) if e.contract == "BatchOversight"]

    def chain(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        ids = {lot.id for lot in self.lots(lots)}
        return [e for e in self.world.entries[:upto] if ids.intersection(e.subjects)]

    def _catch_up(self) -> None:
        for e in self.world.entries[self._read :]:
            if e.action in ("Commission", "Transform"):
                self._make(e)
            elif e.action == "CloseLot":
                lot = self._lots[e.subjects[0]]
                self._lots[lot.id] = lot._replace(closed=True)
        self._read = len(self.world.entries)

    def _make(self, e: RecordedEntry) -> None:
        v = e.entry.values
        made, happened_at, gtin = v["quantity"], v["happenedAt"], v["gtin"]
        assert isinstance(made, int)
        assert isinstance(happened_at, int)
        assert isinstance(gtin, int)
        id_ = e.subjects[0]
        old = self._lots.get(id_)
        if old is not None:
            self._lots[id_] = old._replace(quantity=old.quantity + made)
        else:
            self._lots[id_] = Lot(
                e.sequence, id_, e.author, gtin, str(v["lot"]), str(v["category"]),
                str(v["model"]), str(v["unit"]), made, happened_at, e.recorded_at,
                bool(v.get("originNotShown")), id_ in self.world.underruns, False,
            )  # fmt: skip
        output = self._lots[id_].number
        inputs = v.get("inputs", ())
        assert isinstance(inputs, tuple)
        for part in inputs:
            assert isinstance(part, Part)
            used = self._lots[part.lot].number
            self._edges.append(
                Edge(output, used, e.sequence, part.quantity, made, happened_at, e.recorded_at)
            )
