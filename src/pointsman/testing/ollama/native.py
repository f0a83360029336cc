"""What a fake Ollama says on its own routes: the lines of a chat, of a completion, and vectors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.ports import Clock
from pointsman.testing.clouds.asked import tokens_in
from pointsman.testing.clouds.chat import Reply, Said, called, logprobs, pieces, said_to
from pointsman.testing.clouds.deciding import Decide, Prompt, prompt_of
from pointsman.testing.clouds.tools import UseTool
from pointsman.testing.clouds.vectors import numbers
from pointsman.testing.ollama.durations import kept
from pointsman.testing.ollama.mishaps import Mishap, Refusal, struck, unable
from pointsman.testing.ollama.models import OllamaFile
from pointsman.testing.ollama.replies import calls_of, ends, form_of, stamped, thought_about
from pointsman.testing.ollama.residency import Residency, Sleep
from pointsman.testing.ollama.runner import Runner

Find = Callable[[Mapping[str, Any]], OllamaFile]
# What even a warm model needs until it is ready.
WARM_SECONDS: Final = 0.015


class Cut(Exception):
    """The stream ends here, without its last line."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a request is answered: as a chat or as a completion, by which model, and what it asks."""

    route: str
    body: Mapping[str, Any]
    file: OllamaFile
    stamp: Mapping[str, Any]

    def line(self, text: str = "", **more: Any) -> dict[str, Any]:
        """A line with a piece of the reply; `more` stands in the message of a chat, or beside it."""
        ending = {name: more.pop(name) for name in ("logprobs",) if name in more}
        if self.route == "chat":
            return {**self.stamp, "message": {"role": "assistant", "content": text, **more}, "done": False, **ending}
        return {**self.stamp, "response": text, **more, "done": False, **ending}


class Native:
    """Answers by models that are brought into memory for it; `find` finds the one that a body names."""

    def __init__(
        self,
        residency: Residency,
        find: Find,
        *,
        clock: Clock,
        sleep: Sleep,
        decide: Decide,
        reply: Reply,
        use_tool: UseTool,
    ) -> None:
        self._residency = residency
        self._find = find
        self._clock = clock
        self._sleep = sleep
        self._decide = decide
        self._reply = reply
        self._use_tool = use_tool

    async def lines(self, route: str, body: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The lines that answer a chat or a completion. Raises Refusal, also behind some of them, and Cut."""
        file = self._find(body)
        told = Told(route, body, file, stamped(str(body["model"]), self._clock()))
        keep_alive = kept(body.get("keep_alive"))
        empty = not (body.get("messages") if route == "chat" else body.get("prompt"))
        if empty and keep_alive == 0:
            self._residency.expire(file.full_name)
            yield {**told.line(), "done": True, "done_reason": "unload"}
            return
        self._check(told)
        async with self._held(file, body, keep_alive) as (runner, seconds):
            if empty:  # which only loads; that takes its time, and does not tell how much
                yield {**told.line(), "done": True, "done_reason": "load"}
                return
            async with runner.slots:
                async for line in self._said(told, runner, seconds):
                    yield line

    async def vectors(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The vectors of texts; on the older route that of one text, in other words. Raises Refusal."""
        if path == "/api/embed":
            return await self.embedded(body)
        said = await self.embedded({**body, "input": body.get("prompt") or ""})
        return {"embedding": next(iter(said["embeddings"]), [])}

    async def embedded(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The vectors of texts. Raises Refusal."""
        file = self._find(body)
        given = body.get("input")
        texts = [given] if isinstance(given, str) and given else given or []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise Refusal(400, "invalid input type")
        began = self._clock()
        async with self._held(file, body, kept(body.get("keep_alive"))) as (runner, seconds):
            if not file.dimensions:
                raise Refusal(500, "this model does not support embeddings")
            if not texts:
                return {"model": body["model"], "embeddings": []}
            longest = runner.context * 4
            if body.get("truncate") is False and any(len(text) > longest for text in texts):
                raise Refusal(400, "the input length exceeds the context length")
            wanted = int(body.get("dimensions") or 0)
            dimensions = min(wanted, file.dimensions) if wanted > 0 else file.dimensions
            vectors = [numbers(text[:longest], dimensions, file.full_name) for text in texts]
            return {
                "model": body["model"],
                "embeddings": vectors,
                "total_duration": int((self._clock() - began + WARM_SECONDS) * 1e9),
                "load_duration": int(max(WARM_SECONDS, seconds) * 1e9),
                "prompt_eval_count": sum(map(tokens_in, texts)),
            }

    def _check(self, told: Told) -> None:
        """Raises the Refusal of what the model cannot do, or of a request that is wrong."""
        body, file = told.body, told.file
        wanted = {"completion": told.route, "tools": body.get("tools") and "tools"}
        wanted["thinking"] = body.get("think") and "thinking"
        for ability, what in wanted.items():
            if what and ability not in file.abilities:
                raise unable(str(body["model"]), str(what))
        if body.get("format") not in (None, "", "json") and not isinstance(body["format"], dict):
            raise Refusal(500, 'invalid format: expected "json" or a valid JSON Schema object')
        if (mishap := self._residency.strike("request")) is not None:
            raise struck(mishap)

    @asynccontextmanager
    async def _held(
        self, file: OllamaFile, body: Mapping[str, Any], keep_alive: float | None
    ) -> AsyncGenerator[tuple[Runner, float], None]:
        """The model in use, and the seconds until it was."""
        options = dict(body.get("options") or {})
        if "shift" in body:
            options["shift"] = body["shift"]
        began = self._clock()
        runner = await self._residency.acquire(file, options, keep_alive)
        try:
            yield runner, self._clock() - began
        finally:
            self._residency.release(runner)

    async def _said(self, told: Told, runner: Runner, loaded: float) -> AsyncGenerator[dict[str, Any], None]:
        body, began = told.body, self._clock()
        prompt = prompt_of({**body, "response_format": form_of(body.get("format"))})
        if prompt.tokens > runner.context and body.get("truncate") is False:
            raise Refusal(400, "the input length exceeds the context length")
        said = self._answer(told, prompt)
        told_lines = self._lines(told, prompt, said)
        mishap = self._residency.strike("reply")
        for place, line in enumerate(told_lines):
            if mishap is not None and place == mishap.after:
                self._break(mishap, runner)
            if self._residency.pace.piece > 0:
                await self._sleep(self._residency.pace.piece)
            yield line
        if mishap is not None:
            self._break(mishap, runner)
        spent = self._clock() - began
        yield {**told.line(), **ends(said, loaded=max(WARM_SECONDS, loaded), spent=max(WARM_SECONDS, spent))}

    def _answer(self, told: Told, prompt: Prompt) -> Said:
        limit = (told.body.get("options") or {}).get("num_predict")
        most = limit if isinstance(limit, int) and limit > 0 else None
        if script := self._use_tool(told.body) if told.body.get("tools") else ():
            return called(prompt, script)
        form = {"response_format": form_of(told.body.get("format"))}
        return said_to(prompt, form, self._decide, self._reply, strict=True, most=most)

    def _lines(self, told: Told, prompt: Prompt, said: Said) -> Sequence[dict[str, Any]]:
        """All lines but the last: thoughts first, then the text, with its probabilities, then calls."""
        body = told.body
        lines: list[dict[str, Any]] = []
        if "thinking" in told.file.abilities and body.get("think") is not False:
            lines += [told.line(thinking=piece) for piece in pieces(thought_about(prompt.text))]
        if said.calls or not body.get("logprobs"):
            calls = (told.line(tool_calls=[call]) for call in calls_of(said))
            return [*lines, *(told.line(piece) for piece in pieces(said.content)), *calls]
        most = int(body.get("top_logprobs") or 0)
        for token in logprobs(said)["content"]:
            shown = {**token, "top_logprobs": token["top_logprobs"][:most]}
            lines.append(told.line(str(token["token"]), logprobs=[shown]))
        return lines

    def _break(self, mishap: Mishap, runner: Runner) -> None:
        """Raises what a mishap does to a reply, after what it does to the models in memory."""
        if mishap.kind == "cut":
            raise Cut
        if mishap.kind == "run_oom":
            self._residency.expire_all()
        else:
            self._residency.expire(runner.file.full_name)
        raise struck(mishap)
