"""Stopping an answer that is under way, and taking one away."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import discord

from pointsman.discord.button_items import Mark, marks_of
from pointsman.discord.button_prompts import asker_of, me_of
from pointsman.discord.button_telling import (
    NOT_YOURS,
    UNKNOWN_MESSAGE,
    Interaction,
    bot_of,
    may_change,
    tell,
)

logger = logging.getLogger(__name__)

GONE: Final = "It is gone already."
OVER: Final = "Nothing is under way here any more."
NO_RIGHT: Final = "Discord does not let me delete this message."


async def cancel(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """Stops an answer, waiting or at work; `about` is its key."""
    answers = bot_of(interaction).answers
    key = int(mark.about)
    asker = answers.owner(key) or mark.asker
    if asker and not may_change(interaction, asker):
        await tell(interaction, NOT_YOURS)
        return
    await interaction.response.defer()
    if not answers.cancel(key):  # it ended while the click was on its way, or with the process that it ran in
        await tell(interaction, OVER)
        # By now the message may be the finished reply, with buttons of its own.
        now = await interaction.original_response()
        if any(it.action == mark.action for it in marks_of(now)):
            await interaction.edit_original_response(view=None)


async def delete(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """Deletes the message that the button is under, for who asked for it or moderates."""
    message = interaction.message
    if message is None:
        return
    asker = mark.asker or await asker_of(message, me_of(interaction))
    if not may_change(interaction, asker):
        await tell(interaction, NOT_YOURS)
        return
    await interaction.response.defer()
    try:
        if message.flags.ephemeral:
            await interaction.delete_original_response()
        else:
            await message.delete()
    except discord.NotFound as error:
        if error.code != UNKNOWN_MESSAGE:
            raise
        logger.debug("message %s was deleted already", message.id)
        await tell(interaction, GONE)
    except discord.Forbidden as error:
        logger.info("message %s may not be deleted: %s", message.id, error)
        await tell(interaction, NO_RIGHT)
