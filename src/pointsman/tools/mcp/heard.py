"""What is heard of an MCP server beside its messages: its standard error, its status, and how it ended."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable
from typing import Final

from pointsman.engine.toolwords import harmless

logger = logging.getLogger("pointsman.tools.mcp")

LONGEST: Final = 500
# A server that talks without end fills no log: so many lines of one run are worth keeping.
MOST_LINES: Final = 200
SHORTEST_SECRET: Final = 6
HIDDEN: Final = "***"
COLOUR: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Heard:
    """Notes what one run of a server says beside its messages; `secrets` never come into a log or an error.

    `ended` is set when nothing more will come, `why` says why where that is known, `status` is the last HTTP status
    of a refusal.
    """

    def __init__(self, name: str, secrets: Iterable[str] = ()) -> None:
        self.ended = asyncio.Event()
        self.why = ""
        self.last = ""
        self.status = 0
        self._name = name
        self._lines = 0
        self._secrets = sorted({it for it in secrets if len(it) >= SHORTEST_SECRET}, key=len, reverse=True)

    def line(self, text: str) -> None:
        """A line of its standard error: into our log, and never to the terminal."""
        told = self.told(text)
        if not told:
            return
        self.last = told
        self._lines += 1
        if self._lines <= MOST_LINES:
            logger.info("%s: %s", self._name, told)
        elif self._lines == MOST_LINES + 1:
            logger.info("%s: goes on talking; no more of it is noted", self._name)

    def end(self, why: str = "") -> None:
        """Nothing more will come."""
        self.why = self.why or why
        self.ended.set()

    def told(self, text: str) -> str:
        """A text of the server as it may be shown: one short line without secrets and control characters."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = " ".join(harmless(COLOUR.sub("", text)).split())
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
