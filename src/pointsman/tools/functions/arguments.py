"""The arguments of a Python function: their JSON Schema, and what a model wrote made into what the function takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.json_schema import GenerateJsonSchema

from pointsman.core.errors import ConfigError, ToolFailed
from pointsman.core.tool import Occasion
from pointsman.tools.functions import docstrings
from pointsman.tools.schema import plain

Parameter = inspect.Parameter
MOST_TOLD: Final = 5
SHOWN: Final = 40


class Schema(GenerateJsonSchema):
    """Says nothing of defaults that JSON cannot write: they are the function's own business."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - pydantic's own attribute


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function takes: `model` has a field for each parameter, `parameters` says which.

    `occasion` says that the first parameter is the occasion, which no model is shown.
    """

    name: str
    model: type[BaseModel]
    parameters: Mapping[str, Parameter]
    occasion: bool = False

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments, an object."""
        return plain(self.model.model_json_schema(schema_generator=Schema))

    def read(self, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments as the function takes them, by position and by name. Raises ToolFailed that names each."""
        if not isinstance(given, Mapping):
            raise self._refused("the arguments should be a JSON object")
        given = {str(key): value for key, value in given.items()}
        try:
            return self._taken(self._validated(given))
        except ValidationError as error:
            raise self._refused("; ".join(self._findings(error))) from None
        except RecursionError:
            raise self._refused("the arguments are nested too deeply") from None
        except Exception as error:  # a validator of the author's own may raise anything
            raise self._refused(f"the arguments cannot be used: {type(error).__name__}") from error

    def _validated(self, given: Mapping[str, Any]) -> BaseModel:
        """The model of what was given; where null is no value of a parameter with a default, it means that one."""
        try:
            return self.model.model_validate(given)
        except ValidationError as error:
            wrong = {detail["loc"][0] for detail in error.errors(include_url=False) if len(detail["loc"]) > 0}
            left = {key: value for key, value in given.items() if not (value is None and key in wrong)}
            if len(left) == len(given):
                raise
            try:
                return self.model.model_validate(left)
            except ValidationError:
                raise error from None

    def _taken(self, read: BaseModel) -> tuple[list[Any], dict[str, Any]]:
        """What was given, and no more: the function has its own defaults."""
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for field, parameter in self.parameters.items():
            if parameter.kind is Parameter.POSITIONAL_ONLY:
                # One that was left out before one that was given needs its place filled.
                positional.append(getattr(read, field) if field in read.model_fields_set else parameter.default)
            elif field in read.model_fields_set:
                named[parameter.name] = getattr(read, field)
        return positional, named

    def _findings(self, error: ValidationError) -> list[str]:
        details = error.errors(include_url=False)
        told = [self._worded(dict(detail)) for detail in details[:MOST_TOLD]]
        return [*told, f"and {len(details) - MOST_TOLD} more"] if len(details) > MOST_TOLD else told

    def _worded(self, detail: Mapping[str, Any]) -> str:
        field = ".".join(str(part) for part in detail["loc"]) or "the arguments"
        if detail["type"] == "missing":
            return f"{field} is missing"
        if detail["type"] == "extra_forbidden":
            return f"there is no argument {field[:SHOWN]!r}"
        problem = str(detail["msg"])
        for start in ("Input ", "String ", "Value error, "):
            problem = problem.removeprefix(start)
        given = repr(detail.get("input"))
        return f"{field} {problem}, not {given if len(given) <= SHOWN else given[:SHOWN] + '...'}"

    def _refused(self, problem: str) -> ToolFailed:
        names = ", ".join(
            parameter.name if parameter.default is Parameter.empty else f"{parameter.name} (optional)"
            for parameter in self.parameters.values()
        )
        return ToolFailed(f"{self.name}: {problem}", cure=f"call it again with: {names or 'no arguments at all'}")


def arguments_of(function: Callable[..., Any], name: str) -> Arguments:
    """What a function takes, by its signature and its docstring. Raises ConfigError."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise ConfigError(
            f"the tool {name}: its parameters cannot be found out", cure="write a Python function around it"
        ) from None
    hints = hints_of(function, name)
    parameters = list(signature.parameters.values())
    occasion = bool(parameters) and hints.get(parameters[0].name) is Occasion
    parameters = parameters[1:] if occasion else parameters
    for parameter in parameters:
        refuse_unusable(parameter, hints, name)
    told = docstrings.parameters(function)
    # The fields have names of ours: a parameter may well be called "copy" or "schema", as pydantic's own methods are.
    named = {f"p{at}": parameter for at, parameter in enumerate(parameters)}
    fields: dict[str, Any] = {
        field: (described(hints.get(it.name, Any), told.get(it.name, "")), default_of(it))
        for field, it in named.items()
    }
    try:
        model = create_model("Arguments", __config__=ConfigDict(extra="forbid", coerce_numbers_to_str=True), **fields)
        arguments = Arguments(name, model, named, occasion)
        arguments.schema()
    except Exception as error:
        raise ConfigError(
            f"the tool {name}: a parameter has a type that JSON knows nothing of: {str(error).splitlines()[0][:200]}",
            cure="annotate it with str, int, float, bool, a date, a Literal, an Enum, a list, dict, dataclass or model",
        ) from error
    return arguments


def hints_of(function: Callable[..., Any], name: str) -> Mapping[str, Any]:
    """The annotations of a function, as the types that they name. Raises ConfigError."""
    target = inspect.unwrap(function)
    while hasattr(target, "func"):  # functools.partial
        target = target.func
    if not inspect.isroutine(target) and not inspect.isclass(target):
        target = type(target).__call__
    within = inspect.getclosurevars(target).nonlocals if inspect.isfunction(target) else {}
    try:
        return get_type_hints(target, localns=dict(within), include_extras=True)
    except NameError as error:
        raise ConfigError(
            f"the tool {name}: the type {error.name!r} of its signature is not known where the function stands",
            cure="import it, or define it, at the top of the module and not only for type checkers",
        ) from error
    except Exception as error:
        raise ConfigError(f"the tool {name}: its annotations cannot be read: {error}", cure="correct them") from error


def refuse_unusable(parameter: Parameter, hints: Mapping[str, Any], name: str) -> None:
    """Refuses a parameter that a model cannot give. Raises ConfigError."""
    if parameter.kind in {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}:
        stars = "*" if parameter.kind is Parameter.VAR_POSITIONAL else "**"
        raise ConfigError(
            f"the tool {name}: a model cannot know what to give as {stars}{parameter.name}",
            cure="name each parameter, or take one list or dict",
        )
    if hints.get(parameter.name) is Occasion:
        raise ConfigError(
            f"the tool {name}: {parameter.name} is the occasion, and not the first parameter", cure="put it first"
        )


def described(hint: Any, text: str) -> Any:
    """A type with its description."""
    return Annotated[hint, Field(description=text)] if text else hint


def default_of(parameter: Parameter) -> Any:
    """The field of a parameter, called as the function calls it."""
    if parameter.default is Parameter.empty:
        return Field(alias=parameter.name)
    return Field(default=parameter.default, alias=parameter.name)
