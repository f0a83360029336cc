"""Makes the calls with the official Python clients, and has Node make them with those for JavaScript."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final

import httpx
import ollama
from openai import APIError, AsyncOpenAI
from pydantic import BaseModel
from tests.clients.calls import Call, Client
from tests.clients.javascript import FOLDER

HANGS: Final = 120  # seconds after which Node is given up
Results = dict[str, dict[str, Any]]
"""What came back, by the name of the call: `said`, and what `failed`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server and the calls that a client makes there."""

    client: Client
    url: str
    calls: Sequence[Call]
    key: str = "any"
    pieces: int = 0
    """After so many pieces a stream is left; never where 0."""

    def of(self, language: str) -> Target:
        """The same with the calls that a language's client has."""
        return replace(self, calls=[it for it in self.calls if language in it.only])

    def to_dict(self) -> dict[str, Any]:
        """The target as JSON."""
        calls = [{**it.to_dict(), "pieces": self.pieces} for it in self.calls]
        return {"client": self.client, "url": self.url, "key": self.key, "calls": calls}


async def in_javascript(*targets: Target) -> list[Results]:
    """What came back from each target, by one run of Node."""
    asked = json.dumps([it.of("javascript").to_dict() for it in targets])
    node = await asyncio.create_subprocess_exec(
        "node", "run.mjs", cwd=FOLDER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(HANGS):
        out, _ = await node.communicate(asked.encode())
    assert node.returncode == 0
    results: list[Results] = json.loads(out.decode().splitlines()[-1])
    return results


async def in_python(target: Target) -> Results:
    """What came back from a target."""
    maker: Any
    target = target.of("python")
    if target.client == "openai":
        async with AsyncOpenAI(base_url=f"{target.url}/v1", api_key=target.key, max_retries=0) as maker:
            return {it.name: await made(maker, target, it) for it in target.calls}
    maker = ollama.AsyncClient(host=target.url)
    try:
        return {it.name: await made(maker, target, it) for it in target.calls}
    finally:
        await maker.close()


async def made(maker: Any, target: Target, call: Call) -> dict[str, Any]:
    """What one call brings."""
    if "/" in call.method:
        return await requested(target, call)
    pieces: list[Any] = []
    try:
        answer = await attrgetter(call.method)(maker)(*call.placed, **call.given)
        if not call.stream:
            return {"said": plain(answer)}
        async for piece in answer:
            pieces.append(plain(piece))
            if len(pieces) == target.pieces:
                await closed(answer)
                break
    except (APIError, ollama.ResponseError) as error:
        return {"failed": failure(error), **({"said": pieces} if pieces else {})}
    return {"said": pieces}


async def closed(stream: Any) -> None:
    """Leaves a stream, as each client has it."""
    await (stream.close() if hasattr(stream, "close") else stream.aclose())


async def requested(target: Target, call: Call) -> dict[str, Any]:
    """What a plain request brings."""
    method, path = call.method.split(" ")
    async with httpx.AsyncClient() as client:
        answer = await client.request(method, target.url + path, content=call.body)
    return {"said": {"status": answer.status_code, "type": answer.headers.get("content-type"), "body": answer.text}}


def plain(answer: Any) -> Any:
    """What a client made of an answer, as JSON."""
    return answer.model_dump(mode="json", warnings=False) if isinstance(answer, BaseModel) else answer


def failure(error: APIError | ollama.ResponseError) -> dict[str, Any]:
    """An error as its client tells it."""
    told: dict[str, Any] = {"class": type(error).__name__, "status": getattr(error, "status_code", None)}
    if isinstance(error, ollama.ResponseError):
        return {**told, "message": error.error}
    return {**told, "message": error.message, "body": error.body, "code": error.code, "param": error.param}
