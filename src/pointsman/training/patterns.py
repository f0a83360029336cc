"""Measures how often each pattern is right, and writes that into the category files."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pointsman.config import intents, yamlfile
from pointsman.config.yamlfile import Document
from pointsman.core.category import Catalogue, Measured
from pointsman.core.errors import ConfigError
from pointsman.core.message import Message
from pointsman.tiers.patterns import Patterns

Figures = Mapping[tuple[str, str], Measured]
"""By category and pattern name."""

Edit = tuple[int, int, str]
"""Put a text in place of what stands from one character of a file to another."""

BYTE_ORDER_MARK: Final = "\ufeff"
BLOCK_SCALARS: Final = ("|", ">")


def measure(catalogue: Catalogue, labelled: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Measured]:
    """How often each pattern matches, and how often the message then is of its category.

    `labelled` are `(text, category)`; the catalogue's utterances and near misses count too, the
    patterns' own `must` and `must_not` do not. A message that comes twice counts once.
    """
    patterns = Patterns(catalogue)
    own = ((utterance.text, utterance.category) for utterance in catalogue.utterances)
    hits = {(category.name, pattern.name): 0 for category in catalogue for pattern in category.patterns}
    right = dict(hits)
    for text, category in dict.fromkeys((text.strip(), category) for text, category in (*labelled, *own)):
        for rule in patterns.fired(Message(text).look):
            key = rule.category, rule.pattern.name
            hits[key] += 1
            right[key] += rule.category == category
    return {key: Measured(right[key], hits[key]) for key in hits}


def write(folder: Path, measured: Figures) -> list[Path]:
    """Puts the figures into the files of a folder, touching nothing else; returns the files that changed.

    Raises ConfigError, with file:line, for a file that cannot be edited so.
    """
    changed: list[Path] = []
    for path in intents.category_files(folder):
        before = path.read_bytes()
        text = yamlfile.decode(before, str(path))
        after = rewritten(text, str(path), measured)
        if after != text:
            mark = BYTE_ORDER_MARK if before.startswith(BYTE_ORDER_MARK.encode()) else ""
            replace_file(path, (mark + after).encode())
            changed.append(path)
    return changed


def rewritten(text: str, name: str, measured: Figures) -> str:
    """The text of a category file with new figures. Raises ConfigError with file:line."""
    document = Document(text, name)
    wanted = copy.deepcopy(document.data)
    edits: list[Edit] = []
    for number, (pattern, figures) in enumerate(figures_for(wanted, measured)):
        if figures is not None:
            pattern["measured"] = {"right": figures.right, "hits": figures.hits}
            edits += edits_for(document, number, figures)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    if yamlfile.parse(text, name) != wanted:
        raise ConfigError(f"{name}: its layout is too unusual to be edited", cure="write its patterns in block style")
    return text


def figures_for(category: Any, measured: Figures) -> Iterator[tuple[dict[str, Any], Measured | None]]:
    """The patterns of a category file, each with its figures."""
    if isinstance(category, dict):
        for pattern in category.get("patterns") or ():
            yield pattern, measured.get((category.get("name", ""), pattern.get("name", "")))


def edits_for(document: Document, number: int, figures: Measured) -> list[Edit]:
    """What to change for one pattern: the two numbers, or a line to add behind its `regex`."""
    items = pairs(pairs(document.root)["patterns"][1].value[number])
    if "measured" in items:
        numbers = pairs(items["measured"][1])
        return [
            (node.start_mark.index, node.end_mark.index, str(value))
            for (_, node), value in ((numbers["right"], figures.right), (numbers["hits"], figures.hits))
        ]
    key, regex = items["regex"]
    if document.text[document.text.rfind("\n", 0, key.start_mark.index) + 1 : key.start_mark.index].strip(" -"):
        where = document.where(["patterns", number])
        raise ConfigError(f"{where}: a pattern in one line cannot be edited", cure="give each of its keys a line")
    feed = "\r\n" if "\r\n" in document.text else "\n"
    line = f"{' ' * key.start_mark.column}measured: {{right: {figures.right}, hits: {figures.hits}}}"
    if regex.style in BLOCK_SCALARS:
        # Where such a text ends is not marked: the line goes before its key.
        at = key.start_mark.index
        return [(at, at, f"{line.lstrip()}{feed}{' ' * key.start_mark.column}")]
    end = document.text.find("\n", regex.end_mark.index)
    return [(end + 1, end + 1, f"{line}{feed}")] if end >= 0 else [(len(document.text),) * 2 + (f"{feed}{line}",)]


def pairs(node: Any) -> dict[str, tuple[Any, Any]]:
    """The keys of a mapping in a YAML tree, each with its own node and that of its value."""
    return {key.value: (key, value) for key, value in node.value}


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file as a whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written: {error.strerror}", cure="make the folder writable") from error
