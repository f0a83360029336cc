"""What is valid by itself but does not fit the rest: categories and files that are named and not there."""

from __future__ import annotations

import os
from pathlib import Path

from pointsman.config.findings import Finding, did_you_mean
from pointsman.config.intents import lost_fallback
from pointsman.config.load import Loaded
from pointsman.config.mcpfile import McpFile
from pointsman.config.models import EmbeddedModel
from pointsman.config.values import EMBEDDED
from pointsman.config.yamlfile import Location, dotted
from pointsman.core.category import Catalogue
from pointsman.core.errors import ConfigError, PatternError


def check(loaded: Loaded, catalogue: Catalogue) -> None:
    """Raises ConfigError, with file:line of each, when the configuration names what does not exist."""
    found = [*unknown_categories(loaded, catalogue), *useless_tools(loaded, catalogue), *missing_files(loaded)]
    if loaded.config.tools.mcp_file is not None:
        # What a server in it needs is looked at when that is used; that the file can be read, now.
        McpFile(loaded.config.tools.mcp_file, os.environ)
    if found:
        lines = [placed(loaded, at, it.problem) for at, it in found]
        cures = dict.fromkeys(it.cure or "name what is there, or make it" for _, it in found)
        raise ConfigError("\n".join(lines), cure="; ".join(cures))


def placed(loaded: Loaded, at: Location, problem: str) -> str:
    """A problem after where it is: file:line as far as something says so there, and the key."""
    return ": ".join(filter(None, (loaded.where(at) if loaded.has(at) else "", dotted(at), problem)))


def check_patterns(catalogue: Catalogue) -> None:
    """Runs every pattern on its own examples. Raises PatternError for one that RE2 refuses, or that fails on one."""
    if wrong := catalogue.derived(failing):
        raise PatternError("\n".join(wrong[:10]), cure="correct the regex, its unless, or the example")


def failing(catalogue: Catalogue) -> list[str]:
    """The patterns that fail on an example of theirs, in words. Raises PatternError for one that RE2 refuses."""
    from pointsman.tiers.patterns import Patterns

    tier = catalogue.derived(Patterns)
    wrong = []
    for category in catalogue:
        for pattern in category.patterns:
            name = f"{category.name}/{pattern.name}"
            for text in (*pattern.must, *pattern.must_not):
                fires = any(rule.pattern is pattern for rule in tier.fired(text))
                if fires and text in pattern.must_not:
                    wrong.append(f"{name} matches {text!r}, which it must not")
                elif not fires and text in pattern.must:
                    wrong.append(f"{name} does not match {text!r}, which it must")
    return wrong


def unknown_categories(loaded: Loaded, catalogue: Catalogue) -> list[tuple[Location, Finding]]:
    """Where a category is named that does not exist, or is switched off."""
    lost = lost_fallback(loaded.config, catalogue)
    private = loaded.config.cloud.privacy.categories
    named: list[tuple[Location, str]] = [(("cloud", "privacy", "categories", name), name) for name in private]
    named += [(("tools", "allow", name), name) for name in loaded.config.tools.allow]
    for index, tier in enumerate(loaded.config.tiers):
        named += [(("tiers", index, "accept_by_category", name), name) for name in tier.accept_by_category]
    found: list[tuple[Location, Finding]] = [(("fallback",), lost)] if lost else []
    return found + [
        (at, Finding(f"there is no category {name!r}{did_you_mean(name, catalogue.names)}"))
        for at, name in named
        if name not in catalogue and loaded.has(at)
    ]


def useless_tools(loaded: Loaded, catalogue: Catalogue) -> list[tuple[Location, Finding]]:
    """Where tools are allowed to a category that no model answers."""
    return [
        (("tools", "allow", name), Finding(f"no model answers {name}, so it has no use for tools", "take it out"))
        for name, tools in loaded.config.tools.allow.items()
        if tools and name in catalogue and catalogue.path_of(name) in {"image", "simple"}
    ]


def missing_files(loaded: Loaded) -> list[tuple[Location, Finding]]:
    """Where a model file or a folder of them is named that does not exist."""
    models, trained = loaded.config.models, loaded.config.intents.trained
    lost: list[tuple[Location, Finding]] = []
    if trained and not trained.is_dir():
        lost.append((("intents", "trained"), Finding(f"{trained}: no such folder")))
    return lost + [
        (("models", role, "file"), Finding(f"{model.file}: no such file"))
        for role, model in (("main", models.main), ("small", models.small))
        if isinstance(model, EmbeddedModel) and loaded.has(("models", role))
        if model.file != EMBEDDED and not Path(model.file).is_file()
    ]
