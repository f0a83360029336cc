"""Which addresses are in the house."""

from __future__ import annotations

import pytest

from pointsman.core.house import answers_in_house, is_in_house, is_outside


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434",
        "http://localhost:1234/v1",
        "http://[::1]:8188",
        "http://192.168.1.20:11434",
        "http://10.0.0.5",
        "http://172.31.0.2:8000/v1",
        "http://100.101.2.3:11434",
        "http://[fd12::7]:11434",
        "http://[fe80::1%25eth0]:11434",
        "http://[::ffff:192.168.1.20]:11434",
        "http://ollama:11434",
        "http://box.lan:11434",
        "http://BOX.local.:11434",
        "http://host.docker.internal:11434",
    ],
)
def test_a_machine_of_the_house(url: str) -> None:
    assert is_in_house(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.groq.com/openai/v1",
        "http://8.8.8.8:11434",
        "http://172.32.0.1",
        "http://[2606:4700::1111]",
        "http://[::ffff:8.8.8.8]",
        "https://192.168.1.20.evil.example",
        "https://local.example",
        "http://[nonsense",
        "nonsense",
        "",
    ],
)
def test_one_that_is_not(url: str) -> None:
    assert not is_in_house(url)


def test_what_a_server_of_the_house_passes_on_is_not_answered_there() -> None:
    assert answers_in_house("http://127.0.0.1:11434", ("qwen3:8b",))
    assert not answers_in_house("http://127.0.0.1:11434", ("gpt-oss:120b-cloud",))
    assert not answers_in_house("http://127.0.0.1:11434", ("qwen3:8b", "glm-4.6:cloud"))
    assert not answers_in_house("https://ollama.com", ("qwen3:8b",))


def test_only_what_says_so_is_outside() -> None:
    assert not is_outside(object())
