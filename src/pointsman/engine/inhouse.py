"""Which models may answer what is to stay in the house, and what is said where none of them is there."""

from __future__ import annotations

from dataclasses import replace

from pointsman.core.errors import InvalidInput
from pointsman.core.house import is_outside
from pointsman.engine.leasing import ELSEWHERE
from pointsman.engine.relaying import Find
from pointsman.gpu.want import Want


def kept_in(name: str, want: Want | None, find: Find) -> Want | None:
    """The wish without rungs on which a model outside the house would answer. Raises InvalidInput for no other."""
    rungs = want.ladder if want else (ELSEWHERE.rung,)
    ladder = tuple(rung for rung in rungs if not is_outside(find(rung.serve or name)))
    if not ladder:
        raise leaves(name, "models.main or models.small")
    return replace(want, ladder=ladder) if want else None


def leaves(who: str, setting: str) -> InvalidInput:
    """That nobody in the house can do what nobody else is to be asked."""
    return InvalidInput(
        f"{who} is outside the house, and nothing of this is to leave it",
        cure=f"set {setting} to one in the house, or let this leave it",
    )
