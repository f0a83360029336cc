"""Vectors of texts: from a model that is named, or, for "auto", from the encoder that decides here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.errors import BadField, InvalidInput
from pointsman.engine.router import Router
from pointsman.http.errors import Json, shown
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import named
from pointsman.http.openai import through_ollama
from pointsman.http.openai.from_ollama import in_base64
from pointsman.http.openai.messages import check_urls
from pointsman.http.openai.models import AUTO
from pointsman.http.openai.relay import passed

MOST_TEXTS: Final = 2048
PACKINGS: Final = frozenset({"float", "base64"})


async def embedded(router: Router, data: dict[str, Any], *, key: str = "") -> Response:
    """The answer to a request for vectors. Raises BadField, UnknownModel, and what `Router.relay` does."""
    name = Fields(data).required_text("model")
    if name == AUTO:
        return await here(router, data)
    place = await router.place(name)
    if place.dialect == "openai":
        check_urls(data.get("messages"))  # some servers make vectors of conversations, with what is shown in them
        return await passed(router, place, "/embeddings", data, key=key)
    if place.dialect == "ollama":
        return await through_ollama.embed(router, place, data, key=key)
    raise InvalidInput(f"{shown(name)} makes no vectors", cure='ask "auto", or an embedding model')


async def here(router: Router, data: Mapping[str, Any]) -> Response:
    """The vectors of the embedded encoder: 384 numbers of length 1, of the first 256 tokens of each text."""
    fields = Fields(data)
    packing = fields.text("encoding_format") or "float"
    if packing not in PACKINGS:
        raise BadField("encoding_format", f"encoding_format is {shown(packing)}", cure="use float or base64")
    texts = texts_of(fields)
    wanted = fields.whole("dimensions", 1, None)
    vectors, tokens = await router.embed(texts)
    if wanted is not None and wanted != len(vectors[0]):
        raise BadField("dimensions", f"vectors of auto have {len(vectors[0])} numbers", cure="leave dimensions out")
    rows = [
        {
            "object": "embedding",
            "embedding": in_base64(vector.tolist()) if packing == "base64" else vector.tolist(),
            "index": place,
        }
        for place, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Json({"object": "list", "data": rows, "model": AUTO, "usage": usage})


def texts_of(fields: Fields) -> list[str]:
    """The texts of a request, one or several. Raises BadField."""
    given = fields.value("input")
    texts = [given] if isinstance(given, str) else given
    if texts is None or texts == []:
        raise BadField("input", "there is no input", cure="send a text, or a list of texts")
    if not isinstance(texts, list):
        raise BadField("input", f"input is {named(given)}", cure="send a text, or a list of texts")
    if len(texts) > MOST_TEXTS:
        raise BadField("input", f"there are {len(texts)} texts", cure=f"send {MOST_TEXTS} at most")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            path = "input" if isinstance(text, int) else f"input.{place}"
            raise BadField(
                path, "tokens of one model mean nothing to another", cure="send texts in place of lists of tokens"
            )
    return texts
