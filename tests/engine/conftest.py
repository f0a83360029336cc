"""Two models that every test of leasing has."""

from __future__ import annotations

import pytest

from pointsman.testing.scripted_model import ScriptedModel


@pytest.fixture
def big() -> ScriptedModel:
    return ScriptedModel(["I am big"], name="big")


@pytest.fixture
def small() -> ScriptedModel:
    return ScriptedModel(["I am small"], name="small", note="It is small.")
