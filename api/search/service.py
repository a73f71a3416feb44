"""Looking for what was understood: suppliers, batches, logistic units, certificates, verdicts.

Rules this module keeps:

* Each kind of thing is found by the function that its own list uses, and judged by ``may_see``: who
  may not read a kind finds none of it.
* An exact hit is the only thing that the text can mean: a link, a scanned box, a whole credit code.
  Two of it are a list.
* What was wrong with the text, and what was searched for instead, is always said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import orjson

from api.access import Caller, QualificationRecord, Scope, StoredVerdict, SupplierRecord, may_see
from api.batches.schemas import ListedBatch, NamesBody
from api.batches.service import summaries
from api.batches.sight import Sight
from api.context import Context
from api.entries import service as entries
from api.parameters import Asked
from api.problems import NotFound
from api.search.schemas import (
    BatchHits,
    CertificateHits,
    CodeBody,
    ElementBody,
    ExactBody,
    NoteBody,
    SearchBody,
    SupplierHits,
    UnderstoodBody,
    UnitHit,
    VerdictHit,
    VerdictHits,
)
from api.search.understanding import Fault, Form, Understood, understand
from api.suppliers import service as suppliers
from api.suppliers.schemas import QualificationSummary
from api.verdicts import service as verdicts
from api.wire import Position
from ledger.alarms import alarms
from ledger.index.lots import UnitRecord
from ledger.index.repository import MAX_SEARCH
from ledger.provenance.model import Lot
from ledger.standing import bands
from ledger.typed_data import Part, hexed, organisation_id
from ledger.vocabulary import Clock

#: So many batches and certificates are shown beside the suppliers.
MOST: Final = 10
#: So many batches are looked through for those that the caller may see.
_SOME: Final = 200
#: So many of the newest verdicts of an organisation are looked through, and so many are shown.
_VERDICTS, _SHOWN_VERDICTS = 50, 5
#: The states of a logistic unit, as the ledger numbers them.
_UNIT_STATES: Final = {1: "packed", 2: "under-way", 3: "taken-apart"}

_UNKNOWN_LOT: Final = (
    "no batch of this product has the lot number {lot}; batches whose number begins so were "
    "searched for instead",
    "该产品没有批号为 {lot} 的批次；已改为搜索批号以此开头的批次",
)
_OTHER_PRODUCTS: Final = (
    "the product could not be read; batches of any product with the lot number {lot} were searched "
    "for instead",
    "无法确定产品；已改为搜索所有产品中批号为 {lot} 的批次",
)
_NO_PRODUCT: Final = (
    "no batch of the product {gtin} is on the ledger",
    "账本上没有产品 {gtin} 的批次",
)
_NO_UNIT: Final = (
    "no logistic unit {sscc} is on the ledger",
    "账本上没有物流单元 {sscc}",
)
_CUT: Final = (
    "at most {most} characters are searched for: the first {most} were",
    "最多搜索 {most} 个字符：已搜索前 {most} 个",
)
_AS_WORDS: Final = (
    "it was searched for as it stands, in names, numbers, models and lots",
    "已按原样在名称、编号、型号和批号中搜索",
)
_SEPARATOR_LOST: Final = (
    "the scanner seems to drop the separator between fields: the lot number was read as {lot}",
    "扫码枪似乎丢失了字段之间的分隔符：批号按 {lot} 读取",
)


def search(
    context: Context, caller: Caller, typed: str, limit: int, cursor: str | None
) -> SearchBody:
    """What the text means to this caller. ``cursor`` asks for a further page of suppliers.

    :class:`~ledger.errors.RequestError` for ``after`` where no search gave the cursor.
    """
    position = context.position
    meant = understand(typed)
    with context.workspace.index.snapshot():
        return _Search(context, caller, meant, position).answered(limit, cursor)


class _Search:
    """One search: the notes grow while it is carried out."""

    def __init__(self, context: Context, caller: Caller, meant: Understood, position: int) -> None:
        self._context = context
        self._caller = caller
        self._meant = meant
        self._position = position
        self._index = context.workspace.index
        self._sight = Sight(context.workspace, caller, context.now(), position)
        self._notes = [_note(fault) for fault in meant.faults]
        self._named: set[bytes] = set()

    def answered(self, limit: int, cursor: str | None) -> SearchBody:
        meant = self._meant
        words = meant.words
        if len(words) > MAX_SEARCH:
            words = words[:MAX_SEARCH]
            self._say("words.cut", _CUT, most=MAX_SEARCH)
        found = self._suppliers(words, limit, cursor)
        lots = self._lots()
        units = self._units()
        certificates = self._certificates(words) if not cursor else []
        asked = self._verdicts([bytes.fromhex(h.id[2:]) for h in found.found], words)
        exact = self._exact(lots)
        anything = bool(found.found or lots or units or certificates)
        if anything:  # a number of any length may be that of a certificate
            self._notes = [n for n in self._notes if n.code != "code.length"]
        if meant.faults and words and meant.faults[0].code != "link.foreign":
            self._say("words.searched", _AS_WORDS)
        shown = lots[:MOST]
        self._named.update(lot.maker for lot in shown)
        self._named.update(bytes.fromhex(c.holder[2:]) for c in certificates)
        return SearchBody(
            understood=UnderstoodBody(
                form=meant.form,
                words=words,
                gtin=meant.gtin,
                lot=meant.lot,
                sscc=meant.sscc,
                identifiers=[_code(i.kind, i.value) for i in meant.identifiers],
                elements=[ElementBody(ai=e.ai, value=e.value, day=e.day) for e in meant.elements],
            ),
            notes=self._notes,
            exact=exact,
            suppliers=found,
            batches=BatchHits(
                found=[
                    ListedBatch(**told)
                    for told in summaries(self._context.workspace, self._position, shown)
                ],
                more=len(lots) > MOST,
            ),
            units=units,
            certificates=CertificateHits(found=certificates[:MOST], more=len(certificates) > MOST),
            verdicts=asked,
            alarmed=self._alarmed(
                [h.id for h in found.found], {c.id: c.holder for c in certificates[:MOST]}
            ),
            organisations=self._names(),
            ledger=Position(position=self._position),
        )

    def _say(self, code: str, texts: tuple[str, str], **values: object) -> None:
        en, zh = texts
        self._notes.append(NoteBody(code=code, en=en.format(**values), zh=zh.format(**values)))

    def _names(self) -> dict[str, NamesBody]:
        known = self._index.organisations(self._named)
        return {
            hexed(id_): NamesBody(en=o.name_en or o.name_zh, zh=o.name_zh or o.name_en)
            for id_, o in known.items()
        }

    # -- suppliers -----------------------------------------------------------------------------

    def _suppliers(self, words: str, limit: int, cursor: str | None) -> SupplierHits:
        if not words:
            return SupplierHits(found=[], next=None)
        page = suppliers.search(self._context, self._caller, words, limit, cursor)
        return SupplierHits(found=page.suppliers, next=page.next)

    def _certificates(self, words: str) -> list[QualificationSummary]:
        now = self._context.now()
        asked = Asked((now, now + 1), now, Clock.RECORDED)
        freshness = self._context.workspace.policy.freshness
        found = []
        for record in self._index.numbered(words, MOST + 1) if words else ():
            if not may_see(self._caller, QualificationRecord(record.holder, record.author)):
                continue
            history = self._context.workspace.history(record.holder, record.category)
            qualification = history.qualifications[record.id]
            timeline = bands(qualification, history, now, Clock.RECORDED, freshness)
            if timeline:
                found.append(suppliers.qualification_summary(qualification, timeline, asked))
        return found

    def _alarmed(self, organisations: Sequence[str], holders: Mapping[str, str]) -> dict[str, bool]:
        """What is found and touched by an open alarm, and whether one speaks against it;
        ``holders`` are those of the certificates."""
        alarmed: dict[str, bool] = {}
        for holder in {*organisations, *holders.values()}:
            id_ = bytes.fromhex(holder[2:])
            if not self._sees(id_):
                continue
            now, history = self._context.now(), self._context.workspace.history(id_, "")
            firm = history.firm(id_, now)
            for alarm in alarms(history, id_, now):
                if not alarm.open:
                    continue
                touched = [q for q in map(hexed, alarm.qualifications) if holders.get(q) == holder]
                if holder in organisations:
                    touched.append(holder)
                for one in touched:
                    alarmed[one] = alarmed.get(one, False) or suppliers.stops(alarm, firm)
        return alarmed

    def _verdicts(self, found: Sequence[bytes], words: str) -> VerdictHits:
        if Scope.VERDICTS_READ not in self._caller.scopes or not found or not words:
            return VerdictHits(found=[], more=False)
        about = {hexed(id_) for id_ in found}
        hits = []
        own = self._caller.organisation
        newest = self._context.workspace.store.verdicts(own, limit=_VERDICTS)
        for kept in newest:
            question = orjson.loads(kept.question)
            if question["organisation"] not in about:
                continue
            if not may_see(self._caller, StoredVerdict(frozenset({kept.organisation}))):
                continue
            self._named.add(bytes.fromhex(question["organisation"][2:]))
            given = orjson.loads(kept.verdict)
            hits.append(
                VerdictHit(
                    id=given["id"],
                    supplier=question["organisation"],
                    category=question["category"],
                    model=question["model"],
                    quantity=question["quantity"],
                    unit=question["unit"],
                    lots=question.get("lots") or [],
                    answer=given["answer"],
                    deliver_at=question["deliver_at"],
                    zone=question["zone"],
                    known_at=question["known_at"],
                    clock=question["clock"],
                    asked_at=kept.asked_at,
                )
            )
            if len(hits) > _SHOWN_VERDICTS:
                break
        more = len(hits) > _SHOWN_VERDICTS or len(newest) == _VERDICTS
        return VerdictHits(found=hits[:_SHOWN_VERDICTS], more=more)

    # -- batches -------------------------------------------------------------------------------

    def _lots(self) -> list[Lot]:
        """The batches that are meant, one more than are shown where there are more."""
        if Scope.BATCHES_READ not in self._caller.scopes:
            return []
        meant, graph = self._meant, self._index.lots
        if meant.gtin and meant.lot:
            found = self._seen(graph.find(int(meant.gtin), meant.lot))
            return found or self._otherwise(int(meant.gtin))
        if meant.lot:
            self._say("gtin.unread", _OTHER_PRODUCTS, lot=meant.lot)
            return self._beginning(meant.lot, lambda lot: lot.lot == meant.lot)
        if meant.gtin:
            found = self._seen(graph.of_gtin(int(meant.gtin), limit=_SOME))
            if not found and meant.form is not Form.CODE:
                self._say("gtin.unknown", _NO_PRODUCT, gtin=meant.gtin)
            if found or not meant.beginning:
                return found
        if meant.beginning:
            found = self._beginning(meant.beginning)
            upper = meant.beginning.upper()
            # Case counts in lot numbers, and few people know.
            return found or (self._beginning(upper) if upper != meant.beginning else [])
        return []

    def _otherwise(self, gtin: int) -> list[Lot]:
        """What may be meant by a lot number that the product does not have."""
        meant, graph = self._meant, self._index.lots
        if meant.form is Form.SCAN:
            # Where a separator was lost, the next field was read as part of the number.
            for end in range(len(meant.lot) - 1, 0, -1):
                found = self._seen(graph.find(gtin, meant.lot[:end]))
                if found and _is_field(meant.lot[end:]):
                    self._say("scan.separator", _SEPARATOR_LOST, lot=meant.lot[:end])
                    return found
        self._say("lot.unknown", _UNKNOWN_LOT, lot=meant.lot)
        return self._beginning(meant.lot)

    def _beginning(self, text: str, wanted: Callable[[Lot], bool] = lambda lot: True) -> list[Lot]:
        found = self._index.lots.search(text, limit=_SOME)
        return self._seen([lot for lot in found if wanted(lot)])

    def _seen(self, lots: Iterable[Lot]) -> list[Lot]:
        some = [lot for lot in lots if lot.number < self._position]
        seen = self._sight.lots({lot.number for lot in some})
        return [lot for lot in some if lot.number in seen][: MOST + 1]

    def _units(self) -> list[UnitHit]:
        if not self._meant.sscc or Scope.BATCHES_READ not in self._caller.scopes:
            return []
        hits = [self._unit(u) for u in self._index.lots.units(int(self._meant.sscc))]
        found = [hit for hit in hits if hit is not None]
        if not found and not self._meant.identifiers:
            self._say("sscc.unknown", _NO_UNIT, sscc=self._meant.sscc)
        return found

    def _unit(self, unit: UnitRecord) -> UnitHit | None:
        """The unit, if the caller may see it: it packed, holds or awaits it, or sees a batch in
        it."""
        lots = self._seen(self._index.lots.lots({lot for lot, _ in unit.parts}))
        deals = self._sight.deals(unit.packer, unit.holder, *filter(None, [unit.recipient]))
        if not lots and not deals:
            return None
        self._named.add(unit.packer)
        if _UNIT_STATES[unit.state] == "taken-apart":
            lots = self._packed(unit)
        return UnitHit(
            sscc=f"{unit.sscc:018d}",
            packer=hexed(unit.packer),
            state=_UNIT_STATES[unit.state],
            lots=[hexed(lot.id) for lot in lots],
            taken_apart_at=self._opened(unit),
        )

    def _opened(self, unit: UnitRecord) -> int | None:
        """When the unit was taken apart: nothing of it is recorded after that."""
        last, _ = self._index.neighbours(unit.id, self._position)
        entry = None if last is None else self._index.entry(last)
        if entry is None or entry.action != "TakeApart":
            return None
        happened_at = entry["happenedAt"]
        assert isinstance(happened_at, int)
        return happened_at

    def _packed(self, unit: UnitRecord) -> list[Lot]:
        """The batches that were packed into the unit, as far as the caller may see them."""
        entry = self._index.entry(unit.sequence)
        parts = None if entry is None else entry["parts"]
        assert isinstance(parts, tuple)
        ids = [part.lot for part in parts if isinstance(part, Part)]
        return self._seen(list(self._index.lots.by_ids(ids).values()))

    # -- the one thing that is meant -----------------------------------------------------------

    def _exact(self, lots: Sequence[Lot]) -> ExactBody | None:
        meant = self._meant
        if meant.path:
            return ExactBody(kind="page", path=meant.path)
        if meant.digest:
            return self._of_digest(meant.digest)
        named = {organisation_id(i.kind, i.value) for i in meant.identifiers}
        known = [o for o in self._index.organisations(named) if self._sees(o)]
        if len(known) == 1 and not lots:
            return ExactBody(kind="supplier", path="/suppliers/" + hexed(known[0]))
        if len(lots) == 1 and meant.gtin and lots[0].gtin == int(meant.gtin) and meant.lot:
            if lots[0].lot == meant.lot or self._notes[-1].code == "scan.separator":
                return ExactBody(kind="batch", path="/batches/" + hexed(lots[0].id))
        return None

    def _sees(self, organisation: bytes) -> bool:
        history = self._context.workspace.history(organisation, "")
        firm = history.firm(organisation, self._context.now())
        return may_see(self._caller, SupplierRecord(organisation, firm))

    def _of_digest(self, digest: bytes) -> ExactBody | None:
        """An id or a hash of the ledger: of an organisation, a batch, a verdict or an entry."""
        if len(digest) == 20:
            if self._index.organisation(digest) is not None and self._sees(digest):
                return ExactBody(kind="supplier", path="/suppliers/" + hexed(digest))
            return None
        if Scope.BATCHES_READ in self._caller.scopes:
            lot = self._index.lots.lot(digest)
            if lot is not None and self._seen([lot]):
                return ExactBody(kind="batch", path="/batches/" + hexed(digest))
        with suppress(NotFound):
            if Scope.ENTRIES_READ in self._caller.scopes:
                entry = entries.find(self._context, self._caller, digest)
                if entry.recorded is not None:
                    return ExactBody(kind="entry", path=f"/entries/{entry.recorded.sequence}")
        with suppress(NotFound):
            if Scope.VERDICTS_READ in self._caller.scopes:
                verdicts.kept(self._context, self._caller, digest)
                return ExactBody(kind="verdict", path="/verdicts/" + hexed(digest))
        return None


def _is_field(text: str) -> bool:
    """Whether this begins as an element string does that often follows a lot number."""
    return text[:2] in ("11", "13", "15", "17", "21", "30", "37") and len(text) > 2


def _note(fault: Fault) -> NoteBody:
    return NoteBody(code=fault.code, en=fault.en, zh=fault.zh)


def _code(kind: str, value: str) -> CodeBody:
    return CodeBody.model_validate({"kind": kind, "value": value})
