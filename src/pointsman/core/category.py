"""What can be wanted: categories are data, read from YAML, never named in code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

from pointsman.core.errors import ConfigError

Path = Literal["image", "simple", "llm", "llm+tools"]

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Measured:
    """How often a pattern was right on labelled messages: `right` of `hits`."""

    right: int
    hits: int

    @property
    def confidence(self) -> float:
        """Laplace's rule of succession: few hits, little trust (3 of 3 is 0.8, 40 of 40 is 0.98)."""
        return (self.right + 1) / (self.hits + 2)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression (RE2 syntax, case ignored) that speaks for its category.

    It matches a text when `regex` is found in it and `unless` is not. `must` and `must_not`
    are texts that it has to match and to leave alone; they are run as tests. `language` is a
    BCP 47 primary tag, or empty when the pattern says nothing about the language.
    """

    name: str
    regex: str
    confidence: float
    unless: str = ""
    language: str = ""
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """An example of what people say for a category, in a language (BCP 47 primary tag)."""

    text: str
    category: str
    language: str


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that a message can want, the path that serves it, and what is known of it."""

    name: str
    description: str
    path: Path
    patterns: tuple[Pattern, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    near_misses: tuple[Utterance, ...] = ()
    slots: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    replies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Catalogue:
    """All categories, in order; iterating yields them, `[]` finds one by name.

    `own` names those that the user wrote, or wrote anew.
    """

    def __init__(self, categories: Iterable[Category], fingerprint: str = "", own: Iterable[str] = ()) -> None:
        self._by_name = {category.name: category for category in categories}
        self.fingerprint = fingerprint
        self.own = frozenset(own)
        self._one_path = len({category.path for category in self}) == 1
        self._derived: dict[Any, Any] = {}

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Category:
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(self._by_name)
            raise ConfigError(f"there is no category {name!r}", cure=f"use one of: {known}") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the categories, in order."""
        return tuple(self._by_name)

    def path_of(self, name: str) -> Path:
        """The path that serves a category."""
        return self[name].path

    def side_of(self, name: str) -> str:
        """What a choice must get right: a category's path, or its name where all categories take the same path."""
        return name if self._one_path else self[name].path

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        """Every example: each category's utterances, and the near misses that belong to another."""
        return tuple(
            utterance
            for category in self
            for utterance in (*category.utterances, *category.near_misses)
            if utterance.category in self
        )

    def derived(self, make: Callable[[Catalogue], Made]) -> Made:
        """What `make` makes of the categories; made once, as it is the same for all who use this catalogue.

        It must be nothing that changes when it is used, and nothing that the catalogue's own memory would not bear.
        """
        if make not in self._derived:
            self._derived[make] = make(self)
        made: Made = self._derived[make]
        return made
