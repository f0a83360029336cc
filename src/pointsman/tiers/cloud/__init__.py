"""The cloud stage: who is asked about a message, in which order, for how long, and what of it they may see."""

from pointsman.tiers.cloud.members import Member, Sensor
from pointsman.tiers.cloud.privacy import Privacy
from pointsman.tiers.cloud.tier import GRACE, Cloud

__all__ = ["GRACE", "Cloud", "Member", "Privacy", "Sensor"]
