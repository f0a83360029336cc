"""Which program a message gives to be run, in which language it is, and whether anything else is asked about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from pointsman.core.message import TOLD
from pointsman.core.tool import Occasion

PYTHON: Final = "Python"
FENCE: Final = "```"
TAG: Final = re.compile(r"[ \t]*([A-Za-z][\w+#.-]{0,19})?[ \t]*\n")
PROMPT: Final = re.compile(r"^[ \t]*>>> ", re.MULTILINE)
PROMPTED: Final = re.compile(r"\s*(?:>>>|\.\.\.)(?: (.*)|\s*)\Z")
# Signs of a language stand at the beginning; patterns that look further could take their time over hostile text.
HEAD: Final = 2_000
MOST_AROUND: Final = 300

LANGUAGES: Final = {
    "python": PYTHON, "python3": PYTHON, "py": PYTHON, "py3": PYTHON, "pycon": PYTHON, "ipython": PYTHON,
    "javascript": "JavaScript", "js": "JavaScript", "jsx": "JavaScript", "node": "JavaScript", "node.js": "JavaScript",
    "typescript": "TypeScript", "ts": "TypeScript", "bash": "shell", "shell": "shell", "sh": "shell", "zsh": "shell",
    "console": "shell", "powershell": "PowerShell", "ps1": "PowerShell", "sql": "SQL", "mysql": "SQL", "sqlite": "SQL",
    "postgres": "SQL", "ruby": "Ruby", "rb": "Ruby", "rust": "Rust", "rs": "Rust", "golang": "Go", "go": "Go",
    "java": "Java", "c": "C", "cpp": "C++", "c++": "C++", "c#": "C#", "csharp": "C#", "perl": "Perl", "php": "PHP",
    "lua": "Lua", "kotlin": "Kotlin", "swift": "Swift", "haskell": "Haskell", "scala": "Scala", "julia": "Julia",
    "r": "R", "html": "HTML", "css": "CSS",
}  # fmt: skip
NO_PROGRAM: Final = frozenset({"text", "txt", "plain", "plaintext", "output", "json", "yaml", "csv", "log", "diff"})

NAMES: Final = "|".join(sorted(map(re.escape, LANGUAGES), key=len, reverse=True))
NAMED: Final = re.compile(
    rf"(?i)\b(?:in|this|these|the|following|with|using|some|my|a) ({NAMES})(?![\w+#])"
    rf"|(?<!\w)({NAMES}) (?:code|script|snippet|program|commands?|query|function|one-liner)\b|(?<!\w)({NAMES}) ?:"
)
# Texts and remarks in a program may be about anything.
WORDS_IN_CODE: Final = re.compile(
    r"""\"{3}[\s\S]*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)|"[^"\n]*"|'[^'\n]*'|(?<!\S)# .*"""
)
COMMANDS: Final = (
    "sudo|ls|cd|cat|rm|mkdir|rmdir|cp|mv|chmod|chown|curl|wget|grep|find|ps|kill|df|du|ping|ssh|git|docker|apt|apt-get"
    "|pip3?|npm|npx|whoami|uname|pwd|echo|touch|head|tail|awk|sed|tar|python3?|node|env|export|printenv"
)
SIGNS: Final = tuple(
    (name, re.compile(pattern, re.MULTILINE))
    for name, pattern in (
        (
            "JavaScript",
            r"\bconsole\.\w+\(|^[ \t]*(?:const|let|var)\s+\w+\s*=|=>|\bfunction\b[^\n(]*\([^\n)]*\)\s*\{|[!=]==",
        ),
        ("Java", r"\bpublic\s+(?:static|class|void)\b|\bSystem\.out\."),
        ("C", r"^[ \t]*#include\s*[<\"]|\bint\s+main\s*\(|\bstd::"),
        ("SQL", r"(?i)^[ \t]*(?:select\b[^\n]*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s)"),
        ("SQL", r"(?i)^[ \t]*(?:create|drop|alter)\s+(?:table|view|index|database)\s"),
        ("Go", r"^[ \t]*package\s+main\b|\bfmt\.Print"),
        ("Rust", r"\bfn\s+\w+\s*\(|\bprintln!\("),
        ("PHP", r"<\?php"),
        ("Ruby", r"^[ \t]*puts\s|\bdo\s*\|\w+\|"),
        ("HTML", r"(?i)\A\s*<(?:!doctype|html|head|body|div|script)\b"),
        ("shell", r"\A\s*#!\s*\S*sh\b|\$\(|\$\{|^[ \t]*\$ \w"),
        (
            "shell",
            rf"\A\s*(?:{COMMANDS})(?:\s*\Z|\s*[|;&>]|\s+(?![=(,:\[+*%<>^]|[-/.]\s|(?:and|or|if|in|is|not|for)\b)\S)",
        ),
    )
)
IS_PYTHON: Final = re.compile(
    r"\bprint\s*\(|^[ \t]*(?:import|from|raise|assert)\s+\w|\blambda\b"
    r"|^[ \t]*(?:def|class|for|while|if|with|try)\b[^\n]*:"
    r"|^[ \t]*[A-Za-z_]\w*(?:\.\w+)*\(|^[ \t]*\w+(?:\s*,\s*\w+)*\s*=[^=]|\bfor \w+(?:, ?\w+)* in\b",
    re.MULTILINE,
)

# Wishes beside that to see what it prints: a model has to say something then.
MORE: Final = re.compile(
    r"(?i)\b(?:explain|why|how|fix|debug|improve|optimi[sz]e|refactor|rewrite|translate|convert|compare|describe"
    r"|complexity|difference|instead|expect(?:ed)?|wrong|should|meaning|summari[sz]e|plot|chart|bugs?"
    r"|warum|erklär\w*|pourquoi|expli\w+|por qué|perché|spiega\w*|waarom|leg uit|почему|объясни\w*|dlaczego|wyjaśnij)\b"
    r"|为什么|解释|なぜ|説明|왜|설명"
)
NOT_TO_BE_RUN: Final = re.compile(r"(?i)\b(?:do not|don.?t|without)\s+(?:actually\s+)?(?:run|execut)")
MARKED: Final = re.compile(r"\A`([^`]+)`\Z")
# Looked for at the end only: blanks without end would otherwise be counted from each of them.
TAIL: Final = 200
AFTERTHOUGHT: Final = re.compile(
    r"(?i)[ ,]+(?:and|then)\s+(?:then\s+)?(?:please\s+)?"
    r"((?:explain|tell|show|give|describe|say|let|report|return|print)\b[^\n()\"'=`]{0,80})\Z"
)


@dataclass(frozen=True, slots=True)
class Given:
    """A program that a message gives, in a `language`; `more` when something else is asked about it, too."""

    code: str
    language: str = PYTHON
    more: bool = False


def given(occasion: Occasion) -> Given | None:
    """The program that a message gives to be run; None when it gives none, or none that is surely one."""
    message = occasion.message
    # All of it: half of a program would run, and come to something else. Of so long a text the slot is half, too.
    text = (message.text if message.judged is None else message.judged).replace("\r\n", "\n").replace("\u00a0", " ")
    slot = str(occasion.slots.get("code", "")).replace("\r\n", "\n").replace("\u00a0", " ").strip("\n")
    if not slot.strip():
        return None
    if FENCE in text:
        code, language, around = fenced(text)
    else:
        code, language, around = unfenced(slot, text) if len(text) <= TOLD else ("", "", "")
    if not code.strip() or not language or NOT_TO_BE_RUN.search(around):
        return None
    more = len(around) > MOST_AROUND or MORE.search(around) is not None
    return Given(without_prompts(code) if language == PYTHON else code, language, more)


def fenced(text: str) -> tuple[str, str, str]:
    """The program in a text with fenced blocks, its language, and the person's own words.

    Blocks of Python belong together; where none says that it is, the first is meant, as others may be what it printed.
    """
    parts = text.split(FENCE)
    blocks = [tagged(part) for part in parts[1::2]]
    around = " ".join(parts[::2])
    python = [code for tag, code in blocks if LANGUAGES.get(tag) == PYTHON]
    if python:
        return "\n\n".join(python), PYTHON, around
    programs = [(tag, code) for tag, code in blocks if tag not in NO_PROGRAM]
    if not programs:
        return "", "", around
    tag, code = programs[0]
    return code, LANGUAGES.get(tag, tag.capitalize()) or language_of(code, around), around


def tagged(block: str) -> tuple[str, str]:
    """The tag of a block, in lower case, "" without one, and what stands in it."""
    match = TAG.match(block)
    if match is None:
        return "", block.strip()
    return (match.group(1) or "").lower(), dedent(block[match.end() :]).strip("\n").rstrip()


def unfenced(code: str, text: str) -> tuple[str, str, str]:
    """A program among other words, its language ("" when it is not surely one), and the words."""
    around = text.replace(code, " ", 1)
    code = code if "\n" in code else code.strip()
    code = MARKED.sub(r"\1", code)
    marked = f"`{code}`" in text
    if not marked and "\n" not in code and (after := AFTERTHOUGHT.search(code, max(0, len(code) - TAIL))):
        code, around = code[: after.start()], f"{around} {after.group(1)}"
    language = language_of(code, around)
    if language == PYTHON and not (marked or IS_PYTHON.search(code[:HEAD]) or PROMPT.search(code[:HEAD])):
        return code, "", around
    return code, language, around


def language_of(code: str, around: str = "") -> str:
    """The language of a program: what the words around it say, else what its signs say, else Python."""
    named = [LANGUAGES[next(filter(None, match)).lower()] for match in NAMED.findall(around)]
    if named:
        return PYTHON if PYTHON in named else named[0]
    head = WORDS_IN_CODE.sub("''", code[:HEAD])
    return next((name for name, sign in SIGNS if sign.search(head)), PYTHON)


def without_prompts(code: str) -> str:
    """A pasted session of Python's prompt without the prompts and the answers."""
    if not PROMPT.search(code):
        return code
    return "\n".join(match.group(1) or "" for line in code.split("\n") if (match := PROMPTED.match(line)))
