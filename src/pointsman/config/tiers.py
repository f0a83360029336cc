"""The tiers in the configuration: which there are, in which order, and how sure each must be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict, Field

from pointsman.config.calibration import CalibrationSection
from pointsman.config.strict import Strict
from pointsman.config.values import Count, Name, Seconds, Share

# The bars of the tiers: how sure each must be before it decides.
CORRECTIONS_NEAR: Final = 0.84
FOLLOWUPS_ACCEPT: Final = 0.75
PATTERNS_ACCEPT: Final = 0.93
FAST_ACCEPT: Final = 0.92
FAST_ACCEPT_BY_CATEGORY: Final = MappingProxyType(
    # It sees words, not meaning: the encoder is asked before a picture is made on their word alone.
    {"image_generation": 0.95}
)
NEIGHBOURS_ACCEPT: Final = 0.95
NEIGHBOURS_MARGIN: Final = 0.3
NEIGHBOURS_K: Final = 7
CLASSIFIER_ACCEPT: Final = 0.5
CLASSIFIER_ACCEPT_BY_CATEGORY: Final = MappingProxyType(
    # A picture by mistake costs a swap of the card, and a goodbye to somebody who stays costs trust.
    {"image_generation": 0.75, "simple_greeting": 0.7, "simple_farewell": 0.7, "simple_thanks": 0.7}
)
CLASSIFIER_MARGIN: Final = 0.0
JUDGE_ACCEPT: Final = 0.8
JUDGE_ACCEPT_BY_CATEGORY: Final = MappingProxyType({"image_generation": 0.9})
JUDGE_K: Final = 7
JUDGE_TRUST: Final = 0.75  # SmolLM2 135M, where it gives a path 0.8 or more: right 49 times of 65
CLOUD_ACCEPT: Final = 0.6
CLOUD_ACCEPT_BY_CATEGORY: Final = MappingProxyType({"image_generation": 0.9})
# A call from outside takes 0.2 to 1 s, a first one longer; nobody waits much longer for a track to be found.
CLOUD_DEADLINE: Final = 2.0
CACHE_SIZE: Final = 4096
CACHE_AGE: Final = 86_400.0
# Long, because the first message of a process also waits for the encoder to be opened.
DEADLINE: Final = 10.0
NO_BARS: Final[Mapping[str, float]] = MappingProxyType({})

KIND = "Which tier this is."
ENABLED = "false takes the tier out of the cascade."
ACCEPT = "The lowest confidence, 0 to 1, with which this tier decides; below it the next tier is asked."
BY_CATEGORY = "The lowest confidence for single categories, by name, where it differs from `accept`."
MARGIN = "The least distance, 0 to 1, to the best category on another path; a closer call abstains."
CALIBRATION = (
    "How this tier's confidence is mapped to a probability, as `pointsman tune` measured it; null: not at all."
)
LATEST = "How long the tier may take, such as 900ms or 2s; after that it counts as having abstained."


class TierSection(Strict):
    """One entry of the list of tiers; the file has to say which tier it is."""

    model_config = ConfigDict(json_schema_extra={"required": ["kind"]})


class CertainTier(TierSection):
    """A tier that is certain or abstains: it has no bars to set."""

    accept: ClassVar[float] = 0.0
    accept_by_category: ClassVar[Mapping[str, float]] = NO_BARS
    margin: ClassVar[float] = 0.0
    deadline: ClassVar[float] = DEADLINE


class TasksTier(CertainTier):
    """Recognises the background jobs of chat pages, such as titles and tags; it is certain or it abstains."""

    kind: Literal["tasks"] = Field(default="tasks", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)


class CorrectionsTier(CertainTier):
    """Answers what has been corrected, and near repeats of it, as it was corrected."""

    kind: Literal["corrections"] = Field(default="corrections", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    near: Share = Field(
        default=CORRECTIONS_NEAR,
        description="How near a message must be to a corrected one, in meaning and wording, to count as a repeat; "
        "1 takes exact repeats only.",
    )


class FollowUpsTier(TierSection):
    """Answers what means nothing by itself ("yes", "again", "now in blue") by what was said before."""

    margin: ClassVar[float] = 0.0
    deadline: ClassVar[float] = DEADLINE

    kind: Literal["followups"] = Field(default="followups", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    accept: Share = Field(default=FOLLOWUPS_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(default={}, description=BY_CATEGORY)


class PatternsTier(TierSection):
    """Matches the regular expressions of all categories in one pass; their confidence is measured."""

    margin: ClassVar[float] = 0.0
    deadline: ClassVar[float] = DEADLINE

    kind: Literal["patterns"] = Field(default="patterns", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    accept: Share = Field(default=PATTERNS_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(default={}, description=BY_CATEGORY)
    calibration: CalibrationSection | None = Field(default=None, description=CALIBRATION)


class FastTier(TierSection):
    """A small network on hashed words, for messages that are clear at a glance; the encoder is not asked."""

    margin: ClassVar[float] = 0.0
    deadline: ClassVar[float] = DEADLINE

    kind: Literal["fast"] = Field(default="fast", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    accept: Share = Field(default=FAST_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(
        default=dict(FAST_ACCEPT_BY_CATEGORY),
        description=BY_CATEGORY,
    )
    calibration: CalibrationSection | None = Field(default=None, description=CALIBRATION)


class NeighboursTier(TierSection):
    """Compares a message with the utterances of every category, and lets the nearest ones vote."""

    kind: Literal["neighbours"] = Field(default="neighbours", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    accept: Share = Field(default=NEIGHBOURS_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(default={}, description=BY_CATEGORY)
    margin: Share = Field(default=NEIGHBOURS_MARGIN, description=MARGIN)
    calibration: CalibrationSection | None = Field(default=None, description=CALIBRATION)
    k: Count = Field(default=NEIGHBOURS_K, ge=1, le=100, description="How many of the nearest utterances vote.")
    deadline: Seconds = Field(default=DEADLINE, description=LATEST)


class ClassifierTier(TierSection):
    """The calibrated linear head on the encoder's reading of a message, joined with what its words say."""

    kind: Literal["classifier"] = Field(default="classifier", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    accept: Share = Field(default=CLASSIFIER_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(
        default=dict(CLASSIFIER_ACCEPT_BY_CATEGORY),
        description=BY_CATEGORY,
    )
    margin: Share = Field(default=CLASSIFIER_MARGIN, description=MARGIN)
    calibration: CalibrationSection | None = Field(default=None, description=CALIBRATION)
    deadline: Seconds = Field(default=DEADLINE, description=LATEST)


class CacheTier(CertainTier):
    """Answers again what a service or the judge has answered, while nothing that decides has changed."""

    kind: Literal["cache"] = Field(default="cache", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    near: Share | None = Field(
        default=None,
        description="How near in meaning a message with the same words of content must be to count as a repeat; null "
        "takes exact repeats only.",
    )
    size: Count = Field(default=CACHE_SIZE, ge=1, le=1_000_000, description="How many answers are kept, in memory.")
    age: Seconds = Field(default=CACHE_AGE, description="How long an answer is kept, such as 12h or 1d.")


class CloudTier(TierSection):
    """The services under `cloud`, asked one after another about what no tier before was sure of."""

    margin: ClassVar[float] = 0.0

    kind: Literal["cloud"] = Field(default="cloud", description=KIND)
    enabled: bool = Field(default=True, description=ENABLED)
    accept: Share = Field(default=CLOUD_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(
        default=dict(CLOUD_ACCEPT_BY_CATEGORY),
        description=BY_CATEGORY,
    )
    hedge: bool = Field(
        default=False,
        description="true also asks the second service when the first takes longer than it does 19 times in 20.",
    )
    k: Count = Field(default=JUDGE_K, ge=1, le=100, description="At most how many of the nearest utterances are shown.")
    deadline: Seconds = Field(default=CLOUD_DEADLINE, description="How long all services may take together, as 2s.")


class JudgeTier(TierSection):
    """A chat model that sees the nearest utterances with their labels, and names one of those labels."""

    margin: ClassVar[float] = 0.0

    kind: Literal["judge"] = Field(default="judge", description=KIND)
    enabled: bool = Field(default=False, description=ENABLED)
    model: Literal["small", "main"] = Field(default="small", description="Which of the chat models is asked.")
    decides: bool = Field(
        default=False,
        description="true lets it decide by itself; otherwise it only backs what the tier before it leans to.",
    )
    trust: Share = Field(
        default=JUDGE_TRUST,
        description="How often the model is right when it is certain, which its confidence is scaled by.",
    )
    accept: Share = Field(default=JUDGE_ACCEPT, description=ACCEPT)
    accept_by_category: Mapping[Name, Share] = Field(
        default=dict(JUDGE_ACCEPT_BY_CATEGORY),
        description=BY_CATEGORY,
    )
    k: Count = Field(default=JUDGE_K, ge=1, le=100, description="At most how many of the nearest utterances it sees.")
    deadline: Seconds = Field(default=DEADLINE, description=LATEST)


Tier = (
    TasksTier
    | CorrectionsTier
    | FollowUpsTier
    | PatternsTier
    | FastTier
    | NeighboursTier
    | ClassifierTier
    | CacheTier
    | CloudTier
    | JudgeTier
)


def default_tiers() -> tuple[Tier, ...]:
    """Every tier with its default bars, cheapest first."""
    return (
        TasksTier(),
        CorrectionsTier(),
        FollowUpsTier(),
        FastTier(),
        PatternsTier(),
        NeighboursTier(),
        ClassifierTier(),
        CacheTier(),
        CloudTier(),
        JudgeTier(),
    )
