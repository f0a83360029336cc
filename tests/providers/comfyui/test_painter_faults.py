"""What goes wrong while ComfyUI draws: what is told, and that the picture comes all the same where it can."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from pointsman.core.errors import OutOfMemory, PictureFailed, Unreachable, WorkflowError
from pointsman.core.plan import Draw
from pointsman.core.reply import Picture, Progress, Status
from pointsman.providers.comfyui import following
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.painter import ComfyPainter
from pointsman.providers.comfyui.workflow import load, of_graph
from pointsman.testing.comfyui import Pace

FOX = Draw("a red fox", width=64, height=64)
EVENTS = (
    "status",
    "execution_start",
    "execution_cached",
    "progress_state",
    "executing",
    "progress",
    "executed",
    "execution_success",
)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("times", [1, 3])
async def test_a_connection_that_breaks_is_taken_up_again(house: Any, event: str, times: int) -> None:
    house.fake.mishaps.drop_socket_at = [event] * times
    assert len(await house.pictures(house.hasty(), FOX)) == 1
    assert len(house.graphs) == 1


async def test_after_a_break_progress_goes_on(house: Any) -> None:
    async def until_they_are_back(_: float) -> None:
        await house.fake.until(lambda: house.fake.sockets.opened > 1)

    async def until_the_old_one_is_gone(seconds: float) -> None:
        if seconds == following.POLL_SECONDS:
            await house.fake.until(lambda: not house.fake.sockets.clients)
        else:
            await asyncio.sleep(seconds)

    house.fake.mishaps.drop_socket_at = ["execution_start"]
    house.fake.world.sleep = until_they_are_back
    house.fake.world.pace = Pace(node=1.0)
    events = await house.drawn(house.painter(sleep=until_the_old_one_is_gone), FOX)
    assert isinstance(events[-1], Picture)
    assert sum(isinstance(it, Progress) and bool(it.preview) for it in events) == 8


@pytest.mark.parametrize("refused", [1, 1000])
async def test_without_a_websocket_it_is_looked_at_now_and_then(house: Any, refused: int) -> None:
    house.fake.mishaps.refuse_sockets = refused
    assert len(await house.pictures(house.hasty(), FOX)) == 1


async def test_events_that_get_lost_hold_nothing_up(house: Any) -> None:
    house.fake.mishaps.lose_events = True
    assert len(await house.pictures(house.hasty(), FOX)) == 1


@pytest.mark.parametrize("lags", [1, 3])
async def test_a_history_that_lags_is_asked_again(house: Any, lags: int) -> None:
    house.fake.mishaps.history_lags = lags
    assert len(await house.pictures(house.hasty(), FOX)) == 1


async def test_a_history_that_is_emptied_at_once_is_not_needed(house: Any) -> None:
    house.fake.mishaps.history_lags = 1000
    assert len(await house.pictures(house.hasty(), FOX)) == 1


async def test_a_card_that_is_full_is_out_of_memory(house: Any) -> None:
    house.fake.mishaps.out_of_memory = 1
    with pytest.raises(OutOfMemory, match=r"the card was full in node 8 \(KSampler\)") as caught:
        await house.drawn(house.painter(), FOX)
    assert caught.value.cure
    assert house.fake.held == 0
    assert len(await house.pictures(house.painter(), FOX)) == 1


async def test_a_card_that_others_have_filled_is_out_of_memory(house: Any) -> None:
    game = house.card.take("game", 18 * 1024**3)
    with pytest.raises(OutOfMemory):
        await house.drawn(house.painter(), FOX)
    house.card.give_back(game)
    assert len(await house.pictures(house.painter(), FOX)) == 1


async def test_out_of_memory_is_seen_in_the_history_too(house: Any) -> None:
    house.fake.mishaps.out_of_memory = 1
    house.fake.mishaps.lose_events = True
    with pytest.raises(OutOfMemory):
        await house.drawn(house.hasty(), FOX)


async def test_a_node_that_fails_is_named_with_its_reason(house: Any) -> None:
    house.fake.mishaps.fails_at["VAEDecode"] = ("RuntimeError", "a tensor\nhas the wrong shape")
    with pytest.raises(PictureFailed, match=r"node 9 \(VAEDecode\): a tensor has the wrong shape") as caught:
        await house.drawn(house.painter(), FOX)
    assert not isinstance(caught.value, OutOfMemory)


async def test_who_stops_it_in_comfyui_is_not_blamed_on_it(house: Any) -> None:
    house.fake.mishaps.hang = True
    drawing = asyncio.ensure_future(house.drawn(house.painter(), FOX))
    await house.fake.until(lambda: house.fake.prompts.running is not None)
    await house.client.interrupt(house.fake.prompts.running.id)
    with pytest.raises(PictureFailed, match="was stopped in ComfyUI"):
        await drawing


@pytest.mark.parametrize("lose_events", [False, True])
async def test_a_prompt_that_somebody_deletes_while_it_waits_is_a_failure(house: Any, lose_events: bool) -> None:
    house.fake.mishaps.hang = True
    house.fake.mishaps.lose_events = lose_events
    first = asyncio.ensure_future(house.drawn(house.painter(), FOX))
    await house.fake.until(lambda: house.fake.prompts.running is not None)
    second = asyncio.ensure_future(house.drawn(house.hasty(timeout=1e9), FOX))
    await house.fake.until(lambda: len(house.fake.prompts.pending) == 1)
    await house.client.delete(house.fake.prompts.pending[0].id)
    with pytest.raises(PictureFailed, match="does not know the picture any more"):
        await second
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_who_waits_is_told_how_many_come_before(house: Any) -> None:
    house.fake.mishaps.hang = True
    others = [asyncio.ensure_future(house.drawn(house.painter(), FOX)) for _ in range(2)]
    await house.fake.until(lambda: house.fake.prompts.remaining == 2)
    seen: list[Any] = []
    async with aclosing(house.hasty(timeout=1e9).draw(FOX)) as events:
        async for event in events:
            seen.append(event)
            if event == Status("ComfyUI draws 2 other pictures first"):
                house.fake.mishaps.hang = False
                await house.client.interrupt(house.fake.prompts.running.id)
    await asyncio.gather(*others, return_exceptions=True)
    assert Status("ComfyUI draws 2 other pictures first") in seen
    assert isinstance(seen[-1], Picture)


async def test_a_comfyui_that_starts_anew_has_forgotten_it(house: Any) -> None:
    house.fake.mishaps.hang = True
    drawing = asyncio.ensure_future(house.drawn(house.hasty(timeout=1e9), FOX))
    await house.fake.until(lambda: house.fake.prompts.running is not None)
    await house.fake.restart()
    with pytest.raises(PictureFailed, match="does not know the picture any more"):
        await drawing


async def test_what_never_ends_is_given_up_and_stopped(house: Any) -> None:
    house.fake.mishaps.hang = True
    with pytest.raises(PictureFailed, match="nothing happened for 60 s"):
        await house.drawn(house.hasty(timeout=60.0), FOX)
    assert house.fake.prompts.remaining == 0
    assert house.time.now < 200


async def test_slow_steps_are_no_silence(house: Any) -> None:
    seen = asyncio.Condition()
    steps = [0]
    begun = [0]

    async def once_the_last_was_seen(seconds: float) -> None:
        async with seen:
            await seen.wait_for(lambda: steps[-1] == begun[-1])
        begun.append(begun[-1] + 1)
        house.time.now += seconds

    house.fake.world.sleep = once_the_last_was_seen
    house.fake.world.pace = Pace(step=50.0)
    async with aclosing(house.painter(timeout=60.0, clock=house.time).draw(FOX)) as events:
        async for event in events:
            if isinstance(event, Progress):
                async with seen:
                    steps.append(event.done)
                    seen.notify_all()
    assert steps[-1] == 8
    assert house.time.now >= 400


async def test_one_that_does_not_listen_is_not_waited_for(house: Any) -> None:
    house.fake.mishaps.hang = house.fake.mishaps.deaf = True
    with pytest.raises(PictureFailed, match="nothing happened"):
        await house.drawn(house.hasty(timeout=60.0), FOX)
    assert house.fake.prompts.remaining == 1


async def test_nobody_there_is_unreachable_with_what_to_do(unused_tcp_port: int) -> None:
    client = ComfyClient(f"http://127.0.0.1:{unused_tcp_port}")
    painter = ComfyPainter(client, load("connection"))
    with pytest.raises(Unreachable, match=f"ComfyUI at 127.0.0.1:{unused_tcp_port}: ") as caught:
        await anext(painter.draw(Draw("")))
    assert "start ComfyUI" in caught.value.cure
    await client.close()


@pytest.mark.parametrize("status", [200, 403, 404, 502])
async def test_a_page_where_comfyui_should_be_is_unreachable(house: Any, status: int) -> None:
    house.fake.mishaps.pages = 1
    house.fake.mishaps.page_status = status
    with pytest.raises(Unreachable, match="not ComfyUI") as caught:
        await house.drawn(house.painter(), FOX)
    assert "COMFYUI_URL" in caught.value.cure


async def test_pages_in_between_are_waited_out(house: Any) -> None:
    async def behind_pages(_: float) -> None:
        house.fake.world.pace = Pace()
        house.fake.mishaps.pages = following.MOST_LOST - 1
        await house.fake.until(lambda: house.fake.mishaps.pages == 0)

    house.fake.world.sleep = behind_pages
    house.fake.world.pace = Pace(node=1.0)
    assert len(await house.pictures(house.hasty(timeout=1e9), FOX)) == 1


async def test_a_connection_that_does_not_come_back_is_given_up(house: Any) -> None:
    async def gone(_: float) -> None:
        house.fake.mishaps.pages = house.fake.mishaps.refuse_sockets = 10**6
        await house.fake.sockets.close()
        await house.fake.world.closing.wait()

    house.fake.world.sleep = gone
    house.fake.world.pace = Pace(node=1.0)
    with pytest.raises(Unreachable, match="not ComfyUI"):
        await house.drawn(house.hasty(timeout=1e9), FOX)


async def test_an_old_comfyui_that_chooses_its_own_ids(house: Any) -> None:
    house.fake.mishaps.own_ids = True
    events = await house.drawn(house.painter(), FOX)
    assert isinstance(events[-1], Picture)
    assert any(isinstance(it, Progress) and it.preview for it in events)


async def test_a_workflow_that_it_takes_in_part_is_refused_and_taken_back(house: Any) -> None:
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        "3": {"class_type": "PreviewImage", "inputs": {}},
    }
    with pytest.raises(WorkflowError, match=r"node 3 \(PreviewImage\): Required input is missing: images"):
        await house.drawn(house.painter(of_graph(graph, "half", {"prompt": ()})), FOX)
    (known,) = [body["delete"] for body in house.fake.asked("POST", "/queue")]
    assert known == [house.fake.asked("POST", "/prompt")[0]["prompt_id"]]
    assert house.fake.prompts.remaining == 0


async def test_a_picture_that_is_gone_from_the_folder_is_said(house: Any) -> None:
    house.fake.world.keep = lambda *_: {"filename": "lost.png", "subfolder": "", "type": "output"}
    with pytest.raises(PictureFailed, match=r"lost\.png is gone"):
        await house.drawn(house.painter(), FOX)


async def test_an_output_that_saves_nothing_is_said(house: Any) -> None:
    flow = load("connection")
    with pytest.raises(PictureFailed, match="node 1 put out no picture") as caught:
        await house.drawn(house.painter(of_graph(flow.graph, "x", {"prompt": ()}, "1")), FOX)
    assert "images.comfyui.output" in caught.value.cure
