"""A decision as the page shows it: what, by whom, how surely, why, and what every tier said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pointsman.core.decision import Abstain, Answer, Decision, Evidence, Signal, TraceLine, details_of
from pointsman.dashboard.safehtml import Safe, joined, tag

PATHS = {
    "image": "drawn by the picture server",
    "simple": "answered without the main model",
    "llm": "answered by a model",
    "llm+tools": "answered by a model with tools",
}
SHOWN_EVIDENCE = 8
LEAST_SCORE = 0.005  # what would be shown as 0.00
SHOWN_TEXT = 300
THIN = "\u202f"  # a narrow space that no line breaks at


def summary(decision: Decision, note: str = "") -> Safe:
    """What was decided, by whom, how surely and why; `note` says what else was known."""
    why = tag("p", "pm-why", decision.reason)
    known = tag("p", "pm-note", note) if note else Safe()
    return joined(heading(decision), confidence(decision), why, known, slots(decision))


def trace(decision: Decision) -> Safe:
    """What every tier said."""
    longest = max((line.ms for line in decision.trace), default=0.0)
    return joined(
        tag("h3", "pm-label", "How it was decided"),
        *(signal_line(signal) for signal in decision.signals),
        tag("ol", "pm-trace", *(trace_line(line, longest) for line in decision.trace)),
        footer(decision),
    )


def heading(decision: Decision) -> Safe:
    """Category, path, and the tier that decided."""
    by = "no tier was sure, " if fell_back(decision) else joined("decided by ", tag("b", "", decision.tier), " in ")
    return tag(
        "div",
        "pm-verdict",
        tag("h2", "pm-category", readable(decision.category)),
        tag("span", "pm-badge", decision.path, title=PATHS.get(decision.path, "")),
        tag("span", "pm-by", by, tag("b", "", milliseconds(decision.latency_ms))),
    )


def confidence(decision: Decision) -> Safe:
    """How sure, as a bar and a number."""
    share = min(max(decision.confidence, 0.0), 1.0)
    return tag(
        "div",
        "pm-sure",
        tag("span", "", "confidence"),
        tag(
            "span",
            "pm-bar",
            tag("span", "pm-bar-fill", style=f"width:{share * 100:.1f}%"),
            role="meter",
            aria_label="confidence",
            aria_valuemin="0",
            aria_valuemax="100",
            aria_valuenow=f"{share * 100:.0f}",
        ),
        tag("span", "pm-number", percent(share)),
    )


def slots(decision: Decision) -> Safe:
    """What was read out of the message; nothing when that is nothing."""
    if not decision.slots:
        return Safe()
    pairs = [
        joined(tag("dt", "", name), tag("dd", "", clipped(str(value)) or "—")) for name, value in decision.slots.items()
    ]
    return joined(tag("h3", "pm-label", "Read from the message"), tag("dl", "pm-slots", *pairs))


def signal_line(signal: Signal) -> Safe:
    """What marks the message, such as an attempt to steer the router."""
    marked = joined("marked as ", tag("b", "", signal.name), f" ({percent(signal.score)}) by {signal.source}")
    return tag("p", "pm-note", marked, details_of(signal), role="note")


def trace_line(line: TraceLine, longest: float = 0.0) -> Safe:
    """One tier: what it said, how sure it was, how long it took; what it points at can be unfolded.

    `longest` is what the slowest tier took, in milliseconds.
    """
    match line.verdict:
        case Answer() as answer:
            said, kind = joined("answers ", tag("b", "", readable(answer.category))), "pm-answers"
            reason, belief = answer.reason, answer
        case Abstain(reason=reason, leaning=belief):
            said, kind = Safe("abstains"), "pm-abstains"
    return tag(
        "li",
        f"pm-tier {kind}",
        tag(
            "div",
            "pm-tier-head",
            tag("span", "pm-tier-name", line.tier),
            tag("span", "pm-tier-said", said),
            bar("time", line.ms / longest if longest else 0.0),
            tag("span", "pm-number", milliseconds(line.ms)),
        ),
        bar("sure", min(max(belief.confidence, 0.0), 1.0)) if belief else Safe(),
        tag("p", "pm-tier-why", clipped(reason)),
        numbers(belief) if belief else Safe(),
        evidence(belief) if belief else Safe(),
    )


def bar(name: str, share: float) -> Safe:
    """A tier's confidence, or its time as a share of the slowest one's; the number stands beside or below."""
    fill = tag("span", "pm-bar-fill", style=f"width:{share * 100:.1f}%")
    return tag("span", f"pm-bar pm-tier-{name}", fill, aria_hidden="true")


def numbers(belief: Answer) -> Safe:
    """A tier's score and margin."""
    return tag(
        "p",
        "pm-tier-numbers",
        joined("score ", tag("b", "", f"{belief.confidence:.2f}")),
        joined(" · margin ", tag("b", "", f"{belief.margin:.2f}")),
    )


def evidence(belief: Answer) -> Safe:
    """What a tier points at and what it gave to other categories, folded; nothing when there is neither."""
    ranked = sorted(belief.scores.items(), key=lambda pair: -pair[1])[:SHOWN_EVIDENCE]
    scores = [(name, score) for name, score in ranked if score >= LEAST_SCORE]
    if not belief.evidence and len(scores) < 2:
        return Safe()
    rows = [evidence_row(item) for item in belief.evidence[:SHOWN_EVIDENCE]]
    ranking = [row("category", readable(name), "", score) for name, score in scores if len(scores) > 1]
    return tag(
        "details",
        "pm-evidence",
        tag("summary", "", title_of(belief.evidence)),
        tag("ul", "pm-rows", *rows, *ranking),
    )


def title_of(items: Sequence[Evidence]) -> str:
    """What the evidence consists of, such as "7 utterances"."""
    counts = Counter(item.kind for item in items)
    return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items()) or "scores"


def evidence_row(item: Evidence) -> Safe:
    """One pattern that matched, or one utterance that is near."""
    return row(item.kind, clipped(item.text), readable(item.category), item.score)


def row(kind: str, text: str, category: str, score: float) -> Safe:
    """One line of evidence."""
    return tag(
        "li",
        "pm-row",
        tag("span", "pm-row-kind", kind),
        tag("span", "pm-row-text", text, dir="auto"),
        tag("span", "pm-row-category", category),
        tag("span", "pm-number", f"{score:.2f}"),
    )


def footer(decision: Decision) -> Safe:
    """What else was considered, and the id under which all this is kept."""
    others = ", ".join(
        f"{readable(name)} {score:.2f}" for name, score in decision.alternatives[:3] if score >= LEAST_SCORE
    )
    parts = [f"id {decision.id}", f"language {decision.language}"] + ([f"also considered {others}"] if others else [])
    return tag("p", "pm-note", " · ".join(parts))


def fell_back(decision: Decision) -> bool:
    """Whether every tier abstained."""
    return all(isinstance(line.verdict, Abstain) for line in decision.trace)


def readable(category: str) -> str:
    """A category's name for people."""
    return category.replace("_", " ")


def percent(share: float) -> str:
    """A share of one; what is not certain never reads 100 %."""
    if 0.995 <= share < 1:
        return f">{THIN}99{THIN}%"
    return f"{share * 100:.0f}{THIN}%"


def milliseconds(ms: float) -> str:
    """A time with two digits that matter."""
    if ms < 0.095:
        return f"{ms * 1000:.0f}{THIN}µs"
    return f"{ms:.{2 if ms < 0.995 else 1 if ms < 99.5 else 0}f}{THIN}ms"


def clipped(text: str, most: int = SHOWN_TEXT) -> str:
    """The beginning of a text, when it is long."""
    return text if len(text) <= most else f"{text[:most]}…"
