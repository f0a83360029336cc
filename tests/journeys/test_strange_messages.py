"""Whatever is typed, there is a decision: never an error, never a hang."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsman.core.codec import decision_to_dict
from pointsman.core.decision import Decision

Decide = Callable[[str], Decision]

STRANGE = {
    "empty": "",
    "white space": " \t\n\u00a0\u3000",
    "emoji only": "🐈🐈‍⬛👩‍🚀",
    "one megabyte": "lorem ipsum " * 90_000,
    "one megabyte without a space": "x" * 1_000_000,
    "NUL bytes": "draw\x00 me\x00 a cat\x00",
    "only NUL": "\x00\x00",
    "lone surrogates": "draw me a \ud800 cat \udfff",
    "right to left": "\u202eارسم لي قطة\u202c",
    "mixed languages": "Zeichne eine 猫 please, пожалуйста",
    "combining marks": "d\u0301r\u0301a\u0301w\u0301 " + "\u0301" * 500,
    "private use": "\ue000\uf8ff",
    "a format string": "%s %n {0} ${HOME} {{x}}",
    "markup": "<script>alert(1)</script> '; DROP TABLE decisions; --",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_a_decision_for_strange_messages(decide: Decide, text: str) -> None:
    decision = decide(text)
    assert 0 <= decision.confidence <= 1
    assert decision_to_dict(decision)["category"] == decision.category
    assert decision.explain().encode("utf-8")


@pytest.mark.parametrize("name", ["empty", "white space", "emoji only", "only NUL", "private use"])
def test_messages_without_content_never_draw(decide: Decide, name: str) -> None:
    assert decide(STRANGE[name]).path != "image"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=300))
def test_a_decision_for_any_text(decide: Decide, text: str) -> None:
    assert decide(text).trace
