"""Masks from the resin to the neighbourhood, and back when something turns out to be wrong.

Two makers of resin, one of meltblown and one of spunbond fabric, the mask works, a warehouse and
three community stores. What happened is claimed for the days before the demo is founded, as firms
do who write down in the evening what they made in the morning; all of it is recorded at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ledger.demo import relief
from ledger.demo.cast import (
    CANGLONG,
    COMMUNITIES,
    FENGHUANG,
    MASK,
    QILIN,
    QINGLUAN,
    WAREHOUSE,
    ZHUHUAN,
    Office,
)
from ledger.demo.scribe import Scribe
from ledger.importing.relief import plan_relief
from ledger.provenance.scope import campaign_id
from ledger.typed_data import Entry, Part, SignedEntry, Value, lot_id, qualification_id, unit_id

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_RESIN: Final = "resin.polypropylene"
_MELTBLOWN: Final = "fabric.meltblown"
_SPUNBOND: Final = "fabric.spunbond"
#: A serial shipping container code from the prefix that GS1 keeps for examples, as the GTINs are.
_SSCC: Final = 95200000000000011


@dataclass(frozen=True, slots=True)
class LotName:
    """A lot of the story; ``gtin`` is a GTIN-14 as a number."""

    maker: Office
    gtin: int
    lot: str
    category: str
    unit: str
    model: str = ""

    @property
    def id(self) -> bytes:
        return lot_id(self.maker.id, self.gtin, self.lot)


FIRST_RESIN: Final = LotName(CANGLONG, 9520000000011, "CL-7042", _RESIN, "KGM")
SECOND_RESIN: Final = LotName(ZHUHUAN, 9520000000028, "ZH-0318", _RESIN, "KGM")
FABRIC_LOT: Final = LotName(FENGHUANG, 9520000000035, "MB-115", _MELTBLOWN, "KGM")
OTHER_FABRIC: Final = LotName(FENGHUANG, 9520000000035, "MB-116", _MELTBLOWN, "KGM")
SPUNBOND_LOT: Final = LotName(QILIN, 9520000000042, "SB-2201", _SPUNBOND, "KGM")
#: Made over two shifts, of fabric whose resin came from both makers.
MASK_LOT: Final = LotName(QINGLUAN, 9520000000059, "QL100-A", MASK, "H87", "QL-100")
#: Of other meltblown, whose resin is the first maker's alone.
OTHER_MASK_LOT: Final = LotName(QINGLUAN, 9520000000059, "QL100-B", MASK, "H87", "QL-100")
#: Given by somebody of whom nothing is known.
DONATED: Final = LotName(WAREHOUSE, 0, "DONATED-1", MASK, "H87")


class BatchStory:
    """The chapters about goods; ``now`` is when the demo is founded (seconds, UTC)."""

    def __init__(self, scribe: Scribe, now: int, pause: Callable[[], None]) -> None:
        self._scribe = scribe
        self._now = now
        self._pause = pause
        self._sent: dict[tuple[LotName, Office], tuple[bytes, int]] = {}

    def chapters(self, keep: Callable[[bytes], bytes]) -> Iterable[tuple[str, list[SignedEntry]]]:
        """(title, entries) in order; see :meth:`ledger.demo.story.Story.chapters`."""
        yield "resin of two makers becomes fabric", self._fabric(keep)
        yield "fabric becomes masks over two shifts, inspected", self._masks(keep)
        yield "a pallet to the warehouse, masks to three communities", self._distribution()
        self._pause()
        yield "a resin maker's licence is withdrawn from before its lot", self._withdrawal(keep)
        self._pause()
        yield "the fabric and the masks made of it are recalled", self._recall(keep)
        yield "a list of donated goods is taken in, as far as it says what they are", self._list()

    # -- single steps ----------------------------------------------------------------------------

    def _at(self, hours: float) -> dict[str, Value]:
        """Claimed to have happened so many hours ago."""
        return {"happenedAt": self._now - int(hours * _HOUR)}

    def _commission(self, lot: LotName, quantity: int, hours: float, *kinds: str) -> None:
        self._scribe.write(
            lot.maker.key,
            "Commission",
            quantity=quantity,
            gtin=lot.gtin,
            originNotShown=not kinds,
            document=bytes(32),
            lot=lot.lot,
            category=lot.category,
            model=lot.model,
            unit=lot.unit,
            place=lot.maker.name_zh,
            origin="" if kinds else "Left at the gate, no papers 放在门口，无单据",
            cited=self._scribe.cited(lot.maker, *kinds),
            **self._at(hours),
        )

    def _make(
        self,
        lot: LotName,
        quantity: int,
        process: str,
        inputs: dict[LotName, int],
        hours: float,
        *kinds: str,
    ) -> None:
        self._scribe.write(
            lot.maker.key,
            "Transform",
            quantity=quantity,
            gtin=lot.gtin,
            lot=lot.lot,
            category=lot.category,
            model=lot.model,
            unit=lot.unit,
            process=process,
            place=lot.maker.name_zh,
            inputs=_parts(inputs),
            cited=self._scribe.cited(lot.maker, *kinds),
            **self._at(hours),
        )

    def _ship(self, lot: LotName, by: Office, to: Office, quantity: int, hours: float) -> None:
        sent = self._scribe.write(
            by.key,
            "Ship",
            lot=lot.id,
            recipient=to.id,
            quantity=quantity,
            due=self._now + 3 * _DAY,
            purpose=0,
            reference="",
            **self._at(hours),
        )
        self._sent[lot, to] = (self._scribe.digest(sent), quantity)

    def _receive(
        self,
        lot: LotName,
        by: Office,
        to: Office,
        hours: float,
        *,
        less: int = 0,
        reason: str = "",
    ) -> None:
        shipment, quantity = self._sent[lot, to]
        self._scribe.write(
            to.key,
            "Receive",
            lot=lot.id,
            shipment=shipment,
            sender=by.id,
            accepted=quantity - less,
            reason=reason,
            **self._at(hours),
        )

    def _deliver(self, lot: LotName, by: Office, to: Office, quantity: int, hours: float) -> None:
        """Sent, and received whole six hours later."""
        self._ship(lot, by, to, quantity, hours)
        self._receive(lot, by, to, hours - 6)

    def _inspect(self, lot: LotName, number: str, paper: bytes, hours: float) -> None:
        self._scribe.write(
            "laboratory",
            "Inspect",
            lot=lot.id,
            sampledAt=self._now - int((hours + 2) * _HOUR),
            result=1,
            document=paper,
            standard="YY 0469-2011" if lot.category == MASK else "test-report",
            number=number,
            **self._at(hours),
        )

    # -- the chapters ----------------------------------------------------------------------------

    def _fabric(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        self._commission(FIRST_RESIN, 4_000, 140, "business-licence")
        self._commission(SECOND_RESIN, 1_500, 139, "business-licence")
        self._deliver(FIRST_RESIN, CANGLONG, FENGHUANG, 1_000, 132)
        self._deliver(FIRST_RESIN, CANGLONG, QILIN, 2_000, 131)
        self._deliver(SECOND_RESIN, ZHUHUAN, FENGHUANG, 500, 130)
        licensed = ("business-licence", "test-report")
        self._make(
            FABRIC_LOT,
            1_050,
            "meltblowing",
            {FIRST_RESIN: 600, SECOND_RESIN: 500},
            118,
            *licensed,
        )
        self._make(OTHER_FABRIC, 300, "meltblowing", {FIRST_RESIN: 310}, 112, *licensed)
        self._make(
            SPUNBOND_LOT, 1_820, "spunbonding", {FIRST_RESIN: 1_880}, 116, "business-licence"
        )
        report = keep("Example document 示例文件\n熔喷布 MB-115 检验报告\n".encode())
        self._inspect(FABRIC_LOT, "示检2026-1150", report, 108)
        return self._scribe.written()

    def _masks(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        self._deliver(FABRIC_LOT, FENGHUANG, QINGLUAN, 760, 104)
        self._deliver(OTHER_FABRIC, FENGHUANG, QINGLUAN, 220, 103)
        self._ship(SPUNBOND_LOT, QILIN, QINGLUAN, 1_700, 102)
        wet = "One roll came wet 一卷受潮"
        self._receive(SPUNBOND_LOT, QILIN, QINGLUAN, 97, less=10, reason=wet)
        shipment, _ = self._sent[SPUNBOND_LOT, QINGLUAN]
        self._scribe.write(
            "qilin",
            "Settle",
            lot=SPUNBOND_LOT.id,
            shipment=shipment,
            recipient=QINGLUAN.id,
            returned=0,
            lost=10,
            reason=wet,
            **self._at(90),
        )
        made, licensed = "mask-making.surgical", ("cn-device-registration", "cn-production-licence")
        shifts = (
            (MASK_LOT, 400_000, {FABRIC_LOT: 430, SPUNBOND_LOT: 720}, 84),
            (MASK_LOT, 300_000, {FABRIC_LOT: 320, SPUNBOND_LOT: 540}, 74),
            (OTHER_MASK_LOT, 200_000, {OTHER_FABRIC: 215, SPUNBOND_LOT: 360}, 64),
        )
        for lot, quantity, inputs, hours in shifts:
            self._make(lot, quantity, made, inputs, hours, *licensed)
        self._scribe.write("qingluan", "CloseLot", lot=MASK_LOT.id, **self._at(62))
        report = keep("Example document 示例文件\nQL100-A 出厂检验报告\n".encode())
        self._inspect(MASK_LOT, "示检2026-2071", report, 56)
        return self._scribe.written()

    def _distribution(self) -> list[SignedEntry]:
        pallet = _parts({MASK_LOT: 200_000, OTHER_MASK_LOT: 100_000})
        unit = unit_id(QINGLUAN.id, _SSCC)
        write, first, second, third = self._scribe.write, *COMMUNITIES
        write("qingluan", "Aggregate", sscc=_SSCC, parts=pallet, **self._at(52))
        write(
            "qingluan",
            "ShipUnit",
            unit=unit,
            recipient=WAREHOUSE.id,
            due=self._now + 3 * _DAY,
            purpose=0,
            parts=pallet,
            **self._at(50),
        )
        write(
            "warehouse",
            "ReceiveUnit",
            unit=unit,
            accepted=True,
            reason="",
            parts=pallet,
            **self._at(44),
        )
        write("warehouse", "TakeApart", unit=unit, parts=pallet, **self._at(43))
        self._deliver(MASK_LOT, QINGLUAN, WAREHOUSE, 300_000, 48)
        self._commission(DONATED, 10_000, 42)
        for lot, to, quantity, hours in (
            (MASK_LOT, first, 60_000, 38),
            (MASK_LOT, second, 40_000, 37),
            (MASK_LOT, third, 20_000, 36),
            (OTHER_MASK_LOT, third, 30_000, 35),
            (DONATED, second, 2_000, 34),
        ):
            self._deliver(lot, WAREHOUSE, to, quantity, hours)
        for store, quantity, hours in (
            (first, 12_500, 20),
            (second, 8_000, 19),
            (third, 1_500, 18),
        ):
            write(
                store.key,
                "Dispense",
                lot=MASK_LOT.id,
                quantity=quantity,
                to="residents 居民",
                **self._at(hours),
            )
        self._ship(MASK_LOT, WAREHOUSE, third, 15_000, 5)
        return self._scribe.written()

    def _withdrawal(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        [licence] = self._scribe.cited(ZHUHUAN, "business-licence")
        self._scribe.write(
            "regulator",
            "WithdrawQualification",
            qualification=qualification_id(
                licence.author,
                ZHUHUAN.id,
                SECOND_RESIN.category,
                "",
                "business-licence",
                licence.digest,
            ),
            document=keep("Example document 示例文件\n撤销决定 Withdrawal\n".encode()),
            effective=self._now - 30 * _DAY,
            reason="Obtained by a false statement 以虚假材料取得",
        )
        return self._scribe.written()

    def _recall(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        """By the regulator, over the ledger as it then is. The warehouse and the second
        community are yet to answer; part of what the third was sent is still under way."""
        notice = keep("Example document 示例文件\n召回通知 Recall notice\n".encode())
        upto = self._scribe.count
        campaign = campaign_id([FABRIC_LOT.id], upto)
        recalled: dict[LotName, Entry] = {}
        for lot in (FABRIC_LOT, MASK_LOT):
            recalled[lot] = self._scribe.write(
                "regulator",
                "Recall",
                lot=lot.id,
                completeTo=upto,
                campaign=campaign,
                document=notice,
                reason="Resin of an unlicensed maker 使用无证企业树脂",
            )
        first, _, third = COMMUNITIES
        for office, lot, aside, gone in (
            (FENGHUANG, FABRIC_LOT, 290, 0),
            (QINGLUAN, FABRIC_LOT, 10, 750),
            (QINGLUAN, MASK_LOT, 200_000, 0),
            (first, MASK_LOT, 47_500, 12_500),
            (third, MASK_LOT, 18_500, 1_500),
        ):
            self._scribe.write(
                office.key,
                "Acknowledge",
                lot=lot.id,
                recall=self._scribe.digest(recalled[lot]),
                setAside=aside,
                gone=gone,
                note="",
            )
        return self._scribe.written()

    def _list(self) -> list[SignedEntry]:
        received, issued = relief.lists()
        plan = plan_relief(
            [received],
            [issued],
            self._now - 40 * _HOUR,
            WAREHOUSE.name_zh,
            frozenset(),
            self._scribe.author("warehouse"),
        )
        for entry in plan.entries:
            self._scribe.sign("warehouse", entry)
        return self._scribe.written()


def _parts(quantities: dict[LotName, int]) -> tuple[Part, ...]:
    """As a list of parts has to be: by the ids of the lots."""
    return tuple(sorted(Part(lot.id, quantity) for lot, quantity in quantities.items()))
