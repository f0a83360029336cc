"""The layouts that public intent sets are published in; each reader says None where a path is not of its layout."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pointsman.core.errors import InvalidInput

NAMES: Final = ("clinc150", "banking77", "hwu64", "snips")
PACKED: Final = ".gz"
OOS: Final = "oos"  # what the sets call a line that no intent fits, where they give it a label
WHOLE: Final = "give the files as they are published, plain or gzip-compressed"

# An annotated slot, [time : nine pm]; its words are what was said.
SLOT: Final = re.compile(r"\[\s*[\w ]+\s*:\s*([^\]]*?)\s*\]")
IRRELEVANT: Final = "IRR"


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a set's files; parts that it does not have are empty. `oos` are test lines that no intent fits."""

    train: Sequence[Line]
    val: Sequence[Line] = ()
    test: Sequence[Line] = ()
    oos: Sequence[str] = ()


def clinc_json(path: Path, name: str) -> Found | None:
    """One JSON object of lists of [text, intent]: train, val, test and oos_test."""
    file = path if path.is_file() else named(path, name, r"data_full\.json")
    if file is None or plain_name(file).suffix != ".json":
        return None
    data = json_of(file)
    try:
        parts = {part: [Line(*pair) for pair in data[part]] for part in ("train", "val", "test")}
        oos = [text for text, _ in data.get("oos_test", ())]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{file}: not lists of [text, intent] under train, val and test", cure=WHOLE) from error
    return Found(**{part: cleaned(lines, file) for part, lines in parts.items()}, oos=oos)


def tables(path: Path, name: str) -> Found | None:
    """CSV files with the columns text and category: train, test and, if there is one, val, valid or validation."""
    train, test = (named(path, name, rf"{part}\.csv") for part in ("train", "test"))
    if train is None or test is None:
        return None
    val = named(path, name, r"val(id(ation)?)?\.csv")
    return Found(table(train), table(val) if val else (), table(test))


def folders(path: Path, name: str) -> Found | None:
    """Folders train, valid and test: a text a line in seq.in, its intent in label; oos/test for out of scope."""
    del name
    if not (path / "train").is_dir() or packed_or_plain(path / "train" / "seq.in") is None:
        return None
    val = "valid" if (path / "valid").is_dir() else "val"
    oos = packed_or_plain(path / OOS / "test" / "seq.in")
    return Found(
        pairs(path / "train"),
        pairs(path / val) if (path / val).is_dir() else (),
        pairs(path / "test"),
        [text for text in lines_of(oos) if text] if oos else (),
    )


def snips_json(path: Path, name: str) -> Found | None:
    """A folder an intent, with train_INTENT_full.json (or train_INTENT.json) and validate_INTENT.json, which tests."""
    del name
    trains = sorted(path.glob("*/train_*.json*")) if path.is_dir() else []
    if not trains:
        return None
    train: list[Line] = []
    test: list[Line] = []
    for folder in sorted({file.parent for file in trains}):
        file = packed_or_plain(folder / f"train_{folder.name}_full.json")
        file = file or packed_or_plain(folder / f"train_{folder.name}.json")
        if file is not None:
            train += queries(file, folder.name)
        test += queries(existing(folder / f"validate_{folder.name}.json"), folder.name)
    return Found(train, (), test)


def answers(path: Path, name: str) -> Found | None:
    """The crowd's answers as `;`-separated CSV: one file, or the folders trainset and testset of one fold."""
    del name
    if path.is_file():
        return Found(answers_in(path)) if plain_name(path).suffix == ".csv" else None
    if not (path / "trainset").is_dir():
        return None
    parts = [
        [line for file in sorted((path / part).rglob("*.csv*")) for line in answers_in(file)]
        for part in ("trainset", "testset")
    ]
    return Found(parts[0], (), parts[1])


def answers_in(file: Path) -> list[Line]:
    """One line an answer, its intent being `scenario_intent`; those marked as irrelevant are left out."""
    rows = csv.DictReader(io.StringIO(text_of(file)), delimiter=";")
    header = set(rows.fieldnames or ())
    said = next((column for column in ("answer_from_anno", "answer_annotation", "answer") if column in header), "")
    if not said or not header >= {"scenario", "intent"}:
        what = f"{file}: there are no columns scenario, intent and answer_annotation, separated by ;"
        raise InvalidInput(what, cure=WHOLE)
    return [
        Line(text, f"{row['scenario']}_{row['intent']}")
        for row in rows
        if row["scenario"] not in {None, "", "null"} and not (row.get("status") or "").startswith(IRRELEVANT)
        if (text := SLOT.sub(r"\1", row[said] or "").strip()) not in {"", "null"}
    ]


def table(file: Path) -> list[Line]:
    """The lines of a CSV file with the columns text and category."""
    rows = csv.DictReader(io.StringIO(text_of(file)))
    if not {"text", "category"} <= set(rows.fieldnames or ()):
        raise InvalidInput(f"{file}: there are no columns text and category", cure=WHOLE)
    return cleaned((Line(row["text"] or "", row["category"] or "") for row in rows), file)


def pairs(folder: Path) -> list[Line]:
    """The lines of seq.in, each with the intent that stands on the same line of label."""
    texts, labels = (lines_of(existing(folder / file)) for file in ("seq.in", "label"))
    if len(texts) != len(labels):
        what = f"{folder}: seq.in has {len(texts)} lines and label {len(labels)}"
        raise InvalidInput(what, cure=WHOLE)
    return cleaned((Line(text, label) for text, label in zip(texts, labels, strict=True)), folder)


def queries(file: Path, intent: str) -> list[Line]:
    """The queries of a SNIPS file, whose texts stand in pieces."""
    try:
        said = ["".join(piece["text"] for piece in query["data"]) for query in json_of(file)[intent]]
    except (KeyError, TypeError) as error:
        raise InvalidInput(f"{file}: not a list of queries under {intent!r}", cure=WHOLE) from error
    return cleaned((Line(" ".join(text.split()), intent) for text in said), file)


def cleaned(lines: Iterable[Line], where: Path) -> list[Line]:
    """The lines that have a text, stripped. Raises InvalidInput for one without intent."""
    kept = []
    for line in lines:
        if not isinstance(line.text, str) or not isinstance(line.intent, str) or not line.intent.strip():
            raise InvalidInput(f"{where}: a line has no intent: {line.text!r:.60}", cure=WHOLE)
        if line.text.strip():
            kept.append(Line(line.text.strip(), line.intent.strip()))
    return kept


def named(folder: Path, name: str, pattern: str) -> Path | None:
    """The file of a folder whose name ends so; one that begins with the set's name goes first, another set's is not it.

    Raises InvalidInput when several are as good as each other.
    """
    if not folder.is_dir():
        return None
    end = re.compile(rf"(?:^|.*[-_.]){pattern}(?:\.gz)?$", re.IGNORECASE)
    others = tuple(other for other in NAMES if other != name)
    found = sorted(it for it in folder.iterdir() if end.match(it.name) and not it.name.lower().startswith(others))
    found = [file for file in found if file.name.lower().startswith(name)] or found
    if len({plain_name(file) for file in found}) > 1:
        which = ", ".join(file.name for file in found)
        raise InvalidInput(f"{folder}: it is not clear which file to take of {which}", cure="give a folder of one set")
    return found[0] if found else None


def existing(file: Path) -> Path:
    """The file or its compressed form. Raises InvalidInput when neither is there."""
    found = packed_or_plain(file)
    if found is None:
        raise InvalidInput(f"{file}: no such file", cure=WHOLE)
    return found


def packed_or_plain(file: Path) -> Path | None:
    """The file or its compressed form, whichever is there."""
    return next((it for it in (file, file.with_name(file.name + PACKED)) if it.is_file()), None)


def plain_name(file: Path) -> Path:
    """The file's name without .gz."""
    return file.with_suffix("") if file.suffix == PACKED else file


def lines_of(file: Path) -> list[str]:
    """The lines of a text file, stripped; blank ones count."""
    return [line.strip() for line in text_of(file).removesuffix("\n").split("\n")]


def json_of(file: Path) -> Any:
    """What a JSON file holds. Raises InvalidInput."""
    try:
        return json.loads(text_of(file))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{file}: not JSON: {error}", cure=WHOLE) from error


def text_of(file: Path) -> str:
    """The text of a file, plain or compressed; Latin-1 where it is not UTF-8, as some SNIPS files are.

    Raises InvalidInput.
    """
    try:
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == PACKED else content
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{file}: cannot be read: {error}", cure=WHOLE) from error
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
