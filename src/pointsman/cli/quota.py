"""`pointsman quota`: what each service still allows, counted in calls, and how it does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.quota_simulate import simulate
from pointsman.cli.session import config_option

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.core.faults import FaultKind
    from pointsman.providers.remote.standing import Left, ModelStanding, Standing

NOBODY: Final = """\
No service is set up, so nothing leaves this machine to pick a route: what the local tiers are unsure of goes to the
main model. To have a service asked about it, set one of these variables (each service has a free plan):

  CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID    decision models
  GROQ_API_KEY                                      fast chat models
  HF_TOKEN                                          models that compare descriptions

or name another server under cloud.servers, or switch cloud.ollama on (both can run on this machine).
With a key set, messages that the local tiers are unsure about are sent to that service to pick a route."""
OFF: Final = """\
The cloud is switched off (ROUTER_USE_CLOUD or cloud.enabled), so no service is asked, and nothing leaves this machine
to pick a route."""
FAULTS: Final[Mapping[FaultKind, str]] = {
    "rate_limited": "over the minute's limit",
    "quota_exhausted": "quota exhausted",
    "auth": "key refused",
    "model_gone": "model gone",
    "too_large": "too large",
    "bad_request": "bad request",
    "malformed": "unusable answer",
    "server": "out of order or too slow",
}
MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0


@click.group("quota", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print how each service stands as one JSON object.")
@config_option
@click.pass_context
def quota(ctx: click.Context, as_json: bool, config_path: Path | None) -> None:
    """Show what each service still allows today, in calls, and how it does; nothing is sent."""
    if ctx.invoked_subcommand is not None:
        ctx.obj = config_path
        return
    from pointsman.config.load import load

    config = load(config_path).config
    found = standings(config)
    if as_json:
        click.echo(json.dumps({"services": [it.to_dict() for it in found]}, ensure_ascii=False))
        return
    if not found:
        click.echo(NOBODY if config.cloud.enabled else OFF)
        return
    for number, it in enumerate(found):
        if number:
            click.echo()
        for line in lines_of(it):
            click.echo(line)
    click.echo()
    click.echo(sent_where(found))


quota.add_command(simulate)


def standings(config: Config) -> list[Standing]:
    """How each service stands that may be asked. Raises StoreError: what is left is kept in the decision store."""
    import asyncio

    from pointsman.build.services import open_services
    from pointsman.build.standings import Standings
    from pointsman.config import intents
    from pointsman.stores.shelf import SqliteShelf

    if not config.cloud.services:
        return []

    async def asked() -> list[Standing]:
        shelf = SqliteShelf(config.store.path)
        known = Standings(open_services(config, shelf), config, lambda: intents.of(config))
        try:
            await shelf.read("")  # a file that cannot be read would look like quotas that nobody has used
            return await known.statuses()
        finally:
            await known.close()

    return asyncio.run(asked())


def lines_of(standing: Standing) -> Iterator[str]:
    """One service, as a terminal shows it."""
    head = f"{standing.service}: {standing.state}"
    yield click.style(head, fg="green" if standing.ready else "yellow", bold=True)
    about = "about " if standing.estimated and standing.calls_left else ""
    span = "this month" if standing.per == "month" else "today"
    yield f"  {about}{calls_of(standing.calls_left)} left {span}; {messages(standing)}"
    if standing.cure and standing.cure not in standing.state:
        yield f"  cure: {standing.cure}"
    for left in standing.limits:
        yield f"  {limit_of(left)}"
    for model in standing.models:
        yield from (f"  {line}" for line in model_lines(model, standing))


def model_lines(model: ModelStanding, standing: Standing) -> Iterator[str]:
    """One model of a service; where it stands as the service does, that is not said twice."""
    about = "about " if standing.estimated and model.calls_left else ""
    left = "" if model.calls_left is None or not standing.ready else f"{about}{calls_of(model.calls_left)} left"
    state = "" if model.state == standing.state else model.state
    said = ", ".join(part for part in (state, left) if part)
    yield f"{model.model}: {said}" if said else model.model
    for limit in model.limits:
        yield f"  {limit_of(limit)}"
    if model.calls:
        yield f"  in 24 hours {'; '.join(done(model))}"


def done(model: ModelStanding) -> Iterator[str]:
    """What became of the calls of the last 24 hours, and how long answers took."""
    yield calls_of(model.calls)
    if model.faults:
        yield ", ".join(f"{number} {FAULTS[kind]}" for kind, number in model.faults.items())
    if model.p50 is not None and model.p95 is not None:
        yield f"half answered within {model.p50:.2f} s, 19 of 20 within {model.p95:.2f} s"


def limit_of(left: Left) -> str:
    """What is left of one limit, and when it is full again."""
    amount = f"{number_of(left.left, left.unit)} of {number_of(left.limit, left.unit)} {left.unit} a {left.per} left"
    worth = "" if left.unit == "requests" or left.calls is None else f" (about {calls_of(left.calls)})"
    full = "" if left.full_in < 1 else f", full again in {duration(left.full_in)}"
    return amount + worth + full


def calls_of(calls: int | None) -> str:
    """So many calls."""
    return "as many calls as you like" if calls is None else f"{calls:,} call{'' if calls == 1 else 's'}"


def messages(standing: Standing) -> str:
    """How many calls went there today."""
    where = "asked on this machine" if standing.local else "left this machine"
    return f"{standing.sent_today:,} {where} today (UTC)"


def sent_where(found: Sequence[Standing]) -> str:
    """Who sees messages, and how that is stopped."""
    away = [it.service for it in found if not it.local]
    if not away:
        return "All of these run on this machine: nothing leaves it to pick a route."
    return (
        f"Messages that the local tiers are unsure about are sent to {joined(away)} to pick a route;\n"
        "ROUTER_USE_CLOUD=false keeps them here."
    )


def joined(names: Sequence[str]) -> str:
    """Names in the order in which they are asked."""
    return ", then ".join(names)


def number_of(amount: float, unit: str) -> str:
    """An amount of a unit as people read it."""
    if unit == "dollars":
        return f"{amount:.4f}".rstrip("0").rstrip(".") or "0"
    return f"{int(amount):,}" if amount >= 100 or amount == int(amount) else f"{amount:.1f}"


def duration(seconds: float) -> str:
    """A time as people tell it, to two of its parts at most."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * MINUTE:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 2 * DAY:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    return f"{seconds / DAY:.0f} days"
