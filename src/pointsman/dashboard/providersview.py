"""The providers: who is asked about messages and what is left there, whether servers answer, which tools are set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.config.model import Config
from pointsman.config.tiers import CloudTier, JudgeTier
from pointsman.core.category import Catalogue
from pointsman.core.errors import PointsmanError
from pointsman.core.plan import Abilities
from pointsman.dashboard import sheet
from pointsman.dashboard.backstage import backstage
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.quotacard import left, sent
from pointsman.dashboard.reachable import Reached, Server, servers_of
from pointsman.dashboard.safehtml import Safe, joined, tag
from pointsman.engine.asked import Standing
from pointsman.observe.amounts import seconds

EVERY: Final = 5.0
ABOUT: Final = "Who is asked beyond this process, how they stand, and how much each still allows."
NOBODY: Final = (
    "Nothing leaves this machine to find out what a message wants. A key in the environment lets a service be asked "
    "about the messages that the local tiers are unsure of:"
)
NO_SERVERS: Final = "No server is set up: models run in this process, and nothing draws."
KEYS: Final = ("export GROQ_API_KEY=...", "export CLOUDFLARE_ACCOUNT_ID=... CLOUDFLARE_API_TOKEN=...")
NO_TOOLS: Final = "No tools are set up."
NEVER: Final = "no messages are sent: cloud.enabled is false"


def build(context: PageContext) -> None:
    """Lays the view out in the current place."""
    ProvidersView(context).build()


class ProvidersView:
    """The view of one visitor; every part is looked up by itself, so that a slow server holds nothing up."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._stage = backstage(context.router)

    def build(self) -> None:
        """Lays it out."""
        sheet.begin("Providers", ABOUT)
        with sheet.part("Who is asked about messages"):
            self._services = sheet.box()
        with sheet.part("Servers of models and pictures"):
            self._servers = sheet.box()
        with sheet.part("Tools that models may call"):
            self._toolsets = sheet.box()
        for refresh in (self.ask_services, self.ask_servers, self.look_at_tools):
            self._context.sight.every(EVERY, refresh)

    async def ask_services(self) -> None:
        """Shows how the services stand."""
        try:
            standings = await self._context.router.services()
        except PointsmanError as error:
            sheet.put(self._services, failure(error))
            return
        sheet.put(self._services, services(standings, asked_by(self._context.status().config)))

    async def ask_servers(self) -> None:
        """Shows whether the servers answer; before they were asked, that they are."""
        servers = servers_of(self._context.status().config)
        if not self._servers.content:
            sheet.put(self._servers, reached([Reached(it) for it in servers], waiting=True))
        sheet.put(self._servers, reached(await self._stage.reachability.of(servers)))

    def look_at_tools(self) -> None:
        """Shows which tools are set up."""
        sheet.put(self._toolsets, tools(self._context.router.parts.abilities(), self._context.router.catalogue))


def failure(error: PointsmanError) -> Safe:
    """What went wrong, and what to do about it."""
    return tag("p", "pm-cause", f"{error.message} ({error.cure})" if error.cure else error.message, role="alert")


def asked_by(config: Config) -> str:
    """Which tiers ask the services."""
    kinds = [it.kind for it in config.tiers if it.enabled and isinstance(it, CloudTier)]
    if not kinds or not config.cloud.enabled:
        return NEVER if not config.cloud.enabled else "no tier asks: `- kind: cloud` is missing among the tiers"
    judge = next((it for it in config.tiers if it.enabled and isinstance(it, JudgeTier)), None)
    after = "; where none answers, the judge here does" if judge and config.cloud.fallback_local else ""
    return f"asked by the tier cloud, in this order{after}"


def services(standings: Sequence[Standing], used: str) -> Safe:
    """All services, first the one that is asked first."""
    if not standings:
        return sheet.empty(NOBODY, *KEYS)
    cards = (service(it, number) for number, it in enumerate(standings, 1))
    return joined(tag("p", "pm-note", used), tag("div", "pm-providers", *cards))


def service(standing: Standing, number: int) -> Safe:
    """One service: how it stands, what is left of each limit, and how its models do."""
    known = standing.to_dict()
    said = "good" if standing.ready else "bad"
    head = tag(
        "div",
        "pm-provider-head",
        tag("h4", "pm-provider-name", f"{number}. {standing.service}"),
        sheet.mark(said, standing.state),
    )
    where = "on this machine" if standing.local else "outside this machine"
    facts = tag("p", "pm-provider-facts", " · ".join([left(standing), sent(standing), where]))
    cure = tag("p", "pm-cure", known["cure"]) if known.get("cure") else Safe()
    shared = limits(known.get("limits") or ())
    models = joined(*(model(it) for it in known.get("models") or ()))
    return tag("article", "pm-provider", head, facts, cure, faults(known), shared, models)


def faults(known: Mapping[str, Any]) -> Safe:
    """What went wrong in the last 24 hours."""
    found = ", ".join(f"{number} {str(kind).replace('_', ' ')}" for kind, number in (known.get("faults") or {}).items())
    if not found:
        return Safe()
    return tag("p", "pm-note", f"of {known.get('calls', 0):,} calls in 24 h failed: {found}")


def model(known: Mapping[str, Any]) -> Safe:
    """One model of a service."""
    timed = known.get("p50") is not None
    times = f"p50 {sheet.took(known.get('p50'))}, p95 {sheet.took(known.get('p95'))}" if timed else "not timed yet"
    calls = f"{known.get('calls', 0):,} calls in 24 h"
    ready = bool(known.get("ready"))
    state = Safe() if ready else sheet.mark("bad", str(known.get("state", "")))
    name = tag("span", "pm-provider-model", str(known.get("model", "")))
    line = tag("div", "pm-provider-line", name, tag("span", "pm-note", f"{calls} · {times}"), state)
    return joined(line, limits(known.get("limits") or ()))


def limits(found: Sequence[Mapping[str, Any]]) -> Safe:
    """Every limit as a small bar, with what is left in calls and when all of it is there again."""
    return tag("ul", "pm-limits", *(limit(it) for it in found)) if found else Safe()


def limit(known: Mapping[str, Any]) -> Safe:
    """One limit."""
    whole, rest = float(known["limit"]), max(0.0, float(known["left"]))
    share = rest / whole if whole else 0.0
    calls = known.get("calls")
    amount = f"{rest:,.0f} of {whole:,.0f}"
    makes = "" if calls is None or known["unit"] == "requests" else f" ≈ {calls:,} call{'s' * (calls != 1)}"
    again = f", all of it in {seconds(known['full_in'])}" if known["full_in"] >= 1 else ""
    tone = "pm-meter-low" if share < 0.1 else ""
    return tag(
        "li",
        "pm-limit",
        tag("span", "pm-limit-name", f"{known['unit']} a {known['per']}"),
        sheet.meter(share, f"{amount} {known['unit']} left", tone),
        tag("span", "pm-note", f"{amount} left{makes}{again}"),
    )


def reached(found: Sequence[Reached], *, waiting: bool = False) -> Safe:
    """The servers, and how each answered."""
    if not found:
        return sheet.empty(NO_SERVERS, "pointsman init")
    rows = ((name(it.server), it.server.serves, answered(it, waiting=waiting)) for it in found)
    return sheet.sheet(
        "Servers of models and pictures", ("server", "serves", "answers"), list(rows), texts=3, stacks=True
    )


def name(server: Server) -> Safe:
    """A server's kind and address; an address may hold a password, which stays here."""
    scheme, _, rest = server.url.rpartition("://")
    shown = f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest
    return joined(tag("b", "", server.kind), tag("span", "pm-address", shown))


def answered(it: Reached, *, waiting: bool) -> Safe:
    """How one answered."""
    if it.said:
        return sheet.mark("good", it.said)
    if it.problem:
        cure = tag("span", "pm-address", it.cure) if it.cure else Safe()
        return joined(sheet.mark("bad", it.problem), cure)
    if waiting and it.server.ask is not None:
        return sheet.mark("off", "being asked")
    return sheet.mark("off", "not asked from here, as that would count there")


def tools(abilities: Abilities, catalogue: Catalogue) -> Safe:
    """The toolsets, in which categories each may be used, and why others cannot be."""
    if not abilities.tools:
        return sheet.empty(NO_TOOLS)
    uses: dict[str, list[str]] = {}
    for category in catalogue:
        for used in abilities.tools_for(category):
            uses.setdefault(used, []).append(category.name.replace("_", " "))
    rows = [
        (it, ", ".join(uses.get(it, ())) or sheet.NONE, sheet.mark("off", f"not set up: {why}") if why else ready())
        for it, why in abilities.tools.items()
    ]
    return sheet.sheet("Tools", ("tool", "used for", "state"), rows, texts=3, stacks=True)


def ready() -> Safe:
    """That a tool can be used."""
    return sheet.mark("good", "ready")
