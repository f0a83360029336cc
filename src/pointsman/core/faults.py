"""How a remote service can fail, and what each way of failing asks for: one taxonomy for all services.

Eight kinds, told apart by what is to be done and not by the status that was sent: 429 means "in a moment" or
"tomorrow", 403 "the key is wrong" or "this model costs money", 413 with Retry-After "never".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from pointsman.core.errors import PointsmanError

FaultKind = Literal[
    "rate_limited",  # too many in this minute
    "quota_exhausted",  # the day's or the month's share is used up
    "auth",  # the key is missing, wrong, or not allowed to do this
    "model_gone",  # the model does not exist, or not for this account
    "too_large",  # the text is longer than the model, or the limit of one request, takes
    "bad_request",  # what we sent is wrong, or where we sent it
    "malformed",  # the answer cannot be used
    "server",  # it broke, was too slow, or could not be reached
]
# What a fault holds for: one model of a service, or all of it.
Scope = Literal["model", "service"]
# A simpler form of answer that a model may be able to give, where it refused the one that was asked for.
Format = Literal["json_schema", "json_object", "text"]


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a kind of fault asks for.

    `retry` is whether the same call may be made once more, inside the deadline; `next_model` whether the same
    service's next model is asked; `failover` whether another service is. `opens_after` is how many in a row open
    the circuit (0: none does); `rest` how many seconds it then stays open, where the service does not say.
    """

    retry: bool
    next_model: bool
    failover: bool
    opens_after: int
    rest: float = 0.0


DAY: Final = 86_400.0
TREATMENTS: Final[Mapping[FaultKind, Treatment]] = MappingProxyType(
    {
        "rate_limited": Treatment(retry=True, next_model=True, failover=True, opens_after=1, rest=5.0),
        "quota_exhausted": Treatment(retry=False, next_model=True, failover=True, opens_after=1, rest=300.0),
        "auth": Treatment(retry=False, next_model=False, failover=True, opens_after=1, rest=float("inf")),
        "model_gone": Treatment(retry=False, next_model=True, failover=True, opens_after=1, rest=DAY),
        "too_large": Treatment(retry=False, next_model=False, failover=True, opens_after=0),
        "bad_request": Treatment(retry=False, next_model=False, failover=False, opens_after=0),
        "malformed": Treatment(retry=True, next_model=True, failover=True, opens_after=5, rest=30.0),
        "server": Treatment(retry=True, next_model=True, failover=True, opens_after=3, rest=30.0),
    }
)


class ServiceFailed(PointsmanError):
    """A remote service refused, failed, or was not asked because it would.

    `service` and `model` name who; `wait` is how many seconds the service, or our own ledger, says to wait (None:
    it does not say). `retry` is whether this very fault may be tried again, which its kind only allows. `scope`
    is what it holds for. `degrade` is a simpler form of answer to ask for instead ("": none), and `parts`
    are parts of the request that it names, each of which can be done without. `asked` is False when nothing was sent:
    the circuit is open, the quota used up, or too much under way. The message never quotes the text that was sent,
    a key, or the name of an account.
    """

    exit_code = 4
    http_status = 503
    code = "service_failed"

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        *,
        service: str,
        model: str = "",
        cure: str = "",
        wait: float | None = None,
        retry: bool | None = None,
        scope: Scope = "model",
        degrade: Format | Literal[""] = "",
        asked: bool = True,
    ) -> None:
        super().__init__(f"{service}: {message}", cure=cure)
        self.kind: FaultKind = kind
        self.service = service
        self.model = model
        self.wait = wait
        self.retry = TREATMENTS[kind].retry if retry is None else retry
        self.scope: Scope = scope
        self.degrade: Format | Literal[""] = degrade
        self.parts: tuple[str, ...] = ()
        self.asked = asked

    @property
    def treatment(self) -> Treatment:
        """What faults of this kind ask for."""
        return TREATMENTS[self.kind]
