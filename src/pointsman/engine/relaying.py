"""Requests for a model by name: which server has it, and its answer once the card has room for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from pointsman.core.errors import InvalidInput, UnknownModel
from pointsman.core.ports import ChatModel
from pointsman.core.relay import Forward, Listed, Opened, Place, Upstream
from pointsman.core.reply import Status
from pointsman.engine.leasing import Piece, Wishes, Work
from pointsman.gpu.want import Lease, Want

Find = Callable[[str], ChatModel]
"""Gives the model of a name, or of a rung's `serve`."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A model that no configuration names, but a server has: what is asked, by the rung's `serve`, and what it takes.

    `name` is the one that is asked where it takes nothing of the card.
    """

    name: str
    models: Mapping[str, ChatModel]
    want: Want | None = None


Pieces = AsyncGenerator[Opened | bytes, None] | AsyncGenerator[Opened | bytes | Status, None]


class Upstreams(Protocol):
    """The servers that models are asked for on by name."""

    async def place(self, model: str) -> Place | None:
        """Where a model is served; None where no server has it. Raises Unreachable where that cannot be told."""
        ...

    async def listed(self) -> Sequence[Listed]:
        """All models that can be asked by name; those of a server that does not answer are left out."""
        ...

    def server(self, place: Place) -> Upstream:
        """The server of a place."""
        ...

    async def want(self, place: Place, forward: Forward) -> Want | None:
        """What a request takes of the card; None where it takes nothing. Raises UnknownModel, Unreachable."""
        ...

    async def guest(self, place: Place) -> Guest:
        """The model of a place as one that talks. Raises UnknownModel where requests can only be passed on."""
        ...

    def tenant(self, place: Place) -> str:
        """What the model is called on the card; "" where it takes none of it."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class Uses(Protocol):
    """Gives what work gives, under a lease where one is needed."""

    def __call__(self, want: Want | None, work: Work[Piece]) -> AsyncGenerator[Piece | Status, None]:
        """It, after notices of the waiting."""
        ...


class Nowhere:
    """No servers: only models of this process can be asked."""

    async def place(self, model: str) -> Place | None:  # noqa: ARG002 - none is anywhere
        """None."""
        return None

    async def listed(self) -> Sequence[Listed]:
        """None."""
        return ()

    def server(self, place: Place) -> Upstream:
        """Raises UnknownModel."""
        raise UnknownModel(f"no server has {place.model}", cure="name another model")

    async def want(self, place: Place, forward: Forward) -> Want | None:  # noqa: ARG002 - there is none
        """None."""
        return None

    async def guest(self, place: Place) -> Guest:
        """Raises UnknownModel."""
        raise UnknownModel(f"no server has {place.model}", cure="name another model")

    def tenant(self, place: Place) -> str:  # noqa: ARG002 - there is none
        """It takes none."""
        return ""

    async def close(self) -> None:
        """Nothing is open."""


async def guest_of(
    upstreams: Upstreams, name: str, models: Iterable[str], wishes: Wishes | None
) -> tuple[Find, Want | None]:
    """A model that only a server knows, and what it takes of the card; `models` are those that everybody knows.

    Raises UnknownModel, Unreachable.
    """
    place = await upstreams.place(name)
    if place is None:
        known = ", ".join(("auto", *models))
        raise UnknownModel(f"there is no model {name[:200]!r}", cure=f"choose one of: {known}")
    guest = await upstreams.guest(place)
    want = replace(guest.want, evicts=wishes.owns) if guest.want and wishes else guest.want
    return lambda served: guest.models.get(served) or guest.models[guest.name], want


async def relayed(upstreams: Upstreams, place: Place, forward: Forward, uses: Uses) -> Pieces:
    """A server's answer to a request, after notices of the waiting, which is closed by whoever takes it.

    It raises what leases and servers raise. Raises InvalidInput, UnknownModel, Unreachable.
    """
    if place.dialect == "here":
        raise InvalidInput(f"{place.model} runs in this process, so nothing is passed on", cure="ask it as a chat")
    server = upstreams.server(place)
    want = await upstreams.want(place, forward)
    if want is None:  # straight to the server: each generator on the way costs every piece its time
        return server.relay(place.model, forward)

    async def work(lease: Lease) -> AsyncGenerator[Opened | bytes, None]:
        del lease
        async with aclosing(server.relay(place.model, forward)) as pieces:
            async for piece in pieces:
                yield piece

    return uses(want, work)
