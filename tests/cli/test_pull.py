"""`pointsman pull`, from a server on loopback into the user's data folder, or by an Ollama."""
# ruff: noqa: ASYNC240 - nothing else waits while a test looks at its files

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.pull import ollama_of, pull
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError, ModelFileError, UnknownModel, Unreachable
from pointsman.providers import modelfiles
from pointsman.testing.file_server import FileServer
from pointsman.testing.ollama import FakeOllamaOnCard, OllamaFile, Pace

DATA = b"GGUF" * 50_000


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where a small model that is called smollm2 will stand."""
    small = replace(modelfiles.SMOLLM2, sha256=hashlib.sha256(DATA).hexdigest(), size=len(DATA))
    monkeypatch.setitem(modelfiles.MODELS, "smollm2", small)
    monkeypatch.setattr(modelfiles, "pulled_file", lambda model: tmp_path / "models" / model.file)
    return tmp_path / "models" / small.file


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, pull, arguments)


async def test_the_place_of_the_file_is_printed_and_nothing_else(place: Path) -> None:
    async with FileServer(DATA) as server:
        done = await run("smollm2", "--url", server.url)
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{place}\n", "")
    assert place.read_bytes() == DATA


async def test_the_bar_is_drawn_on_a_terminal_only_and_not_on_stdout(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _self: True, raising=False)
    async with FileServer(DATA) as server:
        done = await run("smollm2", "--url", server.url)
    assert done.stdout == f"{place}\n"
    assert place.name in done.stderr


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllamaOnCard]:
    """An Ollama that can download a model."""
    async with FakeOllamaOnCard(pullable=[OllamaFile("tiny:1b", 10**9)]) as fake:
        yield fake


async def test_an_ollama_downloads_a_model_where_ollama_host_says(
    ollama: FakeOllamaOnCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url.removeprefix("http://"))
    done = await run("ollama:tiny:1b")
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"tiny:1b is at {ollama.url}\n", "")
    assert "tiny:1b" in ollama.files


async def test_a_bar_tells_how_far_the_ollama_is(ollama: FakeOllamaOnCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _self: True, raising=False)
    done = await run("ollama:tiny:1b", "--url", ollama.url)
    assert done.stdout == f"tiny:1b is at {ollama.url}\n"
    assert "tiny:1b" in done.stderr
    assert "1.0/1.0 GB" in done.stderr


async def test_the_ollama_of_the_configuration_is_told_with_its_key(ollama: FakeOllamaOnCard, tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    model = {"provider": "ollama", "url": ollama.url, "model": "tiny:1b", "key": "right"}
    file.write_text(json.dumps({"models": {"main": model}}), encoding="utf-8")
    assert (await run("ollama:tiny:1b", "--config", str(file))).exit_code == 0
    (asked,) = ollama.requests
    assert (asked.path, asked.headers.get("authorization")) == ("/api/pull", "Bearer right")


@pytest.mark.parametrize(
    ("config", "model", "url", "told"),
    [
        ({}, "a", None, "http://127.0.0.1:11434"),
        ({}, "a", "box", "http://box:11434"),
        ({"cloud": {"ollama": {"enabled": True, "url": "http://one"}}}, "a", None, "http://one:80"),
        ({"models": {"main": {"provider": "ollama", "url": "http://two", "model": "b"}}}, "a", None, "http://two:80"),
        (
            {
                "cloud": {"ollama": {"enabled": True, "url": "http://one", "models": ["nimble"]}},
                "models": {"main": {"provider": "ollama", "url": "http://two", "model": "b"}},
            },
            "nimble",
            None,
            "http://one:80",
        ),
        (
            {
                "models": {
                    "main": {"provider": "ollama", "url": "http://two", "model": "b"},
                    "small": {"provider": "ollama", "url": "http://three", "model": "a:latest"},
                }
            },
            "a",
            None,
            "http://three:80",
        ),
    ],
)
def test_which_ollama_it_is(config: dict[str, Any], model: str, url: str | None, told: str) -> None:
    assert ollama_of(Config.model_validate(config), model, url, {}) == (told, "")


def test_an_address_that_is_none() -> None:
    with pytest.raises(ConfigError, match="OLLAMA_HOST is no address"):
        ollama_of(Config(), "a", None, {"OLLAMA_HOST": "ftp://box"})


async def test_what_an_ollama_does_not_find_and_one_that_is_not_there(
    ollama: FakeOllamaOnCard, unused_tcp_port: int
) -> None:
    unknown = (await run("ollama:nope", "--url", ollama.url)).exception
    assert isinstance(unknown, UnknownModel)
    assert "https://ollama.com/library" in unknown.cure
    absent = (await run("ollama:tiny:1b", "--url", f"http://127.0.0.1:{unused_tcp_port}")).exception
    assert isinstance(absent, Unreachable)
    assert "ollama serve" in absent.cure


async def test_ctrl_c_ends_it_with_130_and_ollama_notices(tmp_path: Path) -> None:
    async def forever(_: float) -> None:
        await asyncio.Event().wait()

    pace = Pace(pull=1.0)
    async with FakeOllamaOnCard(pullable=[OllamaFile("tiny:1b", 10**9)], pace=pace, sleep=forever) as fake:
        command = [sys.executable, "-m", "pointsman", "pull", "ollama:tiny:1b", "--url", fake.url]
        program = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stderr=asyncio.subprocess.PIPE)
        await fake.until(lambda: fake.in_flight == 1)
        program.send_signal(signal.SIGINT)
        _, said = await program.communicate()
        await fake.until(lambda: fake.in_flight == 0)
    assert (program.returncode, said.strip()) == (130, b"pointsman: interrupted")


@pytest.mark.usefixtures("place")
async def test_errors_reach_the_main_program() -> None:
    async with FileServer(DATA) as server:
        server.status = 404
        failed = await run("smollm2", "--url", server.url)
    assert isinstance(failed.exception, ModelFileError)
    unknown = (await run("gpt-9")).exception
    assert isinstance(unknown, UnknownModel)
    assert "smollm2" in unknown.cure
    assert "ollama:qwen3:14b" in unknown.cure
