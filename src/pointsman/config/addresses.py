"""Addresses of services, as they are written in a configuration and in OLLAMA_HOST."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

OLLAMA_PORT: Final = 11434


def is_url(value: str) -> str:
    """Refuses what is no http address; the last slash goes."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not has_port(parts):
        raise PydanticCustomError("url", "should be an address such as http://127.0.0.1:11434/v1")
    if parts.username or parts.password:
        raise PydanticCustomError("url", "holds a password; give it as `key`")
    return value.rstrip("/")


def has_port(parts: SplitResult) -> bool:
    """Whether an address names no port, or one that there can be."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def ollama_url(value: object) -> object:
    """An address from what OLLAMA_HOST may hold: host, host:port or :port; what listens at 0.0.0.0 is at 127.0.0.1."""
    if not isinstance(value, str) or not value.strip():
        return value
    text = value.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if not has_port(parts) or parts.username or parts.password:
        return value
    host, port = parts.hostname or "127.0.0.1", parts.port
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing listens here
    port = port or (443 if parts.scheme == "https" else 80 if "://" in text else OLLAMA_PORT)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}{parts.path}"


Url = Annotated[str, AfterValidator(is_url)]
