"""Files with MCP servers, as other programs write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from pointsman.config import jsonplaces, mcpfile
from pointsman.config.tools import McpServer
from pointsman.core.errors import ConfigError

Write = Callable[[object], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: object) -> Path:
        file = tmp_path / ".mcp.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    return written


def read(file: Path, **environ: str) -> dict[str, McpServer]:
    return mcpfile.read(file, environ=environ, name=".mcp.json")


def plain(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in secrets.items()}


def problem(file: Path, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, **environ)
    assert caught.value.cure
    return caught.value.message


class TestWhatOthersWrite:
    def test_claude_desktop_and_cursor(self, write: Write, tmp_path: Path) -> None:
        servers = read(
            write(
                {
                    "globalShortcut": "Ctrl+Space",
                    "mcpServers": {
                        "filesystem": {
                            "command": "npx",
                            "args": ["-y", "some-server", "${workspaceFolder}/docs"],
                            "env": {"KEY": "${KEY}"},
                            "autoApprove": ["read_file"],
                        },
                        "remote": {"url": "https://mcp.example/x", "headers": {"Authorization": "Bearer ${env:TOKEN}"}},
                    },
                }
            ),
            KEY="k",
            TOKEN="t",
        )
        filesystem, remote = servers["filesystem"], servers["remote"]
        assert (filesystem.command, filesystem.args) == ("npx", ("-y", "some-server", f"{tmp_path}/docs"))
        assert plain(filesystem.env) == {"KEY": "k"}
        assert remote.url == "https://mcp.example/x"
        assert plain(remote.headers) == {"Authorization": "Bearer t"}

    def test_vs_code(self, write: Write) -> None:
        content = {
            "inputs": [
                {"type": "promptString", "id": "api-key", "password": True},
                {"type": "promptString", "id": "host", "default": "mcp.example"},
            ],
            "servers": {
                "one": {"type": "stdio", "command": "uvx", "args": ["server"], "env": {"KEY": "${input:api-key}"}},
                "two": {"type": "http", "url": "https://${input:host}/mcp"},
            },
        }
        servers = read(write(content), API_KEY="secret")
        assert plain(servers["one"].env) == {"KEY": "secret"}
        assert (servers["two"].type, servers["two"].url) == ("http", "https://mcp.example/mcp")
        assert "one.env.KEY: ${input:api-key} is what an editor asks for" in problem(write(content))
        assert list(read(write({"mcp": {"servers": {"in-settings": {"command": "x"}}}}))) == ["in-settings"]

    def test_other_programs_words(self, write: Write) -> None:
        servers = read(
            write(
                {
                    "mcpServers": {
                        "cline": {
                            "type": "streamableHttp",
                            "url": "http://a.example",
                            "disabled": False,
                            "timeout": 60,
                        },
                        "windsurf": {"serverUrl": "http://b.example/sse"},
                        "gemini": {"httpUrl": "http://c.example", "timeout": 30000, "trust": True},
                        "off": {"disabled": True, "env": {"KEY": "${NOT_SET}"}},
                    }
                }
            )
        )
        assert (servers["cline"].type, servers["cline"].timeout) == ("streamable-http", 60)
        assert servers["windsurf"].url == "http://b.example/sse"
        assert (servers["gemini"].url, servers["gemini"].timeout) == ("http://c.example", 30)
        assert servers["off"].disabled

    def test_names_are_made_ones_that_categories_can_say(self, write: Write) -> None:
        servers = {"My Server!": {"command": "a"}, "io.github/x": {"command": "b"}, "memory": {"command": "c"}}
        file = mcpfile.McpFile(write({"mcpServers": servers}), {})
        assert tuple(file.servers()) == file.names == ("My_Server", "io_github_x", "memory_mcp")
        twice = write({"mcpServers": {"a b": {"command": "a"}, "a_b": {"command": "b"}}})
        assert "two servers would be called a_b" in problem(twice)

    def test_an_empty_file_s_and_a_folder_s(self, write: Write, tmp_path: Path) -> None:
        assert problem(write("")) == ".mcp.json: has no `mcpServers`"
        assert read(write({"mcpServers": {}})) == {}
        with pytest.raises(ConfigError, match="is a folder"):
            mcpfile.read(tmp_path, environ={})


class TestVariables:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("${HOST}", "h"),
            ("${env:HOST}", "h"),
            ("a-${HOST}-${HOST}", "a-h-h"),
            ("${NONE:-fallback}", "fallback"),
            ("${EMPTY:-fallback}", "fallback"),
            ("${EMPTY}", ""),
            ("${NONE:-}", ""),
            ("${env:NONE:-x:y/z}", "x:y/z"),
            ("$HOST and $$ {HOST}", "$HOST and $$ {HOST}"),
            ("${userHome}", "/home/me"),
        ],
    )
    def test_they_are_put_in(self, write: Write, text: str, value: str) -> None:
        servers = read(
            write({"mcpServers": {"a": {"command": "c", "args": [text]}}}), HOST="h", EMPTY="", HOME="/home/me"
        )
        assert servers["a"].args == (value,)

    def test_one_that_is_not_set_is_named_with_its_place(self, write: Write) -> None:
        file = write('{"mcpServers": {\n  "a": {"command": "c",\n    "env": {"KEY": "${NO_SUCH}"}}}}')
        assert problem(file) == (".mcp.json:3:13: mcpServers.a.env.KEY: the environment variable NO_SUCH is not set")

    def test_what_only_an_editor_knows(self, write: Write) -> None:
        file = write({"mcpServers": {"a": {"command": "${command:pick}"}}})
        assert "${command:pick} means nothing here" in problem(file)

    def test_a_server_that_nobody_wants_does_no_harm(self, write: Write) -> None:
        file = write({"mcpServers": {"a": {"command": "${NO_SUCH}"}, "b": {"command": "c"}, "d": 5}})
        assert list(mcpfile.read(file, environ={}, wanted={"b"})) == ["b"]


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "where", "what"),
        [
            ('{"mcpServers": {\n  "a": 1,\n}}', "3:1", "a comma stands before }"),
            ('{"mcpServers": {} // mine\n}', "1:19", "JSON has no comments"),
            ("// mine\n{}", "1:1", "JSON has no comments"),
            ('{"mcpServers": {"a": {"args": ["x",]}}}', "1:36", "a comma stands before ]"),
            ("{'mcpServers': {}}", "1:2", "expecting property name"),
            ('{"mcpServers": {', "1:17", "expecting property name"),
        ],
    )
    def test_what_is_no_json(self, write: Write, text: str, where: str, what: str) -> None:
        said = problem(write(text))
        assert said.startswith(f".mcp.json:{where}: ") or "comma" in what  # newer Pythons point at the comma itself
        assert what.lower() in said.lower() or "comma" in said

    def test_deep_nesting(self, write: Write) -> None:
        assert ".mcp.json" in problem(write("[" * 100_000))

    @pytest.mark.parametrize(
        ("server", "what"),
        [
            (5, "a: should be an object"),
            ({}, "a: should have a `command` to start, or the `url`"),
            ({"command": "c", "url": "http://a.example"}, "a: should have a `command` to start, or the `url`"),
            ({"command": "c", "args": "x"}, "a.args: should be a list"),
            ({"command": "c", "env": {"A": 5}}, "a.env.A: should be a text"),
            ({"url": "mcp.example"}, "a.url: should be an address"),
            ({"url": "http://a.example", "type": "ws"}, "a.type: should be 'stdio', 'http'"),
        ],
    )
    def test_what_is_no_server(self, write: Write, server: Any, what: str) -> None:
        assert what in problem(write({"mcpServers": {"a": server}}))

    def test_no_secret_is_repeated(self, write: Write) -> None:
        file = write({"mcpServers": {"a": {"command": "c", "env": {"KEY": ["hunter2"]}}}})
        assert "hunter2" not in problem(file)

    def test_what_is_no_list_of_servers(self, write: Write) -> None:
        assert "mcpServers: should be an object of servers" in problem(write({"mcpServers": []}))
        assert "has no `mcpServers`" in problem(write([1, 2]))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda it: st.lists(it, max_size=4) | st.dictionaries(st.text(), it, max_size=4),
)


def ways(data: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [at, *(way for key, value in parts for way in ways(value, (*at, key)))]


@given(JSON, st.sampled_from([None, 0, 2]))
def test_every_place_of_a_text_is_known(data: Any, indent: int | None) -> None:
    text = json.dumps(data, indent=indent)
    found = jsonplaces.places(text)
    assert set(found) == set(ways(data))
    lines = text.split("\n")
    for way, (line, column) in found.items():
        rest = lines[line - 1][column - 1 :]
        if way and isinstance(way[-1], str):
            assert rest.startswith(json.dumps(way[-1]))
        elif way:
            assert json.JSONDecoder().raw_decode("\n".join((rest, *lines[line:])))[0] == value_at(data, way)


def value_at(data: Any, way: tuple[str | int, ...]) -> Any:
    for part in way:
        data = data[part]
    return data
