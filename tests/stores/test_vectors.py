"""Vectors on disk: only what is new is embedded, and encoders never mix."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from pointsman.stores import vectors
from pointsman.testing.bag_encoder import BagEncoder

TEXTS = ["draw a cat", "hello there", "what is love"]


def test_the_second_start_embeds_nothing_and_finds_the_same(tmp_path: Path) -> None:
    first, second = BagEncoder(), BagEncoder()
    before = vectors.vectors_for(TEXTS, first, shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    after = vectors.vectors_for(TEXTS, second, shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    assert (first.calls, second.calls) == (3, 0)
    assert np.array_equal(before, after)
    assert before[0] == pytest.approx(BagEncoder().encode(TEXTS[0]), abs=3e-3)


def test_only_new_texts_are_embedded(tmp_path: Path) -> None:
    vectors.vectors_for(TEXTS, BagEncoder(), shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    encoder = BagEncoder()
    told: list[tuple[int, int]] = []
    vectors.vectors_for(
        [*TEXTS, "new"],
        encoder,
        shipped=tmp_path / "none.npz",
        cache_folder=tmp_path,
        progress=lambda done, total: told.append((done, total)),
    )
    assert encoder.calls == 1
    assert told == [(1, 1)]


def test_another_encoder_starts_anew(tmp_path: Path) -> None:
    vectors.vectors_for(TEXTS, BagEncoder(), shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    other = BagEncoder(fingerprint="other")
    vectors.vectors_for(TEXTS, other, shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    assert other.calls == 3


def test_what_ships_is_not_embedded_again(tmp_path: Path) -> None:
    encoder = BagEncoder()
    vectors.write(tmp_path / "shipped.npz", "bag", {vectors.key_of(text): encoder.encode(text) for text in TEXTS})
    encoder.calls = 0
    found = vectors.vectors_for(TEXTS, encoder, shipped=tmp_path / "shipped.npz", cache_folder=tmp_path / "cache")
    assert encoder.calls == 0
    assert found.shape == (3, 64)
    assert not (tmp_path / "cache").exists()


def test_two_catalogues_do_not_evict_each_other(tmp_path: Path) -> None:
    encoder = BagEncoder()
    vectors.write(tmp_path / "shipped.npz", "bag", {vectors.key_of("hello"): encoder.encode("hello")})

    def embedded(*own: str) -> int:
        encoder.calls = 0
        texts = ["hello", *own]
        found = vectors.vectors_for(texts, encoder, shipped=tmp_path / "shipped.npz", cache_folder=tmp_path)
        assert found.shape == (len(texts), 64)
        return encoder.calls

    assert [embedded("a", "b"), embedded("c", "d"), embedded("a", "b"), embedded("d", "c")] == [2, 2, 0, 0]
    cached = vectors.read(tmp_path / "vectors-bag.npz", "bag")
    assert set(cached) == {vectors.key_of(text) for text in "abcd"}  # what ships is not copied


def test_the_cache_lets_go_of_what_was_written_longest_ago(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CACHED", 3)

    def kept_after(*texts: str) -> set[str]:
        vectors.vectors_for(texts, BagEncoder(), shipped=tmp_path / "none.npz", cache_folder=tmp_path)
        cached = vectors.read(tmp_path / "vectors-bag.npz", "bag")
        return {text for text in "abcdefgh" if vectors.key_of(text) in cached}

    assert kept_after("a", "b") == set("ab")
    assert kept_after("a", "c") == set("abc")
    assert kept_after("d") == set("acd")  # "b" was used before "a"
    assert kept_after("e", "f", "g", "h") == set("efgh")  # one catalogue is never cut, or it would embed at every start


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors.vectors_for(TEXTS, BagEncoder(), shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    before = (tmp_path / "vectors-bag.npz").read_bytes()

    def full(stream: IO[bytes], **_: object) -> None:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    found = vectors.vectors_for(["new"], BagEncoder(), shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    assert found.shape == (1, 64)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors-bag.npz"]
    assert (tmp_path / "vectors-bag.npz").read_bytes() == before
    with pytest.raises(OSError, match="No space"):
        vectors.write(tmp_path / "other.npz", "bag", {"key": found[0]})


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"\x00" * 100])
def test_a_damaged_cache_is_made_again(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "vectors-bag.npz").write_bytes(damage)
    encoder = BagEncoder()
    vectors.vectors_for(TEXTS, encoder, shipped=tmp_path / "none.npz", cache_folder=tmp_path)
    assert encoder.calls == 3
    assert len(vectors.read(tmp_path / "vectors-bag.npz", "bag")) == 3


def test_an_unwritable_cache_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = vectors.vectors_for(TEXTS, BagEncoder(), shipped=tmp_path / "n.npz", cache_folder=tmp_path / "file" / "sub")
    assert found.shape == (3, 64)


def test_no_texts(tmp_path: Path) -> None:
    assert vectors.vectors_for([], BagEncoder(), shipped=tmp_path / "n.npz", cache_folder=None).shape == (0, 64)
