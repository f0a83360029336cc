"""What `pointsman doctor` says about the services that may be asked; only with `--online` are they asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pointsman.cli.finding import Finding, Grade

if TYPE_CHECKING:
    from pointsman.build.services import Service
    from pointsman.config import cloud
    from pointsman.config.model import Config
    from pointsman.core.faults import ServiceFailed
    from pointsman.providers.remote.standing import Standing

ANSWERS_IN: Final = 10.0
# What keys look like, as far as that is known, and what to do about one that looks otherwise.
GLOBAL_KEY: Final = re.compile(r"[0-9a-f]{37}")
SHORTEST: Final = 20
UNREACHED: Final = "check the network, or a proxy in between (HTTPS_PROXY)"


def examine_cloud(config: Config, *, online: bool) -> list[Finding]:
    """A finding or more about each service that may be asked. Raises StoreError."""
    from pointsman.build.standings import told_of_others
    from pointsman.cli.quota import standings

    services = config.cloud.services
    if not services:
        off = "switched off: no service is asked" if not config.cloud.enabled else "no service is set up"
        return [Finding("cloud", "ok", f"{off}, so nothing leaves this machine to pick a route")]
    found = list(looks(services))
    found += [of_standing(standing) for standing in standings(config)]
    if online:
        found += asyncio.run(listings(config))
    elif told_of_others(config):
        found.append(Finding("cloud", "ok", "nothing was sent; pointsman doctor --online asks them what they serve"))
    return found


def looks(services: Sequence[cloud.Service]) -> Iterator[Finding]:
    """What looks wrong about keys; they are not shown."""
    from pointsman.config.cloud import Cloudflare, Groq, HuggingFace

    for service in services:
        match service:
            case Groq(key=secret):
                problem = looks_of(secret.get_secret_value() if secret else "", "gsk_")
            case HuggingFace(token=secret):
                problem = looks_of(secret.get_secret_value() if secret else "", "hf_")
            case Cloudflare(token=secret):
                token = secret.get_secret_value() if secret else ""
                is_global = GLOBAL_KEY.fullmatch(token) is not None
                problem = "looks like the Global API Key, which is no token" if is_global else looks_of(token)
            case _:
                problem = ""
        if problem:
            what = "token" if isinstance(service, Cloudflare | HuggingFace) else "key"
            yield Finding(service.name, "warning", f"its {what} {problem}", "copy it anew from where it was made")


def looks_of(key: str, beginning: str = "") -> str:
    """What looks wrong about a key; "" for nothing."""
    if not key.startswith(beginning):
        return f"does not begin with {beginning}"
    return f"has {len(key)} characters, which is too few" if len(key) < SHORTEST else ""


def of_standing(standing: Standing) -> Finding:
    """Whether a service may be asked now, by what is remembered of it."""
    from pointsman.cli.quota import calls_of

    if standing.ready:
        about = "about " if standing.estimated and standing.calls_left else ""
        span = "this month" if standing.per == "month" else "today"
        gone = [model.model for model in standing.models if not model.ready]
        but = f"; not asked at present: {', '.join(gone)}" if gone else ""
        left = f"{about}{calls_of(standing.calls_left)} left {span}"
        return Finding(standing.service, "ok", f"{standing.state}, {left}{but}")
    grade: Grade = "failed" if standing.cure else "warning"
    return Finding(standing.service, grade, standing.state, standing.cure or "wait; pointsman quota shows what is left")


async def listings(config: Config) -> list[Finding]:
    """What each service says that it serves, asked now whatever is remembered of it; these calls are free."""
    from pointsman.build.services import open_services
    from pointsman.stores.shelf import MemoryShelf, SqliteShelf

    services = open_services(config, MemoryShelf(), patience=ANSWERS_IN)
    remembered = open_services(config, SqliteShelf(config.store.path))
    try:
        pairs = zip(services, remembered, strict=True)
        return [await listing_of(service, known.caller.forgive) for service, known in pairs]
    finally:
        await services.close()
        await remembered.close()


async def listing_of(service: Service, forgive: Callable[[Collection[str]], Awaitable[None]]) -> Finding:
    """Whether a service serves the models that it is to be asked for; `forgive` is told what it serves.

    Only where it lets us in, though: a list that everybody is given says nothing about a key.
    """
    from pointsman.core.deadline import within
    from pointsman.core.faults import ServiceFailed

    try:
        with within(ANSWERS_IN):
            served = await service.listing()
    except ServiceFailed as failed:
        return refusal_of(service, failed)
    if await service.lets_in():
        await forgive(served)
    return of_listing(service.name, service.caller.models, served)


def refusal_of(service: Service, failed: ServiceFailed) -> Finding:
    """Why a service did not say what it serves."""
    from pointsman.build.standings import new_key

    what = failed.message.removeprefix(f"{service.name}: ")
    if failed.kind == "auth":
        return Finding(service.name, "failed", f"does not let us in: {what}", failed.cure or new_key(service.name))
    grade: Grade = "failed" if failed.kind == "bad_request" else "warning"
    return Finding(service.name, grade, f"does not say what it serves: {what}", failed.cure or UNREACHED)


def of_listing(name: str, models: Sequence[str], served: Sequence[str]) -> Finding:
    """What a service's list says about the models that it is to be asked for."""
    from pointsman.cli.models import shown
    from pointsman.providers.openai_request import is_listed

    missing = [model for model in models if not is_listed(model, served)]
    if not missing:
        return Finding(name, "ok", f"serves {', '.join(models)}")
    grade: Grade = "failed" if len(missing) == len(models) else "warning"
    offered = shown(missing[0], tuple(served))
    cure = f"name others in {where_models_stand(name)}; that one is listed does not mean that your account may use it"
    return Finding(name, grade, f"no longer serves {', '.join(missing)}; it serves {offered}", cure)


def where_models_stand(name: str) -> str:
    """Where a service's models are configured."""
    from pointsman.config.cloud import SERVICES

    return f"cloud.{name}.models" if name in SERVICES else f"cloud.servers ({name})"
