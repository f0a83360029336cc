"""From tagged places in a text to the values of its slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots.linear import regex
from pointsman.tiers.slots.request import MEDIUM, number
from pointsman.tiers.slots.settings import MAX_COUNT, negative_into, size_into, take_size
from pointsman.tiers.slots.shape import of_frame, of_words

# What may follow a style or a screen that is part of the description: "an [oil painting] of a fox".
BETWEEN: Final = " ,"
OWN_CLAUSE: Final = r"(?:in|w|with|im|al|con|en|no|ao|com|dans|nello|nel|в|à) "
SCREEN: Final = r"wallpaper|background|\b[248]k\b|\buhd|hd\b|1080p|720p|壁紙|壁纸"
ARTICLE: Final = r"(?:an?|the|una?|ein(?:e|en)?|une?|um(?:a)?|een)\s"
SEVERAL: Final = rf"({MEDIUM})s(\s|\z)"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text that belongs to a slot, as [start, end) in characters."""

    slot: str
    start: int
    end: int


def values(text: str, spans: Sequence[Span]) -> dict[str, SlotValue]:
    """The slots' values as the rules would give them: joined parts, pixels for sizes, numbers for counts.

    `list` becomes a part of `memory`, "shopping list: milk".
    """
    found: dict[str, SlotValue] = {}
    for span in spans:
        said = text[span.start : span.end]
        if span.slot == "style":
            style = regex(ARTICLE).match(said)
            said = said[style.end :] if style else said
            found["style"] = f"{found['style']}, {said}" if "style" in found else said
        elif span.slot == "negative":
            negative_into(found, said)
        elif span.slot == "count" and number(said) > 1:
            found["count"] = min(number(said), MAX_COUNT)
        elif span.slot == "size":
            size_into(found, size_of(said))
    prompt = joined(text, described(text, spans))
    if prompt:
        found["prompt"] = one_of(prompt) if "count" in found else prompt
    for slot in ("query", "memory", "expression", "code"):
        if said := joined(text, [span for span in spans if span.slot == slot]):
            found[slot] = said
    kept = joined(text, [span for span in spans if span.slot == "list"])
    if kept and "memory" in found:
        found["memory"] = f"{kept}: {found['memory']}"
    return found


def joined(text: str, parts: Iterable[Span]) -> str:
    """The parts of an interrupted slot as one text."""
    whole, end = "", 0
    for part in parts:
        if whole:
            whole += ", " if "," in text[end : part.start] else " "
        whole += text[part.start : part.end]
        end = part.end
    return whole


def one_of(prompt: str) -> str:
    """The prompt for one of several pictures: "posters for a fair" is one poster."""
    match = regex(SEVERAL).match(prompt)
    return match.group(1) + match.group(2) + prompt[match.end :] if match else prompt


def described(text: str, spans: Sequence[Span]) -> list[Span]:
    """The parts of the prompt: what is tagged so, with the styles and screens that lie inside the description."""
    parts: list[Span] = []
    inside = [is_inside(text, spans, index) for index in range(len(spans))]
    for index, span in enumerate(spans):
        if span.slot != "prompt" and not inside[index]:
            continue
        meets = parts and (inside[index] or inside[index - 1]) and not text[parts[-1].end : span.start].strip(BETWEEN)
        if meets:
            parts[-1] = Span("prompt", parts[-1].start, span.end)
        else:
            parts.append(Span("prompt", span.start, span.end))
    return parts


def is_inside(text: str, spans: Sequence[Span], index: int) -> bool:
    """Whether a style or a screen is part of the description, and not a clause of its own."""
    span = spans[index]
    said = text[span.start : span.end]
    if span.slot != "style" and not (span.slot == "size" and regex(SCREEN).search(said)):
        return False
    before = spans[index - 1] if index and spans[index - 1].slot == "prompt" else None
    after = spans[index + 1] if index + 1 < len(spans) and spans[index + 1].slot == "prompt" else None
    left = text[before.end : span.start] if before else "."
    right = text[span.end : after.start] if after else "."
    if not left.strip(BETWEEN) and not right.strip(BETWEEN):
        return True
    if not right.strip():
        return True
    return not left.strip() and not (span.slot == "style" and regex(OWN_CLAUSE).match(said + " "))


def size_of(said: str) -> tuple[int, int] | None:
    """The size that a few words name: "16:9", "1024x768", "square", "phone wallpaper"; None when they name none."""
    found: dict[str, SlotValue] = {}
    take_size(f", {said}", found)
    size_into(found, of_frame(said))
    for phrase in (said, f", {said}", f"a {said} of", f"a one as {said}", f"in {said}"):
        if "width" in found:
            break
        size_into(found, of_words(phrase)[2])
    return (int(found["width"]), int(found["height"])) if "width" in found else None
