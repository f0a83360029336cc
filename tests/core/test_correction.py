"""What a correction, a flip and a conflict say about themselves."""

from __future__ import annotations

import json

import pytest

from pointsman.core.correction import Conflict, Correction, Flip, Preview

KEPT = Correction("k1", "draw it", "image", encoder="bag", vector=b"\x00\x01")
WANTED = Correction("", "Draw it!", "chat")


def test_a_preview_is_plain_data_without_the_vectors() -> None:
    flip = Flip("d1", "draw it", "image", "chat")
    data = Preview(WANTED, (flip,), (Conflict(KEPT, WANTED, 0.99996),), 4).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["flips"] == [{"decision_id": "d1", "text": "draw it", "from": "image", "to": "chat"}]
    assert data["conflicts"][0]["id"] == "k1"
    assert data["conflicts"][0]["similarity"] == 1.0
    assert "vector" not in data["conflicts"][0]


@pytest.mark.parametrize(
    ("flips", "looked_at", "said"),
    [
        (0, 0, "there are no recorded texts to compare with"),
        (0, 1, "the one decision whose text is kept stays as it is"),
        (1, 1, "the one decision whose text is kept comes out differently"),
        (0, 2, "none of the last 2 decisions whose text is kept comes out differently"),
        (1, 200, "1 of the last 200 decisions whose text is kept comes out differently"),
        (3, 200, "3 of the last 200 decisions whose text is kept come out differently"),
    ],
)
def test_the_summary_counts(flips: int, looked_at: int, said: str) -> None:
    assert Preview(WANTED, (Flip("d", "t", "a", "b"),) * flips, (), looked_at).summary == said


def test_each_change_of_each_text_is_listed_once_with_how_often() -> None:
    flips = [
        Flip("d5", "draw it", "image", "chat"),
        Flip("d4", "paint it", "image", "chat"),
        Flip("d3", "draw it", "image", "chat"),
        Flip("d2", "draw it", "search", "chat"),
    ]
    assert Preview(WANTED, flips).changes == ((flips[0], 2), (flips[1], 1), (flips[3], 1))
    assert Preview(WANTED).changes == ()


def test_a_conflict_names_what_can_be_undone() -> None:
    assert Conflict(KEPT, WANTED, 1.0).same
    assert Conflict(KEPT, WANTED, 1.0).cure == "undo one of them: pointsman correct --undo k1"
    later = Correction("k2", "draw that", "chat")
    assert not Conflict(KEPT, later, 0.96).same
    assert Conflict(KEPT, later, 0.96).cure.endswith("--undo k1, or k2")
