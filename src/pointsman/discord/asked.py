"""What the bot is asked, whichever way: by a message, a command or a button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord

from pointsman.core.message import Attachment, Command, Message, Origin
from pointsman.discord.gate import Visitor
from pointsman.discord.outlet import Following, Outlet, Written

if TYPE_CHECKING:
    from pointsman.discord.bot import Bot

SURFACE = "discord"


@dataclass(frozen=True)
class Ask:
    """One thing that somebody wants answered.

    `source` is the message that it came by, None for commands and buttons; `warnings` are told with the reply.
    `outlet.key` is what it is known by while it runs: the message's id, or the interaction's.
    """

    message: Message
    asker: discord.User | discord.Member
    visitor: Visitor
    outlet: Outlet
    source: discord.Message | None = None
    ephemeral: bool = False
    warnings: tuple[str, ...] = field(default=())

    @property
    def key(self) -> int:
        """What it is known by while it runs."""
        return self.outlet.key


@dataclass(frozen=True)
class Answered:
    """What became of it: the decision's id ("" where none was made) and the messages of the reply, in order.

    `model` answered in `seconds`, where the reply was completed.
    """

    decision_id: str = ""
    messages: Sequence[Written] = ()
    model: str = ""
    seconds: float = 0.0


def ask_by(
    bot: Bot,
    interaction: discord.Interaction[Any],
    text: str,
    command: Command | None = None,
    *,
    attachments: tuple[Attachment, ...] = (),
    ephemeral: bool = False,
    outlet: Outlet | None = None,
) -> Ask:
    """What somebody asks by a command or a button; `outlet` is where the reply goes, by default after the interaction.

    A private reply's origin is direct, as nobody reads along.
    """
    visitor = visitor_of(interaction.user, interaction.channel, interaction.guild)
    private = ephemeral and not visitor.direct
    origin = origin_of(visitor, session=str(interaction.id))
    if private:
        origin = Origin(SURFACE, origin.user, origin.channel, origin.session, direct=True, guild=origin.guild)
    message = Message(text, attachments=attachments, origin=origin, command=command)
    outlet = outlet or Following(interaction, ephemeral=ephemeral, clock=bot.clock)
    return Ask(message, interaction.user, visitor, outlet, ephemeral=ephemeral)


def visitor_of(user: discord.abc.User, channel: Any, guild: discord.Guild | None) -> Visitor:
    """Who it is and where, as the gate looks at it."""
    member = user if isinstance(user, discord.Member) else None
    thread = isinstance(channel, discord.Thread)
    parents = [getattr(channel, "parent_id", None) if thread else None, getattr(channel, "category_id", None)]
    permissions = permissions_in(channel, member)
    return Visitor(
        user=str(user.id),
        roles=frozenset(str(role.id) for role in member.roles) if member else frozenset(),
        guild=str(guild.id) if guild else "",
        channel=str(channel.id) if channel is not None else "",
        parents=tuple(str(it) for it in parents if it),
        direct=guild is None and not isinstance(channel, discord.abc.GuildChannel | discord.Thread),
        nsfw_channel=marked(channel),
        manages=permissions.manage_guild if permissions else False,
        bot=user.bot,
    )


def origin_of(visitor: Visitor, *, session: str) -> Origin:
    """Where a message came from, as Pointsman is told."""
    return Origin(SURFACE, visitor.user, visitor.channel, session, direct=visitor.direct, guild=visitor.guild)


def marked(channel: Any) -> bool:
    """Whether a channel is age-restricted; a thread is as its parent."""
    asked = getattr(channel, "is_nsfw", None)
    return bool(asked()) if asked is not None else False


def permissions_in(channel: Any, member: discord.Member | None) -> discord.Permissions | None:
    """What a member may do where he writes; None where that cannot be known."""
    if member is None:
        return None
    try:
        found: discord.Permissions = channel.permissions_for(member)
    except (AttributeError, discord.ClientException):  # a thread whose parent is not known, a partial channel
        return member.guild_permissions
    return found
