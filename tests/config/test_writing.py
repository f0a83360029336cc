"""A configuration that is written with comments reads back as what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pointsman.config.expand import expand
from pointsman.config.load import load
from pointsman.config.writing import Line, Variable, commented
from pointsman.config.yamlfile import Document

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


def read(text: str, **environ: str) -> Any:
    return expand(Document(text, "x.yaml"), environ)


@given(TEXTS)
@example("yes")
@example("1e3")
@example("0x1f")
@example("2026-11-23")
@example("${HOME}")
@example("a: b # c")
@example("12:30:45")
@example("~")
@example("qwen3:14b")
@example("127.0.0.1")
@example("\x85\u2028\U000e0001")
@example("\\u0000 \\ \" '")
def test_every_text_is_read_back_as_it_was(text: str) -> None:
    assert read(commented([Line("key", text, "why")], ["head"])) == {"key": text}


@pytest.mark.parametrize("value", [True, False, None, 0, 8080, 0.5, -1])
def test_so_is_every_other_value(value: Any) -> None:
    assert read(commented([Line("key", value)], [])) == {"key": value}


def test_usual_values_stand_without_quotes() -> None:
    for value in ("qwen3:14b", "http://127.0.0.1:11434", "127.0.0.1", "7d", "z-image-turbo", "hf.co/a/b:Q4_K_M"):
        assert f"key: {value}\n" in commented([Line("key", value)], [])


def test_sections_comments_and_variables() -> None:
    lines = [
        Line("version", 1, "the format"),
        Line("server", (Line("port", 8080, "where"), Line("key", Variable("SOME"), "who")), "The gateway."),
    ]
    text = commented(lines, ["Made by hand."], schema="./x.json")
    assert text.startswith("# yaml-language-server: $schema=./x.json\n#\n# Made by hand.\n\nversion: 1 ")
    assert "\n# The gateway.\nserver:\n  port: 8080 " in text
    assert read(text, SOME="secret") == {"version": 1, "server": {"port": 8080, "key": "secret"}}
    assert "secret" not in text


def test_the_schema_is_the_one_of_this_version(tmp_path: Path) -> None:
    text = commented([Line("version", 1)], [])
    address = text.splitlines()[0].partition("$schema=file://")[2]
    assert Path(address).name == "pointsman.schema.json"
    assert Path(address).is_file()
    file = tmp_path / "pointsman.yaml"
    file.write_text(text, encoding="utf-8")
    assert load(file, environ={}).config.version == 1
