"""Commands through the router: recorded, watched and served as every other message, in every mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.engine.test_router import events_of, router, text_of
from tests.engine.workbench import Wishing

from pointsman.core.decision import COMMAND, Decision, Mode
from pointsman.core.errors import BadField, UnknownModel
from pointsman.core.happening import Ended, Happening
from pointsman.core.happening import Made as MadeUp
from pointsman.core.message import Attachment, Command, Message, Turn
from pointsman.core.plan import Abilities, Draw
from pointsman.core.ports import ChatModel
from pointsman.core.relay import Place
from pointsman.core.reply import Decided, Done, Event, Failed, Status
from pointsman.engine.leasing import Card
from pointsman.engine.relaying import Guest, Nowhere
from pointsman.engine.router import Router
from pointsman.engine.teaching import flips
from pointsman.gpu.want import Rung, Want
from pointsman.stores.memory import MemoryStore
from pointsman.testing.scripted_leases import ScriptedLeases
from pointsman.testing.scripted_model import ScriptedModel
from pointsman.tiers.learned import Learned

DRAW = Message("a fox", command=Command("draw", {"prompt": "a fox", "steps": 8}, name="/draw"))


def in_mode(mode: Mode, model: ScriptedModel, log: MemoryStore | None = None) -> Router:
    made = router(model, log)
    abilities = Abilities(main=model.name, small="tiny", mode=mode)
    return Router(replace(made.parts, abilities=lambda: abilities))


def decided(events: Sequence[Event]) -> Any:
    assert isinstance(events[0], Decided)
    return events[0].decision


def failed(events: Sequence[Event]) -> Failed:
    assert isinstance(events[-1], Failed)
    return events[-1]


class TestCategory:
    async def test_it_is_recorded_watched_and_served(self) -> None:
        model, log = ScriptedModel(["never"]), MemoryStore()
        made = router(model, log)
        seen: list[Happening] = []
        made.watch(seen.append)
        events = await events_of(made.stream(DRAW))
        decision = decided(events)
        assert (decision.category, decision.tier, decision.confidence) == ("draw", COMMAND, 1.0)
        assert (await log.find(decision.id)).plan == "draw"
        assert "a fox" in text_of(events)
        assert isinstance(events[-1], Done)
        assert model.asked == []
        assert [type(it) for it in seen if isinstance(it, MadeUp | Ended)] == [MadeUp, Ended]

    async def test_its_slots_reach_whoever_draws(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made, drawn = router(ScriptedModel([])), list[Draw]()
        workshop = made.parts.executor.workshop
        original = workshop.draw

        def draw(wanted: Draw, *given: Any, **more: Any) -> Any:
            drawn.append(wanted)
            return original(wanted, *given, **more)

        monkeypatch.setattr(workshop, "draw", draw)
        picture = Attachment("image/png", "data:image/png;base64,AA==")
        edit = Command("draw", {"prompt": "a hat", "job": "edit", "width": 512, "height": 512, "seed": 3})
        await events_of(made.stream(Message("a hat", attachments=(picture,), command=edit)))
        await events_of(made.stream(DRAW))
        assert drawn == [
            Draw("a hat", width=512, height=512, seed=3, job="edit", source=picture),
            Draw("a fox", steps=8),
        ]

    async def test_what_there_is_not_is_refused_before_anything_is_recorded(self) -> None:
        log = MemoryStore()
        with pytest.raises(BadField, match="no category 'paint'") as told:
            await events_of(router(ScriptedModel([]), log).stream(Message("a fox", command=Command("paint"))))
        assert "draw, hello, sum" in told.value.cure
        assert await log.recent(5) == []

    async def test_a_chat_goes_on_from_it(self) -> None:
        """What its caller's own tools brought is answered as that what was asked for."""
        model = ScriptedModel(["it rains"])
        made = router(model)
        asked = Message("weather", command=Command("search"))
        await events_of(made.stream(asked))
        after = (Turn("tool", "rain", tool="look", call_id="1"),)
        again = decided(await events_of(made.stream(replace(asked, after=after))))
        assert (again.category, again.tier) == ("search", "session")

    async def test_several_at_once(self) -> None:
        made = await router(ScriptedModel([])).decide_many([DRAW, Message("hello you")])
        assert [(it.category, it.tier, it.plan) for it in made] == [
            ("draw", COMMAND, "draw"),
            ("hello", "first-word", "say"),
        ]

    @pytest.mark.parametrize("mode", ["assist", "shadow"])
    async def test_it_is_followed_in_every_mode(self, mode: Mode) -> None:
        model = ScriptedModel(["a fox is an animal"])
        events = await events_of(in_mode(mode, model).stream(DRAW))
        assert (decided(events).mode, decided(events).plan) == (mode, "draw")
        assert model.asked == []

    @pytest.mark.parametrize(("tier", "found"), [("fast", 1), (COMMAND, 0)])
    async def test_no_correction_would_have_changed_it(self, tier: str, found: int) -> None:
        before_and_after = iter(("draw", "search"))

        async def categorise(message: Message) -> str:
            del message
            return next(before_and_after)

        made = Decision("id", "draw", "image", 1.0, tier, ())
        assert len(await flips([(made, "a fox")], Learned([]), Learned([]), categorise)) == found


@dataclass
class OnDisk(Nowhere):
    """A server with one more model than the configuration names."""

    model: ScriptedModel
    takes: Want | None = None
    asked: list[str] = field(default_factory=list)

    async def place(self, model: str) -> Place | None:
        self.asked.append(model)
        return Place(model, "ollama", "http://127.0.0.1:1") if model == self.model.name else None

    async def guest(self, place: Place) -> Guest:
        models: Mapping[str, ChatModel] = {place.model: self.model}
        return Guest(place.model, models, self.takes)


def with_guest(model: ScriptedModel, guest: OnDisk, card: Card | None = None) -> Router:
    made = router(model)
    made.parts.executor.workshop.upstreams = guest
    if card is not None:
        made.parts.executor.workshop._card = card
    return made


class TestModel:
    async def test_the_tiers_decide_and_the_model_answers(self) -> None:
        main, other = ScriptedModel(["main"]), ScriptedModel(["other"], name="other")
        made = router(main)
        made.parts.executor.workshop.models = {main.name: main, other.name: other}
        events = await events_of(made.stream(Message("tell me", command=Command(model="other"))))
        assert decided(events).tier == "first-word"
        assert decided(events).plan == "chat other"
        assert text_of(events) == "other"
        done = events[-1]
        assert isinstance(done, Done)
        assert (done.model, main.asked) == ("other", [])

    @pytest.mark.parametrize(("text", "said"), [("hello you", "Hello!"), ("sum 2+2", "= 4"), ("draw a cat", "a cat")])
    async def test_what_needs_no_main_model_needs_this_one_neither(self, text: str, said: str) -> None:
        guest = OnDisk(ScriptedModel(["other"], name="other"))
        events = await events_of(with_guest(ScriptedModel([]), guest).stream(Message(text, command=Command(model="x"))))
        assert said in text_of(events)
        assert guest.asked == []

    async def test_one_that_only_a_server_knows_answers_too(self) -> None:
        guest = OnDisk(ScriptedModel(["from its disk"], name="qwen3:8b"))
        made = with_guest(ScriptedModel(["main"]), guest)
        events = await events_of(made.stream(Message("tell me", command=Command(model="qwen3:8b"))))
        done = events[-1]
        assert isinstance(done, Done)
        assert (text_of(events), done.model) == ("from its disk", "qwen3:8b")

    async def test_under_a_lease_of_the_card_where_it_takes_some(self) -> None:
        leases = ScriptedLeases()
        want = Want("chat", (Rung("ollama:qwen3:8b", 5, "ctx=8192", "qwen3:8b"),), evicts=False)
        guest = OnDisk(ScriptedModel(["leased"], name="qwen3:8b"), want)
        made = with_guest(ScriptedModel(["main"]), guest, Card(leases, Wishing()))
        events = await events_of(made.stream(Message("tell me", command=Command(model="qwen3:8b"))))
        assert text_of(events) == "leased"
        assert [(it.ladder, it.evicts) for it in leases.wanted] == [(want.ladder, True)]
        assert len(leases.given_back) == 1

    async def test_with_the_tools_of_its_category(self) -> None:
        guest = OnDisk(ScriptedModel(["I looked nothing up"], name="qwen3:8b"))
        made = with_guest(ScriptedModel([]), guest)
        events = await events_of(made.stream(Message("search news", command=Command(model="qwen3:8b"))))
        assert text_of(events) == "I looked nothing up"
        assert any(isinstance(it, Status) and "web_search" in it.text for it in events)

    async def test_one_that_nobody_knows_is_said_with_those_there_are(self) -> None:
        guest = OnDisk(ScriptedModel([], name="qwen3:8b"))
        made = with_guest(ScriptedModel(["main"]), guest)
        told = failed(await events_of(made.stream(Message("tell me", command=Command(model="nix")))))
        assert (told.cause, told.cure) == ("there is no model 'nix'", "choose one of: auto, scripted")
        assert (told.code, told.http_status) == (UnknownModel.code, 404)
        assert told.decision is not None

    async def test_in_the_shadow_it_is_the_one_that_is_asked(self) -> None:
        main, other = ScriptedModel(["main"]), ScriptedModel(["other"], name="other")
        made = in_mode("shadow", main)
        made.parts.executor.workshop.models = {main.name: main, other.name: other}
        events = await events_of(made.stream(Message("hello you", command=Command(model="other"))))
        assert text_of(events) == "other"
        assert decided(events).plan == "chat other (full: say)"
