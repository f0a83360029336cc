"""What the doctor says of tools: set up or not, reachable or not, used or not."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from pointsman.cli.main import pointsman
from pointsman.core.errors import ConfigError
from pointsman.testing.searxng import FakeSearxng

needs_mcp = pytest.mark.skipif(find_spec("mcp") is None, reason="the [mcp] extra is not installed")


@pytest.fixture
def searxng() -> Iterator[FakeSearxng]:
    """In a loop of its own, as the verb has one."""
    fake, up, over = FakeSearxng(), threading.Event(), threading.Event()

    async def serve() -> None:
        async with fake:
            up.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert up.wait(10)
    yield fake
    over.set()
    thread.join(10)


def findings(folder: Path, **tools: object) -> dict[str, dict[str, str]]:
    file = folder / "pointsman.yaml"
    file.write_text(json.dumps({"tools": tools, "images": {"comfyui": {"enabled": False}}}), encoding="utf-8")
    said = CliRunner().invoke(pointsman, ["doctor", "--json", "--config", str(file)])
    return {it["check"]: it for it in json.loads(said.stdout)["findings"]}


def test_with_nothing_set_up_it_says_what_to_set(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert found["web search"]["grade"] == "ok"
    assert "SEARXNG_URL" in found["web search"]["found"]
    assert found["memory"]["found"].startswith("0 of this machine's owner in ")
    assert "sandbox" in found["code"]["found"]


@pytest.mark.parametrize(
    ("formats", "grade", "said"), [(("html", "json"), "ok", "SearXNG at "), (("html",), "failed", "JSON")]
)
def test_a_searxng_is_asked_whether_it_would_answer(
    tmp_path: Path, searxng: FakeSearxng, formats: tuple[str, ...], grade: str, said: str
) -> None:
    searxng.formats = formats
    found = findings(tmp_path, web_search={"searxng": searxng.url})["web search"]
    assert (found["grade"], said in found["found"]) == (grade, True)
    assert grade == "ok" or "search.formats" in found["cure"]
    assert [it.get("q", "") for it in searxng.asked] == [""]


@needs_mcp
def test_servers_and_names_that_fit_nothing(tmp_path: Path) -> None:
    demo: dict[str, object] = {"command": sys.executable, "args": ["-m", "pointsman.testing.mcp_server"]}
    demo["env"] = {"PYTHONPATH": os.pathsep.join(sys.path)}
    file = tmp_path / "pointsman.yaml"
    tools = {
        "mcpServers": {"demo": demo, "idle": {"command": "x"}, "gone": {"command": "no-such-program"}},
        "allow": {"general_chat": ["demo", "gone", "nix"]},
    }
    file.write_text(json.dumps({"tools": tools, "images": {"comfyui": {"enabled": False}}}), encoding="utf-8")
    said = CliRunner().invoke(pointsman, ["doctor", "--json", "--config", str(file)])
    found = [(it["check"], it["grade"], it["found"]) for it in json.loads(said.stdout)["findings"]]
    assert ("tools", "warning", "no tool is called nix, which tools.allow names") in found
    assert ("tools", "warning", "no category may use the server idle") in found
    (listed,) = [it for it in found if it[0] == "tool demo"]
    assert "demo_add" in listed[2]
    (gone,) = [it for it in found if it[0] == "tool gone"]
    assert gone[1] == "failed"
    assert "no-such-program" in gone[2]
    assert said.exit_code == 1


@pytest.mark.parametrize(
    ("tools", "problem"),
    [
        ("{allow: {weather: [code]}}", "tools.allow.weather: there is no category 'weather'"),
        ("{allow: {simple_thanks: [code]}}", "tools.allow.simple_thanks: no model answers simple_thanks"),
        ("{mcpServers: {memory: {command: x}}}", "'memory' is the name of our own tools"),
        ("{mcpServers: {a: {}}}", "should have a `command` to start, or the `url`"),
        ("{web_search: {searxng: nowhere}}", "tools.web_search.searxng"),
    ],
)
def test_what_cannot_be_is_an_error_with_its_line(tmp_path: Path, tools: str, problem: str) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text(f"tools: {tools}\n", encoding="utf-8")
    said = CliRunner().invoke(pointsman, ["config", "check", str(file)])
    assert isinstance(said.exception, ConfigError)
    assert "pointsman.yaml:1" in str(said.exception)
    assert problem in str(said.exception)


def test_what_is_wanted_and_not_installed_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsman.build.tools.find_spec", lambda _: None)
    tools = {
        "web_search": {"ddgs": True},
        "mcpServers": {"demo": {"command": "x"}},
        "allow": {"general_chat": ["demo"]},
    }
    found = findings(tmp_path, **tools)
    assert (found["web search"]["grade"], found["web search"]["cure"]) == ("warning", "pip install 'pointsman[search]'")
    assert (found["tool demo"]["grade"], found["tool demo"]["cure"]) == ("warning", "pip install 'pointsman[mcp]'")


@pytest.mark.parametrize(("text", "problem"), [(None, "no such file"), ('{"mcpServers": {"a": {},}}', "mcp.json:1")])
def test_a_file_of_servers_that_cannot_be_read_is_found_by_config_check(
    tmp_path: Path, text: str | None, problem: str
) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text("tools: {mcp_file: mcp.json}\n", encoding="utf-8")
    if text is not None:
        (tmp_path / "mcp.json").write_text(text, encoding="utf-8")
    said = CliRunner().invoke(pointsman, ["config", "check", str(file)])
    assert isinstance(said.exception, ConfigError)
    assert problem in str(said.exception).lower()
