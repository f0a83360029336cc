"""What the bot itself keeps: settings of channels and choices of people."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.core.errors import StoreError
from pointsman.discord.memo import CHANNELS, USERS, ChannelSettings, Memo, UserSettings
from pointsman.stores.shelf import MemoryShelf, SqliteShelf


async def test_nothing_is_set_or_chosen_at_first() -> None:
    memo = Memo(MemoryShelf())
    assert await memo.channel(["1", "2"]) == ChannelSettings()
    assert await memo.user("3") == UserSettings()
    assert await memo.export("3") == {}
    assert not await memo.erase("3")


async def test_each_thing_is_as_the_nearest_place_sets_it() -> None:
    memo = Memo(MemoryShelf())
    await memo.set_channel("thread", ChannelSettings(prompt=""))
    await memo.set_channel("channel", ChannelSettings("always", "Be brief."))
    assert await memo.channel(["thread", "channel"]) == ChannelSettings("always", "")
    assert await memo.channel(["channel"]) == ChannelSettings("always", "Be brief.")
    await memo.set_channel("thread", ChannelSettings())
    assert await memo.channel(["thread", "channel"]) == ChannelSettings("always", "Be brief.")


async def test_it_outlives_the_process(tmp_path: Path) -> None:
    shelf = SqliteShelf(tmp_path / "a.sqlite")
    await Memo(shelf).set_user("3", UserSettings(local=True, model="qwen3:8b"))
    await Memo(shelf).set_channel("1", ChannelSettings("mention"))
    await shelf.close()
    shelf = SqliteShelf(tmp_path / "a.sqlite")
    assert await Memo(shelf).user("3") == UserSettings(local=True, model="qwen3:8b")
    assert await Memo(shelf).channel(["1"]) == ChannelSettings("mention")
    await shelf.close()


async def test_a_person_who_is_erased_leaves_nothing_on_the_shelf() -> None:
    shelf = MemoryShelf()
    memo = Memo(shelf)
    await memo.set_user("31", UserSettings(model="main"))
    await memo.set_user("32", UserSettings(local=True))
    assert await memo.export("31") == {"local": False, "model": "main"}
    assert await memo.erase("31")
    assert not await memo.erase("31")
    assert "31" not in await shelf.read(USERS)
    assert await memo.user("32") == UserSettings(local=True)


async def test_what_is_as_usual_again_is_not_kept() -> None:
    shelf = MemoryShelf()
    memo = Memo(shelf)
    await memo.set_user("31", UserSettings(local=True))
    await memo.set_user("31", UserSettings())
    assert await shelf.read(USERS) == "{}"


async def test_what_another_process_sets_counts() -> None:
    shelf = MemoryShelf()
    one, other = Memo(shelf), Memo(shelf)
    assert await one.user("3") == UserSettings()
    await other.set_user("3", UserSettings(local=True))
    assert await one.user("3") == UserSettings(local=True)


@pytest.mark.parametrize(
    "kept", ["[", "3", '{"1": 2}', '{"1": {"when": "never", "prompt": 3, "local": "yes", "model": []}}']
)
async def test_what_cannot_be_read_is_as_if_it_were_not_set(kept: str) -> None:
    shelf = MemoryShelf()
    for key in (CHANNELS, USERS):
        await shelf.change(key, lambda _: (kept, None))
    assert await Memo(shelf).channel(["1"]) == ChannelSettings()
    assert await Memo(shelf).user("1") == UserSettings()
    await Memo(shelf).set_user("1", UserSettings(local=True))
    assert await Memo(shelf).user("1") == UserSettings(local=True)


async def test_who_wants_to_stay_local_is_not_taken_for_somebody_who_does_not(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_text("this is no database, and much longer than its header " * 40)
    shelf = SqliteShelf(path)
    with pytest.raises(StoreError):
        await Memo(shelf).user("3")
    await shelf.close()
