"""The same things asked of a service, and what came of each as plain data without what no two runs have in common."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, is_dataclass
from typing import Any, Final

from pointsman.core.codec import decision_to_dict
from pointsman.core.correction import Correction, Preview
from pointsman.core.decision import Decision
from pointsman.core.errors import BadField, PointsmanError
from pointsman.core.eventcodec import event_to_dict
from pointsman.core.message import Attachment, Command, Message, Origin, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Event
from pointsman.discord.service import Service

ANN: Final = Origin("discord", user="11", channel="7", session="7", guild="5")
ANN_ALONE: Final = Origin("discord", user="11", channel="8", direct=True)
BOB: Final = Origin("discord", user="22", channel="7", guild="5")
STRANGER: Final = Origin("discord", channel="7", guild="5")
DOT: Final = "data:image/png;base64,iVBORw0KGgo="
FOX: Final[Mapping[str, str | int]] = {
    "prompt": "a red fox",
    "width": 512,
    "height": 512,
    "steps": 4,
    "seed": 7,
    "style": "anime",
}
# Whatever is measured, or read off a clock.
MEASURED: Final = frozenset(
    {"at", "ms", "latency_ms", "seconds", "exported_at", "undone_at", "age", "used", "idle_seconds", "source"}
)
IDS: Final = re.compile(r"\b[0-9a-f]{12}\b")
PORTS: Final = re.compile(r"127\.0\.0\.1:\d+")


class Asking:
    """Asks one service, and keeps what it said under what was asked."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.said: list[tuple[str, Any]] = []
        self.decisions: dict[str, str] = {}

    async def tell(self, name: str, text: str, origin: Origin = ANN, **more: Any) -> None:
        """A message, and all events of the reply; its decision is known by `name` from then on."""
        options = more.pop("options", None)

        async def events() -> list[dict[str, Any]]:
            found = [event_to_dict(it) async for it in self._stream(Message(text, origin=origin, **more), options)]
            self.decisions[name] = found[0]["decision"]["id"]
            return found

        await self.ask(name, events())

    async def ask(self, name: str, asked: Awaitable[Any]) -> None:
        """Anything else; an error is an answer, too."""
        try:
            self.said.append((name, plain(await asked)))
        except PointsmanError as error:
            field = error.field if isinstance(error, BadField) else ""
            kind = type(error).__name__
            self.said.append((name, [kind, error.message, error.cure, error.code, error.http_status, field]))

    async def _stream(self, message: Message, options: ChatOptions | None) -> AsyncIterator[Event]:
        async with aclosing(self.service.stream(message, options)) as events:
            async for event in events:
                yield event


async def replies(asking: Asking) -> None:
    """Messages and commands of every kind."""
    await asking.tell("hello", "good morning")
    await asking.tell("fox", "a red fox", command=Command("image_generation", FOX, name="/draw"))
    history = (
        Turn("system", "You are a pirate."),
        Turn("user", "what is on it?", attachments=(Attachment("image/png", DOT, "dot.png"),)),
        Turn("assistant", "A dot."),
    )
    cold = ChatOptions(max_tokens=50, temperature=0.0, seed=3, stop=("END",))
    await asking.tell("talk", "and why is the sky blue?", history=history, options=cold)
    await asking.tell("sum", "what's 17 % of 2,340?", ANN_ALONE)
    await asking.tell("seen", "what do you see?", attachments=(Attachment("image/png", DOT, "dot.png"),))
    await asking.tell("small", "tell me a story", command=Command(model="smollm2:135m", name="/ask"))
    await asking.tell("here", "tell me a story about a fox", local=True)
    await asking.tell("no such model", "tell me a story", command=Command(model="nobody:7b"))
    await asking.tell("no such category", "tell me", command=Command("nonsense"))
    await asking.tell("no such slot", "a fox", command=Command("image_generation", {"colour": "red"}))
    job = Command("image_generation", {"job": "upscale"})
    await asking.tell("larger", "larger", command=job, attachments=(Attachment("image/png", DOT),))
    await asking.tell("larger than nothing", "larger", command=job)
    await asking.tell("job of a page", "### Task: a title", task="title_generation")


async def looks(asking: Asking) -> None:
    """What was decided, and what can be chosen."""
    service, fox = asking.service, asking.decisions["fox"]
    await asking.ask("known", service.known())
    for name, which in (("whole", fox), ("marked", f"#{fox}"), ("beginning", fox[:11]), ("latest", "")):
        await asking.ask(f"find {name}", service.find(which))
    await asking.ask("find nothing", service.find("ffffffffffff"))
    await asking.ask("uses", service.uses(fox))
    await asking.ask("uses of nothing", service.uses("ffffffffffff"))
    await asking.ask("quota", service.quota())


async def lessons(asking: Asking) -> None:
    """Corrections, what they would change, and back."""
    service, talk = asking.service, asking.decisions["talk"]
    await asking.ask("preview", service.preview("web_search", decision_id=talk))
    await asking.ask("preview of nonsense", service.preview("nonsense", decision_id=talk))
    await asking.ask("preview of nothing", service.preview("web_search", decision_id=""))
    await asking.ask("correct", service.correct(talk, "web_search", surface="discord"))
    await asking.ask("contradiction", service.preview("reasoning", decision_id=talk))
    await asking.ask("correct nothing", service.correct("ffffffffffff", "web_search"))
    await asking.ask("undo", service.undo(talk))
    await asking.ask("undo again", service.undo(talk))
    await asking.ask("undo nothing", service.undo(""))


async def memories(asking: Asking) -> None:
    """What is remembered, by whom, and who hears of it."""
    service = asking.service
    await asking.ask("remember", service.remember("my bike is in the blue shed", ANN))
    await asking.ask("remember again", service.remember("My bike is in the blue shed!", ANN))
    await asking.ask("remember alone", service.remember("my locker is 17", ANN_ALONE))
    await asking.ask("remember here", service.remember("we meet on fridays", ANN, scope="guild"))
    await asking.ask("remember nowhere", service.remember("we meet on fridays", ANN_ALONE, scope="guild"))
    await asking.ask("remember nothing", service.remember("  ", ANN))
    await asking.ask("remember for nobody", service.remember("a secret", STRANGER))
    await asking.ask("remember the shed", service.remember("the shed is red", BOB))
    for name, origin in (("ann", ANN), ("ann alone", ANN_ALONE), ("bob", BOB), ("a stranger", STRANGER)):
        await asking.ask(f"memories of {name}", service.memories(origin))
    await asking.ask("forget another's", service.forget(["m1", "m99"], BOB))
    await asking.ask("forget private ones where others read", service.forget(["m2"], ANN))
    await asking.ask("forget", service.forget(["m1", "m1", "m2"], ANN_ALONE))
    await asking.ask("forget nothing", service.forget([], ANN))
    await asking.ask("memories left", service.memories(ANN_ALONE))
    await asking.tell("in words", "remember that my cat is called Tom")
    await asking.ask("uses of a tool", service.uses(asking.decisions["in words"]))


async def persons(asking: Asking) -> None:
    """All that is kept of somebody, and its end."""
    service = asking.service
    await asking.ask("export", service.export("discord:11"))
    await asking.ask("erase", service.erase("discord:11"))
    await asking.ask("export of nothing", service.export("discord:11"))
    await asking.ask("nobody's name", service.export("a/b c?"))
    await asking.ask("erase nobody", service.erase("?x"))
    await asking.ask("the other one", service.export("discord:22"))
    await asking.ask("a decision that is gone", service.find(asking.decisions["fox"]))


ALL: Final[Sequence[Callable[[Asking], Awaitable[None]]]] = (replies, looks, lessons, memories, persons)


def plain(value: Any) -> Any:
    """A value as data."""
    match value:
        case Decision():
            return decision_to_dict(value)
        case Correction() | Preview():
            return value.to_dict()
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {"kind": type(value).__name__, **{name: plain(it) for name, it in asdict(value).items()}}
        case frozenset():
            return sorted(value)
        case Mapping():
            return {name: plain(it) for name, it in value.items()}
        case list() | tuple():
            return [plain(it) for it in value]
        case _:
            return value


def alike(said: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """What was said without times; decisions' ids are numbered as they come up."""
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"decision-{len(numbers) + 1}")

    def same(value: Any, name: str = "") -> Any:
        match value:
            case dict():
                return {same(key): same(it, key) for key, it in value.items()}
            case list():
                return [same(it) for it in value]
            case str():
                return PORTS.sub("HERE", IDS.sub(numbered, value))
            case int() | float() if name in MEASURED and not isinstance(value, bool):
                return "measured"
            case _:
                return value

    return {name: same(value) for name, value in said}
