"""`pointsman init`: looks around, asks at most six questions, and writes pointsman.yaml."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.quoting import harmless

if TYPE_CHECKING:
    from pointsman.build.firstrun import Question
    from pointsman.build.firstrun_file import Written
    from pointsman.build.survey import Survey

FILE = "pointsman.yaml"
USAGE = 2
ABSENT = "\N{EN DASH}"
SHOWN = 12  # models of a list; others can be typed


@click.command()
@click.option("--yes", is_flag=True, help="Take every default, and ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found, answered and written as one JSON object.")
@click.option("--force", is_flag=True, help="Write a new file where there is one; that one is kept as .bak.")
@click.option("--dry-run", is_flag=True, help="Print the file, and write nothing.")
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default=Path(FILE), help=f"Where to (default: {FILE} here)."
)
def init(*, yes: bool, as_json: bool, force: bool, dry_run: bool, file: Path) -> None:
    """Find Ollama, ComfyUI, the card and keys, ask at most six questions, and write pointsman.yaml.

    Enter takes the default of a question. Nothing is written before the last one is answered.
    """
    import asyncio

    from pointsman.build.firstrun import NETWORK, answered
    from pointsman.build.firstrun_file import refuse_existing, text_of, write
    from pointsman.build.survey import survey

    if not yes and not is_interactive():
        tell("nobody can answer here, as the input is no terminal")
        tell("cure: pointsman init --yes takes every default")
        click.get_current_context().exit(USAGE)
    if not dry_run:
        refuse_existing(file, force=force)
    tell("looking around ...")
    found = asyncio.run(survey())
    show(found)
    answers = answered(found, {}) if yes else asked(found)
    if dry_run:
        text = text_of(found, answers)
        report(found, answers, None, text) if as_json else click.echo(text, nl=False)
        return
    written = write(found, answers, file, force=force)
    if as_json:
        report(found, answers, written, text_of(found, answers))
    finish(found, written, network=answers["reach"] == NETWORK)


def is_interactive() -> bool:
    """Whether somebody sits at the keyboard."""
    return sys.stdin.isatty()


def show(found: Survey) -> None:
    """What was found, and how to get what was not."""
    from pointsman.build.firstrun_words import more, port_taken, rows

    tell("")
    for row in rows(found):
        mark = click.style("✓", fg="green") if row.there else click.style(ABSENT, dim=True)
        tell(f"{mark} {row.name:<11} {harmless(row.said)}")
        if row.cure:
            tell(f"  {'':<11} {click.style(row.cure, dim=True)}")
    for row in more(found):
        tell(f"{click.style(ABSENT, dim=True)} {row.name}: {row.said}; {row.cure}")
    if taken := port_taken(found):
        tell(f"{click.style('!', fg='yellow')} {taken}")


def asked(found: Survey) -> dict[str, str]:
    """An answer to every question, one after another."""
    from pointsman.build.firstrun import questions

    if hasattr(signal, "siginterrupt"):  # else Ctrl-C waits for Enter where the output is no terminal
        signal.siginterrupt(signal.SIGINT, True)
    names = [it.name for it in questions(found)]
    answers: dict[str, str] = {}
    while left := [it for it in questions(found, answers) if it.name not in answers]:
        number = len(answers) + 1
        answers[left[0].name] = ask(left[0], f"{number}/{max(len(names), number)}")
    return answers


def ask(question: Question, number: str) -> str:
    """The answer to one question: a number, the answer itself, or Enter; whatever else is asked again."""
    choices = question.choices
    default = next(place for place, it in enumerate(choices, 1) if it.value == question.default)
    tell("")
    tell(f"{click.style(number, dim=True)} {click.style(question.text, bold=True)}")
    tell(f"    {click.style(question.why, dim=True)}")
    shown = [(place, it) for place, it in enumerate(choices, 1) if place <= SHOWN or place == default]
    width = max(len(it.title) for _, it in shown)
    for place, it in shown:
        note = click.style(harmless(it.note), dim=True)
        tell(f"  {'>' if place == default else ' '} {place:>2}  {harmless(it.title):<{width}}  {note}".rstrip())
    if len(shown) < len(choices):
        tell(f"        and {len(choices) - len(shown)} more: type the name of one")
    while True:
        said = click.prompt("   ", default=str(default), prompt_suffix=" ", show_default=True, err=True).strip()
        taken = meant(said, question)
        if taken is not None:
            return taken
        tell(f"    {click.style('that is none of them', fg='yellow')}: 1 to {len(choices)}, or Enter for {default}")


def meant(said: str, question: Question) -> str | None:
    """Which answer somebody means by a number, its name, or how it begins where that is clear; None for none."""
    choices = question.choices
    if said.isdecimal() and 1 <= int(said) <= len(choices):
        return choices[int(said) - 1].value
    lowered = said.lower()
    exact = [it.value for it in choices if lowered in {it.value.lower(), it.title.lower()}]
    near = [it.value for it in choices if it.title.lower().startswith(lowered)] if lowered else []
    found = exact or near
    return found[0] if len(found) == 1 or exact else None


def finish(found: Survey, written: Written, *, network: bool) -> None:
    """Says what was written, the key once where one was made, and what to type next."""
    from pointsman.build.firstrun_words import next_steps

    tell("")
    kept = f"; the one before is now {written.backup.name}" if written.backup else ""
    tell(f"{click.style('✓', fg='green')} wrote {written.file}{kept}")
    if written.key_file is not None:
        what = f"wrote {written.key_file.name}" if written.key else f"the key in {written.key_file.name} stays"
        tell(f"{click.style('✓', fg='green')} {what}, for your eyes only: do not pass it on, and do not commit it")
    if written.key:
        tell(f"  callers send this key, which is not shown again: {click.style(written.key, bold=True)}")
    tell("")
    tell("Next:")
    steps = next_steps(found, written, network=network)
    width = max(len(what) for what, _ in steps[1:])
    for what, why in steps:
        tell(f"  {click.style(f'{what:<{width}}', fg='cyan')}  {click.style(why, dim=True)}")


def report(found: Survey, answers: Mapping[str, str], written: Written | None, text: str) -> None:
    """All of it as JSON; a key that was made stays in its file."""
    file = {"file": str(written.file), "backup": str(written.backup) if written.backup else None} if written else {}
    key_file = {"key_file": str(written.key_file)} if written and written.key_file else {}
    click.echo(json.dumps({"survey": found.to_dict(), "answers": dict(answers), **file, **key_file, "yaml": text}))


def tell(line: str) -> None:
    """What a person reads goes to standard error, as what programs read goes to standard output."""
    click.echo(line, err=True)
