"""One category as it stands in a YAML file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from pointsman.config.findings import did_you_mean
from pointsman.config.strict import Strict
from pointsman.config.values import Language, Name, Share
from pointsman.core.category import Category, Measured, Pattern, Utterance
from pointsman.core.errors import PatternError

SlotName = Literal[
    "prompt", "negative", "style", "width", "height", "count", "seed", "query", "memory", "action", "expression", "code"
]

# A pattern that nobody has measured only votes: it may not decide on its author's word alone.
UNMEASURED: Final = 0.8

Alternative = Annotated[str, StringConstraints(min_length=1)]
Place = tuple[str | int, ...]

# `{name}` in a regular expression, and before it what holds braces of its own: escapes and classes.
# Repeats such as {2,5} begin with a digit and are left alone.
REFERENCE: Final = re.compile(
    r"\\[xpP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<name>[A-Za-z][\w-]*)\}", re.DOTALL
)
PLAIN: Final = re.compile(r"[\w' ]+")


class MeasuredFile(Strict):
    """How often the pattern was right on labelled messages; written by `pointsman train patterns`."""

    right: int = Field(ge=0, description="Of its hits, how many were messages of this category.")
    hits: int = Field(ge=0, description="How many labelled messages the pattern matched.")

    @model_validator(mode="after")
    def possible(self) -> MeasuredFile:
        """Refuses more right hits than hits."""
        if self.right > self.hits:
            raise PydanticCustomError("measured", "says that it was right more often than it matched")
        return self


class PatternFile(Strict):
    """A regular expression that speaks for its category."""

    name: Name = Field(description="What the pattern is called in traces; no other of this category has the name.")
    regex: str = Field(
        min_length=1,
        description="RE2 syntax, case ignored; it may match anywhere in the message. {name} is a list in `words`.",
    )
    unless: str = Field(
        default="",
        description="RE2 syntax; where this is found too, the pattern keeps silent. {name} as in `regex`.",
    )
    language: Language | Literal[""] = Field(
        default="",
        description="The language that a match gives away, such as de.",
    )
    confidence: Share | None = Field(default=None, description="How sure a match makes; it wins over `measured`.")
    measured: MeasuredFile | None = Field(
        default=None,
        description="How sure a match makes, counted on labelled messages.",
    )
    must: tuple[str, ...] = Field(default=(), description="Texts that it has to match; run as tests.")
    must_not: tuple[str, ...] = Field(default=(), description="Texts that it has to leave alone; run as tests.")

    def value(self, words: Mapping[str, str]) -> Pattern:
        """The pattern, with `words` (see `written_out`) in place of their names.

        A stated confidence wins over a measured one.
        """
        confidence = self.confidence
        if confidence is None:
            confidence = Measured(self.measured.right, self.measured.hits).confidence if self.measured else UNMEASURED
        regex, unless = expanded(self.regex, words), expanded(self.unless, words)
        return Pattern(self.name, regex, confidence, unless, self.language, self.must, self.must_not)


class CategoryFile(Strict):
    """One category of messages: a file in an intents folder."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["name"],
            "if": {"properties": {"enabled": {"const": False}}, "required": ["enabled"]},
            "else": {"required": ["description", "path"]},
        }
    )

    name: Name = Field(description="What the category is called; a shipped category of the same name is replaced.")
    description: str = Field(min_length=1, description="What its messages want, in a sentence.")
    path: Literal["image", "simple", "llm", "llm+tools"] = Field(
        description="What serves it: the picture server, a fixed reply, the main model, or that with tools."
    )
    slots: tuple[SlotName, ...] = Field(default=(), description="What is read out of its messages.")
    tools: tuple[str, ...] = Field(default=(), description="The tools that the model may use for it.")
    words: Mapping[Name, tuple[Alternative, ...]] = Field(
        default={},
        description="Lists of alternatives in RE2 syntax, by name. Patterns, and lists further down, say {name} for "
        "(?:one|two|three).",
    )
    patterns: tuple[PatternFile, ...] = Field(default=(), description="Regular expressions that speak for it.")
    utterances: Mapping[Language, tuple[str, ...]] = Field(
        default={},
        description="What people say for it, by language.",
    )
    near_misses: Mapping[Name, tuple[str, ...]] = Field(
        default={}, description="Texts that sound like it and are not, by the category that they belong to."
    )
    replies: Mapping[Language, tuple[str, ...]] = Field(
        default={}, description="Fixed replies by language, one picked by chance; for the path simple."
    )
    enabled: bool = Field(default=True, description="false removes the category; only its name is needed then.")

    @model_validator(mode="before")
    @classmethod
    def without_the_rest(cls, data: Any) -> Any:
        """A file that removes a category need not describe it."""
        if isinstance(data, dict) and data.get("enabled") is False:
            return {"description": "removed", "path": "llm", **data}
        return data

    @model_validator(mode="after")
    def distinct(self) -> CategoryFile:
        """Refuses two patterns of one name."""
        names = [pattern.name for pattern in self.patterns]
        for name in names:
            if names.count(name) > 1:
                raise PydanticCustomError("twice", "has two patterns named '{name}'", {"name": name})
        return self

    @model_validator(mode="after")
    def sound_words(self, info: ValidationInfo) -> CategoryFile:
        """Refuses names that no list has, lists that no pattern uses, and alternatives that RE2 cannot read."""
        wrong = list(wrong_names(self))
        # What comes as JSON is from the cache, and was checked before it was kept.
        if not wrong and info.mode == "python":
            wrong = list(unused_words(self)) or list(wrong_alternatives(self.words))
        if wrong:
            raise ValidationError.from_exception_data(type(self).__name__, wrong)
        return self

    def value(self) -> Category:
        """The category as the tiers use it."""
        words = written_out(self.words)
        return Category(
            name=self.name,
            description=self.description,
            path=self.path,
            patterns=tuple(pattern.value(words) for pattern in self.patterns),
            utterances=tuple(
                Utterance(text, self.name, language) for language, texts in self.utterances.items() for text in texts
            ),
            near_misses=tuple(Utterance(text, name, "") for name, texts in self.near_misses.items() for text in texts),
            slots=self.slots,
            tools=self.tools,
            replies=MappingProxyType(dict(self.replies)),
        )


def expanded(regex: str, words: Mapping[str, str]) -> str:
    """A regular expression with `words` in place of each `{name}`. Raises KeyError for a name that is not there."""
    if "{" not in regex:
        return regex
    return REFERENCE.sub(lambda found: words[found["name"]] if found["name"] else found[0], regex)


def written_out(lists: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Lists of alternatives, each as one group; a list may name those before it."""
    words: dict[str, str] = {}
    for name, alternatives in lists.items():
        words[name] = f"(?:{'|'.join(expanded(one, words) for one in alternatives)})"
    return words


def names_in(regex: str) -> Iterator[str]:
    """The names of the lists that a regular expression uses."""
    if "{" in regex:
        yield from (found["name"] for found in REFERENCE.finditer(regex) if found["name"])


def expressions(category: CategoryFile) -> Iterator[tuple[Place, str]]:
    """Every alternative and every pattern's expressions, with where they stand in the file."""
    for name, alternatives in category.words.items():
        yield from ((("words", name, number), one) for number, one in enumerate(alternatives))
    for number, pattern in enumerate(category.patterns):
        yield ("patterns", number, "regex"), pattern.regex
        yield ("patterns", number, "unless"), pattern.unless


def wrong_names(category: CategoryFile) -> Iterator[InitErrorDetails]:
    """A finding for each name that no list has, or that is used before its list."""
    order = {name: number for number, name in enumerate(category.words)}
    for place, regex in expressions(category):
        own = order[str(place[1])] if place[0] == "words" else len(order)
        for name in names_in(regex):
            if name not in order:
                hint = did_you_mean(name, order)
                cure = f"list them under `words:`, or write \\{{{name}\\}} when the braces are meant"
                yield finding(place, f"there are no words {{{name}}}{hint}", cure)
            elif order[name] == own:
                yield finding(place, f"{{{name}}} stands for itself", "write its alternatives out")
            elif order[name] > own:
                yield finding(place, f"{{{name}}} is listed only further down", "move that list up, before this one")


def unused_words(category: CategoryFile) -> Iterator[InitErrorDetails]:
    """A finding for each list that is empty, or that no expression names."""
    used = {name for _, regex in expressions(category) for name in names_in(regex)}
    for name, alternatives in category.words.items():
        if not alternatives:
            yield finding(("words", name), "holds no words", "give it some, or remove it")
        elif name not in used:
            yield finding(("words", name), "no pattern uses it", f"write {{{name}}} in a pattern, or remove the list")


def wrong_alternatives(lists: Mapping[str, tuple[str, ...]]) -> Iterator[InitErrorDetails]:
    """A finding for each alternative that RE2 cannot read by itself, which would break out of its list."""
    from pointsman.tiers.boundaries import Script
    from pointsman.tiers.expressions import Expressions

    words = written_out(lists)
    for name, alternatives in lists.items():
        for number, one in enumerate(alternatives):
            if PLAIN.fullmatch(one):
                continue
            try:
                Expressions(Script([(expanded(one, words), name)]).expressions)
            except PatternError as error:
                yield finding(("words", name, number), error.message.removeprefix(f"{name}: "), error.cure)


def finding(place: Place, problem: str, cure: str) -> InitErrorDetails:
    """What pydantic takes for something wrong at a place in the file."""
    kind = PydanticCustomError("words", "{problem}", {"problem": problem, "cure": cure})
    return InitErrorDetails(type=kind, loc=place, input=None)
