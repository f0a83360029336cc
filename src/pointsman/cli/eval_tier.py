"""`pointsman eval --tier`: one tier or one service by itself, measured on labelled messages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pointsman.cli.session import tell

if TYPE_CHECKING:
    from asyncio import Runner

    from pointsman.build.asked_alone import Alone, Said
    from pointsman.core.faults import ServiceFailed
    from pointsman.observe.alone import Heard, TierAlone
    from pointsman.observe.labelled import Labelled
    from pointsman.providers.remote.standing import Standing

# A table needs this many columns when nobody's terminal says how many there are.
WIDTH: Final = 100
# More messages than this are sent away only when somebody agrees.
UNASKED: Final = 20
# After so many failures in a row nobody is there; before the first answer; and of those that are to last.
MOST_FAILURES: Final = 10
MOST_AT_FIRST: Final = 3
MOST_LASTING: Final = 2
# The exit code of a result that ends where the service did.
UNREACHED: Final = 4
TODAY: Final = {"day": "today", "month": "this month"}
NOTE: Final = (
    "Measured on all of these messages. In the cascade it only sees those that the tiers before it are unsure of, "
    "which are harder."
)


@dataclass(slots=True)
class Course:
    """How far the asking came: what was heard, and how the service failed where that `stopped` it."""

    heard: list[Heard] = field(default_factory=list)
    stopped: ServiceFailed | None = None
    interrupted: bool = False
    _failures: list[Said] = field(default_factory=list)

    def note(self, heard: Heard, said: Said) -> bool:
        """Keeps what was said to a message; whether the next one is worth asking."""
        self.heard.append(heard)
        if said.fault is None:
            self._failures.clear()
            return True
        self._failures.append(said)
        streak = self._streak()
        if streak:
            # That nobody was there any more says nothing about how good the answers are.
            del self.heard[-len(streak) :]
            faults = [failure.fault for failure in streak if failure.fault]
            # That it was not asked any more says less than how it failed before.
            self.stopped = next((fault for fault in reversed(faults) if fault.asked), faults[-1])
        return not streak

    def _streak(self) -> list[Said]:
        """The failures in a row after which nobody is asked any more; none where that is not so."""
        last = self._failures[-MOST_LASTING:]
        if len(last) == MOST_LASTING and all(failure.lasts for failure in last):
            return last
        none_yet = all(it.made is None for it in self.heard)
        return self._failures if len(self._failures) >= (MOST_AT_FIRST if none_yet else MOST_FAILURES) else []


def eval_tier(
    name: str,
    file: Path,
    choose: Callable[[list[Labelled]], list[Labelled]],
    *,
    config_path: Path | None,
    yes: bool,
    as_json: bool,
    picture: Path | None,
) -> None:
    """Asks the tier about the chosen messages, and prints how good its answers are. Raises PointsmanError."""
    from asyncio import Runner

    from pointsman.build.alone import open_alone
    from pointsman.config import intents
    from pointsman.config.load import load
    from pointsman.observe.labelled import read_labelled

    config = load(config_path).config
    labelled = read_labelled(file, intents.of(config).names)
    with Runner() as runner:
        alone = open_alone(config, name, progress=tell)
        try:
            sent = choose(may_be_sent(labelled, alone))
            staying = sorted({row.gold.category for row in labelled if alone.holds_back(row.gold.category)})
            announce(alone, runner.run(alone.standing()), sent, staying, yes=yes)
            course = asked(runner, alone, sent)
            result = evaluated(alone, course)
        finally:
            runner.run(alone.close())
    show(result, alone, course, len(sent), file, as_json=as_json)
    if picture is not None:
        from pointsman.observe.plots import plot

        plot(result.on_all, picture)
        click.echo(f"drawn: {picture}", err=True)
    if code := ended(course, len(sent)):
        click.get_current_context().exit(code)


def may_be_sent(labelled: Sequence[Labelled], alone: Alone) -> list[Labelled]:
    """The messages but those of categories that stay on this machine. Raises InvalidInput where none is left."""
    from pointsman.core.errors import InvalidInput

    sent = [row for row in labelled if not alone.holds_back(row.gold.category)]
    if not sent:
        raise InvalidInput(
            "all of these messages are of categories that stay on this machine",
            cure="see cloud.privacy.categories, or give others",
        )
    return sent


def announce(
    alone: Alone, standing: Standing | None, sent: Sequence[Labelled], staying: Sequence[str], *, yes: bool
) -> None:
    """Says what is going to be sent where; raises InvalidInput when nobody agrees to much of it."""
    from pointsman.core.errors import InvalidInput

    if standing is None:
        return
    for line in announced(alone, standing, len(sent), staying):
        click.echo(f"pointsman: {line}", err=True)
    if yes or not alone.leaves or len(sent) <= UNASKED:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(
            f"{len(sent)} messages are not sent to {alone.name} unasked", cure=f"add --yes, or --sample {UNASKED}"
        )
    click.confirm("Send them?", abort=True, err=True)


def announced(alone: Alone, standing: Standing, sent: int, staying: Sequence[str]) -> Iterator[str]:
    """What is going to be sent to a service, how long that may take, and how far its limits reach."""
    from pointsman.cli.quota import calls_of, duration

    messages = f"{sent:,} message{'' if sent == 1 else 's'}"
    if alone.leaves:
        yield f"{messages} will be sent to {alone.name}: they leave this machine, and count in your quota there"
    else:
        yield f"{messages} will be asked of {alone.name}, on this machine"
    if alone.embeds:
        yield "before them, the utterances of the catalogue are embedded there, as far as they have not been"
    if staying:
        yield f"those labelled {', '.join(staying)} stay on this machine and are left out (cloud.privacy.categories)"
    if not standing.ready:
        yield f"{alone.name} is {standing.state}"
    left = sent if standing.calls_left is None else standing.calls_left
    rate = alone.calls_a_minute(standing)
    if rate and (calls := min(sent, left)) > rate:
        yield f"its limits allow about {rate:.2g} a minute, so {calls:,} may take {duration(60 * calls / rate)}"
    if left < sent:
        yield f"its limits allow about {calls_of(left)} {TODAY[standing.per]}, so it stops there: --sample asks fewer"


def asked(runner: Runner, alone: Alone, sent: Sequence[Labelled]) -> Course:
    """What the tier says to the messages, one after another, as far as it comes. Raises Unreachable."""
    from pointsman.core.errors import Unreachable

    if kept := runner.run(alone.ready()):
        raise Unreachable(f"{alone.name}: {kept}", cure="see pointsman quota, and pointsman doctor --online")
    course = Course()
    try:
        runner.run(ask_all(alone, sent, course))
    except KeyboardInterrupt:
        course.interrupted = True
    return course


async def ask_all(alone: Alone, sent: Sequence[Labelled], course: Course) -> None:
    """Asks about one message after another until nobody answers any more."""
    import asyncio

    from rich.console import Console
    from rich.progress import track

    watched = track(sent, "asking", console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    for row in watched:
        await asyncio.sleep(0)  # where an interruption is heard, as tiers in this process never wait
        said = await alone.ask(row.message)
        if not course.note(heard_from(row, said, alone), said):
            break


def heard_from(row: Labelled, said: Said, alone: Alone) -> Heard:
    """A message with what was said to it."""
    from pointsman.observe.alone import Heard, kind_of
    from pointsman.observe.evaluation import Prediction

    if said.answer is None:
        return Heard(row.gold, None, why=said.fault.kind.replace("_", " ") if said.fault else kind_of(said.why))
    # Which of its models answered is only told in words.
    model = next((model for model in alone.models if f"({model})" in said.answer.reason), "")
    made = Prediction(said.answer.category, said.decision.path, said.answer.confidence, alone.name, said.seconds * 1e3)
    return Heard(row.gold, made, said.answer.path_confidence, model=model)


def evaluated(alone: Alone, course: Course) -> TierAlone:
    """What the tier is worth by what was heard. Raises what stopped or interrupted it before anything was."""
    from pointsman.observe.alone import measured

    if not course.heard:
        raise course.stopped or KeyboardInterrupt
    catalogue = alone.router.catalogue
    path_of = {name: catalogue.path_of(name) for name in catalogue.names}
    return measured(alone.name, course.heard, path_of, label=alone.trust)


def ended(course: Course, sent: int) -> int:
    """The exit code, after a word on why not all messages were asked about, where that is so."""
    from pointsman.cli.main import INTERRUPTED

    far = f"what was asked until then is shown, {len(course.heard):,} of {sent:,} messages"
    if course.interrupted:
        click.echo(f"pointsman: interrupted; {far}", err=True)
        return INTERRUPTED
    if course.stopped is not None:
        click.echo(f"pointsman: stopped: {course.stopped.message}; {far}", err=True)
        return UNREACHED
    return 0


def show(result: TierAlone, alone: Alone, course: Course, sent: int, file: Path, *, as_json: bool) -> None:
    """Prints the result on standard output."""
    if as_json:
        import json

        said: dict[str, Any] = {
            **result.to_dict(),
            "sent": sent,
            "waited_s": round(alone.waited, 3),
            "interrupted": course.interrupted,
            "stopped": course.stopped and course.stopped.message,
        }
        click.echo(json.dumps({"file": str(file), **result.on_all.to_dict(), "alone": said}, ensure_ascii=False))
        return
    from rich.console import Console

    from pointsman.observe.alone_report import render

    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    render(result, console, waited=alone.waited, trust_key=alone.trust_key, bar_key=alone.bar_key)
    if alone.asked is not None:
        click.echo(NOTE, err=True)
