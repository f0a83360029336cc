"""Vectors for Ollama's clients, of our own encoder, or of a model on a server that speaks OpenAI's language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from pointsman.core.errors import BadField, InvalidInput, ModelFailed
from pointsman.core.relay import Forward, Place
from pointsman.engine.router import Router
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.ollama.lines import Times, spent
from pointsman.http.ollama.listing import is_auto
from pointsman.http.ollama.passing import whole

# The request is wrong, and not our key or the server.
REFUSING: Final = frozenset({400, 404, 413, 422})
NAME_ANOTHER: Final = "name an embedding model, such as all-minilm of an Ollama"


def no_vectors(model: str) -> InvalidInput:
    """The refusal of a model that makes no vectors."""
    return InvalidInput(f"{shown(model)} does not support embeddings", cure=NAME_ANOTHER)


def texts_of(data: Mapping[str, Any]) -> list[str]:
    """The texts of a request, one or several. Raises BadField."""
    match data.get("input"):
        case None | "":
            return []
        case str(text):
            return [text]
        case list(texts) if all(isinstance(text, str) for text in texts):
            return texts
    raise BadField("input", "invalid input type", cure="send a text, or a list of texts")


async def embedded(
    router: Router, place: Place, data: Mapping[str, Any], texts: list[str], *, key: str, times: Times
) -> dict[str, Any]:
    """The answer to /api/embed. Raises InvalidInput, ModelFailed, and what `Router.relay` does."""
    model, dimensions = data["model"], Fields(data).whole("dimensions", 1, None)
    own = is_auto(model)
    if place.dialect != "openai" and not own:
        raise no_vectors(model)
    if not texts:
        return {"model": model, "embeddings": []}
    vectors, tokens = await (
        made_here(router, texts, dimensions) if own else asked(router, place, texts, dimensions, key)
    )
    return {
        "model": model,
        "embeddings": vectors,
        "total_duration": max(1, spent(times.began, times.clock())),
        **({"prompt_eval_count": tokens} if tokens else {}),
    }


async def made_here(router: Router, texts: list[str], dimensions: int | None) -> tuple[list[Any], int]:
    """Vectors of the encoder that routing goes by, and the tokens that it read."""
    vectors, tokens = await router.embed(texts)
    return [cut([float(number) for number in vector], dimensions) for vector in vectors], tokens


def cut(vector: list[float], dimensions: int | None) -> list[float]:
    """The first so many dimensions of a vector, made a unit again."""
    if dimensions is None or dimensions >= len(vector):
        return vector
    length = math.hypot(*vector[:dimensions]) or 1.0
    return [number / length for number in vector[:dimensions]]


async def asked(
    router: Router, place: Place, texts: list[str], dimensions: int | None, key: str
) -> tuple[list[Any], int]:
    """Vectors of a server that speaks OpenAI's language, and the tokens that it says it read."""
    body: dict[str, Any] = {"model": place.model, "input": texts, "encoding_format": "float"}
    if dimensions is not None:
        body["dimensions"] = dimensions
    status, said = await whole(router, place, Forward("/embeddings", body), key=key)
    if status >= 300 or not isinstance(said, dict):
        raise refusal(place.model, status, said)
    vectors = [row.get("embedding") for row in sorted(rows_of(said), key=lambda row: row.get("index", 0))]
    if len(vectors) != len(texts):
        raise ModelFailed(f"{place.model}: another number of vectors than texts", cure="ask for fewer texts at once")
    usage = said.get("usage")
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else 0
    return vectors, tokens if isinstance(tokens, int) else 0


def rows_of(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The vectors in an answer."""
    data = said.get("data")
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def refusal(model: str, status: int, said: Any) -> InvalidInput | ModelFailed:
    """What a server says in place of vectors."""
    error = said.get("error") if isinstance(said, dict) else None
    text = error.get("message") if isinstance(error, dict) else error
    quoted = f"{model}: its server answers {status}: {' '.join(str(text or 'nothing that can be read').split())[:300]}"
    return InvalidInput(quoted, cure=NAME_ANOTHER) if status in REFUSING else ModelFailed(quoted, cure=NAME_ANOTHER)
