"""A model's options: those that need a reload stand in one set that never varies, the others go with a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from pointsman.core.errors import ConfigError
from pointsman.core.ports import ChatOptions
from pointsman.providers.llama_wire import sampling_of

CONTEXT: Final = 8192
SEEDS: Final = 2**31  # llama.cpp takes 32 bits, and reads the sign as "any"

# What each load-time option is called in a variant; the order is that of a variant's parts.
SHORT: Final[Mapping[str, str]] = {
    "num_ctx": "ctx",
    "num_gpu": "gpu",
    "num_batch": "batch",
    "num_thread": "threads",
    "main_gpu": "main",
    "use_mmap": "mmap",
    "draft_num_predict": "draft",
}
LONG: Final[Mapping[str, str]] = {short: name for name, short in SHORT.items()}


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """The options with which a model is loaded; Ollama reloads it whenever a request brings others.

    `num_ctx` is the context in tokens, which is always sent: what Ollama takes without it goes by the size of the
    card. `num_gpu` is how many layers go on the card (0: none; None: all that fit). None leaves an option to Ollama.
    """

    num_ctx: int = CONTEXT
    num_gpu: int | None = None
    num_batch: int | None = None
    num_thread: int | None = None
    main_gpu: int | None = None
    use_mmap: bool | None = None
    draft_num_predict: int | None = None

    @classmethod
    def of_variant(cls, variant: str, others: RunnerOptions | None = None) -> RunnerOptions:
        """The options that a variant such as ctx=8192,gpu=20 names; what it does not name is as in `others`.

        Raises ConfigError.
        """
        named: dict[str, Any] = {}
        for part in filter(None, variant.split(",")):
            short, _, value = part.partition("=")
            name = LONG.get(short.strip())
            if name is None or not value.strip().lstrip("-").isdecimal():
                raise ConfigError(
                    f"{variant!r} is no variant of a model of Ollama",
                    cure=f"write it as ctx=8192 or ctx=8192,gpu=20; the names are {', '.join(LONG)}",
                )
            number = int(value)
            named[name] = bool(number) if name == "use_mmap" else number
        return replace(others or cls(), **named)

    @classmethod
    def split(cls, options: Mapping[str, Any], *, num_ctx: int = CONTEXT) -> tuple[RunnerOptions, dict[str, Any]]:
        """Configured options as those of the load, with `num_ctx`, and those that go with a request.

        Raises ConfigError where the context is among them, which is set by itself.
        """
        if "num_ctx" in options:
            raise ConfigError("num_ctx is among a model's options", cure="set `context` instead")
        loads = {name: value for name, value in options.items() if name in SHORT}
        return cls(num_ctx, **loads), {name: value for name, value in options.items() if name not in SHORT}

    @property
    def variant(self) -> str:
        """The same in one text, such as ctx=8192,gpu=20; what is left to Ollama is not in it."""
        return ",".join(f"{SHORT[name]}={int(value)}" for name, value in self.given.items())

    @property
    def given(self) -> dict[str, Any]:
        """As Ollama takes them: those that are set."""
        values = {it.name: getattr(self, it.name) for it in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def asked_for(options: ChatOptions, defaults: Mapping[str, Any], *, most: int) -> dict[str, Any]:
    """The options that go with a request: those of the caller, the model's own where the caller says nothing.

    A reply is never longer than `most` tokens: without a limit a small model may never end.
    """
    said = {
        "num_predict": options.max_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "seed": options.seed,
        "stop": [text for text in options.stop if text] or None,
        "frequency_penalty": options.frequency_penalty,
        "presence_penalty": options.presence_penalty,
    }
    given = {name: value for name, value in said.items() if value is not None}
    found = {**defaults, **sampling_of(options.more), **given}
    limit = found.get("num_predict")
    # Negative numbers mean "without end" and "until the context is full" to Ollama.
    found["num_predict"] = most if not isinstance(limit, int) or limit < 0 else min(max(1, limit), most)
    if "seed" in found:
        found["seed"] = int(found["seed"]) % SEEDS
    return found
