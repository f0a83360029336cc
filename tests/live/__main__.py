"""Holds the contract tests against real servers that somebody names by URL, and says before what it will do.

    POINTSMAN_LIVE_OLLAMA=http://127.0.0.1:11434 POINTSMAN_LIVE_COMFYUI=http://127.0.0.1:8188 python -m tests.live

What is not named is left out. Nothing is downloaded, and no model but the tiny one is loaded or sent away. It ends with
1 where the contract is broken, and with 4 where nobody answers.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pointsman.core.errors import PointsmanError
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.said import plain

ROOT: Final = Path(__file__).resolve().parents[2]
OLLAMA: Final = "POINTSMAN_LIVE_OLLAMA"
COMFYUI: Final = "POINTSMAN_LIVE_COMFYUI"
TINY: Final = os.environ.get(f"{OLLAMA}_MODEL", "smollm2:135m")
EXAMPLES: Final = {OLLAMA: "http://127.0.0.1:11434", COMFYUI: "http://127.0.0.1:8188"}
TESTS: Final = {OLLAMA: "tests/providers/ollama/test_contract.py", COMFYUI: "tests/live/test_comfyui.py"}
UNREACHABLE: Final = 4


def main() -> int:
    """Says what is there, tests it, and looks whether everything is still as it was."""
    named = {name: url for name in TESTS if (url := os.environ.get(name, "").strip())}
    for name in TESTS:
        if name not in named:
            say(f"{name} is not set, so nothing is tested there. An example: {name}={EXAMPLES[name]}")
    if not named:
        return 0
    try:
        before = asyncio.run(stands(named))
        failed = tested([TESTS[name] for name in named])
        after = asyncio.run(in_memory(named))
    except PointsmanError as error:
        say(str(error))
        return UNREACHABLE
    gone = before - after
    if gone:
        say(f"no longer in memory: {', '.join(sorted(gone))}. These tests did not ask for that; Ollama makes room for")
        say("the tiny model by itself where it holds as many as it may (OLLAMA_MAX_LOADED_MODELS).")
    return failed


async def stands(named: Mapping[str, str]) -> set[str]:
    """Says who is there and what will be done; returns the models in memory that are not ours to touch."""
    if url := named.get(OLLAMA):
        ollama = Ollama(url)
        try:
            version = await ollama.version()
            has = {plain(it.name): it.size for it in await ollama.installed()}
        finally:
            await ollama.close()
        others = await in_memory(named)
        say(f"Ollama {version} at {url}; in memory: {', '.join(sorted(others)) or 'nothing'}")
        if TINY in has:
            say(f"  loads {TINY} ({has[TINY] / 1e6:.0f} MB), asks it short questions, and sends it away again;")
            say("  all-minilm too, where it is there. Downloads nothing, and asks no other model to go.")
        else:
            say(f"  has no {TINY}: everything is skipped. ollama pull {TINY}, or name another in {OLLAMA}_MODEL")
    if url := named.get(COMFYUI):
        comfyui = ComfyClient(url)
        try:
            stats, queue = await comfyui.system_stats(), await comfyui.queue()
        finally:
            await comfyui.close()
        waiting = len(queue.running) + len(queue.pending)
        say(f"ComfyUI {stats.version} at {url}; in its queue: {waiting or 'nothing'}")
        say("  draws about a dozen plain pictures of 64 to 112 pixels, without a model, into its output folder, behind")
        say("  what is in the queue. Stops and unloads nothing of anybody else.")
    return await in_memory(named)


async def in_memory(named: Mapping[str, str]) -> set[str]:
    """The models that Ollama holds, without the tiny ones that are tested with."""
    if OLLAMA not in named:
        return set()
    ollama = Ollama(named[OLLAMA])
    try:
        return {plain(it.name) for it in await ollama.running()} - {TINY, "all-minilm"}
    finally:
        await ollama.close()


def tested(paths: Sequence[str]) -> int:
    """How the tests ended: 0 when all is well, else 1."""
    words = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", *paths]
    return min(1, subprocess.run(words, cwd=ROOT, check=False).returncode)


def say(text: str) -> None:
    """Prints a line, before what the tests print."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
