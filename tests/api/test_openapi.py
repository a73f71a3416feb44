"""The OpenAPI document is what the service does: generated requests, valid and not, say so."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans, just
from jsonschema_rs import validator_for
from schemathesis.config import SchemathesisConfig

from api.access import CallerRole, Scope
from ledger.demo import MASK_LOT
from tests.api.test_verdicts import question
from tests.support.ledger import key
from tests.support.service import Service, identity


def _operations(service: Service) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in service.app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_every_operation_has_a_stable_id_a_summary_and_its_failures(service: Service) -> None:
    seen = set()
    for path, method, operation in _operations(service):
        where = f"{method} {path}"
        assert operation["operationId"] not in seen, where
        seen.add(operation["operationId"])
        assert operation["summary"], where
        assert operation["description"], where
        for status in ("422", "500", "503"):
            problem = operation["responses"][status]["content"]
            assert list(problem) == ["application/problem+json"], where
            assert problem["application/problem+json"]["example"]["code"], where


def test_every_operation_that_needs_a_token_says_which_scope(service: Service) -> None:
    public = {
        *("/health", "/v1/catalogue", "/v1/ledger", "/v1/evidence/schema"),
        "/01/{gtin}/10/{lot}",
        *("/v1/anchors", "/v1/checkpoints", "/v1/checkpoints/latest", "/v1/checkpoints/{block}"),
        *("/v1/checkpoints/{block}/consistency", "/v1/checkpoints/{block}/evidence"),
    }
    for path, method, operation in _operations(service):
        if path in public:
            assert "security" not in operation, path
        else:
            [scheme] = operation["security"]
            assert set(scheme["token"]) <= set(Scope), f"{method} {path}"
            assert {"401", "403"} <= set(operation["responses"]), f"{method} {path}"


def test_every_example_fits_its_schema(service: Service) -> None:
    document = service.app.openapi()
    checked = 0
    for path, method, operation in _operations(service):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for media in body.get("content", {}).values():
                schema = {**media.get("schema", {}), "components": document["components"]}
                for example in [media["example"]] if "example" in media else []:
                    errors = list(validator_for(schema).iter_errors(example))
                    assert not errors, (method, path, errors)
                    checked += 1
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", []):
            whole = {**schema, "components": document["components"]}
            assert not list(validator_for(whole).iter_errors(example)), name
            checked += 1
    assert checked > 60


#: Refusals of what is well-formed and yet cannot be: an unknown category, a day before 1970.
_MEANT = ["2xx", "401", "403", "404", "409", "413", "422", "503"]


def _exercise(service: Service, role: CallerRole, examples: int) -> None:
    config = SchemathesisConfig.from_dict(
        {
            "auth": {"openapi": {"token": {"bearer": service.tokens[role]}}},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": _MEANT},
                # Asked for entries that are not there yet, it says so after a while (R14).
                "not_a_server_error": {"expected-statuses": ["2xx", "4xx", "503"]},
            },
        }
    )

    async def running(scope: Any, receive: Any, send: Any) -> None:
        # It runs already: its beginning and end are not the generator's.
        if scope["type"] == "lifespan":
            for said in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{said}.complete"})
        else:
            await service.app(scope, receive, send)

    schema = schemathesis.openapi.from_asgi("/openapi.json", running, config=config)
    chosen = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    known = _known(service)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        for mode in schemathesis.GenerationMode:

            @chosen
            @given(case=operation.as_strategy(mode), real=booleans(), fits=just(mode.is_positive))
            def run(case: Any, real: bool, fits: bool) -> None:
                if fits:
                    _point_at_something(service, case, known, real)
                response = case.call()
                case.validate_response(response)
                if response.status_code == 503:
                    assert response.json()["code"] == "position.not-reached"

            run()


def _known(service: Service) -> dict[str, str]:
    """What there is, by the beginning of its path: most generated ids name nothing."""
    buyer = CallerRole.PROCUREMENT
    held = service.get(f"/v1/suppliers/{identity('baize')}/qualifications", buyer).json()
    kept = service.post("/v1/documents", buyer, json="a document")
    return {
        "/v1/suppliers/": identity("baize"),
        "/v1/qualifications/": held["qualifications"][0]["id"],
        "/v1/verdicts/": service.post("/v1/verdicts", buyer, json=question()).json()["id"],
        "/v1/entries/": "7",
        "/v1/documents/": kept.json()["hash"],
        "/v1/accounts/": "0x" + key("mirror").address.hex(),
        "/v1/registers/": "niosh-n95",
        "/v1/batches/": "0x" + MASK_LOT.id.hex(),
    }


def _campaign(service: Service) -> str:
    [recall] = [e for e in service.workspace.index.by_subject(MASK_LOT.id) if e.action == "Recall"]
    campaign = recall["campaign"]
    assert isinstance(campaign, bytes)
    return "0x" + campaign.hex()


def _point_at_something(service: Service, case: Any, known: dict[str, str], real: bool) -> None:
    if case.path.startswith("/v1/tokens/"):
        # Never the token that is asked with.
        case.path_parameters = {"id": 2**40}
    if case.path == "/v1/verdicts":
        # Needed where the verdict is to be kept, which the document can only say in words.
        case.headers = {"Idempotency-Key": "generated", **(case.headers or {})}
    if not real:
        return
    for beginning, name in known.items():
        if case.path.startswith(beginning + "{"):
            case.path_parameters = dict.fromkeys(case.path_parameters, name)
    if case.path.startswith("/v1/batches/campaigns/"):
        case.path_parameters = {"campaign": _campaign(service)}
    if case.path.startswith("/01/"):
        case.path_parameters = {"gtin": f"{MASK_LOT.gtin:014d}", "lot": MASK_LOT.lot}
    if case.path.startswith("/v1/registers/"):
        case.query = {**(case.query or {}), "mirror": identity("mirror")}
    if case.path == "/v1/verdicts" and isinstance(case.body, dict):
        case.body |= {"organisation": identity("baize"), "category": "mask.surgical"}


@pytest.mark.parametrize("role", [CallerRole.PROCUREMENT, CallerRole.AUDITOR, CallerRole.OPERATOR])
def test_generated_requests_find_nothing_that_the_document_does_not_say(
    service: Service, role: CallerRole, deep: bool
) -> None:
    _exercise(service, role, 200 if deep else 5)
