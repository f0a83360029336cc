from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from tests.engine.workbench import DECISION

from pointsman.core.errors import ModelFailed, Unreachable
from pointsman.core.relay import Forward, Opened
from pointsman.core.reply import Done, Event, Failed, Raw
from pointsman.engine.straight import MOST_HELD, begun

WHOLE = b'{"choices": [{"message": {"content": "hi"}}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}'
JSON = Opened(200, "application/json")
STREAM = Opened(200, "text/event-stream; charset=utf-8")


class Server:
    """Pieces of an answer; an error among them is raised."""

    def __init__(self, *pieces: Opened | bytes | Exception) -> None:
        self.pieces = pieces
        self.closed = False

    async def answer(self) -> AsyncGenerator[Opened | bytes, None]:
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed = True


async def told(server: Server, *, stream: bool = False) -> Sequence[Event]:
    """The events of its answer; none where it is no good one."""
    forward = Forward("/chat/completions", {"stream": stream})
    clock = iter(range(100)).__next__
    direct = await begun("model", server.answer(), forward, clock)
    events = [it async for it in direct.told(DECISION)] if direct else []
    assert server.closed
    return events


async def test_a_whole_answer_comes_as_it_is_with_its_counts() -> None:
    events = await told(Server(JSON, WHOLE[:20], WHOLE[20:]))
    assert events == [Raw(WHOLE, "application/json"), Done(DECISION, "model", 1, 5, 2)]


async def test_a_stream_comes_piece_by_piece_and_is_counted_by_its_pieces_where_nobody_says() -> None:
    pieces = [b'data: {"n": 1}\n\n', b'data: {"n": 2}\n\n', b"data: [DONE]\n\n"]
    *raw, done = await told(Server(STREAM, *pieces), stream=True)
    assert [it.data for it in raw if isinstance(it, Raw)] == pieces
    assert isinstance(done, Done)
    assert done.completion_tokens == 3


@pytest.mark.parametrize(
    "pieces",
    [
        (Opened(500, "application/json"), b'{"error": {"message": "out of order"}}'),
        (Opened(200, "text/html"), b"<html>a proxy</html>"),
        (JSON, b'{"nothing": "of the kind"}'),
        (JSON,),
        (JSON, b'{"choices": [' + b" " * MOST_HELD),
        (Unreachable("nobody there"),),
        (JSON, WHOLE[:20], ModelFailed("broke off")),
        (STREAM, WHOLE),
    ],
)
async def test_what_is_no_good_answer_is_nothing_of_which_a_byte_is_out(
    pieces: tuple[Opened | bytes | Exception, ...],
) -> None:
    assert await told(Server(*pieces)) == []


async def test_what_breaks_off_in_the_middle_says_why() -> None:
    server = Server(STREAM, b"data: {}\n\n", ModelFailed("broke off"))
    raw, failed = await told(server, stream=True)
    assert raw == Raw(b"data: {}\n\n", "text/event-stream")
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.decision) == ("broke off", DECISION)


async def test_who_goes_away_closes_the_connection() -> None:
    server = Server(STREAM, b"data: {}\n\n", b"data: {}\n\n")
    direct = await begun("model", server.answer(), Forward("/", {"stream": True}), lambda: 0.0)
    assert direct is not None
    assert not server.closed
    events = direct.told(DECISION)
    await anext(events)
    await events.aclose()
    assert server.closed


async def test_who_goes_away_before_the_first_byte_closes_the_connection() -> None:
    server = Server(STREAM, b"never")
    never = asyncio.Event()

    async def slow() -> AsyncGenerator[Opened | bytes, None]:
        try:
            yield STREAM
            await never.wait()
        finally:
            server.closed = True

    asking = asyncio.create_task(begun("model", slow(), Forward("/", {"stream": True}), lambda: 0.0))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert server.closed
