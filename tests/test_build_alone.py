"""One tier or one service by itself: every answer counts, limits are waited for, and nothing else is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pointsman.build import alone as opening
from pointsman.build.alone import names_in, open_alone
from pointsman.build.asked_alone import PATIENCE, Alone, pause_after
from pointsman.build.services import Times
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError, MissingExtra, ModelFileError, StoreError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message, Turn
from pointsman.testing.clouds import FakeCloudflare, FakeGroq, FakeOpenAi, Trouble
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

KEY = "sk-not-to-be-seen"


class Skipped:
    """A time that goes on by itself only where somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def times(self) -> Times:
        return Times(clock=self, now=self, sleep=self.sleep)


def configured(folder: Path, cloud: Any = None, **more: Any) -> Config:
    return Config.model_validate({"store": {"path": str(folder / "x.db")}, "cloud": cloud or {}} | more)


def decider(folder: Path, fake: FakeOpenAi, **more: Any) -> Config:
    said = {"name": "mine", "url": fake.url, "key": KEY, "models": ["m"], "asks": "decisions"} | more
    return configured(folder, {"servers": [said]})


async def said_by(alone: Alone, *texts: str) -> list[str]:
    said = [await alone.ask(Message(text)) for text in texts]
    return [it.answer.category if it.answer else it.why for it in said]


async def test_a_tier_in_this_process_answers_whatever_its_bar_and_nobody_else_does(tmp_path: Path) -> None:
    strict = [{"kind": "patterns", "accept": 1.0}, {"kind": "fast", "accept": 1.0}, {"kind": "classifier"}]
    async with open_alone(configured(tmp_path, tiers=strict), "fast") as alone:
        assert (await alone.ready(), alone.leaves, await alone.standing()) == ("", False, None)
        said = await alone.ask(Message("hm, the one with the thing, maybe"))
        assert said.answer is not None
        assert [line.tier for line in said.decision.trace] == ["fast"]
        assert said.seconds > 0
        assert (alone.trust, alone.bar_key) == (None, "`accept` of the fast tier")
    async with open_alone(configured(tmp_path, tiers=strict), "tasks") as alone:
        assert await said_by(alone, "hello") == ["not a background job"]
        assert alone.bar_key == ""


async def test_a_tier_that_is_off_can_be_measured(tmp_path: Path) -> None:
    async with open_alone(configured(tmp_path, tiers=[{"kind": "patterns", "enabled": False}]), "patterns") as alone:
        assert await said_by(alone, "draw a fox") == ["image_generation"]


async def test_follow_ups_lean_on_the_other_tiers(tmp_path: Path) -> None:
    async with open_alone(configured(tmp_path), "followups") as alone:
        said = await alone.ask(Message("now in blue", (Turn("user", "draw a fox"), Turn("assistant", "[image]"))))
        assert said.answer is not None
        assert said.answer.category == "image_generation"
        assert [line.tier for line in said.decision.trace] == ["followups"]


class SaysChat:
    """Stands in for the labeller of the embedded model."""

    name = "scripted"

    def __init__(self, model: Any) -> None:
        del model

    async def label(self, question: Question, sample: int = 0) -> Choice:
        return Choice(question.candidates[-1], dict.fromkeys(question.candidates, 0.01))


async def test_the_judge_decides_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.build.judging.EmbeddedLabeller", SaysChat)
    monkeypatch.setattr(opening, "find_spec", lambda _: object())
    monkeypatch.setattr("pointsman.providers.embedded.check_file", lambda _: "")
    async with open_alone(configured(tmp_path), "judge") as alone:
        said = await alone.ask(Message("draw a fox"))
        assert said.answer is not None
        assert "scripted says" in said.answer.reason
        assert said.answer.path_confidence < 0.1


def test_the_judge_needs_a_model_that_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: object) -> str:
        raise ModelFileError("it is not here", cure="pull it")

    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as missing:
        open_alone(configured(tmp_path), "judge")
    assert "pointsman[local]" in missing.value.cure
    monkeypatch.setattr(opening, "find_spec", lambda _: object())
    monkeypatch.setattr("pointsman.providers.embedded.check_file", absent)
    with pytest.raises(ModelFileError, match="not here"):
        open_alone(configured(tmp_path), "judge")


@pytest.mark.parametrize(
    ("name", "said", "message", "cure"),
    [
        ("nobody", {}, "no tier and no service 'nobody'", "fast, patterns, neighbours, classifier, judge, groq"),
        ("cache", {}, "only repeats", "give one of: tasks"),
        ("cloud", {}, "measure each by its name", "groq"),
        ("corrections", {}, "nothing that was taught", "fast"),
        ("groq", {}, "it has no key", "set GROQ_API_KEY"),
        ("cloudflare", {"cloudflare": {"token": KEY}}, "no key", "CLOUDFLARE_ACCOUNT_ID"),
        ("huggingface", {}, "no key", "set HF_TOKEN"),
        ("ollama", {}, "it is switched off", "cloud.ollama.enabled"),
        ("groq", {"enabled": False, "groq": {"key": KEY}}, "ROUTER_USE_CLOUD", "ROUTER_USE_CLOUD=true"),
        ("groq", {"groq": {"key": KEY}, "tiers": [{"kind": "fast"}]}, "the cloud tier is off", "kind: cloud"),
        ("groq", {"groq": {"key": KEY}, "privacy": {"surfaces": {"cli": False}}}, "stay on", "surfaces.cli"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_cure(
    tmp_path: Path, name: str, said: dict[str, Any], message: str, cure: str
) -> None:
    cloud = dict(said)
    tiers = {"tiers": cloud.pop("tiers")} if "tiers" in said else {}
    config = configured(tmp_path, cloud, **tiers)
    with pytest.raises(ConfigError) as refused:
        open_alone(config, name)
    assert message in refused.value.message
    assert cure in refused.value.cure
    assert KEY not in str(refused.value)


async def test_a_minutes_limit_is_waited_for_and_not_timed(tmp_path: Path) -> None:
    time = Skipped()
    async with FakeOpenAi(key=KEY, decision_models=("m",)) as fake:
        config = decider(tmp_path, fake, limits={"requests_per_minute": 2})
        async with open_alone(config, "mine", times=time.times) as alone:
            began = time.now
            said = [await alone.ask(Message(text)) for text in ("hello there", "draw a fox", "thanks", "bye", "hi")]
        assert all(it.answer for it in said)
        assert time.now - began == pytest.approx(alone.waited)
        assert alone.waited > 60
        assert sum(it.seconds for it in said) < 60
        assert len(fake.requests) == 5
        assert (alone.leaves, alone.bar_key) == (False, "`accept` of the cloud tier")


async def test_a_service_that_is_left_alone_for_a_while_is_waited_for(tmp_path: Path) -> None:
    time = Skipped()
    async with FakeOpenAi(key=KEY, decision_models=("m",)) as fake:
        fake.troubles.script(*[Trouble("reset_before_headers")] * 3)
        async with open_alone(decider(tmp_path, fake), "mine", times=time.times) as alone:
            said = [await alone.ask(Message(text)) for text in ("hello there", "draw a fox", "thanks")]
        # Each is tried twice, and the third failure in a row opens the circuit.
        assert [it.fault and (it.fault.kind, it.lasts) for it in said] == [("server", False), ("server", False), None]
        assert said[2].answer is not None
        assert alone.waited > 25


async def test_a_day_that_is_used_up_is_not_waited_for(tmp_path: Path) -> None:
    time = Skipped()
    async with FakeOpenAi(key=KEY, decision_models=("m",)) as fake:
        config = decider(tmp_path, fake, limits={"requests_per_day": 1})
        async with open_alone(config, "mine", times=time.times) as alone:
            assert (await alone.ask(Message("hello there"))).answer is not None
            said = await alone.ask(Message("draw a fox"))
        assert (said.fault and said.fault.kind, said.lasts, alone.waited) == ("quota_exhausted", True, 0)
        async with open_alone(config, "mine", times=time.times) as again:  # the account is the real one
            standing = await again.standing()
            assert standing is not None
            assert (standing.ready, standing.calls_left) == (False, 0)


async def test_what_is_to_be_hidden_is_and_no_sensor_is_asked(tmp_path: Path) -> None:
    async with FakeGroq(key=KEY) as groq:
        cloud = {"groq": {"key": KEY, "url": groq.url, "prompt_guard": "meta-llama/llama-prompt-guard-2-22m"}}
        async with open_alone(configured(tmp_path, cloud), "groq") as alone:
            assert await alone.ready() == ""
            said = await alone.ask(Message("hello, I am ann@example.org", (Turn("user", "a secret of before"),)))
        assert said.answer is not None
        assert (alone.leaves, alone.trust, alone.trust_key) == (True, 0.8, "cloud.groq.trust")
        assert alone.holds_back("memory_operation")
        assert not alone.holds_back("reasoning")
        sent = b"".join(asked.body for asked in groq.requests).decode()
        assert "ann@example.org" not in sent
        assert "a secret of before" not in sent
        assert len(groq.requests) == 1


async def test_calls_a_minute_come_from_the_limits(tmp_path: Path) -> None:
    cloud = {"servers": [{"name": "mine", "url": "http://127.0.0.1:9/v1", "models": ["m"], "asks": "chat"}]}
    limits: Sequence[tuple[dict[str, int], float | None]] = (
        ({}, None),
        ({"requests_per_day": 100}, None),
        ({"requests_per_minute": 12, "requests_per_day": 100}, 12.0),
    )
    for said, expected in limits:
        cloud["servers"][0]["limits"] = said  # type: ignore[assignment]
        async with open_alone(configured(tmp_path, cloud), "mine") as alone:
            standing = await alone.standing()
            assert standing is not None
            assert alone.calls_a_minute(standing) == expected
            assert alone.trust_key == "trust of mine in cloud.servers"
    cloud["servers"][0]["limits"] = {"tokens_per_minute": 8000}  # type: ignore[assignment]
    async with open_alone(configured(tmp_path, cloud), "mine") as alone:
        standing = await alone.standing()
        assert standing is not None
        assert 1 < (alone.calls_a_minute(standing) or 0) < 40


async def test_a_service_that_embeds_is_made_ready(tmp_path: Path) -> None:
    for name, path, texts in (
        ("general_chat", "llm", ["tell a joke", "how are you"]),
        ("art", "image", ["draw a fox"]),
    ):
        said = {"name": name, "description": name, "path": path, "utterances": {"en": texts}}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(said))
    async with FakeCloudflare() as fake:
        cloud = {"cloudflare": {"account": fake.account, "token": fake.key, "url": fake.url, "asks": "embeddings"}}
        config = configured(tmp_path, cloud, intents={"folder": str(tmp_path), "shipped": False})
        async with open_alone(config, "cloudflare") as alone:
            assert alone.embeds
            assert await alone.ready() == ""
            assert len(fake.requests) == 1
            assert await said_by(alone, "draw a fox") == ["art"]
            assert len(fake.requests) == 2


async def test_a_store_that_cannot_be_read_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    async with FakeOpenAi(key=KEY, decision_models=("m",)) as fake:
        async with open_alone(decider(tmp_path, fake), "mine") as alone:
            with pytest.raises(StoreError):
                await alone.ready()
        assert fake.requests == []


def test_names_are_those_of_tiers_and_of_all_services(tmp_path: Path) -> None:
    names = names_in(configured(tmp_path, {"servers": [{"name": "mine", "url": "http://h/v1", "models": ["m"]}]}))
    assert "judge" in names
    assert names[-1] == "mine"
    assert not {"cache", "cloud", "corrections"} & set(names)


@pytest.mark.parametrize(
    ("fault", "pause"),
    [
        (None, None),
        (ServiceFailed("server", "x", service="s", wait=30.0, asked=False), 30.05),
        (ServiceFailed("server", "x", service="s"), None),
        (ServiceFailed("rate_limited", "x", service="s", wait=20.0), 20.05),
        (ServiceFailed("rate_limited", "x", service="s"), 5.05),
        (ServiceFailed("malformed", "x", service="s", wait=PATIENCE + 1, asked=False), None),
        (ServiceFailed("quota_exhausted", "x", service="s", wait=1.0, asked=False), None),
        (ServiceFailed("too_large", "x", service="s", asked=False), None),
    ],
)
def test_only_what_passes_soon_is_waited_for(fault: ServiceFailed | None, pause: float | None) -> None:
    assert pause_after(fault) == pause
