"""The text of a page without menus and footers, by trafilatura, in a process that is ended when it takes too long."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pointsman.tools.web import article_worker
from pointsman.tools.web.plaintext import plain_text

# A page of 1 MB takes 0.2 s, and one of nothing but short paragraphs 4 s.
SECONDS: Final = 6.0
# Of more than this the beginning is read; an encyclopedia's longest pages have 1 MB.
MOST_HTML: Final = 1_000_000
MOST_AT_ONCE: Final = 2
# It needs no variable of ours, and must not see a key. These are what Python itself may need to start.
PASSED: Final = frozenset({"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP"})


class Articles:
    """Takes the text out of pages, each within `seconds`, two at once."""

    def __init__(self, *, seconds: float = SECONDS, worker: str = article_worker.__file__) -> None:
        self._seconds = seconds
        self._worker = Path(worker)
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def text_of(self, html: str) -> str:
        """The text of a page: its article, or all of it where none is found, or the [search] extra is missing."""
        html = html[:MOST_HTML]
        async with self._places:
            article = await self._article(html) if find_spec("trafilatura") else ""
            return article or await asyncio.to_thread(plain_text, html)

    async def _article(self, html: str) -> str:
        """What the worker finds; "" when it finds nothing, or had to be ended."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(self._worker),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name.upper() in PASSED},
        )
        try:
            async with asyncio.timeout(self._seconds):
                said, _ = await process.communicate(html.encode("utf-8", "replace"))
        except TimeoutError:
            return ""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return said.decode("utf-8", "replace").strip() if process.returncode == 0 else ""
