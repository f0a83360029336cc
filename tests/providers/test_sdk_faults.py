"""What official clients are known to do with odd answers, and what ours does instead.

Groq's and Cloudflare's clients call three times in 1.3 s although a Retry-After says an hour; Cloudflare's takes a 200
with `success: false` for an answer that is None; OpenAI's takes a page for an answer. OpenAI's is there to be shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import openai
import pytest

from pointsman.build import open_router
from pointsman.build.services import Service, Times, open_services
from pointsman.build.typical import question_about
from pointsman.config import intents
from pointsman.config.model import Config
from pointsman.core.errors import PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message, Turn
from pointsman.core.ports import ChatOptions
from pointsman.providers.remote import caller
from pointsman.stores.shelf import SqliteShelf
from pointsman.testing.clouds import Answer, Asked, FakeCloudflare, FakeGroq, FakeOpenAi, FakeService, Trouble

HOUR = 3600.0
SAID: Any = [{"role": "user", "content": "hello"}]


class Exhausted(FakeService):
    """A service that says "in an hour" to everybody."""

    base = "/openai/v1"

    def errors(self, model: str) -> Mapping[str, Answer]:
        return {}

    async def answer(self, asked: Asked) -> Answer:
        error = {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}
        return Answer({"error": error}, 429, {"retry-after": f"{HOUR:.0f}"})


class Day:
    """A time that stands until it is moved, and what was slept in it."""

    def __init__(self) -> None:
        self.now = 1_795_430_400.0  # a midnight UTC
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def process(self, config: Config) -> Any:
        """Services as a process of their own would open them on the same database."""
        return open_services(config, SqliteShelf(config.store.path), times=Times(self, self, self.sleep))


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
async def exhausted() -> AsyncIterator[Exhausted]:
    async with Exhausted(key="gsk_test") as fake:
        yield fake


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long OpenAI's client would have slept before each further attempt; it does not."""
    would: list[float] = []
    calculated = openai.AsyncOpenAI._calculate_retry_timeout

    def at_once(*arguments: Any, **named: Any) -> float:
        would.append(calculated(*arguments, **named))
        return 0.0

    monkeypatch.setattr(openai.AsyncOpenAI, "_calculate_retry_timeout", at_once)
    return would


@pytest.fixture
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our second tries come at once."""
    monkeypatch.setattr(caller, "JITTER", (0.0, 0.0))


async def labelled(service: Service, config: Config) -> None:
    """Asks a service for a label, as the judge does. Raises ServiceFailed."""
    question = question_about(intents.of(config), 3)
    await service.caller.call(partial(service.spoken.label, question=question, sample=0, form="json_schema"))


async def failed(service: Service, config: Config) -> ServiceFailed:
    with pytest.raises(ServiceFailed) as caught:
        await labelled(service, config)
    return caught.value


def config_of(folder: Path, tiers: Sequence[Mapping[str, Any]] = (), **cloud: Any) -> Config:
    return Config.model_validate({"store": {"path": str(folder / "d.db")}, "tiers": list(tiers), "cloud": cloud})


class TestAnHourOfRetryAfter:
    async def test_we_ask_once_and_not_again_before_that_whatever_process_we_are(
        self, tmp_path: Path, day: Day, exhausted: Exhausted
    ) -> None:
        config = config_of(tmp_path, groq={"key": exhausted.key, "url": exhausted.url, "models": ["m"]})
        for asked, moved in ((True, 0.0), (False, 60.0), (False, HOUR - 90.0), (True, 31.0)):
            day.now += moved
            services = day.process(config)
            (service,) = services
            fault = await failed(service, config)
            assert (fault.kind, fault.asked) == ("rate_limited", asked)
            if not asked:
                assert fault.wait == pytest.approx(1_795_430_400.0 + HOUR - day.now)
            await services.close()
        assert len(exhausted.requests) == 2, "one, and one when the hour was over"
        assert day.slept == []

    async def test_it_is_told_until_when(self, tmp_path: Path, day: Day, exhausted: Exhausted) -> None:
        config = config_of(tmp_path, groq={"key": exhausted.key, "url": exhausted.url, "models": ["m"]})
        services = day.process(config)
        (service,) = services
        await failed(service, config)
        (model,) = (await service.caller.status()).models
        assert (model.circuit.state, model.circuit.until) == ("open", day.now + HOUR)
        await services.close()

    async def test_a_used_up_day_is_asked_once_where_openais_client_asks_three_times(
        self, tmp_path: Path, day: Day, delays: list[float]
    ) -> None:
        async with FakeCloudflare() as fake:
            fake.neurons.spend(10_000)
            url = f"{fake.url}/accounts/{fake.account}/ai/v1"
            async with openai.AsyncOpenAI(base_url=url, api_key=fake.key) as client:
                with pytest.raises(openai.RateLimitError):
                    await client.chat.completions.create(model="@cf/meta/llama-3.2-3b-instruct", messages=SAID)
            theirs = len(fake.requests)
            fake.requests.clear()
            config = config_of(
                tmp_path, cloudflare={"token": fake.key, "account": fake.account, "url": fake.url, "asks": "chat"}
            )
            services = day.process(config)
            (service,) = services
            assert [(await failed(service, config)).kind for _ in range(3)] == ["quota_exhausted"] * 3
            await services.close()
            assert len(fake.requests) == 1
        assert day.slept == []
        if theirs == 1:
            pytest.skip(f"openai {openai.__version__} has learnt it")
        assert theirs == 3
        assert sum(delays) < 3, "all of that before anything could have changed"

    async def test_nobody_waits_for_minutes_as_with_openais_client(
        self, tmp_path: Path, day: Day, delays: list[float]
    ) -> None:
        async with FakeGroq() as fake:
            fake.troubles.set(Trouble("error", name="quota_rpd"))
            async with openai.AsyncOpenAI(base_url=fake.url, api_key=fake.key) as client:
                with pytest.raises(openai.RateLimitError):
                    await client.chat.completions.create(model="openai/gpt-oss-20b", messages=SAID)
            theirs = len(fake.requests)
            fake.requests.clear()
            config = config_of(tmp_path, groq={"key": fake.key, "url": fake.url})
            services = day.process(config)
            (service,) = services
            await failed(service, config)
            await services.close()
            models = [asked.model for asked in fake.requests]
        assert len(models) == len(set(models)) == 3, "each has a day of its own, and none is asked twice"
        assert day.slept == []
        if theirs == 1:
            pytest.skip(f"openai {openai.__version__} does not wait")
        assert min(delays) > 60, "it sleeps for that long, and asks again"


class TestSuccessFalseIn200:
    async def test_it_is_a_fault_and_not_an_answer(self, tmp_path: Path, day: Day) -> None:
        async with FakeCloudflare() as fake:
            fake.troubles.set(Trouble("error", name="malformed_200_success_false"))
            config = config_of(
                tmp_path, cloudflare={"token": fake.key, "account": fake.account, "url": fake.url, "asks": "chat"}
            )
            services = day.process(config)
            (service,) = services
            fault = await failed(service, config)
            await services.close()
            assert {asked.path for asked in fake.requests} == {
                f"/client/v4/accounts/{fake.account}/ai/run/{model}" for model in service.caller.models
            }
            async with openai.AsyncOpenAI(
                base_url=f"{fake.url}/accounts/{fake.account}/ai/v1", api_key=fake.key
            ) as client:
                theirs: Any = await client.chat.completions.create(model="m", messages=SAID)
        assert fault.kind in {"server", "malformed"}
        assert fault.treatment.failover
        assert theirs.choices is None, "OpenAI's client calls that a completion"

    async def test_another_service_answers(self, tmp_path: Path, no_jitter: None) -> None:
        async with FakeCloudflare() as first, FakeGroq() as second:
            first.troubles.set(Trouble("error", name="malformed_200_success_false"))
            config = config_of(
                tmp_path,
                [{"kind": "cloud"}],
                cloudflare={"token": first.key, "account": first.account, "url": first.url},
                groq={"key": second.key, "url": second.url},
            )
            async with open_router(config) as router:
                made = await router.decide(Message("who won the election"))
        assert made.tier == "cloud"
        assert made.reason.startswith("cloudflare: ")
        assert "; groq (openai/gpt-oss-20b) says " in made.reason


class TestPageIn200:
    async def test_openais_client_takes_a_page_for_an_answer(self) -> None:
        async with FakeOpenAi() as fake:
            fake.troubles.set(Trouble("html"))
            async with openai.AsyncOpenAI(base_url=fake.url, api_key=fake.key) as client:
                theirs: Any = await client.chat.completions.create(model="m", messages=SAID)
                stream: Any = await client.chat.completions.create(model="m", messages=SAID, stream=True)
                pieces = [piece async for piece in stream]
        if not isinstance(theirs, str):
            pytest.skip(f"openai {openai.__version__} has learnt it")
        assert theirs.startswith("<!DOCTYPE html>")
        assert pieces == [], "a stream of it is an empty reply"

    @pytest.mark.parametrize("kind", ["html", "html_as_json"])
    async def test_to_us_it_is_malformed(self, tmp_path: Path, day: Day, kind: Any) -> None:
        async with FakeOpenAi() as fake:
            fake.troubles.set(Trouble(kind))
            config = config_of(tmp_path, servers=[{"name": "lan", "url": fake.url, "key": fake.key, "models": ["m"]}])
            services = day.process(config)
            (service,) = services
            fault = await failed(service, config)
            await services.close()
        assert fault.kind == "malformed"
        assert "<" not in fault.message
        assert len(fake.requests) == 1, "a page stays a page"
        assert day.slept == []

    async def test_in_a_chat_it_is_an_error_and_never_a_reply(self, no_jitter: None) -> None:
        async with FakeOpenAi() as fake:
            fake.troubles.set(Trouble("html"))
            main = {"provider": "openai", "url": fake.url, "key": fake.key, "model": "m"}
            config = Config.model_validate({"tiers": [], "models": {"main": main}})
            async with open_router(config, store=False) as router:
                reply = router.chat("m", [Turn("user", "hello")], ChatOptions())
                with pytest.raises(PointsmanError) as caught:
                    await anext(reply)
        assert "<" not in caught.value.message
