"""What a bot needs of Discord's portal: its token, its intents, and a link that brings it into a server."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from pointsman.core.errors import ConfigError

PORTAL: Final = "https://discord.com/developers/applications"
STATUS: Final = "https://discordstatus.com"
NO_TOKEN: Final = ConfigError(
    "the bot has no token",
    cure=f"make a bot at {PORTAL}, and put its token into DISCORD_TOKEN, or discord.token",
)
COPY_TOKEN: Final = f"copy it again: {PORTAL}, your application, Bot, Reset Token; then set DISCORD_TOKEN"
SWITCH_ON: Final = f"switch it on: {PORTAL}, your application, Bot, Message Content Intent"
SCOPES: Final = ("bot", "applications.commands")

# What the bot needs in a server: discord.py's name of each permission, Discord's own words, and its bit.
NEEDED: Final = MappingProxyType(
    {
        "view_channel": ("View Channels", 1 << 10),
        "send_messages": ("Send Messages", 1 << 11),
        "send_messages_in_threads": ("Send Messages in Threads", 1 << 38),
        "embed_links": ("Embed Links", 1 << 14),
        "attach_files": ("Attach Files", 1 << 15),
        "read_message_history": ("Read Message History", 1 << 16),
        "use_application_commands": ("Use Application Commands", 1 << 31),
    }
)


def invite(application: int | str) -> str:
    """The link by which somebody who manages a server brings the bot in, with all that it needs there."""
    wanted = sum(bit for _, bit in NEEDED.values())
    query = {"client_id": str(application), "scope": " ".join(SCOPES), "permissions": str(wanted)}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"
