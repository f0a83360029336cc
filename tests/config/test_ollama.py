"""Models of an Ollama in the configuration."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pointsman.config.ollama import FOREVER, OllamaModel, put_host


def model(**said: Any) -> OllamaModel:
    return OllamaModel.model_validate({"provider": "ollama", "model": "qwen3:14b", **said})


def test_little_is_needed() -> None:
    found = model()
    assert (found.url, found.context, found.keep_alive, found.think) == ("http://127.0.0.1:11434", 8192, None, None)
    assert (found.ids, found.judge_keep_alive, found.given) == (("qwen3:14b",), 0.0, {})


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("box", "http://box:11434"),
        (":8080", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - nothing listens there
        ("https://box.example/ollama/", "https://box.example:443/ollama/"),
    ],
)
def test_addresses_as_ollama_host_holds_them(said: str, url: str) -> None:
    assert model(url=said).url == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://box/v1", "http://box:1/v1/", "http://box/api/chat", "ftp://box"])
def test_addresses_of_something_else(url: str) -> None:
    with pytest.raises(ValidationError):
        model(url=url)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, None),
        (0, 0.0),
        ("0", 0.0),
        (-1, FOREVER),
        ("-1", FOREVER),
        ("-1m", FOREVER),
        ("forever", FOREVER),
        ("5m", 300.0),
        ("1h30m", 5400.0),
        (90, 90.0),
    ],
)
def test_keep_alives(said: object, seconds: float | None) -> None:
    assert model(keep_alive=said).keep_alive == seconds


@pytest.mark.parametrize("said", ["soon", "", True, [], float("nan")])
def test_no_keep_alives(said: object) -> None:
    with pytest.raises(ValidationError):
        model(keep_alive=said)


def test_options_in_ollamas_names() -> None:
    found = model(options={"temperature": 0.2, "num_gpu": 0, "stop": ["END"], "use_mmap": False})
    assert found.given == {"temperature": 0.2, "num_gpu": 0, "stop": ["END"], "use_mmap": False}


@pytest.mark.parametrize(
    "said",
    [
        {"options": {"num_ctx": 4096}},
        {"options": {"warmth": 1}},
        {"options": {"temperature": -1}},
        {"options": {"top_p": 0}},
        {"options": {"num_thread": True}},
        {"context": 10},
        {"think": "hard"},
        {"model": "two words"},
        {"name": "auto"},
        {"model": "auto"},
        {"extra": 1},
    ],
)
def test_what_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(**said)


def test_where_the_context_belongs_is_said() -> None:
    with pytest.raises(ValidationError, match="`context`"):
        model(options={"num_ctx": 4096})


@pytest.mark.parametrize("think", [True, False, "low", "max", None])
def test_thinking(think: Any) -> None:
    assert model(think=think).think == think


def test_ollama_host_is_put_where_no_address_is() -> None:
    data: dict[str, Any] = {
        "models": {
            "main": {"provider": "ollama", "model": "a"},
            "small": {"provider": "ollama", "model": "b", "url": "http://other:1"},
        }
    }
    assert put_host(data, {"OLLAMA_HOST": " box "}) == {"models.main.url": "OLLAMA_HOST"}
    assert data["models"]["main"]["url"] == "box"
    assert data["models"]["small"]["url"] == "http://other:1"


@pytest.mark.parametrize(
    "data", [None, [], {}, {"models": None}, {"models": {"main": None, "small": {"provider": "openai"}}}]
)
def test_ollama_host_leaves_everything_else(data: Any) -> None:
    before = repr(data)
    assert put_host(data, {"OLLAMA_HOST": "box"}) == {}
    assert put_host({"models": {"main": {"provider": "ollama"}}}, {"OLLAMA_HOST": " "}) == {}
    assert repr(data) == before
