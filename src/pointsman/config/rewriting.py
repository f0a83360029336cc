"""Changes single values of tiers in somebody's pointsman.yaml, and leaves every other character as it is.

ruamel's round trip re-indents sections, drops `null` and unfolds short lists, so the text itself
is changed, at the places where ruamel's parser says that values stand.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pointsman.config.yamlfile import Document
from pointsman.core.errors import ConfigError

# The order in which keys of a tier are written; a new one goes behind the last of those before it.
ORDER: Final = ("kind", "enabled", "accept", "accept_by_category", "margin", "calibration")
MARK: Final = "# tune: "

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """That the text between two places becomes another."""

    start: int
    end: int
    text: str


def with_tiers(document: Document, tiers: Mapping[str, Values], kinds: Sequence[str], comment: Sequence[str]) -> str:
    """The text of a configuration with other values for some tiers, by kind, under a comment.

    A comment that this wrote before goes. Where the file lists no tiers, all `kinds` are listed
    in their order. Raises ConfigError, with the lines to write by hand, for a file in which that
    changes anything else.
    """
    listed = document.data.get("tiers") if isinstance(document.data, dict) else None
    try:
        text = edited(document, tiers) if listed else appended(document, tiers, kinds)
        text = commented(text, comment)
        is_as_wanted = Document(text, document.name).data == wanted(document.data, tiers, kinds)
    except (ConfigError, ValueError, KeyError, TypeError, AttributeError):
        is_as_wanted = False
    if not is_as_wanted:
        lines = "\n".join(block(tiers, [kind for kind in kinds if kind in tiers]))
        raise ConfigError(
            f"{document.name}: its `tiers` are written in a way that cannot be changed without touching the rest",
            cure=f"write these values there by hand:\n{lines}",
        )
    return text


def wanted(data: Any, tiers: Mapping[str, Values], kinds: Sequence[str]) -> Any:
    """The data that the new text should hold."""
    new = copy.deepcopy(data) if data else {}
    if not new.get("tiers"):
        new["tiers"] = [{"kind": kind} for kind in kinds]
    for item in new["tiers"]:
        for key, value in tiers.get(item["kind"], {}).items():
            if value is not None or key in item:
                item[key] = {**(item.get(key) or {}), **value} if key == "accept_by_category" else value
    return new


def edited(document: Document, tiers: Mapping[str, Values]) -> str:
    """The text with the values of its tiers changed in place."""
    _, listed = pair_of(document, "tiers")
    edits: list[Edit] = []
    for item, data in zip(listed.value, document.data["tiers"], strict=True):
        for key, value in tiers.get(data["kind"], {}).items():
            edits += set_key(document.text, item, key, value)
    parts, at = [], 0
    for edit in sorted(edits, key=lambda it: it.start):  # new keys for the same place stay in their order
        parts += [document.text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, document.text[at:]])


def set_key(text: str, item: Any, key: str, value: Any) -> list[Edit]:
    """What to change for a key of a mapping to have a value; nothing when it has none and should be null."""
    for known, old in item.value:
        if known.value != key:
            continue
        if old.start_mark.index < known.end_mark.index and old.value:
            raise ValueError(key)  # an alias: its text stands elsewhere, and means something else there too
        if isinstance(value, Mapping) and key == "accept_by_category" and isinstance(old.value, list) and old.value:
            return [edit for name, bar in value.items() for edit in set_key(text, old, name, bar)]
        return [Edit(known.end_mark.index, end_of(text, known, old), f": {inline(value)}")]
    if value is None:
        return []
    if item.flow_style:
        behind = end_of(text, *item.value[-1]) if item.value else item.start_mark.index + 1
        return [Edit(behind, behind, f"{', ' if item.value else ''}{key}: {inline(value)}")]
    before = ORDER[: ORDER.index(key)] if key in ORDER else ()
    own = [pair for pair in item.value if pair[0].value in before] or item.value[-1:]
    place = end_of_line(text, end_of(text, *own[-1]))
    indent = " " * item.value[0][0].start_mark.column
    return [Edit(place, place, "".join(f"{newline(text)}{indent}{line}" for line in lines_of(key, value)))]


def end_of(text: str, key: Any, value: Any) -> int:
    """Where the text of a key's value ends; a block's own mark lies behind the comments that follow, as does none's."""
    if value.start_mark.index == value.end_mark.index:
        return text.index(":", key.end_mark.index) + 1
    if isinstance(value.value, list) and value.value and not value.flow_style:
        last = value.value[-1]
        return end_of(text, *last) if isinstance(last, tuple) else end_of(text, key, last)
    return int(value.end_mark.index)


def appended(document: Document, tiers: Mapping[str, Values], kinds: Sequence[str]) -> str:
    """The text with a list of tiers behind it, or in place of an empty one."""
    text, new = document.text, newline(document.text)
    lines = block(tiers, kinds)
    if isinstance(document.data, dict) and "tiers" in document.data:
        key, value = pair_of(document, "tiers")
        end = end_of(text, key, value)
        place = end_of_line(text, end)
        items = "".join(f"{new}{line}" for line in lines[1:])
        return f"{text[: key.end_mark.index]}:{text[end:place]}{items}{text[place:]}"
    gap = "" if not text else new if text.endswith("\n") else new * 2
    return text + gap + new.join(lines) + new


def end_of_line(text: str, place: int) -> int:
    """Where the line around a place ends, before its line end."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end - (text[end - 1] == "\r")


def block(tiers: Mapping[str, Values], kinds: Sequence[str]) -> list[str]:
    """Tiers as lines of YAML."""
    lines = ["tiers:"]
    for kind in kinds:
        lines.append(f"  - kind: {kind}")
        for key, value in tiers.get(kind, {}).items():
            if value is not None:
                lines += [f"    {line}" for line in lines_of(key, value)]
    return lines


def lines_of(key: str, value: Any) -> list[str]:
    """A key and its value as lines of YAML: the bars of categories one a line, all else on one."""
    if key == "accept_by_category" and value:
        return [f"{key}:", *(f"  {name}: {inline(bar)}" for name, bar in value.items())]
    return [f"{key}: {inline(value)}"]


def inline(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {inline(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)


def commented(text: str, comment: Sequence[str]) -> str:
    """The text with a comment above `tiers`, in place of an earlier one."""
    key, _ = pair_of(Document(text, ""), "tiers")
    end = start = key.start_mark.index - key.start_mark.column
    while start:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text.startswith(MARK.rstrip(), line):
            break
        start = line
    return text[:start] + "".join(f"{MARK}{line}".rstrip() + newline(text) for line in comment) + text[end:]


def pair_of(document: Document, name: str) -> tuple[Any, Any]:
    """The nodes of a key at the top of the file and of its value. Raises KeyError for one that is merged in (`<<`)."""
    for key, value in document.root.value:
        if key.value == name:
            return key, value
    raise KeyError(name)


def newline(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"
