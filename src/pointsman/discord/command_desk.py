"""What every command does: who asks and where, whether he may, how he is answered, and what is kept of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from pointsman.core.errors import InvalidInput, PointsmanError
from pointsman.core.message import Command, Origin
from pointsman.discord.asked import SURFACE, Answered, Ask, ask_by, origin_of, visitor_of
from pointsman.discord.command_known import Suggestions
from pointsman.discord.command_latest import Latest, Made
from pointsman.discord.context import Seen, message_of
from pointsman.discord.gate import Visitor
from pointsman.discord.reading import enclosed
from pointsman.discord.wording import warning

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

Interaction = discord.Interaction[Any]
SlashCommand = app_commands.Command[Any, ..., Any]
Callback = Callable[..., Coroutine[Any, Any, None]]

# Added to servers, and used there or in a direct message to the bot; not among other people's direct messages.
INSTALLS: Final = app_commands.AppInstallationType(guild=True, user=False)
EVERYWHERE: Final = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
IN_SERVERS: Final = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)


class Desk:
    """Where commands are taken for a bot."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.suggestions = Suggestions(bot.service, bot.clock)
        self.latest = Latest(bot.shelf)

    async def answer(
        self,
        interaction: Interaction,
        text: str,
        command: Command | None = None,
        *,
        files: Sequence[discord.Attachment] = (),
    ) -> None:
        """Has what a command says answered as every message is, where everybody reads it."""
        asked = ask_by(self.bot, interaction, text, command)
        answered = await self.bot.answers.answer(asked, read=lambda ask: self._read(ask, files))
        if not answered.messages and not answered.decision_id:
            raise PointsmanError("the reply could not be written", cure="ask again; the log says why")

    async def may_ask(self, interaction: Interaction) -> bool:
        """Counts a command as a message of this person's; one whose share is used up is told so.

        What only takes something back, or says how much is left, is not counted: nobody waits for that.
        """
        refusal = await self.bot.shares.ask(visitor(interaction))
        if refusal is not None:
            await tell(interaction, warning(refusal.words))
        return refusal is None

    async def note(self, ask: Ask, answered: Answered) -> None:
        """Keeps whose decision a reply came of, and where it stands; for commands and messages alike."""
        messages = [it.id for it in answered.messages] + ([ask.source.id] if ask.source else [])
        made = Made(answered.decision_id, ask.visitor.channel, tuple(messages), answered.model, answered.seconds)
        await self.latest.note(ask.visitor.user, made)

    async def _read(self, ask: Ask, files: Sequence[discord.Attachment]) -> Ask:
        """What is asked, with its files, and what the model is told first where that is; Discord is waiting already."""
        prompt = self.bot.gate.prompt(ask.visitor, await self.bot.memo.channel(ask.visitor.places))
        read = [await enclosed(it, picture=True) for it in files]
        if lost := next((it for it in read if it.is_image and not it.url), None):
            raise InvalidInput(f"the file {lost.name} cannot be read", cure="attach a picture of less than 10 MB")
        said, asker = ask.message, ask.asker
        seen = Seen(str(ask.key), str(asker.id), asker.display_name, said.text, attachments=tuple(read))
        told, warnings = message_of(seen, (), (), said.origin, prompt=prompt)
        return replace(ask, message=replace(told, command=said.command), warnings=(*ask.warnings, *warnings))


def visitor(interaction: Interaction) -> Visitor:
    """Who uses a command, and where."""
    return visitor_of(interaction.user, interaction.channel, interaction.guild)


def origin(interaction: Interaction, *, private: bool = False) -> Origin:
    """Where a command came from; with `private`, nobody else reads what it answers."""
    found = origin_of(visitor(interaction), session=str(interaction.id))
    return replace(found, direct=True) if private else found


def owner(interaction: Interaction) -> str:
    """Whose memories, decisions and corrections they are."""
    return f"{SURFACE}:{interaction.user.id}"


@asynccontextmanager
async def thinking(interaction: Interaction, *, private: bool = True) -> AsyncGenerator[None, None]:
    """Tells Discord in time that the command is heard; what follows may take its time."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=private, thinking=True)
    yield


async def tell(interaction: Interaction, text: str = "", *, private: bool = True, **more: Any) -> None:
    """Answers a command, or goes on answering; `more` are an embed, a view or a file."""
    if interaction.response.is_done():
        if file := more.pop("file", None):
            more["attachments"] = [file]
        await interaction.edit_original_response(content=text or None, **more)
    else:
        await interaction.response.send_message(text, ephemeral=private, **more)


def slash(
    name: str,
    description: str,
    callback: Callback,
    *,
    contexts: app_commands.AppCommandContext | None = EVERYWHERE,
) -> SlashCommand:
    """A command of its own; one of a group takes the group's `contexts`, so None."""
    return app_commands.Command(
        name=name,
        description=description,
        callback=callback,
        allowed_contexts=contexts,
        allowed_installs=INSTALLS if contexts is not None else None,
    )


def group(
    name: str,
    description: str,
    *commands: SlashCommand,
    contexts: app_commands.AppCommandContext = EVERYWHERE,
    permissions: discord.Permissions | None = None,
) -> app_commands.Group:
    """Commands under one name."""
    made = app_commands.Group(
        name=name,
        description=description,
        allowed_contexts=contexts,
        allowed_installs=INSTALLS,
        default_permissions=permissions,
    )
    for command in commands:
        made.add_command(command)
    return made
