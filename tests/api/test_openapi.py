"""The OpenAPI document is what the service does: generated requests, valid and not, say so."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import validator_for
from schemathesis.config import SchemathesisConfig

from api.access import CallerRole, Scope
from tests.support.service import Service


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
    public = {"/health", "/v1/catalogue", "/v1/ledger"}
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
    schema = schemathesis.openapi.from_asgi("/openapi.json", service.app, config=config)
    chosen = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    for operation in (found.ok() for found in schema.get_all_operations()):
        for mode in schemathesis.GenerationMode:

            @chosen
            @given(case=operation.as_strategy(mode))
            def run(case: Any) -> None:
                response = case.call()
                case.validate_response(response)
                if response.status_code == 503:
                    assert response.json()["code"] == "position.not-reached"

            run()


@pytest.mark.parametrize("role", [CallerRole.PROCUREMENT, CallerRole.AUDITOR, CallerRole.OPERATOR])
def test_generated_requests_find_nothing_that_the_document_does_not_say(
    service: Service, role: CallerRole, deep: bool
) -> None:
    _exercise(service, role, 200 if deep else 8)
