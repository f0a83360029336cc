"""What is valid, and does less than one may expect: tiers that decide nothing, services that nobody asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pointsman.config.check import placed
from pointsman.config.findings import Finding
from pointsman.config.load import Loaded
from pointsman.config.model import Config
from pointsman.config.tiers import JudgeTier, Tier

# What these say rests on the message itself; followups leans on them, and so does a judge that does not decide.
GUESSING: Final = frozenset({"patterns", "fast", "neighbours", "classifier"})
LIST: Final = ("tiers",)
# What tiers decide that do not guess.
STILL_DECIDED: Final = {"corrections": "what is corrected", "followups": "what follows up on something"}


def cautions(loaded: Loaded) -> list[Finding]:
    """What may surprise whoever wrote this configuration, each with file:line and a cure; nothing is wrong with it."""
    found = (unguessed(loaded), uncorrected(loaded), unasked(loaded), half_a_key(loaded))
    return [it for it in found if it is not None]


def unguessed(loaded: Loaded) -> Finding | None:
    """That no tier says what a new message wants."""
    asked = switched_on(loaded.config)
    if any(decides(tier) for tier in asked):
        return None
    rest = [what for kind, what in STILL_DECIDED.items() if kind in kinds(asked)]
    but = f", except {' and '.join(rest)}" if rest else ""
    fallback = loaded.config.fallback
    judge = ", or give the judge `decides: true`" if "judge" in kinds(asked) else ""
    return Finding(
        placed(loaded, LIST, f"no tier finds out what a message wants: all go to the fallback, {fallback}{but}"),
        "take `tiers` out of the file, as then there are all of them, or add some, such as "
        f"`- kind: fast` and `- kind: classifier`{judge}",
    )


def uncorrected(loaded: Loaded) -> Finding | None:
    """That what has been corrected does not count, or not before others have decided."""
    asked = switched_on(loaded.config)
    if "corrections" not in kinds(asked):
        off = "corrections" in kinds(loaded.config.tiers)
        why = f"`corrections` is {'switched off' if off else 'missing'}, so corrections do not decide anything"
        cure = "take its `enabled: false` out" if off else "put `- kind: corrections` first"
        return Finding(placed(loaded, LIST, why), cure)
    before = [tier.kind for tier in asked[: kinds(asked).index("corrections")] if decides(tier) or leans(tier)]
    if not before:
        return None
    why = f"`corrections` stands behind {', '.join(before)}, so what these decide cannot be corrected"
    return Finding(placed(loaded, LIST, why), f"put `- kind: corrections` before `- kind: {before[0]}`")


def unasked(loaded: Loaded) -> Finding | None:
    """That services have what they need and are not asked, as the list of tiers leaves the cloud out."""
    services = [service.name for service in loaded.config.cloud.services]
    if not services or "cloud" in kinds(switched_on(loaded.config)):
        return None
    why = f"`cloud` is not among the tiers that are on, so {', '.join(services)} will not be asked about any message"
    return Finding(placed(loaded, LIST, why), "add `- kind: cloud`, or take the keys out")


def half_a_key(loaded: Loaded) -> Finding | None:
    """That Cloudflare has one of the two things that it needs."""
    cloudflare = loaded.config.cloud.cloudflare
    if not cloudflare.enabled or (cloudflare.account is None) == (cloudflare.token is None):
        return None
    what, variable = ("account", "CLOUDFLARE_ACCOUNT_ID") if cloudflare.token else ("token", "CLOUDFLARE_API_TOKEN")
    why = f"has no `{what}`, so it is never asked"
    return Finding(placed(loaded, ("cloud", "cloudflare"), why), f"set {variable}")


def decides(tier: Tier) -> bool:
    """Whether a tier says by itself what a message wants."""
    return tier.decides if isinstance(tier, JudgeTier) else tier.kind in GUESSING


def leans(tier: Tier) -> bool:
    """Whether a tier decides by what was said before, or by what another tier says."""
    return tier.kind in {"followups", "judge"}


def switched_on(config: Config) -> Sequence[Tier]:
    """The tiers that are asked, in their order."""
    return [tier for tier in config.tiers if tier.enabled]


def kinds(tiers: Sequence[Tier]) -> list[str]:
    """Which tiers these are."""
    return [tier.kind for tier in tiers]
