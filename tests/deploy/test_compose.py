"""The compose file: every flag and variable is one whose effect is known for its version, and says why it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pointsman.config.load import VARIABLES

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FILE = DEPLOY / "compose.yaml"
LINES = FILE.read_text().splitlines()

# Read in the sources of these versions.
OLLAMA = {
    "OLLAMA_KEEP_ALIVE": r"-1",
    "OLLAMA_MAX_LOADED_MODELS": r"[1-9]",
    "OLLAMA_NUM_PARALLEL": r"1",
    "OLLAMA_CONTEXT_LENGTH": r"\d{4,6}",
    "OLLAMA_KV_CACHE_TYPE": r"f16|q8_0|q4_0",
    "OLLAMA_FLASH_ATTENTION": r"1",
    "LLAMA_ARG_FIT_TARGET": r"\d{3,4}",
    "OLLAMA_LOAD_TIMEOUT": r"\d+m",
}
COMFYUI = {
    "--listen": r"0\.0\.0\.0",
    "--port": r"8188",
    "--reserve-vram": r"[01]\.\d",
    "--preview-method": r"auto|latent2rgb|taesd",
}
DRIVER = {"NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"}
# What each of these is said to do, it does not; deploy/README.md says what they do.
MYTHS = (
    "--fast",
    "--lowvram",
    "--fp8_e4m3fn-text-enc",
    "--cuda-malloc",
    "PYTORCH_CUDA_ALLOC_CONF",
    "--disable-smart-memory",
    "--cache-none",
    "OLLAMA_GPU_OVERHEAD",
    "OLLAMA_SCHED_SPREAD",
)


@pytest.fixture(scope="module")
def services() -> Mapping[str, Any]:
    return dict(YAML(typ="safe").load(FILE.read_text())["services"])


def flags(command: list[str]) -> Iterator[tuple[str, str]]:
    for flag in command:
        name, _, value = flag.partition("=")
        yield name, value


def test_ollama_has_only_variables_that_do_what_is_said(services: Mapping[str, Any]) -> None:
    given = services["ollama"]["environment"]
    assert given.keys() == OLLAMA.keys()
    for name, value in given.items():
        assert re.fullmatch(OLLAMA[name], str(value)), f"{name}={value}"


def test_a_small_context_needs_flash_attention(services: Mapping[str, Any]) -> None:
    given = services["ollama"]["environment"]
    assert given["OLLAMA_KV_CACHE_TYPE"] == "f16" or given["OLLAMA_FLASH_ATTENTION"] == "1"


def test_comfyui_has_only_flags_that_do_what_is_said(services: Mapping[str, Any]) -> None:
    given = dict(flags(services["comfyui"]["command"]))
    assert given.keys() == COMFYUI.keys()
    for name, value in given.items():
        assert re.fullmatch(COMFYUI[name], value), f"{name}={value}"


def test_pointsman_reads_every_variable_that_it_is_given(services: Mapping[str, Any]) -> None:
    known = {variable.name for variable in VARIABLES}
    assert set(services["pointsman"]["environment"]) - DRIVER <= known


@pytest.mark.parametrize("myth", MYTHS)
def test_a_widespread_setting_without_its_effect_is_explained_and_not_set(myth: str) -> None:
    settings = [line.split("#", 1)[0] for line in LINES]
    assert not any(re.search(rf"(^|[\s\"'-]){re.escape(myth)}\b", line) for line in settings)
    assert f"`{myth}`" in (DEPLOY / "README.md").read_text()


def reason_above(place: int) -> str:
    """The comment that stands above a line, over lines of other settings without one of their own."""
    for line in reversed(LINES[:place]):
        text = line.strip()
        if text.startswith("#"):
            return text
        if text.endswith(":") or not text:
            return ""
    return ""


@pytest.mark.parametrize("name", [*OLLAMA, "--reserve-vram", "--preview-method", "--listen", "pid"])
def test_every_setting_says_why(name: str) -> None:
    place = next(place for place, line in enumerate(LINES) if re.match(rf"\s+(- )?{re.escape(name)}[:=]", line))
    assert reason_above(place), f"{name} has no reason above it"
    assert LINES[place - 1].strip().startswith("#"), f"{name} has no reason of its own"


def test_only_the_gateway_is_published_and_to_this_machine_alone(services: Mapping[str, Any]) -> None:
    assert {name: service.get("ports") for name, service in services.items() if service.get("ports")} == {
        "pointsman": ["127.0.0.1:8080:8080"]
    }


def test_versions_are_pinned(services: Mapping[str, Any]) -> None:
    assert re.fullmatch(r"ollama/ollama:\d+\.\d+\.\d+", services["ollama"]["image"])
    version = services["comfyui"]["build"]["args"]["COMFYUI_VERSION"]
    assert re.fullmatch(r"v\d+\.\d+\.\d+", version)
    assert f"COMFYUI_VERSION={version}" in (DEPLOY / "comfyui" / "Dockerfile").read_text()


def test_files_that_the_images_are_made_of_are_there() -> None:
    for folder in ("pointsman", "comfyui"):
        lines = (DEPLOY / folder / "Dockerfile").read_text().splitlines()
        assert any(line.startswith("FROM python:") for line in lines)
    made = (DEPLOY / "pointsman" / "Dockerfile").read_text()
    for file in re.findall(r"constraints/\w+\.txt", made):
        assert (DEPLOY.parent / file).is_file()
