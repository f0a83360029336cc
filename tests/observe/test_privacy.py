from __future__ import annotations

import re

import pytest

from pointsman.observe.privacy import Privacy, one_line

KEYS = (
    "gsk_9aZk3LmQ8rT2vX7yB1cD",
    "Authorization: Bearer 8f3kd02kfl39dk20fkd93kf0",
    "my api_key=abc123def456ghi",
    "https://joe:hunter22@example.org/x",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
)


def test_the_levels_show_nothing_a_hash_and_everything() -> None:
    assert Privacy("none").shown("hello") == ""
    assert re.fullmatch("[0-9a-f]{8}", Privacy("hash").shown("hello"))
    assert Privacy("full").shown("hello") == "hello"


def test_the_same_text_is_known_again_in_one_process_and_not_in_the_next() -> None:
    here, there = Privacy(), Privacy()
    assert here.shown("hello") == here.shown("hello") != here.shown("hello!")
    assert here.shown("hello") != there.shown("hello")
    assert here.shown("\ud800")  # what no encoding takes has one, too


@pytest.mark.parametrize("text", KEYS)
def test_keys_are_hidden_in_lines_and_in_full_texts(text: str) -> None:
    secret = max(re.findall(r"[A-Za-z0-9_]{6,}", text.replace("Authorization", "").replace("PRIVATE", "")), key=len)
    assert secret in text
    assert secret not in Privacy("full").masked(f"it said {text} and so on")
    assert secret not in Privacy("full").shown(text)


def test_secrets_of_the_configuration_are_hidden_however_they_look() -> None:
    privacy = Privacy(known=["open sesame", "open sesame street", "abc"])
    assert privacy.masked("the key open sesame street is wrong, open sesame too") == "the key *** is wrong, *** too"
    assert (
        privacy.masked("abc stays, as it is too short to hide anything")
        == "abc stays, as it is too short to hide anything"
    )


def test_a_secret_that_comes_later_is_hidden_as_well() -> None:
    privacy = Privacy(known=["open sesame"])
    privacy.hide(["swordfish"])
    assert privacy.masked("open sesame, swordfish") == "***, ***"


@pytest.mark.parametrize(
    "line", ["127.0.0.1:11434 cannot be reached", "decision 1c510f8e5bfc", "qwen3:14b at 10.0.0.7"]
)
def test_what_a_log_is_read_for_stays(line: str) -> None:
    assert Privacy().masked(line) == line


def test_a_line_stays_one_line() -> None:
    assert one_line("a\nb\r\x1b[2J\u2028c") == "a\\nb\\r\\x1b[2J\\u2028c"
    assert one_line("héllo ☀") == "héllo ☀"
    assert len(one_line("x" * 10_000)) == 2003
