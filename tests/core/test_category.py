"""Categories: what a choice between them has to get right."""

from __future__ import annotations

from pointsman.core.category import Catalogue, Category


def test_paths_are_what_matters_and_names_where_all_take_the_same_path() -> None:
    mixed = Catalogue([Category("draw", "d", "image"), Category("ask", "a", "llm"), Category("chat", "c", "llm")])
    assert [mixed.side_of(name) for name in mixed.names] == ["image", "llm", "llm"]
    alike = Catalogue([Category("ask", "a", "llm"), Category("chat", "c", "llm")])
    assert [alike.side_of(name) for name in alike.names] == ["ask", "chat"]
    assert alike.path_of("ask") == "llm"
