"""The tokens of an answer are read off its last bytes, in either dialect, and guessed where it says none."""

from __future__ import annotations

import json

import pytest

from pointsman.core.usage import TAIL, Usage


def tokens(*parts: bytes, asked: int = 0, streamed: bool = False) -> int:
    usage = Usage()
    for part in parts:
        usage.saw(part)
    return usage.tokens(asked, streamed=streamed)


OPENAI = {"choices": [{"message": {"content": "x" * 50_000}}], "usage": {"prompt_tokens": 12, "completion_tokens": 30}}
VECTORS = {"data": [{"embedding": [0.1] * 2000}], "usage": {"prompt_tokens": 8, "total_tokens": 8}}
OLLAMA = {"done": True, "context": [1] * 5000, "total_duration": 5, "prompt_eval_count": 11, "eval_count": 22}


@pytest.mark.parametrize(("body", "count"), [(OPENAI, 42), (VECTORS, 8), (OLLAMA, 33)])
@pytest.mark.parametrize("gap", [None, 2])
def test_both_dialects_are_read(body: object, count: int, gap: int | None) -> None:
    assert tokens(json.dumps(body, indent=gap).encode()) == count


def test_a_count_that_comes_in_two_parts_is_one() -> None:
    whole = b'data: {"usage": {"prompt_tokens": 12, "completion_tokens": 30}}\n\ndata: [DONE]\n\n'
    for cut in range(len(whole)):
        assert tokens(whole[:cut], whole[cut:], streamed=True) == 42


def test_what_a_model_wrote_is_no_count() -> None:
    said = json.dumps({"content": '"prompt_tokens": 999999, "eval_count": 9'}).encode()
    assert tokens(said + b'{"prompt_eval_count":1,"eval_count":2}') == 3
    assert tokens(said) == len(said) // 4


def test_without_counts_a_line_is_a_token_and_four_bytes_are_one() -> None:
    assert tokens(b'data: {"x":1}\n\n' * 10, b"data: [DONE]\n\n", asked=400, streamed=True) == 100 + 11
    assert tokens(b"x" * 400, asked=40) == 110


def test_no_more_is_kept_than_the_end() -> None:
    usage = Usage()
    for _ in range(100):
        usage.saw(b"x" * 10_000)
    assert len(usage._tail) == TAIL


def test_the_last_count_counts_and_only_a_number_is_one() -> None:
    chunk = b'data: {"usage": {"prompt_tokens": %d, "completion_tokens" : %d}}\n\n'
    assert tokens(chunk % (1, 2), chunk % (3, 4), streamed=True) == 7
    said = json.dumps({"content": 'ends with "prompt_tokens": 9'}).encode()
    assert tokens(chunk % (5, 6), said, b'{"prompt_tokens": null, "completion_tokens": "7"}') == 11
