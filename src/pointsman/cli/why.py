"""`pointsman why`: the whole trace of a recorded decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.quoting import beginning
from pointsman.cli.session import config_option, with_store

if TYPE_CHECKING:
    from pointsman.core.decision import Decision
    from pointsman.core.reply import ToolUse
    from pointsman.engine.decisionlog import DecisionLog


@click.command()
@click.argument("decision_id", metavar="[ID]", default="")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as one JSON object.")
@config_option
def why(decision_id: str, as_json: bool, config_path: Path | None) -> None:
    """Show why decision ID (or the beginning of an id; the latest when absent) went where it went."""
    from pointsman.config.load import load

    async def look(store: DecisionLog) -> tuple[Decision, str | None, Sequence[ToolUse]]:
        decision, text = await store.said(decision_id)
        return decision, text, await store.uses(decision.id)

    decision, text, uses = with_store(load(config_path).config, look)
    if as_json:
        import json

        from pointsman.core.codec import decision_to_dict
        from pointsman.core.message import without_surrogates
        from pointsman.core.toolcodec import use_to_dict

        said = None if text is None else without_surrogates(text)
        used = [use_to_dict(use) for use in uses]
        click.echo(json.dumps({**decision_to_dict(decision), "text": said, "uses": used}, ensure_ascii=False))
    else:
        first, *rest = decision.explain().splitlines()
        tools = [f"  tool: {use.line}" for use in uses]
        for line in (first, *message(text), *rest, *tools, *evidence(decision)):
            click.echo(line)


def message(text: str | None) -> list[str]:
    """What was said, as far as a few lines hold it."""
    if text is None:
        return ["  message: its text is not kept (see store.keep_text)"]
    lines = beginning(text) or ["(nothing)"]
    return [f"  {'message:' if number == 0 else '':<8} {line}" for number, line in enumerate(lines)]


def evidence(decision: Decision) -> list[str]:
    """What each tier pointed at, one line each; tiers that looked at the same utterances share them."""
    from pointsman.core.decision import Abstain

    lines, shown = [], set()
    for line in decision.trace:
        answer = line.verdict.leaning if isinstance(line.verdict, Abstain) else line.verdict
        if answer is None or not answer.evidence or answer.evidence in shown:
            continue
        shown.add(answer.evidence)
        lines.append(f"  {line.tier} looked at:")
        lines += [f"    {item.score:5.2f}  {item.category:<18} {item.text}" for item in answer.evidence]
    return lines
