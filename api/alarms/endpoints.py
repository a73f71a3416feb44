from fastapi import Response

from api import problems
from api.alarms import service
from api.alarms.schemas import CompromiseList, OpenAlarmList
from api.auth import Auditor
from api.context import Joined
from api.routing import router
from api.wire import POSITION_HEADERS, answer

routes = router("alarms")


@routes.get(
    "/alarms",
    operation_id="list_open_alarms",
    summary="Open alarms of the whole ledger",
    response_model=OpenAlarmList,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403)},
)
def open_alarms(caller: Auditor, context: Joined) -> Response:
    """Documents and numbers that two parties use and no auditor has settled, the newest first."""
    found = service.open_alarms(context)
    return answer(found, found.ledger.position)


@routes.get(
    "/compromises",
    operation_id="list_compromises",
    summary="Keys that were declared bad",
    response_model=CompromiseList,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403)},
)
def compromises(caller: Auditor, context: Joined) -> Response:
    """What rests on each of them is told by `/v1/accounts/{address}/dependents`."""
    found = service.compromises(context)
    return answer(found, found.ledger.position)
