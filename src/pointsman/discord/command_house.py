"""/gpu and /quota: who holds the card, and how much may still be asked."""

from __future__ import annotations

from pointsman.discord.command_card import gpu_card, put, quota_card
from pointsman.discord.command_desk import Desk, Interaction, SlashCommand, slash, tell, thinking, visitor
from pointsman.discord.shares import Left, span
from pointsman.discord.wording import stamp


def gpu_command(desk: Desk) -> SlashCommand:
    """Who holds the card, and who waits."""

    async def gpu(interaction: Interaction) -> None:
        async with thinking(interaction, private=False):
            await tell(interaction, embed=gpu_card(await desk.bot.service.card()))

    return slash("gpu", "See who holds the graphics card, and who waits", gpu)


def quota_command(desk: Desk) -> SlashCommand:
    """What the services allow, and what is left of one's own share."""

    async def quota(interaction: Interaction) -> None:
        async with thinking(interaction):
            card = quota_card(await desk.bot.service.quota())
            put(card, "Your share", "\n".join(map(line_of, await desk.bot.shares.left(visitor(interaction)))))
            await tell(interaction, embed=card)

    return slash("quota", "See how much may still be asked", quota)


def line_of(left: Left) -> str:
    """What is left of one limit, and when it is full again."""
    whose = "this server's" if left.whose == "guild" else "yours"
    again = f", all of them again {stamp(left.full_at)}" if left.left < left.amount else ""
    return f"{left.left} of {left.amount} {left.what} {span(left.seconds)} left ({whose}){again}"
