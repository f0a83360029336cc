"""A chat page's own jobs without a model: each in the form that its page parses."""

from __future__ import annotations

import json

import pytest

from pointsman.core.message import Message, Turn
from pointsman.engine.jobs import least_of, title_of

TALK = """### Task:
Generate {what} for the conversation.
### Output:
JSON format: {{ "{key}": ... }}
### Chat History:
<chat_history>
USER: how do I repot a cactus without being stung by it?
ASSISTANT: USER: is what the box says. With tongs.
USER: thanks, and how often is it watered?
</chat_history>"""


def asked(what: str = "a title", key: str = "title") -> Message:
    return Message(TALK.format(what=what, key=key))


@pytest.mark.parametrize(
    ("job", "message", "expected"),
    [
        ("title", asked(), {"title": "how do I repot a cactus…"}),
        ("tags", asked("tags", "tags"), {"tags": ["General"]}),
        ("follow-up", asked("questions", "follow_ups"), {"follow_ups": []}),
        ("query", asked("queries", "queries"), {"queries": []}),
        ("autocomplete", asked("words", "text"), {"text": ""}),
        ("function-calling", asked("calls", "tool_calls"), {"tool_calls": []}),
        ("image-prompt", asked("a prompt", "prompt"), {"prompt": "thanks, and how often is it watered?"}),
        ("title", Message("USER: draw a cat", task="title_generation"), {"title": "draw a cat"}),
        (
            "title",
            Message("make a title", (Turn("user", "draw a fox!"),), task="title_generation"),
            {"title": "draw a fox"},
        ),
        ("title", Message("make a title", task="title_generation"), {"title": "New chat"}),
    ],
)
def test_pages_read_an_object_between_the_first_brace_and_the_last(
    job: str, message: Message, expected: object
) -> None:
    said = least_of(job, message)
    assert json.loads(said[said.find("{") : said.rfind("}") + 1]) == expected


@pytest.mark.parametrize(
    ("job", "message", "expected"),
    [
        ("emoji", Message("Your task is to reflect ..."), "\U0001f4ac"),
        # Pages that show the title as it comes.
        ("title", Message("Human: why is the sky blue?\n\nWrite a short title for this chat."), "why is the sky blue"),
        ("title", Message("what is a lease?", (Turn("system", "You are a title generator."),)), "what is a lease"),
        ("merge", Message("You have been provided with a set of responses", (Turn("user", "hm?"),)), "hm?"),
        ("summary", Message("Summarize the discussion"), ""),
    ],
)
def test_other_pages_read_the_text_as_it_is(job: str, message: Message, expected: str) -> None:
    assert least_of(job, message) == expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("hi", "hi"),
        ("hi there!", "hi there"),
        ("one two three four five six", "one two three four five six"),
        ("one two three four five six seven", "one two three four five six…"),
        ("a\n\n b", "a b"),
        ("", "New chat"),
        ("x" * 100, "x" * 60 + "…"),
        ("日本語のとても長い質問" * 9, ("日本語のとても長い質問" * 9)[:60] + "…"),
    ],
)
def test_a_title_is_the_first_words(text: str, title: str) -> None:
    assert title_of(text) == title
