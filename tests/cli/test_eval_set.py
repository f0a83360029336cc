"""`pointsman eval --set`: a table or one JSON object out, progress aside, and errors before the work."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner, Result

from pointsman.cli.eval import eval as eval_command
from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.testing.bag_encoder import BagEncoder

WORDS = {
    "card": "card lost block wallet pin",
    "trip": "flight hotel seat airport bag",
    "rain": "rain sun cloud snow fog",
}


def lines(count: int, seed: int) -> list[list[str]]:
    chance = np.random.default_rng(seed)
    names = [list(WORDS)[number % 3] for number in range(count)]
    return [[" ".join([*chance.permutation(WORDS[name].split())[:2], f"please {seed}"]), name] for name in names]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set in CLINC150's layout, and an encoder that needs no model."""
    encoders = SimpleNamespace(MiniLm=lambda folder=None: BagEncoder(fingerprint=f"bag-{folder and folder.name}"))
    monkeypatch.setitem(sys.modules, "pointsman.providers.encoders", encoders)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    parts = {"train": lines(60, 1), "val": lines(30, 2), "test": lines(30, 3)}
    oos = [["opera violin please", "oos"], ["chess volcano now", "oos"]]
    (tmp_path / "data_full.json").write_text(json.dumps({**parts, "oos_test": oos}))
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(eval_command, [str(argument) for argument in arguments])


def test_json_is_one_object_on_standard_output(folder: Path) -> None:
    result = run("--set", "clinc150", folder, "--json", "--seeds", "2", "--peers")
    assert result.exception is None
    data = json.loads(result.stdout)
    assert (data["set"], data["path"], data["encoder"]) == ("clinc150", str(folder), "bag-None")
    assert data["intents"] == 3
    assert data["lines"] == {"train": 60, "val": 30, "test": 30, "oos": 2}
    rows = {(row["system"], row["shots"]): row for row in data["measured"]}
    assert len(rows) == len(data["measured"]) == 6
    assert {shots for _, shots in rows} == {0, 10}
    ours = rows["pointsman", 10]
    assert (ours["seeds"], ours["lines"]) == (2, 30)
    assert ours["figures"]["accuracy"]["mean"] > 0.9
    assert set(ours["figures"]["auroc"]) == {"mean", "sd"}
    assert "clinc150 has 150 intents, and these files 3" in result.stderr
    assert "pointsman, 10" in result.stderr


def test_a_table_is_the_default_and_says_what_its_columns_mean(folder: Path) -> None:
    result = run("--set", "clinc150", folder / "data_full.json", "--shots", "5", "--seeds", "1")
    assert result.exception is None
    for shown in ("3 intents, 60 training, 30 validation and 30 test lines, 2 out of scope", "OOS AUROC", "oos95:"):
        assert shown in result.stdout
    assert "\x1b" not in result.stdout
    assert "all" not in result.stdout.splitlines()[-3]


def test_vectors_are_made_once_for_each_encoder(folder: Path) -> None:
    (folder / "other").mkdir()
    first = run("--set", "clinc150", folder, "--shots", "0")
    again = run("--set", "clinc150", folder, "--shots", "0")
    other = run("--set", "clinc150", folder, "--shots", "0", "--encoder", folder / "other", "--json")
    assert "embedded" in first.stderr
    assert "embedded" not in again.stderr
    assert "embedded" in other.stderr
    assert json.loads(other.stdout)["encoder"] == "bag-other"


def test_another_layout_and_a_missing_path_are_errors(folder: Path) -> None:
    wrong = run("--set", "snips", folder)
    assert isinstance(wrong.exception, InvalidInput)
    assert "2017-06-custom-intent-engines" in wrong.exception.cure
    assert wrong.exception.exit_code == 2
    assert run("--set", "snips", folder / "absent").exit_code == 2


def test_without_the_extra_it_says_so_before_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    result = run("--set", "clinc150", folder)
    assert isinstance(result.exception, MissingExtra)
    assert "pointsman[train]" in result.exception.cure
    assert "embedded" not in result.stderr


def test_options_of_the_other_kind_are_refused(folder: Path) -> None:
    result = run("--set", "clinc150", folder, "--limit", "3")
    assert result.exit_code == 2
    assert "--limit" in result.stderr
    assert run(folder).exit_code == 2
    assert "is a directory" in run(folder).stderr
