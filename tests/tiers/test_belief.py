"""From probabilities of categories to the likeliest path."""

from __future__ import annotations

from pointsman.tiers.belief import believe

PATH_OF = {"talk": "llm", "facts": "llm", "hello": "simple", "bye": "simple", "picture": "image"}


def test_belief_is_summed_by_path() -> None:
    found = believe({"talk": 0.3, "facts": 0.35, "picture": 0.35}, PATH_OF)
    assert (found.category, found.path, round(found.of_path, 2), round(found.margin, 2)) == ("facts", "llm", 0.65, 0.3)


def test_but_not_where_the_category_chooses_the_words_of_the_reply() -> None:
    found = believe({"hello": 0.4, "bye": 0.35, "talk": 0.25}, PATH_OF)
    assert (found.category, found.of_path) == ("hello", 0.4)
    assert round(found.margin, 2) == 0.15
