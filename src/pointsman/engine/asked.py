"""Whoever else is asked what a message wants, as far as a router and its surfaces see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Standing(Protocol):
    """How a service stands: whether it may be asked, in words why, and how many more calls it allows today.

    `calls_left` is None where nothing limits them, `estimated` whether it rests on what a call is thought to take,
    `per` ("day" or "month") what they are left for.
    """

    @property
    def service(self) -> str: ...  # noqa: D102
    @property
    def local(self) -> bool: ...  # noqa: D102
    @property
    def ready(self) -> bool: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def calls_left(self) -> int | None: ...  # noqa: D102
    @property
    def estimated(self) -> bool: ...  # noqa: D102
    @property
    def per(self) -> str: ...  # noqa: D102
    @property
    def sent_today(self) -> int: ...  # noqa: D102

    def to_dict(self) -> dict[str, Any]:
        """All that is known of it, as plain data."""
        ...


class Asked(Protocol):
    """Whoever else is asked what a message wants."""

    async def statuses(self) -> Sequence[Standing]:
        """How each stands, in the order in which they are asked."""
        ...

    async def close(self) -> None:
        """Lets go of connections and files."""
        ...
