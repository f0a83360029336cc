"""The file that a first run writes: its lines, the key that goes with it, and how both are put in place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pointsman.build.firstrun import (
    EMBEDDED,
    FOREVER,
    NEEDS_KEY,
    NETWORK,
    SAME,
    YES,
    Offer,
    chosen_main,
    offers,
    services,
)
from pointsman.build.survey import Survey
from pointsman.config.load import FILE, load
from pointsman.config.replacing import fresh_file, replace
from pointsman.config.writing import Line, Variable, commented
from pointsman.core.errors import ConfigError

KEY_FILE: Final = "pointsman.env"
KEY_BYTES: Final = 32
HEADING: Final = (
    "The configuration of Pointsman, as `pointsman init` wrote it: only what differs from machine to machine.",
    "Every other key has its default: `pointsman config show` prints them, `pointsman config check` checks this file.",
)

Answers = Mapping[str, str]
Make = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the file, where the one before is kept, and the file with the key, if there is one.

    `key` is a key that was made just now, "" for none.
    """

    file: Path
    backup: Path | None = None
    key_file: Path | None = None
    key: str = ""


def text_of(found: Survey, answers: Answers) -> str:
    """The YAML for some answers."""
    return commented(lines_of(found, answers), HEADING)


def lines_of(found: Survey, answers: Answers) -> tuple[Line, ...]:
    """Its lines."""
    made = (
        Line("version", 1, "of this file's format"),
        *models(found, answers),
        *images(found, answers),
        *tools(found),
        *cloud(found, answers),
        server(found, answers),
        store(answers),
    )
    return tuple(made)


def models(found: Survey, answers: Answers) -> tuple[Line, ...]:
    """The chat models; none where there is none, as then the default says what to install."""
    main = chosen_main(found, answers)
    if main is None or (main.value == EMBEDDED and len(offers(found)) == 1):
        return ()
    roles = [Line("main", model(main), "Answers whatever needs thought.")]
    taken = answers.get("small", SAME)
    small = next((it for it in offers(found) if it.value == taken), None)
    if small is not None and small != main:
        roles.append(Line("small", model(small), "Answers small talk, and stands in where the card is full."))
    return (Line("models", tuple(roles), "The chat models, by role."),)


def model(offer: Offer) -> tuple[Line, ...]:
    """The lines of one model."""
    if offer.provider == EMBEDDED:
        return (
            Line("provider", EMBEDDED, "inside Pointsman, by llama.cpp"),
            Line("file", offer.model, "or a GGUF file of yours"),
        )
    where = "as `ollama list` names it" if offer.provider == "ollama" else "its id at the server"
    return (
        Line("provider", offer.provider),
        Line("model", offer.model, where),
        Line("url", offer.url, "where it listens"),
    )


def images(found: Survey, answers: Answers) -> tuple[Line, ...]:
    """Who draws, where that was asked."""
    if "pictures" not in answers:
        return ()
    if answers["pictures"] != YES:
        return (Line("images", (Line("comfyui", (Line("enabled", value=False, comment="nothing is drawn"),)),)),)
    comfyui = (
        Line("enabled", value=True, comment="complains where it does not answer"),
        Line("url", found.comfyui.url),
        Line("workflow", found.comfyui.workflow, "or a file of your own: Workflow > Export (API)"),
    )
    return (Line("images", (Line("comfyui", comfyui),), "Pictures."),)


def tools(found: Survey) -> tuple[Line, ...]:
    """Where the web is searched, if there is a search engine of one's own."""
    if not found.searxng:
        return ()
    search = Line("web_search", (Line("searxng", found.searxng, "a search engine of yours"),))
    return (Line("tools", (search,), "What models may call."),)


def cloud(found: Survey, answers: Answers) -> tuple[Line, ...]:
    """Whether services are asked; it is written down even where it is the default."""
    if "cloud" not in answers:
        return ()
    yes = answers["cloud"] == YES
    names = ", ".join(services(found))
    why = f"{names} may see what nobody here is sure of" if yes else "nothing leaves this machine"
    return (Line("cloud", (Line("enabled", yes, why),), "The services that may be asked what a message wants."),)


def server(found: Survey, answers: Answers) -> Line:
    """Where the gateway listens."""
    port = Line(
        "port", found.port, "" if found.port == found.wanted else f"{found.wanted} was taken when this was written"
    )
    if answers.get("reach") != NETWORK:
        return Line("server", (Line("host", "127.0.0.1", "this machine only"), port), "The gateway and its page.")
    host = Line("host", "0.0.0.0", "every network of this machine; callers need the key")  # noqa: S104 - asked for
    key = Line("key", Variable(NEEDS_KEY), "what callers send as a bearer token")
    return Line("server", (host, port, key), "The gateway and its page.")


def store(answers: Answers) -> Line:
    """How long texts are kept."""
    said = answers.get("keep", "7d")
    kept: str | int | None = None if said == FOREVER else 0 if said == "0" else said
    comment = {"0": "texts are never stored", FOREVER: "texts are kept for ever"}.get(said, "how long texts are kept")
    return Line("store", (Line("keep_text", kept, comment),), "Decisions, on this machine.")


def write(
    found: Survey,
    answers: Answers,
    file: Path,
    *,
    force: bool = False,
    environ: Mapping[str, str] | None = None,
    make_key: Make = lambda: secrets.token_urlsafe(KEY_BYTES),
) -> Written:
    """Writes the file, and a key beside it where one is needed and none is set; either both or none.

    A file that is there stays, unless `force` says otherwise: then it is kept as .bak. The new one is for its owner
    only. Raises ConfigError.
    """
    environ = dict(os.environ if environ is None else environ)
    refuse_existing(file, force=force)
    key_file = file.absolute().with_name(KEY_FILE)
    needs = answers.get("reach") == NETWORK and not environ.get(NEEDS_KEY, "").strip()
    old = key_in(key_file) if needs else ""
    key = old or (make_key() if needs else "")
    fresh = bool(key) and not old
    if key:
        environ[NEEDS_KEY] = key
    if fresh:
        put_key(key_file, key)
    try:
        backup = replace(file, text_of(found, answers), lambda draft: checked(draft, environ))
    except BaseException:
        if fresh:
            with suppress(OSError):
                key_file.unlink(missing_ok=True)
        raise
    return Written(file, backup, key_file if key else None, key if fresh else "")


def refuse_existing(file: Path, *, force: bool) -> None:
    """Raises ConfigError for a file that is there, and for a folder."""
    if file.is_dir():
        raise ConfigError(f"{file}: is a folder", cure=f"name a file in it: {file / FILE}")
    if os.path.lexists(file) and not force:
        raise ConfigError(
            f"{file} is there already, and stays as it is",
            cure="pointsman init --force writes a new one and keeps this one as .bak; --dry-run only shows it",
        )


def checked(draft: Path, environ: Mapping[str, str]) -> None:
    """Reads what is about to be written, as the gateway will. Raises ConfigError."""
    from pointsman.config import intents
    from pointsman.config.check import check

    loaded = load(draft, environ=environ)
    check(loaded, intents.listed(loaded.config))


def key_in(file: Path) -> str:
    """The key in a file that was written here before; "" for none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    found = [it.partition("=")[2].strip() for it in lines if it.startswith(f"{NEEDS_KEY}=")]
    return found[-1] if found else ""


def put_key(file: Path, key: str) -> None:
    """Writes a key where nobody but its owner reads it. Raises ConfigError where something else stands there."""
    if os.path.lexists(file):
        raise ConfigError(
            f"{file} is there already, and holds no {NEEDS_KEY}", cure=f"add {NEEDS_KEY}=... to it, or move it away"
        )
    try:
        with fresh_file(file, f"{NEEDS_KEY}={key}\n") as made:
            made.replace(file)
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be written: {error.strerror or error}", cure="make its folder writable"
        ) from error
