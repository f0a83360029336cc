"""Pictures in the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pointsman.config.images import Bindings, Bound, ComfyUi, Images, SourceBindings
from pointsman.providers.comfyui.bindings import ROLES
from pointsman.providers.comfyui.workflow import shipped


def test_the_defaults() -> None:
    images = Images()
    assert images.comfyui.enabled == "auto"
    assert images.comfyui.url == "http://127.0.0.1:8188"
    assert images.comfyui.workflow in shipped()
    assert images.refuse == ()
    assert set(images.comfyui.given.values()) == {None}
    assert Images.model_validate({"comfyui": None, "refuse": None}) == images


def test_there_is_a_binding_for_each_role() -> None:
    assert tuple(SourceBindings.model_fields) == ROLES
    assert set(ROLES) - set(Bindings.model_fields) == {"image", "denoise"}


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8188"),
        ("box:9000", "http://box:9000"),
        (":9000", "http://127.0.0.1:9000"),
        ("0.0.0.0:8188", "http://127.0.0.1:8188"),
        ("https://box.example/comfy/", "https://box.example/comfy"),
        ("[::]:8188", "http://[::1]:8188"),
    ],
)
def test_addresses(said: str, url: str) -> None:
    assert ComfyUi(url=said).url == url


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        ("6.text", (Bound(node="6", input="text"),)),
        ("57:27.text", (Bound(node="57:27", input="text"),)),
        ("6.model.name", (Bound(node="6", input="model.name"),)),
        (["6.text_g", "6.text_l"], (Bound(node="6", input="text_g"), Bound(node="6", input="text_l"))),
        ([], ()),
        (None, None),
    ],
)
def test_bindings_as_they_are_written(said: Any, bound: Any) -> None:
    assert Bindings.model_validate({"prompt": said}).prompt == bound


def test_a_binding_with_its_class() -> None:
    bindings = Bindings.model_validate({"seed": {"node": "3", "input": "seed", "class": "KSampler"}})
    assert bindings.seed is not None
    assert bindings.seed[0].class_type == "KSampler"


def test_a_workflow_is_a_shipped_name_or_a_file(tmp_path: Path) -> None:
    context = {"folder": tmp_path}
    assert ComfyUi.model_validate({"workflow": "connection"}, context=context).workflow == "connection"
    assert ComfyUi.model_validate({"workflow": "mine.json"}, context=context).workflow == tmp_path / "mine.json"


@pytest.mark.parametrize(
    "said",
    [
        {"url": "ftp://x"},
        {"url": "http://user:word@x"},
        {"bindings": {"prompt": "text"}},
        {"bindings": {"prompt": "6."}},
        {"bindings": {"prompt": {"node": "6"}}},
        {"bindings": {"colour": "6.text"}},
        {"width": 10},
        {"most_pictures": 0},
        {"most_pictures": True},
        {"timeout": 0},
        {"text_encoder": "gpu"},
        {"enabled": "maybe"},
        {"workflow": ""},
        {"bindings": {"image": "1.image"}},
        {"jobs": {"paint": "paint.json"}},
        {"jobs": {"edit": ""}},
        {"jobs": {"edit": {}}},
        {"jobs": {"edit": {"workflow": "edit.json", "strength": 1.5}}},
        {"jobs": {"edit": {"workflow": "edit.json", "bindings": {"colour": "1.image"}}}},
        {"most_source": 0},
        {"most_source_side": 1},
    ],
)
def test_what_cannot_be(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ComfyUi.model_validate(said)


@pytest.mark.parametrize("said", ["auto", True, False])
def test_enabled(said: Any) -> None:
    assert ComfyUi(enabled=said).enabled is said or said == "auto"


def test_jobs_are_files_or_more_about_them(tmp_path: Path) -> None:
    said = {
        "workflow": "mine.json",
        "jobs": {
            "edit": "edit.json",
            "vary": {"workflow": "sub/v.json", "strength": 0.5, "bindings": {"image": "1.image"}, "footprint": "8GB"},
        },
    }
    comfyui = ComfyUi.model_validate(said, context={"folder": tmp_path})
    edit, vary = comfyui.made_of_others["edit"], comfyui.made_of_others["vary"]
    assert set(comfyui.made_of_others) == {"edit", "vary"}
    assert (edit.strength, edit.footprint, set(edit.given.values())) == (None, None, {None})
    assert (vary.strength, vary.footprint) == (0.5, 8_000_000_000)
    assert vary.given["image"] == (Bound(node="1", input="image"),)
    assert comfyui.files == (tmp_path / "mine.json", tmp_path / "edit.json", tmp_path / "sub/v.json")


def test_no_job_is_set_by_itself() -> None:
    assert ComfyUi().made_of_others == {}
    assert ComfyUi().files == ()
    assert ComfyUi.model_validate({"jobs": None}) == ComfyUi()


def test_words_to_refuse() -> None:
    assert Images.model_validate({"refuse": [" gore "]}).refuse == ("gore",)
    with pytest.raises(ValidationError):
        Images.model_validate({"refuse": [" "]})


def test_the_schema_is_written() -> None:
    schema = Images.model_json_schema()
    assert "6.text" in str(schema) or "pattern" in str(schema)
