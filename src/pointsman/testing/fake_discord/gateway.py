"""The gateway: WebSockets that clients identify at, beat on, lose, and resume."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSMsgType, web

from pointsman.testing.fake_discord import intents
from pointsman.testing.fake_discord.session import (
    ACK,
    CHUNKS,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID,
    NORMAL,
    RECONNECT,
    RESUME,
    UNNOTICED,
    Connection,
    Session,
)
from pointsman.testing.fake_discord.shapes import Shapes
from pointsman.testing.fake_discord.watch import Watch
from pointsman.testing.fake_discord.world import Message, World

BEAT: Final = 41_250  # milliseconds
MOST_SENT: Final = 120  # in a minute, which is for longer than any test
UNKNOWN_OP, NOT_JSON, NOT_IDENTIFIED, BAD_TOKEN, TWICE, BAD_SEQUENCE, TOO_OFTEN = (
    4001,
    4002,
    4003,
    4004,
    4005,
    4007,
    4008,
)
BAD_SHARD, BAD_INTENTS, NO_LEAVE = 4010, 4013, 4014


class Gateway:
    """Tells clients what happens; the test can cut, end and silence connections, and hold new ones at the door."""

    def __init__(self, there: World, shapes: Shapes, watch: Watch, *, token: str, granted: frozenset[str]) -> None:
        self.url = ""
        self.granted = granted
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.identified = 0
        self.resumed = 0
        self.replayed = 0
        self.beats = 0
        self.refused: list[int] = []
        self.beat = BEAT
        self._there = there
        self._shapes = shapes
        self._watch = watch
        self._token = token
        self._door = asyncio.Event()
        self._door.set()

    # --- what tests do

    def drop(self) -> None:
        """Cuts every connection without a word; the sessions can be resumed."""
        for connection in list(self.connections):
            self._leave(connection)
            connection.abort()

    def reconnect(self) -> None:
        """Asks every client to come again (op 7), as Discord does every few hours."""
        for connection in self.connections:
            connection.send(RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tells every client that its session is over (op 9), or to try and resume it."""
        for connection in self.connections:
            if connection.session is not None:
                connection.session.resumable = resumable
            connection.send(INVALID, resumable)

    def close(self, code: int) -> None:
        """Ends every connection with a code."""
        for connection in self.connections:
            connection.close(code)

    def fall_silent(self) -> None:
        """Says no more on any connection, which stay open: the client has to notice that they are dead."""
        for connection in self.connections:
            connection.silent = True

    def hold(self) -> None:
        """Lets nobody in until `let_in`: connections are made, and hear nothing."""
        self._door.clear()

    def let_in(self) -> None:
        """Lets those in who wait."""
        self._door.set()

    # --- what the fake tells

    def tell(self, event: str, data: Mapping[str, Any], guild: str | None) -> None:
        """Tells an event to every session that it concerns, and that asked for such."""
        need = intents.needed(event, direct=guild is None)
        for session in self.sessions.values():
            if session.concerns(guild) and (not need or session.intents & need):
                session.tell(event, data)
        self._watch.changed()

    def tell_message(self, event: str, message: Message) -> None:
        """Tells a message, or its change, with as much of it as each client may read."""
        channel = message.channel
        if message.ephemeral or (channel.guild and not self._shapes.visible(channel)):
            self._watch.changed()
            return
        shape = self._shapes.told(message)
        hidden = intents.without_content(shape, self._there.me.id)
        guild = channel.guild.id if channel.guild else None
        need = intents.needed(event, direct=guild is None)
        for session in self.sessions.values():
            if session.concerns(guild) and session.intents & need:
                session.tell(event, shape if session.intents & intents.CONTENT else hidden)
        self._watch.changed()

    # --- a connection

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, until it ends."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await self._door.wait()
        connection = Connection(request, socket)
        self.connections.append(connection)
        connection.send(HELLO, {"heartbeat_interval": self.beat, "_trace": []})
        sent = 0
        try:
            async for said in socket:
                sent += 1
                if said.type is not WSMsgType.TEXT:
                    break
                refusal = TOO_OFTEN if sent > MOST_SENT else self._heard(connection, said.data)
                if refusal:
                    self.refused.append(refusal)
                    connection.close(refusal)
                self._watch.changed()
        finally:
            self._leave(connection, over=socket.close_code in NORMAL and not connection.closing)
            connection.writer.cancel()
            with suppress(asyncio.CancelledError):
                await connection.writer
            self._watch.changed()
        return socket

    def _heard(self, connection: Connection, text: str) -> int:
        """Does what a client asks; the code that it is sent away with, or 0."""
        try:
            said = json.loads(text)
            op, data = said["op"], said.get("d")
        except (ValueError, KeyError, TypeError):
            return NOT_JSON
        if op == HEARTBEAT:
            self.beats += 1
            connection.send(ACK)
            return 0
        if op == IDENTIFY:
            return self._identify(connection, data)
        if op == RESUME:
            return self._resume(connection, data)
        if connection.session is None:
            return NOT_IDENTIFIED
        if op == CHUNKS:
            self._members(connection.session, data)
            return 0
        return 0 if op in UNNOTICED else UNKNOWN_OP

    def _identify(self, connection: Connection, data: Mapping[str, Any]) -> int:
        number, count = data.get("shard") or (0, 1)
        wanted = data.get("intents")
        if connection.session is not None:
            return TWICE
        if data.get("token") != self._token:
            return BAD_TOKEN
        if not 0 <= number < count:
            return BAD_SHARD
        if not isinstance(wanted, int) or wanted & ~intents.KNOWN:
            return BAD_INTENTS
        if intents.unasked(wanted, self.granted):
            return NO_LEAVE
        session = Session(uuid.uuid4().hex, wanted, (number, count))
        session.connection, connection.session = connection, session
        self.sessions[session.id] = session
        self.identified += 1
        guilds = [it for it in self._there.guilds.values() if session.concerns(it.id)]
        session.tell("READY", self._ready(session, [it.id for it in guilds]))
        if wanted & intents.GUILDS:
            for guild in guilds:
                session.tell("GUILD_CREATE", self._shapes.guild(guild, everybody=bool(wanted & intents.MEMBERS)))
        return 0

    def _ready(self, session: Session, guilds: list[str]) -> dict[str, Any]:
        me = self._there.me.id
        return {
            "v": 10,
            "user": self._shapes.me(),
            "guilds": [{"id": it, "unavailable": True} for it in guilds],
            "private_channels": [],
            "relationships": [],
            "user_settings": {},
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": me, "flags": intents.flags(self.granted)},
        }

    def _resume(self, connection: Connection, data: Mapping[str, Any]) -> int:
        session = self.sessions.get(str(data.get("session_id")))
        if data.get("token") != self._token:
            return BAD_TOKEN
        if session is None or not session.resumable:
            connection.send(INVALID, data=False)
            return 0
        seen = data.get("seq")
        if not isinstance(seen, int) or seen > session.sequence:
            return BAD_SEQUENCE
        if session.connection is not None:
            session.connection.abort()
        self.replayed += session.again(connection, seen)
        self.resumed += 1
        return 0

    def _members(self, session: Session, data: Mapping[str, Any]) -> None:
        guild = self._there.guilds[str(data["guild_id"])]
        wanted, start = data.get("user_ids"), str(data.get("query") or "").lower()
        ids = [str(it) for it in wanted] if isinstance(wanted, list) else [str(wanted)] if wanted else None
        members = [
            it
            for it in guild.members.values()
            if (it.user.id in ids if ids is not None else it.user.name.lower().startswith(start))
        ]
        told = {"guild_id": guild.id, "members": [self._shapes.member(it) for it in members], "not_found": []}
        session.tell("GUILD_MEMBERS_CHUNK", {**told, "chunk_index": 0, "chunk_count": 1, "nonce": data.get("nonce")})

    def _leave(self, connection: Connection, *, over: bool = False) -> None:
        """A connection is gone; its session is `over` where the client said goodbye."""
        if connection in self.connections:
            self.connections.remove(connection)
        session, connection.session = connection.session, None
        if session is not None and session.connection is connection:
            session.connection = None
            if over:
                del self.sessions[session.id]
