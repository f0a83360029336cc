"""The fake ComfyUI on a card that it shares: what it takes, when it gives it back, and how it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from pointsman.testing.card import FakeCard
from pointsman.testing.comfyui import FakeComfyUi, Pace
from pointsman.testing.comfyui.pictures import png_size

GB = 10**9
MODELS: Mapping[str, Mapping[str, int]] = {
    "diffusion_models": {"unet.safetensors": 6 * GB},
    "text_encoders": {"clip.safetensors": 4 * GB},
    "vae": {"vae.safetensors": GB},
}


def graph(seed: int = 1, device: str = "default", side: int = 1024) -> dict[str, Any]:
    def node(class_type: str, **inputs: Any) -> dict[str, Any]:
        return {"class_type": class_type, "inputs": inputs}

    return {
        "1": node("UNETLoader", unet_name="unet.safetensors", weight_dtype="default"),
        "2": node("CLIPLoader", clip_name="clip.safetensors", type="lumina2", device=device),
        "3": node("VAELoader", vae_name="vae.safetensors"),
        "4": node("CLIPTextEncode", text="a fox", clip=["2", 0]),
        "5": node("EmptySD3LatentImage", width=side, height=side, batch_size=1),
        "6": node(
            "KSampler", model=["1", 0], seed=seed, steps=4, cfg=1, sampler_name="euler", scheduler="simple",
            positive=["4", 0], negative=["4", 0], latent_image=["5", 0], denoise=1,
        ),
        "7": node("VAEDecode", samples=["6", 0], vae=["3", 0]),
        "8": node("SaveImage", images=["7", 0], filename_prefix="fox/red"),
    }  # fmt: skip


class Desk:
    """A fake on a card of 24 GB, and calls to it; `now` is the card's time."""

    def __init__(self, fake: FakeComfyUi, card: FakeCard, session: aiohttp.ClientSession) -> None:
        self.fake = fake
        self.card = card
        self.session = session

    async def post(self, path: str, body: Any) -> Any:
        async with self.session.post(self.fake.url + path, json=body) as response:
            text = await response.text()
            return json.loads(text) if text else None

    async def get(self, path: str) -> Any:
        async with self.session.get(self.fake.url + path) as response:
            return await response.json()

    async def submit(self, name: str, prompt: dict[str, Any]) -> None:
        await self.post("/prompt", {"prompt": prompt, "prompt_id": name})

    async def run(self, name: str, prompt: dict[str, Any]) -> dict[str, Any]:
        await self.submit(name, prompt)
        await self.fake.until(lambda: name in self.fake.prompts.ended)
        ended: dict[str, Any] = self.fake.prompts.ended[name]
        return ended


class Time:
    now = 0.0


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    Time.now = 0.0
    card = FakeCard(24 * GB, lambda: Time.now)
    async with FakeComfyUi(card, models=MODELS) as fake, aiohttp.ClientSession() as session:
        yield Desk(fake, card, session)


async def test_models_are_on_the_card_from_their_first_use_on(desk: Desk) -> None:
    assert desk.card.used == 0
    await desk.run("a", graph())
    assert desk.fake.held == 11 * GB
    assert desk.card.used == 11 * GB + 500_000_000
    assert desk.card.most_used == 11 * GB + 500_000_000 + 400_000_000
    await desk.run("b", graph(seed=2))
    assert desk.fake.held == 11 * GB
    stats = (await desk.get("/system_stats"))["devices"][0]
    assert (stats["torch_vram_total"], stats["vram_free"]) == (11 * GB, desk.card.free)


async def test_the_encoder_on_the_processor_is_not(desk: Desk) -> None:
    await desk.run("a", graph(device="cpu"))
    assert desk.fake.held == 7 * GB


async def test_free_while_idle_gives_the_memory_back_late(desk: Desk) -> None:
    await desk.run("a", graph())
    await desk.post("/free", {"unload_models": True})
    await desk.fake.until(lambda: desk.fake.frees == 1)
    assert desk.fake.held == 11 * GB
    Time.now = 0.7
    assert desk.fake.held == 11 * GB
    Time.now = 0.9
    assert desk.fake.held == 0
    assert desk.card.used == 500_000_000  # what the process itself takes stays


async def test_free_while_busy_waits_for_the_end_and_the_queue_is_empty_before(desk: Desk) -> None:
    desk.fake.mishaps.hang = True
    await desk.submit("a", graph())
    await desk.fake.until(lambda: desk.fake._run is not None and desk.fake._run.node == "6")
    await desk.post("/free", {"unload_models": True, "free_memory": True})
    Time.now = 100.0
    assert desk.fake.held == 10 * GB + 400_000_000
    assert desk.fake.frees == 0
    await desk.post("/interrupt", {"prompt_id": "a"})
    await desk.fake.until(lambda: desk.fake.frees == 1)
    assert await desk.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert desk.fake.held == 10 * GB
    Time.now += 1.0
    assert desk.fake.held == 0


async def test_free_comes_before_the_next_that_waits(desk: Desk) -> None:
    desk.fake.mishaps.hang = True
    await desk.submit("a", graph())
    await desk.submit("b", graph(seed=2))
    await desk.fake.until(lambda: desk.fake._run is not None and desk.fake._run.node == "6")
    await desk.post("/free", {"unload_models": True})
    desk.fake.mishaps.hang = False
    await desk.post("/interrupt", {"prompt_id": "a"})
    await desk.fake.until(lambda: "b" in desk.fake.prompts.ended)
    assert desk.fake.held == 7 * GB  # the text was encoded before, and is still known
    assert desk.card.most_used == 10 * GB + 900_000_000


async def test_free_memory_forgets_what_was_computed(desk: Desk) -> None:
    async def cached(name: str) -> list[str]:
        messages = (await desk.run(name, graph()))["status"]["messages"]
        nodes: list[str] = messages[1][1]["nodes"]
        return nodes

    assert await cached("a") == []
    await desk.post("/free", {"unload_models": True})
    await desk.fake.until(lambda: desk.fake.frees == 1)
    assert len(await cached("b")) == 8
    await desk.post("/free", {"free_memory": True})
    await desk.fake.until(lambda: desk.fake.frees == 2)
    assert await cached("c") == []


@pytest.mark.parametrize("body", [{}, {"unload_models": False}])
async def test_free_of_nothing_frees_nothing(desk: Desk, body: dict[str, Any]) -> None:
    await desk.run("a", graph())
    await desk.post("/free", body)
    await desk.run("b", graph(seed=2))
    Time.now = 100.0
    assert desk.fake.held == 11 * GB


async def test_its_own_models_give_way_before_it_is_out_of_memory(desk: Desk) -> None:
    desk.card.take("game", 14 * GB)
    ended = await desk.run("a", graph())
    assert ended["status"]["status_str"] == "success"
    assert list(desk.fake.world.share.models) == ["unet.safetensors", "vae.safetensors"]


async def test_a_full_card_is_out_of_memory_and_unloads_what_there_is(desk: Desk) -> None:
    desk.card.take("game", 18 * GB)
    ended = await desk.run("a", graph())
    kind, data = ended["status"]["messages"][-1]
    assert (kind, data["exception_type"], data["node_type"]) == (
        "execution_error",
        "torch.OutOfMemoryError",
        "KSampler",
    )
    assert desk.fake.held == 0


async def test_without_a_card_nothing_is_counted() -> None:
    async with FakeComfyUi(models=MODELS) as fake, aiohttp.ClientSession() as session:
        desk = Desk(fake, FakeCard(0, lambda: 0.0), session)
        assert (await desk.run("a", graph()))["status"]["status_str"] == "success"
        assert fake.held == 0


async def test_things_take_their_time_by_the_injected_sleep() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    card = FakeCard(24 * GB, lambda: 0.0)
    fake = FakeComfyUi(card, models=MODELS, pace=Pace(step=1.0, gigabyte=0.5), sleep=sleep)
    async with fake, aiohttp.ClientSession() as session:
        await Desk(fake, card, session).run("a", graph())
    assert slept == [2.0, 3.0, 1.0, 1.0, 1.0, 1.0, 0.5]


async def test_the_order_of_the_queue(desk: Desk) -> None:
    desk.fake.mishaps.hang = True
    await desk.submit("first", graph())
    await desk.fake.until(lambda: desk.fake.prompts.running is not None)
    for name, more in (("late", {}), ("front", {"front": True}), ("urgent", {"number": -100}), ("later", {})):
        await desk.post("/prompt", {"prompt": graph(), "prompt_id": name, **more})
    desk.fake.mishaps.hang = False
    await desk.post("/interrupt", {})
    await desk.fake.until(lambda: len(desk.fake.prompts.ended) == 5)
    assert list(desk.fake.prompts.ended) == ["first", "urgent", "front", "late", "later"]


async def test_a_restart_forgets_all_but_the_files(desk: Desk) -> None:
    await desk.run("a", graph())
    desk.fake.mishaps.hang = True
    await desk.submit("b", graph(seed=2))
    await desk.submit("c", graph(seed=3))
    await desk.fake.until(lambda: desk.fake._run is not None and desk.fake._run.node == "6")
    await desk.fake.restart()
    desk.fake.mishaps.hang = False
    assert await desk.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert await desk.get("/history") == {}
    assert desk.fake.held == 0
    assert len(desk.fake.files) == 1
    await desk.run("d", graph())


async def test_pictures_can_be_fetched_as_they_are_named(desk: Desk) -> None:
    (image,) = (await desk.run("a", graph(side=64)))["outputs"]["8"]["images"]
    assert image == {"filename": "red_00001_.png", "subfolder": "fox", "type": "output"}
    async with desk.session.get(f"{desk.fake.url}/api/view", params=image) as response:
        data = await response.read()
        assert response.headers["content-disposition"] == 'filename="red_00001_.png"'
    assert png_size(data) == (64, 64)
    async with desk.session.get(f"{desk.fake.url}/view", params={"filename": "../x.png"}) as response:
        assert response.status == 400


async def test_a_client_that_comes_back_is_told_the_node_and_counts_as_one(desk: Desk) -> None:
    desk.fake.mishaps.hang = True
    async with desk.session.ws_connect(f"{desk.fake.url}/ws?clientId=me") as socket:
        await socket.receive()
        await desk.post("/prompt", {"prompt": graph(), "prompt_id": "a", "client_id": "me"})
        await desk.fake.until(lambda: desk.fake._run is not None and desk.fake._run.node == "6")
    await desk.fake.until(lambda: not desk.fake.sockets.clients)
    async with desk.session.ws_connect(f"{desk.fake.url}/ws?clientId=me") as socket:
        frames = [json.loads((await socket.receive()).data) for _ in range(2)]
    assert frames[0]["data"] == {"status": {"exec_info": {"queue_remaining": 1}}, "sid": "me"}
    assert frames[1] == {"type": "executing", "data": {"node": "6"}}


async def test_events_of_a_prompt_go_to_its_client_only(desk: Desk) -> None:
    async with desk.session.ws_connect(f"{desk.fake.url}/ws?clientId=other") as socket:
        await socket.receive()
        await desk.post("/prompt", {"prompt": graph(), "prompt_id": "a", "client_id": "me"})
        kinds = [json.loads((await asyncio.wait_for(socket.receive(), 10)).data)["type"] for _ in range(3)]
    assert kinds == ["status"] * 3


async def test_an_exception_of_the_fake_itself_is_not_swallowed() -> None:
    def broken(*_: Any) -> dict[str, str]:
        raise RuntimeError("of its own")

    async def broken_run(fake: FakeComfyUi) -> None:
        async with fake, aiohttp.ClientSession() as session:
            fake.world.keep = broken
            await Desk(fake, FakeCard(0, lambda: 0.0), session).submit("a", graph())
            assert fake._worker is not None
            await asyncio.wait({fake._worker})

    with pytest.raises(RuntimeError, match="of its own"):
        await broken_run(FakeComfyUi(models=MODELS))


@pytest.mark.parametrize(
    ("change", "node", "kind"),
    [
        ({"6": {"steps": 0}}, "6", "value_smaller_than_min"),
        ({"7": {"samples": ["99", 0]}}, "7", "exception_during_inner_validation"),
        ({"6": {"cfg": "much"}}, "6", "invalid_input_type"),
        ({"6": {"sampler_name": "best"}}, "6", "value_not_in_list"),
    ],
)
async def test_what_else_is_refused(desk: Desk, change: dict[str, Any], node: str, kind: str) -> None:
    prompt = graph()
    for name, inputs in change.items():
        prompt[name]["inputs"] |= inputs
    said = await desk.post("/prompt", {"prompt": prompt})
    assert said["error"]["type"] == "prompt_outputs_failed_validation"
    assert [it["type"] for it in said["node_errors"][node]["errors"]] == [kind]
    assert said["node_errors"][node]["dependent_outputs"] == ["8"]
