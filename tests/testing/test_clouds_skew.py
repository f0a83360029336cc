"""A service whose clock is off: its date, and when its limits are reset."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from pointsman.testing.clouds import FakeGroq, FakeHuggingFace, FakeOpenAi, Trouble
from pointsman.testing.clouds.spoiling import seconds_of

NOW = 1_795_300_000.0
CHAT = {"model": "m", "messages": [{"role": "user", "content": "one two three four five"}]}


async def test_a_clock_that_is_off_moves_the_date_and_the_resets() -> None:
    headers = {"Authorization": "Bearer gsk_test", "User-Agent": "pointsman/0.1"}
    body = {**CHAT, "model": "openai/gpt-oss-20b"}
    async with FakeGroq(clock=lambda: NOW) as fake, aiohttp.ClientSession(headers=headers) as session:
        url = f"{fake.url}/chat/completions"
        async with session.post(url, json=body) as response:
            right = response.headers
            assert parsedate_to_datetime(right["date"]).timestamp() == NOW
        fake.troubles.set(Trouble("clock_skew", seconds=7200))
        async with session.post(url, json=body) as response:
            wrong = response.headers
            assert parsedate_to_datetime(wrong["date"]).timestamp() == NOW + 7200
        more = seconds_of(wrong["x-ratelimit-reset-requests"]) - seconds_of(right["x-ratelimit-reset-requests"])
        assert more == pytest.approx(7200 + 86.4)
        fake.buckets["openai/gpt-oss-20b"]["RPM"].use(28)
        async with session.post(url, json=body) as response:
            assert response.status == 429
            assert parsedate_to_datetime(response.headers["retry-after"]).timestamp() == NOW + 7202


async def test_a_clock_that_is_off_moves_resets_in_other_places() -> None:
    async with (
        FakeOpenAi(dialect="openrouter", per_day=0, clock=lambda: NOW) as fake,
        aiohttp.ClientSession() as session,
    ):
        body = {}
        for seconds in (0.0, -3600.0):
            fake.troubles.set(Trouble("clock_skew", seconds=seconds))
            async with session.post(
                f"{fake.url}/chat/completions", json=CHAT, headers={"Authorization": "Bearer sk-test"}
            ) as response:
                told = (await response.json())["error"]["metadata"]["headers"]
                body[seconds] = int(told["X-RateLimit-Reset"])
        assert body[0.0] % 86_400_000 == 0
        assert body[0.0] - body[-3600.0] == 3_600_000
    async with FakeHuggingFace(window_calls=0, clock=lambda: NOW) as hub, aiohttp.ClientSession() as session:
        hub.troubles.set(Trouble("clock_skew", seconds=1000))
        async with session.post(
            f"{hub.url}/hf-inference/models/facebook/bart-large-mnli",
            json={"inputs": "x", "parameters": {"candidate_labels": ["a", "b"]}},
            headers={"Authorization": "Bearer hf_test"},
        ) as response:
            assert response.headers["ratelimit"] == f'"api";r=0;t={1000 + 300 - int(NOW) % 300}'
