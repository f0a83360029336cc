"""What a command of a surface asks for: nothing is guessed; its slots are held to the rules of those found in texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Answer, SlotValue
from pointsman.core.errors import BadField
from pointsman.core.message import TOLD, Message, without_surrogates
from pointsman.core.plan import JOBS
from pointsman.core.sums import arithmetic
from pointsman.tiers.slots import picture
from pointsman.tiers.slots.settings import MAX_COUNT, MAX_NEGATIVE
from pointsman.tiers.slots.shape import fitted

if TYPE_CHECKING:
    from pointsman.tiers.cascade import FindSlots

# What a picture may be told beside that which texts are searched for.
ALSO_PICTURED: Final = ("steps", "job")
# More refine nothing that anybody sees; models that are made for few steps take 4 to 12.
MOST_STEPS: Final = 150
# KSampler takes 64 bits.
MOST_SEED: Final = 2**64 - 1
MOST_STYLE: Final = 200
MOST_NAME: Final = 60
# What is done with a picture without being told how.
WORDLESS: Final = frozenset({"vary", "upscale"})
NUMBERS: Final = frozenset({"width", "height", "count", "seed", "steps"})
MAIN: Final = ("prompt", "query", "expression", "code", "memory")
ACTIONS: Final = ("remember", "recall", "forget", "list", "remind")


@runtime_checkable
class Heeder(Protocol):
    """A tier that is told what was asked for by commands, so that it knows what goes on from there."""

    def heed(self, message: Message, answer: Answer) -> None:
        """Takes what a message asked for by a command."""
        ...


def answer_to(message: Message, catalogue: Catalogue, find_slots: FindSlots) -> Answer:
    """What the command of a message asks for; what it does not say of that is looked for in the text.

    Raises BadField for a category that there is not, and for slots that mean nothing to it.
    """
    command = message.command
    category = category_of(command.category if command else "", catalogue)
    slots = checked(command.slots if command else {}, category)
    if "job" in slots and message.picture is None:
        raise BadField("attachments", f"there is no picture to {slots['job']}", cure="attach one, or leave `job` out")
    if slots.get("job") not in WORDLESS and not any(name in slots for name in MAIN):
        slots = {**find_slots(category.name, message.told, category.slots), **slots}
    by = command.name[:MOST_NAME] if command and command.name else f"a command of {message.origin.surface}"
    return Answer(category.name, 1.0, 1.0, f"asked for by {by}", scores={category.name: 1.0}, slots=slots)


def category_of(name: str, catalogue: Catalogue) -> Category:
    """The category of that name. Raises BadField."""
    if name not in catalogue:
        known = ", ".join(catalogue.names)
        raise BadField("command.category", f"there is no category {name[:100]!r}", cure=f"use one of: {known}")
    return catalogue[name]


def checked(given: Mapping[str, SlotValue], category: Category) -> dict[str, SlotValue]:
    """The slots that mean something to a category, within the bounds of those that are found in texts.

    Numbers are brought within their bounds, what is blank or zero is left out. Raises BadField.
    """
    known = (*category.slots, *(sorted(picture.NAMES) if category.path == "image" else ()))
    known = tuple(dict.fromkeys((*known, *(ALSO_PICTURED if category.path == "image" else ()))))
    found: dict[str, SlotValue] = {}
    for name, value in given.items():
        if name not in known:
            cure = f"use some of: {', '.join(known)}" if known else "leave its slots out"
            raise bad(name, f"{category.name} has no slot of this name", cure)
        if name in NUMBERS:
            number = whole(name, value)
            if number or name == "seed":
                found[name] = number
        elif text := said(name, value):
            found[name] = text
    return sized(counted(found))


def whole(name: str, value: object) -> int:
    """A number from 0. Raises BadField."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad(name, f"{str(value)[:40]!r} is no whole number", "give it as a number")
    if value < 0 or (name == "seed" and value > MOST_SEED):
        most = f"to {MOST_SEED}" if name == "seed" else "up"
        raise bad(name, f"{value} is out of range", f"give a whole number from 0 {most}")
    return value


def said(name: str, value: Any) -> str:
    """A text without what surrounds it, no longer than is read of a message. Raises BadField."""
    if not isinstance(value, str):
        raise bad(name, f"{str(value)[:40]!r} is no text", "give it as a text")
    text = without_surrogates(value).strip()
    match name:
        case "job" if text and text not in JOBS:
            raise bad(name, f"nothing called {text[:40]!r} is done with pictures", f"use one of: {', '.join(JOBS)}")
        case "action" if text and text not in ACTIONS:
            raise bad(name, f"nothing called {text[:40]!r} is done with memories", f"use one of: {', '.join(ACTIONS)}")
        case "expression" if text and not arithmetic.is_sum(text):
            raise bad(name, f"{text[:100]!r} is no sum", "give it as `code`, or leave it out")
    return text[: MAX_NEGATIVE if name == "negative" else MOST_STYLE if name == "style" else TOLD]


def counted(found: dict[str, SlotValue]) -> dict[str, SlotValue]:
    """The slots with no more pictures and steps than are made."""
    for name, most in (("count", MAX_COUNT), ("steps", MOST_STEPS)):
        if name in found:
            found[name] = min(int(found[name]), most)
    return found


def sized(found: dict[str, SlotValue]) -> dict[str, SlotValue]:
    """The slots with a size that can be drawn; of one side alone, the server chooses the other."""
    width, height = (int(found.get(name, 0)) for name in ("width", "height"))
    if size := fitted(width or height, height or width):
        found |= {name: side for name, side in zip(("width", "height"), size, strict=True) if name in found}
    return found


def bad(name: str, what: str, cure: str) -> BadField:
    """That a slot is not as it should be."""
    return BadField(f"command.slots.{name[:MOST_NAME]}", what, cure=cure)
