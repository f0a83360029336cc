r"""Word boundaries that know every script, for RE2, whose own `\b` knows only ASCII.

RE2 cannot look around, so a text that is not ASCII is searched with its word boundaries marked:
a few sentinel characters stand at each. The patterns are rewritten to match: `\b` takes one
sentinel, and everything else steps over those that are left where a boundary may be. Several
`\b` can meet at one place (`\b(?:very\b)?\b`), so `most_in_a_row` says how many sentinels a
boundary needs for a pattern to find one for each of its own. For ASCII texts RE2's own `\b` is
exact, and both Python's `re` and RE2 read the patterns alike.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pointsman.core.errors import PatternError
from pointsman.tiers.regex_classes import ASCII, SENTINEL, UNICODE, Kind, class_text, code, kind_of
from pointsman.tiers.regex_tree import ANY_REPEATS, Assertion, Chars, Choice, Node, Repeat, Sequence

WORDS: Final = re.compile(r"(\w+)")
MARK: Final = code(ord(SENTINEL))
MOST_MARKS: Final = 4  # at one boundary; every one lengthens the texts that are searched
IMPOSSIBLE: Final = -1_000


def mark(text: str, marks: int = 1) -> str:
    """`text` with `marks` sentinels at every word boundary; sentinels that it already holds become spaces."""
    if SENTINEL in text:
        text = text.replace(SENTINEL, " ")
    pieces = WORDS.split(text)
    gaps = "".join(pieces[::2])
    if not gaps.isascii():
        # Python's \w leaves combining marks out, and cuts Hindi and Thai words at each of them.
        accents = "".join(sorted({one for one in gaps if unicodedata.category(one).startswith("M")}))
        if accents:
            pieces = re.split(f"([\\w{accents}]+)", text)
    return (SENTINEL * marks).join(pieces)


def ascii_regex(tree: Node, where: str) -> str | None:
    """The pattern for ASCII texts, None when none of them can match it. Raises PatternError."""
    match tree:
        case Chars():
            return class_text(tree, ASCII, where) or None
        case Assertion(kind):
            return {"boundary": r"\b", "start": r"\A", "end": r"\z", "line start": "(?m:^)", "line end": "(?m:$)"}[kind]
        case Sequence(parts):
            written = [ascii_regex(part, where) for part in parts]
            return None if None in written else "".join(one for one in written if one is not None)
        case Choice(parts):
            return either([ascii_regex(part, where) for part in parts])
        case Repeat(part, low, high):
            one = ascii_regex(part, where) if high else None
            if one is None:
                return "" if low == 0 else None
            return repeated(one, low, high)


def marked_regex(tree: Node, where: str) -> str | None:
    """The pattern for marked texts, None when nothing can match it. Raises PatternError."""
    return Marked(where).write(tree, "both")[0]


class Marked:
    """Writes one pattern for marked texts; `where` names it in errors.

    `before` is the kind of character that stands before a part, "both" when that is not known.
    Between two characters of words no boundary can be, nor between two that are of none, so
    nothing has to be stepped over there: rewritten words stay plain words.
    """

    def __init__(self, where: str) -> None:
        self._where = where

    def write(self, tree: Node, before: Kind) -> tuple[str | None, Kind]:
        """A part, None when nothing matches it, and the kind of character that it ends in."""
        match tree:
            case Chars():
                kind = kind_of(tree)
                text = class_text(tree, UNICODE, self._where)
                return (lead(before, kind) + text if text else None), kind
            case Assertion(kind="boundary"):
                return MARK, before
            case Assertion(kind):
                return {"start": r"\A", "line start": "(?m:^)", "end": rf"{MARK}*\z"}.get(
                    kind, f"{MARK}*(?m:$)"
                ), before
            case Sequence(parts):
                return self._sequence(parts, before)
            case Choice(parts):
                written = [
                    (text, kind) for text, kind in (self.write(part, before) for part in parts) if text is not None
                ]
                return either([text for text, _ in written]), common([kind for _, kind in written])
            case Repeat(part, low, high):
                if isinstance(part, Chars):
                    return self._chars_repeated(part, low, high, before)
                return self._repeat(part, low, high, before)

    def _sequence(self, parts: tuple[Node, ...], before: Kind) -> tuple[str | None, Kind]:
        pieces: list[str] = []
        kinds = [part.kind if isinstance(part, Assertion) else "" for part in parts]
        for first, second in pairwise(kinds):
            if (first == "boundary" and second.endswith("start")) or (first.endswith("end") and second == "boundary"):
                raise PatternError(
                    rf"{self._where}: \b stands on the wrong side of ^ or $",
                    cure=r"write ^\b and \b$, or leave the \b out",
                )
        for part in parts:
            text, before = self.write(part, before)
            if text is None:
                return None, before
            pieces.append(text)
        return "".join(pieces), before

    def _chars_repeated(self, chars: Chars, low: int, high: int, before: Kind) -> tuple[str | None, Kind]:
        text = class_text(chars, UNICODE, self._where)
        kind = kind_of(chars)
        if not text or high == 0:
            return ("" if low == 0 else None), before
        if kind == "both":
            step = f"{MARK}*{text}"
            if high == ANY_REPEATS:  # then the sentinels may be taken like the rest
                return (repeated(step, low, low) if low else "") + f"(?:{text}|{MARK})*", "both"
            return repeated(step, low, high), "both"
        leader = lead(before, kind)
        if low == 0 and leader:
            return f"(?:{leader}{repeated(text, 1, high)})?", "both"
        return leader + repeated(text, low, high), kind if low or before == kind else "both"

    def _repeat(self, part: Node, low: int, high: int, before: Kind) -> tuple[str | None, Kind]:
        text, after = self.write(part, before)
        if after != before and high not in {0, 1}:
            text, after = self.write(part, "both")  # what stands before a round differs from round to round
        if text is None or high == 0:
            return ("" if low == 0 else None), before
        return repeated(text, low, high), after if low else common([before, after])


@dataclass(frozen=True, slots=True)
class Run:
    r"""How many `\b` can meet in one place: in all of a part that takes no character, at its ends, anywhere."""

    through: int
    first: int = IMPOSSIBLE
    last: int = IMPOSSIBLE
    most: int = 0

    def then(self, other: Run) -> Run:
        """One part after the other."""
        return Run(
            self.through + other.through,
            max(self.first, self.through + other.first),
            max(other.last, self.last + other.through),
            max(self.most, other.most, self.last + other.first),
        )

    def or_else(self, other: Run) -> Run:
        """One of two parts."""
        return Run(
            max(self.through, other.through),
            max(self.first, other.first),
            max(self.last, other.last),
            max(self.most, other.most),
        )


def most_in_a_row(tree: Node, where: str) -> int:
    r"""How many `\b` of a pattern can meet at one boundary, 1 at least. Raises PatternError beyond MOST_MARKS."""
    run = run_of(tree)
    most = max(1, run.through, run.first, run.last, run.most)
    if most > MOST_MARKS:
        raise PatternError(rf"{where}: {most} \b can stand in one place", cure=r"leave out every \b but one")
    return most


def run_of(tree: Node) -> Run:
    r"""How the `\b` of a part can meet."""
    match tree:
        case Chars():
            return Run(IMPOSSIBLE, 0, 0)
        case Assertion(kind):
            return Run(1 if kind == "boundary" else 0)
        case Sequence(parts):
            run = Run(0)
            for part in parts:
                run = run.then(run_of(part))
            return run
        case Choice(parts):
            run = run_of(parts[0])
            for part in parts[1:]:
                run = run.or_else(run_of(part))
            return run
        case Repeat(part, low, high):
            once = run_of(part)
            # Rounds that take no character say the same, so no more of them need to meet than have to.
            between = Run(once.through * max(low, 1)).or_else(Run(0)) if once.through >= 0 else Run(0)
            rounds = once if high == 1 else once.then(between).then(once).or_else(between).or_else(once)
            return rounds if low else rounds.or_else(Run(0))


def lead(before: Kind, kind: Kind) -> str:
    """What stands between two characters of these kinds: perhaps sentinels, or nothing."""
    return "" if before == kind != "both" else f"{MARK}*"


def common(kinds: list[Kind]) -> Kind:
    """The kind that all are of."""
    return kinds[0] if len(set(kinds)) == 1 else "both"


def either(options: list[str | None]) -> str | None:
    """One of several expressions, without those that nothing matches; None when there are no others."""
    different = list(dict.fromkeys(option for option in options if option is not None))
    if len(different) <= 1:
        return different[0] if different else None
    return f"(?:{'|'.join(different)})"


def repeated(text: str, low: int, high: int) -> str:
    """An expression, `low` to `high` times."""
    if (low, high) == (1, 1) or not text:
        return text
    known = {(0, ANY_REPEATS): "*", (1, ANY_REPEATS): "+", (0, 1): "?"}
    counts = f"{{{low},{'' if high == ANY_REPEATS else high}}}"
    return f"(?:{text}){known.get((low, high), counts)}"
