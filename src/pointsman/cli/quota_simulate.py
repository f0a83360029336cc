"""`pointsman quota simulate`: when a day's messages use up what each service allows, played without sending any."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pointsman.cli.quota_traffic import Rate, Share, Traffic, Wishes, percent, traffic
from pointsman.cli.session import config_option

if TYPE_CHECKING:
    from rich.table import Table

    from pointsman.config import cloud
    from pointsman.config.model import Config
    from pointsman.providers.remote.account import Terms
    from pointsman.providers.remote.forecast import Candidate, Forecast

SEED: Final = 1
WIDTH: Final = 110
DAY: Final = 86_400.0
TOGETHER: Final = "together, in order"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of the calls at one service, or at all of them; `most` calls a day are allowed (infinite: any)."""

    service: str
    made: Forecast
    most: float
    cost: Mapping[str, float]

    def to_dict(self, played: Traffic) -> dict[str, Any]:
        """The same as plain data."""
        first = self.made.first_refused
        return {
            "service": self.service,
            "asked": self.made.asked,
            "served": sum(self.made.served.values()),
            "served_by": dict(self.made.served),
            "refused": self.made.refused,
            "first_refused_seconds": first,
            "first_refused": None if first is None else when(first),
            "lacked": dict(self.made.lacked),
            "calls_a_day_allowed": None if self.most == float("inf") else round(self.most, 1),
            "share_of_allowed": None if self.most in {0.0, float("inf")} else round(played.a_day / self.most, 4),
            "call_takes": dict(self.cost),
        }


@click.command("simulate")
@click.option("--rate", type=Rate(), metavar="N/d|N/h", help="So many messages a day or an hour, such as 500/d.")
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='The messages of a log: JSON lines {"at": seconds or ISO time[, "tier"]}.',
)
@click.option("--share", type=Share(), metavar="2%", help="How many of the messages reach the cloud.")
@click.option("--days", type=click.IntRange(1, 366), metavar="N", help="So many days (default: 7, or the log's).")
@click.option("--even", is_flag=True, help="Evenly spread, not busy by day and quiet by night.")
@click.option("--service", "names", multiple=True, metavar="NAME", help="Only this service; may be given repeatedly.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@config_option
@click.pass_context
def simulate(
    ctx: click.Context,
    *,
    rate: float | None,
    log: Path | None,
    share: float | None,
    days: int | None,
    even: bool,
    names: tuple[str, ...],
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Find out when messages use up what each service allows; nothing is sent.

    The messages come from --rate, from a --log, or else from the decisions of the last 7 days.
    """
    import random
    import time

    from pointsman.config.load import load

    if rate is not None and log is not None:
        raise click.UsageError("--rate and --log are two ways to say the same; give one of them")
    config = load(config_path or ctx.obj).config
    chosen = chosen_services(config, names)
    played = traffic(Wishes(rate, log, share, days, even), config, time.time(), random.Random(SEED))
    rows = rows_of(config, chosen, played)
    if as_json:
        said = {"traffic": played.told, "days": played.days, "calls_a_day": round(played.a_day, 2)}
        click.echo(json.dumps({**said, "services": [row.to_dict(played) for row in rows]}, ensure_ascii=False))
        return
    show(rows, played)


def chosen_services(config: Config, names: Sequence[str]) -> list[cloud.Service]:
    """The services to play, in the order in which they are asked, with or without a key. Raises click.UsageError."""
    settings = config.cloud
    everyone: tuple[cloud.Service, ...] = (
        settings.ollama,
        settings.cloudflare,
        settings.groq,
        settings.huggingface,
        *settings.servers,
    )
    known = {it.name: it for it in everyone}
    for name in names:
        if name not in known:
            raise click.BadParameter(
                f"there is no service {name!r}; there are: {', '.join(known)}", param_hint="--service"
            )
    order = dict.fromkeys((*settings.order, *known))
    # What runs on this machine has no limits, so it is only played where it is wished for.
    return [known[name] for name in order if (name in names if names else name != settings.ollama.name)]


def rows_of(config: Config, chosen: Sequence[cloud.Service], played: Traffic) -> list[Row]:
    """What becomes of the calls at each service, and where one that refuses passes them on to the next."""
    from pointsman.providers.remote.forecast import forecast, most_a_day, together

    services = opened(config, chosen)
    rows = []
    for terms, candidates in services:
        made = forecast(terms, candidates, played.arrivals, played.start)
        cost: dict[str, float] = (
            {unit: amount for unit, amount in candidates[0].cost.items() if unit != "requests"} if candidates else {}
        )
        rows.append(Row(terms.service, made, most_a_day(terms, candidates), cost))
    if len(rows) > 1:
        made = together(services, played.arrivals, played.start)
        rows.append(Row(TOGETHER, made, sum(row.most for row in rows), {}))
    return rows


def opened(config: Config, chosen: Sequence[cloud.Service]) -> list[tuple[Terms, list[Candidate]]]:
    """What each service allows, and what a call to each of its models takes: as it did, else as it is thought to."""
    import asyncio

    from pointsman.build.services import Times, open_service
    from pointsman.build.standings import examples_shown
    from pointsman.build.terms import terms_of
    from pointsman.build.typical import costs_of
    from pointsman.config import intents
    from pointsman.providers.remote.account import Terms
    from pointsman.providers.remote.forecast import Candidate
    from pointsman.stores.shelf import SqliteShelf

    catalogue, shown = intents.of(config), examples_shown(config)

    async def looked() -> list[tuple[Terms, list[Candidate]]]:
        shelf = SqliteShelf(config.store.path)
        found = []
        try:
            for settings in chosen:
                service = open_service(settings, shelf, 1.0, Times())
                costs = costs_of(service, catalogue, shown)
                means = {model.model: model.mean for model in (await service.caller.status()).models}
                candidates = [
                    Candidate(model, {**costs.get(model, {}), **means[model]}) for model in service.caller.models
                ]
                limits, recovery = terms_of(settings)
                found.append((Terms(settings.name, limits, recovery), candidates))
                await service.caller.close()
        finally:
            await shelf.close()
        return found

    return asyncio.run(looked())


def show(rows: Sequence[Row], played: Traffic) -> None:
    """Prints the result for people."""
    from rich.console import Console

    click.echo(f"{played.told}: about {amount(played.a_day)} a day.")
    if not played.arrivals:
        click.echo("No message reaches the cloud in that time, so nothing is used up.")
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table_of(rows, played))
    click.echo("A call takes about " + "; ".join(f"{takes(row)} of {row.service}" for row in rows if row.cost) + ".")


def table_of(rows: Sequence[Row], played: Traffic) -> Table:
    """The result as a table."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("service", no_wrap=True)
    for name in ("calls", "served", "refused"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("first refused (UTC)", no_wrap=True)
    table.add_column("for lack of")
    for name in ("allows a day", "used"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        made = row.made
        first = "never" if made.first_refused is None else when(made.first_refused)
        unlimited = row.most == float("inf")
        table.add_row(
            row.service,
            f"{made.asked:,}",
            f"{sum(made.served.values()):,}",
            f"{made.refused:,}",
            first,
            ", ".join(sorted(made.lacked, key=lambda what: -made.lacked[what])[:3]) or "-",
            "any number" if unlimited else f"about {amount(row.most)}",
            "-" if unlimited or not row.most else percent(played.a_day / row.most),
        )
    return table


def when(seconds: float) -> str:
    """A time from the start as the day, counted from 1, and the time of day."""
    day, rest = divmod(int(seconds), int(DAY))
    return f"day {day + 1}, {rest // 3600:02}:{rest % 3600 // 60:02}"


def amount(number: float) -> str:
    """A number of calls, to three digits where it is small."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def takes(row: Row) -> str:
    """What one call takes, with its unit."""
    return " and ".join(
        f"{amount:.3g} {unit}" if amount < 1000 else f"{amount:,.0f} {unit}" for unit, amount in row.cost.items()
    )
