"""What the parts of the fake share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pointsman.testing.fake_discord.gateway import Gateway
from pointsman.testing.fake_discord.interaction import Interaction
from pointsman.testing.fake_discord.rates import Rates
from pointsman.testing.fake_discord.refusals import refused
from pointsman.testing.fake_discord.shapes import Shapes
from pointsman.testing.fake_discord.watch import Watch
from pointsman.testing.fake_discord.world import Channel, Message, User, World


@dataclass(slots=True)
class State:
    """The world, and who hears of it; `upload_limit` is in bytes a file."""

    there: World
    shapes: Shapes
    gateway: Gateway
    rates: Rates
    watch: Watch
    token: str
    upload_limit: int
    # The commands of the application: everywhere under "", those of a server under its id.
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    typing: list[tuple[float, Channel]] = field(default_factory=list)

    @property
    def me(self) -> User:
        """The bot."""
        return self.there.me

    def channel(self, number: str) -> Channel:
        """A channel that the bot can see. Raises Refused."""
        channel = self.there.channels.get(number)
        if channel is None:
            raise refused("unknown_channel")
        if not self.shapes.visible(channel):
            raise refused("missing_access")
        return channel

    def message(self, channel: Channel, number: str) -> Message:
        """A message that is still there. Raises Refused."""
        message = channel.messages.get(number)
        if message is None or message.deleted:
            raise refused("unknown_message")
        return message


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a request."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what its path names, its query, body and files."""

    named: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[str, Upload]

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object. Raises Refused."""
        if not isinstance(self.body, dict):
            raise refused("not_json")
        return self.body
