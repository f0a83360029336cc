"""Without a key nothing leaves this machine; with keys only that which nobody here is sure of, and nothing private."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from pointsman.build import open_router
from pointsman.core.decision import Decision
from pointsman.core.message import Message, Origin
from pointsman.engine.router import Router
from pointsman.http.app import create_app

KEYS = {
    "GROQ_API_KEY": "gsk_" + "x" * 52,
    "HF_TOKEN": "hf_" + "x" * 34,
    "CLOUDFLARE_API_TOKEN": "x" * 40,
    "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef",
}
HOSTS = ("api.cloudflare.com", "api.groq.com", "router.huggingface.co")
LABELLED = Path(__file__).resolve().parents[2] / "labelled"
HANGS = 60
SURE = ("draw me a red fox in the snow", "hey!", "thanks a million", "what's 23*19?", "remember that I have a dog")


def varied() -> list[str]:
    """Some 200 messages of all kinds, in several languages, with attempts to steer the router among them."""
    texts = []
    for name in ("messages", "languages", "injections", "conversations"):
        lines = (LABELLED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        texts += [json.loads(line)["text"] for line in lines[:: max(1, len(lines) // 50)]]
    return texts


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


class TestWithoutAKey:
    async def test_two_hundred_decisions_are_made_here(self, guard: Any, unsure: list[str]) -> None:
        texts = [*varied(), *unsure]
        with guard.up() as attempts:
            async with open_router(store=False) as router:
                await router.warm()
                decisions = await router.decide_many([Message(text) for text in texts])
                assert list(await router.services()) == []
        assert len(decisions) >= 200
        assert sum(made.tier == "fallback" for made in decisions) >= len(unsure)
        assert not {line.tier for made in decisions for line in made.trace} & {"cloud", "cache"}
        assert attempts == []

    @pytest.mark.parametrize(
        "words",
        [
            ("route", "show me how it looks"),
            ("ask", "hello there"),
            ("ask", "what's 23*19?"),
            ("quota",),
            ("config", "check"),
            ("doctor",),
            ("doctor", "--online"),  # there is nobody to ask
        ],
        ids=" ".join,
    )
    def test_commands(self, person: Any, guarded: dict[str, str], words: tuple[str, ...]) -> None:
        person.run_now(*words, variables=guarded)
        assert not (person.folder / "attempts").exists(), (person.folder / "attempts").read_text()

    @pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the [local] extra is not installed")
    async def test_a_reply_of_the_small_model_that_comes_along(self, person: Any, guarded: dict[str, str]) -> None:
        done = await person.run("ask", "--quiet", "name one colour", variables=guarded)
        assert done.stdout.strip()
        assert not (person.folder / "attempts").exists()

    async def test_the_gateway(self, guard: Any, unsure: list[str]) -> None:
        with guard.up() as attempts:
            app = create_app(open_router(store=False))
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                for text in (*SURE, *unsure):
                    assert (await client.post("/v1/route", json={"text": text})).status_code == 200
                said = {"model": "auto", "messages": [{"role": "user", "content": "hello there"}]}
                assert (await client.post("/v1/chat/completions", json=said)).status_code == 200
                assert (await client.get("/v1/quota")).json() == {"services": []}
                assert (await client.get("/v1/models")).status_code == 200
        assert attempts == []

    def test_the_page_and_the_gateway_as_a_process(self, tmp_path: Path, guarded: dict[str, str]) -> None:
        with served(tmp_path, guarded) as (port, _):
            assert b"Pointsman</title>" in asked(port, "GET", "/")
            decided = json.loads(asked(port, "POST", "/v1/route", '{"text": "show me how it looks"}'))
            assert decided["path"]
            assert json.loads(asked(port, "GET", "/v1/quota")) == {"services": []}
        assert not (tmp_path / "attempts").exists()


class TestWithKeys:
    async def test_switched_off_nothing_is_asked(
        self, guard: Any, keys: None, monkeypatch: pytest.MonkeyPatch, unsure: list[str]
    ) -> None:
        monkeypatch.setenv("ROUTER_USE_CLOUD", "false")
        with guard.up() as attempts:
            async with open_router(store=False) as router:
                await router.warm()
                assert {(await said(router, text)).tier for text in unsure} == {"fallback"}
        assert attempts == []

    async def test_warming_and_what_is_sure_send_nothing(self, guard: Any, keys: None) -> None:
        with guard.up() as attempts:
            async with open_router(store=False) as router:
                await router.warm()
                decisions = [await said(router, text) for text in SURE]
                assert [it.service for it in await router.services()] == ["cloudflare", "groq", "huggingface"]
        assert not {made.tier for made in decisions} & {"fallback", "cloud"}
        assert attempts == []

    async def test_direct_messages_and_surfaces_that_are_switched_off_stay_here(
        self, guard: Any, keys: None, person: Any, unsure: list[str]
    ) -> None:
        file = person.set_up(cloud={"privacy": {"surfaces": {"discord": False}}})
        direct, elsewhere = Origin("discord", user="u1", channel="c1", direct=True), Origin("discord", user="u1")
        with guard.up() as attempts:
            async with open_router(file) as router:
                private = [await router.decide(Message(text, origin=direct)) for text in unsure]
                other = [await router.decide(Message(text, origin=elsewhere)) for text in unsure]
        assert {(made.tier, cloud_line(made)) for made in private} == {("fallback", "direct messages stay here")}
        assert {(made.tier, cloud_line(made)) for made in other} == {("fallback", "messages from discord stay here")}
        assert attempts == []

    async def test_what_looks_like_something_to_remember_stays_here(self, guard: Any, keys: None, person: Any) -> None:
        # So high a bar that no local tier is ever sure.
        tiers = [{"kind": "classifier", "accept": 1, "accept_by_category": {}}, {"kind": "cache"}, {"kind": "cloud"}]
        file = person.set_up(tiers=tiers)
        with guard.up() as attempts:
            async with open_router(file) as router:
                made = await said(router, "remember that my dog is called Rex and that I am allergic to nuts")
        assert (made.tier, cloud_line(made)) == ("fallback", "what looks like memory_operation stays here")
        assert attempts == []

    async def test_what_is_unsure_is_what_would_be_sent(self, guard: Any, keys: None, unsure: list[str]) -> None:
        """The other side: the guard stands in the way that messages take, and without a network there is an answer."""
        with guard.up() as attempts:
            async with open_router(store=False) as router:
                made = await said(router, unsure[0])
        assert [host for host in HOSTS if any(host in attempt for attempt in attempts)] == list(HOSTS)
        assert not any(text in attempt for attempt in attempts for text in (unsure[0], *KEYS.values()))
        assert made.tier == "fallback"
        assert all(f"{name}: cannot be reached" in cloud_line(made) for name in ("cloudflare", "groq", "huggingface"))

    async def test_commands_that_only_tell_ask_nobody(self, keys: None, person: Any, guarded: dict[str, str]) -> None:
        for words in (("quota",), ("config", "check"), ("doctor",), ("route", "draw me a cat")):
            await person.run(*words, variables=guarded)
        assert not (person.folder / "attempts").exists()

    def test_the_page_and_the_gateway_start_without_asking_and_say_who_will_be(
        self, keys: None, tmp_path: Path, guarded: dict[str, str]
    ) -> None:
        with served(tmp_path, guarded) as (port, lines):
            asked(port, "GET", "/")
            asked(port, "POST", "/v1/route", '{"text": "draw me a cat"}')
            assert len(json.loads(asked(port, "GET", "/v1/quota"))["services"]) == 3
        assert any("sent to cloudflare, then groq, then huggingface; ROUTER_USE_CLOUD=false" in it for it in lines)
        assert not (tmp_path / "attempts").exists()


async def said(router: Router, text: str) -> Decision:
    return await router.decide(Message(text))


def cloud_line(made: Decision) -> str:
    """What the cloud stage said."""
    (reason,) = [line.verdict.reason for line in made.trace if line.tier == "cloud"]
    return reason


def asked(port: int, method: str, path: str, body: str | None = None) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=HANGS)
    try:
        connection.request(method, path, body, {"Accept": "text/html, application/json"})
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()
    finally:
        connection.close()


class served:  # noqa: N801 - a context manager that is used like a function
    """`pointsman serve` in a process of its own: its port, and what it said until it listened."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self._folder = folder
        self._variables = variables

    def __enter__(self) -> tuple[int, list[str]]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pointsman", "serve", "--port", "0"],
            env={**os.environ, **self._variables},
            cwd=self._folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines = list(until_it_listens(self._process))
        return int(re.findall(r"http://127\.0\.0\.1:(\d+) ", lines[-1])[0]), lines

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def until_it_listens(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stderr is not None
    for line in process.stderr:
        yield line
        if "listening on" in line:
            return
