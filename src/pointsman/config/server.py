"""The gateway as a configuration holds it: where it listens, who may call, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from pointsman.config.strict import Strict
from pointsman.config.values import SECONDS_IN, Bytes, Count, Seconds, describe, split
from pointsman.core.access import Scope
from pointsman.core.loopback import is_loopback

MAIN: Final = "main"
"""What the one key is called that `server.key` is; it opens everything."""

RATE: Final = r"^ *[1-9][0-9]{0,14} */ *([0-9]+(\.[0-9]+)?)? *(s|m|h|d|w) *$"
ANYWHERE: Final = "*"


def one_or_more(value: object) -> object:
    """A list, also of the one thing that stands alone; null is an empty one."""
    return () if value is None else (value,) if isinstance(value, str) else value


def amount_in(rate: str) -> tuple[int, float]:
    """How much, and in how many seconds, "60/1m" allows."""
    amount, _, time = rate.partition("/")
    number, unit = split(time if time.strip()[0].isdigit() else f"1{time.strip()}")
    return int(amount), number * SECONDS_IN[unit]


def sendable(key: SecretStr) -> SecretStr:
    """Refuses a key that no HTTP header can carry."""
    if not all("!" <= letter <= "~" for letter in key.get_secret_value()):
        raise PydanticCustomError("key", "should be printable ASCII without spaces")
    return key


Rate = Annotated[str, StringConstraints(pattern=RATE)]
Rates = Annotated[
    tuple[Rate, ...],
    BeforeValidator(one_or_more),
    describe({"type": "array", "items": {"type": "string", "pattern": RATE}}, {"type": "string", "pattern": RATE}),
]
KeyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class Allowance(Strict):
    """How much may be asked; what is empty has no limit."""

    messages: Rates = Field(
        default=(),
        description="How many messages in a time, such as 60/1m, or several at once: [60/1m, 1000/1d]. Every request "
        "that a model, a decision or a picture answers is one.",
    )
    pictures: Rates = Field(default=(), description="How many pictures in a time, such as 6/1h.")
    tokens: Rates = Field(
        default=(),
        description="How many tokens, read and written, in a time, such as 200000/1d. They are known after a reply, so "
        "that the one that crosses the limit is still finished.",
    )
    at_once: Count | None = Field(
        default=None, ge=1, le=100_000, description="How many messages may be answered at the same time."
    )

    @field_validator("messages", "pictures", "tokens")
    @classmethod
    def in_a_time(cls, rates: tuple[str, ...]) -> tuple[str, ...]:
        """Refuses a time of nothing, or of years."""
        for rate in rates:
            if not 1 <= amount_in(rate)[1] <= 366 * SECONDS_IN["d"]:
                raise PydanticCustomError("rate", "should be in a time of 1s to 366d, such as 60/1m")
        return rates


class Key(Strict):
    """A key of one caller: what it opens, and how much may be asked with it."""

    key: SecretStr = Field(description="What this caller sends as a bearer token; better: ${ITS_VARIABLE}.")
    scopes: tuple[Scope, ...] = Field(
        default=("use",),
        min_length=1,
        description="What it opens: use (messages, pictures, the lists of models), read (decisions, the cards, quotas, "
        "metrics), admin (corrections, unloading, pulling, the configuration). One does not contain another.",
    )
    limits: Allowance = Field(default_factory=Allowance, description="How much may be asked with it.")

    @field_validator("key")
    @classmethod
    def usable(cls, key: SecretStr) -> SecretStr:
        """Refuses a key that is empty, which a variable that is not set makes it."""
        if not key.get_secret_value():
            raise PydanticCustomError(
                "no_key", "the key is empty", {"cure": "set the variable that it is taken from, or take the key out"}
            )
        return sendable(key)


class Server(Strict):
    """The gateway: where it listens and what it takes."""

    key: SecretStr | None = Field(
        default=None,
        description="What callers must send as a bearer token; null lets everybody in who reaches the gateway. "
        f'It opens everything, and is called "{MAIN}".',
    )
    keys: Mapping[KeyName, Key] = Field(
        default_factory=dict, description="Further keys by name, each with its own scopes and limits."
    )
    limits: Allowance = Field(
        default_factory=Allowance, description="How much all callers together may ask, those without a key too."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on; any but this machine's own needs a key.",
    )
    port: Count = Field(default=8080, ge=0, le=65_535, description="The port to listen on; 0 takes any that is free.")
    public_url: str | None = Field(
        default=None,
        description="Where callers reach the gateway, such as https://chat.example.org, when that is not what they "
        "send as Host: behind a proxy that changes it. Links to pictures begin with it.",
    )
    origins: tuple[str, ...] = Field(
        default=(),
        description="The pages of other sites that may call from a browser, such as https://chat.example.org; "
        '"*" is every page, and needs a key. Cookies are never taken from them.',
    )
    max_body: Bytes = Field(
        default=8_000_000,
        description="The largest request that is read, such as 500kB, 8MB or 1GiB.",
    )
    body_timeout: Seconds = Field(
        default=30,
        gt=0,
        description="How long a caller may be silent in the middle of a request; one that takes longer than that as a "
        "whole has to bring 1 kB a second.",
    )
    write_timeout: Seconds = Field(
        default=60,
        gt=0,
        description="How long a caller may take nothing of an answer, and stay; then the work on it ends.",
    )
    picture_ttl: Seconds = Field(
        default=3600, gt=0, description="How long a link to a picture in a reply opens, such as 1h."
    )
    drain: Seconds = Field(
        default=20, description="How long open replies may go on when the gateway is told to stop, such as 20s."
    )

    @field_validator("key")
    @classmethod
    def sendable(cls, key: SecretStr | None) -> SecretStr | None:
        """No key when it is empty; refuses one that no HTTP header can carry."""
        return sendable(key) if key is not None and key.get_secret_value() else None

    @field_validator("public_url")
    @classmethod
    def an_address(cls, url: str | None) -> str | None:
        """Without a slash at its end; refuses what is no address."""
        if url is None or is_address(url):
            return url and url.rstrip("/")
        raise PydanticCustomError("url", "should be an address such as https://chat.example.org")

    @field_validator("keys")
    @classmethod
    def different(cls, keys: Mapping[str, Key], info: ValidationInfo) -> Mapping[str, Key]:
        """Refuses a name, or a key, that is given twice."""
        first = info.data.get("key")
        if first is not None and MAIN in keys:
            raise PydanticCustomError("twice", "may not name a key {main}: that is server.key", {"main": MAIN})
        known = [key.key.get_secret_value() for key in keys.values()]
        known += [first.get_secret_value()] if first is not None else []
        if len(set(known)) < len(known):
            raise PydanticCustomError("twice", "two names have the same key", {"cure": "give each one of its own"})
        return keys

    @field_validator("host")
    @classmethod
    def guarded(cls, host: str, info: ValidationInfo) -> str:
        """Refuses to listen to other machines without a key."""
        if not is_loopback(host) and is_open(info):
            raise PydanticCustomError(
                "needs_key",
                "other machines can reach this address, so it needs a key",
                {"cure": "set server.key or POINTSMAN_KEY to a long random text, or listen on 127.0.0.1"},
            )
        return host

    @field_validator("origins")
    @classmethod
    def pages(cls, origins: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """As browsers write them; refuses what no page comes from, and every page where there is no key."""
        for origin in origins:
            if origin != ANYWHERE and not (is_address(origin) and not urlsplit(origin).path):
                raise PydanticCustomError(
                    "origin", "should be scheme, host and port only, such as https://chat.example.org"
                )
        if ANYWHERE in origins and is_open(info):
            raise PydanticCustomError(
                "needs_key",
                "every page that somebody here looks at could call, so * needs a key",
                {"cure": "set server.key or POINTSMAN_KEY to a long random text, or name the pages"},
            )
        return tuple(origin.lower() for origin in origins)


def is_open(info: ValidationInfo) -> bool:
    """Whether neither `key` nor `keys` is set; what is wrong with them is reported by itself."""
    return info.data.get("key", True) is None and not info.data.get("keys", True)


def is_address(url: str) -> bool:
    """Whether a text is http or https, a host, and perhaps a path: nobody's name, no query and no fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or parts.password or " " in url or "?" in url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain and port != 0
