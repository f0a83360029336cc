"""Pictures: the way to them under a lease of the card, in which no chat model is touched."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Protocol, runtime_checkable

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError, UnknownModel, Unreachable
from pointsman.core.plan import Draw
from pointsman.core.ports import Clock
from pointsman.core.reply import Done, Event, Failed, Picture, Progress, Status, Text
from pointsman.engine.leasing import Card, Piece, Work
from pointsman.engine.nopainter import no_painter
from pointsman.gpu.want import Lease, Want

NOBODY: Final = "no picture server is connected, so nothing can be drawn"
CONNECT: Final = "start ComfyUI, or set images.comfyui.url to where it listens"
# Styles to choose from: each is one that a message names, too (tiers/slots/style.py), and goes into the prompt. Any
# other words do as well.
STYLES: Final = (
    "3d render", "anime", "art deco", "art nouveau", "black and white", "cartoon", "charcoal drawing",
    "children's book illustration", "cinematic photo", "claymation", "comic book", "concept art", "cubism",
    "cyberpunk", "digital painting", "engraving", "flat design", "gouache", "graffiti", "impressionism",
    "ink drawing", "isometric", "line art", "linocut", "low poly", "manga", "minimalist", "mosaic", "oil painting",
    "origami", "papercraft", "pastel drawing", "pencil sketch", "photorealistic", "pixel art", "polaroid",
    "pop art", "retro", "stained glass", "steampunk", "surrealism", "synthwave", "ukiyo-e", "vaporwave",
    "vector illustration", "vintage", "watercolor", "woodcut",
)  # fmt: skip


class Uses(Protocol):
    """Does work under a lease of the card, where one is needed."""

    def __call__(self, want: Want | None, work: Work[Piece]) -> AsyncGenerator[Piece | Status, None]:
        """It, after notices of the waiting."""
        ...


@runtime_checkable
class MakesOfOthers(Protocol):
    """What draws, and makes pictures of other pictures."""

    @property
    def jobs(self) -> frozenset[str]:
        """What it makes of them: "edit", "vary", "upscale"."""
        ...


def jobs_of(card: Card) -> frozenset[str]:
    """What can be made of another picture; nothing where nothing draws, or its workflows cannot be used."""
    return card.studio.jobs if isinstance(card.studio, MakesOfOthers) else frozenset()


class Absent(Unreachable):
    """There is no picture server, and nobody has promised one."""


async def told(card: Card, draw: Draw, decision: Decision, uses: Uses, clock: Clock) -> AsyncGenerator[Event, None]:
    """The pictures that a message asks for, or words to its writer where no server is there. Raises as servers do."""
    began = clock()
    try:
        async with aclosing(drawn(card, draw, decision, uses, clock)) as events:
            async for event in events:
                yield event
    except Absent:
        yield Text(no_painter(draw))
        yield Done(decision, seconds=clock() - began)


async def asked(card: Card, draw: Draw, uses: Uses, clock: Clock, *, workflow: str = "") -> AsyncGenerator[Event, None]:
    """The pictures that a program asks for, of the `workflow` if it names one; ended by exactly one Done or Failed."""
    try:
        async with aclosing(drawn(card, draw, None, uses, clock, workflow=workflow)) as events:
            async for event in events:
                yield event
    except PointsmanError as error:
        yield Failed.of(error)


async def drawn(
    card: Card, draw: Draw, decision: Decision | None, uses: Uses, clock: Clock, *, workflow: str = ""
) -> AsyncGenerator[Status | Progress | Picture | Done, None]:
    """The way to the pictures, each of them, and Done.

    Raises Absent, UnknownModel for a `workflow` that is not drawn here, and what leases and painters raise.
    """
    studio, wishes, name, began = card.studio, card.wishes, "", clock()
    if studio is None or wishes is None:
        raise Absent(NOBODY, cure=CONNECT)

    def work(lease: Lease) -> AsyncGenerator[Status | Progress | Picture, None]:
        nonlocal name
        painter = studio.painter(lease.rung)
        name = painter.name
        return painter.draw(draw)

    try:
        want = await wishes.picture(draw)
    except Unreachable:
        if card.studio_expected:
            raise
        raise Absent(NOBODY, cure=CONNECT) from None
    known = {rung.serve: None for rung in want.ladder} if want is not None else {}
    if workflow and workflow not in known:
        names = ", ".join(("auto", *known))
        raise UnknownModel(f"no workflow is called {workflow[:200]!r}", cure=f"leave it out, or name one of: {names}")
    async with aclosing(uses(want, work)) as events:
        async for event in events:
            yield event
    yield Done(decision, model=name, seconds=clock() - began)
