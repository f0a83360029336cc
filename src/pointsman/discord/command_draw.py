"""/draw: a picture of what is described, or of another picture."""

from __future__ import annotations

import re
from typing import Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from pointsman.core.errors import BadField, InvalidInput
from pointsman.core.message import Command
from pointsman.discord.command_desk import Desk, Interaction, SlashCommand, slash
from pointsman.discord.command_known import matching, named
from pointsman.discord.service import Known

LONGEST: Final = 6_000
MOST_STEPS: Final = 150
MOST_SEED: Final = 2**53 - 1  # a whole number of Discord's
SIZES: Final = (
    ("square 1024x1024", "1024x1024"),
    ("small square 512x512", "512x512"),
    ("portrait 832x1216", "832x1216"),
    ("landscape 1216x832", "1216x832"),
    ("wide 1344x768", "1344x768"),
    ("tall 768x1344", "768x1344"),
)
SIZE: Final = re.compile(r"\s*([1-9][0-9]{1,4})\s*[x\u00d7*]\s*([1-9][0-9]{1,4})\s*(?:px|pixels)?\s*", re.IGNORECASE)


def draw_command(desk: Desk) -> SlashCommand:
    """A picture of a prompt, or another one changed as the prompt says."""

    async def sizes(_: Interaction, typed: str) -> list[Choice[str]]:
        own = SIZE.fullmatch(typed)
        return [Choice(name=typed.strip(), value=typed.strip())] if own else named(SIZES, typed)

    async def styles(_: Interaction, typed: str) -> list[Choice[str]]:
        return matching((await desk.suggestions.known()).styles, typed)

    @app_commands.describe(
        prompt="What to draw, or how to change the picture",
        size="Width x height, such as 1024x768",
        steps="More take longer, and show more detail",
        seed="The same seed draws the same picture",
        style="A style that it is drawn in",
        picture="A picture to change",
    )
    @app_commands.autocomplete(size=sizes, style=styles)
    async def draw(
        interaction: Interaction,
        *,
        prompt: app_commands.Range[str, 1, LONGEST],
        size: app_commands.Range[str, 1, 40] | None = None,
        steps: app_commands.Range[int, 1, MOST_STEPS] | None = None,
        seed: app_commands.Range[int, 0, MOST_SEED] | None = None,
        style: app_commands.Range[str, 1, 100] | None = None,
        picture: discord.Attachment | None = None,
    ) -> None:
        slots: dict[str, str | int] = {"prompt": prompt}
        if size:
            slots["width"], slots["height"] = size_of(size)
        if steps is not None:
            slots["steps"] = steps
        if seed is not None:
            slots["seed"] = seed
        if style:
            slots["style"] = await style_named(desk, style)
        if picture:
            await check_edit(desk, picture)
            slots["job"] = "edit"
        command = Command("image_generation", slots, name="/draw")
        await desk.answer(interaction, prompt, command, files=(picture,) if picture else ())

    return slash("draw", "Draw a picture", draw)


def size_of(text: str) -> tuple[int, int]:
    """Width and height in pixels. Raises BadField."""
    found = SIZE.fullmatch(text)
    if found is None:
        raise BadField("size", f"{text!r} is no size", cure="write width x height in pixels, such as 1024x768")
    return int(found[1]), int(found[2])


async def style_named(desk: Desk, style: str) -> str:
    """A style as it is called. Raises BadField for one that is not there; where none is known, it may be."""
    styles = (await desk.suggestions.known()).styles
    found = next((it for it in styles if it.casefold() == style.strip().casefold()), None)
    if found is None and styles:
        some = ", ".join(styles[:10])
        raise BadField("style", f"there is no style {style[:60]!r} here", cure=f"choose one of these: {some}")
    return found or style.strip()


async def check_edit(desk: Desk, picture: discord.Attachment) -> None:
    """Raises InvalidInput where a file is none that can be changed here."""
    if not (picture.content_type or "").startswith("image/"):
        raise InvalidInput(f"the file {picture.filename} is no picture", cure="attach a PNG, JPEG or WebP file")
    known = await desk.suggestions.known()
    if known != Known() and "edit" not in known.picture_jobs:
        raise InvalidInput(
            "pictures cannot be changed here: there is no workflow for it",
            cure="draw one from words, or ask whoever runs me to add a workflow that edits pictures",
        )
