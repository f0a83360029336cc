"""A first look around: finds what is there, tells what is not, and never waits long or shows a secret."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.build.firstrun_words import more, port_taken, rows
from pointsman.build.survey import Survey, survey
from pointsman.build.survey_places import Places, places_in
from pointsman.config.model import Config
from pointsman.http.app import create_app
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.clouds.openai import FakeOpenAi
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.comfyui.nodes import Z_IMAGE
from pointsman.testing.live_server import LiveServer
from pointsman.testing.ollama import FakeOllamaOnCard
from pointsman.testing.searxng import FakeSearxng

SECRET = "gsk_this-is-never-shown"


def unused() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def nowhere(**there: object) -> Places:
    """Places where nobody is, but for those that are given."""
    free = f"http://127.0.0.1:{unused()}"
    known = {"ollama": free, "comfyui": free, "searxng": (free,), "openai": ((f"{free}/v1", "vLLM"),), "port": unused()}
    return Places(**(known | there))  # type: ignore[arg-type]


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> FakeCard:
    made = FakeCard(16 * GIB, time.monotonic)
    monkeypatch.setattr(wiring, "open_probe", lambda _: made)
    return made


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """An address that takes connections, and says nothing."""
    over = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        await over.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def gateway() -> AsyncIterator[int]:
    """The port of a Pointsman that runs."""
    async with open_router(Config(), store=False) as router:
        listener = socket.create_server(("127.0.0.1", 0))
        server = LiveServer(uvicorn.Config(create_app(router), log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await asyncio.to_thread(server.up.wait)
        yield listener.getsockname()[1]
        server.should_exit = True
        await task


async def test_everything_is_found_with_what_it_can_do(card: FakeCard) -> None:
    async with (
        FakeOllamaOnCard(card) as ollama,
        FakeComfyUi(card, version="0.27.1") as comfyui,
        FakeSearxng() as searxng,
        FakeOpenAi(key="", models=("m", "n")) as server,
    ):
        places = nowhere(
            ollama=ollama.url, comfyui=comfyui.url, searxng=(searxng.url,), openai=((server.url, "LM Studio"),)
        )
        found = await survey({"GROQ_API_KEY": SECRET, "HF_TOKEN": " "}, places=places)
        loaded = ollama.residency.runners
    models = {it.name: it for it in found.ollama.models}
    assert found.ollama.version == "0.35.2"
    assert models["qwen3:14b"].can == ("chat", "tools")
    assert models["all-minilm:latest"].can == ("embed",)
    assert [models[it].fits for it in ("qwen3:14b", "qwen3:30b")] == [True, False]
    assert [it.name for it in found.ollama.models][:2] == ["qwen3:14b", "qwen3:4b"]
    assert found.ollama.models[-1].name == "qwen3:30b"
    assert (found.comfyui.workflow, found.comfyui.version) == ("z-image-turbo", "0.27.1")
    assert [it.total for it in found.cards] == [16 * GIB]
    assert found.searxng == searxng.url
    assert [(it.kind, it.models[:2]) for it in found.servers] == [("LM Studio", ("m", "n"))]
    assert found.keys == ("GROQ_API_KEY",)
    assert not loaded, "looking loads nothing"
    assert SECRET not in json.dumps(found.to_dict())
    assert all(it.there for it in rows(found) if it.name != "own model")
    assert SECRET not in str(rows(found))


async def test_where_nothing_is_it_says_what_to_install(card: FakeCard) -> None:
    card.blind = True
    found = await survey({}, places=nowhere())
    assert (found.ollama.problem, found.comfyui.problem) == ("nobody listens there",) * 2
    assert (found.servers, found.searxng, found.keys, found.running) == ((), "", (), False)
    assert found.port == found.wanted
    told = {it.name: it for it in rows(found)}
    assert not told["Ollama"].there
    assert "ollama pull qwen3:4b" in told["Ollama"].cure
    assert "COMFYUI_URL" in told["ComfyUI"].cure
    bare = Survey(found.ollama, found.comfyui, extras={"dashboard": False, "search": True})
    assert [it.cure for it in more(bare)] == ["pip install 'pointsman[dashboard]'"]
    assert "pointsman[local]" in {it.name: it for it in rows(bare)}["own model"].cure


async def test_who_says_nothing_is_not_waited_for(card: FakeCard) -> None:
    del card
    async with silent() as url:
        places = nowhere(ollama=url, comfyui=url, searxng=(url,), openai=((f"{url}/v1", "vLLM"),))
        found = await survey({}, places=places, seconds=0.3)
    assert found.ollama.problem == found.comfyui.problem == "did not answer within 0.3 s"
    assert (found.servers, found.searxng) == ((), "")


async def test_something_else_at_a_usual_port_is_not_taken_for_a_server(card: FakeCard) -> None:
    async with FakeComfyUi(card) as comfyui:
        places = nowhere(ollama=comfyui.url, openai=((f"{comfyui.url}/v1", "vLLM"),), searxng=(comfyui.url,))
        found = await survey({}, places=places)
    assert found.ollama.problem
    assert (found.servers, found.searxng, found.ollama.models) == ((), "", ())


async def test_pointsman_itself_is_no_server_of_models(card: FakeCard) -> None:
    del card
    async with gateway() as port:
        url = f"http://127.0.0.1:{port}"
        found = await survey({}, places=nowhere(ollama=url, openai=((f"{url}/v1", "llama-server"),), port=port))
    assert found.running
    assert found.port == port, "the port is its own"
    assert found.servers == ()
    assert "Pointsman itself" in found.ollama.problem


async def test_a_port_that_others_have_is_passed_over(card: FakeCard) -> None:
    del card
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        found = await survey({}, places=nowhere(port=port))
    assert found.port > port
    assert port_taken(found) == f"port {port} is taken here, so Pointsman takes {found.port}"


@pytest.mark.parametrize(
    ("version", "gone", "workflow"),
    [
        ("0.27.1", (), "z-image-turbo"),
        ("0.27.1", ("z_image_turbo_bf16.safetensors",), "z-image-turbo-int8"),
        ("0.8.0", ("z_image_turbo_bf16.safetensors",), ""),
        ("0.27.1", ("ae.safetensors",), ""),
    ],
)
async def test_the_workflow_is_one_that_comfyui_has_all_for(
    card: FakeCard, version: str, gone: tuple[str, ...], workflow: str
) -> None:
    models = {folder: {it: size for it, size in held.items() if it not in gone} for folder, held in Z_IMAGE.items()}
    async with FakeComfyUi(card, version=version, models=models) as comfyui:
        found = await survey({}, places=nowhere(comfyui=comfyui.url))
    assert found.comfyui.workflow == workflow
    assert any(gone[0] in it for it in found.comfyui.missing) is not bool(workflow) if gone else True
    (told,) = [it for it in rows(found) if it.name == "ComfyUI"]
    assert told.there
    assert bool(told.cure) is not bool(workflow)


def test_the_environment_says_where_to_look() -> None:
    told = {"OLLAMA_HOST": "box:1", "COMFYUI_URL": "http://box:2", "SEARXNG_URL": "http://box:3", "POINTSMAN_PORT": "4"}
    found = places_in(told)
    assert (found.ollama, found.comfyui, found.searxng, found.port) == (
        "http://box:1", "http://box:2", ("http://box:3",), 4,
    )  # fmt: skip
    assert places_in({"POINTSMAN_PORT": "nonsense"}) == Places()
