"""Pictures by ComfyUI: what is sent, what is told on the way, what comes back."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from pointsman.core.errors import BadField, InvalidInput, WorkflowError
from pointsman.core.plan import Draw
from pointsman.core.ports import Painter
from pointsman.core.reply import Picture, Progress, Status
from pointsman.providers.comfyui.asking import Limits
from pointsman.providers.comfyui.painter import Manner
from pointsman.providers.comfyui.policy import EverythingGoes, RefusedWords
from pointsman.providers.comfyui.workflow import of_graph
from pointsman.testing.comfyui.pictures import png_colour, png_size

FOX = Draw("a red fox", width=256, height=256)
TEXT, SAMPLER, SIZE, ENCODER = "4", "8", "6", "2"


async def test_a_picture_with_its_way_there(house: Any) -> None:
    painter: Painter = house.painter()
    events = await house.drawn(painter, FOX)
    progress = [it for it in events if isinstance(it, Progress)]
    assert isinstance(events[-1], Picture)
    assert png_size(events[-1].data) == (256, 256)
    assert [it.text for it in events if isinstance(it, Status)] == ["z-image-turbo: ComfyUI loads what it needs"]
    assert sorted({(it.done, it.most) for it in progress}) == [(n, 8) for n in range(1, 9)]
    assert [it.done for it in progress] == sorted(it.done for it in progress)
    previews = [it for it in progress if it.preview]
    assert len(previews) == 8
    assert {it.media_type for it in previews} == {"image/jpeg"}
    assert all(it.preview.startswith(b"\xff\xd8\xff") for it in previews)


async def test_what_is_sent_is_the_workflow_with_the_values_in_it(house: Any) -> None:
    draw = Draw("a red fox", style="watercolor", width=500, height=301, count=2, seed=2**64 - 1)
    pictures = await house.pictures(house.painter(), draw)
    assert house.sent(TEXT, "text") == "a red fox, watercolor"
    assert (house.sent(SIZE, "width"), house.sent(SIZE, "height"), house.sent(SIZE, "batch_size")) == (496, 304, 2)
    assert house.sent(SAMPLER, "seed") == 2**64 - 1
    assert (house.sent(SAMPLER, "steps"), house.sent(SAMPLER, "cfg"), house.sent(SAMPLER, "scheduler")) == (
        8,
        1,
        "simple",
    )
    assert house.sent(SAMPLER, "sampler_name") == "res_multistep"
    assert [(png_size(it.data), it.seed) for it in pictures] == [((496, 304), 2**64 - 1)] * 2
    assert pictures[0].data != pictures[1].data
    (body,) = house.fake.asked("POST", "/prompt")
    assert body["prompt_id"] != body["client_id"]


async def test_a_style_that_the_prompt_names_is_not_said_twice(house: Any) -> None:
    await house.drawn(house.painter(), Draw("an Oil Painting of a fox.", style="oil painting", width=64, height=64))
    assert house.sent(TEXT, "text") == "an Oil Painting of a fox."


async def test_the_seed_is_drawn_by_the_injected_chance_and_draws_the_same_again(house: Any) -> None:
    (first,) = await house.pictures(house.painter(chance=random.Random(5)), FOX)
    (second,) = await house.pictures(house.painter(chance=random.Random(5)), FOX)
    (other,) = await house.pictures(house.painter(chance=random.Random(6)), FOX)
    (again,) = await house.pictures(house.painter(), Draw("a red fox", width=256, height=256, seed=other.seed))
    assert first.seed == second.seed != other.seed == again.seed
    assert first.data == second.data != other.data
    assert png_colour(again.data) == png_colour(other.data)
    assert house.sent(SAMPLER, "seed", 0) == first.seed


async def test_a_warm_run_does_not_say_that_anything_is_loaded(house: Any) -> None:
    painter = house.painter()
    await house.drawn(painter, FOX)
    assert not [it for it in await house.drawn(painter, FOX) if isinstance(it, Status)]


async def test_without_a_size_or_with_one_side_the_workflow_says_the_rest(house: Any) -> None:
    painter = house.painter(limits=Limits(height=320))
    await house.drawn(painter, Draw("x", width=256))
    assert (house.sent(SIZE, "width"), house.sent(SIZE, "height")) == (256, 320)
    (picture,) = await house.pictures(house.painter(), Draw("x"))
    assert png_size(picture.data) == (1024, 1024)


async def test_a_negative_prompt_that_the_workflow_does_not_take_is_said(house: Any) -> None:
    draw = Draw("x", negative="blurry", width=64, height=64)
    events = await house.drawn(house.painter(), draw)
    assert events[0] == Status("z-image-turbo takes no negative prompt; left out: blurry")


@pytest.mark.parametrize(
    ("draw", "field", "says"),
    [
        (Draw("x", count=9), "count", "9 pictures were asked for; 1 to 8"),
        (Draw("x", count=0), "count", "0 pictures"),
        (Draw("x", width=4096), "width", "64 to 2048"),
        (Draw("x", height=8), "height", "? x 8 pixels"),
        (Draw("x", width=-256), "width", "-256 x ?"),
        (Draw("  "), "prompt", "no word"),
        (Draw("x" * 20_001), "prompt", "20,001 characters"),
        (Draw("x", seed=-1), "seed", "-1 is no seed"),
        (Draw("x", seed=2**64), "seed", "is no seed"),
    ],
)
async def test_too_much_of_anything_is_refused_before_anybody_is_asked(
    house: Any, draw: Draw, field: str, says: str
) -> None:
    with pytest.raises(BadField, match="(?s)" + says.replace("?", r"\?")) as caught:
        await house.drawn(house.painter(), draw)
    assert caught.value.field == field
    assert caught.value.cure
    assert not house.fake.api.requests


async def test_the_encoder_on_the_processor_takes_no_memory_of_the_card(house: Any) -> None:
    await house.drawn(house.painter(), FOX)
    whole = house.card.held_by("comfyui")
    house.fake.world.share.unload()
    await house.drawn(house.painter(manner=Manner(encoder_on_processor=True)), FOX)
    assert house.sent(ENCODER, "device") == "cpu"
    assert whole - house.card.held_by("comfyui") == 7_490_000_000


async def test_a_longest_side_shortens_the_picture_in_its_shape(house: Any) -> None:
    painter = house.painter(manner=Manner(longest_side=768))
    await house.drawn(painter, Draw("x", width=1536, height=1024))
    assert (house.sent(SIZE, "width"), house.sent(SIZE, "height")) == (768, 512)
    await house.drawn(painter, FOX)
    assert house.sent(SIZE, "width") == 256


async def test_a_workflow_that_draws_one_at_a_time_is_asked_once_for_each_seed(house: Any) -> None:
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    seed = of_graph(graph, "mine", {"prompt": (), "batch": (), "seed": (Bound("1", "color"),)})
    pictures = await house.pictures(house.painter(seed), Draw("", width=64, height=64, count=3, seed=10))
    assert [it.seed for it in pictures] == [10, 11, 12]
    assert [png_colour(it.data) for it in pictures] == [(0, 0, 10), (0, 0, 11), (0, 0, 12)]
    assert len(house.graphs) == 3


class Bound:
    def __init__(self, node: str, name: str) -> None:
        self.node, self.input, self.class_type = node, name, ""


async def test_several_inputs_take_the_same_value(house: Any) -> None:
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    square = of_graph(graph, "square", {"prompt": (), "width": (Bound("1", "width"), Bound("1", "height"))})
    (picture,) = await house.pictures(house.painter(square), Draw("", width=128))
    assert png_size(picture.data) == (128, 64)  # height has its own value, and is set after


async def test_many_at_once_each_get_their_own(house: Any) -> None:
    painter = house.painter()
    draws = [Draw(f"fox {n}", width=64 + 16 * n, height=64) for n in range(5)]
    for draw, pictures in zip(draws, await asyncio.gather(*(house.pictures(painter, it) for it in draws)), strict=True):
        assert [png_size(it.data)[0] for it in pictures] == [draw.width]


async def test_a_word_that_is_refused_is_refused_before_anything_is_sent(house: Any) -> None:
    painter = house.painter(policy=RefusedWords(["fox"]))
    with pytest.raises(InvalidInput, match="“fox” are not drawn here") as caught:
        await house.drawn(painter, FOX)
    assert "images.refuse" in caught.value.cure
    assert not house.fake.api.requests


class NoDark(EverythingGoes):
    """Holds back what is too dark."""

    def looks(self, picture: Picture) -> str | None:
        return "too dark" if sum(png_colour(picture.data)) < 380 else None


async def test_pictures_that_the_policy_does_not_like_are_held_back(house: Any) -> None:
    draw = Draw("a red fox", width=64, height=64, count=8, seed=4)
    shown = await house.pictures(house.painter(), draw)
    events = await house.drawn(house.painter(policy=NoDark()), draw)
    kept = [it for it in events if isinstance(it, Picture)]
    assert kept == [it for it in shown if not NoDark().looks(it)]
    assert 0 < len(kept) < 8
    assert events.count(Status("a picture is not shown: too dark")) == 8 - len(kept)


async def test_when_none_is_left_to_show_it_is_said(house: Any) -> None:
    class Nothing(EverythingGoes):
        def looks(self, picture: Picture) -> str | None:
            return "no"

    with pytest.raises(InvalidInput, match="no picture of it is shown here"):
        await house.drawn(house.painter(policy=Nothing()), FOX)


async def test_a_model_file_that_is_missing_is_named_with_its_place(house: Any) -> None:
    house.fake.world.classes["UNETLoader"].required["unet_name"][0].remove("z_image_turbo_bf16.safetensors")
    with pytest.raises(WorkflowError) as caught:
        await house.drawn(house.painter(), FOX)
    assert "z_image_turbo_bf16.safetensors (in models/diffusion_models)" in caught.value.message
    assert "models/diffusion_models" in caught.value.cure
    assert "Browse Templates" in caught.value.cure
