"""llama-server in router mode: loading with its progress, unloading, and every way in which that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pointsman.core.errors import ModelFailed, OutOfMemory, PointsmanError, UnknownModel, Unreachable
from pointsman.gpu.backend import Backend, Loaded
from pointsman.gpu.want import Rung
from pointsman.providers.llamacpp.router import LlamaRouter, LoadProgress
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.llamacpp.router import FakeLlamaRouter

SIZES = {"qwen": 8 * GIB, "gemma": 6 * GIB}
QWEN, GEMMA = Rung("llamacpp:qwen", 8 * GIB), Rung("llamacpp:gemma", 6 * GIB)


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


class Now:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Now:
    return Now()


@pytest.fixture
async def server(clock: Now) -> AsyncIterator[FakeLlamaRouter]:
    async with FakeLlamaRouter(FakeCard(12 * GIB, clock), SIZES) as fake:
        yield fake


@pytest.fixture
async def router(server: FakeLlamaRouter) -> AsyncIterator[LlamaRouter]:
    made = LlamaRouter(server.url + "/v1", sleep=at_once)
    async with aclosing_router(made):
        yield made


@asynccontextmanager
async def aclosing_router(router: LlamaRouter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await router.close()


async def test_it_is_a_backend(router: LlamaRouter) -> None:
    backend: Backend = router
    assert (backend.name, backend.loads_on_use) == ("llamacpp", False)


async def test_a_model_is_there_when_load_returns(server: FakeLlamaRouter, router: LlamaRouter) -> None:
    assert await router.loaded() == ()
    await router.load(QWEN, "gpu0")
    assert await router.loaded() == (Loaded("llamacpp:qwen", 0, 0),)
    assert server.card.used == 8 * GIB


async def test_what_is_loaded_is_not_loaded_again(server: FakeLlamaRouter, router: LlamaRouter) -> None:
    await router.load(QWEN, "gpu0")
    await router.load(QWEN, "gpu0")
    assert server.calls.count(("load", "qwen")) == 1


async def test_who_comes_while_it_loads_waits_for_the_same_load(server: FakeLlamaRouter, router: LlamaRouter) -> None:
    server.by_hand = True
    first = asyncio.create_task(router.load(QWEN, "gpu0"))
    await server.until(lambda: ("load", "qwen") in server.calls)
    second = asyncio.create_task(router.load(QWEN, "gpu0"))
    server.step("qwen")
    await asyncio.gather(first, second)
    assert server.calls.count(("load", "qwen")) == 1


async def test_progress_is_told(server: FakeLlamaRouter) -> None:
    server.by_hand = True
    told: list[tuple[str, LoadProgress]] = []
    heard = asyncio.Event()

    def tell(model: str, progress: LoadProgress) -> None:
        told.append((model, progress))
        heard.set()

    router = LlamaRouter(server.url, progress=tell, sleep=at_once)
    async with aclosing_router(router):
        loading = asyncio.create_task(router.load(QWEN, "gpu0"))
        await server.until(lambda: server.listening == 1)
        server.step("qwen")
        await heard.wait()
        await loading
    assert told[-1] == ("qwen", LoadProgress("text_model", 1.0))


async def test_a_router_that_tells_no_progress_loads_all_the_same(server: FakeLlamaRouter) -> None:
    server.without_events = True
    router = LlamaRouter(server.url, progress=lambda *_: None, sleep=at_once)
    async with aclosing_router(router):
        await router.load(QWEN, "gpu0")
        assert [it.tenant for it in await router.loaded()] == ["llamacpp:qwen"]


async def test_memory_comes_back_after_the_answer(server: FakeLlamaRouter, router: LlamaRouter, clock: Now) -> None:
    server.release_seconds = 2.0
    await router.load(QWEN, "gpu0")
    await router.unload("llamacpp:qwen")
    assert await router.loaded() == ()
    assert server.card.used == 8 * GIB
    clock.now = 2.0
    assert server.card.used == 0


async def test_unloading_what_is_not_loaded_is_no_error(router: LlamaRouter) -> None:
    await router.unload("llamacpp:qwen")


async def test_a_full_card_is_out_of_memory(router: LlamaRouter) -> None:
    await router.load(QWEN, "gpu0")
    with pytest.raises(OutOfMemory, match=r"gemma: its process ended while it was loaded \(exit code 1\)"):
        await router.load(GEMMA, "gpu0")


async def test_a_model_that_it_does_not_have(router: LlamaRouter) -> None:
    with pytest.raises(UnknownModel, match="no model mistral"):
        await router.load(Rung("llamacpp:mistral"), "gpu0")


async def test_a_load_that_does_not_end(server: FakeLlamaRouter, router: LlamaRouter) -> None:
    server.by_hand = True
    with pytest.raises(ModelFailed, match="has been loading it for 120 s"):
        await router.load(QWEN, "gpu0")


@pytest.mark.parametrize(
    ("trouble", "error", "says"),
    [
        ("broken", Unreachable, "does not answer as llama-server does"),
        ("single", Unreachable, "serves a single model"),
    ],
)
async def test_another_server(
    server: FakeLlamaRouter, router: LlamaRouter, trouble: str, error: type[PointsmanError], says: str
) -> None:
    setattr(server, trouble, True)
    with pytest.raises(error, match=says) as raised:
        await router.loaded()
    assert "llama-server" in raised.value.cure


async def test_a_wrong_key(server: FakeLlamaRouter) -> None:
    server.key = "right"
    wrong, right = LlamaRouter(server.url, key="wrong"), LlamaRouter(server.url, key="right", sleep=at_once)
    async with aclosing_router(wrong), aclosing_router(right):
        with pytest.raises(ModelFailed, match="refuses the key"):
            await wrong.load(QWEN, "gpu0")
        await right.load(QWEN, "gpu0")


async def test_nobody_answers() -> None:
    router = LlamaRouter("http://127.0.0.1:9")
    async with aclosing_router(router):
        with pytest.raises(Unreachable, match="cannot be reached") as raised:
            await router.loaded()
    assert "--models-dir" in raised.value.cure
