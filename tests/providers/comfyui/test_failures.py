"""Refusals and failures, in words that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.errors import OutOfMemory, PictureFailed, PointsmanError, Unreachable, WorkflowError
from pointsman.providers.comfyui import failures
from pointsman.providers.remote.wire import Reply

GRAPH = {"7": {"class_type": "Upscaler", "inputs": {}}, "8": {"class_type": "KSampler", "inputs": {}}}


def refused(body: Any, status: int = 400, **headers: str) -> PointsmanError | None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failures.refused(Reply(status, headers, raw), "mine", GRAPH, "from there")


def node(*errors: dict[str, Any], class_type: str = "UNETLoader", status: int = 400) -> PointsmanError | None:
    whole = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": ""}
    return refused({"error": whole, "node_errors": {"4": {"errors": list(errors), "class_type": class_type}}}, status)


def absent(key: str, value: str) -> dict[str, Any]:
    about = {"input_name": key, "received_value": value}
    return {"type": "value_not_in_list", "message": "Value not in list", "details": f"{key}: ...", "extra_info": about}


def test_what_is_taken_is_no_error() -> None:
    assert refused({"prompt_id": "x", "number": 1, "node_errors": {}}, 200) is None


@pytest.mark.parametrize(
    ("class_type", "key", "file", "folder"),
    [
        ("UNETLoader", "unet_name", "a.safetensors", "models/diffusion_models"),
        ("CLIPLoader", "clip_name", "a.safetensors", "models/text_encoders"),
        ("DualCLIPLoader", "clip_name2", "a.safetensors", "models/text_encoders"),
        ("CLIPVisionLoader", "clip_name", "a.safetensors", "models/clip_vision"),
        ("VAELoader", "vae_name", "a.SFT", "models/vae"),
        ("CheckpointLoaderSimple", "ckpt_name", "sub/a.ckpt", "models/checkpoints"),
        ("LoraLoader", "lora_name", "a.safetensors", "models/loras"),
        ("UnetLoaderGGUF", "unet_name", "a.gguf", "models/diffusion_models"),
    ],
)
def test_a_missing_file_with_its_folder(class_type: str, key: str, file: str, folder: str) -> None:
    error = node(absent(key, file), class_type=class_type)
    assert isinstance(error, WorkflowError)
    assert error.message == f"mine: ComfyUI does not have the model file {file} (in {folder})"
    assert error.cure == f"put it into ComfyUI's folder {folder}, or name installed ones in the workflow; from there"


def test_a_missing_file_of_an_unknown_loader() -> None:
    error = node(absent("thing", "a.pth"), class_type="OwnLoader")
    assert isinstance(error, WorkflowError)
    assert error.message.endswith("the model file a.pth")
    assert "put it where ComfyUI looks" in error.cure


def test_several_missing_files_are_all_named() -> None:
    error = node(absent("unet_name", "a.safetensors"), absent("vae_name", "b.safetensors"))
    assert error is not None
    assert "a.safetensors (in models/diffusion_models), b.safetensors (in models/vae)" in error.message
    assert "models/diffusion_models and models/vae" in error.cure


def test_a_value_that_is_no_file_is_not_taken_for_one() -> None:
    error = node(absent("sampler_name", "res_multistep"), class_type="KSampler")
    assert isinstance(error, WorkflowError)
    assert "node 4 (KSampler): Value not in list: sampler_name" in error.message


def test_many_errors_are_counted() -> None:
    error = node(*[{"message": f"m{n}", "details": "d"} for n in range(7)])
    assert error is not None
    assert error.message.count("node 4") == 4
    assert error.message.endswith("and 3 more")


def test_accepted_with_errors_is_refused() -> None:
    assert isinstance(node({"message": "m"}, status=200), WorkflowError)


@pytest.mark.parametrize("kind", ["invalid_prompt", "missing_node_type"])
def test_a_node_that_is_not_installed(kind: str) -> None:
    error = refused({"error": {"type": kind, "message": "m", "details": "Node ID '#7'"}, "node_errors": {}})
    assert isinstance(error, WorkflowError)
    assert error.message == "mine: ComfyUI does not have the node Upscaler (node 7)"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"error": {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": ""}}, "no outputs"),
        ({"error": "odd"}, "refuses it: odd"),
        ({}, "it answered 400"),
        ({"error": {"message": None}}, "without a reason"),
        ({"node_errors": {"1": "odd"}}, "it answered 400"),
    ],
)
def test_other_refusals_keep_their_words(body: Any, says: str) -> None:
    error = refused(body)
    assert isinstance(error, WorkflowError)
    assert says in error.message
    assert error.cure


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"<html>", 502, Unreachable),
        (b"<html>", 500, Unreachable),
        (b"500 Internal Server Error", 500, PictureFailed),
        (b"[]", 200, Unreachable),
        (b'{"ok": true}', 200, Unreachable),
        (b"", 204, Unreachable),
    ],
)
def test_what_is_none_of_comfyuis_answers(body: bytes, status: int, kind: type[PointsmanError]) -> None:
    assert isinstance(refused(body, status), kind)


@pytest.mark.parametrize(
    "data",
    [
        {"exception_type": "torch.OutOfMemoryError", "exception_message": "x"},
        {"exception_type": "torch.cuda.OutOfMemoryError", "exception_message": ""},
        {"exception_type": "RuntimeError", "exception_message": "CUDA error: out of memory"},
        {"exception_type": "RuntimeError", "exception_message": "HIP out of memory. Tried to allocate"},
        {"exception_type": "RuntimeError", "exception_message": "Allocation on device 0 would exceed"},
    ],
)
def test_a_full_card_in_all_its_words(data: dict[str, str]) -> None:
    assert isinstance(failures.broke_off(data, "mine"), OutOfMemory)


@pytest.mark.parametrize("data", [{}, {"exception_type": "ValueError"}, {"exception_message": "memory of a summer"}])
def test_other_failures_are_not_the_cards(data: dict[str, str]) -> None:
    error = failures.broke_off(data, "mine")
    assert not isinstance(error, OutOfMemory)
    assert error.cure
