"""What the tiers in this process would say, for previews: nobody outside is asked, and nothing recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from inspect import iscoroutinefunction

from pointsman.core.message import Message
from pointsman.engine.teaching import Categorise
from pointsman.tiers.cascade import FALLBACK, Cascade, Keeper, Stage


def foresee(stages: Sequence[Stage], cascade_of: Callable[[Sequence[Stage]], Cascade]) -> Categorise:
    """Finds a message's category with those tiers whose `judge` is no coroutine: a preview costs no cloud call.

    Where none of them is sure and others would have been asked, the category is "". Those that keep the answers of
    others are left out too, as they would take a supposition for a question.
    """
    local = [it for it in stages if not iscoroutinefunction(it.tier.judge) and not isinstance(it.tier, Keeper)]
    cascade = cache(lambda: cascade_of(local))  # made when it is needed, as it reads all utterances

    async def categorise(message: Message) -> str:
        decision = await cascade().decide(message)
        return "" if decision.tier == FALLBACK and len(local) < len(stages) else decision.category

    return categorise
