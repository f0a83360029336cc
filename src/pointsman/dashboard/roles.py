"""Which model has which part: who answers each category, and what is known of each model's place on the card."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pointsman.config.model import Config
from pointsman.config.models import EmbeddedModel, Model, OpenAiModel
from pointsman.config.tiers import JudgeTier
from pointsman.core.category import Catalogue
from pointsman.core.decision import Decision
from pointsman.core.plan import Abilities, Chat, Compute, Draw, Say, plan_for
from pointsman.gpu.footprints import Footprint
from pointsman.gpu.snapshot import Snapshot, TenantNow
from pointsman.observe.history import amount_of

COMFYUI = "comfyui:"


@dataclass(frozen=True, slots=True)
class Served:
    """Who answers a category: `model` "" where none is loaded, `tools` that it may call, `how` in words.

    `notice` says what is missing for it.
    """

    category: str
    path: str
    model: str
    how: str
    tools: tuple[str, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A model, its part, and where it runs; `tenant` is what it is called on the card, "" where it takes none of it."""

    part: str
    name: str
    where: str
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Footing:
    """What a model takes on the card: bytes, whether they were measured, and the seconds of its loads."""

    bytes: int | None = None
    now: bool = False
    cold: float | None = None
    warm: float | None = None


def served(catalogue: Catalogue, abilities: Abilities) -> list[Served]:
    """Who answers each category by the plan that would be made for it."""
    chance = random.Random(0)
    found: list[Served] = []
    for it in catalogue:
        plan = plan_for(Decision("", it.name, it.path, 1.0, "", ()), catalogue, abilities, chance)
        match plan.step:
            case Say():
                found.append(Served(it.name, it.path, "", "a fixed reply"))
            case Compute():
                found.append(Served(it.name, it.path, "", "computed exactly"))
            case Draw():
                found.append(Served(it.name, it.path, "", "the painter; no chat model is loaded"))
            case Chat(model=model, tools=tools):
                found.append(Served(it.name, it.path, model, "", tools, plan.notice))
            case _:
                found.append(Served(it.name, it.path, "", plan.words))
    return found


def roles(config: Config) -> list[Role]:
    """The models of a configuration by their parts: main, small, spare, painter; and who judges."""
    models = config.models
    judge = next((it.model for it in config.tiers if isinstance(it, JudgeTier) and it.enabled), "")
    if models.small == models.main:
        found = [role(config, "main and small" + (", judge" if judge else ""), models.main)]
    else:
        parts = [f"{part}, judge" if part == judge else part for part in ("main", "small")]
        found = [role(config, part, model) for part, model in zip(parts, (models.main, models.small), strict=True)]
    if models.spare is not None:
        found.append(role(config, "spare, where the card is full", models.spare))
    comfyui = config.images.comfyui
    if comfyui.enabled is not False:
        workflow = comfyui.workflow
        found.append(
            Role("painter", workflow.name if isinstance(workflow, Path) else str(workflow), "ComfyUI", COMFYUI)
        )
    return found


def role(config: Config, part: str, model: Model) -> Role:
    """One of them."""
    from pointsman.build import llamacpp
    from pointsman.build.gpu import backend_of
    from pointsman.build.parts import name_of

    name = name_of(model)
    if isinstance(model, EmbeddedModel):
        return Role(part, name, "in this process, on the processor")
    if isinstance(model, OpenAiModel):
        if not model.router:
            return Role(part, name, "a server with OpenAI's API")
        return Role(part, name, "llama-server", f"{llamacpp.backend_of(config, model)}:{model.ids[0]}")
    from pointsman.providers.ollama.backend import tenant_of

    return Role(part, name, "Ollama", tenant_of(model.model, backend_of(config, model.url)))


def footing(it: Role, found: Snapshot | None, learned: Mapping[str, Footprint]) -> Footing:
    """What is known of a model's place on the card: what it holds now, else what it was last seen to take."""
    if not it.tenant:
        return Footing()
    known = [made for key, made in learned.items() if key.rpartition("@")[0].startswith(it.tenant)]
    cold, warm = (middle(times) for times in (spans(known, "cold"), spans(known, "warm")))
    held = [amount_of(now) for now in holding(it.tenant, found)]
    if held:
        return Footing(max(held), now=True, cold=cold, warm=warm)
    samples = [size for made in known for size in made.samples]
    return Footing(max(samples, default=None), cold=cold, warm=warm)


def holding(tenant: str, found: Snapshot | None) -> Iterator[TenantNow]:
    """The tenants in memory that a role stands for."""
    for now in found.tenants if found else ():
        if now.name.startswith(tenant) and now.phase != "cold":
            yield now


def spans(known: Sequence[Footprint], which: str) -> list[float]:
    """The seconds of some loads."""
    return [seconds for made in known for seconds in (made.cold if which == "cold" else made.warm)]


def middle(times: Sequence[float]) -> float | None:
    """The middle one."""
    return sorted(times)[len(times) // 2] if times else None
