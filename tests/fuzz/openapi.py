"""Asks the gateway whatever its OpenAPI document allows, and much that it does not, and holds it to every answer.

    python -m tests.fuzz.openapi [--calls 5000] [--seed 1]

No answer is a mistake of the gateway (500), and each has a status, a media type and a shape that the document names.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import hypothesis
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.fuzz.house import MODELS, Fuzzed, running

CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What may be answered though it is a 5xx: a service is not there, or cannot do it; each is an error with its cure.
ABSENT: Final = frozenset({501, 502, 503})
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Found:
    """What was answered, by operation and status, and what is wrong."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many calls there were."""
        return self.answers.total()

    def statuses(self, label: str = "") -> str:
        """How often there was which status, at one operation or at all."""
        counted: Counter[int] = Counter()
        for (at, status), count in self.answers.items():
            counted[status] += count if label in {"", at} else 0
        return ", ".join(f"{count} x {status}" for status, count in sorted(counted.items()) if count)


def aimed(document: Mapping[str, Any], decision: str) -> dict[str, Any]:
    """The document with names that are known here, as few made-up ones would get past them."""
    whole = deepcopy(dict(document))
    for path, methods in whole["paths"].items():
        for told in methods.values():
            for body in told.get("requestBody", {}).get("content", {}).values():
                fields = body["schema"].get("properties", {})
                if "model" in fields:
                    fields["model"] = {"enum": list(MODELS)}
                if "category" in fields:
                    fields["category"] = {"enum": ["general_chat", "image_generation", "nothing_like_it"]}
            for parameter in told.get("parameters", ()):
                named = {"decision_id": [decision], "name": list(MODELS), "owner": ["discord:1"]}
                known = named.get(parameter["name"])
                if known and "/pictures/" not in path:
                    parameter["schema"] = {"enum": [*known, "nobody-has-this"]}
    return whole


def fuzzed(house: Fuzzed, calls: int, seed: int) -> Found:
    """What is found with at least so many calls."""
    found = Found()
    schema = schemathesis.openapi.from_dict(aimed(house.document, house.decision))
    everything: Any = schema.get_all_operations()
    operations = [it.ok() for it in everything]
    operations.sort(key=lambda it: len(it.body))  # those without a body have less to vary; the rest makes up for it
    for place, operation in enumerate(operations):
        for number, mode in enumerate(MODES):
            most = math.ceil((calls - found.total) / (2 * (len(operations) - place) - number))
            ask(house, operation, found, mode=mode, most=max(1, most), seed=seed)
    return found


def ask(house: Fuzzed, operation: Any, found: Found, *, mode: GenerationMode, most: int, seed: int) -> None:
    """Asks one operation so many times, with what its document allows, or with what it does not."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Any) -> None:
        failed = house.failed_behind()
        response = case.call(base_url=house.url, timeout=60)
        found.answers[operation.label, response.status_code] += 1
        try:
            if response.status_code not in ABSENT and house.failed_behind() == failed:
                case.validate_response(response, checks=[*CHECKS, not_a_server_error])
            else:
                case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for fault in group.exceptions:
                key = f"{operation.label}: {response.status_code}: {fault.title}"
                found.faults.setdefault(key, f"{fault}\n{case.as_curl_command()}\n{response.text[:600]}")

    with suppress(Unsatisfiable):  # nothing can be wrong about a request without a body
        once()


def lines(found: Found, seconds: float) -> Iterator[str]:
    """What is told at the end."""
    labels = sorted({label for label, _ in found.answers})
    yield from (f"  {label}: {found.statuses(label)}" for label in labels)
    yield f"{found.total} calls to {len(labels)} operations in {seconds:.0f} s: {found.statuses()}"
    yield from (f"FAULT {title}\n{told}\n" for title, told in found.faults.items())
    yield f"{len(found.faults)} faults"


def main() -> int:
    """Tells what was found; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as house:
        found = fuzzed(house, options.calls, options.seed)
    sys.stdout.writelines(f"{line}\n" for line in lines(found, time.monotonic() - began))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
