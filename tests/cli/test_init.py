"""`pointsman init`: Enter takes defaults, wrong answers are asked again, and nothing is half written."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.build import survey as looking
from pointsman.build.survey import FoundCard, FoundComfyUi, FoundModel, FoundOllama, Survey
from pointsman.cli import init as verb
from pointsman.cli.main import pointsman
from pointsman.config.load import load
from pointsman.core.errors import ConfigError

GB = 10**9
SECRET = "gsk_this-is-never-shown"
FULL = Survey(
    FoundOllama(
        "http://127.0.0.1:11434",
        "0.35.2",
        tuple(
            FoundModel(name, size * GB // 10, size * GB // 10, size < 150, ("chat",))
            for name, size in (("big:14b", 90), ("mid:4b", 25), ("huge\x1b[2J", 400))
        ),
    ),
    FoundComfyUi("http://127.0.0.1:8188", "0.27.1", "z-image-turbo"),
    (FoundCard("gpu0", "Card", 16 * GB, 15 * GB, 15 * GB),),
    keys=("GROQ_API_KEY",),
    embedded=True,
)
Type = Callable[..., Result]


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Type:
    async def found() -> Survey:
        return FULL

    monkeypatch.setattr(looking, "survey", found)
    monkeypatch.setattr(verb, "is_interactive", lambda: True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POINTSMAN_KEY", raising=False)
    monkeypatch.setenv("GROQ_API_KEY", SECRET)

    def typed(*words: str, keys: str = "") -> Result:
        return CliRunner().invoke(pointsman, ["init", *words], input=keys)

    return typed


def written() -> Any:
    return load(Path("pointsman.yaml"), environ={"POINTSMAN_KEY": "k" * 43}).config


def test_enter_six_times_is_a_good_configuration(type_in: Type) -> None:
    said = type_in(keys="\n" * 6)
    assert said.exit_code == 0, said.output
    config = written()
    assert (config.models.main.model, config.models.small.model) == ("big:14b", "mid:4b")
    assert (config.images.comfyui.enabled, config.cloud.enabled, config.server.host) == (True, False, "127.0.0.1")
    assert said.stdout == ""
    assert "6/6" in said.stderr
    assert "pointsman serve " in said.stderr
    assert "http://127.0.0.1:8080/v1" in said.stderr
    assert SECRET not in said.output
    assert "\x1b[2J" not in said.output, "names of models do nothing to the terminal"


def test_answers_are_numbers_names_or_beginnings(type_in: Type) -> None:
    said = type_in(keys="0\nnonsense\n99\nMID:4B\nsame\nn\ny\n2\nfor\n")
    assert said.exit_code == 0, said.output
    assert said.stderr.count("that is none of them") == 3
    config = written()
    assert config.models.main == config.models.small
    assert config.models.main.model == "mid:4b"
    assert (config.images.comfyui.enabled, config.cloud.enabled, config.store.keep_text) == (False, True, None)
    key = Path("pointsman.env").read_text().removeprefix("POINTSMAN_KEY=").strip()
    assert said.stderr.count(key) == 1
    assert key not in Path("pointsman.yaml").read_text()
    assert len(key) == 43
    assert ". ./pointsman.env;" in said.stderr


def test_all_that_was_found_and_answered_as_json(type_in: Type) -> None:
    said = type_in("--yes", "--json")
    told = json.loads(said.stdout)
    assert told["answers"]["main"] == "ollama/big:14b"
    assert told["survey"]["keys"] == ["GROQ_API_KEY"]
    assert told["yaml"] == Path("pointsman.yaml").read_text()
    assert SECRET not in said.output


def test_a_dry_run_prints_the_file_and_writes_none(type_in: Type, tmp_path: Path) -> None:
    said = type_in("--yes", "--dry-run")
    assert said.stdout.startswith("# yaml-language-server: $schema=")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_told_of_before_any_question(type_in: Type) -> None:
    Path("pointsman.yaml").write_text("mode: shadow\n")
    said = type_in(keys="\n" * 6)
    assert isinstance(said.exception, ConfigError)
    assert "1/6" not in said.output
    assert Path("pointsman.yaml").read_text() == "mode: shadow\n"
    assert type_in("--force", keys="\n" * 6).exit_code == 0
    assert Path("pointsman.yaml.bak").read_text() == "mode: shadow\n"
    assert written().mode == "full"


def test_nobody_at_the_keyboard_is_an_error_of_usage(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "is_interactive", lambda: False)
    said = type_in()
    assert said.exit_code == 2
    assert "pointsman init --yes" in said.stderr
    assert not Path("pointsman.yaml").exists()


def test_an_input_that_ends_writes_nothing(type_in: Type, tmp_path: Path) -> None:
    assert type_in(keys="\n\n").exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_a_real_terminal_leaves_nothing_behind(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environ = {**os.environ, "OLLAMA_HOST": "127.0.0.1:9", "COMFYUI_URL": "127.0.0.1:9"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pointsman", "init"],
        cwd=tmp_path,
        env=environ,
        stdin=theirs,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - else it may be ignored
    )
    assert process.stderr is not None
    said = b""
    while b"[" + b"1] " not in said:  # the first question waits
        said += (piece := os.read(process.stderr.fileno(), 4096))
        assert piece, said
    ended = None
    while ended is None:  # one that comes just before Python reads is looked at when reading ends: it is pressed again
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            ended = process.wait(5)
    assert ended == 130
    process.stderr.close()
    os.close(ours)
    os.close(theirs)
    assert list(tmp_path.iterdir()) == []
