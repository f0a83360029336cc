"""`pointsman correct`: teaches what a message wants; it counts in the very next decision, everywhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.quoting import quoted
from pointsman.cli.session import config_option, with_router, with_store

if TYPE_CHECKING:
    from pointsman.config.findings import Finding
    from pointsman.core.correction import Conflict, Correction, Preview
    from pointsman.engine.router import Router

SHOWN_CHANGES: Final = 10


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
    """Teach that decision ID (or the beginning of its id; the latest when absent) should have been CATEGORY.

    It counts from the next decision on, also in a gateway that is running, for the same text and for near repeats of
    it. First it says which of the last 200 decisions it changes. The text is kept until the correction is undone.
    """
    if as_list:
        show_list(config_path, as_json=as_json)
        return
    wanted = Undoing(words, text) if undo else Correcting(words, text)
    ask = not (dry_run or yes) and sys.stdin.isatty() and sys.stderr.isatty()

    from pointsman.config.cautions import uncorrected
    from pointsman.config.load import load

    loaded = load(config_path)
    idle = None if undo else uncorrected(loaded)

    async def change(router: Router) -> None:
        found = await wanted.preview(router)
        if not (as_json and dry_run):
            tell([*wanted.about, *effect_of(found), *caution(idle)], out=dry_run and not as_json)
        if ask and not click.confirm("Apply?", err=True):
            click.echo("left as it was", err=True)
            return
        done = found.correction if dry_run else await wanted.apply(router)
        if as_json:
            made = {**found.to_dict(), "correction": done.to_dict(), "applied": not dry_run}
            click.echo(json.dumps({**made, "warnings": caution(idle)}, ensure_ascii=False))
        elif not dry_run:
            click.echo(outcome(done, counts=idle is None))

    with_router(loaded.config, change)


class Undoing:
    """The change that takes a correction back: how to see it beforehand, and how to do it."""

    about: Sequence[str] = ()

    def __init__(self, words: Sequence[str], text: str | None) -> None:
        if len(words) > 1 or text is not None:
            raise click.UsageError("write: pointsman correct --undo [ID]")
        self._which = "".join(words)

    async def preview(self, router: Router) -> Preview:
        """What it would change."""
        found = await router.preview_undo(self._which)
        self._which = found.correction.id  # whatever is corrected meanwhile
        return found

    async def apply(self, router: Router) -> Correction:
        """Does what was previewed."""
        return await router.undo(self._which)


class Correcting:
    """The change that corrects a decision, or teaches a new utterance; `about` says which decision, if nobody did."""

    def __init__(self, words: Sequence[str], text: str | None) -> None:
        if len(words) not in {1, 2}:
            raise click.UsageError("write: pointsman correct [ID] CATEGORY, or pointsman correct --text TEXT CATEGORY")
        self._decision_id, self._category = "".join(words[:-1]), words[-1]
        self._text = sys.stdin.read() if text == "-" else text or ""
        self._latest = len(words) == 1 and text is None
        self.about: Sequence[str] = ()

    async def preview(self, router: Router) -> Preview:
        """What it would change; what it is about is settled here."""
        if self._latest:
            check_category(self._category, router.catalogue.names)
            latest = await router.find()
            self._decision_id = latest.id
        found = await router.preview(self._category, decision_id=self._decision_id, text=self._text)
        if self._latest:
            said = quoted(found.correction.text)
            self.about = [f"about the latest decision, #{latest.id}: {said} went to {latest.category}"]
        return found

    async def apply(self, router: Router) -> Correction:
        """Does what was previewed."""
        if self._decision_id:
            return await router.correct(self._decision_id, self._category, text=self._text, surface="cli")
        return await router.teach(self._text, self._category, surface="cli")


def check_category(word: str, known: Sequence[str]) -> None:
    """Raises BadField when the only argument, which should be a category, is none."""
    from pointsman.core.errors import BadField

    if word not in known:
        raise BadField(
            "category",
            f"there is no category {word[:100]!r}",
            cure=f"write pointsman correct [ID] CATEGORY, with one of: {', '.join(known)}",
        )


def tell(lines: Sequence[str], *, out: bool) -> None:
    """Says what a change would do: on standard output when that is all that was asked for."""
    for line in lines:
        click.echo(line, err=not out)


def effect_of(preview: Preview) -> list[str]:
    """Which decisions come out differently, each text once, and what says otherwise."""
    lines = [f"{preview.summary}{':' if preview.flips else ''}"]
    for it, count in preview.changes[:SHOWN_CHANGES]:
        often = f"{count} x " if count > 1 else ""
        lines.append(f"  {often}{quoted(it.text)} {it.before} → {it.after}")
    if more := sum(count for _, count in preview.changes[SHOWN_CHANGES:]):
        lines.append(f"  and {more} more")
    return [*lines, *contradictions(preview.conflicts)]


def caution(idle: Finding | None) -> list[str]:
    """Why a correction does not count, and what to do about it."""
    return [] if idle is None else [f"! {idle.problem}", f"  cure: {idle.cure}"]


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


def outcome(done: Correction, *, counts: bool = True) -> str:
    """What is so from now on, if corrections count."""
    if done.undone_at is not None:
        return f"{done.id} undone: {quoted(done.text)} is no longer taught as {done.category}; its text is forgotten"
    taught = f"is {done.category} from now on" if counts else f"is kept as {done.category}"
    was = f" (was {done.was})" if done.was else ""
    return (
        f"{done.id}: {quoted(done.text)} {taught}{was}\n"
        f"  its text is kept until you take it back: pointsman correct --undo {done.id}"
    )


def show_list(config_path: Path | None, *, as_json: bool) -> None:
    """Prints the corrections that count, those that are ignored, and those that contradict each other."""
    from pointsman.config import intents
    from pointsman.config.load import load
    from pointsman.tiers.learned import conflicts, counting

    config = load(config_path).config
    catalogue = intents.listed(config)
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
