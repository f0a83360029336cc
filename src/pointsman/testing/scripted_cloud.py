"""A cloud stage for tests: services that say what they were told to, on a clock that the test steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.core.message import Message
from pointsman.testing.stepped_time import SteppedTime
from pointsman.tiers.cascade import Bars, Tier
from pointsman.tiers.cloud import Cloud, Member
from pointsman.tiers.cloud.members import P95

CATALOGUE: Final = Catalogue(
    [
        Category("image", "pictures", "image"),
        Category("chat", "talk", "llm"),
        Category("facts", "facts", "llm"),
        Category("memory", "what to remember", "llm+tools"),
    ]
)
BARS: Final = Bars(0.6, {"image": 0.9})
FOX: Final = Message("draw a fox")


def answer(category: str, confidence: float, reason: str = "it says so", margin: float = 1.0) -> Answer:
    """What a service says."""
    return Answer(category, confidence, margin, reason)


def failed(kind: FaultKind = "server", message: str = "it broke", service: str = "first") -> ServiceFailed:
    """How a service fails."""
    return ServiceFailed(kind, message, service=service)


def remote(name: str, tier: Tier, p95: P95 | None = None) -> Member:
    """A member that is not on this machine."""
    return Member(name, tier, p95=p95)


def takes(seconds: float | None) -> Callable[[], Awaitable[float | None]]:
    """How long a member takes 19 times in 20."""

    async def p95() -> float | None:
        return seconds

    return p95


def cloud(time: SteppedTime, *members: Member, **more: Any) -> Cloud:
    """A cloud stage of these members, with two seconds."""
    given: dict[str, Any] = {"bars": BARS, "clock": time, "sleep": time.sleep}
    return Cloud(members, CATALOGUE, **given | more)


async def judged(tier: Cloud, time: SteppedTime, message: Message = FOX) -> Verdict:
    """The stage's verdict, the time moved on as far as it takes."""
    return await time.until(asyncio.create_task(tier.judge(message)))


async def sure(tier: Cloud, time: SteppedTime, message: Message = FOX) -> Answer:
    """The stage's answer."""
    verdict = await judged(tier, time, message)
    if isinstance(verdict, Answer):
        return verdict
    raise AssertionError(f"it abstained: {verdict.reason}")


async def unsure(tier: Cloud, time: SteppedTime, message: Message = FOX) -> Abstain:
    """The stage's abstention."""
    verdict = await judged(tier, time, message)
    if isinstance(verdict, Abstain):
        return verdict
    raise AssertionError(f"it answered: {verdict.category}")
