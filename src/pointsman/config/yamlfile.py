"""YAML in, plain data out, with the line of every key kept for error messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Location = Sequence[str | int]

# A category file of a thousand utterances has 60 kB; ruamel reads 600 kB a second.
LARGEST: Final = 4_000_000
SHOWN: Final = 10
# What editors on Windows put first in a file that they do not save as UTF-8.
UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class Document:
    """A parsed YAML file: its data, and the line of every key. Raises ConfigError with file:line.

    ruamel's pure parser is used on purpose, ten times slower as it is: the C one overruns the stack on deeply
    nested text, and takes the whole process along.
    """

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.data: Any = load(text, name)

    @cached_property
    def root(self) -> Any:
        """The tree that knows the lines; only made when one is asked for."""
        from ruamel.yaml import YAML

        return YAML(typ="safe", pure=True).compose(self.text)

    def line_of(self, location: Location) -> int:
        """The 1-based line where the key or item at `location` stands, or the nearest known one above it."""
        node, line = self.root, 0
        for part in location:
            found = child(node, part)
            if found is None:
                break
            line, node = found
        return line + 1

    def where(self, location: Location) -> str:
        """`file:line` of the key or item at `location`."""
        return f"{self.name}:{self.line_of(location)}"

    def has(self, location: Location) -> bool:
        """Whether the file says anything at `location`."""
        data = self.data
        for part in location:
            is_there = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
            if not is_there:
                return False
            data = data[part]
        return True


def parse(text: str, name: str) -> object:
    """The data in a YAML text; `name` is its file's name for messages. Raises ConfigError with file:line."""
    return Document(text, name).data


def line_of(text: str, location: Location) -> int:
    """The 1-based line where the key or item at `location` stands, or the nearest known one above it."""
    return Document(text, "").line_of(location)


def read_text(path: Path, limit: int = LARGEST, name: str = "") -> str:
    """The text of a UTF-8 file of at most `limit` bytes, called `name` in errors. Raises ConfigError."""
    return decode(read_bytes(path, limit, name), name or str(path))


def read_bytes(path: Path, limit: int = LARGEST, name: str = "") -> bytes:
    """What a file of at most `limit` bytes holds. Raises ConfigError when it cannot be read or holds more."""
    name = name or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except IsADirectoryError:
        raise ConfigError(f"{name}: is a folder, not a file", cure="name the YAML file in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"{name}: cannot be read: {reason}", cure="give a readable UTF-8 file") from error
    if len(data) > limit:
        raise ConfigError(f"{name}: is larger than {limit // 1000:,} kB", cure="is it the right file?")
    return data


def decode(data: bytes, name: str) -> str:
    """The text in the bytes of a file; a byte order mark is left out. Raises ConfigError with file:line."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        kind = "it looks like UTF-16" if data[:2] in UTF16 else f"byte {data[error.start]:#04x} is not valid there"
        raise ConfigError(f"{name}:{line}: is not UTF-8: {kind}", cure="save the file as UTF-8") from error


def load(text: str, name: str) -> object:
    """Plain data from a YAML text. Raises ConfigError with file:line."""
    if not text:
        return None
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise syntax_error(text, name, mark.line if mark else 0, str(error.problem)) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise syntax_error(text, name, line, f"the character U+{error.character:04X} is not allowed") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: is nested too deeply", cure="is it the right file?") from error
    except Exception as error:  # what ruamel lets through: ValueError, KeyError and others, for 2020-13-45 or !!int x
        raise syntax_error(text, name, unreadable_scalar(text), f"this value cannot be read: {error}") from error


def syntax_error(text: str, name: str, line: int, problem: str) -> ConfigError:
    """What is wrong at a 0-based line, in words that help."""
    problem = problem.split("\nTo suppress", maxsplit=1)[0].strip()
    source = text.split("\n")[line] if line < text.count("\n") + 1 else ""
    cure = "correct the YAML at that line"
    if "\\t" in problem:
        problem, cure = "a tab stands where only spaces may", "indent with spaces"
    elif problem.startswith("found duplicate key"):
        # ruamel goes on to print both values; one of them may be a secret.
        problem, cure = problem.split(" with value")[0], "keep one of the two"
    elif "${" in source:
        cure = 'put the value in quotes: "${NAME}"'
    elif "this value" in problem or problem.startswith(("mapping values", "found character")):
        cure = "put the text in quotes if it is meant as text"
    return ConfigError(f"{name}:{line + 1}: {problem}", cure=cure)


def unreadable_scalar(text: str) -> int:
    """The 0-based line of the first value that ruamel can scan but not read."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    for node in scalars(yaml.compose(text)):
        try:
            yaml.constructor.construct_object(node)
        except Exception:  # noqa: BLE001 - the very value that is looked for, whatever it raises
            return int(node.start_mark.line)
    return 0


def scalars(root: Any) -> Iterator[Any]:
    """All values of a tree, in order, each once: an alias leads to the same value again, even in a circle."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node.value, str):
            yield node
            continue
        for part in reversed(node.value):
            waiting.extend(reversed(part) if isinstance(part, tuple) else (part,))


def child(node: Any, part: str | int) -> tuple[int, Any] | None:
    """The 0-based line and the node of a key or item."""
    entries = node.value if node is not None and isinstance(node.value, list) else []
    if entries and isinstance(entries[0], tuple):
        for key, value in reversed(entries):
            if key.value == str(part):
                return key.start_mark.line, value
        for key, value in entries:
            if key.value == "<<" and (found := child(value, part)):
                return found
    elif isinstance(part, int) and part < len(entries):
        return entries[part].start_mark.line, entries[part]
    return None


def explain(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    where: Callable[[Location], str] | None = None,
) -> ConfigError:
    """The first findings of a pydantic error, each as `file:line: key: what is wrong`.

    `where` says where a value came from when that is not always the file.
    """
    from pointsman.config.findings import findings_of

    where = where or document.where
    findings = findings_of(error, model)
    lines = [": ".join(filter(None, (where(at), dotted(at), said.problem))) for at, said in findings[:SHOWN]]
    if len(findings) > SHOWN:
        lines.append(f"and {len(findings) - SHOWN} more")
    cures = dict.fromkeys(said.cure for _, said in findings if said.cure)
    cure = "; ".join(cures) or "correct what is named above; `pointsman config schema` lists every key"
    return ConfigError("\n".join(lines), cure=cure)


def dotted(location: Location) -> str:
    """A location as one word, such as tiers.1.accept."""
    return ".".join(str(part) for part in location)
