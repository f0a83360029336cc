"""What `pointsman doctor` finds out about the tools that models may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsman.cli.finding import Finding

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.engine.toolbox import Toolbox


def web_search(config: Config) -> Finding:
    """Is there a search engine, and does SearXNG answer as we need it? Raises ServiceFailed."""
    import asyncio

    from pointsman.build.tools import no_search
    from pointsman.providers.searxng import Searxng

    settings = config.tools.web_search
    if why := no_search(config):
        if settings.ddgs:
            return Finding("web search", "warning", "public search engines are wanted, and not installed", why)
        return Finding("web search", "ok", f"not set up, so nothing is looked up: {why}")
    public = "public search engines"
    if settings.searxng is None:
        return Finding("web search", "ok", public)

    async def check() -> None:
        searxng = Searxng(settings.searxng or "", seconds=settings.timeout)
        try:
            await searxng.check()
        finally:
            await searxng.close()

    asyncio.run(check())
    return Finding("web search", "ok", f"SearXNG at {settings.searxng}{f', then {public}' if settings.ddgs else ''}")


def memory(config: Config) -> Finding:
    """Can memories be kept, and how many are there? Raises StoreError."""
    import asyncio

    from pointsman.build.tools import open_memories
    from pointsman.core.message import LOCAL

    if not config.tools.memory.enabled:
        return Finding("memory", "ok", "switched off (tools.memory.enabled)")

    async def count() -> int:
        memories = open_memories(config, None)
        try:
            return len(await memories.of_owner(LOCAL))
        finally:
            await memories.close()

    return Finding("memory", "ok", f"{asyncio.run(count())} of this machine's owner in {config.store.path}")


def code(config: Config) -> Finding:
    """Does the sandbox compute? Raises ToolFailed."""
    import asyncio
    from importlib.util import find_spec

    from pointsman.tools.code.sandbox import Sandbox

    settings = config.tools.code
    if not settings.enabled:
        return Finding("code", "ok", "switched off (tools.code.enabled)")
    if find_spec("pydantic_monty") is None:
        return Finding(
            "code", "warning", "the sandbox is not installed, so no code is run", "pip install 'pointsman[code]'"
        )

    async def one_and_one() -> str:
        sandbox = Sandbox(seconds=settings.seconds, memory=settings.memory, output=settings.output, workers=1)
        try:
            return (await sandbox.run("1 + 1")).value
        finally:
            await sandbox.close()

    if asyncio.run(one_and_one()) != "2":
        return Finding(
            "code", "failed", "the sandbox does not compute 1 + 1", "pip install --upgrade 'pointsman[code]'"
        )
    shared = "" if settings.shared else ", but not where others read along (tools.code.shared)"
    return Finding("code", "ok", f"runs in a sandbox{shared}")


def own_tools(config: Config) -> list[Finding]:
    """Do the servers and plugins answer that categories may use, and is every one of them used?"""
    from pointsman.build.tools import named, open_toolbox, servers_of
    from pointsman.core.errors import PointsmanError
    from pointsman.providers.encoders import MiniLm

    try:
        toolbox = open_toolbox(config, MiniLm, store=True)
        servers = servers_of(config)
    except PointsmanError as error:
        return [Finding("tools", "failed", error.message, error.cure)]
    wanted, standing = named(config.tools.allow), toolbox.standing()
    shipped = {"web_search", "memory", "code"}
    found = [
        Finding(
            "tools",
            "warning",
            f"no tool is called {name}, which tools.allow names",
            "name a server, a plugin, or web_search, memory, code; a function of a program's own is not seen here",
        )
        for name in sorted(wanted - standing.keys())
    ]
    found += [
        Finding("tools", "warning", f"no category may use the server {name}", "name it under tools.allow")
        for name in servers
        if name not in wanted and not servers[name].disabled
    ]
    found += [
        Finding(f"tool {name}", "warning", "is wanted, and cannot be used", standing[name])
        for name in sorted(wanted - shipped)
        if standing.get(name)
    ]
    usable = [name for name in sorted(wanted - shipped) if standing.get(name) == ""]
    return found + [listed(name, toolbox) for name in usable]


def listed(name: str, toolbox: Toolbox) -> Finding:
    """Which tools a server or a plugin has."""
    import asyncio

    from pointsman.core.errors import PointsmanError
    from pointsman.core.message import Message
    from pointsman.core.tool import Occasion

    async def names() -> list[str]:
        toolset = toolbox.open(name)
        try:
            return [tool.spec.name for tool in await toolset.tools(Occasion(Message("")))]
        finally:
            await toolset.close()

    try:
        tools = asyncio.run(names())
    except PointsmanError as error:
        return Finding(f"tool {name}", "failed", error.message, error.cure)
    return Finding(f"tool {name}", "ok", f"{len(tools)}: {', '.join(tools[:8])}{' ...' if len(tools) > 8 else ''}")
