"""One category as it stands in a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pointsman.config.model import Strict
from pointsman.config.values import Language, Name, Share
from pointsman.core.category import Category, Measured, Pattern, Utterance

SlotName = Literal[
    "prompt", "negative", "style", "width", "height", "count", "seed", "query", "memory", "action", "expression", "code"
]

# A pattern that nobody has measured only votes: it may not decide on its author's word alone.
UNMEASURED: Final = 0.8


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
    regex: str = Field(min_length=1, description="RE2 syntax, case ignored; it may match anywhere in the message.")
    unless: str = Field(default="", description="RE2 syntax; where this is found too, the pattern keeps silent.")
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

    def value(self) -> Pattern:
        """The pattern; a stated confidence wins over a measured one."""
        confidence = self.confidence
        if confidence is None:
            confidence = Measured(self.measured.right, self.measured.hits).confidence if self.measured else UNMEASURED
        return Pattern(self.name, self.regex, confidence, self.unless, self.language, self.must, self.must_not)


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

    def value(self) -> Category:
        """The category as the tiers use it."""
        return Category(
            name=self.name,
            description=self.description,
            path=self.path,
            patterns=tuple(pattern.value() for pattern in self.patterns),
            utterances=tuple(
                Utterance(text, self.name, language) for language, texts in self.utterances.items() for text in texts
            ),
            near_misses=tuple(Utterance(text, name, "") for name, texts in self.near_misses.items() for text in texts),
            slots=self.slots,
            tools=self.tools,
            replies=MappingProxyType(dict(self.replies)),
        )
