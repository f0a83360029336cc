"""`pointsman memory`: what is remembered, found, forgotten; and all that is kept of somebody, exported and erased."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.main import pointsman
from pointsman.core.errors import BadField, ConfigError, InvalidInput


def run(*words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(pointsman, ["memory", *words], input=said, catch_exceptions=False)


def listed(*words: str) -> list[dict[str, Any]]:
    return list(json.loads(run(*words, "--json").stdout)["memories"])


def test_what_is_remembered_is_listed_found_and_forgotten() -> None:
    assert run("remember", "the", "locker", "code", "is", "4512").stdout.startswith("m1     2")
    assert run("remember", "-", said="Ines likes\ntulips\n").stdout.endswith("  private  Ines likes tulips\n")
    assert run("remember", "The locker code is 4512.").stdout.startswith("known already, since 2")
    assert [(it["id"], it["text"], it["scope"]) for it in listed("list")] == [
        ("m1", "the locker code is 4512", "private"),
        ("m2", "Ines likes\ntulips", "private"),
    ]
    assert len(run("list").stdout.splitlines()) == 2
    assert [it["id"] for it in listed("search", "which flowers please Ines", "--count", "1")] == ["m2"]
    assert run("forget", "M1").stdout.startswith("forgotten: m1")
    assert [it["id"] for it in listed("list")] == ["m2"]


def test_nothing_is_said_on_standard_error_and_nothing_there_is_no_failure() -> None:
    done = run("list")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "nothing is remembered\n")
    assert listed("search", "anything") == []


def test_what_is_not_there_cannot_be_forgotten_nor_can_another_s() -> None:
    run("remember", "mine", "--user", "discord:7")
    with pytest.raises(InvalidInput, match="local has no memory m1, m9"):
        run("forget", "m1", "m9")
    assert [it["owner"] for it in listed("list", "--user", "discord:7")] == ["discord:7"]
    assert listed("list") == []


def test_whoever_is_meant_has_to_have_a_name() -> None:
    for words in (("remember", "x"), ("export",), ("erase", "--yes")):
        with pytest.raises(BadField, match="nobody"):
            run(*words, "--user", "discord")


def test_a_full_memory_says_so(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text("tools:\n  memory:\n    most: 1\n")
    run("remember", "one", "--config", str(file))
    with pytest.raises(InvalidInput, match="which is the limit"):
        run("remember", "two", "--config", str(file))


def test_all_is_exported_into_a_private_new_file_and_erased(tmp_path: Path) -> None:
    run("remember", "quagmire77")
    made = json.loads(CliRunner().invoke(pointsman, ["route", "hello quagmire", "--json"]).stdout)
    CliRunner().invoke(pointsman, ["correct", made["id"], "general_chat", "--yes"])
    document = json.loads(run("export").stdout)
    file = tmp_path / "all.json"
    assert run("export", "-o", str(file)).stdout == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = json.loads(file.read_text())
    assert {**again, "exported_at": 0} == {**document, "exported_at": 0}
    assert [it["text"] for it in document["memories"]] == ["quagmire77"]
    assert [it["text"] for it in document["decisions"]] == ["hello quagmire"]
    assert [it["text"] for it in document["corrections"]] == ["hello quagmire"]
    with pytest.raises(ConfigError, match="cannot be written"):
        run("export", "-o", str(file))
    assert run("erase").exit_code == 2
    done = run("erase", "--yes")
    assert done.stdout == "erased of local: 1 memory, 1 decision, 1 correction\n"
    assert json.loads(run("erase", "-y", "--json").stdout) == {
        "owner": "local", "memories": 0, "decisions": 0, "corrections": 0, "log_emptied": True,
    }  # fmt: skip


def test_a_terminal_is_shown_nothing_that_it_acts_on() -> None:
    run("remember", "red \x1b[31mtext\u202e")
    assert "\x1b" not in run("list").stdout
    assert "\u202e" not in run("list").stdout


def test_listing_imports_no_encoder() -> None:
    code = (
        "import sys\nfrom pointsman.cli.main import pointsman\n"
        "pointsman(['memory', 'list'], standalone_mode=False)\n"
        "assert 'onnxruntime' not in sys.modules and 'aiohttp' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
