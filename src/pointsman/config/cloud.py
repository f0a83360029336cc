"""The services that may be asked about a message, and what of it they may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pointsman.config.addresses import Url, ollama_url
from pointsman.config.strict import Section, Strict
from pointsman.config.values import Name, Share, not_a_switch
from pointsman.core.house import PASSED_ON
from pointsman.core.loopback import is_here

Asks = Literal["decisions", "chat", "zero_shot", "embeddings"]
AnswerFormat = Literal["auto", "json_schema", "json_object", "text"]
Pooling = Literal["cls", "mean"]

# How often a label without a probability is right, until `pointsman eval --tier NAME` has measured it.
TRUST: Final = 0.8
CLOUD_SERVICES: Final = ("cloudflare", "groq", "huggingface")
SERVICES: Final = ("ollama", *CLOUD_SERVICES)

ENABLED = "false never asks it."
MODELS = "Its models in the order in which they are asked; the next one is when one is gone or used up."
ASKS = (
    "How it is asked: a decision model gives a probability for each category, a chat model sees the nearest utterances "
    "and names a label, zero_shot compares descriptions, embeddings compares with the utterances."
)
LOCAL = (
    "Whether what it is told stays with you, so that it may be told everything: true for a machine of your own in your "
    "network, false for a proxy here that passes on to a cloud; null goes by the address, as this machine or not."
)
TRUSTED = "How often a label that comes without a probability is right, 0 to 1; measure it: pointsman eval --tier."


def sendable(value: SecretStr | None) -> SecretStr | None:
    """No key when it is empty; refuses one that no HTTP header can carry. White space around it is left out."""
    text = value.get_secret_value().strip() if value else ""
    if not all("!" <= letter <= "~" for letter in text):
        raise PydanticCustomError("key", "should be printable ASCII without spaces")
    return SecretStr(text) if text else None


Key = Annotated[SecretStr | None, AfterValidator(sendable)]
ModelId = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f?#]{1,200}$")]
ModelIds = Annotated[tuple[ModelId, ...], Field(min_length=1)]
Allowed = Annotated[int, Field(ge=1), BeforeValidator(not_a_switch)]
Amount = Annotated[float, Field(gt=0), Field(allow_inf_nan=False)]


class Limits(Strict):
    """How much a service allows, where it does not say so itself; null is no limit of ours."""

    requests_per_minute: Allowed | None = Field(default=None, description="Calls in a minute.")
    requests_per_day: Allowed | None = Field(default=None, description="Calls in a day.")
    tokens_per_minute: Allowed | None = Field(default=None, description="Tokens in a minute.")
    tokens_per_day: Allowed | None = Field(default=None, description="Tokens in a day.")


class Groq(Strict):
    """Groq: chat models that answer fast, free within limits for each model."""

    name: ClassVar[str] = "groq"
    asks: ClassVar[Asks] = "chat"
    enabled: bool = Field(default=True, description=ENABLED)
    key: Key = Field(default=None, description="The key; better: GROQ_API_KEY. Without one it is never asked.")
    url: Url = Field(default="https://api.groq.com/openai/v1", description="The address of its API.")
    models: ModelIds = Field(
        default=("openai/gpt-oss-20b", "qwen/qwen3.8-27b", "openai/gpt-oss-120b"), description=MODELS
    )
    trust: Share = Field(default=TRUST, description=TRUSTED)
    limits: Limits = Field(
        default=Limits(requests_per_minute=30, requests_per_day=1000, tokens_per_minute=8000, tokens_per_day=200_000),
        description="What each of its models allows; what its answers say counts instead.",
    )
    prompt_guard: ModelId | None = Field(
        default=None,
        description="A model that scores attempts to steer the router, such as meta-llama/llama-prompt-guard-2-22m; it "
        "marks messages that go to the cloud anyway, and decides nothing.",
    )


class Cloudflare(Strict):
    """Cloudflare Workers AI: decision models and embeddings, free up to a day's neurons for each account."""

    name: ClassVar[str] = "cloudflare"
    enabled: bool = Field(default=True, description=ENABLED)
    account: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{32}$")] | None = Field(
        default=None, description="The account's id, 32 hex digits; better: CLOUDFLARE_ACCOUNT_ID."
    )
    token: Key = Field(
        default=None,
        description="A token that may use Workers AI; better: CLOUDFLARE_API_TOKEN. Without both it is never asked.",
    )
    url: Url = Field(default="https://api.cloudflare.com/client/v4", description="The address of its API.")
    asks: Literal["decisions", "chat", "embeddings"] = Field(default="decisions", description=ASKS)
    models: ModelIds = Field(
        default=("@cf/cloudflare/clef-flash", "@cf/cloudflare/clef-omni"),
        description="Its decision models, in order; the next one is asked when one is gone or used up.",
    )
    chat_models: ModelIds = Field(
        default=("@cf/meta/llama-3.3-70b-instruct-fp8-fast", "@cf/meta/llama-3.2-3b-instruct"),
        description="Its chat models, in order.",
    )
    embedding_model: ModelId = Field(
        default="@cf/baai/bge-small-en-v1.5",
        description="Its embedding model; @cf/baai/bge-m3 reads other languages than English.",
    )
    pooling: Pooling = Field(
        default="cls", description="How the embedding model pools tokens; vectors of different poolings never meet."
    )
    trust: Share = Field(default=TRUST, description=TRUSTED)
    neurons_per_day: Amount = Field(
        default=10_000, description="How many neurons may be spent in any 24 hours; the free share is 10,000."
    )
    sentiment: bool = Field(
        default=False, description="true marks messages that go to the cloud anyway with how they sound."
    )

    @field_validator("account", mode="before")
    @classmethod
    def no_empty_account(cls, value: object) -> object:
        """No account when it is empty."""
        return None if value == "" else value


class HuggingFace(Strict):
    """Hugging Face Inference Providers: models that compare descriptions, for a small sum a month."""

    name: ClassVar[str] = "huggingface"
    enabled: bool = Field(default=True, description=ENABLED)
    token: Key = Field(
        default=None,
        description="A token that may call inference providers; better: HF_TOKEN. Without one it is never asked.",
    )
    url: Url = Field(default="https://router.huggingface.co", description="The address of its router.")
    asks: Literal["zero_shot", "embeddings", "chat"] = Field(default="zero_shot", description=ASKS)
    models: ModelIds = Field(default=("facebook/bart-large-mnli",), description="Its zero-shot models, in order.")
    chat_models: ModelIds = Field(default=("openai/gpt-oss-20b:cheapest",), description="Its chat models, in order.")
    embedding_model: ModelId = Field(
        default="sentence-transformers/all-MiniLM-L6-v2", description="Its embedding model."
    )
    trust: Share = Field(default=TRUST, description=TRUSTED)
    dollars_per_month: Amount = Field(default=0.10, description="How much may be spent in a month.")


class Ollama(Strict):
    """Decision models that Ollama (0.35 and later) runs on a machine of yours."""

    name: ClassVar[str] = "ollama"
    enabled: bool = Field(default=False, description="true asks it: its decision models take memory of the card.")
    url: Annotated[Url, BeforeValidator(ollama_url)] = Field(
        default="http://127.0.0.1:11434", description="Where Ollama listens; or OLLAMA_HOST, where it is enabled."
    )
    asks: Literal["decisions", "chat", "embeddings"] = Field(default="decisions", description=ASKS)
    models: ModelIds = Field(default=("nimble", "tev1:0.8b", "clef-flash"), description=MODELS)
    local: bool | None = Field(default=None, description=LOCAL)
    trust: Share = Field(default=TRUST, description=TRUSTED)


class OpenAiServer(Strict):
    """Any other server that speaks OpenAI's language: vLLM, llama.cpp, LM Studio, OpenRouter, Mistral, Gemini."""

    name: Name = Field(description="What it is called in traces, in `order` and in commands.")
    enabled: bool = Field(default=True, description=ENABLED)
    url: Url = Field(description="The address of its API, such as http://127.0.0.1:1234/v1.")
    key: Key = Field(default=None, description="Its key, if it wants one; better: ${SOME_VARIABLE}.")
    asks: Literal["chat", "decisions", "embeddings"] = Field(default="chat", description=ASKS)
    models: ModelIds = Field(description=MODELS)
    format: AnswerFormat = Field(
        default="auto", description="The form of answer that is asked of chat models; auto finds out what it takes."
    )
    logprobs: bool = Field(
        default=False,
        description="true asks chat models for the probabilities of their labels, which vLLM and llama.cpp give; "
        "`trust` is then how often the most probable one is right.",
    )
    local: bool | None = Field(default=None, description=LOCAL)
    trust: Share = Field(default=TRUST, description=TRUSTED)
    limits: Limits = Field(default=Limits(), description="What it allows, for each model.")


Service = Groq | Cloudflare | HuggingFace | Ollama | OpenAiServer


class Privacy(Strict):
    """What never leaves this machine."""

    direct_messages: bool = Field(
        default=False, description="Whether what one person says to the bot alone may be sent to the cloud."
    )
    surfaces: Mapping[str, bool] = Field(
        default={}, description="Whether messages from single surfaces may be sent: discord, page, http, cli, python."
    )
    categories: Mapping[Name, bool] = Field(
        default={"memory_operation": False},
        description="Whether messages that the local tiers lean to take for a category may be sent.",
    )
    redact: bool = Field(
        default=True, description="Hides e-mail addresses, phone numbers, card numbers and keys in what is sent."
    )


class Cloud(Section):
    """The services that are asked about messages of which the local tiers are unsure; none without a key."""

    enabled: bool = Field(default=True, description="false never asks any; or ROUTER_USE_CLOUD.")
    fallback_local: bool = Field(
        default=True,
        description="Whether a small model on this machine (the judge, where it is on) is asked when no service "
        "answered; false leaves the message to the fallback. Or ROUTER_FALLBACK_LOCAL.",
    )
    order: tuple[Name, ...] = Field(
        default=SERVICES, description="Who is asked first; those that are not named here are asked last."
    )
    privacy: Privacy = Field(default_factory=Privacy, description="What never leaves this machine.")
    cloudflare: Cloudflare = Field(default_factory=Cloudflare, description="Cloudflare Workers AI.")
    groq: Groq = Field(default_factory=Groq, description="Groq.")
    huggingface: HuggingFace = Field(default_factory=HuggingFace, description="Hugging Face Inference Providers.")
    ollama: Ollama = Field(default_factory=Ollama, description="Decision models of a local Ollama.")
    servers: tuple[OpenAiServer, ...] = Field(default=(), description="Other servers that speak OpenAI's language.")

    @model_validator(mode="after")
    def known_names(self) -> Self:
        """Refuses names that are given twice, or that nobody has."""
        names = [*SERVICES, *(server.name for server in self.servers)]
        for name in names:
            if names.count(name) > 1:
                raise PydanticCustomError("twice", "two services are called '{name}'; rename one", {"name": name})
        for name in self.order:
            if name not in names:
                raise PydanticCustomError(
                    "unknown_service",
                    "`order` names '{name}', which is no service; there are: {known}",
                    {"name": name, "known": ", ".join(names)},
                )
        return self

    @property
    def services(self) -> tuple[Service, ...]:
        """Those that can be asked, in their order: switched on, and with what they need to let us in."""
        if not self.enabled:
            return ()
        everyone: tuple[Service, ...] = (self.ollama, self.cloudflare, self.groq, self.huggingface, *self.servers)
        known = {service.name: service for service in everyone}
        names = dict.fromkeys((*self.order, *known))
        return tuple(known[name] for name in names if known[name].enabled and has_key(known[name]))


def has_key(service: Service) -> bool:
    """Whether a service has what it needs to let us in."""
    match service:
        case Groq():
            return service.key is not None
        case Cloudflare():
            return service.token is not None and service.account is not None
        case HuggingFace():
            return service.token is not None
    return True


def is_local(service: Service) -> bool:
    """Whether what a service is told stays here: as it is configured, else by whether it runs on this machine."""
    if not isinstance(service, Ollama | OpenAiServer):
        return False
    stays = is_here(service.url) if service.local is None else service.local
    # Ollama passes these on to its makers, wherever it runs.
    return stays and not any(model.endswith(PASSED_ON) for model in service.models)
