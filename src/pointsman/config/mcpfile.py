"""MCP servers as other programs write them down: .mcp.json, Claude Desktop's and Cursor's files, VS Code's mcp.json."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from pointsman.config import yamlfile
from pointsman.config.findings import findings_of
from pointsman.config.jsonplaces import place, places
from pointsman.config.tools import SHIPPED, McpServer
from pointsman.core.errors import ConfigError

LARGEST: Final = 256_000
# VS Code says `servers`, and has them under `mcp` in its settings; all others say `mcpServers`.
LISTS: Final = (("mcpServers",), ("servers",), ("mcp", "servers"))
REFERENCE: Final = re.compile(r"\$\{(?P<kind>env:|input:)?(?P<name>[^}:]+)(?P<rest>:[^}]*)?\}")
EXPANDED: Final = ("command", "args", "env", "cwd", "url", "headers")
UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
TYPES: Final = {"streamableHttp": "streamable-http", "streamable_http": "streamable-http"}
# The names of `url` in other programs.
ADDRESSES: Final = ("serverUrl", "httpUrl")
EDITORS: Final = frozenset({".vscode", ".cursor"})
# Some programs count timeouts in milliseconds.
SURELY_MS: Final = 1000


class McpFile:
    """One such file; `environ` has the variables that its values may name. Raises ConfigError with file:line."""

    def __init__(self, path: Path, environ: Mapping[str, str], name: str = "") -> None:
        self._path = path
        self._name = name or str(path)
        self._environ = environ
        self._text = yamlfile.read_text(path, LARGEST, self._name)
        self._data = self._parsed()
        self._at, self._servers = self._listed()

    def servers(self, wanted: Collection[str] | None = None) -> dict[str, McpServer]:
        """The servers by the name that `tools.allow` calls them, or those that are wanted of them.

        What is wrong with one that is not wanted, such as a variable that is not set here, does no harm. What a name
        may not hold becomes _, and one that is called as our own tools are ends in _mcp. Raises ConfigError.
        """
        found: dict[str, McpServer] = {}
        for own, given in self._servers.items():
            name = name_for(own)
            if wanted is not None and name not in wanted:
                continue
            at = (*self._at, own)
            if name in found:
                raise self._wrong(at, f"two servers would be called {name}", "give one of them another name")
            found[name] = self._server(given, at)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its servers, as `tools.allow` calls them."""
        return tuple(dict.fromkeys(map(name_for, self._servers)))

    def _parsed(self) -> Any:
        try:
            return json.loads(self._text) if self._text.strip() else {}
        except json.JSONDecodeError as error:
            problem, cure = worded(self._text, error)
            raise ConfigError(f"{self._name}:{error.lineno}:{error.colno}: {problem}", cure=cure) from None
        except RecursionError:
            raise ConfigError(f"{self._name}: is nested too deeply", cure="is it the right file?") from None

    def _listed(self) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        for keys in LISTS:
            data = self._data
            for key in keys:
                data = data.get(key) if isinstance(data, dict) else None
            if isinstance(data, dict):
                return keys, data
            if data is not None:
                raise self._wrong(keys, "should be an object of servers by name", 'write {"name": {"command": ...}}')
        raise ConfigError(
            f"{self._name}: has no `mcpServers`", cure='write {"mcpServers": {"name": {"command": ..., "args": [...]}}}'
        )

    def _server(self, given: Any, at: tuple[str, ...]) -> McpServer:
        if not isinstance(given, dict):
            raise self._wrong(at, "should be an object", 'write {"command": ..., "args": [...]} or {"url": ...}')
        if given.get("disabled") is True:
            given = {"command": "disabled", "disabled": True}
        data = {key: self._expanded(value, (*at, key)) if key in EXPANDED else value for key, value in given.items()}
        for other in ADDRESSES:
            if other in data and "url" not in data:
                data["url"] = self._expanded(data[other], (*at, other))
        for key in ("type", "transport"):
            if isinstance(kind := data.get(key), str):
                data[key] = TYPES.get(kind, kind)
        timeout = data.get("timeout")
        if isinstance(timeout, int | float) and timeout >= SURELY_MS:
            data["timeout"] = timeout / 1000
        try:
            return McpServer.model_validate(data, context={"folder": self._path.parent})
        except ValidationError as error:
            where, finding = findings_of(error, McpServer)[0]
            raise self._wrong((*at, *where), finding.problem, finding.cure or "correct it there") from None

    def _expanded(self, value: Any, at: tuple[str | int, ...]) -> Any:
        if isinstance(value, str):
            return REFERENCE.sub(lambda found: self._value(found, at), value)
        if isinstance(value, list):
            return [self._expanded(item, (*at, index)) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self._expanded(item, (*at, key)) for key, item in value.items()}
        return value

    def _value(self, found: re.Match[str], at: tuple[str | int, ...]) -> str:
        kind, name, rest = found["kind"] or "", found["name"], found["rest"] or ""
        if kind == "input:":
            return self._input(name, at)
        if not kind and not rest and name in (known := self._known()):
            return known[name]
        if rest and not rest.startswith(":-"):
            raise self._wrong(at, f"{found[0]} means nothing here", "write ${NAME}, ${NAME:-default} or ${env:NAME}")
        if (value := self._environ.get(name)) or not rest:
            if value is None:
                raise self._wrong(at, f"the environment variable {name} is not set", f"set {name}")
            return value
        return rest.removeprefix(":-")

    def _known(self) -> Mapping[str, str]:
        """What editors put for names of their own."""
        folder = self._path.resolve().parent
        folder = folder.parent if folder.name in EDITORS else folder
        return {
            "workspaceFolder": str(folder),
            "workspaceFolderBasename": folder.name,
            "userHome": self._environ.get("HOME") or str(Path.home()),
            "pathSeparator": "/",
            "/": "/",
        }

    def _input(self, name: str, at: tuple[str | int, ...]) -> str:
        """What VS Code would ask a person for: its default, else the variable of its name."""
        inputs = self._data.get("inputs")
        asked = [it for it in inputs if isinstance(it, dict)] if isinstance(inputs, list) else []
        variable = re.sub(r"\W", "_", name).upper()
        value = self._environ.get(variable) or next((it.get("default") for it in asked if it.get("id") == name), None)
        if not isinstance(value, str):
            raise self._wrong(
                at, f"${{input:{name}}} is what an editor asks for, and nobody is asked here", f"set {variable}"
            )
        return value

    def _wrong(self, at: tuple[str | int, ...], problem: str, cure: str) -> ConfigError:
        line, column = place(places(self._text), at)
        return ConfigError(f"{self._name}:{line}:{column}: {yamlfile.dotted(at)}: {problem}", cure=cure)


def read(
    path: Path, *, environ: Mapping[str, str], wanted: Collection[str] | None = None, name: str = ""
) -> dict[str, McpServer]:
    """The servers in a file, or those that are wanted of them; `name` is the file's in errors. Raises ConfigError."""
    return McpFile(path, environ, name).servers(wanted)


def name_for(own: str) -> str:
    """What `tools.allow` calls a server of that name."""
    name = UNFIT.sub("_", own).strip("_")[:60] or "server"
    return f"{name}_mcp" if name in SHIPPED else name


def worded(text: str, error: json.JSONDecodeError) -> tuple[str, str]:
    """What is no JSON there, and what to do about it."""
    rest = text[error.pos :].lstrip()
    before = text[: error.pos].rstrip()
    if rest.startswith(("//", "/*", "#")) or before.endswith(("//", "/*")):
        return "JSON has no comments", "take the comment out, or write the servers into pointsman.yaml"
    if rest.startswith(("}", "]")) and before.endswith(","):
        return f"a comma stands before {rest[0]}", "take the comma out"
    if "trailing comma" in error.msg.lower():
        return "a comma stands before the end of a list or an object", "take the comma out"
    return error.msg[0].lower() + error.msg[1:], "correct the JSON at that place"
