"""The weights: their score, their file, and what is said of damaged ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pointsman.core.errors import ModelFileError
from pointsman.tiers.guard.head import BUCKETS, GuardHead, buckets


def head_of(**weights: float) -> GuardHead:
    return GuardHead(-2.0, weights, np.zeros(BUCKETS, np.float32))


def test_signs_and_words_add_up() -> None:
    plain, signed = head_of(), head_of(leak=4.0)
    assert plain.score("hello", {"leak"}) == pytest.approx(1 / (1 + np.exp(2)))
    assert signed.score("hello", {"leak"}) == pytest.approx(1 / (1 + np.exp(-2)))
    assert signed.score("hello", {"unknown"}) == plain.score("hello", set())
    signed.grams[buckets("hello")] = 1.0
    assert signed.score("hello", set()) > plain.score("hello", set())
    assert head_of(leak=1e9).score("", {"leak"}) == pytest.approx(1.0)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    head = head_of(leak=1.5, mode=-0.25)
    head.grams[7] = 0.5
    head.write(tmp_path / "guard.npz")
    back = GuardHead.read(tmp_path / "guard.npz")
    assert (back.bias, dict(back.signs)) == (head.bias, dict(head.signs))
    assert np.array_equal(back.grams, head.grams)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "guard.npz"
    with pytest.raises(ModelFileError, match="cannot be read"):
        GuardHead.read(path)
    path.write_bytes(b"PK nothing")
    with pytest.raises(ModelFileError, match="cannot be read"):
        GuardHead.read(path)
    np.savez(path, bias=0.0, names=["a"], signs=[1.0], grams=np.zeros(3))
    with pytest.raises(ModelFileError, match="shape"):
        GuardHead.read(path)


def test_the_shipped_file_is_small() -> None:
    from pointsman.providers.encoders import models_folder
    from pointsman.tiers.guard.head import GUARD_FILE

    assert (models_folder() / GUARD_FILE).stat().st_size <= 100_000
