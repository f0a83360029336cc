"""Puts a changed configuration in force while messages are answered; one that is wrong leaves the old one there."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from pointsman.build.discovery import discovered
from pointsman.build.gpu import check_workflow
from pointsman.build.opening import Opened, content, making_key, open_parts
from pointsman.config import intents
from pointsman.config.check import check, check_patterns
from pointsman.config.load import FILE, Loaded, settings_folder
from pointsman.config.model import Config
from pointsman.config.show import leaves
from pointsman.core.errors import ConfigError, PointsmanError
from pointsman.engine.router import Router

logger = logging.getLogger(__name__)

# What is looked at once, when the gateway begins.
AT_THE_START: Final = (
    "server.host",
    "server.port",
    "server.public_url",
    "server.picture_ttl",
    "reply.footer",
    "page.",
    "observe.",
)

# Whoever saves twice, or an editor that writes in several steps, is waited for.
QUIET_MS: Final = 1_000
LONGEST_MS: Final = 5_000
# How often whoever watches looks up: a gateway that is stopped waits for that.
STEP_MS: Final = 200

P = ParamSpec("P")
T = TypeVar("T")
Load = Callable[[], Loaded]
"""Reads the configuration again, with the same flags. Raises ConfigError."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a reload: the sections that are others now, what waits for a restart, or the error."""

    changed: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    error: PointsmanError | None = None


class Reloader:
    """Reads the configuration again, and swaps the router's parts where it changed.

    `load` reads it as it was read at first, and `opened` is what came of that. `took` is told of every configuration
    that is in force, for what is no part of the router.
    """

    def __init__(
        self,
        router: Router,
        opened: Opened,
        loaded: Loaded,
        load: Load,
        took: Callable[[Config], None] = lambda _: None,
    ) -> None:
        self._router = router
        self._opened = opened
        self._loaded = loaded
        self._load = load
        self.took = took
        self._one = asyncio.Lock()
        self._going: set[asyncio.Future[Outcome]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pointsman-reload")
        self._owning: asyncio.Future[None] | None = None  # held, as the loop holds tasks weakly

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._opened.config

    @property
    def loaded(self) -> Loaded:
        """It as it was read."""
        return self._loaded

    async def reload(self) -> Outcome:
        """Reads, validates, compares, swaps. Never raises for a configuration: the old one stays, and says why."""
        going = asyncio.ensure_future(self._in_turn())
        self._going.add(going)  # held, as the loop holds tasks weakly
        going.add_done_callback(self._going.discard)
        return await asyncio.shield(going)  # who asked may go away: what is half in force would never be let go of

    async def _in_turn(self) -> Outcome:
        async with self._one:  # two that save at once take their turns
            try:
                return await self._reloaded()
            except PointsmanError as error:
                logger.warning("the configuration was not taken, and the one before stays: %s", error)
                self._router.refused(str(error))
                return Outcome(error=error)
            except Exception as error:
                logger.exception("the configuration was not taken, and the one before stays")
                told = ConfigError(f"an unforeseen {type(error).__name__}: {error}", cure="the log has the details")
                self._router.refused(str(told))
                return Outcome(error=told)

    async def _reloaded(self) -> Outcome:
        before = self._opened
        loaded = await self._aside(checked, self._load, before.parts.catalogue.fingerprint)
        config = await self._with_models(loaded)
        changed = await self._aside(differences, before, config)
        if changed:
            opened = await self._aside(open_parts, config, before)
            try:
                if opened.deciding is not before.deciding:
                    await opened.parts.cascade.warm()
                self._router.swap(opened.parts)
            except BaseException:
                await opened.parts.close()
                raise
            self._opened = opened
            if opened.making is not before.making:
                self._begin_card()
        self._loaded = loaded
        restart = restarts(before.config, config)
        self.took(config)
        self._router.took(changed, f"takes a restart: {', '.join(restart)}" if restart else "")
        logger.info("the configuration was read again: %s", ", ".join(changed) or "nothing changed")
        return Outcome(changed, restart)

    async def _aside(self, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """What takes a while, in a thread of its own: always the same, as each keeps memory that it once took."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **more))

    async def _with_models(self, loaded: Loaded) -> Config:
        """The configuration, with the models that are found where it names none."""
        if loaded.has(("models",)) or self._loaded.has(("models",)):
            return (await discovered(loaded)).config
        # What was found at first goes on: an Ollama with a model more is no reason to send away what is loaded.
        return loaded.config.model_copy(update={"models": self.config.models})

    def _begin_card(self) -> None:
        """Has the new owner of the card begin as soon as the old one has let go of it."""

        async def own() -> None:
            try:
                await self._router.own_card()
            except PointsmanError as error:
                logger.warning("the card is not looked after: %s", error)

        self._owning = asyncio.ensure_future(own())


def checked(load: Load, known: str) -> Loaded:
    """The configuration, once everything that it names is known to be there. Raises ConfigError, PatternError.

    `known` is the fingerprint of the categories in force, whose patterns need no other look.
    """
    loaded = load()
    catalogue = intents.listed(loaded.config)
    check(loaded, catalogue)
    if catalogue.fingerprint != known:
        check_patterns(catalogue)
    check_workflow(loaded.config)
    return loaded


def differences(before: Opened, config: Config) -> tuple[str, ...]:
    """The sections that are others than before, and those whose files are. Raises ConfigError."""
    changed = [name for name in Config.model_fields if getattr(before.config, name) != getattr(config, name)]
    if before.parts.catalogue.fingerprint != intents.of(config).fingerprint:
        changed.append("intents")
    if before.making.key[-1] != making_key(config)[-1]:
        changed.append("images")  # a workflow's file
    if before.toolbox.key[-1] != content(config.tools.mcp_file):
        changed.append("tools")  # the file of servers
    return tuple(dict.fromkeys(changed))


def restarts(old: Config, new: Config) -> tuple[str, ...]:
    """The keys that differ and are looked at only when the gateway begins."""
    before, after = leaves(old), leaves(new)
    differing = [key for key in (before | after) if before.get(key, ((), None))[1] != after.get(key, ((), None))[1]]
    return tuple(key for key in differing if f"{key}.".startswith(tuple(f"{it.rstrip('.')}." for it in AT_THE_START)))


def files_of(loaded: Loaded, config: Config) -> tuple[Path, ...]:
    """The files and folders that a configuration is read from, and where one would be found that is not there yet."""
    sources = [loaded.source] if loaded.source else [Path.cwd() / FILE, settings_folder(os.environ) / FILE]
    others = (config.intents.folder, config.tools.mcp_file, *config.images.comfyui.files)
    return tuple(it.absolute() for it in (*sources, *others) if it is not None)


async def watch(reloader: Reloader, stop: asyncio.Event) -> None:
    """Reloads whenever the files of the configuration have changed and were quiet for a second, until `stop` is set.

    Where the system cannot watch them, that is logged: SIGHUP and POST /v1/config/reload do without.
    """
    try:
        while not stop.is_set():
            await watch_once(reloader, stop)
    except Exception:
        logger.exception("changes of the configuration are not noticed: reload it with SIGHUP")


async def watch_once(reloader: Reloader, stop: asyncio.Event) -> None:
    """The same until other files are to be watched."""
    from watchfiles import awatch

    files = files_of(reloader.loaded, reloader.config)
    folders = {it if it.is_dir() else it.parent for it in files}
    looking = awatch(
        *[it for it in folders if it.is_dir()],
        watch_filter=None,  # here, as other files in a folder may change all the time
        step=STEP_MS,
        rust_timeout=QUIET_MS,
        yield_on_timeout=True,
        stop_event=stop,
        recursive=False,
    )
    first = latest = 0.0  # when what is not in force yet was saved
    async with aclosing(looking):
        async for changes in looking:  # none: nothing changed for a while
            now = time.monotonic()
            if any(concerns(files, path) for _, path in changes):
                first, latest = first or now, now
            if not first or (changes and now - latest < QUIET_MS / 1000 and now - first < LONGEST_MS / 1000):
                continue
            first = 0.0
            await reloader.reload()
            if files_of(reloader.loaded, reloader.config) != files:
                return


def concerns(files: tuple[Path, ...], path: str) -> bool:
    """Whether what changed at a path is of the configuration; "..data" is how a mounted folder changes all at once."""
    changed = Path(path)
    return changed.name == "..data" or any(it == changed or (it == changed.parent and it.is_dir()) for it in files)
