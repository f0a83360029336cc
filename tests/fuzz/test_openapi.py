"""A small run of what `python -m tests.fuzz.openapi` does at length, and that it finds what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import httpx
import pytest
from tests.fuzz.house import Fuzzed, running
from tests.fuzz.openapi import fuzzed, lines

SEED = 7


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    with running(tmp_path_factory.mktemp("fuzz")) as house:
        yield house


def test_answers_keep_to_the_document(house: Fuzzed) -> None:
    found = fuzzed(house, 100, SEED)
    assert not found.faults, "\n".join(lines(found, 0))
    assert found.total >= 100
    assert len({label for label, _ in found.answers}) == sum(len(it) for it in house.document["paths"].values())


@pytest.mark.parametrize("calls", [1.5, True, "x", {"a": 1}])
def test_calls_that_are_no_list_are_the_callers_mistake(house: Fuzzed, calls: object) -> None:
    """A run found an internal error here, for a model of an Ollama."""
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "tool_calls": calls}]
    for model in ("qwen3:4b", "auto"):
        answer = httpx.post(f"{house.url}/v1/chat/completions", json={"model": model, "messages": messages}, timeout=30)
        assert answer.status_code == 400, answer.text


def test_what_the_document_does_not_say_is_found(house: Fuzzed) -> None:
    """A status that it leaves out, and a shape that is another."""
    document = deepcopy(house.document)
    paths = {path: document["paths"][path] for path in ("/v1/models/{name}", "/v1/route")}
    del paths["/v1/models/{name}"]["get"]["responses"]["404"]
    paths["/v1/route"]["post"]["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "array"}
    found = fuzzed(replace(house, document={**document, "paths": paths}), 40, SEED)
    assert sorted(found.faults) == [
        "GET /v1/models/{name}: 404: Undocumented status code",
        "POST /v1/route: 200: Response violates schema",
    ]
