"""Correcting decisions over HTTP: previewed, applied, undone, and told apart from what cannot be."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pointsman.core.correction import Correction
from pointsman.core.message import Message
from pointsman.stores.memory import MemoryStore
from pointsman.stores.sqlite import SqliteStore

Send = Callable[..., Any]


@pytest.fixture
def teachable(start: Any) -> Any:
    return start(teachable=True)


def route(post: Send, gateway: Any, text: str) -> dict[str, Any]:
    return dict(json.loads(post(gateway, "/v1/route", json.dumps({"text": text}).encode()).body))


def correct(post: Send, gateway: Any, decision_id: str, method: str = "POST", **content: object) -> tuple[int, Any]:
    path = f"/v1/decisions/{decision_id}/correction"
    reply = post(gateway, path, json.dumps(content).encode() if content else b"", method=method)
    return reply.status, json.loads(reply.body)


def test_a_correction_is_previewed_applied_and_undone(teachable: Any, post: Send) -> None:
    made = route(post, teachable, "draw the curtains")
    assert made["category"] == "image_generation"
    flip = {
        "decision_id": made["id"],
        "text": "draw the curtains",
        "from": "image_generation",
        "to": "general_chat",
    }
    status, seen = correct(post, teachable, made["id"], category="general_chat", preview=True)
    assert (status, seen["applied"], seen["flips"], seen["conflicts"]) == (200, False, [flip], [])
    assert route(post, teachable, "draw the curtains")["category"] == "image_generation"
    status, done = correct(post, teachable, made["id"][:8], category="general_chat")
    assert (status, done["applied"], done["correction"]["id"]) == (200, True, "k1")
    assert done["correction"]["surface"] == "http"
    assert flip in done["flips"]
    assert route(post, teachable, "draw the curtains!")["tier"] == "corrections"
    status, undone = correct(post, teachable, made["id"], method="DELETE")
    assert (status, undone["correction"]["id"]) == (200, "k1")
    assert undone["correction"]["undone_at"] is not None
    assert [it["to"] for it in undone["flips"]] == ["image_generation"]
    assert route(post, teachable, "draw the curtains")["category"] == "image_generation"


def test_what_contradicts_is_shown(teachable: Any, post: Send) -> None:
    made = route(post, teachable, "draw the curtains")
    correct(post, teachable, made["id"], category="general_chat")
    _, done = correct(post, teachable, made["id"], category="web_search")
    (conflict,) = done["conflicts"]
    assert (conflict["id"], conflict["category"], conflict["similarity"]) == ("k1", "general_chat", 1.0)
    assert conflict["cure"].endswith("pointsman correct --undo k1")
    assert route(post, teachable, "draw the curtains")["category"] == "web_search"


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ({"category": "music"}, "category", "use one of: image_generation, simple_greeting"),
        ({"category": 5}, "category", "valid string"),
        ({"preview": True}, "category", "Field required"),
        ({"category": "web_search", "preview": "yes"}, "preview", "valid boolean"),
        ({"category": "web_search", "text": "another one"}, "text", "was about another text"),
    ],
)
def test_a_wrong_field_is_named(teachable: Any, post: Send, content: dict[str, Any], field: str, words: str) -> None:
    made = route(post, teachable, "draw the curtains")
    status, said = correct(post, teachable, made["id"], **content)
    assert (status, said["error"]["param"]) == (400, field)
    assert words in said["error"]["message"]


def test_decisions_and_corrections_that_are_not_there_are_not_found(teachable: Any, post: Send) -> None:
    for decision_id in ("ffff", "%23"):
        status, said = correct(post, teachable, decision_id, category="web_search")
        assert (status, said["error"]["code"]) == (404, "decision_not_found")
    made = route(post, teachable, "draw the curtains")
    status, said = correct(post, teachable, made["id"], method="DELETE")
    assert (status, said["error"]["code"]) == (404, "correction_not_found")
    status, said = correct(post, teachable, "%23", method="DELETE")
    assert status == 404


def test_a_text_that_is_not_kept_can_be_sent_along(start: Any, post: Send) -> None:
    gateway = start(teachable=True, store=MemoryStore(keep_text=False))
    made = route(post, gateway, "draw the curtains")
    status, said = correct(post, gateway, made["id"], category="general_chat")
    assert status == 400
    assert "is not kept" in said["error"]["message"]
    assert correct(post, gateway, made["id"], category="general_chat", text="draw the curtains")[0] == 200
    assert route(post, gateway, "draw the curtains")["category"] == "general_chat"


def test_a_follow_up_is_not_taught_by_itself(teachable: Any, post: Send) -> None:
    made = asyncio.run(teachable.store.find(route(post, teachable, "yes")["id"]))
    asyncio.run(teachable.store.record(replace(made, tier="followups"), Message("yes")))
    for preview in (True, False):
        status, said = correct(post, teachable, made.id, category="web_search", preview=preview)
        assert (status, said["error"]["code"]) == (400, "invalid_request")
        assert "rests on what was said before it" in said["error"]["message"]
    assert route(post, teachable, "yes")["tier"] == "fallback"


def test_it_needs_the_key(start: Any, post: Send) -> None:
    gateway = start(teachable=True, key="sesame")
    assert correct(post, gateway, "ffff", category="web_search")[0] == 401
    assert correct(post, gateway, "ffff", method="DELETE")[0] == 401


def test_the_description_of_the_interface_names_it(teachable: Any, post: Send) -> None:
    described = json.loads(post(teachable, "/openapi.json", b"", method="GET").body)
    operations = described["paths"]["/v1/decisions/{decision_id}/correction"]
    assert set(operations) == {"post", "delete"}
    schema = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["category"]


def test_what_another_process_writes_counts_in_the_gateway_at_once(start: Any, post: Send, tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    gateway = start(teachable=True, store=SqliteStore(path))
    assert route(post, gateway, "draw the curtains")["category"] == "image_generation"

    async def elsewhere() -> None:
        other = SqliteStore(path)
        await other.learn(Correction("", "draw the curtains", "general_chat"))
        await other.close()

    asyncio.run(elsewhere())
    assert route(post, gateway, "draw the  curtains")["category"] == "general_chat"
    with sqlite3.connect(path) as connection:  # another program altogether
        connection.execute("UPDATE corrections SET undone_at = 1, revision = revision + 1")
    connection.close()
    assert route(post, gateway, "draw the  curtains")["category"] == "image_generation"
