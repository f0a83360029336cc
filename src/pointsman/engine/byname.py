"""What somebody asks for by name: models, pictures, vectors. Nothing is decided; the card is leased all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from pointsman.core.errors import ConfigError, PointsmanError, UnknownModel
from pointsman.core.message import Turn
from pointsman.core.plan import Draw
from pointsman.core.ports import ChatModel, ChatOptions, Clock, Delta
from pointsman.core.relay import Forward, Listed, Opened, Place
from pointsman.core.reply import Event, Status
from pointsman.engine.drawing import STYLES, jobs_of
from pointsman.engine.leasing import Leases
from pointsman.engine.parts import InForce
from pointsman.engine.watching import RelayWatch, Watchers

if TYPE_CHECKING:
    from pointsman.tiers.encoder import Vector


class ByName:
    """The part of a router that serves what is asked for by name."""

    _force: InForce
    _watchers: Watchers
    _clock: Clock

    @property
    def models(self) -> tuple[str, ...]:
        """The names of the chat models that can be asked directly."""
        return tuple(self._force.parts.executor.workshop.models)

    def model(self, name: str) -> ChatModel:
        """The chat model of that name. Raises UnknownModel."""
        models = self._force.parts.executor.workshop.models
        try:
            return models[name]
        except KeyError:
            known = ", ".join(("auto", *models))
            raise UnknownModel(f"there is no model {name!r}", cure=f"ask for one of: {known}") from None

    async def chat(self, model: str, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """Asks one model directly, without routing, once the card has room for it. Raises UnknownModel."""
        with self._force.use() as parts:
            self.model(model)
            async with aclosing(parts.executor.workshop.chat(model, turns, options)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Delta):
                        yield piece

    async def draw(self, draw: Draw, *, workflow: str = "") -> AsyncGenerator[Event, None]:
        """Pictures for a program that asks for them by name: nothing is decided; ended by one Done or Failed.

        A `workflow` that is not drawn here is a Failed, too.
        """
        with self._force.use() as parts:
            async with aclosing(parts.executor.workshop.draw(draw, workflow=workflow)) as events:
                async for event in events:
                    yield event

    @property
    def picture_jobs(self) -> frozenset[str]:
        """What a picture can be made of another one by: "edit", "vary", "upscale", as far as workflows are set.

        Once a picture was drawn, those whose workflow lacks something in the picture server are left out. Raises
        ConfigError where the card cannot be opened.
        """
        return jobs_of(self._force.parts.executor.workshop.card)

    @property
    def styles(self) -> tuple[str, ...]:
        """Styles of pictures to choose from, for `Draw.style` and the slot "style", which take other words as well."""
        return STYLES

    async def embed(self, texts: Sequence[str]) -> tuple[Sequence[Vector], int]:
        """The embedded encoder's unit vectors of texts, float32 [384], and the tokens that it read. Raises ConfigError.

        It reads the first 256 tokens of each.
        """
        with self._force.use() as parts:
            if parts.passages is None:
                raise ConfigError("this router has no encoder", cure="make it with open_router")
            await parts.cascade.warm()
            # One at a time, so that nothing is left to do for a caller who hangs up.
            read = [await asyncio.to_thread(parts.passages().passage, text) for text in texts]
        return [vector for vector, _ in read], sum(tokens for _, tokens in read)

    async def place(self, model: str) -> Place:
        """Where a model is served that somebody asks for by name. Raises UnknownModel, Unreachable."""
        with self._force.use() as parts:
            found = await parts.executor.workshop.upstreams.place(model)
        if found is None:
            self.model(model)
        return found or Place(model, "here")

    async def listed(self) -> Sequence[Listed]:
        """Every model that can be asked by name, those on the disks of Ollamas too."""
        with self._force.use() as parts:
            found = await parts.executor.workshop.upstreams.listed()
        return found or tuple(Listed(name, Place(name, "here")) for name in self.models)

    async def relay(
        self, place: Place, forward: Forward, *, key: str = ""
    ) -> AsyncGenerator[Opened | bytes | Status, None]:
        """A server's answer to a request for one of its models, as it comes, once the card has room for that.

        Closing it cancels the work, and gives the lease back. Raises NoRoom, OutOfMemory, Unreachable, ModelFailed,
        UnknownModel.
        """
        with self._force.use() as parts:
            watch = RelayWatch(self._watchers, self._clock, place.model, forward.path, key)
            try:
                pieces = await parts.executor.workshop.relay(place, forward)
                try:
                    async for piece in pieces:
                        watch.saw(piece)
                        yield piece
                finally:
                    await pieces.aclose()
                watch.code = ""
            except PointsmanError as error:
                watch.failed(error)
                raise
            finally:
                watch.over()

    async def unload(self, place: Place) -> int:
        """Sends a model away that somebody asks to be unloaded; the bytes that were seen to come back."""
        with self._force.use() as parts:
            tenant = parts.executor.workshop.upstreams.tenant(place)
            leases = await parts.executor.workshop.owner() if tenant else None
            return await leases.free(tenant) if leases else 0

    @property
    def card(self) -> Leases | None:
        """Who owns the card; None where nothing that is set up needs one. Raises ConfigError."""
        return self._force.parts.executor.workshop.card.leases
