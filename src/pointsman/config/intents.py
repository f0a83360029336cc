"""Reads categories from YAML: those shipped with Pointsman, then the user's, which override by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pointsman.config import yamlfile
from pointsman.core.category import Catalogue, Category, Measured, Pattern, Utterance
from pointsman.core.errors import ConfigError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
SlotName = Literal[
    "prompt", "negative", "style", "width", "height", "count", "seed", "query", "memory", "action", "expression", "code"
]

# A pattern that nobody has measured only votes: it may not decide on its author's word alone.
UNMEASURED = 0.8


class Strict(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MeasuredFile(Strict):
    """How often the pattern was right on labelled messages; written by `pointsman train patterns`."""

    right: int = Field(ge=0)
    hits: int = Field(ge=0)


class PatternFile(Strict):
    """One pattern as it stands in YAML."""

    name: Name
    regex: str = Field(min_length=1)
    unless: str = ""
    language: Language | Literal[""] = ""
    confidence: float | None = Field(default=None, ge=0, le=1)
    measured: MeasuredFile | None = None
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()

    def value(self) -> Pattern:
        """The pattern; a stated confidence wins over a measured one."""
        confidence = self.confidence
        if confidence is None:
            confidence = Measured(self.measured.right, self.measured.hits).confidence if self.measured else UNMEASURED
        return Pattern(self.name, self.regex, confidence, self.unless, self.language, self.must, self.must_not)


class CategoryFile(Strict):
    """One category: a file in an intents folder."""

    name: Name
    description: str = Field(min_length=1)
    path: Literal["image", "simple", "llm", "llm+tools"]
    slots: tuple[SlotName, ...] = ()
    tools: tuple[str, ...] = ()
    patterns: tuple[PatternFile, ...] = ()
    utterances: Mapping[Language, tuple[str, ...]] = {}
    near_misses: Mapping[Name, tuple[str, ...]] = {}
    replies: Mapping[Language, tuple[str, ...]] = {}
    enabled: bool = True

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


def shipped_folder() -> Path:
    """Where the ten categories that come with Pointsman stand."""
    return Path(str(files("pointsman.intents")))


def load(user_folder: Path | None = None) -> Catalogue:
    """All enabled categories; a user's file replaces the shipped category of the same name.

    Raises ConfigError, with file:line, when a file does not say what a category needs.
    """
    texts: dict[Path, str] = {path: yamlfile.read_text(path) for path in category_files(shipped_folder())}
    if user_folder is not None:
        if not user_folder.is_dir():
            raise ConfigError(f"{user_folder}: no such folder", cure="set intents.folder to a folder of *.yaml files")
        texts |= {path: yamlfile.read_text(path) for path in category_files(user_folder)}
    found: dict[str, CategoryFile] = {}
    for path, text in texts.items():
        read = read_category(text, str(path))
        found[read.name] = read
    digest = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()
    return Catalogue((category.value() for category in found.values() if category.enabled), digest)


def category_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, in name order."""
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def read_category(text: str, name: str) -> CategoryFile:
    """One category from the text of its file. Raises ConfigError with file:line."""
    data = yamlfile.parse(text, name)
    try:
        return CategoryFile.model_validate(data)
    except ValidationError as error:
        raise yamlfile.explain(error, text, name) from error
