"""Which services may be asked, by what is configured."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pointsman.config.cloud import Cloud, Ollama, OpenAiServer, is_local

ACCOUNT = "0123456789abcdef0123456789abcdef"
EVERY: dict[str, Any] = {
    "groq": {"key": "gsk_x"},
    "cloudflare": {"account": ACCOUNT, "token": "cf_x"},
    "huggingface": {"token": "hf_x"},
    "ollama": {"enabled": True},
    "servers": [{"name": "lm", "url": "http://127.0.0.1:1234/v1/", "models": ["m"]}],
}


def names(**given: Any) -> list[str]:
    return [service.name for service in Cloud.model_validate(given).services]


def problem(**given: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Cloud.model_validate(given)
    return str(caught.value.errors()[0]["msg"])


def test_without_a_key_nobody_is_asked() -> None:
    assert names() == []
    assert names(groq={"key": ""}, huggingface={"token": "  "}, cloudflare={"token": "cf_x"}) == []
    assert names(cloudflare={"account": "", "token": "cf_x"}) == []


def test_those_with_a_key_are_asked_in_order() -> None:
    assert names(**EVERY) == ["ollama", "cloudflare", "groq", "huggingface", "lm"]
    assert names(**EVERY, order=["lm", "groq"]) == ["lm", "groq", "ollama", "cloudflare", "huggingface"]


def test_one_switch_is_for_all_and_each_has_its_own() -> None:
    assert names(**EVERY, enabled=False) == []
    assert names(**EVERY | {"groq": {"key": "gsk_x", "enabled": False}}, order=["groq"]) == [
        "ollama", "cloudflare", "huggingface", "lm",
    ]  # fmt: skip


def test_what_is_local() -> None:
    by_name = {service.name: is_local(service) for service in Cloud.model_validate(EVERY).services}
    assert by_name == {"ollama": True, "cloudflare": False, "groq": False, "huggingface": False, "lm": True}
    assert not is_local(Ollama(url="https://ollama.example/"))
    assert is_local(Ollama(url="http://127.0.1.1:11434"))
    assert not is_local(Ollama(models=("gpt-oss:120b-cloud",)))


def test_what_is_local_can_be_said() -> None:
    lan, proxy = "http://192.168.1.9:8000/v1", "http://127.0.0.1:4000/v1"
    assert not is_local(OpenAiServer(name="vllm", url=lan, models=("m",)))
    assert is_local(OpenAiServer(name="vllm", url=lan, models=("m",), local=True))
    assert not is_local(OpenAiServer(name="litellm", url=proxy, models=("gpt-5",), local=False))
    assert is_local(Ollama(url="http://192.168.1.9:11434", local=True))
    assert not is_local(Ollama(url="http://192.168.1.9:11434", local=True, models=("gpt-oss:120b-cloud",)))


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        (":9000", "http://127.0.0.1:9000"),
        ("0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("[::1]:9000", "http://[::1]:9000"),
        ("http://box:9000/", "http://box:9000"),
        ("https://box/ollama", "https://box:443/ollama"),
    ],
)
def test_what_ollama_host_may_hold(said: str, url: str) -> None:
    assert Ollama.model_validate({"url": said}).url == url


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"groq": {"key": "a b"}}, "printable ASCII"),
        ({"groq": {"url": "api.groq.com"}}, "should be an address"),
        ({"groq": {"url": "https://me:secret@api.groq.com"}}, "give it as `key`"),
        ({"groq": {"models": []}}, "at least 1 item"),
        ({"groq": {"limits": {"requests_per_day": 0}}}, "greater than or equal to 1"),
        ({"cloudflare": {"account": "me"}}, "match pattern"),
        ({"ollama": {"url": "http://box:port"}}, "should be an address"),
        ({"order": ["grok"]}, "there are: ollama, cloudflare, groq, huggingface"),
        ({"servers": [{"name": "groq", "url": "http://a", "models": ["m"]}]}, "two services are called 'groq'"),
    ],
)
def test_what_is_refused(given: dict[str, Any], what: str) -> None:
    said = problem(**given)
    assert what in said
    assert "secret" not in said
