"""How a chat fails on a server that speaks OpenAI's language, for who asked for it."""

from __future__ import annotations

from typing import Final

from pointsman.core.errors import InputTooLarge, ModelFailed, PointsmanError, ToolsUnsupported, Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.providers.openai_events import Heard

ASK_AGAIN: Final = "ask again; if it stays so, the server's log says more"
ANOTHER: Final = (
    "name a model that can use tools; a server of your own may need a flag for them: vLLM --enable-auto-tool-choice "
    "with --tool-call-parser, llama.cpp --jinja"
)
SHORTEN: Final = "shorten the message or what was said before it, or ask a model with a larger context"


def toolless(name: str) -> ToolsUnsupported:
    """The failure of a chat with tools where no model calls any."""
    return ToolsUnsupported(f"{name} calls no tools, or its server is not set up for it", cure=ANOTHER)


def broken(name: str, heard: Heard, fault: ServiceFailed) -> ModelFailed:
    """The failure of a reply of which a part is out already."""
    return ModelFailed(f"{name} broke off after {heard.words} words: {fault.message}", cure=fault.cure or ASK_AGAIN)


def as_seen(fault: ServiceFailed) -> PointsmanError:
    """A fault as who asked for the chat sees it."""
    if fault.kind == "too_large":
        return InputTooLarge(fault.message, cure=SHORTEN)
    if fault.kind == "server" and fault.scope == "service":
        return Unreachable(fault.message, cure=fault.cure)
    return fault
