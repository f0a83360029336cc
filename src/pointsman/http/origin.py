"""Who asks, and for what, as the headers of a request say: chat pages name their users, chats and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import HTTPConnection

from pointsman.core.message import Origin
from pointsman.http.scopes import STATE_KEY

LONGEST_LABEL: Final = 256  # of a user, session or task name
SURFACE: Final = "http"
OWN: Final = "key:"
"""How users begin that are the bearers of keys: nobody is called so by a page."""


def origin_of(headers: Mapping[str, str], user: str = "", *, key: str = "") -> Origin:
    """Where a request comes from; a page's own user counts before the `user` that the body names.

    `key` is the name of the key that the caller showed, as `key_of` tells it.
    """
    named = label(headers.get("x-openwebui-user-id") or user)
    return Origin(
        SURFACE,
        user="" if named.startswith(OWN) else named,
        session=label(headers.get("x-openwebui-chat-id", "")),
        key=key,
    )


def task_of(headers: Mapping[str, str]) -> str:
    """The mark of a chat page's own background job, such as title_generation; "" for what a person wrote."""
    return label(headers.get("x-openwebui-task", ""))


def key_of(request: HTTPConnection) -> str:
    """The name of the key that the caller showed; "" where there is none."""
    return str(request.scope.get("state", {}).get(STATE_KEY) or "")


def label(text: str) -> str:
    """A name that a caller gave, not longer than a name."""
    return text.strip()[:LONGEST_LABEL]
