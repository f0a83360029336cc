"""The four services of a run: fakes that note every call, and that fail at random in every mode."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final

from tests.chaos.clock import SharedClock, real
from tests.chaos.plan import CREDIT, GROQ_LIMITS, Plan
from tests.chaos.seen import CALL, Arrival

from pointsman.core.ports import Clock
from pointsman.testing.clouds import (
    Answer,
    AnyTrouble,
    Asked,
    FakeCloudflare,
    FakeGroq,
    FakeHuggingFace,
    FakeOpenAi,
    FakeService,
    Trouble,
    Troubles,
)
from pointsman.testing.clouds.dialects import DialectName
from pointsman.testing.clouds.groq_models import MODELS

MEGABYTES: Final = 9_000_000
# About half of the calls are well; of the rest every mode has its share, in shares of the weight of those.
WELL: Final = 100.0
TROUBLES: Final[Mapping[Trouble | None, float]] = {
    None: WELL,
    Trouble("hang"): 2,
    Trouble("slow_first_byte", seconds=0.05): 6,
    Trouble("slow_first_byte", seconds=0.2): 3,
    Trouble("slow_first_byte", seconds=0.6): 2,
    Trouble("trickle", seconds=0.004): 4,
    Trouble("trickle", seconds=0.06): 1,
    Trouble("reset_before_headers"): 4,
    Trouble("reset_mid_body"): 4,
    Trouble("truncated"): 3,
    Trouble("cut_short"): 3,
    Trouble("html"): 3,
    Trouble("huge", size=MEGABYTES): 0.5,
    Trouble("json_as_text"): 4,
    Trouble("html_as_json"): 3,
    Trouble("clock_skew"): 3,
    Trouble("clock_skew", seconds=-10_800.0): 2,
    Trouble("redirect"): 0.5,
    Trouble("redirect", status=302): 0.5,
    Trouble("empty"): 3,
    Trouble("null"): 3,
    Trouble("deep"): 1,
    Trouble("gzip_bomb", size=MEGABYTES): 0.5,
}
ERRORS: Final = 30.0
# What ends a service for long is rarer than what passes, or the rest of the run would be quiet.
RARE: Final[Mapping[str, float]] = {
    **dict.fromkeys(("auth", "forbidden", "permission", "key_"), 0.03),
    **dict.fromkeys(("gone", "deprecated", "decommissioned", "unsupported_400", "unknown_400", "paid"), 0.025),
    **dict.fromkeys(("missing", "no_provider", "model_404", "subscription", "credits", "402"), 0.025),
    **dict.fromkeys(("quota", "day_429", "daily", "no_route", "legacy_host"), 0.1),
}
# A spell of one trouble: so many calls in a row, as an outage is.
SPELL_CHANCE: Final = 0.015
SPELL: Final = (3, 14)
DIALECTS: Final[tuple[DialectName, ...]] = ("openai", "mistral", "gemini", "cerebras", "lmstudio", "ollama")


class Weather(Troubles):
    """Draws the trouble of every call, now and then the same for a spell; tells it to the fake's notes."""

    def __init__(self, fake: Seen, chance: random.Random) -> None:
        super().__init__()
        self._fake = fake
        self._chance = chance
        self._spell: tuple[int, Trouble | None] = (0, None)
        self._shares: dict[Trouble | None, float] = {}

    def next(self) -> AnyTrouble | None:
        """The trouble of the call that has just come."""
        left, trouble = self._spell
        if left:
            self._spell = (left - 1, trouble)
        else:
            shares = self._shares = self._shares or weights(self._fake.errors("m"))
            trouble = self._chance.choices(list(shares), list(shares.values()))[0]
            if trouble is not None and self._chance.random() < SPELL_CHANCE / 0.4:
                self._spell = (self._chance.randint(*SPELL), trouble)
        self._fake.note(trouble)
        return trouble


def weights(errors: Mapping[str, Answer]) -> dict[Trouble | None, float]:
    """How often each trouble comes; every documented error is one."""
    shares = {name: next((share for part, share in RARE.items() if part in name), 1.0) for name in errors}
    total = sum(shares.values())
    return {**TROUBLES, **{Trouble("error", name=name): ERRORS * share / total for name, share in shares.items()}}


class Seen(FakeService):
    """A fake that notes every call that arrives; which key it accepts depends on the session."""

    service = ""

    def watch(self, plan: Plan, clock: SharedClock) -> None:
        """Begins to note, and to fail."""
        self.plan = plan
        self.shared = clock
        self.arrivals: list[Arrival] = []
        self._noted: dict[int, Arrival] = {}
        self.troubles = Weather(self, random.Random(f"weather {plan.seed} {self.service}"))

    def note(self, trouble: Trouble | None) -> None:
        """Notes the call that has just come."""
        asked = self.requests[-1]
        model = self._model_in(asked.path) if "/models/" in asked.path or "/run/" in asked.path else asked.model
        arrival = Arrival(int(asked.headers.get(CALL, 0)), self.service, model, asked.at, real())
        if trouble is not None:
            arrival.trouble, arrival.name, arrival.skew = trouble.kind, trouble.name, trouble.seconds or 10_800.0
        self._noted[id(asked)] = arrival
        self.arrivals.append(arrival)

    async def answer(self, asked: Asked) -> Answer:
        """What it answers, noted with what it was refused for."""
        self.key = self.plan.sessions[self.shared.session].keys[self.service]
        before = Counter(self.refused.by_limit)
        spent = self.neurons.spent if isinstance(self, FakeCloudflare) else 0.0
        answer = await super().answer(asked)  # type: ignore[safe-super]
        if arrival := self._noted.get(id(asked)):
            arrival.status = answer.status
            arrival.over = next(iter(self.refused.by_limit - before), "")
            arrival.wait = stated(answer)
            arrival.spent = spent
            arrival.cost = self.neurons.spent - spent if isinstance(self, FakeCloudflare) else 0.0
        return answer


def stated(answer: Answer) -> float | None:
    """At least how many seconds a refusal says to wait."""
    if answer.status != 429:
        return None
    if "retry-after" in answer.headers:
        return max(0.0, float(answer.headers["retry-after"]) - 1)  # it was rounded up
    _, _, seconds = answer.headers.get("ratelimit", "").partition(";t=")
    return float(seconds) if seconds else None


class SeenCloudflare(Seen, FakeCloudflare):
    """Cloudflare."""

    service = "cloudflare"


class SeenGroq(Seen, FakeGroq):
    """Groq."""

    service = "groq"


class SeenHuggingFace(Seen, FakeHuggingFace):
    """Hugging Face."""

    service = "huggingface"


class SeenOpenAi(Seen, FakeOpenAi):
    """Any other server."""

    service = "server"


def made(plan: Plan, now: Clock) -> list[Seen]:
    """The four fakes of a run."""
    models = {
        name: replace(
            model,
            rpm=GROQ_LIMITS["requests_per_minute"],
            rpd=GROQ_LIMITS["requests_per_day"],
            tpm=GROQ_LIMITS["tokens_per_minute"],
            tpd=GROQ_LIMITS["tokens_per_day"],
        )
        for name, model in MODELS.items()
    }
    chance = random.Random(f"fakes {plan.seed}")
    return [
        SeenCloudflare(account=plan.account, clock=now, allowance=plan.neurons, quota_code=chance.choice((4006, 3036))),
        SeenGroq(clock=now, models=models),
        SeenHuggingFace(clock=now, credit=CREDIT, window_calls=20, legacy=chance.random() < 0.5),
        SeenOpenAi(clock=now, models=("m", "n"), dialect=chance.choice(DIALECTS), per_minute=20, per_day=250),
    ]


@asynccontextmanager
async def running(plan: Plan, clock: SharedClock) -> AsyncIterator[dict[str, Seen]]:
    """The fakes of a run by service, until it is over."""
    async with AsyncExitStack() as stack:
        fakes: dict[str, Seen] = {}
        for fake in made(plan, clock.now):
            fake.watch(plan, clock)
            fakes[fake.service] = await stack.enter_async_context(fake)
        yield fakes
