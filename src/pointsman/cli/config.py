"""`pointsman config`: check, show or describe the configuration."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pointsman.config.load import Loaded
    from pointsman.core.category import Catalogue


@click.group()
def config() -> None:
    """Check, show or describe the configuration.

    Without a file, pointsman.yaml is looked for here, then in your configuration folder. Flags win over
    environment variables, those over the file, that over the defaults.
    """


@config.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(file: Path | None, as_json: bool) -> None:
    """Validate the configuration and the categories; every finding comes with file:line and a cure.

    What is marked with "!" is valid, and may still surprise you.
    """
    from pointsman.build.gpu import check_workflow
    from pointsman.config import intents
    from pointsman.config.cautions import cautions
    from pointsman.config.check import check as check_names
    from pointsman.config.check import check_patterns
    from pointsman.config.load import load
    from pointsman.core.errors import PointsmanError

    try:
        loaded = load(file, environ=os.environ)
        catalogue = intents.listed(loaded.config)
        check_names(loaded, catalogue)
        check_patterns(catalogue)
        check_workflow(loaded.config)
    except PointsmanError as error:
        if not as_json:
            raise
        click.echo(json.dumps({"ok": False, "findings": error.message.splitlines(), "cure": error.cure}))
        click.get_current_context().exit(error.exit_code)
    report, odd = summary(loaded, catalogue), cautions(loaded)
    if as_json:
        click.echo(json.dumps({"ok": True, **report, "findings": [], "warnings": [asdict(it) for it in odd]}))
        return
    source = report["source"]
    click.echo(f"✓ {source}" if source else "✓ no configuration file: every key has its default")
    for key, setter in report["overrides"].items():
        click.echo(f"✓ {key} from {setter}")
    folder = f", with those of {loaded.config.intents.folder}" if loaded.config.intents.folder else ""
    click.echo(
        f"✓ {report['categories']} categories, {report['patterns']} patterns, {report['utterances']} utterances{folder}"
    )
    for it in odd:
        click.echo(f"! {it.problem}\n  cure: {it.cure}")


@config.command()
@click.option("--intent", is_flag=True, help="The schema of a category file instead.")
def schema(intent: bool) -> None:
    """Print the JSON Schema of pointsman.yaml, for editors: `pointsman config schema > pointsman.schema.json`."""
    from pointsman.config.schema import intent_schema, json_schema, text

    click.echo(text(intent_schema() if intent else json_schema()), nl=False)


@config.command()
@click.option("--config", "file", type=click.Path(path_type=Path), help="The file to read instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--origins", is_flag=True, help="Say where every value comes from.")
def show(file: Path | None, as_json: bool, origins: bool) -> None:
    """Print the values that are in effect, with secrets masked."""
    from pointsman.config.load import load
    from pointsman.config.show import leaves, plain

    loaded = load(file, environ=os.environ)
    found = loaded.origins if origins else {}
    if as_json:
        whole: dict[str, Any] = {"source": name_of(loaded), "config": plain(loaded.config)}
        click.echo(json.dumps(whole | ({"origins": found} if origins else {}), ensure_ascii=False))
        return
    click.echo(f"# {name_of(loaded) or 'no configuration file: every key has its default'}", err=True)
    lines = {
        key: f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, (_, value) in leaves(loaded.config).items()
    }
    width = max(map(len, lines.values()))
    for key, line in lines.items():
        click.echo(f"{line:<{width}}  # {found[key]}" if origins else line)


def summary(loaded: Loaded, catalogue: Catalogue) -> dict[str, Any]:
    """What was read, in numbers."""
    return {
        "source": name_of(loaded),
        "overrides": dict(loaded.overrides),
        "categories": len(catalogue),
        "patterns": sum(len(category.patterns) for category in catalogue),
        "utterances": len(catalogue.utterances),
    }


def name_of(loaded: Loaded) -> str | None:
    """The file that was read, as messages name it, or None."""
    return loaded.document.name or None
