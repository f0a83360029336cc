"""A concrete model of an Ollama: its own bytes, as they come, and nothing of ours in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.http.ollama.speaking import MAIN, SMALL, House, house

from pointsman.testing.clouds import StreamTrouble, Trouble
from pointsman.testing.ollama import Pace

HELLO = [{"role": "user", "content": "say <something> & ünusual"}]
BODIES: list[tuple[str, dict[str, Any]]] = [
    ("chat", {"messages": HELLO}),
    ("chat", {"messages": HELLO, "stream": False, "options": {"num_ctx": 2048, "top_k": 3}, "keep_alive": "90s"}),
    ("chat", {"messages": HELLO, "format": "json", "something": ["new", None]}),
    ("chat", {"messages": HELLO, "think": True}),
    ("chat", {"messages": HELLO, "keep_alive": 0}),
    ("chat", {"messages": []}),
    ("generate", {"prompt": "def f(", "suffix": ")", "raw": True, "system": "x", "keep_alive": -1}),
    ("generate", {"prompt": ""}),
    ("generate", {"prompt": "once", "keep_alive": "soon"}),
]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all of them, as opening what decides takes a second."""
    async with house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.mark.parametrize(("route", "body"), BODIES)
async def test_the_answer_and_the_request_are_as_they_are(at: House, route: str, body: Any) -> None:
    asked = {"model": SMALL, **body}
    through = await at.through.post(f"/api/{route}", json=asked)
    direct = await at.direct.post(f"/api/{route}", json=asked)
    # It may be warm by then, which takes less of its time.
    assert timeless(through.text) == timeless(direct.text)
    assert (through.status_code, through.headers["content-type"]) == (
        direct.status_code,
        direct.headers["content-type"],
    )
    assert at.fake.requests[-2].fields == asked
    assert "x-pointsman-category" not in through.headers


def timeless(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    return [{name: it[name] for name in it if not name.endswith("duration")} for it in found]


async def test_another_name_is_told_to_the_server_as_its_own(at: House) -> None:
    said = await at.through.post("/api/chat", json={"model": "big:latest", "messages": HELLO, "stream": False})
    assert (said.status_code, said.json()["model"]) == (200, MAIN)
    assert at.fake.requests[-1].fields["model"] == MAIN


async def test_the_first_piece_does_not_wait_for_the_second(tmp_path: Path) -> None:
    more = asyncio.Event()
    waited = 0

    async def sleep(_: float) -> None:
        nonlocal waited
        waited += 1
        if waited > 1:
            await more.wait()

    async with house(tmp_path, pace=Pace(piece=1.0), sleep=sleep) as at:
        lines = await at.client.chat(SMALL, HELLO, stream=True)
        first = await anext(lines)
        assert first.message.content
        assert not more.is_set()
        more.set()
        assert [it async for it in lines][-1].done


async def test_errors_keep_their_status_and_their_words(at: House) -> None:
    for body in (
        {"model": "all-minilm", "messages": HELLO},
        {"model": SMALL, "messages": HELLO, "think": True},
        {"model": SMALL, "messages": HELLO, "format": "xml"},
    ):
        through, direct = [await it.post("/api/chat", json=body) for it in (at.through, at.direct)]
        assert through.status_code >= 400
        assert (through.status_code, through.content) == (direct.status_code, direct.content)


async def test_a_server_that_breaks_off_is_told_as_an_error(at: House) -> None:
    at.fake.troubles.script(StreamTrouble("break", after=1))
    *_, last = (await at.through.post("/api/chat", json={"model": SMALL, "messages": HELLO})).text.splitlines()
    assert "error" in json.loads(last)
    at.fake.troubles.script(Trouble("reset_before_headers"))
    said = await at.through.post("/api/chat", json={"model": SMALL, "messages": HELLO})
    assert said.status_code in {502, 503}
    assert isinstance(said.json()["error"], str)


async def test_downloads_go_to_the_first_ollama_line_by_line(at: House) -> None:
    told = [it.status async for it in await at.client.pull(SMALL, stream=True)]
    assert (told[0], told[-1]) == ("pulling manifest", "success")
    assert (await at.client.pull("auto")).status == "success"
    through, direct = [await it.post("/api/pull", json={"model": "nothing"}) for it in (at.through, at.direct)]
    assert through.content == direct.content
    assert [it.path for it in at.fake.requests].count("/api/pull") == 3


async def test_an_ollama_that_is_down_is_told_in_the_dialect(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        await at.fake.__aexit__(None)
        said = await at.through.post("/api/chat", json={"model": SMALL, "messages": HELLO})
        assert said.status_code == 503
        assert "start it with `ollama serve`" in said.json()["error"]
        listed = (await at.through.get("/api/tags")).json()["models"]
        assert [it["name"] for it in listed] == ["auto:latest"]
        assert (await at.through.get("/api/ps")).json() == {"models": []}
        assert (await at.through.get("/api/version")).json() == {"version": "0.12.0"}
