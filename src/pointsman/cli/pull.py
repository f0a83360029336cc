"""`pointsman pull`: fetches a model file, goes on where it stopped, and checks what came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pointsman.providers.modelfiles import Progress


@click.command()
@click.argument("name")
@click.option("--url", help="Another address of the same file (its SHA-256 must be the same).")
def pull(name: str, url: str | None) -> None:
    """Fetch the model NAME (smollm2: 98 MB) and print where it stands.

    An interrupted pull goes on where it stopped. A file that is not the expected one is removed.
    """
    import asyncio
    import sys

    from pointsman.providers.modelfiles import known

    model = known(name)
    if not sys.stderr.isatty():
        click.echo(asyncio.run(fetch(name, url, None)))
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress("{task.description}", *columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(model.file, total=model.size)
        found = asyncio.run(fetch(name, url, lambda here, whole: bar.update(task, completed=here, total=whole)))
        bar.update(task, completed=model.size)
    click.echo(found)


async def fetch(name: str, url: str | None, progress: Progress | None) -> Path:
    """The file, through a client that heeds the proxy settings of the environment."""
    import aiohttp

    from pointsman.providers.modelfiles import pull as pull_file

    async with aiohttp.ClientSession(trust_env=True) as session:
        return await pull_file(name, url=url, session=session, progress=progress)
