"""Merges what is asked next into the last query: "weather in london" and "and in Paris?" is "weather in Paris"."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.followups import query_words as words
from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.followups.prompts import EDGES, bare
from pointsman.tiers.slots.linear import plain

DEVANAGARI: Final = "\u0900"
PREPOSITION: Final = rf"({words.PLACE}|{words.ABOUT})\s+(\S.*)\z"
# A phrase with a preposition ends where the next begins, or a time.
MOST_IN_A_PHRASE: Final = 6
PHRASE_END: Final = rf"\s(?:{words.PLACE}|{words.ABOUT}|{words.WHEN}|and|or|vs|compared)(?:\s|\z)|[,;?]"
OPENING: Final = r"(?:is|are|was|were|how is|how are|how's) (?:the )?"
VERB: Final = r"\s(?:doing|against|going|playing|trading|vs\.?|versus|open|clear|closed|like|worth|cost)(?:\s|\z)"


def merged(query: str, core: str) -> str:
    """The query that is wanted when one was `query` and `core` is asked about next."""
    core = plain(core).strip(EDGES)
    query = plain(query).strip(EDGES)
    if not query or not core:
        return query or core
    if max(core) >= DEVANAGARI:
        return merged_cjk(query, core)
    if ones := regex(r"(?:some |the |any )?(\S.*) ones?\z").match(core):
        return f"{ones.group(1)} {query}"
    if is_time(core):
        return in_time(query, core)
    match = regex(PREPOSITION).match(core)
    if match:
        return in_phrase(query, match.group(1), match.group(2))
    return about(query, core)


def is_time(core: str) -> bool:
    """Whether a text is nothing but a time."""
    return regex(rf"(?:and |at |for |für |para |pour |per |voor |na |на )?{words.WHEN}\z").match(core) is not None


def is_phrase(core: str) -> bool:
    """Whether a text is a few words behind a preposition."""
    if core[:2] == "a " and core[2:3].islower():  # an article, unless a name follows: "a Milano"
        return False
    return regex(PREPOSITION).match(core) is not None and len(core.split()) <= MOST_IN_A_PHRASE


def in_time(query: str, when: str) -> str:
    """The query at another time."""
    found = list(regex(rf"(?:\A|\s)({words.WHEN})(?:\s|\z)").finditer(query))
    if not found:
        return f"{query} {when}"
    old = found[-1].group(1)
    place = query.rfind(old)
    return " ".join(f"{query[:place]}{when}{query[place + len(old) :]}".split())


def in_phrase(query: str, preposition: str, thing: str) -> str:
    """The query with another thing behind the same preposition, else behind one of its kind, else at the end."""
    when = ""
    if (time := regex(rf"(.+?)\s+({words.WHEN})\z").match(thing)) is not None:
        thing, when = time.group(1), time.group(2)
    if regex(rf"{words.UNIT}\z").match(thing):
        return f"{query} {preposition} {thing}"
    if regex(rf"{words.WITH}\z").match(preposition) and not regex(rf"\s{words.WITH}\s").search(query):
        return f"{query} {preposition} {thing}"
    kind = words.PLACE if regex(rf"{words.PLACE}\z").match(preposition) else words.ABOUT
    for pattern in (preposition, kind, words.PLACE, words.ABOUT):
        found = [it for it in regex(rf"\s({pattern})\s+").finditer(query) if not timed(query[it.start :])]
        if found:
            begin = found[-1].end
            joint = preposition if pattern in {preposition, kind} else found[-1].group(1)
            end = regex(PHRASE_END).search(query[begin:])
            rest = query[begin + end.start :] if end else ""
            made = f"{query[: found[-1].start]} {joint} {thing}{rest}"
            return in_time(made, when) if when else made
    made = f"{query} {preposition} {thing}"
    return in_time(made, when) if when else made


def timed(text: str) -> bool:
    """Whether it opens with a time."""
    return regex(rf"\s?{words.WHEN}(?:\s|\z)").match(text) is not None


def about(query: str, thing: str) -> str:
    """The query about another thing, which may come with a time."""
    if (time := regex(rf"(.+?)\s+({words.WHEN})\z").match(thing)) is not None:
        return in_time(about(query, time.group(1)), time.group(2))
    thing = bare(thing)
    head = regex(rf"(?:the )?(\S+(?: \S+)?) ({words.HEAD}(?:\s.*)?)\z").match(query)
    found = [it for it in regex(rf"\s({words.PLACE}|{words.ABOUT})\s+").finditer(query) if not timed(query[it.start :])]
    if verb := regex(VERB).search(query):
        return in_first(query, thing, verb.start)
    if found:
        begin = found[-1].end
        end = regex(PHRASE_END).search(query[begin:])
        article = "the " if query[begin:].startswith("the ") and not thing[:1].isupper() else ""
        return f"{query[:begin]}{article}{thing}{query[begin + end.start :] if end else ''}"
    if head:
        return f"{thing} {head.group(2)}"
    return f"{query} {thing}"


def in_first(query: str, thing: str, end: int) -> str:
    """The query about another thing in the first place: what stands between its opening and its verb."""
    opening = regex(OPENING).match(query)
    return f"{opening.group() if opening else ''}{thing} {query[end:].strip().removeprefix('doing ')}"


def merged_cjk(query: str, core: str) -> str:
    """The same for Chinese, Japanese, Korean and Hindi, where what is asked about stands before its head."""
    closing = regex(words.CLOSING_CJK).search(query)
    if closing and closing.start:
        query = query[: closing.start].strip()
    particle = regex(words.PARTICLE_CJK).search(core)
    thing = core[: particle.start].strip() if particle and particle.start else core
    if regex(rf"{words.WHEN}\z").match(thing):
        found = regex(rf"({words.WHEN})").search(query)
        if found:
            return query[: found.start] + thing + query[found.end :]
        head = regex(words.HEAD_CJK).search(query)
        joint = " " if " " in query else ""
        if head and not joint:
            return query[: head.start] + thing + query[head.start :]
        return f"{query}{joint}{thing}"
    head = regex(rf"({words.WHEN})?{words.HEAD_CJK}").search(query)
    if head:
        tail = query[head.start :]
        return f"{thing}{'' if tail.startswith((' ', 'の', '的')) or ' ' not in query else ' '}{tail}"
    return f"{query} {thing}"
