"""The fakes of Ollama and ComfyUI on one card, in a process of their own: what `make live` is tried on.

`python -m tests.live.fakes` writes their addresses as one line of JSON, and ends when its standard input does. A model
of somebody else's is in memory, which has to be there afterwards.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import FakeOllamaOnCard

SOMEBODYS = "qwen3:4b"


async def main() -> None:
    """Serves until standard input ends."""
    card = FakeCard(24 * GIB, time.monotonic)
    async with FakeOllamaOnCard(card) as ollama, FakeComfyUi(card) as comfyui:
        somebody = Ollama(ollama.url)
        await somebody.preload(Setup(SOMEBODYS, RunnerOptions(4096)))
        await somebody.close()
        sys.stdout.write(json.dumps({"ollama": ollama.url, "comfyui": comfyui.url}) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
