"""The head of a request: how much of it there may be."""

from __future__ import annotations

from itertools import chain
from typing import Final

from starlette.types import Scope

from pointsman.http.errors import Problem

MOST_FIELDS: Final = 100
MOST_BYTES: Final = 32_768  # of all fields; browsers and proxies send some 2 kB, and refuse more than 8 to 32
LONGEST_TARGET: Final = 8_192  # of a path with its query: what RFC 9110, 4.1 asks servers to take


def too_much(scope: Scope) -> Problem | None:
    """Why a request's head is refused; None where it is not."""
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > LONGEST_TARGET:
        return Problem(
            f"the address is longer than {LONGEST_TARGET} bytes", 414, "address_too_long", "send it as the body"
        )
    headers = scope["headers"]
    if len(headers) > MOST_FIELDS:
        return Problem(f"there are more than {MOST_FIELDS} headers", 431, "headers_too_large", "send fewer")
    if sum(map(len, chain.from_iterable(headers))) > MOST_BYTES:
        return headers_too_large()
    return None


def header(scope: Scope, name: bytes) -> str:
    """The first header of a request that has this name, in lower case; "" where there is none."""
    for given, value in scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return ""


def headers(scope: Scope, name: bytes) -> list[str]:
    """All headers of a request that have this name, in lower case."""
    return [str(value, "latin-1") for given, value in scope["headers"] if given == name]


def headers_too_large() -> Problem:
    """The refusal of a head that is too large."""
    return Problem(
        f"the headers are larger than {MOST_BYTES} bytes",
        431,
        "headers_too_large",
        "send less: it is often a browser's old cookies",
    )
