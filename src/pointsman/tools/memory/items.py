# ruff: noqa: RUF001  (punctuation of many scripts)
"""What stands on a list, one thing at a time: "shopping list: milk, bread and butter" is three memories."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from pointsman.core.search_words import begins_others, search_words
from pointsman.tiers.slots import memory_words
from pointsman.tiers.slots.linear import regex

MOST_ITEMS: Final = 30
LONGEST: Final = 1_500
# An item is a thing; what has more words is a sentence, whose commas are its own.
ITEM_WORDS: Final = 6
HEAD_WORDS: Final = 6
STEM: Final = 5
FEW: Final = 3

COMMA: Final = re.compile(r"[、，;；\n]|(?<!\d),|,(?!\d)")
AND: Final = re.compile(r"\s(?:and|und|et|y|e|i|en|и|&)\s|(?<=[\u3400-\u9fff])和(?=[\u3400-\u9fff])", re.IGNORECASE)
AND_JA: Final = re.compile(r"(?<=[\u30a0-\u30ff\u3400-\u9fff])と(?=[\u30a0-\u30ff\u3400-\u9fff])")
AND_FIRST: Final = re.compile(r"(?:and|und|et|y|e|i|en|и|&)\s+", re.IGNORECASE)
EDGES: Final = " \t-*•."


def without_owner(name: str) -> str:
    """A list's name without what stands before it: "shopping list" for "my shopping list"; other texts as they are."""
    bare = name.strip()
    for _ in range(3):  # "la mia lista"
        match = regex(memory_words.OWNER).match(bare)
        if match is None:
            break
        bare = bare[match.end :]
    return bare if is_list(bare) else name


def is_list(name: str) -> bool:
    """Whether a text is nothing but the name of a list."""
    return any(fits(pattern, name) for pattern in (memory_words.LIST_NAME, memory_words.CJK_LIST))


def fits(pattern: str, text: str) -> bool:
    """Whether the whole of a text is of a pattern."""
    match = regex(rf"(?:{pattern})\z").match(text)
    return match is not None


def on_list(text: str) -> tuple[str, str]:
    """The name of the list and what is put on it, where a text says so ("my shopping list: milk"); else twice ""."""
    head, colon, rest = text.partition(":") if ":" in text else text.partition("：")
    name = without_owner(head).strip()
    return (name, rest.strip()) if colon and rest.strip() and is_list(name) else ("", "")


def item_texts(text: str) -> list[str]:
    """The memories that a text makes: one for each thing that it puts on a list, the text itself where it does not."""
    name, rest = on_list(text)
    if not name:
        return [without_owner(text)]
    if len(rest) > LONGEST or "(" in rest or fits(memory_words.DIARY, name):
        return [f"{name}: {rest}"]
    items = things(rest, deeds=fits(memory_words.DEEDS, name))
    return list(dict.fromkeys(f"{name}: {item}" for item in items))


def things(rest: str, *, deeds: bool = False) -> list[str]:
    """The things that an enumeration names; the whole as one where it is none.

    "salt and pepper to taste" stays one, for "and" only counts after a comma, or between a word or two; never between
    `deeds`.
    """
    parts = tidy(COMMA.split(rest))
    if not deeds and parts:
        pairs = tidy(AND.split(parts[-1])) if len(parts) == 1 else last_pair(parts[-1])
        if len(parts) > 1 or all(len(it.split()) < FEW for it in pairs):
            parts = [*parts[:-1], *pairs]
    sentence = any(len(it.split()) > ITEM_WORDS for it in parts)
    return parts if 1 < len(parts) <= MOST_ITEMS and not sentence else [rest.strip()]


def last_pair(part: str) -> list[str]:
    """The two at the end of an enumeration: "milk and bread"."""
    found = [*AND.finditer(part), *AND_JA.finditer(part)]
    return tidy([part[: found[-1].start()], part[found[-1].end() :]]) if found else [part]


def tidy(parts: Sequence[str]) -> list[str]:
    """The parts that say something, without the "and" before the last one."""
    bare = (part.strip(EDGES) for part in parts)
    return [it for it in (AND_FIRST.sub("", part, count=1) if AND_FIRST.match(part) else part for part in bare) if it]


def is_part(what: str, text: str) -> bool:
    """Whether somebody names only some of the several things that a memory holds."""
    head, colon, rest = text.partition(":")
    if not colon or len(head.split()) > HEAD_WORDS:
        head, rest = "", text
    parts = [it for part in COMMA.split(rest[:LONGEST]) for it in tidy(AND.split(part))]
    if not head and len(parts) >= FEW:
        parts[0] = parts[0].split()[-1]  # "I need milk, bread and butter"
    elif not head:
        return False
    named = set(search_words(what)) - set(search_words(head))
    touched = [bool(named & set(search_words(part))) for part in parts]
    return any(touched) and not all(touched)


def concrete(what: str) -> list[str]:
    """The words for the thing itself in what is to be forgotten: not its list's, and not "reminder" or "note"."""
    words = search_words(on_list(what)[1] or what)
    return [word for word in words if not fits(memory_words.NOTES, word)]


def shares_a_word(words: Collection[str], text: str) -> bool:
    """Whether a text has one of some words, as it is or with another ending."""
    return any(word == it or alike(word, it) for it in search_words(text) for word in words)


def alike(one: str, other: str) -> bool:
    """Whether two long words begin alike."""
    return begins_others(one) and begins_others(other) and one[:STEM] == other[:STEM]
