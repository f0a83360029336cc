"""Looks up what stands at a place of a sum: an operator, a unit or a number's word, in any of twelve languages."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final, Literal

from pointsman.core.sums import units_abroad as abroad
from pointsman.core.sums import words
from pointsman.core.sums.units import CASED, CUBES, MIXED, PI, SQUARES, Unit, plurals, units

# Euler's number to 50 digits.
E: Final = Fraction("2.71828182845904523536028747135266249775724709369995")
# The first of the scripts that put no spaces between words.
UNSPACED: Final = "\u2e80"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that stands for a number: a scale (million), a share (half of), a constant (pi)."""

    kind: Literal["scale", "share", "constant"]
    number: Fraction


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a result: binary, a fraction."""

    name: str


Token = Fraction | str | Unit | Word | Form


@dataclass(frozen=True, slots=True)
class Spellings:
    """Names and what they mean: `cased` as they are typed, `known` in small letters.

    `comma` holds those that tell a language with decimal commas, `lengths` how long names are that begin with a letter,
    the longest first.
    """

    known: dict[str, Token]
    cased: dict[str, Token]
    comma: frozenset[str]
    lengths: dict[str, tuple[int, ...]]
    by_label: dict[str, Unit]

    def at(self, text: str, low: str, place: int) -> tuple[Token, int] | None:
        """What the longest name at a place means, and where it ends; `low` is the text in small letters."""
        for size in self.lengths.get(low[place], ()):
            end = place + size
            name = low[place:end]
            token = self.known.get(name) if text[place:end] == name else self.either(text[place:end], name)
            if token is not None and ends(low, end):
                return token, end
        return None

    def either(self, name: str, small: str) -> Token | None:
        """What a name in other than small letters means."""
        return self.cased.get(name) or self.known.get(small)


def ends(text: str, end: int) -> bool:
    """Whether a name may end there: a letter does not go on as a word, nor a digit as a number."""
    if end >= len(text):
        return end == len(text)
    last, following = text[end - 1], text[end]
    if last >= UNSPACED:
        return True
    return not (last.isalpha() and following.isalpha()) and not (last.isdigit() and following.isdigit())


@cache
def spellings() -> Spellings:
    """Everything that may stand in a sum; made when the first one is read (4 ms)."""
    by_label: dict[str, Unit] = {}
    known: dict[str, Token] = {name: Form(form) for form, names in words.FORMS.items() for name in names.split("|")}
    for unit, names in units():
        by_label.setdefault(unit.label, unit)
        known |= dict.fromkeys(forms_of(names), unit)
    for name, (large, small) in MIXED.items():
        whole = by_label[large]
        known[name] = Unit(name, whole.dimension, whole.factor, parts=(large, small))
    known |= {name: by_label[label] for label, name in powers()}
    comma = add_abroad(known, by_label)
    for sign, (english, abroad_names, asian) in words.SPELLED.items():
        comma |= set(abroad_names.split("|")) - set(english.split("|"))
        known |= dict.fromkeys(filter(None, f"{english}|{abroad_names}|{asian}".split("|")), sign)
    known |= {name: Fraction(value) for name, value in words.numbers().items()}
    known |= {name: Word("scale", Fraction(value)) for name, value in words.SCALES.items()}
    known |= {name: Word("share", value) for name, value in words.SHARES.items()}
    known |= {"pi": Word("constant", PI), "π": Word("constant", PI), "e": Word("constant", E)}
    cased: dict[str, Token] = {name: by_label[label] for name, label in CASED.items()}
    sizes: dict[str, set[int]] = {}
    for name in (*known, *cased):
        sizes.setdefault(name[0].lower(), set()).add(len(name))
    lengths = {first: tuple(sorted(several, reverse=True)) for first, several in sizes.items()}
    return Spellings(known, cased, frozenset(comma - {""}), lengths, by_label)


def forms_of(names: str) -> list[str]:
    """All names in a line of them, in both their forms."""
    return [form.lower() for name in names.split("|") for form in plurals(name) if form]


def add_abroad(known: dict[str, Token], by_label: dict[str, Unit]) -> set[str]:
    """Adds the names of other languages, where no English one is the same; says which tell of a decimal comma."""
    comma: set[str] = set()
    english = set(known)
    for table in (abroad.WITH_COMMA, abroad.WITH_POINT):
        for label, names in table.items():
            forms = set(forms_of(names)) - english
            known |= dict.fromkeys(forms, by_label[label])
            if table is abroad.WITH_COMMA:
                comma |= forms
    return comma


def powers() -> list[tuple[str, str]]:
    """The labels and names of squares and cubes: m², m2, sq m, square metres."""
    sides = {unit.label: [*forms_of(names), unit.label] for unit, names in units()}
    found = []
    for table, before, after in (
        (SQUARES, ("square", "sq", "sq."), ("²", "2", "^2")),
        (CUBES, ("cubic", "cu"), ("³", "3", "^3")),
    ):
        for label, side in table.items():
            for name in filter(str.isalpha, sides[side]):
                found += [(label, f"{word} {name}") for word in before] + [(label, name + sign) for sign in after]
    return found
