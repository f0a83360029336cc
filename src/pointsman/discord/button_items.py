"""Buttons and menus that carry what they are about in their custom_id, so that old ones work after a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import discord

# Discord takes 100 characters. A decision's id has 12, a category's name up to 64, a person's id up to 20.
LONGEST: Final = 100
FIELDS: Final = (
    r"(?P<action>[a-z]{1,8}):(?P<about>[0-9A-Za-z_-]{1,40}):(?P<detail>[0-9A-Za-z_-]{0,64}):(?P<asker>[0-9]{0,20})"
)
# discord.py tells the kinds apart by their expressions, so that these have to differ.
BUTTON: Final = re.compile(f"pm:{FIELDS}")
MENU: Final = re.compile(f"pmm:{FIELDS}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a button does, and about what: `about` is a decision's id, or the key of an answer that is under way.

    `detail` is a seed, a category or a number of a picture, as the action has it; `asker` whose request it was, 0
    where the button does not say.
    """

    action: str
    about: str
    detail: str = ""
    asker: int = 0

    @classmethod
    def of(cls, found: re.Match[str]) -> Self:
        """What a custom_id says."""
        return cls(found["action"], found["about"], found["detail"], int(found["asker"] or 0))

    @classmethod
    def read(cls, custom_id: str) -> Self | None:
        """What a custom_id says, None where it is none of ours."""
        found = BUTTON.fullmatch(custom_id) or MENU.fullmatch(custom_id)
        return cls.of(found) if found else None

    def __str__(self) -> str:
        return f"{self.action}:{self.about}:{self.detail}:{self.asker or ''}"


class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=BUTTON):
    """A button; what happens when it is pressed stands in `buttons.ACTIONS`."""

    def __init__(
        self,
        mark: Mark,
        label: str | None = None,
        emoji: str | discord.PartialEmoji | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        row: int | None = None,
    ) -> None:
        self.mark = mark
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=label, emoji=emoji, style=style, custom_id=f"pm:{mark}", row=row
        )
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, perhaps on a message of a process before this."""
        looks = item if isinstance(item, discord.ui.Button) else discord.ui.Button[Any]()
        return cls(Mark.of(match), looks.label, looks.emoji, looks.style)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Does what the button is for."""
        await pressed(interaction, self.mark)


class Menu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=MENU):
    """A menu of which one thing is chosen; what happens then stands in `buttons.ACTIONS`."""

    def __init__(
        self,
        mark: Mark,
        options: Sequence[discord.SelectOption],
        placeholder: str | None = None,
        row: int | None = None,
    ) -> None:
        self.mark = mark
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"pmm:{mark}", options=list(options), placeholder=placeholder, row=row
        )
        super().__init__(menu)

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The menu that was used, perhaps on a message of a process before this."""
        options = item.options if isinstance(item, discord.ui.Select) else ()
        return cls(Mark.of(match), options)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Does what was chosen."""
        data: Any = interaction.data or {}
        await pressed(interaction, self.mark, tuple(data.get("values") or ()))


async def pressed(interaction: discord.Interaction[Any], mark: Mark, values: Sequence[str] = ()) -> None:
    """Does what a button or menu is for."""
    from pointsman.discord.buttons import act  # which knows all of them, as they know this

    await act(interaction, mark, values)


def view_of(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """A view of buttons and menus that do not end: what they do is known by their custom_id alone."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def marks_of(message: discord.Message) -> list[Mark]:
    """What the buttons and menus under a message are about."""
    every = [child for row in message.components for child in getattr(row, "children", ())]
    found = (Mark.read(str(getattr(child, "custom_id", "") or "")) for child in every)
    return [mark for mark in found if mark is not None]


def decision_of(message: discord.Message) -> str:
    """The decision that a message of the bot's came of, as its buttons know it; "" where they do not."""
    return next((mark.about for mark in marks_of(message) if mark.action != "cancel"), "")
