"""What deciding takes of a machine's memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LABELLED = Path(__file__).resolve().parents[2] / "labelled"
MOST = 200  # MB

DECIDES = """
import asyncio, json, random, re, sys
from pointsman.build import open_router
from pointsman.core.message import Message

async def main():
    router = open_router(store=False)
    await router.warm()
    for name in sys.argv[1:]:
        for line in open(name, encoding="utf-8"):
            await router.decide(Message(json.loads(line)["text"]))
    chance = random.Random(0)
    for _ in range(300):
        await router.decide(Message("".join(chance.choices("abcdefghij", k=3000))))
    # ru_maxrss would count what the process that started this one had at that moment.
    print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_a_router_stays_small_whatever_it_is_asked() -> None:
    files = [str(LABELLED / name) for name in ("messages.jsonl", "languages.jsonl")]
    said = subprocess.run([sys.executable, "-c", DECIDES, *files], capture_output=True, text=True, check=True)
    assert int(said.stdout) <= MOST
