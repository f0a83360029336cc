"""What Discord checks in the body of a message: lengths, embeds and components, with its own words for each fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pointsman.testing.fake_discord.refusals import malformed, refused, required, too_long
from pointsman.testing.fake_discord.world import LAYOUT

CONTENT, NONCE, EMBEDS, ROWS, FILES, LAYOUT_TEXT = 2000, 25, 10, 5, 10, 4000
EMBED: Final = {"title": 256, "description": 4096}
ACTION_ROW, BUTTON, SELECTS, INPUT, TEXT_DISPLAY = 1, 2, (3, 5, 6, 7, 8), 4, 10
LINK, PREMIUM = 5, 6


def message(body: Mapping[str, Any]) -> None:
    """Checks what a message says. Raises Refused."""
    content = body.get("content")
    if content is not None and not isinstance(content, str):
        raise malformed("content", "BASE_TYPE_BAD_TYPE", "Could not interpret this value as a string.")
    if len(content or "") > CONTENT:
        raise too_long("content", CONTENT)
    if len(str(body.get("nonce") or "")) > NONCE:
        raise too_long("nonce", NONCE)
    embeds(body.get("embeds") or ())
    components(body.get("components") or (), layout=bool((body.get("flags") or 0) & LAYOUT))
    if (body.get("flags") or 0) & LAYOUT and (content or body.get("embeds")):
        raise malformed("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")  # fmt: skip  # noqa: E501


def says_nothing(body: Mapping[str, Any], files: int) -> bool:
    """Whether a message would be empty: no text but blanks, nothing attached, nothing to press."""
    has = ("embeds", "components", "sticker_ids", "poll")
    return not (str(body.get("content") or "").strip() or files or any(body.get(it) for it in has))


def embeds(given: Sequence[Mapping[str, Any]]) -> None:
    """Checks embeds. Raises Refused."""
    if len(given) > EMBEDS:
        raise too_long("embeds", EMBEDS)
    total = 0
    for number, embed in enumerate(given):
        place = f"embeds.{number}"
        texts = [(it, str(embed.get(it) or ""), most) for it, most in EMBED.items()]
        texts.append(("footer.text", str((embed.get("footer") or {}).get("text") or ""), 2048))
        texts.append(("author.name", str((embed.get("author") or {}).get("name") or ""), 256))
        fields = embed.get("fields") or ()
        if len(fields) > 25:
            raise too_long(f"{place}.fields", 25)
        for at, it in enumerate(fields):
            for key, most in (("name", 256), ("value", 1024)):
                if not it.get(key):
                    raise required(f"{place}.fields.{at}.{key}")
                texts.append((f"fields.{at}.{key}", str(it[key]), most))
        for key, text, most in texts:
            if len(text) > most:
                raise too_long(f"{place}.{key}", most)
        total += sum(len(text) for _, text, _ in texts)
    if total > 6000:
        raise malformed("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def components(given: Sequence[Mapping[str, Any]], *, layout: bool = False) -> None:
    """Checks buttons and menus. Raises Refused."""
    if not layout and len(given) > ROWS:
        raise malformed("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    seen: set[str] = set()
    texts = 0
    for place, it in walked(given):
        kind = it.get("type")
        if kind == ACTION_ROW:
            row(place, it.get("components") or ())
        elif kind == TEXT_DISPLAY:
            texts += len(str(it.get("content") or ""))
        if "custom_id" in it:
            named(place, it["custom_id"], seen)
        if kind == BUTTON:
            button(place, it)
        elif kind in SELECTS:
            select(place, it)
    if texts > LAYOUT_TEXT:
        raise malformed("components", "COMPONENT_MAX_TEXT_SIZE_EXCEEDED", "Total text is longer than 4000.")


def row(place: str, inner: Sequence[Mapping[str, Any]]) -> None:
    """Checks a row: five buttons, or one menu. Raises Refused."""
    if not 1 <= len(inner) <= 5:
        raise malformed(f"{place}.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if len(inner) > 1 and any(it.get("type") in SELECTS for it in inner):
        words = "The specified component exceeds the maximum width"
        raise malformed(f"{place}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", words)


def named(place: str, name: Any, seen: set[str]) -> None:
    """Checks the id of a component, which nobody else in the message may have. Raises Refused."""
    if not isinstance(name, str) or not 1 <= len(name) <= 100:
        raise malformed(f"{place}.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if name in seen:
        words = "Component custom id cannot be duplicated"
        raise malformed(f"{place}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", words)
    seen.add(name)


def walked(given: Sequence[Mapping[str, Any]], place: str = "components") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every component with its path, those inside others, too."""
    for number, it in enumerate(given):
        here = f"{place}.{number}"
        yield here, it
        yield from walked(it.get("components") or (), f"{here}.components")
        for key in ("accessory", "component"):
            if inner := it.get(key):
                yield f"{here}.{key}", inner


def button(place: str, it: Mapping[str, Any]) -> None:
    """Checks a button. Raises Refused."""
    if len(str(it.get("label") or "")) > 80:
        raise too_long(f"{place}.label", 80)
    if it.get("style") not in {1, 2, 3, 4, LINK, PREMIUM}:
        raise malformed(f"{place}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    wanted = "url" if it["style"] == LINK else "sku_id" if it["style"] == PREMIUM else "custom_id"
    if not it.get(wanted):
        raise required(f"{place}.{wanted}")
    if wanted != "sku_id" and not it.get("label") and not it.get("emoji"):
        raise malformed(f"{place}.label", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required")


def select(place: str, it: Mapping[str, Any]) -> None:
    """Checks a menu. Raises Refused."""
    if not it.get("custom_id"):
        raise required(f"{place}.custom_id")
    if len(str(it.get("placeholder") or "")) > 150:
        raise too_long(f"{place}.placeholder", 150)
    if it["type"] != SELECTS[0]:
        return
    options = it.get("options") or ()
    if not 1 <= len(options) <= 25:
        raise malformed(f"{place}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    for number, option in enumerate(options):
        for key in ("label", "value", "description"):
            text = option.get(key)
            if key != "description" and not text:
                raise required(f"{place}.options.{number}.{key}")
            if len(str(text or "")) > 100:
                raise too_long(f"{place}.options.{number}.{key}", 100)
    if len({option["value"] for option in options}) < len(options):
        raise malformed(f"{place}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")  # fmt: skip  # noqa: E501


def modal(data: Mapping[str, Any]) -> None:
    """Checks a form. Raises Refused."""
    for key, most in (("title", 45), ("custom_id", 100)):
        if not 1 <= len(str(data.get(key) or "")) <= most:
            raise malformed(f"data.{key}", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length.")
    given = data.get("components") or ()
    if not 1 <= len(given) <= 5:
        raise malformed("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for place, it in walked(given, "data.components"):
        if it.get("type") == INPUT:
            if len(str(it.get("label") or "")) > 45:
                raise too_long(f"{place}.label", 45)
            if len(str(it.get("value") or "")) > (it.get("max_length") or 4000):
                raise too_long(f"{place}.value", it.get("max_length") or 4000)
            if len(str(it.get("placeholder") or "")) > 100:
                raise too_long(f"{place}.placeholder", 100)


def no_files_beyond(count: int) -> None:
    """Checks how many files there are. Raises Refused."""
    if count > FILES:
        raise too_long("attachments", FILES)


def not_empty(body: Mapping[str, Any], files: int) -> None:
    """Checks that a message says something. Raises Refused."""
    if says_nothing(body, files):
        raise refused("empty")
