"""What can be configured: one frozen class a section, every default in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from pointsman.config.cloud import Cloud
from pointsman.config.discord import Discord
from pointsman.config.gpu import Gpu
from pointsman.config.images import Images
from pointsman.config.models import Models
from pointsman.config.observe import Observe
from pointsman.config.page import Page
from pointsman.config.safety import Safety
from pointsman.config.server import Server
from pointsman.config.strict import Section, Strict
from pointsman.config.tiers import Tier, default_tiers
from pointsman.config.tools import Tools
from pointsman.config.values import Name, Place, Seconds, Threads
from pointsman.core.decision import Mode

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
    mode: Mode = Field(
        default="full",
        description="How far Pointsman is trusted: full serves every message by its track; assist only those that need "
        "no chat model (templates, sums, pictures); shadow decides and logs, and passes all to the main model.",
    )
    fallback: Name = Field(default="general_chat", description="The category of a message about which no tier is sure.")
    intents: Intents = Field(default_factory=Intents, description="Where categories come from.")
    tiers: tuple[Annotated[Tier, Field(discriminator="kind")], ...] = Field(
        default_factory=default_tiers, description="Who is asked what a message wants, in order; the first who is sure."
    )
    safety: Safety = Field(default_factory=Safety, description="The watch for attempts to steer the router.")
    cloud: Cloud = Field(default_factory=Cloud, description="The services that may be asked, and what they may see.")
    encoder: Encoder = Field(default_factory=Encoder, description="What turns messages into vectors.")
    models: Models = Field(default_factory=Models, description="The chat models, by role.")
    images: Images = Field(default_factory=Images, description="Pictures: who draws them, and which are not drawn.")
    gpu: Gpu = Field(default_factory=Gpu, description="The cards whose memory is shared out.")
    tools: Tools = Field(default_factory=Tools, description="What models may call.")
    server: Server = Field(default_factory=Server, description="The gateway.")
    discord: Discord = Field(default_factory=Discord, description="The bot on Discord.")
    store: Store = Field(default_factory=Store, description="What is kept, and where.")
    reply: Reply = Field(default_factory=Reply, description="How replies read.")
    page: Page = Field(default_factory=Page, description="The page.")
    observe: Observe = Field(default_factory=Observe, description="Metrics, logs and traces.")

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
