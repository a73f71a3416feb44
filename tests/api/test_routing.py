"""Routers that pass over what is not theirs answer as if each route had been tried."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.routing import Routes


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = Routes(prefix="/things")

    @routes.get("")
    def all_of_them() -> str:
        return "all"

    @routes.get("/new")
    def new() -> str:
        return "new"

    @routes.get("/{name}/parts")
    def parts(name: str) -> str:
        return f"parts of {name}"

    at_the_top = Routes()

    @at_the_top.get("/{word}")
    def word(word: str) -> str:
        return f"the word {word}"

    app = FastAPI()
    for router in (routes, at_the_top):
        app.include_router(router)
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/things", "all"),
        ("/things/new", "new"),
        ("/things/x/parts", "parts of x"),
        ("/thingsnew", "the word thingsnew"),
        ("/other", "the word other"),
    ],
)
def test_a_path_finds_its_route(client: TestClient, path: str, told: str) -> None:
    assert client.get(path).json() == told


def test_what_is_nobodys_is_not_found(client: TestClient) -> None:
    assert client.get("/things/x").status_code == 404
    assert client.get("/").status_code == 404


def test_another_method_is_refused_and_a_slash_too_many_leads_on(client: TestClient) -> None:
    refused = client.post("/things/x/parts")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    led = client.get("/things/new/", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (307, "http://testserver/things/new")


def test_a_service_below_a_path_of_another_server_finds_its_routes(client: TestClient) -> None:
    below = TestClient(client.app, root_path="/suyuan")
    assert below.get("/suyuan/things/x/parts").json() == "parts of x"
