"""The patterns of all categories, looked for together, in time linear in a message's length."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pointsman.core.category import Catalogue, Path, Pattern
from pointsman.core.decision import Abstain, Answer, Evidence, Verdict
from pointsman.core.message import Message
from pointsman.tiers.boundaries import Script
from pointsman.tiers.expressions import Expressions
from pointsman.tiers.regex_reader import Expression

# One RE2 set of all patterns would look through a text once, but its automaton has a state for every combination of
# what has been seen so far and meets new ones in almost every message: p50 200 us, growing past 64 MB. Dealt out to a
# few sets, states are soon known (bench/patterns.py), and patterns that start with ^ stop looking where they fail.
SETS_FROM_START: Final = 1
SETS_ANYWHERE: Final = 3

# A message that is nothing but a greeting or a thank-you wants nothing else. If another path's pattern fires that
# is nearly as sure, it is not nothing else.
COMPARABLE: Final = 0.1

# Apostrophes and quotation marks as phones and word processors set them; variation selectors only choose a glyph.
FOLDED: Final = (("’", "'"), ("‘", "'"), ("ʼ", "'"), ("“", '"'), ("”", '"'), ("„", '"'), ("\ufe0f", ""), ("\ufe0e", ""))  # noqa: RUF001

NO_MATCH: Final = Abstain("no pattern matches")


def fold(text: str) -> str:
    """`text` as patterns see it: straight quotation marks, compatibility forms (NFKC) as plain characters."""
    if text.isascii():
        return text
    for found, plain in FOLDED:
        text = text.replace(found, plain)
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern at work, with what keeps it silent; `own` is one that the user wrote."""

    category: str
    path: Path
    pattern: Pattern
    unless: Expressions | None
    own: bool = False


class Patterns:
    """The tier of regular expressions. Raises PatternError for one that RE2 cannot run."""

    name = "patterns"

    def __init__(self, catalogue: Catalogue) -> None:
        owned = [(category, pattern) for category in catalogue for pattern in category.patterns]
        named = [(pattern.regex, f"{category.name}/{pattern.name}") for category, pattern in owned]
        exclusions = {pattern.unless: f"{name}, unless" for (_, pattern), (_, name) in zip(owned, named, strict=True)}
        exclusions.pop("", None)
        self._script = Script([*named, *exclusions.items()], fold)
        ready = self._script.expressions
        unless = {one.pattern: Expressions([one]) for one in ready[len(owned) :]}
        self._rules = [
            Rule(category.name, category.path, it, unless.get(it.unless), category.name in catalogue.own)
            for category, it in owned
        ]
        self._sets = [*dealt(ready[: len(owned)], from_start=True), *dealt(ready[: len(owned)], from_start=False)]
        for expressions in self._sets:
            expressions.compile()

    def fired(self, text: str) -> list[Rule]:
        """The patterns that match a text, in no order."""
        searched = self._script.text(fold(text.strip())).encode()
        found = [self._rules[place] for expressions in self._sets for place in expressions.found_in(searched)]
        return [rule for rule in found if rule.unless is None or not rule.unless.found_in(searched)]

    def judge(self, message: Message) -> Verdict:
        """The category whose surest pattern fires, or an abstention."""
        fired = self.fired(message.look)
        return answer_from(fired) if fired else NO_MATCH


def dealt(expressions: Iterable[Expression], *, from_start: bool) -> list[Expressions]:
    """The expressions that can match only at the start of a text, or the others, in a few sets."""
    some = [one for one in expressions if one.from_start == from_start]
    count = SETS_FROM_START if from_start else SETS_ANYWHERE
    return [Expressions(some[first::count]) for first in range(min(count, len(some)))]


def answer_from(fired: Iterable[Rule]) -> Answer:
    """The answer that patterns which fired together give; there is at least one.

    The surest decides, but a pattern of the user's own that is nearly as sure goes before those that were shipped.
    """
    rules = sorted(fired, key=lambda rule: (-rule.pattern.confidence, rule.category, rule.pattern.name))
    best = next((rule for rule in rules if rule.own and comparable(rule, rules[0])), rules[0])
    rivals = [rule for rule in rules if rule.path != best.path]
    if not best.own and best.path == "simple" and rivals and comparable(rivals[0], best):
        best = rivals[0]
        rivals = [rule for rule in rules if rule.path not in {best.path, "simple"}]
    confidence = best.pattern.confidence
    scores: dict[str, float] = {}
    for rule in rules:
        scores.setdefault(rule.category, rule.pattern.confidence)
    return Answer(
        best.category,
        confidence,
        max(confidence - rivals[0].pattern.confidence, 0.0) if rivals else confidence,
        f"pattern {best.category}/{best.pattern.name}, trusted to {confidence:.2f}",
        scores=scores,
        evidence=tuple(evidence_of(rule) for rule in rules),
        language=best.pattern.language,
    )


def comparable(rule: Rule, other: Rule) -> bool:
    """Whether a pattern is at least nearly as sure as another."""
    return other.pattern.confidence - rule.pattern.confidence <= COMPARABLE


def evidence_of(rule: Rule) -> Evidence:
    """A pattern that fired, as evidence."""
    text = f"{rule.category}/{rule.pattern.name}"
    return Evidence("pattern", text, rule.category, rule.pattern.confidence)
