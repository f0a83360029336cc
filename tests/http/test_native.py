"""Our own routes: decide without acting, look a decision up, say that we are well."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman import __version__
from pointsman.core.message import Attachment, Turn


def ask(gateway: Any, post: Any, content: object) -> Any:
    return post(gateway, "/v1/route", json.dumps(content).encode())


def test_route_answers_with_the_decision_and_its_trace_and_asks_no_model(gateway: Any, post: Any) -> None:
    reply = ask(gateway, post, {"text": "draw a cat", "unknown": "passes"})
    decision = json.loads(reply.body)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert (decision["category"], decision["path"], decision["tier"]) == ("image_generation", "image", "words")
    assert decision["confidence"] == 0.97
    assert decision["slots"] == {"prompt": "draw a cat"}
    assert [line["tier"] for line in decision["trace"]] == ["tasks", "words"]
    assert reply.headers["x-pointsman-decision-id"] == decision["id"]
    assert reply.headers["x-pointsman-confidence"] == "0.9700"
    assert gateway.model.asked == []


def test_history_and_attachments_reach_the_tiers(gateway: Any, post: Any) -> None:
    content = {
        "text": "again",
        "history": [{"role": "user", "text": "draw a cat"}],
        "attachments": [{"media_type": "image/png", "url": "http://127.0.0.1/a.png"}],
    }
    assert ask(gateway, post, content).status == 200
    (message,) = gateway.words.judged
    assert message.history == (Turn("user", "draw a cat"),)
    assert message.attachments == (Attachment("image/png", "http://127.0.0.1/a.png"),)
    assert message.origin.surface == "http"


def test_a_decision_is_found_again_by_its_id_and_its_beginning(gateway: Any, post: Any) -> None:
    made = json.loads(ask(gateway, post, {"text": "hey!"}).body)
    for decision_id in (made["id"], made["id"][:11]):
        found = post(gateway, f"/v1/decisions/{decision_id}", b"", method="GET")
        assert json.loads(found.body) == made
        assert found.headers["x-pointsman-category"] == "simple_greeting"


@pytest.mark.parametrize("decision_id", ["ffffffffffffffff", "%23", "%00", "%ff%fe", "a%0Ab", "x" * 3000])
def test_a_decision_that_is_not_there_is_not_found(gateway: Any, post: Any, decision_id: str) -> None:
    reply = post(gateway, f"/v1/decisions/{decision_id}", b"", method="GET")
    assert reply.status == 404
    assert json.loads(reply.body)["error"]["code"] == "decision_not_found"


def test_health_is_open_and_names_version_and_models(start: Any, post: Any) -> None:
    reply = post(start(), "/healthz", b"", method="GET")
    said = json.loads(reply.body)
    assert said.pop("config")["problem"] == ""
    assert said == {"status": "ok", "version": __version__, "models": ["tiny"]}


def test_strangers_learn_no_more_than_that_it_is_there(start: Any, post: Any) -> None:
    said = json.loads(post(start(key="sesame"), "/healthz", b"", method="GET").body)
    assert said.keys() == {"status", "version"}


def test_the_description_of_the_interface_names_every_route(gateway: Any, post: Any) -> None:
    described = json.loads(post(gateway, "/openapi.json", b"", method="GET").body)
    assert {"/healthz", "/v1/models", "/v1/chat/completions", "/v1/route"} <= set(described["paths"])
    schema = described["paths"]["/v1/route"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["text"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": "a", "history": "b"}, "history"),
        ({"text": "a", "history": [{"role": "robot", "text": "b"}]}, "history.0.role"),
        ({"text": "a", "history": [{"role": "user"}]}, "history.0.text"),
        ({"text": "a", "attachments": [{"url": "b"}]}, "attachments.0.media_type"),
        ({"text": "a", "attachments": [{"media_type": 1}]}, "attachments.0.media_type"),
    ],
)
def test_a_wrong_field_is_named(gateway: Any, post: Any, content: object, field: str) -> None:
    reply = ask(gateway, post, content)
    error = json.loads(reply.body)["error"]
    assert reply.status == 400
    assert (error["param"], error["type"]) == (field, "invalid_request_error")
    assert error["message"].startswith(f"{field}: ")
