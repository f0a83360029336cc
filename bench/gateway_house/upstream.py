"""An upstream that answers at once: OpenAI's chat completions from fixed bytes, streamed and not."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

REPLY = "A lighthouse keeper trims the lamp at dusk and sleeps at dawn."


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """One event of a streamed reply."""
    choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    return b"data: " + json.dumps({**HEAD, "object": "chat.completion.chunk", "choices": choices, **more}).encode()


HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "bench", "system_fingerprint": "fp"}
USAGE = {"prompt_tokens": 12, "completion_tokens": 14, "total_tokens": 26}
MESSAGE = {"role": "assistant", "content": REPLY}
WHOLE = json.dumps(
    {
        **HEAD,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}],
        "usage": USAGE,
    }
).encode()
WORDS = [f"{word} " for word in REPLY.split()]
STREAM = b"\n\n".join(
    [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": word}) for word in WORDS),
        chunk({}, "stop"),
        b"data: " + json.dumps({**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}).encode(),
        b"data: [DONE]\n\n",
    ]
)


def answer(kind: bytes, body: bytes) -> bytes:
    """A whole HTTP answer."""
    return b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s" % (kind, len(body), body)


JSON_ANSWER = answer(b"application/json", WHOLE)
STREAM_ANSWER = answer(b"text/event-stream", STREAM)
MODELS = answer(b"application/json", json.dumps({"object": "list", "data": [{"id": "bench"}]}).encode())


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are cut by their content-length, and nothing else is read of them."""

    def __init__(self) -> None:
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answers each request that is complete."""
        assert self._transport is not None
        self._rest += data
        while (head := self._rest.find(b"\r\n\r\n")) >= 0:
            headers = self._rest[:head].lower()
            at = headers.find(b"content-length:")
            size = (
                int(headers[at + 15 : headers.find(b"\r\n", at) if b"\r\n" in headers[at:] else None]) if at > 0 else 0
            )
            end = head + 4 + size
            if len(self._rest) < end:
                return
            body, self._rest = self._rest[head + 4 : end], self._rest[end:]
            if headers.startswith(b"get"):
                self._transport.write(MODELS)
            else:
                streamed = b'"stream":true' in body or b'"stream": true' in body
                self._transport.write(STREAM_ANSWER if streamed else JSON_ANSWER)


async def main(port: int) -> None:
    """Serves until it is stopped."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
