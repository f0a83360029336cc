"""Reads messages whose slots are marked, and makes more of them by exchanging what stands in the slots."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pointsman.core.errors import InvalidInput
from pointsman.tiers.slots.spans import Span
from pointsman.tiers.slots.words import Word, spaceless

CURE = (
    'give one JSON object a line: {"id": ..., "text": ..., "category": ..., "slots": {"prompt": "a part of the text"}}'
)

# These lie inside the prompt, or between its parts.
INNER = frozenset({"style", "size", "count", "negative", "list"})
# How often a part stays what it was when the others are exchanged, and how often all letters become small.
KEPT, LOWERED = 0.15, 0.2


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with its slots: where each stands in the text; `action` is what a memory operation does."""

    key: str
    text: str
    category: str
    spans: tuple[Span, ...]
    language: str = "en"
    action: str = ""


def read_marked(path: Path) -> list[Marked]:
    """The messages in a file. Raises InvalidInput with file:line for a line that is none, or a part not in its text."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: cannot be read: {error}", cure="give a readable file") from error
    read = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            read.append(marked(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{path}:{number}: {error}", cure=CURE) from error
    if not read:
        raise InvalidInput(f"{path}: there is no message in it", cure=CURE)
    return read


def marked(row: dict[str, Any]) -> Marked:
    """One message. Raises KeyError for a field that is absent, ValueError for a part that is not in the text."""
    text, spans = row["text"], []
    for slot, parts in row["slots"].items():
        end = 0
        for part in [parts] if isinstance(parts, str) else parts:
            start = place_of(part, text, end)
            end = start + len(part)
            spans.append(Span(slot, start, end))
    spans.sort(key=lambda span: (span.start, -span.end))
    action = row.get("values", {}).get("action", "")
    return Marked(row["id"], text, row["category"], tuple(spans), row.get("language", "en"), action)


def place_of(part: str, text: str, start: int) -> int:
    """Where a part stands in a text from `start` on, as whole words if it can. Raises ValueError when it does not."""
    place = text.find(part, start) if part else -1
    while place >= 0:
        end = place + len(part)
        if not (glued(text[place - 1 : place], part[0]) or glued(part[-1], text[end : end + 1])):
            return place
        place = text.find(part, place + 1)
    place = text.find(part, start) if part else -1
    if place < 0:
        raise ValueError(f"{part!r} is not in {text!r}")
    return place


def glued(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word."""
    return left.isalnum() and right.isalnum() and not spaceless(left) and not spaceless(right)


def tags_of(example: Marked, words: Sequence[Word], names: Sequence[str]) -> list[int]:
    """One tag a word: 0 outside, 2k + 1 where the slot names[k] begins, 2k + 2 where it goes on.

    Slots may lie inside the prompt; a word belongs to the innermost, and the prompt goes on behind it.
    """
    tags = [0] * len(words)
    for span in sorted(example.spans, key=lambda span: span.slot in INNER):
        tag = 2 * names.index(span.slot) + 1
        for index, (start, end) in enumerate(words):
            if start < span.end and end > span.start:
                tags[index], tag = tag, 2 * names.index(span.slot) + 2
    return tags


def exchanged(examples: Sequence[Marked], copies: int, chance: random.Random) -> list[Marked]:
    """For each message some with other contents in its slots, taken from messages of its category.

    A wrapper then no longer goes with one content alone. Messages that are one slot from beginning to end are left out.
    """
    pools: dict[tuple[str, str, bool], list[tuple[Marked, Span]]] = defaultdict(list)
    for example in examples:
        for span in example.spans:
            pools[span.slot, example.category, any(map(spaceless, example.text))].append((example, span))
    made = []
    for example in examples:
        tops = [span for span in example.spans if not any(holds(other, span) for other in example.spans)]
        if not tops or (len(tops) == 1 and tops[0].end - tops[0].start == len(example.text)):
            continue
        made += [exchanged_once(example, tops, pools, chance) for _ in range(copies)]
    return made


def holds(outer: Span, inner: Span) -> bool:
    """Whether a span lies inside another, longer one."""
    within = outer.start <= inner.start and inner.end <= outer.end
    return within and outer.end - outer.start > inner.end - inner.start


def exchanged_once(
    example: Marked,
    tops: Sequence[Span],
    pools: dict[tuple[str, str, bool], list[tuple[Marked, Span]]],
    chance: random.Random,
) -> Marked:
    """One message with other contents."""
    text, end, spans = "", 0, []
    slots = [span.slot for span in tops]
    for span in tops:
        text += example.text[end : span.start]
        source, part = example, span
        if slots.count(span.slot) == 1 and chance.random() >= KEPT:
            source, part = chance.choice(pools[span.slot, example.category, any(map(spaceless, example.text))])
        shift = len(text) - part.start
        inside = [other for other in source.spans if holds(part, other)]
        spans += [Span(kept.slot, kept.start + shift, kept.end + shift) for kept in (part, *inside)]
        text += source.text[part.start : part.end]
        end = span.end
    text += example.text[end:]
    if chance.random() < LOWERED and len(text.lower()) == len(text):
        text = text.lower()
    return replace(example, text=text, spans=tuple(spans))
