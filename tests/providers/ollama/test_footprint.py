"""Footprints guessed from a model's description: never less than the fake really takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.providers.ollama.footprint import OVERHEAD, Shape, estimate
from pointsman.testing.ollama import LIBRARY, OllamaFile

AROUND = 400_000_000


def info_of(file: OllamaFile) -> dict[str, Any]:
    info: dict[str, Any] = file.show()["model_info"]
    return info


def test_a_token_of_qwen3_30b_is_98_kilobytes_and_not_half_of_it() -> None:
    assert Shape(info_of(LIBRARY["qwen3:30b"])).bytes_a_token() == 98_304
    assert Shape(info_of(LIBRARY["qwen3:30b"])).bytes_a_token(1.0) == 49_152


@pytest.mark.parametrize("name", sorted(LIBRARY))
@pytest.mark.parametrize("context", [256, 4096, 32_768])
def test_a_guess_is_enough_and_not_far_too_much(name: str, context: int) -> None:
    file = LIBRARY[name]
    taken = file.taken(min(context, file.context), 1) + AROUND
    assert taken <= estimate(file.show(), file.size, context) <= 1.1 * taken + OVERHEAD


@given(
    st.builds(
        OllamaFile,
        st.just("m"),
        st.integers(10**7, 10**11),
        layers=st.integers(1, 100),
        kv_heads=st.integers(1, 64),
        key_length=st.integers(32, 256),
        context=st.just(10**6),
    ),
    st.integers(256, 200_000),
    st.integers(1, 4),
)
def test_a_guess_is_enough_for_any_shape(file: OllamaFile, context: int, parallel: int) -> None:
    assert estimate(file.show(), file.size, context, parallel) >= file.taken(context, parallel) + AROUND


def test_layers_whose_heads_are_not_told_count_in_full() -> None:
    file = replace(LIBRARY["qwen3:14b"], listed_heads=True)
    assert file.show()["model_info"]["qwen3.attention.head_count_kv"] is None
    assert estimate(file.show(), file.size, 4096) > estimate(LIBRARY["qwen3:14b"].show(), file.size, 4096)


def test_heads_that_differ_by_layer() -> None:
    info = {**info_of(LIBRARY["qwen3:14b"]), "qwen3.block_count": 4, "qwen3.attention.head_count_kv": [8, 0, 8, 0]}
    assert Shape(info).bytes_a_token() == 16 * 256 * 2


def test_a_key_length_that_is_not_told() -> None:
    info = info_of(LIBRARY["qwen3:14b"])
    del info["qwen3.attention.key_length"], info["qwen3.attention.value_length"]
    assert Shape(info).bytes_a_token() == 40 * 8 * 256 * 2


@pytest.mark.parametrize("show", [{}, {"model_info": None}, {"model_info": {"general.architecture": "x"}}])
def test_a_model_that_tells_nothing_is_taken_for_a_large_one(show: dict[str, Any]) -> None:
    file = LIBRARY["qwen3:14b"]
    assert estimate(show, file.size, 8192) >= estimate(file.show(), file.size, 8192)


def test_layers_on_the_card() -> None:
    file = LIBRARY["qwen3:14b"]
    whole = estimate(file.show(), file.size, 8192)
    half = estimate(file.show(), file.size, 8192, num_gpu=20)
    assert 0.4 * whole < half < 0.6 * whole + OVERHEAD
    assert estimate(file.show(), file.size, 8192, num_gpu=99) == whole
    assert estimate(file.show(), file.size, 8192, num_gpu=0) == 0


def test_more_conversations_and_a_longer_context_take_more() -> None:
    file = LIBRARY["qwen3:4b"]
    sizes = [
        estimate(file.show(), file.size, context, parallel) for context, parallel in ((4096, 1), (8192, 1), (8192, 2))
    ]
    assert sizes == sorted(set(sizes))
    assert estimate(LIBRARY["all-minilm"].show(), 1, 512) == estimate(LIBRARY["all-minilm"].show(), 1, 10**6)
