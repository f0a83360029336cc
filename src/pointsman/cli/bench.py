"""`pointsman bench`: how long each tier, the local small model and each service take, side by side."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pointsman.cli.picture import be_ready_to_draw
from pointsman.cli.session import config_option, tell

if TYPE_CHECKING:
    from pointsman.cli.contestants import Contestant, Field
    from pointsman.core.category import Catalogue
    from pointsman.core.message import Message
    from pointsman.core.ports import Clock
    from pointsman.observe.latency import Call, Latencies, Row

# A table needs this many columns when nobody's terminal says how many there are.
WIDTH: Final = 120
SEED: Final = 4
# More calls than this to each service are spent only when somebody agrees.
UNASKED: Final = 20
PICTURE: Final = "bench.png"


@click.command()
@click.option("--calls", type=click.IntRange(1, 100_000), metavar="N", help="Calls to each service and to the model.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this tier or service, cascade, model or cloud.")
@click.option("--yes", is_flag=True, help=f"Make more than {UNASKED} calls to each service without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option(
    "--plot",
    "picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    is_flag=False,
    flag_value=PICTURE,
    metavar="[OUT.png]",
    help=f"Draw every call, by contestant (in {PICTURE} where no file is given).",
)
@config_option
def bench(
    *,
    calls: int | None,
    only: tuple[str, ...],
    yes: bool,
    as_json: bool,
    picture: Path | None,
    config_path: Path | None,
) -> None:
    """Measure how long each tier, the local small model and each service take for the same messages.

    The messages are utterances that come with the categories; nothing that you said is sent. Everybody takes turns,
    message by message: local tiers 200, the model 5, each service 10, which count in its quota. The first call of each
    is shown by itself. Times are of the calls that did not fail.
    """
    be_ready_to_draw(picture)
    from pointsman.cli.contestants import names_in, open_field
    from pointsman.config import intents
    from pointsman.config.load import load

    config = load(config_path).config
    if unknown := [name for name in only if name not in names_in(config)]:
        raise click.BadParameter(
            f"{unknown[0]!r} is nobody; there are: {', '.join(names_in(config))}", param_hint="--only"
        )
    catalogue = intents.of(config)
    made = open_field(config, catalogue, only, calls)
    agree_to_spend(made, yes=yes)
    result = measured(made, messages_from(catalogue, made))
    show(result, as_json=as_json)
    if picture is not None:
        from pointsman.observe.latency_plot import plot

        plot(result, picture)
        click.echo(f"drawn: {picture}", err=True)
    if result.interrupted:
        from pointsman.cli.main import INTERRUPTED

        click.echo("pointsman: interrupted; what was measured until then is shown", err=True)
        click.get_current_context().exit(INTERRUPTED)


def agree_to_spend(made: Field, *, yes: bool) -> None:
    """Says what is going to be sent to whom and how often; raises InvalidInput when nobody agrees to much of it."""
    from pointsman.core.errors import InvalidInput

    asked = [contestant for contestant in made.slow if contestant.kind in {"service", "cloud"}]
    if made.services is None or not asked:
        return
    outside = {service.name for service in made.services if not service.local}
    for line in announced(asked, outside, sensors=len(made.services.sensors)):
        click.echo(f"pointsman: {line}", err=True)
    many = max(contestant.calls for contestant in asked)
    if yes or many <= UNASKED or not outside:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(f"{many} calls to each service are not made unasked", cure="add --yes, or a smaller --calls")
    click.confirm("Spend them?", abort=True, err=True)


def announced(asked: Sequence[Contestant], outside: set[str], *, sensors: int) -> Iterator[str]:
    """What is going to be sent to whom, and how often."""
    yield (
        "services are sent short utterances of the catalogue, with the categories or the nearest utterances as the "
        "cloud tier sends them; nothing that you said"
    )
    for it in asked:
        number = it.calls + 1  # with the first
        if it.kind == "cloud":
            beside = f", and {sensors} sensor{'s' * (sensors > 1)} beside" if sensors else ""
            yield f"cloud: {number} messages, each to the first service and to further ones as far as needed{beside}"
        else:
            where = "" if it.name in outside else ", on this machine"
            embeds = ", and the utterances to compare with where they are not known yet" if it.ready else ""
            yield f"{it.name}: {number} calls{where}{embeds}; a call that fails may be tried once more"


def messages_from(catalogue: Catalogue, made: Field) -> list[Message]:
    """Short utterances for everybody, the first for the first call. Raises ConfigError when there are none."""
    import random

    from pointsman.cli.contestants import rehearsed
    from pointsman.core.errors import ConfigError
    from pointsman.core.message import Message
    from pointsman.observe.latency import sample

    most = max((it.calls for it in (*made.local, *made.slow)), default=0) + 1
    met = {utterance.text for utterance in rehearsed(catalogue)}
    new = [utterance for utterance in catalogue.utterances if utterance.text not in met]
    # What the user wrote is taken only where there is nothing else to ask about.
    shipped = [utterance for utterance in new if utterance.category not in catalogue.own]
    texts = sample(shipped or new or catalogue.utterances, most, random.Random(SEED))
    if not texts:
        raise ConfigError("no category has an utterance to ask about", cure="give some under `utterances`")
    return [Message(text) for text in texts]


@dataclass(slots=True)
class Record:
    """What a contestant's calls brought by now."""

    of: Contestant
    first: Call | None = None
    calls: list[Call] = field(default_factory=list)

    @property
    def row(self) -> Row:
        """The record as a row of the result."""
        from pointsman.observe.latency import Row

        return Row(self.of.name, self.of.kind, self.first, tuple(self.calls))


def measured(made: Field, messages: Sequence[Message]) -> Latencies:
    """What everybody's calls brought; as far as it went when it is interrupted."""
    import asyncio

    from pointsman.observe.latency import Latencies

    # Those in this process first: after 0.3 s of waiting for a service caches are cold, and the fast tier and the
    # patterns took 2 to 3 times as long, so local tiers would look slower wherever services are set up.
    heats = [[Record(it) for it in heat] for heat in (made.local, made.slow)]

    async def work() -> None:
        try:
            for heat in heats:
                await take_turns(heat, messages, time.perf_counter)
        finally:
            await made.close()

    interrupted = True
    with suppress(KeyboardInterrupt):
        asyncio.run(work())
        interrupted = False
    return Latencies(tuple(record.row for heat in heats for record in heat), made.skipped, interrupted)


async def take_turns(heat: Sequence[Record], messages: Sequence[Message], clock: Clock) -> None:
    """Asks everybody the first message, and then turn by turn, so that a noisy moment hits all alike."""
    for record, message in watched(schedule(heat, messages)):
        if record.first is None and record.of.ready and (kept := await record.of.ready()):
            tell(f"{record.of.name}: {kept}")
        call = await timed(record.of, message, clock)
        if record.first is not None:
            record.calls.append(call)
            continue
        record.first = call
        if record.of.warm:
            await record.of.warm()


def schedule(heat: Sequence[Record], messages: Sequence[Message]) -> list[tuple[Record, Message]]:
    """Who is asked what, in order: each message once to each, as many as each is to be asked."""
    return [(record, message) for turn, message in enumerate(messages) for record in heat if turn <= record.of.calls]


def watched(turns: Sequence[tuple[Record, Message]]) -> Iterable[tuple[Record, Message]]:
    """The turns, with a bar for whoever watches."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(turns, "asking", console=console, disable=not turns or not sys.stderr.isatty(), transient=True)


async def timed(contestant: Contestant, message: Message, clock: Clock) -> Call:
    """One question, and how long the answer took."""
    import asyncio

    from pointsman.core.errors import PointsmanError
    from pointsman.core.faults import ServiceFailed
    from pointsman.observe.latency import Call

    message = contestant.shown(message)
    await asyncio.sleep(0)  # where an interruption is heard, as most tiers never wait
    began = clock()
    try:
        said: Any = contestant.ask(message)
        if contestant.waits:
            said = await said
    except PointsmanError as error:
        ms = (clock() - began) * 1e3
        if isinstance(error, ServiceFailed):
            return Call(ms, "failed", error.kind, error.message, error.asked)
        return Call(ms, "failed", error.code, error.message)
    ms = (clock() - began) * 1e3
    reason = abstained(said)
    return Call(ms, "answered") if reason is None else Call(ms, "abstained", words=reason)


def abstained(said: Any) -> str | None:
    """Why nobody decided; None where somebody did."""
    from pointsman.core.decision import Abstain, Decision
    from pointsman.tiers.cascade import FALLBACK

    if isinstance(said, Decision):
        return "no tier was sure" if said.tier == FALLBACK else None
    return said.reason if isinstance(said, Abstain) else None


def show(result: Latencies, *, as_json: bool) -> None:
    """Prints the result on standard output."""
    if as_json:
        import json

        click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
        return
    from rich.console import Console

    from pointsman.observe.latency_table import render

    render(result, Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False))
