"""Every button of the bot: which there are under a reply, and what happens when one is pressed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import discord

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.reply import Picture
from pointsman.discord import button_redraw, button_remove, corrections, modals
from pointsman.discord.button_items import Mark, Menu, Press, view_of
from pointsman.discord.button_telling import Interaction, guarded, is_let_in, unheard

if TYPE_CHECKING:
    from pointsman.discord.service import Service

logger = logging.getLogger(__name__)

Action = Callable[[Interaction, Mark, Sequence[str]], Awaitable[None]]

ACTIONS: Final[Mapping[str, Action]] = {
    "cancel": button_remove.cancel,
    "delete": button_remove.delete,
    "again": button_redraw.again,
    "edit": modals.edit,
    "vary": button_redraw.made_of,
    "upscale": button_redraw.made_of,
    "wrong": corrections.wrong,
    "pick": corrections.pick,
    "teach": corrections.teach,
    "leave": corrections.leave,
    "undo": corrections.undo,
}
TAKEN_BACK: Final = frozenset({"cancel", "delete", "leave", "undo"})  # which also who is not let in may do
KNOWN_WITHIN: Final = 2.0  # seconds: a finished picture does not wait longer for what else could be done with it


def install(bot: discord.Client) -> None:
    """Has a bot hear its buttons, those of messages from before it started among them."""
    bot.add_dynamic_items(Press, Menu)


async def picture_view(
    decision: Decision, pictures: Sequence[Picture], service: Service, *, asker: int = 0
) -> discord.ui.View:
    """The buttons under a picture: again, edit, vary, larger, delete, wrong; as far as there is something to do so."""
    seed = str(pictures[0].seed) if pictures else ""
    jobs = await jobs_of(service) if pictures else frozenset[str]()
    again = decision.slots.get("job") != "upscale"  # the same picture, larger, comes out the same again
    # In rows of five.
    items = [
        *([Press(Mark("again", decision.id, seed, asker), "Again", "🎲")] if again else ()),
        *([Press(Mark("edit", decision.id, seed, asker), "Edit prompt", "✏️")] if again else ()),
        *([Press(Mark("vary", decision.id, "", asker), "Vary", "🎭")] if "vary" in jobs else ()),
        *([Press(Mark("upscale", decision.id, "", asker), "Upscale", "🔍")] if "upscale" in jobs else ()),
        Press(Mark("delete", decision.id, "", asker), None, "🗑️"),
        Press(Mark("wrong", decision.id, "", asker), "Wrong?", "❓"),
    ]
    return view_of(*items)


def cancel_view(key: int, *, asker: int = 0) -> discord.ui.View:
    """The button under a reply that is under way, which is known by its key; `asker` is found by it, too."""
    return view_of(Press(Mark("cancel", str(key), "", asker), "Cancel", "⏹️"))


async def jobs_of(service: Service) -> frozenset[str]:
    """What pictures can be made of others by; nothing where that is not known in time."""
    try:
        async with asyncio.timeout(KNOWN_WITHIN):
            return (await service.known()).picture_jobs
    except (PointsmanError, TimeoutError) as error:
        logger.info("what can be made of a picture is not known: %s", error)
        return frozenset()


async def act(interaction: Interaction, mark: Mark, values: Sequence[str] = ()) -> None:
    """Does what a button is for, and tells whoever pressed it what went wrong."""
    action = ACTIONS.get(mark.action)
    if action is None:  # of a later version, perhaps
        logger.warning("there is no button %r", mark.action)
        await unheard(interaction)
    else:
        await guarded(interaction, f"{mark.action} of {mark.about}", allowed(interaction, mark, action, values))


async def allowed(interaction: Interaction, mark: Mark, action: Action, values: Sequence[str]) -> None:
    """Does it for whoever may use the bot here."""
    if mark.action in TAKEN_BACK or await is_let_in(interaction):
        await action(interaction, mark, values)
