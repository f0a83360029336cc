"""When messages use up what each service allows, played without sending any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.main import pointsman


def run(*words: str) -> Result:
    return CliRunner().invoke(pointsman, words)


SIMULATE = ("quota", "simulate", "--json")


def simulated(*words: str) -> dict[str, Any]:
    result = run(*SIMULATE, *words)
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    return {**said, "services": {it["service"]: it for it in said["services"]}}


def test_a_rate_that_is_too_much_says_when_each_is_used_up_and_what_runs_out() -> None:
    found = simulated("--rate", "12000/d", "--share", "100%", "--even", "--days", "1")["services"]
    assert list(found) == ["cloudflare", "groq", "huggingface", "together, in order"]
    first = found["cloudflare"]
    assert first["asked"] == 12_000 == first["served"] + first["refused"]
    assert first["served"] == pytest.approx(first["calls_a_day_allowed"], abs=1)
    assert first["first_refused_seconds"] == pytest.approx(86_400 * first["served"] / 12_000, abs=10)
    assert first["lacked"] == {"neurons a day": first["refused"]}
    assert list(found["huggingface"]["lacked"]) == ["dollars a month"]
    assert "tokens a day" in found["groq"]["lacked"]
    assert first["share_of_allowed"] > 1
    all_of_them = found["together, in order"]
    assert all_of_them["served"] == sum(all_of_them["served_by"].values()) > first["served"]
    assert all_of_them["served_by"]["cloudflare"] == first["served"]


def test_what_is_little_is_served_and_both_ways_of_saying_the_rate_are_one() -> None:
    by_day = simulated("--rate", "240/d", "--days", "2")
    assert by_day["services"] == simulated("--rate", "10/h", "--days", "2")["services"]
    assert by_day["services"]["groq"]["refused"] == 0
    said = run("quota", "simulate", "--rate", "240/d").stdout
    assert "240 messages a day for 7 days, of which 2 % reach the cloud" in said
    assert "never" in said


def log_of(folder: Path, *lines: object) -> str:
    file = folder / "log.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(file)


def test_a_log_says_who_reached_the_cloud_and_is_played_over_and_over(tmp_path: Path) -> None:
    tiers = ("fast", "cloud", "fallback", "cache", "judge", "patterns", "groq", "classifier")
    file = log_of(tmp_path, *({"at": 1_763_900_000 + 60 * n, "tier": tier} for n, tier in enumerate(tiers)))
    once = simulated("--log", file, "--service", "groq")
    assert (once["days"], once["services"]["groq"]["asked"]) == (1, 5)
    assert simulated("--log", file, "--service", "groq", "--days", "3")["services"]["groq"]["asked"] == 15
    assert list(once["services"]) == ["groq"]


def test_a_log_without_tiers_takes_the_share_that_is_given(tmp_path: Path) -> None:
    file = log_of(tmp_path, *({"at": f"2026-11-{1 + n % 2:02}T12:00:00"} for n in range(50)))
    assert simulated("--log", file, "--share", "1.0")["services"]["groq"]["asked"] == 50
    assert simulated("--log", file, "--share", "1.0", "--days", "1")["services"]["groq"]["asked"] == 25


@pytest.mark.parametrize(
    "line", ["[]", "{}", '{"at": "soon"}', '{"at": true}', '{"at": 1e300}', "no json", '{"at": -1}']
)
def test_a_line_that_tells_no_time_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text(f'{{"at": 1}}\n\n{line}\n')
    result = run(*SIMULATE, "--log", str(file))
    assert f"{file}:3: no line of a log" in str(result.exception)


def test_without_a_rate_the_decisions_of_the_last_days_count() -> None:
    empty = run(*SIMULATE)
    assert empty.exit_code == 2
    assert "--rate 500/d" in empty.output
    for text in ("draw me a cat", "hey!", "qwxz plof"):
        assert run("route", text).exit_code == 0
    said = simulated()
    assert said["traffic"].startswith("3 messages from the last 7 days in the decision store")
    assert simulated("--share", "100%")["services"]["groq"]["asked"] == 3


@pytest.mark.parametrize(
    "words",
    [("--rate", "5/y"), ("--rate", "-3"), ("--rate", "5", "--share", "0"), ("--rate", "5", "--service", "nobody"),
     ("--rate", "5", "--log", __file__), ("--rate", "1e9")],
)  # fmt: skip
def test_what_makes_no_sense_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert run(*SIMULATE, *words).exit_code == 2
