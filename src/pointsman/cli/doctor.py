"""`pointsman doctor`: checks everything that Pointsman needs, and states cures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.finding import Finding
from pointsman.cli.session import config_option, with_models_found, with_store

if TYPE_CHECKING:
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.config.models import Model

Check = Callable[[], "Finding | Sequence[Finding]"]
FILE: Final = "pointsman.yaml"
AT_ONCE: Final = 12
# Imported before the checks run at once: modules that import each other are not to be begun by several threads.
SHARED: Final = (
    "pointsman.build",
    "pointsman.build.gpu",
    "pointsman.build.hosts",
    "pointsman.build.services",
    "pointsman.build.standings",
    "pointsman.build.survey_servers",
    "pointsman.build.tools",
    "pointsman.cli.models",
    "pointsman.providers.comfyui.studio",
    "pointsman.providers.encoders",
    "pointsman.providers.ollama.client",
    "pointsman.providers.searxng",
    "pointsman.stores.shelf",
    "pointsman.stores.sqlite",
    "pointsman.tools.code.sandbox",
)
ANSWERS_IN: Final = 3.0
MARKS: Final = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
@click.option("--online", is_flag=True, help="Also ask the services and Discord; no message is sent.")
@config_option
def doctor(as_json: bool, online: bool, config_path: Path | None) -> None:
    """Check configuration, categories, models, store, services and page; exit code 1 when something is broken."""
    findings = examine(config_path, online=online)
    failed = any(finding.grade == "failed" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in findings]}))
    else:
        for finding in findings:
            mark, colour = MARKS[finding.grade]
            click.echo(f"{click.style(mark, fg=colour)} {finding.check:<14} {finding.found}")
            if finding.cure:
                click.echo(f"  {'':<14} cure: {finding.cure}")
    if failed:
        click.get_current_context().exit(1)


def examine(config_path: Path | None, *, online: bool = False) -> list[Finding]:
    """Every check's finding; without a valid configuration nothing else can be checked."""
    from pointsman.config import intents
    from pointsman.config.cautions import cautions
    from pointsman.config.check import check as check_names
    from pointsman.config.load import load
    from pointsman.core.errors import PointsmanError

    try:
        loaded = load(config_path)
        check_names(loaded, intents.listed(loaded.config))
    except PointsmanError as error:
        return [Finding("configuration", "failed", error.message, error.cure)]
    source = str(loaded.source) if loaded.source else f"no {FILE}, so defaults; pointsman init makes one"
    findings = [Finding("configuration", "ok", source)]
    findings += [Finding("tiers", "warning", it.problem, it.cure) for it in cautions(loaded)]
    config = with_models_found(loaded)
    table = list(checks(loaded, config, online=online))
    for module in SHARED:
        import_module(module)
    with ThreadPoolExecutor(AT_ONCE) as pool:  # each has a short limit, and none waits for another that is dead
        for found in [pool.submit(run, name, check) for name, check in table]:
            findings += found.result()
    return findings


def checks(loaded: Loaded, config: Config, *, online: bool) -> Iterator[tuple[str, Check]]:
    """The checks by name, in the order in which they are told."""
    from functools import partial

    from pointsman.cli import doctor_models, doctor_server, doctor_state, doctor_tools
    from pointsman.cli.doctor_card import card, pictures
    from pointsman.cli.doctor_discord import discord

    table: dict[str, Callable[[Config], Finding | Sequence[Finding]]] = {
        "mode": doctor_server.mode,
        "categories": categories,
        "encoder": encoder,
        "ollama": doctor_models.ollamas,
        "chat model": chat_model,
        **({"small model": small_model} if config.models.small != config.models.main else {}),
        "pictures": pictures,
        "card": card,
        "sizes": doctor_models.sizes,
        "web search": doctor_tools.web_search,
        "memory": doctor_tools.memory,
        "code": doctor_tools.code,
        "store": doctor_state.store,
        "corrections": corrections,
        "clock": doctor_state.clock,
        "traces": doctor_state.traces,
        "page": page,
        "address": doctor_server.address,
        "access": doctor_server.access,
        "limits": doctor_server.limits,
        "clients": doctor_server.clients,
        "tools": doctor_tools.own_tools,
        "discord": partial(discord, online=online),
        "cloud": partial(services, online=online),
    }
    yield "secrets", partial(doctor_server.secrets, loaded)
    for name, check in table.items():
        yield name, partial(check, config)


def run(name: str, check: Check) -> Sequence[Finding]:
    """What a check found; an error that we can name is a finding too."""
    from pointsman.core.errors import PointsmanError

    try:
        found = check()
    except PointsmanError as error:
        return [Finding(name, "failed", error.message, error.cure)]
    return [found] if isinstance(found, Finding) else found


def services(config: Config, *, online: bool) -> list[Finding]:
    """May the services be asked, and do they serve what they are to be asked for?"""
    from pointsman.cli.doctor_cloud import examine_cloud
    from pointsman.core.errors import PointsmanError

    try:
        return examine_cloud(config, online=online)
    except PointsmanError as error:
        return [Finding("cloud", "failed", error.message, error.cure)]


def categories(config: Config) -> Finding:
    """Do all categories load, and do their patterns do what their examples say?"""
    from pointsman.config import intents
    from pointsman.config.check import check_patterns

    catalogue = intents.of(config)
    check_patterns(catalogue)
    patterns = sum(len(category.patterns) for category in catalogue)
    return Finding(
        "categories", "ok", f"{len(catalogue)} with {patterns} patterns and {len(catalogue.utterances)} utterances"
    )


def encoder(config: Config) -> Finding:
    """Are the encoder's files whole, does it run, and does the head belong to it?"""
    from pointsman.build import fast_model
    from pointsman.core.errors import ModelFileError
    from pointsman.providers.encoders import REINSTALL, MiniLm, models_folder, sha256_of
    from pointsman.tiers.head import HEAD_FILE, Head

    made = MiniLm(threads=config.encoder.threads)
    for name, digest in made.manifest["files"].items():
        if sha256_of(models_folder() / name) != digest:
            raise ModelFileError(f"{models_folder() / name}: not the file that was shipped", cure=REINSTALL)
    head = Head.read((config.intents.trained or models_folder()) / HEAD_FILE, made.fingerprint, fast_model)
    made.encode("is anybody there?")
    return Finding("encoder", "ok", f"{made.name} runs; its head knows {len(head.categories)} categories")


def chat_model(config: Config) -> Finding:
    """Is there a model to chat with, and is it a real one?"""
    return of_model(config.models.main, "chat model")


def small_model(config: Config) -> Finding:
    """The same of the model for small talk."""
    return of_model(config.models.small, "small model")


def of_model(model: Model, name: str) -> Finding:
    """What is to be said of one model."""
    from pointsman.build import name_of
    from pointsman.cli.models import check

    checked = check(model, ANSWERS_IN)
    called = name_of(model)
    if checked.remark:
        return Finding(name, "warning", f"{called}: {checked.remark}", checked.cure)
    return Finding(name, "ok", f"{called}{checked.where}")


def corrections(config: Config) -> Finding:
    """Does every correction name a category that is there, and does none contradict another?"""
    from pointsman.config import intents
    from pointsman.tiers.learned import conflicts, counting

    catalogue = intents.of(config)
    known = [it for it in with_store(config, lambda opened: opened.corrections()) if it.undone_at is None]
    lost = [f"{it.id} ({it.category})" for it in known if it.category not in catalogue]
    if lost:
        what = f"{len(lost)} of {len(known)} are ignored, as their category is not there: {', '.join(lost[:5])}"
        return Finding("corrections", "warning", what, "bring the category back, or pointsman correct --undo ID")
    if found := conflicts(counting(known, catalogue)):
        pairs = ", ".join(f"{it.earlier.id} and {it.later.id}" for it in found[:5])
        what = f"{len(known)}, of which some contradict each other: {pairs}"
        return Finding("corrections", "warning", what, "see pointsman correct --list")
    return Finding("corrections", "ok", f"{len(known)} in effect")


def page(config: Config) -> Finding:
    """Is the page installed?"""
    del config
    from importlib.util import find_spec

    if find_spec("nicegui") is None:
        return Finding(
            "page", "warning", "not installed; the gateway works without", "pip install 'pointsman[dashboard]'"
        )
    return Finding("page", "ok", "installed")
