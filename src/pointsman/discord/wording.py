"""Every sentence that the bot says of its own: short, with cause and cure, and marked, so that it is known as its own.

A note is small text ("-# ..."), a warning begins with a sign; neither is taken for what a model said when the
conversation goes on (`without_own`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pointsman.core.reply import Done, Failed, Progress, ToolUse

NOTE: Final = "-# "
WARNING: Final = "⚠️ "
WAITING: Final = "⏳ "
CAPTION: Final = "🎨 "
OWN: Final = (NOTE, WARNING)
REPLY_FILE: Final = "reply.md"
"""What the file is called that a long reply comes in."""

NO_BOTS: Final = "I answer people, not bots."
NOT_HERE: Final = "I don't answer in this place. Try another channel, or ask whoever runs me to allow this one."
NOT_YOU: Final = "I'm not allowed to answer you. Ask whoever runs me why."
NOT_LISTED: Final = "I only answer some people here, and you aren't one of them yet. Ask whoever runs me to add you."
NO_DIRECT: Final = "I don't answer direct messages. Write to me in a channel of a server that we share."
NOTHING_SAID: Final = "What can I do for you? Write it with the mention, or reply to one of my messages."
CANCELLED: Final = "Stopped, as you asked."
SILENT: Final = "The model ended without a word. Ask again, perhaps in other words."
STOPPING: Final = "I'm being restarted, so this reply ends here. Ask again in a minute."
CLOSED: Final = "This thread was closed before my reply was complete. Open it again, and ask once more."
UNWRITTEN: Final = "Discord did not take my reply. Ask once more; whoever runs me finds why in the log."
NO_PERMISSION: Final = "I lack the permission to {what} here. Whoever manages this server can grant it to my role."
MARKDOWN: Final = re.compile(r"[\\*_~`|<>\[\]]")
STARTS: Final = re.compile(r"\A(?:\d+(?=[.)]\s)|(?=[-+#]))")  # of a list, a heading, small text
BEFORE: Final = re.compile(r", (\d+) before\Z")
PLACES: Final = ("first", "second", "third", "fourth", "fifth")
INVISIBLE: Final = "\u200b"  # breaks a mention, and is not seen


def note(text: str) -> str:
    """Small text of the bot's own; each line is marked."""
    return "\n".join(f"{NOTE}{line}" for line in text.splitlines() if line.strip())


def warning(text: str) -> str:
    """A warning of the bot's own; each line is marked."""
    first, *more = [line for line in text.splitlines() if line.strip()] or [""]
    return "\n".join([f"{WARNING}{first}", *(f"{NOTE}{line}" for line in more)])


def quoted(text: str, most: int = 200) -> str:
    """What a person, a model or a server wrote, in one line that formats nothing and mentions nobody."""
    line = " ".join(text.split())
    line = line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
    return STARTS.sub(r"\g<0>\\", MARKDOWN.sub(r"\\\g<0>", line)).replace("@", f"@{INVISIBLE}")


def stamp(at: float) -> str:
    """A moment (seconds since the epoch) that everybody reads in his own words and zone: "in 5 minutes"."""
    return f"<t:{at:.0f}:R>"


def waiting(status: str) -> str:
    """Why a reply takes its time, in the engine's words: "loading main: about 20 s, second in line"."""
    return note(f"{WAITING}{quoted(placed(status), 300)}")


def placed(status: str) -> str:
    """A status that says how many wait before, as people say it."""
    match = BEFORE.search(status)
    if match is None:
        return status
    before = int(match[1])
    place = PLACES[before] if before < len(PLACES) else f"number {before + 1}"
    return f"{status[: match.start()]}, {place} in line"


def told(status: str) -> str:
    """Something that is to be known with a reply, and stays: "not set up here: ..."."""
    return note(quoted(status, 300))


def using(use: ToolUse) -> str:
    """A tool at work."""
    return note(f"🔧 {quoted(use.line, 200)}")


def drawing(progress: Progress) -> str:
    """How far a picture is."""
    most = max(progress.most, 1)
    full = min(10, max(0, round(10 * progress.done / most)))
    return note(f"{CAPTION}{'▰' * full}{'▱' * (10 - full)} step {progress.done} of {progress.most}")


def failed(failure: Failed, instead: str = "", *, now: float) -> str:
    """What failed, what was done instead, what to do about it, and the decision's id; `now` is since the epoch."""
    lines = [ended(quoted(failure.cause, 600))]
    if instead:
        lines.append(ended(f"Instead, {instead}"))
    cure = ended(capital(quoted(failure.cure, 400))) if failure.cure else ""
    again = f"It is worth asking again {stamp(now + failure.retry_after)}." if failure.retry_after else ""
    known = f"#{failure.decision.id}" if failure.decision else ""
    lines.append(" ".join(filter(None, (cure, again, known))))
    return warning("\n".join([capital(lines[0]), *lines[1:]]))


def footer(done: Done, *, shown: bool) -> str:
    """What stands below a reply: a model's remark on itself, and where it is `shown`, category, model and seconds."""
    decision = done.decision
    about = (decision.category if decision else "", done.model, f"{done.seconds:.1f} s")
    lines = [quoted(done.footer, 300)] if done.footer else []
    if shown:
        lines.append(" · ".join(quoted(it) for it in about if it))
    return note("\n".join(lines))


def in_file(characters: int) -> str:
    """That the whole reply is in a file."""
    return note(f"The whole reply ({characters:,} characters) is in the file.")


def reached(whose: str, size: str, at: float) -> str:
    """That somebody has asked as much as he may, and when there is more."""
    return f"{whose} {size}. There is more {stamp(at)}."


def too_many(size: str, asked: int) -> str:
    """That more is asked for at once than ever may be."""
    return f"That asks for {asked} at once, and the limit is {size}. Ask for fewer."


def slowed(waits: int, at: float) -> str:
    """That the card is wanted by many."""
    return f"Many wait for the graphics card ({waits}), so everybody takes turns. You may ask again {stamp(at)}."


def not_drawn(word: str, *, elsewhere: bool) -> str:
    """That a prompt is not drawn here."""
    cure = (
        "Ask in an age-restricted channel, or leave it out." if elsewhere else "Leave it out, and I'll draw the rest."
    )
    return f"I don't draw “{quoted(word, 60)}” here. {cure}"


def only_last(messages: int) -> str:
    """That a model is not shown all that was said."""
    return f"Only the last {messages} message{'' if messages == 1 else 's'} are taken into account."


def only_characters(characters: int) -> str:
    """The same, where it is too long."""
    return f"Only the last {characters:,} characters of this conversation are taken into account."


def cut_file(name: str, characters: int) -> str:
    """That a file is read in part."""
    return f"Only the first {characters:,} characters of {quoted(name, 80)} are taken into account."


def not_read(names: Iterable[str]) -> str:
    """That files are not looked into."""
    return f"I can't look into {', '.join(quoted(name, 80) for name in names)}: I read text and pictures."


def not_seen(names: Iterable[str], most: int) -> str:
    """That pictures are not looked at."""
    return f"I can't look at {', '.join(quoted(name, 80) for name in names)}: I see {most} pictures, of 10 MB each."


def no_permission(what: str) -> str:
    """That Discord does not let the bot do something here."""
    return NO_PERMISSION.format(what=what)


def without_own(text: str) -> str:
    """What a model said in a message of the bot's, without the bot's own lines."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith(OWN)).strip()


def capital(text: str) -> str:
    """A sentence with its first letter large."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """A sentence with its full stop."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
