"""The questions of a first run, at most six: each has a default, and what has one answer only is not asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pointsman.build.discovery import STAND_IN_LEAST, STAND_IN_SHARE
from pointsman.build.survey import FoundModel, Survey
from pointsman.core.errors import BadField
from pointsman.observe.amounts import size

EMBEDDED: Final = "embedded"
SAME: Final = "same"
YES, NO = "yes", "no"
LOCAL, NETWORK = "local", "network"
FOREVER: Final = "forever"
# What a configuration takes as the name of a model; "auto" is what clients say when they want routing.
NAMED: Final = re.compile(r"(?!auto$)[^\s\x00-\x1f?#]{1,200}")
NEEDS_KEY: Final = "POINTSMAN_KEY"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers: its `value`, how it is called, and a remark on it."""

    value: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, why it matters in a line, and its answers; `default` is what Enter takes."""

    name: str
    text: str
    why: str
    choices: tuple[Choice, ...]
    default: str

    def taken(self, value: str) -> str:
        """An answer that there is. Raises BadField for any other."""
        if value not in {it.value for it in self.choices}:
            known = ", ".join(it.value for it in self.choices)
            raise BadField(self.name, f"{value!r} is no answer to {self.name!r}", cure=f"one of these: {known}")
        return value


@dataclass(frozen=True, slots=True)
class Offer:
    """A chat model that may be taken: where it is, what it is called there, and how it is told."""

    value: str
    provider: str
    url: str
    model: str
    bytes: int
    note: str


def offers(found: Survey) -> tuple[Offer, ...]:
    """The chat models that there are, best first: those of Ollama by fit, of other servers, and our own small one."""
    ollama, room = found.ollama, found.room
    made = [
        Offer(f"ollama/{it.name}", "ollama", ollama.url, it.name, it.size, note_on(it, room))
        for it in ollama.models
        if "chat" in it.can
    ]
    made += [
        Offer(f"{server.url}#{name}", "openai", server.url, name, 0, f"{server.kind} at {urlsplit(server.url).netloc}")
        for server in found.servers
        for name in server.models
        if NAMED.fullmatch(name) and "embed" not in name.lower()
    ]
    if found.embedded:
        made.append(Offer(EMBEDDED, "embedded", "", "smollm2", 0, "runs inside Pointsman; very small, for trying out"))
    return tuple(made)


def note_on(model: FoundModel, room: int | None) -> str:
    """What a model takes, and whether that is there."""
    needs = f"about {size(model.needs)}" if model.needs else size(model.size)
    if model.fits is None or room is None:
        return needs
    sees = ", sees pictures" if "see" in model.can else ""
    if model.fits:
        return f"{needs} of {size(room)}: fits{sees}"
    return f"{needs} of {size(room)}: does not fit, so it would be slow{sees}"


def questions(found: Survey, given: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """What is to be asked, in order; `given` are answers so far, as one may depend on them."""
    given = given or {}
    asked = (main(found), small(found, given), pictures(found), cloud(found), reach(found), keep())
    return tuple(it for it in asked if it is not None)


def answered(found: Survey, given: Mapping[str, str]) -> dict[str, str]:
    """An answer to every question, defaults where none is given. Raises BadField for one that there is not."""
    taken: dict[str, str] = {}
    while left := [it for it in questions(found, taken) if it.name not in taken]:
        taken[left[0].name] = left[0].taken(given.get(left[0].name, left[0].default))
    return taken


def main(found: Survey) -> Question | None:
    """Which model answers."""
    known = offers(found)
    if len(known) < 2:
        return None
    return Question(
        "main",
        "Which model answers whatever needs thought?",
        "The largest that fits the card comes first; it is loaded when it is wanted, and gives way to pictures.",
        tuple(Choice(it.value, it.model, it.note) for it in known),
        known[0].value,
    )


def chosen_main(found: Survey, given: Mapping[str, str]) -> Offer | None:
    """The model that answers; None where there is none at all."""
    known = offers(found)
    return next((it for it in known if it.value == given.get("main")), known[0] if known else None)


def small(found: Survey, given: Mapping[str, str]) -> Question | None:
    """Which model does small talk: any that is smaller, or the same."""
    best = chosen_main(found, given)
    if best is None or best.value == EMBEDDED:
        return None
    others = [it for it in offers(found) if it.model != best.model and (not best.bytes or it.bytes < best.bytes)]
    if not others:
        return None
    fitting = [it for it in others if STAND_IN_LEAST <= it.bytes <= best.bytes / STAND_IN_SHARE]
    default = max(fitting, key=lambda it: it.bytes).value if fitting else SAME
    same = Choice(SAME, best.model, "the same one: nothing else is loaded")
    return Question(
        "small",
        "Which model does small talk, and the titles that chat pages ask for?",
        "A small one beside the other answers at once, and stands in where the card is full.",
        (*(Choice(it.value, it.model, it.note) for it in others), same),
        default,
    )


def pictures(found: Survey) -> Question | None:
    """Whether ComfyUI draws."""
    comfyui = found.comfyui
    if not comfyui.workflow:
        return None
    return Question(
        "pictures",
        "May ComfyUI draw pictures?",
        f"It is at {urlsplit(comfyui.url).netloc} and has all that {comfyui.workflow} needs.",
        (Choice(YES, "yes"), Choice(NO, "no", "pictures are recognised, and not drawn")),
        YES,
    )


def services(found: Survey) -> tuple[str, ...]:
    """The services that there are keys for."""
    keys = set(found.keys)
    wanted = {
        "Groq": {"GROQ_API_KEY"},
        "Cloudflare": {"CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"},
        "Hugging Face": {"HF_TOKEN"},
    }
    return tuple(name for name, needed in wanted.items() if needed <= keys)


def cloud(found: Survey) -> Question | None:
    """Whether messages may leave, where there are keys."""
    names = services(found)
    if not names:
        return None
    return Question(
        "cloud",
        f"May {' and '.join(names)} be asked what a message wants, when nobody here is sure?",
        "That sends the text of about 2 in 100 messages there; their free share is enough for that.",
        (Choice(NO, "no", "nothing leaves this machine"), Choice(YES, "yes", "its key is in the environment")),
        NO,
    )


def reach(found: Survey) -> Question:
    """Who may call."""
    has_key = NEEDS_KEY in found.keys
    note = f"with the key in {NEEDS_KEY}" if has_key else "a key is made, which every caller has to send"
    return Question(
        "reach",
        "Who may reach Pointsman?",
        "It listens to this machine alone unless you say otherwise; others then need a key.",
        (Choice(LOCAL, "this machine only"), Choice(NETWORK, "the network too", note)),
        LOCAL,
    )


def keep() -> Question:
    """For how long texts are kept."""
    return Question(
        "keep",
        "How long may the texts of messages be kept?",
        "They are for looking at decisions and correcting them, and stay on this machine; decisions stay without them.",
        (
            Choice("0", "never", "nothing that was said is stored"),
            Choice("1d", "a day"),
            Choice("7d", "a week"),
            Choice("30d", "a month"),
            Choice(FOREVER, "for ever"),
        ),
        "7d",
    )
