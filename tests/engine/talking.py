"""A reply with tools, from a scripted model and scripted tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.plan import Chat, Plan
from pointsman.core.ports import ChatModel, ChatOptions
from pointsman.core.reply import Event, Text
from pointsman.core.sums.arithmetic import answer
from pointsman.core.tool import Toolset
from pointsman.engine.agreement import Confirm
from pointsman.engine.execute import Executor
from pointsman.engine.toolbox import Toolbox
from pointsman.engine.toolcalls import Limits
from pointsman.engine.workshop import Workshop
from pointsman.testing.stepped_time import SteppedTime

TODAY = date(2026, 3, 1)


def decided(**slots: Any) -> Decision:
    return Decision("d1", "search", "llm+tools", 0.9, "fast", (), slots)


class Table:
    """An executor with one model and some toolsets; `say` sends a message through it."""

    def __init__(
        self, model: ChatModel, *sets: Toolset, limits: Limits | None = None, wordless: frozenset[str] = frozenset()
    ) -> None:
        self.clock = SteppedTime()
        self.model = model
        self.names = tuple(it.name for it in sets)
        openers = {it.name: (lambda it=it: it) for it in sets}
        self.executor = Executor(
            Workshop(models={model.name: model}, clock=self.clock),
            answer=answer,
            clock=self.clock,
            toolbox=Toolbox(openers),
            limits=limits,
            today=lambda: TODAY,
            wordless=wordless,
        )

    def stream(
        self,
        message: Message | str,
        *,
        confirm: Confirm | None = None,
        options: ChatOptions | None = None,
        notice: str = "",
        **slots: Any,
    ) -> AsyncIterator[Event]:
        asked = Message(message) if isinstance(message, str) else message
        plan = Plan(Chat(self.model.name, self.names), notice)
        return self.executor.run(plan, decided(**slots), asked, options or ChatOptions(), confirm)

    async def say(self, message: Message | str, *, confirm: Confirm | None = None, **slots: Any) -> list[Event]:
        return [event async for event in self.stream(message, confirm=confirm, **slots)]


def text_of(events: Sequence[Event]) -> str:
    return "".join(event.delta for event in events if isinstance(event, Text))
