"""Compares what came back field by field, and knows the few fields that may differ, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.clients.running import Results

NOTHING: Final = "<nothing>"
PLACE: Final = re.compile(r"\.\d+")
LISTS: Final = ("data", "models")  # of models: in which order they come is nobody's promise
OWN: Final = frozenset({"auto", "auto:latest"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """Fields that may differ in the answers to some calls; `told` stands in the document where users read of it.

    `server` is the kind of server behind, any where it is empty.
    """

    reason: str
    calls: str
    fields: str
    document: str
    told: str
    server: str = ""

    def covers(self, call: str, path: str, server: str) -> bool:
        """Whether it is about this field of this call; places in lists are stars."""
        here = self.server in {"", server}
        return bool(here and re.fullmatch(self.calls, call) and re.fullmatch(self.fields, path))


UNKNOWN: Final = r"(unknown model|no model|vector of no model)(, streamed)?"
HEADLESS: Final = r"no body|no json|no model named.*|wrong method"
ERROR: Final = r"failed\.(body\.)?(message|code|type|param)|failed\.body"
ALLOWED: Final = (
    Allowed(
        "an id is another one each time, here as there",
        ".*",
        r"said\.(\*\.)?id",
        "docs/openai.md",
        "the `id` of an answer is another one each time",
    ),
    Allowed(
        "no server is asked for a model that none has",
        UNKNOWN,
        ERROR,
        "docs/openai.md",
        "`model_not_found`, and says what can be asked for",
    ),
    Allowed(
        "a server's models are listed as the configuration names them, without asking it",
        "models|a model",
        r"said\.(data\.\*\.)?(created|owned_by)",
        "docs/openai.md",
        "`owned_by` is `pointsman`",
        "server",
    ),
    Allowed(
        "what names no model reaches no server, so that Pointsman words the refusal",
        HEADLESS,
        r"said\.(type|body(\.error)?)",
        "docs/ollama.md",
        "A request that names no model",
        "ollama",
    ),
)


def differences(through: Results, direct: Results, server: str) -> Iterator[str]:
    """What is not the same though it should be, a line each."""
    assert through.keys() == direct.keys()
    for call in through:
        for path, one, other in unlike(shown(call, through[call]), shown(call, direct[call])):
            if not any(it.covers(call, path, server) for it in ALLOWED):
                yield f"{call}: {path}: {brief(one)} in place of {brief(other)}"


def unlike(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two answers differ; places in lists are stars."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() | other.keys():
            yield from unlike(one.get(name, NOTHING), other.get(name, NOTHING), f"{path}.{name}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for mine, theirs in zip(one, other, strict=True):
            yield from unlike(mine, theirs, f"{path}.*")
    elif one != other or type(one) is not type(other):
        yield path, one, other


def shown(call: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what is Pointsman's own in a list of models; lists of them in order, JSON read."""
    said = answer.get("said")
    if not isinstance(said, dict):
        return answer
    for name in LISTS:
        rows = said.get(name)
        if isinstance(rows, list) and "vector" not in call:
            kept = [row for row in rows if name_of(row) not in OWN]
            return {**answer, "said": {**said, name: sorted(kept, key=name_of)}}
    if isinstance(body := said.get("body"), str) and body.startswith("{"):
        return {**answer, "said": {**said, "body": json.loads(body)}}
    return answer


def name_of(row: dict[str, Any]) -> str:
    """What a model is called in a list."""
    return str(row.get("id") or row.get("model"))


def brief(value: Any) -> str:
    """A value in a line."""
    return repr(value)[:300]
