"""What was said before a message, as Discord has it: who said it, what the bot answered, and no more than is useful."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from pointsman.config.discord import History
from pointsman.core.message import Attachment, Message, Origin, Turn
from pointsman.discord import wording
from pointsman.discord.split import joined

MOST_TEXT: Final = 20_000
"""Characters of a message's text files that are read; whoever fetches one needs no more than four bytes for each."""

TEXT_TYPES: Final = frozenset({"application/json", "application/xml", "application/x-yaml", "application/javascript"})
TEXT_NAMES: Final = (
    ".txt", ".md", ".py", ".js", ".ts", ".json", ".yaml", ".yml", ".toml", ".ini", ".csv", ".log", ".html", ".css",
    ".c", ".h", ".cpp", ".rs", ".go", ".java", ".kt", ".rb", ".sh", ".sql", ".xml", ".tex", ".diff", ".patch",
)  # fmt: skip
TOKEN: Final = re.compile(r"<(?:(@[!&]?|#)(\d{1,20})|a?(:\w{1,64}:)\d{1,20}|(/[^:>]{1,100}):\d{1,20})>")
SEVERAL: Final = (
    "Several people write here: what each of them said begins with the name. Begin your answer with no name."
)
OURS: Final = "\0"  # stands for a mention of the bot; Discord takes none in a message
NAME: Final = 32


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with a message; `text` is what stands in it, where it is text and was fetched.

    `alt` is what it says to those who cannot see it: of the bot's own pictures, what they were drawn of.
    """

    name: str
    media_type: str = ""
    url: str = ""
    text: str | None = None
    alt: str = ""

    @property
    def is_image(self) -> bool:
        """Whether it is a picture."""
        return self.media_type.startswith("image/")

    @property
    def is_text(self) -> bool:
        """Whether it is text, so that it is worth fetching."""
        kind = self.media_type.partition(";")[0].strip().lower()
        return kind.startswith("text/") or kind in TEXT_TYPES or self.name.lower().endswith(TEXT_NAMES)

    @property
    def attachment(self) -> Attachment:
        """It as a message's file."""
        return Attachment(self.media_type, self.url, self.name)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message on Discord, as far as a conversation goes; all ids are Discord's.

    `is_bot` says that it is the bot's own; another bot's counts as a person's. `names` are those of the people, roles
    and channels that it mentions, by id.
    """

    id: str
    author_id: str
    author_name: str
    text: str
    is_bot: bool = False
    attachments: tuple[Enclosed, ...] = ()
    reply_to: str = ""
    channel: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def message_of(
    seen: Seen,
    chain: Sequence[Seen],
    me: str | Collection[str],
    origin: Origin,
    limits: History = History(),  # noqa: B008 - frozen
    *,
    prompt: str = "",
) -> tuple[Message, tuple[str, ...]]:
    """A message with what was said before it, oldest first in `chain`, and warnings of what is left out.

    `me` is the bot's id, or its and its role's; `prompt` is what the model is told first. Where several people wrote,
    the name stands before what each of them said; what the tiers judge is without it.
    """
    turns, warnings = turns_of(chain, me, limits, also=(seen,))
    text, more = text_of(seen, me)
    together = several((*chain, seen))
    named = with_name(seen, text) if together else text
    first = "\n\n".join(it for it in (prompt.strip(), SEVERAL if together else "") if it)
    system = (Turn("system", first),) if first else ()
    attachments = tuple(it.attachment for it in seen.attachments if it.is_image)
    judged = said(seen, me) if named != said(seen, me) else None
    message = Message(named, (*system, *turns), attachments, origin, judged=judged)
    return message, (*warnings, *more)


def turns_of(
    chain: Sequence[Seen],
    me: str | Collection[str],
    limits: History = History(),  # noqa: B008 - frozen
    *,
    also: Iterable[Seen] = (),
) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """A chain of messages, oldest first, as a conversation, and warnings of what is left out.

    What the bot said in several messages is one turn, without its own notes. `also` are messages that come after the
    chain, whose writers count when it is asked whether there are several.
    """
    named = several((*chain, *also))
    turns: list[Turn] = []
    spoken = [it for it in chain if says_something(it, me)]
    for ours, together in groupby(spoken, key=lambda it: it.is_bot):
        messages = list(together)
        if ours:
            asked = None if turns and turns[-1].role == "user" else commanded(messages)
            turns += [asked, own_turn(messages)] if asked else [own_turn(messages)]
        else:
            turns += [user_turn(it, me, named=named) for it in messages]
    return within(turns, limits)


def says_something(seen: Seen, me: str | Collection[str]) -> bool:
    """Whether anything is left of a message without the bot's notices, or the mention of it."""
    return bool(seen.attachments or (wording.without_own(seen.text) if seen.is_bot else said(seen, me)))


def session_of(root: Seen | None, thread: str = "") -> str:
    """What a conversation is known by: the thread that it is in, or the message that it began with."""
    return thread or (root.id if root else "")


def several(chain: Iterable[Seen]) -> bool:
    """Whether more than one person wrote."""
    return len({it.author_id for it in chain if not it.is_bot}) > 1


def own_turn(messages: Sequence[Seen]) -> Turn:
    """What the bot said in one or more messages: its words, or the file that they come in, and its pictures."""
    files = [it for message in messages for it in message.attachments]
    whole = [it.text for it in files if it.name == wording.REPLY_FILE and it.text is not None]
    texts = [text for it in messages if (text := wording.without_own(it.text))]
    text = "\n".join(whole) or joined(texts, trimmed=True)
    return Turn("assistant", text, attachments=tuple(it.attachment for it in files if it.is_image))


def commanded(messages: Sequence[Seen]) -> Turn | None:
    """What a picture was asked for by, where no message says so: a command leaves none, but for the picture's words."""
    alt = next((it.alt for message in messages for it in message.attachments if it.is_image and it.alt), "")
    return Turn("user", alt) if alt else None


def user_turn(seen: Seen, me: str | Collection[str], *, named: bool) -> Turn:
    """What a person said."""
    text, _ = text_of(seen, me)
    pictures = tuple(it.attachment for it in seen.attachments if it.is_image)
    told = with_name(seen, text) if named and (text or pictures) else text
    plain = said(seen, me)
    return Turn("user", told, attachments=pictures, judged=plain if told != plain else None)


def within(turns: Sequence[Turn], limits: History) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """The last of some turns that are within limits, and a warning where these are not all."""
    kept: list[Turn] = []
    left = limits.characters
    warnings: list[str] = []
    for turn in reversed(turns):
        if len(kept) == limits.messages:
            warnings.append(wording.only_last(limits.messages))
            break
        if len(turn.text) > left:
            if not kept and left:
                kept.append(replace(turn, text=f"…{turn.text[-left:].lstrip()}"))
            warnings.append(wording.only_characters(limits.characters))
            break
        kept.append(turn)
        left -= len(turn.text)
    return tuple(reversed(kept)), tuple(warnings)


def text_of(seen: Seen, me: str | Collection[str]) -> tuple[str, tuple[str, ...]]:
    """What somebody wrote, with the text files that came with it, and warnings of what of them is not read."""
    parts, warnings, unread, left = [said(seen, me)], [], [], MOST_TEXT
    for it in seen.attachments:
        if it.text is not None:
            if len(it.text) > left:
                warnings.append(wording.cut_file(it.name, left))
            parts.append(f"[{one_line(it.name)}]\n{it.text[:left].strip()}")
            left -= len(it.text[:left])
        elif not it.is_image:
            unread.append(it.name)
            parts.append(f"[{one_line(it.name)}: a file that cannot be read here]")
    if unread:
        warnings.append(wording.not_read(unread))
    return "\n\n".join(filter(None, parts)), tuple(warnings)


def said(seen: Seen, me: str | Collection[str]) -> str:
    """What somebody wrote: without the mention of the bot, and with the names of whatever else is mentioned."""
    mine = {me} if isinstance(me, str) else set(me)

    def readable(match: re.Match[str]) -> str:
        kind, its_id, emoji, command = match.groups()
        if emoji or command:
            return str(emoji or command)
        if kind != "#" and its_id in mine:
            return OURS
        sign, otherwise = ("#", "a-channel") if kind == "#" else ("@", "somebody")
        return f"{sign}{one_line(seen.names.get(its_id, otherwise))}"

    text = TOKEN.sub(readable, seen.text.replace(OURS, ""))
    return " ".join(it.strip(" \t") for it in text.split(OURS)).strip() if OURS in text else text.strip()


def with_name(seen: Seen, text: str) -> str:
    """What somebody said, with the name before it."""
    name = one_line(seen.author_name).replace(":", "")[:NAME].strip() or "Somebody"
    return f"{name}: {text}"


def one_line(text: str) -> str:
    """A name in one line, of what can be seen."""
    return " ".join("".join(it if it.isprintable() else " " for it in text).split())
