"""The JSON Schemas of pointsman.yaml and of a category file, for editors and for the reference.

Copies are committed beside this file; `pointsman config schema > pointsman.schema.json` and
`pointsman config schema --intent > intent.schema.json` rewrite them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from pointsman.config.category_file import CategoryFile
from pointsman.config.model import Config

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REFERENCE: Final = {"type": "string", "pattern": r"\$\{"}
CONSTRAINTS: Final = ("type", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "pattern")
# Bounds of a number that is first made from something else are given under pydantic's own names.
BOUNDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}

CONFIG_FILE: Final = Path(__file__).with_name("pointsman.schema.json")
INTENT_FILE: Final = Path(__file__).with_name("intent.schema.json")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of pointsman.yaml; where a number stands, ${NAME} may stand too."""
    schema = published(Config, CONFIG_FILE.name, "Pointsman configuration")
    for section in sections(schema):
        for key, value in section.items():
            section[key] = with_reference(value)
    return schema


def intent_schema() -> dict[str, Any]:
    """The JSON Schema of a category file."""
    return published(CategoryFile, INTENT_FILE.name, "Pointsman category")


def text(schema: dict[str, Any]) -> str:
    """A schema as it is printed and committed."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def published(model: type[BaseModel], name: str, title: str) -> dict[str, Any]:
    """A model's schema under its own name, without the titles that only repeat the keys."""
    schema = standard(model.model_json_schema())
    for section in sections(schema):
        for value in section.values():
            value.pop("title", None)
    return {"$schema": DIALECT, "$id": name, **schema, "title": title}


def standard(schema: Any) -> Any:
    """A schema with every bound under its standard name."""
    match schema:
        case dict():
            bounded = "type" in schema
            return {BOUNDS.get(key, key) if bounded else key: standard(part) for key, part in schema.items()}
        case list():
            return [standard(part) for part in schema]
    return schema


def sections(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The properties of the schema and of every section in it."""
    return [part["properties"] for part in (schema, *schema.get("$defs", {}).values()) if "properties" in part]


def with_reference(value: dict[str, Any]) -> dict[str, Any]:
    """A property's schema that also takes ${NAME}, unless it holds sections or takes any text already."""
    if inner := value.get("patternProperties"):
        return {**value, "patternProperties": {key: with_reference(part) for key, part in inner.items()}}
    options = value.get("anyOf", [{key: value[key] for key in CONSTRAINTS if key in value}])
    if "const" in value or any(takes_more(option) for option in options):
        return value
    rest = {key: part for key, part in value.items() if key not in {*CONSTRAINTS, "anyOf"}}
    return {"anyOf": [*options, REFERENCE], **rest}


def takes_more(option: dict[str, Any]) -> bool:
    """Whether a schema is of a section or list, or of any text."""
    kind = option.get("type")
    return kind in {None, "array", "object"} or (kind == "string" and "pattern" not in option)
