"""The toolset that remembers: what people asked to be kept, recalled where they may hear it, forgotten at a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from pointsman.core.memories import Circle, Full, Kept, Memory, Scope, seen
from pointsman.core.message import Origin
from pointsman.core.tool import First, Occasion, Tool
from pointsman.tools.memory.asking import first_call
from pointsman.tools.memory.calls import Listing, Recalling, Remembering
from pointsman.tools.memory.forgetting import Forgetting
from pointsman.tools.memory.replies import replies

NAME: Final = "memory"
RESULTS: Final = 5


class Keeper(Protocol):
    """Where memories are kept."""

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None, own: bool = True) -> Kept | Full:
        """Keeps a text, unless it is known or there are too many. Raises InvalidInput, StoreError."""
        ...

    async def recall(self, query: str, circles: Sequence[Circle], limit: int) -> list[Memory]:
        """What a question is likely about, the likeliest first. Raises StoreError."""
        ...

    async def having_all(self, text: str, circles: Sequence[Circle], limit: int) -> list[Memory]:
        """The latest that hold all words of a text. Raises StoreError."""
        ...

    async def same(self, text: str, circles: Sequence[Circle]) -> Memory | None:
        """The one that says the same. Raises StoreError."""
        ...

    async def listed(self, circles: Sequence[Circle], limit: int, *, owner: str = "") -> tuple[list[Memory], int]:
        """The latest, and how many there are. Raises StoreError."""
        ...

    async def find(self, memory_id: str, circles: Sequence[Circle]) -> Memory | None:
        """One by its id. Raises StoreError."""
        ...

    async def of_owner(self, owner: str) -> list[Memory]:
        """All of one owner. Raises StoreError."""
        ...

    async def forget(self, ids: Iterable[str], owner: str) -> list[Memory]:
        """Takes out those that are the owner's, and returns them. Raises StoreError."""
        ...

    async def forget_all(self, owner: str) -> list[Memory]:
        """Takes out all that is the owner's, and returns it. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Lets go of the file."""
        ...


class MemoryTools:
    """remember, recall, forget and list_memories, for whoever speaks.

    A message that asks for one of them in so many words is served without a model, but for what is recalled, which a
    model puts into words. `results` is how many memories it reads at once; `language` tells in which language (a BCP
    47 primary tag) the person is answered, that of the message without it.
    """

    name = NAME

    def __init__(
        self, keeper: Keeper, *, results: int = RESULTS, language: Callable[[Occasion], str] | None = None
    ) -> None:
        self.keeper = keeper
        self._results = results
        self._language = language or (lambda occasion: occasion.language)

    def refusal(self, occasion: Occasion) -> str:
        """Why nothing is remembered here: others read along, and nobody says who speaks."""
        if seen(occasion.message.origin):
            return ""
        return "nothing is remembered here, as it is not known who speaks; say it in a direct message"

    async def tools(self, occasion: Occasion) -> Sequence[Tool]:
        """The four tools, for those circles that may hear of it on this occasion."""
        words = replies(self._language(occasion))
        return (
            Remembering(self.keeper, occasion, words),
            Recalling(self.keeper, occasion, words, self._results),
            Forgetting(self.keeper, occasion, words),
            Listing(self.keeper, occasion, words),
        )

    def first(self, occasion: Occasion) -> First | None:
        """What the message asks for in so many words."""
        return first_call(occasion, replies(self._language(occasion)).reminder)

    async def close(self) -> None:
        """Lets go of the file."""
        await self.keeper.close()
