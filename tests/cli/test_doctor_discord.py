"""What the doctor says of the bot: without asking, and what Discord says of it with `--online`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.cli.test_bot import Gateway
from tests.cli.test_doctor import Serve, beside

from pointsman.cli import doctor_discord
from pointsman.cli.finding import Finding
from pointsman.cli.main import pointsman
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError, NotAllowed, Unreachable
from pointsman.discord import examining
from pointsman.testing.fake_discord import FakeDiscord

__all__ = ["beside"]

LIKE_ONE = "a.b.c"


def findings(*, online: bool = False, token: str = LIKE_ONE, **settings: Any) -> list[Finding]:
    sections = {name: settings.pop(name) for name in ("tools", "server") if name in settings}
    config = Config.model_validate({**sections, "discord": {"token": token, **settings}})
    return doctor_discord.discord(config, online=online)


@pytest.fixture
def fake(beside: Serve, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(examining, "READY", 0.05)
    discord = FakeDiscord(token=LIKE_ONE)
    beside(discord)
    with discord.redirected():
        yield discord


class TestUnasked:
    def test_without_a_token_there_is_none(self) -> None:
        (found,) = findings(token="")
        assert (found.grade, "DISCORD_TOKEN" in found.found) == ("ok", True)

    def test_the_extra_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor_discord, "find_spec", lambda _: None)
        (found,) = findings()
        assert (found.grade, found.cure) == ("failed", "pip install 'pointsman[discord]'")

    def test_nothing_is_sent(self, fake: FakeDiscord) -> None:
        (found,) = findings()
        assert (found.grade, "nothing was sent" in found.found) == ("ok", True)
        assert not fake.rest.calls

    def test_a_token_that_looks_like_none_is_told_and_not_shown(self) -> None:
        odd, _ = findings(token="1234567890")
        assert odd.grade == "warning"
        assert "1234567890" not in str(odd)

    @pytest.mark.parametrize(("shared", "grades"), [(False, ["warning", "ok"]), (True, ["ok"])])
    def test_both_switches_for_code_in_servers_are_needed(self, *, shared: bool, grades: list[str]) -> None:
        found = findings(run_in_guilds=True, tools={"code": {"shared": shared}})
        assert [it.grade for it in found] == grades

    def test_who_starts_it_where_it_asks_a_gateway(self) -> None:
        (who, _) = findings(gateway="http://127.0.0.1:9")
        assert "`pointsman bot` starts it" in who.found

    def test_it_is_in_the_table_of_the_doctor(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISCORD_TOKEN", LIKE_ONE)
        file = tmp_path / "p.yaml"
        file.write_text('{"images": {"comfyui": {"enabled": false}}, "store": {"path": "x.db"}, "tiers": []}')
        said = json.loads(CliRunner().invoke(pointsman, ["doctor", "--json", "--config", str(file)]).stdout)
        assert [it["grade"] for it in said["findings"] if it["check"] == "discord"] == ["ok"]


class TestAsked:
    def test_all_is_well(self, fake: FakeDiscord) -> None:
        (found,) = findings(online=True)
        assert (found.grade, found.found) == ("ok", "logs in as pointsman, in 1: The Signal Box")
        assert (fake.gateway.identified, fake.commands.synced, fake.said()) == (1, 0, [])

    def test_a_token_that_is_none(self, fake: FakeDiscord) -> None:
        fake.token = "another"
        fake.state.token = "another"
        with pytest.raises(ConfigError, match="does not know this token"):
            findings(online=True)

    def test_the_intent_is_off(self, fake: FakeDiscord) -> None:
        fake.gateway.granted = frozenset()
        found = findings(online=True)
        assert [it.grade for it in found] == ["ok", "failed"]
        assert "Message Content intent is off" in found[1].found
        assert "switch it on" in found[1].cure

    def test_what_it_lacks_in_a_channel(self, fake: FakeDiscord) -> None:
        fake.deny(fake.channel, "attach_files")
        quiet = fake.add_channel("quiet")
        fake.deny(quiet, "send_messages")
        fake.deny(fake.add_channel("secret"), "view_channel")
        _, found = findings(online=True)
        assert found.found == (
            "The Signal Box: it lacks a permission in #general (Attach Files), #quiet (Send Messages)"
        )
        assert "discord.block.channels" in found.cure

    def test_what_it_lacks_everywhere(self, fake: FakeDiscord) -> None:
        everybody = fake.guild.roles[fake.guild.id]
        everybody.permissions &= ~(1 << 14)
        _, found = findings(online=True)
        assert found.found == "The Signal Box: it lacks Embed Links"
        assert "oauth2/authorize?client_id=" in found.cure

    def test_ids_that_there_are_not(self, fake: FakeDiscord) -> None:
        ann, role = fake.person("Ann"), fake.add_role("friends")
        there = {"channels": [fake.channel.id], "guilds": [fake.guild.id], "roles": [role.id], "users": [ann.id]}
        assert [it.grade for it in findings(online=True, allow=there)] == ["ok"]
        nowhere = {"channels": ["17"], "guilds": ["18"], "roles": ["19"], "users": ["20"]}
        found = findings(online=True, block=nowhere, channels={"21": {"when": "always"}})
        told = [it.found.split(" is not there")[0] for it in found[1:]]
        assert told == [
            "discord.block.guilds: 18",
            "discord.block.channels: 17",
            "discord.channels: 21",
            "discord.block.roles: 19",
            "discord.block.users: 20",
        ]

    def test_it_is_in_no_server(self, fake: FakeDiscord) -> None:
        fake.world.guilds.clear()
        (found,) = findings(online=True)
        assert (found.grade, found.cure.startswith("invite it: https://discord.com/oauth2/")) == ("warning", True)

    def test_many_are_told_in_short(self) -> None:
        assert doctor_discord.some([str(it) for it in range(13)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more"

    def test_discord_that_says_nothing(self, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor_discord, "ANSWERS_IN", 0.2)
        fake.gateway.hold()
        try:
            with pytest.raises(Unreachable, match="did not answer within"):
                findings(online=True)
        finally:
            fake.gateway.let_in()

    def test_the_gateway_is_asked_first(self, fake: FakeDiscord, beside: Serve) -> None:
        gateway = Gateway("right")
        beside(gateway)
        with pytest.raises(NotAllowed):
            findings(online=True, gateway=gateway.url, key="wrong")
        assert not fake.rest.calls
        found = findings(online=True, gateway=gateway.url, server={"key": "right"})
        assert [it.grade for it in found] == ["ok", "ok"]
