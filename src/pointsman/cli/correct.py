"""`pointsman correct`: teaches what a message wants; it counts in the very next decision, everywhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.session import config_option, with_router, with_store

if TYPE_CHECKING:
    from pointsman.core.correction import Conflict, Correction, Preview
    from pointsman.engine.router import Router

SHOWN_FLIPS: Final = 10
SHOWN_TEXT: Final = 70


@click.command()
@click.argument("words", nargs=-1, metavar="[ID] CATEGORY")
@click.option(
    "--text", metavar="TEXT", help='What was said ("-" reads it from standard input): new, or of an ID without.'
)
@click.option("--undo", is_flag=True, help="Take a correction back: [ID] is its own or its decision's, else the last.")
@click.option("--list", "as_list", is_flag=True, help="Show what is corrected, and what contradicts each other.")
@click.option("--dry-run", "--preview", is_flag=True, help="Only say what would change.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask. (Without a terminal, nobody is asked anyway.)")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
def correct(
    *,
    words: tuple[str, ...],
    text: str | None,
    undo: bool,
    as_list: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Teach that decision ID (or the beginning of its id) should have been CATEGORY.

    It counts from the next decision on, also in a gateway that is running, for the same text and for near repeats of
    it. First it says which of the last 200 decisions it changes. The text is kept until the correction is undone.
    """
    if as_list:
        show_list(config_path, as_json=as_json)
        return
    wanted = undoing(words, text) if undo else correcting(words, text)
    ask = not (dry_run or yes) and sys.stdin.isatty() and sys.stderr.isatty()

    async def change(router: Router) -> None:
        found = await wanted.preview(router)
        if not (as_json and dry_run):
            tell(found, out=dry_run and not as_json)
        if ask and not click.confirm("Apply?", err=True):
            click.echo("left as it was", err=True)
            return
        done = found.correction if dry_run else await wanted.apply(router, found.correction)
        if as_json:
            made = {**found.to_dict(), "correction": done.to_dict(), "applied": not dry_run}
            click.echo(json.dumps(made, ensure_ascii=False))
        elif not dry_run:
            click.echo(outcome(done))

    with_router(config_path, change)


@dataclass(frozen=True)
class Change:
    """What is asked for: how to see it beforehand, and how to do it."""

    preview: Callable[[Router], Awaitable[Preview]]
    apply: Callable[[Router, Correction], Awaitable[Correction]]


def undoing(words: Sequence[str], text: str | None) -> Change:
    """The change that takes a correction back."""
    if len(words) > 1 or text is not None:
        raise click.UsageError("write: pointsman correct --undo [ID]")
    return Change(
        lambda router: router.preview_undo("".join(words)),
        lambda router, chosen: router.undo(chosen.id),
    )


def correcting(words: Sequence[str], text: str | None) -> Change:
    """The change that corrects a decision, or teaches a new utterance."""
    if len(words) != 2 and (len(words) != 1 or text is None):
        raise click.UsageError("write: pointsman correct ID CATEGORY, or pointsman correct --text TEXT CATEGORY")
    decision_id, category = "".join(words[:-1]), words[-1]
    said = sys.stdin.read() if text == "-" else text or ""
    return Change(
        lambda router: router.preview(category, decision_id=decision_id, text=said),
        lambda router, _: (
            router.correct(decision_id, category, text=said, surface="cli")
            if decision_id
            else router.teach(said, category, surface="cli")
        ),
    )


def tell(preview: Preview, *, out: bool) -> None:
    """Says what a change would do: on standard output when that is all that was asked for."""
    lines = [f"{preview.summary}{':' if preview.flips else ''}"]
    lines += [f"  {quoted(it.text)} {it.before} → {it.after}" for it in preview.flips[:SHOWN_FLIPS]]
    if len(preview.flips) > SHOWN_FLIPS:
        lines.append(f"  and {len(preview.flips) - SHOWN_FLIPS} more")
    for line in (*lines, *contradictions(preview.conflicts)):
        click.echo(line, err=not out)


def contradictions(conflicts: Sequence[Conflict]) -> list[str]:
    """The corrections that say otherwise, and what to do about it."""
    lines = []
    for it in conflicts:
        kind = "the same text; the latest counts" if it.same else f"{it.similarity:.2f} alike"
        later = f"{it.later.id} " if it.later.id else ""
        lines.append(
            f"contradicts: {later}{quoted(it.later.text)} {it.later.category}"
            f" and {it.earlier.id} {quoted(it.earlier.text)} {it.earlier.category} ({kind})"
        )
        lines.append(f"  cure: {it.cure}")
    return lines


def outcome(done: Correction) -> str:
    """What is so from now on."""
    if done.undone_at is not None:
        return f"{done.id} undone: {quoted(done.text)} is no longer taught as {done.category}; its text is forgotten"
    was = f" (was {done.was})" if done.was else ""
    return (
        f"{done.id}: {quoted(done.text)} is {done.category} from now on{was}\n"
        f"  its text is kept until you take it back: pointsman correct --undo {done.id}"
    )


def show_list(config_path: Path | None, *, as_json: bool) -> None:
    """Prints the corrections that count, those that are ignored, and those that contradict each other."""
    from pointsman.config import intents
    from pointsman.config.load import load
    from pointsman.tiers.learned import conflicts, counting

    config = load(config_path).config
    catalogue = intents.of(config)
    known = [it for it in with_store(config, lambda store: store.corrections()) if it.undone_at is None]
    found = conflicts(counting(known, catalogue))
    if as_json:
        rows = [it.to_dict() | {"ignored": it.category not in catalogue} for it in known]
        click.echo(json.dumps({"corrections": rows, "conflicts": [it.to_dict() for it in found]}, ensure_ascii=False))
        return
    for it in known:
        gone = "" if it.category in catalogue else "  ! ignored: there is no such category now"
        click.echo(f"{it.id:<5} {it.category:<18} {quoted(it.text)}{gone}")
    if not known:
        click.echo("nothing is corrected", err=True)
    for line in contradictions(found):
        click.echo(line)


def quoted(text: str) -> str:
    """A text as one line shows it: in quotes, its beginning only, nothing that a terminal acts on."""
    line = " ".join(text[: 4 * SHOWN_TEXT].split())
    clipped = line if len(line) <= SHOWN_TEXT else f"{line[:SHOWN_TEXT]}…"
    return "'" + "".join(it if it.isprintable() else "?" for it in clipped) + "'"
