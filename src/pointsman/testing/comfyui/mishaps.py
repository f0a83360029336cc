"""How the fake ComfyUI fails; set before or while it works."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Mishaps:
    """What goes wrong next; counts go down as it happens.

    `drop_socket_at` ends the connection of the prompt's client when an event of that kind is due, once for each entry.
    `refuse_sockets` connections are answered with 404, as by a proxy that knows no WebSocket. With `lose_events`
    nothing is told over the sockets. `out_of_memory` runs find the card full in the sampler. `fails_at` maps a class
    of nodes to the exception (type, message) of the next run. `hang` stops the sampler until it is interrupted, and
    with `deaf` even then. `pages` calls are answered with a page of a proxy, of the status `page_status`.
    `history_lags` looks at the history find nothing of what has ended. With `own_ids` it chooses the ids of prompts
    itself, as old versions do. `too_large` uploads are refused (413), as they are above a limit.
    """

    drop_socket_at: list[str] = field(default_factory=list)
    refuse_sockets: int = 0
    lose_events: bool = False
    out_of_memory: int = 0
    fails_at: dict[str, tuple[str, str]] = field(default_factory=dict)
    hang: bool = False
    deaf: bool = False
    pages: int = 0
    page_status: int = 502
    history_lags: int = 0
    own_ids: bool = False
    too_large: int = 0

    def take(self, name: str) -> bool:
        """Whether one that is counted is due; then it is one less."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
