"""A router whose endpoints refuse query parameters that they do not know.

A mistyped ``know_at`` that is silently passed over would answer another question than the one
asked, so it is named and refused.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

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


def router(tag: str, prefix: str = "/v1") -> APIRouter:
    """A router for one resource; the tag groups it in the OpenAPI document."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)
