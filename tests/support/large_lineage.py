"""A lot of masks with hundreds of lots behind it, on the invented world's ledger: as when a works
buys fabric from many small runs."""

from typing import Final

from ledger import demo
from ledger.authoring import Author
from ledger.demo.batches import (
    FABRIC_LOT,
    FIRST_RESIN,
    SPUNBOND_LOT,
    LotName,
)
from ledger.demo.cast import CANGLONG, FENGHUANG, QILIN, QINGLUAN, Office
from ledger.importing.recording import record
from ledger.typed_data import Entry, Part, Value
from ledger.workspace import Workspace
from tests.support.ledger import key

#: The lot that everything goes into.
LARGE: Final = LotName(QINGLUAN, 9520000000059, "QL100-LARGE", demo.MASK, "H87", "QL-100")
#: As many lots of meltblown as one entry takes beside one of spunbond.
_AT_ONCE: Final = 7
_DAY: Final = 86400


class _Works:
    """Writes entries for the firms of the chain and records them stage by stage."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._authors: dict[str, Author] = {}
        self._written: list[tuple[Author, Entry]] = []

    def author(self, firm: Office) -> Author:
        if firm.key not in self._authors:
            self._authors[firm.key] = Author(
                key(firm.key),
                firm.id,
                self._workspace.domains,
                self._workspace.index.next_nonce,
                self._workspace.clock,
            )
        return self._authors[firm.key]

    def write(self, firm: Office, action: str, hours: float, /, **fields: Value) -> Entry:
        author = self.author(firm)
        happened = int(self._workspace.clock()) - int(hours * 3600)
        entry = author.write(action, **{**fields, "happenedAt": happened})
        self._written.append((author, entry))
        return entry

    def record(self) -> None:
        signed = [author.sign(entry) for author, entry in self._written]
        self._written = []
        for status in record(self._workspace, signed):
            assert status.refusal is None, status.refusal

    def cited(self, lot: LotName, action: str) -> Value:
        """What the maker relied on when it made this lot of the demo."""
        found = self._workspace.index.by_subject(lot.id)
        return next(e for e in found if e.action == action).entry.values["cited"]

    def digest(self, entry: Entry) -> bytes:
        return entry.digest(self._workspace.domains[entry.action.contract])

    def hand_over(self, lots: list[LotName], to: Office, quantity: int, hours: float) -> None:
        sent = [
            self.write(
                lot.maker,
                "Ship",
                hours,
                lot=lot.id,
                recipient=to.id,
                quantity=quantity,
                due=int(self._workspace.clock()) + 3 * _DAY,
                purpose=0,
                reference="",
            )
            for lot in lots
        ]
        self.record()
        for lot, entry in zip(lots, sent, strict=True):
            self.write(
                to,
                "Receive",
                hours - 1,
                lot=lot.id,
                shipment=self.digest(entry),
                sender=lot.maker.id,
                accepted=quantity,
                reason="",
            )
        self.record()


def make_large(workspace: Workspace, lots: int = 300) -> None:
    """Record a lineage of so many lots, with their shipments (an odd number is rounded up)."""
    works = _Works(workspace)
    fabrics = (lots - 3) // 3
    resin = [_named(CANGLONG, 9520000000011, "R", n, "resin.polypropylene") for n in _two(fabrics)]
    bulk = _named(CANGLONG, 9520000000011, "R", 9999, "resin.polypropylene")
    meltblown = [
        _named(FENGHUANG, 9520000000035, "M", n, "fabric.meltblown") for n in range(fabrics)
    ]
    spunbond = _named(QILIN, 9520000000042, "S", 1, "fabric.spunbond")
    _commission(works, resin, 160)
    _commission(works, [bulk], 40_000)
    works.record()
    works.hand_over(resin, FENGHUANG, 160, 90)
    works.hand_over([bulk], QILIN, 40_000, 90)
    cited = works.cited(FABRIC_LOT, "Transform")
    for n, lot in enumerate(meltblown):
        _make(
            works, lot, 300, "meltblowing", dict.fromkeys(resin[2 * n : 2 * n + 2], 155), 80, cited
        )
    cited = works.cited(SPUNBOND_LOT, "Transform")
    _make(works, spunbond, 38_000, "spunbonding", {bulk: 39_300}, 80, cited)
    works.record()
    works.hand_over(meltblown, QINGLUAN, 300, 60)
    works.hand_over([spunbond], QINGLUAN, 38_000, 60)
    cited = works.cited(demo.MASK_LOT, "Transform")
    for first in range(0, fabrics, _AT_ONCE):
        some = meltblown[first : first + _AT_ONCE]
        parts = {**dict.fromkeys(some, 30), spunbond: 50 * len(some)}
        _make(works, LARGE, 27_000 * len(some), "mask-making.surgical", parts, 40, cited)
    works.record()


def _two(fabrics: int) -> range:
    return range(2 * fabrics)


def _named(maker: Office, gtin: int, letter: str, number: int, category: str) -> LotName:
    return LotName(maker, gtin, f"{letter}-{number:04d}", category, "KGM")


def _commission(works: _Works, lots: list[LotName], quantity: int) -> None:
    cited = works.cited(FIRST_RESIN, "Commission")
    for lot in lots:
        works.write(
            lot.maker,
            "Commission",
            100,
            quantity=quantity,
            gtin=lot.gtin,
            originNotShown=False,
            document=bytes(32),
            lot=lot.lot,
            category=lot.category,
            model=lot.model,
            unit=lot.unit,
            place=lot.maker.name_zh,
            origin="",
            cited=cited,
        )


def _make(
    works: _Works,
    lot: LotName,
    quantity: int,
    process: str,
    inputs: dict[LotName, int],
    hours: float,
    cited: Value,
) -> None:
    works.write(
        lot.maker,
        "Transform",
        hours,
        quantity=quantity,
        gtin=lot.gtin,
        lot=lot.lot,
        category=lot.category,
        model=lot.model,
        unit=lot.unit,
        process=process,
        place=lot.maker.name_zh,
        inputs=tuple(sorted(Part(one.id, used) for one, used in inputs.items())),
        cited=cited,
    )
