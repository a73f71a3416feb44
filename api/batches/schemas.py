"""How batches are told: what ``ledger.provenance`` writes, with what was left out counted.

Quantities are whole numbers of the batch's unit, times seconds since 1970 (UTC), entries sequence
numbers of the log. Within one answer batches are named by ``number``, the entry that made them.
"""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from api.wire import HexText, Shape
from ledger.provenance.assurance import Assurance, LinkKind
from ledger.provenance.custody import Act
from ledger.standing import Result
from ledger.vocabulary import Clock

_MAKER: Final = "0x" + "5a" * 20
_OTHER: Final = "0x" + "6b" * 20
_LOT: Final = _MAKER + "0c" * 12
_AFTER: Final = "AK0sZ1xSg2oAAAAAAAAAaAAADqWRyT__AAAAAAAAAAFx5w.1795309200.104.recorded"
#: Nothing in an example is null: FastAPI leaves such members out of the document.
_NAMES: Final = {_MAKER: {"en": "Example Masks", "zh": "示例口罩厂"}}


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [example]})


def _of(shape: type[Shape]) -> Any:
    """The example of a shape, to be part of a larger one."""
    extra: Any = shape.model_config["json_schema_extra"]
    return extra["examples"][0]


class NamesBody(Shape):
    en: str
    zh: str


class WithNames(Shape):
    organisations: dict[str, NamesBody] = Field(
        description="The names of the organisations that the answer mentions, by id."
    )


class WithWithheld(WithNames):
    withheld: dict[str, int] = Field(
        description="How many things the answer leaves out because this token may not see them, "
        "by what they are (`lots`, `edges`, `links`, `marks`, `actors`, `findings`, `custodians`, "
        "`under_way`, `units`, `hops`, `acknowledged`, `missing`); empty: nothing is left out."
    )


_LOT_EXAMPLE: Final = {
    "number": 71, "id": _LOT, "maker": _MAKER, "gtin": "09520000000059", "lot": "QL100-A",
    "category": "mask.surgical", "model": "QL-100", "unit": "H87", "quantity": 700000,
    "happened_at": 1795003200, "recorded_at": 1795305600, "origin_not_shown": False,
    "underrun": False, "closed": True,
}  # fmt: skip


class BatchSummary(Shape):
    """A batch as it is now; `quantity` is all that was made of it."""

    model_config = _example(_LOT_EXAMPLE)

    number: int = Field(description="The entry that made it.")
    id: HexText
    maker: HexText
    gtin: str = Field(description="14 digits; empty where there is none.")
    lot: str
    category: str
    model: str
    unit: str = Field(description="UN/ECE Recommendation 20.")
    quantity: int
    happened_at: int
    recorded_at: int
    origin_not_shown: bool
    underrun: bool = Field(description="More went into it than its process usually loses.")
    closed: bool = Field(description="It cannot grow any more.")


class ListedBatch(BatchSummary):
    """A batch in a list, with whether it is stopped now."""

    model_config = _example({**_LOT_EXAMPLE, "stopped": "recall"})

    stopped: Literal["recall", "hold"] | None = Field(
        description="`recall`: a recall of it stands, whatever else does. `hold`: a hold does. "
        "null: neither; what it was made of may be stopped, see its findings and trace."
    )


class BatchList(WithNames):
    model_config = _example({"batches": [_of(ListedBatch)], "next": 71, "organisations": _NAMES})

    batches: list[ListedBatch]
    next: int | None = Field(description="Send it as `after` for the next page.")


class ClocksBody(Shape):
    """Both clocks of the answer."""

    model_config = _example(
        {"complete_to": 104, "position": 104, "known_at": 1795309200, "clock": "recorded",
         "at": 1795305600, "note": {"en": "Quantities made count what happened by then. …",
         "zh": "产量只计当时已发生的。…"}}
    )  # fmt: skip

    complete_to: int = Field(description="Only the first so many entries count.")
    position: int = Field(description="Qualifications and registers are read up to here.")
    known_at: int
    clock: Clock
    at: int | None = Field(description="What happened later is left out; null: nothing is.")
    note: NamesBody | None = Field(description="With `at`: what of the answer does not follow it.")


_FINDING_EXAMPLE: Final = {
    "lot": 71, "code": "inspection.passed", "mark": False, "by": _OTHER, "happened_at": 1795104000,
    "recorded_at": 1795305600, "entries": [80],
    "en": "Example Laboratory found it passing by YY 0469-2011, report 2071, sampled 2026-11-19",
    "zh": "示例检验所按 YY 0469-2011 检验合格，报告 2071，采样于 2026-11-19",
}  # fmt: skip


class FindingBody(Shape):
    """Something that speaks for or against a batch."""

    model_config = _example(_FINDING_EXAMPLE)

    lot: int
    code: str
    mark: bool = Field(description="It concerns everything made of the batch.")
    by: HexText | None
    happened_at: int
    recorded_at: int
    entries: list[int]
    en: str
    zh: str


class MarkBody(Shape):
    """A mark of something that the batch was made of. What it says stands in the findings of its
    `lot`, and is repeated here for the batch that was asked about."""

    model_config = _example({"lot": 40, "code": "recall", "path": [71, 52, 40]})

    lot: int
    code: str
    path: list[int] = Field(description="From the batch that inherits it to the one that has it.")
    mark: bool = True
    by: HexText | None = None
    happened_at: int | None = None
    recorded_at: int | None = None
    entries: list[int] = Field(default_factory=list)
    en: str = ""
    zh: str = ""


class ActorBody(Shape):
    """Who made an entry about the batch; for makers, how they stood at the time of it."""

    model_config = _example(
        {"entry": 71, "action": "Transform", "making": True, "organisation": _MAKER,
         "happened_at": 1795003200, "recorded_at": 1795305600, "late": False, "then": "valid",
         "now": "valid", "code": "qualified", "entries": [12, 14],
         "en": "qualified", "zh": "具备资质"}
    )  # fmt: skip

    entry: int
    action: str
    making: bool
    organisation: HexText
    happened_at: int
    recorded_at: int
    late: bool
    then: Result = Field(description="As known when the entry was recorded.")
    now: Result = Field(description="As known at `known_at`.")
    code: str
    entries: list[int]
    en: str
    zh: str


class StopBody(Shape):
    """A hold or a recall."""

    model_config = _example(
        {"kind": "recall", "entry": 99, "id": "0x" + "1d" * 32, "by": _MAKER,
         "campaign": "0x" + "2e" * 32, "stands": False, "released": 110}
    )  # fmt: skip

    kind: Literal["hold", "recall"]
    entry: int
    id: HexText = Field(description="What a release or an acknowledgement names.")
    by: HexText
    campaign: HexText | None
    stands: bool
    released: int | None = Field(description="The entry that released it.")


class StockBody(Shape):
    """One custodian's books of the batch. `sent` is without what came back, with what is under
    way; `in_units` is at rest in logistic units."""

    model_config = _example(
        {"custodian": _MAKER, "made": 700000, "received": 0, "sent": 500000, "on_hand": 200000,
         "in_units": 0, "under_way_from": 0, "under_way_to": 0, "used": 0, "dispensed": 0,
         "destroyed": 0, "lost": 0}
    )  # fmt: skip

    custodian: HexText
    made: int
    received: int
    sent: int
    on_hand: int
    in_units: int
    under_way_from: int
    under_way_to: int
    used: int
    dispensed: int
    destroyed: int
    lost: int


class ShipmentBody(Shape):
    """A loose shipment that is not over; `accepted` is null while nobody answered."""

    model_config = _example(
        {"id": "0x" + "3f" * 32, "sender": _MAKER, "recipient": _OTHER, "quantity": 15000,
         "left": 1000, "purpose": 0, "due": 1795564800, "accepted": 14000, "entries": [95, 97]}
    )  # fmt: skip

    id: HexText
    sender: HexText
    recipient: HexText
    quantity: int
    left: int = Field(description="What nobody has accounted for.")
    purpose: int = Field(description="0 ordinary, 1 return, 2 quarantine.")
    due: int
    accepted: int | None
    entries: list[int]


class UnitBody(Shape):
    """So much in a logistic unit; `recipient` is null while it is at rest."""

    model_config = _example(
        {"unit": "0x" + "4a" * 32, "holder": _MAKER, "quantity": 200000, "recipient": _OTHER,
         "due": 1795564800}
    )  # fmt: skip

    unit: HexText
    holder: HexText
    quantity: int
    recipient: HexText | None
    due: int | None


class WhereBody(Shape):
    """Where a batch is, as far as this token may see it."""

    model_config = _example(
        {"made": 700000, "custodians": [_of(StockBody)], "under_way": [_of(ShipmentBody)],
         "units": [_of(UnitBody)]}
    )  # fmt: skip

    made: int
    custodians: list[StockBody]
    under_way: list[ShipmentBody]
    units: list[UnitBody]


class BatchBody(BatchSummary, WithWithheld):
    """A batch with what was found of it and where it is; what it inherits of what it was made of
    is in its trace."""

    model_config = _example(
        {**_LOT_EXAMPLE, "clocks": _of(ClocksBody), "findings": [_of(FindingBody)],
         "actors": [_of(ActorBody)], "stops": [_of(StopBody)], "custody": _of(WhereBody),
         "organisations": _NAMES, "withheld": {"custodians": 4, "under_way": 1}}
    )  # fmt: skip

    clocks: ClocksBody
    findings: list[FindingBody]
    actors: list[ActorBody]
    stops: list[StopBody]
    custody: WhereBody


class EdgeBody(Shape):
    """In `entry`, `used` of `input` went into `made` of `output`; each in its own unit."""

    model_config = _example(
        {"output": 71, "input": 52, "entry": 71, "used": 430, "made": 400000,
         "happened_at": 1795003200, "recorded_at": 1795305600}
    )  # fmt: skip

    output: int
    input: int
    entry: int
    used: int
    made: int
    happened_at: int
    recorded_at: int


class LinkBody(Shape):
    """How one link of the trace is vouched for."""

    model_config = _example(
        {"kind": "handing-over", "assurance": "confirmed-by-receiver", "lot": 52,
         "entry": 61, "giver": _OTHER, "taker": _MAKER, "entries": [],
         "en": "handed over: confirmed by the receiver", "zh": "交接：经接收方确认"}
    )  # fmt: skip

    kind: LinkKind
    assurance: Assurance
    lot: int
    input: int | None = Field(default=None, description="What was made into `lot`.")
    entry: int
    giver: HexText | None = None
    taker: HexText
    entries: list[int]
    en: str
    zh: str


class AssuranceBody(Shape):
    least: LinkBody | None = Field(description="The least assured link of those on this page.")
    links: list[LinkBody]


class NamedLot(BatchSummary):
    """A batch of an earlier page, named again because an edge of this page leads there."""

    model_config = _example(
        {**_LOT_EXAMPLE, "findings": [_of(FindingBody)], "inherits": [_of(MarkBody)],
         "inherits_more": False}
    )  # fmt: skip

    findings: list[FindingBody]
    inherits: list[MarkBody]
    inherits_more: bool = Field(description="It inherits more marks than are told here.")


class TracedLot(NamedLot):
    """A batch of this page."""

    model_config = _example({**_of(NamedLot), "depth": 0, "actors": [_of(ActorBody)]})

    depth: int = Field(description="How many steps from the batch asked about, the shortest way.")
    actors: list[ActorBody]


class CutBody(NamesBody):
    by: Literal["size", "depth"]


class Paged(Shape):
    position: int = Field(description="The place of the first of this page in the whole order.")
    more: bool = Field(description="Something lies behind this page, or deeper.")
    continuation: str | None = Field(
        description="Send it as `after` for the next page, which has the same clocks. Null with "
        "`more`: ask again with more `depth`."
    )


class TraceBody(Paged, WithWithheld):
    """A page of a trace: the batches in the order of (depth, number), each once, and the edges
    that lead to them. Pages side by side are the whole."""

    model_config = _example(
        {"direction": "back", "root": 71, "clocks": _of(ClocksBody), "position": 0, "more": True,
         "cut": {"by": "size", "en": "more follows", "zh": "后面还有"},
         "continuation": _AFTER, "lots": [_of(TracedLot)], "earlier": [],
         "edges": [_of(EdgeBody)], "assurance": {"least": _of(LinkBody), "links": [_of(LinkBody)]},
         "organisations": _NAMES, "withheld": {}}
    )  # fmt: skip

    direction: Literal["back", "forward"]
    root: int
    clocks: ClocksBody
    cut: CutBody | None = Field(description="Which limit left something out.")
    lots: list[TracedLot]
    earlier: list[NamedLot]
    edges: list[EdgeBody]
    assurance: AssuranceBody


class HopBody(Shape):
    """One act in the batch's custody. `about` is the shipment, the logistic unit or the batch that
    it went into."""

    model_config = _example(
        {"entry": 95, "act": "shipped", "en": "shipped", "zh": "发货", "custodian": _MAKER,
         "other": _OTHER, "quantity": 15000, "lost": 0, "about": "0x" + "3f" * 32,
         "happened_at": 1795287600, "recorded_at": 1795305600, "late": False, "note": ""}
    )  # fmt: skip

    entry: int
    act: Act
    en: str
    zh: str
    custodian: HexText
    other: HexText | None
    quantity: int
    lost: int
    about: HexText | None
    happened_at: int
    recorded_at: int
    late: bool
    note: str


class CustodyBody(Paged, WhereBody, WithWithheld):
    """Where a batch is and a page of how it got there, in the order of the ledger."""

    model_config = _example(
        {**_of(WhereBody), "lot": _LOT_EXAMPLE, "clocks": _of(ClocksBody), "position": 0,
         "hops": [_of(HopBody)], "more": True, "continuation": _AFTER, "organisations": _NAMES,
         "withheld": {"custodians": 4, "hops": 9}}
    )  # fmt: skip

    lot: BatchSummary
    clocks: ClocksBody
    hops: list[HopBody]


class ScopedLot(BatchSummary):
    model_config = _example({**_LOT_EXAMPLE, "depth": 0, "stops": [99], "custody": _of(WhereBody)})

    depth: int
    stops: list[int] = Field(description="The entries of the holds and recalls that stand.")
    custody: WhereBody


class RecallMessage(Shape):
    lot: HexText
    completeTo: int
    campaign: HexText
    document: HexText
    reason: str


class RecallEntry(Shape):
    """An entry to sign, but for nonce, times and deadline, which are the signer's."""

    model_config = _example(
        {"action": "Recall", "message": {"lot": _LOT, "completeTo": 104,
         "campaign": "0x" + "2e" * 32, "document": "0x" + "00" * 32, "reason": "Filter fails"}}
    )  # fmt: skip

    action: Literal["Recall"]
    message: RecallMessage


class StandingBody(NamesBody):
    """A recall of a batch of the page that stands already; `campaign` None: it belongs to none."""

    model_config = _example(
        {"lot": 71, "entry": 99, "by": _OTHER, "campaign": "0x" + "2e" * 32,
         "en": "it is recalled already, by entry 99; `suyuan campaign 0x2e…` shows who answered",
         "zh": "该批次已被第 99 号条目召回；`suyuan campaign 0x2e…` 显示答复情况"}
    )  # fmt: skip

    lot: int
    entry: int
    by: HexText
    campaign: HexText | None


class ScopeBody(Paged, WithWithheld):
    """A page of the scope of a recall: the batch and everything made of it. Complete up to the
    entry before `complete_to` when the last page says `more: false`."""

    model_config = _example(
        {"roots": [71], "complete_to": 104, "clocks": _of(ClocksBody), "position": 0,
         "more": True, "continuation": _AFTER, "lots": [_of(ScopedLot)],
         "campaign": "0x" + "2e" * 32, "standing": [_of(StandingBody)],
         "recalls": [_of(RecallEntry)], "organisations": _NAMES,
         "withheld": {}}
    )  # fmt: skip

    roots: list[int]
    complete_to: int
    clocks: ClocksBody
    lots: list[ScopedLot]
    standing: list[StandingBody] = Field(
        description="The recalls of the page's batches that stand already: their answers are in "
        "their own campaigns, not in this one."
    )
    campaign: HexText = Field(description="What the recalls to sign carry.")
    recalls: list[RecallEntry] = Field(
        description="One for each batch of the page that this token's organisation may recall; for "
        "auditors, for each."
    )


class AcknowledgementBody(Shape):
    """Somebody's word on a recall. `had`: the ledger says that it ever had some of the batch.
    `ledger_there`, `ledger_under_way` (to it) and `ledger_gone` (used, handed out, destroyed, lost)
    are what the ledger says beside `set_aside` and `gone`; `under-way` answers for what is there
    and not for what is on its way."""

    model_config = _example(
        {"entry": 101, "recall": 99, "custodian": _OTHER, "set_aside": 47500, "gone": 12500,
         "note": "", "happened_at": 1795305700, "recorded_at": 1795305720, "had": True,
         "code": "superseded", "en": "its later acknowledgement, entry 103, stands instead",
         "zh": "已由其后的第 103 号确认取代", "ledger_there": 47500, "ledger_under_way": 0,
         "ledger_gone": 12500, "superseded_by": 103}
    )  # fmt: skip

    entry: int
    recall: int
    custodian: HexText
    set_aside: int
    gone: int
    note: str
    happened_at: int
    recorded_at: int
    had: bool
    code: Literal["agrees", "under-way", "differs", "superseded"]
    en: str
    zh: str
    ledger_there: int
    ledger_under_way: int
    ledger_gone: int
    superseded_by: int | None = Field(description="The entry of its later acknowledgement.")


class CallBody(Shape):
    """A recall of a batch in this campaign, as its author signed it."""

    model_config = _example(
        {"entry": 99, "id": "0x" + "1d" * 32, "by": _OTHER, "reason": "Filter fails",
         "document": "0x" + "7c" * 32, "happened_at": 1795305600, "recorded_at": 1795305660,
         "stands": True}
    )  # fmt: skip

    entry: int
    id: HexText = Field(description="What an acknowledgement or a release names.")
    by: HexText
    reason: str
    document: HexText | None = Field(description="Hash of the notice.")
    happened_at: int
    recorded_at: int
    stands: bool = Field(description="It was not released.")


class FollowUpBody(BatchSummary):
    """How far the recall of one batch is; without `recalls` the campaign did not name it."""

    model_config = _example(
        {**_LOT_EXAMPLE, "recalls": [99], "released": [], "calls": [_of(CallBody)],
         "acknowledged": [_of(AcknowledgementBody)], "missing": [_of(StockBody)],
         "own": _of(StockBody)}
    )  # fmt: skip

    recalls: list[int]
    released: list[int]
    calls: list[CallBody]
    acknowledged: list[AcknowledgementBody]
    missing: list[StockBody] = Field(description="Who was asked and said nothing, and its books.")
    own: StockBody | None = Field(
        description="The books of this token's own organisation, if it ever had any."
    )


class CampaignBody(Paged, WithWithheld):
    """A page of who answered the recalls of a campaign."""

    model_config = _example(
        {"campaign": "0x" + "2e" * 32, "clocks": _of(ClocksBody), "position": 0, "more": True,
         "continuation": _AFTER, "lots": [_of(FollowUpBody)], "organisations": _NAMES,
         "withheld": {}}
    )  # fmt: skip

    campaign: HexText
    clocks: ClocksBody
    lots: list[FollowUpBody]


class CallerBody(Shape):
    by: HexText


class CampaignSummary(Shape):
    """A campaign in a list. `answered` and `unanswered` count who was asked, once for each batch;
    null: it names too many batches to count here."""

    model_config = _example(
        {"campaign": "0x" + "2e" * 32, "first": 99, "recorded_at": 1795305660,
         "reason": "Filter fails", "callers": [{"by": _OTHER}], "named": 2, "standing": 2,
         "lots": [_LOT_EXAMPLE], "answered": 5, "unanswered": 2, "waiting_since": 1795305660,
         "withheld": {"missing": 1}}
    )  # fmt: skip

    campaign: HexText
    first: int = Field(description="Its first recall's entry.")
    recorded_at: int
    reason: str = Field(description="Of its first recall.")
    callers: list[CallerBody]
    named: int = Field(description="How many batches it recalled.")
    standing: int = Field(description="How many of them are not released.")
    lots: list[BatchSummary] = Field(description="The first of them.")
    answered: int | None
    unanswered: int | None
    waiting_since: int | None = Field(
        description="Since when somebody is asked who has not answered."
    )
    withheld: dict[str, int] = Field(description="As in the campaign itself.")


class CampaignList(WithNames):
    """The last begun first."""

    model_config = _example(
        {"campaigns": [_of(CampaignSummary)], "next": 99, "organisations": _NAMES}
    )

    campaigns: list[CampaignSummary]
    next: int | None = Field(description="Send it as `before` for the next page.")


class HoldBody(Shape):
    """A hold that stands."""

    model_config = _example(
        {"entry": 98, "id": "0x" + "1d" * 32, "by": _OTHER, "recorded_at": 1795305660,
         "reason": "Under examination", "lot": _LOT_EXAMPLE}
    )  # fmt: skip

    entry: int
    id: HexText = Field(description="What a release names.")
    by: HexText
    recorded_at: int
    reason: str
    lot: BatchSummary


class HoldList(WithNames):
    """The last set first."""

    model_config = _example({"holds": [_of(HoldBody)], "next": 98, "organisations": _NAMES})

    holds: list[HoldBody]
    next: int | None = Field(description="Send it as `before` for the next page.")


class MirroredRecallBody(Shape):
    """What a mirror stated last of one recall of a register. 0 is a day that is not stated."""

    model_config = _example(
        {"entry": 90, "organisation": _MAKER, "by": _OTHER, "register_name": "register:fda-recalls",
         "number": "Z-0001-2026", "product": "Example mask", "reason": "Fluid passes",
         "initiated": 1790000000, "ended": 0, "recorded_at": 1795305660}
    )  # fmt: skip

    entry: int
    organisation: HexText
    by: HexText
    register_name: str
    number: str
    product: str
    reason: str
    initiated: int
    ended: int
    recorded_at: int


class MirroredRecallList(WithNames):
    """The last stated first."""

    model_config = _example(
        {"recalls": [_of(MirroredRecallBody)], "next": 90, "organisations": _NAMES}
    )

    recalls: list[MirroredRecallBody]
    next: int | None = Field(description="Send it as `before` for the next page.")


class PublicRecall(Shape):
    code: Literal["recall", "mirrored-recall"]
    by: HexText | None
    happened_at: int
    recorded_at: int
    entries: list[int]
    en: str
    zh: str


class UpstreamBody(NamesBody):
    """Whether a recall or a hold stands of anything that it was made of; None: not all of it was
    looked at (`complete` false) and nothing was found."""

    model_config = _example(
        {"recalled": False, "held": False, "complete": True, "code": "clear",
         "en": "no recall or hold on this ledger stands of anything that it was made of",
         "zh": "其所用物料在本账本上没有仍在生效的召回或封存"}
    )  # fmt: skip

    recalled: bool | None
    held: bool | None
    complete: bool
    code: Literal["recalled", "held", "unknown", "clear"]


class PublicBatch(Shape):
    id: HexText
    maker: HexText
    category: str
    model: str
    origin_not_shown: bool = Field(description="It came onto the ledger without a past.")
    recalled: bool
    recalls: list[PublicRecall]
    upstream: UpstreamBody


class DigitalLinkBody(WithNames):
    """What anybody may know of a box: it is on the ledger, by whom, and whether it, or anything
    that it was made of, is recalled.

    Several batches where several makers use the same GTIN and number.
    """

    model_config = _example(
        {"gtin": "09520000000059", "lot": "QL100-A", "recalled": False,
         "upstream": _of(UpstreamBody),
         "batches": [{"id": _LOT, "maker": _MAKER, "category": "mask.surgical", "model": "QL-100",
                      "origin_not_shown": False, "recalled": False, "recalls": [],
                      "upstream": _of(UpstreamBody)}],
         "organisations": _NAMES}
    )  # fmt: skip

    gtin: str
    lot: str
    recalled: bool = Field(description="Itself; `upstream` tells of what it was made of.")
    upstream: UpstreamBody = Field(description="Of all `batches` together.")
    batches: list[PublicBatch]
