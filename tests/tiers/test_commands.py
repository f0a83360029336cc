"""Commands: what was asked for outright is not guessed, and no less checked than what is found in texts."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.core.decision import COMMAND, Answer, Decision, SlotValue
from pointsman.core.errors import BadField
from pointsman.core.message import Attachment, Command, Message, Origin
from pointsman.tiers import slots
from pointsman.tiers.cascade import Cascade, Stage

GERMAN = (Utterance("ein alter roter leuchtturm im sturm", "talk", "de"),)
CATALOGUE = Catalogue(
    [
        Category("picture", "pictures", "image", slots=("prompt", "negative", "style", "width", "height")),
        Category("lookup", "news", "llm+tools", slots=("query", "expression")),
        Category("notes", "memory", "llm+tools", slots=("action", "memory")),
        Category("sums", "sums", "llm+tools", slots=("expression", "code")),
        Category("talk", "talk", "llm", utterances=GERMAN),
    ]
)
PICTURE = Attachment("image/png", "data:image/png;base64,AA==")


class Asked:
    """A tier, and a watch, that nobody is to ask."""

    name = "asked"

    def judge(self, message: Message) -> Answer:
        raise AssertionError(message)

    def watch(self, message: Message) -> Any:
        raise AssertionError(message)


async def decide(text: str, command: Command, *attachments: Attachment) -> Decision:
    cascade = Cascade(
        [Stage(Asked(), 0.5)], CATALOGUE, fallback="talk", find_slots=slots.find, watch=Asked(), now=lambda: 7.0
    )
    return await cascade.decide(Message(text, attachments=attachments, origin=Origin("discord"), command=command))


async def slots_of(category: str, given: dict[str, SlotValue], *attachments: Attachment) -> dict[str, SlotValue]:
    return dict((await decide("a fox", Command(category, given), *attachments)).slots)


async def test_it_is_decided_without_asking_anybody() -> None:
    made = await decide("a fox", Command("picture", {"prompt": "a fox", "width": 512, "height": 512}, name="/draw"))
    assert (made.category, made.path, made.confidence, made.tier) == ("picture", "image", 1.0, COMMAND)
    assert (made.at, made.language, made.signals, made.alternatives) == (7.0, "en", (), ())
    assert made.slots == {"prompt": "a fox", "width": 512, "height": 512}
    (line,) = made.trace
    assert (line.tier, made.reason) == (COMMAND, "asked for by /draw")
    assert "asked for by /draw" in made.explain()


async def test_its_language_is_guessed_as_ever_and_without_a_name_it_is_the_surfaces() -> None:
    made = await decide("ein roter leuchtturm im sturm", Command("picture", {"prompt": "x"}))
    assert (made.language, made.reason) == ("de", "asked for by a command of discord")


async def test_a_category_that_there_is_not_is_said_with_those_there_are() -> None:
    with pytest.raises(BadField, match="no category 'pictures'") as told:
        await decide("a fox", Command("pictures"))
    assert told.value.field == "command.category"
    assert told.value.cure == "use one of: picture, lookup, notes, sums, talk"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"prompt": "  a fox \n"}, {"prompt": "a fox"}),
        ({"prompt": "x", "width": 5000, "height": 2500}, {"prompt": "x", "width": 2048, "height": 1024}),
        ({"prompt": "x", "width": 513, "height": 511}, {"prompt": "x", "width": 512, "height": 512}),
        ({"prompt": "x", "width": 9000}, {"prompt": "x", "width": 2048}),
        ({"prompt": "x", "width": 0, "height": 0}, {"prompt": "x"}),
        ({"prompt": "x", "count": 99}, {"prompt": "x", "count": 10}),
        ({"prompt": "x", "steps": 1000}, {"prompt": "x", "steps": 150}),
        ({"prompt": "x", "steps": 8, "seed": 0}, {"prompt": "x", "steps": 8, "seed": 0}),
        ({"prompt": "x", "negative": "n" * 5000}, {"prompt": "x", "negative": "n" * 1000}),
        ({"prompt": "x", "style": " "}, {"prompt": "x"}),
        ({"prompt": "a\ud800b"}, {"prompt": "a\ufffdb"}),
    ],
)
async def test_slots_are_brought_within_their_bounds(given: dict[str, SlotValue], found: dict[str, SlotValue]) -> None:
    assert await slots_of("picture", given) == found


@pytest.mark.parametrize(
    ("category", "given", "field", "cure"),
    [
        ("picture", {"query": "x"}, "query", "use some of: prompt, negative, style"),
        ("talk", {"prompt": "x"}, "prompt", "leave its slots out"),
        ("picture", {"prompt": 7}, "prompt", "as a text"),
        ("picture", {"width": "512"}, "width", "as a number"),
        ("picture", {"seed": True}, "seed", "as a number"),
        ("picture", {"seed": -1}, "seed", "from 0 to 18446744073709551615"),
        ("picture", {"seed": 2**64}, "seed", "from 0 to"),
        ("picture", {"steps": -3}, "steps", "from 0 up"),
        ("picture", {"job": "title"}, "job", "edit, vary, upscale"),
        ("notes", {"action": "burn"}, "action", "remember, recall, forget"),
        ("sums", {"expression": "print(1)"}, "expression", "as `code`"),
    ],
)
async def test_what_cannot_be_is_said(category: str, given: dict[str, SlotValue], field: str, cure: str) -> None:
    with pytest.raises(BadField) as told:
        await slots_of(category, given)
    assert told.value.field == f"command.slots.{field}"
    assert cure in told.value.cure


async def test_what_a_command_does_not_say_is_looked_for_in_the_text() -> None:
    made = await decide("draw a red fox at 512x768", Command("picture", {"seed": 7, "width": 640, "height": 640}))
    assert made.slots == {"prompt": "a red fox", "width": 640, "height": 640, "seed": 7}
    assert (await decide("search for otters", Command("lookup"))).slots == {"query": "otters"}
    assert (await decide("hello", Command("talk"))).slots == {}


class TestPictureOfAPicture:
    async def test_it_needs_the_picture(self) -> None:
        with pytest.raises(BadField, match="no picture to upscale") as told:
            await slots_of("picture", {"job": "upscale"}, Attachment("text/plain"))
        assert told.value.field == "attachments"

    @pytest.mark.parametrize("job", ["vary", "upscale"])
    async def test_and_no_words(self, job: str) -> None:
        assert await slots_of("picture", {"job": job}, PICTURE) == {"job": job}

    async def test_but_to_change_it_says_how(self) -> None:
        changed = {"job": "edit", "prompt": "a hat"}
        assert await slots_of("picture", {**changed}, PICTURE) == changed
        assert (await slots_of("picture", {"job": "edit"}, PICTURE))["prompt"] == "a fox"


async def test_a_model_alone_leaves_the_rest_to_the_tiers() -> None:
    with pytest.raises(AssertionError):
        await decide("a fox", Command(model="qwen"))
