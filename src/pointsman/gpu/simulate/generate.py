"""Invents a day: conversations, bursts of pictures, and games, by chance from a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pointsman.gpu.simulate.scene import GB
from pointsman.gpu.simulate.trace import Event

HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Mix:
    """What a day is made of. In 8 hours it comes to about 175 chats, 92 pictures and 4 games."""

    desktop: int = 800_000_000
    """Always held by others: a desktop, and the contexts of the servers. 0.3 to 1.5 GB were seen."""

    conversations_per_hour: float = 4.5
    turns: float = 5.0
    """Messages of a conversation, on average."""
    think: tuple[float, float] = (20.0, 180.0)
    """Seconds between an answer's end and the next message."""
    tokens: float = 400.0
    """An answer's median length; it is log-normal."""
    spread: float = 0.58
    """The standard deviation of its logarithm: one in twenty is 2.6 times as long."""
    most_tokens: int = 1500
    bursts_per_hour: float = 7.7
    pictures: float = 1.5
    """Pictures of a burst, on average."""
    look: tuple[float, float] = (60.0, 300.0)
    """Seconds from a picture to the wish for the next."""
    steps: int = 8
    """What Z-Image-Turbo's own workflow takes."""
    games: bool = True
    between_games: float = 95 * 60.0
    """Seconds from a game's end to the next one's start, on average."""
    game_bytes: tuple[int, ...] = (3 * GB, 6 * GB, 9 * GB)
    game_seconds: tuple[float, float] = (600.0, 3000.0)
    game_ramp: float = 20.0
    """Seconds over which a game takes its memory: menus, then a level. Assumed."""


def generate(chance: random.Random, hours: float, mix: Mix | None = None) -> tuple[Event, ...]:
    """A trace of so many hours, by time; the same for the same state of `chance`."""
    mix = mix or Mix()
    end = hours * HOUR
    # Each part has chances of its own, so that the same day is played with games and without.
    talk, draw, play = (random.Random(chance.getrandbits(64)) for _ in range(3))
    desktop = Event(0.0, "external", seconds=end + HOUR, bytes=mix.desktop, name="desktop")
    events = [desktop, *conversations(talk, end, mix), *bursts(draw, end, mix)]
    if mix.games:
        events += games(play, end, mix)
    return tuple(sorted(events, key=lambda event: event.t))


def conversations(chance: random.Random, end: float, mix: Mix) -> Iterator[Event]:
    """Messages, each a while after the answer to the one before."""
    for number, start in enumerate(arrivals(chance, end, mix.conversations_per_hour / HOUR), 1):
        t = start
        for _ in range(geometric(chance, mix.turns)):
            tokens = min(mix.most_tokens, max(10, round(mix.tokens * math.exp(chance.gauss(0, mix.spread)))))
            if t >= end:
                break
            yield Event(round(t, 3), "chat", tokens=tokens, conversation=f"c{number}")
            t += tokens / 60 + chance.uniform(*mix.think)  # 60 a second: it is read while it comes


def bursts(chance: random.Random, end: float, mix: Mix) -> Iterator[Event]:
    """Pictures: one, or a few in a row."""
    for number, start in enumerate(arrivals(chance, end, mix.bursts_per_hour / HOUR), 1):
        t = start
        for _ in range(geometric(chance, mix.pictures)):
            if t >= end:
                break
            yield Event(round(t, 3), "image", steps=mix.steps, conversation=f"i{number}")
            t += chance.uniform(*mix.look)


def games(chance: random.Random, end: float, mix: Mix) -> Iterator[Event]:
    """Games, one at a time; each size comes before one comes again."""
    t = chance.expovariate(1 / mix.between_games)
    sizes: list[int] = []
    while t < end:
        if not sizes:
            sizes = chance.sample(mix.game_bytes, len(mix.game_bytes))
        seconds = chance.uniform(*mix.game_seconds)
        yield Event(
            round(t, 3), "external", seconds=round(seconds, 3), bytes=sizes.pop(), ramp=mix.game_ramp, name="game"
        )
        t += seconds + chance.expovariate(1 / mix.between_games)


def arrivals(chance: random.Random, end: float, rate: float) -> Iterator[float]:
    """Times before the end at which something happens by chance, so many a second."""
    t = chance.expovariate(rate)
    while t < end:
        yield t
        t += chance.expovariate(rate)


def geometric(chance: random.Random, mean: float) -> int:
    """A number from 1 of that mean, without memory: after each, another is as likely as ever."""
    if mean <= 1:
        return 1
    return 1 + int(math.log(1 - chance.random()) / math.log(1 - 1 / mean))
