"""Who hears of a memory on which occasion: a table, and what must never be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.errors import InvalidInput
from pointsman.core.memories import Circle, Memory, circle_for, distinct, same_text, seen, usual_scope
from pointsman.core.message import LOCAL, Origin

HERE = Origin("cli")
DIRECT = Origin("discord", user="7", channel="dm7", direct=True)
CHANNEL = Origin("discord", user="7", channel="general", guild="g")
GROUP = Origin("discord", user="7", channel="group")
NAMELESS = Origin("discord", channel="general", guild="g")
NAMELESS_GROUP = Origin("discord", channel="group")
GATEWAY = Origin("http", user="ada")

ADA, SEVEN = "http:ada", "discord:7"


@pytest.mark.parametrize(
    ("origin", "circles", "usual"),
    [
        (HERE, (Circle("private", LOCAL), Circle("user", LOCAL)), "private"),
        (DIRECT, (Circle("private", SEVEN), Circle("user", SEVEN)), "private"),
        (GATEWAY, (Circle("private", ADA), Circle("user", ADA)), "private"),
        (CHANNEL, (Circle("user", SEVEN), Circle("guild", "discord:g")), "user"),
        (GROUP, (Circle("user", SEVEN),), "user"),
        (NAMELESS, (Circle("guild", "discord:g"),), "user"),
        (NAMELESS_GROUP, (), "user"),
    ],
)
def test_who_hears_of_it(origin: Origin, circles: tuple[Circle, ...], usual: str) -> None:
    assert seen(origin) == circles
    assert usual_scope(origin) == usual


words = st.sampled_from(["", "a", "b", "a:b", "local"])
origins = st.builds(
    Origin,
    surface=st.sampled_from(["cli", "discord", "http"]),
    user=words,
    channel=words,
    direct=st.booleans(),
    guild=words,
)


@given(origins, origins)
def test_nobody_hears_what_is_another_s_and_nothing_private_is_heard_by_others(one: Origin, other: Origin) -> None:
    for circle in seen(one):
        if circle.scope != "guild":
            assert circle.whose == one.owner
            assert (circle in seen(other)) <= (one.owner == other.owner)
        if circle.scope == "private":
            assert not one.shared
        if circle.scope == "guild" and circle in seen(other):
            assert (one.surface, one.guild) == (other.surface, other.guild)


@given(origins)
def test_what_is_kept_as_usual_is_heard_where_it_was_said(origin: Origin) -> None:
    if origin.shared and not origin.user:
        with pytest.raises(InvalidInput, match="nobody is named"):
            circle_for(origin, usual_scope(origin))
    else:
        assert circle_for(origin, usual_scope(origin)) in seen(origin)


def test_for_a_server_there_has_to_be_one() -> None:
    assert circle_for(CHANNEL, "guild") == Circle("guild", "discord:g")
    with pytest.raises(InvalidInput, match="not said in a server"):
        circle_for(DIRECT, "guild")


def test_what_says_the_same_is_shown_once() -> None:
    assert same_text("  My  CAT is\nMimi. ") == same_text("my cat is mimi")
    texts = ["My cat is Mimi", "my dog is Rex", "my cat is mimi."]
    memories = [Memory(f"m{place}", text, LOCAL, "user", LOCAL, 0.0) for place, text in enumerate(texts)]
    assert [it.id for it in distinct(memories)] == ["m0", "m1"]
