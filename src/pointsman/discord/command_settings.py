"""/settings: when the bot answers in a channel, and what the model is told first there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import Choice

from pointsman.discord.command_ask import OPEN_FOR
from pointsman.discord.command_desk import IN_SERVERS, Desk, Interaction, SlashCommand, group, slash, tell, visitor
from pointsman.discord.command_errors import tell_failure
from pointsman.discord.gate import Visitor
from pointsman.discord.memo import ChannelSettings
from pointsman.discord.wording import quoted

LONGEST: Final = 4_000  # characters that Discord takes in a field of a form
SHOWN: Final = 600
MODES: Final = [
    Choice(name="mention: only where I am named or replied to", value="mention"),
    Choice(name="always: every message", value="always"),
    Choice(name="as the configuration says", value="configured"),
]
ANSWERS: Final = {"mention": "only where I am named or replied to", "always": "every message"}
HERE: Final = "set here by /settings"
ABOVE: Final = "set by /settings for what this channel belongs to"
CONFIGURED: Final = "the configuration, for this channel"
EVERYWHERE: Final = "the configuration, for every channel"
NOT_ADMIN: Final = (
    "Only who manages this server, or is an admin of mine, can change settings. Ask one of them, or have whoever runs "
    "me add you: `discord.admins`."
)
NO_PROMPT: Final = "The model is told nothing first here."

Change = Callable[[ChannelSettings], ChannelSettings]


def settings_commands(desk: Desk) -> app_commands.Group:
    """What admins set for a channel."""
    return group(
        "settings",
        "How I behave in this channel",
        showing(desk),
        when_command(desk),
        prompt_command(desk),
        reset_command(desk),
        contexts=IN_SERVERS,
        permissions=discord.Permissions(manage_guild=True),
    )


def showing(desk: Desk) -> SlashCommand:
    """What is in force, and where it comes from."""

    async def show(interaction: Interaction) -> None:
        if await is_admin(desk, interaction):
            await tell(interaction, "\n".join(await lines_of(desk, visitor(interaction))))

    return slash("show", "Show what is in force here, and where it comes from", show, contexts=None)


def when_command(desk: Desk) -> SlashCommand:
    """When it answers in this channel."""

    @app_commands.rename(mode="answers")
    @app_commands.describe(mode="To which messages")
    @app_commands.choices(mode=MODES)
    async def when(interaction: Interaction, mode: Choice[str]) -> None:
        chosen: Any = None if mode.value == "configured" else mode.value
        await change(desk, interaction, lambda own: replace(own, when=chosen))

    return slash("when", "When I answer in this channel", when, contexts=None)


def prompt_command(desk: Desk) -> SlashCommand:
    """What the model is told first in this channel."""

    @app_commands.describe(text="Leave it out to write several lines")
    async def prompt(interaction: Interaction, text: app_commands.Range[str, 1, LONGEST] | None = None) -> None:
        if text is not None:
            await change(desk, interaction, lambda own: replace(own, prompt=text))
        elif await is_admin(desk, interaction):
            there = visitor(interaction)
            now = desk.bot.gate.prompt(there, await desk.bot.memo.channel(there.places))
            await interaction.response.send_modal(PromptForm(desk, now, interaction.id))

    return slash("prompt", "What the model is told first in this channel", prompt, contexts=None)


def reset_command(desk: Desk) -> SlashCommand:
    """Everything as the configuration has it."""

    async def reset(interaction: Interaction) -> None:
        await change(desk, interaction, lambda _: ChannelSettings())

    return slash("reset", "Have this channel as the configuration says", reset, contexts=None)


class PromptForm(discord.ui.Modal):
    """Asks for what the model is told first; an empty one tells it nothing."""

    def __init__(self, desk: Desk, now: str, opened: int) -> None:
        # As with the form of /run, each has an id of its own.
        super().__init__(title="What the model is told first here", custom_id=f"pmc:prompt:{opened}", timeout=OPEN_FOR)
        self._desk = desk
        self._text: discord.ui.TextInput[PromptForm] = discord.ui.TextInput(
            label="Instructions",
            style=discord.TextStyle.paragraph,
            custom_id="prompt",
            default=now[:LONGEST] or None,
            placeholder="You are a patient teacher. Answer briefly.",
            required=False,
            max_length=LONGEST,
        )
        self.add_item(self._text)

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Sets it."""
        await change(self._desk, interaction, lambda own: replace(own, prompt=self._text.value.strip()))

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Says what failed."""
        await tell_failure(interaction, error)


async def is_admin(desk: Desk, interaction: Interaction) -> bool:
    """Whether somebody may change settings here; who may not is told so."""
    if desk.bot.gate.is_admin(visitor(interaction)):
        return True
    await tell(interaction, NOT_ADMIN)
    return False


async def change(desk: Desk, interaction: Interaction, how: Change) -> None:
    """Changes what is set for a channel, and shows what is in force then."""
    if not await is_admin(desk, interaction):
        return
    there, memo = visitor(interaction), desk.bot.memo
    await memo.set_channel(there.channel, how(await memo.channel((there.channel,))))
    await tell(interaction, "\n".join(await lines_of(desk, there)))


async def lines_of(desk: Desk, there: Visitor) -> list[str]:
    """What is in force where somebody is, each with where it comes from."""
    bot, settings = desk.bot, desk.bot.settings
    every = await bot.memo.channel(there.places)
    prompt = bot.gate.prompt(there, every)
    said = f"The model is told first: {quoted(prompt, SHOWN)}" if prompt else NO_PROMPT
    limits = settings.limits
    others = (
        f"each person {share_of(limits.user)}",
        f"each server {share_of(limits.guild)}",
        f"unsuitable pictures: {settings.nsfw.drawn}",
        f"code in servers: {'yes' if settings.run_in_guilds else 'no'}",
        f"footer: {'yes' if settings.footer else 'no'}",
    )
    return [
        f"I answer **{ANSWERS[bot.gate.when(there, every)]}** ({await source(desk, there, 'when')}).",
        f"{said} ({await source(desk, there, 'prompt')}).",
        f"-# By the configuration: {'; '.join(others)}.",
    ]


async def source(desk: Desk, there: Visitor, name: str) -> str:
    """Where a setting comes from."""
    read: Callable[[tuple[str, ...]], Awaitable[ChannelSettings]] = desk.bot.memo.channel
    if getattr(await read((there.channel,)), name) is not None:
        return HERE
    if getattr(await read(there.parents), name) is not None:
        return ABOVE
    channels: Mapping[str, Any] = desk.bot.settings.channels
    configured = any(getattr(channels[it], name) is not None for it in there.places if it in channels)
    return CONFIGURED if configured else EVERYWHERE


def share_of(share: Any) -> str:
    """How much may be asked, in words."""
    parts = [f"{what} {', '.join(rates)}" for what in ("messages", "pictures") if (rates := getattr(share, what))]
    return " and ".join(parts) or "without limit"
