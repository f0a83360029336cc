"""How a tier is asked: within its deadline, and not outside the house where that is not wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Final

from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.errors import PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message

if TYPE_CHECKING:
    from pointsman.tiers.cascade import Stage, Tier

KEPT_LOCAL: Final = Abstain("kept local: the writer wants nothing to leave the house")


async def ask(stage: Stage, message: Message) -> Verdict:
    """What a tier says; a tier that fails or is late has abstained, with the reason.

    About what is to stay in the house nobody outside is asked.
    """
    said = at_once(stage, message)
    return said if isinstance(said, Answer | Abstain) else await waited_for(said, stage)


def at_once(stage: Stage, message: Message) -> Verdict | Awaitable[Verdict]:
    """What a tier says as `ask` has it, or what is to be waited for: most tiers need no coroutine to answer."""
    if message.local and leaves_house(stage.tier):
        return KEPT_LOCAL
    try:
        return stage.tier.judge(message)
    except (TimeoutError, PointsmanError) as error:
        return failed(error, stage)


async def waited_for(verdict: Awaitable[Verdict], stage: Stage) -> Verdict:
    """A verdict that takes its time; a tier that fails or is late has abstained."""
    try:
        async with asyncio.timeout(stage.deadline):
            return await verdict
    except (TimeoutError, PointsmanError) as error:
        return failed(error, stage)


def failed(error: TimeoutError | PointsmanError, stage: Stage) -> Abstain:
    """The abstention of a tier that is late or failed, with the reason."""
    if isinstance(error, TimeoutError):
        return Abstain(f"no answer within {stage.deadline:g} s")
    if isinstance(error, ServiceFailed):
        return Abstain(error.message)  # it says who failed, and how
    return Abstain(f"failed: {error.message}")


def in_time(verdict: Verdict, seconds: float, deadline: float) -> Verdict:
    """The verdict, or an abstention when it took longer than its tier may."""
    if isinstance(verdict, Answer) and seconds > deadline:
        return Abstain(f"took {seconds:.1f} s, and may take {deadline:g} s", verdict, verdict.signals)
    return verdict


def is_remote(tier: Tier) -> bool:
    """Whether a tier asks somebody else: one that is waited for does, unless its `remote` says that it does not."""
    return bool(getattr(tier, "remote", iscoroutinefunction(tier.judge)))


def leaves_house(tier: Tier) -> bool:
    """Whether a tier asks somebody outside about every message: one that asks others by itself `minds_local`."""
    return is_remote(tier) and not getattr(tier, "minds_local", False)
