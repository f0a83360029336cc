"""`pointsman doctor`: checks everything that Pointsman needs, and states cures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pointsman.cli.finding import Finding
from pointsman.cli.session import config_option, with_models_found, with_store

if TYPE_CHECKING:
    from pointsman.config.model import Config
    from pointsman.config.models import Model
    from pointsman.engine.decisionlog import DecisionLog

MARKS: Final = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
@click.option("--online", is_flag=True, help="Also ask the services what they serve; no message is sent.")
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
    from pointsman.cli.doctor_card import card, pictures
    from pointsman.cli.doctor_tools import code, memory, own_tools, web_search
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
    source = str(loaded.source) if loaded.source else "none found, so defaults (that is fine)"
    findings = [Finding("configuration", "ok", source)]
    findings += [Finding("tiers", "warning", it.problem, it.cure) for it in cautions(loaded)]
    config = with_models_found(loaded)
    checks: tuple[tuple[str, Callable[[Config], Finding]], ...] = (
        ("categories", categories),
        ("encoder", encoder),
        ("chat model", chat_model),
        *((("small model", small_model),) if config.models.small != config.models.main else ()),
        ("pictures", pictures),
        ("card", card),
        ("web search", web_search),
        ("memory", memory),
        ("code", code),
        ("store", store),
        ("corrections", corrections),
        ("page", page),
        ("address", address),
    )
    for name, check in checks:
        try:
            findings.append(check(config))
        except PointsmanError as error:
            findings.append(Finding(name, "failed", error.message, error.cure))
    return [*findings, *own_tools(config), *services(config, online=online)]


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

    checked = check(model)
    called = name_of(model)
    if checked.remark:
        return Finding(name, "warning", f"{called}: {checked.remark}", checked.cure)
    return Finding(name, "ok", f"{called}{checked.where}")


def store(config: Config) -> Finding:
    """Can decisions be recorded?"""
    from contextlib import suppress

    from pointsman.core.errors import UnknownDecision

    async def read(opened: DecisionLog) -> None:
        with suppress(UnknownDecision):
            await opened.find()

    with_store(config, read)
    return Finding("store", "ok", str(config.store.path))


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


def address(config: Config) -> Finding:
    """Is the port free, or is Pointsman itself there?"""
    import socket

    host, port = config.server.host, config.server.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return Finding(
                "address",
                "warning",
                f"{host}:{port} cannot be bound: {error.strerror}",
                "stop what listens there, or set POINTSMAN_PORT",
            )
    return Finding("address", "ok", f"{host}:{port} is free")
