"""Merges what should be otherwise into the last picture's prompt: "a cat" and "now in blue" is "a cat, in blue"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.tiers.followups import picture_words, wish_words
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.followups.pointing import MEDIUM
from pointsman.tiers.followups.prompts import (
    EDGES,
    appended,
    bare,
    described,
    first_group,
    lacking,
    regex_quoted,
    renumbered,
    resubjected,
    swapped,
)
from pointsman.tiers.followups.wish_words import ARTICLE
from pointsman.tiers.slots.linear import plain

# "One with wings": what is in the picture, with wings.
OF_IT: Final = (
    r"(?:(?:and|but) )?(?:another one|another|one more|\d+ more|one|it|him|her|them|something|and) "
    r"((?:with|in|on|at|as|from|of|under|wearing|holding|that|\pL+ing)\s.*)\z"
)
OUT_OF_IT: Final = r"\s+(?:in it|from (?:it|the picture))\z"


@dataclass(frozen=True, slots=True)
class Merged:
    """A prompt with a wish in it, and what the picture should now be without."""

    prompt: str
    without: str = ""


def merged(prompt: str, core: str, *, instead: bool = False, plus: bool = False) -> Merged:
    """The prompt of the picture that is wanted when one of `prompt` was made and `core` is said about it.

    `instead` when it is said to be wanted instead of what was made, `plus` when besides.
    """
    core = plain(core).strip(EDGES)
    if nothing_yet(prompt):
        return Merged(core)
    if plus and core.isascii() and regex(rf"(?:{ARTICLE})\s").match(core):
        return Merged(f"{prompt.rstrip(EDGES)} and {core}")
    without: list[str] = []
    for part in parts(core):
        if gone := left_out(part):
            shorter = lacking(prompt, gone)
            without += [gone] if shorter == prompt else []
            prompt = shorter
        else:
            prompt = changed(prompt, part, instead=instead)
    return Merged(prompt, ", ".join(without))


def nothing_yet(prompt: str) -> bool:
    """Whether a prompt does not say yet what to draw: "a picture", "something"."""
    return regex(wish_words.NOTHING_YET).match(prompt) is not None


def parts(core: str) -> list[str]:
    """The clauses of a wish."""
    match = regex(OF_IT).match(core)
    core = match.group(1) if match else core
    clauses = core.replace("、", ",").replace("，", ",").split(",")  # noqa: RUF001
    return [clause.strip(EDGES) for clause in clauses if clause.strip(EDGES)] or [core]


def left_out(part: str) -> str:
    """What a wish wants gone, "" when it wants anything else."""
    match = regex(rf"{picture_words.REMOVE}\s+(\S.*)\z").match(part)
    if match:
        thing = match.group(1)
        ending = regex(picture_words.REMOVE_END).search(thing) or regex(OUT_OF_IT).search(thing)
        return thing[: ending.start] if ending else thing
    match = None if part.isascii() else regex(picture_words.REMOVE_CJK).match(part)
    return first_group(match).strip() if match else ""


def changed(prompt: str, part: str, *, instead: bool) -> str:
    """The prompt with one wish in it."""
    for change in (exchanged, with_part_changed, with_thing_added):
        if made := change(prompt, part):
            return made
    opinion = regex(picture_words.OPINION).search(part)
    wish = unframed(part[: opinion.start] if opinion and opinion.start else part)
    if (match := regex(wish_words.NUMBERED).match(wish)) and (found := renumbered(prompt, match)):
        return found
    if wish != part and regex(rf"an? {MEDIUM}\z").match(wish):
        return appended(prompt, f"as {wish}")
    if (instead or wish != part) and subject_of(wish) and not regex(wish_words.A_BIT).match(wish):
        return resubjected(prompt, subject_of(wish))
    return appended(prompt, toned(wish))


def exchanged(prompt: str, part: str) -> str:
    """The prompt with one thing for another, when the wish names both; "" when it does not."""
    if match := regex(wish_words.INSTEAD_OF).match(part):
        wish = unframed(match.group(1))
        return swapped(prompt, bare(match.group(2)), subject_of(wish) or wish)
    if match := regex(wish_words.REPLACE).match(part):
        old = bare(match.group(1))
        if regex(rf"(?:\A|\PL){regex_quoted(old)}(?:\PL|\z)").search(prompt):
            return swapped(prompt, old, match.group(2))
        if regex(r"(?:swap|replace|exchange)\s").match(part):
            return appended(prompt, f"with {match.group(2)}")
    return ""


def with_part_changed(prompt: str, part: str) -> str:
    """The prompt with a part that looks otherwise, when the wish names one; "" when it does not."""
    if match := regex(wish_words.TOO_PART).match(part):
        return described(prompt, bare(match.group(1)), opposite(match.group(2)))
    for pattern in (picture_words.MAKE_PART, picture_words.SHOULD_BE):
        if match := regex(pattern).match(part):
            return described(prompt, bare(match.group(1)), match.group(2))
    if match := regex(wish_words.BACKGROUND).match(part):
        said = match.group(1).lower() in wish_words.CAPTIONS
        wish = f"with the {match.group(1)} {match.group(2)}" if said else f"{match.group(2)} as {match.group(1)}"
        return appended(prompt, wish)
    return ""


def with_thing_added(prompt: str, part: str) -> str:
    """The prompt with one thing more, when the wish adds one; "" when it does not."""
    if match := regex(picture_words.GIVE).match(part):
        return appended(prompt, f"with {match.group(1)}")
    for joint, pattern in picture_words.ADD:
        if match := regex(rf"{pattern}\s+(\S.*)\z").match(part):
            thing = match.group(1)
            ending = regex(picture_words.ADDED).search(thing)
            return appended(prompt, f"{joint} {thing[: ending.start] if ending else thing}".strip())
    return ""


def unframed(part: str) -> str:
    """What is wanted, without "make it" and what means the same."""
    match = regex(rf"{picture_words.MAKE}\s+(\S.*)\z").match(part)
    wish = match.group(1) if match else part
    if not wish.isascii():
        lead = regex(rf"(?:{picture_words.LEAD_CJK})(\S.*)\z").match(wish)
        wish = lead.group(1) if lead else wish
        ending = regex(picture_words.MADE_CJK).search(wish)
        wish = wish[: ending.start] if ending and ending.start else wish
    return wish.strip(EDGES)


def opposite(look: str) -> str:
    """What to wish for when something is too much of it: "longer" for "short", "less neon" for the rest."""
    return wish_words.OPPOSITES.get(look.lower(), f"less {look}")


def toned(wish: str) -> str:
    """A complaint as a wish: "too dark" is "less dark"."""
    if match := regex(wish_words.TOO).match(wish):
        adverb = next((word for word in wish_words.LESS if f" {word} " in f" {wish.lower()} "), "too")
        return opposite(match.group(1)) if adverb == "too" else f"{wish_words.LESS[adverb]} {match.group(1)}"
    if match := regex(wish_words.NOT_ENOUGH).match(wish):
        return f"more {match.group(1) or match.group(2)}"
    if match := regex(wish_words.DEGREE).match(wish) or regex(wish_words.DEGREE_BEHIND).match(wish):
        return match.group(1)
    return wish


def subject_of(wish: str) -> str:
    """What is named with an article: "a dog" of "with a dog"; "" when there is none."""
    match = regex(wish_words.NEW_SUBJECT).match(wish)
    return match.group(1) if match else ""
