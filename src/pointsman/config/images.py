"""The picture server, and what it draws with, as a configuration holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from pointsman.config.addresses import Url, has_port
from pointsman.config.strict import Section, Strict
from pointsman.config.values import Bytes, Count, Place, Seconds, Share, from_folder

COMFYUI_URL: Final = "http://127.0.0.1:8188"
COMFYUI_PORT: Final = 8188
SHIPPED: Final = "z-image-turbo"
# What a workflow that comes with Pointsman is called; everything else is a file.
SHIPPED_NAME: Final = re.compile(r"[a-z0-9-]+")
BOUND: Final = re.compile(r"([^.\s]+)\.(\S+)")
BOUND_TEXT: Final = {"type": "string", "pattern": r"^[^.\s]+\.\S+$"}


def comfyui_url(value: object) -> object:
    """An address from what people write: host, host:port or :port; what listens at 0.0.0.0 is at 127.0.0.1."""
    if not isinstance(value, str) or not value.strip():
        return value
    text = value.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if "://" in text or not has_port(parts):
        return text
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing listens here
    return f"http://{f'[{host}]' if ':' in host else host}:{parts.port or COMFYUI_PORT}{parts.path}"


def shipped_or_path(value: object, info: ValidationInfo) -> object:
    """The name of a workflow that comes with Pointsman, as it is, or a path."""
    return value if isinstance(value, str) and SHIPPED_NAME.fullmatch(value) else from_folder(value, info)


class Bound(Strict):
    """An input of a node in the workflow."""

    node: Annotated[str, StringConstraints(min_length=1)] = Field(description="The node's id.")
    input: Annotated[str, StringConstraints(min_length=1)] = Field(description="The name of its input.")
    class_type: str = Field(
        default="", alias="class", description="The class that the node must have, so that a new export is noticed."
    )


def as_bound(value: object) -> object:
    """One binding or several, each as "node.input" or with its parts named; null leaves it to be found."""
    if value is None:
        return None
    return tuple(one_bound(it) for it in (value if isinstance(value, list | tuple) else [value]))


def one_bound(value: object) -> object:
    """A binding with its parts named."""
    if not isinstance(value, str):
        return value
    found = BOUND.fullmatch(value.strip())
    if found is None:
        raise PydanticCustomError("binding", "should be a node's id, a dot and the name of its input, such as 6.text")
    return {"node": found[1], "input": found[2]}


def bound_schema() -> dict[str, Any]:
    """The JSON Schema of a binding: a text, an object, a list of them, or null."""
    named = {
        "type": "object",
        "properties": {it: {"type": "string", "minLength": 1} for it in ("node", "input", "class")},
        "required": ["node", "input"],
        "additionalProperties": False,
    }
    one = [BOUND_TEXT, named]
    return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}, {"type": "null"}]}


Bounds = Annotated[tuple[Bound, ...] | None, BeforeValidator(as_bound), WithJsonSchema(bound_schema())]
Side = Annotated[Count, Field(ge=64, le=16_384)]
WorkflowName = Annotated[
    Path | str, BeforeValidator(shipped_or_path), WithJsonSchema({"type": "string", "minLength": 1})
]


class Bindings(Strict):
    """Where in the workflow things are set: a node's id, a dot and the input's name, such as 6.text, or several."""

    prompt: Bounds = Field(default=None, description="What to draw; null finds it, [] sets it nowhere.")
    negative: Bounds = Field(default=None, description="What is not to be seen.")
    seed: Bounds = Field(default=None, description="The number that a picture can be drawn again with.")
    steps: Bounds = Field(default=None, description="How many steps are taken.")
    width: Bounds = Field(default=None, description="The width in pixels.")
    height: Bounds = Field(default=None, description="The height in pixels.")
    batch: Bounds = Field(default=None, description="How many are drawn at once; with [] they come one by one.")
    encoder_device: Bounds = Field(default=None, description="Where the text encoder runs: CLIPLoader's device.")


class SourceBindings(Bindings):
    """The same in a workflow that makes a picture of another one."""

    image: Bounds = Field(default=None, description="That picture: the image of a Load Image node.")
    denoise: Bounds = Field(default=None, description="How much of it is drawn anew, which `strength` says.")


def as_job(value: object) -> object:
    """A workflow by its file alone, or with more about it."""
    return {"workflow": value} if isinstance(value, str | Path) else value


class Job(Strict):
    """A workflow that makes a picture of another one."""

    workflow: Place = Field(
        description="A file that ComfyUI saved with Workflow > Export (API); a Load Image node takes the picture."
    )
    strength: Share | None = Field(
        default=None, description="How much of the picture is drawn anew, from 0 to 1; null is the workflow's."
    )
    bindings: SourceBindings = Field(
        default_factory=SourceBindings, description="Where it takes its values; found where it is usual."
    )
    output: str = Field(
        default="", description="The id of the node whose pictures count; empty finds the one that saves."
    )
    footprint: Bytes | None = Field(default=None, description="What it takes on the card, until it has been measured.")

    @property
    def given(self) -> Mapping[str, tuple[Bound, ...] | None]:
        """The bindings by role."""
        return {role: getattr(self.bindings, role) for role in SourceBindings.model_fields}


JobOrFile = Annotated[Job | None, BeforeValidator(as_job, json_schema_input_type=str | Job | None)]


class Jobs(Section):
    """What is made of another picture, each by a workflow of yours; null is not offered."""

    edit: JobOrFile = Field(default=None, description="A picture is changed as the prompt says.")
    vary: JobOrFile = Field(default=None, description="Another one, much like it.")
    upscale: JobOrFile = Field(default=None, description="The same, larger.")


class ComfyUi(Section):
    """ComfyUI, which draws."""

    enabled: Literal["auto"] | bool = Field(
        default="auto", description="auto uses it where it answers; true complains where it does not, false never asks."
    )
    url: Annotated[Url, BeforeValidator(comfyui_url)] = Field(
        default=COMFYUI_URL, description="Where it listens; COMFYUI_URL says so, too."
    )
    workflow: WorkflowName = Field(
        default=SHIPPED,
        description="z-image-turbo, z-image-turbo-int8, connection (a plain picture without a model), or a file that "
        "ComfyUI saved with Workflow > Export (API).",
    )
    bindings: Bindings = Field(
        default_factory=Bindings, description="Where a workflow of your own takes its values; found where it is usual."
    )
    output: str = Field(
        default="", description="The id of the node whose pictures count; empty finds the one that saves."
    )
    timeout: Annotated[Seconds, Field(gt=0)] = Field(
        default=300.0, description="How long nothing may happen while a picture is drawn, or waits to be."
    )
    width: Side | None = Field(default=None, description="The width where none is asked for; null is the workflow's.")
    height: Side | None = Field(default=None, description="The height where none is asked for; null is the workflow's.")
    steps: Annotated[Count, Field(ge=1, le=1000)] | None = Field(
        default=None, description="How many steps are taken; null is the workflow's."
    )
    most_pictures: Annotated[Count, Field(ge=1, le=64)] = Field(
        default=8, description="How many pictures one request may ask for."
    )
    most_side: Side = Field(default=2048, description="The longest side that may be asked for, in pixels.")
    jobs: Jobs = Field(
        default_factory=Jobs, description="What is made of another picture: a workflow in API format for each."
    )
    most_source: Bytes = Field(
        default=16_000_000, description="The largest file of a picture that another one is made of."
    )
    most_source_side: Side = Field(default=4096, description="The longest side of such a picture, in pixels.")
    text_encoder: Literal["card", "cpu"] = Field(
        default="card", description="cpu keeps the text encoder out of the card's memory, for some seconds more."
    )
    footprint: Bytes | None = Field(
        default=None, description="What a workflow of your own takes on the card, until it has been measured."
    )
    device: str = Field(
        default="", description="The card that it runs on, as `pointsman gpu` names it, where there are several."
    )

    @property
    def given(self) -> Mapping[str, tuple[Bound, ...] | None]:
        """The bindings by role."""
        return {role: getattr(self.bindings, role) for role in Bindings.model_fields}

    @property
    def made_of_others(self) -> Mapping[str, Job]:
        """The workflows that make a picture of another one, by job, as far as they are set."""
        named = {name: getattr(self.jobs, name) for name in Jobs.model_fields}
        return {name: job for name, job in named.items() if job is not None}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that its workflows are read from."""
        own = (self.workflow,) if isinstance(self.workflow, Path) else ()
        return (*own, *(it.workflow for it in self.made_of_others.values()))


class Images(Section):
    """Pictures: who draws them, and which are not drawn."""

    comfyui: ComfyUi = Field(default_factory=ComfyUi, description="ComfyUI, which draws.")
    refuse: tuple[Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)], ...] = Field(
        default=(), description="Words and phrases; a picture whose prompt names one is not drawn."
    )
