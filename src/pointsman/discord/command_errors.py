"""What goes wrong with a command, in words: nobody is left without an answer."""

from __future__ import annotations

import logging
from typing import Any, Final

import discord
from discord import app_commands

from pointsman.core.errors import PointsmanError
from pointsman.core.reply import Failed
from pointsman.discord.button_telling import LATE
from pointsman.discord.command_desk import Interaction
from pointsman.discord.wording import failed, no_permission, warning

logger = logging.getLogger(__name__)

UNFORESEEN: Final = "That did not work. Whoever runs me finds why in the log."
CHANGED: Final = "This command has changed. Wait a minute, or restart Discord, and write it again."
NOT_AS_SUCH: Final = "That cannot be used here as it is: {why}"
FORBIDDEN: Final = 50013


async def on_error(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Answers a command that failed; the one handler of all commands."""
    await tell_failure(interaction, error.original if isinstance(error, app_commands.CommandInvokeError) else error)


async def tell_failure(interaction: Interaction, error: Exception) -> None:
    """Says what failed to whoever used a command; that it cannot be said any more is no error of its own."""
    if isinstance(error, discord.HTTPException) and error.code in LATE:
        logger.info("a command of %s was answered too late: %s", interaction.user.id, error)
        return
    text = in_words(interaction, error)
    try:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
            return
        if interaction.response.is_done():
            # It takes the place of "is thinking", and nothing's that was said already.
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except discord.HTTPException as unheard:
        logger.info("that a command failed could not be said: %s", unheard)


def in_words(interaction: Interaction, error: Exception) -> str:
    """What failed, and what to do about it."""
    name = f"/{interaction.command.qualified_name}" if interaction.command else "a form or button"
    match error:
        case PointsmanError():
            logger.info("%s of %s: %s", name, interaction.user.id, error.message)
            client: Any = interaction.client
            return failed(Failed.of(error), now=client.now())
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            logger.warning("Discord has other commands than this bot: %s", error)
            return warning(CHANGED)
        case app_commands.TransformerError():
            return warning(NOT_AS_SUCH.format(why=str(error)))
        case discord.Forbidden() if error.code == FORBIDDEN:
            logger.warning("%s: %s", name, error)
            return warning(no_permission("do that"))
    logger.error("%s failed", name, exc_info=error)
    return warning(UNFORESEEN)
