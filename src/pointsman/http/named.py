"""The reply of a model that was asked for by name, told as the events of a routed one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from pointsman.core.errors import PointsmanError
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Calls, Done, Event, Failed, Text
from pointsman.engine.router import Router


async def named_reply(router: Router, model: str, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Event]:
    """One model's reply, ended by exactly one Done or Failed; errors that we can name are no exceptions here."""
    try:
        async with aclosing(router.chat(model, turns, options)) as deltas:
            async for delta in deltas:
                if delta.text:
                    yield Text(delta.text)
                if delta.calls:
                    yield Calls(delta.calls)
                if delta.finish_reason:
                    yield Done(
                        None,
                        model=model,
                        prompt_tokens=delta.prompt_tokens,
                        completion_tokens=delta.completion_tokens,
                        finish_reason=delta.finish_reason,
                    )
                    return
    except PointsmanError as error:
        yield Failed.of(error)
