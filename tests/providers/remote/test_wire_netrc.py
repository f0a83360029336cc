"""A .netrc is for other programs: no password of it is sent, and none stands in the way of a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pointsman.providers.remote.wire import Request, Wire
from pointsman.testing.clouds import FakeOpenAi


@pytest.fixture
async def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeOpenAi]:
    """What stands in for an address that is not on this machine."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with FakeOpenAi(key="sk-test") as fake:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, fake.url.partition("/v1")[0])
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield fake


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer sk-test"}, {}], ids=["with a key", "without"])
async def test_a_netrc_is_not_read(proxy: FakeOpenAi, headers: dict[str, str]) -> None:
    wire = Wire("lan")
    reply = await wire.send(Request("GET", "http://models.example/v1/models", headers), 2.0)
    await wire.close()
    assert reply.status in {200, 401}
    (asked,) = proxy.requests
    assert asked.headers.get("authorization", "") == headers.get("Authorization", "")
