"""Lines as they are written: parsed, whole, with their request, and without what is not to be seen."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput, StoreError
from pointsman.observe.logs import OWN, set_up, stamp
from pointsman.observe.privacy import LONGEST, Privacy
from pointsman.observe.request import CURRENT, Request
from pointsman.observe.requestlines import LINE, Line, write

logger = logging.getLogger("pointsman.tests")
TEXT = "the words that somebody said"


@contextmanager
def written(
    shape: Any = "json", level: str = "info", privacy: Privacy | None = None
) -> Iterator[Callable[[], list[str]]]:
    """The lines that are written inside; to be asked for when it is over."""
    stream = io.StringIO()
    end = set_up(shape, level, privacy or Privacy(known=["open sesame"]), stream)
    try:
        yield lambda: stream.getvalue().splitlines()
    finally:
        end()


def raised(error: Exception) -> None:
    raise error


def fail(error: Exception) -> None:
    try:
        raised(error)
    except Exception:
        logger.exception("it failed")


def test_json_lines_have_who_when_what_and_the_fields() -> None:
    with written() as lines:
        logger.info("request", extra={"status": 200, "ms": 1.5, "category": "general_chat"})
    (line,) = map(json.loads, lines())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "pointsman.tests",
        "status": 200,
        "ms": 1.5,
        "category": "general_chat",
    }


def test_every_line_of_a_request_has_its_id_and_no_line_after_it() -> None:
    request = Request("abc")
    with written() as lines:
        token = CURRENT.set(request)
        logger.warning("inside")
        request.over = True
        logger.warning("after")
        CURRENT.reset(token)
        logger.warning("outside")
    assert [json.loads(it).get("request_id") for it in lines()] == ["abc", None, None]


@pytest.mark.parametrize("shape", ["json", "text"])
def test_nobody_begins_a_line_of_their_own(shape: str) -> None:
    with written(shape) as lines:
        logger.info('sent\n2026-01-01 error fake: line\r\x1b[2J "quoted"', extra={"path": "/a\nb\u2028c"})
    (line,) = lines()
    assert "\x1b" not in line
    assert "fake" in line


def test_an_exception_is_a_field_of_one_line() -> None:
    with written() as lines:
        fail(StoreError("the disk is full", cure="make room"))
    (line,) = map(json.loads, lines())
    assert line["event"] == "it failed"
    assert "test_logs.py" in line["exception"]
    assert "StoreError: the disk is full" in line["exception"]


def test_in_text_it_stands_below_and_indented() -> None:
    with written("text") as lines:
        fail(StoreError("the disk is full"))
    first, *below = lines()
    assert "error   pointsman.tests: it failed" in first
    assert all(it.startswith("    ") for it in below)


@pytest.mark.parametrize("error", [ValueError(TEXT), KeyError(TEXT), InvalidInput(TEXT)])
def test_an_error_that_may_quote_a_message_says_only_where_it_was(error: Exception) -> None:
    with written() as lines:
        fail(error)
    (line,) = lines()
    assert TEXT not in line
    assert "observe.text: full" in line
    with written(privacy=Privacy("full")) as lines:
        fail(error)
    assert TEXT in lines()[0]


def test_so_do_its_causes() -> None:
    with written() as lines:
        try:
            try:
                raised(ValueError(TEXT))
            except ValueError as error:
                raise StoreError("it cannot be kept") from error
        except StoreError:
            logger.exception("it failed")
    (line,) = lines()
    assert TEXT not in line
    assert "it cannot be kept" in line
    assert "ValueError" in line


@pytest.mark.parametrize("shape", ["json", "text"])
def test_secrets_are_hidden_in_lines_fields_and_exceptions(shape: str) -> None:
    with written(shape) as lines:
        logger.warning("asked with %s", "Bearer 8f3kd02kfl39dk20fkd93kf0", extra={"url": "http://a:hunter22@b/"})
        fail(OSError("open sesame does not fit gsk_9aZk3LmQ8rT2vX7yB1cD"))
    text = "\n".join(lines())
    for secret in ("8f3kd02kfl39dk20fkd93kf0", "hunter22", "open sesame", "gsk_9aZk3LmQ8rT2vX7yB1cD"):
        assert secret not in text


def test_levels_hold_for_us_and_libraries_are_heard_from_warnings_on() -> None:
    with written(level="error") as lines:
        logger.warning("ours, below")
        logger.error("ours")
        logging.getLogger("somebody.else").info("theirs, below")
        logging.getLogger("somebody.else").warning("theirs")
    assert [json.loads(it)["event"] for it in lines()] == ["ours", "theirs"]


def test_afterwards_everything_is_as_before() -> None:
    root, ours = logging.getLogger(), logging.getLogger("pointsman")
    before = root.level, ours.level, list(root.handlers)
    with written():
        pass
    assert (root.level, ours.level, list(root.handlers)) == before


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            "a b",
            'a "b"',
            "a\nb",
            "\x1b[2J",
            "\ud800",
            "open sesame",
            "http://a:hunter22@b/",
            "x" * (LONGEST + 1),
        ]
    ),
)
OWN_VALUES = st.one_of(st.none(), st.integers(), st.sampled_from(["", "fast", "a b", "general_chat"]))
FIELDS = st.permutations(
    ["method", "decision", "category", "tier", "code", "path", "surface", "text", "status", "model", "ms", "other"]
).flatmap(lambda names: st.fixed_dictionaries({}, optional={it: OWN_VALUES if it in OWN else VALUES for it in names}))


@pytest.mark.parametrize("shape", ["json", "text"])
@pytest.mark.parametrize("request_id", ["abc", None])
@given(fields=FIELDS)
def test_the_line_of_a_request_is_what_any_line_with_its_fields_is(
    shape: str, request_id: str | None, fields: dict[str, Any]
) -> None:
    requests = logging.getLogger("pointsman.requests")
    with written(shape) as lines:
        token = CURRENT.set(Request(request_id) if request_id else None)
        write(logging.WARNING, fields)
        requests.warning(LINE, extra=fields)
        CURRENT.reset(token)
    ours, any_line = (it.replace(when_of(it, shape), "", 1) for it in lines())
    assert ours == any_line


def when_of(line: str, shape: str) -> str:
    """The time in a line."""
    return str(json.loads(line)["timestamp"]) if shape == "json" else line.split(" ", 1)[0]


@given(st.floats(0, 4e9), st.integers(0, 7))
def test_its_time_is_the_one_at_which_it_was_written_down(at: float, digits: int) -> None:
    for it in (at, round(at, digits)):
        assert stamp(it) == f"{datetime.fromtimestamp(it, UTC).replace(tzinfo=None).isoformat()}Z"


def test_a_line_that_is_formatted_late_is_its_own_requests_all_the_same() -> None:
    request = Request("abc")
    with written() as lines:
        token = CURRENT.set(request)
        write(logging.INFO, {"status": 200})
        request.over = True
        CURRENT.reset(token)
    (line,) = map(json.loads, lines())
    assert (line["request_id"], line["status"]) == ("abc", 200)


def test_other_handlers_see_a_request_as_an_ordinary_record() -> None:
    line = Line(logging.INFO, {"status": 200})
    assert logging.Formatter("%(levelname)s %(name)s: %(message)s %(status)s").format(line) == (
        "INFO pointsman.requests: request 200"
    )
    assert abs(line.created - datetime.now(UTC).timestamp()) < 60
