"""The work of a verb with an open store."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.cli.session import with_store
from pointsman.config.load import load
from pointsman.core.correction import Correction
from pointsman.core.errors import StoreError
from pointsman.engine.decisionlog import DecisionLog


def test_the_store_is_open_for_the_work_and_closed_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTSMAN_STORE", str(tmp_path / "d.db"))
    config = load().config
    seen: list[DecisionLog] = []

    async def learn(store: DecisionLog) -> str:
        seen.append(store)
        return (await store.learn(Correction("", "hm", "general_chat"))).id

    async def stumble(store: DecisionLog) -> None:
        seen.append(store)
        raise LookupError

    async def again(store: DecisionLog) -> None:
        del store
        await seen.pop().corrections()

    assert with_store(config, learn) == "k1"
    with pytest.raises(LookupError):
        with_store(config, stumble)
    for _ in range(2):
        with pytest.raises(StoreError, match="closed"):
            with_store(config, again)
