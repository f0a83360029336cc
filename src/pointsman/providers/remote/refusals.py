"""Why a service is not asked, in words that a trace shows."""

from __future__ import annotations

import math
from typing import Final

from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.providers.remote.circuit import MOST_CUT, Circuit
from pointsman.providers.remote.meters import Limit
from pointsman.providers.remote.utc import told

SPANS: Final = {1.0: "second", 60.0: "minute", 3600.0: "hour", 86_400.0: "day"}
TROUBLES: Final = {
    "rate_limited": "rate limit reached",
    "quota_exhausted": "quota exhausted",
    "auth": "refused the key",
    "model_gone": "gone, or not for this account",
    "malformed": "answers that cannot be used",
    "server": "out of order",
    "too_large": "too large",
    "bad_request": "wrong address or account",
}
CURES: Final = {
    "rate_limited": "wait, or give another service: `pointsman quota` shows what is left",
    "quota_exhausted": "wait, or give another service: `pointsman quota` shows what is left",
    "auth": "correct its key, account or url in the configuration",
    "model_gone": "name another model in the configuration",
    "bad_request": "correct its url or account in the configuration: `pointsman doctor --online` says more",
}
SLOW: Final = "raise `deadline` of the cloud stage, or name a faster model"


def refused(circuit: Circuit, service: str, whose: str, model: str, now: float) -> ServiceFailed:
    """The refusal of a circuit that is open, or being probed; `whose` is "" for the service's own."""
    kind = circuit.kind or "server"
    waiting = circuit.state(now) == "open"
    return ServiceFailed(
        kind,
        f"{model}: {standing(circuit, now)}" if whose else standing(circuit, now),
        service=service,
        model=model,
        cure=SLOW if circuit.slow else CURES.get(kind, ""),
        wait=circuit.until - now if waiting and circuit.until < math.inf else None,
        # One that is being probed by another call may close at any moment, or not.
        retry=kind == "rate_limited" and waiting,
        scope="model" if whose else "service",
        asked=False,
    )


def standing(circuit: Circuit, now: float) -> str:
    """How a circuit that is not closed stands, in a few words."""
    until = "" if circuit.until == math.inf else told(max(circuit.back, now), now)
    if circuit.state(now) == "half_open":
        return f"{trouble(circuit)}; being tried again"
    match circuit.kind:
        case "auth":
            return "refused the key; not asked until the configuration changes"
        case "quota_exhausted":
            return f"quota exhausted until {until}"
        case "model_gone":
            return f"gone, or not for this account; asked again at {until}"
        case "bad_request":
            return f"wrong address or account; not asked until the configuration changes, or {until}"
    return f"{trouble(circuit)}; not asked for {circuit.until - now:.0f} s"


def trouble(circuit: Circuit) -> str:
    """What is wrong, in a few words; "" where nothing is."""
    if circuit.slow:
        return f"slow for this deadline, {MOST_CUT} times no answer within {circuit.within:.2g} s"
    return TROUBLES[circuit.kind] if circuit.kind else ""


def missing(wait: float, limit: Limit, service: str, model: str, now: float) -> ServiceFailed:
    """The refusal of a limit of which too little is left; it is there again after `wait` seconds."""
    kind: FaultKind = "rate_limited" if limit.brief else "quota_exhausted"
    if limit.brief:
        words = f"rate limit reached, {limit.unit} for another call in {math.ceil(wait)} s"
    else:
        words = f"quota exhausted until {told(now + wait, now)} ({limit.unit})"
    return ServiceFailed(
        kind,
        words,
        service=service,
        model=model,
        cure=CURES[kind],
        wait=wait,
        scope=limit.scope,
        asked=False,
    )


def too_much(amount: float, limit: Limit, service: str, model: str) -> ServiceFailed:
    """The refusal of a call that takes more than a limit ever holds."""
    span = SPANS.get(limit.seconds, f"{limit.seconds:g} s") if limit.kind != "month" else "month"
    return ServiceFailed(
        "too_large",
        f"the call takes {amount:.6g} {limit.unit}, and its limit is {limit.amount:.6g} a {span}",
        service=service,
        model=model,
        cure="send less at once, or raise the limit in the configuration",
        scope=limit.scope,
        asked=False,
    )
