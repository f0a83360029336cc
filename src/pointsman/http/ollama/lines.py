"""A reply's pieces in Ollama's words: the lines of a stream, or one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pointsman.core.message import ToolCall
from pointsman.core.ports import Clock
from pointsman.core.reply import Done, Picture
from pointsman.http.errors import to_json
from pointsman.http.ollama.reading import Route
from pointsman.http.pictures import in_base64

NANO: Final = 1_000_000_000


@dataclass(slots=True)
class Times:
    """When a request came, and when its first word; `clock` gives seconds from any start."""

    clock: Clock
    began: float = field(init=False)
    first: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def spoke(self) -> None:
        """Something is said."""
        if self.first is None:
            self.first = self.clock()

    def told(self, done: Done) -> dict[str, int]:
        """The statistics of a reply that ends now, durations in nanoseconds; what is zero is left out, as Ollama does.

        The time until the first word counts as the reading of the prompt, that since as the making of the reply.
        """
        ended = self.clock()
        first = ended if self.first is None else self.first
        counts = {
            "total_duration": max(1, spent(self.began, ended)),
            "prompt_eval_count": done.prompt_tokens,
            "prompt_eval_duration": spent(self.began, first) if done.prompt_tokens else 0,
            "eval_count": done.completion_tokens,
            "eval_duration": max(1, spent(first, ended)) if done.completion_tokens else 0,
        }
        return {name: value for name, value in counts.items() if value}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all lines of one reply have in common; `now` gives seconds since the epoch.

    `footer` is whether a model's note on itself is added for the reader.
    """

    route: Route
    model: str
    now: Clock
    times: Times
    footer: bool = False

    def line(self, text: str = "", **more: Any) -> bytes:
        """A piece of the reply; `more` stands in the message of a chat, or beside the text of a completion."""
        return written({**self._head(), **self._said(text, more), "done": False})

    def calls(self, calls: Sequence[ToolCall], place: int) -> bytes:
        """Tools that are to be called, the first of them the reply's call number `place`."""
        return self.line(tool_calls=calls_of(calls, place))

    def picture(self, picture: Picture, url: str) -> bytes:
        """A picture in words that chat pages show; a completion has a field for it, too."""
        return self.line(markdown(url), **self.image(picture))

    def image(self, picture: Picture) -> dict[str, str]:
        """The field of a completion in which clients look for a picture; chats have none that clients would read."""
        return {"image": in_base64(picture)} if self.route == "generate" else {}

    def last(self, done: Done, text: str = "", **more: Any) -> bytes:
        """The line that ends the reply."""
        return written(self.whole(done, text, **more))

    def whole(self, done: Done, text: str = "", **more: Any) -> dict[str, Any]:
        """The end of a reply; with its whole text, the reply as one object."""
        reason = "length" if done.finish_reason == "length" else "stop"
        ends = {"done": True, "done_reason": reason, **self.times.told(done)}
        return {**self._head(), **self._said(text, more), **ends}

    def nothing(self, reason: Literal["load", "unload"]) -> dict[str, Any]:
        """The answer to a request that asks nothing."""
        return {**self._head(), **self._said("", {}), "done": True, "done_reason": reason}

    def closing(self, done: Done, *, after_text: bool) -> str:
        """The footer as a last small paragraph; "" where there is none or it is not wanted."""
        if not (self.footer and done.footer):
            return ""
        return f"\n\n— {done.footer}" if after_text else f"— {done.footer}"

    def _head(self) -> dict[str, Any]:
        return {"model": self.model, "created_at": moment(self.now())}

    def _said(self, text: str, more: Mapping[str, Any]) -> dict[str, Any]:
        if self.route == "chat":
            return {"message": {"role": "assistant", "content": text, **more}}
        return {"response": text, **more}


def calls_of(calls: Sequence[ToolCall], place: int = 0) -> list[dict[str, Any]]:
    """Calls as Ollama writes them: the arguments are an object."""
    return [
        {
            **({"id": it.id} if it.id else {}),
            "function": {"index": place + number, "name": it.name, "arguments": dict(it.arguments)},
        }
        for number, it in enumerate(calls)
    ]


def markdown(url: str) -> str:
    """A picture as chat pages show it."""
    return f"\n\n![picture]({url})\n\n"


def moment(seconds: float) -> str:
    """A moment as Go writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def spent(began: float, ended: float) -> int:
    """The nanoseconds between two moments in seconds."""
    return max(0, round((ended - began) * NANO))


def written(line: Mapping[str, Any]) -> bytes:
    """A line as it is sent."""
    return to_json(line) + b"\n"
