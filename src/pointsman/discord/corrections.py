"""Somebody says what a message wanted instead: he chooses a category, sees what that changes, and teaches it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import discord

from pointsman.core.correction import Flip, Preview
from pointsman.core.decision import Decision
from pointsman.core.errors import BadField, InvalidInput, UnknownDecision
from pointsman.discord import wording
from pointsman.discord.asked import SURFACE, visitor_of
from pointsman.discord.button_items import LONGEST, Mark, Menu, Press, view_of
from pointsman.discord.button_prompts import asker_of, me_of, said, words_of
from pointsman.discord.button_telling import NOT_YOURS, Interaction, bot_of, change, may_change, tell

logger = logging.getLogger(__name__)

MOST_OPTIONS: Final = 25  # of a menu
MOST_MENUS: Final = 5  # of a message
MOST_DESCRIPTION: Final = 100
EXAMPLES: Final = 3
CUT: Final = 60
FORGOTTEN: Final = "This decision is not on record any more, so nothing can be learned from it."
NOTHING: Final = "Nothing was changed."


async def wrong(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """The button: asks what the message wanted."""
    message = interaction.message
    if message is None:
        return
    asker = mark.asker or await asker_of(message, me_of(interaction))
    await ask_what(interaction, mark.about, message, asker)


async def ask_what(interaction: Interaction, decision_id: str, message: discord.Message, asker: int) -> None:
    """Asks whoever asked for a reply, or moderates, what the message wanted that led to it; nobody else sees that.

    The interaction may be of any kind, and is not answered before.
    """
    if not may_change(interaction, asker):
        await tell(interaction, NOT_YOURS)
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    service = bot_of(interaction).service
    try:
        decision = await service.find(decision_id)
    except UnknownDecision:
        await tell(interaction, FORGOTTEN)
        return
    known = await service.known()
    view = view_of(*menus(decision, known.categories, message.id))
    await tell(interaction, f"It was taken for **{decision.category}**. What was it?", view)


def menus(decision: Decision, categories: Mapping[str, str], message_id: int) -> list[Menu]:
    """Menus of all categories but the one that was decided."""
    options = [
        discord.SelectOption(label=name, value=name, description=description[:MOST_DESCRIPTION] or None)
        for name, description in categories.items()
        if name != decision.category
    ]
    starts = range(0, min(len(options), MOST_OPTIONS * MOST_MENUS), MOST_OPTIONS)
    return [
        Menu(
            Mark("pick", decision.id, str(number), message_id),
            options[start : start + MOST_OPTIONS],
            placeholder="What did the message want?",
        )
        for number, start in enumerate(starts, 1)
    ]


async def pick(interaction: Interaction, mark: Mark, values: Sequence[str] = ()) -> None:
    """A category was chosen: says what teaching it would change, and asks whether to."""
    await interaction.response.defer()
    category = values[0]
    view = view_of(
        Press(fitting(Mark("teach", mark.about, category, mark.asker)), "Teach", style=discord.ButtonStyle.primary),
        Press(Mark("leave", mark.about), "Never mind"),
    )
    try:
        preview = await bot_of(interaction).service.preview(category, decision_id=mark.about)
    except UnknownDecision:
        await change(interaction, FORGOTTEN)
    except InvalidInput as error:
        # Where texts are not kept, nothing is there to compare with; what was said still stands in the channel.
        if not await text_of(interaction, mark):
            raise
        logger.debug("no preview for decision %s: %s", mark.about, error.message)
        await change(interaction, f"Teach **{category}**? What that changes cannot be told: texts are not kept.", view)
    else:
        await change(interaction, in_words(preview, category, mark.about, whole=trusts(interaction)), view)


def in_words(preview: Preview, category: str, decision_id: str, *, whole: bool) -> str:
    """What a correction would change.

    What others wrote is told only to whoever runs the bot (`whole`), as it may come from anywhere; the rest is counted.
    """
    lines = [f"Teach **{category}**? {preview.summary[:1].upper()}{preview.summary[1:]}."]
    if len(preview.flips):
        lines[0] = (
            f"Teach **{category}**? That would change {len(preview.flips)} of the last {preview.looked_at} decisions, "
            "such as:"
        )
    told = [flip for flip, _ in preview.changes if whole or flip.decision_id == decision_id][:EXAMPLES]
    lines += [f"- “{wording.quoted(flip.text, CUT)}”: {flip.before} → {flip.after}" for flip in told]
    lines += counted([flip for flip in preview.flips if flip not in told])
    if preview.conflicts:
        lines.append(
            wording.warning(f"Earlier corrections say otherwise ({len(preview.conflicts)}); the latest counts.")
        )
    return "\n".join(lines)


def counted(flips: Sequence[Flip]) -> list[str]:
    """Changes by their number alone."""
    often = Counter((flip.before, flip.after) for flip in flips)
    return [f"- {count} times {before} → {after}" for (before, after), count in often.most_common(EXAMPLES)]


async def teach(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """Teaches it, and offers to take it back; `detail` is the category."""
    await interaction.response.defer()
    service = bot_of(interaction).service
    try:
        try:
            made = await service.correct(mark.about, mark.detail, surface=SURFACE)
        except BadField:
            raise
        except InvalidInput as error:
            text = "" if isinstance(error, UnknownDecision) else await text_of(interaction, mark)
            if not text:
                raise
            made = await service.correct(mark.about, mark.detail, text=text, surface=SURFACE)
    except UnknownDecision:
        await change(interaction, FORGOTTEN)
        return
    logger.info("person %s taught that decision %s is %s", interaction.user.id, mark.about, made.category)
    undo = Press(Mark("undo", made.id or mark.about, made.category), "Undo")
    await change(interaction, f"Learned: such a message is **{made.category}** from now on.", view_of(undo))


async def undo(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """Takes a correction back; `about` is its id."""
    await interaction.response.defer()
    taken = await bot_of(interaction).service.undo(mark.about)
    logger.info("person %s took correction %s back", interaction.user.id, taken.id)
    await change(interaction, f"Taken back: **{taken.category}** is no longer taught for it.")


async def leave(interaction: Interaction, _mark: Mark, _: Sequence[str] = ()) -> None:
    """Leaves everything as it is."""
    await change(interaction, NOTHING)


async def text_of(interaction: Interaction, mark: Mark) -> str:
    """What the decision was about, as it stands in the channel; "" where it is gone.

    `asker` of these marks is the id of the reply, or of the message that it is to.
    """
    channel = interaction.channel
    if not mark.asker or not isinstance(channel, discord.abc.Messageable):
        return ""
    try:
        message = await channel.fetch_message(mark.asker)
    except discord.HTTPException as error:
        logger.debug("message %s cannot be read: %s", mark.asker, error)
        return ""
    me = me_of(interaction)
    return await said(message, me) if message.author.id == me else words_of(message, me)


def fitting(mark: Mark) -> Mark:
    """A mark that Discord takes: without the message's id where a category's name is very long."""
    return mark if len(f"pm:{mark}") <= LONGEST else replace(mark, asker=0)


def trusts(interaction: Interaction) -> bool:
    """Whether somebody is named in the configuration as one who runs the bot, not only a moderator of a server."""
    visitor = visitor_of(interaction.user, interaction.channel, interaction.guild)
    return bot_of(interaction).gate.is_exempt(visitor)
