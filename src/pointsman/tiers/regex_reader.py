"""Reads a pattern for RE2: what means the same there as in Python, what differs, and what cannot be run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pointsman.core.errors import PatternError

Fold = Callable[[str], str]
Pieces = list["str | OneOf"]

LONGEST: Final = 2000  # characters of a range that are looked at one by one

SIGMA, FINAL_SIGMA = "\u03c3", "\u03c2"

TOKEN: Final = re.compile(
    r"""\\x(?:\{(?P<long>[0-9a-fA-F]{1,6})\}|(?P<short>[0-9a-fA-F]{2})) | \\(?P<escape>.)
    | \[(?P<negation>\^?)(?P<members>\]?(?:\\.|[^\]\\])*)\]
    | \(\?P?<(?P<group>\w+)> | \(\?(?P<flags>[a-zA-Z-]*)(?P<after>[:)]) | (?P<other>\(\?.?)
    | (?P<dot>\.) | (?P<capitals>[A-Z]+) | (?P<character>[^\x00-\x7f])""",
    re.VERBOSE | re.DOTALL,
)
MEMBER: Final = re.compile(r"\\x(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))|\\([wdsWDS])|(?:\\)?(.)", re.DOTALL)
CONTROLS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}

# Named sets, as they stand in a class. None takes a capital, and `\s` takes Python's five more kinds of space.
INSIDE: Final = {
    "w": r"0-9a-z_",
    "d": r"0-9",
    "s": r"\s\x0b\x1c-\x1f",
    "W": r"\W",
    "D": r"\x00-/:-@\x5b-\x{10ffff}",
    "S": r"\x00-\x08\x0e-\x1b!-@\x5b-\x{10ffff}",
}
WITH_LETTERS: Final = "wDS"  # the sets among them to which all letters belong

REFUSED_ESCAPES: Final = {
    "p": (r"\p{...}", "write \\w, \\d or a range such as [à-ÿ]"),
    "P": (r"\P{...}", "write \\W, \\D or a class such as [^à-ÿ]"),
    "Q": (r"\Q...\E", "escape the special characters one by one"),
    "C": (r"\C", "write . for any character"),
}
ASIDE: Final = "put the text that must not be there in the pattern's `unless:`, or write the words out"
REFUSED_BY_RE2: Final = tuple(
    (re.compile(words), what, cure)
    for words, what, cure in (
        (r"\(\?<?[=!]", "it looks ahead or behind", ASIDE),
        (r"\\[1-9]|\\k|\(\?P=", "it refers back to a group", "write the alternatives out"),
        (r"\(\?>|[*+?}]\+", "it has an atomic group or a possessive repeat", "use (?:...) and plain repeats"),
        (r"\(\?\(", "it has a condition", "write two patterns"),
        (r"\(\?#", "it has a comment", "put the comment into the file, behind #"),
    )
)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character of a pattern.

    `inside` is a class in RE2's syntax, `ranges` are letters outside ASCII by their code points;
    with `letters` all of those belong to it. `negated`: one that is in none of these.
    """

    inside: str = ""
    ranges: tuple[tuple[int, int], ...] = ()
    letters: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern made ready for RE2; `place` is its place among all, `from_start` that it matches only there."""

    place: int
    name: str
    pattern: str
    regex: str
    from_start: bool


class Reader:
    """Cuts one pattern into what stands as it is and what depends on all patterns."""

    def __init__(self, pattern: str, name: str, fold: Fold) -> None:
        # A letter and its combining accent become the one character that folded texts have.
        self._pattern = unicodedata.normalize("NFC", pattern)
        self._name = name
        self._fold = fold

    def pieces(self) -> Pieces:
        """The pieces. Raises PatternError."""
        if not self._pattern.strip():
            raise PatternError(f"{self._name}: the pattern is empty", cure="give it words to look for, or remove it")
        found: Pieces = []
        plain = ""
        at = 0
        for token in TOKEN.finditer(self._pattern):
            plain += self._pattern[at : token.start()]
            at = token.end()
            for piece in self._piece(token):
                if isinstance(piece, str) and not piece.startswith("\\"):
                    plain += piece
                else:
                    found += [plain, piece] if plain else [piece]
                    plain = ""
        plain += self._pattern[at:]
        return [*found, plain] if plain else found

    def _refused(self, what: str, cure: str) -> PatternError:
        return PatternError(f"{self._name}: {what} cannot be used in {self._pattern!r}", cure=cure)

    def _piece(self, token: re.Match[str]) -> Pieces:
        match token.lastgroup:
            case "long" | "short":
                return self._literal(chr(min(int(token["long"] or token["short"], 16), 0x10FFFF)))
            case "escape":
                return self._escape(token["escape"])
            case "members":
                return [self._class(token["members"], negated=bool(token["negation"]))]
            case "group":
                return ["("]
            case "after":
                return [self._flags(token["flags"], token["after"])]
            case "dot":
                return [OneOf(r"\n", negated=True)]
            case "capitals":
                return [token[0].lower()]
            case "character":
                return self._literal(token[0])
        return [token[0]]

    def _same(self, character: str) -> str:
        return "".join(map(plain_of, (self._fold(character) or character).lower()))

    def _literal(self, character: str) -> Pieces:
        found: Pieces = ["(?:"]
        for one in self._same(character):
            point = ord(one)
            found.append(OneOf(ranges=((point, point),)) if is_foreign(one) else escaped(point))
        return [*found, ")"]

    def _escape(self, letter: str) -> Pieces:
        if letter in REFUSED_ESCAPES:
            raise self._refused(*REFUSED_ESCAPES[letter])
        if letter in INSIDE:
            return [OneOf(INSIDE[letter], letters=letter in WITH_LETTERS)]
        if not letter.isascii():
            return self._literal(letter)
        return [r"\z" if letter == "Z" else f"\\{letter}"]

    def _check_escape(self, letter: str) -> None:
        if letter not in CONTROLS:
            raise self._refused(*REFUSED_ESCAPES.get(letter, (f"\\{letter} in a class", "write the character itself")))

    def _flags(self, flags: str, after: str) -> str:
        if "s" in flags:
            raise self._refused("the flag s", r"write [\s\S] for any character, line feeds included")
        if set(flags) - set("im"):
            raise self._refused(
                f"(?{flags}{after}", "leave the flags out: case never matters, and only m has a meaning"
            )
        kept = flags.replace("i", "")
        return "" if flags and not kept and after == ")" else f"(?{kept}{after}"

    def _class(self, members: str, *, negated: bool) -> OneOf:
        if "[:" in members:
            raise self._refused("a POSIX class", r"write \w, \d or \s")
        names: set[str] = set()
        points: set[int] = set()
        long: list[tuple[int, int]] = []
        tokens = list(MEMBER.finditer(members))
        while tokens:
            token = tokens.pop(0)
            if token[3]:
                names.add(token[3])
                continue
            if token[0][0] == "\\" and token[4] and token[4].isascii() and token[4].isalnum():
                self._check_escape(token[4])
            low = high = point_of(token)
            if len(tokens) > 1 and tokens[0][0] == "-":
                tokens.pop(0)
                end = tokens.pop(0)
                if end[3] or (high := point_of(end)) < low:
                    raise self._refused(f"the range {token[0]}-{end[0]}", r"turn it round, or write \- for the dash")
            if high - low > LONGEST:
                long.append((max(low, 0x80), high))
                high = min(high, 0x7F)
            for point in range(low, high + 1):
                same = self._same(chr(point))
                points.add(ord(same) if len(same) == 1 else point)
        letters = {point for point in points if is_foreign(chr(point))}
        inside = "".join(INSIDE[name] for name in sorted(names)) + written(spans(points - letters)) + written(long)
        return OneOf(inside, (*spans(letters), *long), any(name in WITH_LETTERS for name in names), negated)


def only_from_start(pieces: Pieces) -> bool:
    """Whether a pattern can match at the beginning of a text only: it opens with ^, and in every alternative."""
    opening = next(piece for piece in pieces if piece != "")
    if not isinstance(opening, str) or not re.match(r"\^(?![*+?{])", opening):
        return False
    plain = "".join(piece for piece in pieces if isinstance(piece, str) and not piece.startswith("\\"))
    depth = 0
    for character in plain:
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            return False
    return True


def is_letter(character: str) -> bool:
    r"""Whether words hold it: what Python's `\w` takes, and marks, without which no Hindi word ends (UTS #18)."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def plain_of(character: str) -> str:
    """One form for the white space outside ASCII, for a digit in every script, and for both small sigmas."""
    if character.isascii():
        return character
    if character.isspace():
        return " "
    digit = unicodedata.decimal(character, None)
    return str(digit) if digit is not None else SIGMA if character == FINAL_SIGMA else character


def is_foreign(character: str) -> bool:
    """Whether texts have a word of capitals in its place."""
    return not character.isascii() and is_letter(character)


def point_of(token: re.Match[str]) -> int:
    """The code point that a member of a class stands for."""
    if digits := token[1] or token[2]:
        return min(int(digits, 16), 0x10FFFF)
    return ord(CONTROLS.get(token[4], token[4]) if token[0].startswith("\\") else token[4])


def spans(points: Iterable[int]) -> list[tuple[int, int]]:
    """Code points as ranges."""
    found: list[tuple[int, int]] = []
    for point in sorted(points):
        if found and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found


def written(ranges: Iterable[tuple[int, int]]) -> str:
    """Ranges as they stand inside a class."""
    return "".join(escaped(low) if low == high else f"{escaped(low)}-{escaped(high)}" for low, high in ranges)


def escaped(point: int) -> str:
    """A character in RE2's syntax, in a class or outside."""
    character = chr(point)
    return character if character.isascii() and (character.isalnum() or character == " ") else f"\\x{{{point:x}}}"


def explained(expression: Expression, complaint: str) -> PatternError:
    """Why RE2 refused an expression, and what to write instead."""
    for words, what, cure in REFUSED_BY_RE2:
        if words.search(expression.pattern):
            return PatternError(f"{expression.name}: RE2 cannot run {expression.pattern!r}: {what}", cure=cure)
    return PatternError(
        f"{expression.name}: RE2 cannot read {expression.pattern!r}: {complaint}", cure="correct the pattern"
    )
