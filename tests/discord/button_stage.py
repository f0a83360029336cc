"""A small stage for buttons: a bot that answers every mention with pictures, over a service that is a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import discord
import simcord
from discord import app_commands

from pointsman.config.discord import Discord
from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision, SlotValue
from pointsman.core.errors import InvalidInput, PointsmanError, UnknownCorrection, UnknownDecision
from pointsman.core.message import Command, Message
from pointsman.core.reply import Picture
from pointsman.discord import buttons
from pointsman.discord.asked import Answered, Ask, ask_by, origin_of, visitor_of
from pointsman.discord.bot import Bot
from pointsman.discord.gate import Gate
from pointsman.discord.outlet import Replying
from pointsman.discord.picturing import show
from pointsman.discord.service import Known
from pointsman.testing.comfyui.pictures import png

CATEGORIES = {"image_generation": "A picture.", "general_chat": "Small talk.", "web_search": "News and prices."}
RED = (200, 0, 0)
NOT_KEPT = InvalidInput("the text is not kept", cure="say it again")


@dataclass
class Scripted:
    """What the bot asks of Pointsman: decisions that are on record, and what was taught. `fails` is raised instead."""

    jobs: frozenset[str] = frozenset()
    categories: Mapping[str, str] = field(default_factory=lambda: CATEGORIES)
    decisions: dict[str, Decision] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    taught: dict[str, Correction] = field(default_factory=dict)
    flips: Preview | None = None
    fails: PointsmanError | None = None

    def decided(self, message: Message) -> Decision:
        slots: dict[str, SlotValue] = {"prompt": message.text.removeprefix("draw ")}
        category = "image_generation"
        if message.command is not None:
            slots, category = dict(message.command.slots), message.command.category
        decision = Decision(f"d{len(self.decisions) + 1:011x}", category, "image", 1.0, "command", (), slots)
        self.decisions[decision.id] = decision
        self.texts[decision.id] = message.text
        return decision

    def forget_texts(self) -> None:
        """As with store.keep_text: 0."""
        self.texts.clear()
        for name, decision in self.decisions.items():
            slots = {key: "***" if isinstance(value, str) else value for key, value in decision.slots.items()}
            self.decisions[name] = replace(decision, slots=slots)

    async def known(self) -> Known:
        return Known(self.categories, picture_jobs=self.jobs)

    async def find(self, decision_id: str = "") -> Decision:
        if self.fails:
            raise self.fails
        if decision_id not in self.decisions:
            raise UnknownDecision(f"no decision {decision_id}")
        return self.decisions[decision_id]

    async def preview(self, category: str, *, decision_id: str) -> Preview:
        if decision_id not in self.texts:
            raise NOT_KEPT
        return self.flips or Preview(Correction("", self.texts[decision_id], category), (), (), 5)

    async def correct(self, decision_id: str, category: str, *, text: str = "", surface: str = "") -> Correction:
        if decision_id not in self.texts and not text:
            raise NOT_KEPT
        made = Correction(f"c{len(self.taught) + 1}", text or self.texts[decision_id], category, surface=surface)
        self.taught[made.id] = made
        return made

    async def undo(self, which: str) -> Correction:
        if which not in self.taught:
            raise UnknownCorrection(f"no correction {which}")
        return self.taught.pop(which)


class Painting:
    """In the place of `Answers`: paints at once, or has things under way until somebody stops them."""

    def __init__(self, bot: PaintingBot) -> None:
        self.bot = bot
        self.asks: list[Ask] = []
        self.going: dict[int, int] = {}
        self.pictures = 1
        self.seed = 7

    async def answer(self, ask: Ask) -> Answered:
        self.asks.append(ask)
        decision = self.bot.service.decided(ask.message)
        seed = int(decision.slots.get("seed", self.seed))
        drawn = [Picture(png(8 + it, 8, RED), seed=seed + it) for it in range(self.pictures)]
        shown = await show(ask, decision, drawn, 1.25, service=self.bot.service)
        sent = await ask.outlet.send(shown.content, files=shown.files, view=shown.view)
        self.seed += 100
        return Answered(decision.id, [sent])

    def cancel(self, key: int) -> bool:
        return self.going.pop(key, None) is not None

    def owner(self, key: int) -> int:
        return self.going.get(key, 0)


class PaintingBot(discord.Client):
    """As much of the bot as buttons need."""

    def __init__(self, service: Any, settings: Discord) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.messages = intents.message_content = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self.service = service
        self.settings = settings
        self.gate = Gate(settings)
        self.answers = Painting(self)
        self.clock = lambda: 0.0

    async def setup_hook(self) -> None:
        buttons.install(self)
        tree = app_commands.CommandTree(self)

        @tree.command(name="private", description="A picture that nobody else sees")
        async def private(interaction: discord.Interaction) -> None:
            command = Command("image_generation", {"prompt": "a fox"})
            await self.answers.answer(ask_by(cast("Bot", self), interaction, "a fox", command, ephemeral=True))

        await tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if self.user is None or self.user not in message.mentions or message.author == self.user:
            return
        text = message.content.replace(self.user.mention, "").strip()
        visitor = visitor_of(message.author, message.channel, message.guild)
        asked = Message(text, origin=origin_of(visitor, session="s"))
        if text == "wait":
            self.answers.going[message.id] = message.author.id
            await message.reply("drawing", view=buttons.cancel_view(message.id), mention_author=False)
            return
        await self.answers.answer(Ask(asked, message.author, visitor, Replying(message), source=message))


@dataclass
class ButtonStage:
    """A server with Ann, Bob and Mia, who moderates."""

    env: simcord.Env
    bot: PaintingBot
    service: Scripted
    channel: simcord.ChannelHandle
    ann: simcord.MemberActor
    bob: simcord.MemberActor
    mia: simcord.MemberActor

    @property
    def asks(self) -> list[Ask]:
        return self.bot.answers.asks

    def bots(self) -> list[discord.Message]:
        return [it for it in self.channel.history() if it.author == self.bot.user]

    async def drawn(self, text: str = "draw a fox") -> discord.Message:
        """Ann has something drawn; the bot's message."""
        assert self.bot.user is not None
        await self.ann.send(self.channel, f"{self.bot.user.mention} {text}")
        return self.bots()[-1]

    async def restart(self) -> None:
        """Another process of the bot."""
        self.bot = PaintingBot(self.service, self.bot.settings)
        await self.env.restart_bot(self.bot)


@asynccontextmanager
async def button_stage(service: Scripted | None = None, **settings: Any) -> AsyncIterator[ButtonStage]:
    """The stage; `settings` are those of `discord:`."""
    service = service or Scripted()
    bot = PaintingBot(service, Discord.model_validate(settings))
    async with simcord.run(bot) as env:
        guild = env.create_guild("Meadow")
        channel = guild.create_text_channel("general")
        role = guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
        roles = {"mia": [role]}
        people = [guild.add_member(env.create_user(it), roles=roles.get(it, ())) for it in ("ann", "bob", "mia")]
        await env.settle()
        yield ButtonStage(env, bot, service, channel, *people)


def custom_id(message: discord.Message, action: str) -> str:
    """The custom_id of a button that has a sign only."""
    every = [child.custom_id or "" for row in message.components for child in getattr(row, "children", ())]
    return next(it for it in every if it.startswith(f"pm:{action}:"))


def alone_told(result: Any) -> Any:
    """The one thing that only the person who pressed was told."""
    told = [it for it in result.followups if it.ephemeral]
    [message] = told
    return message
