"""Typed values out of somebody's JSON: what no float holds is out of range, and no internal error."""

from __future__ import annotations

import math

import pytest

from pointsman.core.errors import BadField
from pointsman.core.relay import Place
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import parse
from pointsman.http.openai.to_ollama import native_request


@pytest.mark.parametrize("written", ["1e400", "-1e400", "1" + "0" * 400])
@pytest.mark.parametrize("name", ["seed", "temperature", "frequency_penalty"])
def test_a_number_that_no_float_holds_is_out_of_range(name: str, written: str) -> None:
    data = parse(f'{{"model": "m", "messages": [{{"role": "user", "content": "a"}}], "{name}": {written}}}'.encode())
    with pytest.raises(BadField, match=f"{name} is out of range"):
        native_request(data, Place("m", "ollama", "http://127.0.0.1:1"))


def test_a_number_may_be_as_large_as_a_float() -> None:
    assert Fields({"a": 1e308}).number("a", -math.inf, math.inf) == 1e308
