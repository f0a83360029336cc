"""`pointsman eval --tier` against fakes that are right 4 times in 5, run out of quota, or hang."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import click
import pytest
from click.testing import CliRunner, Result

from pointsman.build.asked_alone import Said
from pointsman.cli.eval_tier import Course
from pointsman.cli.main import pointsman
from pointsman.config import intents
from pointsman.core.decision import Decision
from pointsman.core.errors import ConfigError, InvalidInput
from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.observe.alone import Heard
from pointsman.observe.evaluation import Gold, Prediction
from pointsman.testing.clouds import FakeCloudflare, FakeGroq, FakeOllama, FakeOpenAi, FakeService, Trouble
from pointsman.testing.clouds.groq_models import MODELS, GroqModel

Fake = TypeVar("Fake", bound=FakeService)
KEY = "sk-not-to-be-seen"
CATALOGUE = intents.load()
PLAIN = [it for it in CATALOGUE.utterances if re.fullmatch(r"[a-z ]{8,60}", it.text)]
# The utterances themselves, so that the right label is always among those that a chat model may choose.
ASKED = [
    {"id": f"{name}{number}", "text": utterance.text, "category": name}
    for name in CATALOGUE.names
    for number, utterance in enumerate([it for it in PLAIN if it.category == name][:5])
]
GOLD = {row["text"]: row["category"] for row in ASKED}
DOWN: list[FaultKind] = ["server"] * 20
STAYING = 5  # memory operations never leave
ROOM = GroqModel("OpenAI", rpm=10_000, tpm=10_000_000, schema=True, efforts=("low", "medium", "high"))


def right_in(right: int, of: int) -> Callable[[str, Sequence[str]], str]:
    """Decides rightly so many times in so many, and else for another option."""
    turns = count()

    def decide(text: str, options: Sequence[str]) -> str:
        gold = GOLD[text]
        return gold if next(turns) % of < right else next(option for option in options if option != gold)

    return decide


def shares(sure: float, name: str, options: Sequence[str]) -> dict[str, float]:
    """So much for one option, and the rest for the others."""
    rest = (1 - sure) / (len(options) - 1)
    return {option: sure if option == name else rest for option in options}


def groq(**more: Any) -> FakeGroq:
    models: Mapping[str, GroqModel] = {**MODELS, "openai/gpt-oss-20b": ROOM}
    return FakeGroq(key=KEY, models=models, **more)


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


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ASKED), encoding="utf-8")
    return str(path)


def configured(folder: Path, **cloud: Any) -> tuple[str, str]:
    said = {"store": {"path": str(folder / "x.db")}, "cloud": cloud}
    (folder / "p.yaml").write_text(json.dumps(said))
    return "--config", str(folder / "p.yaml")


def at_groq(fake: FakeGroq) -> dict[str, Any]:
    none = dict.fromkeys(("requests_per_minute", "requests_per_day", "tokens_per_minute", "tokens_per_day"))
    return {"groq": {"key": KEY, "url": fake.url, "limits": none}}


def server(fake: FakeService, **more: Any) -> dict[str, Any]:
    return {"servers": [{"name": "mine", "url": fake.url, "key": KEY, "models": ["m"], "asks": "decisions"} | more]}


def run(*words: str) -> Result:
    return CliRunner().invoke(pointsman, ["eval", *words])


def test_the_trust_of_a_service_that_gives_labels_is_measured(tmp_path: Path, labelled: str) -> None:
    with running(groq(decide=right_in(4, 5))) as (fake,):
        result = run(labelled, "--tier", "groq", *configured(tmp_path, **at_groq(fake)), "--json", "--yes")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    asked = len(ASKED) - STAYING
    assert data["overall"]["n"] == data["alone"]["answered"] == len(fake.requests) == asked == 45
    assert data["overall"]["accuracy"] == 36 / 45
    assert data["alone"]["trust"] == {"value": 37 / 47, "right": 36, "n": 45}
    assert data["alone"]["bar"] is None
    assert data["alone"]["models"] == {"openai/gpt-oss-20b": 45}
    assert "45 messages will be sent to groq: they leave this machine" in result.stderr
    assert "those labelled memory_operation stay on this machine and are left out" in result.stderr
    assert KEY not in result.output


def test_tables_say_what_to_set(tmp_path: Path, labelled: str) -> None:
    with running(groq(decide=right_in(4, 5))) as (fake,):
        result = run(labelled, "--tier", "groq", *configured(tmp_path, **at_groq(fake)), "--sample", "18")
    assert result.exit_code == 0, result.output
    assert "trust: 0.80 (15 of 18, by Laplace's rule) - set cloud.groq.trust" in result.stdout
    assert "harder" in result.stderr
    assert "\x1b" not in result.stdout
    assert len(fake.requests) == 18


class Terminal:
    """A stream with somebody before it."""

    @staticmethod
    def isatty() -> bool:
        return True


class AtTerminal:
    """Stands in for `sys` where somebody sits at a terminal."""

    stdin = stderr = stdout = Terminal


def test_many_messages_are_not_sent_unasked(tmp_path: Path, labelled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(groq()) as (fake,):
        words = (labelled, "--tier", "groq", *configured(tmp_path, **at_groq(fake)))
        result = run(*words)
        assert isinstance(result.exception, InvalidInput)
        assert "45 messages are not sent to groq unasked" in str(result.exception)
        assert "--yes" in str(result.exception)

        def refuse(text: str, **_: Any) -> None:
            raise click.Abort(text)

        monkeypatch.setattr("pointsman.cli.eval_tier.sys", AtTerminal)
        monkeypatch.setattr(click, "confirm", refuse)
        assert run(*words).exit_code == 1  # click's own for an answer of no; `main` makes it 130
        assert not fake.requests


def test_what_runs_on_this_machine_is_asked_without_asking(tmp_path: Path, labelled: str) -> None:
    with running(FakeOllama(decide=lambda text, options: shares(0.9, GOLD[text], options))) as (fake,):
        cloud = {"ollama": {"enabled": True, "url": fake.url}}
        result = run(labelled, "--tier", "ollama", *configured(tmp_path, **cloud), "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["overall"]["n"] == len(ASKED)  # what stays on this machine may be asked here
    assert data["overall"]["accuracy"] == 1
    assert data["alone"]["trust"] is None
    assert (data["alone"]["bar"]["accept"], data["alone"]["bar"]["kept"]) == (0.0, 50)
    assert "on this machine" in result.stderr


def test_the_lowest_bar_of_a_service_that_gives_probabilities(tmp_path: Path, labelled: str) -> None:
    """It is wrong on 3 of 9 paths, and less sure of those."""

    def decide(text: str, options: Sequence[str]) -> dict[str, float]:
        simple = GOLD[text].startswith("simple")
        return shares(0.7, "image_generation", options) if simple else shares(0.95, GOLD[text], options)

    with running(FakeCloudflare(key=KEY, decide=decide)) as (fake,):
        cloud = {"cloudflare": {"token": KEY, "account": fake.account, "url": fake.url}}
        result = run(labelled, "--tier", "cloudflare", *configured(tmp_path, **cloud), "--yes", "--json")
        table = run(labelled, "--tier", "cloudflare", *configured(tmp_path, **cloud), "--sample", "18")
    data = json.loads(result.stdout)["alone"]
    assert (data["on_answered"]["n"], data["on_answered"]["path_error"]) == (45, 15 / 45)
    assert (data["bar"]["accept"], data["bar"]["kept"], data["bar"]["wrong"]) == (0.71, 30, 0)
    assert "accept: 0.71 keeps 12 of 18 answers" in table.stdout
    assert "set `accept` of the cloud tier" in table.stdout


def test_a_quota_that_ends_is_told_and_what_there_is_is_measured(tmp_path: Path, labelled: str) -> None:
    with running(FakeOpenAi(key=KEY, decision_models=("m",))) as (fake,):
        words = (labelled, "--tier", "mine", *configured(tmp_path, **server(fake, limits={"requests_per_day": 7})))
        result = run(*words, "--json")
        again = run(*words)
    assert result.exit_code == 4
    data = json.loads(result.stdout)
    assert data["overall"]["n"] == data["alone"]["asked"] == len(fake.requests) == 7
    assert data["alone"]["unanswered"] == {}
    assert "quota exhausted until" in data["alone"]["stopped"]
    assert "its limits allow about 7 calls today, so it stops there" in result.stderr
    assert "stopped: mine: quota exhausted until" in result.stderr
    assert "7 of 50 messages" in result.stderr
    assert isinstance(again.exception, ServiceFailed)
    assert again.exception.exit_code == 4
    assert "mine is not asked until" in again.stderr
    assert again.stdout == ""


def test_a_service_that_breaks_down_now_and_then_is_counted(tmp_path: Path, labelled: str) -> None:
    with running(FakeOpenAi(key=KEY, decision_models=("m",), decide=lambda text, _: GOLD[text])) as (fake,):
        fake.troubles.script(None, Trouble("html"))
        result = run(labelled, "--tier", "mine", *configured(tmp_path, **server(fake)), "--json", "--limit", "4")
    data = json.loads(result.stdout)
    assert result.exit_code == 0
    assert data["alone"]["unanswered"] == {"malformed": 1}
    assert data["overall"]["accuracy"] == 0.75
    assert data["alone"]["on_answered"]["accuracy"] == 1


def test_a_wrong_key_is_an_error_and_not_a_result(tmp_path: Path, labelled: str) -> None:
    with running(FakeOpenAi(key="another", decision_models=("m",))) as (fake,):
        result = run(labelled, "--tier", "mine", *configured(tmp_path, **server(fake)))
    assert isinstance(result.exception, ServiceFailed)
    assert result.exception.kind == "auth"
    assert result.stdout == ""
    assert len(fake.requests) == 1


def test_a_tier_in_this_process_needs_no_word(labelled: str) -> None:
    result = run(labelled, "--tier", "patterns", "--json")
    assert result.stderr == ""
    data = json.loads(result.stdout)
    assert data["alone"]["name"] == "patterns"
    assert data["overall"]["n"] == 50
    assert 0 < data["alone"]["answered"] < 50
    assert list(data["alone"]["unanswered"]) == ["no pattern matches"]
    assert list(data["tiers"]) == ["patterns"]


def test_plot_draws_it(tmp_path: Path, labelled: str) -> None:
    pytest.importorskip("matplotlib")
    result = run(labelled, "--tier", "fast", "--plot", str(tmp_path / "x.png"))
    assert result.stderr == f"drawn: {tmp_path / 'x.png'}\n"
    assert (tmp_path / "x.png").read_bytes()[:4] == b"\x89PNG"


def test_names_and_options_that_do_not_go_are_refused(tmp_path: Path, labelled: str) -> None:
    wrong = run(labelled, "--tier", "nobody")
    assert isinstance(wrong.exception, ConfigError)
    assert "give one of: tasks, followups, fast" in wrong.exception.cure
    assert run(labelled, "--set", "snips", "--tier", "fast").exit_code == 2
    assert run(labelled, "--tier", "fast", "--sample", "0").exit_code == 2
    (tmp_path / "memory.jsonl").write_text(json.dumps({"id": "1", "text": "x", "category": "memory_operation"}))
    config = configured(tmp_path, groq={"key": KEY, "url": "http://127.0.0.1:9"})
    kept = run(str(tmp_path / "memory.jsonl"), "--tier", "groq", *config)
    assert isinstance(kept.exception, InvalidInput)
    assert "stay on this machine" in kept.exception.message


async def test_an_interruption_shows_what_was_asked(tmp_path: Path, labelled: str) -> None:
    async with FakeOpenAi(key=KEY, decision_models=("m",)) as fake:
        fake.troubles.set(Trouble("hang"))
        fake.troubles.script(None, None, None)
        words = ["eval", labelled, "--tier", "mine", *configured(tmp_path, **server(fake)), "--json"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pointsman", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        await fake.until(lambda: len(fake.requests) == 4)
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 130
    said = json.loads(out)
    assert said["alone"]["interrupted"] is True
    assert said["overall"]["n"] == 3
    assert b"interrupted; what was asked until then is shown, 3 of 50 messages" in err
    assert b"Traceback" not in err


def failing(course: Course, *kinds: FaultKind | None) -> int:
    """How many messages are asked about until it stops; None is an answer."""
    for number, kind in enumerate(kinds, 1):
        fault = ServiceFailed(kind, f"fault {number}", service="x", asked=number % 2 == 0) if kind else None
        said = Said(Decision("id", "chat", "llm", 0.3, "fallback", ()), None, "why", fault, 0.0)
        made = None if kind else Prediction("chat", "llm", 0.8, "x", 1.0)
        if not course.note(Heard(Gold(str(number), "x", "chat"), made), said):
            return number
    return len(kinds)


def test_it_stops_where_nobody_answers_any_more_and_leaves_those_out() -> None:
    dead = Course()
    assert failing(dead, None, *DOWN) == 11
    assert len(dead.heard) == 1
    assert dead.stopped is not None
    assert dead.stopped.message == "x: fault 10"  # 11 was not asked
    spent = Course()
    assert failing(spent, None, "malformed", "quota_exhausted", "quota_exhausted", None) == 4
    assert len(spent.heard) == 2
    never = Course()
    assert failing(never, *DOWN) == 3
    assert never.heard == []
    once = Course()  # one of several models may have been the last to refuse
    assert failing(once, "model_gone", None, "quota_exhausted", None) == 4
    assert (len(once.heard), once.stopped) == (4, None)
