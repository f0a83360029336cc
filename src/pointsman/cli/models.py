"""Looks at a configured chat model without asking it anything: is its file, or its server, there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pointsman.config.models import EmbeddedModel, Model, OpenAiModel
    from pointsman.config.ollama import OllamaModel

ANSWERS_IN: Final = 10.0
SHOWN: Final = 8
LARGER: Final = (
    "set models.main.file (or POINTSMAN_MODEL) to a larger GGUF, or have a server answer: `provider: ollama`, or "
    "`openai` for all others"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: a remark on the model with its cure ("" for none), and where a server has it.

    `is_missing` says that its server does not seem to have it.
    """

    remark: str = ""
    cure: str = ""
    where: str = ""
    is_missing: bool = False


def check(model: Model, seconds: float = ANSWERS_IN) -> Checked:
    """A look at a model; its server may take so many seconds. Raises PointsmanError when it cannot be used."""
    import asyncio

    from pointsman.build import open_remote
    from pointsman.config.models import EmbeddedModel
    from pointsman.config.ollama import OllamaModel

    if isinstance(model, EmbeddedModel):
        return of_file(model)
    if isinstance(model, OllamaModel):
        return asyncio.run(of_ollama(model, seconds))
    opened = open_remote(model)

    async def ask() -> tuple[str, ...] | None:
        try:
            return await opened.listed(seconds)
        finally:
            await opened.close()

    return of_list(model, asyncio.run(ask()))


async def of_ollama(model: OllamaModel, seconds: float) -> Checked:
    """Whether an Ollama has a model. Raises Unreachable."""
    from urllib.parse import urlsplit

    from pointsman.providers.ollama.client import Ollama, Patience
    from pointsman.providers.ollama.said import plain

    key = model.key.get_secret_value() if model.key else ""
    ollama = Ollama(model.url, key=key, patience=Patience(short=seconds))
    server = urlsplit(model.url).netloc
    try:
        listed = tuple(plain(it.name) for it in await ollama.installed())
    finally:
        await ollama.close()
    if plain(model.model) in listed:
        return Checked(where=f" at {server} (Ollama)")
    return Checked(
        f"the Ollama at {server} does not have {model.model}; it has {shown(model.model, listed)}",
        f"ollama pull {model.model}",
        is_missing=True,
    )


def of_file(model: EmbeddedModel) -> Checked:
    """A look at the file of an embedded model. Raises MissingExtra, ModelFileError."""
    from importlib.util import find_spec

    from pointsman.core.errors import MissingExtra
    from pointsman.providers.embedded import check_file

    if find_spec("xllamacpp") is None:
        raise MissingExtra("local", "chatting without any model server")
    note = check_file(model)
    return Checked(note, LARGER if note else "")


def of_list(model: OpenAiModel, listed: tuple[str, ...] | None) -> Checked:
    """What a server's list of its models says about those that it is to be asked for."""
    from urllib.parse import urlsplit

    from pointsman.providers.openai_request import is_listed

    server = urlsplit(model.url).netloc
    if listed is None:
        return Checked(
            f"{server} does not say which models it has, so this one may be missing",
            "is `url` right? Most end in /v1; if it is, pointsman ask shows whether the model answers",
            is_missing=True,
        )
    missing = [name for name in model.ids if not is_listed(name, listed)]
    if not missing:
        return Checked(where=f" at {server}")
    return Checked(
        f"{server} does not list {', '.join(missing)}; it has {shown(missing[0], listed)}",
        "correct `model`, or load that model there",
        is_missing=True,
    )


def shown(wanted: str, listed: tuple[str, ...]) -> str:
    """Some of the models that a server has, those first whose names are like the one that is wanted."""
    from difflib import get_close_matches

    near = get_close_matches(wanted, listed, n=SHOWN, cutoff=0.3)
    some = [*dict.fromkeys((*near, *listed))][:SHOWN]
    more = f" and {len(listed) - len(some)} more" if len(listed) > len(some) else ""
    return ", ".join(some) + more if some else "none"
