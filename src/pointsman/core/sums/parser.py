"""Reads the tokens of a sum from left to right and computes as it goes; core/sums/arithmetic.py has the grammar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from pointsman.core.errors import InvalidInput
from pointsman.core.sums.exact import MAX_BITS, Number, after, bounded, no_value, refuse
from pointsman.core.sums.functions import applied, of_several
from pointsman.core.sums.quantities import converted, joined, otherwise, shown
from pointsman.core.sums.spellings import Form, Token, Word, spellings
from pointsman.core.sums.tokens import is_money
from pointsman.core.sums.units import PI, Unit
from pointsman.core.sums.words import LISTS, PREFIXES

MAX_DEPTH: Final = 50
# All that is computed on the way, together: a list of forty numbers of 10,000 digits would take 10 ms.
MAX_WORK: Final = 16 * MAX_BITS
IN_BINDING: Final = 5
BINDING: Final = {
    "+": 10, "-": 10, "of": 20, "off": 20, "*": 30, "x": 30, "/": 30, "//": 30, "mod": 30, "^": 50,
}  # fmt: skip
MINUS_BINDING: Final = 40
ROOT_BINDING: Final = 45
POSTFIX: Final = frozenset({"!", "percent", "²", "³"})
SEPARATORS: Final = frozenset({",", ";", "and"})
# What a bare number counts after a unit, and how much of it there can be: 2h45, 5 foot 11.
BARE: Final = {"hour(s)": ("minute(s)", 60), "ft": ("in", 12)}


class Parser:
    """Computes the value of some tokens.

    `steps` counts what was computed on the way: none for a lone number. `into` is whether somebody said what the
    result is to be written in. Where it does not `compute`, it only sees whether the tokens are a sum.
    """

    def __init__(self, tokens: Sequence[Token], *, compute: bool = True) -> None:
        self._tokens = tokens
        self._compute = compute
        self._at = 0
        self._depth = 0
        self._work = 0
        self._listing = 0
        self.steps = 0
        self.into = False

    @property
    def next(self) -> Token | None:
        """The token to read next, None at the end."""
        return self._ahead(0)

    def _ahead(self, places: int) -> Token | None:
        return self._tokens[self._at + places] if self._at + places < len(self._tokens) else None

    def whole(self) -> Number:
        """The value of all tokens. Raises InvalidInput, NoValue."""
        first = self.next
        counted = isinstance(first, Unit) and not is_money(first)
        number = self._counted_in() if counted else self.parse(0)
        if self.next is not None:
            joins = f"nothing joins the values before {spelled(self.next)}"
            refuse(joins, "put an operator between them, as in 2 * 3")
        return number

    def _counted_in(self) -> Number:
        """How many of a unit there are in what follows: cups in 2 liters."""
        unit = self.next
        self._at += 1
        if not isinstance(unit, Unit) or self.next not in {"in", "are"}:
            refuse(f"a number is missing before {spelled(unit)}", "write one, as in 5 km")
        while self.next in {"in", "are"}:
            self._at += 1
        return self._done(lambda number: converted(number, unit), self.parse(IN_BINDING), into=True)

    def parse(self, binding: int) -> Number:
        """The longest value whose operators bind more tightly than `binding`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            refuse(f"the expression nests more than {MAX_DEPTH} deep", "compute it in parts")
        left = self._operand()
        while isinstance(self.next, str):
            sign = self.next
            if sign in POSTFIX:
                self._at += 1
                left = self._after(sign, left)
            elif sign == "in" and binding < IN_BINDING:
                self._at += 1
                left = self._in(left)
            elif BINDING.get(sign, 0) > binding:
                self._at += 1
                left = self._joined(sign, left, self.parse(BINDING[sign] - (sign == "^")))
            else:
                break
        self._depth -= 1
        return left

    def _done(self, what: Callable[[Number], Number], number: Number, *, into: bool = False) -> Number:
        """One step more."""
        self.steps += 1
        self.into = self.into or into
        if not self._compute:
            return number
        found = bounded(what(number))
        self._work += found.value.numerator.bit_length() + found.value.denominator.bit_length()
        if self._work > MAX_WORK:
            no_value("there are too many long numbers on the way", "compute it in parts")
        return found

    def _joined(self, sign: str, left: Number, right: Number) -> Number:
        return self._done(lambda number: joined(sign, number, right), left)

    def _after(self, sign: str, number: Number) -> Number:
        if number.unit and self._compute:
            refuse("quantities have no powers here", "take the unit out")
        if sign == "percent":
            return replace(after(sign, number), unit=number.unit)
        return self._done(lambda it: after(sign, it), number)

    def _in(self, number: Number) -> Number:
        if self.next == "a":
            self._at += 1
        target = self.next
        self._at += 1
        if isinstance(target, Form):
            if number.unit:
                refuse("a quantity has a unit, and is not written so", "take the unit out")
            return self._done(lambda it: replace(it, form=target.name), number, into=True)
        if isinstance(target, Unit):
            return self._done(lambda it: converted(it, target), number, into=True)
        raise InvalidInput("a unit is missing after in", cure="write one, as in 5 miles in km")

    def _operand(self) -> Number:
        start = self.next
        self._at += 1
        if isinstance(start, Fraction):
            return self._counting(Number(start))
        if isinstance(start, Word):
            return self._shared(start) if start.kind == "share" else self._constant(start)
        if isinstance(start, Unit) and is_money(start):
            return replace(self._amount(), unit=start)
        if start == "a" and isinstance(self.next, Unit | Word):
            return self._counting(Number(Fraction(1)))
        if start in {"-", "+"}:
            number = self.parse(MINUS_BINDING)
            return number if start == "+" else replace(number, value=-number.value)
        if start == "(":
            number = replace(self.parse(0), percent=False)
            self._close()
            return number
        if isinstance(start, str) and start in PREFIXES:
            argument = self._operand() if self.next == "(" else self.parse(ROOT_BINDING)
            return self._done(lambda number: applied(start, number), argument)
        if isinstance(start, str) and start in LISTS:
            return self._several(start)
        raise InvalidInput(f"a number is missing before {spelled(start)}", cure="write one, as in 2 * 3")

    def _close(self) -> None:
        if self.next != ")":
            refuse("a parenthesis is not closed", "add the missing )")
        self._at += 1

    def _amount(self) -> Number:
        """The number after the sign of a currency."""
        number = self.next
        if not isinstance(number, Fraction):
            refuse("a number is missing after the sign of a currency", "write one, as in $4.50")
        self._at += 1
        return self._scaled(Number(number))

    def _scaled(self, number: Number) -> Number:
        """The number times the scales after it: 1.5 million, 2 dozen."""
        while isinstance(word := self.next, Word) and word.kind == "scale":
            self._at += 1
            self.steps += word.number == 12
            number = bounded(replace(number, value=number.value * word.number))
        return number

    def _counting(self, number: Number) -> Number:
        """A number with its scale, its share and its unit: two thirds of, 2 pi, 3 ft 5 in."""
        number = self._scaled(number)
        word = self.next
        if isinstance(word, Word) and (word.kind == "share" or word.number == PI):
            self._at += 1
            rest = self._constant(word) if word.kind == "constant" else self._shared(word)
            return self._joined("*", rest, number) if word.kind == "constant" else self._times(rest, number)
        if isinstance(word, Unit):
            self._at += 1
            return self._mixed(replace(number, unit=word), word)
        return number

    def _times(self, rest: Number, number: Number) -> Number:
        return replace(rest, value=rest.value * number.value)

    def _constant(self, word: Word) -> Number:
        unit = self.next
        if isinstance(unit, Unit):  # pi radians
            self._at += 1
            return Number(word.number, exact=False, unit=unit)
        return Number(word.number, exact=False)

    def _shared(self, word: Word) -> Number:
        """A share of what follows; by itself it is a number: half of 90, half a cup, twice 45, two thirds."""
        share = Number(word.number)
        if self.next == "of":
            self._at += 1
            return self._joined("*", self.parse(BINDING["of"]), share)
        if self.next == "a" and isinstance(unit := self._ahead(1), Unit):
            self._at += 2
            return replace(share, unit=unit)
        if word.number > 1:
            return self._joined("*", self._operand(), share)
        return share

    def _mixed(self, number: Number, unit: Unit) -> Number:
        """The quantity with what is said of it in smaller units: 3 ft 5 in, 5 minutes and 30 seconds."""
        least = unit
        while True:
            skip = int(self.next == "and" and not self._listing)
            more, smaller = self._ahead(skip), self._ahead(skip + 1)
            if not isinstance(more, Fraction):
                return number
            if isinstance(smaller, Unit):
                smaller = otherwise(smaller, unit)
                if smaller.dimension != unit.dimension or smaller.factor >= least.factor or unit.offset:
                    return number
                self._at += skip + 2
            elif least.label in BARE and not skip and more < BARE[least.label][1]:
                smaller = spellings().by_label[BARE[least.label][0]]
                self._at += 1
            else:
                return number
            number = joined("+", number, Number(more, unit=smaller))
            least = smaller

    def _joins(self) -> bool:
        """Whether an operator, and no comma, stands between the next numbers: the sum of 3 plus 5."""
        rest = self._tokens[self._at :]
        return "+" in rest and SEPARATORS.isdisjoint(one for one in rest if isinstance(one, str))

    def _several(self, name: str) -> Number:
        """A function of several numbers, in parentheses or not: max(3, 8), average of 3, 4 and 8."""
        self._listing += 1
        closes = self.next == "("
        if closes:
            self._at += 1
        numbers = [self.parse(0 if closes or (name == "sum" and self._joins()) else MINUS_BINDING)]
        while self.next in SEPARATORS or (isinstance(self.next, Fraction) and not closes):
            while self.next in SEPARATORS:
                self._at += 1
            numbers.append(self.parse(0 if closes else MINUS_BINDING))
        if closes:
            self._close()
        elif self.next not in {None, ")", "in"}:
            refuse("it is not clear where the list ends", "put it in parentheses")
        self._listing -= 1
        self.steps += 1
        if name == "sum" and len(numbers) == 1 and self.steps > 1:  # the sum of 3 + 5
            return numbers[0]
        return of_several(name, numbers) if self._compute else numbers[0]


def spelled(token: Token | None) -> str:
    """A token as a reader would write it."""
    match token:
        case None:
            return "the end"
        case Fraction():
            return shown(Number(token))
        case Unit():
            return token.label.replace("(s)", "s")
        case Form():
            return token.name
        case Word():
            return "a word for a number"
    return "%" if token in {"percent", "mod"} else token
