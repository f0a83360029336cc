"""What may be drawn and what may be shown: a hook for rules of your own, and the words that a configuration refuses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from pointsman.core.plan import Draw
from pointsman.core.reply import Picture


class PicturePolicy(Protocol):
    """Says no with a reason, for the person who asked, or None to let it pass."""

    def allows(self, draw: Draw) -> str | None:
        """Asked before anything is sent to ComfyUI."""
        ...

    def looks(self, picture: Picture) -> str | None:
        """Asked for each finished picture before it is shown, in a thread: it may take its time."""
        ...


class EverythingGoes:
    """Lets everything pass."""

    def allows(self, draw: Draw) -> str | None:  # noqa: ARG002 - it is not looked at
        """Yes."""
        return None

    def looks(self, picture: Picture) -> str | None:  # noqa: ARG002 - it is not looked at
        """Yes."""
        return None


class RefusedWords(EverythingGoes):
    """Refuses what names one of the words or phrases, as whole words in any case and spelling of accents.

    The negative prompt may name them: it says what is not to be seen.
    """

    def __init__(self, words: Sequence[str]) -> None:
        folded = sorted({it for word in words if (it := fold(word))}, key=len, reverse=True)
        self._any = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, folded))})(?!\w)") if folded else None

    def allows(self, draw: Draw) -> str | None:
        """The word that is refused here, as a reason."""
        found = self._any.search(fold(f"{draw.prompt} , {draw.style}")) if self._any else None
        return f"pictures of “{found[0]}” are not drawn here" if found else None


def fold(text: str) -> str:
    """A text without case, accents, invisible characters and doubled spaces, so that spellings compare."""
    # Mathematical letters have no case of their own: they are decomposed into letters that have one.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    seen = "".join(it for it in parts if unicodedata.category(it) not in {"Mn", "Cf"})
    return " ".join(seen.split())
