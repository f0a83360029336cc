"""Making the head: from the shipped encoder into any folder, and not without the packages that fit."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pointsman.build import fast_model
from pointsman.config import intents
from pointsman.config.cache import packed_file
from pointsman.core.category import Catalogue
from pointsman.core.errors import InvalidInput, MissingExtra
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.surroundings import legible
from pointsman.training import encoder, make_head
from pointsman.training.rows import Data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps({"id": "1", "text": "draw the sea", "category": "image_generation"}) + "\n")
    return file


def silent(_: str) -> None:
    """Nobody is told."""


@pytest.fixture
def shipped_head(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Head:
    """Stands for the fit, which takes minutes; caches are made in the test's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    head = Head.read(models_folder() / HEAD_FILE, MiniLm().fingerprint, fast_model)
    monkeypatch.setattr(make_head, "fit", lambda *_, **__: head)
    few = Catalogue(replace(category, utterances=category.utterances[:3]) for category in intents.load())
    monkeypatch.setattr("pointsman.training.make_head.intents.load", lambda: few)
    return head


def test_an_empty_folder_gets_the_head_and_the_vectors_of_the_shipped_encoder(
    tmp_path: Path, data: Path, shipped_head: Head
) -> None:
    target = tmp_path / "made" / "here"
    told: list[str] = []
    assert make_head.make(Data(data), [data], target, told.append) is shipped_head
    assert {path.name for path in target.iterdir()} == {HEAD_FILE, vectors.SHIPPED, packed_file().name}
    used = MiniLm()
    assert Head.read(target / HEAD_FILE, used.fingerprint, fast_model).categories == shipped_head.categories
    read = legible(intents.load().utterances, used)
    stored = vectors.read(target / vectors.SHIPPED, used.fingerprint)
    assert set(stored) == {vectors.key_of(utterance.text) for utterance in read}
    count = 2 + len(intents.load().utterances)  # the message is both learnt from and calibrated on
    assert told[0] == f"read {count} of {count} messages"


@pytest.mark.usefixtures("shipped_head")
def test_a_target_that_is_no_folder_is_refused_before_the_work(tmp_path: Path, data: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    told: list[str] = []
    with pytest.raises(InvalidInput, match=f"{tmp_path.name}/file/sub: cannot be written to") as caught:
        make_head.make(Data(data), [data], tmp_path / "file" / "sub", told.append)
    assert "folder" in caught.value.cure
    assert told == []


@pytest.mark.usefixtures("shipped_head")
def test_a_folder_that_fills_up_is_named(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Head, "write", full)
    with pytest.raises(InvalidInput, match="No space left"):
        make_head.make(Data(data), [data], tmp_path / "made", silent)


@pytest.mark.parametrize("absent", ["scipy", "sklearn"])
def test_without_the_packages_that_fit_nothing_is_begun(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(MissingExtra) as caught:
        make_head.make(Data(data), [data], tmp_path / "made", silent)
    assert "pointsman[train]" in caught.value.cure
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["make_head", "head", "encoder", "make_encoder", "joint", "make_fast", "fast"])
def test_the_modules_load_without_the_extra(name: str) -> None:
    """So that what is missing is said by name, and not by an import that failed."""
    absent = ["scipy", "sklearn", "torch", "transformers", "onnx"]
    script = f"import sys; sys.modules.update(dict.fromkeys({absent})); import pointsman.training.{name}"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_without_the_packages_that_export_no_encoder_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra) as caught:
        encoder.make(tmp_path / "made")
    assert "pointsman[train]" in caught.value.cure
    assert not (tmp_path / "made").exists()
