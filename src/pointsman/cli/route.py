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
    from pointsman.core.errors import InvalidInput
    from pointsman.core.message import Message, Turn
    from pointsman.engine.router import Router

PIECE = 1 << 16
CURE = 'write {"id": ..., "text": "..."[, "history": [{"role", "text" or "content"}]]} on each line'


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
    """Decisions for the messages on standard input, in the same order, as they come; bad lines are named on stderr.

    Raises InvalidInput at the end when there were any.
    """
    from pointsman.core.codec import bulk_line
    from pointsman.core.errors import InvalidInput

    bad = 0
    for batch in batches(sys.stdin.buffer):
        decisions = iter(await router.decide_many([it[1] for it in batch if not isinstance(it, InvalidInput)]))
        for line in batch:
            if isinstance(line, InvalidInput):
                bad += 1
                click.echo(f"pointsman: {line.message}", err=True)
            else:
                click.echo(json.dumps(bulk_line(line[0], next(decisions)), ensure_ascii=False))
        sys.stdout.flush()
    if bad:
        lines = "1 line" if bad == 1 else f"{bad} lines"
        raise InvalidInput(f"standard input: {lines} without a decision, named above; all others have one", cure=CURE)


def batches(stream: BinaryIO) -> Iterator[list[tuple[object, Message] | InvalidInput]]:
    """The (id, message) of the lines, or what is wrong with them, in lists of as many as are waiting to be read.

    A program that writes a line and waits for the answer gets it; a file is read in large pieces.
    """
    number, rest, open_ended = 0, b"", True
    while open_ended:
        piece = stream.read1(PIECE) if isinstance(stream, BufferedIOBase) else stream.read(PIECE)
        open_ended = bool(piece)
        *lines, rest = (rest + (piece or b"\n")).split(b"\n")
        batch = [
            message_or_error(line, f"standard input:{number + at}") for at, line in enumerate(lines, 1) if line.strip()
        ]
        number += len(lines)
        if batch:
            yield batch


def message_or_error(line: bytes, where: str) -> tuple[object, Message] | InvalidInput:
    """The (id, message) of one line, or what is wrong with it."""
    from pointsman.core.errors import InvalidInput

    try:
        return message_from(line, where)
    except InvalidInput as error:
        return error


def message_from(line: bytes, where: str) -> tuple[object, Message]:
    """The (id, message) of one line. Raises InvalidInput that begins with `where`."""
    from pointsman.core.errors import InvalidInput
    from pointsman.core.message import Message, Origin
    from pointsman.observe.labelled import history_of, word

    try:
        row = json.loads(line.decode("utf-8-sig"))  # a first line may begin with a byte order mark
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not JSON: {error}", cure=CURE) from error
    if not isinstance(row, dict) or "id" not in row:
        raise InvalidInput(f"{where}: not a JSON object with an id", cure=CURE)
    history = tuple(turn_of(turn, where) for turn in history_of(row, where))
    return row["id"], Message(word(row, "text", where), history=history, origin=Origin("cli"))


def turn_of(turn: object, where: str) -> Turn:
    """One earlier turn, with our `text` or with OpenAI's `content`, as `POST /v1/route` takes it."""
    from pointsman.observe.labelled import turn_from

    if not isinstance(turn, dict) or "text" in turn or "content" not in turn:
        return turn_from(turn, where)
    from pointsman.core.errors import BadField, InvalidInput
    from pointsman.core.message import Turn
    from pointsman.http.fields import Fields
    from pointsman.http.openai.messages import read_entry

    try:
        said = read_entry(Fields(turn))
    except BadField as error:
        raise InvalidInput(f"{where}: history: {error.message}", cure=error.cure) from error
    return Turn(said.role, said.text)
