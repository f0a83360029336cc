"""Carries a plan out: one step, its events, exactly one Done or Failed at the end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from pointsman.core.decision import Decision
from pointsman.core.errors import ModelFailed, NoValue, PointsmanError, Unreachable
from pointsman.core.message import Message, Turn
from pointsman.core.plan import Chat, Compute, Draw, Plan, Say
from pointsman.core.ports import ChatModel, ChatOptions, Clock
from pointsman.core.reply import Done, Event, Failed, Status, Text

Evaluate = Callable[[str], str]


class Executor:
    """Walks a plan with the models and tools that are there."""

    def __init__(self, *, models: Mapping[str, ChatModel], evaluate: Evaluate, clock: Clock) -> None:
        self.models = models
        self._evaluate = evaluate
        self._clock = clock

    async def run(
        self, plan: Plan, decision: Decision, message: Message, options: ChatOptions
    ) -> AsyncGenerator[Event, None]:
        """The events of a plan. Errors that we can name end it with Failed, never with an exception."""
        began = self._clock()
        try:
            if plan.notice:
                yield Status(plan.notice)
            match plan.step:
                case Say(text):
                    yield Text(text)
                    yield Done(decision, seconds=self._clock() - began)
                case Compute(expression):
                    yield Text(self._computed(expression))
                    yield Done(decision, seconds=self._clock() - began)
                case Draw() as draw:
                    yield Text(no_painter(draw))
                    yield Done(decision, seconds=self._clock() - began)
                case Chat(model=name):
                    async with aclosing(self._chat(name, decision, message, options, began)) as events:
                        async for event in events:
                            yield event
        except PointsmanError as error:
            yield Failed.of(error, decision)

    def _computed(self, expression: str) -> str:
        try:
            return f"{expression} = {self._evaluate(expression)}"
        except NoValue as error:
            return f"{expression} has no value that I can give: {error.message}."

    async def _chat(
        self, name: str, decision: Decision, message: Message, options: ChatOptions, began: float
    ) -> AsyncGenerator[Event, None]:
        model = self.models.get(name)
        if model is None:
            raise Unreachable(
                "no chat model is available", cure="pip install 'pointsman[local]', then pointsman pull smollm2"
            )
        turns = (*message.history, Turn("user", message.text))
        async with aclosing(model.chat(turns, options)) as deltas:
            async for delta in deltas:
                if delta.text:
                    yield Text(delta.text)
                if delta.finish_reason:
                    yield Done(
                        decision,
                        model=name,
                        seconds=self._clock() - began,
                        prompt_tokens=delta.prompt_tokens,
                        completion_tokens=delta.completion_tokens,
                        finish_reason=delta.finish_reason,
                        footer=model.note,
                    )
                    return
        raise ModelFailed(
            f"{name} stopped without ending its reply", cure="ask again; if it stays so, pointsman doctor"
        )

    async def close(self) -> None:
        """Lets go of the models."""
        for model in self.models.values():
            await model.close()


def no_painter(draw: Draw) -> str:
    """What to say when a picture is wanted and no picture server is set up."""
    size = f", {draw.width}x{draw.height}" if draw.width and draw.height else ""
    count = f", {draw.count} pictures" if draw.count > 1 else ""
    seed = f", seed {draw.seed}" if draw.seed is not None else ""
    style = f"\n  style: {draw.style}" if draw.style else ""
    negative = f"\n  without: {draw.negative}" if draw.negative else ""
    return (
        "No picture server is connected, so nothing was drawn. Pictures come from ComfyUI: have it running; this"
        " version finds out what to draw, and does not send it there yet.\n"
        f"This is what would be sent{size}{count}{seed}:\n  prompt: {draw.prompt}{style}{negative}"
    )
