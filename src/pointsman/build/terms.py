"""What the settings of a service mean: the models that are asked, what it allows, and which account it is."""

from __future__ import annotations

import hashlib
from typing import Final

from pydantic import SecretStr

from pointsman.config import cloud
from pointsman.core.faults import DAY
from pointsman.providers.remote.asking import Unit
from pointsman.providers.remote.circuit import Recovery
from pointsman.providers.remote.meters import Limit, LimitKind

MONTH: Final = 30 * DAY
# What Workers AI takes of one model in a minute; it says so in no header.
CLOUDFLARE_A_MINUTE: Final = 300


def models_of(settings: cloud.Service) -> tuple[str, ...]:
    """The models that are asked, in their order, by how the service is asked."""
    match settings:
        case cloud.Cloudflare() | cloud.HuggingFace():
            if settings.asks == "embeddings":
                return (settings.embedding_model,)
            return settings.chat_models if settings.asks == "chat" else settings.models
    return settings.models


def terms_of(settings: cloud.Service) -> tuple[tuple[Limit, ...], Recovery]:
    """What a service allows, and how what is used up comes back."""
    match settings:
        case cloud.Cloudflare():
            neurons = Limit("neurons", settings.neurons_per_day, DAY, "trailing", "service")
            return (neurons, Limit("requests", CLOUDFLARE_A_MINUTE, 60.0)), "utc_day"
        case cloud.HuggingFace():
            return (Limit("dollars", settings.dollars_per_month, MONTH, "month", "service"),), "month"
        case cloud.Ollama():
            return (), "stated"
    said = settings.limits
    amounts: tuple[tuple[Unit, int | None, float], ...] = (
        ("requests", said.requests_per_minute, 60.0),
        ("requests", said.requests_per_day, DAY),
        ("tokens", said.tokens_per_minute, 60.0),
        ("tokens", said.tokens_per_day, DAY),
    )
    # Groq's refill all the time. How others count nobody says: where no window of that length holds more, no day of
    # theirs does either, wherever it begins; a bucket that is full at midnight would let two days' calls pass.
    kind: LimitKind = "bucket" if isinstance(settings, cloud.Groq) else "trailing"
    return tuple(Limit(unit, amount, seconds, kind) for unit, amount, seconds in amounts if amount), "stated"


def digest_of(settings: cloud.Service) -> str:
    """What stands for a service's key and address in its account: a circuit that one opened closes with the next."""
    keys = [getattr(settings, name, None) for name in ("key", "token")]
    parts = (settings.url, getattr(settings, "account", None), *(secret(key) for key in keys))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def key_of(settings: cloud.Service) -> str:
    """A service's key, whatever it calls it; "" without one."""
    return secret(getattr(settings, "key", None) or getattr(settings, "token", None))


def secret(key: SecretStr | None) -> str:
    """The key itself; "" without one."""
    return key.get_secret_value() if key else ""
