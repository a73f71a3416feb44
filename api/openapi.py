"""The OpenAPI document: what FastAPI finds, and what all endpoints have in common."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.entries.schemas import ENTRY_SCHEMAS
from api.evidence import schemas as evidence
from api.problems import Problem
from api.routing import LANGUAGE, LANGUAGES

_DESCRIPTION: Final = """\
Whether a supplier may be bought from, answered from a ledger of signed entries.

* **Verdicts** are decided by a versioned policy from what the ledger knew at an instant, kept, and
  can be made again.
* **Batches** are traced both ways, from the box to the raw material and to every hand. What a token
  may not see of an answer is left out and counted in `withheld`; what a page leaves out for its
  size or depth is said by `more`.
* **Entries** are signed by those who state them, with their own keys; the service only carries
  them. No private key ever comes here.
* **Two clocks**: `at` is for when, `known_at` as known when. Every answer says on how many ledger
  entries it stands (`Suyuan-Ledger-Position`); `min_position` waits for at least so many.
* **Failures** are problems (RFC 9457) in English or Chinese (`Accept-Language`, `lang`), with a
  stable `code` and the `field` to mend.
"""

_LANGUAGE: Final[dict[str, Any]] = {
    "name": LANGUAGE,
    "in": "query",
    "required": False,
    "description": "Language of messages; before Accept-Language.",
    "schema": {"type": "string", "enum": list(LANGUAGES)},
}


def install(app: FastAPI) -> None:
    """Let the app answer ``/openapi.json`` with the whole document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"] = problem
    schemas.update(ENTRY_SCHEMAS)
    schemas[evidence.NAME] = evidence.component()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in made["paths"].values():
        for operation in path.values():
            operation.setdefault("parameters", []).append(_LANGUAGE)
    return made
