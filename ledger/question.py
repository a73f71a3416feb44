"""What is asked of a verdict, checked when it is made."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger.days import iso_day, start_of_day
from ledger.errors import RequestError
from ledger.vocabulary import NO_END, Clock

#: The largest quantity that is taken for meant.
MAX_QUANTITY: Final = 10**12
#: Longest model or unit of a question, in characters.
MAX_TEXT: Final = 200
#: So many lots may be offered at once.
MAX_LOTS: Final = 20
#: The end of the year 9998: what lies later has no day in every zone.
LAST_DAY: Final = 253370764800
#: The names of the IANA data base as it comes with the ``tzdata`` package: a machine may know
#: others (``localtime``), which mean something else elsewhere. "Factory" stands for no zone.
ZONES: Final = frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split()) - {
    "Factory"
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Checked when it is made; :class:`RequestError` names the field at fault.

    ``quantity`` in ``unit`` (a UN/ECE Recommendation 20 code, ``H87`` is a piece). ``deliver_at``
    is the half-open interval of the delivery, normally one day in ``zone``. ``at`` is the instant
    from which the supplier can work on the order, before the delivery ends; None if the question
    is only whether the delivery was in order (then capacity is not weighed against time).
    ``known_at`` and ``clock`` say what counts as known. ``lots`` are the ids (32 bytes) of the lots
    that the supplier offers, each once, kept sorted; none if nothing particular is offered.
    """

    organisation: bytes
    category: str
    model: str
    quantity: int
    unit: str
    deliver_at: tuple[int, int]
    at: int | None
    known_at: int
    clock: Clock
    zone: str
    lots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.organisation, bytes) or len(self.organisation) != 20:
            raise wrong("organisation", "must be 20 bytes", "须为 20 字节")
        for field, text, least in (
            ("category", self.category, 1),
            ("model", self.model, 0),
            ("unit", self.unit, 1),
        ):
            if not isinstance(text, str) or not least <= len(text) <= MAX_TEXT:
                raise wrong(
                    field,
                    f"must have {least} to {MAX_TEXT} characters",
                    f"长度须为 {least} 到 {MAX_TEXT} 个字符",
                )
            if any(unicodedata.category(c) == "Cc" for c in text):
                raise wrong(field, "must not contain control characters", "不得含有控制字符")
        whole = isinstance(self.quantity, int) and not isinstance(self.quantity, bool)
        if not whole or not 1 <= self.quantity <= MAX_QUANTITY:
            raise wrong(
                "quantity",
                f"must be a whole number from 1 to {MAX_QUANTITY}",
                f"须为 1 到 {MAX_QUANTITY} 的整数",
            )
        start, end = self.deliver_at
        _instant("deliver_at", start)
        _instant("deliver_at", end)
        if start >= end:
            raise wrong("deliver_at", "ends before it begins", "结束早于开始")
        if end > LAST_DAY:
            raise wrong("deliver_at", "lies beyond the year 9998", "晚于公元 9998 年")
        _instant("known_at", self.known_at)
        if self.at is not None:
            _instant("at", self.at)
            if self.at >= end:
                raise wrong("at", "lies after the delivery", "晚于交货日期")
        if not isinstance(self.clock, Clock):
            raise wrong("clock", "must be recorded or published", "须为 recorded 或 published")
        zone_of(self.zone)
        self._check_lots()

    def _check_lots(self) -> None:
        if not all(isinstance(lot, bytes) and len(lot) == 32 for lot in self.lots):
            raise wrong("lots", "each must be an id of 32 bytes", "每个须为 32 字节的批次标识")
        if len(self.lots) > MAX_LOTS:
            raise wrong(
                "lots",
                f"at most {MAX_LOTS} can be offered at once, not {len(self.lots)}",
                f"一次最多 {MAX_LOTS} 个批次，现为 {len(self.lots)} 个",
                "many",
            )
        if len(set(self.lots)) < len(self.lots):
            raise wrong("lots", "one stands there twice", "同一批次出现两次", "twice")
        object.__setattr__(self, "lots", tuple(sorted(self.lots)))

    @classmethod
    def for_day(
        cls,
        organisation: bytes,
        category: str,
        model: str,
        quantity: int,
        unit: str,
        deliver_on: str,
        *,
        known_at: int,
        zone: str,
        at: int | None = None,
        clock: Clock = Clock.RECORDED,
        lots: tuple[bytes, ...] = (),
    ) -> "Question":
        """The question for a delivery on a day (YYYY-MM-DD) in the asker's zone."""
        day = day_interval(deliver_on, zone, "deliver_on")
        return cls(
            organisation, category, model, quantity, unit, day, at, known_at, clock, zone, lots
        )

    def to_json(self) -> dict[str, Any]:
        """Instants as integers (seconds, UTC), bytes as 0x hex; ``lots`` only where any are
        offered, so that a question without is what it was before there were lots."""
        offered = {"lots": ["0x" + lot.hex() for lot in self.lots]} if self.lots else {}
        return {
            **offered,
            "organisation": "0x" + self.organisation.hex(),
            "category": self.category,
            "model": self.model,
            "quantity": self.quantity,
            "unit": self.unit,
            "deliver_at": list(self.deliver_at),
            "at": self.at,
            "known_at": self.known_at,
            "clock": self.clock.value,
            "zone": self.zone,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Question":
        """The inverse of :meth:`to_json`."""
        for field in cls.__dataclass_fields__:
            if field not in data and field != "lots":
                raise wrong(field, "is missing", "缺失")
        organisation, deliver_at = data["organisation"], data["deliver_at"]
        try:
            raw = bytes.fromhex(organisation.removeprefix("0x"))
        except (AttributeError, ValueError):
            raise wrong("organisation", "must be 0x hex", "须为 0x 十六进制") from None
        try:
            lots = tuple(bytes.fromhex(lot.removeprefix("0x")) for lot in data.get("lots", ()))
        except (AttributeError, TypeError, ValueError):
            raise wrong("lots", "must be a list of 0x hex", "须为 0x 十六进制的列表") from None
        if not isinstance(deliver_at, list | tuple) or len(deliver_at) != 2:
            raise wrong("deliver_at", "must be two instants", "须为两个时间点")
        try:
            clock = Clock(data["clock"])
        except ValueError:
            raise wrong(
                "clock", "must be recorded or published", "须为 recorded 或 published"
            ) from None
        return cls(
            raw,
            data["category"],
            data["model"],
            data["quantity"],
            data["unit"],
            (deliver_at[0], deliver_at[1]),
            data["at"],
            data["known_at"],
            clock,
            data["zone"],
            lots,
        )


def day_interval(text: str, zone: str, field: str) -> tuple[int, int]:
    """The instants of a day (YYYY-MM-DD) in the zone: from its first to the next day's first."""
    where = zone_of(zone)
    day = iso_day(text) if isinstance(text, str) else None
    if day is None or not date(1970, 1, 2) <= day <= date(9998, 12, 30):
        raise wrong(field, f"{str(text)[:40]!r} is no day (YYYY-MM-DD)", "不是日期（YYYY-MM-DD）")
    return start_of_day(day, where.key), start_of_day(day + timedelta(days=1), where.key)


def zone_of(name: str) -> ZoneInfo:
    """The IANA time zone; :class:`RequestError` for ``zone`` if there is none of this name."""
    if not isinstance(name, str) or name not in ZONES:
        raise wrong("zone", f"{str(name)[:40]!r} is not an IANA time zone", "不是 IANA 时区")
    return ZoneInfo(name)


def _instant(field: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < NO_END:
        raise wrong(field, "must be seconds since 1970", "须为 1970 年以来的秒数")


def wrong(field: str, english: str, chinese: str, what: str = "") -> RequestError:
    """The mistake in this field of a question; its code is ``question.<field>``, or
    ``question.<field>.<what>``."""
    code = f"question.{field.replace('_', '-')}"
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code=f"{code}.{what}" if what else code,
    )
