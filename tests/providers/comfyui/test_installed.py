"""Whether a ComfyUI has what a workflow names."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui.installed import choices, missing, require
from pointsman.providers.comfyui.workflow import load, of_graph


@pytest.mark.parametrize("name", ["connection", "z-image-turbo", "z-image-turbo-int8"])
async def test_nothing_is_missing(house: Any, name: str) -> None:
    assert await missing(house.client, load(name)) == ()
    await require(house.client, load(name))


async def test_missing_files_are_named_with_what_is_there(house: Any) -> None:
    there = house.fake.world.classes["UNETLoader"].required["unet_name"][0]
    there.remove("z_image_turbo_bf16.safetensors")
    with pytest.raises(WorkflowError) as caught:
        await require(house.client, load("z-image-turbo"))
    assert caught.value.message == (
        "z-image-turbo: node 1 (UNETLoader): unet_name z_image_turbo_bf16.safetensors is not there in"
        " models/diffusion_models; ComfyUI has z_image_turbo_int8_convrot.safetensors"
    )
    assert "models/diffusion_models" in caught.value.cure
    assert "Browse Templates" in caught.value.cure


async def test_no_files_at_all_are_said(house: Any) -> None:
    house.fake.world.classes["CLIPLoader"].required["clip_name"][0].clear()
    (found,) = await missing(house.client, load("z-image-turbo"))
    assert str(found).endswith("is not there in models/text_encoders; ComfyUI has none")


async def test_a_node_that_is_not_installed(house: Any) -> None:
    del house.fake.world.classes["ModelSamplingAuraFlow"]
    with pytest.raises(WorkflowError, match="node 7: ModelSamplingAuraFlow is not installed") as caught:
        await require(house.client, load("z-image-turbo"))
    assert "update ComfyUI" in caught.value.cure


async def test_a_sampler_that_an_older_one_does_not_know(house: Any) -> None:
    house.fake.world.classes["KSampler"].required["sampler_name"][0] = ["euler"]
    with pytest.raises(WorkflowError, match="sampler_name res_multistep is not there; ComfyUI has euler"):
        await require(house.client, load("z-image-turbo"))


async def test_each_class_is_asked_for_once(house: Any) -> None:
    flow = load("z-image-turbo")
    twice = {**flow.graph, "40": flow.graph["9"], "41": {"class_type": "A b/c?", "inputs": {}}}
    found = await missing(house.client, of_graph(twice, "twice", output="10"))
    assert [it.class_type for it in found] == ["A b/c?"]
    asked = [path for _, path, _ in house.fake.api.requests]
    assert len(asked) == len(set(asked))


def test_both_ways_of_describing_choices() -> None:
    info = {
        "input": {
            "required": {"a": [["x", "y"]], "b": ["COMBO", {"options": ["z"]}], "c": ["INT", {}], "d": "odd"},
            "optional": {"e": [[]]},
        }
    }
    assert [choices(info, key) for key in "abcdef"] == [["x", "y"], ["z"], None, None, [], None]
    assert choices({}, "a") is None
