"""The twelve invariants under everything that can happen at random; `python -m tests.gpu.long` runs it for longer."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from tests.gpu.machine import CardMachine

TestInvariants = CardMachine.TestCase
TestInvariants.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
