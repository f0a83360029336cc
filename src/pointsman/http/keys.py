"""The keys that open the gateway: who holds one, found in a time that tells nothing about any of them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from pointsman.config.server import MAIN, Server
from pointsman.core.access import SCOPES, Bearer


@dataclass(frozen=True, slots=True)
class Held:
    """A key as it is kept here: its digest, and who holds it."""

    digest: bytes
    bearer: Bearer


class Keys:
    """The keys by name; none at all lets everybody in. What they are is kept as digests only.

    The digests are of one length and salted for this process, and a key that is shown is compared with every one of
    them: how long that takes says neither how long a key is, nor how much of one is right, nor which one it was.
    """

    def __init__(self, keys: Mapping[str, tuple[str, frozenset[str]]] | None = None) -> None:
        self._salt = secrets.token_bytes(32)
        self._held: tuple[Held, ...] = ()
        self.become(keys or {})

    @classmethod
    def of(cls, server: Server) -> Keys:
        """The keys of a configuration."""
        return cls(keys_in(server))

    def become(self, keys: Mapping[str, tuple[str, frozenset[str]]]) -> None:
        """Takes other keys in the place of all, by name: the key, and its scopes."""
        self._held = tuple(
            Held(self.digest(key), Bearer(name, SCOPES & scopes)) for name, (key, scopes) in keys.items()
        )

    @property
    def locked(self) -> bool:
        """Whether a key is needed."""
        return bool(self._held)

    def digest(self, given: str) -> bytes:
        """What is kept in the place of a key."""
        return blake2b(given.encode("utf-8", "replace"), key=self._salt, digest_size=32).digest()

    def bearer(self, digest: bytes) -> Bearer | None:
        """Who holds the key of a digest; None where nobody does."""
        found: Bearer | None = None
        for held in self._held:  # all of them, also when it was the first
            if hmac.compare_digest(held.digest, digest):
                found = held.bearer
        return found


def keys_in(server: Server) -> dict[str, tuple[str, frozenset[str]]]:
    """The keys of a configuration by name: each with its scopes."""
    keys = {name: (key.key.get_secret_value(), frozenset[str](key.scopes)) for name, key in server.keys.items()}
    if server.key is not None:
        keys[MAIN] = (server.key.get_secret_value(), frozenset[str](SCOPES))
    return keys
