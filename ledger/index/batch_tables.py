"""The tables of batches: lots, what was made of what, who has it, what was found about it.

They belong to the projection (:mod:`ledger.index.tables`). A lot is named by its ``number``, the
sequence number of the entry that made it, so that the graph is a table of small integers; only
``lot`` knows its id. Quantities are whole units of the lot (UN/ECE Rec. 20).

Everything is as the contracts have it after the last entry that was read. How it was at another
time follows from the entries; only lots, edges, notices and stops tell it themselves.
"""

from typing import Final

from sqlalchemy import Index, String
from sqlmodel import Field

from ledger.index.base import KEYED, Row, entry_key, int16, int64

#: In the order of its characters' codes on every database.
_GS1_TEXT: Final = String().with_variant(String(collation="C"), "postgresql")


class LotRow(Row, table=True):
    """A lot; ``happened_at`` and ``recorded_at`` are those of the entry that made it, ``quantity``
    all that was made of it."""

    __tablename__ = "lot"
    __table_args__ = (
        Index(None, "lot", "gtin"),
        Index(None, "gtin", "number"),
        Index(None, "maker", "number"),
        Index(None, "category", "number"),
    )

    number: int = entry_key()
    id: bytes = Field(unique=True)
    maker: bytes
    gtin: int = int64()
    lot: str = Field(sa_type=_GS1_TEXT)
    category: str
    model: str
    unit: str
    quantity: int = int64()
    happened_at: int = int64()
    recorded_at: int = int64()
    origin_not_shown: bool
    underrun: bool
    closed: bool


class EdgeRow(Row, table=True):
    """``used`` of one lot went into ``made`` of another; both keys hold all columns, so that a
    step of a trace in either direction is one look into one tree."""

    __tablename__ = "lot_edge"
    __table_args__ = (
        Index(
            "ix_lot_edge_input",
            *("input", "sequence", "output", "used", "made", "happened_at", "recorded_at"),
        ),
        KEYED,
    )

    output: int = entry_key()
    sequence: int = entry_key()
    input: int = entry_key()
    used: int = int64()
    made: int = int64()
    happened_at: int = int64()
    recorded_at: int = int64()


class StockRow(Row, table=True):
    """What a custodian has of a lot, lost of it, and what became of the rest in its hands: used to
    make other lots, dispensed, destroyed, all in all."""

    __tablename__ = "lot_stock"
    __table_args__ = (Index(None, "lot"), KEYED)

    custodian: bytes = Field(primary_key=True)
    lot: int = entry_key()
    on_hand: int = int64()
    lost: int = int64()
    used: int = int64()
    dispensed: int = int64()
    destroyed: int = int64()


class ParcelRow(Row, table=True):
    """A shipment of which ``quantity`` is not accounted for; there is no row where all is.

    Two organisations may sign the same words, so a shipment is told apart by its sender, too.
    ``shipment`` is the digest of the entry ``sequence``, ``answered`` whether the recipient has
    answered; then ``quantity`` is what it did not accept.
    """

    __tablename__ = "parcel"

    shipment: bytes = Field(primary_key=True)
    sender: bytes = Field(primary_key=True, index=True)
    sequence: int = int64()
    lot: int = int64(index=True)
    recipient: bytes = Field(index=True)
    quantity: int = int64()
    sent_at: int = int64()
    due: int = int64()
    purpose: int = int16()
    answered: bool


class UnitRow(Row, table=True):
    """A logistic unit that the entry ``sequence`` packed.

    ``state`` is 1 packed, 2 under way, 3 taken apart. ``recipient`` (empty before), ``due`` and
    ``purpose`` are those of its last shipment.
    """

    __tablename__ = "logistic_unit"

    id: bytes = Field(primary_key=True)
    sequence: int = int64(unique=True)
    packer: bytes
    sscc: int = int64(index=True)
    holder: bytes = Field(index=True)
    since: int = int64()
    state: int = int16()
    recipient: bytes = Field(index=True)
    due: int = int64()
    purpose: int = int16()


class UnitPartRow(Row, table=True):
    """What a unit holds until it is taken apart; ``unit`` is its ``sequence``."""

    __tablename__ = "unit_part"
    __table_args__ = (Index(None, "lot"), KEYED)

    unit: int = entry_key()
    lot: int = entry_key()
    quantity: int = int64()


class NoticeRow(Row, table=True):
    """An entry of the oversight about a lot; ``action`` is its number there."""

    __tablename__ = "lot_notice"
    __table_args__ = (KEYED,)

    lot: int = entry_key()
    sequence: int = entry_key()
    action: int = int16()


class StopRow(Row, table=True):
    """A hold or a recall of a lot; ``digest`` is that of its entry, by which it is released.

    ``released`` is the entry that did, -1 while it stands. ``campaign`` is zeros for a hold.
    """

    __tablename__ = "stop"
    __table_args__ = (Index(None, "campaign"), KEYED)

    lot: int = entry_key()
    sequence: int = entry_key()
    digest: bytes
    author: bytes
    recall: bool
    campaign: bytes
    released: int = int64()


class IngredientRow(Row, table=True):
    """What a process needs of an input for its output (``category`` counted in ``unit``), as the
    entry ``sequence`` says; see ``SetIngredient``."""

    __tablename__ = "ingredient"

    process: str = Field(primary_key=True)
    input: str = Field(primary_key=True)
    input_unit: str = Field(primary_key=True)
    sequence: int = int64()
    category: str
    unit: str
    least: int = int64()
    most: int = int64()
    per: int = int64()


class MirroredRecallRow(Row, table=True):
    """A recall that a register tells of, as a mirror stated it; its texts are in the entry.
    ``document`` is the hash of the register's row, ``ended`` 0 while it goes on."""

    __tablename__ = "recall_mirror"
    __table_args__ = (Index(None, "register_name", "sequence"),)

    sequence: int = entry_key()
    organisation: bytes = Field(index=True)
    author: bytes
    publication: bytes
    register_name: str
    number: str
    document: bytes
    initiated: int = int64()
    ended: int = int64()


BATCH_TABLES: Final[tuple[type[Row], ...]] = (
    LotRow,
    EdgeRow,
    StockRow,
    ParcelRow,
    UnitRow,
    UnitPartRow,
    NoticeRow,
    StopRow,
    IngredientRow,
    MirroredRecallRow,
)
