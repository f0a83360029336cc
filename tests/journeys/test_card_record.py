"""What happens on the card is written down, and can be played again under every policy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.journeys.card_house import on_card, opened_house, opened_router, say

from pointsman.cli.main import pointsman


async def test_a_day_is_recorded_and_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = tmp_path / "day.jsonl"
    async with opened_house(tmp_path) as made:
        house = on_card(monkeypatch, made)
        async with opened_router(house.config(gpu={"poll": 0.1, "record": str(day)})) as router:
            await say(router, "draw me a secret cat")
            await say(router, "why is the sky blue?")
            await house.seen(router)
    lines = [json.loads(line) for line in day.read_text().splitlines()]
    assert {"chat", "image"} <= {line["kind"] for line in lines}
    assert "secret" not in day.read_text()
    assert "sky" not in day.read_text()
    played = CliRunner().invoke(
        pointsman, ["gpu", "simulate", "--trace", str(day), "--policy", "pointsman", "--json"], catch_exceptions=False
    )
    assert played.exit_code == 0, played.output
    assert json.loads(played.stdout)["policies"][0]["policy"] == "pointsman"
