"""The embedded encoder: the committed files are what the code expects, and say what they said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pointsman.core.errors import ModelFileError
from pointsman.providers.encoders import MANIFEST, MODEL_FILE, TOKENIZER_FILE, MiniLm, models_folder, sha256_of

MANIFEST_DATA = json.loads((models_folder() / MANIFEST).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def encoder() -> MiniLm:
    return MiniLm()


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
def test_the_committed_files_are_those_of_the_manifest(name: str) -> None:
    assert sha256_of(models_folder() / name) == MANIFEST_DATA["files"][name]


def test_the_shipped_models_stay_under_30_mb() -> None:
    assert sum(path.stat().st_size for path in models_folder().iterdir() if path.is_file()) < 30e6


@pytest.mark.parametrize("text", MANIFEST_DATA["probes"])
def test_known_vectors(encoder: MiniLm, text: str) -> None:
    """int8 kernels differ a little between processors (VNNI or not), hence the tolerance."""
    assert encoder.encode(text)[:8] == pytest.approx(MANIFEST_DATA["probes"][text], abs=0.02)


def test_vectors_have_unit_length_and_the_stated_shape(encoder: MiniLm) -> None:
    vector = encoder.encode("draw me a cat")
    assert vector.shape == (encoder.dimensions,)
    assert vector.dtype == np.float32
    assert float(vector @ vector) == pytest.approx(1.0, abs=1e-5)


def test_meaning_is_near_meaning(encoder: MiniLm) -> None:
    cat, kitten, tax = (encoder.encode(text) for text in ("draw a cat", "sketch a kitten", "when are taxes due"))
    assert cat @ kitten > 0.6 > 0.2 > cat @ tax


def test_the_tokenizer_does_not_pad(encoder: MiniLm) -> None:
    assert len(encoder._tokenizer.encode("hi").ids) == 3


@pytest.mark.parametrize(
    "text", ["", "\x00", "🐈" * 50, "\u202e\u0627\u0644", "x" * 100_000, "word " * 5_000, "\ufffd"]
)
def test_any_text_has_a_vector(encoder: MiniLm, text: str) -> None:
    assert np.isfinite(encoder.encode(text)).all()


def test_a_missing_and_a_damaged_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="minilm"):
        MiniLm(tmp_path).encode("hi")
    shutil.copy(models_folder() / TOKENIZER_FILE, tmp_path)
    (tmp_path / MODEL_FILE).write_bytes(b"not a model")
    with pytest.raises(ModelFileError, match=MODEL_FILE):
        MiniLm(tmp_path).encode("hi")
    (tmp_path / TOKENIZER_FILE).write_text("{}")
    with pytest.raises(ModelFileError, match=TOKENIZER_FILE):
        MiniLm(tmp_path).encode("hi")


def test_the_fingerprint_is_made_of_the_manifests_digests(encoder: MiniLm) -> None:
    assert encoder.manifest == MANIFEST_DATA
    digests = MANIFEST_DATA["files"]
    assert encoder.fingerprint == f"minilm-l6-int8-{digests[MODEL_FILE][:12]}-{digests[TOKENIZER_FILE][:12]}"


def test_a_missing_manifest_is_named_with_a_cure(tmp_path: Path) -> None:
    for read in (lambda: MiniLm(tmp_path).manifest, lambda: MiniLm(tmp_path).fingerprint):
        with pytest.raises(ModelFileError, match=MANIFEST) as caught:
            read()
        assert "reinstall" in caught.value.cure


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"\xff\xfe", b"[]", b"{}", b'{"files": []}', b'{"files": {}}']
    + [json.dumps({"files": {MODEL_FILE: "ab", TOKENIZER_FILE: wrong}}).encode() for wrong in (None, 7)],
)
def test_a_damaged_manifest_is_named_with_a_cure(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(damage)
    with pytest.raises(ModelFileError, match=MANIFEST) as caught:
        _ = MiniLm(tmp_path).fingerprint
    assert "reinstall" in caught.value.cure


def test_the_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """ONNX Runtime has telemetry, on by default; where it is on, it keeps a device id and a queue in the home."""
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    environ.pop("ORT_DISABLE_TELEMETRY", None)
    code = "from pointsman.providers.encoders import MiniLm; MiniLm().encode('hello')"
    subprocess.run([sys.executable, "-c", code], check=True, env=environ)
    assert [path.name for path in tmp_path.rglob("*") if "icrosoft" in path.name or "onnxruntime" in path.name] == []
