"""Vectors on disk: only what is new is embedded, and encoders never mix."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from pointsman.stores import vectors
from pointsman.stores.vectors import VectorLibrary
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


def test_a_library_gives_what_it_was_given_by_fingerprint(tmp_path: Path) -> None:
    library, fingerprint = VectorLibrary(tmp_path), "cloud/@cf/baai/bge-small-en-v1.5/cls/384"
    given = {text: BagEncoder().encode(text) for text in TEXTS}
    assert library.load(fingerprint) == {}
    kept = library.save(fingerprint, given)
    loaded = VectorLibrary(tmp_path).load(fingerprint)
    assert list(loaded) == list(kept) == TEXTS
    assert all(np.array_equal(loaded[text], kept[text]) for text in TEXTS)
    assert loaded[TEXTS[0]] == pytest.approx(given[TEXTS[0]], abs=3e-3)
    assert library.load(fingerprint.replace("cls", "mean")) == {}
    assert library.save(fingerprint, {}).keys() == given.keys()


def test_what_another_process_added_is_kept_and_handed_over(tmp_path: Path) -> None:
    encoder = BagEncoder()
    VectorLibrary(tmp_path).save("f", {"a": encoder.encode("a")})
    assert set(VectorLibrary(tmp_path).save("f", {"b": encoder.encode("b")})) == {"a", "b"}
    assert set(VectorLibrary(tmp_path).load("f")) == {"a", "b"}


def test_saving_again_rounds_no_further(tmp_path: Path) -> None:
    library = VectorLibrary(tmp_path)
    kept = library.save("f", {text: BagEncoder().encode(text) for text in TEXTS})
    for _ in range(3):
        again = library.save("f", kept)
    assert all(np.allclose(again[text], kept[text], atol=1e-6) for text in TEXTS)


def test_a_library_lets_go_of_vectors_of_another_length_and_of_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = VectorLibrary(tmp_path)
    library.save("f", {"a": BagEncoder(64).encode("a")})
    assert set(library.save("f", {"b": BagEncoder(32).encode("b")})) == {"b"}
    monkeypatch.setattr(vectors, "CACHED", 2)
    encoder = BagEncoder(32)
    assert set(library.save("f", {text: encoder.encode(text) for text in "cd"})) == {"c", "d"}
    assert set(library.save("f", {"e": encoder.encode("e")})) == {"d", "e"}


def test_a_library_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for library in (VectorLibrary(None), VectorLibrary(tmp_path / "file" / "sub")):
        assert set(library.save("f", {"a": BagEncoder().encode("a")})) == {"a"}
        assert library.load("f") == {}


def test_writers_at_once_leave_a_whole_file(tmp_path: Path) -> None:
    encoder = BagEncoder()
    given = [{f"{writer} {number}": encoder.encode(str(number)) for number in range(50)} for writer in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda mine: [VectorLibrary(tmp_path).save("f", mine) for _ in range(5)], given))
    kept = VectorLibrary(tmp_path).load("f")
    assert len(kept) in {50, 100, 150, 200}
    assert len(list(tmp_path.iterdir())) == 1
