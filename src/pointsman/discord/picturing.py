"""Pictures as Discord shows them: what they look like while they grow, and finished, with what they were made of."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import discord

from pointsman.core.decision import Decision, Slots
from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment
from pointsman.core.reply import Picture, Progress
from pointsman.discord import wording
from pointsman.stores.privacy import MASK

if TYPE_CHECKING:
    from pointsman.discord.asked import Ask
    from pointsman.discord.service import Service

MOST_FILES: Final = 10  # in one message
MOST_BYTES: Final = 10 * 1024 * 1024  # of a picture that is fetched; Discord takes as much from anybody
MOST_ALT: Final = 1024  # characters that Discord takes as a file's description
QUOTED: Final = 300
ROOM: Final = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
MEGABYTE: Final = 1 << 20
PNG: Final = b"\x89PNG\r\n\x1a\n"
ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True)
class PictureMessage:
    """A message with pictures as it is to be sent. Files can be sent once."""

    content: str
    files: list[discord.File]
    view: discord.ui.View


async def show(
    ask: Ask,
    decision: Decision,
    pictures: Sequence[Picture],
    seconds: float,
    model: str = "",
    *,
    service: Service,
    spoiler: bool = False,
    room: int = 0,
) -> PictureMessage:
    """The message that shows pictures: their seeds, size and time, and buttons to go on with.

    `room` is how many bytes a file may have; 0 asks the server that it goes to. With `spoiler` they are hidden until
    somebody clicks.
    """
    from pointsman.discord.buttons import picture_view

    room = room or room_for(ask)
    fit = [it for it in pictures if len(it.data) <= room]
    shown = fit[:MOST_FILES]
    prompt = prompt_in(decision.slots) or ask.message.text
    files = [file_of(it, number, prompt, spoiler=spoiler) for number, it in enumerate(shown, 1)]
    lines = [
        *(quoted(prompt, spoiler=spoiler) if ask.message.command is not None else ()),
        *missing(pictures, fit, room),
        caption(decision, pictures, seconds, model),
    ]
    view = await picture_view(decision, shown, service, asker=ask.asker.id)
    return PictureMessage("\n".join(lines), files, view)


def room_for(ask: Ask) -> int:
    """How many bytes a file may have where the reply goes: it depends on how many boosts a server has."""
    guild = ask.source.guild if ask.source is not None else getattr(ask.asker, "guild", None)
    return int(guild.filesize_limit) if isinstance(guild, discord.Guild) else ROOM


def file_of(picture: Picture, number: int, prompt: str, *, spoiler: bool) -> discord.File:
    """A picture as a file; its prompt is what those read who cannot see it, and where it is found again."""
    ending = ENDINGS.get(picture.media_type, "png")
    name = f"picture-{picture.seed}-{number}.{ending}"
    return discord.File(io.BytesIO(picture.data), name, spoiler=spoiler, description=prompt[:MOST_ALT] or None)


def caption(decision: Decision, pictures: Sequence[Picture], seconds: float, model: str = "") -> str:
    """What the pictures were made with, in small letters: seeds, size, steps, how long it took, and by what."""
    seeds = list(dict.fromkeys(str(it.seed) for it in pictures))
    steps = decision.slots.get("steps")
    said = (
        f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(seeds)}" if seeds else "",
        size_in_words(pictures, decision.slots),
        f"{steps} steps" if steps else "",
        f"{seconds:.1f} s",
        wording.quoted(model),
        f"#{decision.id}",
    )
    return wording.note(wording.CAPTION + " · ".join(it for it in said if it))


def size_in_words(pictures: Sequence[Picture], slots: Slots) -> str:
    """How large the pictures are, as they say themselves, or else as was asked for; "" where nobody says."""
    sizes = dict.fromkeys(found for it in pictures if (found := size_of(it.data)) is not None)
    if not sizes and slots.get("width") and slots.get("height"):
        sizes = {(int(slots["width"]), int(slots["height"])): None}
    return ", ".join(f"{width} x {height}" for width, height in sizes)


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, in pixels; None for what is none."""
    if not data.startswith(PNG) or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def missing(pictures: Sequence[Picture], fit: Sequence[Picture], room: int) -> list[str]:
    """What is said of pictures that cannot be sent."""
    said = []
    large = len(pictures) - len(fit)
    if large:
        most = max(len(it.data) for it in pictures)
        which = "The picture is" if len(pictures) == 1 else f"{large} of the {len(pictures)} pictures are"
        said.append(
            f"{which} larger ({megabytes(most)}) than files may be here ({megabytes(room)}). Ask for a smaller size."
        )
    if len(fit) > MOST_FILES:
        said.append(f"Only the first {MOST_FILES} of {len(fit)} pictures fit into a message.")
    return [wording.warning(line) for line in said]


def megabytes(size: int) -> str:
    """A number of bytes in words."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE // 10 else f"{max(1, size // 1024)} KB"


def quoted(prompt: str, *, spoiler: bool = False) -> list[str]:
    """The prompt, where nobody sees it otherwise, as after a command."""
    line = wording.quoted(prompt, QUOTED)
    if not line:
        return []
    return [f"> ||{line}||" if spoiler else f"> {line}"]


def prompt_in(slots: Slots) -> str:
    """The prompt among slots, "" where there is none, or its text is not kept."""
    found = str(slots.get("prompt", ""))
    return "" if found == MASK else found


def shown_by(message: discord.Message) -> list[discord.Attachment]:
    """The finished pictures of a message of the bot's."""
    return [it for it in message.attachments if (it.content_type or "").startswith("image/")]


async def as_source(attachment: discord.Attachment) -> Attachment:
    """A picture on Discord as one that goes along with a message: Discord's links end after a day.

    Raises discord.HTTPException, as where it was deleted, and InvalidInput for one that is too large.
    """
    from base64 import b64encode

    if attachment.size > MOST_BYTES:
        raise InvalidInput(f"the file {attachment.filename} is too large", cure="attach a picture of less than 10 MB")
    data = await attachment.read()
    media_type = (attachment.content_type or "image/png").partition(";")[0]
    return Attachment(media_type, f"data:{media_type};base64,{b64encode(data).decode()}", attachment.filename)


class ProgressPicture:
    """A picture while it grows: what the message says that takes its place, and what it looks like so far.

    `progress` is where it is. Where `spoiler` is set it is not shown before it is finished.
    """

    def __init__(self, *, spoiler: bool = False, room: int = ROOM) -> None:
        self.progress = Progress(0, 0)
        self._spoiler = spoiler
        self._room = room
        self._preview = b""
        self._media_type = ""
        self._fresh = False

    def went(self, progress: Progress) -> None:
        """Takes in how far it is."""
        self.progress = progress
        if progress.preview and progress.preview != self._preview:
            self._preview, self._media_type = progress.preview, progress.media_type
            self._fresh = True

    @property
    def content(self) -> str:
        """How far it is, in words."""
        return wording.drawing(self.progress)

    def dress(self, content: str) -> dict[str, Any]:
        """What the message is besides its text, as keywords of `Outlet.edit`; a preview goes along once only."""
        said: dict[str, Any] = {"content": content}
        if self._fresh and not self._spoiler and len(self._preview) <= self._room:
            name = f"preview.{ENDINGS.get(self._media_type, 'jpg')}"
            said["attachments"] = [discord.File(io.BytesIO(self._preview), name)]
        self._fresh = False
        return said
