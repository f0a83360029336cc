"""What the bot itself keeps: what was set for a channel, and what a person chose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from pointsman.config.discord import When

if TYPE_CHECKING:
    from pointsman.discord.shares import Shelf

CHANNELS: Final = "discord/channels"
USERS: Final = "discord/users"  # one text for all, as a shelf forgets no key, and a key would hold somebody's id


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What /settings says of one channel; None is as the configuration has it."""

    when: When | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What a person chose: to be served by machines of the house alone, and the chat model ("" is the usual one)."""

    local: bool = False
    model: str = ""


NOTHING_SET: Final = ChannelSettings()
NOTHING_CHOSEN: Final = UserSettings()

Kept = Mapping[str, Mapping[str, Any]]


class Memo:
    """Both, on a shelf. Each raises StoreError where that fails: whoever wants to stay local is not to be forgotten."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._read: dict[str, tuple[str, Kept]] = {}

    async def channel(self, places: Sequence[str]) -> ChannelSettings:
        """What is set where somebody is (`Visitor.places`): each thing by the nearest place that sets it."""
        kept = await self._all(CHANNELS)
        found = [channel_in(kept.get(place, {})) for place in places]
        when = next((it.when for it in found if it.when is not None), None)
        return ChannelSettings(when, next((it.prompt for it in found if it.prompt is not None), None))

    async def set_channel(self, channel: str, settings: ChannelSettings) -> None:
        """Sets all of it for one channel; what is None is as the configuration has it again."""
        await self._put(CHANNELS, channel, {} if settings == NOTHING_SET else asdict(settings))

    async def user(self, user: str) -> UserSettings:
        """What a person chose."""
        return user_in((await self._all(USERS)).get(user, {}))

    async def set_user(self, user: str, settings: UserSettings) -> None:
        """Keeps what a person chose."""
        await self._put(USERS, user, {} if settings == NOTHING_CHOSEN else asdict(settings))

    async def erase(self, user: str) -> bool:
        """Forgets what a person chose; whether there was anything."""
        return await self._put(USERS, user, {})

    async def export(self, user: str) -> Mapping[str, Any]:
        """All that is kept of a person here."""
        return dict((await self._all(USERS)).get(user, {}))

    async def _all(self, key: str) -> Kept:
        text = await self._shelf.read(key)
        before = self._read.get(key)
        if before is None or before[0] != text:
            before = self._read[key] = (text, decoded(text))
        return before[1]

    async def _put(self, key: str, name: str, settings: Mapping[str, Any]) -> bool:
        def change(text: str) -> tuple[str, bool]:
            kept = dict(decoded(text))
            there = kept.pop(name, None) is not None
            if settings:
                kept[name] = settings
            return json.dumps(kept, ensure_ascii=False, separators=(",", ":")), there

        return await self._shelf.change(key, change)


def decoded(text: str) -> Kept:
    """What was kept, by id; nothing of what cannot be read."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: it for name, it in data.items() if isinstance(it, dict)} if isinstance(data, dict) else {}


def channel_in(kept: Mapping[str, Any]) -> ChannelSettings:
    """What was set for a channel, as far as it can be read."""
    when, prompt = kept.get("when"), kept.get("prompt")
    known = cast("When", when) if when in {"mention", "always"} else None
    return ChannelSettings(known, prompt if isinstance(prompt, str) else None)


def user_in(kept: Mapping[str, Any]) -> UserSettings:
    """What a person chose, as far as it can be read."""
    model = kept.get("model")
    return UserSettings(kept.get("local") is True, model if isinstance(model, str) else "")
