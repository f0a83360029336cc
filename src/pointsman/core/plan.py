"""How a decision is carried out: pure values, and the pure function that makes them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pointsman.core.category import Catalogue
from pointsman.core.decision import Decision, Slots


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
    """Make `count` pictures of `prompt`; zero or empty means the picture server's own choice."""

    prompt: str
    negative: str = ""
    style: str = ""
    width: int = 0
    height: int = 0
    count: int = 1
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """Let a model answer, with just the `tools` that the category needs."""

    model: str
    tools: tuple[str, ...] = ()


Step = Say | Compute | Draw | Chat


@dataclass(frozen=True, slots=True)
class Plan:
    """The step that serves a decision, and what to tell the person first."""

    step: Step
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What can be used right now.

    `main` and `small` name chat models ("" when there is none); `tools` are the tools that
    can be called. Fixed replies are in `language`, or in the message's when that is "".
    """

    main: str = ""
    small: str = ""
    tools: frozenset[str] = frozenset()
    language: str = ""


def plan_for(decision: Decision, catalogue: Catalogue, abilities: Abilities, chance: random.Random) -> Plan:
    """The plan that serves a decision with what is there; same arguments, same plan."""
    category = catalogue[decision.category]
    slots = decision.slots
    if "job" in slots:
        return Plan(Chat(abilities.small or abilities.main))
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
    if category.path == "llm+tools":
        tools = tuple(tool for tool in category.tools if tool in abilities.tools)
        missing = [tool for tool in category.tools if tool not in abilities.tools]
        notice = f"not set up here: {', '.join(missing)}; the model answers without" if missing else ""
        return Plan(Chat(abilities.main, tools), notice)
    return Plan(Chat(abilities.main))


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
