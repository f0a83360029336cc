"""What somebody wants of the card, and what they are given: wishes, rungs of the ladder, leases, notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["chat", "image", "decide", "embed", "preload"]
Priority = Literal["interactive", "background", "preload"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One way of serving a wish, best first in a ladder.

    `tenant` is what must be in memory (such as ollama:qwen3:14b, or comfyui:z-image-turbo), in the `variant` that
    names its load-time options (such as ctx=8192): another variant of a tenant that is there is a reload. `bytes`
    is what is booked for it, a first guess until it has been measured. A rung with an empty `tenant` needs no
    card: somebody else's computer answers. `serve` names the model or workflow that serves it, `note` says in
    words what is lost against the best rung ("" at the best). `devices` are the cards it may be placed on; none
    named is any.
    """

    tenant: str
    bytes: int = 0
    variant: str = ""
    serve: str = ""
    note: str = ""
    devices: tuple[str, ...] = ()

    @property
    def footprint(self) -> str:
        """The key under which what it takes is learned."""
        return f"{self.tenant}@{self.variant}"


@dataclass(frozen=True, slots=True)
class Want:
    """A wish for the card.

    `ladder` holds the rungs, best first. A lower rung is taken when no better one can fit while others hold their
    memory, or when a better one would take longer than `patience` seconds. `seconds` is how long the use is
    thought to take, for telling waits; after `deadline` seconds in the queue the wish is refused. `holder` names
    a conversation: its tenant is kept a little while after each turn, so that loops of tool calls do not thrash.
    Without `evicts`, the wish takes only what is there or fits beside it: nobody is sent away for it. Without `loads`,
    it takes only what is in memory already, and is refused at once where nothing of it is. `prefers` is the footprint
    of a rung that answered a moment ago: as long as it is in memory and free, nothing better is loaded.
    """

    kind: Kind
    ladder: tuple[Rung, ...]
    priority: Priority = "interactive"
    patience: float = 20.0
    deadline: float = 600.0
    seconds: float = 10.0
    holder: str = ""
    evicts: bool = True
    loads: bool = True
    prefers: str = ""

    @property
    def best(self) -> Rung:
        """The first rung."""
        return self.ladder[0]


@dataclass(frozen=True, slots=True)
class Notice:
    """How a wish stands while it waits: `position` in the queue from 1, `seconds` it will take, and why in words."""

    text: str
    position: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to use a tenant that is in memory, until it is given back.

    `cold` says that it was loaded for this lease, `waited` how many seconds passed since the wish; `note` says in
    words what is amiss with it just now, such as that a part of it is slow ("" when nothing is).
    """

    id: str
    rung: Rung
    device: str = ""
    cold: bool = False
    waited: float = 0.0
    evicted: tuple[str, ...] = field(default=())
    note: str = ""
