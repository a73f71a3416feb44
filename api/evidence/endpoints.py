from typing import Annotated, Any, Final

from fastapi import Depends, Query, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import BatchesReader, EntriesReader, SuppliersReader, VerdictsReader
from api.context import Joined
from api.entries.endpoints import EntryReference
from api.evidence import service
from api.evidence.schemas import EXAMPLE, NAME
from api.evidence.service import Evidence, Wanted
from api.parameters import DEFAULT_ZONE, MinPosition, Zone, known_until
from api.routing import router
from api.wire import BatchId, Hash, Moment, OrganisationId, interval_of
from ledger.evidence.schema import schema_bytes
from ledger.provenance.tracing import Direction
from ledger.question import MAX_TEXT
from ledger.vocabulary import Clock

routes = router("evidence")

_FILE: Final[dict[str, Any]] = {
    "description": "The evidence: canonical JSON, to be kept byte for byte",
    "headers": {
        "Content-Disposition": {
            "description": "The name of the file.",
            "schema": {"type": "string"},
        }
    },
    "content": {
        "application/json": {
            "schema": {"$ref": f"#/components/schemas/{NAME}"},
            "example": EXAMPLE,
        }
    },
}


def _responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {200: _FILE, **problems.responses(401, 403, 404, *statuses)}


Witnesses = Annotated[
    bool, Query(description="With the countersignatures that the checkpoint has up to now.")
]


async def _wanted(
    context: Joined,
    at: Annotated[
        Moment | None,
        Query(
            description="For which instant or day (of a trace: nothing that happened later); "
            "default: the instant of `known_at` (of a trace: everything)."
        ),
    ] = None,
    known_at: Annotated[
        Moment | None,
        Query(
            description="As known at which instant, or by the end of which day; default: as of "
            "the checkpoint, which has every entry that is readable now."
        ),
    ] = None,
    clock: Annotated[
        Clock,
        Query(
            description="`recorded`: known is what was on this ledger. `published`: what a "
            "mirrored register had published counts too."
        ),
    ] = Clock.RECORDED,
    zone: Zone = DEFAULT_ZONE,
    min_position: MinPosition = None,
) -> Wanted:
    await context.reach(min_position)
    return Wanted(
        None if at is None else interval_of(at, zone, "at"),
        None if known_at is None else known_until(context.now(), known_at, zone),
        clock,
    )


Asking = Annotated[Wanted, Depends(_wanted)]


def file_of(evidence: Evidence) -> Response:
    """The evidence as a file to keep."""
    name = f"suyuan-{evidence.of}.json"
    return Response(
        evidence.raw,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@routes.get(
    "/entries/{id}/evidence",
    operation_id="take_entry_evidence",
    summary="Evidence of an entry",
    response_class=Response,
    responses=_responses(409),
)
async def entry(
    id: EntryReference,
    caller: EntriesReader,
    context: Joined,
    witnesses: Witnesses = False,
    min_position: MinPosition = None,
) -> Response:
    """The entry as it was signed, and that it is in the log: to be checked without this service.

    Of an entry that was accepted and, its deadline being past, was not recorded: that it was not,
    with the receipt. Nobody else's entry is in it, whatever was recorded together with it.
    """
    await context.reach(min_position)
    if service.is_at_hand(context, id, witnesses):
        # Quicker than a thread is asked to do it.
        return file_of(service.entry(context, caller, id, witnesses))
    return file_of(await run_in_threadpool(service.entry, context, caller, id, witnesses))


@routes.get(
    "/suppliers/{id}/evidence",
    operation_id="take_standing_evidence",
    summary="Evidence of where a supplier stands",
    response_class=Response,
    responses=_responses(),
)
def standing(
    id: OrganisationId,
    caller: SuppliersReader,
    context: Joined,
    category: Annotated[
        str,
        Query(
            min_length=1,
            max_length=MAX_TEXT,
            description="For which category.",
            examples=["mask.surgical"],
        ),
    ],
    wanted: Asking,
    model: Annotated[
        str, Query(max_length=MAX_TEXT, description="For which model; empty: for the category.")
    ] = "",
    witnesses: Witnesses = False,
) -> Response:
    """Every entry that bears on it, with proof that none was left out up to `known_at`."""
    return file_of(service.standing(context, caller, id, category, model, wanted, witnesses))


@routes.get(
    "/qualifications/{id}/evidence",
    operation_id="take_qualification_evidence",
    summary="Evidence that a qualification was not withdrawn",
    response_class=Response,
    responses=_responses(),
)
async def qualification(
    id: Hash,
    caller: SuppliersReader,
    context: Joined,
    entry: Annotated[
        int | None,
        Query(ge=0, le=2**53 - 2, description="How it stood when this entry was recorded, the "
        "entry included; default: as of now."),
    ] = None,
    at: Annotated[
        int | None,
        Query(ge=0, lt=2**40 - 1, description="For which instant (seconds since 1970, UTC); "
        "default: the entry's recording."),
    ] = None,
    witnesses: Witnesses = False,
    min_position: MinPosition = None,
) -> Response:  # fmt: skip
    """Its whole history up to there: whoever relied on it then can show what it was then. A later
    suspension is no part of it; who asks again gets that, too."""
    await context.reach(min_position)
    return file_of(
        await run_in_threadpool(service.qualification, context, caller, id, entry, at, witnesses)
    )


@routes.get(
    "/batches/{id}/evidence",
    operation_id="take_trace_evidence",
    summary="Evidence of a whole trace",
    response_class=Response,
    responses=_responses(),
)
def trace(
    id: BatchId,
    caller: BatchesReader,
    context: Joined,
    wanted: Asking,
    direction: Annotated[
        Direction, Query(description="`back`: what it was made of. `forward`: what was made of it.")
    ] = Direction.BACK,
    witnesses: Witnesses = False,
) -> Response:
    """Everything that the trace rests on, in one file: the whole histories of its lots, with where
    they went. So it is for auditors, for who may recall any batch, and for who is a party to all
    of it. That it was taken is in the access log."""
    return file_of(service.trace(context, caller, id, direction, wanted, witnesses))


@routes.get(
    "/verdicts/{id}/evidence",
    operation_id="take_verdict_evidence",
    summary="Evidence of a verdict",
    response_class=Response,
    responses=_responses(409),
)
def verdict(
    id: Hash, caller: VerdictsReader, context: Joined, witnesses: Witnesses = False
) -> Response:
    """Question, policy and everything that its checks rest on. Where lots were offered, it is for
    who may see all of their custody."""
    return file_of(service.verdict(context, caller, id, witnesses))


@routes.get(
    "/evidence/schema",
    operation_id="read_evidence_schema",
    summary="The form of evidence",
    response_class=Response,
    responses={
        200: {
            "description": "A JSON Schema (2020-12) with every field explained",
            "content": {"application/schema+json": {"schema": {"type": "object"}}},
        },
        **problems.responses(),
    },
)
async def schema() -> Response:
    """Public. The page `/evidence` shows the same to people."""
    return Response(schema_bytes(), media_type="application/schema+json")
