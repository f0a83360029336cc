"""The OpenAPI document is true: every route is in it, each with its errors, and each example works."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi.routing import APIRoute
from tests.fuzz.house import Fuzzed, opened

from pointsman.http.openapi import completed
from pointsman.http.operations import OPERATIONS

HIDDEN = re.compile(r"/api/(delete|copy|create|push|blobs/.*)|/v1/completions")
# Routes that are not well in this house: nothing was warmed up, and nothing was started from a file.
ELSEWHERE = {("GET", "/readyz"): 503, ("POST", "/v1/config/reload"): 400}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Fuzzed]:
    async with opened(tmp_path) as house:
        yield house


def operations_in(document: Any) -> dict[tuple[str, str], Any]:
    """Every operation of a document."""
    return {
        (method.upper(), path): told for path, methods in document["paths"].items() for method, told in methods.items()
    }


def resolved(document: Any, schema: Any) -> Any:
    """A schema whose references lead somewhere."""
    return {**schema, "components": document["components"]}


async def test_every_operation_is_described(house: Fuzzed) -> None:
    told = operations_in(house.document)
    assert told.keys() == OPERATIONS.keys()
    for (method, path), operation in told.items():
        assert len(operation["description"]) > 10, path
        assert operation["summary"] == OPERATIONS[method, path].summary
        assert {"200", "401", "403", "503"} <= operation["responses"].keys()
        dialect = "OllamaError" if path.startswith("/api/") else "Error"
        (error,) = operation["responses"]["401"]["content"].values()
        assert error["schema"]["$ref"].endswith(f"/{dialect}")
        if method == "POST" and "requestBody" in operation:
            body = operation["requestBody"]["content"]["application/json"]
            jsonschema_rs.validate(resolved(house.document, body["schema"]), body["example"])
            assert {"400", "413"} <= operation["responses"].keys()
        open_to_all = path in {"/healthz", "/readyz"} or path.startswith("/v1/pictures/")
        assert ("security" in operation) is not open_to_all


async def test_every_example_works(house: Fuzzed) -> None:
    async with httpx.AsyncClient(base_url=house.url, timeout=30) as client:
        drawn = await client.post("/v1/images/generations", json={"prompt": "a fox"})
        link = httpx.URL(drawn.json()["data"][0]["url"])
        known = {"/v1/pictures/{name}": link.raw_path.decode()}
        await client.post(f"/v1/decisions/{house.decision}/correction", json={"category": "general_chat"})
        for (method, path), told in operations_in(house.document).items():
            named = {"{decision_id}": house.decision, "{name}": "auto", "{owner}": "discord:80351110224678912"}
            address = known.get(path) or reduce(lambda it, name: it.replace(*name), named.items(), path)
            body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            answer = await client.request(method, address, json=body)
            assert answer.status_code == ELSEWHERE.get((method, path), 200), (path, answer.text)
            response = told["responses"][str(answer.status_code)]["content"]
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in response, path
            if kind == "application/json":
                jsonschema_rs.validate(resolved(house.document, response[kind]["schema"]), answer.json())


def test_parts_of_schemas_go_where_references_lead() -> None:
    schema = {"$defs": {"Part": {"type": "string"}}, "properties": {"part": {"$ref": "#/$defs/Part"}}}
    content = {"application/json": {"schema": schema}}
    document = {"paths": {"/none": {"post": {"requestBody": {"content": content}, "responses": {}}}}}
    whole = completed(document)
    assert whole["components"]["schemas"]["Part"] == {"type": "string"}
    told = whole["paths"]["/none"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert told == {"properties": {"part": {"$ref": "#/components/schemas/Part"}}}
    assert "$defs" in schema, "the document that was given stays as it is"


def test_no_route_is_left_out(gateway: Any) -> None:
    routes = [it for it in gateway.app.routes if getattr(it, "methods", None)]
    documented = {path for _, path in OPERATIONS}
    for route in routes:
        path = re.sub(r":path}", "}", route.path)
        known = path in documented or HIDDEN.fullmatch(path) or path == "/openapi.json"
        assert known, f"{path} is not in the document"
    assert any(isinstance(it, APIRoute) for it in routes)
