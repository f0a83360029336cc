"""Another picture from one that there is: with a new seed or prompt, much like it, or larger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Final

import discord

from pointsman.core.decision import SlotValue
from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment, Command
from pointsman.discord import wording
from pointsman.discord.asked import ask_by
from pointsman.discord.button_items import Mark, Menu, view_of
from pointsman.discord.button_prompts import Drawn, drawn, me_of, with_picture
from pointsman.discord.button_telling import bot_of, change, tell
from pointsman.discord.outlet import MISSING, Following, Outlet, Replying, Written
from pointsman.discord.picturing import as_source, shown_by

if TYPE_CHECKING:
    from pointsman.discord.button_telling import Interaction

LONGEST: Final = 2000
JOBS: Final[Mapping[str, str]] = {
    "vary": "🎭 much like",
    "upscale": "🔍 larger:",
}


class Headed:
    """An outlet whose first message begins with a line of its own, which stays while the rest is edited.

    `key` is the interaction's: two people may redraw one picture at the same time.
    """

    def __init__(self, outlet: Outlet, head: str, key: int) -> None:
        self._outlet = outlet
        self._head = head
        self._key = key
        self._first = 0

    @property
    def key(self) -> int:
        """The interaction's id."""
        return self._key

    async def send(
        self,
        content: str = "",
        *,
        file: discord.File | None = None,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
        embed: discord.Embed | None = None,
    ) -> discord.Message:
        """Sends the next message of the reply."""
        text = content if self._first else self._headed(content)
        sent = await self._outlet.send(text, file=file, files=files, view=view, embed=embed)
        self._first = self._first or sent.id
        return sent

    async def edit(
        self,
        message: Written,
        *,
        content: str = MISSING,
        view: discord.ui.View | None = MISSING,
        attachments: Sequence[discord.Attachment | discord.File] = MISSING,
    ) -> discord.Message:
        """Changes a message of the reply."""
        if content is not MISSING and message.id == self._first:
            content = self._headed(content)
        return await self._outlet.edit(message, content=content, view=view, attachments=attachments)

    async def delete(self, message: Written) -> None:
        """Takes a message of the reply back; the next one is the first then."""
        await self._outlet.delete(message)
        if message.id == self._first:
            self._first = 0

    def typing(self) -> AbstractAsyncContextManager[None]:
        """Says that somebody is typing."""
        return self._outlet.typing()

    def _headed(self, content: str) -> str:
        whole = f"{self._head}\n{content}"
        return whole if len(whole) <= LONGEST else content


async def again(interaction: Interaction, mark: Mark, _: Sequence[str] = ()) -> None:
    """The same with a new seed."""
    await interaction.response.defer()
    found = (await drawn(interaction, mark)).needed()
    attachments = await sources_of(interaction, found)
    slots = found.again(seed=None)
    await redraw(interaction, mark, "🎲 again, after", found.category, slots=slots, attachments=attachments)


async def made_of(interaction: Interaction, mark: Mark, values: Sequence[str] = ()) -> None:
    """A picture made of the picture: much like it, or larger. Of several, one is chosen first (`detail` says where)."""
    await interaction.response.defer()
    pictures = await pictures_under(interaction, mark)
    if not pictures:
        raise InvalidInput("there is no picture in that message any more", cure="ask for it anew")
    if len(pictures) > 1 and not values:
        await choose(interaction, mark, pictures)
        return
    if values:
        await change(interaction, "Under way.")
    chosen = pictures[min(int(values[0]), len(pictures)) - 1] if values else pictures[0]
    found = await drawn(interaction, mark)
    slots = found.again(seed=None, count=None, job=mark.action)
    source = await as_source(chosen)
    await redraw(interaction, mark, JOBS[mark.action], found.category, slots=slots, attachments=(source,))


async def choose(interaction: Interaction, mark: Mark, pictures: Sequence[discord.Attachment]) -> None:
    """Asks which of several pictures is meant; the answer says in which message they are."""
    options = [
        discord.SelectOption(label=f"Picture {number}", value=str(number), description=it.filename[:100])
        for number, it in enumerate(pictures, 1)
    ]
    message_id = interaction.message.id if interaction.message is not None else ""
    where = Mark(mark.action, mark.about, str(message_id), mark.asker)
    await tell(interaction, "Which one?", view_of(Menu(where, options, placeholder="Which picture")))


async def pictures_under(interaction: Interaction, mark: Mark) -> list[discord.Attachment]:
    """The pictures of the message that the button is under; of the one that `detail` names, where a menu does."""
    message = await pressed_under(interaction, mark)
    return shown_by(message) if message is not None else []


async def pressed_under(interaction: Interaction, mark: Mark) -> discord.Message | None:
    """The message with the picture: the button's own, or the one that a private menu names; None where it is gone."""
    if mark.action not in JOBS or not mark.detail:
        return interaction.message
    channel: Any = interaction.channel
    try:
        found: discord.Message = await channel.fetch_message(int(mark.detail))
    except discord.NotFound:
        return None
    return found


async def sources_of(interaction: Interaction, found: Drawn) -> tuple[Attachment, ...]:
    """The picture that a picture was made of, in what it answers. Raises InvalidInput where it is not found."""
    if not found.slots.get("job"):
        return ()
    before = await with_picture(interaction.message) if interaction.message is not None else None
    if before is None:
        raise InvalidInput("the picture that this one was made of is gone", cure="send it again, with what to change")
    pictures = shown_by(before)
    if len(pictures) > 1 and before.author.id == me_of(interaction):
        raise InvalidInput("this was made of one of several pictures", cure="press the button below those once more")
    return (await as_source(pictures[0]),)


async def redraw(
    interaction: Interaction,
    mark: Mark,
    head: str,
    category: str,
    *,
    slots: Mapping[str, SlotValue],
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Has another picture drawn, in a reply to the one that it came of, and says whose that was."""
    bot = bot_of(interaction)
    below = await pressed_under(interaction, mark)
    outlet = Headed(outlet_for(interaction, below), head_of(interaction, mark, head), interaction.id)
    ask = ask_by(
        bot,
        interaction,
        str(slots.get("prompt") or slots.get("job", "")),
        Command(category, slots, name=f"the button {mark.action}"),
        attachments=attachments,
        ephemeral=is_private(below),
        outlet=outlet,
    )
    await bot.answers.answer(ask)


def outlet_for(interaction: Interaction, below: discord.Message | None) -> Outlet:
    """A reply to the message with the picture, which has no end after fifteen minutes; or else one to the click."""
    allowed = interaction.app_permissions
    writes = (
        allowed.send_messages_in_threads if isinstance(interaction.channel, discord.Thread) else allowed.send_messages
    )
    if below is None or is_private(below) or (interaction.guild_id is not None and not writes):
        return Following(interaction, ephemeral=is_private(below), clock=bot_of(interaction).clock)
    return Replying(below)


def is_private(message: discord.Message | None) -> bool:
    """Whether only one person sees a message; what comes of it stays private, too."""
    return message is not None and message.flags.ephemeral


def head_of(interaction: Interaction, mark: Mark, what: str) -> str:
    """The line that says whose picture it came of, and who wanted it; nobody is pinged by that."""
    whose = f"<@{mark.asker}>'s picture" if mark.asker else "this picture"
    by = "" if interaction.user.id == mark.asker else f", for <@{interaction.user.id}>"
    return wording.note(f"{what} {whose}{by}")
