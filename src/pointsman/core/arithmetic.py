# ruff: noqa: RUF001  (operators as people type them)
"""Exact arithmetic on short texts: "23*19", "15% of 80", "square root of 144"; bounded in time and size.

The grammar, loosest first (a Pratt parser; Vaughan Pratt, "Top Down Operator Precedence", 1973):

    + -                       a percentage on the right is taken of the left: 80 + 15% is 92
    of  off                   15% of 80 is 12, 15% off 80 is 68
    * / // %                  also x, times, divided by, mod; % is a remainder only before an operand: 7 % 3 is 1
    -                         before a number: -2^2 is -4
    ** ^                      from the right: 2^3^2 is 2^9; also squared, cubed, to the power of
    ! %                       factorial; percent

Operators may be spelled in English, German, Spanish, French, Italian, Portuguese, Dutch, Polish,
Russian, Chinese, Japanese and Korean.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from pointsman.core.errors import InvalidInput
from pointsman.core.exact import Number, after, bounded, joined, refuse, root_of, shown

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 50

SPELLED: Final = {
    "+": "plus|más|più|mais|плюс|加|足す|たす|더하기",
    "-": "minus|menos|moins|meno|минус|减|減|引く|ひく|빼기",
    "*": (
        "times|multiplied by|x|mal|multipliziert mit|por|multiplicado por|fois|multiplié par|per|moltiplicato per"
        "|vezes|keer|maal|razy|умножить на|乘以|乘|かける|掛ける|곱하기"
    ),
    "/": (
        "divided by|over|geteilt durch|durch|dividido entre|dividido por|entre|divisé par|diviso per|diviso"
        "|gedeeld door|podzielić przez|разделить на|делить на|除以|割る|わる|나누기"
    ),
    "mod": "modulo|mod",
    "^": "raised to the power of|to the power of|raised to|hoch|elevado a|puissance|alla|do potęgi|в степени",
    "²": "squared|al cuadrado|au carré|al quadrato|ao quadrado|zum quadrat|в квадрате",
    "³": "cubed|al cubo|au cube|ao cubo|в кубе",
    "√": (
        "the square root of|square root of|square root|the sqrt of|sqrt of|sqrt|quadratwurzel aus|wurzel aus"
        "|raíz cuadrada de|racine carrée de|radice quadrata di|raiz quadrada de|wortel van|pierwiastek z|корень из"
    ),
    "!": "factorial|fakultät|factorielle|fattoriale|fatorial|silnia",
    "percent": "percent|per cent|prozent|por ciento|por cento|pour cent|per cento|procent|процентов|процента",
    "of": "of|von|de|di|van|от",
    "off": "off",
}
MEANING: Final = {spelling: sign for sign, spellings in SPELLED.items() for spelling in spellings.split("|")}
SIGNS: Final = str.maketrans("×⋅·∗＊÷／−–＋（）％＾", "*****//--+()%^")

# Every alternative starts differently or is tried longest first, and none nests a repetition: linear time.
TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![.,]?\d)|\.\d+(?![.,]?\d))"
    r"|(?P<word>(?:" + "|".join(sorted(map(re.escape, MEANING), key=len, reverse=True)) + r")(?![^\W\d_]))"
    r"|(?P<sign>\*\*|//|[-+*/%^()!²³√]))",
    re.IGNORECASE,
)
SPACES: Final = re.compile(r"\s+")
OPERAND_STARTS: Final = frozenset({"(", "√"})
BINDING: Final = {"+": 10, "-": 10, "of": 20, "off": 20, "*": 30, "/": 30, "//": 30, "mod": 30, "^": 50}
MINUS_BINDING: Final = 40
ROOT_BINDING: Final = 45
POSTFIX: Final = frozenset({"!", "percent", "²", "³"})

Token = Fraction | str


def evaluate(expression: str) -> str:
    """The value of an expression, as text.

    Integers and exact decimals of up to 15 significant digits stand plain; anything else is rounded to 12
    significant digits (15 for irrational roots) and begins with "≈ ". Raises InvalidInput.
    """
    return shown(compute(expression))


def compute(expression: str) -> Number:
    """The value of an expression. Raises InvalidInput, with the cause, for anything that is not one."""
    if len(expression) > MAX_LENGTH:
        refuse(f"the expression has {len(expression)} characters", f"keep it to {MAX_LENGTH}")
    parser = Parser(tokens_of(expression))
    number = parser.parse(0)
    if parser.next is not None:
        refuse(f"nothing joins the values before {spelled(parser.next)}", "put an operator between them, as in 2 * 3")
    return number


def spelled(token: Token | None) -> str:
    """A token as a reader would write it."""
    if token is None:
        return "the end"
    if isinstance(token, Fraction):
        return shown(Number(token))
    return "%" if token in {"percent", "mod"} else token


def tokens_of(expression: str) -> list[Token]:
    """The numbers and operators of an expression, the two meanings of % told apart."""
    text = SPACES.sub(" ", expression.translate(SIGNS)).rstrip()
    if re.match(r".*(?<!\d)0x\d", text, re.IGNORECASE):
        refuse("hexadecimal numbers are not read", "write them in decimal")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()[:20]
            refuse(f"{rest!r} is not a number or an operator", "use digits, + - * / // % ^ ! ( ) sqrt, and 1,234.5")
        at = match.end()
        number, word, sign = match.group("number", "word", "sign")
        if number:
            found.append(Fraction(number.replace(",", "")))
        elif word:
            found.append(MEANING[word.lower()])
        else:
            found.append("^" if sign == "**" else sign)
    for place in [place for place, part in enumerate(found) if part == "%"]:
        following = found[place + 1] if place + 1 < len(found) else None
        found[place] = "mod" if isinstance(following, Fraction) or following in OPERAND_STARTS else "percent"
    return found


class Parser:
    """Reads tokens from left to right and computes as it goes."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token | None:
        """The token to read next, None at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

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
                left = bounded(after(sign, left))
            elif BINDING.get(sign, 0) > binding:
                self._at += 1
                right = self.parse(BINDING[sign] - (sign == "^"))
                left = bounded(joined(sign, left, right))
            else:
                break
        self._depth -= 1
        return left

    def _operand(self) -> Number:
        start = self.next
        self._at += 1
        if isinstance(start, Fraction):
            return Number(start)
        if start in {"-", "+"}:
            number = self.parse(MINUS_BINDING)
            return number if start == "+" else Number(-number.value, number.exact, number.percent)
        if start == "√":
            return root_of(self._operand() if self.next == "(" else self.parse(ROOT_BINDING))
        if start == "(":
            number = self.parse(0)
            if self.next != ")":
                refuse("a parenthesis is not closed", "add the missing )")
            self._at += 1
            return Number(number.value, number.exact)
        raise InvalidInput(f"a number is missing before {spelled(start)}", cure="write one, as in 2 * 3")
