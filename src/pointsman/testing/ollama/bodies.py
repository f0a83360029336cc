"""The types with which Ollama reads the bodies of its own routes. Source: ollama/ollama, api/types.go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pointsman.testing.clouds.typed import Kind, misfit
from pointsman.testing.ollama.mishaps import Refusal

CALL: Final[Kind] = {"id": str, "function": {"name": str, "arguments": dict}}
MESSAGE: Final[Kind] = {
    "role": str, "content": str, "thinking": str, "images": [str], "tool_calls": [CALL], "tool_name": str,
    "tool_call_id": str,
}  # fmt: skip
PARAMETERS: Final[Kind] = {"type": None, "required": [str], "properties": dict}
TOOL: Final[Kind] = {"type": str, "function": {"name": str, "description": str, "parameters": PARAMETERS}}
COMMON: Final[dict[str, Kind]] = {"model": str, "stream": bool, "options": dict, "logprobs": bool, "top_logprobs": int}
BODIES: Final[Mapping[str, Kind]] = {
    "/api/chat": {**COMMON, "messages": [MESSAGE], "tools": [TOOL]},
    "/api/generate": {**COMMON, "prompt": str, "suffix": str, "system": str, "images": [str], "raw": bool},
    "/api/embed": {"model": str, "truncate": bool, "dimensions": int, "options": dict},
    "/api/embeddings": {"model": str, "prompt": str, "options": dict},
    "/api/show": {"model": str, "name": str, "verbose": bool},
    "/api/pull": {"model": str, "name": str, "stream": bool, "insecure": bool},
}
OPTIONS: Final[Kind] = {
    "num_ctx": int, "num_batch": int, "num_gpu": int, "num_predict": int, "num_keep": int, "seed": int, "top_k": int,
    "temperature": float, "top_p": float, "stop": [str], "use_mmap": bool,
}  # fmt: skip
IN_WORDS: Final = {"int": "integer", "float64": "float32", "bool": "boolean", "[]string": "array"}


def typed(path: str, body: Mapping[str, Any]) -> None:
    """Raises the Refusal of a body that cannot be read."""
    if (wrong := misfit(dict(body), BODIES.get(path))) is not None:
        field, given, kind = wrong
        raise Refusal(400, f"json: cannot unmarshal {given} into Go struct field {field} of type {kind}")
    if (wrong := misfit(body.get("options"), OPTIONS)) is not None:
        field, _, kind = wrong
        raise Refusal(400, f'option "{field}" must be of type {IN_WORDS.get(kind, kind)}')
