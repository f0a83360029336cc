"""The commands of the bot: which there are, who may use them, and that Discord knows them."""

from __future__ import annotations

import asyncio
import json
import logging
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord
from discord import app_commands

from pointsman.core.errors import StoreError
from pointsman.discord.command_ask import ask_command, run_command, search_command
from pointsman.discord.command_desk import Desk, Interaction, tell, visitor
from pointsman.discord.command_draw import draw_command
from pointsman.discord.command_errors import on_error, tell_failure
from pointsman.discord.command_house import gpu_command, quota_command
from pointsman.discord.command_memory import memory_commands, remember_command
from pointsman.discord.command_model import model_command
from pointsman.discord.command_privacy import privacy_commands
from pointsman.discord.command_settings import settings_commands
from pointsman.discord.command_why import message_menus, why_command
from pointsman.discord.wording import warning

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

logger = logging.getLogger(__name__)

ON_SHELF: Final = "discord/commands/"
SYNC_SECONDS: Final = 60.0  # Discord takes 200 new commands a day, and has whoever makes more wait for hours
CURE: Final = "invite the bot with the scope applications.commands, and start it again; all but commands works"


async def install(bot: Bot) -> Desk:
    """Gives a bot its commands, and tells Discord of them where they have changed."""
    desk = Desk(bot)
    for command in commands_of(desk):
        bot.tree.add_command(command)
    bot.tree.error(on_error)

    async def may(interaction: Interaction) -> bool:
        return await is_let_in(desk, interaction)

    bot.tree.interaction_check = may  # type: ignore[method-assign]
    bot.answers.after.append(desk.note)
    await sync(bot)
    return desk


def commands_of(
    desk: Desk,
) -> list[app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu]:
    """All commands, and what stands in the menu of a message."""
    return [
        ask_command(desk),
        draw_command(desk),
        search_command(desk),
        remember_command(desk),
        memory_commands(desk),
        run_command(desk),
        model_command(desk),
        why_command(desk),
        gpu_command(desk),
        quota_command(desk),
        privacy_commands(desk),
        settings_commands(desk),
        *message_menus(desk),
    ]


async def is_let_in(desk: Desk, interaction: Interaction) -> bool:
    """Whether somebody may use a command here; who may not is told so, as Discord wants an answer."""
    try:
        refusal = desk.bot.gate.refusal(visitor(interaction))
        if refusal is None:
            return True
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        else:
            await tell(interaction, warning(refusal.words))
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody is let in, or left without an answer
        await tell_failure(interaction, error)
    return False


async def sync(bot: Bot) -> bool:
    """Tells Discord of the commands where they are others than the last time; whether it knows them now."""
    definition = digest_of(bot.tree)
    key = f"{ON_SHELF}{bot.application_id}"
    try:
        if await bot.shelf.read(key) == definition:
            return True
        async with asyncio.timeout(SYNC_SECONDS):
            await bot.tree.sync()
        await bot.shelf.change(key, lambda _: (definition, None))
    except StoreError as error:
        logger.warning("that Discord knows the commands is not kept: %s", error.message)
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        logger.warning("the commands could not be told to Discord: %s; cure: %s", error or type(error).__name__, CURE)
        return False
    return True


def digest_of(tree: app_commands.CommandTree[Any]) -> str:
    """What tells whether commands have changed."""
    every = [it.to_dict(tree) for it in tree.get_commands()] + [
        it.to_dict(tree) for it in tree.get_commands(type=discord.AppCommandType.message)
    ]
    return blake2b(json.dumps(every, sort_keys=True).encode(), digest_size=16).hexdigest()
