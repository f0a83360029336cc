from __future__ import annotations

from typing import Any

from pointsman.observe.swaps import Swap, Swaps


def told(swaps: Swaps, *events: dict[str, Any]) -> list[Swap]:
    return [swap for event in events if (swap := swaps(event)) is not None]


def event(t: float, kind: str, tenant: str, **more: Any) -> dict[str, Any]:
    return {"t": t, "kind": kind, "tenant": tenant, **more}


def test_a_swap_begins_with_the_release_and_ends_when_the_other_is_loaded() -> None:
    assert told(
        Swaps(),
        event(1.0, "release", "ollama:big", bytes=9, id="wish-1", why="for pictures"),
        event(2.0, "released", "ollama:big", bytes=9, seconds=1.0),
        event(2.1, "load", "comfyui:z", bytes=14, id="wish-1"),
        event(9.0, "loaded", "comfyui:z", seconds=6.9),
    ) == [Swap("ollama:big", "comfyui:z", 8.0)]


def test_of_several_that_go_the_largest_is_named() -> None:
    (swap,) = told(
        Swaps(),
        event(1.0, "release", "ollama:small", bytes=2, id="wish-1", why=""),
        event(1.5, "release", "ollama:big", bytes=9, id="wish-1", why=""),
        event(2.0, "load", "comfyui:z", bytes=14, id="wish-1"),
        event(4.0, "loaded", "comfyui:z"),
    )
    assert swap == Swap("ollama:big", "comfyui:z", 3.0)


def test_where_there_is_room_nobody_goes() -> None:
    (swap,) = told(Swaps(), event(1.0, "load", "ollama:a", bytes=1, id="wish-1"), event(3.5, "loaded", "ollama:a"))
    assert swap == Swap("nobody", "ollama:a", 2.5)


def test_what_fails_or_is_taken_back_is_no_swap() -> None:
    swaps = Swaps()
    assert not told(
        swaps,
        event(1.0, "load", "ollama:a", bytes=1, id="wish-1"),
        event(2.0, "load_failed", "ollama:a", id="wish-1"),
        event(3.0, "loaded", "ollama:a"),
        event(4.0, "release", "ollama:b", bytes=1, id="wish-2", why=""),
        event(5.0, "refuse", "ollama:c", id="wish-2"),
    )
    (swap,) = told(swaps, event(6.0, "load", "ollama:c", id="wish-2"), event(7.0, "loaded", "ollama:c"))
    assert swap.was == "nobody"


def test_it_does_not_grow_with_what_never_ends() -> None:
    swaps = Swaps()
    for number in range(1000):
        swaps(event(1.0, "release", f"a{number}", bytes=1, id=f"wish-{number}", why=""))
        swaps(event(1.0, "load", f"b{number}", id=f"other-{number}"))
    assert len(swaps._going) <= 200
    assert len(swaps._loading) <= 200
