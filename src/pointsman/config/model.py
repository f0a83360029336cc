"""What can be configured: one frozen class a section, every default in one place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    SecretStr,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pointsman.config.addresses import Url
from pointsman.config.cloud import Cloud, Key, ModelId, ModelIds
from pointsman.config.safety import Safety
from pointsman.config.strict import Section, Strict
from pointsman.config.tiers import Tier, default_tiers
from pointsman.config.values import EMBEDDED, Bytes, Count, ModelFile, Name, Place, Seconds, Threads
from pointsman.core.loopback import is_loopback

DAY: Final = 86_400.0


class Intents(Strict):
    """Where categories come from."""

    folder: Place | None = Field(
        default=None,
        description="A folder of category files (*.yaml) that add to the shipped ones, or replace them by name.",
    )
    shipped: bool = Field(default=True, description="false leaves out the ten categories that come with Pointsman.")
    trained: Place | None = Field(
        default=None,
        description="A folder that `pointsman train own FOLDER --out FOLDER` wrote: the classifier for your "
        "own categories, in place of the shipped one.",
    )


class Encoder(Strict):
    """What turns a message into a vector, for the neighbours and the classifier."""

    threads: Threads = Field(default=1, description="Threads that the encoder computes with.")


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
            cure = "add `provider: openai`"
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

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its models, in the order in which they are asked."""
        return self.models or ((self.model,) if self.model else ())


def provider_of(data: Any) -> str:
    """Who runs the model that is described; Pointsman itself where it is not said."""
    found = data.get("provider") if isinstance(data, dict) else getattr(data, "provider", None)
    return str(found or "embedded")


Model = Annotated[
    Annotated[EmbeddedModel, Tag("embedded")] | Annotated[OpenAiModel, Tag("openai")], Discriminator(provider_of)
]


class Models(Section):
    """The chat models, by role."""

    main: Model = Field(default_factory=EmbeddedModel, description="Answers whatever needs thought.")
    small: Model = Field(
        default_factory=lambda given: given.get("main") or EmbeddedModel(),
        description="Answers small talk and the background jobs of chat pages; without it, the main model does.",
    )

    @model_validator(mode="after")
    def told_apart(self) -> Self:
        """Refuses two models that clients could not tell apart."""
        if self.main != self.small and called(self.main) == called(self.small):
            raise PydanticCustomError(
                "same_name", "main and small are different models of the same name; give one a `name`"
            )
        return self


def called(model: EmbeddedModel | OpenAiModel) -> str:
    """The name of a model, or what stands in for it."""
    return model.name or (model.ids[0] if isinstance(model, OpenAiModel) else Path(model.file).stem)


class Server(Strict):
    """The gateway: where it listens and what it takes."""

    key: SecretStr | None = Field(
        default=None,
        description="What callers must send as a bearer token; null lets everybody in who reaches the gateway.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on; any but this machine's own needs a key.",
    )
    port: Count = Field(default=8080, ge=0, le=65_535, description="The port to listen on; 0 takes any that is free.")
    max_body: Bytes = Field(
        default=8_000_000,
        description="The largest request that is read, such as 500kB, 8MB or 1GiB.",
    )

    @field_validator("key")
    @classmethod
    def sendable(cls, key: SecretStr | None) -> SecretStr | None:
        """No key when it is empty; refuses one that no HTTP header can carry."""
        if key is None or not key.get_secret_value():
            return None
        if not all("!" <= letter <= "~" for letter in key.get_secret_value()):
            raise PydanticCustomError("key", "should be printable ASCII without spaces")
        return key

    @field_validator("host")
    @classmethod
    def guarded(cls, host: str, info: ValidationInfo) -> str:
        """Refuses to listen to other machines without a key."""
        if not is_loopback(host) and info.data.get("key", True) is None:
            raise PydanticCustomError(
                "needs_key",
                "other machines can reach this address, so it needs a key",
                {"cure": "set server.key or POINTSMAN_KEY to a long random text, or listen on 127.0.0.1"},
            )
        return host


class Store(Strict):
    """Where decisions are kept, and for how long what people said."""

    path: Place = Field(default_factory=lambda: state_folder() / "pointsman.db", description="The SQLite database.")
    keep_text: Seconds | None = Field(
        default=7 * DAY,
        description="How long the texts of messages are kept, such as 12h or 7d; null keeps them for ever, 0 never "
        "stores them. Decisions stay without the text.",
    )


class Reply(Strict):
    """How replies read."""

    footer: bool = Field(
        default=True,
        description="Whether a reply ends with a note on the limits of the model that wrote it.",
    )
    language: Annotated[str, StringConstraints(pattern=r"^(auto|[a-z]{2,3})$")] = Field(
        default="auto", description="The language of fixed replies: auto follows the message, or a tag such as de."
    )


class Config(Section):
    """The configuration of Pointsman; every key has a default."""

    version: Literal[1] = Field(default=1, description="The version of this file's format.")
    fallback: Name = Field(default="general_chat", description="The category of a message about which no tier is sure.")
    intents: Intents = Field(default_factory=Intents, description="Where categories come from.")
    tiers: tuple[Annotated[Tier, Field(discriminator="kind")], ...] = Field(
        default_factory=default_tiers, description="Who is asked what a message wants, in order; the first who is sure."
    )
    safety: Safety = Field(default_factory=Safety, description="The watch for attempts to steer the router.")
    cloud: Cloud = Field(default_factory=Cloud, description="The services that may be asked, and what they may see.")
    encoder: Encoder = Field(default_factory=Encoder, description="What turns messages into vectors.")
    models: Models = Field(default_factory=Models, description="The chat models, by role.")
    server: Server = Field(default_factory=Server, description="The gateway.")
    store: Store = Field(default_factory=Store, description="What is kept, and where.")
    reply: Reply = Field(default_factory=Reply, description="How replies read.")

    @field_validator("tiers")
    @classmethod
    def each_once(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        """Refuses a kind that is listed twice."""
        kinds = [tier.kind for tier in tiers]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise PydanticCustomError("twice", "lists '{kind}' twice; each tier is asked once", {"kind": kind})
        return tiers


def state_folder() -> Path:
    """Where this person's programs keep what they know."""
    from platformdirs import user_state_path

    return user_state_path("pointsman")
