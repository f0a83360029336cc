"""/ask, /search and /run: a question, a look into the web, and code."""

from __future__ import annotations

import re
from typing import Final

import discord
from discord import app_commands

from pointsman.core.message import Command
from pointsman.discord.command_desk import Desk, Interaction, SlashCommand, slash, tell, visitor

LONGEST: Final = 6_000  # characters that Discord takes in an option
LONGEST_FIELD: Final = 4_000  # and in a field of a form
OPEN_FOR: Final = 3600.0  # seconds that somebody may write in a form
FENCE: Final = re.compile(r"\s*```(?:[\w+-]*\n)?(.*?)```\s*", re.DOTALL)
NOT_IN_SERVERS: Final = (
    "I do not run code in servers, where others read along. Send me /run in a direct message, or ask whoever runs me "
    "to switch it on: `discord.run_in_guilds: true`, and `tools.code.shared: true`."
)
NO_CODE: Final = "There was no code in it. Write some, such as `print(2**100)`."


def ask_command(desk: Desk) -> SlashCommand:
    """A question or a wish, as in a message that names the bot."""

    @app_commands.describe(text="What you want to know or have done", attachment="A picture or a text that it is about")
    async def ask(
        interaction: Interaction,
        text: app_commands.Range[str, 1, LONGEST],
        attachment: discord.Attachment | None = None,
    ) -> None:
        await desk.answer(interaction, text, files=(attachment,) if attachment else ())

    return slash("ask", "Ask me anything", ask)


def search_command(desk: Desk) -> SlashCommand:
    """A look into the web, whatever the words are."""

    @app_commands.describe(query="What to look for")
    async def search(interaction: Interaction, query: app_commands.Range[str, 1, LONGEST]) -> None:
        await desk.answer(interaction, query, Command("web_search", {"query": query}, name="/search"))

    return slash("search", "Look something up in the web", search)


def run_command(desk: Desk) -> SlashCommand:
    """Code that is run; without any, a form asks for it."""

    @app_commands.describe(code="Python; leave it out to write several lines")
    async def run(interaction: Interaction, code: app_commands.Range[str, 1, LONGEST] | None = None) -> None:
        if not visitor(interaction).direct and not desk.bot.settings.run_in_guilds:
            await tell(interaction, NOT_IN_SERVERS)
        elif code is None:
            await interaction.response.send_modal(CodeForm(desk, interaction.id))
        else:
            await run_code(desk, interaction, code)

    return slash("run", "Run Python code", run)


async def run_code(desk: Desk, interaction: Interaction, code: str) -> None:
    """Has code run, without the fence around it."""
    fenced = FENCE.fullmatch(code)
    code = (fenced[1] if fenced else code).strip("\n")
    if not code.strip():
        await tell(interaction, NO_CODE)
        return
    await desk.answer(interaction, f"```python\n{code}\n```", Command("code_execution", {"code": code}, name="/run"))


class CodeForm(discord.ui.Modal):
    """Asks for code of several lines."""

    def __init__(self, desk: Desk, opened: int) -> None:
        # Discord says which form is sent by this id: two of one id would be taken for each other.
        super().__init__(title="Run Python code", custom_id=f"pmc:run:{opened}", timeout=OPEN_FOR)
        self._desk = desk
        self._code: discord.ui.TextInput[CodeForm] = discord.ui.TextInput(
            label="Code",
            style=discord.TextStyle.paragraph,
            custom_id="code",
            placeholder="print(sum(range(101)))",
            max_length=LONGEST_FIELD,
        )
        self.add_item(self._code)

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Runs it."""
        await run_code(self._desk, interaction, self._code.value)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """Says what failed."""
        from pointsman.discord.command_errors import tell_failure

        await tell_failure(interaction, error)
