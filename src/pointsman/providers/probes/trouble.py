"""Why a sensor sees no card, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from pointsman.gpu.reading import Probe

LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a sensor from seeing a card, and the cure ("" where having no such card is nothing to cure)."""

    what: str
    cure: str = ""


class Sensor(Probe, Protocol):
    """A probe that can say why it sees nothing."""

    @property
    def trouble(self) -> Trouble | None:
        """Why the last look brought less than there may be; None when all went well."""
        ...


def program(said: str) -> str:
    """A process's name as a list shows it: the program without its folder, nothing that a terminal acts on.

    Linux tells the path, and after a space the arguments; Windows paths may have spaces inside.
    """
    name = said.rsplit("\\", 1)[-1] if "\\" in said else (said.split() or [""])[0].rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME]
