"""Who is answered, and where: blocked before allowed, threads as their channels, pictures as a place allows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.config.discord import Discord
from pointsman.discord.gate import Gate, Visitor
from pointsman.discord.memo import ChannelSettings

GUILD, CHANNEL, THREAD, CATEGORY, ROLE, USER = "10", "20", "30", "40", "50", "60"
ANN = Visitor(USER, frozenset({ROLE, "51"}), GUILD, CHANNEL, (CATEGORY,))
IN_THREAD = Visitor(USER, frozenset({ROLE}), GUILD, THREAD, (CHANNEL, CATEGORY))
DIRECT = Visitor(USER, channel="99", direct=True)


def gate(**settings: object) -> Gate:
    return Gate(Discord.model_validate(settings))


def test_everybody_is_answered_everywhere_unless_something_is_said() -> None:
    for visitor in (ANN, IN_THREAD, DIRECT):
        assert gate().refusal(visitor) is None


@pytest.mark.parametrize(
    "block",
    [{"guilds": [GUILD]}, {"channels": [CHANNEL]}, {"channels": [CATEGORY]}, {"roles": [ROLE]}, {"users": [USER]}],
    ids=["guild", "channel", "category", "role", "user"],
)
def test_whoever_is_blocked_is_refused_without_a_word_where_he_only_talks(block: dict[str, list[str]]) -> None:
    for visitor in (ANN, IN_THREAD):
        refusal = gate(block=block, allow=block).refusal(visitor)
        assert refusal is not None
        assert refusal.silent
        assert refusal.words


@pytest.mark.parametrize(
    ("allow", "passes"),
    [
        ({"guilds": [GUILD]}, True),
        ({"guilds": ["11"]}, False),
        ({"channels": [CHANNEL]}, True),
        ({"channels": [CATEGORY]}, True),
        ({"channels": ["21"]}, False),
        ({"guilds": ["11"], "channels": [CHANNEL]}, True),
        ({"roles": [ROLE]}, True),
        ({"roles": ["52"]}, False),
        ({"users": [USER]}, True),
        ({"users": ["61"]}, False),
        ({"users": ["61"], "roles": [ROLE]}, True),
        ({"guilds": [GUILD], "users": ["61"]}, False),
        ({"guilds": ["11"], "users": [USER]}, False),
    ],
)
def test_where_some_are_allowed_the_place_and_the_person_have_to_be_among_them(
    allow: dict[str, list[str]], passes: bool
) -> None:
    for visitor in (ANN, IN_THREAD):
        assert (gate(allow=allow).refusal(visitor) is None) is passes


def test_a_person_who_is_not_on_the_list_is_told_so_but_a_place_is_left_alone() -> None:
    person, place = gate(allow={"users": ["61"]}).refusal(ANN), gate(allow={"channels": ["21"]}).refusal(ANN)
    assert person is not None
    assert not person.silent
    assert place is not None
    assert place.silent


def test_direct_messages_are_answered_as_the_configuration_says() -> None:
    closed = gate(direct=False)
    refusal = closed.refusal(DIRECT)
    assert refusal is not None
    assert not refusal.silent
    assert closed.refusal(ANN) is None
    assert gate(allow={"guilds": ["11"]}).refusal(DIRECT) is None


def test_admins_pass_but_for_places_that_are_blocked() -> None:
    for admins in ({"users": [USER]}, {"roles": [ROLE]}):
        passing = gate(admins=admins, allow={"users": ["61"], "channels": ["21"]}, block={"roles": ["51"]})
        assert passing.refusal(ANN) is None
        assert passing.is_exempt(ANN)
        assert gate(admins=admins, block={"channels": [CHANNEL]}).refusal(ANN) is not None
    assert gate(admins={"users": [USER]}, direct=False).refusal(DIRECT) is None


def test_who_manages_a_server_may_change_its_settings_but_has_limits() -> None:
    manager = Visitor(USER, guild=GUILD, channel=CHANNEL, manages=True)
    assert gate().is_admin(manager)
    assert not gate().is_exempt(manager)
    assert not gate().is_admin(ANN)
    assert not gate().is_admin(Visitor(USER, channel="99", direct=True, manages=True))
    assert gate(admins={"users": [USER]}).is_admin(DIRECT)


def test_bots_and_webhooks_are_never_answered() -> None:
    bot = Visitor(USER, guild=GUILD, channel=CHANNEL, bot=True, manages=True)
    refusal = gate(admins={"users": [USER]}, when="always").refusal(bot)
    assert refusal is not None
    assert refusal.silent
    assert not gate(admins={"users": [USER]}).is_admin(bot)
    assert not gate(when="always").is_for_us(bot, addressed=True)


IDS = st.sampled_from(["1", "2", "3"])
LISTS = st.lists(IDS, max_size=2)
PLACES = st.fixed_dictionaries({"guilds": LISTS, "channels": LISTS, "roles": LISTS, "users": LISTS})
VISITORS = st.builds(
    Visitor,
    user=IDS,
    roles=st.frozensets(IDS),
    guild=IDS,
    channel=IDS,
    parents=st.lists(IDS, max_size=2).map(tuple),
    manages=st.booleans(),
)


@settings(deadline=None)
@given(PLACES, PLACES, VISITORS)
def test_to_block_more_lets_nobody_in(allow: dict[str, list[str]], block: dict[str, list[str]], it: Visitor) -> None:
    if gate(allow=allow).refusal(it) is not None:
        assert gate(allow=allow, block=block).refusal(it) is not None
    named = it.guild in block["guilds"] or it.user in block["users"] or bool(it.roles & set(block["roles"]))
    if named or set(it.places) & set(block["channels"]):
        assert gate(block=block).refusal(it) is not None
    else:
        assert gate(allow=allow, block=block).refusal(it) == gate(allow=allow).refusal(it)


def test_when_it_answers_is_said_by_the_nearest_place() -> None:
    settings = gate(when="mention", channels={CATEGORY: {"when": "always"}, CHANNEL: {"prompt": "Be brief."}})
    assert settings.when(ANN) == "always"
    assert settings.when(ANN, ChannelSettings(when="mention")) == "mention"
    assert gate().when(ANN) == "mention"
    assert settings.prompt(IN_THREAD) == "Be brief."
    assert settings.prompt(IN_THREAD, ChannelSettings(prompt="")) == ""
    assert gate(prompt="Be kind.").prompt(ANN) == "Be kind."


def test_messages_are_for_the_bot_that_name_it_or_come_where_it_always_answers() -> None:
    settings = gate(channels={CHANNEL: {"when": "always"}})
    elsewhere = Visitor(USER, guild=GUILD, channel="21")
    assert settings.is_for_us(ANN, addressed=False)
    assert settings.is_for_us(IN_THREAD, addressed=False)
    assert settings.is_for_us(DIRECT, addressed=False)
    assert not settings.is_for_us(elsewhere, addressed=False)
    assert settings.is_for_us(elsewhere, addressed=True)
    assert not settings.is_for_us(ANN, addressed=False, own=ChannelSettings(when="mention"))


MARKED = Visitor(USER, guild=GUILD, channel=CHANNEL, nsfw_channel=True)


@pytest.mark.parametrize(
    ("drawn", "here", "there", "spoiler"),
    [("marked", False, True, True), ("never", False, False, False), ("anywhere", True, True, False)],
)
def test_pictures_that_are_not_for_everybody_are_drawn_where_the_policy_says(
    drawn: str, here: bool, there: bool, spoiler: bool
) -> None:
    policy = gate(nsfw={"drawn": drawn})
    assert (policy.picture_refusal("a nude in oil", ANN) is None) is here
    assert (policy.picture_refusal("a nude in oil", MARKED) is None) is there
    assert policy.spoiler("a nude in oil", MARKED) is spoiler
    assert policy.picture_refusal("a fox", ANN) is None
    assert not policy.spoiler("a fox", MARKED)
    assert not policy.spoiler("a nude in oil", ANN)


def test_the_refusal_names_the_word_and_where_to_go() -> None:
    refusal = gate().picture_refusal("a NUDE in oil", ANN)
    assert refusal is not None
    assert "nude" in refusal.words
    assert "age-restricted" in refusal.words
    never = gate(nsfw={"drawn": "never"}).picture_refusal("a nude", MARKED)
    assert never is not None
    assert "age-restricted" not in never.words


@pytest.mark.parametrize("prompt", ["NÜDE", "ｎｕｄｅ", "𝓷𝓾𝓭𝓮", "nu\u200bde", "nu\u00adde", "semi-nude", "nude_art"])
def test_words_are_found_however_they_are_dressed(prompt: str) -> None:
    assert gate().picture_refusal(f"a {prompt}!", ANN) is not None


@pytest.mark.parametrize("prompt", ["a denuded hill", "a pornichet beach", "category", "gored", ""])
def test_only_whole_words_count(prompt: str) -> None:
    assert gate().picture_refusal(prompt, ANN) is None


def test_a_phrase_is_found_over_any_white_space() -> None:
    policy = gate(nsfw={"words": ["Without  Clothes"]})
    assert policy.marked_word("a man without\n clothes") == "Without  Clothes"
    assert not policy.marked_word("a man without any clothes")


@settings(deadline=None)
@given(st.text())
def test_any_prompt_can_be_looked_at(prompt: str) -> None:
    assert gate().marked_word(f"{prompt} nude {prompt}")
