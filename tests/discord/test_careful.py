"""What is not sent on, not fetched and not heard: whoever stays local, large files, people who are blocked."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from tests.discord.button_stage import button_stage
from tests.discord.conftest import Staged
from tests.discord.stage import Stage

from pointsman.core.errors import InvalidInput
from pointsman.discord.memo import UserSettings
from pointsman.discord.outlet import Replying
from pointsman.discord.picturing import MOST_BYTES, as_source
from pointsman.discord.reading import enclosed
from pointsman.discord.wording import REPLY_FILE
from pointsman.testing.comfyui.pictures import png

SKY = "why is the sky blue?"


async def test_what_somebody_said_who_stays_local_leaves_the_house_with_nobodys_question(stage: Stage) -> None:
    await stage.bot.memo.set_user(str(stage.bob.id), UserSettings(local=True))
    said = await stage.bob.send(stage.channel, "my salary is 5,000")
    await stage.ann.send(stage.channel, f"{stage.me} is that much?", reply_to=said)
    assert stage.service.asked[-1].local

    await stage.tell(SKY)
    assert not stage.service.asked[-1].local


class File:
    """A file on Discord; `data` is what comes, or goes wrong, when it is fetched."""

    def __init__(self, filename: str, content_type: str, size: int, data: bytes | Exception = b"text") -> None:
        self.id = 1
        self.filename = filename
        self.content_type = content_type
        self.size = size
        self.description = None
        self.fetched = False
        self._data = data

    async def read(self) -> bytes:
        self.fetched = True
        if isinstance(self._data, Exception):
            raise self._data
        return self._data


@pytest.mark.parametrize("name", [REPLY_FILE, "notes.txt"])
async def test_a_file_of_any_name_is_fetched_only_where_it_is_small_enough(name: str) -> None:
    large: Any = File(name, "text/markdown", MOST_BYTES + 1)
    assert (await enclosed(large, picture=False)).text is None
    assert not large.fetched


async def test_a_picture_that_is_too_large_is_no_source_of_another() -> None:
    large: Any = File("large.png", "image/png", MOST_BYTES + 1)
    with pytest.raises(InvalidInput, match=r"large\.png"):
        await as_source(large)
    assert not large.fetched


async def test_a_file_that_cannot_be_fetched_is_named_and_the_question_answered() -> None:
    lost: Any = File("notes.txt", "text/plain", 10, aiohttp.ClientConnectionError("no route"))
    assert (await enclosed(lost, picture=False)).text is None


async def test_a_picture_that_cannot_be_looked_at_is_said_to_be_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pointsman.discord.reading.MOST_BYTES", 10)
    await stage.tell("what is on it?", attachments=[("cat.png", png(8, 8, (200, 30, 30)))])

    [told] = stage.read()
    assert "cat.png" in told
    assert "10 MB" in told


async def test_where_it_may_not_read_the_history_its_files_come_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage.bot.user is not None
    forgetful = stage.guild.create_text_channel(
        "forgetful", overwrites={stage.bot.user: discord.PermissionOverwrite(read_message_history=False)}
    )
    asked = await stage.ann.send(forgetful, "good morning")
    heard = next(it for it in stage.bot.cached_messages if it.id == asked.id)
    send = discord.abc.Messageable.send

    async def strict(self: Any, *words: Any, **more: Any) -> Any:
        if more.get("reference") is not None:
            response: Any = SimpleNamespace(status=400, reason="Bad Request")
            raise discord.HTTPException(response, {"code": 160002, "message": "Cannot reply without the history"})
        return await send(self, *words, **more)

    monkeypatch.setattr(discord.abc.Messageable, "send", strict)
    with stage.env._bot_scope():
        await Replying(heard).send("a file", file=discord.File(io.BytesIO(b"data"), "data.txt"))

    assert stage.read(forgetful) == ["a file"]


async def test_who_is_not_let_in_teaches_nothing() -> None:
    async with button_stage() as stage:
        picture = await stage.drawn()
        places = stage.bot.settings.block.model_copy(update={"users": (str(stage.ann.id),)})
        stage.bot.gate._settings = stage.bot.settings.model_copy(update={"block": places})
        result = await stage.ann.click(picture, label="Wrong?")

        assert result.response is not None
        assert "not allowed to answer you" in result.response.content


async def test_in_a_channel_of_its_own_who_is_not_on_the_list_is_told_so_only_when_he_asks(staged: Staged) -> None:
    async with staged(when="always", allow={"users": ["1"]}) as stage:
        await stage.ann.send(stage.channel, "good morning everybody")
        assert stage.bots() == []
        await stage.tell(SKY)
        [told] = stage.read()
        assert "only answer some people" in told


async def test_of_many_files_no_more_is_read_than_of_one(stage: Stage) -> None:
    stage.says.append("Words.")
    await stage.tell("what is that?", attachments=[(f"part{it}.txt", b"word " * 3_900) for it in range(4)])
    await stage.advance(20)

    assert len(stage.service.asked[-1].text) < 21_000
    [told] = stage.read()
    assert "Only the first 500 characters of part1.txt" in told
    assert "part3.txt" in told
