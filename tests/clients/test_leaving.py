"""Who leaves in the middle of a stream stops the work: the server behind hears of it, and takes the next request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest
from tests.clients.calls import HELLO, PLAIN, Call, Client
from tests.clients.houses import ollama_house, until
from tests.clients.running import Results, Target, in_javascript, in_python

from pointsman.testing.ollama import Limits, Pace

PIECE = 1.0  # seconds that no one waits
METHODS = {"openai": "chat.completions.create", "ollama": "chat"}


class Stuck:
    """A model that says some pieces, and then nothing more until it is stopped; later it is well."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces
        self.stopped = False

    async def sleep(self, seconds: float) -> None:
        """The pause before a piece."""
        self.left -= seconds == PIECE
        if self.left < 0 and not self.stopped:
            try:
                await asyncio.Event().wait()
            finally:
                self.stopped = True


# What answers for "auto" thinks first, which is not told.
@pytest.mark.parametrize(("model", "pieces"), [(PLAIN, 2), ("auto", 16)])
@pytest.mark.parametrize("language", ["python", "javascript"])
@pytest.mark.parametrize("client", ["openai", "ollama"])
def test_the_next_one_is_answered_after_somebody_left(  # noqa: PLR0917 - what pytest gives comes by name
    client: Client,
    language: Literal["python", "javascript"],
    model: str,
    pieces: int,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """The server has one place, so that the second request is only answered when the first has ended."""
    if language == "javascript":
        request.getfixturevalue("node")
    body = {"model": model, "messages": HELLO}
    calls = [
        Call("left", METHODS[client], {**body, "stream": True}, stream=True),
        Call("next", METHODS[client], body),
    ]
    stuck = Stuck(pieces)

    async def ask() -> Results:
        async with (
            asyncio.timeout(60),
            ollama_house(tmp_path, pace=Pace(piece=PIECE), sleep=stuck.sleep, limits=Limits(parallel=1)) as house,
        ):
            target = Target(client, house.through, calls, pieces=1)
            said = (await in_javascript(target))[0] if language == "javascript" else await in_python(target)
            await until(lambda: house.behind.in_flight == 0)
            return said

    said = asyncio.run(ask())
    assert stuck.stopped
    assert len(said["left"]["said"]) == 1  # and then the client left
    assert "failed" not in said["next"]
