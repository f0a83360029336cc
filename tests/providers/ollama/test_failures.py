"""Every error of Ollama as one of ours, by its words wherever they come from, with a cure."""

from __future__ import annotations

import pytest

from pointsman.core.errors import (
    InputTooLarge,
    InvalidInput,
    ModelFailed,
    NoRoom,
    OutOfMemory,
    PointsmanError,
    ToolsUnsupported,
    UnknownModel,
    Unreachable,
)
from pointsman.providers.ollama.failures import error_in, error_text, failure, foreign

CASES: list[tuple[int, str, type[PointsmanError]]] = [
    (404, "model 'm' not found", UnknownModel),
    (404, 'model "m" not found, try pulling it first', UnknownModel),
    (200, "model 'm' not found", UnknownModel),
    (503, "server busy, please try again.  maximum pending requests exceeded", NoRoom),
    (500, "cudaMalloc failed: out of memory", OutOfMemory),
    (500, "llama-server process has terminated: failed to allocate CUDA0 buffer", OutOfMemory),
    (500, "model requires more system memory (12.1 GiB) than is available (7.9 GiB)", OutOfMemory),
    (200, "CUDA error: Out of Memory", OutOfMemory),
    (500, "hipErrorOutOfMemory", OutOfMemory),
    (500, "insufficient memory for the model", OutOfMemory),
    (500, "not enough memory", OutOfMemory),
    (500, "vk: allocation failed", OutOfMemory),
    (400, "the input length exceeds the context length", InputTooLarge),
    (400, "request (9000 tokens) exceeds the available context size (4096 tokens)", InputTooLarge),
    (400, '"m" does not support chat', InvalidInput),
    (400, '"m" does not support thinking', InvalidInput),
    (400, '"m" does not support tools', ToolsUnsupported),
    (400, "registry.ollama.ai/library/m:1b does not support tools", ToolsUnsupported),
    (400, '"m" does not support chat', InvalidInput),
    (500, "this model does not support embeddings", InvalidInput),
    (400, "missing request body", InvalidInput),
    (403, "this model requires a subscription", ModelFailed),
    (401, "unauthorized", ModelFailed),
    (499, "request canceled", ModelFailed),
    (500, "client connection closed before llama-server finished loading, aborting load", ModelFailed),
    (500, "timed out waiting for llama-server to start - progress 0.25 - ", ModelFailed),
    (500, "llama-server process has terminated: exit status 2", ModelFailed),
    (500, "something new", ModelFailed),
]


@pytest.mark.parametrize(("status", "text", "kind"), CASES)
def test_errors(status: int, text: str, kind: type[PointsmanError]) -> None:
    error = failure(status, text, "m")
    assert type(error) is kind
    assert error.cure


def test_cures() -> None:
    assert failure(404, "model 'qwen3:4b' not found", "qwen3:4b").cure == "ollama pull qwen3:4b"
    assert "think" in failure(400, '"m" does not support thinking', "m").cure
    assert "tools" in failure(400, '"m" does not support tools', "m").cure
    assert "all-minilm" in failure(500, "this model does not support embeddings", "m").cure
    assert "OLLAMA_LOAD_TIMEOUT" in failure(500, "timed out waiting for llama-server to start", "m").cure
    assert "context" in failure(400, "the input length exceeds the context length", "m").cure
    busy = failure(503, "server busy, please try again", "m")
    assert isinstance(busy, NoRoom)
    assert 0 < busy.retry_after < 60


def test_a_long_error_is_cut() -> None:
    assert len(failure(500, "x\n" * 9000, "m").message) < 400


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":"x"}', "x"),
        (b'{"error":{"message":"y"}}', "y"),
        (b'{"error":{"code":3}}', '{"code": 3}'),
        (b'{"error":3}', "3"),
        (b'{"models":[]}', None),
        (b"[]", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_the_error_in_a_body(body: bytes, text: str | None) -> None:
    assert error_in(body) == text


def test_no_error_in_what_is_no_object() -> None:
    assert error_text(None) is None


@pytest.mark.parametrize(("status", "words"), [(502, "ollama serve"), (200, "/v1"), (404, "/v1"), (307, "/v1")])
def test_answers_of_somebody_else(status: int, words: str) -> None:
    error = foreign(status, "host:1")
    assert isinstance(error, Unreachable)
    assert words in error.cure
    assert "host:1" in error.message
