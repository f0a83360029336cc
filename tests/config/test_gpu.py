"""What can be said of the cards."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pointsman.config.gpu import Gpu
from pointsman.gpu.state import margin_of

GB = 10**9


def test_nothing_said_is_a_good_configuration() -> None:
    gpu = Gpu()
    assert (gpu.enabled, gpu.probe, gpu.budgets, gpu.pinned) == (True, "auto", {}, ())
    assert gpu.serves("gpu0")
    assert not gpu.cloud_when_full  # nothing leaves the machine because the card is full


def test_sizes_and_times_are_written_as_people_write_them() -> None:
    gpu = Gpu.model_validate({"budget": "20GB", "margin": "1GiB", "reserve": "500MB", "poll": "250ms", "patience": 5})
    assert (gpu.budget, gpu.margin, gpu.reserve, gpu.poll, gpu.patience) == (20 * GB, 2**30, 500_000_000, 0.25, 5)


def test_the_margin_is_4_percent_and_never_less_than_512_mib_unless_it_is_stated() -> None:
    assert Gpu().margin_on("gpu0", 24 * GB) == margin_of(24 * GB) == int(24 * GB * 0.04)
    assert Gpu().margin_on("gpu0", 4 * GB) == 512 * 2**20
    assert Gpu(margin=0).margin_on("gpu0", 24 * GB) == 0


def test_a_card_may_differ() -> None:
    gpu = Gpu.model_validate(
        {
            "budget": "20GB",
            "margin": "1GB",
            "reserve": "1GB",
            "devices": {"gpu0": {}, "gpu1": {"budget": "8GB", "margin": 0, "reserve": 0}, "gpu2": {"enabled": False}},
        }
    )
    assert gpu.budgets == {"gpu0": 20 * GB, "gpu1": 8 * GB}
    assert [gpu.margin_on(name, 8 * GB) for name in ("gpu0", "gpu1", "gpu7")] == [GB, 0, GB]
    assert [gpu.reserve_on(name) for name in ("gpu0", "gpu1")] == [GB, 0]
    assert [gpu.serves(name) for name in ("gpu0", "gpu2", "gpu7")] == [True, False, True]
    assert not Gpu(enabled=False).serves("gpu0")


def test_a_budget_alone_is_that_of_the_first_card() -> None:
    assert Gpu(budget=GB).budgets == {"gpu0": GB}


def test_a_static_budget_has_to_be_given() -> None:
    with pytest.raises(ValidationError) as refused:
        Gpu(probe="static")
    error = refused.value.errors()[0]
    assert error["type"] == "no_budget"
    assert "gpu.budget" in error["ctx"]["cure"]
    assert Gpu.model_validate({"probe": "static", "devices": {"gpu1": {"budget": "8GB"}}}).budgets == {"gpu1": 8 * GB}


@pytest.mark.parametrize(
    "wrong",
    [
        {"probe": "magic"},
        {"budget": 0},
        {"budget": True},
        {"margin": -1},
        {"margin": "lots"},
        {"reserve": None, "margins": 1},
        {"pinned": ["no backend"]},
        {"pinned": ["ollama:"]},
        {"pinned": ["Ollama:x"]},
        {"devices": {"cuda:0": {}}},
        {"devices": {"gpu0": {"budgets": 1}}},
        {"poll": 0},
        {"poll": "61s"},
        {"patience": "2h"},
    ],
)
def test_what_says_something_impossible_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Gpu.model_validate(wrong)


def test_pins_name_tenants_of_a_server() -> None:
    assert Gpu(pinned=("ollama:hf.co/x/y:Q4", "comfyui:z-image-turbo")).pinned[0] == "ollama:hf.co/x/y:Q4"
