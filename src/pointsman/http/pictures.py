"""Keeps finished pictures for a while in memory, behind links that open without a key because they are signed."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from pointsman.core.ports import Clock
from pointsman.core.reply import Picture
from pointsman.http.errors import Problem

PATH: Final = "/v1/pictures/"
TTL: Final = 3600.0
MOST: Final = 200
MOST_BYTES: Final = 64_000_000
# What browsers may show as what it is; anything else is only saved.
SHOWN_AS: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
OTHERWISE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture on the shelf, until when it stays there (seconds since the epoch)."""

    picture: Picture
    expires: int


class Pictures:
    """A shelf of pictures, which forgets the oldest when it is full: `most` pictures, `most_bytes` of them in all.

    `ttl` is for how many seconds a link opens. `public_url` is where callers reach this server, "" for where they said
    that it is. The secret is this process's own, so no link outlives it.
    """

    def __init__(
        self,
        *,
        ttl: float = TTL,
        public_url: str | None = None,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        now: Clock = time.time,
        secret: bytes | None = None,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        self._ttl = ttl
        self._public_url = (public_url or "").rstrip("/")
        self._most = most
        self._most_bytes = most_bytes
        self._now = now
        self._secret = secret or secrets.token_bytes(32)
        self._new_id = new_id
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0

    def link(self, picture: Picture, base: str) -> str:
        """Keeps a picture, and gives its link; one that no shelf could hold is given whole, as a data: URL.

        `base` is where the caller reached this server, such as http://127.0.0.1:8080.
        """
        if len(picture.data) > self._most_bytes:
            return data_url(picture)
        expires = int(self._now() + self._ttl)
        name = self._new_id()
        self._kept[name] = Kept(picture, expires)
        self._size += len(picture.data)
        self._make_room()
        return f"{self._public_url or base}{PATH}{name}?expires={expires}&signature={self._signed(name, expires)}"

    async def show(self, name: str, request: Request) -> Response:
        """The picture of a link."""
        given = request.query_params.get("expires", "")
        expires = int(given) if given.isascii() and given.isdecimal() and len(given) <= 12 else 0
        signature = request.query_params.get("signature", "")
        if not hmac.compare_digest(self._signed(name, expires).encode(), signature.encode("utf-8", "replace")):
            return Problem(
                "this is no link that this server gave out",
                403,
                "signature_invalid",
                "take the whole link, and ask for the picture again when the server was restarted",
            ).response()
        left = expires - self._now()
        if left <= 0:
            return Problem("the link has expired", 410, "link_expired", "ask for the picture again").response()
        if (kept := self._kept.get(name)) is None:
            return Problem("the picture is no longer kept", 404, "picture_gone", "ask for it again").response()
        return shown(kept.picture, left)

    def _signed(self, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{expires}/{name}".encode("utf-8", "replace"), sha256).hexdigest()

    def _make_room(self) -> None:
        now = self._now()
        for name in [name for name, kept in self._kept.items() if kept.expires <= now]:
            self._drop(name)
        while len(self._kept) > self._most or self._size > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, name: str) -> None:
        self._size -= len(self._kept.pop(name).picture.data)


def shown(picture: Picture, left: float) -> Response:
    """A picture as browsers show it, and keep it for the seconds that are left, for this person only."""
    headers = {
        "cache-control": f"private, max-age={int(left)}, immutable",
        "content-security-policy": "default-src 'none'; sandbox",
        # Chat pages of other hosts show it, which is what the link was given out for.
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }
    kind = picture.media_type if picture.media_type in SHOWN_AS else OTHERWISE
    return Response(picture.data, media_type=kind, headers=headers)


def data_url(picture: Picture) -> str:
    """A picture as an address that is the picture."""
    return f"data:{picture.media_type};base64,{in_base64(picture)}"


def in_base64(picture: Picture) -> str:
    """A picture's bytes as text."""
    return base64.b64encode(picture.data).decode("ascii")


def base_of(request: Request) -> str:
    """Where the caller reached this server."""
    return str(request.base_url).rstrip("/")
