from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import Any, cast

from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.tiers.aside import Aside
from pointsman.tiers.asking import is_remote
from pointsman.tiers.surroundings import Surroundings


class Slow:
    """Surroundings that read one text at a time, and say in which thread."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.known: set[str] = set()

    def knows(self, text: str) -> bool:
        return text in self.known

    def of(self, text: str) -> None:
        self.threads.append(threading.current_thread().name)
        self.known.add(text)


class Tier:
    name = "neighbours"

    def __init__(self, slow: Slow) -> None:
        self.slow = slow

    def judge(self, message: Message) -> Verdict:
        assert message.wordless or self.slow.knows(message.look.strip())
        return Abstain("no words") if message.wordless else Answer("general_chat", 0.9, 0.9, "near")


async def test_a_text_is_read_in_a_thread_and_then_known() -> None:
    slow = Slow()
    aside = Aside(Tier(slow), cast("Surroundings", slow))
    said = aside.judge(Message(" hello there "))
    assert isinstance(said, Awaitable)
    assert isinstance(await said, Answer)
    assert isinstance(aside.judge(Message("hello there")), Answer)  # at once
    assert len(slow.threads) == 1
    assert slow.threads[0].startswith("pointsman-encoder")
    assert not is_remote(cast("Any", aside))


async def test_what_has_no_words_is_not_read() -> None:
    slow = Slow()
    assert isinstance(Aside(Tier(slow), cast("Surroundings", slow)).judge(Message("?!")), Abstain)
    assert not slow.threads


async def test_the_loop_goes_on_meanwhile() -> None:
    let_go = threading.Event()

    class Waits(Slow):
        def of(self, text: str) -> None:
            assert let_go.wait(20)
            super().of(text)

    slow = Waits()
    said = Aside(Tier(slow), cast("Surroundings", slow)).judge(Message("something long"))
    task = asyncio.ensure_future(cast("Awaitable[Verdict]", said))
    await asyncio.sleep(0)
    assert not task.done()
    let_go.set()  # which nobody could do, if the loop waited
    assert isinstance(await task, Answer)
