"""`pointsman eval`: labelled lines in, tables or one JSON object out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.eval import eval as eval_command
from pointsman.cli.main import main
from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.core.message import Message, Turn

CATALOGUE = Catalogue(
    [Category("draw", "pictures", "image"), Category("hello", "greetings", "simple"), Category("chat", "talk", "llm")]
)
LINES = [
    {"id": "1", "text": "draw a fox", "category": "draw", "slice": "hard"},
    {"id": "2", "text": "hello", "category": "hello"},
    {"id": "3", "text": "draw the line", "category": "chat", "history": [{"role": "user", "text": "earlier"}]},
    {"id": "4", "text": "how are you", "category": "chat"},
]


class FirstWord:
    """Routes by the first word; stands in for the router, which has tests of its own."""

    catalogue = CATALOGUE

    def __init__(self) -> None:
        self.opened: dict[str, Any] = {}
        self.asked: list[Message] = []
        self.closed = 0

    def open(self, config: Path | None = None, **options: Any) -> Self:
        self.opened = {"config": config, **options}
        return self

    async def decide(self, message: Message) -> Decision:
        self.asked.append(message)
        first = message.text.split()[0]
        name = first if first in CATALOGUE else "chat"
        return Decision("id", name, CATALOGUE.path_of(name), 0.75, "patterns", (), latency_ms=2.0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.closed += 1


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> FirstWord:
    fake, build = FirstWord(), ModuleType("pointsman.build")
    build.open_router = fake.open  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pointsman.build", build)
    return fake


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in LINES), encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(eval_command, [str(argument) for argument in arguments])


def test_json_is_one_object_on_standard_output(router: FirstWord, labelled: Path) -> None:
    result = run(labelled, "--json")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["file"] == str(labelled)
    assert data["overall"]["n"] == 4
    assert data["overall"]["accuracy"] == 0.75
    assert data["overall"]["path_error"] == 0.25
    assert data["overall"]["image_fpr"] == 1 / 3
    assert data["overall"]["image_fnr"] == 0
    assert data["overall"]["p50_ms"] == 2.0
    assert data["slices"]["hard"]["n"] == 1
    assert data["confusions"] == [{"gold": "chat", "guess": "draw", "n": 1}]
    assert result.stderr == ""
    assert router.closed == 1


def test_tables_are_the_default(router: FirstWord, labelled: Path) -> None:
    result = run(labelled)
    assert result.exit_code == 0
    for shown in ("75.0%", "33.3% of 3", "chat -> draw", "patterns", "hard"):
        assert shown in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""
    assert len(router.asked) == 4


def test_nothing_is_stored_and_the_configuration_is_the_one_given(router: FirstWord, labelled: Path) -> None:
    run(labelled, "--config", "mine.yaml")
    assert router.opened["store"] is False
    assert router.opened["config"] == Path("mine.yaml")


def test_earlier_turns_reach_the_router(router: FirstWord, labelled: Path) -> None:
    run(labelled)
    assert router.asked[2] == Message("draw the line", history=(Turn("user", "earlier"),))


def test_limit_takes_the_first_messages(router: FirstWord, labelled: Path) -> None:
    data = json.loads(run(labelled, "--json", "--limit", "2").stdout)
    assert data["overall"]["n"] == 2
    assert [message.text for message in router.asked] == ["draw a fox", "hello"]
    assert run(labelled, "--limit", "0").exit_code == 2


def test_a_mistake_in_the_file_is_named_with_its_line(router: FirstWord, labelled: Path) -> None:
    with labelled.open("a", encoding="utf-8") as handle:
        handle.write('\n{"id": "5", "text": "x", "category": "sing"}\n')
    result = run(labelled)
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.message == f"{labelled}:5: unknown category 'sing'"
    assert "draw, hello, chat" in result.exception.cure
    assert router.asked == []
    assert router.closed == 1


@pytest.mark.usefixtures("router")
def test_the_exit_code_of_a_mistake_is_2(
    labelled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled.write_text("{nope", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["pointsman", "eval", str(labelled)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "set.jsonl:1: not JSON" in output.err
    assert "cure:" in output.err


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = run(tmp_path / "absent.jsonl")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.usefixtures("router")
def test_plot_draws_a_picture_and_says_so_aside(labelled: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "result.png"
    result = run(labelled, "--json", "--plot", picture)
    assert json.loads(result.stdout)["overall"]["n"] == 4
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert result.stderr == f"drawn: {picture}\n"


def test_without_the_extra_nothing_is_decided_before_it_says_so(
    router: FirstWord, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run(labelled, "--plot", "out.png")
    assert isinstance(result.exception, MissingExtra)
    assert result.exception.exit_code == 3
    assert router.asked == []


def test_nothing_is_decided_for_a_picture_that_cannot_be_written(
    router: FirstWord, labelled: Path, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    result = run(labelled, "--plot", tmp_path / "absent" / "out.png")
    assert isinstance(result.exception, InvalidInput)
    assert "cannot be written: No such file" in result.exception.message
    assert router.asked == []


def test_the_bar_is_drawn_on_a_terminal_only(
    router: FirstWord, labelled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    eval_command.main([str(labelled), "--json"], standalone_mode=False)
    output = capsys.readouterr()
    assert "deciding" in output.err
    assert json.loads(output.out)["overall"]["n"] == len(router.asked) == 4


def test_a_sample_takes_from_every_category(router: FirstWord, labelled: Path) -> None:
    data = json.loads(run(labelled, "--json", "--sample", "3", "--seed", "2").stdout)
    assert data["overall"]["n"] == 3
    assert {message.text.split()[0] for message in router.asked} >= {"draw", "hello"}
    assert [score["n"] for score in data["categories"].values()] == [1, 1, 1]
