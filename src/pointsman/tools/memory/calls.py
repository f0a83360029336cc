"""The tools of the memory, made for one reply: they see what may be heard on that occasion, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.errors import ToolFailed
from pointsman.core.memories import SCOPES, Full, Memory, Scope, distinct, seen
from pointsman.core.tool import Occasion, ToolResult, ToolSpec
from pointsman.engine.imageless import without_pictures
from pointsman.tiers.slots import memory_words
from pointsman.tiers.slots.linear import regex
from pointsman.tools.memory.asking import in_own_words, is_everything
from pointsman.tools.memory.items import item_texts, without_owner
from pointsman.tools.memory.replies import Replies

if TYPE_CHECKING:
    from pointsman.tools.memory.toolset import Keeper

LISTED: Final = 30
# Beyond this, a memory's text is cut where several are shown.
SHOWN: Final = 800
# Where one word says both memories and reminders, all are shown.
ANY_MEMORIES: Final = frozenset({"erinnerungen", "herinneringen"})
LIST_MINE: Final = re.compile(rf"^(?:{memory_words.MY}|all)\s+", re.IGNORECASE)


def text_schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object whose first property is needed."""
    return {"type": "object", "properties": properties, "required": list(properties)[:1], "additionalProperties": False}


def argument(arguments: Mapping[str, Any], name: str) -> str:
    """An argument that is text; "" where it is missing. Raises ToolFailed."""
    value = arguments.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ToolFailed(f"{name} is not a text", cure=f"give {name} as a string")
    return value.strip()


class MemoryTool:
    """What they have in common: whom they serve, and in which words."""

    def __init__(self, keeper: Keeper, occasion: Occasion, words: Replies) -> None:
        self._keeper = keeper
        self._occasion = occasion
        self._words = words
        self._origin = occasion.message.origin
        self._circles = seen(occasion.message.origin)

    def _line(self, memory: Memory) -> str:
        """A memory as the person reads it; a picture that a stranger wrote into it is a link."""
        return line(memory.text) if self._own([memory]) else without_pictures(line(memory.text))

    def _item(self, memory: Memory) -> str:
        """A memory in a list that a person reads."""
        return f"- {self._line(memory)} ({memory.id}, {memory.day})"

    def _own(self, memories: Sequence[Memory]) -> bool:
        """Whether the person said all of them himself."""
        return all(it.own and it.owner == self._origin.owner for it in memories)

    def _for_model(self, memories: Sequence[Memory]) -> str:
        mine = self._origin.owner
        said = ("this person", "somebody else in this server")
        return "\n".join(f"{it.id} ({it.day}, by {said[it.owner != mine]}): {line(it.text)}" for it in memories)

    def _answered(self, text: str, *, what: str = "", empty: bool = False) -> ToolResult:
        """A result that is our own words, for the model and the person."""
        return ToolResult(what or text, said=text, empty=empty, trusted=True)

    def _listed(self, memories: Sequence[Memory], total: int, head: str) -> ToolResult:
        left = self._words.more.format(count=total - len(memories)) if total > len(memories) else ""
        shown = "\n".join([head, *map(self._item, memories), *([left] if left else [])])
        text = f"{total} memories, the latest first:\n{self._for_model(memories)}" + (f"\n{left}" if left else "")
        return ToolResult(text, said=shown, trusted=self._own(memories))


class Remembering(MemoryTool):
    """Keeps something."""

    spec = ToolSpec(
        "remember",
        "Keep something that the person explicitly asked you to remember. Never call it for anything else.",
        text_schema(
            text={"type": "string", "description": "What to remember, in the person's own words."},
            scope={
                "type": "string",
                "enum": list(SCOPES),
                "description": "private: only this person, in private. user: only this person, anywhere. guild: "
                "everybody in this server; only where the person says so. Leave it out for the usual.",
            },
        ),
        effect="changes",
    )

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """Stores a text, or says since when it is known; without one, asks what is meant."""
        text = argument(arguments, "text")
        if not text:
            return self._answered(self._words.ask_remember, empty=True)
        label = f"{self._words.reminder}: "
        reminds = text.startswith(label)
        own, scope = in_own_words(text.removeprefix(label), self._occasion), scope_in(arguments)
        new: list[Memory] = []
        old: list[tuple[str, str]] = []
        for item in [text] if reminds else item_texts(text):
            kept = await self._keeper.remember(item, self._origin, scope=scope, own=own)
            if isinstance(kept, Full):
                most = self._words.full.format(most=f"{kept.most:,}")
                old.append((most, f"not stored: {kept.most} memories are the limit"))
                break
            if not kept.known:
                new.append(kept.memory)
                continue
            told = {"text": self._line(kept.memory), "id": kept.memory.id, "day": kept.memory.day}
            what = f"known already since {kept.memory.day}, as {kept.memory.id}"
            old.append((self._words.known.format(**told), what))
        lines = [*([self._stored(new, reminds=reminds)] if new else []), *old]
        return self._answered("\n".join(said for said, _ in lines), what="\n".join(what for _, what in lines))

    def _stored(self, new: Sequence[Memory], *, reminds: bool) -> tuple[str, str]:
        """What the person and what the model is told of new memories; several are things on one list."""
        first = new[0]
        template = self._words.kept_here if first.scope == "guild" else self._words.kept
        template = self._words.noted if reminds else template
        items = [self._line(first), *(self._line(it).partition(":")[2].strip() for it in new[1:])]
        ids = ", ".join(it.id for it in new)
        note = " (it cannot ring at a time; say so)" if reminds else ""
        said = template.format(text=", ".join(items), id=ids, day=first.day)
        return said, f"stored as {ids}, scope {first.scope}{note}"


class Recalling(MemoryTool):
    """Finds what a question is about."""

    spec = ToolSpec(
        "recall",
        "Find what this person asked you to remember earlier. Returns the nearest memories, which may not be about it.",
        text_schema(query={"type": "string", "description": "What to look for, in the person's words."}),
    )

    def __init__(self, keeper: Keeper, occasion: Occasion, words: Replies, results: int) -> None:
        super().__init__(keeper, occasion, words)
        self._results = results

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """The nearest memories, the nearest first; says so where there are none."""
        query = argument(arguments, "query")
        if not query:
            raise ToolFailed("query is empty", cure="say what to look for, or call list_memories")
        found = await self._keeper.recall(query, self._circles, self._results)
        if not found:
            text = self._words.unknown.format(what=line(query))
            return self._answered(text, what="nothing is remembered about that; say so", empty=True)
        text = f"The nearest memories, the nearest first; they may not be about it:\n{self._for_model(found)}"
        said = "\n".join([self._words.nearest, *map(self._item, found)])
        return ToolResult(text, said=said, trusted=self._own(found))


class Listing(MemoryTool):
    """Lists memories."""

    spec = ToolSpec(
        "list_memories",
        "List what this person asked you to remember, the latest first.",
        {
            "type": "object",
            "properties": {
                "about": {"type": "string", "description": "Only those with these words, such as: shopping list."}
            },
            "additionalProperties": False,
        },
    )

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """All, or what is on a list, or what has some words."""
        about = without_owner(LIST_MINE.sub("", argument(arguments, "about")))
        asked = about.casefold().strip(" ?.!")
        if asked and is_kind(asked, memory_words.REMINDER) and asked not in ANY_MEMORIES:
            about = self._words.reminder
        elif not asked or is_kind(asked, memory_words.NOTES) or is_everything(asked):
            memories, total = await self._keeper.listed(self._circles, LISTED)
            return self._shown(distinct(memories), total)
        with_words = distinct(await self._keeper.having_all(about, self._circles, LISTED))
        on_list = [it for it in with_words if it.text.casefold().startswith(f"{about.casefold()}:")]
        found = on_list or with_words
        if not found:
            text = self._words.unknown.format(what=line(about))
            return self._answered(text, what="nothing is remembered about that; say so", empty=True)
        return self._shown(found, len(found))

    def _shown(self, memories: Sequence[Memory], total: int) -> ToolResult:
        if not memories:
            return self._answered(self._words.nothing, what="nothing is remembered yet", empty=True)
        return self._listed(memories, total, self._words.listed.format(count=f"{total:,}"))


def scope_in(arguments: Mapping[str, Any]) -> Scope | None:
    """The scope that a call names; None for the usual. Raises ToolFailed."""
    given = argument(arguments, "scope").casefold()
    for scope in SCOPES:
        if given == scope:
            return scope
    if given:
        raise ToolFailed(f"there is no scope {given[:40]!r}", cure="give private, user or guild, or leave scope out")
    return None


def is_kind(asked: str, pattern: str) -> bool:
    """Whether a text is nothing but a word of a kind, such as "notes"."""
    match = regex(pattern).match(asked)
    return match is not None and match.end == len(asked)


def line(text: str) -> str:
    """A text on one line, so that none can pass for several; its beginning, where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else f"{flat[:SHOWN]}…"
