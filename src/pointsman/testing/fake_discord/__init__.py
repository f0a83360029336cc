"""A fake Discord over real sockets, for tests of bots with a real client: what it is told, it remembers."""

from __future__ import annotations

from pointsman.testing.fake_discord.interaction import Interaction
from pointsman.testing.fake_discord.people import Person
from pointsman.testing.fake_discord.rates import NONE, Limits, Rate
from pointsman.testing.fake_discord.server import TOKEN, FakeDiscord
from pointsman.testing.fake_discord.world import CATEGORY, FORUM, TEXT, VOICE, Channel, Guild, Message, Role

__all__ = [
    "CATEGORY",
    "FORUM",
    "NONE",
    "TEXT",
    "TOKEN",
    "VOICE",
    "Channel",
    "FakeDiscord",
    "Guild",
    "Interaction",
    "Limits",
    "Message",
    "Person",
    "Rate",
    "Role",
]
