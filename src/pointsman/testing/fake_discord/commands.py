"""The commands of an application, as it declares them: checked, kept, and found again when somebody uses one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.testing.fake_discord.refusals import malformed, refused, required, too_long
from pointsman.testing.fake_discord.routes import Answer, Route
from pointsman.testing.fake_discord.state import Asked, State

NAME: Final = re.compile(r"^[-_'\w]{1,32}$")
SLASH, SUB, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER, ATTACHMENT = 1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11
MOST: Final = 100


class Commands:
    """What the bot asks about its commands. Each handler raises Refused."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.synced = 0

    @property
    def routes(self) -> tuple[Route, ...]:
        """The handlers by method and path."""
        here, there = "/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"
        return (
            Route("PUT", here, self.replace),
            Route("GET", here, self.all),
            Route("PUT", there, self.replace),
            Route("GET", there, self.all),
        )

    def replace(self, asked: Asked) -> Answer:
        """All commands at once, in place of those that were there."""
        guild = self._guild(asked)
        if not isinstance(asked.body, list):
            raise malformed("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        if len(asked.body) > MOST:
            raise too_long("", MOST)
        for number, it in enumerate(asked.body):
            command(str(number), it)
        old = {(it["name"], it["type"]): it["id"] for it in self._state.commands.get(guild, ())}
        self._state.commands[guild] = [self._kept(it, guild, old) for it in asked.body]
        self.synced += 1
        self._state.watch.changed()
        return self._state.commands[guild]

    def all(self, asked: Asked) -> Answer:
        """The commands there are."""
        return self._state.commands.get(self._guild(asked), [])

    def _guild(self, asked: Asked) -> str:
        if asked.named["application"] != self._state.me.id:
            raise refused("missing_access")
        guild = asked.named.get("guild", "")
        if guild and guild not in self._state.there.guilds:
            raise refused("missing_access")
        return guild

    def _kept(self, it: Mapping[str, Any], guild: str, old: Mapping[Any, str]) -> dict[str, Any]:
        kind, there = it.get("type") or SLASH, self._state.there
        shape = {
            "id": old.get((it["name"], kind)) or there.id(),
            "application_id": self._state.me.id,
            "version": there.id(),
            "default_member_permissions": None,
            "dm_permission": True,
            "nsfw": False,
            "contexts": None,
            "integration_types": [0],
            "options": [],
            "description": "",
            **it,
            "type": kind,
        }
        return {**shape, "guild_id": guild} if guild else shape


def command(place: str, it: Mapping[str, Any]) -> None:
    """Checks a command. Raises Refused."""
    name, slash = str(it.get("name") or ""), (it.get("type") or SLASH) == SLASH
    if not name:
        raise required(f"{place}.name")
    if slash and (not NAME.match(name) or name.lower() != name):
        raise malformed(f"{place}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if len(name) > 32:
        raise too_long(f"{place}.name", 32)
    if not slash:
        if it.get("description"):
            raise malformed(f"{place}.description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED", "Context menu commands cannot have description")  # fmt: skip  # noqa: E501
        return
    described(place, it)
    options(f"{place}.options", it.get("options") or ())


def described(place: str, it: Mapping[str, Any]) -> None:
    """Checks a description. Raises Refused."""
    if not 1 <= len(str(it.get("description") or "")) <= 100:
        raise malformed(f"{place}.description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")


def options(place: str, given: Sequence[Mapping[str, Any]]) -> None:
    """Checks the options of a command, and of those inside it. Raises Refused."""
    if len(given) > 25:
        raise too_long(place, 25)
    names = [it.get("name") for it in given]
    if len(set(names)) < len(names):
        raise malformed(place, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    optional = False
    for number, it in enumerate(given):
        here = f"{place}.{number}"
        if not NAME.match(str(it.get("name") or "")) or str(it["name"]).lower() != it["name"]:
            raise malformed(f"{here}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        described(here, it)
        if it.get("type") in {SUB, GROUP}:
            options(f"{here}.options", it.get("options") or ())
            continue
        if it.get("required") and optional:
            raise malformed(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")  # fmt: skip  # noqa: E501
        optional = optional or not it.get("required")
        if len(it.get("choices") or ()) > 25:
            raise too_long(f"{here}.choices", 25)
        if it.get("choices") and it.get("autocomplete"):
            raise malformed(f"{here}.autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", "Autocomplete cannot be used with choices")  # fmt: skip  # noqa: E501


def find(commands: Sequence[Mapping[str, Any]], words: str, kind: int = SLASH) -> tuple[Mapping[str, Any], list[str]]:
    """A command by its words, such as "memory list": itself, and the names of what is chosen in it. Raises KeyError."""
    name, *rest = words.split() if kind == SLASH else [words]
    for it in commands:
        if it["type"] == kind and it["name"] == name:
            return it, rest
    raise KeyError(f"no command /{words} was declared; there are {sorted(it['name'] for it in commands)}")
