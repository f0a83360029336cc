"""`pointsman memory`: what people asked to be remembered, and all that is kept of somebody: shown, exported, erased."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from pointsman.cli.quoting import harmless
from pointsman.cli.session import config_option

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.core.memories import Memory
    from pointsman.core.message import Origin
    from pointsman.stores.memories import Memories

T = TypeVar("T")
FOUND: Final = 5
LISTED: Final = 1_000
LOCAL: Final = "local"

user_option = click.option(
    "--user",
    "owner",
    default=LOCAL,
    show_default=True,
    metavar="OWNER",
    help="Whose: surface:user, such as discord:80351110224678912; local is who says it on this machine.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("memory")
def memory() -> None:
    """Show, search, add or forget what people asked to be remembered; export or erase all that is kept of somebody."""


@memory.command("list")
@user_option
@json_option
@config_option
def listing(owner: str, as_json: bool, config_path: Path | None) -> None:
    """List the memories of OWNER, the oldest first."""
    show(with_memories(loaded(config_path), lambda kept: kept.of_owner(owner)), as_json=as_json)


@memory.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--count", type=click.IntRange(1, 50), default=FOUND, show_default=True, help="How many are shown.")
@user_option
@json_option
@config_option
def search(query: tuple[str, ...], count: int, owner: str, as_json: bool, config_path: Path | None) -> None:
    """Show the memories of OWNER that are nearest to QUERY, the nearest first."""
    from pointsman.core.memories import personal

    asked = " ".join(query)
    show(with_memories(loaded(config_path), lambda kept: kept.recall(asked, personal(owner), count)), as_json=as_json)


@memory.command()
@click.argument("text", nargs=-1, required=True)
@user_option
@config_option
def remember(text: tuple[str, ...], owner: str, config_path: Path | None) -> None:
    """Remember TEXT ("-" reads it from standard input) for OWNER, to be recalled where nobody reads along."""
    from pointsman.core.errors import InvalidInput
    from pointsman.core.memories import Full

    said = sys.stdin.read() if text == ("-",) else " ".join(text)
    kept = with_memories(loaded(config_path), lambda memories: memories.remember(said, origin_of(owner)))
    if isinstance(kept, Full):
        raise InvalidInput(
            f"{owner} has {kept.most:,} memories, which is the limit",
            cure="forget some: pointsman memory forget ID; or raise tools.memory.most",
        )
    known = f"known already, since {kept.memory.day}: " if kept.known else ""
    click.echo(f"{known}{row(kept.memory)}")


@memory.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@user_option
@config_option
def forget(ids: tuple[str, ...], owner: str, config_path: Path | None) -> None:
    """Forget memories of OWNER for good; the log of decisions keeps what was said as store.keep_text says."""
    from pointsman.core.errors import InvalidInput

    gone = with_memories(loaded(config_path), lambda memories: memories.forget(ids, owner))
    for it in gone:
        click.echo(f"forgotten: {row(it)}")
    if missing := sorted({it.lower() for it in ids} - {it.id for it in gone}):
        raise InvalidInput(
            f"{owner} has no memory {', '.join(it[:40] for it in missing)}",
            cure="`pointsman memory list` shows those that there are; --user says whose",
        )


@memory.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; it must not exist yet."
)
@user_option
@config_option
def export(output: Path | None, owner: str, config_path: Path | None) -> None:
    """Give all that is kept of OWNER as one JSON document: memories, decisions with their texts, corrections."""
    from pointsman.stores.persons import export_person

    text = json.dumps(export_person(loaded(config_path).store.path, owner, time.time()), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    write_private(output, f"{text}\n")
    click.echo(f"written to {output}", err=True)


@memory.command()
@click.option("--yes", "-y", is_flag=True, help="Do not ask. (Without a terminal, it is needed.)")
@user_option
@json_option
@config_option
def erase(yes: bool, owner: str, as_json: bool, config_path: Path | None) -> None:
    """Erase all that is kept of OWNER: memories in all scopes, decisions, corrections made of them. It is final."""
    from pointsman.stores.persons import erase_person

    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("to erase without being asked, write --yes")
        click.confirm(f"Erase all that is kept of {owner}? This cannot be undone.", abort=True, err=True)
    erased = erase_person(loaded(config_path).store.path, owner, time.time())
    if as_json:
        click.echo(json.dumps({"owner": owner, **erased.to_dict()}))
        return
    click.echo(
        f"erased of {owner}: {counted(erased.memories, 'memory', 'memories')}, "
        f"{counted(erased.decisions, 'decision', 'decisions')}, "
        f"{counted(erased.corrections, 'correction', 'corrections')}"
    )
    if not erased.log_emptied:
        click.echo(
            "! another process reads the database, so the texts stand in its log (the -wal file) for now\n"
            "  cure: run it again when that process has finished, or stop it",
            err=True,
        )


def loaded(config_path: Path | None) -> Config:
    """The configuration."""
    from pointsman.config.load import load

    return load(config_path).config


def with_memories(config: Config, work: Callable[[Memories], Awaitable[T]]) -> T:
    """What `work` returns, run on the memories; the encoder is opened when one has to be read."""
    import asyncio
    from functools import cache

    from pointsman.build.tools import open_memories
    from pointsman.providers.encoders import MiniLm

    async def session() -> T:
        memories = open_memories(config, cache(lambda: MiniLm(threads=config.encoder.threads)))
        try:
            return await work(memories)
        finally:
            await memories.close()

    return asyncio.run(session())


def origin_of(owner: str) -> Origin:
    """An owner as one who speaks in private."""
    from pointsman.core.errors import BadField
    from pointsman.core.message import Origin

    surface, _, user = owner.partition(":")
    if owner == LOCAL:
        return Origin("cli", direct=True)
    if not (surface and user):
        raise BadField("user", f"{owner[:64]!r} names nobody", cure=f"write {LOCAL}, or surface:user")
    return Origin(surface, user=user, direct=True)


def show(found: Sequence[Memory], *, as_json: bool) -> None:
    """Prints memories."""
    if as_json:
        click.echo(json.dumps({"memories": [it.to_dict() for it in found]}, ensure_ascii=False))
        return
    for it in found[:LISTED]:
        click.echo(row(it))
    if len(found) > LISTED:
        click.echo(f"and {len(found) - LISTED:,} more; --json prints all", err=True)
    if not found:
        click.echo("nothing is remembered", err=True)


def row(it: Memory) -> str:
    """A memory on one line."""
    scope = f"{it.scope} {it.whose}" if it.scope == "guild" else it.scope
    return f"{it.id:<6} {it.day}  {harmless(scope):<8} {harmless(' '.join(it.text.split()))}"


def write_private(path: Path, text: str) -> None:
    """Writes a new file that only its owner can read. Raises ConfigError."""
    import os

    from pointsman.core.errors import ConfigError

    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}", cure="name a new file") from error


def counted(number: int, one: str, many: str) -> str:
    """So many of something."""
    return f"{number:,} {one if number == 1 else many}"
