"""What `pointsman doctor` finds out about the card and the picture server."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pointsman.cli.finding import Finding

if TYPE_CHECKING:
    from pointsman.config.model import Config

ANSWERS_IN: Final = 4.0
NO_PICTURES: Final = "pictures are recognised, and nothing is drawn"


def pictures(config: Config) -> Sequence[Finding]:
    """Is there a picture server, with all that its workflows need? Raises Unreachable, WorkflowError."""
    import asyncio

    from pointsman.build.gpu import open_studio
    from pointsman.core.errors import Unreachable

    settings = config.images.comfyui
    if settings.enabled is False:
        return [Finding("pictures", "ok", f"switched off (images.comfyui.enabled): {NO_PICTURES}")]

    async def survey() -> tuple[str, frozenset[str]]:
        studio = open_studio(config)
        try:
            async with asyncio.timeout(ANSWERS_IN):
                await studio.survey()
                return studio.workflow.name, studio.jobs
        except TimeoutError:
            raise Unreachable(
                f"{settings.url} did not answer within {ANSWERS_IN:g} s", cure="is ComfyUI busy? ask again"
            ) from None
        finally:
            await studio.close()

    try:
        name, jobs = asyncio.run(survey())
    except Unreachable as error:
        if settings.enabled is True:
            raise
        return [Finding("pictures", "warning", f"{error.message}: {NO_PICTURES}", error.cure)]
    also = f"; also {', '.join(sorted(jobs))}" if jobs else ""
    return [Finding("pictures", "ok", f"{name} at {settings.url}{also}"), *unfit(config, jobs)]


def unfit(config: Config, jobs: Collection[str]) -> Iterator[Finding]:
    """The workflows for edit, vary and upscale that this ComfyUI lacks something for."""
    for job in sorted(set(config.images.comfyui.made_of_others) - set(jobs)):
        what = f"no picture can be made by {job}: ComfyUI lacks a model or a node of images.comfyui.jobs.{job}"
        cure = "open the workflow in ComfyUI, which marks in red what is missing; the log names it, too"
        yield Finding("pictures", "warning", what, cure)


def card(config: Config) -> Finding:
    """Can the card's memory be seen, or is it owned by a budget?"""
    import asyncio

    from pointsman.build.gpu import open_probe
    from pointsman.observe.amounts import size

    if not config.gpu.enabled:
        return Finding("card", "ok", "left to the servers (gpu.enabled)")
    probe = open_probe(config)

    async def look() -> list[str]:
        try:
            async with asyncio.timeout(ANSWERS_IN):
                return [
                    f"{it.device} {it.name or 'card'}, {size(it.total)}, {size(it.free)} free ({it.source})"
                    for it in await probe.sample()
                ]
        except TimeoutError:
            return []
        finally:
            await probe.close()

    found = asyncio.run(look())
    if found:
        return Finding("card", "ok", "; ".join(found))
    trouble = probe.trouble
    return Finding(
        "card",
        "warning",
        f"none is seen: {trouble.what if trouble else 'nothing measures it'}",
        (trouble.cure if trouble else "") or "with a card, set gpu.budget to what may be shared out, such as 20GB",
    )
