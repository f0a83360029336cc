"""Commands, buttons and forms at the fake Discord, through a real client."""

from __future__ import annotations

import io

import discord
import pytest
from discord import app_commands
from tests.testing.discord_client import Client, pair

from pointsman.testing.fake_discord import FakeDiscord
from pointsman.testing.stepped_time import SteppedTime


class Asking(discord.ui.Modal, title="What else?"):
    """A form of one field."""

    prompt: discord.ui.TextInput[Asking] = discord.ui.TextInput(label="Prompt", default="a fox", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"drawn: {self.prompt.value}")


class Buttons(discord.ui.View):
    """A button that changes its message, one that shows a form, one that cannot be pressed, and a menu."""

    @discord.ui.button(label="Again")
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(
            content="again", attachments=[discord.File(io.BytesIO(b"new"), "new.png")]
        )
        await interaction.followup.send("only for you", ephemeral=True)

    @discord.ui.button(label="Edit")
    async def edit(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None:
        await interaction.response.send_modal(Asking())

    @discord.ui.button(label="Never", disabled=True)
    async def never(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None: ...

    @discord.ui.select(options=[discord.SelectOption(label=it) for it in ("chat", "code")])
    async def choose(self, interaction: discord.Interaction, menu: discord.ui.Select[Buttons]) -> None:
        await interaction.response.send_message(f"chosen: {menu.values[0]}")


def declare(client: Client) -> None:
    """A few commands."""
    memory = app_commands.Group(name="memory", description="What is remembered")

    @client.tree.command(description="Draws")
    @app_commands.choices(style=[app_commands.Choice(name="Anime", value="anime")])
    async def draw(
        interaction: discord.Interaction, prompt: str, steps: int = 8, style: str = "", by: discord.User | None = None
    ) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send(f"{prompt} {steps} {style} {by.name if by else ''}", view=Buttons())
        await interaction.followup.send("and more")

    @draw.autocomplete("prompt")
    async def completed(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed} fox", value=f"{typed} fox")]

    @memory.command(name="list", description="Lists")
    async def listed(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("nothing", ephemeral=True)

    @client.tree.context_menu(name="Why this?")
    async def why(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"because of {message.content}")

    client.tree.add_command(memory)


async def declared(fake: FakeDiscord, client: Client) -> None:
    declare(client)
    await client.tree.sync()
    assert fake.commands.synced == 1


async def test_commands_are_used_completed_and_answered() -> None:
    async with pair() as (fake, client):
        await declared(fake, client)
        ann, bob = fake.person("Ann"), fake.person("Bob")
        with pytest.raises(KeyError):
            ann.uses("draw", fake.channel)
        with pytest.raises(KeyError):
            ann.uses("draw", fake.channel, prompt="x", style="oil")
        drawn = ann.uses("draw", fake.channel, prompt="a fox", steps=4, style="anime", by=bob)
        await fake.until(lambda: len(drawn.said) == 2)
        assert drawn.said == ["a fox 4 anime bob", "and more"]
        assert drawn.original is drawn.messages[0]
        assert not drawn.waiting
        offered = await fake.answered(ann.completes("draw", "prompt", "red", fake.channel))
        assert offered.choices == [{"name": "red fox", "value": "red fox"}]
        private = await fake.answered(ann.uses("memory list"))
        assert private.said == ["nothing"]
        assert private.messages[0].ephemeral
        assert not private.channel.messages
        why = await fake.answered(ann.uses_on("Why this?", drawn.messages[1]))
        assert why.said == ["because of and more"]


async def test_buttons_menus_and_forms() -> None:
    async with pair() as (fake, client):
        await declared(fake, client)
        ann = fake.person("Ann")
        drawn = await fake.answered(ann.uses("draw", fake.channel, prompt="a fox"))
        message = drawn.messages[0]
        pressed = ann.presses(message, "Again")
        await fake.until(lambda: pressed.messages)
        assert message.content == "again"
        assert [it.data for it in message.files] == [b"new"]
        assert pressed.said == ["only for you"]
        assert pressed.messages[0].ephemeral
        with pytest.raises(LookupError):
            ann.presses(message, "Never")
        with pytest.raises(LookupError):
            ann.chooses(message, ["image"])
        chosen = await fake.answered(ann.chooses(message, ["code"]))
        assert chosen.said == ["chosen: code"]
        shown = await fake.answered(ann.presses(message, "Edit"))
        with pytest.raises(LookupError):
            ann.submits(shown, {"Prompt": "x" * 21})
        await fake.answered(ann.submits(shown, {"Prompt": "an owl"}))
        assert message.content == "drawn: an owl"


async def test_an_answer_is_given_once_and_in_time() -> None:
    time = SteppedTime()
    async with pair(clock=time) as (fake, client):
        refused: list[int] = []

        @client.tree.command(description="Twice")
        async def twice(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("one")
            interaction.response._response_type = None
            try:
                await interaction.response.send_message("two")
            except discord.HTTPException as error:
                refused.append(error.code)
            time.now += 901
            try:
                await interaction.followup.send("late")
            except discord.HTTPException as error:
                refused.append(error.code)

        @client.tree.command(description="Late")
        async def late(interaction: discord.Interaction) -> None:
            time.now += 3.5
            try:
                await interaction.response.send_message("too late")
            except discord.NotFound as error:
                refused.append(error.code)

        await client.tree.sync()
        ann = fake.person("Ann")
        first = ann.uses("twice")
        await fake.until(lambda: len(refused) == 2)
        second = ann.uses("late")
        await fake.until(lambda: len(refused) == 3)
        assert refused == [40060, 50027, 10062]
        assert (first.said, second.said) == (["one"], [])


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ({"name": "Draw", "description": "x", "type": 1}, "name"),
        ({"name": "draw", "description": "", "type": 1}, "description"),
        ({"name": "draw", "description": "x", "type": 1, "options": [{"name": "a", "description": ""}]}, "options"),
    ],
)
async def test_commands_that_are_wrong_are_refused(what: dict[str, object], place: str) -> None:
    async with pair() as (fake, client):
        assert client.application_id is not None
        with pytest.raises(discord.HTTPException) as refused:
            await client.http.bulk_upsert_global_commands(client.application_id, [what])
        assert refused.value.code == 50035
        assert place in refused.value.text
        assert fake.commands.synced == 0
