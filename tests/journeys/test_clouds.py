"""Somebody with keys asks on the command line: who decides, who takes over, and what is remembered of who failed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pointsman.build import open_router
from pointsman.core.message import Attachment, Message, Origin, Turn
from pointsman.testing.clouds import FakeCloudflare, FakeGroq, FakeHuggingFace, Trouble

FLASH, OMNI = "@cf/cloudflare/clef-flash", "@cf/cloudflare/clef-omni"
Tiers = Sequence[Mapping[str, Any]]


async def test_what_nobody_here_is_sure_of_is_decided_by_a_service_and_why_says_so(
    person: Any, cloudflare: FakeCloudflare, unsure: list[str]
) -> None:
    cloudflare.decide = lambda *_: "web_search"
    person.set_up(cloudflare)
    made = await person.route(unsure[0])
    assert (made["category"], made["path"], made["tier"]) == ("web_search", "llm+tools", "cloud")
    assert made["reason"] == f"cloudflare ({FLASH}) gives web_search 0.97"
    (asked,) = cloudflare.requests
    assert asked.fields["state"] == unsure[0]
    assert made["reason"] in (await person.run("why")).stdout
    said = (await person.run("quota")).stdout
    assert "1 left this machine today" in said


async def test_what_is_sure_here_asks_nobody(person: Any, cloudflare: FakeCloudflare) -> None:
    person.set_up(cloudflare)
    assert (await person.route("draw me a cat"))["category"] == "image_generation"
    assert cloudflare.requests == []


async def test_when_the_neurons_end_the_next_service_decides_and_the_first_rests(
    person: Any, cloudflare: FakeCloudflare, groq: FakeGroq, unsure: list[str]
) -> None:
    groq.decide = lambda _, options: options[0]
    person.set_up(cloudflare, groq)
    cloudflare.neurons.spend(10_000)
    first = await person.route(unsure[0])
    assert (
        "cloudflare: the account's neurons of the day are used up (HTTP 429); groq (openai/gpt-oss-20b)"
        in (first["cloud"])
    )
    again = await person.route(unsure[1])
    assert re.match(r"cloudflare: quota exhausted until .*\d\d:\d\d UTC; groq \(openai/gpt-oss-20b\)", again["cloud"])
    assert [made["tier"] for made in (first, again)] == ["cloud", "cloud"]
    assert (len(cloudflare.requests), len(groq.requests)) == (1, 2)
    assert "cloudflare: not asked until" in (await person.run("quota")).stdout


async def test_when_all_fail_the_local_answer_stands(
    person: Any, cloudflare: FakeCloudflare, groq: FakeGroq, huggingface: FakeHuggingFace, unsure: list[str]
) -> None:
    fakes = (cloudflare, groq, huggingface)
    person.set_up(*fakes)
    alone = await person.route(unsure[0], ROUTER_USE_CLOUD="false")
    assert all(fake.requests == [] for fake in fakes)
    cloudflare.troubles.set(Trouble("error", name="quota_4006"))
    groq.troubles.set(Trouble("error", name="request_too_large"))
    huggingface.troubles.set(Trouble("error", name="credits_402"))
    made = await person.route(unsure[0])
    assert (made["category"], made["tier"], made["confidence"]) == (alone["category"], "fallback", alone["confidence"])
    assert [made["cloud"].count(f"{fake}: ") for fake in ("cloudflare", "groq", "huggingface")] == [1, 1, 1]
    # Those whose quota is gone are not asked again; it is another message that the third may take.
    assert (await person.route(unsure[1]))["tier"] == "fallback"
    assert [len(fake.requests) for fake in fakes] == [1, 2, 1]


async def test_a_wrong_key_is_told_once_with_its_cure_and_nobody_tries_it_again(
    person: Any, groq: FakeGroq, remote_only: Tiers, unsure: list[str]
) -> None:
    person.set_up(groq, tiers=remote_only)
    groq.key = "gsk_another"
    first = await person.run("route", unsure[0])
    assert "groq: refuses the key" in first.stdout
    assert first.stderr.count("groq") == 1
    again = await person.run("route", unsure[1])
    assert again.stderr == ""
    assert "groq: refused the key; not asked until the configuration changes" in again.stdout
    assert len(groq.requests) == 1
    assert "gsk_" not in first.stdout + first.stderr + again.stdout
    assert "groq: key refused: set GROQ_API_KEY anew" in (await person.run("quota")).stdout
    doctor = json.loads((await person.run("doctor", "--json", exits=1)).stdout)["findings"]
    assert ("groq", "failed", "set GROQ_API_KEY anew") in [(it["check"], it["grade"], it["cure"]) for it in doctor]
    assert len(groq.requests) == 1


async def test_another_key_is_tried_at_once(person: Any, groq: FakeGroq, remote_only: Tiers, unsure: list[str]) -> None:
    person.set_up(groq, tiers=remote_only)
    groq.key = "gsk_another"
    assert (await person.route(unsure[0]))["tier"] == "fallback"
    made = await person.route(unsure[0], GROQ_API_KEY="gsk_another")
    assert (made["tier"], len(groq.requests)) == ("cloud", 2)


async def test_a_model_that_is_gone_leaves_its_place_to_the_next_and_one_line_in_the_log(
    person: Any, cloudflare: FakeCloudflare, remote_only: Tiers, unsure: list[str]
) -> None:
    person.set_up(cloudflare, tiers=remote_only)
    del cloudflare.models[FLASH]
    first = await person.run("route", unsure[0])
    assert f"cloudflare ({OMNI}) gives" in first.stdout
    (line,) = first.stderr.splitlines()
    assert FLASH in line
    again = await person.run("route", unsure[1])
    assert f"cloudflare ({OMNI}) gives" in again.stdout
    assert again.stderr == ""
    assert [asked.path.rpartition("/run/")[2] for asked in cloudflare.requests] == [FLASH, OMNI, OMNI]


async def test_what_is_private_in_a_message_is_hidden_from_a_service_and_not_from_oneself(
    person: Any, cloudflare: FakeCloudflare, remote_only: Tiers
) -> None:
    private = ("ada@example.org", "+32 470 12 34 56", "gsk_" + "9aB" * 17)
    text = f"write to {private[0]} or call {private[1]} about the boat, {private[2]} opens it"
    person.set_up(cloudflare, tiers=remote_only)
    made = await person.route(text)
    (asked,) = cloudflare.requests
    sent = asked.body.decode()
    assert not [part for part in private if part in sent]
    assert "about the boat" in sent
    assert json.loads((await person.run("why", made["id"], "--json")).stdout)["text"] == text


async def test_a_message_is_all_that_is_sent_of_a_person(
    person: Any, cloudflare: FakeCloudflare, groq: FakeGroq, remote_only: Tiers
) -> None:
    file = person.set_up(cloudflare, groq, tiers=remote_only)
    cloudflare.troubles.set(Trouble("error", name="quota_4006"))
    message = Message(
        "so what about the other one",
        (Turn("user", "what ada said before"), Turn("assistant", "what it answered")),
        (Attachment("image/png", "https://pictures.example/ada.png", "ada.png"),),
        Origin("discord", user="ada-17", channel="channel-4", session="session-9"),
    )
    async with open_router(file) as router:
        made = await router.decide(message)
    assert made.tier == "cloud"
    assert len(cloudflare.requests) == len(groq.requests) == 1
    for asked in (*cloudflare.requests, *groq.requests):
        sent = asked.body.decode() + str(dict(asked.headers)) + asked.path
        assert message.text in sent
        assert not [word for word in ("ada", "channel-4", "session-9", "answered", "discord", made.id) if word in sent]


@pytest.mark.parametrize("legacy", [False, True], ids=["today's shape", "the old shape"])
async def test_a_model_that_compares_descriptions_decides(
    person: Any, huggingface: FakeHuggingFace, remote_only: Tiers, unsure: list[str], legacy: bool
) -> None:
    huggingface.legacy = legacy
    huggingface.decide = lambda _, labels: next(label for label in labels if label == "web search")
    person.set_up(huggingface, tiers=remote_only)
    made = await person.route(unsure[0])
    assert (made["category"], made["tier"]) == ("web_search", "cloud")
    assert made["reason"] == "huggingface (facebook/bart-large-mnli) gives web_search 0.97"
    labels = huggingface.requests[0].fields["parameters"]["candidate_labels"]
    assert len(set(labels)) == len(labels) == 10
    assert not any("_" in label for label in labels)
