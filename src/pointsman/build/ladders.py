"""What a chat or a picture takes of the card: its rungs, best first, from the configuration and what servers tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from pointsman.core.errors import PointsmanError
from pointsman.gpu.want import Priority, Rung, Want
from pointsman.providers.ollama.backend import tenant_of
from pointsman.providers.ollama.chat import OllamaChat
from pointsman.providers.ollama.footprint import Shape, estimate
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.ollama.said import plain

if TYPE_CHECKING:
    from pointsman.build.gpu import BrokenStudio
    from pointsman.build.ownership import Ownership
    from pointsman.config.ollama import OllamaModel
    from pointsman.core.message import Turn
    from pointsman.core.plan import Draw
    from pointsman.core.ports import ChatModel
    from pointsman.providers.comfyui.studio import Studio
    from pointsman.providers.ollama.client import Ollama

# Three letters a token is rather too many tokens; a reply wants room too.
LETTERS_A_TOKEN: Final = 3
ROOM_FOR_REPLY: Final = 1024
# Below this a model forgets what it was just told.
LEAST_CONTEXT: Final = 2048
# How long a use is thought to take, until uses have been timed.
CHAT_SECONDS: Final = 10.0
PICTURE_SECONDS: Final = 12.0


class OllamaTrack:
    """One chat model of an Ollama, and the ways in which it can be in memory.

    Models for them are put into `serving` as they are needed, under their rungs' `serve`. `devices` are the cards of
    its computer, where there are several computers.
    """

    def __init__(
        self,
        settings: OllamaModel,
        ollama: Ollama,
        backend: str,
        serving: dict[str, ChatModel],
        devices: tuple[str, ...] = (),
    ) -> None:
        self.name = settings.name or settings.model
        self.settings = settings
        self._ollama = ollama
        self._backend = backend
        self._devices = devices
        self.serving = serving
        self._shown: Mapping[str, object] | None = None
        self._size = 0

    @property
    def runner(self) -> RunnerOptions:
        """The options with which it is loaded when there is room."""
        return RunnerOptions.split(self.settings.given, num_ctx=self.settings.context)[0]

    async def rung(self, *, context: int = 0, layers: int | None = None, note: str = "") -> Rung:
        """One rung; its bytes are estimated from what Ollama tells of the model. Raises UnknownModel, Unreachable."""
        best = self.runner
        runner = replace(best, num_ctx=context or best.num_ctx, num_gpu=best.num_gpu if layers is None else layers)
        serve = self.name if runner == best else f"{self.name}@{runner.variant}"
        if serve not in self.serving:
            self.serving[serve] = OllamaChat.from_config(
                self.settings, self._ollama, arbiter=True, variant=runner.variant
            )
        taken = estimate(await self._show(), self._size, runner.num_ctx, num_gpu=runner.num_gpu)
        devices = (self.settings.device,) if self.settings.device else self._devices
        return Rung(tenant_of(self.settings.model, self._backend), taken, runner.variant, serve, note, devices)

    async def layers(self) -> int:
        """How many layers it has; 0 where Ollama does not tell."""
        info = (await self._show()).get("model_info")
        return Shape(info if isinstance(info, dict) else {}).layers

    async def _show(self) -> Mapping[str, object]:
        """What Ollama tells of the model; asked once."""
        if self._shown is None:
            shown = await self._ollama.show(self.settings.model)
            wanted = plain(self.settings.model)
            sizes = {plain(it.name): it.size for it in await self._ollama.installed()}
            self._shown, self._size = shown, sizes.get(wanted, 0)
        return self._shown


class Track(Protocol):
    """A chat model that takes memory of the card, and the ways in which it can be there."""

    @property
    def runner(self) -> RunnerOptions:
        """The options with which it is loaded when there is room."""
        ...

    async def rung(self, *, context: int = 0, layers: int | None = None, note: str = "") -> Rung:
        """One rung. Raises UnknownModel, Unreachable."""
        ...

    async def layers(self) -> int:
        """How many layers could be moved to the processor; 0 for none."""
        ...


class Ladders:
    """The wishes of chats and pictures (engine.leasing.Wishes).

    `tracks` are the models that need the card, by the names that clients use; `small` stands in for the others when
    there is no room, `spare` names one on another computer ("" for none). `studio` draws, on `studio_devices` where
    there are several computers. Without the `ownership`, which another process has, nobody is sent away for a wish.
    """

    def __init__(
        self,
        tracks: Mapping[str, Track],
        *,
        small: str = "",
        spare: str = "",
        studio: Studio | BrokenStudio | None = None,
        studio_devices: tuple[str, ...] = (),
        patience: float = 20.0,
        ownership: Ownership | None = None,
    ) -> None:
        self._tracks = tracks
        self._small = small
        self._spare = spare
        self._studio = studio
        self._patience = patience
        self._studio_devices = studio_devices
        self._ownership = ownership
        self._surveyed = False

    async def chat(self, model: str, turns: Sequence[Turn], *, background: bool = False) -> Want | None:
        """The ladder of a chat: less context, the small model, half of the layers, another computer.

        Raises UnknownModel, Unreachable, ModelFailed.
        """
        track = self._tracks.get(model)
        if track is None:
            return None
        rungs, failed = await self._of_main(model, track, turns)
        rungs += await self._standing_in(model, failed)
        if failed is None and track.runner.num_gpu is None and (layers := await track.layers()) > 1:
            note = (
                f"half of {model} runs on the processor, as the card has no room for it, so it is several times slower"
            )
            rungs.append(await track.rung(layers=layers // 2, note=note))
        if self._spare:
            note = f"{self._spare} answers on another computer, as {lack(model, failed)}"
            rungs.append(Rung("", serve=self._spare, note=note))
        if not rungs and failed is not None:
            raise failed
        priority: Priority = "background" if background else "interactive"
        return Want("chat", tuple(rungs), priority, patience=self._patience, seconds=CHAT_SECONDS, evicts=self.owns)

    async def _of_main(
        self, model: str, track: Track, turns: Sequence[Turn]
    ) -> tuple[list[Rung], PointsmanError | None]:
        """The model's own rungs on the card; none where its server does not answer, and why."""
        try:
            rungs = [await track.rung()]
            half = track.runner.num_ctx // 2
            if half >= LEAST_CONTEXT and tokens_of(turns) <= half:
                note = f"{model} answers with half of its context, as the card has no room for more"
                rungs.append(await track.rung(context=half, note=note))
        except PointsmanError as error:
            return [], error
        return rungs, None

    async def picture(self, draw: Draw) -> Want | None:
        """The ladder of a picture: ComfyUI alone. Raises BadField, Unreachable, WorkflowError."""
        if self._studio is None:
            return None
        if not self._surveyed:
            await self._studio.survey()
            self._surveyed = True
        rungs = self._studio.ladder(draw)
        if self._studio_devices:
            rungs = tuple(replace(it, devices=it.devices or self._studio_devices) for it in rungs)
        seconds = PICTURE_SECONDS * draw.count
        return Want("image", rungs, patience=self._patience, seconds=seconds, evicts=self.owns)

    async def close(self) -> None:
        """Gives the ownership of the card up."""
        if self._ownership is not None:
            self._ownership.close()

    @property
    def owns(self) -> bool:
        """Whether others may be sent away for a wish, which only one process at a time may do."""
        return self._ownership is None or self._ownership.taken()

    async def _standing_in(self, model: str, failed: PointsmanError | None) -> list[Rung]:
        """The small model, where it is another one; what Ollama does not have, nobody misses here."""
        if self._small in {"", model}:
            return []
        note = f"{self._small} answers, as {lack(model, failed)}"
        track = self._tracks.get(self._small)
        if track is None:
            return [Rung("", serve=self._small, note=note)]
        try:
            return [await track.rung(note=note)]
        except PointsmanError:
            return []


def lack(model: str, failed: PointsmanError | None) -> str:
    """Why another one answers."""
    return f"the card has no room for {model}" if failed is None else f"{model} cannot be had: {failed.message}"


def tokens_of(turns: Sequence[Turn]) -> int:
    """About how many tokens a conversation and its reply take, rather too many."""
    return sum(len(turn.text) for turn in turns) // LETTERS_A_TOKEN + ROOM_FOR_REPLY
