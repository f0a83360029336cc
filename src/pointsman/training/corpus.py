"""Reads the project's own corpus: category, language and text, a tab between them, one message a line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pointsman.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Written:
    """A message that was written for the project; `language` is an ISO 639-1 code."""

    category: str
    language: str
    text: str


def read_corpus(folder: Path, categories: Collection[str]) -> list[Written]:
    r"""The messages of every *.tsv file of a folder, files in order of name. Raises InvalidInput with file:line.

    A line break within a message is written as \n.
    """
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise InvalidInput(f"{folder}: no *.tsv file", cure="give the folder of the corpus: --corpus FOLDER")
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            columns = line.split("\t")
            if len(columns) != 3 or not columns[2].strip():
                raise InvalidInput(f"{file}:{number}: not category, language and text", cure="mend the line")
            category, language, text = columns
            if category not in categories:
                raise InvalidInput(f"{file}:{number}: there is no category {category!r}", cure="mend the line")
            found.append(Written(category, language, text.replace("\\n", "\n").strip()))
    return found
