"""The gateway's section: keys, limits, pages and addresses, and what is wrong with them, without a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pointsman.config.load import load
from pointsman.config.server import Allowance, Server, amount_in
from pointsman.config.show import leaves, plain
from pointsman.core.errors import ConfigError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what needs a key


def refused(text: str, tmp_path: Path, **environ: str) -> ConfigError:
    file = tmp_path / "pointsman.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, environ=environ, start=tmp_path)
    return caught.value


def test_by_default_it_is_for_this_machine_and_without_limits() -> None:
    server = Server()
    assert (server.host, server.key, dict(server.keys), server.origins) == ("127.0.0.1", None, {}, ())
    assert server.limits == Allowance()
    assert (server.body_timeout, server.picture_ttl, server.drain, server.public_url) == (30, 3600, 20, None)


def test_a_key_has_a_name_scopes_and_limits() -> None:
    limits = {"messages": ["60/1m", "1000/d"], "pictures": "6 / 1h", "tokens": "200000/1d", "at_once": 4}
    phone = Server.model_validate({"keys": {"phone": {"key": "k", "limits": limits}}}).keys["phone"]
    assert phone.scopes == ("use",)
    assert phone.limits == Allowance(
        messages=("60/1m", "1000/d"), pictures=("6 / 1h",), tokens=("200000/1d",), at_once=4
    )


@pytest.mark.parametrize(
    ("rate", "amount"),
    [
        ("60/1m", (60, 60)),
        ("6/h", (6, 3600)),
        ("1/1.5s", (1, 1.5)),
        (" 200000 / 1 d ", (200_000, 86_400)),
        ("5/2w", (5, 1_209_600)),
    ],
)
def test_rates_are_read(rate: str, amount: tuple[int, float]) -> None:
    assert amount_in(rate) == amount
    assert Allowance.model_validate({"messages": rate}).messages == (rate,)


@pytest.mark.parametrize(
    "rate", ["60", "0/1m", "-1/1m", "60/", "/1m", "60/1y", "1.5/1m", "60/0s", "60/0.1s", "60/400d", 60, "60/1m/1h"]
)
def test_what_is_no_rate_is_refused(rate: object) -> None:
    with pytest.raises(ValidationError):
        Allowance.model_validate({"messages": rate})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keys:\n    main: {key: a}\n  key: b\n", "pointsman.yaml:2: server.keys: may not name a key main"),
        ("keys:\n    a: {key: hunter2}\n    b: {key: hunter2}\n", "yaml:2: server.keys: two names have the same key"),
        ("key: hunter2\n  keys:\n    a: {key: hunter2}\n", "yaml:3: server.keys: two names have the same key"),
        ('keys:\n    a: {key: "${HUNTER:-}"}\n', "pointsman.yaml:3: server.keys.a.key: the key is empty"),
        ("keys:\n    a: {key: hunter2 hunter2}\n", "pointsman.yaml:3: server.keys.a.key: should be printable ASCII"),
        ("keys:\n    A: {key: hunter2}\n", "pointsman.yaml:3: server.keys.A: this key should match"),
        ("keys:\n    a: {key: hunter2, scopes: []}\n", "pointsman.yaml:3: server.keys.a.scopes: "),
        ("keys:\n    a: {key: hunter2, scopes: [root]}\n", "pointsman.yaml:3: server.keys.a.scopes.0: "),
        ("keys:\n    a: {scopes: [use]}\n", "pointsman.yaml:3: server.keys.a.key: is missing"),
        ("limits: {messages: many}\n", "pointsman.yaml:2: server.limits.messages"),
        ('origins: ["*"]\n', "pointsman.yaml:2: server.origins: every page that somebody here looks at could call"),
        ("origins: [chat.example.org]\n", "pointsman.yaml:2: server.origins: should be scheme, host and port only"),
        ("origins: [https://chat.example.org/]\n", "pointsman.yaml:2: server.origins: should be scheme"),
        ("public_url: chat.example.org\n", "pointsman.yaml:2: server.public_url: should be an address"),
        ("public_url: https://me:hunter2@a.example\n", "pointsman.yaml:2: server.public_url: should be an address"),
        ("body_timeout: 0\n", "pointsman.yaml:2: server.body_timeout: should be greater than 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_without_the_key(tmp_path: Path, text: str, said: str) -> None:
    error = refused(f"server:\n  {text}", tmp_path)
    assert said in error.message
    assert "hunter2" not in str(error)


def test_other_machines_need_one_key_of_any_name(tmp_path: Path) -> None:
    assert "so it needs a key" in refused(f"server:\n  host: {EVERYWHERE}\n", tmp_path).message
    phone: dict[str, Any] = {"keys": {"phone": {"key": "k"}}}
    assert Server.model_validate({"host": EVERYWHERE, **phone}).host == EVERYWHERE
    assert Server.model_validate({"origins": ["*"], **phone}).origins == ("*",)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://a.example/", "https://a.example"),
        ("http://10.0.0.2:81/pointsman", "http://10.0.0.2:81/pointsman"),
        (None, None),
    ],
)
def test_an_address_ends_without_a_slash(given: str | None, kept: str | None) -> None:
    assert Server(public_url=given).public_url == kept


def test_pages_are_kept_as_browsers_write_them() -> None:
    assert Server(origins=("HTTPS://Chat.Example.org:444",)).origins == ("https://chat.example.org:444",)


def test_no_key_is_ever_shown(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.yaml"
    file.write_text("server:\n  key: ${MINE}\n  keys:\n    phone: {key: hunter2, scopes: [use, read]}\n")
    loaded = load(file, environ={"MINE": "hunter3"}, start=tmp_path)
    values = {key: value for key, (_, value) in leaves(loaded.config).items()}
    assert (values["server.key"], values["server.keys.phone.key"]) == ("***", "***")
    for shown in (values, plain(loaded.config), loaded.origins, repr(loaded.config), str(loaded)):
        assert "hunter" not in str(shown).replace("key: hunter2, scopes", "")
