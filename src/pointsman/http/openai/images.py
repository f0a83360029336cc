"""Pictures for programs that ask for them as such: drawn by ComfyUI under its lease, and kept in memory only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from pointsman.core.errors import BadField
from pointsman.core.plan import Draw
from pointsman.core.ports import Clock
from pointsman.core.reply import Done, Failed, Picture
from pointsman.engine.router import Router
from pointsman.http.errors import Json, Problem, shown
from pointsman.http.fields import Fields
from pointsman.http.headers import token
from pointsman.http.pictures import Pictures, in_base64

# What clients are set up to ask for; all of them mean whatever draws here. A workflow may be asked for by its name.
ALIASES: Final = re.compile(r"|auto|pointsman|dall-e-[23]|gpt-image-[a-z0-9.-]+|chatgpt-image-latest")
IN_BASE64: Final = re.compile(r"(gpt|chatgpt)-image-.*")
SIZE: Final = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
MOST: Final = 64  # the configuration allows fewer, and says so by itself
LONGEST: Final = 32_000  # characters of a prompt, as OpenAI has it
FORMS: Final = frozenset({"url", "b64_json"})


@dataclass(frozen=True, slots=True)
class Order:
    """A request for pictures, read; `workflow` is "" for whichever it is, `packed` sends no addresses but the bytes."""

    draw: Draw
    workflow: str
    packed: bool


def read_order(data: Mapping[str, Any]) -> Order:
    """The request in `data`. Raises BadField."""
    fields = Fields(data)
    prompt = fields.required_text("prompt").strip()
    if not prompt or len(prompt) > LONGEST:
        what = "is empty" if not prompt else f"has {len(prompt)} characters"
        raise BadField("prompt", f"prompt {what}", cure=f"say in 1 to {LONGEST} characters what to draw")
    if fields.flag("stream"):
        raise BadField("stream", "pictures are not streamed here", cure="leave stream out")
    refuse_others(fields, "output_format", ("png",), "pictures come as the workflow saves them, which is PNG")
    refuse_others(fields, "background", ("auto", "opaque"), "the background is drawn with the picture")
    model = fields.text("model")
    form = fields.text("response_format") or ("b64_json" if IN_BASE64.fullmatch(model) else "url")
    if form not in FORMS:
        raise BadField("response_format", f"response_format is {shown(form)}", cure="use url or b64_json")
    width, height = read_size(fields.text("size"))
    draw = Draw(
        prompt,
        negative=fields.text("negative_prompt"),
        style=fields.text("style"),
        width=width,
        height=height,
        count=fields.whole("n", 1, MOST) or 1,
        seed=fields.whole("seed", 0, 2**63 - 1),
    )
    return Order(draw, "" if ALIASES.fullmatch(model) else model, form == "b64_json")


def refuse_others(fields: Fields, name: str, known: tuple[str, ...], why: str) -> None:
    """Raises BadField for a value that cannot be had."""
    if (given := fields.text(name)) and given not in known:
        raise BadField(name, f"{name} is {shown(given)}: {why}", cure=f"use {' or '.join(known)}")


def read_size(size: str) -> tuple[int, int]:
    """Width and height in pixels; 0 and 0 for the workflow's own."""
    if size in {"", "auto"}:
        return 0, 0
    found = SIZE.fullmatch(size)
    if found is None:
        raise BadField("size", f"size is {shown(size)}", cure='use "auto", or width and height such as 1024x768')
    return int(found[1]), int(found[2])


async def drawn(
    router: Router,
    pictures: Pictures,
    data: Mapping[str, Any],
    base: str,
    now: Clock,
    *,
    more: Callable[[int], None] = lambda _: None,
) -> Response:
    """The answer to a request for pictures; `more` is told how many come on top of the first.

    Raises BadField, and what `more` raises.
    """
    order = read_order(data)
    if order.draw.count > 1:
        more(order.draw.count - 1)
    found: list[Picture] = []
    done: Done | Failed | None = None
    async with aclosing(router.draw(order.draw, workflow=order.workflow)) as events:
        async for event in events:
            match event:
                case Picture():
                    found.append(event)
                case Done() | Failed():
                    done = event
    if isinstance(done, Failed):
        return Problem.of_failed(done).response()
    rows = [{"b64_json": in_base64(it)} if order.packed else {"url": pictures.link(it, base)} for it in found]
    kind = next((it.media_type.removeprefix("image/") for it in found), "png")
    headers = {"x-pointsman-model": token(done.model)} if done is not None and done.model else {}
    return Json({"created": int(now()), "data": rows, "output_format": kind}, headers=headers)
