"""How a decision is carried out: pure values, and the pure function that makes them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import SESSION, Decision, Mode, Slots
from pointsman.core.message import Attachment


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with a fixed text; nothing is loaded."""

    text: str


@dataclass(frozen=True, slots=True)
class Compute:
    """Evaluate an arithmetic expression exactly; nothing is loaded."""

    expression: str


@dataclass(frozen=True, slots=True)
class Draw:
    """Make `count` pictures of `prompt`; zero or empty means the picture server's own choice.

    With a `source`, it is made of that picture: `job` is "edit" (changed as the prompt says), "vary" (much like it) or
    "upscale" (the same, larger).
    """

    prompt: str
    negative: str = ""
    style: str = ""
    width: int = 0
    height: int = 0
    count: int = 1
    seed: int | None = None
    steps: int = 0
    job: Literal["", "edit", "vary", "upscale"] = ""
    source: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """Let a model answer, with just the toolsets (`tools`) that the category needs."""

    model: str
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chore:
    """A chat page's own job (a title, tags), which nobody waits for: nothing is drawn, and nobody sent away for it.

    `model` answers where it `loads` in free memory, or else only where it needs none or is there already. Where it
    does not, the least that the page can read is made of the conversation, without a model.
    """

    job: str
    model: str = ""
    loads: bool = False


Step = Say | Compute | Draw | Chat | Chore


@dataclass(frozen=True, slots=True)
class Plan:
    """The step that serves a decision, and what to tell the person first.

    `instead` is the step that full trust would have taken, where it is another.
    """

    step: Step
    notice: str = ""
    instead: Step | None = None

    @property
    def words(self) -> str:
        """It in a few words, for headers and traces."""
        return named(self.step) + (f" (full: {named(self.instead)})" if self.instead else "")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What can be used right now.

    `main` and `small` name chat models ("" when there is none). `tools` says of each toolset why it cannot be used
    ("" when it can); `allowed` has a category's toolsets where the user chose them, `added` those that come on top.
    Fixed replies are in `language`, or in the message's when that is "". `mode` is how far the tracks are trusted.
    """

    main: str = ""
    small: str = ""
    mode: Mode = "full"
    tools: Mapping[str, str] = field(default_factory=dict)
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str = ""

    def tools_for(self, category: Category) -> tuple[str, ...]:
        """The toolsets that a category may use, whether they can be used now or not."""
        own = self.allowed.get(category.name, category.tools)
        return tuple(dict.fromkeys((*own, *self.added.get(category.name, ()))))


def plan_for(decision: Decision, catalogue: Catalogue, abilities: Abilities, chance: random.Random) -> Plan:
    """The plan that serves a decision with what is there, as far as it is trusted; same arguments, same plan."""
    full = track_for(decision, catalogue, abilities, chance)
    plain = Chat(abilities.main)
    trusted = abilities.mode == "full" or (abilities.mode == "assist" and not isinstance(full.step, Chat))
    if trusted or full.step == plain:
        # In the shadow, nobody is told what is missing for a track that is not taken.
        return full if trusted else Plan(plain)
    return Plan(plain, instead=full.step)


def track_for(decision: Decision, catalogue: Catalogue, abilities: Abilities, chance: random.Random) -> Plan:
    """The plan of somebody who trusts every track."""
    category = catalogue[decision.category]
    slots = decision.slots
    if "job" in slots:
        return Plan(chore_for(str(slots["job"]), abilities))
    if decision.tier == SESSION:  # a model is at work on it, with tools of the caller's
        return Plan(Chat(abilities.main))
    if category.path == "image":
        return Plan(draw_from(slots))
    if category.path == "simple":
        language = abilities.language or decision.language
        replies = category.replies.get(language) or category.replies.get("en") or ()
        if replies:
            return Plan(Say(chance.choice(replies)))
        return Plan(Chat(abilities.small or abilities.main))
    expression = slots.get("expression")
    if isinstance(expression, str) and expression:
        return Plan(Compute(expression))
    wanted = abilities.tools_for(category)
    lacking = {name: abilities.tools.get(name, "no tool has this name") for name in wanted}
    missing = [f"{name} ({why})" if why else name for name, why in lacking.items() if why]
    notice = f"not set up here: {'; '.join(missing)}" if missing else ""
    return Plan(Chat(abilities.main, tuple(name for name, why in lacking.items() if not why)), notice)


def chore_for(job: str, abilities: Abilities) -> Chore:
    """Who does a chat page's own job: the small model where it is another one than the main, which is not woken."""
    small = abilities.small or abilities.main
    return Chore(job, small, loads=small != abilities.main)


def named(step: Step) -> str:
    """A step in a few words."""
    match step:
        case Say():
            return "say"
        case Compute():
            return "compute"
        case Draw():
            return "draw"
        case Chore(job=job):
            return f"chore {job}"
        case Chat(model=model, tools=tools):
            return f"chat {model}".rstrip() + (f" with {', '.join(tools)}" if tools else "")


def draw_from(slots: Slots) -> Draw:
    """The drawing that a decision's slots describe."""
    seed = slots.get("seed")
    return Draw(
        prompt=str(slots.get("prompt", "")),
        negative=str(slots.get("negative", "")),
        style=str(slots.get("style", "")),
        width=int(slots.get("width", 0)),
        height=int(slots.get("height", 0)),
        count=int(slots.get("count", 1)),
        seed=None if seed is None else int(seed),
    )
