"""The settings: which configuration is in force, where each value came from, and whether a newer one failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from nicegui import events, ui

from pointsman import __version__
from pointsman.config.findings import Finding
from pointsman.config.model import Config
from pointsman.config.show import MASK
from pointsman.dashboard import sheet
from pointsman.dashboard.backstage import Reloading, backstage, store_of
from pointsman.dashboard.cardhistory import clock
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import ConfigStatus, PageContext
from pointsman.dashboard.origins import DEFAULT, Known, Value, known_of
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.dashboard.traffic import day_of
from pointsman.observe.amounts import seconds, size

EVERY: Final = 3.0
ABOUT: Final = "The configuration in force, and where each value came from. It is changed in its file, not here."
NO_FILE: Final = "no file: every key has its default, unless a variable or a flag says otherwise"
NOTHING_SET: Final = "Nothing differs from the defaults."
NOBODY_RELOADS: Final = "Saving the file is enough where it is watched; here a restart takes it."
ONLY_ADMIN: Final = "To have it read again a key is needed that may administer."
COMMANDS: Final = (
    ("pointsman config check", "validates the file; every finding comes with file:line and a cure"),
    ("pointsman config show", "prints what is in force, secrets masked"),
    ("pointsman config schema", "prints the schema, for editors"),
    ("pointsman doctor", "looks whether everything that is configured is there"),
)
KINDS: Final = (("Set", "set"), ("All", "all"))
CHOOSE: Final = "(event) => emit(event.target.value)"


def build(context: PageContext) -> None:
    """Lays the view out in the current place."""
    ConfigView(context).build()


class ConfigView:
    """The view of one visitor."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._stage = backstage(context.router)
        self._kind = KINDS[0][1]
        self._read: ConfigStatus | None = None
        self._known = Known(())

    def build(self) -> None:
        """Lays it out."""
        sheet.begin("Settings", ABOUT)
        self._banner = sheet.box().props("role=status aria-live=polite")
        with sheet.part("In force"):
            self._facts = sheet.box()
            self._build_reload()
        with sheet.part("Values"):
            self._build_choice()
            self._values = sheet.box()
        with sheet.part("On the command line"):
            rows = [(tag("code", "pm-value", it), about) for it, about in COMMANDS]
            sheet.put(sheet.box(), sheet.sheet("Commands", ("command", "what it does"), rows, texts=2))
        self._context.sight.every(EVERY, self.refresh)

    async def refresh(self) -> None:
        """Shows what is new; the file is read again only where another configuration came, or was refused."""
        status = self._context.status()
        if status != self._read:
            self._known = await asyncio.to_thread(known_of, status.config, status.file)
            self._read = status
            self._show_values()
        sheet.put(self._banner, banner(status, self._known.odd))
        used = await asyncio.to_thread(stored, self._context)
        sheet.put(self._facts, sheet.facts(facts(status, used)))

    def _build_reload(self) -> None:
        with ui.element("div").classes("pm-row-actions"):
            if not self._context.may_change:
                words("span", "pm-note", ONLY_ADMIN)
                return
            if self._stage.reload_by() is None:
                words("span", "pm-note", NOBODY_RELOADS)
                return
            words("button", "pm-quiet", "Reload now").props("type=button").on("click", self._reload)
            self._said = words("span", "pm-note", "").props("role=status")

    def _build_choice(self) -> None:
        with ui.element("fieldset").classes("pm-modes pm-spans").props('aria-label="Which values"'):
            for label, kind in KINDS:
                with ui.element("label"):
                    radio = ui.element("input").props(f"type=radio name=pm-values value={kind}")
                    radio.props("checked" if kind == self._kind else "")
                    radio.on("change", self._chosen, js_handler=CHOOSE)
                    words("span", "", label)

    def _chosen(self, event: events.GenericEventArguments) -> None:
        self._kind = "all" if event.args == "all" else "set"
        self._show_values()

    def _show_values(self) -> None:
        found = [it for it in self._known.values if self._kind == "all" or is_set(it)]
        sheet.put(self._values, values(found) if found else tag("p", "pm-note", NOTHING_SET))

    async def _reload(self) -> None:
        reload = self._stage.reload_by()
        if reload is None or not self._context.may_change:
            return
        self._said.text = "being read …"
        self._said.text = came_of(await reload())
        self._read = None
        await self.refresh()


def came_of(outcome: Reloading) -> str:
    """What a reload did, in words."""
    if outcome.error is not None:
        return "It was not taken; the one before stays in force."
    changed = f"In force now: {', '.join(outcome.changed)} changed." if outcome.changed else "Nothing has changed."
    return f"{changed} A restart takes {', '.join(outcome.restart)}." if outcome.restart else changed


def banner(status: ConfigStatus, odd: Sequence[Finding]) -> Safe:
    """That a newer configuration was not taken, and why; and what may surprise in the one in force."""
    parts: list[Safe] = []
    if status.problem:
        restart = status.problem.startswith("takes a restart")
        said = "In force, but not all of it" if restart else "A newer configuration was not taken"
        why, _, cure = status.problem.partition("\n  cure: ")
        head = tag("p", "pm-banner-head" if restart else "pm-cause", said)
        text = tag("pre", "pm-value", why)
        cured = tag("p", "pm-cure", cure) if cure else Safe()
        parts.append(tag("div", f"pm-banner{' pm-banner-warn' if restart else ''}", head, text, cured))
    for it in odd:
        text = tag("p", "", it.problem)
        parts.append(tag("div", "pm-banner pm-banner-warn", text, tag("p", "pm-note", it.cure)))
    return joined(*parts)


def facts(status: ConfigStatus, used: str) -> list[tuple[str, str]]:
    """Where the configuration is, and what it comes to."""
    config = status.config
    kept = config.store.keep_text
    texts = "for ever" if kept is None else "never kept" if kept == 0 else f"for {age(kept)}"
    read = f"{day_of(status.read_at)} {clock(status.read_at)}" if status.read_at else sheet.NONE
    return [
        ("File", str(status.file) if status.file else NO_FILE),
        ("Read", read),
        ("Version", f"Pointsman {__version__}"),
        ("Mode", config.mode),
        ("Surfaces", ", ".join((*surfaces(config), *filter(None, (status.bot,))))),
        ("Store", used),
        ("Texts of messages", texts),
    ]


def age(kept: float) -> str:
    """How long, in days where it is days."""
    return f"{kept / 86_400:.0f} days" if kept >= 2 * 86_400 else seconds(kept)


def surfaces(config: Config) -> list[str]:
    """What answers, and where."""
    server = config.server
    keys = len(server.keys) + (server.key is not None)
    who = f"{keys} key{'s' * (keys != 1)}" if keys else "without a key, this machine only"
    found = [f"gateway and page at {server.host}:{server.port} ({who})"]
    if config.observe.metrics:
        found.append("/metrics")
    if config.observe.otel.enabled:
        found.append("OpenTelemetry")
    return found


def stored(context: PageContext) -> str:
    """Where decisions are kept, and how large that is."""
    path = store_of(context.router)
    if path is None:
        return "in memory, until the end of this process"
    sizes = [it.stat().st_size for it in (path, path.with_name(f"{path.name}-wal")) if it.exists()]
    return f"{path}, {size(sum(sizes))}"


def is_set(it: Value) -> bool:
    """Whether somebody set a value, if only to what it is by default."""
    return it.origin != DEFAULT


def values(found: Sequence[Value]) -> Safe:
    """The values as a table."""
    rows = [
        (
            tag("span", "pm-value", it.key),
            tag("span", "pm-value", it.value),
            tag("span", "pm-origin", it.origin),
            tag("span", "pm-value pm-usual", it.usual if it.differs and it.value != MASK else ""),
        )
        for it in found
    ]
    return sheet.sheet("Values", ("key", "value", "from", "by default"), rows, texts=4, stacks=True)
