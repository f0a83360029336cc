"""Workflows of one's own: what is found in them, and what is said of those that do not fit."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui.bindings import Binding
from pointsman.providers.comfyui.graph import checked, parse, upstream
from pointsman.providers.comfyui.workflow import Values, load, of_graph

VALUES = Values("a fox", "blurry", 7, 512, 256, 2, 4)
# What ComfyUI's own page exports for its default workflow, in essence.
CLASSIC: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1, "steps": 20, "cfg": 8, "sampler_name": "euler", "scheduler": "normal", "denoise": 1,
            "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "some.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a castle", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "text", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "ComfyUI"}},
}  # fmt: skip
# Samplers whose parts are nodes of their own, as FLUX workflows have them; ids as in a subgraph.
APART: dict[str, Any] = {
    "1:13": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {
            "noise": ["1:25", 0], "guider": ["1:22", 0], "sampler": ["1:16", 0], "sigmas": ["1:17", 0],
            "latent_image": ["1:27", 0],
        },
    },
    "1:25": {"class_type": "RandomNoise", "inputs": {"noise_seed": 5}},
    "1:22": {"class_type": "BasicGuider", "inputs": {"model": ["1:12", 0], "conditioning": ["1:26", 0]}},
    "1:26": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["1:6", 0]}},
    "1:6": {"class_type": "CLIPTextEncodeFlux", "inputs": {"clip_l": "a cat", "t5xxl": "a cat", "clip": ["1:11", 0]}},
    "1:11": {"class_type": "DualCLIPLoader", "inputs": {"clip_name1": "t5.safetensors", "clip_name2": "l.safetensors"}},
    "1:12": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors", "weight_dtype": "default"}},
    "1:16": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
    "1:17": {"class_type": "BasicScheduler", "inputs": {"model": ["1:12", 0], "steps": 20, "denoise": 1}},
    "1:27": {
        "class_type": "EmptySD3LatentImage",
        "inputs": {"width": ["1:30", 0], "height": ["1:31", 0], "batch_size": 1},
    },
    "1:30": {"class_type": "PrimitiveInt", "inputs": {"value": 1152}},
    "1:31": {"class_type": "PrimitiveInt", "inputs": {"value": 896}},
    "1:8": {"class_type": "VAEDecode", "inputs": {"samples": ["1:13", 0], "vae": ["1:10", 0]}},
    "1:10": {"class_type": "VAELoader", "inputs": {"vae_name": "ae.safetensors"}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["1:8", 0], "filename_prefix": "flux"}},
}  # fmt: skip


@dataclass
class Bound:
    node: str
    input: str
    class_type: str = ""


def changed(**nodes: Any) -> dict[str, Any]:
    """The classic workflow with other inputs: n3={"seed": ...}."""
    graph = copy.deepcopy(CLASSIC)
    for name, inputs in nodes.items():
        graph[name.removeprefix("n")]["inputs"] |= inputs
    return graph


# --- one's own


def test_what_is_set_is_found_in_an_ordinary_workflow() -> None:
    workflow = of_graph(CLASSIC, "mine")
    assert str(workflow.bindings) == (
        "prompt 6.text, negative 7.text, seed 3.seed, steps 3.steps, width 5.width, height 5.height,"
        " batch 5.batch_size, output 9"
    )
    assert workflow.size == (512, 768)
    graph = workflow.filled(VALUES)
    assert graph["6"]["inputs"]["text"] == "a fox"
    assert graph["7"]["inputs"]["text"] == "blurry"
    assert graph["3"]["inputs"] | {"seed": 7, "steps": 4} == graph["3"]["inputs"]
    assert graph["5"]["inputs"] == {"width": 512, "height": 256, "batch_size": 2}


def test_what_is_set_is_found_where_the_sampler_is_in_parts() -> None:
    assert str(of_graph(APART, "flux").bindings) == (
        "prompt 1:6.clip_l and 1:6.t5xxl, seed 1:25.noise_seed, steps 1:17.steps, width 1:30.value,"
        " height 1:31.value, batch 1:27.batch_size, encoder_device 1:11.device, output 9"
    )


def test_a_text_that_another_node_sets_is_found_there() -> None:
    graph = changed(n6={"text": ["20", 0]}) | {
        "20": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a castle"}}
    }
    assert of_graph(graph, "mine").bindings.prompt == (Binding("20", "value", "PrimitiveStringMultiline"),)


def test_a_seed_that_another_node_sets_is_found_there() -> None:
    graph = changed(n3={"seed": ["20", 0]}) | {"20": {"class_type": "SeedNode", "inputs": {"seed": 3, "other": 4}}}
    assert of_graph(graph, "mine").bindings.seed == (Binding("20", "seed", "SeedNode"),)


def test_a_negative_that_is_the_prompt_is_none() -> None:
    assert of_graph(changed(n3={"negative": ["6", 0]}), "mine").bindings.negative == ()


def test_a_workflow_that_begins_with_a_picture_has_its_size() -> None:
    graph = changed(n3={"latent_image": ["20", 0]}) | {
        "20": {"class_type": "VAEEncode", "inputs": {"pixels": ["21", 0], "vae": ["4", 2]}},
        "21": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
    }
    del graph["5"]
    workflow = of_graph(graph, "mine")
    assert (workflow.bindings.width, workflow.bindings.batch, workflow.size) == ((), (), (0, 0))


def test_what_is_given_counts_and_the_rest_is_found() -> None:
    workflow = of_graph(CLASSIC, "mine", {"prompt": [Bound("7", "text")], "negative": [], "seed": None})
    assert workflow.bindings.prompt == (Binding("7", "text"),)
    assert workflow.bindings.negative == ()
    assert workflow.bindings.seed == (Binding("3", "seed", "KSampler"),)


def test_of_two_that_save_the_named_one_counts_with_what_it_is_made_of() -> None:
    graph = CLASSIC | {
        "30": {"class_type": "SaveImage", "inputs": {"images": ["31", 0], "filename_prefix": "x"}},
        "31": {"class_type": "VAEDecode", "inputs": {"samples": ["32", 0], "vae": ["4", 2]}},
        "32": {"class_type": "KSampler", "inputs": {**CLASSIC["3"]["inputs"], "positive": ["7", 0]}},
    }
    with pytest.raises(WorkflowError, match="saved by the nodes 9, 30") as caught:
        of_graph(graph, "mine")
    assert "images.comfyui.output" in caught.value.cure
    workflow = of_graph(graph, "mine", output="30")
    assert (workflow.bindings.output, workflow.bindings.seed[0].node) == ("30", "32")
    assert workflow.bindings.prompt[0].node == "7"


def test_what_is_kept_counts_more_than_what_is_shown() -> None:
    graph = CLASSIC | {"30": {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}}
    assert of_graph(graph, "mine").bindings.output == "9"
    del graph["9"]
    assert of_graph(graph, "mine").bindings.output == "30"


def test_bindings_of_ones_own_for_a_shipped_workflow() -> None:
    workflow = load("z-image-turbo", {"batch": []})
    assert workflow.bindings.batch == ()
    assert workflow.bindings.prompt == load("z-image-turbo").bindings.prompt
    assert workflow.weights == load("z-image-turbo").weights


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "castle.json"
    file.write_text(json.dumps(CLASSIC))
    workflow = load(file)
    assert (workflow.name, workflow.weights, workflow.lighter) == ("castle", None, "")
    file.write_text(json.dumps({"prompt": CLASSIC, "client_id": "x"}))  # as some programs keep the whole request
    assert load(file).fingerprint == workflow.fingerprint
    file.write_text(json.dumps(changed(n3={"cfg": 7})))
    assert load(file).fingerprint != workflow.fingerprint


# --- those that do not fit


def test_a_file_that_is_missing_names_those_that_are_shipped(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"none\.json: cannot be read") as caught:
        load(tmp_path / "none.json")
    assert "connection, z-image-turbo, z-image-turbo-int8" in caught.value.cure


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"nodes": [{"id": 1}], "links": [], "version": 0.4}', "as ComfyUI's page saves it"),
        (b"\x89PNG\r\n\x1a\n\xff", "something binary"),
        (b"{not json", "is no JSON: Expecting property name"),
        (b"[" * 100_000, "nested deeper"),
        (b"[]", "holds no nodes"),
        (b"{}", "holds no nodes"),
        (b'{"1": {"inputs": {}}}', "node 1 has no class_type"),
        (b'{"1": {"class_type": "X"}}', r"node 1 \(X\) has no inputs"),
        (b'{"last_node_id": 9}', "node last_node_id has no class_type"),
        (b'{"1": {"class_type": "X", "inputs": {"a": ["7", 0]}}}', r"input a of node 1 \(X\) comes from node 7"),
        (b" " * 5_000_000, "5,000,000 bytes"),
    ],
)
def test_what_is_no_workflow_is_told_how_to_export_one(content: bytes, says: str) -> None:
    with pytest.raises(WorkflowError, match=says) as caught:
        parse(content, "mine.json")
    assert caught.value.message.startswith("mine.json: ")
    assert "Workflow > Export (API)" in caught.value.cure


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"prompt": [Bound("60", "text")]}, "prompt is bound to node 60, which is missing"),
        ({"prompt": [Bound("6", "txt")]}, r"node 6 \(CLIPTextEncode\) has no input of that name; it has text"),
        ({"prompt": [Bound("6", "text", "TextNode")]}, "bound to a TextNode, but node 6 is a CLIPTextEncode"),
        ({"prompt": [Bound("3", "positive")]}, r"which node 6 \(CLIPTextEncode\) already sets"),
        ({"prompt": [Bound("3", "seed")]}, "holds int and not a text"),
        ({"seed": [Bound("6", "text")]}, "holds str and not a number"),
        ({"encoder_device": [Bound("60", "device")]}, "encoder_device is bound to node 60"),
    ],
)
def test_a_binding_that_does_not_fit_says_what_is_there(given_: Any, says: str) -> None:
    with pytest.raises(WorkflowError, match=says) as caught:
        of_graph(CLASSIC, "mine", given_)
    assert "images.comfyui.bindings" in caught.value.cure


def test_an_output_that_is_missing() -> None:
    with pytest.raises(WorkflowError, match="the output is to be node 90, which is missing") as caught:
        of_graph(CLASSIC, "mine", output="90")
    assert "images.comfyui.output" in caught.value.cure


def test_a_workflow_that_saves_nothing() -> None:
    graph = {node: it for node, it in CLASSIC.items() if node != "9"}
    with pytest.raises(WorkflowError, match="no node saves a picture"):
        of_graph(graph, "mine")


def test_where_the_prompt_is_not_found_the_texts_are_listed() -> None:
    graph = {node: copy.deepcopy(it) for node, it in CLASSIC.items()}
    graph["3"]["inputs"]["positive"] = "nothing"
    graph["3"]["inputs"]["negative"] = ["7", 0]
    with pytest.raises(WorkflowError, match="where the prompt goes was not found") as caught:
        of_graph(graph, "mine")
    assert "6.text, 7.text" in caught.value.cure


def test_links_in_a_circle_end() -> None:
    graph = checked(
        {
            "1": {"class_type": "A", "inputs": {"x": ["2", 0]}},
            "2": {"class_type": "B", "inputs": {"x": ["1", 0]}},
            "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        },
        "circle",
    )
    assert list(upstream(graph, "3")) == ["3", "1", "2"]
    with pytest.raises(WorkflowError, match="where the prompt goes"):
        of_graph(graph, "circle")


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)
    )
)
def test_whatever_is_given_is_a_graph_or_an_error_of_ours(data: Any) -> None:
    with suppress(WorkflowError):
        assert checked(data, "x")
