"""Things on lists: each is a memory of its own, and none goes with another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.memories import seen
from pointsman.core.message import Message, Origin
from pointsman.core.tool import Occasion
from pointsman.stores.memories import Memories
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers import slots
from pointsman.tools.memory.items import is_part, item_texts, without_owner
from pointsman.tools.memory.toolset import MemoryTools

ADA = Origin("discord", user="ada", channel="dm", direct=True)


@pytest.fixture
async def memories() -> AsyncIterator[Memories]:
    made = Memories(":memory:", BagEncoder, clock=lambda: 1_700_000_000.0, most=20)
    yield made
    await made.close()


async def answered(memories: Memories, text: str, language: str = "en") -> str:
    occasion = Occasion(Message(text, origin=ADA), slots.find("memory_operation", text, ("action", "memory")))
    toolset = MemoryTools(memories)
    first = toolset.first(replace(occasion, language=language))
    assert first is not None
    tools = {tool.spec.name: tool for tool in await toolset.tools(replace(occasion, language=language))}
    return (await tools[first.call.name].call(first.call.arguments)).shown


async def kept(memories: Memories) -> list[str]:
    return sorted(it.text for it in (await memories.listed(seen(ADA), 20))[0])


async def test_one_thing_is_struck_from_a_list_and_the_others_stay(memories: Memories) -> None:
    wish = "Schreib auf meine Einkaufsliste: Milch, Brot und Butter"
    assert await answered(memories, wish, "de") == "Gemerkt: Einkaufsliste: Milch, Brot, Butter (m1, m2, m3)"
    assert await answered(memories, "streiche Brot von der Einkaufsliste", "de") == "Vergessen: Einkaufsliste: Brot"
    assert await kept(memories) == ["Einkaufsliste: Butter", "Einkaufsliste: Milch"]
    assert "weiß ich schon" in await answered(memories, "meine Einkaufsliste: Milch", "de")
    shown = await answered(memories, "was steht auf meiner Einkaufsliste?", "de")
    assert "(2):" in shown


async def test_things_are_forgotten_by_name_alone_and_several_at_once(memories: Memories) -> None:
    await answered(memories, "add eggs and flour to my shopping list")
    assert await answered(memories, "forget eggs") == "Forgotten: shopping list: eggs"
    both = await answered(memories, "add eggs, flour and yeast to the shopping list")
    assert both.splitlines()[0] == "I'll remember: shopping list: eggs, yeast (m3, m4)"
    assert both.splitlines()[1].startswith("I know that already")
    gone = await answered(memories, "remove eggs and yeast from our shopping list")
    assert gone == "Forgotten: shopping list: eggs\nForgotten: shopping list: yeast"
    assert await kept(memories) == ["shopping list: flour"]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("shopping list: eggs and flour", "forget eggs"),
        ("guests: Ann, Bob and Cid", "forget Bob"),
        ("I need to buy milk, bread and butter", "forget milk"),
    ],
)
async def test_what_holds_several_things_does_not_go_with_one_of_them(memories: Memories, text: str, wish: str) -> None:
    await memories.remember(text, ADA)
    assert (await answered(memories, wish)).startswith("Which one do you mean?")
    assert await kept(memories) == [text]


async def test_what_shares_no_word_is_not_offered(memories: Memories) -> None:
    await memories.remember("shopping list: oats", ADA)
    await memories.remember("reminder: call mum", ADA)
    for wish in ("remove milk from my shopping list", "delete the reminder for the dentist"):
        assert (await answered(memories, wish)).startswith("I remember nothing about that")


async def test_a_list_stops_where_the_memory_is_full(memories: Memories) -> None:
    for number in range(19):
        await memories.remember(f"note {number}", ADA)
    said = await answered(memories, "add eggs, milk and flour to my shopping list")
    assert said.splitlines()[0] == "I'll remember: shopping list: eggs (m20)"
    assert "20 memories are the limit" in said


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("lista de la compra: leche, pan y huevos", ["leche", "pan", "huevos"]),
        ("ma liste de courses: du lait et du pain", ["du lait", "du pain"]),
        ("la mia lista della spesa: latte, pane e uova", ["latte", "pane", "uova"]),
        ("买菜清单：牛奶、鸡蛋和面包", ["牛奶", "鸡蛋", "面包"]),
        ("買い物リスト: 牛乳とパン、卵", ["牛乳とパン", "卵"]),
        ("shopping list: eggs, milk, and 1,5 kg flour", ["eggs", "milk", "1,5 kg flour"]),
        ("shopping list: salt and pepper for the big roast", ["salt and pepper for the big roast"]),
        ("shopping list: cheese (hard, old)", ["cheese (hard, old)"]),
        ("to-do list: call mum and dad", ["call mum and dad"]),
        ("calendar: dinner with Ann, 8 pm", ["dinner with Ann, 8 pm"]),
    ],
)  # fmt: skip
def test_a_list_is_its_things(text: str, items: list[str]) -> None:
    assert [it.replace("：", ":").partition(":")[2].strip() for it in item_texts(text)] == items


@pytest.mark.parametrize("text", ["my name is Ann, not Anna", "reminder: call mum and dad", "my rule: eat, pray, love"])
def test_what_is_no_list_stays_whole(text: str) -> None:
    assert item_texts(text) == [text]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("my shopping list", "shopping list"), ("meine Einkaufsliste", "Einkaufsliste"),
        ("la mia lista della spesa", "lista della spesa"), ("我的购物清单", "购物清单"), ("my dog", "my dog"),
    ],
)  # fmt: skip
def test_a_list_is_nobody_s_by_name(said: str, name: str) -> None:
    assert without_owner(said) == name


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("my address", "my address is 12 Mill Lane, Leeds, UK"), ("shopping list", "shopping list: eggs and flour"),
        ("eggs and flour", "shopping list: eggs and flour"), ("locker code", "my locker code is 4 and not 5"),
    ],
)  # fmt: skip
def test_the_whole_may_be_named(what: str, text: str) -> None:
    assert not is_part(what, text)


@given(st.text(max_size=300), st.sampled_from(["", "my shopping list: ", "清单："]))
def test_any_text_makes_memories(text: str, head: str) -> None:
    assert item_texts(head + text)
    is_part(text, head + text)
