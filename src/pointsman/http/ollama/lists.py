"""Takes a list out of a request that need not have one."""

from __future__ import annotations

from typing import Any

from pointsman.core.errors import BadField
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import named


def entries_of(fields: Fields, name: str) -> list[Any]:
    """The entries of a list; none where it is not given. Raises BadField."""
    value = fields.value(name)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise BadField(fields.path(name), f"{fields.path(name)} is {named(value)}", cure="send a list")
