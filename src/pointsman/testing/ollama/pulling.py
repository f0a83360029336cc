"""Downloads of a fake Ollama, as the lines that tell of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from typing import Any, Final

from pointsman.testing.ollama.models import OllamaFile

STEPS: Final = 4
SMALL: Final = 11_357  # a licence


def lines_of(file: OllamaFile) -> list[dict[str, Any]]:
    """What is told of a download that goes well; the first line about a part does not say how far it is."""
    told: list[dict[str, Any]] = [{"status": "pulling manifest"}]
    for name, size in (("weights", file.size - SMALL), ("license", SMALL)):
        digest = hashlib.sha256(f"{file.full_name} {name}".encode()).hexdigest()
        part = {"status": f"pulling {digest[:12]}", "digest": f"sha256:{digest}", "total": size}
        told.append(part)
        told += [{**part, "completed": size * step // STEPS} for step in range(1, STEPS + 1)]
    return [*told, *({"status": status} for status in ("verifying sha256 digest", "writing manifest", "success"))]


async def failing(text: str) -> AsyncGenerator[dict[str, Any], None]:
    """A download that fails once the manifest was looked for."""
    yield {"status": "pulling manifest"}
    yield {"error": text}
