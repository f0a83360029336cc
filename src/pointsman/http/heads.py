"""The head of a request: how much of it there may be."""

from __future__ import annotations

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
    if sum(len(name) + len(value) for name, value in headers) > MOST_BYTES:
        return headers_too_large()
    return None


def headers_too_large() -> Problem:
    """The refusal of a head that is too large."""
    return Problem(
        f"the headers are larger than {MOST_BYTES} bytes",
        431,
        "headers_too_large",
        "send less: it is often a browser's old cookies",
    )
