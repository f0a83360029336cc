"""Load as wrk makes it: so many connections, each with one request under way, for so many seconds.

With a rate, as wrk2 makes it: requests begin at set times, whether or not the one before is answered.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from math import prod

THINGS = (
    *("a tide", "a sundial", "photosynthesis", "a heat pump", "a compiler", "the moon's orbit", "a violin", "yeast"),
    *("a lock", "a telescope", "inflation", "a vaccine", "a rainbow", "a battery", "a glacier", "an election"),
    *("a microscope", "gravity", "a bridge", "a volcano", "a beehive", "radar", "a piano", "an earthquake"),
)
KINDS = (
    *("old", "small", "modern", "broken", "wooden", "famous", "simple", "large", "cheap", "rare", "common", "fast"),
    *("new", "strange", "quiet", "heavy", "short", "real", "perfect", "early", "typical", "tiny", "strong", "good"),
)
PLACES = (
    *("Norway", "Peru", "Kenya", "Japan", "Wales", "Chile", "Nepal", "Egypt", "Spain", "Cuba", "Ghana", "Malta"),
    *("France", "Brazil", "India", "Canada", "Greece", "Mexico", "Turkey", "Poland", "Iceland", "China", "Sweden"),
    *("Italy", "Korea"),
)
WHOM = (
    *("a beginner", "a child", "an engineer", "a farmer", "a sailor", "my neighbour", "a student", "an old friend"),
    *("my mother", "a teacher", "my class", "a doctor", "a tourist", "my brother", "a cook", "a lawyer"),
)
ASKED = (
    "explain to {whom} how {thing} works in {where}, with a {kind} example",
    "why is a {kind} one so common in {where}? tell {whom} about {thing}",
    "who invented {thing} in {where} and why, in words for {whom} with a {kind} dictionary",
)
EACH = (len(THINGS), len(KINDS), len(PLACES), len(WHOM), len(ASKED))
# Far apart, so that a short run has as many of each kind as a long one, and without a common factor: none comes again.
STRIDE = 104_729
NUMBERS = count(random.randrange(10**6))


def question(model: str, *, stream: bool) -> bytes:
    """A request that nobody has sent before, so that no cache answers: there are 691,200."""
    rest, places = next(NUMBERS) * STRIDE % prod(EACH), []
    for many in EACH:
        rest, place = divmod(rest, many)
        places.append(place)
    thing, kind, where, whom, asked = places
    text = ASKED[asked].format(thing=THINGS[thing], kind=KINDS[kind], where=PLACES[where], whom=WHOM[whom])
    said = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    return json.dumps(said, separators=(",", ":")).encode()


@dataclass(slots=True)
class Taken:
    """What one run took: seconds of each request, and until its first streamed byte; failures by what came."""

    whole: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)


async def one(
    host: str, port: int, model: str, *, stream: bool, until: float, most: int, taken: Taken, every: float, at: float
) -> None:
    """Requests one after another over one connection: at once, or one `every` so many seconds from `at` on."""
    reader, writer = await asyncio.open_connection(host, port)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-type: application/json\r\n"
    if len(sys.argv) > 8:
        head += f"authorization: Bearer {sys.argv[8]}\r\n"
    try:
        while time.perf_counter() < until and len(taken.whole) < most:
            body = question(model, stream=stream)
            if every and (early := at - time.perf_counter()) > 0:
                await asyncio.sleep(early)
                began = time.perf_counter()
            else:  # one that should have begun while the one before was under way has waited since
                began = at if every else time.perf_counter()
            at += every
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


async def run(
    port: int, model: str, *, connections: int, seconds: float, most: int, stream: bool, rate: float
) -> Taken:
    """All of them at once, with `rate` requests a second in all; 0 is as many as there can be."""
    taken, now = Taken(), time.perf_counter()
    until, every = now + seconds, connections / rate if rate else 0.0
    ask = partial(one, "127.0.0.1", port, model, stream=stream, until=until, most=most, taken=taken, every=every)
    await asyncio.gather(*(ask(at=now + every * place / connections) for place in range(connections)))
    return taken


def main() -> None:
    """Prints what it took as JSON: arguments are the port, the model, connections, seconds, requests, stream, rate."""
    import uvloop

    port, model, connections, seconds, most, stream, rate = sys.argv[1:8]
    began = time.perf_counter()
    work = run(
        int(port),
        model,
        connections=int(connections),
        seconds=float(seconds),
        most=int(most),
        stream=stream == "stream",
        rate=float(rate),
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
