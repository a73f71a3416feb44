"""A mirrored register read from the index."""

from api.access import Caller, EntryRecord, may_see
from api.context import Context
from api.problems import not_found
from api.registers.schemas import RegisterBody
from api.wire import Position
from ledger.importing.holdings import register_state


def read(context: Context, caller: Caller, register: str, mirror: bytes) -> RegisterBody:
    """What the mirror has stated of the register: nothing, as long as it has imported nothing."""
    position = context.position
    index = context.workspace.index
    # It is made of recorded entries of the mirror, so who may read those may read this.
    visible = may_see(caller, EntryRecord(mirror, frozenset(), True))
    if not visible or index.organisation(mirror) is None:
        raise not_found("the mirror", "该镜像机构", "mirror", code="mirror.unknown")
    state = register_state(index, mirror, register)
    return RegisterBody(**state.to_json(), ledger=Position(position=position))
