"""`pointsman pull`, from a server on loopback into the user's data folder."""
# ruff: noqa: ASYNC240 - nothing else waits while a test looks at its files

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.pull import pull
from pointsman.core.errors import ModelFileError, UnknownModel
from pointsman.providers import modelfiles
from pointsman.testing.file_server import FileServer

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


@pytest.mark.usefixtures("place")
async def test_errors_reach_the_main_program() -> None:
    async with FileServer(DATA) as server:
        server.status = 404
        failed = await run("smollm2", "--url", server.url)
    assert isinstance(failed.exception, ModelFileError)
    assert isinstance((await run("gpt-9")).exception, UnknownModel)
