# ruff: noqa: RUF001  (punctuation of many scripts)
"""What a message asks of the memory in so many words, so that no model is needed to find it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pointsman.core.message import TOLD, ToolCall, Turn
from pointsman.core.search_words import search_words
from pointsman.core.tool import First, Occasion
from pointsman.tiers.slots import memory_words
from pointsman.tiers.slots.linear import regex
from pointsman.tools.memory import wording

# Words around what is to be remembered ("hey, could you please remember for me that ..."); with more, it asks for more.
MOST_AROUND: Final = 14
SHORT_ANSWER: Final = 300
MOST_LAST: Final = 100
# "I hate coriander" is to be remembered though nobody says so; of a longer message, who knows.
SHORT_STATEMENT: Final = 100
ID: Final = re.compile(r"m\d{1,15}")
SENTENCE_ENDS: Final = re.compile(r"[.!;。！；]\s*\S")


def first_call(occasion: Occasion, reminder: str) -> First | None:
    """The call that a message asks for; None where a model has to find that out.

    `reminder` is the label before what somebody wants to be reminded of. Nothing that a message does not name is ever
    forgotten: "forget that" is asked back.
    """
    action, memory = occasion.slots.get("action", ""), named(occasion)
    if action == "recall":
        return First(ToolCall("recall", {"query": memory or occasion.message.text}))
    if action == "list":
        about = "" if asks_for_all(occasion.message.told) else memory
        return First(ToolCall("list_memories", {"about": about}), answers=True)
    text = occasion.message.told
    if action not in {"remember", "remind", "forget"} or asks_for_more(text, memory):
        return None
    if action == "remember" and len(memory) + 2 >= len(text.strip()) and not is_statement(memory):
        return None
    if action == "forget":
        return First(ToolCall("forget", {"what": memory}), answers=True)
    arguments = {"text": memory or meant(occasion.message.history)}
    if occasion.message.origin.guild:
        arguments = for_everybody(arguments["text"])
    if action == "remind" and arguments["text"]:
        arguments["text"] = f"{reminder}: {arguments['text']}"
    return First(ToolCall("remember", arguments), answers=True)


def named(occasion: Occasion) -> str:
    """What a message says is to be remembered, forgotten or found; "" where it only points at it."""
    memory = str(occasion.slots.get("memory", "")).strip()
    return "" if memory.casefold().strip(" .!?。！？") in wording.POINTING else memory


def asks_for_more(text: str, memory: str) -> bool:
    """Whether a message holds more wishes than the one, or a question beside it."""
    if "?" in memory or "？" in memory:
        return True
    if wording.ALSO.search(memory):
        return True
    if text.rstrip().endswith(("?", "？")) and SENTENCE_ENDS.search(memory):
        return True
    return len(text.split()) - len(memory.split()) > MOST_AROUND


def asks_for_all(text: str) -> bool:
    """Whether a message asks for all that is remembered, in so many words."""
    end = text[-MOST_LAST:]
    return any(regex(it).search(end) for it in (memory_words.ALL_ABOUT_ME, memory_words.ALL_ABOUT_ME_JA))


def is_statement(text: str) -> bool:
    """Whether a message without the wording of any wish tells something of its writer."""
    wish = wording.OTHER_WISH.search(text)
    return len(text) <= SHORT_STATEMENT and not wish and bool(wording.OWN_AFFAIRS.search(text))


def meant(history: Sequence[Turn]) -> str:
    """What "remember that" is about, where the conversation makes it plain; "" where it does not.

    That is what the person last said of himself, or his question with its short answer.
    """
    said = [turn for turn in history if turn.role in {"user", "assistant"} and turn.text.strip()]
    user = next((turn.text.strip() for turn in reversed(said) if turn.role == "user"), "")
    answer = said[-1].text.strip() if said and said[-1].role == "assistant" else ""
    asks = user.endswith(("?", "？"))
    if user and not asks and wording.OWN_AFFAIRS.search(user) and len(user) <= SHORT_ANSWER:
        return user
    if asks and answer and len(f"{user} {answer}") <= SHORT_ANSWER and "?" not in answer and "\n" not in answer:
        return f"{user} {answer}"
    return ""


def for_everybody(text: str) -> dict[str, Any]:
    """The arguments for a text that may begin or end with the wish that everybody in the server knows it."""
    if match := wording.FOR_ALL_FIRST.match(text):
        return {"text": text[match.end() :], "scope": "guild"}
    # At the end only: from within a run of blanks, or of signs, it would be looked for again and again.
    if match := wording.FOR_ALL_LAST.search(text, max(0, len(text) - MOST_LAST)):
        return {"text": text[: match.start()], "scope": "guild"}
    return {"text": text}


def in_own_words(text: str, occasion: Occasion) -> bool:
    """Whether a person said all words of a text that is to be remembered for him, now or earlier in the conversation.

    What a model made up, or read elsewhere, is kept too, but counts as a stranger's words when it is recalled.
    """
    message = occasion.message
    said = [message.told, *(turn.text[:TOLD] for turn in message.history if turn.role == "user")]
    return set(search_words(text)) <= set(search_words("\n".join(said)))


def ids_in(what: str) -> list[str]:
    """The ids in a text that holds nothing else: "m3, m4 and m7"; none where it says anything more."""
    parts = [part for part in re.split(r"[\s,;、，#]+", what.casefold()) if part and part not in wording.AND]
    return list(dict.fromkeys(parts)) if all(ID.fullmatch(part) for part in parts) else []


def is_everything(what: str) -> bool:
    """Whether all memories are meant."""
    plain = " ".join(what.casefold().split())
    return len(plain) <= SHORT_ANSWER and bool(wording.EVERYTHING.fullmatch(plain) or count_named(plain))


def count_named(what: str) -> int:
    """How many memories somebody says are all of his; 0 where he does not."""
    match = wording.ALL_OF_THEM.search(" ".join(what.casefold().split())[:SHORT_ANSWER])
    return int(next(filter(None, match.groups()))) if match else 0
