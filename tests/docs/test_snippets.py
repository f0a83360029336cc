"""Every snippet in the README and in docs/ is run: commands, configuration, categories, Python."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from pointsman.cli.main import pointsman
from pointsman.config import intents, load

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What differs from run to run: ids, times and, a little, probabilities.
VARYING = ((r"#[0-9a-f]{12}", "#ID"), (r"\d+\.\d+ ms", "TIME"), (r"\b[01]\.\d\d?\d?\d?\b", "SHARE"), (r"[ \t]+", " "))


@dataclass(frozen=True)
class Snippet:
    """A fenced block and where it stands."""

    place: str
    kind: str
    text: str


def snippets() -> Iterator[Snippet]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield Snippet(f"{page.name}:{line}", match[1], match[2])


ALL = list(snippets())


def of(kind: str) -> list[object]:
    return [pytest.param(item.text, id=item.place) for item in ALL if item.kind == kind]


def plain(text: str) -> list[str]:
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return [line.strip() for line in text.strip().splitlines()]


def arguments(command: str) -> tuple[list[str], str]:
    """The arguments of `pointsman ...`, and what `echo '...' |` in front of it puts on standard input."""
    import shlex

    piped, _, called = command.rpartition(" | ")
    words = shlex.split(called)
    assert words[0] == "pointsman", f"only pointsman commands are run: {command}"
    said = shlex.split(piped)[1] + "\n" if piped else ""
    return words[1:], said


@pytest.mark.parametrize("block", of("console"))
def test_console(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        words, said = arguments(command)
        result = CliRunner().invoke(pointsman, words, input=said, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        if expected.strip():
            assert plain(result.output) == plain(expected)


@pytest.mark.parametrize("block", of("yaml"))
def test_yaml(block: str, tmp_path: Path) -> None:
    name = block.splitlines()[0].removeprefix("# ").strip()
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block, encoding="utf-8")
    if name == "pointsman.yaml":
        (tmp_path / "intents").mkdir(exist_ok=True)
        load.load(file, environ={name: name for name in re.findall(r"\$\{(\w+)\}", block)})
    else:
        category = intents.read_category(block, str(file))
        assert Path(name).stem == category.name


@pytest.mark.parametrize("block", of("python"))
def test_python(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Top-level await is allowed, as in a notebook."""
    monkeypatch.chdir(tmp_path)
    code = compile(block, "snippet", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, {"__name__": "snippet"})  # noqa: S307 - our own documentation
    if inspect.iscoroutine(result):
        asyncio.run(result)


def test_there_are_snippets_of_every_kind() -> None:
    assert {item.kind for item in ALL} >= {"console", "yaml", "python"}
    assert {item.kind for item in ALL} <= {"console", "yaml", "python", "sh", "text"}
