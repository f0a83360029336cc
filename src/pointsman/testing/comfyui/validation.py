"""Whether a graph can run: what ComfyUI answers to POST /prompt before it queues anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.testing.comfyui.nodes import LOADER, NodeClass

Error = dict[str, Any]
# Where there are more values to choose from, ComfyUI counts them instead.
MOST_LISTED: Final = 20
TRACEBACK: Final = ['  File "execution.py", in validate_prompt\n']


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a graph: the error of the whole (None where something of it can run), and those of its nodes."""

    error: Error | None = None
    outputs: tuple[str, ...] = ()
    node_errors: dict[str, Any] = field(default_factory=dict)


def whole_error(kind: str, message: str, details: str = "") -> Error:
    """An error of the whole graph."""
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


def error_of(kind: str, message: str, details: str, **about: Any) -> Error:
    """An error of one node."""
    return {"type": kind, "message": message, "details": details, "extra_info": about}


def validate(
    graph: Mapping[str, Any], classes: Mapping[str, NodeClass], exists: Callable[[str], bool] = lambda _: True
) -> Verdict:
    """The verdict on a graph; `exists` says whether there is a picture of a name."""
    outputs: list[str] = []
    for node, entry in graph.items():
        where = f"Node ID '#{node}'"
        if "class_type" not in entry:
            message = "Cannot execute because a node is missing the class_type property."
            return Verdict(whole_error("invalid_prompt", message, where))
        name = entry["class_type"]
        if name not in classes:
            return Verdict(whole_error("invalid_prompt", f"Cannot execute because node {name} does not exist.", where))
        if classes[name].saves:
            outputs.append(node)
    if not outputs:
        return Verdict(whole_error("prompt_no_outputs", "Prompt has no outputs"))
    return _Validation(graph, classes, exists).verdict(outputs)


class _Validation:
    """Walks from each output back to its beginnings, every node once."""

    def __init__(
        self, graph: Mapping[str, Any], classes: Mapping[str, NodeClass], exists: Callable[[str], bool]
    ) -> None:
        self._graph = graph
        self._classes = classes
        self._exists = exists
        self._seen: dict[str, tuple[bool, list[Error]]] = {}
        self._walking: set[str] = set()

    def verdict(self, outputs: list[str]) -> Verdict:
        good: list[str] = []
        reasons: list[Error] = []
        node_errors: dict[str, Any] = {}
        for output in outputs:
            try:
                fine, errors = self._node(output)
            except KeyError as error:
                fine, errors = False, [crashed("exception_during_validation", "Exception when validating node", error)]
                self._seen[output] = fine, errors
            if fine:
                good.append(output)
                continue
            reasons += errors
            for node, (valid, its) in self._seen.items():
                if not valid and its:
                    entry = {"errors": its, "dependent_outputs": [], "class_type": self._graph[node]["class_type"]}
                    node_errors.setdefault(node, entry)["dependent_outputs"].append(output)
        if good:
            return Verdict(None, tuple(good), node_errors)
        details = "\n".join(dict.fromkeys(f"{it['message']}: {it['details']}" for it in reasons))
        return Verdict(
            whole_error("prompt_outputs_failed_validation", "Prompt outputs failed validation", details),
            node_errors=node_errors,
        )

    def _node(self, node: str) -> tuple[bool, list[Error]]:
        if node in self._seen:
            return self._seen[node]
        if node in self._walking:
            return False, []  # a circle
        self._walking.add(node)
        entry = self._graph[node]
        known = self._classes[entry["class_type"]]
        errors: list[Error] = []
        fine = True
        for key, spec in {**known.required, **known.optional}.items():
            if key not in entry["inputs"]:
                if key in known.required:
                    errors.append(error_of("required_input_missing", "Required input is missing", key, input_name=key))
                continue
            value = entry["inputs"][key]
            config = [spec[0], spec[1] if len(spec) > 1 else {}]
            if isinstance(value, list):
                fine = self._link(key, value, config, errors) and fine
            elif known.name == LOADER:
                errors += unknown_picture(key, value, self._exists)
            else:
                errors += checked(entry["inputs"], key, value, config)
        fine = fine and not errors
        self._seen[node] = fine, errors
        return fine, errors

    def _link(self, key: str, value: list[Any], config: list[Any], errors: list[Error]) -> bool:
        """Whether what a link comes from is fine; what is wrong with the link itself goes to `errors`."""
        if len(value) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            about = {"input_name": key, "input_config": config, "received_value": value}
            errors.append(error_of("bad_linked_input", message, key, **about))
            return True
        source, slot = value
        gives = self._classes[self._graph[source]["class_type"]].outputs[slot]
        if gives != config[0]:
            details = f"{key}, received_type({gives}) mismatch input_type({config[0]})"
            about = {"input_name": key, "input_config": config, "received_type": gives, "linked_node": value}
            errors.append(
                error_of("return_type_mismatch", "Return type mismatch between linked nodes", details, **about)
            )
            return True
        try:
            return self._node(source)[0]
        except KeyError as error:
            crash = crashed("exception_during_inner_validation", "Exception when validating inner node", error)
            crash["extra_info"] |= {"input_name": key, "input_config": config, "linked_node": value}
            self._seen[source] = False, [crash]
            return False


def unknown_picture(key: str, value: Any, exists: Callable[[str], bool]) -> list[Error]:
    """That there is no picture of a name; whether it is one to choose from is not asked then."""
    if exists(str(value)):
        return []
    details = f"{key} - Invalid image file: {value}"
    return [error_of("custom_validation_failed", "Custom validation failed for node", details, input_name=key)]


def checked(inputs: dict[str, Any], key: str, value: Any, config: list[Any]) -> list[Error]:
    """What is wrong with a value; one that can be converted is."""
    kind, limits = config
    about = {"input_name": key, "input_config": config, "received_value": value}
    if isinstance(kind, list):
        if value in kind:
            return []
        there = str(kind) if len(kind) <= MOST_LISTED else f"(list of length {len(kind)})"
        return [error_of("value_not_in_list", "Value not in list", f"{key}: '{value}' not in {there}", **about)]
    try:
        if kind in {"INT", "FLOAT", "STRING"}:
            inputs[key] = value = {"INT": int, "FLOAT": float, "STRING": str}[kind](value)
    except (ValueError, TypeError) as error:
        return [
            error_of(
                "invalid_input_type",
                f"Failed to convert an input value to a {kind} value",
                f"{key}, {value}, {error}",
                **about,
                exception_message=str(error),
            )
        ]
    about["received_value"] = value
    if "min" in limits and value < limits["min"]:
        message = f"Value {value} smaller than min of {limits['min']}"
        return [error_of("value_smaller_than_min", message, key, **about)]
    if "max" in limits and value > limits["max"]:
        return [error_of("value_bigger_than_max", f"Value {value} bigger than max of {limits['max']}", key, **about)]
    return []


def crashed(kind: str, message: str, error: KeyError) -> Error:
    """That the validation itself broke off, as it does on a link to a missing node."""
    return error_of(kind, message, str(error), exception_type="KeyError", traceback=TRACEBACK)
