"""Wires the tools: which toolsets are there, how each is opened, and why others cannot be used."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from pointsman.config.model import Config
from pointsman.config.tools import SHIPPED, McpServer
from pointsman.core.house import is_in_house
from pointsman.core.tool import Toolset
from pointsman.engine.persons import Keeper, Persons
from pointsman.engine.toolbox import Open, Toolbox
from pointsman.engine.toolcalls import Limits
from pointsman.stores.connection import IN_MEMORY
from pointsman.tiers.encoder import Encoder

if TYPE_CHECKING:
    from pointsman.stores.memories import Memories
    from pointsman.tools.web.search import Search

SEARCH_CURE: Final = (
    "set tools.web_search.searxng (or SEARXNG_URL) to a SearXNG of yours, or tools.web_search.ddgs: true"
)
OFF: Final = "switched off (tools.{name}.enabled)"
INSTALL: Final = "pip install 'pointsman[{extra}]'"


def open_toolbox(config: Config, open_encoder: Callable[[], Encoder], *, store: bool) -> Toolbox:
    """Every toolset that a configuration has; none is opened, and no server started, before it is used.

    Without `store`, memories live as long as the process. Raises ConfigError for a file of servers that cannot be read.
    """
    tools = config.tools
    openers: dict[str, Open] = {}
    absent: dict[str, str] = {}
    if why := no_search(config):
        absent["web_search"] = why
    else:
        openers["web_search"] = lambda: open_web_search(config)
    if tools.memory.enabled:
        openers["memory"] = lambda: open_memory(config, open_encoder, store=store)
    else:
        absent["memory"] = OFF.format(name="memory")
    if not tools.code.enabled:
        absent["code"] = OFF.format(name="code")
    elif find_spec("pydantic_monty") is None:
        absent["code"] = INSTALL.format(extra="code")
    else:
        openers["code"] = lambda: open_code(config)
    reaching = {"web_search"}
    for name, server in servers_of(config).items():
        if server.url is not None and not is_in_house(server.url):
            reaching.add(name)
        if server.disabled:
            absent[name] = "disabled, as its entry says"
        elif find_spec("mcp") is None:
            absent[name] = INSTALL.format(extra="mcp")
        else:
            openers[name] = partial(open_mcp, name, server)
    openers |= plugins_of(config, {*openers, *absent})
    return Toolbox(openers, absent=absent, allowed=tools.allow, reaching=reaching)


def limits_of(config: Config) -> Limits:
    """How far a reply with tools goes."""
    return Limits(rounds=config.tools.rounds, seconds=config.tools.seconds, most_text=config.tools.most_text)


def no_search(config: Config) -> str:
    """Why nothing can be looked up, with the cure; "" when it can."""
    settings = config.tools.web_search
    if settings.searxng:
        return ""
    if not settings.ddgs:
        return SEARCH_CURE
    return "" if find_spec("ddgs") else INSTALL.format(extra="search")


def open_web_search(config: Config) -> Toolset:
    """Search engines in their order, each behind a breaker, and what reads pages."""
    from pointsman.providers.remote.wire import proxy_for
    from pointsman.tools.web.article import Articles
    from pointsman.tools.web.fetch import Fetcher
    from pointsman.tools.web.pages import Pages
    from pointsman.tools.web.search import Searches
    from pointsman.tools.web.toolset import WebSearch

    settings = config.tools.web_search
    fetcher = Fetcher(seconds=settings.timeout, most=settings.most_page, proxy_for=proxy_for)
    return WebSearch(
        Searches(engines_of(config), cache=settings.cache),
        Pages(fetcher.fetch, Articles().text_of, cache=settings.cache),
        results=settings.results,
        seconds=settings.timeout,
    )


def engines_of(config: Config) -> list[Search]:
    """The search engines, first the one that is asked first."""
    from pointsman.providers.search_breaker import SearchBreaker

    settings = config.tools.web_search
    engines: list[Search] = []
    if settings.searxng:
        from pointsman.providers.searxng import Searxng

        engines.append(SearchBreaker(Searxng(settings.searxng, seconds=settings.timeout, safe=settings.safe)))
    if settings.ddgs and find_spec("ddgs"):
        from pointsman.providers.duckduckgo import Duckduckgo

        engines.append(SearchBreaker(Duckduckgo(seconds=settings.timeout, safe=settings.safe)))
    return engines


def open_memory(config: Config, open_encoder: Callable[[], Encoder], *, store: bool) -> Toolset:
    """What people asked to be remembered."""
    from pointsman.tools.memory.toolset import MemoryTools

    language = config.reply.language
    return MemoryTools(
        open_memories(config, open_encoder, store=store),
        results=config.tools.memory.results,
        language=lambda occasion: occasion.language if language == "auto" else language,
    )


def open_memories(config: Config, open_encoder: Callable[[], Encoder] | None, *, store: bool = True) -> Memories:
    """The memories in the decision store's database."""
    from pointsman.stores.memories import Memories

    path = config.store.path if store else IN_MEMORY
    return Memories(path, open_encoder, most=config.tools.memory.most)


def keeper_in(toolbox: Toolbox) -> Keeper | None:
    """The memories of a toolbox, which its tools and people's own commands share; None where they are switched off."""
    from pointsman.tools.memory.toolset import NAME, MemoryTools

    found = toolbox.open(NAME) if toolbox.standing().get(NAME) == "" else None
    return found.keeper if isinstance(found, MemoryTools) else None


def open_persons(config: Config) -> Persons:
    """The people that the decision store's database knows; nothing is opened yet."""
    from pointsman.stores.persons import StoredPersons

    return StoredPersons(config.store.path)


def open_code(config: Config) -> Toolset:
    """The sandbox."""
    from pointsman.tools.code.toolset import CodeTools

    settings = config.tools.code
    return CodeTools.opened(
        seconds=settings.seconds,
        memory=settings.memory,
        output=settings.output,
        workers=settings.workers,
        shared=settings.shared,
    )


def servers_of(config: Config) -> dict[str, McpServer]:
    """The MCP servers: those of the configuration before those of the file that it names. Raises ConfigError."""
    servers = dict(config.tools.mcp_servers)
    if config.tools.mcp_file is not None:
        from pointsman.config.mcpfile import read

        found = read(config.tools.mcp_file, environ=os.environ, wanted=named(config.tools.allow))
        servers = {**found, **servers}
    return servers


def open_mcp(name: str, server: McpServer) -> Toolset:
    """One MCP server; it is started when it is first used."""
    from pointsman.tools.mcp.toolset import McpTools
    from pointsman.tools.mcp.ways import Address, Command, Way

    way: Way
    if server.url is not None:
        way = Address(server.url, plain(server.headers), sse=server.type == "sse")
    else:
        way = Command(server.command or "", server.args, plain(server.env), server.cwd)
    return McpTools(name, way, timeout=server.timeout, unmarked=server.unmarked)


def plugins_of(config: Config, known: set[str]) -> dict[str, Open]:
    """The plugins that a category may use; others are not even looked for."""
    wanted = named(config.tools.allow) - known - {*SHIPPED}
    if not wanted:
        return {}
    from pointsman.tools.functions.plugins import found

    return {name: plugin.load for name, plugin in found().items() if name in wanted}


def named(allow: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Every toolset that some category may use."""
    return {name for names in allow.values() for name in names}


def plain(secrets: Mapping[str, Any]) -> dict[str, str]:
    """Secret texts as they are."""
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
