"""`pointsman why`: the whole trace of a recorded decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pointsman.cli.session import config_option

if TYPE_CHECKING:
    from pointsman.core.decision import Decision


@click.command()
@click.argument("decision_id", metavar="[ID]", default="")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as one JSON object.")
@config_option
def why(decision_id: str, as_json: bool, config_path: Path | None) -> None:
    """Show why decision ID (or the beginning of an id; the latest when absent) went where it went."""
    import asyncio

    from pointsman.build import open_store
    from pointsman.config.load import load

    async def find() -> Decision:
        store = open_store(load(config_path).config)
        try:
            return await store.find(decision_id)
        finally:
            await store.close()

    decision = asyncio.run(find())
    if as_json:
        import json

        from pointsman.core.codec import decision_to_dict

        click.echo(json.dumps(decision_to_dict(decision), ensure_ascii=False))
    else:
        click.echo(decision.explain())
        for line in evidence(decision):
            click.echo(line)


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
