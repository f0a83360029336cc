"""What only the person who pressed a button is told, and who may press which."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final, cast

import discord

from pointsman.core.errors import PointsmanError
from pointsman.discord import wording
from pointsman.discord.asked import visitor_of

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

logger = logging.getLogger(__name__)

LONGEST: Final = 2000
UNKNOWN_MESSAGE: Final = 10008
EXPIRED: Final = 10062  # the interaction is older than three seconds and was not answered, or than fifteen minutes
ANSWERED: Final = 40060  # somebody else answered it: another process of the same bot, as while it is replaced
UNKNOWN_WEBHOOK: Final = 10015  # what follows an interaction goes to a webhook, which is there for fifteen minutes
STALE_TOKEN: Final = 50027
LATE: Final = frozenset({EXPIRED, ANSWERED, UNKNOWN_WEBHOOK, STALE_TOKEN})
FAILED: Final = "⚠️ That did not work. Whoever runs me finds why in the log."
NOT_YOURS: Final = "Only who asked for it, or a moderator, can do that."

Interaction = discord.Interaction[Any]


def bot_of(interaction: Interaction) -> Bot:
    """The bot that a button belongs to."""
    return cast("Bot", interaction.client)


async def tell(interaction: Interaction, text: str, view: discord.ui.View | None = None) -> None:
    """Tells only the person who pressed, whether the interaction was answered already or not."""
    more: dict[str, Any] = {"view": view} if view is not None else {}
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    if interaction.response.is_done():
        await interaction.followup.send(text, ephemeral=True, **more)
    else:
        await interaction.response.send_message(text, ephemeral=True, **more)


async def change(interaction: Interaction, text: str, view: discord.ui.View | None = None) -> None:
    """Replaces the private message that a button was pressed in, with its buttons."""
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    if interaction.response.is_done():
        await interaction.edit_original_response(content=text, view=view)
    else:
        await interaction.response.edit_message(content=text, view=view)


def told_of(error: PointsmanError) -> str:
    """An error in words: what failed, and what to do about it."""
    lines = (wording.quoted(error.message, 600), wording.quoted(error.cure, 400))
    return wording.warning("\n".join(wording.ended(wording.capital(line)) for line in lines if line))


async def guarded(interaction: Interaction, what: str, work: Awaitable[None]) -> None:
    """Does what a button or form is for, and tells whoever pressed it what went wrong.

    An interaction that is over, or that another process answered, is only noted: nobody waits for it any more.
    """
    try:
        await work
    except PointsmanError as error:
        logger.info("button %s: %s", what, error.message)
        await unheard(interaction, told_of(error))
    except discord.InteractionResponded as error:
        logger.info("button %s was answered already: %s", what, error)
    except discord.HTTPException as error:
        if error.code in LATE:
            logger.info("button %s came too late: %s", what, error)
            return
        logger.warning("button %s failed: %s", what, error)
        await unheard(interaction)
    except Exception:
        logger.exception("button %s failed", what)
        await unheard(interaction)


async def unheard(interaction: Interaction, text: str = FAILED) -> None:
    """Tells whoever pressed that it did not work; that this cannot be told any more is no error of its own."""
    try:
        await tell(interaction, text)
    except discord.HTTPException as error:
        logger.debug("and it could not be said: %s", error)


def moderates(interaction: Interaction) -> bool:
    """Whether somebody may take away what others wrote here, or looks after the bot."""
    if interaction.guild_id is not None and interaction.permissions.manage_messages:
        return True
    visitor = visitor_of(interaction.user, interaction.channel, interaction.guild)
    return bot_of(interaction).gate.is_admin(visitor)


def may_change(interaction: Interaction, asker: int) -> bool:
    """Whether a reply is theirs to change: they asked for it, they moderate here, or they are alone with the bot."""
    return interaction.user.id == asker or moderates(interaction)


async def is_let_in(interaction: Interaction) -> bool:
    """Whether somebody may use the bot here; where not, they are told so."""
    visitor = visitor_of(interaction.user, interaction.channel, interaction.guild)
    refusal = bot_of(interaction).gate.refusal(visitor)
    if refusal is None:
        return True
    await tell(interaction, refusal.words)
    return False
