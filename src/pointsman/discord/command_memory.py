"""/remember and /memory: what somebody asked to be remembered, said, shown, forgotten and handed over."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from pointsman.core.memories import Full, Kept, Memory, Scope, same_text
from pointsman.core.message import Origin
from pointsman.discord.command_card import short
from pointsman.discord.command_desk import (
    Desk,
    Interaction,
    SlashCommand,
    group,
    origin,
    owner,
    slash,
    tell,
    thinking,
)
from pointsman.discord.command_known import named
from pointsman.discord.wording import WARNING, quoted

MOST: Final = 4_000
ROOM: Final = 1_900  # characters of a message, less a line
SHOWN: Final = 300
HEARD_BY: Final[Mapping[Scope, str]] = {
    "private": "only you, where nobody reads along",
    "user": "only you, anywhere",
    "guild": "everybody in this server",
}
SCOPES: Final = [
    Choice(name="for me, anywhere", value="user"),
    Choice(name="for me, in private only", value="private"),
    Choice(name="for everybody in this server", value="guild"),
]
NOTHING: Final = "I remember nothing of yours yet. Tell me something: /remember"


def remember_command(desk: Desk) -> SlashCommand:
    """Something to keep in mind."""

    @app_commands.describe(text="What I should remember", scope="Who hears of it; otherwise only you")
    @app_commands.choices(scope=SCOPES)
    async def remember(
        interaction: Interaction, text: app_commands.Range[str, 1, MOST], scope: Choice[str] | None = None
    ) -> None:
        async with thinking(interaction):
            if not await desk.may_ask(interaction):
                return
            chosen: Any = scope.value if scope else None
            kept = await desk.bot.service.remember(text, origin(interaction), scope=chosen)
            desk.suggestions.changed(origin(interaction, private=True))
            await tell(interaction, remembered(kept))

    return slash("remember", "Have me remember something", remember)


def memory_commands(desk: Desk) -> app_commands.Group:
    """What is remembered."""
    return group("memory", "What I remember of you", listing(desk), forgetting(desk), exporting(desk))


def listing(desk: Desk) -> SlashCommand:
    """All that may be told."""

    async def show(interaction: Interaction) -> None:
        async with thinking(interaction):
            if await desk.may_ask(interaction):
                found = await desk.bot.service.memories(origin(interaction, private=True))
                await tell(interaction, **listed(found))

    return slash("list", "Show what I remember of you", show, contexts=None)


def forgetting(desk: Desk) -> SlashCommand:
    """One that is not to be remembered any more."""

    async def own(interaction: Interaction, typed: str) -> list[Choice[str]]:
        found = await desk.suggestions.memories(origin(interaction, private=True))
        return named(((it.text, it.id) for it in found), typed)

    @app_commands.describe(memory="Which one: choose it, or write its id")
    @app_commands.autocomplete(memory=own)
    async def forget(interaction: Interaction, memory: app_commands.Range[str, 1, MOST]) -> None:
        async with thinking(interaction):
            here = origin(interaction, private=True)
            wanted = await meant(desk, memory, here)
            gone = await desk.bot.service.forget(wanted, here) if wanted else ()
            desk.suggestions.changed(here)
            said = "\n".join(f"Forgotten: {quoted(it.text, SHOWN)}" for it in gone)
            unknown = f"I remember nothing of yours that is called {quoted(memory, 100)}. See /memory list"
            await tell(interaction, short(said or unknown, ROOM))

    return slash("forget", "Have me forget something", forget, contexts=None)


def exporting(desk: Desk) -> SlashCommand:
    """All memories of a person as a file."""

    async def export(interaction: Interaction) -> None:
        async with thinking(interaction):
            found = await desk.bot.service.export(owner(interaction))
            memories = found.get("memories") or []
            if not memories:
                await tell(interaction, NOTHING)
                return
            data = {"owner": found.get("owner"), "exported_at": found.get("exported_at"), "memories": memories}
            await tell(interaction, f"{count(len(memories))} of yours:", file=as_file(data, "memories.json"))

    return slash("export", "Get what I remember of you as a file", export, contexts=None)


async def meant(desk: Desk, which: str, here: Origin) -> list[str]:
    """The ids of a person's own memories that an id, or a text, stands for."""
    found = await desk.bot.service.memories(here)
    by_id = [it.id for it in found if it.id == which.strip()]
    return by_id or [it.id for it in found if same_text(it.text) == same_text(which)]


def remembered(kept: Kept | Full) -> str:
    """What is said of something that was to be remembered."""
    if isinstance(kept, Full):
        return f"{WARNING}I cannot remember more: {kept.most} memories are the limit. Let me forget one: /memory forget"
    it = kept.memory
    text = quoted(it.text, SHOWN)
    if kept.known:
        return f"I know that already, since {it.day}: {text} (`{it.id}`)"
    return f"I'll remember: {text} (`{it.id}`)\n-# Who hears of it: {HEARD_BY[it.scope]}. /memory forget takes it back."


def listed(found: Sequence[Memory]) -> dict[str, Any]:
    """The memories as a message, or, where they are many, as a file."""
    text = "\n".join([f"**{count(len(found))} of yours**", *map(line_of, found)]) if found else NOTHING
    if len(text) <= ROOM:
        return {"text": text}
    return {"text": f"{count(len(found))}:", "file": as_file([it.to_dict() for it in found], "memories.json")}


def line_of(memory: Memory) -> str:
    """A memory on one line."""
    return f"`{memory.id}` {quoted(memory.text, SHOWN)} ({memory.day}, {HEARD_BY[memory.scope]})"


def count(number: int) -> str:
    """So many memories."""
    return f"{number} {'memory' if number == 1 else 'memories'}"


def as_file(data: Any, name: str) -> discord.File:
    """Data as a file that people, and programs, can read."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    return discord.File(io.BytesIO(text.encode("utf-8", "replace")), name)
