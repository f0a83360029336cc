"""Ollama's own routes: chat, completion, vectors, what it has and holds, loading, unloading, downloads."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from pointsman.core.errors import InvalidInput, ModelFailed, PointsmanError
from pointsman.core.ports import Clock
from pointsman.providers.ollama.asking import ChatAsk, GenerateAsk, Setup
from pointsman.providers.ollama.detached import Detached
from pointsman.providers.ollama.failures import IS_IT_OLLAMA, ended_early, of_pull
from pointsman.providers.ollama.keep_alive import ALONE, AT_ONCE
from pointsman.providers.ollama.said import (
    End,
    Installed,
    Piece,
    Pulling,
    Running,
    count_at,
    end_of,
    installed_of,
    piece_of,
    plain,
    running_of,
    text_at,
)
from pointsman.providers.ollama.wire import OllamaWire

URL: Final = "http://127.0.0.1:11434"
# A list is told in milliseconds, but not by a machine that is just now reading a model from its disk.
SHORT_SECONDS: Final = 10.0
# 18 GB from a hard disk of 30 MB/s take ten minutes; Ollama itself gives up after five without any progress.
LOAD_SECONDS: Final = 900.0
# Between two pieces: a long prompt on a CPU is read for minutes before the first.
SILENCE_SECONDS: Final = 300.0
SUCCESS: Final = "success"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds each kind of call may take: a list, a load; and how long a reply may be silent."""

    short: float = SHORT_SECONDS
    load: float = LOAD_SECONDS
    silence: float = SILENCE_SECONDS


class Ollama:
    """One Ollama at `url`, such as http://127.0.0.1:11434.

    Raises Unreachable where nobody answers, UnknownModel, OutOfMemory, NoRoom (it has too many requests waiting),
    InputTooLarge, InvalidInput and ModelFailed. `now` tells the time of day.
    """

    def __init__(
        self,
        url: str = URL,
        *,
        key: str = "",
        patience: Patience | None = None,
        clock: Clock = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.url = url.rstrip("/")
        self._wire = OllamaWire(self.url, key=key)
        self._patience = patience or Patience()
        self._clock = clock
        self._now = now
        self._detached = Detached()
        self._no_chat: set[str] = set()  # embedding models, which are loaded in another way

    async def version(self) -> str:
        """Its version, such as 0.35.2."""
        said = await self._wire.ask("GET", "/api/version", seconds=self._patience.short)
        return text_at(said, "version")

    async def installed(self) -> tuple[Installed, ...]:
        """The models on its disk."""
        said = await self._wire.ask("GET", "/api/tags", seconds=self._patience.short)
        return tuple(map(installed_of, rows_of(said)))

    async def running(self) -> tuple[Running, ...]:
        """The models in memory, and the one that is being loaded.

        One that was unloaded leaves this list before its memory is free: only the card itself tells that.
        """
        said = await self._wire.ask("GET", "/api/ps", seconds=self._patience.short)
        now = self._now()
        return tuple(running_of(row, now) for row in rows_of(said))

    async def show(self, model: str) -> dict[str, Any]:
        """Everything about a model, as /api/show tells it. Raises UnknownModel."""
        body = {"model": model}
        return await self._wire.ask("POST", "/api/show", body, seconds=self._patience.short, model=model)

    async def chat(self, asked: ChatAsk) -> AsyncGenerator[Piece, None]:
        """The reply in pieces, the last with its end; closing the iterator stops the model."""
        async with aclosing(self._reply("/api/chat", asked.body(), asked.setup.model)) as pieces:
            async for piece in pieces:
                yield piece

    async def generate(self, asked: GenerateAsk) -> AsyncGenerator[Piece, None]:
        """How a text goes on, in pieces, the last with its end; closing the iterator stops the model."""
        async with aclosing(self._reply("/api/generate", asked.body(), asked.setup.model)) as pieces:
            async for piece in pieces:
                yield piece

    async def embed(
        self, setup: Setup, texts: Sequence[str], *, dimensions: int | None = None, truncate: bool | None = None
    ) -> tuple[list[Any], End]:
        """The vectors of texts as Ollama gives them, one a text, and how long that took."""
        body: dict[str, Any] = {**setup.body(), "input": list(texts)}
        said = {"dimensions": dimensions, "truncate": truncate}
        body |= {name: value for name, value in said.items() if value is not None}
        answer = await self._wire.ask("POST", "/api/embed", body, seconds=self._patience.silence, model=setup.model)
        vectors = answer.get("embeddings")
        if not isinstance(vectors, list) or len(vectors) != len(texts):
            raise ModelFailed(f"{setup.model}: another number of vectors than texts", cure=IS_IT_OLLAMA)
        return vectors, end_of(answer)

    async def preload(self, setup: Setup) -> End:
        """Brings a model into memory and returns when it is there, at once where it is.

        Ollama drops a load when the one who asked for it hangs up. So the load goes on in a task of its own when
        this call is cancelled, and calls for the same load share it. How long it took is measured here, as Ollama
        does not tell that; waiting for other loads counts, too. A keep-alive of 0 would be an unload: the
        model then stays for five minutes, or until it is asked with 0.
        """
        kept = setup.kept(ALONE) if setup.keep_alive == AT_ONCE else setup
        end: End = await self._detached.run(("load", kept), lambda: self._load(kept))
        return end

    async def unload(self, model: str) -> None:
        """Asks for a model's memory, and returns before that is free; what it is answering is finished first."""
        await self._detached.run(("unload", model), lambda: self._unload(model))

    async def is_loaded(self, model: str) -> Running | None:
        """The model as it is in memory, or being loaded; None where it is not."""
        return next((it for it in await self.running() if plain(it.name) == plain(model)), None)

    async def pull(self, model: str) -> AsyncGenerator[Pulling, None]:
        """Downloads a model, and tells how far it is; closing the iterator pauses the download.

        Raises UnknownModel where Ollama's library has none of that name, ModelFailed, Unreachable.
        """
        parts: dict[str, tuple[int, int]] = {}
        status = ""
        lines = self._wire.lines("/api/pull", {"model": model}, seconds=self._patience.silence, model=model)
        async with aclosing(lines):
            try:
                async for line in lines:
                    status = text_at(line, "status")
                    if digest := text_at(line, "digest"):
                        parts[digest] = (count_at(line, "completed"), count_at(line, "total"))
                    done, total = (sum(part[place] for part in parts.values()) for place in (0, 1))
                    yield Pulling(status, done, total)
            except PointsmanError as error:
                raise of_pull(error, model) from None
        if status != SUCCESS:
            raise of_pull(ModelFailed(f"{model}: the download ended before it was complete"), model)

    async def close(self) -> None:
        """Ends loads that are under way, and closes the connections; the next call opens new ones."""
        await self._detached.close()
        await self._wire.close()

    async def _reply(self, path: str, body: Mapping[str, Any], model: str) -> AsyncGenerator[Piece, None]:
        lines = self._wire.lines(path, body, seconds=self._patience.silence, model=model)
        async with aclosing(lines):
            async for line in lines:
                piece = piece_of(line)
                yield piece
                if piece.end is not None:
                    return
        raise ended_early(model)

    async def _load(self, setup: Setup) -> End:
        if setup.model not in self._no_chat:
            try:
                return await self._loading("/api/chat", {**setup.body(), "messages": [], "stream": False}, setup)
            except InvalidInput as error:
                if "does not support" not in error.message:
                    raise
                self._no_chat.add(setup.model)
        return await self._loading("/api/embed", {**setup.body(), "input": []}, setup)

    async def _loading(self, path: str, body: Mapping[str, Any], setup: Setup) -> End:
        began = self._clock()
        end = end_of(await self._wire.ask("POST", path, body, seconds=self._patience.load, model=setup.model))
        took = self._clock() - began
        return replace(end, reason="load", load_seconds=end.load_seconds or took, seconds=end.seconds or took)

    async def _unload(self, model: str) -> None:
        body = {"model": model, "keep_alive": 0, "stream": False}
        await self._wire.ask("POST", "/api/generate", body, seconds=self._patience.short, model=model)


def rows_of(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The models in a list of them. Raises ModelFailed where there is no list."""
    rows = said.get("models")
    if rows is None and "models" in said:  # Go writes an empty list as null where nothing was ever in it
        return []
    if not isinstance(rows, list):
        raise ModelFailed("Ollama gave no list of models", cure=IS_IT_OLLAMA)
    return [row for row in rows if isinstance(row, dict)]
