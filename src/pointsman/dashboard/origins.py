"""The values in force, with where each came from and what it would be by default; secrets are masked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pointsman.config.cautions import cautions
from pointsman.config.findings import Finding
from pointsman.config.load import Loaded, load
from pointsman.config.model import Config
from pointsman.config.show import leaves
from pointsman.core.errors import PointsmanError

STARTED: Final = "given or found at the start"
UNSAID: Final = frozenset({"null", '""', "[]", "{}"})
ABSENT: Final = "\u2013"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Value:
    """One value in force, as text; `usual` is what it is by default, `origin` where this one came from."""

    key: str
    value: str
    usual: str
    origin: str

    @property
    def differs(self) -> bool:
        """Whether it is another than by default; what the defaults do not have at all counts once it says something."""
        return self.value != self.usual and not (self.usual == ABSENT and self.value in UNSAID)


@dataclass(frozen=True, slots=True)
class Known:
    """All values; `odd` is what may surprise in the file, `problem` why the file as it is now cannot be read."""

    values: tuple[Value, ...]
    odd: tuple[Finding, ...] = ()
    problem: str = ""


def known_of(config: Config, file: Path | None) -> Known:
    """What is known of a configuration in force that was read from `file`; reads that once more, for the places."""
    try:
        loaded: Loaded | None = load(file) if file is not None else load()
        problem = ""
    except PointsmanError as error:
        loaded, problem = None, str(error)
    if loaded is not None and loaded.source != file:
        loaded = None  # a file that was not there at the start says nothing of what is in force
    odd = tuple(cautions(loaded)) if loaded else ()
    return Known(tuple(values(config, loaded)), odd, problem)


def values(config: Config, loaded: Loaded | None) -> list[Value]:
    """Every value in force, in the order of the file's sections."""
    usual = {key: shown(it) for key, (_, it) in leaves(Config()).items()}
    origins = loaded.origins if loaded else {}
    read = {key: shown(it) for key, (_, it) in leaves(loaded.config).items()} if loaded else {}
    found: list[Value] = []
    for key, (_, it) in leaves(config).items():
        value, plain = shown(it), usual.get(key, ABSENT)
        origin = origins.get(key, "") if read.get(key) == value else ""
        made = Value(key, value, plain, origin)
        found.append(made if origin else replace(made, origin=STARTED if made.differs else DEFAULT))
    return found


def shown(value: object) -> str:
    """A value as the file would have it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.10g}"
        case "" | [] | {}:
            return '""' if value == "" else str(value)
        case _:
            return str(value)
