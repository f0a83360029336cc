"""`pointsman route`: decide only; one text, or JSON lines in and out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.session import config_option, with_router

if TYPE_CHECKING:
    from pointsman.core.message import Message
    from pointsman.engine.router import Router

BATCH = 256


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print the whole decision as one JSON object.")
@click.option("--jsonl", "lines", is_flag=True, help='With "-": JSON lines {"id","text"[,"history"]} in and out.')
@config_option
def route(text: str, as_json: bool, lines: bool, config_path: Path | None) -> None:
    """Decide what TEXT wants and why, without answering it; "-" reads the text from standard input."""
    if lines:
        if text != "-":
            raise click.UsageError('--jsonl reads standard input: write "pointsman route - --jsonl"')
        with_router(config_path, route_lines)
        return
    said = sys.stdin.read() if text == "-" else text

    async def decide(router: Router) -> None:
        from pointsman.core.codec import decision_to_dict
        from pointsman.core.message import Message, Origin

        decision = await router.decide(Message(said, origin=Origin("cli")))
        click.echo(json.dumps(decision_to_dict(decision), ensure_ascii=False) if as_json else decision.explain())

    with_router(config_path, decide)


async def route_lines(router: Router) -> None:
    """Decisions for the messages on standard input, in the same order, written as they come."""
    from pointsman.core.codec import bulk_line

    for batch in batches(messages(sys.stdin), BATCH):
        decisions = await router.decide_many([message for _, message in batch])
        for (key, _), decision in zip(batch, decisions, strict=True):
            click.echo(json.dumps(bulk_line(key, decision), ensure_ascii=False))
        sys.stdout.flush()


def messages(stream: Iterable[str]) -> Iterator[tuple[object, Message]]:
    """The (id, message) of each line. Raises InvalidInput that names the line."""
    from pointsman.core.errors import InvalidInput
    from pointsman.core.message import Message, Origin, Turn

    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            history = tuple(Turn(turn["role"], turn["text"]) for turn in row.get("history", ()))
            yield row["id"], Message(row["text"], history=history, origin=Origin("cli"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(
                f"standard input, line {number}: not a message: {error!r}",
                cure='write {"id": ..., "text": "..."[, "history": [{"role", "text"}]]} on each line',
            ) from error


def batches(items: Iterable[tuple[object, Message]], size: int) -> Iterator[list[tuple[object, Message]]]:
    """The items in lists of at most `size`."""
    batch: list[tuple[object, Message]] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
