"""What went wrong in a program that ran in the sandbox, in plain words and without anything of ours."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from pointsman.tools.code.lastvalue import NAME

Kind = Literal["syntax", "raised", "limit"]
"""It cannot be read as Python, or not by this Python; it raised an error; it was stopped at a limit."""

# Measured with pydantic-monty 1.4; more than these are not there.
MODULES: Final = (
    "asyncio, base64, binascii, bisect, collections, copy, csv, dataclasses, datetime, decimal, functools, hashlib, "
    "itertools, json, math, random, re, sys, time, tomllib, typing, unicodedata"
)
NOT_THERE: Final = (
    "yield, del, super() and class inheritance, property, classmethod, staticmethod, except*, input(), "
    "sys.stdout.write, the modules statistics, fractions, heapq, string, operator and enum"
)

MOST_TEXT: Final = 400
MOST_LINE: Final = 120
FRAMES: Final = 4

UNSUPPORTED: Final = re.compile(r"NotImplementedError: The monty syntax parser does not yet support (.+)")
TOO_LONG: Final = re.compile("TimeoutError: feed time limit exceeded")
TOO_BIG: Final = re.compile("MemoryError: (?:memory limit exceeded|the worker exceeded its memory limit)")
TOO_MANY: Final = re.compile(r"RuntimeError: suspension limit (\d+) exceeded")
NO_NAME: Final = re.compile(r"NameError: name '(\w+)' is not defined")
NO_FILES: Final = re.compile(r"PermissionError:|'os\.\w+' is not supported|module 'os' has no attribute")
NO_ATTRIBUTE: Final = re.compile(r"AttributeError: (?:type object )?'(\w+)'(?: object)? has no attribute '(\w+)'")
CURLY: Final = re.compile("[\u201c-\u201f\u2018-\u201b\xab\xbb]")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong: in which line (0 when in none), in whose words, and the calls that led there, outermost first.

    `hint` says what to do about it, where that is known.
    """

    kind: Kind
    text: str
    line: int = 0
    calls: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one run may go: seconds at work, bytes of memory, characters that are kept of what it prints."""

    seconds: float
    memory: int
    output: int


def stopped_for_time(limits: Limits) -> Trouble:
    """It computed for too long."""
    return Trouble(
        "limit", f"it was still computing after {limits.seconds:g} s, and was stopped", hint="let it do less"
    )


def stopped_for_memory(limits: Limits) -> Trouble:
    """It took too much memory."""
    return Trouble(
        "limit",
        f"it wanted more than {limits.memory / 1e6:,.0f} MB of memory, and was stopped",
        hint="let it keep less at once",
    )


def stopped_for_output(most: int) -> Trouble:
    """It printed without end."""
    return Trouble("limit", f"it printed more than {most:,} characters, and was stopped", hint="let it print less")


def stopped_for_asking(most: int) -> Trouble:
    """It looked up names that nobody gave it, each of which it asks us for."""
    return Trouble("limit", f"it asked for names that do not exist more than {most:,} times, and was stopped")


def died(error: Any, limits: Limits) -> Trouble:
    """The process that it ran in is gone: ended by us, or by a limit of the system (a MontyCrashedError)."""
    if error.timed_out or "limit" in str(error) or "timeout" in str(error):
        return stopped_for_time(limits)
    return Trouble("limit", "it was stopped at a limit of the system", hint="let it do less, and keep less at once")


def trouble_of(error: Any, code: str, limits: Limits) -> Trouble | None:
    """A MontySyntaxError or MontyRuntimeError in our words; None for a program that ended itself by SystemExit."""
    text = str(error)[: 2 * MOST_TEXT]  # a program may make it as long as its memory is large
    frames = error.traceback()
    lines = code.count("\n") + 1
    line = min(frames[-1].line, lines) if frames else 0
    if type(error).__name__ == "MontySyntaxError":
        return Trouble("syntax", short(f"SyntaxError: {text}"), line, hint=hint_for(text))
    if match := UNSUPPORTED.match(text):
        what = match.group(1).strip()
        return Trouble(
            "syntax", short(f"this sandbox does not know {what}"), line, hint=f"it does not have {NOT_THERE}"
        )
    if TOO_LONG.match(text):
        return stopped_for_time(limits)
    if TOO_BIG.match(text):
        return stopped_for_memory(limits)
    if match := TOO_MANY.match(text):
        return stopped_for_asking(int(match.group(1)))
    if text.startswith("SystemExit"):
        return None
    calls = tuple(dict.fromkeys(map(called, frames[-FRAMES:]))) if len(frames) > 1 else ()
    if len(frames) > FRAMES:
        calls = (f"{len(frames) - FRAMES:,} calls before", *calls)
    return Trouble("raised", short(text), line, calls, hint_for(text))


def called(frame: Any) -> str:
    """One line of a traceback."""
    name = frame.function_name
    within = f", in {name[:MOST_LINE]}" if name and name != "<module>" else ""
    within += ", in a text for eval or exec" if frame.filename == "<string>" else ""
    source = (frame.source_line or "").strip().removeprefix(f"{NAME} = ")
    return f"line {frame.line}{within}: {shortened(source, MOST_LINE)}".rstrip(": ")


def hint_for(text: str) -> str:
    """What to do about an error, where that follows from its words."""
    if text.startswith("ModuleNotFoundError"):
        return f"no packages can be installed here; these modules are there: {MODULES}"
    if NO_FILES.search(text):
        return "there are no files, no environment, no processes and no network here"
    if CURLY.search(text):
        return "curly quotes are no Python: type straight ones"
    if match := NO_NAME.match(text):
        name = match.group(1)
        if name == "input":
            return "nobody can type anything into it: write the values into the code"
        if hasattr(builtins, name):
            return f"this sandbox does not have {name}"
    if (match := NO_ATTRIBUTE.match(text)) and hasattr(getattr(builtins, match.group(1), None), match.group(2)):
        return f"this sandbox does not have {match.group(1)}.{match.group(2)}"
    return ""


def short(text: str) -> str:
    """The beginning of an error's words, which a program may make as long as it likes."""
    return shortened(text.strip(), MOST_TEXT)


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else f"{text[:most]} ..."
