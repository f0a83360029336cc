"""`pointsman gpu simulate`: what is printed, what is drawn, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli import gpu_simulate
from pointsman.cli.gpu_simulate import simulate
from pointsman.cli.main import main
from pointsman.gpu.simulate import run as running

KEYS = [
    "policy", "cold_loads", "spills", "overcommits", "image_gb", "image_p50_s", "image_p95_s", "chat_p50_s",
    "chat_p95_s", "degraded_share",
]  # fmt: skip


def run(*words: str) -> Result:
    return CliRunner().invoke(simulate, words)


def said(*words: str) -> dict[str, Any]:
    result = run("--json", *words)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


SHORT = ("--seeds", "2", "--hours", "0.5")


def test_the_json_has_a_row_for_each_policy_with_the_agreed_keys_first() -> None:
    found = said(*SHORT)
    assert [row["policy"] for row in found["policies"]] == list(running.POLICIES)
    for row in (*found["policies"], found["ideal"]):
        assert list(row)[: len(KEYS)] == KEYS
    assert found["days"] == 2
    assert found["card"] == 24 * 10**9
    assert said(*SHORT) == found


def test_the_policies_on_the_command_line_are_those_of_the_simulation() -> None:
    assert tuple(running.POLICIES) == gpu_simulate.POLICIES == tuple(running.MEANS)
    rows = said(*SHORT, "--policy", "matrix", "--policy", "exclusive")["policies"]
    assert [row["policy"] for row in rows] == ["matrix", "exclusive"]


def test_people_get_a_table_that_says_what_its_columns_mean() -> None:
    result = run(*SHORT, "--policy", "pointsman", "--llm", "15GiB")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "2 days of 0.5 h with games; card 24 GB, llm 16.1061 GB, image 7 GB."
    firsts = [line.split()[0] for line in lines if line.split()]
    assert firsts.index("policy") < firsts.index("pointsman") < firsts.index("ideal")
    assert max(len(line) for line in lines) <= 110
    assert "assumed" in result.stdout


def test_a_saved_day_is_played_again_with_the_same_result(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    words = ("--seeds", "1", "--hours", "1", "--policy", "exclusive", "--policy", "pointsman")
    made = said(*words, "--save-trace", str(file))
    again = said("--trace", str(file), *words[4:])
    assert again["policies"] == made["policies"]
    assert again["played"].startswith("day.jsonl: ")


def test_a_trace_and_a_made_up_day_exclude_each_other(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text('{"t": 0, "kind": "chat", "tokens": 5}\n')
    for words in (("--seeds", "2"), ("--hours", "3"), ("--no-games",)):
        result = run("--trace", str(file), *words)
        assert result.exit_code == 2
        assert "nothing to make up" in result.stderr


@pytest.mark.parametrize("size", ["much", "-1GB", "0GB", "7 apples", "nan"])
def test_a_size_that_is_none_is_refused_with_an_example(size: str) -> None:
    result = run("--card", size)
    assert result.exit_code == 2
    assert "24GB" in result.stderr


def test_a_wrong_line_is_named_and_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text('{"t": 0, "kind": "chat", "tokens": 5}\n{"t": 1, "kind": "chat"}\n')
    result = run("--trace", str(file))
    error: Any = result.exception
    assert (error.exit_code, f"{file}:2: " in error.message, bool(error.cure)) == (2, True, True)


def test_it_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "out.png"
    result = run(*SHORT, "--plot", str(file))
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(b"\x89PNG")


def test_where_it_cannot_be_drawn_nothing_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(running, "compare", lambda *_: pytest.fail("it was played"))
    result = run(*SHORT, "--plot", str(tmp_path / "nowhere" / "out.png"))
    assert "cannot be written" in str(result.exception)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pointsman.cli.gpu_simulate import simulate\n"
        "try: simulate.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"rich", "pydantic", "matplotlib", "numpy", "asyncio"}
    assert "pointsman.gpu" not in done.stdout.split()


def test_an_interruption_ends_it_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "compare", interrupted)
    monkeypatch.setattr(sys, "argv", ["pointsman", "gpu", "simulate", "--seeds", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().out == ""
