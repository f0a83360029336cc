"""Messages as they are written, changed and taken back, by whomever, with everything that is checked."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any, Final

from pointsman.testing.fake_discord import checks, permissions, world
from pointsman.testing.fake_discord.refusals import malformed, refused
from pointsman.testing.fake_discord.state import Asked, State, Upload
from pointsman.testing.fake_discord.world import Channel, File, Message, User

KEPT: Final = world.EPHEMERAL | world.LAYOUT | (1 << 2) | (1 << 12)  # flags that a sender may set


class Posting:
    """Writes into a world, and has the gateway tell it."""

    def __init__(self, state: State) -> None:
        self._state = state

    def allowed(self, channel: Channel, user: User, body: Mapping[str, Any], files: int) -> None:
        """Checks that somebody may write this here. Raises Refused."""
        if channel.kind not in world.WRITABLE:
            raise refused("not_text")
        if channel.kind == world.DIRECT:
            if not all(it.reachable for it in channel.recipients):
                raise refused("closed")
            return
        need = ["send_messages_in_threads" if channel.is_thread else "send_messages"]
        need += ["attach_files"] if files else []
        need += ["embed_links"] if body.get("embeds") else []
        permissions.require(channel, user, *need)
        if channel.locked and not permissions.permitted(channel, user) & permissions.BITS["manage_threads"]:
            raise refused("archived")

    def create(self, channel: Channel, asked: Asked, **more: Any) -> Message:
        """A message of the bot; `more` as Message has it. Raises Refused."""
        body = asked.fields
        checks.message(body)
        files = self.uploads(channel, asked)
        checks.not_empty(body, len(files))
        if (again := self._said_before(channel, body)) is not None:
            return again
        more.setdefault("replied_to", self._replied(channel, body))
        if more["replied_to"]:
            more.setdefault("kind", world.REPLY)
        flags = (body.get("flags") or 0) & KEPT | more.pop("flags", 0)
        message = self._state.there.message(
            channel,
            self._state.me,
            body.get("content") or "",
            files=files,
            embeds=list(body.get("embeds") or ()),
            components=numbered(body.get("components") or ()),
            nonce=None if body.get("nonce") is None else str(body["nonce"]),
            flags=flags,
            pinged=self.pinged(channel, body, more["replied_to"]),
            **more,
        )
        self.told(message)
        return message

    def told(self, message: Message) -> Message:
        """Has a new message told."""
        message.channel.archived = False
        self._state.gateway.tell_message("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, asked: Asked) -> Message:
        """Changes what a body names, and nothing else. Raises Refused."""
        body = asked.fields
        checks.message({**body, "flags": (body.get("flags") or 0) | message.flags})
        files = self._kept(message, body) + self.uploads(message.channel, asked)
        checks.no_files_beyond(len(files))
        after: dict[str, Any] = {
            "content": message.content,
            "embeds": message.embeds,
            "components": message.components,
            **{key: value or "" for key, value in body.items() if key in {"content", "embeds", "components"}},
        }
        checks.not_empty(after, len(files))
        message.content, message.files = str(after["content"]), files
        message.embeds, message.components = list(after["embeds"] or ()), numbered(after["components"] or ())
        message.flags = message.flags & ~world.LOADING | (body.get("flags") or 0) & world.LAYOUT
        return self.changed(message)

    def changed(self, message: Message) -> Message:
        """Notes and tells how a message looks now."""
        message.edited = self._state.there.now()
        message.keep(self._state.there.clock())
        self._state.gateway.tell_message("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        """Takes a message away."""
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        channel = message.channel
        data = {"id": message.id, "channel_id": channel.id}
        guild = channel.guild.id if channel.guild else None
        if not message.ephemeral and (guild is None or self._state.shapes.visible(channel)):
            shape = {**data, "guild_id": guild} if guild else data
            self._state.gateway.tell("MESSAGE_DELETE", shape, guild)
        self._state.watch.changed()

    def uploads(self, channel: Channel, asked: Asked) -> list[File]:
        """Keeps the files of a request. Raises Refused."""
        if any(len(it.data) > self._state.upload_limit for it in asked.files.values()):
            raise refused("too_large")
        described = {str(it.get("id")): it for it in asked.fields.get("attachments") or ()}
        checks.no_files_beyond(len(asked.files))
        return [
            self._keep(channel, upload, described.get(key, {}))
            for key, upload in sorted(asked.files.items(), key=lambda it: it[0])
        ]

    def pinged(self, channel: Channel, body: Mapping[str, Any], replied_to: str) -> tuple[str, ...]:
        """Whom a message of the bot's rings for, as its allowed mentions say; without such, everybody it names."""
        content, allowed = str(body.get("content") or ""), body.get("allowed_mentions")
        parse = allowed.get("parse", []) if allowed is not None else ["users", "everyone"]
        listed = [str(it) for it in allowed.get("users", [])] if allowed is not None else []
        named = [it.id for it in self._state.there.users.values() if it.mention in content]
        rung = [it for it in named if "users" in parse or it in listed]
        if replied_to and (allowed is None or allowed.get("replied_user")):
            rung.append(self._state.there.messages[replied_to].author.id)
        everyone = permissions.permitted(channel, self._state.me) & permissions.BITS["mention_everyone"]
        if everyone and "everyone" in parse and ("@everyone" in content or "@here" in content):
            rung.append("everyone")
        return tuple(dict.fromkeys(rung))

    def _keep(self, channel: Channel, upload: Upload, described: Mapping[str, Any]) -> File:
        name = str(described.get("filename") or upload.name)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        return self._state.there.file(channel, name, upload.data, kind, described.get("description"))

    def _kept(self, message: Message, body: Mapping[str, Any]) -> list[File]:
        """Which of a message's files stay: all, unless the body has a list of those that do."""
        if body.get("attachments") is None:
            return [] if "attachments" in body else list(message.files)
        wanted = {str(it.get("id")) for it in body["attachments"]}
        return [it for it in message.files if it.id in wanted]

    def _said_before(self, channel: Channel, body: Mapping[str, Any]) -> Message | None:
        """The message that was sent with the same nonce, where the sender wants it once only."""
        nonce = body.get("nonce")
        if nonce is None or not body.get("enforce_nonce"):
            return None
        sent = (it for it in channel.messages.values() if it.author is self._state.me and it.nonce == str(nonce))
        return next(sent, None)

    def _replied(self, channel: Channel, body: Mapping[str, Any]) -> str:
        """The id of the message that is replied to, which has to be there. Raises Refused."""
        reference = body.get("message_reference")
        if not reference:
            return ""
        number = str(reference.get("message_id"))
        origin = self._state.there.messages.get(number)
        if origin is None or origin.deleted or origin.channel is not channel:
            if reference.get("fail_if_not_exists", True):
                raise malformed("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            return ""
        if not permissions.permitted(channel, self._state.me) & permissions.BITS["read_message_history"]:
            raise refused("no_history")
        return number


def numbered(components: Any) -> list[dict[str, Any]]:
    """Components with the numbers that Discord gives those that have none."""
    count = 0

    def one(it: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += 1
        shape = {**it, "id": it.get("id") or count}
        if "components" in it:
            shape["components"] = [one(inner) for inner in it["components"]]
        return shape

    return [one(it) for it in components]
