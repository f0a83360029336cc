"""From places to values."""

from __future__ import annotations

import pytest

from pointsman.tiers.slots.spans import Span, size_of, values


def at(text: str, *parts: tuple[str, str]) -> list[Span]:
    spans, end = [], 0
    for slot, part in parts:
        start = text.index(part, end)
        end = start + len(part)
        spans.append(Span(slot, start, end))
    return spans


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        (
            "draw a beach without people at dusk",
            [("prompt", "a beach"), ("negative", "people"), ("prompt", "at dusk")],
            {"prompt": "a beach at dusk", "negative": "people"},
        ),
        (
            "draw a beach, no people, at dusk",
            [("prompt", "a beach"), ("negative", "people"), ("prompt", "at dusk")],
            {"prompt": "a beach, at dusk", "negative": "people"},
        ),
        (
            "an oil painting of a fox",
            [("prompt", "an"), ("style", "oil painting"), ("prompt", "of a fox")],
            {"prompt": "an oil painting of a fox", "style": "oil painting"},
        ),
        ("pixel art of a fox", [("style", "pixel art"), ("prompt", "of a fox")],
         {"prompt": "pixel art of a fox", "style": "pixel art"}),
        ("a fox, oil painting", [("prompt", "a fox"), ("style", "oil painting")],
         {"prompt": "a fox", "style": "oil painting"}),
        ("a fox in the style of Klee", [("prompt", "a fox"), ("style", "in the style of Klee")],
         {"prompt": "a fox", "style": "in the style of Klee"}),
        ("turn it into a cartoon", [("prompt", "turn it into a"), ("style", "cartoon")],
         {"prompt": "turn it into a cartoon", "style": "cartoon"}),
        ("a fox like a comic", [("prompt", "a fox"), ("style", "a comic")], {"prompt": "a fox", "style": "comic"}),
        ("a 16:9 banner", [("prompt", "a"), ("size", "16:9"), ("prompt", "banner")],
         {"prompt": "a banner", "width": 1344, "height": 768}),
        ("a phone wallpaper of stars", [("prompt", "a"), ("size", "phone wallpaper"), ("prompt", "of stars")],
         {"prompt": "a phone wallpaper of stars", "width": 768, "height": 1344}),
        ("three posters for a fair", [("count", "three"), ("prompt", "posters for a fair")],
         {"prompt": "poster for a fair", "count": 3}),
        ("one poster", [("count", "one"), ("prompt", "poster")], {"prompt": "poster"}),
        ("put milk on the shopping list", [("memory", "milk"), ("list", "shopping list")],
         {"memory": "shopping list: milk"}),
        ("tonight remind me to call", [("memory", "tonight"), ("memory", "call")], {"memory": "tonight call"}),
        ("clear the list", [("list", "list")], {}),
        ("google ferries", [("query", "ferries")], {"query": "ferries"}),
        ("no fog or snow", [("negative", "fog or snow")], {"negative": "fog, snow"}),
        ("nothing", [], {}),
    ],
)  # fmt: skip
def test_values_are_made_from_places(text: str, parts: list[tuple[str, str]], expected: dict[str, str | int]) -> None:
    assert values(text, at(text, *parts)) == expected


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("16:9", (1344, 768)),
        ("1024x768", (1024, 768)),
        ("512 by 512", (512, 512)),
        ("square", (1024, 1024)),
        ("Hochformat", (832, 1216)),
        ("phone wallpaper", (768, 1344)),
        ("4k", (2048, 1152)),
        ("huge", None),
    ],
)
def test_words_name_sizes(said: str, size: tuple[int, int] | None) -> None:
    assert size_of(said) == size
