"""Whether a message that may lean on what was said does so: after a picture, a search, a sum, a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pointsman.core.category import Path
from pointsman.core.message import Message
from pointsman.tiers.followups import edit_words as words
from pointsman.tiers.followups import offers, picture_words, queries, sums, wish_words
from pointsman.tiers.followups.antecedent import Wanted
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.followups.earlier import Alone, Decide
from pointsman.tiers.followups.pictures import nothing_yet
from pointsman.tiers.followups.reading import DEVANAGARI, Reading, reshapes
from pointsman.tiers.followups.request_words import COMPLAINT
from pointsman.tiers.slots.linear import plain

# Words that a follow-up may have when nothing but its brevity tells that it is one.
MOST_WORDS: Final = 14
MOST_WORDS_OF_A_QUESTION: Final = 7
MOST_WORDS_OF_A_NAME: Final = 3
MOST_WORDS_OF_A_REPLY: Final = 8

# How sure the tiers must be that a text stands by itself, when it looks like a follow-up and when it need not be one.
SURE: Final = 0.95
LIKELY: Final = 0.6
DOUBTED: Final = 0.8


def refines(reading: Reading, before: Wanted, assistant: str, decide: Decide, path_of: Callable[[str], Path]) -> bool:
    """Whether a reading refines what was wanted before; `decide` says what its text would want by itself."""
    core = plain(reading.core)
    answers = is_answer(reading, assistant)
    if reading.words > MOST_WORDS:
        return False
    match before.main or before.path:
        case "prompt" | "image":
            fills = answers and nothing_yet(str(before.slots.get("prompt", "")))
            return after_picture(reading, core, decide(Message(reading.text)), path_of, answers=answers, fills=fills)
        case "query":
            marked = answers or is_clause_of_time(core) or reshapes(core)
        case "expression":
            marked = sums.goes_on(core) or answers
        case "memory":
            marked = queries.is_time(core) or is_edit(core) or answers or acts_on_it(core)
            marked = marked or regex(words.DUTCH_AND).match(core) is not None
        case _:
            marked = (
                answers or is_clause(core) or reshapes(core) or is_edit(core) or sums.goes_on(core) or acts_on_it(core)
            )
    marked = marked or regex(words.ONES).match(core) is not None
    alone = decide(Message(reading.text))
    if not marked and not ((reading.joined or reading.asks) and reading.words <= MOST_WORDS_OF_A_QUESTION):
        # Only a thing is named: "ethereum" after "price of bitcoin".
        named = before.main == "query" and reading.words <= MOST_WORDS_OF_A_NAME and "praise" not in reading.openings
        return named and (alone is None or (alone.path_confidence < DOUBTED and not alone.clear))
    if alone and says_so(alone, strong=marked) and path_of(alone.category) != before.path:
        return False
    if marked and not owns(core):
        return True
    return alone is None or not stands_alone(alone, before, path_of, marked=marked or reading.joined)


def is_answer(reading: Reading, assistant: str) -> bool:
    """Whether a short text stands behind a question of the assistant's that offers nothing."""
    return reading.words <= MOST_WORDS_OF_A_REPLY and offers.asked(assistant) and not offers.last_offer(assistant)


def names_what_was_asked(reading: Reading, assistant: str) -> bool:
    """Whether a text that opens with "my" or "the" names what the assistant asked for."""
    named = regex(words.MINE).match(reading.core)
    return named is not None and is_answer(reading, assistant)


def after_picture(
    reading: Reading, core: str, alone: Alone | None, path_of: Callable[[str], Path], *, answers: bool, fills: bool
) -> bool:
    """Whether what is said after a picture is about that picture.

    `answers` when the assistant had asked, and `fills` when it was still to be said what to draw.
    """
    edit = is_edit(core) and not (regex(words.NEW_THING).match(core) and owns(core))
    strong = acts_on_it(core) or any(regex(pattern).match(core) for pattern in words.STRONG)
    marked = edit or strong or reading.joined or any(regex(pattern).match(core) for pattern in words.LOOKS)
    if not marked and reading.asks and not answers:
        return False
    if alone is None:
        return True
    path = path_of(alone.category)
    if says_so(alone, strong=strong) and path != "image":
        return False
    if not marked and regex(words.SENTENCE).match(core) and not regex(COMPLAINT).search(core):
        return False
    sure = alone.path_confidence
    if path == "image":
        return marked or regex(words.NEW_PICTURE).match(core) is None
    if marked and not owns(core):
        return True
    if path == "simple":
        return marked or sure < LIKELY
    if path == "llm+tools":
        return sure < (SURE if marked else LIKELY)
    return marked or sure < (SURE if fills or not answers else DOUBTED)


def says_so(alone: Alone, *, strong: bool) -> bool:
    """Whether a text's very words say what it wants; where it surely leans on another, only their letter."""
    return alone.literal if strong else alone.clear


def stands_alone(alone: Alone, before: Wanted, path_of: Callable[[str], Path], *, marked: bool) -> bool:
    """Whether the tiers take a text for something that stands by itself, on another path than what was said."""
    path = path_of(alone.category)
    if path == "simple":
        return not marked and alone.path_confidence >= LIKELY
    same = path == "llm" if before.path == "llm" else alone.category == before.category
    return not same and not (marked and path in {before.path, "llm"}) and alone.path_confidence >= SURE


def is_clause_of_time(core: str) -> bool:
    """Whether a text is nothing but a time, or a place or another thing behind its preposition."""
    return queries.is_time(core) or queries.is_phrase(core)


def is_clause(core: str) -> bool:
    """Whether a text opens as a clause without its head: about lawyers, with an emoji."""
    return queries.is_phrase(core) or (
        regex(words.CLAUSE).match(core) is not None and regex(words.GERUND).match(core) is None
    )


def owns(core: str) -> bool:
    """Whether a text names what belongs to the user, or a thing of another kind: my list, a recipe."""
    return regex(words.ELSEWHERE).search(core) is not None or regex(words.SUM).match(core) is not None


def acts_on_it(core: str) -> bool:
    """Whether a text says what to do with "it": sign it, send them, print that out."""
    return regex(words.ON_IT).match(core) is not None


def is_edit(core: str) -> bool:
    """Whether a text says what to change: make it, add, without."""
    if core and max(core) >= DEVANAGARI and regex(words.EDIT_CJK).search(core):
        return True
    return regex(words.EDIT).match(core) is not None or any(
        regex(pattern).match(core) for pattern in (picture_words.SHOULD_BE, wish_words.TOO_PART)
    )
