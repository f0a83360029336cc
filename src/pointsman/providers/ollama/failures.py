"""What goes wrong with Ollama, as our errors: each says what failed and what to do about it."""

from __future__ import annotations

import json
from typing import Final

from pointsman.core.errors import (
    InputTooLarge,
    InvalidInput,
    ModelFailed,
    NoRoom,
    OutOfMemory,
    PointsmanError,
    ToolsUnsupported,
    UnknownModel,
    Unreachable,
)
from pointsman.core.faults import ServiceFailed

# By these Ollama itself knows that the card was full (llm/status.go); the last is how older versions said it.
OUT_OF_MEMORY: Final = (
    "out of memory",
    "cudamalloc failed",
    "failed to allocate",
    "unable to allocate",
    "allocation failed",
    "not enough memory",
    "insufficient memory",
    "erroroutofmemory",
    "requires more system memory",
)
TOO_LONG: Final = ("exceeds the context", "exceeds the available context", "exceed_context_size")
# How its runners, old and new, say that a model has no eyes.
BLIND: Final = ("missing data required for image", "image input is not supported", "support vision")
UNABLE: Final = ("does not support", *BLIND)
BUSY: Final = ("server busy", "maximum pending requests")
BUSY_SECONDS: Final = 5.0
MOST_QUOTED: Final = 300
IS_IT_RUNNING: Final = "start it with `ollama serve`; OLLAMA_HOST or `url` says where it is looked for"
IS_IT_OLLAMA: Final = "is `url` that of Ollama itself, such as http://127.0.0.1:11434, without /v1?"
LIBRARY: Final = "https://ollama.com/library lists them; write one as qwen3:14b, with its tag"
LOG: Final = "Ollama's log says more: `journalctl -u ollama`, or where `ollama serve` runs"
GIVE_ROOM: Final = "free the card (`pointsman gpu free`), or set a smaller `context` or a smaller model"
USE_TOOLS: Final = "name a model that can use tools (`ollama show` lists what a model is capable of)"
SEE: Final = "name a model that sees (`ollama show` lists vision among what it is capable of), such as gemma3:4b"
SHORTEN: Final = "shorten the message or what was said before it, or set a larger `context` for the model"


def error_in(body: bytes) -> str | None:
    """The text of Ollama's error; None where the body is not one of Ollama's."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return error_text(said)


def error_text(said: object) -> str | None:
    """The error in an answer or in a line of a stream; None where there is none."""
    error = said.get("error") if isinstance(said, dict) else None
    if isinstance(error, dict):  # as the routes in OpenAI's language write it
        error = error.get("message") or error
    return error if isinstance(error, str | None) else json.dumps(error)


def foreign(status: int, server: str) -> PointsmanError:
    """The failure of an answer that Ollama did not write: a proxy's, or another server's."""
    if status in {502, 503, 504}:
        return Unreachable(f"{server}: the way to Ollama is closed (HTTP {status})", cure=IS_IT_RUNNING)
    return Unreachable(f"{server} does not answer as Ollama does (HTTP {status})", cure=IS_IT_OLLAMA)


def failure(status: int, text: str, model: str) -> PointsmanError:
    """An error of Ollama about a model; `status` is 200 for one in the middle of a reply."""
    low = text.lower()
    quoted = " ".join(text.split())[:MOST_QUOTED]
    if any(part in low for part in OUT_OF_MEMORY):
        return OutOfMemory(f"{model}: Ollama ran out of memory: {quoted}", cure=GIVE_ROOM)
    if any(part in low for part in BUSY):
        return NoRoom(
            "Ollama has as many requests waiting as it takes",
            cure="ask again in a moment; OLLAMA_MAX_QUEUE says how many may wait",
            retry_after=BUSY_SECONDS,
        )
    if any(part in low for part in TOO_LONG):
        return InputTooLarge(f"{model}: the conversation is longer than the model's context", cure=SHORTEN)
    if "not found" in low and (status == 404 or "model" in low):
        return UnknownModel(f"Ollama has no model {model}", cure=f"ollama pull {model}")
    if any(part in low for part in UNABLE):
        return inability(model, quoted)
    if status in {401, 403}:
        return ModelFailed(f"{model}: Ollama refuses: {quoted}", cure="set its `key`, or name a model that is here")
    if "timed out waiting" in low:
        return ModelFailed(
            f"{model}: Ollama gave up loading it: {quoted}",
            cure="is its disk slow? OLLAMA_LOAD_TIMEOUT, where Ollama runs, gives it longer",
        )
    if "aborting load" in low or "request canceled" in low or status == 499:
        return ModelFailed(f"{model}: Ollama says that the request was taken back", cure="ask again")
    if status == 400:
        return InvalidInput(f"{model}: Ollama refuses the request: {quoted}", cure="is its version a recent one?")
    return ModelFailed(f"{model}: Ollama says: {quoted}", cure=LOG)


def inability(model: str, quoted: str) -> PointsmanError:
    """A model that cannot do what it was asked for."""
    low = quoted.lower()
    if "support tools" in low:
        return ToolsUnsupported(f"{model} calls no tools", cure=USE_TOOLS)
    if any(part in low for part in BLIND):
        return InvalidInput(f"{model} sees no pictures", cure=SEE)
    cure = "name a model that can chat (`ollama show` lists what a model is capable of)"
    if "thinking" in low:
        cure = "leave out `think` for this model, or name one that thinks"
    elif "embed" in low:
        cure = "name an embedding model, such as all-minilm"
    return InvalidInput(f"{model}: {quoted}", cure=cure)


def of_pull(error: PointsmanError, model: str) -> PointsmanError:
    """An error of a download, with what to do about that rather than about a model that is there."""
    low = error.message.lower()
    if isinstance(error, UnknownModel) or "does not exist" in low or "invalid model name" in low:
        return UnknownModel(f"Ollama's library has no model {model}", cure=LIBRARY)
    if "no space left" in low:
        return ModelFailed(error.message, cure="make room where Ollama keeps its models, or set OLLAMA_MODELS there")
    if isinstance(error, ModelFailed):
        return ModelFailed(error.message, cure=f"pointsman pull ollama:{model} goes on where it stopped; {LOG}")
    return error


def as_seen(fault: ServiceFailed) -> PointsmanError:
    """What went wrong on the way to Ollama and back."""
    if fault.kind == "server":
        return Unreachable(fault.message, cure=IS_IT_RUNNING if fault.retry else fault.cure)
    return ModelFailed(fault.message, cure=fault.cure)


def ended_early(model: str) -> ModelFailed:
    """A reply that stopped before it was done."""
    return ModelFailed(f"{model}: Ollama ended the reply too early", cure=f"ask again; {LOG}")
