from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pointsman.config import schema
from pointsman.config.load import load
from pointsman.config.model import Config

EXAMPLE = schema.CONFIG_FILE.with_name("example.yaml")


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from parts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from parts(inner)


@pytest.mark.parametrize(
    ("file", "made", "command"),
    [
        (schema.CONFIG_FILE, schema.json_schema, "pointsman config schema"),
        (schema.INTENT_FILE, schema.intent_schema, "pointsman config schema --intent"),
    ],
)
def test_the_committed_schema_is_up_to_date(file: Path, made: Any, command: str) -> None:
    assert file.read_text(encoding="utf-8") == schema.text(made()), f"run `{command} > {file.name}` in {file.parent}"


@pytest.mark.parametrize("made", [schema.json_schema(), schema.intent_schema()], ids=["config", "intent"])
def test_every_key_is_described(made: dict[str, Any]) -> None:
    for section in schema.sections(made):
        for key, value in section.items():
            assert value.get("description") or "$ref" in value, key


@pytest.mark.parametrize("made", [schema.json_schema(), schema.intent_schema()], ids=["config", "intent"])
def test_the_schema_is_standard_and_portable(made: dict[str, Any]) -> None:
    assert made["title"]
    assert "/" not in made["$id"]
    assert str(Path.home()) not in json.dumps(made)
    for part in parts(made):
        assert not {"ge", "le"} & set(part)
        if isinstance(part.get("pattern"), str):
            re.compile(part["pattern"])


def test_unknown_keys_are_refused_everywhere() -> None:
    made = schema.json_schema()
    for name, part in {"": made, **made["$defs"]}.items():
        if name != "McpServer":  # other programs keep keys of their own in these
            assert part["additionalProperties"] is False


def test_numbers_may_come_from_variables() -> None:
    made = schema.json_schema()
    port = made["$defs"]["Server"]["properties"]["port"]
    assert port["anyOf"] == [{"type": "integer", "minimum": 0, "maximum": 65_535}, schema.REFERENCE]
    assert "anyOf" not in made["$defs"]["Server"]["properties"]["host"]


def test_the_example_is_the_defaults() -> None:
    assert load(EXAMPLE, environ={}).config == Config()


def test_the_example_names_its_schema() -> None:
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./pointsman.schema.json"
    assert (EXAMPLE.parent / "pointsman.schema.json").is_file()


def test_the_example_shows_every_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for section in schema.sections(schema.json_schema()):
        for key in section:
            assert re.search(rf"^[ #-]*{key}:", text, re.MULTILINE), key


def test_the_commented_keys_of_the_example_are_real(tmp_path: Path) -> None:
    text = re.sub(r"^  # (path: .*)$", r"  \1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file = tmp_path / "pointsman.yaml"
    file.write_text(text, encoding="utf-8")
    assert load(file, environ={}).origins["store.path"].startswith(str(file))
