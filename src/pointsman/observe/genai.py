"""What happened in the words of OpenTelemetry's GenAI conventions: names and attributes, nothing that people said."""

from __future__ import annotations

from typing import Final

from pointsman.core.decision import Abstain, Answer, Decision, TraceLine
from pointsman.core.happening import Ended, Relayed
from pointsman.core.message import Message
from pointsman.core.reply import Done, ToolUse
from pointsman.observe.reasons import word_of

Attributes = dict[str, str | int | float | bool | tuple[str, ...]]

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
MODEL: Final = "gen_ai.request.model"
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105 - no password
ERROR: Final = "error.type"
LONGEST: Final = 100
OURSELVES: Final = "pointsman"

# Which operation a path asks for, by how it ends.
PATHS: Final = {"/generate": "text_completion", "/embed": "embeddings", "/embeddings": "embeddings"}


def operation_of(path: str) -> str:
    """What a request that is passed on asks for; "" for housekeeping such as a pull."""
    for end, name in PATHS.items():
        if path.endswith(end):
            return name
    if path.endswith(("/chat", "/chat/completions")):
        return "chat"
    return "text_completion" if path.endswith("/completions") else ""


def of_request(decision: Decision, message: Message) -> Attributes:
    """A request: what was decided, and which conversation it is of, as far as its surface tells."""
    found: Attributes = {
        "pointsman.route": decision.category,
        "pointsman.tier": decision.tier,
        "pointsman.confidence": round(decision.confidence, 4),
        "pointsman.decision_id": decision.id,
        "pointsman.surface": message.origin.surface,
    }
    if message.origin.session:
        found["gen_ai.conversation.id"] = message.origin.session[:LONGEST]
    return found


def of_line(line: TraceLine) -> Attributes:
    """A tier's verdict."""
    match line.verdict:
        case Answer() as answer:
            return {
                "pointsman.tier": line.tier,
                "pointsman.verdict": "answer",
                "pointsman.route": answer.category,
                "pointsman.confidence": round(answer.confidence, 4),
                "pointsman.margin": round(answer.margin, 4),
            }
        case Abstain() as abstained:
            return {
                "pointsman.tier": line.tier,
                "pointsman.verdict": "abstain",
                "pointsman.reason": word_of(abstained),
            }


def of_model(ended: Ended, done: Done, provider: str) -> Attributes:
    """What a model was asked for; pictures are content that is generated, too."""
    drawn = ended.decision.path == "image"
    found: Attributes = {
        OPERATION: "generate_content" if drawn else "chat",
        PROVIDER: provider,
        MODEL: done.model,
    }
    if drawn:
        found["gen_ai.output.type"] = "image"
    return found


def of_relayed(relayed: Relayed, provider: str) -> Attributes:
    """A request that was passed on."""
    found: Attributes = {OPERATION: operation_of(relayed.path), PROVIDER: provider, MODEL: relayed.model[:LONGEST]}
    if relayed.code or relayed.status >= 400:
        found[ERROR] = relayed.code or str(relayed.status)
    return found


def of_tool(use: ToolUse) -> Attributes:
    """A tool's call, without its arguments and its result."""
    found: Attributes = {
        OPERATION: "execute_tool",
        "gen_ai.tool.name": use.call.name[:LONGEST],
        "gen_ai.tool.type": "function",
        "pointsman.tool.state": use.state,
    }
    if use.call.id:
        found["gen_ai.tool.call.id"] = use.call.id[:LONGEST]
    if use.state == "failed":
        found[ERROR] = "tool_failed"
    return found
