"""Routers that are passed over at once where a path is not theirs, and whose endpoints refuse query
parameters that they do not know.

A mistyped ``know_at`` that is silently passed over would answer another question than the one
asked, so it is named and refused.
"""

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Match, Route
from starlette.types import Scope

from ledger.errors import RequestError

#: Every endpoint takes the language of its texts.
LANGUAGE: Final = "lang"
LANGUAGES: Final = ("zh", "en")


def _names(dependant: Dependant) -> set[str]:
    found = {p.alias for p in dependant.query_params}
    for inner in dependant.dependencies:
        found |= _names(inner)
    return found


class StrictRoute(APIRoute):
    """Refuses unknown and repeated query parameters before anything is done."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        known = frozenset(_names(self.dependant) | {LANGUAGE})

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                _check(request.scope["query_string"].decode("latin-1"), known)
            return await handler(request)

        return strict


def _check(query: str, known: frozenset[str]) -> None:
    seen: set[str] = set()
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            near = ", ".join(sorted(known))
            raise RequestError(
                f"there is no parameter {name[:40]!r}; there are {near}",
                message_zh=f"没有参数 {name[:40]!r}；可用的有 {near}",
                field=name[:40],
                code="parameter.unknown",
                values={"known": sorted(known)},
            )
        if name in seen:
            raise RequestError(
                f"the parameter {name} stands there twice",
                message_zh=f"参数 {name} 重复",
                field=name,
                code="parameter.repeated",
            )
        if name == LANGUAGE and value not in LANGUAGES:
            raise RequestError(
                f"lang: there are {' and '.join(LANGUAGES)}",
                message_zh=f"lang：可用的有 {'、'.join(LANGUAGES)}",
                field=LANGUAGE,
                code="parameter.lang",
                values={"known": list(LANGUAGES)},
            )
        seen.add(name)


class Routes(APIRouter):
    """The routes of one resource or one family of pages. To try each of all routes takes longer
    than to answer many a request, so a path that begins otherwise is not tried at all."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As of any router."""
        exact, begun = self._paths
        path = scope["path"]
        if path in exact or path.startswith(begun) or scope.get("root_path"):
            return super().matches(scope)
        return Match.NONE, {}

    @cached_property
    def _paths(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The paths without parameters, and what the others begin with. All routes are known before
        the first request."""
        found = [route.path.partition("{") for route in self.routes if isinstance(route, Route)]
        assert len(found) == len(self.routes), "a router in a router"
        exact = frozenset(path for path, mark, _ in found if not mark)
        return exact, tuple({path for path, mark, _ in found if mark})


def router(tag: str, prefix: str = "/v1") -> Routes:
    """A router for one resource; the tag groups it in the OpenAPI document."""
    return Routes(prefix=prefix, tags=[tag], route_class=StrictRoute)
