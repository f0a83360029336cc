"""The questions of a first run, and the file that follows from the answers."""

from __future__ import annotations

import stat
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from pointsman.build import firstrun_file
from pointsman.build.firstrun import answered, questions
from pointsman.build.firstrun_file import text_of, write
from pointsman.build.firstrun_words import next_steps
from pointsman.build.survey import FoundCard, FoundComfyUi, FoundModel, FoundOllama, FoundServer, Survey
from pointsman.config.load import load
from pointsman.core.errors import BadField, ConfigError

GB = 10**9
KEY = "k" * 43


def model(name: str, gigabytes: float, *, fits: bool = True, can: tuple[str, ...] = ("chat",)) -> FoundModel:
    return FoundModel(name, int(gigabytes * GB), int(gigabytes * 1.2 * GB), fits, can)


OLLAMA = FoundOllama(
    "http://127.0.0.1:11434",
    "0.35.2",
    (model("big:14b", 9), model("mid:4b", 2.5), model("vectors", 0.3, can=("embed",)), model("huge", 40, fits=False)),
)
NO_OLLAMA = FoundOllama("http://127.0.0.1:11434", problem="nobody listens there")
COMFYUI = FoundComfyUi("http://127.0.0.1:8188", "0.27.1", "z-image-turbo")
NO_COMFYUI = FoundComfyUi("http://127.0.0.1:8188", problem="nobody listens there")
CARD = FoundCard("gpu0", "Card", 16 * GB, 15 * GB, 15 * GB)
FULL = Survey(OLLAMA, COMFYUI, (CARD,), keys=("GROQ_API_KEY", "HF_TOKEN"), embedded=True)
BARE = Survey(NO_OLLAMA, NO_COMFYUI)


def asked(found: Survey, **given: str) -> dict[str, str]:
    return {it.name: it.default for it in questions(found, given)}


class TestQuestions:
    def test_at_most_six_with_a_default_each(self) -> None:
        assert asked(FULL) == {
            "main": "ollama/big:14b",
            "small": "ollama/mid:4b",
            "pictures": "yes",
            "cloud": "no",
            "reach": "local",
            "keep": "7d",
        }
        assert all(it.why and "\n" not in it.why and len(it.why) < 120 for it in questions(FULL))

    def test_what_has_one_answer_is_not_asked(self) -> None:
        assert list(asked(BARE)) == ["reach", "keep"]
        assert list(asked(replace(BARE, embedded=True))) == ["reach", "keep"]
        one = replace(BARE, ollama=replace(OLLAMA, models=OLLAMA.models[:1]))
        assert list(asked(one)) == ["reach", "keep"]
        assert "cloud" not in asked(replace(FULL, keys=("CLOUDFLARE_API_TOKEN",))), "half a key lets nobody be asked"

    def test_vectors_do_not_chat_and_what_does_not_fit_comes_last(self) -> None:
        (main, *_) = questions(FULL)
        assert [it.title for it in main.choices] == ["big:14b", "mid:4b", "huge", "smollm2"]
        assert "does not fit" in main.choices[2].note

    def test_the_small_one_is_smaller_than_the_main_one(self) -> None:
        (small,) = [it for it in questions(FULL, {"main": "ollama/mid:4b"}) if it.name == "small"]
        assert [it.value for it in small.choices] == ["embedded", "same"]
        assert small.default == "same"
        assert "small" not in asked(FULL, main="embedded")

    def test_a_server_of_another_kind_is_offered_too(self) -> None:
        server = FoundServer("http://127.0.0.1:1234/v1", "LM Studio", ("a", "b"))
        found = replace(BARE, servers=(server,))
        answers = answered(found, {"main": "http://127.0.0.1:1234/v1#b", "small": "http://127.0.0.1:1234/v1#a"})
        assert 'url: "http' not in text_of(found, answers)
        assert text_of(found, answers).count("provider: openai") == 2

    def test_an_answer_that_there_is_not_is_an_error_that_names_the_others(self) -> None:
        with pytest.raises(BadField) as caught:
            answered(FULL, {"keep": "2 fortnights"})
        assert caught.value.field == "keep"
        assert "30d" in caught.value.cure


def test_every_combination_of_answers_is_a_valid_configuration(tmp_path: Path) -> None:
    server = FoundServer("http://127.0.0.1:1234/v1", "LM Studio", ("with a space", "№1", "nomic-embed", "auto", "a"))
    for n, found in enumerate(
        (FULL, BARE, replace(FULL, servers=(server,), searxng="http://127.0.0.1:8888", port=8081))
    ):
        names = [it.name for it in questions(found)]
        for m, values in enumerate(product(*({it.value for it in q.choices} for q in questions(found)))):
            if m % 11:
                continue
            try:
                answers = answered(found, dict(zip(names, values, strict=True)))
            except BadField:
                continue  # a small one that is larger than the main one
            file = tmp_path / f"{n}-{m}.yaml"
            file.write_text(text_of(found, answers), encoding="utf-8")
            config = load(file, environ={"POINTSMAN_KEY": KEY}).config
            assert config.server.port == found.port
            assert (config.server.host == "0.0.0.0") is (answers["reach"] == "network")  # noqa: S104
            assert config.cloud.enabled is (answers.get("cloud", "yes") == "yes")
            if "main" in answers and answers["main"].startswith("ollama/"):
                assert getattr(config.models.main, "model", "") == answers["main"].removeprefix("ollama/")


class TestWriting:
    def test_only_its_owner_reads_it_and_the_key_stands_beside(self, tmp_path: Path) -> None:
        file = tmp_path / "pointsman.yaml"
        written = write(FULL, answered(FULL, {"reach": "network"}), file, environ={}, make_key=lambda: KEY)
        assert written.key == KEY
        assert KEY not in file.read_text()
        assert (tmp_path / "pointsman.env").read_text() == f"POINTSMAN_KEY={KEY}\n"
        assert {stat.S_IMODE(it.stat().st_mode) for it in tmp_path.iterdir()} == {0o600}
        assert sorted(it.name for it in tmp_path.iterdir()) == ["pointsman.env", "pointsman.yaml"]
        start = next_steps(FULL, written, network=True)[0][0]
        assert start.startswith("set -a; . ")
        assert KEY not in start

    def test_a_key_that_is_set_already_is_not_made_again(self, tmp_path: Path) -> None:
        answers = answered(FULL, {"reach": "network"})
        file = tmp_path / "pointsman.yaml"
        first = write(FULL, answers, file, environ={"POINTSMAN_KEY": KEY}, make_key=lambda: "x" * 43)
        assert (first.key, first.key_file) == ("", None)
        write(FULL, answers, file, force=True, environ={}, make_key=lambda: KEY)
        again = write(FULL, answers, file, force=True, environ={}, make_key=lambda: "x" * 43)
        assert (again.key, again.key_file) == ("", tmp_path / "pointsman.env")
        assert KEY in (tmp_path / "pointsman.env").read_text()

    def test_a_file_that_is_there_stays_or_is_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "pointsman.yaml"
        file.write_text("mode: shadow\n")
        with pytest.raises(ConfigError, match="is there already") as caught:
            write(BARE, answered(BARE, {}), file, environ={})
        assert "--force" in caught.value.cure
        assert file.read_text() == "mode: shadow\n"
        written = write(BARE, answered(BARE, {}), file, force=True, environ={})
        assert written.backup is not None
        assert written.backup.read_text() == "mode: shadow\n"

    def test_either_both_files_are_written_or_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any) -> None:
            raise ConfigError("no")

        monkeypatch.setattr(firstrun_file, "replace", broken)
        with pytest.raises(ConfigError):
            write(FULL, answered(FULL, {"reach": "network"}), tmp_path / "pointsman.yaml", environ={})
        assert list(tmp_path.iterdir()) == []

    def test_another_file_of_the_keys_name_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "pointsman.env").write_text("OTHER=1\n")
        with pytest.raises(ConfigError, match="holds no POINTSMAN_KEY"):
            write(FULL, answered(FULL, {"reach": "network"}), tmp_path / "pointsman.yaml", environ={})
        assert [it.name for it in tmp_path.iterdir()] == ["pointsman.env"]
        assert (tmp_path / "pointsman.env").read_text() == "OTHER=1\n"

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="is a folder"):
            write(BARE, answered(BARE, {}), tmp_path, force=True, environ={})
