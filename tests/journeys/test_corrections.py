"""A user whose message went wrong teaches Pointsman, once and for all places, and takes it back."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from tests.forked import command

from pointsman.build import open_router
from pointsman.core.decision import Decision
from pointsman.core.message import Message

# The words of a picture, and nobody wants one.
WRONG = "draw a conclusion, paint me a clear picture of our sales and sketch the next steps"
PAIRS = Path(__file__).resolve().parents[2] / "bench" / "corrections.jsonl"
HANGS = 60


def pointsman(folder: Path, *words: str) -> str:
    """What a command prints, run as a person runs it."""
    environment = os.environ | {"POINTSMAN_STORE": str(folder / "decisions.db")}
    done = subprocess.run(
        [*command(), *words],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def routed(folder: Path, text: str) -> dict[str, Any]:
    return dict(json.loads(pointsman(folder, "route", text, "--json")))


def test_on_the_command_line(tmp_path: Path) -> None:
    wrong = routed(tmp_path, WRONG)
    other = routed(tmp_path, "draw me a cat")
    wanted = "reasoning" if wrong["category"] != "reasoning" else "web_search"
    pointsman(tmp_path, "correct", wrong["id"], wanted)
    right = routed(tmp_path, WRONG.upper())
    assert (right["category"], right["tier"]) == (wanted, "corrections")
    near = routed(tmp_path, f"please {WRONG}")
    assert (near["category"], near["tier"]) == (wanted, "corrections")
    assert routed(tmp_path, "draw me a cat")["category"] == other["category"]
    assert WRONG[:40] in pointsman(tmp_path, "why", near["id"])
    pointsman(tmp_path, "correct", "--undo")
    again = routed(tmp_path, WRONG)
    assert (again["category"], again["tier"]) == (wrong["category"], wrong["tier"])
    assert pointsman(tmp_path, "correct", "--list") == ""


class Gateway:
    """`pointsman serve`, in a process of its own."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, method: str, path: str, **content: object) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=HANGS)
        connection.request(method, path, json.dumps(content) if content else None)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return dict(answer)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    process = subprocess.Popen(
        [*command(), "serve", "--no-page", "--port", "0"],
        env=os.environ | {"POINTSMAN_STORE": str(tmp_path / "decisions.db")},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        port = next((found[1] for line in process.stderr if (found := re.search(r"listening on \S+:(\d+) ", line))), "")
        assert port, "it did not start"
        yield Gateway(int(port))
    finally:
        process.kill()
        process.communicate()


def test_in_a_gateway_that_is_running_while_the_command_line_teaches(gateway: Gateway, tmp_path: Path) -> None:
    wrong = gateway.ask("POST", "/v1/route", text=WRONG)
    wanted = "reasoning" if wrong["category"] != "reasoning" else "web_search"
    pointsman(tmp_path, "correct", wrong["id"], wanted)
    assert gateway.ask("POST", "/v1/route", text=f"{WRONG}!")["category"] == wanted
    undone = gateway.ask("DELETE", f"/v1/decisions/{wrong['id']}/correction")
    assert undone["correction"]["category"] == wanted
    assert gateway.ask("POST", "/v1/route", text=WRONG)["category"] == wrong["category"]
    seen = gateway.ask("POST", f"/v1/decisions/{wrong['id']}/correction", category=wanted, preview=True)
    assert WRONG in {flip["text"] for flip in seen["flips"]}
    gateway.ask("POST", f"/v1/decisions/{wrong['id']}/correction", category=wanted)
    assert routed(tmp_path, WRONG)["category"] == wanted


async def test_near_repeats_follow_a_correction_and_look_alikes_hardly_ever_do() -> None:
    """The bar is set for the shipped encoder; another one needs another: see bench/corrections.py."""
    followed, misled = [], []
    async with open_router(store=False) as router:

        async def corrected(text: str) -> bool:
            decision: Decision = await router.decide(Message(text))
            return decision.tier == "corrections"

        for row in map(json.loads, PAIRS.read_text(encoding="utf-8").splitlines()):
            await router.teach(row["said"], row["category"])
            followed += [await corrected(text) for text in row["repeats"]]
            misled += [await corrected(text) for text in row["look_alikes"]]
            await router.undo()
    assert sum(followed) >= 0.85 * len(followed)
    assert sum(misled) <= 0.06 * len(misled)


async def test_right_corrections_of_some_messages_leave_others_as_they_were() -> None:
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    plain = [
        "hello there",
        "thanks a million",
        "see you tomorrow",
        "draw me a red fox in the snow",
        "what is the capital of Peru?",
        "what's the weather in Lisbon tomorrow?",
        "remember that my dog is called Rex",
        "what's 23*19?",
        "tell me a joke about cats",
        "which is heavier, a kilo of feathers or a pound of lead?",
    ]
    async with open_router(store=False) as router:
        before = [(await router.decide(Message(text))).category for text in plain]
        for row in rows:
            await router.teach(row["said"], row["category"])
        assert [(await router.decide(Message(text))).category for text in plain] == before
