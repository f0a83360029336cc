"""The form in which a picture's prompt is changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

import discord

from pointsman.core.decision import SlotValue
from pointsman.core.errors import BadField, PointsmanError
from pointsman.discord.button_items import Mark
from pointsman.discord.button_prompts import Drawn, drawn
from pointsman.discord.button_redraw import redraw, sources_of
from pointsman.discord.button_telling import Interaction, guarded

logger = logging.getLogger(__name__)

LONGEST: Final = 4000  # characters of a field
KNOWN_WITHIN: Final = 2.0  # seconds; Discord wants the form within three, and nothing may be said before it
OPEN_FOR: Final = 15 * 60.0
SIZE: Final = "x"
TIMES: Final = "\N{MULTIPLICATION SIGN}"


class EditPrompt(discord.ui.Modal):
    """Asks for another prompt, with size, steps and seed as they were; what is emptied is left to the painter."""

    def __init__(self, mark: Mark, found: Drawn, user: int) -> None:
        super().__init__(title="Draw it with another prompt", timeout=OPEN_FOR, custom_id=f"pme:{mark.about}:{user}")
        self._mark = mark
        self._found = found
        slots = found.slots
        size = f"{slots['width']}{SIZE}{slots['height']}" if slots.get("width") and slots.get("height") else ""
        seed = mark.detail if mark.detail.isdecimal() else ""
        self.prompt = field("prompt", found.prompt, most=LONGEST, long=True, hint=hint_for(found))
        self.negative = field("negative", str(slots.get("negative", "")), most=LONGEST, hint="what is not to be seen")
        self.size = field("size", size, most=11, hint="such as 1024x768")
        self.steps = field("steps", str(slots.get("steps") or ""), most=4, hint="more take longer")
        self.seed = field("seed", seed, most=20, hint="the same seed keeps what the prompt does not change")
        for label, item in (
            ("Prompt", self.prompt),
            ("Without", self.negative),
            ("Size", self.size),
            ("Steps", self.steps),
            ("Seed (empty: a new one)", self.seed),
        ):
            self.add_item(discord.ui.Label(text=label, component=item))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Draws it, or says what was wrong with it."""
        await guarded(interaction, f"edited of {self._mark.about}", self._draw(interaction))

    async def _draw(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        other = self.wanted()
        changed = Drawn(str(other.pop("prompt")), self._found.slots, self._found.category)
        attachments = await sources_of(interaction, changed)
        head, slots = "✏️ with another prompt, after", changed.again(**other)
        await redraw(interaction, self._mark, head, changed.category, slots=slots, attachments=attachments)

    def wanted(self) -> dict[str, SlotValue | None]:
        """What was filled in, as slots; None for what was emptied. Raises BadField."""
        width, height = size_in(self.size.value)
        return {
            "prompt": self.prompt.value.strip(),
            "negative": self.negative.value.strip() or None,
            "width": width,
            "height": height,
            "steps": number_in("steps", self.steps.value),
            "seed": number_in("seed", self.seed.value),
        }


async def edit(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """Shows the form, with the prompt in it as far as that is known in time."""
    try:
        async with asyncio.timeout(KNOWN_WITHIN):
            found = await drawn(interaction, mark)
    except (TimeoutError, PointsmanError) as error:
        logger.info("the prompt of decision %s is not known in time: %s", mark.about, error)
        found = Drawn()
    await interaction.response.send_modal(EditPrompt(mark, found, interaction.user.id))


def field(name: str, value: str, *, most: int, long: bool = False, hint: str = "") -> discord.ui.TextInput[Any]:
    """A field of the form; only the prompt has to be filled in."""
    return discord.ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        default=value[:most] or None,
        max_length=most,
        required=long,
        placeholder=hint[:100] or None,
    )


def hint_for(found: Drawn) -> str:
    """What stands in an empty field for the prompt."""
    return "what is to be seen" if found.prompt else "the prompt is not kept: what is to be seen?"


def size_in(text: str) -> tuple[int | None, int | None]:
    """Width and height as somebody writes them: 1024x768, or 1024 for a square. Raises BadField."""
    parts = text.lower().replace(TIMES, SIZE).replace("*", SIZE).split(SIZE)
    if not text.strip():
        return None, None
    numbers = [number_in("size", part) for part in parts]
    if len(numbers) > 2 or None in numbers:
        raise BadField("size", f'"{text}" is no size', cure="write it like 1024x768")
    return numbers[0], numbers[-1]


def number_in(name: str, text: str) -> int | None:
    """A whole number; None where there is none. Raises BadField."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise BadField(name, f'"{text}" is no whole number', cure="write digits only, or leave it empty")
    return int(text)
