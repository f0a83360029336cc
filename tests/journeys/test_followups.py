"""A talk goes on: through the command line, through the OpenAI endpoint, and on labelled conversations."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.forked import command

from pointsman.core.message import Message, Turn
from pointsman.engine.router import Router
from pointsman.http.app import create_app

LABELLED = Path(__file__).resolve().parents[2] / "labelled" / "conversations.jsonl"
ATTACKS = LABELLED.with_name("injections.jsonl")
TALK = [("user", "draw a cat on a skateboard"), ("assistant", "![a cat](cat.png)")]


def test_the_command_line_refines_a_picture(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "text": "draw a cat on a skateboard"},
        {"id": 2, "text": "now in blue", "history": [{"role": role, "text": text} for role, text in TALK]},
        {
            "id": 3,
            "text": "what's the capital of peru",
            "history": [{"role": role, "text": text} for role, text in TALK],
        },
    ]
    done = subprocess.run(
        [*command(), "route", "-", "--jsonl"],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    first, refined, other = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["category"], first["slots"]["prompt"]) == ("image_generation", "a cat on a skateboard")
    assert (refined["category"], refined["tier"]) == ("image_generation", "followups")
    assert refined["slots"]["prompt"] == "a cat on a skateboard, in blue"
    assert other["path"] == "llm"


async def test_the_openai_endpoint_refines_a_picture(router: Router) -> None:
    messages: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in TALK]
    messages.append({"role": "user", "content": "now in blue"})
    transport = httpx.ASGITransport(app=create_app(router))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        reply = await client.post("/v1/chat/completions", json={"model": "auto", "messages": messages})
    assert reply.status_code == 200
    assert reply.headers["x-pointsman-category"] == "image_generation"
    assert reply.headers["x-pointsman-tier"] == "followups"
    assert "a cat on a skateboard, in blue" in reply.json()["choices"][0]["message"]["content"]


async def test_a_search_is_asked_anew_and_the_trace_says_so(router: Router) -> None:
    history = (Turn("user", "weather in london"), Turn("assistant", "12 degrees."))
    decision = await router.decide(Message("and in Paris?", history=history))
    assert (decision.category, decision.slots) == ("web_search", {"query": "weather in Paris"})
    assert decision.reason == 'asks further after "weather in london"'


@pytest.mark.parametrize(
    ("said", "offer", "slots"),
    [
        ("hi", "Shall I draw you a fox?", {"prompt": "a fox"}),
        ("hi", "I can make a picture of your cat. Want it?", {"prompt": "your cat"}),
        ("hi", "Want me to draw him?", {"prompt": ""}),
        ("who won the match in Bree", "Should I search for it?", {"query": "who won the match in Bree"}),
        ("hi", "Zal ik je een vos tekenen?", {"prompt": "een vos"}),
    ],
)
async def test_a_yes_takes_the_thing_that_was_offered(
    router: Router, said: str, offer: str, slots: dict[str, str]
) -> None:
    decision = await router.decide(Message("yes", history=(Turn("user", said), Turn("assistant", offer))))
    assert decision.slots == slots


async def test_thanks_for_an_answer_are_thanks(router: Router) -> None:
    history = (Turn("user", "what is the capital of Peru"), Turn("assistant", "Lima."))
    said = ["great, thanks!", "ok thanks", "yes thank you", "perfect, thank you so much", "ok merci", "vale, gracias"]
    decisions = [await router.decide(Message(text, history=history)) for text in said]
    assert [decision.category for decision in decisions] == ["simple_thanks"] * len(said)


async def test_what_is_learned_of_a_message_counts_for_its_follow_ups_at_once(router: Router) -> None:
    text = "the opening hours of the town hall in Bree"
    repeated = Message("again", history=(Turn("user", text), Turn("assistant", "Done.")))
    before = (await router.decide(repeated)).category
    wanted = "reasoning" if before != "reasoning" else "web_search"
    await router.teach(text, wanted)
    taught = await router.decide(repeated)
    assert (taught.category, taught.tier) == (wanted, "followups")
    await router.undo()
    assert (await router.decide(repeated)).category == before


async def test_an_attack_in_an_earlier_turn_makes_no_picture(router: Router) -> None:
    rows = [json.loads(line) for line in ATTACKS.read_text(encoding="utf-8").splitlines()]

    async def path_after(text: str) -> str:
        history = (Turn("user", text), Turn("assistant", "Done."))
        return (await router.decide(Message("again", history=history))).path

    paths = [(await path_after(row["text"]), await path_after(row["plain"])) for row in rows if row["attack"]]
    assert not [path for path, plain in paths if path == "image" != plain]
    assert sum(path != plain for path, plain in paths) <= 0.02 * len(paths)


async def test_labelled_conversations(router: Router) -> None:
    rows = [json.loads(line) for line in LABELLED.read_text().splitlines() if line]
    counts: Counter[str] = Counter()
    for row in rows:
        history = tuple(Turn(turn["role"], turn["text"]) for turn in row["history"])
        decision = await router.decide(Message(row["text"], history=history))
        counts["wrong path"] += decision.path != router.catalogue.path_of(row["category"])
        if not row["follows"]:
            counts["alone"] += 1
            counts["inherited"] += decision.tier == "followups" and decision.category != row["category"]
    assert counts["wrong path"] <= 0.05 * len(rows)
    assert counts["inherited"] <= 0.03 * counts["alone"]
