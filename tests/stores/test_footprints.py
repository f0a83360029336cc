"""Learned footprints: kept across restarts, shared, and no obstacle when they are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.gpu.footprints import Footprint
from pointsman.stores.footprints import KEY, ShelfFootprints
from pointsman.stores.shelf import MemoryShelf, SqliteShelf

ONE = Footprint((7, 6), (3.5,), (1.25, 1.0))
OTHER = Footprint((14,))


async def test_they_outlive_the_process(tmp_path: Path) -> None:
    first = ShelfFootprints(SqliteShelf(tmp_path / "x.db"))
    assert await first.read() == {}
    await first.keep("ollama:a@ctx=8192", ONE)
    await first.close()
    again = ShelfFootprints(SqliteShelf(tmp_path / "x.db"))
    assert await again.read() == {"ollama:a@ctx=8192": ONE}
    await again.close()


async def test_two_processes_do_not_take_each_others_away(tmp_path: Path) -> None:
    one, two = (ShelfFootprints(SqliteShelf(tmp_path / "x.db")) for _ in range(2))
    await one.keep("a", ONE)
    await two.keep("b", OTHER)
    assert await one.read() == {"a": ONE, "b": OTHER}
    await one.close()
    await two.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"a": 1}',
        '{"a": {"samples": ["x"]}}',
        '{"a": {"cold": 3}}',
        '{"a": {"samples": [Infinity]}}',
        '{"a": {"samples": [-5]}}',
        '{"a": {"warm": [NaN]}}',
    ],
)
async def test_what_is_damaged_is_left_out_and_written_anew(text: str) -> None:
    shelf = MemoryShelf()
    await shelf.change(KEY, lambda _before: (text, None))
    kept = ShelfFootprints(shelf)
    assert "a" not in await kept.read()
    await kept.keep("a", ONE)
    assert (await kept.read())["a"] == ONE
