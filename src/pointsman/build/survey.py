"""Looks at what is there already: servers of models and pictures, the card, keys; nobody else is asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeVar

from pointsman.build.survey_places import PORT, Places, places_in
from pointsman.core.errors import PointsmanError

SECONDS: Final = 2.0
# Only that they are set is told, never what they hold.
KEYS: Final = (
    "GROQ_API_KEY",
    "CLOUDFLARE_ACCOUNT_ID",
    "CLOUDFLARE_API_TOKEN",
    "HF_TOKEN",
    "DISCORD_TOKEN",
    "POINTSMAN_KEY",
)
# Each extra, by a module that only comes with it.
EXTRAS: Final = {
    "local": "xllamacpp",
    "dashboard": "nicegui",
    "search": "trafilatura",
    "code": "pydantic_monty",
    "mcp": "mcp",
    "discord": "discord",
}
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model of a server: `size` bytes of files, `needs` bytes on the card as far as that can be told.

    `can` is what it says of itself: chat, see, embed, tools. `fits` is None where nobody knows the room.
    """

    name: str
    size: int = 0
    needs: int | None = None
    fits: bool | None = None
    can: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundOllama:
    """An Ollama and its models; `problem` says why there are none to be had."""

    url: str
    version: str = ""
    models: tuple[FoundModel, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FoundComfyUi:
    """A ComfyUI: `workflow` is the shipped one that it has everything for, "" for none, `missing` what it lacks."""

    url: str
    version: str = ""
    workflow: str = ""
    missing: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that speaks OpenAI's language, by its address with /v1, what it probably is, and its models."""

    url: str
    kind: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card with its memory in bytes; `room` is what may be shared out of it."""

    device: str
    name: str
    total: int
    free: int
    room: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found. `keys` are names of variables that are set, `extras` which are installed.

    `embedded` says that the small model can run inside Pointsman, `port` which port is free for the gateway, where
    `wanted` is not, `running` that one of ours listens there now. `cards_problem` says why no card is seen.
    """

    ollama: FoundOllama
    comfyui: FoundComfyUi
    cards: tuple[FoundCard, ...] = ()
    cards_problem: str = ""
    searxng: str = ""
    servers: tuple[FoundServer, ...] = ()
    keys: tuple[str, ...] = ()
    extras: Mapping[str, bool] = field(default_factory=dict)
    embedded: bool = False
    port: int = PORT
    wanted: int = PORT
    running: bool = False

    @property
    def room(self) -> int | None:
        """The bytes that the largest card has for models; None where none is seen."""
        return max((it.room for it in self.cards), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no secret is among them."""
        return asdict(self)


async def survey(
    environ: Mapping[str, str] | None = None, *, places: Places | None = None, seconds: float = SECONDS
) -> Survey:
    """What there is, every place asked at once and for `seconds` at most. Never raises for what is not there.

    Only this machine is asked, and what OLLAMA_HOST, COMFYUI_URL and SEARXNG_URL in `environ` name.
    """
    from pointsman.build import survey_servers as ask

    environ = os.environ if environ is None else environ
    places = places or places_in(environ)
    own = asyncio.gather(
        within(seconds, ask.cards(places), unseen),
        within(seconds, ask.ollama(places.ollama), lambda why: FoundOllama(places.ollama, problem=why)),
        within(seconds, ask.comfyui(places.comfyui), lambda why: FoundComfyUi(places.comfyui, problem=why)),
        first(seconds, [ask.searxng(url) for url in places.searxng]),
        within(seconds, ask.is_ours(f"http://127.0.0.1:{places.port}"), lambda _: False),
    )
    others = asyncio.gather(*(within(seconds, ask.openai(url, kind), nobody) for url, kind in places.openai))
    (cards, ollama, comfyui, searxng, running), servers = await asyncio.gather(own, others)
    found, problem = cards
    return ask.judged(
        Survey(
            ollama=ollama,
            comfyui=comfyui,
            cards=found,
            cards_problem=problem,
            searxng=searxng,
            servers=tuple(it for it in servers if it is not None),
            keys=tuple(name for name in KEYS if environ.get(name, "").strip()),
            extras=ask.extras(EXTRAS),
            embedded=ask.embedded(),
            port=places.port if running else ask.free_port(places.port),
            wanted=places.port,
            running=running,
        )
    )


def unseen(why: str) -> tuple[tuple[FoundCard, ...], str]:
    """No card, and why."""
    return (), why


def nobody(why: str) -> FoundServer | None:  # noqa: ARG001 - what is not there needs no reason
    """No server."""
    return None


async def within(seconds: float, asked: Awaitable[Found], failed: Callable[[str], Found]) -> Found:
    """What was found in time, or what `failed` makes of the reason."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except TimeoutError:
        return failed(f"did not answer within {seconds:g} s")
    except PointsmanError as error:
        return failed(error.message)
    except Exception as error:  # noqa: BLE001 - whatever listens on a usual port may answer anything
        return failed(f"an unforeseen {type(error).__name__}")


async def first(seconds: float, asked: Sequence[Awaitable[str]]) -> str:
    """The first that answered in the order given; "" for none."""
    found = await asyncio.gather(*(within(seconds, it, lambda _: "") for it in asked))
    return next((it for it in found if it), "")
