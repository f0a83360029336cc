"""How much of a card's memory the things people do take, with the router and without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from pointsman.gpu.settings import Settings
from pointsman.gpu.state import margin_of
from pointsman.observe.amounts import seconds, size

Basis = Literal["measured", "reported", "booked", "given", "configured", "assumed"]

# Where a card's driver is used at all, its context takes this much of the card for each process.
CONTEXT: Final = 500_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount of bytes, and where it comes from: `basis` in one word, `source` in a sentence."""

    name: str
    bytes: int
    basis: Basis
    source: str


# 30 billion weights at 3.7 bits, and 98,304 bytes a token for what is kept of 4,096 of them.
CHAT: Final = Figure(
    "chat model",
    14_000_000_000 + 4096 * 98_304 + CONTEXT,
    "assumed",
    "a 30B model at 3.7 bits (14.0 GB), 4,096 tokens of context (0.4 GB), the driver's context (0.5 GB)",
)
SMALL: Final = Figure(
    "smaller model",
    2_500_000_000 + 300_000_000 + CONTEXT,
    "assumed",
    "a 4B model at 4 to 5 bits (2.5 GB), its context (0.3 GB), the driver's context (0.5 GB)",
)
PICTURE: Final = Figure(
    "picture",
    5_780_000_000 + 320_000_000 + 400_000_000 + CONTEXT,
    "assumed",
    "Z-Image-Turbo in int8 (5.8 GB), its decoder (0.3 GB), working memory (0.4 GB), the driver's context (0.5 GB); "
    "the text encoder in the computer's memory",
)
GAME: Final = Figure("game", 9_000_000_000, "assumed", "games take 3 to 12 GB")
DESKTOP: Final = Figure("desktop", 800_000_000, "assumed", "desktops take 0.3 to 1.5 GB")
CARD: Final = Figure("card", 24 * 2**30, "assumed", "no card is seen here, so one of 24 GiB is reckoned with")


@dataclass(frozen=True, slots=True)
class Figures:
    """All amounts that the report rests on; `reserved` is what the driver keeps, `margin` what stays free."""

    card: Figure = CARD
    desktop: Figure = DESKTOP
    chat: Figure = CHAT
    small: Figure = SMALL
    picture: Figure = PICTURE
    game: Figure = GAME
    reserved: int = 0
    margin: int | None = None
    title: str = ""

    @property
    def kept_free(self) -> int:
        """What the router keeps free."""
        return margin_of(self.card.bytes) if self.margin is None else self.margin

    @property
    def room(self) -> int:
        """What models could hold with nobody keeping anything free."""
        return self.card.bytes - self.reserved - self.desktop.bytes

    @property
    def budget(self) -> int:
        """What the router lets models hold together."""
        return self.room - self.kept_free

    @property
    def all(self) -> tuple[Figure, ...]:
        """The amounts, in the order in which they are shown."""
        margin = Figure("margin", self.kept_free, "configured", "kept free: gpu.margin, or 512 MiB, or 4 % of the card")
        driver = Figure("driver", self.reserved, "measured", "what the driver keeps for itself")
        kept = (driver,) if self.reserved else ()
        return (self.card, *kept, self.desktop, margin, self.chat, self.small, self.picture, self.game)


@dataclass(frozen=True, slots=True)
class Side:
    """What one way of doing it holds of the card at once, in bytes; `short` is by how much that is too much."""

    bytes: int
    short: int
    outcome: str

    @property
    def fits(self) -> bool:
        """Whether there is room for it."""
        return self.short == 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that people do: without the router every message passes the chat model, and nobody makes room."""

    name: str
    without: Side
    routed: Side

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "scenario": self.name,
            "without": {**asdict(self.without), "fits": self.without.fits},
            "with": {**asdict(self.routed), "fits": self.routed.fits},
        }


def scenarios(figures: Figures) -> tuple[Scenario, ...]:
    """The six things that people do."""
    chat, picture, both = figures.chat.bytes, figures.picture.bytes, figures.chat.bytes + figures.picture.bytes
    nothing = Side(0, 0, "a fixed reply: nothing is loaded")
    return (
        Scenario("a greeting", uncoordinated(chat, figures.room), nothing),
        Scenario("a picture", uncoordinated(both, figures.room), drawing(figures, figures.budget)),
        Scenario("a chat", uncoordinated(chat, figures.room), chatting(figures, figures.budget)),
        Scenario("a chat, then a picture", uncoordinated(both, figures.room), in_turn(figures)),
        Scenario("a picture while chatting", uncoordinated(both, figures.room), at_once(figures)),
        Scenario(
            "both, while a game runs", uncoordinated(chat + picture, figures.room - figures.game.bytes), gaming(figures)
        ),
    )


def uncoordinated(wanted: int, room: int) -> Side:
    """What happens when nobody makes room: the model server puts what is too much into the computer's memory."""
    short = max(0, wanted - room)
    if not short:
        return Side(wanted, 0, "fits")
    return Side(wanted, short, f"{size(short)} too much: parts of a model run from the computer's memory")


def chatting(figures: Figures, budget: int) -> Side:
    """A chat within a budget: the chat model, else the smaller one, else somebody else's computer."""
    if figures.chat.bytes <= budget:
        return Side(figures.chat.bytes, 0, "the chat model answers")
    if figures.small.bytes <= budget:
        return Side(figures.small.bytes, 0, "the smaller model answers, and says so")
    short = min(figures.chat.bytes, figures.small.bytes) - budget
    return Side(0, short, "no model fits: a service answers where that is allowed, else it is refused with the reason")


def drawing(figures: Figures, budget: int) -> Side:
    """A picture within a budget."""
    if figures.picture.bytes <= budget:
        return Side(figures.picture.bytes, 0, "the picture server alone; the chat model is not woken")
    return Side(0, figures.picture.bytes - budget, f"refused with the reason: {to_be_had(budget)}")


def in_turn(figures: Figures) -> Side:
    """One after the other: both stay where both fit, else the idle one gives way."""
    chat, picture = chatting(figures, figures.budget), drawing(figures, figures.budget)
    if not chat.fits or not picture.fits:
        return neither(chat, picture)
    if chat.bytes + picture.bytes <= figures.budget:
        return Side(chat.bytes + picture.bytes, 0, f"{answering(figures, chat)}both stay: nothing is loaded again")
    again = Settings().load_start + chat.bytes / Settings().load_bytes_per_second
    said = f"the {named(figures, chat)} gives way; the next chat loads it again (about {seconds(again)})"
    return Side(max(chat.bytes, picture.bytes), 0, said)


def at_once(figures: Figures) -> Side:
    """Both at the same time: side by side where both fit, else whoever came later waits."""
    chat, picture = chatting(figures, figures.budget), drawing(figures, figures.budget)
    if not chat.fits or not picture.fits:
        return neither(chat, picture)
    if chat.bytes + picture.bytes <= figures.budget:
        return Side(chat.bytes + picture.bytes, 0, f"{answering(figures, chat)}side by side")
    beside = figures.small.bytes + picture.bytes
    if figures.small.bytes < chat.bytes and beside <= figures.budget:
        said = "the picture waits for the reply; while it is drawn the smaller model answers"
        return Side(max(beside, chat.bytes), 0, said)
    return Side(max(chat.bytes, picture.bytes), 0, "one waits for the other, and is told how long")


def gaming(figures: Figures) -> Side:
    """The same while a game holds its part."""
    budget = figures.budget - figures.game.bytes
    chat, picture = chatting(figures, budget), drawing(figures, budget)
    both = chat.bytes + picture.bytes
    held = both if both <= budget else max(chat.bytes, picture.bytes)
    talk = chat.outcome if chat.fits else "no chat model fits"
    drawn = "pictures are drawn" if picture.fits else f"pictures are refused: {to_be_had(budget)}"
    turns = ", in turn" if chat.fits and picture.fits and both > budget else ""
    return Side(held, max(chat.short, picture.short), f"{talk}; {drawn}{turns}")


def neither(chat: Side, picture: Side) -> Side:
    """Where one of the two, or both, do not fit even alone."""
    talk = "" if chat.fits else "no chat model fits; "
    drawn = "the picture is drawn" if picture.fits else f"the picture is {picture.outcome}"
    return Side(max(chat.bytes, picture.bytes), max(chat.short, picture.short), talk + drawn)


def answering(figures: Figures, chat: Side) -> str:
    """That it is not the chat model who answers, where it is not."""
    return "" if chat.bytes == figures.chat.bytes else "with the smaller model "


def named(figures: Figures, chat: Side) -> str:
    """Who answers."""
    return (figures.chat if chat.bytes == figures.chat.bytes else figures.small).name


def to_be_had(budget: int) -> str:
    """How much room there is."""
    return f"only {size(budget)} can be had" if budget > 0 else "there is no room at all"


def verdict(figures: Figures) -> Iterator[str]:
    """What this card is good for, said plainly; where nobody needs a router for room, that too."""
    chat, picture = figures.chat.bytes, figures.picture.bytes
    both, most = size(chat + picture), size(max(0, figures.budget))
    too_large = [it for it in (figures.chat, figures.picture) if it.bytes > figures.budget]
    if too_large:
        names = " and ".join(f"{it.name} ({size(it.bytes)})" for it in too_large)
        small = figures.small.bytes <= figures.budget < chat
        instead = f"; the smaller model ({size(figures.small.bytes)}) fits" if small else ""
        yield f"Too large for this card even alone: {names} against {most}{instead}."
    elif chat + picture <= figures.budget:
        yield (
            f"Chat model and picture fit side by side: {both} of {most}. While nothing else needs the card, there is "
            "room without a router too; it makes the difference when a game starts, and in what a picture wakes."
        )
    else:
        over = chat + picture - figures.room
        spilled = f"; without the router {size(over)} run from the computer's memory" if over > 0 else ""
        yield f"Chat model and picture fit one at a time, not together: {both} against {most}{spilled}."
    if any(it.basis == "assumed" for it in (figures.chat, figures.picture)):
        yield "What is assumed becomes measured once it has run: start `pointsman serve`, chat, draw, and ask again."
