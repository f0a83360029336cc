"""What a sign of an attack is: several wordings of one thing that attacks do, and how far an attack goes from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Reach = Literal["none", "match", "clause", "phrase", "sentence", "braces", "element"]
"""How far an attack goes from its sign.

match: what matched; clause: to the next mark; phrase: to the next colon or dash; sentence: to its end; braces: the { }
around; element: to the end of the tag. "none" is for what speaks against an attack.
"""

# Somebody else does it: "my kids ignore the rules".
TOLD: Final = "told-of-others"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that attacks do, in several wordings (RE2; the parts in <> are filled in from `vocabulary`).

    A sign is a hint and no proof: how much it weighs is learned, together with the words around it
    (training/guard.py). The first group of a wording is the attack itself.
    """

    name: str
    reach: Reach
    regexes: tuple[str, ...]


def sign(name: str, reach: Reach, *regexes: str) -> Sign:
    """A sign from its wordings."""
    return Sign(name, reach, regexes)
