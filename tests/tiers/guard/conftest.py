"""The shipped weights, for guards over the shipped categories' names."""

from __future__ import annotations

import pytest

from pointsman.providers.encoders import models_folder
from pointsman.tiers.guard.guard import Guard
from pointsman.tiers.guard.head import GUARD_FILE, GuardHead

NAMES = (
    "image_generation", "simple_greeting", "simple_farewell", "simple_thanks", "general_chat", "knowledge_question",
    "reasoning", "web_search", "memory_operation", "code_execution",
)  # fmt: skip


@pytest.fixture(scope="session")
def head() -> GuardHead:
    return GuardHead.read(models_folder() / GUARD_FILE)


@pytest.fixture(scope="session")
def guard(head: GuardHead) -> Guard:
    return Guard(head, NAMES, 0.5)
