"""Whether servers answer: asked together, once in a while, for everybody who looks."""

from __future__ import annotations

import asyncio
import socket
import time

from pointsman.config.model import Config
from pointsman.core.errors import Unreachable
from pointsman.dashboard.reachable import Reachability, Reached, Server, reached, servers_of
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import FakeOllamaOnCard


class Asked:
    """A server that counts how often it is asked, and waits until it may answer."""

    def __init__(self) -> None:
        self.times = 0
        self.may = asyncio.Event()

    async def __call__(self) -> str:
        self.times += 1
        await self.may.wait()
        return "version 1"


async def test_everybody_who_looks_gets_the_same_answer_for_ten_seconds() -> None:
    now = [0.0]
    asked = Asked()
    server = Server("Ollama", "http://here", "x", asked)
    found = Reachability(clock=lambda: now[0])
    both = asyncio.gather(found.of([server]), found.of([server]))
    await asyncio.sleep(0)
    asked.may.set()
    assert [list(it) for it in await both] == [[Reached(server, "version 1")]] * 2
    now[0] = 9.0
    await found.of([server])
    assert asked.times == 1
    now[0] = 11.0
    await found.of([server])
    assert asked.times == 2
    await found.of([server, Server("ComfyUI", "http://there", "y")])
    assert asked.times == 3


async def test_what_goes_wrong_is_told_and_never_raised() -> None:
    async def nobody() -> str:
        raise Unreachable("nobody there", cure="start it")

    async def strange() -> str:
        raise RuntimeError("strange")

    assert (await reached(Server("a", "b", "c", nobody))).cure == "start it"
    assert (await reached(Server("a", "b", "c", strange))).problem == "an unforeseen RuntimeError"
    assert await reached(Server("a", "b", "c")) == Reached(Server("a", "b", "c"))


async def test_servers_say_their_versions() -> None:
    async with FakeOllamaOnCard(FakeCard(24 * GIB, time.monotonic)) as ollama, FakeComfyUi() as comfyui:
        model = {"provider": "ollama", "url": ollama.url, "model": "a"}
        config = Config.model_validate(
            {
                "models": {"main": model, "small": {**model, "model": "b"}},
                "images": {"comfyui": {"url": comfyui.url, "enabled": True}},
            }
        )
        servers = servers_of(config)
        assert [(it.kind, it.serves) for it in servers] == [("Ollama", "a, b"), ("ComfyUI", "pictures")]
        found = await Reachability().of(servers)
        assert found[0].said.endswith("nothing in memory")
        assert found[1].said.endswith("its queue is empty")


async def test_a_server_with_openais_api_is_asked_where_it_is_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    here = {"provider": "openai", "url": f"http://127.0.0.1:{port}/v1", "model": "a"}
    far = {"provider": "openai", "url": "http://far.invalid/v1", "model": "b"}
    config = Config.model_validate({"models": {"main": here, "spare": far}, "images": {"comfyui": {"enabled": False}}})
    ours, theirs = servers_of(config)
    assert theirs.ask is None
    assert (await reached(ours)).cure == "start it, or correct its url"
