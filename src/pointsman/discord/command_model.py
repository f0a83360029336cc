"""/model: which model answers a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from discord import app_commands
from discord.app_commands import Choice

from pointsman.core.errors import UnknownModel
from pointsman.discord.command_card import code, short
from pointsman.discord.command_desk import Desk, Interaction, SlashCommand, slash, tell, thinking
from pointsman.discord.command_known import matching

AUTO: Final = "auto"


def model_command(desk: Desk) -> SlashCommand:
    """The model that answers somebody from now on; auto leaves it to Pointsman."""

    async def models(_: Interaction, typed: str) -> list[Choice[str]]:
        return matching((AUTO, *(await desk.suggestions.known()).models), typed)

    @app_commands.describe(name="auto leaves the choice to me; leave it out to see yours")
    @app_commands.autocomplete(name=models)
    async def model(interaction: Interaction, name: app_commands.Range[str, 1, 200] | None = None) -> None:
        async with thinking(interaction):
            user = str(interaction.user.id)
            if name is None:
                await tell(interaction, await shown(desk, user))
                return
            chosen = "" if name.strip().casefold() == AUTO else await known_as(desk, name.strip())
            memo = desk.bot.memo
            await memo.set_user(user, replace(await memo.user(user), model=chosen))
            await tell(interaction, set_to(chosen))

    return slash("model", "Choose the model that answers you", model)


async def shown(desk: Desk, user: str) -> str:
    """Which one it is now, and which there are."""
    now = (await desk.bot.memo.user(user)).model
    models = (await desk.bot.service.known()).models
    there = ", ".join(code(it) for it in models[:40]) or "none but my own"
    return short(f"{set_to(now)}\nThere are: {there}.", 1_900)


async def known_as(desk: Desk, name: str) -> str:
    """A model as it is called. Raises UnknownModel."""
    models = (await desk.bot.service.known()).models
    found = next((it for it in models if it.casefold() == name.casefold()), None)
    if found is None:
        some = ", ".join(("auto", *models[:10]))
        raise UnknownModel(f"there is no model {name[:60]!r} here", cure=f"choose one of these: {some}")
    return found


def set_to(model: str) -> str:
    """Which model answers."""
    return f"{code(model)} answers you." if model else "I choose the model that answers you, message by message."
