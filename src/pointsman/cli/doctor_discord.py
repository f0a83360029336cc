"""What `pointsman doctor` says about the Discord bot; only with `--online` is Discord asked."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from pointsman.cli.finding import Finding

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.discord.examining import Server, Standing

ANSWERS_IN: Final = 20.0
MOST: Final = 10  # servers, or channels, that are told by name
PARTS: Final = 3  # of a token, with dots between them
NAME: Final = "discord"
NONE: Final = "no token, so no bot; DISCORD_TOKEN gives it one (docs/discord.md)"
ASK: Final = "a token is set, and nothing was sent; pointsman doctor --online asks Discord"


def discord(config: Config, *, online: bool) -> list[Finding]:
    """Can the bot start, and may it do what it needs to? Raises PointsmanError."""
    settings = config.discord
    if settings.token is None:
        return [Finding(NAME, "ok", NONE)]
    if find_spec("discord") is None:
        return [
            Finding(NAME, "failed", "a token is set, and discord.py is missing", "pip install 'pointsman[discord]'")
        ]
    found = list(looks(config))
    if not online:
        return [*found, Finding(NAME, "ok", ASK)]
    return [*found, *asked(config)]


def looks(config: Config) -> Iterator[Finding]:
    """What looks wrong, without anybody being asked; the token is not shown."""
    settings = config.discord
    token = settings.token.get_secret_value().strip() if settings.token else ""
    if token.count(".") != PARTS - 1:
        what = "the token does not look like one, which has three parts with dots between them"
        yield Finding(NAME, "warning", what, "copy it from the page Bot of your application, not its id or secret")
    if settings.gateway is not None:
        said = f"the bot asks the gateway {settings.gateway}; `pointsman bot` starts it, and `serve` does not"
        yield Finding(NAME, "ok", said)
    elif settings.run_in_guilds and not config.tools.code.shared:
        what = "/run is open in servers (discord.run_in_guilds), and code does not run there (tools.code.shared)"
        yield Finding(NAME, "warning", what, "set both to true, or neither")


def asked(config: Config) -> list[Finding]:
    """What Discord says, and the gateway where there is one. Raises ConfigError, Unreachable, NotAllowed."""
    import asyncio

    from pointsman.cli.bot import admitted
    from pointsman.discord.examining import examine
    from pointsman.discord.opening import open_remote

    settings = config.discord

    async def ask() -> Standing:
        if settings.gateway is not None:
            service = open_remote(settings.model_copy(update={"key": settings.key or config.server.key}))
            try:
                await admitted(service, str(settings.gateway))
            finally:
                await service.close()
        return await examine(settings, within=ANSWERS_IN)

    return list(told(asyncio.run(ask())))


def told(standing: Standing) -> Iterator[Finding]:
    """What is to be said of how the bot stands."""
    from pointsman.discord.portal import SWITCH_ON, invite

    link = invite(standing.application)
    names = [it.name for it in standing.servers]
    if names:
        yield Finding(NAME, "ok", f"logs in as {standing.name}, in {len(names)}: {some(names)}")
    else:
        yield Finding(NAME, "warning", f"logs in as {standing.name}, and is in no server", f"invite it: {link}")
    if not standing.reads:
        yield Finding(NAME, "failed", "its Message Content intent is off, so that it can read no message", SWITCH_ON)
    for server in standing.servers:
        yield from of_server(server, link)
    for key in standing.unknown:
        what = f"{key} is not there, or nothing that the bot has to do with"
        yield Finding(NAME, "warning", what, "correct the id (right click, Copy ID), or invite the bot there")


def of_server(server: Server, link: str) -> Iterator[Finding]:
    """What the bot lacks in a server."""
    if server.lacking:
        what = f"{server.name}: it lacks {', '.join(server.lacking)}"
        yield Finding(NAME, "warning", what, f"give its role that in the server's settings, or invite it again: {link}")
    if server.channels:
        where = some([f"#{name} ({', '.join(them)})" for name, them in server.channels])
        cure = "give its role that in the channel's settings, or name the channel under discord.block.channels"
        yield Finding(NAME, "warning", f"{server.name}: it lacks a permission in {where}", cure)


def some(names: list[str]) -> str:
    """The first of several, and how many more there are."""
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more} more" if more > 0 else "")
