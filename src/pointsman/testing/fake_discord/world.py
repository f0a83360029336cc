"""What there is on the fake Discord: people, servers with channels and roles, messages and their files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.core.ports import Clock

EPOCH: Final = 1_420_070_400_000  # Discord's ids count milliseconds from here
TEXT, DIRECT, VOICE, CATEGORY, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 2, 4, 11, 12, 15
THREADS: Final = frozenset({10, PUBLIC_THREAD, PRIVATE_THREAD})
WRITABLE: Final = frozenset({TEXT, DIRECT, VOICE, 5, *THREADS})
EPHEMERAL, LOADING, LAYOUT = 1 << 6, 1 << 7, 1 << 15
PLAIN, REPLY, BY_COMMAND, THREAD_STARTER, BY_MENU = 0, 19, 20, 21, 23


@dataclass(slots=True, eq=False)
class User:
    """Somebody; `reachable` is False where he takes no direct messages."""

    id: str
    name: str
    bot: bool = False
    reachable: bool = True

    @property
    def mention(self) -> str:
        """How a text names him."""
        return f"<@{self.id}>"


@dataclass(slots=True, eq=False)
class Role:
    """What its bearers may do: a sum of permissions."""

    id: str
    name: str
    permissions: int
    position: int = 1


@dataclass(slots=True, eq=False)
class Member:
    """Somebody in a server."""

    user: User
    joined: float
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None


@dataclass(slots=True, eq=False)
class Overwrite:
    """What is different for a role (0) or a member (1) in one channel."""

    id: str
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Guild:
    """A server; the role of everybody has its own id."""

    id: str
    name: str
    owner: User
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, a direct conversation, a forum or a thread; threads and forum posts have a `parent`."""

    id: str
    kind: int
    name: str
    guild: Guild | None = None
    parent: Channel | None = None
    owner: User | None = None
    recipients: tuple[User, ...] = ()
    nsfw: bool = False
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    made: float = 0.0

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread or a forum post."""
        return self.kind in THREADS

    @property
    def ruling(self) -> Channel:
        """The channel whose overwrites hold here."""
        return self.parent if self.is_thread and self.parent else self


@dataclass(slots=True, eq=False)
class File:
    """What was uploaded, byte by byte."""

    id: str
    name: str
    data: bytes
    kind: str
    place: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """How a message looked from a moment on."""

    at: float
    content: str
    files: tuple[str, ...]
    components: bool


@dataclass(slots=True, eq=False)
class Message:
    """A message with all that it ever said; `at` and the rest are of the fake's clock, `made` of the calendar."""

    id: str
    channel: Channel
    author: User
    content: str
    at: float
    made: float
    kind: int = PLAIN
    flags: int = 0
    edited: float | None = None
    deleted: bool = False
    files: list[File] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    replied_to: str = ""
    nonce: str | None = None
    # What Discord says of the interaction that it answers, and that one's id.
    interaction: dict[str, Any] | None = None
    thread: Channel | None = None
    reactions: dict[str, set[str]] = field(default_factory=dict)
    # Whom it rang for: ids of users, and "everyone".
    pinged: tuple[str, ...] = ()
    revisions: list[Revision] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it only says that somebody is thinking."""
        return bool(self.flags & LOADING)

    def first(self, meets: Callable[[Revision], bool]) -> float | None:
        """When it first looked like this; None where it never did."""
        return next((it.at for it in self.revisions if meets(it)), None)

    def keep(self, at: float) -> None:
        """Notes how it looks now."""
        files = tuple(it.name for it in self.files)
        self.revisions.append(Revision(at, self.content, files, bool(self.components)))


class World:
    """All of it, with ids that grow; `clock` measures, `now` is the calendar's time in seconds."""

    def __init__(self, *, clock: Clock, now: Clock) -> None:
        self.clock = clock
        self.now = now
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.files: dict[str, File] = {}
        self.replies: dict[str, list[Message]] = {}
        self._last = 0
        self.me = self.user("pointsman", bot=True)

    def id(self) -> str:
        """A new id, greater than all others."""
        self._last = max(self._last + 1, (int(self.now() * 1000) - EPOCH) << 22)
        return str(self._last)

    def user(self, name: str, *, bot: bool = False) -> User:
        """Somebody new."""
        user = User(self.id(), name, bot)
        self.users[user.id] = user
        return user

    def guild(self, name: str, everyone: int, mine: int) -> Guild:
        """A new server with the bot in it: what everybody may do, and what the bot's role may."""
        guild = Guild(self.id(), name, self.user(f"owner of {name}"))
        guild.roles[guild.id] = Role(guild.id, "@everyone", everyone, 0)
        role = Role(self.id(), self.me.name, mine)
        guild.roles[role.id] = role
        self.guilds[guild.id] = guild
        self.join(guild, guild.owner)
        self.join(guild, self.me, role)
        return guild

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        """Somebody comes into a server."""
        member = guild.members[user.id] = Member(user, self.now(), list(roles))
        return member

    def channel(self, guild: Guild | None, name: str, kind: int = TEXT, **more: Any) -> Channel:
        """A new channel, thread or direct conversation."""
        channel = Channel(self.id(), kind, name, guild, made=self.now(), **more)
        return self.keep(channel)

    def keep(self, channel: Channel) -> Channel:
        """Puts a channel where it is found."""
        self.channels[channel.id] = channel
        if channel.guild:
            channel.guild.channels[channel.id] = channel
        return channel

    def direct(self, user: User) -> Channel:
        """The direct conversation of somebody with the bot."""
        for channel in self.channels.values():
            if channel.kind == DIRECT and user in channel.recipients:
                return channel
        return self.channel(None, "", DIRECT, recipients=(user,))

    def message(self, channel: Channel, author: User, content: str, **more: Any) -> Message:
        """A new message; those that only one person sees are not in the channel."""
        message = Message(more.pop("id", None) or self.id(), channel, author, content, self.clock(), self.now(), **more)
        message.keep(message.at)
        self.messages[message.id] = message
        if message.replied_to:
            self.replies.setdefault(message.replied_to, []).append(message)
        if not message.ephemeral:
            channel.messages[message.id] = message
        return message

    def file(self, channel: Channel, name: str, data: bytes, kind: str, description: str | None = None) -> File:
        """Keeps what was uploaded."""
        number = self.id()
        file = File(number, name, data, kind, f"attachments/{channel.id}/{number}/{name}", description)
        self.files[file.place] = file
        return file

    def by_me(self) -> Iterator[Message]:
        """The bot's messages, those that were deleted, too, in order."""
        return (it for it in self.messages.values() if it.author is self.me)

    def iso(self, at: float | None) -> str | None:
        """A time as Discord writes it."""
        return None if at is None else dt.datetime.fromtimestamp(at, dt.UTC).isoformat()


def newest(messages: Iterable[Message], most: int, meets: Callable[[int], bool]) -> list[Message]:
    """The last messages whose id meets something, newest first."""
    return sorted((it for it in messages if meets(int(it.id))), key=lambda it: -int(it.id))[:most]
