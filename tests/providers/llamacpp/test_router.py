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
    """A clock that is set by hand, or moved on by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


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


async def test_a_load_of_which_nothing_is_heard(server: FakeLlamaRouter) -> None:
    server.by_hand = True
    time = Now()
    router = LlamaRouter(server.url, clock=time, sleep=time.sleep)
    async with aclosing_router(router):
        with pytest.raises(ModelFailed, match="qwen: llama-server loads it and has told no progress for 12"):
            await router.load(QWEN, "gpu0")


def slowly(server: FakeLlamaRouter, *, until: float) -> tuple[LlamaRouter, Now]:
    """A router that tells of the load of qwen every 100 s, and ends it after so many."""
    server.by_hand = True
    time, heard = Now(), asyncio.Event()

    async def sleep(_: float) -> None:
        await server.until(lambda: server.listening == 1)
        time.now += 100
        heard.clear()
        server.tell("qwen", 0.1)
        await heard.wait()
        if time.now >= until:
            server.step("qwen")

    return LlamaRouter(server.url, progress=lambda *_: heard.set(), clock=time, sleep=sleep), time


async def test_a_slow_load_is_waited_for_as_long_as_its_progress_is_told(server: FakeLlamaRouter) -> None:
    router, time = slowly(server, until=500)
    async with aclosing_router(router):
        await router.load(QWEN, "gpu0")
    assert time.now >= 500


async def test_no_load_is_waited_for_without_end(server: FakeLlamaRouter) -> None:
    router, _ = slowly(server, until=10_000)
    async with aclosing_router(router):
        with pytest.raises(ModelFailed, match="qwen: llama-server has been loading it for 900 s"):
            await router.load(QWEN, "gpu0")


async def test_another_phase_is_a_sign_of_life(server: FakeLlamaRouter) -> None:
    server.models["qwen"].phase = "downloading"
    time = Now()
    phases = iter(["loading", "loading", "loaded"])

    async def sleep(_: float) -> None:
        time.now += 100
        server.models["qwen"].phase = next(phases)

    router = LlamaRouter(server.url, clock=time, sleep=sleep)
    async with aclosing_router(router):
        await router.load(QWEN, "gpu0")
    assert time.now == 300


async def test_the_time_that_answers_take_counts(server: FakeLlamaRouter) -> None:
    server.by_hand = True
    time = Now()

    def clock() -> float:
        time.now += 30
        return time.now

    router = LlamaRouter(server.url, clock=clock, sleep=at_once)
    async with aclosing_router(router):
        with pytest.raises(ModelFailed, match="has told no progress"):
            await router.load(QWEN, "gpu0")
    assert server.calls.count(("GET", "/models")) < 10


async def test_the_silence_of_a_router_that_tells_no_progress_says_nothing(server: FakeLlamaRouter) -> None:
    server.by_hand = server.without_events = True
    time = Now()

    async def sleep(_: float) -> None:
        watching = {it for it in asyncio.all_tasks() if "_watch" in repr(it.get_coro())}
        if watching:
            await asyncio.wait(watching)
        time.now += 100
        if time.now >= 500:
            server.step("qwen")

    router = LlamaRouter(server.url, clock=time, sleep=sleep)
    async with aclosing_router(router):
        await router.load(QWEN, "gpu0")
    assert time.now >= 500


async def test_a_second_router_has_another_name(server: FakeLlamaRouter) -> None:
    router = LlamaRouter(server.url, name="llamacpp_2", sleep=at_once)
    async with aclosing_router(router):
        await router.load(Rung("llamacpp_2:qwen"), "gpu0")
        assert [it.tenant for it in await router.loaded()] == ["llamacpp_2:qwen"]
        await router.unload("llamacpp_2:qwen")
        assert await router.loaded() == ()


@pytest.mark.parametrize("entry", ["qwen", None, 3, []])
async def test_a_list_that_holds_no_models(server: FakeLlamaRouter, router: LlamaRouter, entry: object) -> None:
    server.entries = [entry]
    with pytest.raises(Unreachable, match="does not answer as llama-server does") as raised:
        await router.loaded()
    assert "--models-dir" in raised.value.cure


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
