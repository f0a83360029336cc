"""The toolset that runs Python: the program that a message gives, at once, or one that a model writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final, Protocol

from pointsman.core.errors import MissingExtra, ToolFailed
from pointsman.core.message import ToolCall
from pointsman.core.tool import First, Occasion, Tool, ToolResult, ToolSpec
from pointsman.tools.code import replies
from pointsman.tools.code.asking import PYTHON, Given, given, language_of, tagged
from pointsman.tools.code.sandbox import SECONDS, Outcome, Sandbox
from pointsman.tools.code.trouble import MODULES, NOT_THERE

NAME: Final = "code"
RUN: Final = "run_python"
# Others may be before it, and each of them takes its time.
IN_LINE: Final = 5
NOT_HERE: Final = (
    "code is not run where others read along; ask in a direct message, or let the owner set tools.code.shared: true"
)
DESCRIPTION: Final = f"""\
Runs a Python program and gives what it prints, and the value of its last expression. Use it to compute, count, sort, \
search or simulate; write the whole program, as nothing is kept from one call to the next, and print what you want to \
see. It may take {{seconds:g}} s and {{memory:.0f}} MB. There are no packages, no files, no network and no input. \
Not supported: {NOT_THERE}. Only these modules: {MODULES}."""


class Runs(Protocol):
    """Runs programs."""

    async def run(self, code: str) -> Outcome:
        """What came of it. Raises MissingExtra, ToolFailed."""
        ...

    async def close(self) -> None:
        """Lets go of processes."""
        ...


class CodeTools:
    """run_python; a program in the message is run as it is, and what comes of it is the whole answer.

    `shared` allows it where others read along. `seconds` and `memory` (bytes) are the limits of the `sandbox`, as
    models are told them.
    """

    name = NAME

    def __init__(
        self, sandbox: Runs, *, shared: bool = False, seconds: float = SECONDS, memory: int = 64_000_000
    ) -> None:
        self._sandbox = sandbox
        self._shared = shared
        self._spec = ToolSpec(
            RUN,
            DESCRIPTION.format(seconds=seconds, memory=memory / 1e6),
            {
                "type": "object",
                "properties": {"code": {"type": "string", "description": "the Python program"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            seconds=IN_LINE * (seconds + 1),
        )

    @classmethod
    def opened(cls, *, seconds: float, memory: int, output: int, workers: int, shared: bool) -> CodeTools:
        """The toolset with a sandbox of its own."""
        sandbox = Sandbox(seconds=seconds, memory=memory, output=output, workers=workers)
        return cls(sandbox, shared=shared, seconds=seconds, memory=memory)

    def refusal(self, occasion: Occasion) -> str:
        """Why code is not run here: others read along."""
        return NOT_HERE if occasion.message.origin.shared and not self._shared else ""

    async def tools(self, occasion: Occasion) -> Sequence[Tool]:
        """run_python, which knows the program that the message gives. Raises MissingExtra."""
        if find_spec("pydantic_monty") is None:
            raise MissingExtra("code", "running code")
        return (RunPython(self._sandbox, self._spec, given(occasion)),)

    def first(self, occasion: Occasion) -> First | None:
        """The run of a program that the message gives; its result is the answer, unless more is asked about it."""
        program = given(occasion)
        if program is None or (program.language != PYTHON and program.more):
            return None
        return First(ToolCall(RUN, {"code": program.code}), answers=not program.more)

    async def close(self) -> None:
        """Lets go of processes."""
        await self._sandbox.close()


class RunPython:
    """Runs one program; `program` is what the message gives, which is run as it is or not at all."""

    def __init__(self, sandbox: Runs, spec: ToolSpec, program: Given | None) -> None:
        self.spec = spec
        self._sandbox = sandbox
        self._program = program

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """What came of it, its errors included. Raises MissingExtra, and ToolFailed for what is no Python at all.

        A program that runs and fails has a result like any other, from which a model learns; a person's own program
        always has.
        """
        code = arguments.get("code")
        if not isinstance(code, str) or not code.strip():
            raise ToolFailed(f"{RUN} was called without code", cure='give the program as a text: {"code": "..."}')
        program = self._program
        own = program is not None and code == program.code
        if program is not None and own and program.language != PYTHON:
            return ToolResult(replies.only_python(program.language))
        outcome = await self._sandbox.run(code if own else unwrapped(code))
        trouble = outcome.trouble
        if trouble is not None and trouble.kind == "syntax" and not own:
            other = language_of(code)
            cure = f"only {PYTHON} runs here, and this is {other}" if other != PYTHON else trouble.hint
            raise ToolFailed(
                f"the program cannot be run: {replies.line_of(trouble)}",
                cure=f"{cure or 'correct it'}; call {RUN} again",
            )
        return ToolResult(replies.for_model(outcome), said=replies.for_person(outcome), trusted=not own)


def unwrapped(code: str) -> str:
    """A model's program without the fences that some models put around it."""
    text = code.strip()
    if text.startswith("```"):
        return tagged(text.removeprefix("```").removesuffix("```"))[1]
    return code
