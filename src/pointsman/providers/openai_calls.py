"""Puts the calls of tools together that servers speaking OpenAI's language send in pieces, each in its own way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.message import ToolCall, without_surrogates
from pointsman.core.nesting import MOST_LEVELS, nests, tidied

CUT_OFF: Final = "; the reply ended there, at its limit of tokens"


@dataclass(slots=True)
class Begun:
    """A call as far as it has come; `text` are its arguments so far, `whole` what came for them at once."""

    index: int | None
    id: str
    name: str = ""
    text: str = ""
    whole: Any = None

    @property
    def complete(self) -> bool:
        """Whether its arguments are all there."""
        return self.whole is not None or (bool(self.text.strip()) and not arguments_of(self.text)[1])

    def take(self, name: str, arguments: Any) -> None:
        """Adds what a piece says; some servers say the name again in every one of them."""
        if name != self.name:
            self.name += name
        if isinstance(arguments, str):
            self.text += arguments
        elif arguments is not None:
            self.whole = arguments


class Fragments:
    """The calls in a reply as far as they have been heard."""

    def __init__(self) -> None:
        self._begun: list[Begun] = []

    def __bool__(self) -> bool:
        return bool(self._begun)

    def take(self, message: Mapping[str, Any], *, whole: bool = False) -> None:
        """Adds what a piece of the reply, or the `whole` of it, says of calls; the older `function_call` is one too."""
        pieces = message.get("tool_calls")
        if not isinstance(pieces, list):
            pieces = [{"index": 0, "function": message.get("function_call")}]
        for piece in pieces:
            function = piece.get("function") if isinstance(piece, dict) else None
            if isinstance(function, dict):
                index, name = piece.get("index"), text_of(function.get("name"))
                index = index if isinstance(index, int) else None
                id_, arguments = text_of(piece.get("id")), function.get("arguments")
                held = self._begin(index, id_) if whole else self._place(index, id_, name, arguments)
                held.take(name, arguments)

    def calls(self, *, cut: bool = False) -> tuple[ToolCall, ...]:
        """All calls, in order; `cut` says that the reply was ended before the model's own end."""
        return tuple(call_of(it, cut=cut and it is self._begun[-1]) for it in self._begun)

    def _place(self, index: int | None, id_: str, name: str, arguments: Any) -> Begun:
        """The call that a piece belongs to: by its id, else by its index, else the last; or a new one."""
        if id_ and (known := next((it for it in self._begun if it.id == id_), None)):
            return known
        if not self._begun:
            return self._begin(index, id_)
        if index is None:
            held = self._begun[-1]
        else:
            held = next((it for it in reversed(self._begun) if it.index == index), self._begun[-1])
        if index not in {held.index, None}:
            # Cerebras counts on while it goes on with the same call: only what names one begins one.
            return self._begin(index, id_) if id_ or name else held
        return self._begin(index, id_) if begins(held, id_, name, arguments) else held

    def _begin(self, index: int | None, id_: str) -> Begun:
        self._begun.append(Begun(index, id_))
        return self._begun[-1]


def begins(held: Begun, id_: str, name: str, arguments: Any) -> bool:
    """Whether a piece that may go on with a call begins another: several calls at index 0, or none with an index."""
    if id_ and held.id:  # vLLM once gave every piece an id of its own; a name came with the first alone
        return bool(name) or (held.index is None and held.complete)
    if not (name and held.name):
        return False
    nothing_yet = held.index is None and name != held.name and not held.text and held.whole is None
    return nothing_yet or (held.complete and (bool(arguments) or name != held.name))


def call_of(begun: Begun, *, cut: bool) -> ToolCall:
    """The call that was put together."""
    arguments, problem = arguments_of(begun.text if begun.whole is None else begun.whole)
    if problem and cut:
        problem += CUT_OFF
    return ToolCall(without_surrogates(begun.name), arguments, without_surrogates(begun.id), problem)


def arguments_of(given: Any) -> tuple[dict[str, Any], str]:
    """A call's arguments, from a JSON text or object, and why they cannot be read ("" where they can)."""
    try:
        for _ in range(2):  # some servers write the text of a JSON object as JSON once more
            if isinstance(given, str):
                given = read(given)
        if not nests(given):
            return {}, f"the arguments are nested more than {MOST_LEVELS} levels deep"
        given = {} if given is None else tidied(given)
    except json.JSONDecodeError as error:
        return {}, f"the arguments are no JSON: {error.msg} (character {error.pos + 1})"
    except (ValueError, RecursionError):
        return {}, "the arguments are no JSON"
    if not isinstance(given, dict):
        return {}, "the arguments are no JSON object"
    return given, ""


def read(text: str) -> Any:
    """The JSON in a text; None where there is none. Raises ValueError, RecursionError."""
    text = without_surrogates(text).strip()
    if text.startswith("{}{"):  # a beginning that some servers send before they know better
        text = text.removeprefix("{}")
    return json.loads(text, parse_constant=refused) if text else None


def refused(constant: str) -> Any:
    """NaN and its like are no JSON. Raises ValueError."""
    raise ValueError(constant)


def text_of(value: Any) -> str:
    """A text; "" in place of anything else."""
    return value if isinstance(value, str) else ""
