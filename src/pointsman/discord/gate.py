"""Who is answered, and where: blocked before allowed, with words for whoever is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pointsman.config.discord import Channel, Discord, Places, When
from pointsman.discord import wording
from pointsman.discord.memo import NOTHING_SET, ChannelSettings

FORMAT: Final = "Cf"  # zero-width characters, which would part a word for nobody's eyes


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, and where; all are Discord's ids.

    `parents` are a thread's channel and a channel's category. `nsfw_channel` says that the channel is age-restricted,
    `manages` that the visitor manages this server, and `bot` that it is a bot, or a webhook.
    """

    user: str
    roles: frozenset[str] = frozenset()
    guild: str = ""
    channel: str = ""
    parents: tuple[str, ...] = ()
    direct: bool = False
    nsfw_channel: bool = False
    manages: bool = False
    bot: bool = False

    @property
    def places(self) -> tuple[str, ...]:
        """The channel, then what it belongs to."""
        return (self.channel, *self.parents)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is not served.

    What is `silent` is not said where nobody asked by name: a message is left alone, while a command, which Discord
    wants answered, is told the `words`.
    """

    words: str
    silent: bool = False


class Gate:
    """What a configuration says of who is answered, and where."""

    def __init__(self, settings: Discord) -> None:
        self._settings = settings
        self._words = [(word, pattern) for word in settings.nsfw.words if (pattern := whole_words(word))]

    def refusal(self, visitor: Visitor) -> Refusal | None:
        """Why a visitor is not answered, None where he is.

        A blocked place is blocked for everybody. Admins of the configuration pass all else; bots never pass.
        """
        allow, block = self._settings.allow, self._settings.block
        if visitor.bot:
            return Refusal(wording.NO_BOTS, silent=True)
        if is_in(visitor, block):
            return Refusal(wording.NOT_HERE, silent=True)
        if self.is_exempt(visitor):
            return None
        if is_one_of(visitor, block):
            return Refusal(wording.NOT_YOU, silent=True)
        if visitor.direct and not self._settings.direct:
            return Refusal(wording.NO_DIRECT)
        if not visitor.direct and (allow.guilds or allow.channels) and not is_in(visitor, allow):
            return Refusal(wording.NOT_HERE, silent=True)
        if (allow.users or allow.roles) and not is_one_of(visitor, allow):
            return Refusal(wording.NOT_LISTED)
        return None

    def is_exempt(self, visitor: Visitor) -> bool:
        """Whether a visitor is an admin of the configuration, who has no limits."""
        return not visitor.bot and is_one_of(visitor, self._settings.admins)

    def is_admin(self, visitor: Visitor) -> bool:
        """Whether a visitor may change settings where he is: also whoever manages the server."""
        return not visitor.bot and (self.is_exempt(visitor) or (visitor.manages and not visitor.direct))

    def when(self, visitor: Visitor, own: ChannelSettings = NOTHING_SET) -> When:
        """When it answers where a visitor is; `own` is what `Memo.channel` has of his places."""
        found = [own.when, *(it.when for it in self._channels(visitor)), self._settings.when]
        return next(it for it in found if it is not None)

    def prompt(self, visitor: Visitor, own: ChannelSettings = NOTHING_SET) -> str:
        """What the model is told first where a visitor is."""
        if own.prompt is not None:
            return own.prompt
        found = (it.prompt for it in self._channels(visitor) if it.prompt is not None)
        return next(found, self._settings.prompt)

    def is_for_us(self, visitor: Visitor, *, addressed: bool, own: ChannelSettings = NOTHING_SET) -> bool:
        """Whether a message is the bot's to answer; `addressed` is one that names it or replies to it."""
        if visitor.bot:
            return False
        return addressed or visitor.direct or self.when(visitor, own) == "always"

    def picture_refusal(self, prompt: str, visitor: Visitor) -> Refusal | None:
        """Why a prompt is not drawn where a visitor is, None where it is."""
        word = self.marked_word(prompt)
        drawn = self._settings.nsfw.drawn
        if not word or drawn == "anywhere" or (drawn == "marked" and visitor.nsfw_channel):
            return None
        return Refusal(wording.not_drawn(word, elsewhere=drawn == "marked"))

    def spoiler(self, prompt: str, visitor: Visitor) -> bool:
        """Whether a picture of a prompt is hidden until it is clicked."""
        return self._settings.nsfw.drawn == "marked" and visitor.nsfw_channel and bool(self.marked_word(prompt))

    def marked_word(self, prompt: str) -> str:
        """The first word that makes a prompt one that is not for everybody; "" where none does."""
        text = folded(prompt)
        return next((word for word, pattern in self._words if pattern.search(text)), "")

    def _channels(self, visitor: Visitor) -> Iterable[Channel]:
        return (self._settings.channels[it] for it in visitor.places if it in self._settings.channels)


def is_in(visitor: Visitor, places: Places) -> bool:
    """Whether a visitor is in one of some servers, channels or categories."""
    return visitor.guild in places.guilds or any(it in places.channels for it in visitor.places)


def is_one_of(visitor: Visitor, places: Places) -> bool:
    """Whether a visitor is one of some people, or has one of some roles."""
    return visitor.user in places.users or not visitor.roles.isdisjoint(places.roles)


def folded(text: str) -> str:
    """A text as words are looked for in it: without case, accents, ornate letters and what cannot be seen."""
    plain = unicodedata.normalize("NFKD", text)
    kept = (it for it in plain if unicodedata.category(it) not in {"Mn", "Me", FORMAT})
    return unicodedata.normalize("NFKC", "".join(kept).casefold()).replace("_", " ")


def whole_words(phrase: str) -> re.Pattern[str] | None:
    """Finds a phrase in a folded text, as whole words; None where it has none."""
    words = [re.escape(it) for it in folded(phrase).split()]
    phrase = r"\s+".join(words)
    return re.compile(rf"(?<!\w){phrase}(?!\w)") if words else None
