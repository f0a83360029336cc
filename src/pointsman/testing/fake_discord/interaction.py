"""A command, a press, a form or a half-written option, and what the bot made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.testing.fake_discord.world import Channel, Message, User

COMMAND, COMPONENT, COMPLETION, FORM = 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ANSWERABLE: Final = 3.0  # seconds
OPEN: Final = 900.0


@dataclass(slots=True, eq=False)
class Interaction:
    """What somebody did; `callback` is how the bot answered (0 for not yet), `original` the message it answered with.

    `messages` are all that came of it, `choices` what was offered for completion, `modal` the form that was shown,
    `waiting` says that the bot deferred and has not said anything since.
    """

    id: str
    token: str
    kind: int
    user: User
    channel: Channel
    at: float
    data: dict[str, Any]
    source: Message | None = None
    callback: int = 0
    answered_at: float | None = None
    original: Message | None = None
    waiting: bool = False
    messages: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] | None = None
    modal: dict[str, Any] | None = None

    @property
    def said(self) -> list[str]:
        """What the messages that came of it say now, those that still load or are deleted left out."""
        return [it.content for it in self.messages if not it.deleted and not it.loading]

    @property
    def metadata(self) -> dict[str, Any]:
        """How a message tells what it answers, but for the user."""
        return {"id": self.id, "type": self.kind, "authorizing_integration_owners": {}}
