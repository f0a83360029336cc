"""`pointsman pull`: fetches a model file, or has an Ollama fetch a model of its library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.session import config_option

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.providers.modelfiles import Progress

OLLAMA: Final = "ollama:"


@click.command()
@click.argument("name")
@click.option("--url", help="Another address of the same file (its SHA-256 must be the same), or of the Ollama.")
@config_option
@click.pass_context
def pull(ctx: click.Context, name: str, url: str | None, config_path: Path | None) -> None:
    """Fetch the model NAME and say where it is: smollm2 (98 MB), or a model of an Ollama such as ollama:qwen3:14b.

    An interrupted pull goes on where it stopped. A file that is not the expected one is removed. The Ollama is that
    of the configuration, else OLLAMA_HOST, else the one on this machine.
    """
    import asyncio

    if name.startswith(OLLAMA):
        click.echo(asyncio.run(pull_ollama(name.removeprefix(OLLAMA), url, config_path or ctx.obj)))
        return
    from pointsman.core.errors import UnknownModel
    from pointsman.providers.modelfiles import known

    try:
        model = known(name)
    except UnknownModel as error:
        raise UnknownModel(error.message, cure=f"{error.cure}; or one of an Ollama, such as ollama:qwen3:14b") from None
    with drawn(model.file, model.size) as progress:
        found = asyncio.run(fetch(name, url, progress))
        if progress:
            progress(model.size, model.size)
    click.echo(found)


@contextmanager
def drawn(title: str, size: int | None = None) -> Iterator[Progress | None]:
    """Draws a bar on a terminal while something is fetched, of a known size or not; None elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress("{task.description}", *columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(escape(title), total=size)
        yield lambda here, whole: bar.update(task, completed=here, total=whole or None)


async def fetch(name: str, url: str | None, progress: Progress | None) -> Path:
    """The file, through a client that heeds the proxy settings of the environment."""
    import aiohttp

    from pointsman.providers.modelfiles import pull as pull_file

    async with aiohttp.ClientSession(trust_env=True) as session:
        return await pull_file(name, url=url, session=session, progress=progress)


async def pull_ollama(model: str, url: str | None, config_path: Path | None) -> str:
    """Has an Ollama download a model; says where it is. Raises UnknownModel, Unreachable, ModelFailed, ConfigError."""
    import os

    from pointsman.config.load import load
    from pointsman.providers.ollama.client import Ollama

    address, key = ollama_of(load(config_path).config, model, url, os.environ)
    ollama = Ollama(address, key=key)
    try:
        with drawn(model) as progress:
            async with aclosing(ollama.pull(model)) as told:
                async for it in told:
                    if progress:
                        progress(it.done, it.total)
    finally:
        await ollama.close()
    return f"{model} is at {ollama.url}"


def ollama_of(config: Config, model: str, url: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """The address and the key of the Ollama that a model is for. Raises ConfigError for an address that is none.

    That is `url` where it is given, then the one that has the model in the configuration, then any there,
    OLLAMA_HOST, this machine.
    """
    from pointsman.config.ollama import HOST, OllamaModel
    from pointsman.providers.ollama.client import URL
    from pointsman.providers.ollama.said import plain

    if url:
        return address_in(url, "--url"), ""
    served = [it for it in (config.models.main, config.models.small) if isinstance(it, OllamaModel)]
    served.sort(key=lambda it: plain(it.model) != plain(model))
    deciding = config.cloud.ollama
    if deciding.enabled and (plain(model) in map(plain, deciding.models) or not served):
        return deciding.url, ""
    if served:
        return served[0].url, served[0].key.get_secret_value() if served[0].key else ""
    return address_in(environ.get(HOST, "").strip() or URL, HOST), ""


def address_in(said: str, source: str) -> str:
    """An address as OLLAMA_HOST may hold it. Raises ConfigError."""
    from pydantic_core import PydanticCustomError

    from pointsman.config.addresses import is_url, ollama_url
    from pointsman.core.errors import ConfigError

    try:
        return is_url(str(ollama_url(said)))
    except (PydanticCustomError, ValueError):
        raise ConfigError(f"{source} is no address", cure="write it as http://127.0.0.1:11434, or host:port") from None
