"""Reads a short message as one that may lean on what was said before: what joins it, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pointsman.tiers.followups import joining_words as joining
from pointsman.tiers.followups import picture_words, queries, shaping_words
from pointsman.tiers.followups import reply_words as replies
from pointsman.tiers.followups import request_words as requests
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.followups.joining_words import Opening
from pointsman.tiers.followups.prompts import first_group
from pointsman.tiers.slots.linear import plain

# A longer message says by itself what it wants: of the labelled follow-ups none has more than half of it.
LONGEST: Final = 120
MOST_OPENINGS: Final = 6

Form = Literal["yes", "no", "again", "pick", "remark", "own", "open"]
CJK: Final = "\u2e80"
DEVANAGARI: Final = "\u0900"


SHAPE: Final = rf"(?:{shaping_words.SHAPING})"
SHAPE_CJK: Final = rf"(?:{shaping_words.SHAPING_CJK}){replies.SEP}*\z"


@dataclass(frozen=True, slots=True)
class Reading:
    """A message without what joins it to the talk.

    `core` is what is left, in the person's own characters; `openings` are the kinds of words
    that stood before it; `instead` and `asks` say how it ended.
    """

    text: str
    core: str
    form: Form
    openings: frozenset[Opening] = frozenset()
    instead: bool = False
    asks: bool = False

    @property
    def joined(self) -> bool:
        """Whether it says that it goes on from what was said."""
        return bool(self.openings & {"join", "plus", "rather", "no"}) or self.instead

    @property
    def words(self) -> int:
        """How many words are left; scripts without spaces count two characters a word."""
        wide = sum(character >= CJK for character in self.core)
        return len(self.core.split()) + wide // 2


def read(text: str) -> Reading:
    """The reading of a text that is not longer than LONGEST."""
    whole = plain(text).strip(" \t\n\r¿¡\"“”„«»'")
    asks = whole.endswith(("?", "？"))  # noqa: RUF001
    if form := whole_form(whole):
        return Reading(whole, "", form, asks=asks)
    denial = regex(rf"{replies.NO_WORD}\s+(\S.*)").match(whole)
    if denial and (whole_form(denial.group(1)) in {"yes", "no"} or form_of(denial.group(1), asks=asks) == "remark"):
        return Reading(whole, "", "no", asks=asks)
    openings, core = without_openings(whole)
    core, instead, asks_by_word = without_ending(core)
    instead = instead or bool(openings & {"rather", "no"})
    asks = asks or asks_by_word
    openings |= {"join"} if asks_by_word else set()
    form = whole_form(core) or form_of(core, asks=asks)
    if form == "remark" and "plus" in openings and regex(requests.MINE).match(core):
        form = "open"
    if "no" in openings and form in {"yes", "remark"}:
        form = "no"
    if form in {"yes", "no"} and openings & {"join", "plus", "rather", "asking"}:
        form = "open"
    return Reading(whole, core, form, openings, instead, asks)


def whole_form(text: str) -> Form | None:
    """What a text is that holds nothing but a reply; None for any other."""
    if regex(replies.YES).match(text):
        return "yes"
    if regex(replies.NO).match(text):
        return "no"
    if regex(replies.AGAIN).match(text) and not regex(replies.NOT_AGAIN).match(text):
        return "again"
    if regex(replies.PICK).match(text):
        return "pick"
    return None


def form_of(core: str, *, asks: bool) -> Form:
    """Whether what is left of a text is a wish of its own, a mere remark, or open to what was said."""
    if not core:
        return "remark"
    if regex(rf"[^:.!?;]+[:.!?;]\s+(?:{requests.QUESTION}|{requests.ORDER}){requests.END}").match(core):
        return "own"
    if regex(requests.ABOUT_YOU).match(core):
        return "own"
    if regex(rf"(?:{requests.REMARK}|{requests.REMARK_CJK}){replies.SEP}*\z").match(core):
        return "remark"
    if reshapes(core) or queries.is_time(core) or regex(picture_words.MAKE_IT).match(core):
        return "open"
    if regex(rf"(?:{requests.QUESTION}){requests.END}").match(core):
        return "own"
    if regex(rf"(?:{requests.ORDER}){requests.END}").match(core):
        return "own"
    if max(core) >= DEVANAGARI and regex(requests.REQUEST_CJK).search(core):
        return "own"
    if states(core) and not regex(requests.COMPLAINT).search(core):
        return "remark" if not asks else "own"
    return "open"


def states(core: str) -> bool:
    """Whether it opens like a sentence of its own: I, my, you, they."""
    pattern = rf"(?:(?:{requests.STATEMENT}){requests.END}|{requests.STATEMENT_CJK})"
    return regex(pattern).match(core) is not None


def without_openings(text: str) -> tuple[frozenset[Opening], str]:
    """The kinds of words that join a text to the talk, and the text without them."""
    found: set[Opening] = set()
    for _ in range(MOST_OPENINGS):
        for kind, pattern in joining.OPENINGS:
            if (half := regex(joining.HALF_JOIN).match(text)) is not None:
                text = text[len(first_group(half)) :]
                found.add("plus")
                break
            match = regex(pattern).match(text)
            if match and match.end and text[match.end :].strip(" .!?,"):
                text = text[match.end :]
                found.add(kind)
                break
        else:
            praised = regex(joining.PRAISED).match(text)
            if praised is None or regex(joining.GOES_ON).match(text[praised.end :]) is None:
                break
            text = text[praised.end :]
    return frozenset(found), text.strip()


def without_ending(text: str) -> tuple[str, bool, bool]:
    """The text without what closes it, whether that said "instead", and whether it only asks about a thing."""
    instead = asks = False
    match = regex(joining.ENDING).search(text)
    if match and match.start:
        instead = bool(match.group("instead"))
        text = text[: match.start]
    if text and max(text) >= DEVANAGARI:
        replaced = regex(joining.INSTEAD_CJK).search(text)
        instead = instead or replaced is not None
        for pattern in (joining.ASKS_CJK, joining.ASKS_HI):
            ending = regex(pattern).search(text)
            if ending and ending.start and ending.end > ending.start:
                text, asks = text[: ending.start], True
                break
    return text.strip(" \t\n.,;:!?？！。、，…~¿¡\"'"), instead, asks  # noqa: RUF001


def reshapes(core: str) -> bool:
    """Whether somebody wants the last answer in another shape: shorter, in German, as a list."""
    if regex(SHAPE).match(core):
        return True
    return not core.isascii() and regex(SHAPE_CJK).match(core) is not None


def calls_off(text: str) -> bool:
    """Whether a no calls off what was to be done."""
    return regex(requests.CALLS_OFF).match(plain(text)) is not None
