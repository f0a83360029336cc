# ruff: noqa: RUF001  (punctuation of many scripts)
"""What to remember, recall, forget, list or be reminded of."""

from __future__ import annotations

from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots import memory_words as words
from pointsman.tiers.slots.linear import Beginnings, Together, as_typed, plain, regex
from pointsman.tiers.slots.polite import openings, without_ending

NAMES: Final = frozenset({"action", "memory"})
DEVANAGARI: Final = "\u0900"

# In this order: the first pattern that matches names the action, and what it leaves is the memory.
ACTIONS: Final = (
    (words.REMEMBER_NOT_TO_FORGET, "remember"),
    (words.FORGET, "forget"),
    (words.REMIND, "remind"),
    (words.TOLD, "recall"),
    (words.REMEMBER, "remember"),
)

BEGINNINGS: Final = Together(
    words.WHEN_FIRST, words.SAID_FIRST, words.ADD_AFTER, words.ADD, words.REMOVE, words.ON_MY_LIST,
    words.ALL_ABOUT_ME, words.KNOWN, words.LIST, *(pattern for pattern, _ in ACTIONS),
    words.WAKE, words.WHAT_IS, words.QUESTION,
)  # fmt: skip


def find(text: str) -> dict[str, SlotValue]:
    """The slots `action` (remember, recall, forget, list, remind) and `memory`, what it is about, if anything is said.

    A thing on a list is named as "shopping list: milk".
    """
    whole = plain(text).strip()
    if not whole:
        return {}
    _, begin = openings(whole)
    body = without_ending(whole[begin:]).strip() or whole
    action, memory = read_cjk(body) if max(body) >= DEVANAGARI else ("", "")
    if not action:
        action, memory = read(body)
    memory = memory.strip(" \t\n,;:?？。!¿")
    memory = memory.removesuffix(".") if memory.count(".") == 1 else memory
    return {"action": action, "memory": as_typed(memory, text)} if memory else {"action": action}


def read(text: str) -> tuple[str, str]:
    """The action and the memory in a text without greeting and thanks."""
    asked = regex(words.ASKED).match(text)
    body = text[asked.end :] if asked and text[asked.end :].strip() else text
    begins = BEGINNINGS(body)
    known = memory_first(begins) or on_list(begins)
    if known:
        return known
    if begins.match(words.ALL_ABOUT_ME):
        return "list", ""
    if match := begins.match(words.KNOWN):
        return "recall", match.group(1)
    if (match := begins.match(words.LIST)) and regex(words.LISTED).match(body[match.end :]):
        return "list", body[match.end :]
    for pattern, action in ACTIONS:
        if match := begins.match(pattern):
            return action, body[match.end :]
    if begins.match(words.WAKE):
        return "remind", body
    if match := begins.match(words.WHAT_IS):
        return "recall", match.group(1)
    asks = body.rstrip().endswith(("?", "？")) or begins.match(words.QUESTION)
    return ("recall" if asks else "remember"), body


def memory_first(begins: Beginnings) -> tuple[str, str] | None:
    """The action and the memory when its wording comes after it, or in its middle."""
    if match := begins.match(words.WHEN_FIRST):
        return "remind", f"{match.group(1)} {match.group(2)}"
    if not begins.match(words.REMEMBER) and (match := begins.match(words.SAID_FIRST)):
        return "remember", match.group(1)
    return None


def on_list(begins: Beginnings) -> tuple[str, str] | None:
    """The action and "list: thing" for what is put on a list or taken off it."""
    if match := begins.match(words.ADD_AFTER):
        return "remember", f"{match.group(1)}: {match.group(2)}"
    if match := begins.match(words.ADD):
        return "remember", f"{match.group(2)}: {match.group(1)}"
    if match := begins.match(words.REMOVE):
        return "forget", f"{match.group(2)}: {match.group(1)}"
    if match := begins.match(words.ON_MY_LIST):
        action = "remember" if match.group(2).lower() in {"add", "put", "include"} else "forget"
        return action, f"{match.group(1)}: {match.group(3)}"
    return None


def read_cjk(text: str) -> tuple[str, str]:
    """The action and the memory in Chinese, Japanese, Korean and Hindi; empty where none of their wording is found."""
    if regex(words.ALL_ABOUT_ME_JA).match(text):
        return "list", ""
    for pattern in (words.ADD_ZH, words.ADD_JA, words.ADD_KO):
        if match := regex(pattern).match(text):
            return "remember", f"{match.group(2)}: {match.group(1)}"
    for action, pattern in words.PREFIX_CJK.items():
        match = regex(pattern).match(text)
        if match and match.end:
            return action, text[match.end :]
    for action, pattern in words.SUFFIX_CJK.items():
        match = regex(pattern).search(text)
        if match and match.end > match.start:
            return action, text[: match.start]
    return "", ""
