"""The verbs by hand: stable output, exit codes, data on stdout and chatter on stderr."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.main import VERBS, pointsman
from pointsman.core.errors import (
    ConfigError,
    InvalidInput,
    ModelFileError,
    PointsmanError,
    StoreError,
    UnknownDecision,
    Unreachable,
)


def run(*words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(pointsman, words, input=said, catch_exceptions=False)


def process(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pointsman", *words], capture_output=True, text=True, check=False, timeout=120, **more
    )


def test_help_names_every_verb() -> None:
    said = run("--help").output
    assert all(verb in said for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    assert run(verb, "--help").exit_code == 0


def test_route_prints_the_trace() -> None:
    said = run("route", "draw me a cat").stdout
    assert "image_generation (image)" in said
    assert " by fast in " in said
    assert "because:" in said


def test_route_json_has_the_stable_keys() -> None:
    decision = json.loads(run("route", "draw me a cat, 512x512", "--json").stdout)
    assert {"category", "path", "confidence", "tier", "slots", "latency_ms", "alternatives", "trace"} <= set(decision)
    assert (decision["category"], decision["path"]) == ("image_generation", "image")
    assert decision["slots"]["prompt"] == "a cat"
    assert decision["slots"]["width"] == decision["slots"]["height"] == 512


def test_route_lines_keep_their_order_and_their_ids() -> None:
    texts = ["hey!", "draw me a cat", "", "what's 23*19?"] * 80
    lines = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
    rows = [json.loads(line) for line in run("route", "-", "--jsonl", said=lines).stdout.splitlines()]
    assert [row["id"] for row in rows] == list(range(len(texts)))
    assert set(rows[0]) == {"id", "category", "path", "confidence", "tier", "latency_ms", "slots"}
    assert [row["path"] for row in rows[:2]] == ["simple", "image"]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "[" * 100_000,
        '{"text": "no id"}',
        '{"id": 1}',
        '{"id": 1, "text": 2}',
        '{"id": 1, "text": "a", "history": [1]}',
        '{"id": 1, "text": "a", "history": [{"role": "bogus", "text": "a"}]}',
        '{"id": 1, "text": "a", "history": [{"role": "user", "text": null}]}',
        '{"id": 1, "text": "a", "history": [{"role": "user", "content": 1}]}',
        '{"id": 1, "text": "a", "history": [{"role": "bogus", "content": "a"}]}',
    ],
    ids=lambda line: line[:60],
)
def test_a_bad_line_is_named_and_all_others_are_answered(line: str) -> None:
    before, after = '{"id": 0, "text": "hey!"}', '{"id": 2, "text": "hey!"}'
    result = CliRunner().invoke(pointsman, ["route", "-", "--jsonl"], input=f"{before}\n{line}\n\n{after}\n{line}\n")
    assert [json.loads(row)["id"] for row in result.stdout.splitlines()] == [0, 2]
    said = result.stderr.splitlines()
    assert [" ".join(row.split()[:3]) for row in said] == [f"pointsman: standard input:{n}:" for n in (2, 5)]
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.exit_code == 2
    assert result.exception.message.startswith("standard input: 2 lines without a decision")
    assert 'write {"id": ..., "text": "..."' in result.exception.cure


def test_earlier_turns_are_taken_with_text_and_with_content() -> None:
    from pointsman.cli.route import message_from
    from pointsman.core.message import Turn

    turns = [
        {"role": "developer", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "draw"}, {"type": "text", "text": "a cat"}]},
        {"role": "assistant", "content": None},
        {"role": "user", "text": "now"},
    ]
    _, message = message_from(json.dumps({"id": 1, "text": "again", "history": turns}).encode(), "here")
    assert message.history == (
        Turn("system", "be brief"), Turn("user", "draw\na cat"), Turn("assistant", ""), Turn("user", "now"),
    )  # fmt: skip


def test_a_program_that_waits_for_each_answer_gets_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pointsman", "route", "-", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as started:
        assert started.stdin
        assert started.stdout
        for number in range(3):
            started.stdin.write(json.dumps({"id": number, "text": "hey!"}) + "\n")
            started.stdin.flush()
            assert json.loads(started.stdout.readline())["id"] == number


def test_route_reads_standard_input() -> None:
    assert "image_generation" in run("route", "-", said="draw me a cat\n").stdout
    assert run("route", "hey", "--jsonl").exit_code == 2


def test_why_finds_the_latest_one_by_id_and_by_its_beginning() -> None:
    first = json.loads(run("route", "draw me a cat", "--json").stdout)
    second = json.loads(run("route", "hey!", "--json").stdout)
    assert json.loads(run("why", "--json").stdout)["id"] == second["id"]
    assert json.loads(run("why", first["id"], "--json").stdout) == {**first, "text": "draw me a cat", "uses": []}
    assert json.loads(run("why", first["id"][:8], "--json").stdout)["id"] == first["id"]
    assert f"#{first['id']}" in run("why", first["id"]).stdout


def test_why_shows_the_message_as_long_as_its_text_is_kept(tmp_path: Path) -> None:
    run("route", "-", said="draw me a cat\non a \x1b[31mmat\n")
    shown = run("why").stdout.splitlines()
    assert shown[0].startswith("#")
    assert shown[1:3] == ["  message: draw me a cat", "           on a ?[31mmat"]
    (tmp_path / "p.yaml").write_text("store: {keep_text: 0}\n")
    config = ("--config", str(tmp_path / "p.yaml"))
    run("route", "draw me a cat", *config)
    assert run("why", *config).stdout.splitlines()[1] == "  message: its text is not kept (see store.keep_text)"
    assert json.loads(run("why", "--json", *config).stdout)["text"] is None


def test_why_without_any_decision_says_so() -> None:
    with pytest.raises(UnknownDecision):
        run("why")


def test_why_shows_what_the_tiers_looked_at() -> None:
    run("route", "tell me whether owls can swim please")
    assert "looked at:" in run("why").stdout


def test_ask_answers_a_greeting_and_a_sum_without_a_model() -> None:
    result = run("ask", "what's 23*19?")
    assert result.stdout == "23*19 = 437\n"
    assert "code_execution" in result.stderr
    assert run("ask", "hola!", "--quiet").stderr == ""
    assert run("ask", "-", said="hey!").stdout.strip()


def test_ask_for_a_picture_without_a_server_says_what_to_start_and_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no picture was made"):
        run("ask", "draw me a cat", "-o", str(tmp_path / "cat.png"))
    assert not (tmp_path / "cat.png").exists()


def test_doctor_finds_everything_in_order_and_says_that_the_model_is_weak() -> None:
    result = run("doctor", "--json")
    findings = {finding["check"]: finding for finding in json.loads(result.stdout)["findings"]}
    assert result.exit_code == 0, result.stdout
    assert findings["chat model"]["grade"] == "warning"
    assert "models.main.file" in findings["chat model"]["cure"]
    assert {name for name, finding in findings.items() if finding["grade"] == "failed"} == set()


def test_doctor_says_the_cure_for_a_bad_configuration(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("server: {prot: 80}\n")
    result = run("doctor", "--config", str(tmp_path / "bad.yaml"))
    assert result.exit_code == 1
    assert "bad.yaml:1" in result.stdout
    assert "cure:" in result.stdout


def test_doctor_notices_a_category_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("fallback: nonsense\n")
    result = run("doctor", "--config", str(tmp_path / "p.yaml"))
    assert result.exit_code == 1
    assert "p.yaml:1: fallback" in result.stdout


def test_doctor_warns_of_tiers_that_decide_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("tiers: [{kind: tasks}]\n")
    result = run("doctor", "--json", "--config", str(tmp_path / "p.yaml"))
    assert result.exit_code == 0
    odd = [it for it in json.loads(result.stdout)["findings"] if it["check"] == "tiers"]
    assert [it["grade"] for it in odd] == ["warning", "warning"]
    assert "all go to the fallback, general_chat" in odd[0]["found"]
    assert "`corrections` is missing" in odd[1]["found"]
    assert odd[1]["cure"] == "put `- kind: corrections` first"


def test_a_lost_default_fallback_is_named_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "off.yaml").write_text("name: general_chat\nenabled: false\n")
    (tmp_path / "p.yaml").write_text("intents: {folder: mine}\n")
    with pytest.raises(ConfigError) as caught:
        run("route", "hi", "--config", str(tmp_path / "p.yaml"))
    assert caught.value.message == "fallback: there is no category 'general_chat', which is the default of this key"
    assert caught.value.cure.startswith("set `fallback:` to one of: ")
    assert "web_search" in caught.value.cure
    assert "general_chat" not in caught.value.cure


def test_doctor_notices_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "p.yaml").write_text("store: {path: file/decisions.db}\n")
    result = run("doctor", "--config", str(tmp_path / "p.yaml"))
    assert result.exit_code == 1
    assert "✗ store" in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["route"], 2, "Missing argument"),
        (["nonsense"], 2, "No such command"),
        (["why", "ffffffff"], UnknownDecision.exit_code, "cure:"),
        (["route", "hi", "--config", "absent.yaml"], ConfigError.exit_code, "absent.yaml"),
        (["ask", "draw a cat", "-o", "cat.png"], Unreachable.exit_code, "ComfyUI"),
        (
            ["ask", "tell me a story about a lighthouse", "--config", "model.yaml"],
            ModelFileError.exit_code,
            "absent.gguf",
        ),
    ],
)
def test_exit_codes_and_clear_messages(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("models: {main: {file: absent.gguf}}\n")
    done = process(*words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    environ = {**os.environ, "POINTSMAN_STORE": str(tmp_path / "file" / "x.db")}
    done = process("route", "hi", env=environ)
    assert done.returncode == StoreError.exit_code
    assert "x.db" in done.stderr
    assert "cure:" in done.stderr


def test_control_c_in_the_middle_is_quiet_and_has_its_own_exit_code(tmp_path: Path) -> None:
    """The verb waits for standard input here, so it is surely in the middle."""
    started = subprocess.Popen(
        [sys.executable, "-u", "-m", "pointsman", "route", "-", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert started.stdin
    assert started.stdout
    started.stdin.writelines(json.dumps({"id": number, "text": "hey!"}) + "\n" for number in range(256))
    started.stdin.flush()
    assert started.stdout.readline()
    started.send_signal(signal.SIGINT)
    _, chatter = started.communicate(timeout=30)
    assert started.returncode == 130
    assert "Traceback" not in chatter


def test_a_reader_that_stops_reading_is_no_error_worth_a_traceback(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": number, "text": "hey!"}) + "\n" for number in range(2000))
    (tmp_path / "in.jsonl").write_text(lines)
    done = subprocess.run(
        f"{sys.executable} -m pointsman route - --jsonl < in.jsonl | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert json.loads(done.stdout)["id"] == 0
    assert "Traceback" not in done.stderr


def test_every_error_has_an_exit_code_of_the_table() -> None:
    def tree(kind: type[PointsmanError]) -> list[type[PointsmanError]]:
        return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]

    assert {kind.exit_code for kind in tree(PointsmanError)} <= {1, 2, 3, 4}
    assert {kind.http_status for kind in tree(PointsmanError)} <= {400, 401, 403, 404, 413, 429, 500, 501, 502, 503}
