"""Puts what a follow-up says into the slots of what it follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pointsman.core.decision import Slots, SlotValue
from pointsman.tiers.cascade import FindSlots
from pointsman.tiers.followups import pictures, queries, sums
from pointsman.tiers.followups.antecedent import Wanted
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.followups.measured import Kind
from pointsman.tiers.followups.reading import Reading, reshapes
from pointsman.tiers.slots.style import KIND as STYLE

# A style takes the place of the last: "more like a comic" after "in the style of Cezanne".
STYLED: Final = rf"(?:.*\s)?(?:(?:more )?(?:like|as) an?\s|in (?:the )?styles? |{STYLE}(?:\s|\z)|\S+[- ]styles?\z)"


def merged(reading: Reading, before: Wanted, names: Sequence[str], find_slots: FindSlots) -> tuple[Kind, Slots]:
    """The kind of follow-up, and the slots of what is wanted now; those that nothing was said about stay."""
    match before.main:
        case "prompt":
            return "picture", picture(reading, before, names, find_slots)
        case "query":
            if reshapes(reading.core):
                return "text", before.slots
            return "query", {**before.slots, "query": queries.merged(str(before.slots["query"]), reading.core)}
        case "expression":
            return "sum", computed(reading, before, names, find_slots)
        case "memory":
            return "memory", {**before.slots, "memory": remembered(str(before.slots["memory"]), reading.core)}
    return ("sum" if "expression" in names else "memory" if "memory" in names else "text"), before.slots


def picture(reading: Reading, before: Wanted, names: Sequence[str], find_slots: FindSlots) -> Slots:
    """The slots of the picture that is wanted now: its prompt, and what the wish says of style, size and number."""
    plus = "plus" in reading.openings
    made = pictures.merged(str(before.slots["prompt"]), reading.core, instead=reading.instead, plus=plus)
    found: dict[str, SlotValue] = {**before.slots, **find_slots(before.category, made.prompt, names)}
    if "style" in before.slots and found.get("style") == before.slots["style"] and regex(STYLED).match(reading.core):
        del found["style"]
    lacking = [str(before.slots.get("negative", "")), made.without, ""]
    if any(lacking) and "negative" in names:
        found["negative"] = ", ".join(dict.fromkeys(part for part in lacking if part))
    # What only a command says, such as the number of steps, stays as it was.
    return {name: found[name] for name in dict.fromkeys((*names, *before.slots)) if name in found}


def computed(reading: Reading, before: Wanted, names: Sequence[str], find_slots: FindSlots) -> Slots:
    """The slots of the next sum; without an expression when it cannot be told."""

    def expression_of(text: str) -> str:
        return str(find_slots(before.category, text, ("expression",)).get("expression", ""))

    expression = sums.merged(str(before.slots["expression"]), reading.core, expression_of)
    return {"expression": expression} if expression and "expression" in names else {}


def remembered(memory: str, core: str) -> str:
    """What is to be kept now: another thing for the same list, or the same at another time."""
    listed, colon, _ = memory.partition(": ")
    if colon and not queries.is_time(core):
        return f"{listed}: {core}"
    return queries.in_time(memory, core) if queries.is_time(core) else f"{memory}, {core}"
