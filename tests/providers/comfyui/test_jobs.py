"""Pictures that are made of other pictures: what is sent to ComfyUI, what it takes on the card, what is refused."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pointsman.config.images import ComfyUi
from pointsman.core.errors import BadField, InvalidInput, PictureRefused, Unreachable, WorkflowError
from pointsman.core.message import Attachment
from pointsman.core.plan import Draw
from pointsman.core.reply import Picture, Status
from pointsman.providers.comfyui import footprints
from pointsman.providers.comfyui.client import Stored
from pointsman.providers.comfyui.policy import RefusedWords
from pointsman.providers.comfyui.studio import Studio
from pointsman.providers.comfyui.workflow import load
from pointsman.testing.comfyui.pictures import jpeg, png, png_size

SHIPPED: Mapping[str, Any] = load("z-image-turbo").graph
LARGER = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "upscale_method": "lanczos", "scale_by": 2}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "larger"}},
}


def over() -> dict[str, Any]:
    """The shipped workflow, drawn over a picture."""
    graph = copy.deepcopy(dict(SHIPPED))
    graph["6"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["20", 0], "vae": ["3", 0]}}
    graph["20"] = {"class_type": "LoadImage", "inputs": {"image": "example.png"}}
    return graph


def beside() -> dict[str, Any]:
    """The shipped workflow with a picture that it looks at, and a size of its own."""
    graph = copy.deepcopy(dict(SHIPPED))
    graph["20"] = {"class_type": "LoadImage", "inputs": {"image": "example.png"}}
    graph["4"]["inputs"]["image1"] = ["20", 0]
    return graph


def attached(data: bytes = b"", kind: str = "image/png") -> Attachment:
    data = data or png(320, 160, (9, 8, 7))
    return Attachment(kind, f"data:{kind};base64,{base64.b64encode(data).decode()}", "a.png")


EDIT = Draw("at night", job="edit", source=attached())
UPSCALE = Draw("", job="upscale", source=attached())


@pytest.fixture
def studio(house: Any, tmp_path: Path) -> Any:
    """Makes a studio with jobs: a graph for each, or an object with `workflow` and more."""

    def made(policy: Any = None, /, comfyui: Mapping[str, Any] | None = None, **jobs: Any) -> Studio:
        said = {}
        for name, it in jobs.items():
            graph = it.get("workflow", it)
            file = tmp_path / f"{name}-it.json"
            file.write_text(json.dumps(graph))
            said[name] = {**it, "workflow": file} if "workflow" in it else str(file)
        settings = ComfyUi.model_validate({"url": house.fake.url, "jobs": said, **(comfyui or {})})
        return Studio.from_config(settings, policy=policy)

    return made


async def drawn(house: Any, studio: Studio, draw: Draw, rung: int = 0) -> list[Any]:
    try:
        told: list[Any] = await house.drawn(studio.painter(studio.ladder(draw)[rung]), draw)
    finally:
        await studio.close()
    return told


async def test_a_picture_is_sent_and_drawn_over(house: Any, studio: Any) -> None:
    made = studio(edit=over())
    assert made.jobs == {"edit"}
    *_, picture = await drawn(house, made, EDIT)
    assert isinstance(picture, Picture)
    assert png_size(picture.data) == (320, 160)
    (upload,) = house.fake.asked("POST", "/upload/image")
    assert (upload.data, upload.media_type) == (png(320, 160, (9, 8, 7)), "image/png")
    assert upload.fields == {"type": "temp", "subfolder": "pointsman", "overwrite": "true"}
    assert house.sent("20", "image") == f"pointsman/{upload.filename} [temp]"
    assert (house.sent("4", "text"), house.sent("8", "steps"), house.sent("8", "denoise")) == ("at night", 8, 1)
    assert house.sent("8", "seed") == picture.seed


async def test_the_same_picture_is_kept_once_and_another_is_another(house: Any, studio: Any) -> None:
    made = studio(edit=over())
    (first, *_), (again, *_), (other, *_) = [
        [it for it in await drawn(house, made, draw) if isinstance(it, Picture)]
        for draw in (
            Draw("x", seed=1, job="edit", source=attached()),
            Draw("x", seed=1, job="edit", source=attached()),
            Draw("x", seed=1, job="edit", source=attached(jpeg(64, 9))),
        )
    ]
    assert len([it for it in house.fake.files if it[0] == "temp"]) == 2
    assert first.data == again.data
    assert png_size(other.data) == (64, 64)


async def test_the_strength_and_the_steps(house: Any, studio: Any) -> None:
    made = studio(vary={"workflow": over(), "strength": 0.4}, comfyui={"steps": 30, "width": 640})
    await drawn(house, made, Draw("", job="vary", source=attached(), seed=4, steps=12))
    assert (house.sent("8", "denoise"), house.sent("8", "steps"), house.sent("8", "seed")) == (0.4, 12, 4)
    assert house.sent("4", "text") == SHIPPED["4"]["inputs"]["text"]
    await drawn(house, made, Draw("", job="vary", source=attached(), style="anime"))
    assert (house.sent("8", "steps"), house.sent("4", "text")) == (8, "anime")


async def test_without_a_size_the_picture_gives_its_shape(house: Any, studio: Any) -> None:
    made = studio(edit=beside())
    assert made.ladder(EDIT)[0].variant.endswith(",mp=1")
    await drawn(house, made, EDIT)
    assert (house.sent("6", "width"), house.sent("6", "height")) == (1440, 720)
    await drawn(house, made, Draw("x", width=512, job="edit", source=attached()))
    assert (house.sent("6", "width"), house.sent("6", "height")) == (512, 1024)
    await drawn(house, made, Draw("x", job="edit", source=attached(png(4000, 10, (1, 1, 1)))))
    assert (house.sent("6", "width"), house.sent("6", "height")) == (2048, 64)
    await drawn(house, made, EDIT, -1)
    assert (house.sent("6", "width"), house.sent("6", "height")) == (768, 384)


async def test_larger(house: Any, studio: Any) -> None:
    made = studio(upscale=LARGER)
    (rung,) = made.ladder(UPSCALE)
    assert (rung.bytes, rung.serve) == (0, "upscale-it")
    *others, picture = await drawn(house, made, Draw("", width=64, height=64, job="upscale", source=attached()))
    assert png_size(picture.data) == (640, 320)
    assert [it.text for it in others if isinstance(it, Status)] == ["upscale-it has a size of its own"]


async def test_each_job_takes_of_the_card_what_its_own_workflow_does(studio: Any) -> None:
    made = studio(
        edit=over(),
        vary={"workflow": over(), "footprint": "9GB"},
        comfyui={"footprint": "3GB", "device": "gpu1", "text_encoder": "cpu"},
    )
    (edit,) = made.ladder(EDIT)
    (vary,) = made.ladder(Draw("", job="vary", source=attached(png(1024, 1024, (1, 1, 1)))))
    ordinary, *_ = made.ladder(Draw("x"))
    assert edit.tenant == vary.tenant == ordinary.tenant == "comfyui:z-image-turbo"
    assert edit.variant.partition("#")[2].partition(",")[2] == "job=edit,encoder=cpu,mp=0.6"
    assert edit.bytes == footprints.guess(footprints.UNKNOWN, 0.6)
    assert (vary.bytes, ordinary.bytes, vary.devices) == (9_000_000_000, 3_000_000_000, ("gpu1",))
    assert made.painter(edit) is made.painter(edit) is not made.painter(vary)


async def test_ordinary_pictures_are_drawn_as_before(house: Any, studio: Any) -> None:
    made = studio(edit=over())
    await drawn(house, made, Draw("a fox", width=256, height=256, steps=5))
    assert (house.sent("8", "steps"), house.sent("6", "width")) == (5, 256)
    assert not house.fake.asked("POST", "/upload/image")


# --- what is refused


@pytest.mark.parametrize(
    ("draw", "says", "cure"),
    [
        (UPSCALE, "no workflow is set for upscaling", "images.comfyui.jobs.upscale"),
        (Draw("", job="vary", source=attached()), "no workflow is set for varying", "images.comfyui.jobs.vary"),
        (Draw("x", job="edit"), "there is no picture to edit", "send one"),
        (Draw("x", source=attached()), "it is not said what becomes of the picture", "edit, vary or upscale"),
        (
            Draw("x", job="edit", source=Attachment("image/png", "https://x.invalid/a.png")),
            "as an address",
            "data: URL",
        ),
        (Draw("x", job="edit", source=attached(b"%PDF-1.7")), "is no picture", "PNG, JPEG, WebP or GIF"),
        (Draw("x", job="edit", source=attached(png(999, 9, (1, 1, 1)))), "a side may have 512", "most_source_side"),
        (Draw("x", job="edit", source=attached(png(9, 9, (1, 1, 1)) + bytes(9000))), "9,000 bytes", "most_source"),
    ],
)
async def test_what_is_refused_before_anything_is_loaded(studio: Any, draw: Draw, says: str, cure: str) -> None:
    made = studio(edit=over(), comfyui={"most_source": 9000, "most_source_side": 512})
    with pytest.raises(InvalidInput, match=says) as caught:
        made.ladder(draw)
    assert cure in caught.value.cure


@pytest.mark.parametrize("steps", [-1, 151, 10_000])
async def test_too_many_steps(house: Any, steps: int) -> None:
    with pytest.raises(BadField, match="steps were asked for") as caught:
        await house.drawn(house.painter(), Draw("x", steps=steps))
    assert caught.value.field == "steps"
    assert not house.graphs


async def test_steps_that_a_workflow_does_not_take_are_said(house: Any) -> None:
    events = await house.drawn(house.painter("connection"), Draw("", steps=4))
    assert Status("connection takes as many steps as it does by itself") in events


async def test_an_edit_needs_words_and_no_refused_ones(house: Any, studio: Any) -> None:
    made = studio(RefusedWords(["gore"]), edit=over())
    with pytest.raises(BadField, match="no word of what to draw"):
        await drawn(house, made, Draw(" ", job="edit", source=attached()))
    with pytest.raises(PictureRefused):
        await drawn(house, made, Draw("gore", job="edit", source=attached()))
    assert not house.fake.asked("POST", "/upload/image")


async def test_a_painter_without_jobs_leaves_no_picture_unsaid(house: Any) -> None:
    with pytest.raises(InvalidInput, match="no workflow is set for editing"):
        await house.drawn(house.painter(), EDIT)


async def test_a_file_that_comfyui_takes_for_no_picture(house: Any, studio: Any) -> None:
    made = studio(edit=over())
    house.fake.mishaps.too_large = 1
    with pytest.raises(InvalidInput, match="more than ComfyUI takes") as caught:
        await drawn(house, made, EDIT)
    assert "--max-upload-size" in caught.value.cure
    assert not house.graphs


# --- what a ComfyUI lacks


async def test_a_job_that_lacks_something_is_not_offered_and_says_what(
    house: Any, studio: Any, caplog: pytest.LogCaptureFixture
) -> None:
    graph = over()
    graph["1"]["inputs"]["unet_name"] = "edit.safetensors"
    made = studio(edit=graph, upscale=LARGER)
    await made.survey()
    assert made.jobs == {"upscale"}
    assert "no picture can be made by editing" in caplog.text
    with pytest.raises(WorkflowError, match=r"edit-it: node 1 .*edit\.safetensors is not there"):
        await drawn(house, made, EDIT)
    house.fake.world.classes["UNETLoader"].required["unet_name"][0].append("edit.safetensors")
    assert isinstance((await drawn(house, made, EDIT))[-1], Picture)
    assert made.jobs == {"edit", "upscale"}


async def test_a_picture_that_is_sent_first_is_not_missed(studio: Any) -> None:
    made = studio(edit=over())
    await made.survey()
    await made.close()
    assert made.jobs == {"edit"}


def test_a_job_whose_file_is_wrong_is_a_configuration_that_is(studio: Any) -> None:
    with pytest.raises(WorkflowError, match=r"edit-it\.json: no Load Image node") as caught:
        studio(edit=dict(SHIPPED))
    assert "images.comfyui.jobs.edit.bindings.image" in caught.value.cure


# --- the client


async def test_where_a_picture_lies_when_it_was_sent(house: Any) -> None:
    stored = await house.client.upload(b"x" * 2_000_000, "a.png", "image/png")
    assert stored == Stored("a.png", "pointsman", "temp")
    assert Stored("a.png", "", "input").loaded_as == "a.png"
    assert house.fake.asked("POST", "/upload/image")[0].data == b"x" * 2_000_000


async def test_an_upload_that_meets_something_else(house: Any) -> None:
    house.fake.mishaps.pages = 1
    with pytest.raises(Unreachable, match="not ComfyUI"):
        await house.client.upload(b"x", "a.png", "image/png")
    house.client.url = "http://127.0.0.1:9"
    with pytest.raises(Unreachable, match="ComfyUI at"):
        await house.client.upload(b"x", "a.png", "image/png")
