"""What pydantic found wrong, in words for the person who wrote the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from pointsman.config.yamlfile import Location

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

# Says only that another section is wrong, which is reported by itself.
NOISE = "default_factory_not_called"
# The keys that tell the members of a union of sections apart.
TAGS = ("kind", "provider")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one value, and what to do about it when that is known."""

    problem: str
    cure: str = ""


def findings_of(error: ValidationError, model: type[BaseModel]) -> list[tuple[Location, Finding]]:
    """Where (as the file is written) and what is wrong."""
    found: dict[tuple[str | int, ...], Finding] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] != NOISE:
            location, known = walk(model, detail["loc"])
            found.setdefault(location, put(detail, known))
    return list(found.items())


def put(detail: ErrorDetails, known: Sequence[str]) -> Finding:
    """One finding in our words; `known` are the keys that the section has."""
    kind, context = detail["type"], detail.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return Finding("unknown key" + did_you_mean(detail["loc"][-1], known))
        case "missing":
            return Finding("is missing")
        case "union_tag_not_found":
            return Finding("does not say its kind", "begin it with `kind:`")
        case "union_tag_invalid":
            kinds = str(context["expected_tags"]).replace("'", "").split(", ")
            suggestion = did_you_mean(context["tag"], kinds)
            called = "kind" if "kind" in context["discriminator"] else "provider"
            return Finding(
                f"there is no {called} {context['tag']!r}" + (suggestion or f"; use one of {', '.join(kinds)}")
            )
        case "model_type" | "model_attributes_type" | "dict_type" | "mapping_type":
            return Finding("should be `key: value` lines")
        case "tuple_type":
            return Finding("should be a list")
        case "string_type":
            return Finding("should be a text", "put it in quotes")
        case "string_pattern_mismatch" if "[key]" in detail["loc"]:
            return Finding(f"this key should match {context['pattern']}")
    problem = detail["msg"]
    for start in ("Input should ", "String should ", "Value should "):
        problem = problem.replace(start, "should ", 1)
    return Finding(problem, str(context.get("cure", "")))


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A hint at the nearest known word, or nothing."""
    near = get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def walk(model: type[BaseModel], location: Sequence[str | int]) -> tuple[tuple[str | int, ...], list[str]]:
    """The location without what pydantic adds to it, and the keys that the section around its end knows."""
    kinds: list[Any] = [model]
    clean: list[str | int] = []
    known: list[str] = []
    for part in location:
        if part == "[key]":
            continue
        tagged = [kind for kind in kinds if len(kinds) > 1 and is_model(kind) and has_tag(kind, part)]
        if tagged:
            kinds = tagged
            continue
        clean.append(part)
        known = [name for kind in kinds if is_model(kind) for name in kind.model_fields]
        kinds = [inner for kind in kinds for inner in inside(kind, part)]
    return tuple(clean), known


def is_model(kind: Any) -> bool:
    """Whether a type is a section."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def has_tag(kind: type[BaseModel], part: object) -> bool:
    """Whether `part` names this member of a union of sections."""
    fields = [kind.model_fields[name] for name in TAGS if name in kind.model_fields]
    return any(part in get_args(field.annotation) for field in fields)


def inside(kind: Any, part: str | int) -> list[Any]:
    """The types that a value at `part` of a section, list or mapping may have."""
    if is_model(kind):
        field = kind.model_fields.get(part)
        return members(field.annotation) if field else []
    arguments = get_args(kind)
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        return members(arguments[1])
    if get_origin(kind) in {tuple, list}:
        return members(arguments[0])
    return []


def members(annotation: Any) -> list[Any]:
    """The types in an annotation, out of unions and what Annotated adds."""
    if hasattr(annotation, "__metadata__"):
        return members(annotation.__origin__)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None or issubclass(origin if isinstance(origin, type) else object, Mapping | tuple | list):
        return [annotation]
    return [inner for argument in arguments for inner in members(argument)]
