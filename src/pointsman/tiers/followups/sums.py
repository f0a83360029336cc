# ruff: noqa: RUF001  (words of many scripts)
"""Goes on from the last sum: "17*23" and "times 3" is "(17*23) times 3"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pointsman.tiers.followups.coarse import regex
from pointsman.tiers.slots.linear import either, plain

# What a sum goes on with: a sign, or its name, and a number or nothing.
SIGN: Final = either(
    r"[-+*/^×÷%]|\*\*", "times", "multiplied by", "divided by", "plus", "minus", "add(?:ed)?(?: to)?", "subtract",
    "mod(?:ulo)?", "to the power(?: of)?", "raised to", "over", "squared", "cubed", "square it", "cube it",
    "halved?", "half of (?:it|that)", "double(?:d| it| that)?", "triple(?:d| it| that)?", "square root", "sqrt",
    "percent", "less", "x", "mal", "geteilt durch", "durch", "por", "más", "menos", "entre",
    "dividido (?:por|entre)", "fois", "multiplié par", "divisé par", "moins", "per", "diviso(?: per)?", "più",
    "meno", "vezes", "mais", "keer", "gedeeld door", "razy", "podzielić przez", "podzielone przez", "dodać", "odjąć",
    "умножить на", "умножь на", "разделить на", "плюс", "минус", "かける", "割る", "足す", "引く", "乘以?", "除以",
    "加上?", "减去?", "곱하기", "나누기", "더하기", "빼기", "गुणा", "भाग", "जोड़",
)  # fmt: skip
GOES_ON: Final = (
    rf"(?:(?:it|that|the (?:result|answer|total))(?: all)? )?(?:{SIGN})(?:\s*[-\d(.$€£]|\s+(?:tax|vat|tip|gst)"
    r"|\s+(?:by |it by |by that |of that |that|it|the |\d|two|three|four|five|ten|a |pi).*|\s*\z)|(?:rounded"
    r"|rounding|multiply|divide|add|subtract|round|increase|reduce|raise|square|double|halve|convert)(?:\s|\z)"
)
# Another number for the same question, or the same thing in another unit or notation.
ANOTHER: Final = (
    r"(?:(?:for|with|of|from|if it(?:'s| is| was)|mit|für|con|para|avec|pour|per|com|met|voor|dla|z|для"
    r"|с)\s+)?[-+]?[$€£¥]?\d[\d.,\s]*(?:[%°]|[-+*/^×÷x()\d\s.,]|\s?\pL{1,12}){0,2}[\s?]*\z"
    r"|(?:in|as|to|into|als|en|como|em|w|в)\s+(?:an? )?(?:hex(?:adecimal)?|binary|octal|decimals?|fractions?"
    r"|percent(?:ages?)?|roman numerals|scientific notation|\pL{1,14}(?: per \pL+)?)\z"
)


def goes_on(core: str) -> bool:
    """Whether somebody goes on computing."""
    return regex(GOES_ON).match(core) is not None or regex(ANOTHER).match(core) is not None


# To what a sum is converted, said of the last one, or at its end.
INTO: Final = r"(?:in|to|into|as|en|em|à|nach|na|naar|в|на)\s"
CONVERTED: Final = r".*\S(\s(?:in|to|into|as|en|em|à|nach|na|naar|в|на)\s+\D+)\z"


def merged(expression: str, core: str, expression_of: Callable[[str], str]) -> str:
    """The expression that is wanted after one, "" when it cannot be told; `expression_of` finds one in a text."""
    core = plain(core).strip()
    if regex(rf"(?:{SIGN})").match(core) or core.lower().startswith(("squared", "halved")):
        return expression_of(f"({expression}) {core}")
    if regex(INTO).match(core):  # "5 miles in km", "and in meters?"
        return expression_of(f"({expression}) {core}")
    if own := expression_of(core):
        return own
    converted = regex(CONVERTED).match(expression)  # "5 miles in km", "and 10 miles?"
    return expression_of(core + converted.group(1)) if converted else ""
