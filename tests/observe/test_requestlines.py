from __future__ import annotations

import logging
from typing import Any

import pytest
from tests.observe.happenings import decided, ended, everything, made, message

from pointsman.core.happening import Relayed
from pointsman.core.reply import Failed
from pointsman.observe.privacy import Privacy
from pointsman.observe.request import CURRENT, Request
from pointsman.observe.requestlines import RequestLines

TOLD = ("decision", "surface", "category", "tier", "text", "model", "status", "code", "ms", "prompt_tokens")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> RequestLines:
    caplog.set_level(logging.INFO, "pointsman.requests")
    return RequestLines(Privacy("hash", salt=b"salt"))


def written(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [{name: getattr(it, name) for name in TOLD if hasattr(it, name)} for it in caplog.records]


def test_a_reply_is_one_line(lines: RequestLines, caplog: pytest.LogCaptureFixture) -> None:
    lines(made())
    lines(ended())
    (line,) = written(caplog)
    assert line == {
        "decision": "d1",
        "surface": "http",
        "category": "general_chat",
        "tier": "neighbours",
        "text": Privacy(salt=b"salt").shown("tell me of the sea"),
        "model": "main",
        "status": 200,
        "ms": 2500.0,
        "prompt_tokens": 11,
    }


def test_so_are_a_decision_alone_and_a_request_that_is_passed_on(
    lines: RequestLines, caplog: pytest.LogCaptureFixture
) -> None:
    lines(made(only=True))
    lines(Relayed("main", "/api/chat", 503, 0.25, code="unreachable"))
    decision, relayed = written(caplog)
    assert (decision["decision"], decision["ms"]) == ("d1", 4.0)
    assert relayed == {"model": "main", "status": 503, "code": "unreachable", "ms": 250.0}


def test_what_broke_off_has_its_code(lines: RequestLines, caplog: pytest.LogCaptureFixture) -> None:
    lines(ended(Failed("the words of an error", code="no_room", http_status=503)))
    (line,) = written(caplog)
    assert (line["code"], line["status"]) == ("no_room", 503)
    assert "the words" not in caplog.text


def test_a_request_of_the_gateway_is_told_and_writes_its_own_line(
    lines: RequestLines, caplog: pytest.LogCaptureFixture
) -> None:
    request = Request("r1")
    token = CURRENT.set(request)
    lines(made())
    lines(ended())
    CURRENT.reset(token)
    assert not caplog.records
    assert (request.told["decision"], request.told["model"]) == ("d1", "main")


def test_work_that_outlives_its_request_is_not_told_to_it(
    lines: RequestLines, caplog: pytest.LogCaptureFixture
) -> None:
    request = Request("r1", over=True)
    token = CURRENT.set(request)
    lines(made(only=True))
    CURRENT.reset(token)
    assert not request.told
    assert len(caplog.records) == 1


@pytest.mark.parametrize(("level", "shown"), [("none", None), ("full", "tell me of the sea")])
def test_texts_are_shown_as_the_level_has_it(level: Any, shown: str | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "pointsman.requests")
    RequestLines(Privacy(level))(made(said=message(), only=True))
    (line,) = written(caplog)
    assert line.get("text") == shown


def test_of_two_replies_of_one_request_the_line_is_the_last_ones(lines: RequestLines) -> None:
    request = Request("r1")
    token = CURRENT.set(request)
    lines(made(decided("d1"), message("one")))
    lines(made(decided("d2"), message("another")))
    lines(ended(said=message("one"), decision=decided("d1")))
    CURRENT.reset(token)
    assert (request.told["decision"], request.told["text"]) == ("d1", Privacy(salt=b"salt").shown("one"))


def test_what_is_not_heard_says_nothing(lines: RequestLines, caplog: pytest.LogCaptureFixture) -> None:
    request = Request("r1")
    token = CURRENT.set(request)
    for it in everything():
        if type(it) not in lines.hears:
            lines(it)
    CURRENT.reset(token)
    assert not request.told
    assert not caplog.records
