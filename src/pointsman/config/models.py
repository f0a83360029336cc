"""The chat models: in this process, on a server that speaks OpenAI's language, or on an Ollama."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pointsman.config.addresses import Url
from pointsman.config.cloud import Key, ModelId, ModelIds
from pointsman.config.ollama import OllamaModel
from pointsman.config.strict import Section, Strict
from pointsman.config.values import EMBEDDED, Bytes, Count, ModelFile, Seconds, Threads


def not_auto(name: str) -> str:
    """Refuses the name that asks for routing."""
    if name == "auto":
        raise PydanticCustomError("taken", "'auto' is what clients say when they want routing")
    return name


ModelName = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f]{1,200}$"), AfterValidator(not_auto)]


class EmbeddedModel(Strict):
    """A chat model that runs inside Pointsman with llama.cpp."""

    provider: Literal["embedded"] = Field(default="embedded", description="What runs the model.")
    file: ModelFile = Field(
        default=EMBEDDED, description=f"A GGUF file, or {EMBEDDED} for the small model that the [local] extra runs."
    )
    name: ModelName | None = Field(
        default=None, description="What clients call the model; without it, the name of its file."
    )
    context: Count = Field(
        default=4096,
        ge=256,
        le=4_194_304,
        description="Tokens that a conversation may hold; two are answered at once, each with its own.",
    )
    threads: Threads | None = Field(
        default=None,
        description="Threads that the model computes with; without it, one fewer than there are cores, at most 4.",
    )

    @model_validator(mode="before")
    @classmethod
    def no_url(cls, data: Any) -> Any:
        """Says what is missing where somebody describes a model on a server."""
        if isinstance(data, dict) and "url" in data:
            cure = "add `provider: openai`, or `provider: ollama`"
            raise PydanticCustomError("no_url", "has a `url`, which embedded models do not", {"cure": cure})
        return data


class OpenAiModel(Strict):
    """A chat model on a server that speaks OpenAI's language: vLLM, llama.cpp, LM Studio, Ollama, Groq, OpenRouter."""

    provider: Literal["openai"] = Field(description="What runs the model: a server with OpenAI's API.")
    url: Url = Field(description="The address of its API, such as http://127.0.0.1:1234/v1.")
    key: Key = Field(default=None, description="Its key, if it wants one; better: ${SOME_VARIABLE}.")
    model: ModelId | None = Field(default=None, description="The model's id at the server.")
    models: ModelIds | None = Field(
        default=None,
        description="In place of `model`: several ids in the order in which they are asked; the next one is when one "
        "is gone, used up or out of order.",
    )
    name: ModelName | None = Field(
        default=None, description="What clients call the model; without it, the first of its ids."
    )
    timeout: Annotated[Seconds, Field(gt=0)] = Field(
        default=120.0, description="How long the server may be silent before its first word, and between two."
    )
    tool_calls: bool = Field(
        default=True,
        description="false for a model that knows no tool calls on a server that does not say so, as llama-server does "
        "not: it then says in JSON which tool it wants.",
    )
    router: bool = Field(
        default=False,
        description="Whether its server is llama-server in router mode on a card of yours: its models are then loaded "
        "and sent away as the memory is wanted.",
    )
    size: Bytes | None = Field(
        default=None,
        description="With `router`: what the model takes on the card, such as 9GB, until it was measured.",
    )
    device: str = Field(
        default="",
        description="With `router`: the card that its preset puts it on, as `pointsman gpu` names it, where there are "
        "several.",
    )

    @field_validator("url")
    @classmethod
    def only_the_beginning(cls, url: str) -> str:
        """Refuses the address of one of its functions."""
        if re.search(r"[?#]|/(chat/)?completions$", url):
            raise PydanticCustomError("too_far", "should be the address of the API alone, which most often ends in /v1")
        return url

    @model_validator(mode="after")
    def one_or_several(self) -> Self:
        """Refuses a server without a model, two ways of naming it, and the id that asks for routing."""
        if (self.model is None) == (self.models is None):
            raise PydanticCustomError("which", "should name its model with `model`, or several in order with `models`")
        if self.name is None and self.ids[0] == "auto":
            raise PydanticCustomError("taken", "'auto' is what clients say when they want routing; give it a `name`")
        return self

    @model_validator(mode="after")
    def one_of_known_size(self) -> Self:
        """Refuses a model of a router whose memory could not be booked."""
        if self.router and self.model is None:
            cure = "name one with `model`; `small` may be another of the same router"
            raise PydanticCustomError("router_model", "has several `models`; a router serves one", {"cure": cure})
        if self.router and self.size is None:
            cure = "set `size` to what the model takes on the card, such as 9GB: its file and a tenth more"
            raise PydanticCustomError(
                "router_size", "has no `size`, and llama-server does not tell how large its models are", {"cure": cure}
            )
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its models, in the order in which they are asked."""
        return self.models or ((self.model,) if self.model else ())


def provider_of(data: Any) -> str:
    """Who runs the model that is described; Pointsman itself where it is not said."""
    found = data.get("provider") if isinstance(data, dict) else getattr(data, "provider", None)
    return str(found or "embedded")


Model = Annotated[
    Annotated[EmbeddedModel, Tag("embedded")]
    | Annotated[OpenAiModel, Tag("openai")]
    | Annotated[OllamaModel, Tag("ollama")],
    Discriminator(provider_of),
]


class Models(Section):
    """The chat models, by role."""

    main: Model = Field(default_factory=EmbeddedModel, description="Answers whatever needs thought.")
    small: Model = Field(
        default_factory=lambda given: given.get("main") or EmbeddedModel(),
        description="Answers small talk and the background jobs of chat pages; without it, the main model does. Where "
        "the card has no room for the main model, it stands in.",
    )
    spare: OpenAiModel | None = Field(
        default=None,
        description="A model on another computer, which answers when the card has no room for any other; see "
        "gpu.cloud_when_full.",
    )

    @model_validator(mode="after")
    def told_apart(self) -> Self:
        """Refuses two models that clients could not tell apart, and a spare one that takes memory of the card."""
        if self.spare and self.spare.router:
            cure = "leave `router` out there, or make it `small`"
            raise PydanticCustomError(
                "spare_router", "spare is for another computer, and `router` for a card of yours", {"cure": cure}
            )
        named = {"main": self.main, "small": self.small, **({"spare": self.spare} if self.spare else {})}
        for one, other in combinations(named, 2):
            if named[one] != named[other] and called(named[one]) == called(named[other]):
                raise PydanticCustomError(
                    "same_name",
                    "{one} and {other} are different models of the same name; give one a `name`",
                    {"one": one, "other": other},
                )
        return self


def called(model: Model) -> str:
    """The name of a model, or what stands in for it."""
    return model.name or (Path(model.file).stem if isinstance(model, EmbeddedModel) else model.ids[0])
