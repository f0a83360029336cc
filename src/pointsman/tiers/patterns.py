"""The first look at a message: all patterns of all categories in one pass, in time linear in its length."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import re2

from pointsman.core.category import Catalogue, Path, Pattern
from pointsman.core.decision import Abstain, Answer, Evidence, Verdict
from pointsman.core.errors import PatternError
from pointsman.core.message import Message
from pointsman.tiers.boundaries import Script
from pointsman.tiers.regex_reader import explained

# RE2 builds the states of its automaton as texts need them, and starts again when they no longer fit: then every
# character costs a new state. In bytes; only as much is used as texts have asked for.
MEMORY: Final = 64 << 20

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
    """A pattern at work: the places of its `regex` and `unless` among all expressions; -1 for no `unless`."""

    category: str
    path: Path
    pattern: Pattern
    regex: int
    unless: int


class Patterns:
    """The tier of regular expressions. Raises PatternError for one that RE2 cannot run."""

    name = "patterns"

    def __init__(self, catalogue: Catalogue) -> None:
        places: dict[str, int] = {}
        named: list[tuple[str, str]] = []

        def place_of(regex: str, name: str) -> int:
            if regex not in places:  # many patterns share an `unless`
                places[regex] = len(named)
                named.append((regex, name))
            return places[regex]

        self._rules: dict[int, list[Rule]] = {}
        for category in catalogue:
            for pattern in category.patterns:
                name = f"{category.name}/{pattern.name}"
                regex = place_of(pattern.regex, name)
                unless = place_of(pattern.unless, f"{name}, unless") if pattern.unless else -1
                self._rules.setdefault(regex, []).append(Rule(category.name, category.path, pattern, regex, unless))
        self._script = Script(named, fold)
        self._set = compiled(self._script.regexes, named) if named else None

    def fired(self, text: str) -> list[Rule]:
        """The patterns that match a text, in no order."""
        if self._set is None:
            return []
        found = self._set.Match(self._script.text(fold(text.strip())))
        if not found:
            return []
        return [rule for place in found for rule in self._rules.get(place, ()) if rule.unless not in found]

    def judge(self, message: Message) -> Verdict:
        """The category whose surest pattern fires, or an abstention."""
        fired = self.fired(message.look)
        return answer_from(fired) if fired else NO_MATCH


def compiled(regexes: Sequence[str], named: Sequence[tuple[str, str]]) -> Any:
    """RE2's set of all expressions. Raises PatternError."""
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = MEMORY
    together = re2.Set.SearchSet(options)
    for regex, (pattern, name) in zip(regexes, named, strict=True):
        try:
            together.Add(regex)
        except re2.error:
            raise explained(name, pattern, complaint_about(regex, options)) from None
    try:
        together.Compile()
    except re2.error:
        raise PatternError("all patterns together are too large for RE2", cure="remove or shorten some") from None
    return together


def complaint_about(regex: str, options: Any) -> str:
    """What RE2 does not like about an expression."""
    try:
        re2.compile(regex, options)
    except re2.error as error:
        complaint = error.args[0] if error.args else ""
        return complaint.decode(errors="replace") if isinstance(complaint, bytes) else str(complaint)
    return "it is too large"


def answer_from(fired: Iterable[Rule]) -> Answer:
    """The answer that patterns which fired together give; there is at least one."""
    rules = sorted(fired, key=lambda rule: (-rule.pattern.confidence, rule.category, rule.pattern.name))
    best = rules[0]
    rivals = [rule for rule in rules if rule.path != best.path]
    if best.path == "simple" and rivals and best.pattern.confidence - rivals[0].pattern.confidence <= COMPARABLE:
        best = rivals[0]
        rivals = [rule for rule in rules if rule.path not in {best.path, "simple"}]
    confidence = best.pattern.confidence
    scores: dict[str, float] = {}
    for rule in rules:
        scores.setdefault(rule.category, rule.pattern.confidence)
    return Answer(
        best.category,
        confidence,
        confidence - rivals[0].pattern.confidence if rivals else confidence,
        f"pattern {best.category}/{best.pattern.name}, trusted to {confidence:.2f}",
        scores=scores,
        evidence=tuple(evidence_of(rule) for rule in rules),
        language=best.pattern.language,
    )


def evidence_of(rule: Rule) -> Evidence:
    """A pattern that fired, as evidence."""
    text = f"{rule.category}/{rule.pattern.name}"
    return Evidence("pattern", text, rule.category, rule.pattern.confidence)
