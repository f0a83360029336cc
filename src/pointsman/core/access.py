"""Who calls: the name of a key, and what its bearer may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Scope = Literal["use", "read", "admin"]
"""What a key opens: `use` has messages answered, `read` shows what happened, `admin` changes what will."""

SCOPES: Final[frozenset[Scope]] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a request comes from: the name of its key ("" where none is needed), and what that opens."""

    name: str = ""
    scopes: frozenset[Scope] = SCOPES

    def may(self, scope: Scope) -> bool:
        """Whether the key opens something."""
        return scope in self.scopes


ANYBODY: Final = Bearer()
"""Who reaches a gateway that asks for no key."""
