"""Takes typed values out of somebody's JSON, and says exactly which field is wrong."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn

from pointsman.core.errors import BadField
from pointsman.http.jsonbody import named

LARGEST: Final = sys.float_info.max


class Fields:
    """The fields of one object; null counts as not given. Everything here raises BadField."""

    def __init__(self, data: Mapping[str, Any], prefix: str = "") -> None:
        self._data = data
        self._prefix = prefix

    def path(self, name: str) -> str:
        """The field's name from the top of the request."""
        return f"{self._prefix}.{name}" if self._prefix else name

    def value(self, name: str) -> Any:
        """Whatever it is."""
        return self._data.get(name)

    def text(self, name: str) -> str:
        """A text; empty when not given."""
        value = self._data.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else self._wrong(name, "text")

    def required_text(self, name: str) -> str:
        """A text that has to be there, though it may be empty."""
        if self._data.get(name) is None:
            self._missing(name)
        return self.text(name)

    def flag(self, name: str) -> bool:
        """True or false; false when not given."""
        value = self._data.get(name)
        if value is None:
            return False
        return value if isinstance(value, bool) else self._wrong(name, "true or false")

    def number(self, name: str, low: float, high: float) -> float | None:
        """A number from `low` to `high`."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(name, "a number")
        if not low <= value <= high:
            raise BadField(self.path(name), f"{self.path(name)} is out of range", cure=f"use {low:g} to {high:g}")
        if not -LARGEST <= value <= LARGEST:  # as 1e400 is read, and whole numbers that no float holds
            raise BadField(self.path(name), f"{self.path(name)} is out of range", cure="use a smaller number")
        return float(value)

    def whole(self, name: str, low: int, high: int | None) -> int | None:
        """A whole number from `low` to `high`."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(name, "a whole number")
        if value < low or (high is not None and value > high):
            bounds = f"{low} or more" if high is None else f"{low} to {high}"
            raise BadField(self.path(name), f"{self.path(name)} is out of range", cure=f"use {bounds}")
        return int(value)

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """A text or a list of them, none of them empty."""
        value = self._data.get(name)
        if value is None:
            return ()
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
            self._wrong(name, "a text or a list of texts, none of them empty")
        if len(texts) > most:
            raise BadField(self.path(name), f"{self.path(name)} has {len(texts)} texts", cure=f"send {most} at most")
        return tuple(texts)

    def required_list(self, name: str) -> list[Any]:
        """A list with something in it."""
        value = self._data.get(name)
        if value is None:
            self._missing(name)
        if not isinstance(value, list):
            self._wrong(name, "a list")
        if not value:
            raise BadField(self.path(name), f"{self.path(name)} is empty", cure="send one entry at least")
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object; empty when not given."""
        value = self._data.get(name)
        if value is None:
            return {}
        return value if isinstance(value, dict) else self._wrong(name, "an object")

    def others(self, known: Collection[str]) -> dict[str, Any]:
        """The fields that are not among those `known`."""
        return {name: value for name, value in self._data.items() if name not in known and value is not None}

    def object_at(self, name: str, place: int, entry: Any) -> Mapping[str, Any]:
        """An entry of a list, which must be an object."""
        if isinstance(entry, dict):
            return entry
        path = f"{self.path(name)}.{place}"
        raise BadField(path, f"{path} is {named(entry)}", cure="send an object")

    def _missing(self, name: str) -> NoReturn:
        raise BadField(self.path(name), f"{self.path(name)} is missing", cure=f"add {name}")

    def _wrong(self, name: str, wanted: str) -> NoReturn:
        raise BadField(self.path(name), f"{self.path(name)} is {named(self.value(name))}", cure=f"send {wanted}")
