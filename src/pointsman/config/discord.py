"""The Discord bot as a configuration holds it: where it speaks, to whom, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, field_validator

from pointsman.config.addresses import Url
from pointsman.config.server import Rates
from pointsman.config.strict import Section, Strict
from pointsman.config.values import Count, Seconds

WHEN: Final = "When it answers in a channel: mention only where it is named or replied to, always every message."


def as_id(value: object) -> object:
    """Discord's ids are numbers of 17 to 20 digits, which YAML reads as such."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(as_id), StringConstraints(pattern=r"^[0-9]{1,20}$")]
When = Literal["mention", "always"]


class Places(Strict):
    """Servers, channels, roles and people, by their ids."""

    guilds: tuple[Id, ...] = Field(default=(), description="Servers.")
    channels: tuple[Id, ...] = Field(default=(), description="Channels, with their threads; also categories of them.")
    roles: tuple[Id, ...] = Field(default=(), description="Roles.")
    users: tuple[Id, ...] = Field(default=(), description="People.")


class Channel(Strict):
    """What is different in one channel."""

    when: When | None = Field(default=None, description=WHEN + " null is as everywhere.")
    prompt: str | None = Field(default=None, description="What the model is told first here; null is as everywhere.")


class Share(Strict):
    """How much may be asked; what is empty has no limit."""

    messages: Rates = Field(default=(), description="How many messages in a time, such as 20/10m.")
    pictures: Rates = Field(default=(), description="How many pictures in a time, such as 6/1h.")


class Shares(Section):
    """How much each person, and each server, may ask."""

    user: Share = Field(default_factory=Share, description="Each person, wherever he writes.")
    guild: Share = Field(default_factory=Share, description="Everybody in one server together.")


class Nsfw(Strict):
    """Prompts of pictures that are not for everybody."""

    words: tuple[Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)], ...] = Field(
        default=("nsfw", "nude", "naked", "porn", "hentai", "erotic", "gore"),
        description="Words and phrases that make a prompt one of them.",
    )
    drawn: Literal["marked", "never", "anywhere"] = Field(
        default="marked",
        description="Where such pictures are drawn: marked in channels that are age-restricted, hidden behind a "
        "spoiler; never; or anywhere.",
    )


class Slow(Strict):
    """What happens while many are waiting for the card."""

    waiting: Count = Field(default=4, ge=1, description="From how many that wait, each person waits his turn.")
    every: Seconds = Field(default=30.0, ge=0, description="How often a person may then ask; 0 switches it off.")


class History(Strict):
    """How much of a conversation a model is shown."""

    messages: Count = Field(default=25, ge=0, le=100, description="How many earlier messages at most.")
    characters: Count = Field(default=12_000, ge=0, description="How many characters of them at most.")


class Sharding(Strict):
    """How many connections a bot in very many servers has."""

    count: Literal["auto"] | Count | None = Field(
        default=None, description="null is one; auto is what Discord advises; or how many there are in all."
    )
    ids: tuple[Count, ...] = Field(default=(), description="Which of them this process has; none means all.")


class Discord(Section):
    """The bot on Discord."""

    token: SecretStr | None = Field(
        default=None, description="The bot's token: with it, `serve` starts the bot, too. DISCORD_TOKEN says so, too."
    )
    gateway: Url | None = Field(
        default=None,
        description="The gateway that `pointsman bot` asks, where Pointsman runs elsewhere; null decides here.",
    )
    key: SecretStr | None = Field(
        default=None, description="The key that it shows there; it needs the scopes use, read and admin."
    )
    when: When = Field(default="mention", description=WHEN)
    direct: bool = Field(default=True, description="Whether it answers direct messages.")
    prompt: str = Field(default="", description="What the model is told first, in every channel.")
    channels: Mapping[Id, Channel] = Field(
        default_factory=dict, description="What is different in single channels, by their ids; /settings says so, too."
    )
    allow: Places = Field(default_factory=Places, description="Where, and to whom, it answers; empty is everywhere.")
    block: Places = Field(default_factory=Places, description="Where, and to whom, it never answers; this goes first.")
    admins: Places = Field(
        default_factory=Places,
        description="Who may change settings, and has no limits: users and roles; whoever manages a server may there.",
    )
    limits: Shares = Field(default_factory=Shares, description="How much may be asked.")
    slow: Slow = Field(default_factory=Slow, description="What happens while many are waiting for the card.")
    nsfw: Nsfw = Field(default_factory=Nsfw, description="Prompts of pictures that are not for everybody.")
    history: History = Field(default_factory=History, description="How much of a conversation a model is shown.")
    footer: bool = Field(default=False, description="Whether a reply ends with its category, model and seconds.")
    edit_every: Seconds = Field(
        default=1.2, ge=1.0, le=10.0, description="How often a reply is edited while it grows: Discord takes 5 in 5 s."
    )
    most_parts: Count = Field(
        default=3, ge=1, le=10, description="A reply of more messages than these comes as a file."
    )
    run_in_guilds: bool = Field(default=False, description="Whether code may be run (/run) where others read along.")
    sharding: Sharding = Field(default_factory=Sharding, description="For bots in thousands of servers.")

    @field_validator("token", "key")
    @classmethod
    def given(cls, secret: SecretStr | None) -> SecretStr | None:
        """None when it is empty, which a variable that is not set makes it."""
        return secret if secret is not None and secret.get_secret_value().strip() else None
