"""Reads categories from YAML: those shipped with Pointsman, then the user's, which override by name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import ValidationError

from pointsman.config import yamlfile
from pointsman.config.cache import Cache, packed_file, read, write
from pointsman.config.category_file import CategoryFile, MeasuredFile, PatternFile
from pointsman.config.findings import Finding, did_you_mean
from pointsman.config.yamlfile import Document
from pointsman.core.category import Catalogue
from pointsman.core.errors import ConfigError

if TYPE_CHECKING:
    from pointsman.config.model import Config

__all__ = [
    "CategoryFile",
    "MeasuredFile",
    "PatternFile",
    "category_files",
    "load",
    "of",
    "read_category",
    "shipped_folder",
]

# Raised when the same files would be read differently; a change of their schema is noticed by itself.
READER: Final = b"2"


@dataclass(frozen=True, slots=True)
class Source:
    """A category file as it was found."""

    path: Path
    content: bytes
    shipped: bool

    @property
    def document(self) -> Document:
        """The file, parsed. Raises ConfigError with file:line."""
        return Document(yamlfile.decode(self.content, str(self.path)), str(self.path))


def load(
    user_folder: Path | None = None,
    *,
    shipped: bool = True,
    cache_folder: Path | Literal["default"] | None = "default",
) -> Catalogue:
    """All enabled categories; a user's file adds one, replaces the shipped one of its name, or removes it.

    Without `shipped` there are none but the user's.

    What was parsed is kept in `cache_folder` (None: nowhere, and nothing is taken from one), so that only the first
    start after a change parses YAML, and only the file that changed: 0.8 s for the 400 kB that are shipped, against
    10 ms. Raises ConfigError, with file:line, when a file does not say what a category needs.
    """
    sources = found_in(user_folder, shipped=shipped)
    return parsed(sources, shipped=shipped, cache_folder=cache_folder)


def found_in(user_folder: Path | None, *, shipped: bool) -> tuple[Source, ...]:
    """All category files, the shipped ones first. Raises ConfigError when there is no such folder."""
    folders = (shipped_folder() if shipped else None, user_folder)
    return tuple(source for folder in folders if folder for source in sources_in(folder))


def parsed(sources: Sequence[Source], *, shipped: bool, cache_folder: Path | Literal["default"] | None) -> Catalogue:
    """The catalogue that some files make. Raises ConfigError."""
    fingerprint = digest(*(part for source in sources for part in (bytes([source.shipped]), source.content)))
    cache = Cache(default_cache_folder() if cache_folder == "default" else cache_folder)
    known = {} if cache_folder is None else {**cache.read(), **(read(packed_file()) if shipped else {})}
    keys = [key_of(source) for source in sources]
    found = {key: known.get(key) or validated(source.document) for key, source in zip(keys, sources, strict=True)}
    read_in_order = [(found[key], source) for key, source in zip(keys, sources, strict=True)]
    categories = merged(read_in_order)
    own = [category.name for category, source in read_in_order if not source.shipped]
    if fresh := {key: category for key, category in found.items() if key not in known}:
        cache.add(fresh)
    return Catalogue((category.value() for category in categories if category.enabled), fingerprint, own)


def of(config: Config) -> Catalogue:
    """The categories that a configuration asks for. Raises ConfigError, also when its fallback is none of them."""
    catalogue = listed(config)
    if lost := lost_fallback(config, catalogue):
        raise ConfigError(f"fallback: {lost.problem}", cure=lost.cure)
    return catalogue


def listed(config: Config) -> Catalogue:
    """The same, whatever else the configuration names. Raises ConfigError."""
    return latest(found_in(config.intents.folder, shipped=config.intents.shipped), config.intents.shipped)


@lru_cache(maxsize=1)
def latest(sources: tuple[Source, ...], shipped: bool) -> Catalogue:  # noqa: FBT001 - lru_cache knows it by its place
    """The catalogue of some files; the same one while they stay as they are, with all that was derived from it."""
    return parsed(sources, shipped=shipped, cache_folder="default")


def lost_fallback(config: Config, catalogue: Catalogue) -> Finding | None:
    """What is wrong with the fallback, if it is no category that there is."""
    name = config.fallback
    if name in catalogue:
        return None
    known = ", ".join(catalogue.names)
    cure = f"set `fallback:` to one of: {known}" if known else "write a category, or take `shipped: false` out"
    if "fallback" in config.model_fields_set:
        return Finding(f"there is no category {name!r}{did_you_mean(name, catalogue.names)}", cure)
    return Finding(f"there is no category {name!r}, which is the default of this key", cure)


def pack(folder: Path) -> None:
    """Puts the shipped categories, parsed, into a folder of model files. Raises ConfigError and OSError."""
    sources = sources_in(shipped_folder())
    file = folder / packed_file().name
    write(file, {key_of(source): validated(source.document) for source in sources})
    file.chmod(0o644)  # for everybody who may use the installation


def key_of(source: Source) -> str:
    """A digest of all that a parsed file depends on."""
    return digest(READER, schema_file().read_bytes(), source.content)[:32]


def merged(read: Sequence[tuple[CategoryFile, Source]]) -> tuple[CategoryFile, ...]:
    """The categories of all files, later ones over earlier ones. Raises ConfigError with file:line."""
    found: dict[str, tuple[CategoryFile, Source]] = {}
    for category, source in read:
        rival = found[category.name][1] if category.name in found else None
        if rival and rival.shipped == source.shipped:
            raise ConfigError(
                f"{source.document.where(['name'])}: name: {category.name!r} is already in {rival.path}",
                cure="rename or remove one of the two",
            )
        if rival is None and not category.enabled:
            raise ConfigError(
                f"{source.document.where(['name'])}: name: there is no category {category.name!r} to remove"
                + did_you_mean(category.name, found),
                cure="name a shipped category, or delete the file",
            )
        found[category.name] = (category, source)
    for category, source in found.values():
        check_near_misses(category, source, tuple(found))
    return tuple(category for category, _ in found.values())


def check_near_misses(category: CategoryFile, source: Source, names: Sequence[str]) -> None:
    """Raises ConfigError with file:line when near misses belong to a category that is nowhere."""
    for name in category.near_misses:
        if name not in names:
            raise ConfigError(
                f"{source.document.where(['near_misses', name])}: near_misses: there is no category {name!r}"
                + did_you_mean(name, names),
                cure=f"use one of: {', '.join(names)}",
            )


def read_category(text: str, name: str) -> CategoryFile:
    """One category from the text of its file. Raises ConfigError with file:line."""
    return validated(Document(text, name))


def validated(document: Document) -> CategoryFile:
    """The category that a document describes. Raises ConfigError with file:line."""
    try:
        return CategoryFile.model_validate(document.data)
    except ValidationError as error:
        raise yamlfile.explain(error, document, CategoryFile) from None


def sources_in(folder: Path) -> list[Source]:
    """The category files of a folder, read. Raises ConfigError when there is no such folder."""
    shipped = folder == shipped_folder()
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder", cure="set intents.folder to a folder of *.yaml files")
    return [Source(path, yamlfile.read_bytes(path), shipped) for path in category_files(folder)]


def category_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, in name order."""
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def shipped_folder() -> Path:
    """Where the ten categories that come with Pointsman stand."""
    return Path(str(files("pointsman.intents")))


def schema_file() -> Path:
    """The committed JSON Schema of a category file; a test keeps it up to date."""
    return Path(__file__).with_name("intent.schema.json")


def default_cache_folder() -> Path:
    """Where this person's programs keep what can be made again."""
    from platformdirs import user_cache_path

    return user_cache_path("pointsman")


def digest(*parts: bytes) -> str:
    """SHA-256 over the parts and where each ends."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()
