"""Where a first look is taken: the usual ports of this machine, and what the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.config.addresses import OLLAMA_PORT, ollama_url
from pointsman.config.images import COMFYUI_URL, comfyui_url
from pointsman.config.server import Server

PORT: Final[int] = Server.model_fields["port"].default
HERE: Final = "http://127.0.0.1"
# Who listens where unless told otherwise; 8080 is also ours.
OPENAI_PORTS: Final = ((1234, "LM Studio"), (8000, "vLLM"), (8080, "llama-server"))
SEARXNG_PORTS: Final = (8888, 8081)


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses that are asked; those of `openai` end in /v1 and come with what usually listens there.

    `port` is the one that the gateway would take.
    """

    ollama: str = f"{HERE}:{OLLAMA_PORT}"
    comfyui: str = COMFYUI_URL
    searxng: tuple[str, ...] = tuple(f"{HERE}:{port}" for port in SEARXNG_PORTS)
    openai: tuple[tuple[str, str], ...] = tuple((f"{HERE}:{port}/v1", kind) for port, kind in OPENAI_PORTS)
    port: int = PORT


def places_in(environ: Mapping[str, str]) -> Places:
    """The usual places, or where variables say that servers are."""
    told = {name: environ.get(name, "").strip() for name in ("OLLAMA_HOST", "COMFYUI_URL", "SEARXNG_URL")}
    port = environ.get("POINTSMAN_PORT", "").strip()
    usual = Places()
    return Places(
        ollama=str(ollama_url(told["OLLAMA_HOST"] or usual.ollama)),
        comfyui=str(comfyui_url(told["COMFYUI_URL"] or usual.comfyui)),
        searxng=(told["SEARXNG_URL"],) if told["SEARXNG_URL"] else usual.searxng,
        port=int(port) if port.isdecimal() and 0 < int(port) < 2**16 else usual.port,
    )
