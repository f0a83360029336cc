"""`pointsman tune` end to end, with categories, patterns and labelled messages of its own and no encoder."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.build import maps_of
from pointsman.cli.main import pointsman
from pointsman.cli.tune import MEASURED
from pointsman.config.calibration import CalibrationSection
from pointsman.config.load import load
from pointsman.core.errors import ConfigError, InvalidInput, MissingExtra

# Patterns and how often they are right: "art" half of the time, all others always.
CATEGORIES = {
    "draw": ("image", {"paint": 0.97, "art": 0.9}),
    "hello": ("simple", {"hi": 0.99}),
    "small_talk": ("llm", {"tell": 0.85, "why": 0.6}),
}
HEAD = "# my router\nfallback: small_talk\nintents: {folder: intents, shipped: false}\n"
CONFIG = HEAD + "tiers:\n  - kind: patterns  # quick\n"
COUNTS = {"paint": 40, "hi": 40, "tell": 60, "why": 60}


@pytest.fixture(autouse=True)
def tuned_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here patterns stand for the tiers that have bars to tune: they answer at once, and as sure as they are told."""
    monkeypatch.setattr("pointsman.cli.tune.MEASURED", frozenset())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, its categories and labelled messages; the working directory."""
    (tmp_path / "intents").mkdir()
    for name, (path, patterns) in CATEGORIES.items():
        lines = [f"name: {name}", f"description: {name}", f"path: {path}", "patterns:"]
        lines += [f"  - {{name: {word}, regex: '\\b{word}\\b', confidence: {sure}}}" for word, sure in patterns.items()]
        (tmp_path / "intents" / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "pointsman.yaml").write_text(CONFIG, encoding="utf-8")
    owner = {word: name for name, (_, patterns) in CATEGORIES.items() for word in patterns}
    said = [(f"{word} {number}", owner[word]) for word, n in COUNTS.items() for number in range(n)]
    said += [(f"art {number}", "draw" if number % 2 else "small_talk") for number in range(40)]
    label(tmp_path / "set.jsonl", said)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def label(file: Path, said: list[tuple[str, str]]) -> None:
    rows = [{"id": f"r{number}", "text": text, "category": name} for number, (text, name) in enumerate(said)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def run(*words: str | Path, said: str = "") -> Result:
    return CliRunner().invoke(pointsman, ["tune", *map(str, words)], input=said)


def tuned(*words: str | Path) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def routed(text: str) -> dict[str, Any]:
    result = CliRunner().invoke(pointsman, ["route", text, "--json"], catch_exceptions=False)
    data: dict[str, Any] = json.loads(result.stdout)
    return data


STATED = ("set.jsonl", "--target", "2%", "--image-target", "2%")


def test_the_best_bars_are_found_and_route_uses_them(here: Path) -> None:
    assert routed("tell me")["tier"] == "fallback"  # 0.85 is below the bar of 0.93
    data = tuned(*STATED, "--write")
    assert data["changed"] is True
    # The bar for pictures lies between the pattern that is always right and the one that is half of the time.
    maps = maps_of(CalibrationSection.model_validate(data["bars"]["patterns"]["calibration"] or {}))
    art, paint = (maps.path(sure) if maps.path else sure for sure in (0.9, 0.97))
    assert art < data["bars"]["patterns"]["chosen"]["accept_by_category"]["draw"] <= paint
    assert data["expected"]["coverage"] == pytest.approx(200 / 240)
    assert data["expected"]["wrong"] == 0
    assert data["now"]["coverage"] == pytest.approx(80 / 240)
    assert data["written"] == str(here / "pointsman.yaml")
    assert [routed(text)["tier"] for text in ("tell me", "why not", "hi")] == ["patterns"] * 3
    assert routed("art of war")["tier"] == "fallback"


def test_the_bar_of_the_patterns_is_their_owners(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each states how often it is right; a bar chosen on some messages would silence those that they do not show."""
    monkeypatch.setattr("pointsman.cli.tune.MEASURED", MEASURED)
    data = tuned(*STATED, "--write")
    assert "patterns" not in data["bars"]
    assert data["changed"] is False
    assert data["expected"]["coverage"] == pytest.approx(80 / 240)
    assert (here / "pointsman.yaml").read_text(encoding="utf-8") == CONFIG


def test_what_is_written_keeps_the_file_and_says_what_it_rests_on(here: Path) -> None:
    result = run(*STATED, "--write")
    assert result.exit_code == 0, result.output
    assert "written: " in result.stderr
    assert (here / "pointsman.yaml.bak").read_text(encoding="utf-8") == CONFIG
    text = (here / "pointsman.yaml").read_text(encoding="utf-8")
    assert text.startswith(HEAD + "# tune: ")
    assert "  - kind: patterns  # quick\n    accept: 0." in text
    assert f"what stood there: {here / 'pointsman.yaml.bak'}\n" in result.stderr
    remark = " ".join(line.removeprefix("# tune: ") for line in text.splitlines() if line.startswith("# tune: "))
    assert re.search(r"`pointsman tune` on \d{4}-\d\d-\d\d, from 240 labelled messages", remark)
    assert "at most 2.00% wrong paths among the answered and 2.00% pictures by mistake" in remark
    assert "83.3% answered, 0.00% of them wrong" in remark
    assert "answered  wrong path  at most  pictures  mean ms" in remark
    again = tuned(*STATED, "--target", "30%", "--image-target", "30%", "--write")
    assert (here / "pointsman.yaml").read_text(encoding="utf-8").count("by `pointsman tune` on") == 1
    assert again["backup"] == str(here / "pointsman.yaml.bak.2")
    assert (here / "pointsman.yaml.bak.2").read_text(encoding="utf-8") == text
    assert (here / "pointsman.yaml.bak").read_text(encoding="utf-8") == CONFIG


def test_the_tables_show_what_is_had_what_is_chosen_and_what_to_expect() -> None:
    result = run(*STATED)
    assert result.exit_code == 0
    for shown in ("patterns", "accept", "0.93", "now, on these messages", "chosen, expected of new ones", "83.3%", "→"):
        assert shown in result.stdout
    assert "note: 200 messages that want no picture" not in result.stdout
    assert "--sure asks for bars whose bound meets the target" not in result.stdout
    assert "\x1b" not in result.stdout
    assert "nothing is written: --write puts this into" in result.stderr


def test_without_write_nothing_is_written(here: Path) -> None:
    for words in (STATED, (*STATED, "--dry-run"), (*STATED, "--json")):
        assert run(*words).exit_code == 0
        assert (here / "pointsman.yaml").read_text(encoding="utf-8") == CONFIG
    assert run(*STATED, "--dry-run").stderr == ""


@pytest.mark.parametrize(("reply", "writes"), [("y\n", True), ("n\n", False)])
def test_a_person_is_asked(here: Path, monkeypatch: pytest.MonkeyPatch, reply: str, writes: bool) -> None:
    import click

    asked: list[str] = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return reply == "y\n"

    monkeypatch.setattr(click, "confirm", confirm)
    monkeypatch.setattr("pointsman.cli.tune.at_a_terminal", lambda: True)
    assert run(*STATED).exit_code == 0
    assert asked == [f"Write this into {here / 'pointsman.yaml'}?"]
    assert ((here / "pointsman.yaml").read_text(encoding="utf-8") != CONFIG) is writes


def test_a_named_file_is_made_where_there_is_none(here: Path) -> None:
    fresh = here / "made" / "mine.yaml"
    words = ("set.jsonl", "--target", "50%", "--image-target", "50%", "--config", fresh)
    assert isinstance(run(*words, "--dry-run").exception, ConfigError)
    result = run(*words, "--write")
    # Without a configuration these are not the categories, and that is said before anything is asked.
    assert isinstance(result.exception, InvalidInput)
    assert "unknown category 'draw'" in result.exception.message
    assert not fresh.exists()


def test_without_any_file_one_is_made_in_the_configuration_folder(
    here: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pointsman.cli.tune import place_of, settings

    (here / "pointsman.yaml").unlink()
    loaded = settings(None, may_make=True)
    assert loaded.source is None
    assert place_of(loaded, None) == home / "xdg_config_home" / "pointsman" / "pointsman.yaml"
    named = here / "new" / "mine.yaml"
    assert place_of(settings(named, may_make=True), named) == named
    monkeypatch.setenv("POINTSMAN_PORT", "9999")
    assert settings(named, may_make=True).config.server.port == 9999


def test_corrections_count_as_labelled_messages(here: Path) -> None:
    decided = routed("art and crafts")
    for text, category in (("art one", "small_talk"), ("art two", "draw")):
        done = CliRunner().invoke(pointsman, ["correct", "--text", text, category, "--yes"])
        assert done.exit_code == 0, done.output
    assert decided["id"]
    data = tuned(*STATED)
    assert (data["messages"], data["corrections"]) == (242, 2)
    assert any("2 of the labelled messages are corrections" in remark for remark in data["remarks"])
    assert tuned(*STATED, "--no-corrections")["messages"] == 240
    assert load(here / "pointsman.yaml").config.store.path.exists()


def test_without_a_store_none_is_made(here: Path) -> None:
    store = load(here / "pointsman.yaml").config.store.path
    assert tuned(*STATED)["corrections"] == 0
    assert not store.exists()


def test_several_files_are_taken_together_and_are_sources(here: Path) -> None:
    rows = (here / "set.jsonl").read_text(encoding="utf-8").splitlines()
    for number in range(5):
        (here / f"part{number}.jsonl").write_text("\n".join(rows[number::5]), encoding="utf-8")
    data = tuned(*(f"part{number}.jsonl" for number in range(5)), *STATED[1:])
    assert data["messages"] == 240
    assert data["elsewhere"]["n"] == 240


def test_bars_that_are_as_good_are_left_alone(here: Path) -> None:
    run(*STATED, "--write")
    before = (here / "pointsman.yaml").read_text(encoding="utf-8")
    result = run(*STATED, "--write")
    assert "Nothing to change: the bars in use are as good as any that were found." in result.stdout
    assert "Bars\n" not in result.stdout
    assert "written" not in result.stderr
    assert (here / "pointsman.yaml").read_text(encoding="utf-8") == before


def test_a_picture_of_the_trade_off_is_drawn(here: Path) -> None:
    pytest.importorskip("matplotlib")
    result = run(*STATED, "--plot", here / "out.png", "--dry-run")
    assert result.stderr == f"drawn: {here / 'out.png'}\n"
    assert (here / "out.png").read_bytes().startswith(b"\x89PNG")


def test_without_the_extra_it_says_so_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert isinstance(run("set.jsonl", "--plot", "out.png").exception, MissingExtra)


@pytest.mark.parametrize(("place", "cause"), [("absent/out.png", "No such file"), ("set.jsonl/o.png", "Not a dir")])
def test_a_picture_that_cannot_be_written_is_refused_first(
    monkeypatch: pytest.MonkeyPatch, place: str, cause: str
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("pointsman.cli.tune.measured", None)
    error = run(*STATED, "--plot", place).exception
    assert isinstance(error, InvalidInput)
    assert error.message.startswith(f"{place}: cannot be written: {cause}")
    assert "give a file in a folder that is there" in error.cure


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "1"), "for 1 percent write 1%"),
        (("--target", "much"), "'much' is not a share; write 1% or 0.01"),
        (("--image-target", "60%"), "is not above 0 and at most 50%"),
        (("--target", "0"), "is not above 0"),
        (("--write", "--dry-run"), "give --write or --dry-run, not both"),
        (("absent.jsonl",), "does not exist"),
    ],
)
def test_a_mistake_in_the_command_is_a_usage_error(words: tuple[str, ...], said: str) -> None:
    result = run("set.jsonl", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_too_few_messages_are_refused_before_anybody_is_asked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.build.open_bare", None)
    label(here / "few.jsonl", [("hi", "hello"), ("paint", "draw"), ("why", "small_talk")])
    error = run("few.jsonl").exception
    assert isinstance(error, InvalidInput)
    assert error.exit_code == 2
    assert "3 labelled messages are too few" in error.message
    assert "label 300 or more" in error.cure
    nothing = run().exception
    assert isinstance(nothing, InvalidInput)
    assert "0 labelled messages" in nothing.message


def test_what_is_wrong_with_the_labels_is_said(here: Path) -> None:
    label(here / "lost.jsonl", [("hi", "greet")])
    assert "lost.jsonl:1: unknown category 'greet'" in str(run("lost.jsonl").exception)
    (here / "bare.jsonl").write_text('{"id": "1", "text": "hi"}\n', encoding="utf-8")
    assert "bare.jsonl:1: there is no 'category'" in str(run("bare.jsonl").exception)
    label(here / "blind.jsonl", [(f"why {number}", "small_talk") for number in range(200)])
    assert "no labelled message is of the category draw, hello" in str(run("blind.jsonl", "--target", "2%").exception)


def test_a_target_that_cannot_be_reached_says_what_can(here: Path) -> None:
    said = [(f"{word} {number}", number % 4) for word in ("why", "hi") for number in range(200)]
    rows = [(text, "small_talk" if rest else "draw") for text, rest in said]
    label(here / "odd.jsonl", [*rows, ("hi", "hello")])
    error = run("odd.jsonl", "--target", "1%").exception
    assert isinstance(error, InvalidInput)
    assert "at most 1.00% wrong paths among the answered cannot be reached" in error.message
    assert "the lowest is 25.00%, with 49.9% of the messages answered" in error.message
    assert "state --target 25.00% or more" in error.cure


def test_a_file_that_would_not_say_what_it_should_is_left_as_it_was(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pointsman.config import rewriting

    monkeypatch.setattr(rewriting, "with_tiers", lambda *_: CONFIG + "reply: {footer: false}\n")
    error = run(*STATED, "--write").exception
    assert isinstance(error, ConfigError)
    assert "it is left as it was" in error.message
    assert (here / "pointsman.yaml").read_text(encoding="utf-8") == CONFIG
    assert not (here / "pointsman.yaml.bak").exists()
