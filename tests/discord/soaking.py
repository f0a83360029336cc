"""Many people at once, among lost connections and refusals: who was answered, how often, and how soon."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.discord.wire import Wire

from pointsman.testing.fake_discord import Channel, Message, Person

Kind = Literal["chat", "picture", "greeting"]

MARK: Final = re.compile(r"\[([0-9]+-[0-9]+)\]")
WISHES: Final = (
    "why is the sky blue?",
    "explain how a lighthouse works",
    "what is a good name for a cat?",
    "how do I sharpen a knife?",
    "write a short poem about rain",
)
PICTURE, GREETING = "draw a lighthouse", "hello!"
GREETINGS: Final = 0.3  # the share of messages that need no model
DIRECT: Final = 5  # every fifth person writes directly
PEOPLE_A_CHANNEL: Final = 3


def echo(text: str) -> str:
    """What models say: the mark of what was said last, and some words."""
    marks = MARK.findall(text)
    return f"About [{marks[-1] if marks else '?'}]: " + "there is much to be said about that. " * 2


@dataclass
class Said:
    """A message as somebody sent it."""

    message: Message
    mark: str
    kind: Kind

    def fits(self, reply: Message) -> bool:
        """Whether a reply is one to this; greetings are answered in words of our own, without the mark."""
        match self.kind:
            case "picture":
                return bool(reply.files)
            case "chat":
                return f"About [{self.mark}]" in reply.content
        return bool(reply.content) and not MARK.search(reply.content)


@dataclass
class Result:
    """What came of it; times are in seconds of the real clock."""

    said: list[Said] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    replies: int = 0
    typed: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    limited: Mapping[str, int] = field(default_factory=dict)
    ordered: int = 0
    resumed: int = 0
    replayed: int = 0
    cuts: int = 0

    @property
    def broken(self) -> list[str]:
        """All that should not have happened."""
        kinds = {"lost": self.lost, "doubled": self.doubled, "wrong": self.wrong}
        return [f"{kind}: {mark}" for kind, marks in kinds.items() for mark in marks]

    def lines(self) -> list[str]:
        """The figures."""
        missed = f"lost {len(self.lost)} · doubled {len(self.doubled)} · wrong {len(self.wrong)}"
        cuts = f"connections cut {self.cuts} · resumed {self.resumed} · events told again {self.replayed}"
        return [
            f"messages {len(self.said)} · replies {self.replies} · {missed}",
            f"to typing: {halves(self.typed)} · to first words: {halves(self.first)}",
            f"429s met: {dict(self.limited) or 'none'} of its own making, {self.ordered} ordered · {cuts}",
        ]


def halves(values: Sequence[float]) -> str:
    """The middle of some seconds, and what nearly all keep within."""
    return f"p50 {share(values, 0.5):.2f} s, p95 {share(values, 0.95):.2f} s"


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of all does not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


class Soak:
    """So many people at the bot of a wire; `think` is how long each thinks between messages at most, in seconds."""

    def __init__(self, wire: Wire, users: int, *, seed: int, think: float, pictures: float = 0.02) -> None:
        self._wire = wire
        self._chance = random.Random(seed)
        self._think = think
        self._pictures = pictures
        self._result = Result()
        self._people = [self._moved_in(number) for number in range(users)]

    async def run(self, *, seconds: float | None = None, messages: int | None = None, cut_every: float) -> Result:
        """Has all of them talk for so long, or so many messages each; then waits for all replies, and counts."""
        over = None if seconds is None else asyncio.get_running_loop().time() + seconds
        weather = asyncio.create_task(self._trouble(cut_every))
        try:
            await asyncio.gather(*(self._talk(it, person, over, messages) for it, person in enumerate(self._people)))
        finally:
            weather.cancel()
            await asyncio.wait({weather})
        discord = self._wire.discord
        await discord.until(lambda: not self._wire.bot.answers.running, seconds=60)
        self._count()
        return self._result

    def _moved_in(self, number: int) -> tuple[Person, Channel | None]:
        """Somebody, and where he writes."""
        discord = self._wire.discord
        if number % DIRECT == 0:
            return discord.person(f"U{number}"), None
        guilds = list(discord.world.guilds.values())
        guild = guilds[number % len(guilds)]
        name = f"room-{number // PEOPLE_A_CHANNEL}"
        there = [it for it in guild.channels.values() if it.name == name]
        return discord.person(f"U{number}", guild=guild), there[0] if there else discord.add_channel(name, guild=guild)

    async def _talk(
        self, number: int, who: tuple[Person, Channel | None], over: float | None, messages: int | None
    ) -> None:
        person, where = who
        chance = random.Random(self._chance.random())
        loop = asyncio.get_running_loop()
        count = 0
        await asyncio.sleep(chance.uniform(0, self._think))
        while (messages is None or count < messages) and (over is None or loop.time() < over):
            count += 1
            mark, drawn = f"{number}-{count}", chance.random()
            kind: Kind = "chat"
            text = f"{chance.choice(WISHES)} [{mark}]"
            if drawn < self._pictures:
                text, kind = f"{PICTURE} [{mark}]", "picture"
            elif drawn < self._pictures + GREETINGS:
                text, kind = GREETING, "greeting"
            said = Said(person.asks(text, where) if where else person.says(text), mark, kind)
            self._result.said.append(said)
            try:
                await self._wire.discord.until(lambda said=said: self._whole(said), seconds=90)  # type: ignore[misc]
            except TimeoutError:
                return  # it is counted as lost
            await asyncio.sleep(chance.uniform(0, self._think))

    def _whole(self, said: Said) -> bool:
        """Whether a reply is complete."""
        replies = self._wire.discord.replies_to(said.message)
        return bool(replies) and int(said.message.id) not in self._wire.bot.answers.running

    async def _trouble(self, every: float) -> None:
        """Cuts the connection now and then, asks to come again, and refuses some requests."""
        discord = self._wire.discord
        while True:
            await asyncio.sleep(every)
            self._result.cuts += 1
            discord.gateway.hold()
            self._chance.choice([discord.gateway.drop, discord.gateway.reconnect])()
            discord.rates.refuse_next(2, after=0.05, part=self._chance.choice(["POST", "PATCH"]))
            await asyncio.sleep(every / 10)
            discord.gateway.let_in()

    def _count(self) -> None:
        discord, result = self._wire.discord, self._result
        texts = [it.content for it in discord.world.by_me() if not it.deleted]
        for it in result.said:
            replies = discord.replies_to(it.message)
            result.replies += len(replies)
            told = sum(f"[{it.mark}]" in text for text in texts)
            if not replies:
                result.lost.append(it.mark)
                continue
            if len(replies) > 1 or told > 1:
                result.doubled.append(it.mark)
            if not it.fits(replies[0]):
                result.wrong.append(f"{it.mark}: {replies[0].content[:100]!r}")
            typed = [at for at in discord.typed(it.message.channel) if at >= it.message.at]
            result.typed.append(min([*typed, replies[0].at]) - it.message.at)
            first = replies[0].first(lambda how: bool(how.files) or not how.content.startswith("-#"))
            if first is not None:
                result.first.append(first - it.message.at)
        gateway, rates = discord.gateway, discord.rates
        result.limited, result.ordered = rates.limited, rates.ordered
        result.resumed, result.replayed = gateway.resumed, gateway.replayed
