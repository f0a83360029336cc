"""Single calls to ComfyUI, and what is made of odd answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from pointsman.core.errors import PictureFailed, Unreachable, WorkflowError
from pointsman.core.plan import Draw
from pointsman.core.reply import Picture, Progress
from pointsman.providers.comfyui.client import Ended, Queue, Stored, ended_in, pictures_in, rows
from pointsman.providers.comfyui.listening import ConnectionLost
from pointsman.testing.comfyui import Pace

FOX = Draw("a red fox", width=64, height=64)
HALF = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    "3": {"class_type": "PreviewImage", "inputs": {}},
}


async def never() -> None:
    await asyncio.Event().wait()


async def test_half_a_workflow_that_runs_already_is_stopped(house: Any) -> None:
    async def forever(_: float) -> None:
        await house.fake.world.closing.wait()

    house.fake.world.sleep = forever
    house.fake.world.pace = Pace(node=1.0)
    delete = house.client.delete

    async def late(prompt_id: str) -> None:
        await house.fake.until(lambda: house.fake.prompts.running is not None)
        await delete(prompt_id)

    house.client.delete = late
    with pytest.raises(WorkflowError):
        await house.client.submit(HALF, "half", "me", name="half")
    await house.fake.until(lambda: "half" in house.fake.prompts.ended)
    assert house.fake.prompts.ended["half"]["status"]["messages"][-1][0] == "execution_interrupted"


def answering(house: Any, answer: web.Response) -> None:
    """Makes the fake answer the same to every GET."""
    house.fake.api._got = lambda *_: answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response(status=401), Unreachable),
        (web.Response(status=302, headers={"Location": "/login"}), Unreachable),
        (web.json_response([1]), Unreachable),
        (web.Response(text="busy", status=500), PictureFailed),
        (web.Response(text="<html>", status=503, content_type="text/html"), Unreachable),
    ],
)
async def test_odd_answers(house: Any, answer: web.Response, error: type[Exception]) -> None:
    answering(house, answer)
    with pytest.raises(error):
        await house.client.queue()


async def test_a_page_instead_of_a_picture(house: Any) -> None:
    answering(house, web.Response(text="<html>", content_type="text/html"))
    with pytest.raises(Unreachable):
        await house.client.view(Stored("x.png"))


async def test_nobody_there(unused_tcp_port: int, house: Any) -> None:
    house.client.url = f"http://127.0.0.1:{unused_tcp_port}"
    for call in (house.client.queue(), house.client.listen("me"), house.client.view(Stored("x.png"))):
        with pytest.raises(Unreachable) as caught:
            await call
        assert "start ComfyUI" in caught.value.cure


async def test_a_redirect_of_the_socket_is_not_followed(house: Any) -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/inside"})

    house.fake.sockets.serve = elsewhere
    assert await house.client.listen("me") is None
    assert ("GET", "/inside") not in [(method, path) for method, path, _ in house.fake.api.requests]


async def test_frames_that_say_nothing_are_left_out(house: Any) -> None:
    socket = await house.client.listen("me")
    await house.fake.until(lambda: "me" in house.fake.sockets.clients)
    theirs = house.fake.sockets._open["me"]
    waiting = asyncio.ensure_future(never())
    kinds = [(await socket.next(waiting)).kind for _ in range(2)]
    assert kinds == ["status", "feature_flags"]
    await theirs.send_str("garbage")
    await theirs.send_bytes(b"garbage")
    await theirs.send_str('{"type": "progress", "data": {}}')
    assert (await socket.next(waiting)).kind == "progress"
    await theirs.close()
    with pytest.raises(ConnectionLost):
        await socket.next(waiting)
    waiting.cancel()
    await socket.close()


async def test_events_of_odd_shape_break_nothing(house: Any) -> None:
    tell = house.fake.sockets.tell

    async def oddly(kind: str, data: Any, client: str | None = None) -> None:
        await tell(kind, data, client)
        if kind == "progress":
            ids = {"prompt_id": data["prompt_id"]}
            for odd in ({"value": None, "max": 4}, {"value": 1, "max": 0}, {"value": "1", "max": "4"}):
                await tell("progress", {**ids, **odd}, client)
            await tell("progress_state", {**ids, "nodes": [1]}, client)
            await tell("progress_state", {**ids, "nodes": {"1": 7}}, client)
            await tell("executed", {**ids, "node": "9", "output": {"images": [1, {}]}}, client)
            await tell("execution_cached", {**ids, "nodes": None}, client)
            await tell("progress", {"prompt_id": "somebody", "value": 99, "max": 99}, client)

    house.fake.sockets.tell = oddly
    events = await house.drawn(house.painter(), FOX)
    assert isinstance(events[-1], Picture)
    assert all(it.most == 8 for it in events if isinstance(it, Progress))


async def test_a_preview_of_somebody_else_is_left_out(house: Any) -> None:
    show = house.fake.sockets.show

    async def of_others(picture: bytes, about: Any, progress: Any, client: str) -> None:
        await show(picture, {**about, "prompt_id": "somebody"}, progress, client)

    house.fake.sockets.show = of_others
    events = await house.drawn(house.painter(), FOX)
    assert not any(isinstance(it, Progress) and it.preview for it in events)


async def test_an_error_inside_while_it_is_looked_at_holds_nothing_up(house: Any) -> None:
    house.fake.mishaps.lose_events = True
    got, broken = house.fake.api._got, [web.Response(text="busy", status=500) for _ in range(3)]
    house.fake.api._got = lambda *words: broken.pop() if broken else got(*words)
    assert len(await house.pictures(house.hasty(), FOX)) == 1
    assert not broken


async def test_an_error_inside_at_the_last_look_is_asked_again(house: Any) -> None:
    tell = house.fake.sockets.tell

    async def then_pages(kind: str, data: Any, client: str | None = None) -> None:
        if kind == "executing" and data["node"] is None:
            house.fake.mishaps.pages = 2
        await tell(kind, data, client)

    house.fake.sockets.tell = then_pages
    assert len(await house.pictures(house.hasty(), FOX)) == 1


def test_the_queue_is_in_the_order_of_its_numbers() -> None:
    assert rows([[2, "b", {}], [-1.5, "a"], "odd", [1], ["odd", "c"]]) == [(2.0, "b"), (-1.5, "a"), (0.0, "c")]
    assert rows(None) == []
    queue = Queue(("r",), ("a", "b"))
    assert (queue.before("a"), queue.before("b"), queue.holds("r"), queue.holds("x")) == (1, 2, True, False)


def test_how_a_prompt_ended() -> None:
    assert ended_in({}) == Ended({})
    images = {"images": [{"filename": "x.png", "subfolder": "s", "type": "temp"}, {"odd": 1}, 7]}
    assert ended_in({"outputs": {"9": images, "8": [], "7": {"images": 1}}}).outputs == {
        "9": (Stored("x.png", "s", "temp"),), "8": (), "7": (),
    }  # fmt: skip
    failed = {
        "status_str": "error",
        "messages": [["execution_start", {}], "odd", ["execution_error", {"node_id": "3"}]],
    }
    assert ended_in({"status": failed}) == Ended({}, "execution_error", {"node_id": "3"})
    assert ended_in({"status": {"status_str": "error"}}) == Ended({}, "execution_error")
    assert ended_in({"status": {"status_str": "error", "messages": [["execution_interrupted", 1]]}}).event == (
        "execution_interrupted"
    )
    assert pictures_in({"images": [{"filename": "x.png"}]}) == (Stored("x.png"),)
