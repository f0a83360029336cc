"""What Pointsman relies on, as checks that a fake and a real ComfyUI both pass; none of them needs a model.

They take painters and not the provider, which lies beside this package: see tests/providers/comfyui/test_contract.py
for how they are run. All but those in `LETS_GO` leave a ComfyUI that somebody works with as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pointsman.core.errors import WorkflowError
from pointsman.core.plan import Draw
from pointsman.core.ports import Painter
from pointsman.core.reply import Picture, Progress, Status
from pointsman.gpu.backend import Backend
from pointsman.testing.comfyui.pictures import png, png_size

Graph = Mapping[str, Mapping[str, Any]]
SIDE: Final = 64
NO_SUCH_FILE: Final = "pointsman-contract-no-such-file.safetensors"
NO_SUCH_NODE: Final = "PointsmanContractNoSuchNode"
LOOKS: Final = 100
LOOK_SECONDS: Final = 0.05


class Server(Protocol):
    """The calls of the provider's client that the checks make."""

    async def queue(self) -> Any: ...  # noqa: D102
    async def system_stats(self) -> Any: ...  # noqa: D102
    async def object_info(self, class_type: str) -> Any: ...  # noqa: D102
    async def history(self, prompt_id: str) -> Any: ...  # noqa: D102
    async def interrupt(self, prompt_id: str) -> None: ...  # noqa: D102
    async def upload(self, data: bytes, filename: str, media_type: str) -> Any: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Bench:
    """What the checks need: a client, a painter of the shipped workflow `connection`, and one for any other graph."""

    server: Server
    painter: Painter
    painter_of: Callable[[Graph], Painter]
    backend: Backend


Check = Callable[[Bench], Awaitable[None]]


def expect(met: object, what: str) -> None:
    """Raises AssertionError unless something is so."""
    if not met:
        raise AssertionError(what)


async def events_of(painter: Painter, draw: Draw) -> list[Status | Progress | Picture]:
    """All that a painter tells."""
    async with aclosing(painter.draw(draw)) as events:
        return [event async for event in events]


async def says_what_it_is(bench: Bench) -> None:
    """It tells its version, how it was started and its devices."""
    stats = await bench.server.system_stats()
    expect(stats.version, "there is no version")
    expect(stats.argv, "there are no arguments")
    expect(stats.devices and all(it.total > 0 for it in stats.devices), "there is no device")


async def draws_one_picture(bench: Bench) -> None:
    """One picture of the size that was asked for comes last, as a PNG with its seed."""
    events = await events_of(bench.painter, Draw("", width=96, height=64, seed=7))
    pictures = [it for it in events if isinstance(it, Picture)]
    expect(len(pictures) == 1 and events[-1] is pictures[0], f"one picture, at the end: {events}")
    expect(png_size(pictures[0].data) == (96, 64), f"its size is {png_size(pictures[0].data)}")
    expect((pictures[0].media_type, pictures[0].seed) == ("image/png", 7), "it is a PNG with its seed")


async def draws_the_same_again(bench: Bench) -> None:
    """What was computed before is not computed again, and comes all the same."""
    for _ in range(2):
        await draws_one_picture(bench)


async def draws_several_pictures(bench: Bench) -> None:
    """Several pictures come one after another."""
    events = await events_of(bench.painter, Draw("", width=SIDE, height=SIDE, count=3))
    pictures = [it for it in events if isinstance(it, Picture)]
    expect([png_size(it.data) for it in pictures] == [(SIDE, SIDE)] * 3, f"three pictures: {len(pictures)}")


async def draws_at_once(bench: Bench) -> None:
    """Who asks at the same time gets their own pictures."""
    sizes = [(SIDE + 16 * n, SIDE) for n in range(4)]
    asked = [events_of(bench.painter, Draw("", width=width, height=height)) for width, height in sizes]
    for size, events in zip(sizes, await asyncio.gather(*asked), strict=True):
        pictures = [it for it in events if isinstance(it, Picture)]
        expect([png_size(it.data) for it in pictures] == [size], f"one picture of {size}")


async def leaves_nothing_behind(bench: Bench) -> None:
    """Who goes away leaves no prompt in the queue, whenever they go."""
    before = await bench.server.queue()
    known = {*before.running, *before.pending}
    for after in range(3):
        drawing = asyncio.ensure_future(events_of(bench.painter, Draw("", width=SIDE, height=SIDE, count=2)))
        for _ in range(after):
            await asyncio.sleep(0)
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)
    for _ in range(LOOKS):
        queue = await bench.server.queue()
        if not {*queue.running, *queue.pending} - known:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("a prompt is still in the queue")


async def refuses_a_missing_file(bench: Bench) -> None:
    """A model file that is not installed is named, with its folder, and nothing is drawn."""
    graph = {
        "1": {"class_type": "VAELoader", "inputs": {"vae_name": NO_SUCH_FILE}},
        "2": {"class_type": "EmptyLatentImage", "inputs": {"width": SIDE, "height": SIDE, "batch_size": 1}},
        "3": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["1", 0]}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "pointsman-contract"}},
    }
    said = await refusal(bench, graph)
    expect(NO_SUCH_FILE in said and "models/vae" in said, said)


async def refuses_a_missing_node(bench: Bench) -> None:
    """A class of nodes that is not installed is named."""
    graph = {
        "1": {"class_type": NO_SUCH_NODE, "inputs": {"width": SIDE, "height": SIDE}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "pointsman-contract"}},
    }
    said = await refusal(bench, graph)
    expect(NO_SUCH_NODE in said, said)


async def refuses_half_a_workflow(bench: Bench) -> None:
    """A graph of which only a part can run is refused, although ComfyUI takes it (200 with node_errors)."""
    image = {"width": SIDE, "height": SIDE, "batch_size": 1, "color": 0}
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": image},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "pointsman-contract"}},
        "3": {"class_type": "PreviewImage", "inputs": {}},
    }
    said = await refusal(bench, graph)
    expect("node 3" in said, said)


async def makes_pictures_of_pictures(bench: Bench) -> None:
    """A picture that is sent is taken by a graph, twice too, and what is made of it has its size."""
    for side in (SIDE, SIDE + 16):
        sent = await bench.server.upload(png(side, SIDE, (250, 5, 9)), "pointsman-contract.png", "image/png")
        graph = {
            "1": {"class_type": "LoadImage", "inputs": {"image": sent.loaded_as}},
            "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
            "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "pointsman-contract"}},
        }
        (*_, last) = await events_of(bench.painter_of(graph), Draw(""))
        expect(isinstance(last, Picture) and png_size(last.data) == (side, SIDE), f"one picture: {last}")


async def refuses_an_unknown_picture(bench: Bench) -> None:
    """A picture that was never sent is named, and nothing is drawn."""
    name = "pointsman-contract-no-such-picture.png"
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "pointsman-contract"}},
    }
    said = await refusal(bench, graph)
    expect("node 1 (LoadImage)" in said and name in said, said)


async def refusal(bench: Bench, graph: Graph) -> str:
    """What is said of a graph that cannot be drawn; AssertionError where it can."""
    try:
        await events_of(bench.painter_of(graph), Draw("x"))
    except WorkflowError as error:
        return str(error)
    raise AssertionError("it was drawn")


async def knows_its_nodes(bench: Bench) -> None:
    """It describes the nodes that it has, and says of others that it has none."""
    info = await bench.server.object_info("EmptyImage")
    expect(info and "width" in info["input"]["required"], "EmptyImage is described")
    expect(await bench.server.object_info(NO_SUCH_NODE) is None, "what is not there is not described")


async def stops_nobody_else(bench: Bench) -> None:
    """To stop a prompt that does not run does nothing, and its history is empty."""
    await bench.server.interrupt("pointsman-contract-nobody")
    expect(await bench.server.history("pointsman-contract-nobody") is None, "nothing is known of it")
    await draws_one_picture(bench)


async def lets_go_of_memory(bench: Bench) -> None:
    """It may be asked for its memory at any time, and draws again afterwards."""
    for deep in (False, True):
        await bench.backend.unload(f"{bench.backend.name}:any", deep=deep)
    expect(all(it.on_card >= 0 for it in await bench.backend.loaded()), "it says what it holds")
    await draws_one_picture(bench)


CONTRACT: Final[tuple[Check, ...]] = (
    says_what_it_is,
    draws_one_picture,
    draws_the_same_again,
    draws_several_pictures,
    draws_at_once,
    leaves_nothing_behind,
    refuses_a_missing_file,
    refuses_a_missing_node,
    refuses_half_a_workflow,
    makes_pictures_of_pictures,
    refuses_an_unknown_picture,
    knows_its_nodes,
    stops_nobody_else,
)
LETS_GO: Final[tuple[Check, ...]] = (lets_go_of_memory,)
