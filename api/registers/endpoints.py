"""Mirrored registers, one mirror at a time."""

from typing import Annotated, Any, Final

from fastapi import Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import PlainValidator, WithJsonSchema

from api import problems
from api.auth import SuppliersReader
from api.context import Joined
from api.parameters import MinPosition
from api.registers import service
from api.registers.schemas import RegisterBody
from api.routing import router
from api.wire import POSITION_HEADERS, OrganisationId, answer
from ledger import recalls
from ledger.registers import REGISTERS

routes = router("registers")

#: Every register that can be mirrored.
_NAMES: Final = (*REGISTERS, recalls.REGISTER)


def _register(value: Any) -> str:
    if value not in _NAMES:
        raise ValueError(f"must be one of {', '.join(_NAMES)}")
    return str(value)


RegisterName = Annotated[
    str,
    PlainValidator(_register),
    WithJsonSchema({"type": "string", "enum": list(_NAMES)}),
    Path(description="The register's name, without its prefix."),
]


@routes.get(
    "/registers/{register}",
    operation_id="read_register",
    summary="What a mirror has stated of a register",
    response_model=RegisterBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403, 404)},
)
async def read(
    register: RegisterName,
    caller: SuppliersReader,
    context: Joined,
    mirror: Annotated[OrganisationId, Query(description="The mirror's organisation.")],
    min_position: MinPosition = None,
) -> Response:
    """Whole, as it stands now: whoever imports the register's next publication compares with it.

    Nothing is paged, for a comparison with a part would find the rest to be missing.
    """
    await context.reach(min_position)
    found = await run_in_threadpool(service.read, context, caller, register, mirror)
    return answer(found, found.ledger.position)
