"""Forgetting, as a tool: only what was named, and never more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.tool import Occasion, ToolResult, ToolSpec
from pointsman.tools.memory.asking import count_named, ids_in, is_everything
from pointsman.tools.memory.calls import LISTED, MemoryTool, argument, line, text_schema
from pointsman.tools.memory.items import concrete, is_part, item_texts, shares_a_word
from pointsman.tools.memory.replies import Replies

if TYPE_CHECKING:
    from pointsman.tools.memory.toolset import Keeper

ASKED_BACK: Final = 5


class Forgetting(MemoryTool):
    """Forgets: what was named exactly, or is the only one with those words; never by resemblance."""

    def __init__(self, keeper: Keeper, occasion: Occasion, words: Replies) -> None:
        super().__init__(keeper, occasion, words)
        # Whoever says "forget my locker code" has said it; a model that comes upon the idea has to have it confirmed.
        asked = occasion.slots.get("action") == "forget"
        self.spec = ToolSpec(
            "forget",
            "Forget something that the person explicitly asked you to forget. What is not clear is asked back.",
            text_schema(what={"type": "string", "description": "Ids such as m12, or the words of one memory."}),
            effect="changes" if asked else "destroys",
        )

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """Forgets one memory, or those whose ids are given; asks back where several could be meant, or all are."""
        what = argument(arguments, "what")
        if not what:
            return self._answered(self._words.ask_forget, empty=True)
        if is_everything(what):
            return await self._everything()
        if ids := ids_in(what):
            return await self._by_id(ids)
        return await self._by_words(what)

    async def _by_id(self, ids: Sequence[str]) -> ToolResult:
        found = [await self._keeper.find(memory_id, self._circles) for memory_id in ids]
        missing = [memory_id for memory_id, memory in zip(ids, found, strict=True) if memory is None]
        others = [it.id for it in found if it is not None and it.owner != self._origin.owner]
        gone = await self._keeper.forget([it.id for it in found if it is not None], self._origin.owner)
        lines = [self._words.forgotten.format(text=self._line(it)) for it in gone]
        lines += [self._words.unknown.format(what=memory_id) for memory_id in missing]
        lines += [self._words.not_yours.format(id=memory_id) for memory_id in others]
        return self._answered("\n".join(lines), what=f"{len(gone)} forgotten\n" + "\n".join(lines), empty=not gone)

    async def _by_words(self, what: str) -> ToolResult:
        exact = await self._keeper.same(what, self._circles)
        if exact is not None and exact.owner == self._origin.owner:
            return await self._by_id([exact.id])
        results = [await self._one(text) for text in item_texts(what)]
        text, said = ("\n".join(lines) for lines in zip(*((it.text, it.shown) for it in results), strict=True))
        return ToolResult(
            text, said=said, empty=all(it.empty for it in results), trusted=all(it.trusted for it in results)
        )

    async def _one(self, what: str) -> ToolResult:
        """Forgets the only memory that says the same or has all words; asks back which, where that is not plain."""
        exact = await self._keeper.same(what, self._circles)
        if exact is not None and exact.owner == self._origin.owner:
            return await self._by_id([exact.id])
        with_words = await self._keeper.having_all(what, self._circles, LISTED)
        own = [it for it in with_words if it.owner == self._origin.owner]
        if len(own) == 1 and not is_part(what, own[0].text):
            return await self._by_id([own[0].id])
        if not own:
            near = await self._keeper.recall(what, self._circles, ASKED_BACK)
            words = concrete(what)
            own = [it for it in near if it.owner == self._origin.owner and (not words or shares_a_word(words, it.text))]
        if not own:
            return self._answered(self._words.unknown.format(what=line(what)), empty=True)
        return self._listed(own[:ASKED_BACK], len(own), self._words.which.format(id=own[0].id))

    async def _everything(self) -> ToolResult:
        count = len(await self._keeper.of_owner(self._origin.owner))
        if not count:
            return self._answered(self._words.nothing, empty=True)
        # Only the person's own message counts, however often a model repeats the phrase.
        if count_named(self._occasion.message.told) != count:
            return self._answered(self._words.ask_everything.format(count=count), empty=True)
        gone = await self._keeper.forget_all(self._origin.owner)
        return self._answered(self._words.all_forgotten.format(count=len(gone)))
