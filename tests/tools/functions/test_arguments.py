"""What models write as arguments, and what functions get of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field

from pointsman.core.errors import ConfigError, ToolFailed
from pointsman.core.tool import Occasion
from pointsman.tools.functions.arguments import Arguments, arguments_of


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: int
    y: int = 0


class Thing:
    pass


def even(number: int) -> int:
    if number % 2:
        raise ValueError("should be even")
    return {0: 0}[number]


class Guest(BaseModel):
    name: str
    beside: Guest | None = None


def of(function: Callable[..., Any]) -> Arguments:
    return arguments_of(function, function.__name__)


def taken(function: Callable[..., Any], /, **arguments: Any) -> Any:
    """What the function is called with, in effect."""
    positional, named = of(function).read(arguments)
    return function(*positional, **named)


def problem(function: Callable[..., Any], arguments: Any) -> str:
    with pytest.raises(ToolFailed) as caught:
        of(function).read(arguments)
    assert caught.value.cure
    return caught.value.message


def wide(  # noqa: PLR0917
    count: Annotated[int, Field(ge=1, le=9, description="how many")],
    colour: Colour,
    size: Literal["small", "large"] = "small",
    day: date | None = None,
    at: Point | None = None,
    tags: list[str] = [],  # noqa: B006 - a default as careless authors write it
    more: dict[str, float] | None = None,
    copy: bool = False,  # noqa: FBT002
    schema: str = "",
) -> tuple[Any, ...]:
    return (count, colour, size, day, at, tags, more, copy, schema)


class TestSchemas:
    def test_types(self) -> None:
        schema = of(wide).schema()
        point = {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "y": {"type": "integer", "default": 0}},
            "required": ["x"],
            "additionalProperties": False,
        }
        assert schema["properties"] == {
            "count": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how many"},
            "colour": {"type": "string", "enum": ["red", "blue"]},
            "size": {"type": "string", "enum": ["small", "large"], "default": "small"},
            "day": {"type": "string", "format": "date"},
            "at": point,
            "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            "more": {"type": "object", "additionalProperties": {"type": "number"}},
            "copy": {"type": "boolean", "default": False},
            "schema": {"type": "string", "default": ""},
        }
        assert schema["required"] == ["count", "colour"]

    def test_a_type_that_holds_itself_ends_somewhere(self) -> None:
        def invite(guest: Guest) -> str:
            return guest.name

        (guest,) = of(invite).schema()["properties"].values()
        assert guest["properties"]["name"] == {"type": "string"}
        assert "$ref" not in json.dumps(guest)
        assert taken(invite, guest={"name": "a", "beside": {"name": "b", "beside": {"name": "c"}}}) == "a"

    def test_defaults_that_json_cannot_write_are_the_function_s_business(self) -> None:
        nothing = object()

        def find(what: str, otherwise: Any = nothing) -> Any:  # noqa: ARG001
            return otherwise

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert of(find).schema()["properties"] == {"what": {"type": "string"}, "otherwise": {}}
        assert taken(find, what="x") is nothing

    def test_an_unannotated_parameter_takes_anything(self) -> None:
        def show(what) -> Any:  # type: ignore[no-untyped-def]  # noqa: ANN001
            return what

        assert of(show).schema()["properties"] == {"what": {}}
        assert taken(show, what=[1, "a"]) == [1, "a"]


class TestConversion:
    def test_what_models_nearly_write_right(self) -> None:
        got = taken(wide, count="3", colour="red", day="2026-03-01", at={"x": 1}, more={"a": 1}, copy="true", schema=5)
        assert got == (3, Colour.RED, "small", date(2026, 3, 1), Point(1), [], {"a": 1.0}, True, "5")

    def test_null_stands_for_a_default(self) -> None:
        assert taken(wide, count=1, colour="blue", size=None, tags=None)[2:6] == ("small", None, None, [])
        assert "colour should be" in problem(wide, {"count": 1, "colour": None}) or "colour is missing" in problem(
            wide, {"count": 1, "colour": None}
        )

    def test_positional_only_and_keyword_only(self) -> None:
        def odd(a: int, b: int = 2, /, c: int = 3, *, d: int = 4) -> tuple[int, ...]:
            return (a, b, c, d)

        assert taken(odd, a=1) == (1, 2, 3, 4)
        assert taken(odd, a=9, c=8, d=7) == (9, 2, 8, 7)
        assert taken(odd, a=9, b=1) == (9, 1, 3, 4)

    def test_each_wrong_field_is_named_with_what_was_given(self) -> None:
        message = problem(wide, {"count": "six", "size": "huge", "at": {"x": "left"}, "colours": 1})
        assert "count should be a valid integer, unable to parse string as an integer, not 'six'" in message
        assert "colour is missing" in message
        assert "size should be 'small' or 'large', not 'huge'" in message
        assert "at.x should be a valid integer" in message
        assert "there is no argument 'colours'" in message

    def test_a_long_value_is_not_repeated(self) -> None:
        assert len(problem(wide, {"count": "x" * 10_000, "colour": "red"})) < 200

    def test_many_mistakes_are_summed_up(self) -> None:
        assert problem(wide, {f"a{at}": 1 for at in range(40)}).endswith("and 37 more")

    @pytest.mark.parametrize("arguments", [["a"], "count=3", None, 5])
    def test_what_is_no_object(self, arguments: Any) -> None:
        assert "should be a JSON object" in problem(wide, arguments)

    def test_a_validator_of_the_author_s_own(self) -> None:
        def halve(number: Annotated[int, AfterValidator(even)]) -> int:
            return number // 2

        assert "number should be even, not 3" in problem(halve, {"number": 3})
        assert problem(halve, {"number": 2}) == "halve: the arguments cannot be used: KeyError"


class TestRefused:
    def test_stars(self) -> None:
        def many(*words: str) -> None:
            pass

        def any_of(**settings: str) -> None:
            pass

        for function, stars in ((many, r"\*words"), (any_of, r"\*\*settings")):
            with pytest.raises(ConfigError, match=stars) as caught:
                of(function)
            assert caught.value.cure

    def test_an_occasion_that_is_not_first(self) -> None:
        def late(text: str, occasion: Occasion) -> None:
            pass

        with pytest.raises(ConfigError, match="not the first parameter"):
            of(late)

    def test_types_that_json_knows_nothing_of(self) -> None:
        def use(thing: Thing) -> None:
            pass

        with pytest.raises(ConfigError, match="use: a parameter has a type that JSON knows nothing of"):
            of(use)

    def test_types_that_are_not_there(self) -> None:
        def use(thing: str) -> None:
            pass

        use.__annotations__["thing"] = "Nowhere"
        with pytest.raises(ConfigError, match="'Nowhere'"):
            of(use)


VALUES = {
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    str: st.text(st.characters(codec="utf-8")),
    date: st.dates(),
    list[int]: st.lists(st.integers(-9, 9)),
    dict[str, bool]: st.dictionaries(st.text(st.characters(codec="utf-8")), st.booleans()),
    Literal["a", "b"]: st.sampled_from(["a", "b"]),
}
NAMES = ["a", "copy", "schema", "json", "model_fields", "dict", "self_", "class_", "_hidden", "p0"]


@given(st.data())
def test_what_fits_the_schema_comes_through_unchanged(data: st.DataObject) -> None:
    kinds = data.draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(list(VALUES)), max_size=5))
    wanted = {name: data.draw(VALUES[kind]) for name, kind in kinds.items()}
    scope: dict[str, Any] = {}
    exec(f"def f({', '.join(kinds)}): return {{{', '.join(f'{it!r}: {it}' for it in kinds)}}}", scope)  # noqa: S102
    function = scope["f"]
    function.__annotations__ = dict(kinds)
    written = json.loads(json.dumps(wanted, default=str))
    assert taken(function, **written) == wanted
    schema = of(function).schema()
    assert set(schema["properties"]) == set(schema.get("required", [])) == set(kinds)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)
    )
)
def test_whatever_a_model_writes_is_taken_or_refused_in_words(junk: Any) -> None:
    for arguments in (junk, {"count": junk}, {"count": 1, "colour": junk, "at": junk, "more": junk}):
        assert 0 < len(outcome(arguments)) < 1500


def outcome(arguments: Any) -> str:
    try:
        WIDE.read(arguments)
    except ToolFailed as error:
        return error.message
    return "taken"


WIDE = of(wide)
