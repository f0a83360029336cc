"""All that is kept of one person: handed over whole, erased to the last byte, and nobody else's touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.core.correction import Correction
from pointsman.core.decision import Answer, Decision, Evidence, TraceLine
from pointsman.core.errors import BadField
from pointsman.core.memories import Kept
from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.reply import Done, ToolUse
from pointsman.stores.memories import Memories
from pointsman.stores.persons import Erased, erase_person, export_person
from pointsman.stores.sqlite import SqliteStore

ADA = Origin("discord", user="ada", channel="dm-4711", direct=True)
ADA_IN_SERVER = Origin("discord", user="ada", channel="c", guild="g")
BOB = Origin("discord", user="bob", channel="c", guild="g")
ADA_AT_THE_GATEWAY = Origin("http", user="ada")
HERE = Origin("cli")
SECRETS = (b"quagmire", b"zweivierzehn", b"xylocode", b"dm-4711", b"taught by Ada", b"discord:ada")


def decision(number: int, quotes: str = "") -> Decision:
    evidence = (Evidence("correction", quotes, "web_search", 0.9),) if quotes else ()
    line = TraceLine("neighbours", Answer("general_chat", 0.9, 0.5, "near", evidence=evidence), 1.0)
    return Decision(
        f"{number:012x}", "general_chat", "llm", 0.9, "neighbours", (line,), {"query": f"q{number}"}, at=5.0
    )


async def filled(path: Path) -> None:
    """Ada and Bob talk; Ada teaches something; Bob hears what Ada told the server."""
    memories = Memories(path)
    await memories.remember("the code is quagmire", ADA)
    await memories.remember("I like zweivierzehn", ADA_IN_SERVER)
    shared = await memories.remember("party at xylocode", ADA_IN_SERVER, scope="guild")
    await memories.remember("Bob's own", BOB)
    await memories.remember("local note", HERE)
    await memories.close()
    assert isinstance(shared, Kept)
    store = SqliteStore(path)
    await store.record(decision(1), Message("remember quagmire", origin=ADA))
    await store.record(decision(2), Message("hello", origin=ADA_AT_THE_GATEWAY))
    await store.learn(Correction("", "taught by Ada", "web_search", decision_id=decision(1).id, vector=b"\x01\x02"))
    await store.record(decision(3, quotes="taught by Ada"), Message("what party", origin=BOB))
    use = ToolUse(ToolCall("recall", {"query": "party"}), "done", f"{shared.memory.id} (..): party at xylocode")
    await store.finish(decision(3).id, Done(decision(3), uses=(use,)))
    await store.finish(decision(1).id, Done(decision(1), model="m"))
    await store.record(decision(4), Message("local words", origin=HERE))
    await store.learn(Correction("", "taught by Bob", "web_search", decision_id=decision(3).id))
    await store.close()


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


async def test_all_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    await filled(path)
    found: dict[str, Any] = json.loads(json.dumps(export_person(path, "discord:ada", 9.0)))
    assert (found["owner"], found["exported_at"]) == ("discord:ada", 9.0)
    assert [(it["text"], it["scope"]) for it in found["memories"]] == [
        ("the code is quagmire", "private"),
        ("I like zweivierzehn", "user"),
        ("party at xylocode", "guild"),
    ]
    (made,) = found["decisions"]
    assert (made["text"], made["channel"], made["outcome"]["model"]) == ("remember quagmire", "dm-4711", "m")
    assert made["decision"]["slots"] == {"query": "q1"}
    (taught,) = found["corrections"]
    assert (taught["text"], taught["category"]) == ("taught by Ada", "web_search")
    here = export_person(path, "local", 9.0)
    assert [it["text"] for it in here["memories"]] == ["local note"]
    assert [it["text"] for it in here["decisions"]] == ["local words"]


async def test_all_is_erased_and_nobody_else_s(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    await filled(path)
    others = [export_person(path, it, 9.0) for it in ("http:ada", "local")]
    before = bytes_of(path)
    assert all(it in before for it in SECRETS)
    assert erase_person(path, "discord:ada", 9.0) == Erased(3, 1, 1, log_emptied=True)
    left = bytes_of(path)
    for it in SECRETS:
        assert it not in left, it
    assert [export_person(path, it, 9.0) for it in ("http:ada", "local")] == others
    bob = export_person(path, "discord:bob", 9.0)
    assert [it["text"] for it in bob["memories"]] == ["Bob's own"]
    assert [(it["text"], it["outcome"]["tools"][0]["text"]) for it in bob["decisions"]] == [("what party", "")]
    assert [it["text"] for it in bob["corrections"]] == ["taught by Bob"]
    assert not any(export_person(path, "discord:ada", 9.0)[it] for it in ("memories", "decisions", "corrections"))
    assert erase_person(path, "discord:ada", 9.0) == Erased(0, 0, 0, log_emptied=True)


async def test_what_is_forgotten_goes_from_what_others_were_told_and_from_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    await filled(path)
    memories, store = Memories(path), SqliteStore(path)
    (shared,) = [it for it in await memories.of_owner("discord:ada") if it.scope == "guild"]
    other = ToolUse(ToolCall("recall", {"query": "more"}), "done", f"{shared.id}1 (..): Bob's own")
    await store.record(decision(5), Message("more", origin=BOB))
    await store.finish(decision(5).id, Done(decision(5), uses=(other,)))
    await memories.forget([shared.id], "discord:ada")
    assert [use.text for number in (3, 5) for use in await store.uses(decision(number).id)] == ["", other.text]
    await memories.close()
    await store.close()
    assert b"party at xylocode" not in bytes_of(path)


async def test_a_router_that_runs_hears_that_a_correction_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    await filled(path)
    store = SqliteStore(path)
    before = store.revision()
    erase_person(path, "discord:ada", 9.0)
    assert store.revision() > before
    assert [it.text for it in await store.corrections() if it.undone_at is None] == ["taught by Bob"]
    await store.close()


@pytest.mark.parametrize("owner", ["", "discord", "discord:", ":ada", "Local"])
def test_a_name_that_is_nobody_s_is_refused(tmp_path: Path, owner: str) -> None:
    for verb in (export_person, erase_person):
        with pytest.raises(BadField, match="nobody's name"):
            verb(tmp_path / "d.db", owner, 9.0)
