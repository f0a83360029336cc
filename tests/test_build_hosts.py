"""Servers on several computers: whose card is measured by whom, and where a model may go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pointsman.build.hosts import devices_for, hosts_of, open_cards
from pointsman.build.ownership import Ownership
from pointsman.config.model import Config

HERE, BOX = "http://127.0.0.1:11434", "http://box:11434"


def config(main: str, small: str = "", **more: Any) -> Config:
    models = {"main": {"provider": "ollama", "model": "a", "url": main}}
    if small:
        models["small"] = {"provider": "ollama", "model": "b", "url": small}
    return Config.model_validate({"models": models, **more})


def test_one_computer_needs_no_names() -> None:
    made = config(HERE)
    assert hosts_of(made) == ("",)
    assert devices_for(made, HERE) == ()


def test_nothing_that_needs_a_card_is_on_this_computer() -> None:
    assert hosts_of(Config()) == ("",)


def test_a_comfyui_that_was_only_looked_for_here_is_no_second_computer() -> None:
    assert hosts_of(config(BOX)) == ("box",)


@pytest.mark.parametrize(("url", "first"), [(HERE, "gpu0"), (BOX, "box/gpu0")])
def test_a_model_goes_on_a_card_of_its_own_computer(url: str, first: str) -> None:
    made = config(HERE, BOX)
    assert hosts_of(made) == ("", "box")
    assert devices_for(made, url)[0] == first
    assert all(("/" in device) == (url == BOX) for device in devices_for(made, url))


async def test_each_computer_has_its_own_cards() -> None:
    made = config(
        HERE, BOX, gpu={"probe": "static", "devices": {"gpu0": {"budget": "24GB"}, "box/gpu0": {"budget": "16GB"}}}
    )
    probe = open_cards(made)
    assert {it.device: it.total for it in await probe.sample()} == {
        "gpu0": 24_000_000_000,
        "box/gpu0": 16_000_000_000,
    }
    await probe.close()


async def test_a_computer_of_which_nothing_is_known_says_so() -> None:
    probe = open_cards(config(HERE, BOX, gpu={"devices": {"gpu0": {"budget": "24GB"}}}))
    assert "box/gpu0" not in {it.device for it in await probe.sample()}
    assert probe.trouble is not None
    assert "budget" in f"{probe.trouble.what} {probe.trouble.cure}"
    await probe.close()


async def test_everything_on_one_other_computer_keeps_plain_names() -> None:
    probe = open_cards(config(BOX, gpu={"probe": "static", "budget": "16GB"}))
    assert [it.device for it in await probe.sample()] == ["gpu0"]
    await probe.close()


def test_one_process_owns_the_card_until_it_lets_go(tmp_path: Path) -> None:
    first, second = (Ownership(tmp_path / "new" / "x.card") for _ in range(2))
    assert first.taken()
    assert first.taken()
    assert not second.taken()
    first.close()
    assert second.taken()
    second.close()
