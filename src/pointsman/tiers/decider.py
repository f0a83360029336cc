"""The seam to whoever gives a probability to each category, and the tier that asks them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.belief import believe
from pointsman.tiers.calibration import UNCHANGED, Maps, calibrated
from pointsman.tiers.question import MOST_DESCRIPTION

# A choice of the System One format has 2 to 255 options.
MOST_OPTIONS: Final = 255
# What a message wants stands at its beginning or its end; 2,000 characters are about 500 tokens, of which a decision
# model bills every one.
MOST_TEXT: Final = 2000


@dataclass(frozen=True, slots=True)
class Shares:
    """What an oracle gave to each category, 0..1 and about 1 in all; `model` is who gave it."""

    model: str
    shares: Mapping[str, float]


class Oracle(Protocol):
    """A decision model, or one that compares a text with descriptions."""

    name: str

    async def shares(self, text: str, options: Mapping[str, str]) -> Shares:
        """The probability of each option; `options` maps names of categories to their descriptions.

        Raises ServiceFailed.
        """
        ...


class Decider:
    """Asks an oracle for the probability of every category, and answers with the likeliest path's likeliest one.

    The oracle sees at most `most` characters of a message, its beginning and its end. Its probabilities are taken
    as they are, unless `maps` were measured for it.
    """

    remote = True

    def __init__(
        self,
        oracle: Oracle,
        catalogue: Catalogue,
        *,
        maps: Maps = UNCHANGED,
        most: int = MOST_TEXT,
        name: str = "decider",
    ) -> None:
        self.name = name
        self._oracle = oracle
        self._path_of = {category.name: catalogue.side_of(category.name) for category in catalogue}
        self._options = {category.name: described(category.name, category.description) for category in catalogue}
        self._maps = maps
        self._most = most

    async def judge(self, message: Message) -> Verdict:
        """The likeliest path's likeliest category. Raises ServiceFailed."""
        if message.wordless:
            return Abstain("there are no words in it")
        if len(self._options) < 2:
            return Abstain(f"there is no choice of categories: {len(self._options)}")
        if len(self._options) > MOST_OPTIONS:
            return Abstain(f"{len(self._options)} categories are more than the {MOST_OPTIONS} that can be asked about")
        said = await self._oracle.shares(ends_of(message.look.strip(), self._most), self._options)
        who = f"{self._oracle.name} ({said.model})" if said.model else self._oracle.name
        shares = sound(said.shares, self._options)
        if not any(shares.values()):
            return Abstain(f"{who} gives no category a probability")
        return calibrated(self._answer(shares, who), self._maps)

    def _answer(self, shares: Mapping[str, float], who: str) -> Answer:
        belief = believe(shares, self._path_of)
        return Answer(
            category=belief.category,
            confidence=belief.of_category,
            path_confidence=belief.of_path,
            margin=belief.margin,
            reason=f"{who} gives {belief.category} {belief.of_category:.2f}",
            scores=shares,
        )


def described(name: str, description: str) -> str:
    """A category's description on one line; its name in plain words when it has none."""
    return " ".join(description.split())[:MOST_DESCRIPTION] or name.replace("_", " ")


def ends_of(text: str, most: int) -> str:
    """A text as it is, or its beginning and its end when it has more than `most` characters."""
    if len(text) <= most:
        return text
    tail = most // 4
    return f"{text[: most - tail]} … {text[-tail:]}"


def sound(shares: Mapping[str, float], options: Mapping[str, str]) -> dict[str, float]:
    """The probability of every option; what is no probability counts as 0, and together they are at most 1."""
    known = {name: shares.get(name, 0.0) for name in options}
    held = {name: min(share, 1.0) if math.isfinite(share) and share > 0 else 0.0 for name, share in known.items()}
    total = sum(held.values())
    return {name: share / total for name, share in held.items()} if total > 1 else held
