"""/why, and the menus of a message: why it was answered as it was, and what it should have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import app_commands

from pointsman.core.errors import UnknownDecision
from pointsman.discord.asked import SURFACE
from pointsman.discord.button_items import decision_of
from pointsman.discord.button_prompts import asker_of, me_of
from pointsman.discord.command_card import why_card
from pointsman.discord.command_desk import (
    EVERYWHERE,
    INSTALLS,
    Desk,
    Interaction,
    SlashCommand,
    slash,
    tell,
    thinking,
    visitor,
)
from pointsman.discord.command_latest import Made
from pointsman.discord.corrections import ask_what

LEAST: Final = 4  # characters of an id that are looked for; what is shorter could be anybody's
NOTHING_YET: Final = "I have not answered anything of yours here yet. Ask me something, or give me an id: /why id"
NO_SUCH: Final = "No decision of yours has the id `{id}`. It stands in the reply, or leave it out for your last one."
NOT_MINE: Final = "That is no reply of mine, and I have not answered it for you."
NOT_KNOWN: Final = "I don't know any more which decision this came of. Try /why with its id."
# A message's context menu has no description, so its name says it.
WHY: Final = "Why this?"
WRONG: Final = "Wrong?"


@dataclass(frozen=True, slots=True)
class Found:
    """A decision that somebody may see, with what is known of its reply."""

    id: str
    model: str = ""
    seconds: float | None = None


def why_command(desk: Desk) -> SlashCommand:
    """The trace of a decision."""

    @app_commands.rename(decision_id="id")
    @app_commands.describe(decision_id="A decision's id; leave it out for your last one here")
    async def why(interaction: Interaction, decision_id: app_commands.Range[str, 1, 64] | None = None) -> None:
        async with thinking(interaction):
            if not await desk.may_ask(interaction):
                return
            if decision_id is None:
                user, channel = str(interaction.user.id), str(interaction.channel_id)
                made = await desk.latest.last(user, channel)
                await show(desk, interaction, found_in(made), otherwise=NOTHING_YET)
                return
            wanted = decision_id.strip().lstrip("#").casefold()
            found = await theirs(desk, interaction, wanted)
            await show(desk, interaction, found, otherwise=NO_SUCH.format(id=wanted.replace("`", "")))

    return slash("why", "See why I answered as I did", why)


def message_menus(desk: Desk) -> list[app_commands.ContextMenu]:
    """What can be asked of a message: why it was answered so, and that this was wrong."""

    async def why_this(interaction: Interaction, message: discord.Message) -> None:
        async with thinking(interaction):
            if not await desk.may_ask(interaction):
                return
            found = await behind(desk, interaction, message)
            if found is not None and not await is_theirs(desk, interaction, found.id, message):
                found = None
            await show(desk, interaction, found, otherwise=unknown(message, me_of(interaction)))

    async def wrong(interaction: Interaction, message: discord.Message) -> None:
        found = await behind(desk, interaction, message)
        if found is None:
            await tell(interaction, unknown(message, me_of(interaction)))
            return
        await ask_what(interaction, found.id, message, await asker(interaction, message))

    return [
        app_commands.ContextMenu(
            name=name,
            callback=callback,
            type=discord.AppCommandType.message,
            allowed_contexts=EVERYWHERE,
            allowed_installs=INSTALLS,
        )
        for name, callback in ((WHY, why_this), (WRONG, wrong))
    ]


async def show(desk: Desk, interaction: Interaction, found: Found | None, *, otherwise: str) -> None:
    """Shows a decision, or says `otherwise`."""
    if found is None:
        await tell(interaction, otherwise)
        return
    try:
        decision = await desk.bot.service.find(found.id)
        uses = await desk.bot.service.uses(decision.id)
    except UnknownDecision:
        await tell(interaction, NO_SUCH.format(id=found.id))
        return
    await tell(interaction, embed=why_card(decision, uses, model=found.model, took=found.seconds))


async def theirs(desk: Desk, interaction: Interaction, wanted: str) -> Found | None:
    """A decision by its id, or the beginning of it, where this person may see it; None where there is none such."""
    if len(wanted) < LEAST:
        return None
    try:
        decision = await desk.bot.service.find(wanted)
    except UnknownDecision:
        return None
    if made := await desk.latest.named(str(interaction.user.id), decision.id):
        return found_in(made)
    if desk.bot.gate.is_exempt(visitor(interaction)):
        return Found(decision.id)
    return found_among(await desk.bot.service.export(f"{SURFACE}:{interaction.user.id}"), decision.id)


async def behind(desk: Desk, interaction: Interaction, message: discord.Message) -> Found | None:
    """The decision that a message came of, or led to, as far as that is known."""
    everybody = (str(interaction.user.id), str(await asker(interaction, message)))
    for user in dict.fromkeys(everybody):
        if made := await desk.latest.behind(user, message.id):
            return found_in(made)
    decision_id = decision_of(message) if message.author.id == me_of(interaction) else ""
    return Found(decision_id) if decision_id else None


async def is_theirs(desk: Desk, interaction: Interaction, decision_id: str, message: discord.Message) -> bool:
    """Whether somebody may see the decision behind a message: it is theirs, or they look after the bot."""
    if desk.bot.gate.is_exempt(visitor(interaction)):
        return True
    if await desk.latest.named(str(interaction.user.id), decision_id):
        return True
    return await asker(interaction, message) == interaction.user.id


async def asker(interaction: Interaction, message: discord.Message) -> int:
    """Who asked for what a message says, or wrote it, by id; 0 where that is not known."""
    me = me_of(interaction)
    if message.author.id != me:
        return message.author.id
    if message.interaction_metadata is not None:
        return message.interaction_metadata.user.id
    return await asker_of(message, me)


def unknown(message: discord.Message, me: int) -> str:
    """What is said of a message whose decision is not known, or is not this person's."""
    return NOT_KNOWN if message.author.id == me else NOT_MINE


def found_in(made: Made | None) -> Found | None:
    """What was noted of a decision."""
    return Found(made.id, made.model, made.seconds or None) if made else None


def found_among(exported: Mapping[str, Any], decision_id: str) -> Found | None:
    """A decision among all that are a person's."""
    for it in exported.get("decisions") or ():
        if isinstance(it, Mapping) and it.get("id") == decision_id:
            outcome = it.get("outcome") or {}
            return Found(decision_id, str(outcome.get("model") or ""), outcome.get("seconds"))
    return None
