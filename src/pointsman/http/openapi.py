"""Completes the gateway's OpenAPI document: bodies, answers of every kind, errors in each dialect, keys, examples."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI

from pointsman.http.operations import EVENTS, LINES, OPERATIONS, Operation
from pointsman.http.scopes import is_open

JSON: Final = "application/json"
STATUSES: Final[Mapping[int, str]] = {
    400: "The request makes no sense; the error names the field",
    401: "A key is needed, or it is wrong",
    403: "The key does not open this, or the host or the page is not allowed",
    404: "There is no such thing",
    408: "The body did not come in time",
    410: "The link has expired",
    413: "The body is larger than server.max_body",
    414: "The address is too long",
    422: "The configuration is wrong, and the one before stays in force",
    429: "A limit of the key is reached; Retry-After says for how long",
    431: "The headers are too large",
    500: "A mistake of the gateway, whose log has more under the same number, or an error of the model's own server",
    501: "It cannot be done here: a part is not installed, or it is done at the server itself",
    502: "The model failed",
    503: "A service cannot be reached, the card has no room, or the server is stopping; ask again later",
}
ALWAYS: Final = (401, 403, 414, 431, 500, 503)
WITH_BODY: Final = (400, 408, 413)
OPENAI_ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "description": "what is wrong, and what to do about it"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"], "description": "the field that is wrong"},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
OLLAMA_ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "what is wrong, and what to do about it"}},
}
SCHEME: Final[Mapping[str, Any]] = {
    "type": "http",
    "scheme": "bearer",
    "description": "The key of server.key or server.keys; none is needed where the configuration has none.",
}


def describe(app: FastAPI) -> None:
    """Has the application tell everything in its OpenAPI document, which is made when it is first asked for."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(plain())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with what FastAPI cannot know of routes that read and write raw bodies."""
    whole: dict[str, Any] = deepcopy(dict(document))
    paths: dict[str, dict[str, Any]] = whole["paths"]
    for path, methods in paths.items():
        for method, told in methods.items():
            operation = OPERATIONS.get((method.upper(), path))
            if operation is not None:
                complete(told, operation, path)
    schemas = {"Error": OPENAI_ERROR, "OllamaError": OLLAMA_ERROR, **hoisted(paths)}
    whole["components"] = {"schemas": schemas, "securitySchemes": {"key": SCHEME}}
    return whole


def hoisted(paths: Any) -> dict[str, Any]:
    """Takes the parts of schemas to where references in the document lead, and lets those that are there lead so."""
    found: dict[str, Any] = {}
    for it in paths if isinstance(paths, list) else list(paths.values()):
        if isinstance(it, dict | list):
            found |= hoisted(it)
    if isinstance(paths, dict):
        found |= paths.pop("$defs", {})
        if str(paths.get("$ref", "")).startswith("#/$defs/"):
            paths["$ref"] = paths["$ref"].replace("#/$defs/", "#/components/schemas/")
    return found


def complete(told: dict[str, Any], operation: Operation, path: str) -> None:
    """Adds what is known of one operation."""
    told["summary"] = operation.summary
    if not is_open(path.partition("{")[0]):
        told["security"] = [{"key": []}, {}]
    if operation.parameters:
        told["parameters"] = [{**it, **operation.parameters} for it in told.get("parameters", ())]
    if operation.query:
        told["parameters"] = [*told.get("parameters", ()), *operation.query]
    if operation.example is not None:
        body = told["requestBody"]["content"][JSON]
        body["schema"] = operation.takes or body["schema"]
        body["example"] = operation.example
    codes = {*ALWAYS, *operation.fails, *(WITH_BODY if "requestBody" in told else ())}
    is_ollama = path.startswith("/api/")
    told["responses"] = {"200": answer_of(operation)} | {
        str(code): error_of(code, is_ollama=is_ollama) for code in sorted(codes)
    }


def answer_of(operation: Operation) -> dict[str, Any]:
    """What comes back when all is well, in each of its kinds."""
    # A stream has no shape as a whole: each of its events or lines is a piece of the answer.
    streams = {*EVENTS, *LINES}
    others = {it: {} if it in streams else {"schema": {"type": "string"}} for it in operation.kinds}
    kinds: dict[str, Any] = {} if operation.gives is None else {JSON: {"schema": operation.gives}}
    return {"description": operation.summary, "content": kinds | others}


def error_of(code: int, *, is_ollama: bool) -> dict[str, Any]:
    """An error, as callers of its address know errors."""
    name = "OllamaError" if is_ollama else "Error"
    content: dict[str, Any] = {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"description": STATUSES[code], "content": content}
