"""The workflows that come with Pointsman."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.providers.comfyui.workflow import Values, load, of_graph, shipped

SAMPLE = Path(__file__).resolve().parents[3] / ".." / "shared/reference/samples/comfyui/zimage_turbo_api_graph.json"
VALUES = Values("a fox", "blurry", 7, 512, 256, 2, 4)


def test_these_are_shipped() -> None:
    assert shipped() == ("connection", "z-image-turbo", "z-image-turbo-int8")


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_workflow_fits_its_bindings_and_takes_its_values(name: str) -> None:
    workflow = load(name)
    graph = workflow.filled(VALUES)
    for role, value in (("seed", 7), ("width", 512), ("height", 256), ("batch", 2), ("steps", 4), ("prompt", "a fox")):
        for bound in workflow.bindings.of(role):
            assert graph[bound.node]["inputs"][bound.input] == value
    assert workflow.graph != graph
    assert load(name) == workflow  # filling it changed nothing of its own
    assert workflow.weights is not None


@pytest.mark.parametrize("name", ["z-image-turbo", "z-image-turbo-int8"])
def test_what_is_found_in_the_shipped_workflows_is_what_is_bound(name: str) -> None:
    workflow = load(name)
    assert of_graph(workflow.graph, name).bindings == workflow.bindings


def test_the_model_less_one_needs_no_prompt() -> None:
    workflow = load("connection")
    assert not workflow.bindings.prompt
    assert not workflow.loaders


def shape(graph: Any) -> Any:
    """A graph with its nodes named by their class, without titles and prefixes."""
    named = {node: it["class_type"] for node, it in graph.items()}
    return {
        named[node]: {
            key: [named[value[0]], value[1]] if isinstance(value, list) else value
            for key, value in it["inputs"].items()
            if key not in {"text", "filename_prefix"}
        }
        for node, it in graph.items()
    }


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the reference material is not beside this checkout")
def test_z_image_turbo_is_the_official_graph() -> None:
    assert shape(load("z-image-turbo").graph) == shape(json.loads(SAMPLE.read_text())["prompt"])


def test_the_two_files_differ_in_the_models_only() -> None:
    bf16, int8 = shape(load("z-image-turbo").graph), shape(load("z-image-turbo-int8").graph)
    assert int8["UNETLoader"].pop("unet_name") == "z_image_turbo_int8_convrot.safetensors"
    assert int8["CLIPLoader"].pop("clip_name") == "qwen_3_4b_fp8_mixed.safetensors"
    del bf16["UNETLoader"]["unet_name"], bf16["CLIPLoader"]["clip_name"]
    assert bf16 == int8


def test_the_encoder_goes_to_the_processor_when_it_is_asked_to() -> None:
    workflow = load("z-image-turbo")
    assert workflow.filled(VALUES)["2"]["inputs"]["device"] == "default"
    assert workflow.filled(VALUES, encoder_on_processor=True)["2"]["inputs"]["device"] == "cpu"
