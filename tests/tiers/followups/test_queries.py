"""What is asked next takes the place of its kind in the last query, or stands behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers.followups.queries import merged


@pytest.mark.parametrize(
    ("query", "core", "wanted"),
    [
        ("weather in london", "in Paris", "weather in Paris"),
        ("weather in london tomorrow", "in Paris", "weather in Paris tomorrow"),
        ("weather in london", "tomorrow", "weather in london tomorrow"),
        ("weather in london tomorrow", "on sunday", "weather in london on sunday"),
        ("weather in london", "berlin", "weather in berlin"),
        ("weather in london", "in oslo tomorrow", "weather in oslo tomorrow"),
        ("weather in london", "in fahrenheit", "weather in london in fahrenheit"),
        ("price of gold", "silver", "price of silver"),
        ("bitcoin price", "ethereum", "ethereum price"),
        ("flights to rome on friday", "to madrid", "flights to madrid on friday"),
        ("restaurants in Antwerp", "with a terrace", "restaurants in Antwerp with a terrace"),
        ("dollar doing against the yen", "the euro", "euro against the yen"),
        ("Wetter in Berlin", "morgen", "Wetter in Berlin morgen"),
        ("che tempo fa a Roma", "a Milano", "che tempo fa a Milano"),
        ("погода в москве", "в Сочи", "погода в Сочи"),
        ("東京の天気は", "大阪", "大阪の天気"),
        ("北京天气怎么样", "上海", "上海天气"),
        ("서울 날씨 어때", "부산", "부산 날씨"),
        ("दिल्ली का मौसम कैसा है", "मुंबई का", "मुंबई का मौसम"),
        ("", "paris", "paris"),
    ],
)
def test_queries(query: str, core: str, wanted: str) -> None:
    assert merged(query, core) == wanted


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_texts_can_be_merged(query: str, core: str) -> None:
    assert isinstance(merged(query, core), str)
