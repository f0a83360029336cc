"""What Ollama says, as values: pieces of a reply, what it has, what it holds, how far a download is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pointsman.core.message import ToolCall
from pointsman.providers.openai_calls import arguments_of
from pointsman.providers.remote.reading import at, number

NANO: Final = 1e-9
# A model that is there answers to an empty request within some milliseconds.
COLD_SECONDS: Final = 0.1
# "For ever" is told as a date some 292 years ahead.
FOREVER_YEARS: Final = 100
LATEST: Final = ":latest"


@dataclass(frozen=True, slots=True)
class End:
    """How a reply ended: "stop", "length", "load" or "unload", with its counts of tokens and its seconds.

    `load_seconds` is what loading the model took of them.
    """

    reason: str = "stop"
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    load_seconds: float = 0.0
    prompt_seconds: float = 0.0
    token_seconds: float = 0.0

    @property
    def cold(self) -> bool:
        """Whether the model had to be loaded for it."""
        return self.load_seconds > COLD_SECONDS


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply; the last one has the `end`. `logprobs` are its tokens, as OpenAI writes them."""

    text: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    logprobs: tuple[Mapping[str, Any], ...] = ()
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A model that is in memory: `size` bytes in all, `on_card` of them on the card, with `context` tokens.

    `expires` is when it will go, None where it stays for ever. A model that is still being loaded is told too.
    """

    name: str
    size: int
    on_card: int
    context: int = 0
    digest: str = ""
    expires: datetime | None = None

    @property
    def spilled(self) -> bool:
        """Whether a part of it lies in the computer's memory, which makes it several times slower."""
        return self.on_card < self.size


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that Ollama has on its disk, `size` bytes; `abilities` such as completion, tools, thinking, embedding."""

    name: str
    size: int
    digest: str = ""
    family: str = ""
    parameters: str = ""
    quantization: str = ""
    abilities: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Pulling:
    """How far a download is: `done` of `total` bytes of the parts that are known so far."""

    status: str
    done: int = 0
    total: int = 0


def plain(name: str) -> str:
    """A model's name without the tag that it has when none is named."""
    return name.removesuffix(LATEST)


def piece_of(line: Mapping[str, Any]) -> Piece:
    """A line of a chat or of a completion."""
    message = line.get("message")
    said: Mapping[str, Any] = message if isinstance(message, dict) else line
    calls = said.get("tool_calls")
    logprobs = line.get("logprobs")
    return Piece(
        text=text_at(said, "content" if said is message else "response"),
        thinking=text_at(said, "thinking"),
        tool_calls=tuple(call_of(call) for call in calls if isinstance(call, dict)) if isinstance(calls, list) else (),
        logprobs=tuple(it for it in logprobs if isinstance(it, dict)) if isinstance(logprobs, list) else (),
        end=end_of(line) if line.get("done") is True else None,
    )


def call_of(call: Mapping[str, Any]) -> ToolCall:
    """The tool that a model wants to have called."""
    arguments, problem = arguments_of(at(call, "function", "arguments"))
    return ToolCall(str(at(call, "function", "name") or ""), arguments, text_at(call, "id"), problem)


def end_of(line: Mapping[str, Any]) -> End:
    """How a reply ended; what is zero is left out on the wire."""
    return End(
        reason=text_at(line, "done_reason") or "stop",
        prompt_tokens=count_at(line, "prompt_eval_count"),
        tokens=count_at(line, "eval_count"),
        seconds=count_at(line, "total_duration") * NANO,
        load_seconds=count_at(line, "load_duration") * NANO,
        prompt_seconds=count_at(line, "prompt_eval_duration") * NANO,
        token_seconds=count_at(line, "eval_duration") * NANO,
    )


def running_of(row: Mapping[str, Any], now: datetime) -> Running:
    """A row of /api/ps."""
    return Running(
        name=text_at(row, "name") or text_at(row, "model"),
        size=count_at(row, "size"),
        on_card=count_at(row, "size_vram"),
        context=count_at(row, "context_length"),
        digest=text_at(row, "digest"),
        expires=expiry_of(row.get("expires_at"), now),
    )


def installed_of(row: Mapping[str, Any]) -> Installed:
    """A row of /api/tags."""
    abilities = row.get("capabilities")
    details = row.get("details")
    described: Mapping[str, Any] = details if isinstance(details, dict) else {}
    return Installed(
        name=text_at(row, "name") or text_at(row, "model"),
        size=count_at(row, "size"),
        digest=text_at(row, "digest"),
        family=text_at(described, "family"),
        parameters=text_at(described, "parameter_size"),
        quantization=text_at(described, "quantization_level"),
        abilities=frozenset(map(str, abilities)) if isinstance(abilities, list) else frozenset(),
    )


def expiry_of(value: object, now: datetime) -> datetime | None:
    """A moment as Go writes it; None for what is no moment, and for one so far ahead that it means never."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year < now.year + FOREVER_YEARS else None


def text_at(row: Mapping[str, Any], name: str) -> str:
    """A text; "" where there is none."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def count_at(row: Mapping[str, Any], name: str) -> int:
    """A whole number from 0; 0 where there is none."""
    return max(0, int(number(row.get(name)) or 0))
