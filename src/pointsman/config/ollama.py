"""Models of an Ollama, spoken to in its own language: who answers, how it is loaded, and for how long it stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pointsman.config.addresses import Url, ollama_url
from pointsman.config.cloud import Key, ModelId
from pointsman.config.strict import Strict
from pointsman.config.values import SECONDS_IN, Count, Seconds, in_seconds, not_a_switch

FOREVER: Final = -1.0
HOST: Final = "OLLAMA_HOST"
ROLES: Final = ("main", "small")
UNITS: Final = "|".join(SECONDS_IN)  # "ms" stands before "m"
SEVERAL: Final = re.compile(rf" *(?:[0-9]+(?:\.[0-9]+)?(?:{UNITS}))+ *")
ONE: Final = re.compile(rf"([0-9]+(?:\.[0-9]+)?)({UNITS})")


def in_keep_alive(value: object) -> object:
    """Seconds from a duration, also one such as 1h30m; -1 from any negative one, and from "forever"."""
    text = value.strip() if isinstance(value, str) else ""
    if text == "forever" or re.fullmatch(r"-[0-9][0-9a-z.]*", text):
        return FOREVER
    if SEVERAL.fullmatch(text):
        return sum(float(number) * SECONDS_IN[unit] for number, unit in ONE.findall(text))
    seconds = in_seconds(value)
    return FOREVER if isinstance(seconds, int | float) and seconds < 0 else seconds


KeepAlive = Annotated[
    float,
    BeforeValidator(in_keep_alive),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "minLength": 1}]}),
]
OllamaUrl = Annotated[Url, BeforeValidator(ollama_url)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(not_a_switch)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(not_a_switch)]

URL = "Where Ollama listens; without it OLLAMA_HOST, else this machine."
KEY = "A bearer token, for an Ollama behind a proxy that wants one."
CONTEXT = (
    "Tokens that a conversation may hold. It is always sent, as what Ollama takes by itself goes by the size of the "
    "card; each costs memory, 0.1 to 0.2 MB for most."
)


def own_address(url: str) -> str:
    """Refuses the address of Ollama's routes in OpenAI's language, or of one of its own."""
    if re.search(r"/(v1|api)(/|$)|[?#]", url):
        raise PydanticCustomError("too_far", "should be the address of Ollama alone, without /v1 or /api")
    return url


class OllamaOptions(Strict):
    """Options of a model in Ollama's own names; each is left to Ollama unless it is set."""

    temperature: Annotated[Number, Field(ge=0)] | None = Field(default=None, description="How freely it draws words.")
    top_k: Count | None = Field(default=None, ge=0, description="From how many likeliest tokens it draws.")
    top_p: Annotated[Number, Field(gt=0, le=1)] | None = Field(default=None, description="From which share of them.")
    min_p: Annotated[Number, Field(ge=0, le=1)] | None = Field(default=None, description="The least share of the best.")
    typical_p: Annotated[Number, Field(gt=0, le=1)] | None = Field(default=None, description="Typical sampling.")
    repeat_last_n: Count | None = Field(default=None, ge=-1, description="How far back repeats are looked for.")
    repeat_penalty: Annotated[Number, Field(gt=0)] | None = Field(default=None, description="What a repeat costs.")
    presence_penalty: Number | None = Field(default=None, description="What a token costs that was there before.")
    frequency_penalty: Number | None = Field(default=None, description="What it costs for each time it was there.")
    seed: Count | None = Field(default=None, description="Makes replies repeatable.")
    num_predict: Positive | None = Field(default=None, description="The most tokens of a reply.")
    num_keep: Count | None = Field(default=None, ge=-1, description="Tokens that are kept when the context is full.")
    stop: tuple[str, ...] | None = Field(default=None, description="Texts that end a reply.")
    num_gpu: Count | None = Field(default=None, ge=0, description="Layers on the card; 0 is none, unset all that fit.")
    num_batch: Positive | None = Field(default=None, description="Tokens that are read at once; more take more memory.")
    num_thread: Positive | None = Field(default=None, description="Threads of the processor.")
    main_gpu: Count | None = Field(default=None, ge=0, description="The card that small parts go on.")
    use_mmap: bool | None = Field(default=None, description="Whether the file is mapped rather than read.")
    draft_num_predict: Positive | None = Field(default=None, description="Tokens that a draft model guesses ahead.")

    @model_validator(mode="before")
    @classmethod
    def no_context(cls, data: Any) -> Any:
        """Says where the context is set."""
        if isinstance(data, dict) and "num_ctx" in data:
            raise PydanticCustomError("context", "holds num_ctx, which is set as `context` beside it")
        return data

    @property
    def given(self) -> dict[str, Any]:
        """Those that are set, as Ollama takes them."""
        said = self.model_dump(exclude_none=True)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


class OllamaModel(Strict):
    """A chat model of an Ollama; any change of how it is loaded reloads it, so this is said once for all requests."""

    provider: Literal["ollama"] = Field(description="What runs the model.")
    url: OllamaUrl = Field(default="http://127.0.0.1:11434", description=URL)
    key: Key = Field(default=None, description=KEY)
    model: ModelId = Field(description="The model, as `ollama list` names it.")
    name: ModelId | None = Field(default=None, description="What clients call the model; without it, `model`.")
    context: Count = Field(default=8192, ge=256, le=4_194_304, description=CONTEXT)
    keep_alive: KeepAlive | None = Field(
        default=None,
        description="How long it stays in memory after its last use, such as 5m; -1 is for ever, 0 sends it away at "
        "once. null: for ever where Pointsman owns the card and sends it away when the memory is wanted, else 5m.",
    )
    judge_keep_alive: KeepAlive = Field(
        default=0.0, description="The same after it was asked as the judge, where it is not the main model too."
    )
    think: bool | Literal["low", "medium", "high", "max"] | None = Field(
        default=None, description="Whether, or how much, it thinks first; null leaves that to the model."
    )
    options: OllamaOptions = Field(default_factory=OllamaOptions, description="Options in Ollama's own names.")
    device: str = Field(
        default="", description="The card that it is loaded on, as `pointsman gpu` names it, where there are several."
    )
    timeout: Annotated[Seconds, Field(gt=0)] = Field(
        default=300.0, description="How long it may be silent before its first word, and between two."
    )

    only_its_own = field_validator("url")(own_address)

    @model_validator(mode="after")
    def not_auto(self) -> Self:
        """Refuses the name that asks for routing."""
        if (self.name or self.model) == "auto":
            raise PydanticCustomError("taken", "'auto' is what clients say when they want routing; give it a `name`")
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The id of its model."""
        return (self.model,)

    @property
    def given(self) -> Mapping[str, Any]:
        """The options that are set."""
        return self.options.given


def put_host(data: Any, environ: Mapping[str, str]) -> dict[str, str]:
    """Puts OLLAMA_HOST into the models of an Ollama that name no address of their own, in a file's `data`.

    Returns which keys were set, and by what. Models of other providers are left as they are, since other programs
    set the variable for themselves.
    """
    host = environ.get(HOST, "").strip()
    models = data.get("models") if isinstance(data, dict) else None
    if not host or not isinstance(models, dict):
        return {}
    told: dict[str, str] = {}
    for role in ROLES:
        model = models.get(role)
        if isinstance(model, dict) and model.get("provider") == "ollama" and model.get("url") is None:
            model["url"] = host
            told[f"models.{role}.url"] = HOST
    return told
