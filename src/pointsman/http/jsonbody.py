"""Reads a JSON body from people who send anything."""

from __future__ import annotations

import asyncio
import json
import re
from codecs import BOM_UTF8
from typing import Any, Final, NoReturn

from starlette.requests import Request

from pointsman.core.errors import InvalidInput
from pointsman.core.message import without_surrogates

# Bytes from which a body is read beside the event loop: a small one takes less time than the way to a
# thread, and one of several megabytes would keep every other caller waiting for a second.
LARGE = 100_000
BODY: Final = "pointsman.body"
"""Where a request's scope has its body, when that was read."""


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body, its texts without lone surrogates. Raises InvalidInput."""
    body = request.scope.get(BODY)
    if body is None:
        body = await request.body()
    value = parse(body) if len(body) <= LARGE else await asyncio.to_thread(parse, body)
    if not isinstance(value, dict):
        raise InvalidInput(f"the body is {named(value)}, not an object", cure='send {"key": value, ...}')
    return value


def parse(body: bytes) -> Any:
    """The JSON value in `body`. Raises InvalidInput."""
    if not body.strip():
        raise InvalidInput("the body is empty", cure="send a JSON object")
    try:
        value = DECODER.decode(body.removeprefix(BOM_UTF8).decode())
        return clean(value) if SURROGATE.search(body) else value
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the body is not UTF-8 at byte {error.start}", cure="send JSON as UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"the body is not JSON: {error.msg}, {where}", cure="send a JSON object") from None
    except RecursionError:
        raise InvalidInput("the body is nested too deeply", cure="send a flatter object") from None
    except ValueError as error:  # NaN and Infinity, and numbers of more digits than Python turns into one
        raise InvalidInput(f"the body is not JSON: {str(error)[:200]}", cure="send a JSON object") from None


def refuse(constant: str) -> NoReturn:
    """JSON has no NaN and no infinities, though Python reads them."""
    raise ValueError(f"{constant} is not a JSON number")


# Made once: `json.loads` makes a decoder for every call that has options.
DECODER: Final = json.JSONDecoder(parse_constant=refuse)
SURROGATE: Final = re.compile(rb"\\u[dD]")


def clean(value: Any) -> Any:
    r"""The same without lone surrogates, which JSON can spell ("\ud800") and no encoder takes."""
    match value:
        case str():
            return without_surrogates(value)
        case list():
            return [clean(item) for item in value]
        case dict():
            return {without_surrogates(name): clean(item) for name, item in value.items()}
        case _:
            return value


def named(value: object) -> str:
    """What a JSON value is called."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"
