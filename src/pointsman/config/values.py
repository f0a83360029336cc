"""What configuration values look like: names, shares, durations, sizes and paths."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

SECONDS_IN: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
BYTES_IN: Final = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30,
}  # fmt: skip
DURATION: Final = r"^ *[0-9]+(\.[0-9]+)? *(ms|s|m|h|d|w)? *$"
SIZE: Final = r"^ *[0-9]+(\.[0-9]+)? *([kKmMgG]?i?[bB])? *$"


def in_seconds(value: object) -> object:
    """A duration in seconds, from a number of them or a text such as "900ms", "2s" or "7d"."""
    if isinstance(value, str) and re.match(DURATION, value):
        number, unit = split(value)
        value = number * SECONDS_IN[unit or "s"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PydanticCustomError("duration", "should be a duration such as 900ms, 2s, 5m, 12h or 7d")
    return value


def in_bytes(value: object) -> object:
    """A size in bytes, from a number of them or a text such as "8MB" (10^6) or "8MiB" (2^20)."""
    if isinstance(value, str) and re.match(SIZE, value):
        number, unit = split(value)
        factor = BYTES_IN.get(unit.lower() or "b")
        value = round(number * factor) if factor else value
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("size", "should be a size such as 500kB, 8MB or 1GiB")
    return value


def split(value: str) -> tuple[float, str]:
    """The number and the unit of "900ms"."""
    text = value.strip()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    return float(digits), text[len(digits) :].strip()


def not_a_switch(value: object) -> object:
    """Refuses true and false, which pydantic would read as 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "should be a number, not true or false")
    return value


def from_folder(value: object, info: ValidationInfo) -> object:
    """A path; a relative one starts from the folder of the file that names it (the context's "folder")."""
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise PydanticCustomError("path", "should be a path")
    path = Path(value)
    if str(path).startswith("~"):
        try:
            path = path.expanduser()
        except RuntimeError:
            raise PydanticCustomError("path", "starts with ~, but the home folder is not known") from None
    folder = (info.context or {}).get("folder")
    return path if folder is None else folder / path


def embedded_or_path(value: object, info: ValidationInfo) -> object:
    """The name of the embedded model, as it is, or a path."""
    return value if value == EMBEDDED else from_folder(value, info)


def describe(schema: dict[str, Any], *kinds: dict[str, Any]) -> WithJsonSchema:
    """The JSON Schema of a value that is written in several ways."""
    return WithJsonSchema({"anyOf": [schema, *kinds]})


EMBEDDED: Final = "smollm2"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Count = Annotated[int, BeforeValidator(not_a_switch)]
Threads = Annotated[int, Field(ge=1, le=1024), BeforeValidator(not_a_switch)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(not_a_switch)]
Seconds = Annotated[
    float,
    Field(ge=0),
    BeforeValidator(in_seconds),
    describe({"type": "number", "minimum": 0}, {"type": "string", "pattern": DURATION}),
]
Bytes = Annotated[
    int,
    Field(ge=1),
    BeforeValidator(in_bytes),
    describe({"type": "integer", "minimum": 1}, {"type": "string", "pattern": SIZE}),
]
Place = Annotated[Path, BeforeValidator(from_folder), WithJsonSchema({"type": "string", "minLength": 1})]
ModelFile = Annotated[Path | str, BeforeValidator(embedded_or_path), WithJsonSchema({"type": "string", "minLength": 1})]
