"""Why the bot cannot be at Discord, in words with a cure."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import aiohttp
import discord

from pointsman.core.errors import ConfigError, PointsmanError, Unreachable
from pointsman.discord.portal import COPY_TOKEN, STATUS, SWITCH_ON

FAILURES: Final = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What connecting to Discord may raise."""


def named(error: BaseException) -> PointsmanError:
    """What went wrong: ConfigError where another try comes to the same, Unreachable where it may not."""
    match error:  # with the codes by which Discord ends a connection for good
        case discord.LoginFailure() | discord.ConnectionClosed(code=4004):
            return ConfigError("Discord does not know this token", cure=COPY_TOKEN)
        case discord.PrivilegedIntentsRequired() | discord.ConnectionClosed(code=4014):
            what = "Discord does not let this bot read messages: its Message Content intent is off"
            return ConfigError(what, cure=SWITCH_ON)
        case discord.ConnectionClosed(code=4010 | 4011):
            what = "Discord does not take the bot with so many, or so few, connections"
            return ConfigError(what, cure="set discord.sharding.count to auto, and leave discord.sharding.ids empty")
        case discord.HTTPException():
            busy = error.status == HTTPStatus.TOO_MANY_REQUESTS
            what = "has had too many requests from here" if busy else f"answers {error.status}"
            cure = f"see {STATUS}, or wait a while"
            return Unreachable(f"Discord {what}: {error.text or 'without a word'}", cure=cure)
        case discord.ConnectionClosed():
            return Unreachable(f"Discord ended the connection ({error.code})", cure=f"see {STATUS}")
    why = str(error) or type(error).__name__
    return Unreachable(f"Discord cannot be reached: {why}", cure=f"check the network, and {STATUS}")
