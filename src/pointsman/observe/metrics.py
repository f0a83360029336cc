"""What Prometheus reads: counted as it happens, in a registry of its own, with labels that cannot grow without end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from pointsman.core.decision import Abstain
from pointsman.core.errors import PointsmanError
from pointsman.core.happening import Ended, Happening, Leased, Made, Relayed, Reloaded, Taught
from pointsman.core.reply import Failed
from pointsman.observe import buckets
from pointsman.observe.names import Names
from pointsman.observe.reasons import word_of
from pointsman.observe.series import Counts, Distribution
from pointsman.observe.swaps import NOBODY, Swaps

# Paths whose answer says that the model exists; /api/pull answers 200 for one that nobody has.
ANSWERED_BY: Final = ("/chat", "/generate", "/embed", "/completions", "/responses")
ALWAYS: Final = ("cancelled", "internal_error", "rate_limited", "service_failed")


class Metrics:
    """Watches a router, and gives what was counted. `models` and `tenants` are the names that labels may have.

    No label ever holds anything of a message, a person or a key.
    """

    def __init__(self, *, models: Iterable[str] = (), tenants: Iterable[str] = (), version: str = "") -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._models = Names(models)
        self._tenants = Names((NOBODY, *tenants), most=10)  # each pair of them is a histogram
        self._codes = Names((*ALWAYS, *codes_of(PointsmanError)), most=0)
        self._surfaces = Names(("http", "cli", "discord", "python", "page"), most=20)
        self._categories = Names(most=200)
        self._tiers = Names(most=50)
        self._swaps = Swaps()
        Info("pointsman_build", "The version of Pointsman", registry=self.registry).info({"version": version})
        self._decisions = self._counts("decisions", "Decisions", "route", "tier")
        self._abstained = self._counts("tier_abstained", "Abstentions", "tier", "reason")
        self._tier_seconds = self._spread("tier_duration_seconds", "A tier's verdict", buckets.DECIDING, "tier")
        self._confidence = self._spread("decision_confidence", "How sure decisions are", buckets.SURE)
        self._overhead = self._spread("overhead_seconds", "From a message to its recorded decision", buckets.DECIDING)
        self._replies = self._spread("request_duration_seconds", "Whole replies", buckets.REPLYING, "surface", "route")
        self._first = self._spread("time_to_first_token_seconds", "Up to the first word", buckets.FIRST, "model")
        self._relayed = self._counts("relayed_requests", "Requests for a model by name", "model", "status")
        self._relays = self._spread(
            "relayed_duration_seconds", "Requests for a model by name", buckets.REPLYING, "model"
        )
        self._tokens = self._counts("tokens", "Tokens, as models count them", "model", "kind")
        self._errors = self._counts("errors", "Replies and requests that broke off", "code")
        self._answers = self._counts("http_responses", "Answers of the gateway", "dialect", "status")
        self._corrections = self._counts("corrections", "Corrections", "was", "now")
        self._undone = self._counts("corrections_undone", "Corrections that were taken back", "was", "now")
        self._leases = self._spread("gpu_lease_wait_seconds", "Waiting for the card", buckets.WAITING)
        self._swapping = self._spread("swap_duration_seconds", "Swaps on the card", buckets.SWAPPING, "from", "to")
        self._reloads = self._counts("config_reloads", "Times that the configuration was read again", "result")
        self._told: Mapping[type[Happening], Callable[[Any], None]] = {
            Made: self._made,
            Ended: self._ended,
            Relayed: self._relay_ended,
            Taught: self._taught,
            Leased: self._leased,
            Reloaded: self._reloaded,
        }

    @property
    def hears(self) -> tuple[type[Happening], ...]:
        """The kinds of happenings that are counted."""
        return tuple(self._told)

    def __call__(self, happening: Happening) -> None:
        """Counts what happened; what is no matter of its own it lets pass."""
        if (count := self._told.get(type(happening))) is not None:
            count(happening)

    def card_event(self, event: Mapping[str, Any]) -> None:
        """Counts an event of the card's trace."""
        if (swap := self._swaps(event)) is not None:
            self._swapping.observe(swap.seconds, self._tenants.admit(swap.was), self._tenants.admit(swap.now))

    def answered(self, path: str, status: int) -> None:
        """Counts an answer of the gateway."""
        dialect = "openai" if path.startswith("/v1/") else "ollama" if path.startswith("/api/") else "other"
        self._answers.add(dialect, class_of(status))

    def exposition(self, now: Sequence[Metric] = (), accept: str = "") -> tuple[bytes, str]:
        """Everything as text with its media type, as an Accept header wants it, together with the gauges of `now`."""
        encode, media_type = choose_encoder(accept)
        return encode(Everything(self.registry, now)), media_type

    def _counts(self, name: str, what: str, *labels: str) -> Counts:
        return Counts(self.registry, f"pointsman_{name}", what, *labels)

    def _spread(self, name: str, what: str, bounds: Sequence[float], *labels: str) -> Distribution:
        unit = ", in seconds" if name.endswith("seconds") else ", 0 to 1"
        return Distribution(self.registry, f"pointsman_{name}", f"{what}{unit}", bounds, *labels)

    def _made(self, made: Made) -> None:
        decision = made.decision
        tiers = self._tiers
        self._decisions.add(self._categories[decision.category], tiers[decision.tier])
        self._confidence.observe(decision.confidence)
        self._overhead.observe(made.seconds)
        for line in decision.trace:
            tier = tiers[line.tier]
            self._tier_seconds.observe(line.ms / 1e3, tier)
            if isinstance(line.verdict, Abstain):
                self._abstained.add(tier, word_of(line.verdict))

    def _ended(self, ended: Ended) -> None:
        decision, outcome = ended.decision, ended.outcome
        surface = self._surfaces[ended.message.origin.surface]
        self._replies.observe(ended.seconds, surface, self._categories[decision.category])
        if isinstance(outcome, Failed):
            self._errors.add(self._codes.of(outcome.code))
            return
        if not outcome.model:
            return
        model = self._models[outcome.model]
        if ended.first is not None:
            self._first.observe(ended.first, model)
        if outcome.prompt_tokens or outcome.completion_tokens:
            self._tokens.add(model, "prompt", number=outcome.prompt_tokens)
            self._tokens.add(model, "completion", number=outcome.completion_tokens)

    def _relay_ended(self, relayed: Relayed) -> None:
        exists = 200 <= relayed.status < 300 and any(it in relayed.path for it in ANSWERED_BY)
        model = self._models.admit(relayed.model) if exists else self._models.of(relayed.model)
        self._relayed.add(model, class_of(relayed.status))
        self._relays.observe(relayed.seconds, model)
        if relayed.first is not None and exists:
            self._first.observe(relayed.first, model)
        if relayed.code:
            self._errors.add(self._codes.of(relayed.code))

    def _taught(self, taught: Taught) -> None:
        correction = taught.correction
        was = self._categories.admit(correction.was) if correction.was else "nothing"
        (self._undone if taught.undone else self._corrections).add(was, self._categories.admit(correction.category))

    def _leased(self, leased: Leased) -> None:
        self._leases.observe(leased.seconds)

    def _reloaded(self, reloaded: Reloaded) -> None:
        result = "ok" if not reloaded.problem else "partly" if reloaded.changed else "failed"
        self._reloads.add(result)


class Everything:
    """What was counted and what is true now, for an encoder."""

    def __init__(self, registry: CollectorRegistry, now: Sequence[Metric]) -> None:
        self._registry = registry
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        yield from self._registry.collect()
        yield from self._now


def codes_of(error: type[PointsmanError]) -> Iterator[str]:
    """The codes of an error and of all its kinds."""
    yield error.code
    for kind in error.__subclasses__():
        yield from codes_of(kind)


def class_of(status: int) -> str:
    """A status as its class, such as 2xx; "none" where no answer began."""
    return f"{status // 100}xx" if 100 <= status < 600 else "none"
