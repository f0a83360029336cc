"""A big and a small model, a painter, and a card whose owner does as it is told: the bench of the leasing tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chat, Draw, Plan, Say
from pointsman.core.ports import ChatModel, ChatOptions
from pointsman.core.reply import Event, Picture, Progress, Status
from pointsman.engine.execute import Executor
from pointsman.engine.leasing import Card, Wishes
from pointsman.engine.workshop import Workshop
from pointsman.gpu.want import Rung, Want
from pointsman.testing.scripted_leases import ScriptedLeases

LADDER = (
    Rung("ollama:big", 14, "ctx=8192", "big"),
    Rung("ollama:small", 3, "ctx=4096", "small", note="a game holds 9 GB, so a smaller model answers"),
)
PAINTING = (Rung("comfyui:z", 7, "1024x1024", "z"),)


class Wishing:
    """Chats take the ladder, pictures the painter."""

    owns = True

    async def chat(self, model: str, turns: Sequence[Turn], *, background: bool = False) -> Want | None:
        del turns
        return Want("chat", LADDER, "background" if background else "interactive") if model == "big" else None

    async def picture(self, draw: Draw) -> Want | None:
        del draw
        return Want("image", PAINTING)

    async def close(self) -> None:
        pass


@dataclass
class Paints:
    """Draws a picture in two strokes, or fails."""

    errors: list[PointsmanError] = field(default_factory=list)
    name: str = "z"
    drawn: list[Draw] = field(default_factory=list)
    closed: bool = False

    def painter(self, rung: Rung) -> Paints:
        assert rung == PAINTING[0]
        return self

    async def draw(self, draw: Draw) -> AsyncGenerator[Status | Progress | Picture, None]:
        self.drawn.append(draw)
        yield Progress(1, 2)
        if self.errors:
            raise self.errors.pop(0)
        yield Picture(b"picture", seed=7)

    async def close(self) -> None:
        self.closed = True


DECISION = Decision("id", "general_chat", "llm", 1.0, "test", ())


def executor(
    leases: ScriptedLeases,
    *,
    big: ChatModel,
    small: ChatModel,
    painter: Paints | None = None,
    expected: bool = True,
    wishes: Wishes | None = None,
) -> Executor:
    def card() -> Card:
        return Card(leases, wishes or Wishing(), painter, {"small": small}, studio_expected=expected)

    return Executor(Workshop(models={"big": big}, clock=lambda: 0.0, card=card), answer=str, clock=lambda: 0.0)


async def run(made: Executor, step: Chat | Draw | Say) -> list[Event]:
    return [event async for event in made.run(Plan(step), DECISION, Message("hello there"), ChatOptions())]
