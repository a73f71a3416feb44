"""Staff accounts for tests, with passwords that cost nothing to check."""

from typing import Final

from api.access import CallerRole
from api.staff.oidc import OpenIdConnect
from api.staff.passwords import Hashing
from api.staff.service import Staff, Visit
from ledger.workspace import Workspace

#: As cheap as argon2id gets: nothing is protected by it.
CHEAP: Final = Hashing(time_cost=1, memory_cost=8, parallelism=1)
#: Everybody's.
PASSWORD: Final = "nine carved pebbles under a bridge"
_HERE: Final = Visit("127.0.0.1", "tests")


def staff_of(workspace: Workspace) -> Staff:
    """Staff of a ledger, beside the service's own: what is done here, that one believes to be
    otherwise for up to a second."""
    nobody_else = OpenIdConnect((), "", lambda: workspace.clock())
    return Staff(workspace.store, workspace.index, lambda: workspace.clock(), CHEAP, nobody_else)


def account(workspace: Workspace, organisation: bytes, role: CallerRole, person: str) -> str:
    """The login name of somebody of the organisation in the role, who has :data:`PASSWORD`."""
    staff = staff_of(workspace)
    login = f"{role}.{organisation.hex()[:16]}"
    if workspace.store.staff.by_login(login) is None:
        invited = staff.create(organisation, person, role, login, None)
        staff.choose_password(invited.secret, PASSWORD, _HERE)
    return login
