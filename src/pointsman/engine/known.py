"""What can be chosen from a router now."""

from __future__ import annotations

from pointsman.core.service import Known
from pointsman.engine.router import Router


async def known_of(router: Router) -> Known:
    """The categories, the models that a command may name, and what is done with pictures. Raises ConfigError.

    The configured models come first, then those on the disks of Ollamas that answer.
    """
    on_disk = (it.name for it in await router.listed())
    return Known(
        {category.name: category.description for category in router.catalogue},
        tuple(dict.fromkeys((*router.models, *on_disk))),
        router.styles,
        router.picture_jobs,
    )
