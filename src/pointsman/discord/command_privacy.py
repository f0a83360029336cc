"""/privacy: what is kept of a person and who sees it; keep it here, hand it over, erase it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from pointsman.core.errors import PointsmanError
from pointsman.discord.command_card import code
from pointsman.discord.command_desk import Desk, Interaction, SlashCommand, group, origin, owner, slash, tell, thinking
from pointsman.discord.command_errors import in_words, tell_failure
from pointsman.discord.command_memory import as_file, count
from pointsman.discord.memo import NOTHING_CHOSEN
from pointsman.discord.wording import quoted, warning

CONFIRM_SECONDS: Final = 300.0
ON_OFF: Final = [Choice(name="on", value="on"), Choice(name="off", value="off")]
STAYS: Final = (
    "🔒 You are kept local: no service outside is asked what your messages want, none answers them, and nothing is "
    "looked up in the web for them."
)
MAY_LEAVE: Final = "You are not kept local. /privacy local on changes that."
WARNED: Final = (
    "This erases what I remember of you, the record of your messages, the corrections made of them, and what you chose "
    "here (model, keep me local). It cannot be undone. What stands in Discord stays: delete that there."
)
OF_MESSAGES: Final = (
    "- of each message: what it wanted, who decided that and how surely; its text only as long as whoever runs me has "
    "texts kept"
)
LEFT_ALONE: Final = "Nothing was erased."
TOO_LATE: Final = "Nothing was erased: that was five minutes ago. /privacy erase asks again."


def privacy_commands(desk: Desk) -> app_commands.Group:
    """Everything about what is kept of a person."""
    about = "What I keep of you, and who sees it"
    return group("privacy", about, showing(desk), staying(desk), exporting(desk), erasing(desk))


def showing(desk: Desk) -> SlashCommand:
    """What is kept, and who sees it."""

    async def show(interaction: Interaction) -> None:
        async with thinking(interaction):
            chosen = await desk.bot.memo.user(str(interaction.user.id))
            lines = [
                "**What is kept of you**",
                OF_MESSAGES,
                f"- {await remembered(desk, interaction)} that you asked for: /memory list",
                f"- your choices: {'keep me local, ' if chosen.local else ''}model {code(chosen.model or 'auto')}",
                "/privacy export hands all of it over; /privacy erase erases it.",
                "",
                "**Who sees your messages**",
                *(await seen_by(desk, local=chosen.local)),
            ]
            await tell(interaction, "\n".join(lines))

    return slash("show", "What I keep of you, and who sees it", show, contexts=None)


def staying(desk: Desk) -> SlashCommand:
    """Whether anything of a person's messages may leave the house."""

    @app_commands.describe(state="on: no service outside ever sees your messages")
    @app_commands.choices(state=ON_OFF)
    async def local(interaction: Interaction, state: Choice[str]) -> None:
        user, memo = str(interaction.user.id), desk.bot.memo
        await memo.set_user(user, replace(await memo.user(user), local=state.value == "on"))
        await tell(interaction, STAYS if state.value == "on" else MAY_LEAVE)

    return slash("local", "Keep your messages on our own machines", local, contexts=None)


def exporting(desk: Desk) -> SlashCommand:
    """All that is kept, as a file."""

    async def export(interaction: Interaction) -> None:
        async with thinking(interaction):
            user = str(interaction.user.id)
            data = {
                **await desk.bot.service.export(owner(interaction)),
                "chosen": await desk.bot.memo.export(user),
                "replies": [{"decision": it.id, "messages": it.messages} for it in await desk.latest.of(user)],
            }
            await tell(interaction, "All that is kept of you:", file=as_file(data, "pointsman-export.json"))

    return slash("export", "Get all that is kept of you as a file", export, contexts=None)


def erasing(desk: Desk) -> SlashCommand:
    """All that is kept, gone; after a second word."""

    async def erase(interaction: Interaction) -> None:
        view = Confirming(desk, interaction)
        await tell(interaction, warning(WARNED), view=view)

    return slash("erase", "Erase all that is kept of you", erase, contexts=None)


class Confirming(discord.ui.View):
    """Asks whether it is to be erased; only who asked for it sees it."""

    def __init__(self, desk: Desk, asked: Interaction) -> None:
        super().__init__(timeout=CONFIRM_SECONDS)
        self._desk = desk
        self._asked = asked

    @discord.ui.button(label="Erase all of it", style=discord.ButtonStyle.danger)
    async def yes(self, interaction: Interaction, _: discord.ui.Button[Confirming]) -> None:
        """Erases it."""
        self.stop()
        await interaction.response.edit_message(content="Erasing…", view=None)
        try:
            said = await erased(self._desk, interaction)
        except PointsmanError as error:
            said = in_words(interaction, error)
        await interaction.edit_original_response(content=said)

    @discord.ui.button(label="Keep it", style=discord.ButtonStyle.secondary)
    async def no(self, interaction: Interaction, _: discord.ui.Button[Confirming]) -> None:
        """Leaves everything as it is."""
        self.stop()
        await interaction.response.edit_message(content=LEFT_ALONE, view=None)

    async def on_timeout(self) -> None:
        """Takes the buttons away, which do nothing any more."""
        with suppress(discord.HTTPException):  # whoever has closed it does not want to know
            await self._asked.edit_original_response(content=TOO_LATE, view=None)

    async def on_error(self, interaction: Interaction, error: Exception, _: discord.ui.Item[Any], /) -> None:
        """Says what failed."""
        await tell_failure(interaction, error)


async def erased(desk: Desk, interaction: Interaction) -> str:
    """Erases all of a person; how much that was."""
    user = str(interaction.user.id)
    chosen = await desk.bot.memo.user(user)
    gone = await desk.bot.service.erase(owner(interaction))
    await desk.bot.memo.erase(user)
    await desk.latest.erase(user)
    desk.suggestions.changed(origin(interaction, private=True))
    return "\n".join(lines_of(gone, local=chosen.local, chose=chosen != NOTHING_CHOSEN))


def lines_of(gone: Mapping[str, Any], *, local: bool, chose: bool) -> list[str]:
    """What was erased, and what that means."""
    decisions, corrections = int(gone.get("decisions") or 0), int(gone.get("corrections") or 0)
    parts = [
        count(int(gone.get("memories") or 0)),
        f"{decisions} decision{'' if decisions == 1 else 's'}",
        f"{corrections} correction{'' if corrections == 1 else 's'}",
    ]
    lines = [f"Erased: {', '.join(parts)}{', and what you chose here' if chose else ''}."]
    if local:
        lines.append(f"{MAY_LEAVE[:-1]}, if you want it again.")
    if gone.get("log_emptied") is False:
        lines.append("Its last traces leave the database's log as soon as no other program reads it.")
    return lines


async def remembered(desk: Desk, interaction: Interaction) -> str:
    """How many memories are a person's, as far as that can be found out."""
    here = origin(interaction, private=True)
    try:
        found = await desk.bot.service.memories(here)
    except PointsmanError:
        return "the memories"
    return count(len(found))


async def seen_by(desk: Desk, *, local: bool) -> list[str]:
    """Who else sees a person's messages."""
    if local:
        return [STAYS]
    try:
        away = [str(it.get("service")) for it in await desk.bot.service.quota() if not it.get("local")]
    except PointsmanError as error:
        return [f"That cannot be found out just now: {quoted(error.message)}. {MAY_LEAVE}"]
    if not away:
        return ["No service outside is asked what they want.", MAY_LEAVE]
    who = ", then ".join(code(it) for it in away)
    return [f"Where it is unclear what one wants, {who} may be asked.", MAY_LEAVE]
