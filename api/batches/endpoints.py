from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.access import Caller
from api.auth import BatchesReader
from api.batches import campaigns, service
from api.batches.asking import MAX_CONTINUATION, Asking, Wanted, asking
from api.batches.links import Link, read_link
from api.batches.schemas import (
    BatchBody,
    BatchList,
    CampaignBody,
    CampaignList,
    CustodyBody,
    DigitalLinkBody,
    HoldList,
    MirroredRecallList,
    ScopeBody,
    TraceBody,
)
from api.batches.sight import Sight
from api.context import Context, Joined
from api.parameters import DEFAULT_ZONE, Limit, MinPosition, Zone
from api.routing import router
from api.wire import POSITION_HEADERS, BatchId, Hash, Moment, OrganisationId, answer
from ledger.errors import RequestError, SuyuanError
from ledger.provenance.answer import MOST_ANSWERED, MOST_ANSWERED_DEPTH
from ledger.provenance.model import Lot
from ledger.provenance.tracing import Direction
from ledger.question import MAX_TEXT
from ledger.vocabulary import Clock
from ledger.workspace import Workspace

routes = router("batches")
#: GS1 Digital Link (URI syntax 1.4): application identifiers 01 and 10 as a path. What else stands
#: in its query is for others, and so nothing there is unknown.
links = APIRouter(tags=["batches"])

#: A recall starts from at most so many batches at once.
MOST_ROOTS: Final = 50

_OK: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": POSITION_HEADERS}}
_READING: Final = {**_OK, **problems.responses(401, 403, 404)}

KnownAt = Annotated[
    Moment | None,
    Query(description="As known at which instant, or by the end of which day; default: now."),
]
Size = Annotated[
    int, Query(ge=1, le=MOST_ANSWERED, description="At most so many batches (or acts) per page.")
]
After = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=MAX_CONTINUATION,
        description="`continuation` of the page before; its clocks hold, and need not be repeated.",
    ),
]


class _Asked:
    """A question with everything that decides who may see what of the answer."""

    def __init__(self, context: Context, caller: Caller | None, wanted: Wanted) -> None:
        self.workspace = context.workspace
        now, position = context.now(), context.position
        self.sight = Sight(self.workspace, caller, now, position)
        self.asking: Asking = asking(self.workspace, now, position, wanted)
        self.position = position

    def batch(self, id_: bytes) -> Lot:
        """The batch that is asked about, if the caller may see it."""
        return service.batch(self.workspace, self.sight, self.position, id_)

    def answer(self, told: Mapping[str, Any]) -> Response:
        return answer(orjson.dumps(told), self.asking.position)


async def _traced(
    context: Joined,
    at: Annotated[
        Moment | None,
        Query(
            description="Only what happened by this instant, or by the end of this day; default: "
            "everything. Where goods are is always told as of `known_at`."
        ),
    ] = None,
    known_at: KnownAt = None,
    clock: Annotated[
        Clock | None,
        Query(
            description="`recorded` (the default): known is what was on this ledger. `published`: "
            "what a mirrored register had published counts too."
        ),
    ] = None,
    depth: Annotated[
        int,
        Query(ge=0, le=MOST_ANSWERED_DEPTH, description="At most so many steps from the batch."),
    ] = MOST_ANSWERED_DEPTH,
    size: Size = 100,
    after: After = None,
    zone: Zone = DEFAULT_ZONE,
    min_position: MinPosition = None,
) -> Wanted:
    await context.reach(min_position)
    return Wanted(at, known_at, clock, zone, depth, size, after)


async def _listed(
    context: Joined,
    known_at: KnownAt = None,
    size: Size = 100,
    after: After = None,
    zone: Zone = DEFAULT_ZONE,
    min_position: MinPosition = None,
) -> Wanted:
    await context.reach(min_position)
    return Wanted(known_at=known_at, zone=zone, size=size, after=after)


async def _single(
    context: Joined,
    at: Annotated[
        Moment | None,
        Query(description="Only what happened by this instant, or by the end of this day."),
    ] = None,
    known_at: KnownAt = None,
    clock: Annotated[Clock, Query(description="As for the trace.")] = Clock.RECORDED,
    zone: Zone = DEFAULT_ZONE,
    min_position: MinPosition = None,
) -> Wanted:
    await context.reach(min_position)
    return Wanted(at, known_at, clock, zone)


Traced = Annotated[Wanted, Depends(_traced)]
Listed = Annotated[Wanted, Depends(_listed)]
Single = Annotated[Wanted, Depends(_single)]


@routes.get(
    "/batches",
    operation_id="find_batches",
    summary="Find batches",
    response_model=BatchList,
    responses={**_OK, **problems.responses(401, 403)},
)
async def find(
    caller: BatchesReader,
    context: Joined,
    gtin: Annotated[
        str | None,
        Query(
            max_length=40,
            description="With `lot`: 8, 12, 13 or 14 digits; empty for goods that have none; left "
            "out: of any GTIN or none.",
            examples=["09520000000059"],
        ),
    ] = None,
    lot: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=40,
            description="The whole batch or lot number, (10).",
            examples=["QL100-A"],
        ),
    ] = None,
    maker: Annotated[OrganisationId | None, Query(description="Only what it made.")] = None,
    q: Annotated[
        str, Query(max_length=20, description="How the batch or lot number begins; case counts.")
    ] = "",
    after: Annotated[int, Query(ge=-1, le=2**53, description="`next` of the page before.")] = -1,
    limit: Limit = 20,
    min_position: MinPosition = None,
) -> Response:
    """By what stands on the carton, by its beginning, or all of a maker; in the ledger's order.

    A supplier's or store's token finds what it made, holds, held or is sent; by GTIN and number
    also what its goods were made of. A page can be short, even empty, and yet have a `next`.
    """
    await context.reach(min_position)
    return await run_in_threadpool(
        _found, context, caller, gtin=gtin, lot=lot, maker=maker, text=q, after=after, limit=limit
    )


def _found(context: Context, caller: Caller, **wanted: Any) -> Response:
    asked = _Asked(context, caller, Wanted())
    return asked.answer(service.find(asked.workspace, asked.sight, **wanted))


Before = Annotated[
    int | None, Query(ge=0, le=2**53, description="`next` of the page before; default: the last.")
]


@routes.get(
    "/batches/campaigns",
    operation_id="list_campaigns",
    summary="The recalls on the ledger",
    response_model=CampaignList,
    responses={**_OK, **problems.responses(401, 403)},
)
async def list_campaigns(
    caller: BatchesReader,
    context: Joined,
    before: Before = None,
    limit: Limit = 20,
    min_position: MinPosition = None,
) -> Response:
    """Every campaign of which this token sees a batch, the last begun first, with how many have
    answered. Recalls that carry no campaign stand together under zeros. A page can be short, even
    empty, and yet have a `next`."""
    await context.reach(min_position)
    return await run_in_threadpool(_list, context, caller, campaigns.campaigns, before, limit)


@routes.get(
    "/batches/holds",
    operation_id="list_holds",
    summary="The holds that stand",
    response_model=HoldList,
    responses={**_OK, **problems.responses(401, 403)},
)
async def list_holds(
    caller: BatchesReader,
    context: Joined,
    before: Before = None,
    limit: Limit = 20,
    min_position: MinPosition = None,
) -> Response:
    """Of batches that this token sees, the last set first; pages as for campaigns."""
    await context.reach(min_position)
    return await run_in_threadpool(_list, context, caller, campaigns.holds, before, limit)


def _list(
    context: Context,
    caller: Caller,
    made: Callable[[Workspace, Sight, int, int | None, int], Mapping[str, Any]],
    before: int | None,
    limit: int,
) -> Response:
    asked = _Asked(context, caller, Wanted())
    return asked.answer(made(asked.workspace, asked.sight, asked.position, before, limit))


@routes.get(
    "/batches/mirrored-recalls",
    operation_id="list_mirrored_recalls",
    summary="Recalls that registers tell of",
    response_model=MirroredRecallList,
    responses={**_OK, **problems.responses(401, 403)},
)
async def list_mirrored_recalls(
    caller: BatchesReader,
    context: Joined,
    before: Before = None,
    limit: Limit = 20,
    min_position: MinPosition = None,
) -> Response:
    """As mirrors stated them last, of firms that this token sees, the last stated first. Such a
    recall stops no batch; whether it marks one stands in the batch's findings."""
    await context.reach(min_position)

    def told() -> Response:
        asked = _Asked(context, caller, Wanted())
        return asked.answer(
            campaigns.mirrored(
                asked.workspace, caller, asked.sight.firm, asked.position, before, limit
            )
        )

    return await run_in_threadpool(told)


@routes.get(
    "/batches/campaigns/{campaign}",
    operation_id="follow_campaign",
    summary="Who answered the recalls of a campaign",
    response_model=CampaignBody,
    responses=_READING,
)
def campaign(campaign: Hash, caller: BatchesReader, context: Joined, wanted: Listed) -> Response:
    """For each batch that it named, and everything made of these: its recalls, the
    acknowledgements with their times, and who has not answered with what it has."""
    asked = _Asked(context, caller, wanted)
    return asked.answer(service.answered(asked.workspace, asked.sight, campaign, asked.asking))


@routes.get(
    "/batches/{id}",
    operation_id="read_batch",
    summary="A batch",
    response_model=BatchBody,
    responses=_READING,
)
def read(id: BatchId, caller: BatchesReader, context: Joined, wanted: Single) -> Response:
    """What it is, what was found of it, what stops it, and where it is."""
    asked = _Asked(context, caller, wanted)
    lot = asked.batch(id)
    return asked.answer(service.facts(asked.workspace, asked.sight, lot, asked.asking))


@routes.get(
    "/batches/{id}/trace-back",
    operation_id="trace_back",
    summary="What a batch was made of",
    response_model=TraceBody,
    responses=_READING,
)
def trace_back(id: BatchId, caller: BatchesReader, context: Joined, wanted: Traced) -> Response:
    """Everything behind it, level by level, with the quantities on each edge; who made it and how
    they stood, as known then and as known now; how each link is vouched for; what speaks against
    any of it, with the way on which the batch inherits that."""
    return _trace(context, caller, id, Direction.BACK, wanted)


@routes.get(
    "/batches/{id}/trace-forward",
    operation_id="trace_forward",
    summary="What was made of a batch",
    response_model=TraceBody,
    responses=_READING,
)
def trace_forward(id: BatchId, caller: BatchesReader, context: Joined, wanted: Traced) -> Response:
    """As the trace back, the other way. What others made of it is shown to who may see that."""
    return _trace(context, caller, id, Direction.FORWARD, wanted)


def _trace(
    context: Context, caller: Caller, id_: bytes, direction: Direction, wanted: Wanted
) -> Response:
    asked = _Asked(context, caller, wanted)
    lot = asked.batch(id_)
    return asked.answer(service.traced(asked.workspace, asked.sight, lot, direction, asked.asking))


@routes.get(
    "/batches/{id}/custody",
    operation_id="read_custody",
    summary="Through whose hands a batch went",
    response_model=CustodyBody,
    responses=_READING,
)
def custody(id: BatchId, caller: BatchesReader, context: Joined, wanted: Listed) -> Response:
    """Each custodian's books, what is under way, and every act with both of its times. Whole for
    the maker, for who may recall it and for auditors; others see what they are a party to. That
    it was read is in the access log."""
    asked = _Asked(context, caller, wanted)
    lot = asked.batch(id)
    told = service.followed(asked.workspace, asked.sight, lot, asked.asking)
    context.note_access(caller, "batch.custody-read", "0x" + id.hex())
    return asked.answer(told)


@routes.get(
    "/batches/{id}/recall-scope",
    operation_id="recall_scope",
    summary="What a recall of a batch reaches",
    response_model=ScopeBody,
    responses=_READING,
)
def scope(
    id: BatchId,
    caller: BatchesReader,
    context: Joined,
    wanted: Listed,
    also: Annotated[
        str,
        Query(
            max_length=67 * (MOST_ROOTS - 1),
            pattern="^(0x[0-9a-fA-F]{64}(,0x[0-9a-fA-F]{64})*)?$",
            description="Further batches to recall with it: their ids, with commas between.",
            examples=["0x" + "5a" * 32],
        ),
    ] = "",
    reason: Annotated[
        str, Query(max_length=MAX_TEXT, description="Stands in the entries to sign.")
    ] = "",
    document: Annotated[
        Hash | None, Query(description="Hash of the notice; stands in the entries to sign.")
    ] = None,
) -> Response:
    """The batch and everything made of it, with where each is, and the Recall entries that name
    them. Nothing is recalled by asking: sign the entries (all pages') and hand them in, then follow
    the `campaign`. That it was read is in the access log."""
    asked = _Asked(context, caller, wanted)
    lot = asked.batch(id)
    others = [asked.batch(bytes.fromhex(one[2:])) for one in also.split(",") if one]
    told = service.scoped(
        asked.workspace,
        asked.sight,
        lot,
        asked.asking,
        also=others,
        document=document or bytes(32),
        reason=reason,
    )
    for one in (lot, *others):
        context.note_access(caller, "batch.scope-read", "0x" + one.id.hex())
    return asked.answer(told)


@links.get(
    "/01/{gtin}/10/{lot:path}",
    operation_id="digital_link",
    summary="Is this box real, and is it recalled?",
    response_model=DigitalLinkBody,
    responses={**_OK, **problems.responses(404)},
)
async def digital_link(
    request: Request,
    gtin: Annotated[str, Path(max_length=40, description="8, 12, 13 or 14 digits.")],
    lot: Annotated[
        str,
        Path(
            max_length=200,
            description="The batch or lot number; `/21/` and a serial number may follow it.",
        ),
    ],
    context: Joined,
    min_position: MinPosition = None,
) -> Response:
    """Public: the GS1 Digital Link on the box, for programs. 404 says that no such batch is on the
    ledger. Who would rather have a page (by `Accept`) gets one. Attributes in the query (`17`, an
    expiry date, and others) are taken and change nothing."""
    await context.reach(min_position)
    return await _for_programs(request, context)


@links.get("/01/{rest:path}", include_in_schema=False)
async def other_link(request: Request, rest: str, context: Joined) -> Response:
    """The same address with more keys in it."""
    return await _for_programs(request, context)


async def _for_programs(request: Request, context: Context) -> Response:
    """What is answered to programs, refusals too, depends on that they are programs."""
    try:
        answered = await run_in_threadpool(_linked, context, read_link(target_of(request)))
    except SuyuanError as error:
        answered = problems.problem_of(request.scope, error)
    answered.headers["Vary"] = "Accept"
    return answered


def target_of(request: Request) -> str:
    """Path and query as they were sent: escapes in the path are part of what it says."""
    raw = request.scope.get("raw_path") or quote(request.url.path).encode()
    return f"{raw.decode('latin-1')}?{request.url.query}"


def _linked(context: Context, link: Link) -> Response:
    if not link.lot:
        raise RequestError(
            "lot: the link names a product and no batch of it",
            message_zh="lot：该链接只有商品条码，没有批号",
            field="lot",
            code="link.lot",
        )
    asked = _Asked(context, None, Wanted())
    return asked.answer(service.public(asked.workspace, link.gtin, link.lot, asked.asking))
