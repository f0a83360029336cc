"""What one call to each model of a service takes, before any has been made: of the calls that the tiers would make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pointsman.build.services import Service
from pointsman.core.category import Catalogue
from pointsman.core.errors import PointsmanError
from pointsman.providers.cloudflare import Cloudflare
from pointsman.providers.huggingface import TEMPLATE, HuggingFace, labels_of
from pointsman.providers.openai_server import OpenAiServer
from pointsman.providers.remote.asking import Ask, Cost
from pointsman.tiers.decider import described
from pointsman.tiers.judge import MOST_CANDIDATES
from pointsman.tiers.question import Question, Questions

# A message of some 25 words. What it is compared with takes many times its tokens, so its length hardly counts.
MESSAGE: Final = "a message of about so many words " * 4


def costs_of(service: Service, catalogue: Catalogue, k: int) -> dict[str, Cost]:
    """What one call takes, by model, with `k` examples for chat models; no model that cannot be asked is in it."""
    if len(catalogue) < 2:
        return {}
    return {model: ask.cost for model in service.caller.models if (ask := ask_of(service, model, catalogue, k))}


def ask_of(service: Service, model: str, catalogue: Catalogue, k: int) -> Ask[Any] | None:
    """The call that the service's tier would make about a message of ordinary length; None where there is none."""
    try:
        match service.settings.asks, service.spoken:
            case "zero_shot", HuggingFace() as compares:
                return compares.compared(model, MESSAGE, tuple(labels_of(catalogue.names, {}).values()), TEMPLATE)
            case "decisions", Cloudflare() | OpenAiServer() as decides:
                options = {category.name: described(category.name, category.description) for category in catalogue}
                return decides.decision(model, MESSAGE, options, plain=False)
            case "embeddings", Cloudflare() | HuggingFace() | OpenAiServer() as embeds:
                return embeds.vectors(model, [MESSAGE], None)
        form = service.spoken.form_of(model)
        return service.spoken.label(model, question_about(catalogue, k), sample=0, form=form)
    except PointsmanError:
        return None


def question_about(catalogue: Catalogue, k: int) -> Question:
    """What a chat model is asked, with as many examples and labels as there are at most."""
    examples: Sequence[Any] = catalogue.utterances
    some = examples[:: max(1, len(examples) // k)][:k]
    return Questions(catalogue).about(MESSAGE, some, catalogue.names[:MOST_CANDIDATES])
