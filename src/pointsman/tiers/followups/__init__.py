"""Follow-ups: messages that lean on what was said before."""

from __future__ import annotations

from pointsman.tiers.followups.earlier import Remembering, decided_by
from pointsman.tiers.followups.tier import FollowUps

__all__ = ["FollowUps", "Remembering", "decided_by"]
