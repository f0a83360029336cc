"""Pictures that are sent to the fake ComfyUI: stored as the real one stores them, found again, and measured."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from aiohttp import web
from aiohttp.web_request import FileField

from pointsman.testing.comfyui.pictures import Colour, png_colour, png_size

Files = dict[tuple[str, str, str], bytes]
"""Stored pictures by folder (output, temp, input), subfolder and name."""

KINDS: Final = ("input", "temp", "output")
# Lies in input from the beginning, and is no picture, whatever its name.
CORRUPT: Final = "corrupt.png"


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody sent to /upload/image."""

    filename: str
    data: bytes
    media_type: str
    fields: dict[str, str]


async def upload_of(request: web.Request) -> Upload | None:
    """The form of a call; None where it holds no picture."""
    form = await request.post()
    image = form.get("image")
    if not isinstance(image, FileField):
        return None
    fields = {key: value for key, value in form.items() if isinstance(value, str)}
    return Upload(image.filename, image.file.read(), image.content_type, fields)


def stored(upload: Upload | None, files: Files) -> web.Response:
    """Puts a picture where it is wanted, and says where: under another name where another has that one already."""
    if upload is None or not upload.filename:
        return web.Response(status=400)
    kind, subfolder = upload.fields.get("type", "input"), upload.fields.get("subfolder", "")
    path = posixpath.normpath(posixpath.join("/", "root", subfolder, upload.filename))
    if kind not in KINDS or not path.startswith("/root/"):
        return web.Response(status=400)
    folder, name = posixpath.split(path.removeprefix("/root/"))
    if upload.fields.get("overwrite") not in {"true", "1"}:
        stem, suffix = posixpath.splitext(name)
        number = 1
        while (kind, folder, name) in files and files[kind, folder, name] != upload.data:
            name = f"{stem} ({number}){suffix}"
            number += 1
    files[kind, folder, name] = upload.data
    return web.json_response({"name": name, "subfolder": subfolder, "type": kind})


def found(files: Files, name: str) -> bytes | None:
    """The picture that a Load Image node names: "folder/name.png", with its kind behind it where that is not input."""
    kind = next((it for it in KINDS if name.endswith(f"[{it}]")), "")
    path = name[: -len(kind) - 3] if kind else name
    folder, file = posixpath.split(posixpath.normpath(path))
    return files.get((kind or "input", folder, file), b"no picture" if name == CORRUPT else None)


def listed(files: Files) -> list[str]:
    """The pictures that a Load Image node offers: those that lie in input, and in none of its folders."""
    return sorted({CORRUPT, *(name for kind, folder, name in files if (kind, folder) == ("input", ""))})


def emptied(files: Files) -> None:
    """Forgets what lies in the temporary folder, as it does whenever it starts."""
    for place in [it for it in files if it[0] == "temp"]:
        del files[place]


def measured(data: bytes) -> tuple[tuple[int, int], Colour]:
    """The size of a picture, and one colour that stands for it. Raises ValueError for what is none."""
    digest = blake2b(data, digest_size=3).digest()
    colour = digest[0], digest[1], digest[2]
    if data.startswith(b"GIF8"):
        return (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")), colour
    if data[:4] == b"RIFF" and data[12:16] == b"VP8X":
        return (int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1), colour
    if data.startswith(b"\xff\xd8\xff"):
        at = data.index(b"\xff\xc0")  # no table of the small ones that tests send looks like it
        return (int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")), colour
    try:
        return png_size(data), png_colour(data)
    except (IndexError, KeyError) as error:
        raise ValueError("no picture") from error
