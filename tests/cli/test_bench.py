"""`pointsman bench` against fakes that are slow, fail half the time, or refuse the key."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import pytest
from click.testing import CliRunner, Result

from pointsman.cli import bench, contestants
from pointsman.cli.contestants import Contestant
from pointsman.cli.main import pointsman
from pointsman.config import intents
from pointsman.config.load import load
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.errors import ConfigError, InvalidInput, MissingExtra, StoreError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message
from pointsman.testing.clouds import FakeGroq, FakeOpenAi, FakeService, Trouble
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

Fake = TypeVar("Fake", bound=FakeService)
KEY = "sk-not-to-be-seen"
YES = Answer("hello", 0.9, 0.9, "yes")


@contextmanager
def running(*fakes: Fake) -> Iterator[tuple[Fake, ...]]:
    """The fakes in a thread with a loop of their own, as the verb has its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def there(work: Awaitable[Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result()  # type: ignore[arg-type]

    try:
        for fake in fakes:
            there(fake.__aenter__())
        yield fakes
    finally:
        try:
            for fake in fakes:
                there(fake.__aexit__(None))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def server(name: str, fake: FakeService, **more: Any) -> dict[str, Any]:
    return {"name": name, "url": fake.url, "key": KEY, "models": ["m"], "asks": "decisions"} | more


def configured(folder: Path, cloud: Any = None, *tiers: str) -> tuple[str, str]:
    said = {
        "tiers": [{"kind": kind} for kind in tiers or ("patterns", "cloud")],
        "store": {"path": str(folder / "x.db")},
        "cloud": cloud or {},
    }
    (folder / "p.yaml").write_text(json.dumps(said))
    return "--config", str(folder / "p.yaml")


def run(*words: str) -> Result:
    return CliRunner().invoke(pointsman, ["bench", *words])


def rows_of(result: Result) -> dict[str, dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return {row["name"]: row for row in json.loads(result.stdout)["rows"]}


def decider(**more: Any) -> FakeOpenAi:
    return FakeOpenAi(key=KEY, decision_models=("m",), **more)


def test_fakes_that_are_slow_fail_or_refuse_are_measured_and_none_is_a_crash(tmp_path: Path) -> None:
    with running(decider(), decider(), FakeOpenAi(key="another", decision_models=("m",))) as (slow, half, wrong):
        slow.troubles.set(Trouble("slow_first_byte", seconds=0.003))
        half.troubles.script(*[None, Trouble("html")] * 7)
        servers = [server("slow", slow), server("half", half), server("wrong", wrong)]
        args = configured(tmp_path, {"servers": servers})
        only = [word for name in ("slow", "half", "wrong") for word in ("--only", name)]
        result = run(*args, *only, "--json", "--calls", "6")
    rows = rows_of(result)
    assert [row["calls"] for row in rows.values()] == [6, 6, 6]
    assert (rows["slow"]["error_share"], rows["slow"]["abstained_share"]) == (0, 0)
    assert rows["half"]["errors"] == {"malformed": 3}
    assert rows["half"]["p50_ms"] is not None
    assert rows["wrong"]["error_share"] == 1
    assert rows["wrong"]["errors"] == {"auth (not asked)": 6}
    assert "refuses the key" in rows["wrong"]["reasons"]["auth"]
    assert rows["wrong"]["p50_ms"] is None
    assert len(wrong.requests) == 1
    assert len(slow.requests) == 7
    assert KEY not in result.output


def test_local_tiers_and_their_cascade_stand_beside_services_and_the_whole_cloud(tmp_path: Path) -> None:
    with running(decider(), decider()) as (one, other):
        servers = [server("one", one), server("other", other)]
        args = configured(tmp_path, {"servers": servers}, "tasks", "patterns", "cache", "cloud")
        only = [word for name in ("tasks", "patterns", "cascade", "one", "cloud") for word in ("--only", name)]
        result = run(*args, *only, "--json", "--calls", "3")
    rows = rows_of(result)
    kinds = {name: (row["kind"], row["calls"]) for name, row in rows.items()}
    assert kinds == {
        "tasks": ("tier", 200),
        "patterns": ("tier", 200),
        "cascade": ("cascade", 200),
        "one": ("service", 3),
        "cloud": ("cloud", 3),
    }
    assert rows["cascade"]["times_cascade"] == 1
    assert rows["one"]["times_cascade"] > 0
    assert rows["tasks"]["abstained_share"] == 1
    assert len(one.requests) == 8  # by itself and first in the cloud, each with a first call


def test_it_says_what_it_sends_before_it_asks(tmp_path: Path) -> None:
    with running(decider(), decider()) as (one, other):
        args = configured(tmp_path, {"servers": [server("one", one), server("other", other)]})
        result = run(*args, "--only", "one", "--only", "cloud", "--calls", "2")
    assert result.exit_code == 0
    assert "short utterances of the catalogue" in result.stderr
    assert "one: 3 calls, on this machine" in result.stderr
    assert "cloud: 3 messages" in result.stderr
    assert "other: " not in result.stderr
    assert "short utterances" not in result.stdout
    assert "one" in result.stdout


def test_what_is_sent_is_no_more_than_each_text_once(tmp_path: Path) -> None:
    with running(decider()) as (one,):
        rows_of(run(*configured(tmp_path, {"servers": [server("one", one)]}), "--only", "one", "--json"))
    bodies = [asked.body for asked in one.requests]
    assert len(bodies) == len(set(bodies)) == 11


def test_many_calls_outside_are_not_made_unasked(tmp_path: Path) -> None:
    with running(FakeGroq(key=KEY)) as (groq,):
        args = configured(tmp_path, {"groq": {"key": KEY, "url": groq.url}})
        result = run(*args, "--only", "groq", "--calls", "21")
        assert isinstance(result.exception, InvalidInput)
        assert "21 calls" in str(result.exception)
        assert "--yes" in str(result.exception)
        assert not groq.requests
        rows = rows_of(run(*args, "--only", "groq", "--calls", "21", "--yes", "--json"))
    assert rows["groq"]["calls"] == 21
    assert groq.requests


def test_a_person_at_a_terminal_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class AtTerminal:
        @staticmethod
        def isatty() -> bool:
            return True

    def confirm(text: str, **_: Any) -> None:
        asked.append(text)

    with running(FakeGroq(key=KEY)) as (groq,):
        config = load(Path(configured(tmp_path, {"groq": {"key": KEY, "url": groq.url}})[1])).config
        made = contestants.open_field(config, intents.of(config), ["groq"], 30)
        monkeypatch.setattr(sys, "stdin", AtTerminal)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(click, "confirm", confirm)
        bench.agree_to_spend(made, yes=False)
        asyncio.run(made.close())
    assert asked == ["Spend them?"]


def test_a_quota_that_is_used_up_is_a_row_and_not_a_crash(tmp_path: Path) -> None:
    with running(decider()) as (one,):
        limited = server("one", one, limits={"requests_per_day": 4})
        rows = rows_of(run(*configured(tmp_path, {"servers": [limited]}), "--only", "one", "--json"))
    assert sum(rows["one"]["errors"].values()) == 7
    assert all("not asked" in kind for kind in rows["one"]["errors"])
    assert len(one.requests) == 4


def test_who_may_not_be_asked_is_named_with_the_reason(tmp_path: Path) -> None:
    off = {"ollama": {"enabled": False}}
    skipped = json.loads(
        run(*configured(tmp_path, off), "--only", "groq", "--only", "ollama", "--only", "cloud", "--json").stdout
    )
    assert skipped["rows"] == []
    assert skipped["skipped"] == {
        "groq": "no key: set GROQ_API_KEY",
        "ollama": "it is switched off: cloud.ollama.enabled",
        "cloud": "there are no two services that may be asked",
    }


@pytest.mark.parametrize(
    ("cloud", "tiers", "reason"),
    [
        ({"enabled": False}, ("patterns", "cloud"), "cloud.enabled is false"),
        ({}, ("patterns",), "the cloud tier is off"),
    ],
)
def test_where_the_cloud_is_off_nothing_is_sent(
    tmp_path: Path, cloud: dict[str, Any], tiers: tuple[str, ...], reason: str
) -> None:
    with running(decider()) as (one,):
        args = configured(tmp_path, {"servers": [server("one", one)]} | cloud, *tiers)
        result = run(*args, "--only", "one", "--json")
    assert not one.requests
    assert reason in json.loads(result.stdout)["skipped"]["one"]
    assert result.stderr == ""


class SaysFirst:
    """Stands in for the embedded model's labeller."""

    name = "scripted"

    def __init__(self, model: Any) -> None:
        del model

    async def label(self, question: Question, sample: int = 0) -> Choice:
        return Choice(question.candidates[0], dict.fromkeys(question.candidates, 0.5))


def test_the_small_model_is_asked_as_a_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.build.judging.EmbeddedLabeller", SaysFirst)
    monkeypatch.setattr("pointsman.cli.models.of_file", lambda _: None)
    row = rows_of(run(*configured(tmp_path), "--only", "model", "--json"))["model"]
    assert (row["kind"], row["calls"], row["error_share"], row["abstained_share"]) == ("model", 5, 0, 0)


def test_without_its_packages_the_small_model_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: Any) -> None:
        raise MissingExtra("local", "chatting without any model server")

    monkeypatch.setattr("pointsman.cli.models.of_file", missing)
    result = run(*configured(tmp_path), "--only", "model")
    assert result.exit_code == 0
    assert "not asked: model: " in result.stdout
    assert "pip install 'pointsman[local]'" in result.stdout


def test_wrong_names_and_wrong_configurations_are_refused(tmp_path: Path) -> None:
    result = run(*configured(tmp_path), "--only", "nobody")
    assert result.exit_code == 2
    assert "there are: patterns, cascade, model, ollama" in " ".join(result.stderr.split())
    (tmp_path / "p.yaml").write_text("nonsense: 1\n")
    wrong = run("--config", str(tmp_path / "p.yaml"))
    assert isinstance(wrong.exception, ConfigError)
    assert wrong.exception.exit_code == 3


def test_plot_needs_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    result = run(*configured(tmp_path), "--only", "patterns", "--plot")
    assert result.exit_code == 0
    assert "drawn: bench.png" in result.stderr
    assert (tmp_path / "bench.png").read_bytes()[:4] == b"\x89PNG"


def test_plot_without_its_packages_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run(*configured(tmp_path), "--only", "patterns", "--plot", str(tmp_path / "x.png"))
    assert isinstance(result.exception, MissingExtra)
    assert "pointsman[plot]" in str(result.exception)


async def test_an_interruption_shows_what_was_measured(tmp_path: Path) -> None:
    async with decider() as one:
        one.troubles.set(Trouble("hang"))
        one.troubles.script(None, None)
        option, file = configured(tmp_path, {"servers": [server("one", one)]})
        words = ["bench", option, file, "--only", "patterns", "--only", "one", "--json"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pointsman", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        await one.until(lambda: len(one.requests) == 3)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 130
    said = json.loads(out)
    assert said["interrupted"] is True
    assert [(row["name"], row["calls"]) for row in said["rows"]] == [("patterns", 200), ("one", 1)]
    assert b"interrupted" in err
    assert b"Traceback" not in err


class Ticks:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def scripted(
    name: str, ticks: Ticks, heard: list[str], *outcomes: tuple[float, Verdict | Exception], **more: Any
) -> Contestant:
    """A contestant that takes a time and then says something, call by call."""
    coming = iter(outcomes)

    async def ask(message: Message) -> Verdict:
        heard.append(f"{name} {message.text}")
        seconds, outcome = next(coming)
        ticks.now += seconds
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Contestant(name, "service", ask, len(outcomes) - 1, waits=True, **more)


async def turns(*made: Contestant, clock: Ticks) -> list[bench.Record]:
    records = [bench.Record(it) for it in made]
    await bench.take_turns(records, [Message(str(number)) for number in range(9)], clock)
    return records


async def test_they_take_turns_and_the_first_call_is_apart() -> None:
    ticks, heard = Ticks(), list[str]()
    slow = scripted("slow", ticks, heard, (9, YES), (2, YES), (3, YES))
    quick = scripted("quick", ticks, heard, (1, YES), (0.5, Abstain("unsure")))
    first, second = await turns(slow, quick, clock=ticks)
    assert heard == ["slow 0", "quick 0", "slow 1", "quick 1", "slow 2"]
    assert first.first is not None
    assert (first.first.ms, [call.ms for call in first.calls]) == (9000, [2000, 3000])
    assert [(call.outcome, call.words) for call in second.calls] == [("abstained", "unsure")]


async def test_every_failure_that_has_a_name_is_a_call_that_failed() -> None:
    ticks, heard = Ticks(), list[str]()
    failures = (
        ServiceFailed("server", "broke", service="x"),
        ServiceFailed("quota_exhausted", "used up", service="x", asked=False),
        StoreError("the store is locked"),
    )
    (record,) = await turns(scripted("x", ticks, heard, (1, YES), *((1, failure) for failure in failures)), clock=ticks)
    assert [call.failure for call in record.calls] == ["server", "quota_exhausted (not asked)", "store_failed"]


async def test_one_is_made_ready_before_and_warmed_after_its_first_call() -> None:
    ticks, heard = Ticks(), list[str]()

    async def ready() -> str:
        heard.append("ready")
        ticks.now += 100
        return ""

    async def warm() -> None:
        heard.append("warm")

    (record,) = await turns(scripted("x", ticks, heard, (7, YES), (1, YES), ready=ready, warm=warm), clock=ticks)
    assert record.first is not None
    assert record.first.ms == 7000
    assert heard == ["ready", "x 0", "warm", "x 1"]


async def test_how_a_message_is_shown_is_not_timed() -> None:
    ticks, heard = Ticks(), list[str]()

    def shown(message: Message) -> Message:
        ticks.now += 100
        return Message(f"{message.text} redacted")

    (record,) = await turns(scripted("x", ticks, heard, (1, YES), (2, YES), shown=shown), clock=ticks)
    assert [call.ms for call in record.calls] == [2000]
    assert heard == ["x 0 redacted", "x 1 redacted"]
