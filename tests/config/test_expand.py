from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config.expand import expand
from pointsman.config.load import load
from pointsman.config.yamlfile import Document
from pointsman.core.errors import ConfigError


def expanded(text: str, **environ: str) -> object:
    return expand(Document(text, "x.yaml"), environ)


@pytest.mark.parametrize(
    ("value", "environ", "expected"),
    [
        ("${WHO}", {"WHO": "localhost"}, "localhost"),
        ("${WHO}", {"WHO": ""}, ""),
        ("${WHO:-localhost}", {}, "localhost"),
        ("${WHO:-localhost}", {"WHO": ""}, "localhost"),
        ("${WHO:-localhost}", {"WHO": "::1"}, "::1"),
        ("local${A}${B}", {"A": "ho", "B": "st"}, "localhost"),
        ("local${A:-}host", {}, "localhost"),
        ("a$$b", {}, "a$b"),
        ("$${X}", {}, "${X}"),
        ("a$b", {}, "a$b"),
        ("a$", {}, "a$"),
        ("$$$$", {}, "$$"),
    ],
)
def test_references_in_texts(value: str, environ: dict[str, str], expected: str) -> None:
    assert expanded(f"a: [{{b: '{value}'}}]", **environ) == {"a": [{"b": expected}]}


def test_only_texts_are_touched() -> None:
    assert expanded("a: [1, 2.5, true, null]\n${X}: y\n", X="x") == {"a": [1, 2.5, True, None], "${X}": "y"}


def test_a_variable_cannot_add_keys() -> None:
    injection = "x\nserver: {host: h}"
    assert expanded("fallback: ${X}\n", X=injection) == {"fallback": injection}


def test_a_variable_is_not_expanded_again() -> None:
    assert expanded("a: ${X}\n", X="${Y}$$") == {"a": "${Y}$$"}


def test_every_unset_variable_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        expanded("a: ${ONE}\nb:\n  - fine\n  - ${TWO} and ${THREE:-3}\n")
    assert caught.value.message.splitlines() == [
        "x.yaml:1: a: the environment variable ONE is not set",
        "x.yaml:4: b.1: the environment variable TWO is not set",
    ]
    assert caught.value.cure == "set it, or write ${ONE:-a default}; set it, or write ${TWO:-a default}"


@pytest.mark.parametrize("value", ["${", "${}", "${1X}", "${A B}", "${A:default}"])
def test_what_is_no_reference(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml:1: a: \$\{ begins no variable's name"):
        expanded(f"a: '{value}'\n", A="x")


def test_numbers_and_switches_from_variables(tmp_path: Path) -> None:
    environ = {"PORT": "81", "FOOTER": "false", "KIND": "patterns", "BAR": "0.5"}
    file = tmp_path / "pointsman.yaml"
    file.write_text(
        "server:\n  port: ${PORT}\nreply:\n  footer: ${FOOTER}\ntiers:\n  - kind: ${KIND}\n    accept: ${BAR}\n"
    )
    config = load(file, environ=environ).config
    assert (config.server.port, config.reply.footer, config.tiers[0].accept) == (81, False, 0.5)
