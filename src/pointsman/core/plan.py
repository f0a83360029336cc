"""How a decision is carried out: pure values, and the pure function that makes them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import COMMAND, SESSION, Decision, Mode, Slots
from pointsman.core.message import Attachment, Message

Picturing = Literal["", "edit", "vary", "upscale"]
"""What is made of a picture: it is changed as the prompt says, one that is much like it, the same larger."""

JOBS: Final[Mapping[str, Picturing]] = {job: job for job in get_args(Picturing) if job}
USUAL: Final = "auto"
LEFT_OUT: Final = "left out, as nothing of this is to leave the house: {names}"


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

    With a `source`, it is made of that picture, and `job` says how.
    """

    prompt: str
    negative: str = ""
    style: str = ""
    width: int = 0
    height: int = 0
    count: int = 1
    seed: int | None = None
    steps: int = 0
    job: Picturing = ""
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

    `notice` says what is lacking for it, which a model is told, too; `remark` what only the person is to know.
    `instead` is the step that full trust would have taken, where it is another.
    """

    step: Step
    notice: str = ""
    instead: Step | None = None
    remark: str = ""

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
    `outside` names the chat models that answer outside the house, `reaching` the toolsets that ask somebody there.
    """

    main: str = ""
    small: str = ""
    mode: Mode = "full"
    tools: Mapping[str, str] = field(default_factory=dict)
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str = ""
    outside: frozenset[str] = frozenset()
    reaching: frozenset[str] = frozenset()

    def tools_for(self, category: Category) -> tuple[str, ...]:
        """The toolsets that a category may use, whether they can be used now or not."""
        own = self.allowed.get(category.name, category.tools)
        return tuple(dict.fromkeys((*own, *self.added.get(category.name, ()))))


def plan_for(
    decision: Decision,
    catalogue: Catalogue,
    abilities: Abilities,
    chance: random.Random,
    message: Message | None = None,
) -> Plan:
    """The plan that serves a decision with what is there, as far as it is trusted; same arguments, same plan.

    Of the `message` it takes its picture, the model that a command names, and whether all is to stay in the house.
    These count in every mode. So does what a command asks for: it was said and not guessed, so there is nothing to be
    distrusted, and in the shadow, too, /draw draws, and a model that was chosen is the one that answers.
    """
    local = message is not None and message.local
    at_hand = in_house(abilities) if local else abilities
    full = track_for(decision, catalogue, at_hand, chance, message)
    plain = Chat(at_hand.main)
    trusted = (
        abilities.mode == "full"
        or decision.tier == COMMAND
        or (abilities.mode == "assist" and not isinstance(full.step, Chat))
    )
    # In the shadow, nobody is told what is missing for a track that is not taken.
    plan = full if trusted else Plan(plain, instead=None if full.step == plain else full.step)
    return plan if message is None else for_writer(plan, abilities, at_hand, message)


def track_for(
    decision: Decision,
    catalogue: Catalogue,
    abilities: Abilities,
    chance: random.Random,
    message: Message | None = None,
) -> Plan:
    """The plan of somebody who trusts every track."""
    category = catalogue[decision.category]
    slots = decision.slots
    job = str(slots.get("job", ""))
    if job and not (category.path == "image" and job in JOBS):
        return Plan(chore_for(job, abilities))
    if decision.tier == SESSION:  # a model is at work on it, with tools of the caller's
        return Plan(Chat(abilities.main))
    if category.path == "image":
        return Plan(draw_from(slots, message.picture if message else None))
    if category.path == "simple":
        language = abilities.language or decision.language
        replies = category.replies.get(language) or category.replies.get("en") or ()
        if replies:
            return Plan(Say(chance.choice(replies)))
        return Plan(Chat(abilities.small or abilities.main))
    expression = slots.get("expression")
    if isinstance(expression, str) and expression:
        return Plan(Compute(expression))
    kept_in = abilities.reaching if message is not None and message.local else frozenset()
    return with_tools(abilities, abilities.tools_for(category), kept_in)


def with_tools(abilities: Abilities, wanted: tuple[str, ...], kept_in: frozenset[str]) -> Plan:
    """The main model with those of the toolsets that can be used, and are not kept from reaching outside."""
    if not wanted:
        return Plan(Chat(abilities.main))
    standing = {name: abilities.tools.get(name, "no tool has this name") for name in wanted}
    missing = [f"{name} ({why})" for name, why in standing.items() if why]
    left_out = [name for name, why in standing.items() if not why and name in kept_in]
    notices = [f"not set up here: {'; '.join(missing)}"] if missing else []
    notices += [LEFT_OUT.format(names=", ".join(left_out))] if left_out else []
    usable = tuple(name for name, why in standing.items() if not why and name not in kept_in)
    return Plan(Chat(abilities.main, usable), "; ".join(notices))


def in_house(abilities: Abilities) -> Abilities:
    """What is at hand where nothing may leave the house: the other of the two models in place of one outside.

    Where both are outside they stay: there is nobody else, and whoever is to ask them says so.
    """
    main, small = abilities.main, abilities.small
    here = [name for name in (main, small) if name and name not in abilities.outside]
    if not here:
        return abilities
    return replace(abilities, main=main if main in here else here[0], small=small if small in here else here[0])


def for_writer(plan: Plan, abilities: Abilities, at_hand: Abilities, message: Message) -> Plan:
    """The plan with the model that the writer asked for in the main one's place, and why another one answers.

    A model that is known to answer outside is not asked where nothing may leave the house.
    """
    asked = message.command.model if message.command else ""
    named_one = asked if asked != USUAL else ""
    kept_from = (named_one or abilities.main) if message.local else ""
    gives_way = kept_from in abilities.outside and at_hand.main not in abilities.outside
    chats = isinstance(plan.step, Chat) and plan.step.model == at_hand.main
    if named_one and not gives_way:
        step, instead = (by_model(it, at_hand.main, named_one) for it in (plan.step, plan.instead))
        return replace(plan, step=step or plan.step, instead=instead)
    if gives_way and chats and kept_from != at_hand.main:
        remark = f"{at_hand.main} answers, as {kept_from} is outside the house, which nothing of this is to leave"
        return replace(plan, remark=remark)
    return plan


def by_model(step: Step | None, usual: str, model: str) -> Step | None:
    """The step with another model in the place of the usual one."""
    return replace(step, model=model) if isinstance(step, Chat) and step.model == usual else step


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
        case Draw(job=job):
            return f"draw {job}".rstrip()
        case Chore(job=job):
            return f"chore {job}"
        case Chat(model=model, tools=tools):
            return f"chat {model}".rstrip() + (f" with {', '.join(tools)}" if tools else "")


def draw_from(slots: Slots, picture: Attachment | None = None) -> Draw:
    """The drawing that a decision's slots describe, made of the `picture` that came with it where they name a job."""
    seed = slots.get("seed")
    job = JOBS.get(str(slots.get("job", "")), "")
    return Draw(
        prompt=str(slots.get("prompt", "")),
        negative=str(slots.get("negative", "")),
        style=str(slots.get("style", "")),
        width=int(slots.get("width", 0)),
        height=int(slots.get("height", 0)),
        count=int(slots.get("count", 1)),
        seed=None if seed is None else int(seed),
        steps=int(slots.get("steps", 0)),
        job=job,
        source=picture if job else None,
    )
