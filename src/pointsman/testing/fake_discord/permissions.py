"""Who may do what in which channel, as Discord adds it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pointsman.testing.fake_discord.refusals import refused
from pointsman.testing.fake_discord.world import Channel, Guild, Overwrite, User

BITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        name: 1 << place
        for name, place in {
            "administrator": 3,
            "manage_channels": 4,
            "manage_guild": 5,
            "add_reactions": 6,
            "view_channel": 10,
            "send_messages": 11,
            "manage_messages": 13,
            "embed_links": 14,
            "attach_files": 15,
            "read_message_history": 16,
            "mention_everyone": 17,
            "use_application_commands": 31,
            "manage_threads": 34,
            "create_public_threads": 35,
            "create_private_threads": 36,
            "send_messages_in_threads": 38,
        }.items()
    }
)
ALL: Final = (1 << 53) - 1
# What a new server allows everybody, as far as a bot has to do with it.
USUAL: Final = sum(BITS[it] for it in BITS if not it.startswith(("admin", "manage", "mention")))


def bits(names: Iterable[str]) -> int:
    """The sum of permissions by their names. Raises KeyError."""
    return sum(BITS[it] for it in set(names))


def in_guild(guild: Guild, user: User) -> int:
    """What somebody may do anywhere in a server."""
    if guild.owner is user:
        return ALL
    allowed = guild.roles[guild.id].permissions
    for role in guild.members[user.id].roles:
        allowed |= role.permissions
    return ALL if allowed & BITS["administrator"] else allowed


def permitted(channel: Channel, user: User) -> int:
    """What somebody may do in a channel."""
    if channel.guild is None:
        return USUAL
    if user.id not in channel.guild.members:
        return 0
    allowed = in_guild(channel.guild, user)
    if allowed == ALL:
        return ALL
    overwrites = channel.ruling.overwrites
    allowed = changed(allowed, [overwrites[it] for it in (channel.guild.id,) if it in overwrites])
    roles = [role.id for role in channel.guild.members[user.id].roles]
    allowed = changed(allowed, [overwrites[it] for it in roles if it in overwrites])
    return changed(allowed, [overwrites[it] for it in (user.id,) if it in overwrites])


def changed(allowed: int, overwrites: Iterable[Overwrite]) -> int:
    """What is allowed after overwrites of one rank: all that they deny goes first."""
    for it in (them := list(overwrites)):
        allowed &= ~it.deny
    for it in them:
        allowed |= it.allow
    return allowed


def require(channel: Channel, user: User, *names: str) -> None:
    """Nothing, where somebody may do all of this. Raises Refused."""
    allowed = permitted(channel, user)
    if not allowed & BITS["view_channel"]:
        raise refused("missing_access")
    if any(not allowed & BITS[name] for name in names):
        raise refused("missing_permissions")
