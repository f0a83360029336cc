"""The official clients cannot tell Pointsman from the servers behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from tests.clients.calls import ON_OLLAMA, ON_SERVER, Call, Client
from tests.clients.comparing import ALLOWED, differences
from tests.clients.houses import KEY, House, ollama_house, server_house
from tests.clients.native_calls import NATIVE
from tests.clients.running import Results, Target, in_javascript, in_python

Language = Literal["python", "javascript"]
Pair = tuple[Results, Results]
ROOT = Path(__file__).resolve().parents[2]
LANGUAGES: Sequence[Language] = ("python", "javascript")
SAME: Sequence[tuple[str, Client, Sequence[Call], int, int]] = (
    # The server, who asks, what, how many calls there are at least, and how many of them are refused.
    ("ollama", "ollama", NATIVE, 130, 18),
    ("ollama", "openai", ON_OLLAMA, 50, 14),
    ("server", "openai", ON_SERVER, 40, 6),
)


async def asked(house: House, client: Client, calls: Sequence[Call], language: Language) -> Pair:
    """What comes back through Pointsman, and directly."""
    targets = [Target(client, url, calls, KEY) for url in (house.through, house.direct)]
    if language == "javascript":
        through, direct = await in_javascript(*targets)
        return through, direct
    return await in_python(targets[0]), await in_python(targets[1])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("server", "client", "calls", "least", "refused"), SAME)
def test_every_call_is_answered_the_same(  # noqa: PLR0917 - what pytest gives comes by name
    server: str,
    client: Client,
    calls: Sequence[Call],
    least: int,
    refused: int,
    language: Language,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    if language == "javascript":
        request.getfixturevalue("node")
    opened = ollama_house if server == "ollama" else server_house

    async def ask() -> Pair:
        async with opened(tmp_path) as house:
            return await asked(house, client, calls, language)

    through, direct = asyncio.run(ask())
    found = list(differences(through, direct, server))
    assert not found, "\n".join(found)
    assert len(direct) >= least
    assert sum("failed" in it for it in direct.values()) >= refused, "calls that servers refuse are compared, too"


def test_calls_have_names_of_their_own() -> None:
    for calls in (ON_OLLAMA, ON_SERVER, NATIVE):
        assert len({it.name for it in calls}) == len(calls)


@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda it: it.reason)
def test_what_may_differ_is_told_to_users(allowed: object) -> None:
    (found,) = [it for it in ALLOWED if it is allowed]
    assert found.told in (ROOT / found.document).read_text()


def test_a_difference_is_found() -> None:
    one: Results = {
        "chat": {"said": {"id": "a", "choices": [{"index": 0}]}},
        "no body": {"said": {"status": 400, "body": "x"}},
    }
    other: Results = {
        "chat": {"said": {"id": "b", "choices": [{"index": 1}]}},
        "no body": {"said": {"status": 404, "body": "y"}},
    }
    assert list(differences(one, other, "ollama")) == [
        "chat: said.choices.*.index: 0 in place of 1",
        "no body: said.status: 400 in place of 404",
    ]
