"""Workflows that make a picture of another one: what is found in them, and what is said of those that do not fit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pointsman.core.errors import WorkflowError
from pointsman.providers.comfyui import footprints
from pointsman.providers.comfyui.jobs import job_from
from pointsman.providers.comfyui.workflow import Values, Workflow, of_graph

KEY = "images.comfyui.jobs.edit"


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


# Drawn over a picture, as ComfyUI's own example of it does.
OVER: dict[str, Any] = {
    "1": node("CheckpointLoaderSimple", ckpt_name="some.safetensors"),
    "2": node("LoadImage", image="example.png"),
    "3": node("VAEEncode", pixels=["2", 0], vae=["1", 2]),
    "4": node("CLIPTextEncode", text="a castle", clip=["1", 1]),
    "5": node("CLIPTextEncode", text="blurry", clip=["1", 1]),
    "6": node(
        "KSampler", model=["1", 0], seed=1, steps=20, cfg=8, sampler_name="euler", scheduler="normal", denoise=0.87,
        positive=["4", 0], negative=["5", 0], latent_image=["3", 0],
    ),
    "7": node("VAEDecode", samples=["6", 0], vae=["1", 2]),
    "8": node("SaveImage", images=["7", 0], filename_prefix="edited"),
}  # fmt: skip
# Edited by words: the picture goes to the text encoder, and what is drawn begins with nothing.
BY_WORDS = {
    **{it: OVER[it] for it in ("1", "2", "7", "8")},
    "4": node("TextEncodeQwenImageEditPlus", clip=["1", 1], vae=["1", 2], prompt="make it night", image1=["2", 0]),
    "5": node("TextEncodeQwenImageEditPlus", clip=["1", 1], vae=["1", 2], prompt="", image1=["2", 0]),
    "6": node(
        "KSampler", model=["1", 0], seed=1, steps=4, cfg=1, sampler_name="euler", scheduler="simple", denoise=1,
        positive=["4", 0], negative=["5", 0], latent_image=["9", 0],
    ),
    "9": node("EmptySD3LatentImage", width=1024, height=1024, batch_size=1),
}  # fmt: skip
LARGER = {
    "1": node("LoadImage", image="example.png", upload="image"),
    "2": node("UpscaleModelLoader", model_name="4x.pth"),
    "3": node("ImageUpscaleWithModel", upscale_model=["2", 0], image=["1", 0]),
    "4": node("ImageScale", image=["3", 0], upscale_method="lanczos", width=2048, height=2048, crop="disabled"),
    "5": node("SaveImage", images=["4", 0], filename_prefix="larger"),
}
# Upscalers that draw anew, piece by piece.
BY_PIECES = {
    **{it: OVER[it] for it in ("1", "2", "4", "5")},
    "6": node(
        "UltimateSDUpscale", image=["2", 0], model=["1", 0], vae=["1", 2], positive=["4", 0], negative=["5", 0],
        upscale_by=2, seed=3, steps=12, cfg=6, denoise=0.2, tile_width=512, tile_height=512,
    ),
    "8": node("SaveImage", images=["6", 0], filename_prefix="larger"),
}  # fmt: skip


@dataclass
class Bound:
    node: str
    input: str
    class_type: str = ""


@dataclass
class Setting:
    workflow: Path
    given: Any
    output: str = ""
    strength: float | None = None
    footprint: int | None = None


def made(graph: dict[str, Any], job: str = "edit", given: Any = None) -> Workflow:
    return of_graph(graph, "mine", given, key=KEY.replace("edit", job), job=job)


@pytest.mark.parametrize(
    ("graph", "job", "found"),
    [
        (OVER, "edit", "prompt 4.text, negative 5.text, seed 6.seed, steps 6.steps, image 2.image, denoise 6.denoise"),
        (OVER, "vary", "prompt 4.text, negative 5.text, seed 6.seed, steps 6.steps, image 2.image, denoise 6.denoise"),
        (
            BY_WORDS,
            "edit",
            (
                "prompt 4.prompt, negative 5.prompt, seed 6.seed, steps 6.steps, width 9.width, height 9.height, "
                "batch 9.batch_size, image 2.image"
            ),
        ),
        (LARGER, "upscale", "image 1.image"),
        (
            BY_PIECES,
            "upscale",
            "prompt 4.text, negative 5.text, seed 6.seed, steps 6.steps, image 2.image, denoise 6.denoise",
        ),
    ],
)
def test_what_is_set_is_found(graph: dict[str, Any], job: str, found: str) -> None:
    assert str(made(graph, job).bindings).rpartition(", output")[0] == found


def test_a_strength_that_another_node_sets_is_found_there() -> None:
    apart = {
        **OVER,
        "6": node("SamplerCustomAdvanced", latent_image=["3", 0], guider=["9", 0], noise=["10", 0], sigmas=["11", 0]),
        "9": node("BasicGuider", model=["1", 0], conditioning=["4", 0]),
        "10": node("RandomNoise", noise_seed=5),
        "11": node("BasicScheduler", model=["1", 0], steps=20, denoise=["12", 0]),
        "12": node("PrimitiveFloat", value=0.5),
    }
    bindings = made(apart).bindings
    assert (str(bindings.denoise[0]), str(bindings.seed[0])) == ("12.value", "10.noise_seed")


def test_an_ordinary_workflow_takes_no_picture() -> None:
    bindings = of_graph(OVER, "mine").bindings
    assert (bindings.image, bindings.denoise) == ((), ())


def test_what_is_given_counts() -> None:
    two = {
        **OVER,
        "20": node("LoadImage", image="mask.png"),
        "3": node("VAEEncodeForInpaint", pixels=["2", 0], x=["20", 1]),
    }
    with pytest.raises(
        WorkflowError, match=r"loaded by the nodes 2, 20; which takes the picture is not clear"
    ) as caught:
        made(two)
    assert f"{KEY}.bindings.image to its node and input, such as 2.image" in caught.value.cure
    bindings = made(two, given={"image": [Bound("20", "image")], "denoise": []}).bindings
    assert ([str(it) for it in bindings.image], bindings.denoise) == (["20.image"], ())


@pytest.mark.parametrize(
    ("graph", "given", "says", "key"),
    [
        ({**BY_WORDS, "2": node("Odd", image="x")}, None, "no Load Image node takes the picture", "bindings.image"),
        (OVER, {"image": []}, "goes nowhere", "bindings.image"),
        (OVER, {"image": [Bound("6", "seed")]}, "image is bound to 6.seed, which holds int and not a text", "bindings"),
        (OVER, {"denoise": [Bound("4", "text")]}, "holds str and not a number", "bindings"),
        (OVER, {"image": [Bound("60", "image")]}, "bound to node 60, which is missing", "bindings"),
        (LARGER, None, "where the prompt goes was not found", "bindings.prompt"),
        ({it: OVER[it] for it in "1234567"}, None, "no node saves a picture", "output"),
    ],
)
def test_what_does_not_fit_names_the_jobs_own_key(graph: Any, given: Any, says: str, key: str) -> None:
    with pytest.raises(WorkflowError, match=says) as caught:
        made(graph, given=given)
    assert f"{KEY}.{key}" in caught.value.cure


def test_a_picture_is_edited_by_words_and_made_larger_without() -> None:
    assert made(LARGER, "vary").bindings.prompt == ()
    assert made(LARGER, given={"prompt": []}).bindings.prompt == ()


def test_what_is_filled_in() -> None:
    values = Values(None, None, 7, 0, 0, steps=4, image="pointsman/a.png [temp]", denoise=0.5)
    graph = made(OVER, "vary").filled(values)
    assert graph["2"]["inputs"]["image"] == "pointsman/a.png [temp]"
    assert (graph["6"]["inputs"]["denoise"], graph["6"]["inputs"]["steps"]) == (0.5, 4)
    assert (graph["4"]["inputs"]["text"], graph["5"]["inputs"]["text"]) == ("a castle", "blurry")


# --- from a configuration


def test_a_job_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "over.json"
    file.write_text(json.dumps(OVER))
    job = job_from("vary", Setting(file, {}, strength=0.5, footprint=8_000_000_000))
    assert (job.name, job.workflow.name, job.strength) == ("vary", "over", 0.5)
    assert footprints.guess(job.weights, 1) == 8_000_000_000
    assert job_from("vary", Setting(file, {})).weights == footprints.UNKNOWN


def test_a_strength_without_a_place_for_it(tmp_path: Path) -> None:
    file = tmp_path / "larger.json"
    file.write_text(json.dumps(LARGER))
    with pytest.raises(WorkflowError, match="where the strength goes was not found") as caught:
        job_from("upscale", Setting(file, {}, strength=0.5))
    assert "images.comfyui.jobs.upscale.bindings.denoise" in caught.value.cure
    assert job_from("upscale", Setting(file, {})).weights == footprints.UPSCALER


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"none\.json: cannot be read") as caught:
        job_from("upscale", Setting(tmp_path / "none.json", {}))
    assert caught.value.cure == "set images.comfyui.jobs.upscale to a file"


def test_what_needs_no_model_takes_nothing() -> None:
    plain = {it: LARGER[it] for it in ("1", "4", "5")} | {"4": node("ImageScaleBy", image=["1", 0], scale_by=2)}
    assert footprints.supposed(made(plain, "upscale")).card == 0
