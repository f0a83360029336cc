"""How a decision is carried out: pure values, and the pure function that makes them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from pointsman.core.category import Catalogue, Category
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
    """Let a model answer, with just the toolsets (`tools`) that the category needs."""

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

    `main` and `small` name chat models ("" when there is none). `tools` says of each toolset why it cannot be used
    ("" when it can); `allowed` has a category's toolsets where the user chose them, `added` those that come on top.
    Fixed replies are in `language`, or in the message's when that is "".
    """

    main: str = ""
    small: str = ""
    tools: Mapping[str, str] = field(default_factory=dict)
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str = ""

    def tools_for(self, category: Category) -> tuple[str, ...]:
        """The toolsets that a category may use, whether they can be used now or not."""
        own = self.allowed.get(category.name, category.tools)
        return tuple(dict.fromkeys((*own, *self.added.get(category.name, ()))))


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
    wanted = abilities.tools_for(category)
    lacking = {name: abilities.tools.get(name, "no tool has this name") for name in wanted}
    missing = [f"{name} ({why})" if why else name for name, why in lacking.items() if why]
    notice = f"not set up here: {'; '.join(missing)}" if missing else ""
    return Plan(Chat(abilities.main, tuple(name for name, why in lacking.items() if not why)), notice)


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
