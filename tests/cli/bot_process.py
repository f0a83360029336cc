"""A `pointsman` process whose Discord is the fake one: the verb as people start it, with other addresses beneath."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from pointsman.cli import serve as verb
from pointsman.testing.fake_discord import TOKEN, FakeDiscord

HANGS: Final = 60  # seconds after which a process is given up
# Decides in milliseconds, and opens nothing.
QUICK: Final[dict[str, Any]] = {
    "tiers": [{"kind": "tasks"}, {"kind": "corrections"}, {"kind": "patterns"}],
    "images": {"comfyui": {"enabled": False}},
    "gpu": {"enabled": False},
}
LAUNCH: Final = """
import sys
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.state import ConnectionState
begin = ConnectionState.__init__
ConnectionState.__init__ = lambda self, **more: begin(self, **{**more, "guild_ready_timeout": 0.05})
url, gateway, *words = sys.argv[1:]
Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = url + "/api/v10", yarl.URL(gateway), url + "/cdn"
sys.argv = ["pointsman", *words]
from pointsman.cli.main import main
main()
"""


class Process:
    """A verb that runs; `said` is what it has written on standard error so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def until(self, words: str) -> str:
        """Waits until it says something, and returns that line."""
        assert self.process.stderr is not None
        async with asyncio.timeout(HANGS):
            while line := (await self.process.stderr.readline()).decode():
                self.said += line
                if words in line:
                    return line
        raise AssertionError(f"it never said {words!r}, but: {self.said}")

    async def ended(self, *numbers: signal.Signals) -> int:
        """How it ends, after it was sent some signals."""
        for number in numbers:
            self.process.send_signal(number)
        async with asyncio.timeout(HANGS):
            _, said = await self.process.communicate()
        self.said += said.decode()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def started(discord: FakeDiscord, folder: Path, *words: str, **variables: str) -> AsyncIterator[Process]:
    """`pointsman WORDS` at a fake Discord, for somebody with an empty home."""
    home = {name: str(folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    source = str(Path(verb.__file__).parents[2])
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": source, "DISCORD_TOKEN": TOKEN, **home}
    command = [sys.executable, "-c", LAUNCH, discord.url, str(discord.gateway.url), *words]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdout=pipe, stderr=pipe, cwd=folder, env=environment | variables
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def written(folder: Path, **sections: Any) -> str:
    """The name of a configuration file in a folder."""
    (folder / "p.yaml").write_text(json.dumps({**QUICK, **sections}))
    return "p.yaml"
