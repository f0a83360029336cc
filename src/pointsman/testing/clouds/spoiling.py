"""Troubles that only change what is sent, not how."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from pointsman.testing.clouds.asked import HTML, JSON, Answer, Asked
from pointsman.testing.clouds.buckets import go_duration
from pointsman.testing.clouds.faults import PAGE, Trouble

ELSEWHERE = "/elsewhere"
"""Where redirects lead."""

NANOS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}


def spoilt(answer: Answer, trouble: Trouble, asked: Asked) -> Answer:
    """The answer as the trouble leaves it."""
    plain = replace(answer, events=())
    match trouble.kind:
        case "truncated":
            return replace(plain, body=answer.data[: len(answer.data) // 2])
        case "html":
            return Answer(PAGE, kind=HTML)
        case "html_as_json":
            return Answer(PAGE, kind=JSON)
        case "json_as_text":
            return replace(plain, kind="text/plain; charset=utf-8")
        case "empty":
            return replace(plain, body=None, status=200)
        case "null":
            return replace(plain, body=b"null", status=200)
        case "deep":
            return replace(plain, body=b"[" * trouble.amount + b"]" * trouble.amount, status=200)
        case "redirect":
            return Answer(status=trouble.status, headers={"location": ELSEWHERE + asked.path}, kind=HTML)
        case "clock_skew":
            return skewed(answer, trouble.pause, asked.at)
    return answer


def skewed(answer: Answer, seconds: float, now: float) -> Answer:
    """The answer of a server whose clock is so many seconds off: its date, and when limits are reset."""
    headers = {name: moved(name, value, seconds, now) for name, value in answer.headers.items()}
    body = answer.body
    if isinstance(body, dict | list):
        body = json.loads(re.sub(r"(?<=\"X-RateLimit-Reset\": \")\d+", later_by(seconds), json.dumps(body)))
    return replace(answer, body=body, headers={**headers, "date": formatdate(now + seconds, usegmt=True)})


def later_by(seconds: float) -> Any:
    """Moves a matched time in milliseconds."""
    return lambda match: str(int(match[0]) + round(seconds * 1000))


def moved(name: str, value: str, seconds: float, now: float) -> str:
    """A header that tells a time, so many seconds off; others as they are."""
    if name == "retry-after":
        return formatdate(now + seconds + float(value), usegmt=True)
    if name.startswith("x-ratelimit-reset-"):
        return go_duration(max(0.0, seconds_of(value) + seconds))
    if name == "ratelimit":
        return re.sub(r"(?<=;t=)\d+", lambda match: str(max(0, int(match[0]) + round(seconds))), value)
    return value


def seconds_of(duration: str) -> float:
    """The seconds of a duration as Go writes it."""
    return sum(float(number) * NANOS[unit] for number, unit in re.findall(r"([\d.]+)(ms|µs|us|ns|h|m|s)", duration))


def headers_of(answer: Answer, now: float, name: str) -> Mapping[str, str]:
    """All headers of an answer but its length: the service's name and its date too."""
    kind = {"content-type": answer.kind} if answer.kind else {}
    return {"date": formatdate(now, usegmt=True), "server": name, **kind, **answer.headers}


@lru_cache(maxsize=4)
def bomb(size: int) -> bytes:
    """White space and the JSON null, packed with gzip: about a thousandth of its size."""
    import gzip

    return gzip.compress(b" " * size + b"null", compresslevel=9)
