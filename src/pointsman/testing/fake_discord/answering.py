"""The routes by which a bot answers interactions: the first answer within three seconds, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pointsman.testing.fake_discord import checks, world
from pointsman.testing.fake_discord import interaction as kinds
from pointsman.testing.fake_discord.interaction import Interaction
from pointsman.testing.fake_discord.posting import Posting
from pointsman.testing.fake_discord.refusals import malformed, refused, too_long
from pointsman.testing.fake_discord.routes import Answer, Route
from pointsman.testing.fake_discord.state import Asked, State
from pointsman.testing.fake_discord.world import Message

# Which answers an interaction may have.
FITTING: Final[Mapping[int, frozenset[int]]] = {
    kinds.COMMAND: frozenset({4, 5, 9}),
    kinds.COMPONENT: frozenset({4, 5, 6, 7, 9}),
    kinds.COMPLETION: frozenset({8}),
    kinds.FORM: frozenset({4, 5, 6, 7}),
}
ORIGINAL: Final = "@original"


class Answering:
    """What the bot says to interactions. Each handler raises Refused."""

    def __init__(self, state: State, posting: Posting) -> None:
        self._state = state
        self._posting = posting

    @property
    def routes(self) -> tuple[Route, ...]:
        """The handlers by method and path; the token in the path is leave enough."""
        message = "/webhooks/{application}/{token}/messages/{message}"
        return (
            Route("POST", "/interactions/{interaction}/{token}/callback", self.answer, open=True),
            Route("POST", "/webhooks/{application}/{token}", self.follow, open=True),
            Route("GET", message, self.read, open=True),
            Route("PATCH", message, self.edit, open=True),
            Route("DELETE", message, self.delete, open=True),
        )

    def answer(self, asked: Asked) -> Answer:
        """The first answer."""
        it = self._state.interactions.get(asked.named["token"])
        now = self._state.there.clock()
        if it is None or it.id != asked.named["interaction"]:
            raise refused("unknown_interaction")
        if it.callback:
            raise refused("answered")
        if now - it.at > kinds.ANSWERABLE:
            raise refused("unknown_interaction")
        kind, data = int(asked.fields.get("type") or 0), asked.fields.get("data") or {}
        if kind not in FITTING[it.kind] or (kind in {6, 7} and it.source is None):
            raise malformed("type", "INTERACTION_APPLICATION_COMMAND_INVALID_CALLBACK", "Invalid callback type")
        self._take(it, kind, data, Asked(asked.named, asked.query, data, asked.files))
        it.callback, it.answered_at = kind, now
        self._state.watch.changed()
        return self._told(it) if asked.query.get("with_response") in {"1", "true"} else None

    def follow(self, asked: Asked) -> Answer:
        """A message that follows; the first one after a deferral takes the place of what was loading."""
        it = self._open(asked)
        if it.waiting and it.callback == kinds.DEFERRED and it.original is not None and not it.original.deleted:
            checks.not_empty(asked.fields, len(asked.files))
            it.waiting = False
            return self._state.shapes.message(self._posting.edit(it.original, asked))
        return self._state.shapes.message(self._say(it, asked))

    def read(self, asked: Asked) -> Answer:
        """One of its messages."""
        return self._state.shapes.message(self._message(asked))

    def edit(self, asked: Asked) -> Answer:
        """One of its messages changes."""
        message = self._message(asked)
        it = self._open(asked)
        edited = self._posting.edit(message, asked)
        it.waiting = it.waiting and message is not it.original
        return self._state.shapes.message(edited)

    def delete(self, asked: Asked) -> Answer:
        """One of its messages goes."""
        self._posting.delete(self._message(asked))
        return None

    def _take(self, it: Interaction, kind: int, data: Mapping[str, Any], asked: Asked) -> None:
        """Does what an answer says."""
        if kind == kinds.MESSAGE:
            it.original = self._say(it, asked)
        elif kind == kinds.DEFERRED:
            flags = world.LOADING | (int(data.get("flags") or 0) & world.EPHEMERAL)
            it.original = self._state.there.message(
                it.channel, self._state.me, "", flags=flags, interaction=self._about(it), **self._kind(it)
            )
            it.messages.append(self._posting.told(it.original))
            it.waiting = True
        elif kind == kinds.DEFERRED_UPDATE:
            it.original = it.source  # which need not change: nothing more has to come
        elif kind == kinds.UPDATE and it.source is not None:
            it.original = self._posting.edit(it.source, asked)
        elif kind == kinds.CHOICES:
            it.choices = offered(data)
        elif kind == kinds.MODAL:
            checks.modal(data)
            it.modal = dict(data)

    def _say(self, it: Interaction, asked: Asked) -> Message:
        """A message that answers; all of a deferred ephemeral answer are ephemeral only if they say so themselves."""
        message = self._posting.create(
            it.channel, asked, interaction=self._about(it), **{"replied_to": "", **self._kind(it)}
        )
        it.messages.append(message)
        it.waiting = False
        return message

    def _kind(self, it: Interaction) -> dict[str, Any]:
        if it.kind == kinds.COMMAND:
            return {"kind": world.BY_COMMAND if it.data.get("type", 1) == 1 else world.BY_MENU}
        return {"kind": world.REPLY, "replied_to": it.source.id} if it.source else {"kind": world.PLAIN}

    def _about(self, it: Interaction) -> dict[str, Any]:
        return {**it.metadata, "user": self._state.shapes.user(it.user)}

    def _told(self, it: Interaction) -> dict[str, Any]:
        """What is said of an answer that was taken."""
        told: dict[str, Any] = {"id": it.id, "type": it.kind}
        resource: dict[str, Any] = {"type": it.callback}
        if it.original is not None and it.callback != kinds.DEFERRED_UPDATE:
            told |= {
                "response_message_id": it.original.id,
                "response_message_loading": it.original.loading,
                "response_message_ephemeral": it.original.ephemeral,
            }
            if it.callback in {kinds.MESSAGE, kinds.DEFERRED, kinds.UPDATE}:
                resource["message"] = self._state.shapes.message(it.original)
        return {"interaction": told, "resource": resource}

    def _open(self, asked: Asked) -> Interaction:
        """The interaction of a token that is good for a quarter of an hour from its first answer."""
        it = self._state.interactions.get(asked.named["token"])
        if asked.named["application"] != self._state.me.id or it is None or not it.callback:
            raise refused("unknown_webhook")
        if self._state.there.clock() - it.at > kinds.OPEN:
            raise refused("expired")
        return it

    def _message(self, asked: Asked) -> Message:
        it, number = self._open(asked), asked.named["message"]
        message = it.original if number == ORIGINAL else self._state.there.messages.get(number)
        if message is None or message.deleted or (message is not it.original and message not in it.messages):
            raise refused("unknown_message")
        return message


def offered(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices of a completion. Raises Refused."""
    choices = data.get("choices") or []
    if len(choices) > 25:
        raise too_long("data.choices", 25)
    for number, choice in enumerate(choices):
        for key in ("name", "value"):
            if isinstance(choice.get(key), str) and not 1 <= len(choice[key]) <= 100:
                place = f"data.choices.{number}.{key}"
                raise malformed(place, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    return list(choices)
