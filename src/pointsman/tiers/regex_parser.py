"""Reads a regular expression into a tree, and refuses what RE2 cannot run in linear time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pointsman.core.errors import PatternError
from pointsman.tiers.regex_tree import ANY_REPEATS, Assertion, Chars, Choice, Named, Node, Repeat, Sequence

Fold = Callable[[str], str]

MOST_REPEATS: Final = 1000  # RE2's own limit
DEEPEST: Final = 40

CONTROLS: Final = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
ASSERTIONS: Final[dict[str, Assertion]] = {
    "b": Assertion("boundary"),
    "A": Assertion("start"),
    "z": Assertion("end"),
    "Z": Assertion("end"),
}
HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{1,6}")
FLAGS: Final = re.compile(r"\(\?([a-zA-Z-]+)\)")
UNLESS: Final = "put the text that must not be there in the pattern's `unless:`, or write the words out"
REFUSED_GROUPS: Final = (
    ("?=", "a lookahead", UNLESS),
    ("?!", "a negative lookahead", UNLESS),
    ("?<=", "a lookbehind", UNLESS),
    ("?<!", "a negative lookbehind", UNLESS),
    ("?>", "an atomic group", "use (?:...)"),
    ("?(", "a conditional group", "write two patterns"),
    ("?P=", "a backreference", "write the alternatives out"),
    ("?#", "a comment", "put the comment in the YAML file, behind #"),
)
REFUSED_ESCAPES: Final = {
    "B": (r"\B", r"say what stands there: \w on both sides, or a space"),
    "G": (r"\G", "leave it out: a pattern is searched anywhere"),
    "K": (r"\K", "leave it out: only whether a pattern matches counts"),
    "C": (r"\C", "use . for any character"),
    "X": (r"\X", "use . for any character"),
    "Q": (r"\Q", "escape the special characters one by one"),
    "k": ("a backreference", "write the alternatives out"),
}


@dataclass(frozen=True, slots=True)
class Flags:
    """What inline flags have set so far."""

    cased: bool = False
    dot_all: bool = False
    multi_line: bool = False


class Parser:
    """Reads one pattern; `where` names it in errors, `fold` is what texts go through before they are searched."""

    def __init__(self, pattern: str, where: str, fold: Fold) -> None:
        # A letter and its combining accent become the one character that folded texts have.
        self._text = unicodedata.normalize("NFC", pattern)
        self._where = where
        self._fold = fold
        self._at = 0
        self._depth = 0

    def parse(self) -> Node:
        """The tree. Raises PatternError."""
        if not self._text.strip():
            raise PatternError(f"{self._where}: the pattern is empty", cure="give it words to look for, or remove it")
        tree = self._choice(Flags())
        if self._at < len(self._text):
            raise self._wrong("an unmatched )", r"remove it, or write \) for the character")
        return tree

    def _wrong(self, what: str, cure: str) -> PatternError:
        return PatternError(f"{self._where}: {what} at character {self._at + 1} of {self._text!r}", cure=cure)

    def _peek(self, length: int = 1) -> str:
        return self._text[self._at : self._at + length]

    def _take(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise self._wrong("the pattern breaks off", "complete it")
        self._at += 1
        return self._text[self._at - 1]

    def _until(self, end: str) -> str:
        stop = self._text.find(end, self._at)
        if stop < 0:
            raise self._wrong(f"a missing {end}", "complete it")
        found, self._at = self._text[self._at : stop], stop + 1
        return found

    def _choice(self, flags: Flags) -> Node:
        options: list[Node] = []
        parts: list[Node] = []
        while self._at < len(self._text) and self._peek() != ")":
            if self._take("|"):
                options.append(Sequence(tuple(parts)))
                parts = []
            elif self._peek(2) == "(?" and (found := FLAGS.match(self._text, self._at)):
                self._at = found.end()  # these hold to the end of the group that they stand in
                flags = self._changed(flags, found[1])
            else:
                parts.append(self._repeated(self._atom(flags)))
        options.append(Sequence(tuple(parts)))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _changed(self, flags: Flags, letters: str) -> Flags:
        on = True
        for letter in letters:
            if letter == "-":
                on = False
            elif letter == "i":
                flags = replace(flags, cased=not on)
            elif letter == "s":
                flags = replace(flags, dot_all=on)
            elif letter == "m":
                flags = replace(flags, multi_line=on)
            else:
                raise self._wrong(f"the flag {letter!r}", "use only i, s and m")
        return flags

    def _atom(self, flags: Flags) -> Node:
        match self._next():
            case "(":
                return self._group(flags)
            case "[":
                return self._class(flags)
            case "\\":
                return self._escape(flags)
            case ".":
                return Chars((), negated=True) if flags.dot_all else Chars(((10, 10),), negated=True)
            case "^":
                return Assertion("line start" if flags.multi_line else "start")
            case "$":
                return Assertion("line end" if flags.multi_line else "end")
            case "*" | "+" | "?" as mark:
                self._at -= 1
                raise self._wrong(f"nothing before {mark}", f"write \\{mark} for the character")
            case character:
                return self._literal(character, flags)

    def _literal(self, character: str, flags: Flags) -> Node:
        folded = self._fold(character) or character
        parts = tuple(Chars(((ord(one), ord(one)),), cased=flags.cased) for one in folded)
        return parts[0] if len(parts) == 1 else Sequence(parts)

    def _group(self, flags: Flags) -> Node:
        for opening, what, cure in REFUSED_GROUPS:
            if self._text.startswith(opening, self._at):
                raise self._wrong(f"{what}, which RE2 cannot run", cure)
        inner = flags
        if self._take("?P<") or self._take("?<"):
            self._until(">")
        elif self._take("?"):
            inner = self._changed(flags, self._until(":"))
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong("too many groups in groups", "split the pattern in two")
        part = self._choice(inner)
        self._depth -= 1
        if not self._take(")"):
            raise self._wrong("a missing )", "complete it")
        return part

    def _repeated(self, part: Node) -> Node:
        counts = self._counts()
        if counts is None:
            return part
        low, high = counts
        self._take("?")  # lazy or greedy: only whether a pattern matches counts
        if self._peek() == "+":
            raise self._wrong("a possessive repeat, which RE2 cannot run", "leave the + out")
        if self._peek() in {"*", "?"} or self._counts() is not None:
            raise self._wrong("a repeat of a repeat", "put the inner one in a group (?:...)")
        return Repeat(part, low, high)

    def _counts(self) -> tuple[int, int] | None:
        for mark, counts in (("*", (0, ANY_REPEATS)), ("+", (1, ANY_REPEATS)), ("?", (0, 1))):
            if self._take(mark):
                return counts
        if self._peek() != "{":
            return None
        low, comma, high = self._text[self._at + 1 :].partition("}")[0].partition(",")
        if "}" not in self._text[self._at :] or not low.isdecimal() or not (high == "" or high.isdecimal()):
            if comma and not low and high.isdecimal():
                raise self._wrong("a repeat without a lower bound", f"write {{0,{high}}}")
            return None  # a brace that counts nothing is itself
        least = int(low)
        most = int(high) if high else ANY_REPEATS if comma else least
        if (most != ANY_REPEATS and most < least) or max(least, most) > MOST_REPEATS:
            raise self._wrong(f"the repeat {{{low}{comma}{high}}}", f"count upwards, to {MOST_REPEATS} at most")
        self._until("}")
        return least, most

    def _escape(self, flags: Flags) -> Node:
        character = self._next()
        if character in ASSERTIONS:
            return ASSERTIONS[character]
        escaped = self._escaped(character)
        if isinstance(escaped, Named):
            return Chars((), (escaped,), cased=flags.cased)
        return self._literal(chr(escaped), flags)

    def _escaped(self, character: str) -> Named | int:
        """What an escape stands for, in a class or outside: a named set, or a code point."""
        if character in "wdsWDS":
            return Named(character.lower(), character.isupper())
        if character in "pP":
            name = self._until("}") if self._take("{") else self._next()
            return Named(name.removeprefix("^"), (character == "P") != name.startswith("^"))
        if character in CONTROLS:
            return CONTROLS[character]
        if character == "x":
            digits = self._until("}") if self._take("{") else self._next() + self._next()
            if not HEXADECIMAL.fullmatch(digits) or int(digits, 16) > 0x10FFFF:
                raise self._wrong(f"\\x{digits}", r"write \x41 or \x{1F600}")
            return int(digits, 16)
        if not character.isalnum():
            return ord(character)
        self._at -= 1
        if character in "123456789":
            raise self._wrong("a backreference, which RE2 cannot run", "write the alternatives out")
        what, cure = REFUSED_ESCAPES.get(character, (f"the unknown escape \\{character}", "write the character itself"))
        raise self._wrong(what, cure)

    def _class(self, flags: Flags) -> Chars:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        named: list[Named] = []
        first = True
        while first or self._peek() != "]":
            first = False
            if self._peek(2) == "[:":
                raise self._wrong("a POSIX class", r"use \w, \d, \s or a property such as \p{L}")
            low = self._member()
            if isinstance(low, Named):
                named.append(low)
                continue
            high = low
            if self._peek() == "-" and self._peek(2) not in {"-]", "-"}:
                self._at += 1
                end = self._member()
                if isinstance(end, Named) or end < low:
                    raise self._wrong("a range that ends before it begins", r"turn it round, or write \- for the dash")
                high = end
            ranges.append((low, high))
        self._at += 1
        return Chars(tuple(ranges), tuple(named), negated, flags.cased)

    def _member(self) -> Named | int:
        character = self._next()
        if character == "\\":
            escaped = self._next()
            if escaped == "b":
                return 8  # a backspace, as in Python
            found = self._escaped(escaped)
            if isinstance(found, Named):
                return found
            character = chr(found)
        folded = self._fold(character)
        return ord(folded) if len(folded) == 1 else ord(character)
