"""How everything on the fake Discord looks in JSON, with all the fields that clients rely on."""

from __future__ import annotations

from typing import Any

from pointsman.testing.fake_discord import permissions, world
from pointsman.testing.fake_discord.pictures import size_of
from pointsman.testing.fake_discord.world import Channel, File, Guild, Member, Message, Role, User, World


class Shapes:
    """Writes a world down; `cdn` is where its files are served."""

    def __init__(self, there: World, cdn: str) -> None:
        self._there = there
        self.cdn = cdn

    def user(self, user: User) -> dict[str, Any]:
        """A user, as everybody sees him."""
        return {
            "id": user.id,
            "username": user.name.lower(),
            "discriminator": "0000" if user.bot else "0",
            "global_name": None if user.bot else user.name,
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "bot": user.bot,
            "public_flags": 0,
        }

    def me(self) -> dict[str, Any]:
        """The bot, as it sees itself."""
        return {
            **self.user(self._there.me),
            "verified": True,
            "mfa_enabled": False,
            "locale": "en-US",
            "flags": 0,
            "email": None,
        }

    def role(self, role: Role) -> dict[str, Any]:
        """A role."""
        return {
            "id": role.id,
            "name": role.name,
            "permissions": str(role.permissions),
            "position": role.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }

    def member(self, member: Member, *, whole: bool = True) -> dict[str, Any]:
        """A member; not `whole` without the user, as in messages."""
        shape = {
            "roles": [it.id for it in member.roles],
            "nick": member.nick,
            "avatar": None,
            "joined_at": self._there.iso(member.joined),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return {**shape, "user": self.user(member.user)} if whole else shape

    def channel(self, channel: Channel) -> dict[str, Any]:
        """A channel of any kind."""
        last = next(reversed(channel.messages), None)
        shape: dict[str, Any] = {
            "id": channel.id,
            "type": channel.kind,
            "last_message_id": last,
            "flags": 0,
        }
        if channel.kind == world.DIRECT:
            return {**shape, "recipients": [self.user(it) for it in channel.recipients]}
        shape |= {
            "guild_id": channel.guild.id if channel.guild else None,
            "name": channel.name,
            "parent_id": channel.parent.id if channel.parent else None,
            "rate_limit_per_user": 0,
        }
        if channel.is_thread:
            return {**shape, **self._thread(channel)}
        shape |= {
            "position": 0,
            "nsfw": channel.nsfw,
            "topic": None,
            "permission_overwrites": [
                {"id": it.id, "type": it.kind, "allow": str(it.allow), "deny": str(it.deny)}
                for it in channel.overwrites.values()
            ],
        }
        if channel.kind == world.VOICE:
            shape |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
        if channel.kind == world.FORUM:
            shape |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
            shape |= {"default_forum_layout": 0, "default_auto_archive_duration": 1440}
        return shape

    def guild(self, guild: Guild, *, everybody: bool) -> dict[str, Any]:
        """A server as GUILD_CREATE tells it, with `everybody` in it, or the bot alone."""
        members = guild.members.values() if everybody else [guild.members[self._there.me.id]]
        channels = guild.channels.values()  # a bot is told of those, too, that it may not see
        return {
            "id": guild.id,
            "name": guild.name,
            "owner_id": guild.owner.id,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "vanity_url_code": None,
            "features": [],
            "roles": [self.role(it) for it in guild.roles.values()],
            "emojis": [],
            "stickers": [],
            "large": False,
            "unavailable": False,
            "joined_at": self._there.iso(guild.members[self._there.me.id].joined),
            "member_count": len(guild.members),
            "members": [self.member(it) for it in members],
            "channels": [self.channel(it) for it in channels if not it.is_thread],
            "threads": [self.channel(it) for it in channels if it.is_thread and not it.archived and self.visible(it)],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def visible(self, channel: Channel) -> bool:
        """Whether the bot sees a channel."""
        return bool(permissions.permitted(channel, self._there.me) & permissions.BITS["view_channel"])

    def file(self, file: File) -> dict[str, Any]:
        """An attachment."""
        url = f"{self.cdn}/{file.place}?ex=7fffffff&is=0&hm=0"
        shape = {
            "id": file.id,
            "filename": file.name,
            "size": len(file.data),
            "url": url,
            "proxy_url": url,
            "content_type": file.kind,
            "flags": 0,
        }
        if file.description:
            shape["description"] = file.description
        if size := size_of(file.data):
            shape["width"], shape["height"] = size
        return shape

    def message(self, message: Message, *, nested: bool = False) -> dict[str, Any]:
        """A message as the REST interface tells it; one that is `nested` in another has no reference of its own."""
        named = self._named(message)
        shape: dict[str, Any] = {
            "id": message.id,
            "channel_id": message.channel.id,
            "type": message.kind,
            "content": message.content,
            "author": self.user(message.author),
            "timestamp": self._there.iso(message.made),
            "edited_timestamp": self._there.iso(message.edited),
            "tts": False,
            "mention_everyone": False,
            "mentions": [self.user(it) for it in named],
            "mention_roles": [],
            "attachments": [self.file(it) for it in message.files],
            "embeds": message.embeds,
            "components": message.components,
            "pinned": False,
            "flags": message.flags,
        }
        if message.nonce is not None:
            shape["nonce"] = message.nonce
        if message.reactions:
            shape["reactions"] = [self._reaction(emoji, who) for emoji, who in message.reactions.items()]
        if message.interaction is not None:
            shape["interaction_metadata"] = message.interaction
            shape["application_id"] = shape["webhook_id"] = self._there.me.id
        if message.thread is not None:
            shape["thread"] = self.channel(message.thread)
        if message.replied_to:
            shape["message_reference"] = self._reference(message)
            if not nested:
                origin = self._there.messages.get(message.replied_to)
                gone = origin is None or origin.deleted
                shape["referenced_message"] = None if gone or origin is None else self.message(origin, nested=True)
        return shape

    def told(self, message: Message) -> dict[str, Any]:
        """A message as the gateway tells it: with the server, and who wrote it as its member."""
        shape = self.message(message)
        if guild := message.channel.guild:
            shape["guild_id"] = guild.id
            if (member := guild.members.get(message.author.id)) is not None:
                shape["member"] = self.member(member, whole=False)
        return shape

    def _thread(self, thread: Channel) -> dict[str, Any]:
        return {
            "owner_id": (thread.owner or self._there.me).id,
            "message_count": len(thread.messages),
            "member_count": 1,
            "total_message_sent": len(thread.messages),
            "applied_tags": [],
            "thread_metadata": {
                "archived": thread.archived,
                "auto_archive_duration": 1440,
                "archive_timestamp": self._there.iso(thread.made),
                "create_timestamp": self._there.iso(thread.made),
                "locked": thread.locked,
            },
        }

    def _reference(self, message: Message) -> dict[str, Any]:
        origin = self._there.messages.get(message.replied_to)
        channel = origin.channel if origin else message.channel
        shape = {"type": 0, "message_id": message.replied_to, "channel_id": channel.id}
        return {**shape, "guild_id": channel.guild.id} if channel.guild else shape

    def _reaction(self, emoji: str, who: set[str]) -> dict[str, Any]:
        me = self._there.me.id in who
        counts = {"burst": 0, "normal": len(who)}
        shape = {"emoji": {"id": None, "name": emoji}, "count": len(who), "count_details": counts}
        return {**shape, "me": me, "me_burst": False, "burst_colors": []}

    def _named(self, message: Message) -> list[User]:
        """Whom a message names, and whom it replies to."""
        named = [it for it in self._there.users.values() if it.mention in message.content]
        origin = self._there.messages.get(message.replied_to)
        if origin is not None and message.author is not self._there.me and origin.author not in named:
            named.append(origin.author)
        return named
