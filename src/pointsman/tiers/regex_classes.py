r"""Character classes for RE2 that mean what Python's mean: Unicode's `\w`, `\d` and `\s`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pointsman.core.errors import PatternError
from pointsman.tiers.regex_tree import Chars, Named

SENTINEL: Final = "\x1f"  # the ASCII unit separator: stands at word boundaries in texts that are searched
Kind = Literal["word", "gap", "both"]
LAST: Final = 0x10FFFF
LARGEST_KNOWN: Final = 300  # ranges longer than this are not looked through: they may hold anything

# Python's str.isspace; RE2's \s knows five of these.
WHITE: Final = (
    (0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
    (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How classes are written for the texts that a set of patterns searches.

    `word` holds the parts of a word, by what they are; `last` is the highest code point of the
    texts, and `holds_sentinels` says that they carry sentinels, which no class may take.
    """

    word: Mapping[str, str]
    last: int = LAST
    holds_sentinels: bool = False

    @property
    def nothing_else(self) -> str:
        """What every negated class has to exclude too."""
        return code(ord(SENTINEL)) if self.holds_sentinels else ""

    def clip(self, ranges: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        """The ranges without what the texts cannot hold."""
        clipped = [(low, min(high, self.last)) for low, high in ranges if low <= self.last]
        return without(clipped, ((ord(SENTINEL), ord(SENTINEL)),)) if self.holds_sentinels else clipped

    def members(self, named: Named) -> str:
        """The inside of a class for a named set, not negated."""
        match named.name:
            case "w":
                return "".join(self.word.values())
            case "d":
                return self.word["digits"]
            case "s":
                return written(self.clip(WHITE))
            case name:
                return f"\\p{{{name}}}"


# Marks belong to words, as in Unicode's own definition (UTS #18): without them no Hindi word ends.
UNICODE: Final = Alphabet(
    {"letters": r"\p{L}\p{M}", "digits": r"\p{Nd}", "numbers": r"\p{Nl}\p{No}", "line": "_"}, holds_sentinels=True
)
ASCII: Final = Alphabet({"letters": "A-Za-z", "digits": "0-9", "numbers": "", "line": "_"}, last=0x7F)


def is_word(character: str) -> bool:
    """Whether a character belongs to words: a letter, mark, digit, number or underscore."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def kind_of(chars: Chars) -> Kind:
    """Which characters a class takes: of words, of the gaps between them, or of both."""
    names = {(named.name, named.negated) for named in chars.named}
    if chars.negated:
        return "gap" if ("w", False) in names else "word" if ("w", True) in names else "both"
    kinds: set[Kind] = {named_kind(named) for named in chars.named}
    for low, high in chars.ranges:
        if high - low > LARGEST_KNOWN:
            return "both"
        kinds |= {"word" if is_word(chr(point)) else "gap" for point in range(low, high + 1)}
    return kinds.pop() if len(kinds) == 1 else "both"


def named_kind(named: Named) -> Kind:
    """The same for a named set."""
    match named.name, named.negated:
        case ("w" | "d", False):
            return "word"
        case ("s", False) | ("w", True):
            return "gap"
    return "both"


def class_text(chars: Chars, alphabet: Alphabet, where: str) -> str:
    """A class in RE2's syntax; "" when no text of the alphabet holds any of its characters. Raises PatternError."""
    if chars.negated:
        text = negated_text(chars, alphabet, where)
    else:
        options = positive_options(chars, alphabet)
        text = options[0] if len(options) == 1 else f"(?:{'|'.join(options)})" if options else ""
    return f"(?-i:{text})" if chars.cased and text else text


def positive_options(chars: Chars, alphabet: Alphabet) -> list[str]:
    """What one character may be, each written as a class."""
    options: list[str] = []
    inside = "".join(alphabet.members(named) for named in chars.named if not named.negated)
    ranges = alphabet.clip(chars.ranges)
    if not inside and len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        options.append(code(ranges[0][0]))
    elif inside or ranges:
        options.append(f"[{inside}{written(ranges)}]")
    for named in chars.named:
        if named.negated:
            if Named(named.name) in chars.named:
                return [anything(alphabet)]
            options.append(f"[^{alphabet.members(named)}{alphabet.nothing_else}]")
    return options


def negated_text(chars: Chars, alphabet: Alphabet, where: str) -> str:
    r"""A negated class; one that names \W or \S is what is left of words or white space."""
    inverse = [named.name for named in chars.named if named.negated]
    if not inverse:
        inside = "".join(alphabet.members(named) for named in chars.named) + written(alphabet.clip(chars.ranges))
        return f"[^{inside}{alphabet.nothing_else}]" if inside else anything(alphabet)
    others = {named.name for named in chars.named if not named.negated}
    left = ""
    if inverse == ["w"] and others <= {"d", "s"}:
        parts = dict(alphabet.word)
        if "d" in others:
            del parts["digits"]
        for low, high in chars.ranges:
            if (low, high) == (ord("_"), ord("_")):
                parts.pop("line", None)
            elif kind_of(Chars(((low, high),))) != "gap":
                break
        else:
            left = "".join(parts.values())
    elif inverse == ["s"] and not others:
        left = written(without(alphabet.clip(WHITE), chars.ranges))
    elif inverse == ["d"] and len(chars.named) == 1 and not chars.ranges:
        left = alphabet.members(Named("d"))
    if not left:
        raise PatternError(
            f"{where}: a negated class of negated sets that RE2 cannot express",
            cure=r"write what may stand there, such as [\p{L}\d] or [ \t]",
        )
    return f"[{left}]"


def anything(alphabet: Alphabet) -> str:
    """Any one character of a text."""
    return f"[^{alphabet.nothing_else}]" if alphabet.nothing_else else "(?s:.)"


def without(ranges: list[tuple[int, int]], taken: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """What is left of ranges when others are taken out."""
    for low, high in taken:
        ranges = [
            piece
            for start, end in ranges
            for piece in ((start, min(end, low - 1)), (max(start, high + 1), end))
            if piece[0] <= piece[1]
        ]
    return ranges


def written(ranges: list[tuple[int, int]]) -> str:
    """Ranges as they stand inside a class."""
    return "".join(code(low) if low == high else f"{code(low)}-{code(high)}" for low, high in ranges)


def code(point: int) -> str:
    """A character in RE2's syntax, in a class or outside."""
    character = chr(point)
    return character if character.isascii() and (character.isalnum() or character == " ") else f"\\x{{{point:x}}}"
