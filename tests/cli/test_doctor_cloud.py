"""What doctor says about services: without asking them, and `--online`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pointsman.build.services import open_services
from pointsman.cli.doctor_cloud import looks_of, of_listing
from pointsman.cli.main import pointsman
from pointsman.cli.serve import sent_away
from pointsman.config.load import load
from pointsman.core.faults import ServiceFailed
from pointsman.providers.label_choice import ChatLabeller
from pointsman.stores.shelf import SqliteShelf
from pointsman.testing.clouds import FakeCloudflare, FakeGroq, FakeOpenAi
from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.tiers.question import Question

QUESTION = Question("The labels: ...\n", "", (), '"a fox"', ("image", "chat"))


def run(*words: str) -> Result:
    return CliRunner().invoke(pointsman, words)


async def test_doctor_online_says_what_is_no_longer_served(tmp_path: Path) -> None:
    async with FakeGroq() as groq, FakeCloudflare() as cloudflare:
        file = tmp_path / "p.yaml"
        file.write_text(
            f"""cloud:
  groq: {{key: gsk_test, url: '{groq.url}', models: [openai/gpt-oss-20b, gone-1]}}
  cloudflare: {{token: wrong, account: {cloudflare.account}, url: '{cloudflare.url}'}}
"""
        )
        offline = await asyncio.to_thread(findings, str(file))
        assert groq.requests == cloudflare.requests == []
        online = await asyncio.to_thread(findings, str(file), "--online")
        assert all(asked.method == "GET" for asked in (*groq.requests, *cloudflare.requests))
    assert ("groq", "warning", "its key has 8 characters, which is too few") in offline
    assert any(
        check == "groq" and grade == "ok" and found.startswith("ready, about ") for check, grade, found in offline
    )
    added = [it for it in online if it not in offline]
    assert [(check, grade) for check, grade, _ in added] == [("cloudflare", "failed"), ("groq", "warning")]
    assert added[0][2].startswith("does not let us in: ")
    assert added[1][2].startswith("no longer serves gone-1; it serves ")


async def test_a_key_that_was_let_in_again_is_asked_again(tmp_path: Path) -> None:
    async with FakeGroq(key="gsk_other") as groq:
        file = tmp_path / "p.yaml"
        file.write_text(f"cloud: {{groq: {{key: gsk_test, url: '{groq.url}'}}}}\nstore: {{path: p.db}}\n")

        async def refusal() -> str:
            services = open_services(load(file).config, SqliteShelf(tmp_path / "p.db"))
            try:
                (service,) = services
                await service.listing()
            except ServiceFailed as failed:
                return f"{failed.kind}{'' if failed.asked else ', not asked'}"
            else:
                return ""
            finally:
                await services.close()

        assert [await refusal(), await refusal()] == ["auth", "auth, not asked"]
        groq.key = "gsk_test"
        assert await refusal() == "auth, not asked"
        await asyncio.to_thread(findings, str(file), "--online")
        assert await refusal() == ""


class Open(FakeOpenAi):
    """A server that gives its list to everybody, as OpenRouter does."""

    async def answer(self, asked: Asked) -> Answer:
        known = {**asked.headers, "authorization": f"Bearer {self.key}"}
        return await super().answer(replace(asked, headers=known) if asked.method == "GET" else asked)


@pytest.mark.parametrize(
    ("kind", "key", "is_asked"), [(FakeOpenAi, "good", True), (Open, "good", False), (Open, "", True)]
)
async def test_a_list_that_is_for_everybody_says_nothing_about_a_key(
    tmp_path: Path, kind: type[FakeOpenAi], key: str, *, is_asked: bool
) -> None:
    async with kind(key="other") as server:
        file = tmp_path / "p.yaml"
        cloud = f"cloud: {{servers: [{{name: lab, url: '{server.url}', models: [m], key: '{key}'}}]}}"
        file.write_text(f"{cloud}\nstore: {{path: p.db}}\n")

        async def refusal() -> str:
            services = open_services(load(file).config, SqliteShelf(tmp_path / "p.db"))
            try:
                (service,) = services
                await ChatLabeller(service.caller, service.spoken).label(QUESTION)
            except ServiceFailed as failed:
                return f"{failed.kind}{'' if failed.asked else ', not asked'}"
            else:
                return ""
            finally:
                await services.close()

        assert await refusal() == "auth"
        server.key = key
        assert await refusal() == "auth, not asked"
        await asyncio.to_thread(findings, str(file), "--online")
        assert (await refusal() == "") is is_asked


def findings(file: str, *words: str) -> list[tuple[str, str, str]]:
    said = json.loads(run("doctor", "--json", "--config", file, *words).stdout)["findings"]
    return [(it["check"], it["grade"], it["found"]) for it in said if it["check"] in {"groq", "cloudflare", "cloud"}]


def test_without_a_service_doctor_says_that_nothing_leaves() -> None:
    assert "no service is set up, so nothing leaves this machine to pick a route" in run("doctor").stdout


@pytest.mark.parametrize(
    ("key", "beginning", "said"),
    [
        ("gsk_" + "x" * 52, "gsk_", ""),
        ("sk-" + "x" * 52, "gsk_", "does not begin with gsk_"),
        ("hf_x", "hf_", "4 characters"),
    ],
)
def test_a_key_that_looks_wrong_is_told_and_not_shown(key: str, beginning: str, said: str) -> None:
    looks = looks_of(key, beginning)
    assert (said in looks) if said else not looks
    assert key not in looks


@pytest.mark.parametrize(
    ("models", "grade"), [(("a", "b"), "ok"), (("a", "c"), "warning"), (("c", "d"), "failed"), (("a:cheapest",), "ok")]
)
def test_a_list_of_models_is_held_against_what_is_configured(models: tuple[str, ...], grade: str) -> None:
    found = of_listing("groq", models, ("a", "b"))
    assert found.grade == grade
    assert ("cloud.groq.models" in found.cure) == (grade != "ok")


def test_serve_says_who_is_sent_what_and_how_to_keep_it_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_away(load().config) == []
    monkeypatch.setenv("GROQ_API_KEY", "gsk_test")
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    (line,) = sent_away(load().config)
    assert "are sent to groq, then huggingface; ROUTER_USE_CLOUD=false keeps them here" in line
    monkeypatch.setenv("ROUTER_USE_CLOUD", "false")
    assert sent_away(load().config) == []
