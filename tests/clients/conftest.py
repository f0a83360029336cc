"""What the JavaScript clients need is there once a run, or says why not."""

from __future__ import annotations

import pytest
from tests.clients import javascript


@pytest.fixture(scope="session")
def node() -> None:
    """The JavaScript clients; skips where they cannot be had, which is an error where all is tested."""
    why = javascript.missing()
    if why and javascript.must_run(why):
        pytest.fail(why)
    if why:
        pytest.skip(why)
