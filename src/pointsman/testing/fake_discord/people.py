"""What people do on the fake Discord: talk, change their minds, use commands, press buttons, fill in forms."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.testing.fake_discord import checks, commands, permissions, world
from pointsman.testing.fake_discord import interaction as kinds
from pointsman.testing.fake_discord.interaction import Interaction
from pointsman.testing.fake_discord.posting import Posting
from pointsman.testing.fake_discord.state import State
from pointsman.testing.fake_discord.world import Channel, Message, User

MENU_OF_MESSAGES: Final = 3


class Person:
    """Somebody who uses Discord; what he does is told to the bot at once. `where` is a channel, or None for direct."""

    def __init__(self, state: State, posting: Posting, user: User) -> None:
        self.user = user
        self.id = user.id
        self.name = user.name
        self._state = state
        self._posting = posting

    def says(
        self,
        text: str,
        where: Channel | None = None,
        *,
        reply_to: Message | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> Message:
        """Writes a message, with files by their names."""
        there = self._state.there
        channel = where or (reply_to.channel if reply_to else there.direct(self.user))
        kept = [there.file(channel, name, data, kind_of(name)) for name, data in (files or {}).items()]
        kind, origin = (world.REPLY, reply_to.id) if reply_to else (world.PLAIN, "")
        message = there.message(channel, self.user, text, files=kept, replied_to=origin, kind=kind)
        return self._posting.told(message)

    def asks(self, text: str, where: Channel, **more: Any) -> Message:
        """Writes to the bot, by its name."""
        return self.says(f"{self._state.me.mention} {text}", where, **more)

    def edits(self, message: Message, text: str) -> None:
        """Writes a message of his anew."""
        message.content = text
        self._posting.changed(message)

    def deletes(self, message: Message) -> None:
        """Takes a message away, his own or, as a moderator, another's."""
        self._posting.delete(message)

    def opens_thread(self, name: str, at: Channel | Message, *, private: bool = False) -> Channel:
        """Opens a thread in a channel, or at a message."""
        there = self._state.there
        parent = at.channel if isinstance(at, Message) else at
        kind = world.PRIVATE_THREAD if private else world.PUBLIC_THREAD
        number = at.id if isinstance(at, Message) else there.id()
        thread = there.keep(Channel(number, kind, name, parent.guild, parent, self.user, made=there.now()))
        if isinstance(at, Message):
            at.thread = thread
        shape = {**self._state.shapes.channel(thread), "newly_created": True}
        self._state.gateway.tell("THREAD_CREATE", shape, thread.guild.id if thread.guild else None)
        return thread

    def posts(self, forum: Channel, title: str, text: str) -> Message:
        """Opens a post in a forum; its first message has the post's own id."""
        post = self.opens_thread(title, forum)
        return self._posting.told(self._state.there.message(post, self.user, text, id=post.id))

    # --- commands

    def uses(self, words: str, where: Channel | None = None, **options: Any) -> Interaction:
        """Uses a command such as "draw" or "memory list"; files are given as (name, bytes), people as Person."""
        data, resolved = self._command(words, where, options)
        return self._does(kinds.COMMAND, where, {**data, **({"resolved": resolved} if resolved else {})})

    def uses_on(self, name: str, message: Message) -> Interaction:
        """Uses a command from the menu of a message."""
        found, _ = commands.find(self._known(message.channel), name, MENU_OF_MESSAGES)
        resolved = {"messages": {message.id: self._state.shapes.message(message)}}
        data = {"id": found["id"], "name": name, "type": MENU_OF_MESSAGES, "target_id": message.id}
        return self._does(kinds.COMMAND, message.channel, {**data, "resolved": resolved})

    def completes(self, words: str, option: str, typed: str, where: Channel | None = None, **more: Any) -> Interaction:
        """Has typed a part of an option, and looks what is offered."""
        data, _ = self._command(words, where, {**more, option: typed}, focused=option)
        return self._does(kinds.COMPLETION, where, data)

    # --- buttons, menus, forms

    def presses(self, message: Message, which: str) -> Interaction:
        """Presses the button with this label, or this emoji or id. Raises LookupError where he cannot."""
        button = self._component(message, (checks.BUTTON,), which)
        data = {"component_type": checks.BUTTON, "custom_id": button["custom_id"], "id": button.get("id", 0)}
        return self._does(kinds.COMPONENT, message.channel, data, message)

    def chooses(self, message: Message, values: Sequence[str], which: str = "") -> Interaction:
        """Chooses in a menu: the one with this id, or the first. Raises LookupError where he cannot."""
        menu = self._component(message, checks.SELECTS, which)
        offered = {it["value"] for it in menu.get("options", ())}
        if offered and not set(values) <= offered:
            raise LookupError(f"{sorted(offered)} are offered, not {list(values)}")
        data = {"component_type": menu["type"], "custom_id": menu["custom_id"], "id": menu.get("id", 0)}
        return self._does(kinds.COMPONENT, message.channel, {**data, "values": list(values)}, message)

    def submits(self, shown: Interaction, values: Mapping[str, str]) -> Interaction:
        """Sends the form that he was shown, with other values for the fields of these ids or labels."""
        if shown.modal is None:
            raise LookupError("no form was shown")
        rows = [filled(it, values) for it in shown.modal["components"]]
        data = {"custom_id": shown.modal["custom_id"], "components": rows, "resolved": {}}
        return self._does(kinds.FORM, shown.channel, data, shown.source)

    # --- how it is told

    def _component(self, message: Message, wanted: Sequence[int], which: str) -> Mapping[str, Any]:
        there = [it for _, it in checks.walked(message.components) if it.get("type") in wanted]
        for it in there:
            names = (it.get("label"), (it.get("emoji") or {}).get("name"), it.get("custom_id"))
            if (not which or which in names) and not it.get("disabled") and it.get("custom_id"):
                if message.deleted:
                    break
                return it
        shown = [it.get("label") or it.get("custom_id") for it in there]
        raise LookupError(f"{which!r} cannot be used on {message.content!r}, which has {shown}")

    def _known(self, where: Channel | None) -> list[dict[str, Any]]:
        guild = where.guild.id if where and where.guild else None
        declared = self._state.commands
        return [*declared.get("", ()), *(declared.get(guild, ()) if guild else ())]

    def _command(
        self, words: str, where: Channel | None, given: Mapping[str, Any], focused: str = ""
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What Discord says of a command that is used, and of what its options name."""
        found, path = commands.find(self._known(where), words)
        level: Mapping[str, Any] = found
        for name in path:
            level = next(it for it in level["options"] if it["name"] == name)
        declared = {it["name"]: it for it in level.get("options") or ()}
        if unknown := set(given) - set(declared):
            raise KeyError(f"/{words} has no {sorted(unknown)}, it has {sorted(declared)}")
        missing = [it["name"] for it in declared.values() if it.get("required") and it["name"] not in given]
        if missing and not focused:
            raise KeyError(f"/{words} needs {missing}")
        resolved: dict[str, Any] = {}
        told: list[dict[str, Any]] = []
        for name, value in given.items():
            option = declared[name]
            if (choices := option.get("choices")) and value not in [it["value"] for it in choices]:
                raise KeyError(f"/{words} {name} is one of {[it['value'] for it in choices]}")
            shape = {"name": name, "type": option["type"], "value": self._value(value, where, resolved)}
            told.append({**shape, "focused": True} if name == focused else shape)
        for name in reversed(path):
            kind = commands.SUB if name == path[-1] else commands.GROUP
            told = [{"name": name, "type": kind, "options": told}]
        return {"id": found["id"], "name": found["name"], "type": commands.SLASH, "options": told}, resolved

    def _value(self, value: Any, where: Channel | None, resolved: dict[str, Any]) -> Any:
        shapes = self._state.shapes
        if isinstance(value, Person):
            resolved.setdefault("users", {})[value.id] = shapes.user(value.user)
            return value.id
        if isinstance(value, Channel):
            resolved.setdefault("channels", {})[value.id] = {**shapes.channel(value), "permissions": "0"}
            return value.id
        if isinstance(value, tuple):
            name, data = value
            channel = where or self._state.there.direct(self.user)
            file = self._state.there.file(channel, name, data, kind_of(name))
            resolved.setdefault("attachments", {})[file.id] = shapes.file(file)
            return file.id
        return value

    def _does(
        self, kind: int, where: Channel | None, data: dict[str, Any], source: Message | None = None
    ) -> Interaction:
        state = self._state
        channel = where or state.there.direct(self.user)
        it = Interaction(
            state.there.id(), uuid.uuid4().hex, kind, self.user, channel, state.there.clock(), data, source
        )
        state.interactions[it.token] = it
        guild = channel.guild
        allowed = str(permissions.permitted(channel, state.me))
        shape: dict[str, Any] = {
            "id": it.id,
            "application_id": state.me.id,
            "type": kind,
            "token": it.token,
            "version": 1,
            "data": data,
            "channel": {**state.shapes.channel(channel), "permissions": str(permissions.permitted(channel, self.user))},
            "channel_id": channel.id,
            "app_permissions": allowed,
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": guild.id if guild else "0"},
            "context": 0 if guild else 1,
            "attachment_size_limit": state.upload_limit,
        }
        if guild:
            member = {**state.shapes.member(guild.members[self.id])}
            member["permissions"] = str(permissions.permitted(channel, self.user))
            shape |= {"guild_id": guild.id, "guild_locale": "en-US", "member": member}
            shape["guild"] = {"id": guild.id, "locale": "en-US", "features": []}
        else:
            shape["user"] = state.shapes.user(self.user)
        if source is not None:
            shape["message"] = state.shapes.message(source)
        state.gateway.tell("INTERACTION_CREATE", shape, guild.id if guild else None)
        return it


def filled(it: Mapping[str, Any], values: Mapping[str, str], label: str = "") -> dict[str, Any]:
    """A part of a form as it is sent: fields with their values, the new ones where there are such."""
    shape: dict[str, Any] = {"type": it["type"], "id": it.get("id", 0)}
    label = str(it.get("label") or label)
    if "components" in it:
        return {**shape, "components": [filled(one, values, label) for one in it["components"]]}
    if "component" in it:
        return {**shape, "component": filled(it["component"], values, label)}
    if "custom_id" not in it:
        return shape
    value = values.get(it["custom_id"], values.get(label, str(it.get("value") or "")))
    shape["custom_id"] = it["custom_id"]
    if it["type"] == checks.INPUT:
        if it.get("required", True) and not value:
            raise LookupError(f"{label or it['custom_id']} has to be filled in")
        if not (it.get("min_length") or 0) <= len(value) <= (it.get("max_length") or 4000):
            raise LookupError(f"{label or it['custom_id']} may not be so long or short")
        return {**shape, "value": value}
    chosen = [value] if value else [one["value"] for one in it.get("options", ()) if one.get("default")]
    return {**shape, "values": chosen}


def kind_of(name: str) -> str:
    """The type that a file's name tells."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
