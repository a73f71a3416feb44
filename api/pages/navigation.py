"""Where a reader may go: the places of the service, for those who can do something there."""

from dataclasses import dataclass
from typing import Final

from api.access import Caller, CallerRole, Scope
from ledger.typed_data import hexed

_ALL: Final = frozenset(CallerRole)
_READERS: Final = _ALL - {CallerRole.OPERATOR}
_REVIEWING: Final = frozenset({CallerRole.ISSUER, CallerRole.AUDITOR})
_SUPPLIERS: Final = frozenset({CallerRole.SUPPLIER})


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation; ``name`` is the key of its word, ``here`` whether it is open."""

    path: str
    name: str
    here: bool


#: Path, word, and who finds something there; {own} is the reader's organisation.
_PLACES: Final = (
    ("/", "place.search", _READERS),
    ("/suppliers/{own}", "place.standing", _SUPPLIERS),
    ("/reviews", "place.submissions", _SUPPLIERS),
    ("/reviews", "place.reviews", _REVIEWING),
    ("/recalls", "place.recalls", _READERS),
    ("/audit", "place.audit", frozenset({CallerRole.AUDITOR})),
    ("/accesses", "place.accesses", frozenset({CallerRole.AUDITOR})),
    ("/staff", "place.staff", frozenset({CallerRole.OPERATOR})),
    ("/verify", "place.verify", _READERS),
    ("/guides", "place.guides", _ALL),
)


def places(caller: Caller | None, here: str) -> list[Place]:
    """The places of this reader; without one only what is open to everybody."""
    if caller is None:
        return [Place("/guides", "place.guides", _within(here, "/guides"))]
    own = hexed(caller.organisation)
    found = ((path.format(own=own), name) for path, name, roles in _PLACES if caller.role in roles)
    return [Place(target, name, _within(here, target)) for target, name in found]


def start_of(caller: Caller) -> str:
    """Where somebody begins who asked for nothing in particular."""
    return "/staff" if Scope.SUPPLIERS_READ not in caller.scopes else "/"


def _within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(place + "/"))
