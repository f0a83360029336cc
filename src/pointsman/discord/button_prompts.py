"""What a picture was made of, found again: in the decision's record, on the picture, or in what it answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import discord

from pointsman.core.decision import SlotValue
from pointsman.core.errors import InvalidInput, UnknownDecision
from pointsman.discord.button_items import Mark
from pointsman.discord.button_telling import bot_of
from pointsman.discord.picturing import MOST_ALT, prompt_in, shown_by
from pointsman.stores.privacy import MASK
from pointsman.tiers.slots import picture

logger = logging.getLogger(__name__)

IMAGES: Final = "image_generation"
MOST_BACK: Final = 5  # messages that are looked at for what was asked: a variation of a variation of ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a picture was made of: the prompt ("" where nobody knows it any more) and everything else."""

    prompt: str = ""
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    category: str = IMAGES

    def again(self, **other: SlotValue | None) -> dict[str, SlotValue]:
        """Slots for another picture of the same, with some other; None leaves one out, as does no prompt."""
        every = {**self.slots, "prompt": self.prompt, **other}
        return {name: value for name, value in every.items() if value is not None and value != ""}

    def needed(self) -> Drawn:
        """Itself. Raises InvalidInput where the prompt is not known, unless it is made of another picture."""
        if not self.prompt and not self.slots.get("job"):
            raise InvalidInput(
                "what this picture was drawn from is not kept, and not to be found in the channel",
                cure="ask for it anew, in a message or with /draw",
            )
        return self


async def drawn(interaction: discord.Interaction[Any], mark: Mark) -> Drawn:
    """What the picture was made of that a button is under. Raises PointsmanError but for what was forgotten."""
    category, slots, prompt = IMAGES, dict[str, SlotValue](), ""
    try:
        decision = await bot_of(interaction).service.find(mark.about)
    except UnknownDecision:
        logger.debug("decision %s is forgotten", mark.about)
    else:
        category, prompt = decision.category, prompt_in(decision.slots)
        slots = {name: value for name, value in decision.slots.items() if name != "prompt" and value != MASK}
    if prompt or interaction.message is None:
        return Drawn(prompt, slots, category)
    if prompt := alt_text(interaction.message):
        return Drawn(prompt, slots, category)
    found = dict(picture.find(await said(interaction.message, me_of(interaction))))
    prompt = str(found.pop("prompt", ""))
    found.pop("count", None)
    return Drawn(prompt, {**found, **slots}, category)


async def said(message: discord.Message, me: int) -> str:
    """What the person wrote whom a message answers, at the beginning of the chain; "" where that is gone."""
    for _ in range(MOST_BACK):
        before = await replied_to(message)
        if before is None:
            return ""
        if before.author.id != me:
            return words_of(before, me)
        if prompt := alt_text(before):
            return prompt
        message = before
    return ""


async def with_picture(message: discord.Message) -> discord.Message | None:
    """The latest message with pictures that one answers, however many lie between; None where there is none."""
    before: discord.Message | None = message
    for _ in range(MOST_BACK):
        before = await replied_to(before) if before is not None else None
        if before is not None and shown_by(before):
            return before
    return None


async def asker_of(message: discord.Message, me: int) -> int:
    """Who asked for what a message answers, by id; 0 where that is gone."""
    before = await replied_to(message)
    return before.author.id if before is not None and before.author.id != me else 0


async def replied_to(message: discord.Message) -> discord.Message | None:
    """The message that another one answers; None where there is none, or none any more."""
    reference = message.reference
    if reference is None or reference.message_id is None:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    try:
        return await message.channel.fetch_message(reference.message_id)
    except discord.HTTPException as error:
        logger.debug("message %s cannot be read: %s", reference.message_id, error)
        return None


def words_of(message: discord.Message, me: int) -> str:
    """What somebody wrote, without the bot's name in it."""
    return re.sub(rf"<@!?{me}>", " ", message.content).strip()


def alt_text(message: discord.Message) -> str:
    """The prompt as it stands beside the picture for those who cannot see it; "" where it may be cut."""
    found = next((it.description for it in shown_by(message) if it.description), "") or ""
    return "" if len(found) >= MOST_ALT else found


def me_of(interaction: discord.Interaction[Any]) -> int:
    """The bot's own id."""
    user = interaction.client.user
    return user.id if user is not None else interaction.application_id
