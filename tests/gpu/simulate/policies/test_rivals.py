"""What others do with the card: each does what it is known for."""

from __future__ import annotations

import random

import pytest

from pointsman.gpu.simulate.measure import Tally
from pointsman.gpu.simulate.policies.stages import Made
from pointsman.gpu.simulate.policies.static import IDLE_RESTORE, Exclusive, GpuBroker, Ideal, Matrix
from pointsman.gpu.simulate.policies.uncoordinated import LlmFirst, OllamaOrder
from pointsman.gpu.simulate.scene import GB, IMAGE, LLM, TINY, Scene
from pointsman.gpu.simulate.trace import Event
from pointsman.gpu.simulate.world import World

SCENE = Scene()
TIMING = SCENE.timing
COLD = TIMING.load(SCENE.llm, cached=False)


def chat(t: float) -> Event:
    return Event(t, "chat", tokens=300)


def image(t: float) -> Event:
    return Event(t, "image", steps=8)


RUN = TIMING.answer(chat(0))
DRAW = TIMING.picture(image(0))


def played(made: Made, *trace: Event, scene: Scene = SCENE) -> tuple[Tally, World]:
    world = World(scene, trace, random.Random(1))
    world.play(trace, made(world).arrived)
    assert world.tally.answered == len([event for event in trace if event.kind != "external"])
    return world.tally, world


def seconds(tally: Tally) -> list[float]:
    return [answer.seconds for answer in tally.answers]


def test_the_ideal_waits_only_for_those_before() -> None:
    tally, _ = played(Ideal, chat(0), image(1), chat(100))
    assert seconds(tally) == pytest.approx([RUN, RUN - 1 + DRAW, RUN])
    assert tally.loads == 0


def test_with_the_llm_first_a_picture_needs_both_and_two_writings_before_it() -> None:
    tally, world = played(LlmFirst, image(0), chat(60))
    said = TIMING.writing(TIMING.route_tokens), TIMING.writing(TIMING.rewrite_tokens)
    assert tally.answers[0].touched == 21_500_000_000
    assert tally.answers[0].seconds == pytest.approx(COLD + sum(said) + TIMING.load(SCENE.image, cached=False) + DRAW)
    assert tally.answers[1].seconds == pytest.approx(said[0] + RUN)
    assert set(world.held) == {LLM, IMAGE}


def test_ollama_unloads_after_its_keep_alive_since_the_last_use_and_comfyui_never() -> None:
    tally, world = played(OllamaOrder, chat(0), chat(200), image(480), chat(1000))
    # The LLM outlives 0 + 300, and not 200 + 300 with its answer; the tiny one was used again at 480.
    assert tally.loads == 2 + 1 + 2
    assert world.phase(IMAGE) == "resident"
    assert tally.answers[1].seconds == pytest.approx(TIMING.tiny + RUN)
    assert tally.answers[2].touched == SCENE.image + SCENE.tiny


def test_ollama_sends_its_own_idle_model_away_where_80_percent_of_the_free_memory_are_too_little() -> None:
    _, world = played(OllamaOrder, image(0), chat(30))
    assert world.phase(TINY) == "cold"
    assert {LLM, IMAGE} == set(world.held)


def test_ollama_beside_a_game_spills_and_does_not_refuse() -> None:
    game = Event(0.0, "external", seconds=1000, bytes=12 * GB)
    tally, _ = played(OllamaOrder, game, chat(30))
    assert (tally.overcommits, tally.spilled) == (1, {0})
    assert tally.answers[0].seconds > 2 * RUN


def test_exclusive_swaps_in_the_order_of_arrival_and_never_a_busy_one() -> None:
    tally, world = played(Exclusive, chat(0), image(1), chat(2))
    assert tally.loads == 3
    assert tally.resident == SCENE.llm
    back, swap = TIMING.release, TIMING.load(SCENE.image, cached=False)
    first, second = COLD + RUN, back + swap + DRAW
    third = TIMING.image_release + TIMING.load(SCENE.llm, cached=True) + RUN
    assert seconds(tally) == pytest.approx([first, first + second - 1, first + second + third - 2])
    assert set(world.held) == {LLM}


def test_exclusive_keeps_who_is_there() -> None:
    tally, _ = played(Exclusive, chat(0), chat(1), chat(500))
    assert tally.loads == 1
    assert seconds(tally)[2] == pytest.approx(RUN)


def test_gpu_broker_starts_servers_and_brings_the_main_llm_back() -> None:
    tally, world = played(GpuBroker, image(0), chat(20 + IDLE_RESTORE * 2))
    assert tally.loads == 2
    assert seconds(tally)[1] == pytest.approx(RUN)
    tally, world = played(GpuBroker, image(0), chat(100))
    assert seconds(tally)[1] == pytest.approx(TIMING.image_release + TIMING.unit_start + COLD + RUN)
    assert set(world.held) == {LLM}


def test_the_matrix_loads_each_once_and_keeps_both() -> None:
    tally, world = played(Matrix, *(event for t in range(0, 2000, 100) for event in (chat(t), image(t + 50))))
    assert tally.loads == 2
    assert set(world.held) == {LLM, IMAGE}
    assert not tally.spilled


def test_requests_that_come_while_a_tenant_loads_share_the_load() -> None:
    for made in (LlmFirst, OllamaOrder, Exclusive, GpuBroker, Matrix):
        tally, _ = played(made, chat(0), chat(0.5), chat(1))
        assert tally.loads == (2 if made is OllamaOrder else 1)
