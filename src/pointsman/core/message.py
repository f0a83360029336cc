"""What comes in: one message, with what was said before it and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]

# Tiers look at no more than this many characters. What a message wants stands at its
# beginning ("summarise this: ...") or at its end ("... now draw that"), so a longer one is
# seen as its first 3,000 and last 1,000; every local tier is then bounded in time.
LOOK_HEAD = 3000
LOOK_TAIL = 1000
# Slots are cut out of a message, so they see no seam; looking for them in this many characters takes some 10 ms.
TOLD = 30_000
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool called.

    `id` is "" where the server gives none. `problem` says why the arguments cannot be read, where they cannot.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; `url` may be a data: URL."""

    media_type: str
    url: str = ""
    name: str = ""

    @property
    def is_image(self) -> bool:
        """Whether it is a picture, which models that see can look at."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier line of the conversation, with the files that came with it.

    `calls` are the tools that an assistant wanted called with it. What came of one of them has the role "tool", and
    names the `tool` and the call's id, `call_id`. `judged` is what the tiers look at instead of the text, as in a
    message, such as the words without the name of whoever said them.
    """

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    tool: str = ""
    call_id: str = ""
    attachments: tuple[Attachment, ...] = ()
    judged: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What the writer of a message said by a command of its surface, of which nothing has to be guessed.

    `category` is what it wants ("" leaves that to the tiers), with its `slots`; `model` is the chat model that is to
    answer ("" is the usual one, as is "auto"). `name` is what the surface calls the command, such as /draw.
    """

    category: str = ""
    slots: Mapping[str, str | int] = field(default_factory=dict)
    model: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came from, as far as its surface tells.

    `direct` is what one person said to the bot alone; `guild` is the server that a channel belongs to. `key` is the
    name of the key that the caller showed, "" for none.
    """

    surface: str = "python"
    user: str = ""
    channel: str = ""
    session: str = ""
    direct: bool = False
    guild: str = ""
    key: str = ""

    @property
    def shared(self) -> bool:
        """Whether others read along."""
        return not self.direct and bool(self.guild or self.channel)

    @property
    def owner(self) -> str:
        """Whose message it is, over all surfaces: LOCAL where nobody was named, as one person's own machine has it."""
        return f"{self.surface}:{self.user}" if self.user else LOCAL


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said, oldest earlier turn first in `history`.

    `task` is the mark that some chat pages put on their own background jobs (titles, tags);
    empty for what a person wrote. `judged` is what the tiers look at instead of the text, when
    that holds something that is not to count; `text` is recorded and served whole. Lone surrogates,
    which no encoder or database takes, are replaced by U+FFFD on the way in. `after` is what followed the message
    already: calls of the caller's own tools, and what came of them. `command` is what a surface's own command says of
    it. With `local`, nothing of it leaves the machines of the house: no service is asked what it wants, and none
    answers.
    """

    text: str
    history: tuple[Turn, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    origin: Origin = field(default_factory=Origin)
    task: str = ""
    judged: str | None = None
    after: tuple[Turn, ...] = ()
    command: Command | None = None
    local: bool = False

    def __post_init__(self) -> None:
        if not self.text.isascii():
            object.__setattr__(self, "text", without_surrogates(self.text))

    @property
    def picture(self) -> Attachment | None:
        """The first picture that came with it, of which another can be made."""
        return next((it for it in self.attachments if it.is_image), None)

    @property
    def turn(self) -> Turn:
        """It as the last turn of its conversation."""
        return Turn("user", self.text, attachments=self.attachments)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """It, and what followed it already."""
        return (self.turn, *self.after)

    @property
    def look(self) -> str:
        """The part that tiers look at: all that is to be judged, or the head and tail when that is long."""
        text = self.text if self.judged is None else self.judged
        if len(text) <= LOOK_HEAD + LOOK_TAIL:
            return text
        return f"{text[:LOOK_HEAD]}\n{text[-LOOK_TAIL:]}"

    @property
    def told(self) -> str:
        """The part that slots are found in: all that is to be judged, as far as anybody would write it by hand."""
        return (self.text if self.judged is None else self.judged)[:TOLD]

    @property
    def wordless(self) -> bool:
        """Whether there is no letter and no digit of any script in it: blank, emoji, punctuation."""
        return not any(map(str.isalnum, self.look))


def digest_of(text: str) -> bytes:
    """What a text is remembered by where the text itself may not be kept (16 bytes, 1 us)."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def without_surrogates(text: str) -> str:
    """`text` with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
