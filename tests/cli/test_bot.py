"""`pointsman bot` where it cannot start: what it says, with which cure and exit code; what it takes while it runs."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner
from tests.cli.bot_process import written
from tests.cli.test_doctor import Serve, beside

from pointsman.cli import bot as verb
from pointsman.cli import serve_bot
from pointsman.cli.main import pointsman
from pointsman.config.model import Config
from pointsman.core.errors import ConfigError, MissingExtra, NotAllowed, PointsmanError, Unreachable
from pointsman.testing.fake_discord import TOKEN, FakeDiscord

__all__ = ["beside"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POINTSMAN_STORE", str(tmp_path / "p.db"))
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.delenv("POINTSMAN_KEY", raising=False)


def refused(*words: str) -> PointsmanError:
    """The error that the verb ends with."""
    with pytest.raises(PointsmanError) as raised:
        CliRunner().invoke(pointsman, ["bot", *words], standalone_mode=False, catch_exceptions=False)
    assert raised.value.cure
    return raised.value


class Gateway:
    """Answers as a gateway does that knows one key; `asked` are the paths."""

    def __init__(self, key: str, *, admin: bool = True, status: int = 0) -> None:
        self.key, self.admin, self.status = key, admin, status
        self.asked: list[str] = []
        self.url = ""

    async def __aenter__(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return problem(401, "invalid_api_key", "the key is wrong")
        if request.path.startswith("/v1/persons") and not self.admin:
            return problem(403, "scope_missing", "the key does not open this")
        if request.path == "/v1/quota":
            return problem(500, "store_error", "the store is broken")
        return web.json_response({})


def problem(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code}}, status=status)


def test_without_a_token_it_says_where_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    error = refused()
    assert isinstance(error, ConfigError)
    assert "DISCORD_TOKEN" in error.cure
    assert "https://discord.com/developers/applications" in error.cure


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_bot, "find_spec", lambda _: None)
    error = refused()
    assert isinstance(error, MissingExtra)
    assert error.cure == "pip install 'pointsman[discord]'"


def test_a_token_that_discord_does_not_know_is_said(
    beside: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    discord = beside(FakeDiscord())
    monkeypatch.setenv("DISCORD_TOKEN", "another")
    with discord.redirected():
        error = refused("--config", written(tmp_path))
    assert (type(error), error.exit_code) == (ConfigError, 3)
    assert "does not know this token" in error.message
    assert "Reset Token" in error.cure


def test_an_intent_that_is_off_is_said(beside: Serve, tmp_path: Path) -> None:
    discord = beside(FakeDiscord(granted=()))
    with discord.redirected():
        error = refused("--config", written(tmp_path))
    assert (type(error), error.exit_code) == (ConfigError, 3)
    assert "Message Content intent is off" in error.message
    assert "switch it on" in error.cure


def test_discord_that_is_not_there_is_said(
    beside: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unused_tcp_port: int
) -> None:
    discord = beside(FakeDiscord())
    with ExitStack() as stack:
        stack.enter_context(discord.redirected())
        monkeypatch.setattr("discord.http.Route.BASE", f"http://127.0.0.1:{unused_tcp_port}/api/v10")
        error = refused("--config", written(tmp_path))
    assert (type(error), error.exit_code) == (Unreachable, 4)
    assert "Discord cannot be reached" in error.message


def test_a_gateway_that_is_not_there_is_said(unused_tcp_port: int) -> None:
    error = refused("--gateway", f"http://127.0.0.1:{unused_tcp_port}")
    assert (type(error), error.exit_code) == (Unreachable, 4)
    assert f"the gateway http://127.0.0.1:{unused_tcp_port} is not there" in error.message
    assert "pointsman serve" in error.cure


def test_a_key_that_opens_nothing_or_not_all_is_said(beside: Serve) -> None:
    gateway = Gateway("right")
    beside(gateway)
    wrong = refused("--gateway", gateway.url, "--key", "wrong")
    assert isinstance(wrong, NotAllowed)
    assert wrong.exit_code == 2
    assert wrong.cure == verb.NEEDS
    assert gateway.asked == ["/v1/known"]
    gateway.admin = False
    less = refused("--gateway", gateway.url, "--key", "right")
    assert isinstance(less, NotAllowed)
    assert "does not let the bot in" in less.message
    assert gateway.asked[1:] == ["/v1/known", "/v1/quota", "/v1/persons/discord:0"]


@pytest.mark.parametrize("where", ["flag", "variable", "file"])
def test_the_key_comes_from_a_flag_a_variable_or_the_file(
    beside: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    gateway = Gateway("right")
    beside(gateway)
    words = ["--gateway", gateway.url]
    if where == "flag":
        words += ["--key", "right"]
    elif where == "variable":
        monkeypatch.setenv("POINTSMAN_KEY", "right")
    else:
        words = ["--config", written(tmp_path, discord={"gateway": gateway.url, "key": "right"})]
    monkeypatch.setenv("DISCORD_TOKEN", "another")
    discord = beside(FakeDiscord())
    with discord.redirected():
        error = refused(*words)  # past the gateway, it is Discord that does not let it in
    assert "does not know this token" in error.message


async def test_settings_that_were_read_again_are_taken_and_a_new_token_waits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken: list[Any] = []
    made = Config.model_validate({"discord": {"token": "a"}})

    async def become(settings: Any) -> None:
        taken.append(settings)

    reloader: Any = SimpleNamespace(took=taken.append)
    bot: Any = SimpleNamespace(settings=made.discord, become=become)
    verb.follow(reloader, bot, made)
    reloader.took(made)
    assert taken == [made]
    other = Config.model_validate({"discord": {"token": "b", "footer": True}})
    reloader.took(other)
    await asyncio.sleep(0)
    assert taken[1:] == [other, other.discord]
    assert verb.ANEW in capsys.readouterr().err
