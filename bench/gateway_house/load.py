"""Load as wrk makes it: so many connections, each with one request under way, for so many seconds."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from itertools import count

THINGS = ("a tide", "a sundial", "photosynthesis", "a heat pump", "a compiler", "the moon's orbit", "a violin", "yeast")
KINDS = ("old", "small", "modern", "broken", "wooden", "famous", "simple", "large", "cheap", "rare", "common", "fast")
PLACES = ("Norway", "Peru", "Kenya", "Japan", "Wales", "Chile", "Nepal", "Egypt", "Spain", "Cuba", "Ghana", "Malta")
WHOM = ("a beginner", "a child", "an engineer", "a farmer", "a sailor", "my neighbour", "a student", "an old friend")
ASKED = (
    "explain to {whom} how {thing} works in {where}, with a {kind} example",
    "why is a {kind} one so common in {where}? tell {whom} about {thing}",
    "who invented {thing} in {where} and why, in words for {whom} with a {kind} dictionary",
)
NUMBERS = count(random.randrange(10**6))


def question(model: str, *, stream: bool) -> bytes:
    """A request that nobody has sent before, so that no cache answers."""
    number = next(NUMBERS)
    rest, words = number, []
    for choice in (THINGS, KINDS, PLACES, WHOM):
        rest, place = divmod(rest, len(choice))
        words.append(choice[place])
    thing, kind, where, whom = words
    text = ASKED[number % len(ASKED)].format(thing=thing, kind=kind, where=where, whom=whom)
    said = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    return json.dumps(said, separators=(",", ":")).encode()


@dataclass(slots=True)
class Taken:
    """What one run took: seconds of each request, and until its first streamed byte; failures by what came."""

    whole: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)


async def one(host: str, port: int, model: str, *, stream: bool, until: float, most: int, taken: Taken) -> None:
    """Requests one after another over one connection."""
    reader, writer = await asyncio.open_connection(host, port)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-type: application/json\r\n"
    if len(sys.argv) > 7:
        head += f"authorization: Bearer {sys.argv[7]}\r\n"
    try:
        while time.perf_counter() < until and len(taken.whole) < most:
            body = question(model, stream=stream)
            began = time.perf_counter()
            writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
            status, first, closed = await read(reader)
            taken.whole.append(time.perf_counter() - began)
            taken.first.append(first - began)
            if status != "200":
                taken.failed[status] = taken.failed.get(status, 0) + 1
            if closed:  # some servers end the connection with a stream
                writer.close()
                reader, writer = await asyncio.open_connection(host, port)
    finally:
        writer.close()


async def read(reader: asyncio.StreamReader) -> tuple[str, float, bool]:
    """One answer: its status, when the first byte of its body was there, and whether the connection ended with it."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = head[9:12].decode()
    at = head.find(b"content-length:")
    if at >= 0:
        try:
            await reader.readexactly(int(head[at + 15 : head.index(b"\r\n", at)]))
        except asyncio.IncompleteReadError:  # LiteLLM announces its upstream's length for what it writes anew
            return status, time.perf_counter(), True
        return status, time.perf_counter(), b"connection: close" in head
    first = 0.0
    if b"transfer-encoding: chunked" not in head:
        while await reader.read(65_536):
            first = first or time.perf_counter()
        return status, first, True
    while size := int((await reader.readline()).split(b";")[0], 16):
        await reader.readexactly(size + 2)
        first = first or time.perf_counter()
    await reader.readline()
    return status, first, b"connection: close" in head


async def run(port: int, model: str, *, connections: int, seconds: float, most: int, stream: bool) -> Taken:
    """All of them at once."""
    taken = Taken()
    until = time.perf_counter() + seconds
    many = (
        one("127.0.0.1", port, model, stream=stream, until=until, most=most, taken=taken) for _ in range(connections)
    )
    await asyncio.gather(*many)
    return taken


def main() -> None:
    """Prints what it took as JSON: arguments are the port, the model, connections, seconds, requests, stream."""
    import uvloop

    port, model, connections, seconds, most, stream = sys.argv[1:7]
    began = time.perf_counter()
    work = run(
        int(port),
        model,
        connections=int(connections),
        seconds=float(seconds),
        most=int(most),
        stream=stream == "stream",
    )
    taken = uvloop.run(work)
    lasted = time.perf_counter() - began
    taken.whole.sort()
    taken.first.sort()
    said = {"rate": len(taken.whole) / lasted, "count": len(taken.whole), "failed": taken.failed}
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        said[name] = taken.whole[int(share * (len(taken.whole) - 1))] * 1e3
        said[f"first_{name}"] = taken.first[int(share * (len(taken.first) - 1))] * 1e3
    print(json.dumps(said))


if __name__ == "__main__":
    main()
