"""Changes a picture's prompt in one place: another thing, another look, one thing less, one wish more."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.followups import picture_words, wish_words
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.followups.wish_words import ARTICLE, LETTER
from pointsman.tiers.slots.linear import Match
from pointsman.tiers.slots.request import NUMBER

EDGES: Final = " \t\n,.;:!?、，。！？"  # noqa: RUF001
KINDS: Final = (picture_words.COLOUR, picture_words.HOUR, picture_words.WHERE, picture_words.SIZE)
# What brings a thing into a description.
BRINGS: Final = (
    r"(?:with|and|wearing|in|on|at|holding|mit|und|im|auf|con|y|sobre|avec|et|dans|sur|e|su|nel|nella|com|no"
    r"|na|met|en|op|z|i|w|с|и|в|на)"  # noqa: RUF001
)


def lacking(prompt: str, thing: str) -> str:
    """The prompt without a thing and the words that bring it in: "a cat with a hat" without the hat is "a cat"."""
    name = inflected(thing)
    for pattern in (
        rf",?\s+{BRINGS}\s+(?:{ARTICLE}\s+)?(?:{LETTER}+\s+)??{name}(?:\z|([\s,].*)\z)",
        rf",\s*(?:{ARTICLE}\s+)?(?:{LETTER}+\s+)??{name}(?:\z|(,.*)\z)",
    ):
        match = regex(pattern).search(prompt)
        if match and match.start:
            return prompt[: match.start] + match.group(1)
    return prompt


def renumbered(prompt: str, match: Match) -> str:
    """The prompt with another number of the same things; "" when they are not in it."""
    place = regex(rf"(?:\A|\s)({NUMBER}|an?|one)\s+{regex_quoted(match.group(2))}(?:e?s)?(?:\PL|\z)").search(prompt)
    if place is None:
        return ""
    start = place.start + prompt[place.start :].find(place.group(1))
    rest = prompt[start:].split(" ", 2)
    return " ".join([prompt[:start].strip(), match.group().strip(), *rest[2:]]).strip()


def resubjected(prompt: str, subject: str) -> str:
    """The prompt about another subject: "a cat on a skateboard" with "a dog" is "a dog on a skateboard"."""
    end = regex(wish_words.SUBJECT_END).search(prompt)
    return subject + (prompt[end.start :] if end and end.start else "")


def swapped(prompt: str, old: str, new: str) -> str:
    """The prompt with one thing for another, articles included; about another subject when the old one is not in it."""
    match = regex(rf"(?:\A|(\s))(?:{ARTICLE}\s+)?{regex_quoted(old)}(s?)(\PL|\z)").search(prompt)
    if match is None:
        return resubjected(prompt, new)
    return prompt[: match.start] + match.group(1) + new + match.group(3) + prompt[match.end :]


def described(prompt: str, name: str, look: str) -> str:
    """The prompt with a part that looks otherwise: "make the hat red" in "a cat with a hat" is "... with a red hat"."""
    degree = regex(r"(?:(?:a bit|a little|slightly|even|much|way|really|very) )+(\S.*)\z").match(look)
    look = degree.group(1) if degree else look
    place = regex(rf"(?:\A|\s)(?:({picture_words.COLOUR})\s+)?({regex_quoted(name)})(?:\PL|\z)").search(prompt)
    if place is None:
        return appended(prompt, f"with {'' if name.endswith('s') else 'a '}{look} {name}")
    start = place.start + (prompt[place.start] == " ")
    old = place.group(1)
    if old and regex(rf"{picture_words.COLOUR}\z").match(look):
        return prompt[:start] + look + prompt[start + len(old) :]
    return f"{prompt[:start]}{look} {prompt[start:]}"


def appended(prompt: str, wish: str) -> str:
    """The prompt with a wish in the place of one of its kind (a colour for a colour), else behind it."""
    for kind in KINDS:
        new = regex(rf"(?:\A|\PL)({kind})(?:\PL|\z)").search(wish)
        if new is None:
            continue
        found = list(regex(rf"(?:\A|[^\pL\pM])({kind})(?:[^\pL\pM]|\z)").finditer(prompt))
        if len(found) == 1:
            return in_place(prompt, wish, found[0].group(1), new.group(1))
        break
    follows = regex(wish_words.FOLLOWS_ON).match(wish) and not regex(wish_words.NOT_FOLLOWING_ON).match(wish)
    joint = " " if follows and "," not in prompt else ", "
    return prompt.rstrip(EDGES) + joint + wish if wish else prompt


def in_place(prompt: str, wish: str, old: str, new: str) -> str:
    """The prompt with a new look where the old one of that kind stood."""
    clauses = prompt.split(", ")
    for number, clause in enumerate(clauses):
        # A short clause behind the description was a wish before, so all of it goes.
        if number and old in clause and len(clause.split()) <= len(old.split()) + 2:
            return ", ".join([*clauses[:number], *clauses[number + 1 :], wish])
    at = prompt.find(old)
    rest = prompt[at + len(old) :]
    thing = regex(rf"{regex_quoted(new)} (\S+)\z").match(wish)
    if thing and rest.startswith(f" {thing.group(1)}"):
        return prompt[:at] + new + rest
    short = regex(rf"(?:in |en |em |auf |na |w |в )?(?:the |a )?{regex_quoted(new)}\z").match(wish)
    if at < 0 or not short:
        return f"{prompt}, {wish}"
    return prompt[:at] + new + rest


def bare(thing: str) -> str:
    """A thing without its article."""
    match = regex(rf"(?:{ARTICLE}\s+|l'|un')(\S.*)\z").match(thing)
    return match.group(1) if match else thing


def inflected(thing: str) -> str:
    """A pattern for a thing in another case or number: the ends of its words may differ."""
    return " ".join(
        regex_quoted(word) if len(word) < 4 else f"{regex_quoted(word[: max(3, len(word) - 2)])}{LETTER}{{0,3}}"
        for word in thing.split()
    )


def first_group(match: Match) -> str:
    """The first group that took part."""
    return next((group for number in range(1, match.groups + 1) if (group := match.group(number))), "")


def regex_quoted(text: str) -> str:
    """A text as a pattern for itself."""
    return "".join(
        character if character.isalnum() or character == " " else f"\\x{{{ord(character):x}}}" for character in text
    )
