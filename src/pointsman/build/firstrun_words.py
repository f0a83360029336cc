"""What a first run says: what was found and what was not, what more there could be, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pointsman.build.firstrun import offers, services
from pointsman.build.firstrun_file import Written
from pointsman.build.survey import Survey
from pointsman.build.survey_servers import WORKFLOWS
from pointsman.config.load import FILE
from pointsman.observe.amounts import size

SHOWN: Final = 4
MEMORY: Final = "memory"
GB: Final = 10**9
# What to begin with, by the room that the card has for it.
FIRST_MODELS: Final = ((16 * GB, "qwen3:14b"), (8 * GB, "qwen3:8b"), (0, "qwen3:4b"))
OWN_WORKFLOW: Final = "put the files there (docs/gpu.md), or name a workflow of yours: images.comfyui.workflow"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked for: whether it is there, what is to be said of it, and how to get it."""

    name: str
    there: bool
    said: str
    cure: str = ""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {"name": self.name, "there": self.there, "said": self.said, "cure": self.cure}


def rows(found: Survey) -> tuple[Row, ...]:
    """What was found, and what was not."""
    made = (ollama(found), comfyui(found), card(found), *others(found), keys(found), embedded(found))
    return tuple(it for it in made if it is not None)


def ollama(found: Survey) -> Row:
    """Ollama and its models."""
    known = found.ollama
    where = urlsplit(known.url).netloc
    if known.problem:
        cure = f"install it from https://ollama.com/download, then: ollama pull {first_model(found)}"
        return Row("Ollama", there=False, said=f"{where}: {known.problem}", cure=cure)
    counts = {what: sum(what in it.can for it in known.models) for what in ("chat", "see", "embed")}
    told = {"chat": "chat", "see": "see pictures", "embed": "embed"}
    said = ", ".join(f"{number} {told[what]}" for what, number in counts.items() if number) or "no models yet"
    cure = "" if counts["chat"] else f"ollama pull {first_model(found)}"
    return Row("Ollama", there=True, said=f"{known.version or 'an unknown version'} at {where}: {said}", cure=cure)


def first_model(found: Survey) -> str:
    """A model to begin with that the card has room for."""
    room = max((it.room for it in found.cards if it.device != MEMORY), default=0)
    return next(name for least, name in FIRST_MODELS if room >= least)


def comfyui(found: Survey) -> Row:
    """ComfyUI and what it could draw."""
    known = found.comfyui
    where = urlsplit(known.url).netloc
    if known.problem:
        cure = "start ComfyUI, or set COMFYUI_URL, and run pointsman init --force again"
        return Row("ComfyUI", there=False, said=f"{where}: {known.problem}; no pictures are drawn", cure=cure)
    about = f"{known.version or 'an unknown version'} at {where}"
    if known.workflow:
        return Row("ComfyUI", there=True, said=f"{about}, with all that {known.workflow} needs")
    more = f" and {len(known.missing) - 1} more" if len(known.missing) > 1 else ""
    said = f"{about}, but for {WORKFLOWS[0]} {known.missing[0]}{more}" if known.missing else about
    return Row("ComfyUI", there=True, said=said, cure=OWN_WORKFLOW if known.missing else "")


def card(found: Survey) -> Row:
    """The cards."""
    seen = [it for it in found.cards if it.device != MEMORY]
    if seen:
        said = "; ".join(f"{it.name or it.device}, {size(it.total)}, {size(it.free)} free" for it in seen)
        return Row("card", there=True, said=said)
    memory = next((f"; models run in the computer's memory, {size(it.total)}" for it in found.cards), "")
    return Row("card", there=False, said=f"none is seen{memory}")


def others(found: Survey) -> Iterator[Row]:
    """Servers that speak OpenAI's language, and a search engine."""
    for it in found.servers:
        names = ", ".join(it.models[:SHOWN]) + (" ..." if len(it.models) > SHOWN else "")
        yield Row(it.kind, there=True, said=f"{urlsplit(it.url).netloc}: {names or 'no model is loaded'}")
    if found.searxng:
        yield Row("SearXNG", there=True, said=f"{urlsplit(found.searxng).netloc}: the web can be searched")


def keys(found: Survey) -> Row | None:
    """Which keys are in the environment; never what they are."""
    if not found.keys:
        return None
    names = services(found)
    asked = f"; {' and '.join(names)} could be asked" if names else ""
    return Row("keys", there=True, said=f"{', '.join(found.keys)} {'is' if len(found.keys) == 1 else 'are'} set{asked}")


def embedded(found: Survey) -> Row | None:
    """The small model of our own."""
    if found.embedded:
        return Row(
            "own model", there=True, said="smollm2 runs inside Pointsman: chat works with nothing else installed"
        )
    if offers(found):
        return None
    cure = "pip install 'pointsman[local]', then: pointsman pull smollm2"
    return Row("own model", there=False, said="not installed, so only fixed replies and sums are answered", cure=cure)


def more(found: Survey) -> tuple[Row, ...]:
    """What could be installed besides."""
    told = {
        "dashboard": "the page in a browser",
        "search": "reading pages of the web",
        "code": "computing with Python in a sandbox",
        "discord": "the bot on Discord",
    }
    return tuple(
        Row(what, there=False, said="not installed", cure=f"pip install 'pointsman[{extra}]'")
        for extra, what in told.items()
        if not found.extras.get(extra, True)
    )


def next_steps(found: Survey, written: Written, *, network: bool) -> tuple[tuple[str, str], ...]:
    """What to type next, each with what it is for."""
    url = f"http://127.0.0.1:{found.port}"
    start = "pointsman serve"
    if written.file.absolute() != (Path.cwd() / FILE).absolute():
        start += f" --config {written.file}"
    if written.key_file is not None:
        start = f"set -a; . {shown(written.key_file)}; set +a; {start}"
    key = "the key" if network else "any key"
    steps = [
        (start, f"the page is then at {url}"),
        ("pointsman doctor", "checks everything, and says how to cure what is wrong"),
        (f"{url}/v1", f"for programs that speak OpenAI's API: model auto, {key}"),
        (
            f"OLLAMA_HOST=127.0.0.1:{found.port}",
            "for programs that speak Ollama's"
            + (", if they can send a key" if network else ", such as `ollama run auto`"),
        ),
        (
            f"http://{'THIS-MACHINE' if network else '127.0.0.1'}:{found.port}",
            "for Open WebUI: Admin Settings > Connections > Ollama"
            + ("" if network else "; in a container it needs --network=host"),
        ),
    ]
    return tuple(steps)


def shown(file: Path) -> str:
    """A file's name as a shell finds it from here."""
    return f"./{file.name}" if file.parent == Path.cwd() else str(file)


def port_taken(found: Survey) -> str:
    """That another port was taken; "" where it was not."""
    return "" if found.port == found.wanted else f"port {found.wanted} is taken here, so Pointsman takes {found.port}"
