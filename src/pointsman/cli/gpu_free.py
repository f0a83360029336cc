"""`pointsman gpu free`: gives memory back, and says what was seen to come free."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from pointsman.cli.session import config_option, with_models_found

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.core.ports import Clock
    from pointsman.gpu.backend import Backend, Loaded
    from pointsman.gpu.reading import Probe

# Servers say "done" up to a second and a half before memory is back; one that works gives it back when it has ended.
COMES_BACK_IN: Final = 5.0
LOOK_EVERY: Final = 0.25

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: bytes seen free (None where nobody measures), who was asked, what stays, who failed and why."""

    by: Literal["gateway", "here"]
    freed: int | None
    asked: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@click.command()
@click.argument("tenant", default="")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object.")
@config_option
@click.pass_context
def free(ctx: click.Context, tenant: str, *, as_json: bool, config_path: Path | None) -> None:
    """Give TENANT's memory back (such as ollama:qwen3:14b), or that of all that is idle.

    The gateway that runs does it, and leaves what is in use; where none runs, the servers are told directly, which
    let go when they have ended what they do.
    """
    import asyncio
    import time
    from dataclasses import asdict

    from pointsman.config.load import load

    config = with_models_found(load(config_path or ctx.obj))
    outcome = asyncio.run(freed(config, tenant, time.monotonic, asyncio.sleep))
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False))
        return
    for line in lines_of(outcome, tenant):
        click.echo(line)


async def freed(config: Config, tenant: str, clock: Clock, sleep: Sleep) -> Outcome:
    """Has memory given back. Raises PointsmanError: the key is refused, no such server, or none answers."""
    from pointsman.cli.gpu_looking import Looker

    looker = Looker(config, clock)
    try:
        told = await looker.gateway.free(tenant)
        if told is not None:
            return Outcome("gateway", told.bytes, still=told.still)
        probe, backends = looker.opened()
        return await freed_here(probe, chosen(backends, tenant), tenant, clock, sleep)
    finally:
        await looker.close()


def chosen(backends: Sequence[Backend], tenant: str) -> Sequence[Backend]:
    """The servers to tell. Raises InvalidInput for a tenant of none of them."""
    from pointsman.core.errors import ConfigError, InvalidInput

    if not backends:
        raise ConfigError(
            "no server is configured that holds models on a card", cure="set OLLAMA_HOST or COMFYUI_URL, or start them"
        )
    if not tenant:
        return backends
    found = [it for it in backends if tenant.startswith(f"{it.name}:")]
    if not found:
        known = ", ".join(f"{it.name}:…" for it in backends)
        raise InvalidInput(f"{tenant!r} is nobody's; there are {known}", cure="see pointsman gpu")
    return found


async def freed_here(probe: Probe, backends: Sequence[Backend], tenant: str, clock: Clock, sleep: Sleep) -> Outcome:
    """Tells the servers directly, and looks until the memory is back. Raises Unreachable where none answers."""
    from pointsman.core.errors import PointsmanError, Unreachable

    before = await used(probe)
    asked: list[str] = []
    told: list[Backend] = []
    failed: list[PointsmanError] = []
    expected = 0
    for backend in backends:
        try:
            held = [it for it in await backend.loaded() if tenant in {"", it.tenant}]
            # What ComfyUI keeps it does not list: it is told all the same.
            names = [it.tenant for it in held] or ([tenant or f"{backend.name}:"] if backend.loads_on_use else [])
            for name in names:
                await backend.unload(name, deep=True)
            asked += [name.rstrip(":") for name in names]
            told += [backend] if names else []
            expected += sum(it.on_card for it in held)
        except PointsmanError as error:
            failed.append(error)
    if failed and len(failed) == len(backends):
        raise Unreachable("; ".join(it.message for it in failed), cure=failed[0].cure or "start it")
    back = await seen_back(probe, before, expected, clock, sleep) if asked else 0
    # Who loads on use lets go of all or nothing, by whatever name it was asked.
    still = [
        it.tenant for backend in told for it in await listed(backend) if backend.loads_on_use or it.tenant in asked
    ]
    return Outcome("here", back, tuple(asked), tuple(still), tuple(it.message for it in failed))


async def listed(backend: Backend) -> Sequence[Loaded]:
    """What a server still holds, as far as it says."""
    from pointsman.core.errors import PointsmanError

    try:
        return await backend.loaded()
    except PointsmanError:
        return ()


async def used(probe: Probe) -> int | None:
    """The bytes that are in use on all cards; None where nobody measures."""
    readings = [it for it in await probe.sample() if it.measured]
    return sum(it.used for it in readings) if readings else None


async def seen_back(probe: Probe, before: int | None, expected: int, clock: Clock, sleep: Sleep) -> int | None:
    """The bytes that come back within a few seconds: freed is what is seen free, not what a server says."""
    if before is None:
        return None
    until = clock() + COMES_BACK_IN
    back = 0
    while clock() < until:
        now = await used(probe)
        back = back if now is None else max(0, before - now)
        if expected and back >= expected:
            break
        await sleep(LOOK_EVERY)
    return back


def lines_of(outcome: Outcome, tenant: str) -> Sequence[str]:
    """The outcome for people."""
    from pointsman.observe.amounts import size

    lines = []
    if outcome.by == "here" and not outcome.asked:
        lines.append(f"{tenant} is not in memory." if tenant else "Nothing is in memory that could be given back.")
    elif outcome.freed is None:
        lines.append(f"Asked {', '.join(outcome.asked)} to let go; no sensor here can see whether the memory is back.")
    elif outcome.freed:
        lines.append(f"{size(outcome.freed)} came free.")
    else:
        lines.append("Nothing came free.")
    if outcome.still:
        lines.append(f"Still in memory: {', '.join(outcome.still)} (in use, pinned, or about to let go).")
    lines.extend(f"Not asked: {it}" for it in outcome.failed)
    return lines
