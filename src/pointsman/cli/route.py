"""`pointsman route`: decide only; one text, or JSON lines in and out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from pointsman.cli.session import config_option, with_router

if TYPE_CHECKING:
    from pointsman.core.message import Message
    from pointsman.engine.router import Router

PIECE = 1 << 16


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
    """Decisions for the messages on standard input, in the same order, as they come."""
    from pointsman.core.codec import bulk_line

    for batch in batches(sys.stdin.buffer):
        decisions = await router.decide_many([message for _, message in batch])
        for (key, _), decision in zip(batch, decisions, strict=True):
            click.echo(json.dumps(bulk_line(key, decision), ensure_ascii=False))
        sys.stdout.flush()


def batches(stream: BinaryIO) -> Iterator[list[tuple[object, Message]]]:
    """The (id, message) of the lines, in lists of as many as are waiting to be read.

    A program that writes a line and waits for the answer gets it; a file is read in large pieces.
    Raises InvalidInput that names a bad line, after the good ones before it.
    """
    from pointsman.core.errors import InvalidInput

    number, rest, open_ended = 0, b"", True
    while open_ended:
        piece = stream.read1(PIECE) if isinstance(stream, BufferedIOBase) else stream.read(PIECE)
        open_ended = bool(piece)
        *lines, rest = (rest + (piece or b"\n")).split(b"\n")
        batch = []
        for line in lines:
            number += 1
            try:
                batch += [message_from(line, f"standard input:{number}")] if line.strip() else []
            except InvalidInput:
                if batch:
                    yield batch
                raise
        if batch:
            yield batch


def message_from(line: bytes, where: str) -> tuple[object, Message]:
    """The (id, message) of one line. Raises InvalidInput that begins with `where`."""
    from pointsman.core.errors import InvalidInput
    from pointsman.core.message import Message, Origin
    from pointsman.observe.labelled import history_of, turn_from, word

    cure = 'write {"id": ..., "text": "..."[, "history": [{"role", "text"}]]} on each line'
    try:
        row = json.loads(line.decode("utf-8-sig"))  # a first line may begin with a byte order mark
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON: {error}", cure=cure) from error
    if not isinstance(row, dict) or "id" not in row:
        raise InvalidInput(f"{where}: not a JSON object with an id", cure=cure)
    try:
        history = tuple(turn_from(turn, where) for turn in history_of(row, where))
        return row["id"], Message(word(row, "text", where), history=history, origin=Origin("cli"))
    except InvalidInput as error:
        raise InvalidInput(error.message, cure=cure) from error
