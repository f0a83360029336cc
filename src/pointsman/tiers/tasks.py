"""Recognises the jobs that chat pages send on their own: titles, tags, follow-up questions, search queries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pointsman.core.decision import Abstain, Answer, Evidence, Verdict
from pointsman.core.message import Message

# The values that Open WebUI puts for {{TASK}} into a header such as X-OpenWebUI-Task, and our names for the jobs.
MARKED: Final = {
    "title_generation": "title",
    "tags_generation": "tags",
    "follow_up_generation": "follow-up",
    "query_generation": "query",
    "image_prompt_generation": "image-prompt",
    "autocomplete_generation": "autocomplete",
    "emoji_generation": "emoji",
    "function_calling": "function-calling",
    "moa_response_generation": "merge",
}
MARKED_NEW: Final = re.compile(r"([a-z][a-z_]{0,40})_generation")

# A job states itself in its first sentences; behind them comes the conversation, which may hold anything.
OPENING: Final = 480
HEADING: Final = re.compile(r"#{1,4}\s*task\b\s*:?\s*")
TALK: Final = r"\b(?:conversation|chat|discussion|dialogue|message|exchange|(?:main )?themes)"
MAKE: Final = r"(?:please )?(?:provide|write|create|generate|give|come up with|suggest) "

# What stands behind "### Task:", by job. A person may head a wish in the same way, so each names what only a page
# asks for: a thing about the conversation, or a role.
HEADED: Final = (
    ("title", rf".{{0,50}}\btitle\b.{{0,60}}\b(?:the|this|our) .{{0,20}}{TALK}"),
    ("title", rf".{{0,60}}{TALK} title\b"),
    ("title", r"you are a title generator\b"),
    ("tags", rf".{{0,40}}\btags\b.{{0,60}}\b(?:the|this|our) .{{0,20}}{TALK}"),
    ("follow-up", r"suggest .{0,40}\bfollow-?\s?up (?:questions|prompts)\b"),
    ("query", rf".{{0,40}}{TALK} history\b.{{0,80}}\bquer(?:y|ies)\b"),
    ("query", rf".{{0,60}}\b(?:search|retrieval) quer(?:y|ies)\b.{{0,120}}{TALK}"),
    ("image-prompt", r".{0,30}\bprompt for a[nm]? image generation\b"),  # one page has "am" there
    ("autocomplete", r"you are an auto-?complet(?:ion|e) (?:system|engine)\b"),
    ("emoji", rf".{{0,80}}\bemoji\b.{{0,80}}{TALK}"),
)

# Openings without that heading, of older pages and of others.
BARE: Final = (
    ("title", rf"{MAKE}(?:me )?an? (?:[\w\-,]+ ){{0,7}}title\b.{{0,60}}\b(?:the|this|our|following) .{{0,30}}{TALK}"),
    ("title", r"create a concise, [\d\-]+ word phrase as a header\b"),
    ("title", r"detect (?:the )?user(?:'s)? language\b.{0,60}\bconcise title\b"),
    ("title", rf"(?:based on|given) the .{{0,20}}{TALK}.{{0,20}}\b(?:create|generate|write) a .{{0,40}}title\b"),
    ("title", rf"(?:based on|given) the .{{0,20}}{TALK}.{{0,20}}\bgive this conversation a name\b"),
    ("title", r"(?:please )?summari[sz]e the above conversation into a title\b"),
    ("title", r"you are a (?:\w+ )?(?:title generator|conversation summari[sz]er)\b"),
    ("tags", rf"{MAKE}.{{0,30}}\btags\b.{{0,40}}\b(?:the|this) .{{0,20}}{TALK}"),
    ("summary", r"summari[sz]e the discussion briefly in \d+ words or less to use as a prompt\b"),
    ("autocomplete", r"you are an auto-?complet(?:ion|e) (?:system|engine)\b"),
    ("emoji", r"your task is to reflect the speaker's likely facial expression\b"),
    ("function-calling", r"available tools: .{0,400}\byour task is to choose and return\b"),
    ("merge", r"you have been provided with a set of responses from various (?:\S+ )?models\b"),
)

NOT_A_JOB: Final = Abstain("not a background job")


def one_of(jobs: Sequence[tuple[str, str]]) -> re.Pattern[str]:
    """All openings as one expression; the name of the group that matched tells which."""
    return re.compile("|".join(f"(?P<job{place}>{words})" for place, (_, words) in enumerate(jobs)), re.DOTALL)


ANY_HEADED: Final = one_of(HEADED)
ANY_BARE: Final = one_of(BARE)


class Tasks:
    """The tier for a page's own jobs, by their mark or by how they open; `category` is what serves them."""

    name = "tasks"

    def __init__(self, category: str = "general_chat") -> None:
        self._category = category

    def judge(self, message: Message) -> Verdict:
        """The category that serves jobs, with the slot `job`; or an abstention."""
        if message.task and (job := marked_job(message.task)):
            return self._answer(job, 1.0, f"marked as the job {message.task!r}")
        if job := opening_job(message.text):
            return self._answer(job, 0.99, f"opens like a chat page's own job ({job})")
        # Some pages put the instruction into a system turn and send the conversation as the message.
        if message.history and message.history[0].role == "system" and (job := opening_job(message.history[0].text)):
            return self._answer(job, 0.99, f"its system turn opens like a chat page's own job ({job})")
        return NOT_A_JOB

    def _answer(self, job: str, confidence: float, reason: str) -> Answer:
        return Answer(
            self._category,
            confidence,
            1.0,
            reason,
            scores={self._category: confidence},
            evidence=(Evidence("job", job, self._category, confidence),),
            slots={"job": job},
        )


def marked_job(task: str) -> str:
    """Our name for the job that a mark stands for; "" for marks that stand for none."""
    task = task.strip().lower()
    unknown = MARKED_NEW.fullmatch(task)
    return MARKED.get(task) or (unknown[1].replace("_", "-") if unknown else "")


def opening_job(text: str) -> str:
    """The job that a text opens with; "" when it opens with none."""
    opening = text[:OPENING].lstrip().lower()
    if heading := HEADING.match(opening):
        return matched(HEADED, ANY_HEADED.match(opening, heading.end()))
    return matched(BARE, ANY_BARE.match(opening))


def matched(jobs: Sequence[tuple[str, str]], found: re.Match[str] | None) -> str:
    """The job whose words were found."""
    return jobs[int((found.lastgroup or "").removeprefix("job"))][0] if found else ""
