"""Requests by name on a card that Pointsman owns: what loads, what does not, and who is sent away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.http.ollama.speaking import MAIN, SMALL, House, house

from pointsman.http.app import create_app
from pointsman.http.gate import Gate
from pointsman.testing.ollama import Limits, Pace

HELLO = [{"role": "user", "content": "hello there"}]
PIECE = 1.0


class Stuck:
    """A pause before every piece that lasts until `go`; `reached` is set when somebody waits in it."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.reached = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """The pause."""
        if seconds == PIECE:
            self.reached.set()
            await self.go.wait()


async def until(met: Any) -> None:
    async with asyncio.timeout(20):
        while not met():  # noqa: ASYNC110 - servers tell nobody
            await asyncio.sleep(0.01)


async def away(at: House) -> None:
    """Sends every model away."""
    for name in list(at.fake.residency.runners):
        await at.client.generate(name, keep_alive=0)


async def loaded(at: House, name: str) -> str:
    """Loads a model, and waits until the owner of the card has seen what it takes; the reason of the answer."""
    reason = (await at.client.generate(name)).done_reason or ""
    owner = at.router.card
    assert owner is not None
    await until(lambda: [it.used for it in owner.snapshot().cards] == [at.fake.card.used])
    return reason


def uses(at: House) -> int:
    """How many hold a lease of the card now."""
    assert at.router.card is not None
    return sum(it.users for it in at.router.card.snapshot().tenants)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all of them, as opening what decides takes a second."""
    async with house(tmp_path_factory.mktemp("house"), owned=True) as opened:
        yield opened


async def test_looking_loads_nothing_and_asking_loads_once(at: House) -> None:
    before = at.fake.residency.counts.loads
    for path in ("/", "/api/version", "/api/tags", "/api/ps"):
        assert (await at.through.get(path)).status_code == 200
    for body in ({"model": SMALL}, {"model": "nobody"}):
        await at.through.post("/api/show", json=body)
    await at.through.post("/api/pull", json={"model": SMALL})
    await at.through.post("/api/generate", json={"model": SMALL, "keep_alive": 0})
    assert at.fake.residency.counts.loads == before
    asks: list[dict[str, Any]] = [{"messages": HELLO}, {"messages": []}, {"messages": HELLO, "options": {"seed": 1}}]
    for ask in asks:
        said = await at.through.post("/api/chat", json={"model": SMALL, **ask})
        assert said.status_code == 200
    assert at.fake.residency.counts.loads == before + 1
    assert (await at.through.post("/api/embed", json={"model": "all-minilm", "input": "x"})).status_code == 200
    assert at.fake.residency.counts.loads == before + 2


@pytest.mark.parametrize("name", [SMALL, MAIN, "big"])
async def test_unloading_frees_the_card_and_is_answered_as_ollama_answers_it(at: House, name: str) -> None:
    await away(at)
    assert await loaded(at, name) == "load"
    loads = at.fake.residency.counts.loads
    assert at.fake.card.used > 0
    said = await at.client.generate(name, keep_alive=0)
    assert (said.done, said.done_reason, said.response) == (True, "unload", "")
    assert at.fake.residency.runners == {}
    await until(lambda: at.fake.card.used == 0)
    again = await at.client.chat(name, [], keep_alive="0m")
    assert (again.message.role, again.done_reason) == ("assistant", "unload")
    assert at.fake.residency.counts.loads == loads


async def test_a_model_in_use_is_not_torn_away_and_goes_when_it_has_answered(tmp_path: Path) -> None:
    stuck = Stuck()
    async with house(tmp_path, owned=True, pace=Pace(piece=PIECE), sleep=stuck.sleep) as at:
        answering = asyncio.create_task(at.client.chat(SMALL, HELLO))
        await stuck.reached.wait()
        assert (await at.client.generate(SMALL, keep_alive=0)).done_reason == "unload"
        assert SMALL in at.fake.residency.runners
        stuck.go.set()
        assert "hello there" in ((await answering).message.content or "")
        await until(lambda: at.fake.residency.runners == {})


async def test_unloading_auto_frees_what_is_idle(at: House) -> None:
    await loaded(at, SMALL)
    assert (await at.client.generate("auto", keep_alive=0)).done_reason == "unload"
    await until(lambda: at.fake.residency.runners == {})


async def test_hanging_up_gives_the_lease_back(tmp_path: Path) -> None:
    stuck = Stuck()
    async with house(tmp_path, owned=True, pace=Pace(piece=PIECE), sleep=stuck.sleep, limits=Limits(parallel=1)) as at:
        body = f'{{"model": "{SMALL}", "messages": [{{"role": "user", "content": "x"}}]}}'
        head = f"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", at.through.base_url.port or 0)) as wire:
            wire.sendall((head + body).encode())
            await stuck.reached.wait()
            assert uses(at) == 1
        await until(lambda: at.fake.in_flight == 0 and uses(at) == 0)
        stuck.go.set()
        assert (await at.client.chat(SMALL, HELLO)).done


async def test_unloading_takes_a_key_that_may(at: House) -> None:
    from pointsman.config.server import Server

    server = Server.model_validate({"keys": {"friend": {"key": "a-friend's-key", "scopes": ["use"]}}})
    app = create_app(at.router, close_router=False, gate=Gate.of(server))
    transport = httpx.ASGITransport(app=app)
    headers = {"authorization": "Bearer a-friend's-key"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as friend:
        assert (await friend.post("/api/chat", json={"model": SMALL, "messages": HELLO})).status_code == 200
        for body in ({"model": SMALL, "keep_alive": 0}, {"model": "auto", "keep_alive": "0s"}):
            refused = await friend.post("/api/generate", json=body)
            assert (refused.status_code, list(refused.json())) == (403, ["error"])
        assert SMALL in at.fake.residency.runners
