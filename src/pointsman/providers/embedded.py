"""Chat with a model that runs inside this process, with llama.cpp."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol, Self

from pointsman.core.errors import (
    InvalidInput,
    MissingExtra,
    ModelFailed,
    ModelFileError,
    PointsmanError,
    ToolsUnsupported,
)
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.providers import modelfiles
from pointsman.providers.llama_template import takes_tools
from pointsman.providers.llama_wire import DEFAULTS, MAX_TOKENS, request_of, without_error
from pointsman.providers.openai_events import Heard
from pointsman.providers.openai_tools import TOOLS, in_words

BUILT_IN: Final = "smollm2"
BUILT_IN_NAME: Final = "smollm2-135m-instruct"
BUILT_IN_NOTE: Final = (
    "answered by the small embedded model (SmolLM2 135M): expect mistakes; "
    "set models.main.file to a larger GGUF for real answers"
)
SYSTEM: Final = "You are a helpful assistant. Answer briefly and clearly."

# What the model card of SmolLM2-Instruct recommends; llama.cpp's own 0.8 makes it ramble.
# And without a penalty on repeating itself it tells one joke until the limit.
BUILT_IN_SAMPLING: Final = MappingProxyType({"repeat_penalty": 1.1})
BUILT_IN_DEFAULTS: Final = ChatOptions(max_tokens=MAX_TOKENS, temperature=0.2, top_p=0.9)

CONTEXT: Final = 4096
SEE: Final = "set models.main to a model that sees, such as gemma3:4b of an Ollama, or send the text alone"
USE_ANOTHER: Final = "set models.main.file to a GGUF whose chat template knows tools, such as Qwen3's"
NO_SAMPLING: Final[Mapping[str, float]] = MappingProxyType({})
PARALLEL: Final = 2
# One core is left to the rest of the machine: llama.cpp's threads wait for the slowest at every step, so that on
# two cores with one other busy process two threads made 1 to 5 tokens a second, and one thread 24.
MOST_THREADS: Final = 4
# A reply can be stopped between two batches only. 128 tokens are about half a second of reading on two cores;
# 2048, the default, are eight, and not read any faster on a CPU.
BATCH: Final = 128
# Conversations that were pushed out of their slot, kept for their return; llama.cpp's default is 8 GiB.
CACHE_MIB: Final = 128


class Settings(Protocol):
    """The part of a configuration that describes an embedded model; `file` is a path or "smollm2"."""

    file: Path | str
    name: str | None
    context: int
    threads: int | None


def name_of(settings: Settings) -> str:
    """What clients call the model: the name it was given, or that of its file."""
    return settings.name or (BUILT_IN_NAME if settings.file == BUILT_IN else Path(settings.file).stem)


def check_file(settings: Settings) -> str:
    """The remark on the model's limits ("" for none), after a look at its file. Raises ModelFileError."""
    modelfiles.check_gguf(modelfiles.smollm2() if settings.file == BUILT_IN else Path(settings.file))
    return BUILT_IN_NOTE if settings.file == BUILT_IN else ""


class Embedded:
    """A GGUF model in this process: loaded at the first chat, freed by `close`, loaded again when asked again.

    `file` None is the built-in SmolLM2. `context` is in tokens, for each of the `parallel` chats that are answered
    at once; further chats wait for their turn. `defaults` stand in for the options that a chat leaves open,
    `sampling` holds further settings by llama.cpp's names, and `system` comes first in every conversation, always
    the same, so that llama.cpp reads it only once.

    It calls llama.cpp's server functions directly, from a thread for each chat at work, rather than over the HTTP
    server that xllamacpp starts beside them: the first piece of a cached prompt comes after 0.02 s, the calls let
    other Python threads run, and one that answers "stop" to a piece or to a batch of the prompt is stopped at
    once. No port, key or HTTP error stands between.
    """

    def __init__(
        self,
        file: Path | None = None,
        *,
        name: str = BUILT_IN_NAME,
        note: str = "",
        system: str = SYSTEM,
        context: int = CONTEXT,
        parallel: int = PARALLEL,
        threads: int | None = None,
        defaults: ChatOptions = DEFAULTS,
        sampling: Mapping[str, float] = NO_SAMPLING,
    ) -> None:
        self.name = name
        self.note = note
        self._file = file
        self._system = system
        self._context = context
        self._parallel = parallel
        self._threads = threads or max(1, min(MOST_THREADS, cores() - 1))
        self._defaults = defaults
        self._sampling = sampling
        self._server: Any = None
        self._takes_tools: bool | None = None
        self._key = os.urandom(16).hex()
        self._workers: ThreadPoolExecutor | None = None
        self._loading = threading.Lock()
        self._listeners: set[Listener] = set()

    @classmethod
    def from_config(cls, settings: Settings) -> Self:
        """The model that a configuration describes; its file is looked for at the first chat."""
        built_in = settings.file == BUILT_IN
        return cls(
            None if built_in else Path(settings.file),
            name=name_of(settings),
            note=BUILT_IN_NOTE if built_in else "",
            context=settings.context,
            threads=settings.threads,
            defaults=BUILT_IN_DEFAULTS if built_in else DEFAULTS,
            sampling=BUILT_IN_SAMPLING if built_in else NO_SAMPLING,
        )

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """The reply in pieces, the last with the reason of its end ("stop" or "length") and the token counts.

        Raises InputTooLarge, InvalidInput for pictures, MissingExtra, ModelFileError, ModelFailed, ToolsUnsupported.
        Closing the iterator stops the model.
        """
        if any(file.is_image for turn in turns for file in turn.attachments):
            raise InvalidInput(f"{self.name} runs in this process and sees no pictures", cure=SEE)
        request = dict(self._sampling) | request_of(turns, options, self._defaults, self._system)
        heard = Heard()
        async with aclosing(self._events("handle_chat_completions", request)) as events:
            async for event in events:
                if text := heard.take(event):
                    yield Delta(text)
                if event.get("usage"):
                    yield heard.last(self.name)
                    return

    async def complete(self, request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """All events of a plain completion, asked for in llama.cpp's own terms; it streams, so that it can be stopped.

        Raises InputTooLarge, MissingExtra, ModelFileError, ModelFailed.
        """
        heard: list[Mapping[str, Any]] = []
        async with aclosing(self._events("handle_completions", dict(request))) as events:
            async for event in events:
                heard.append(event)
                if "usage" in event:
                    break
        return heard

    async def _events(self, function: str, request: dict[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        """What llama.cpp says to a streaming request; closing the iterator stops it."""
        listener = Listener(asyncio.get_running_loop())
        self._listeners.add(listener)
        try:
            self._worker().submit(self._answer, function, request, listener)
            while (heard := await listener.events.get()) is not None:
                yield without_error(heard)
            raise ModelFailed(f"{self.name} was closed while it answered", cure="ask again")
        finally:
            listener.stopped.set()
            self._listeners.discard(listener)

    async def close(self) -> None:
        """Stops what is being answered and frees the model; returns when it is freed."""
        workers, self._workers = self._workers, None
        for listener in tuple(self._listeners):
            listener.stopped.set()
        if workers:
            await asyncio.to_thread(self._free, workers)

    def _worker(self) -> ThreadPoolExecutor:
        """One thread for each chat that is answered at once; the pool's queue is where the others wait."""
        if self._workers is None:
            self._workers = ThreadPoolExecutor(self._parallel, thread_name_prefix="pointsman-llama")
        return self._workers

    def _free(self, workers: ThreadPoolExecutor) -> None:
        workers.shutdown(wait=True)
        with self._loading:
            self._server = self._takes_tools = None

    def _answer(self, function: str, request: dict[str, Any], listener: Listener) -> None:
        """One request, in a worker's thread; whatever happens, the listener hears of its end."""
        try:
            if not listener.stopped.is_set():
                server = self._loaded()
                getattr(server, function)(self._fitting(request, server), listener.hear)
            listener.tell(None)
        except PointsmanError as error:
            listener.tell(error)
        except Exception as error:  # noqa: BLE001 - what llama.cpp throws has no type of its own
            listener.tell(ModelFailed(f"{self.name}: llama.cpp says: {error}", cure="pointsman doctor"))

    def _fitting(self, request: dict[str, Any], server: Any) -> dict[str, Any]:
        """A request as the model's chat template takes it. Raises ToolsUnsupported."""
        messages = request.get("messages", ())
        if TOOLS not in request and all(it["role"] != "tool" for it in messages):
            return request
        with self._loading:
            if self._takes_tools is None:
                self._takes_tools = takes_tools(server.listening_address, self._key)
        if self._takes_tools:
            return request
        if TOOLS in request:
            raise ToolsUnsupported(
                f"{self.name} calls no tools: its chat template has no place for them", cure=USE_ANOTHER
            )
        return request | {"messages": in_words(messages)}

    def _loaded(self) -> Any:
        """llama.cpp with the model, loaded once however many chats wait for it."""
        with self._loading:
            if self._server is None:
                self._server = self._load()
            return self._server

    def _load(self) -> Any:
        try:
            import xllamacpp
        except ModuleNotFoundError:
            raise MissingExtra("local", "chatting without any model server") from None
        file = self._file or modelfiles.smollm2()
        modelfiles.check_gguf(file)
        try:
            return xllamacpp.Server(self._parameters(xllamacpp.CommonParams(), file))
        except RuntimeError as error:
            # llama.cpp says only that it failed; the reason went to its log, which is silent.
            raise ModelFileError(
                f"{file}: llama.cpp cannot load it: damaged or cut short, of a kind that it does not know, "
                f"or too large for the free memory with a context of {self._parallel} x {self._context} tokens",
                cure=modelfiles.SET_ANOTHER if self._file else modelfiles.PULL_SMOLLM2,
            ) from error

    def _parameters(self, given: Any, file: Path) -> Any:
        given.model.path = str(file)
        # A slot for each chat with a context of its own. Shared, two long chats run out of it together, and
        # llama.cpp breaks both off.
        given.n_parallel = self._parallel
        given.n_ctx = self._context * self._parallel
        given.n_batch = given.n_ubatch = BATCH
        given.cpuparams.n_threads = given.cpuparams_batch.n_threads = self._threads
        given.cache_ram_mib = CACHE_MIB
        given.n_gpu_layers = 0  # the graphics card is given out elsewhere
        given.fit_params = False  # which tries the sizes that fit a card: 3 s for nothing on a CPU
        given.enable_reasoning = 0  # on a CPU nobody waits for a small model to think first
        given.verbosity = -1
        # xllamacpp opens a port on loopback, which only says what the chat template can do: no page, and a key that
        # nobody has.
        given.n_threads_http = 1
        given.ui = given.endpoint_slots = False
        given.api_keys = [self._key]
        return given


class Listener:
    """Carries what a worker's thread hears from llama.cpp to the event loop, and back the wish to stop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.events: asyncio.Queue[dict[str, Any] | PointsmanError | None] = asyncio.Queue()
        self.stopped = threading.Event()
        self._loop = loop

    def hear(self, event: dict[str, Any]) -> bool:
        """Passes an event on; true stops llama.cpp."""
        self.tell(event)
        return self.stopped.is_set()

    def tell(self, event: dict[str, Any] | PointsmanError | None) -> None:
        """Passes on an event, an error, or None for the end."""
        try:
            self._loop.call_soon_threadsafe(self.events.put_nowait, event)
        except RuntimeError:  # the loop was closed in the middle of the reply: nobody listens any more
            self.stopped.set()


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
