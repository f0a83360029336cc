from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import pytest

from pointsman.core.errors import ModelFailed, Unreachable
from pointsman.core.relay import Forward, Opened
from pointsman.core.reply import Done, Event, Raw, Text
from pointsman.engine.straight import straight

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


async def long_way() -> AsyncGenerator[Event, None]:
    yield Text("the long way")
    yield Done(None, "model")


async def told(server: Server, *, stream: bool = False) -> Sequence[Event]:
    forward = Forward("/chat/completions", {"stream": stream})
    clock = iter(range(100)).__next__
    events = [it async for it in straight(server.answer(), forward, Done(None, "model"), long_way, clock)]
    assert server.closed
    return events


async def test_a_whole_answer_comes_as_it_is_with_its_counts() -> None:
    events = await told(Server(JSON, WHOLE[:20], WHOLE[20:]))
    assert events == [Raw(WHOLE, "application/json"), Done(None, "model", 1, 5, 2)]


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
        (Unreachable("nobody there"),),
        (JSON, WHOLE[:20], ModelFailed("broke off")),
        (STREAM, WHOLE),
    ],
)
async def test_what_is_no_good_answer_goes_the_long_way(pieces: tuple[Opened | bytes | Exception, ...]) -> None:
    assert await told(Server(*pieces)) == [Text("the long way"), Done(None, "model")]


async def test_nothing_is_asked_twice_of_which_a_byte_is_out() -> None:
    server = Server(STREAM, b"data: {}\n\n", ModelFailed("broke off"))
    events = straight(server.answer(), Forward("/", {"stream": True}), Done(None), long_way, lambda: 0.0)
    assert await anext(events) == Raw(b"data: {}\n\n", "text/event-stream")
    with pytest.raises(ModelFailed, match="broke off"):
        await anext(events)
    assert server.closed


async def test_who_goes_away_closes_the_connection() -> None:
    server = Server(STREAM, b"data: {}\n\n", b"data: {}\n\n")
    events = straight(server.answer(), Forward("/", {"stream": True}), Done(None), long_way, lambda: 0.0)
    await anext(events)
    await events.aclose()
    assert server.closed
