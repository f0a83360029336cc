"""Finds the configuration and loads it: flag over environment over file over default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from pointsman.config import yamlfile
from pointsman.config.expand import expand
from pointsman.config.model import Config
from pointsman.config.ollama import put_host
from pointsman.config.show import leaves
from pointsman.config.values import EMBEDDED
from pointsman.config.yamlfile import Document, Location, dotted
from pointsman.core.errors import ConfigError

FILE: Final = "pointsman.yaml"
LARGEST: Final = 256_000
DEFAULT: Final = "default"
MODEL_FILE: Final = "models.main.file"


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable, and the flag of the same meaning if there is one; `key` is what they set.

    Where there is an `only_if`, the variable counts only while that key is true: other programs set it for themselves.
    """

    name: str
    key: str
    flag: str
    description: str
    is_path: bool = False
    is_secret: bool = False
    only_if: str = ""


VARIABLES: Final = (
    Variable("POINTSMAN_CONFIG", "", "--config", "The configuration file; without it, pointsman.yaml is looked for."),
    Variable("POINTSMAN_HOST", "server.host", "--host", "The address that the gateway listens on."),
    Variable("POINTSMAN_PORT", "server.port", "--port", "The port that the gateway listens on."),
    Variable("POINTSMAN_KEY", "server.key", "--key", "What callers must send as a bearer token.", is_secret=True),
    Variable("POINTSMAN_STORE", "store.path", "--store", "The SQLite database of decisions.", is_path=True),
    Variable("POINTSMAN_MODEL", MODEL_FILE, "--model", f"The main model: a GGUF file, or {EMBEDDED}.", is_path=True),
    Variable("ROUTER_USE_CLOUD", "cloud.enabled", "", "false: no message is sent to any service."),
    Variable("ROUTER_FALLBACK_LOCAL", "cloud.fallback_local", "", "false: no judge when no service answered."),
    Variable("GROQ_API_KEY", "cloud.groq.key", "", "Groq's key: lets it be asked.", is_secret=True),
    Variable("CLOUDFLARE_ACCOUNT_ID", "cloud.cloudflare.account", "", "The account of Cloudflare Workers AI."),
    Variable("CLOUDFLARE_API_TOKEN", "cloud.cloudflare.token", "", "Its token: lets it be asked.", is_secret=True),
    Variable("HF_TOKEN", "cloud.huggingface.token", "", "Hugging Face's token: lets it be asked.", is_secret=True),
    Variable("OLLAMA_HOST", "cloud.ollama.url", "", "Where Ollama listens.", only_if="cloud.ollama.enabled"),
    Variable("COMFYUI_URL", "images.comfyui.url", "", "Where ComfyUI listens."),
    Variable("DISCORD_TOKEN", "discord.token", "", "The token of the Discord bot: lets it start.", is_secret=True),
    Variable("SEARXNG_URL", "tools.web_search.searxng", "", "Where a SearXNG listens, for searching the web."),
)
CONFIG_VARIABLE: Final = VARIABLES[0].name


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, the file it was read from (None without one), and what was set outside the file.

    `overrides` maps the keys that were set by a variable or a flag to its name.
    """

    config: Config
    source: Path | None
    overrides: Mapping[str, str]
    document: Document

    @property
    def origins(self) -> dict[str, str]:
        """Where every value came from, by dotted key: "default", "file:line", "env NAME" or "flag --name"."""
        return {key: self.origin(location) for key, (location, _) in leaves(self.config).items()}

    def origin(self, location: Location) -> str:
        """Where one value came from."""
        location = tuple(location)
        if location[:2] == ("models", "small") and not self.has(location[:2]):
            location = ("models", "main", *location[2:])
        if setter := overriding(self.overrides, location):
            return f"flag {setter}" if setter.startswith("-") else f"env {setter}"
        return self.document.where(location) if self.document.has(location) else DEFAULT

    def has(self, location: Location) -> bool:
        """Whether the file, a variable or a flag says anything at `location`."""
        inside = dotted(location) + "."
        return self.document.has(location) or any(f"{key}.".startswith(inside) for key in self.overrides)

    def where(self, location: Location) -> str:
        """The same as a message begins with it: file:line, or the name of a variable or flag."""
        return overriding(self.overrides, location) or (self.document.where(location) if self.source else "")


def find(start: Path, environ: Mapping[str, str]) -> Path | None:
    """pointsman.yaml in `start`, else in the user's configuration folder, else None."""
    for folder in (start, settings_folder(environ)):
        file = folder / FILE
        try:
            if file.is_file():
                return file
        except OSError:  # a folder that this person may not look into holds nothing of theirs
            continue
    return None


def settings_folder(environ: Mapping[str, str]) -> Path:
    """Where this person's programs keep their settings."""
    xdg = environ.get("XDG_CONFIG_HOME", "")
    if xdg and Path(xdg).is_absolute():
        return Path(xdg) / "pointsman"
    from platformdirs import user_config_path

    return user_config_path("pointsman")


def load(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
    start: Path | None = None,
) -> Loaded:
    """The configuration from `path`, else POINTSMAN_CONFIG, else what `find` finds from `start`, else the defaults.

    `environ` is the process's own when it is not given. `flags` maps dotted keys such as server.port to values; None
    means that the flag was not given. Relative paths start from the folder of the file, or from `start` (the working
    directory) when a variable or flag gives them.
    Raises ConfigError that names file:line, the variable or the flag.
    """
    start = start or Path.cwd()
    environ = os.environ if environ is None else environ
    source = chosen(path, environ, start)
    document = read(source, start)
    data = expand(document, environ)
    if not isinstance(data, dict | None):
        raise ConfigError(
            f"{document.name}:{document.line_of((0,))}: the file should be `key: value` lines",
            cure="`pointsman config schema` lists every key",
        )
    merged: dict[str, Any] = data or {}
    overrides = override(merged, environ, flags or {}, start) | put_host(merged, environ)
    context = {"folder": source.parent if source else start}
    try:
        return Loaded(Config.model_validate(merged, context=context), source, overrides, document)
    except ValidationError as error:
        blank = Loaded(Config(), source, overrides, document)
        raise yamlfile.explain(error, document, Config, blank.where) from None


def read(source: Path | None, start: Path) -> Document:
    """The parsed file, or an empty one; messages name it as seen from `start`."""
    if source is None:
        return Document("", "")
    name = source.relative_to(start) if source.is_relative_to(start) else source
    return Document(yamlfile.read_text(source, LARGEST, str(name)), str(name))


def chosen(path: Path | None, environ: Mapping[str, str], start: Path) -> Path | None:
    """The file to read. Raises ConfigError when one is named that is not there."""
    named = environ.get(CONFIG_VARIABLE, "").strip()
    if path is None and not named:
        return find(start, environ)
    file = start / (path or Path(named).expanduser())
    if not is_there(file):
        setter = f"{CONFIG_VARIABLE}: " if path is None else ""
        raise ConfigError(f"{setter}{path or named}: no such file", cure="name a file that is there")
    return file


def is_there(file: Path) -> bool:
    """Whether something may be at a path; reading it says why not, when nobody may look."""
    try:
        return file.exists()
    except OSError:
        return True


def override(
    data: dict[str, Any], environ: Mapping[str, str], flags: Mapping[str, object], start: Path
) -> dict[str, str]:
    """Puts what variables and flags say into `data`; returns who set which key. A blank variable says nothing."""
    known = {variable.key: variable for variable in VARIABLES if variable.key}
    said: dict[str, tuple[str, object]] = {}
    for key, variable in known.items():
        text = environ.get(variable.name, "")
        if text.strip():
            said[key] = (variable.name, text)
    for key, given in flags.items():
        if given is not None:
            said[key] = ((known[key].flag if key in known else "") or f"--{key}", given)
    for key, variable in known.items():
        if variable.only_if and said.get(key, ("",))[0] == variable.name and not is_on(data, variable.only_if, said):
            del said[key]
    if MODEL_FILE in said:
        leave_server(data)
    for key, (_, value) in said.items():
        is_path = key in known and known[key].is_path and value != EMBEDDED
        put(data, key.split("."), start / Path(str(value)).expanduser() if is_path else value)
    return {key: setter for key, (setter, _) in said.items()}


def is_on(data: object, key: str, said: Mapping[str, tuple[str, object]]) -> bool:
    """Whether a switch that is off by default is on, by what is `said` outside the file, else by the file's `data`."""
    if key in said:
        value = said[key][1]
    else:
        value = data
        for name in key.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    try:
        return value is not None and TypeAdapter(bool).validate_python(value)
    except ValidationError:
        return True  # what is no switch will be told of


def leave_server(data: dict[str, Any]) -> None:
    """Takes out the main model where it is one on a server: a file that is named from outside stands in its place."""
    models: Any = data.get("models")
    main = models.get("main") if isinstance(models, dict) else None
    if isinstance(main, dict) and main.get("provider") not in {None, "embedded"}:
        data["models"] = {**models, "main": None}


def put(data: dict[str, Any], keys: list[str], value: object) -> None:
    """Sets a nested value; where the file has something else than a section, validation will say so."""
    for key in keys[:-1]:
        if data.get(key) is None:
            data[key] = {}
        data = data[key]
        if not isinstance(data, dict):
            return
    data[keys[-1]] = value


def overriding(overrides: Mapping[str, str], location: Location) -> str:
    """Who set the value at `location`, or ""."""
    for end in range(len(location), 0, -1):
        if setter := overrides.get(dotted(location[:end])):
            return setter
    return ""
