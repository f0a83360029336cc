"""The parts of a text that the guard weighs and cuts: sentences, clauses, brackets, elements, padding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import re2

from pointsman.tiers.guard_signs import Reach

Span = tuple[int, int]

# RE2, and not re: these are looked for all over a text that may mean harm.
SENTENCE_END: Final = re2.compile(r"[.!?。！？…]+[\"')\]}*]*(?:\s|$)|[。！？]+|\n+")  # noqa: RUF001
CLAUSE_END: Final = re2.compile(r"[:;,](?:\s|$)|\s[-–—]{1,3}\s|[，、；：]|[()\[\]{}<>]|\s[#|]\s|\n")  # noqa: RUF001
PHRASE_END: Final = re2.compile(r"[:;](?:\s|$)|\s[-–—]{1,3}\s|[：；]|[()\[\]{}<>]|\s\||\n")  # noqa: RUF001
BRACKETS: Final = re2.compile(r"(?s)\([^()]*\)|\[[^\[\]]*\]|/\*.*?\*/|<!--.*?-->|```[^`]*```|`[^`]*`")
TO_THE_END: Final = frozenset({"clause", "phrase", "sentence"})
TAG: Final = re.compile(r"</?\s*([\w-]+)[^<>]*>|<\|[^<>|]*\|>|<</?(sys)>>|\[/?(inst)\]|<!--", re.IGNORECASE)
# What JSON with a verdict may wrap around the request.
HELD: Final = re.compile(r"[\"'](?:text|message|content|input|query|prompt|user)[\"']\s*:\s*[\"']", re.IGNORECASE)
FARTHEST_CLOSING: Final = 400

# Words of which no request consists: what is left of an attack's sentence when only these are left goes too. No
# question words, no greetings, no thanks.
HOLLOW: Final = frozenset(
    (
        "the a an this that these those it its i im me my mine you your we us they is its am are was were be been must should"
        " shall will would can could may might has have had do does did not dont to of for in on at by with from as and or but"
        " so then also too just only ever always never all any every each own same such now here there one ones if else instead"
        " please oh anyway actually again allowed sure certain confident correct valid right true real final best single"
        " following next above below message messages request requests input text user users question questions instruction"
        " instructions rule rules system router classifier classification assistant admin mode output outputs reply replies"
        " answer answers response label labels category categories intent route class decision verdict result results tool note"
        " reminder override overridden begin end new previous json markdown confidence certainty score path tier whatever say"
        " says said matter exceptions exception discussion explanation nothing anything everything until further notice stop"
        " remember no than other more less after before because since predict important attention treat pretend entire whole obey accordingly"
        " der die das ein eine einen ab jetzt sofort du bist und als ist la le les el los las un une una de del a partir"
        " maintenant tu es et dans ahora y en este esto ce cette теперь и это с этого момента как тебя"
    ).split()
)
ASIDES: Final = re.compile(
    r"by the way|no matter \w+[^,;]*|whatever (?:it|i|the|you|comes|follows|your)\b[^,;]*|regardless\b[^,;]*|until [^,;]*"
    r"|\b(?:1\.0+|0?\.\d+|100 ?%)|</?\w[^<>]*>?|\[\w+\]|[\"']\w+[\"']\s*:|\b\w+=[\w.]+"
    r"|从现在起|请|把|将|并|其|下面的|内容|分类|结果|写|类别|必须|是|为|的|以上|消息|这条",
    re.IGNORECASE,
)
# What joins a request to an attack behind it stands at most so far from its end.
JOINING: Final = re.compile(
    r"(?:[\s,;:(\-–—](?:and|but|or|also|oh|plus|then|please|by the way|btw|the|y|et|und|и))+$",  # noqa: RUF001
    re.IGNORECASE,
)
LONGEST_JOINING: Final = 60
FEW_WORDS: Final = 4
MOST_ROUNDS: Final = 8
WORD: Final = re.compile(r"\w+")
TOKEN: Final = re.compile(r"\S+")

# The same again and again: at least so many repeats, of at most so many tokens; so many of one character.
REPEATS, LONGEST_PERIOD, SAME_CHARACTER = 12, 6, 30
RUN: Final = re.compile(rf"([^\w\s])\1{{{SAME_CHARACTER - 1},}}|\n{{{SAME_CHARACTER},}}")


def sentences(text: str) -> list[Span]:
    """Where the sentences and lines of a text stand, without the white space before them."""
    return divided(text, (0, len(text)), SENTENCE_END)


def clauses(text: str, sentence: Span) -> list[Span]:
    """Where the clauses of one sentence stand, without the white space before them."""
    return divided(text, sentence, CLAUSE_END)


def phrases(text: str, sentence: Span) -> list[Span]:
    """Where the parts of one sentence stand that colons, dashes and brackets set apart."""
    return divided(text, sentence, PHRASE_END)


def divided(text: str, whole: Span, ends: Any) -> list[Span]:
    """The parts of a span that end at certain marks; none is blank, none begins with white space."""
    found, start = [], whole[0]
    marks = [start + end.end() for end in ends.finditer(text[start : whole[1]])]
    for end in [*marks, whole[1]]:
        part = text[start:end]
        if begun := part.lstrip():
            found.append((end - len(begun), end))
        start = end
    return found


def reached(text: str, sign: Span, reach: Reach, sentence: Span) -> Span:
    """How far an attack goes that shows in a part of a sentence; never out of the brackets that it stands in."""
    start, end = sign
    if reach == "braces":
        return braces(text, sign)
    if reach == "element":
        return element(text, sign)
    if reach in TO_THE_END:
        around = bracket_around(text, sign)
        if around:
            return around
    if reach == "sentence":
        return start, max(end, sentence[1])
    if reach in {"clause", "phrase"}:
        after = (CLAUSE_END if reach == "clause" else PHRASE_END).search(text[end : sentence[1]])
        return start, end + after.start() if after else max(end, sentence[1])
    return sign


def bracket_around(text: str, part: Span) -> Span | None:
    """The bracket that a part stands in, if any."""
    return next((it.span() for it in BRACKETS.finditer(text) if it.start() < part[0] and part[1] <= it.end()), None)


def braces(text: str, span: Span) -> Span:
    """The outermost { } or [ ] around a part, or the part with what is left of them beside it."""
    start, end = span
    opened = text.rfind("{", 0, start + 1)
    if opened < 0:
        return span
    while opened > 0 and text[:opened].rstrip().endswith(("{", "[", ":", ",")) and text.rfind("{", 0, opened) >= 0:
        opened = text.rfind("{", 0, opened)
    held = HELD.search(text, span[1])
    if held and "{" not in text[span[1] : held.start()] and "}" not in text[span[1] : held.start()]:
        return opened, held.end()
    depth = 0
    for place in range(opened, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return opened, place + 1
    return opened, end


def element(text: str, span: Span) -> Span:
    """A tag with what it holds, up to its counterpart; alone where that is missing."""
    tag = TAG.match(text, span[0])
    opening = text[span[0] : span[1]].lower()
    if opening.startswith(("</", "[/", "<</")) or "=" in opening:
        return span
    name = (tag[1] or tag[2] or tag[3] or "") if tag else ""
    ends = ("-->", "*/") if not name and tag is None or opening.startswith(("<!--", "/*")) else ()
    ends = ends or ((f"</{name.lower()}", f"[/{name.lower()}", f"<</{name.lower()}") if name else ("<|",))
    lower = text.lower()
    places = [place for end in ends if 0 <= (place := lower.find(end, span[1])) <= span[1] + FARTHEST_CLOSING]
    if not places:
        return span
    first = min(places)
    if ends[0] in {"-->"}:
        return span[0], first + (3 if text.startswith("-->", first) else 2)
    closing = re.compile(r"[>\]]+").search(text, first)
    return span[0], closing.end() if closing else first


def padding(text: str) -> tuple[list[Span], list[Span]]:
    """Where a text says the same again and again: as a whole, and without what is said the first time."""
    whole = [run.span() for run in RUN.finditer(text)]
    again = list(whole)
    tokens = list(TOKEN.finditer(text))
    words = [token[0] for token in tokens]
    for period in range(1, LONGEST_PERIOD + 1):
        at = 0
        while at + period * REPEATS <= len(words):
            end = at + period
            while end < len(words) and words[end] == words[end - period]:
                end += 1
            if end - at >= period * REPEATS:
                whole.append((tokens[at].start(), tokens[end - 1].end()))
                again.append((tokens[at + period].start(), tokens[end - 1].end()))
            at = max(end - period + 1, at + 1)
    return merged(whole), merged(again)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif end > start:
            found.append((start, end))
    return found


def filled_out(text: str, cuts: Iterable[Span]) -> list[Span]:
    """The cuts with what stands around them and belongs to nothing else: asides, marks, the rest of a bracket."""
    grown = merged(cuts)
    pieces = [clause for sentence in sentences(text) for clause in clauses(text, sentence)]
    for _ in range(MOST_ROUNDS):
        left = [piece for span in pieces for piece in without(span, grown)]
        more = [piece for piece in left if touches(text, piece, grown) and is_hollow(text[slice(*piece)])]
        further = merged([*grown, *more, *brackets(text, grown)])
        if further == grown:
            break
        grown = further
    return grown


def is_hollow(text: str) -> bool:
    """Whether nothing could be asked for by a text's words alone."""
    return all(word in HOLLOW for word in WORD.findall(ASIDES.sub(" ", text).lower().replace("'", "")))


def without(span: Span, cuts: Iterable[Span]) -> list[Span]:
    """What cuts leave of a span."""
    left, (start, end) = [], span
    for first, last in cuts:
        if last <= start or first >= end:
            continue
        if first > start:
            left.append((start, first))
        start = max(start, last)
    return [*left, (start, end)] if start < end else left


def stripped(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans without the white space before them; none is blank."""
    begun = ((end - len(text[start:end].lstrip()), end) for start, end in spans)
    return [(start, end) for start, end in begun if start < end]


def neighbours(text: str, one: Span, other: Span) -> bool:
    """Whether no word stands between two spans."""
    (_, end), (start, _) = sorted((one, other))
    return not WORD.search(text, end, start)


def touches(text: str, piece: Span, cuts: Iterable[Span]) -> bool:
    """Whether only marks and white space lie between a piece and a cut."""
    return any(
        (last <= piece[0] and not WORD.search(text, last, piece[0]))
        or (first >= piece[1] and not WORD.search(text, piece[1], first))
        for first, last in cuts
    )


def brackets(text: str, cuts: list[Span]) -> list[Span]:
    """Brackets of which cuts leave hardly a word."""
    found = []
    for bracket in BRACKETS.finditer(text):
        span = bracket.span()
        inside = without(span, cuts)
        if inside != [span] and sum(len(WORD.findall(text, *part)) for part in inside) <= FEW_WORDS:
            found.append(span)
    return found


EDGES: Final = " \t\n\r,;:.-–—=>|)]}*#_`、，；：。"  # noqa: RUF001
ENDS: Final = " \t\n\r,;:-–—=<|([{*#_`、，；："  # noqa: RUF001


def rest(text: str, cuts: Iterable[Span]) -> str:
    """A text without its cuts, and without the marks that only joined them to it; "" when no word is left."""
    kept = []
    left = without((0, len(text)), merged(cuts))
    for start, end in left:
        part = text[start:end]
        part = part.lstrip(EDGES) if start > 0 else part.lstrip()
        part = part.removesuffix('"}') if start > 0 else part
        part = unjoined(part.rstrip(ENDS)) if end < len(text) else part.rstrip()
        if WORD.search(part):
            kept.append(part)
    return " ".join(kept)


def unjoined(text: str) -> str:
    """A text without the "and" that led on to an attack."""
    return text[:-LONGEST_JOINING] + JOINING.sub("", text[-LONGEST_JOINING:])
