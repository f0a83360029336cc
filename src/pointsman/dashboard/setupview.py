"""The first run as a page: what was found, at most six questions, and the file that comes of it, written on demand."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from nicegui import events, ui

from pointsman.build.firstrun import NEEDS_KEY, NETWORK, Choice, Question, answered, questions
from pointsman.build.firstrun_file import Written, text_of, write
from pointsman.build.firstrun_words import Row, port_taken, rows
from pointsman.build.survey import Survey, survey
from pointsman.build.survey_places import Places, places_in
from pointsman.config.load import CONFIG_VARIABLE, FILE
from pointsman.core.errors import PointsmanError
from pointsman.dashboard import sheet
from pointsman.dashboard.backstage import backstage
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.safehtml import Safe, joined, tag

ABOUT: Final = "What is on this machine, a few questions, and the configuration that follows from them."
LOOKING: Final = "Looking around: Ollama, ComfyUI, the card, keys …"
NO_KEY: Final = f"from the page only with {NEEDS_KEY} set; pointsman init, in a terminal, makes a key"
NOT_YOURS: Final = "Writing it takes a key with the scope “admin”."
NOT_RELOADED: Final = (
    "The gateway takes it in a moment; one that does not watch its file (--no-reload) has to be restarted."
)
ORDER: Final = ("main", "small", "pictures", "cloud", "reach", "keep")
VALUE: Final = "(event) => emit(event.target.value)"
CHECKED: Final = "(event) => emit(event.target.checked)"
LISTED: Final = 5  # answers; more of them are chosen from a list


def build(context: PageContext) -> None:
    """Lays the view out in the current place."""
    SetupView(context).build()


@cache
def css() -> str:
    """The style sheet of this view."""
    return files("pointsman.dashboard").joinpath("setup.css").read_text(encoding="utf-8")


class SetupView:
    """The view of one visitor; nothing is written before the button is pressed."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._stage = backstage(context.router)
        self._found: Survey | None = None
        self._answers: dict[str, str] = {}
        self._replaces = False
        self._boxes: dict[str, ui.element] = {}

    def build(self) -> None:
        """Lays it out, and looks around."""
        ui.add_css(css())
        sheet.begin("First run", ABOUT)
        with sheet.part("1. What is here"):
            self._rows = sheet.box()
            self._again = words("button", "pm-quiet pm-setup-again", "Look again").props("type=button")
            self._again.on("click", self.look)
        with sheet.part("2. A few questions", "The usual answer is chosen already."):
            self._questions = ui.element("div").classes("pm-setup-questions")
        with sheet.part("3. What will be written"):
            self._where = words("p", "pm-note", "")
            self._yaml = words("pre", "pm-setup-yaml", "").props('tabindex=0 aria-label="The configuration"')
            self._build_end()
        self._context.sight.comes(self._first_look)

    def _build_end(self) -> None:
        with ui.element("div").classes("pm-row-actions"):
            with ui.element("label").classes("pm-setup-replace pm-hidden") as self._agrees:
                box = ui.element("input").props("type=checkbox")
                box.on("change", self._agreed, js_handler=CHECKED)
                self._agrees_to = words("span", "", "")
            self._write = words("button", "pm-send", "Write it").props("type=button disabled")
            self._write.on("click", self.write)
        self._end = ui.html("", tag="div").props("role=status")

    async def _first_look(self) -> None:
        if self._found is None:
            await self.look()

    async def look(self) -> None:
        """Looks around, and asks again; answers that are still possible stay."""
        self._again.props("disabled")
        sheet.put(self._rows, tag("p", "pm-waiting", tag("span", "pm-pulse"), LOOKING))
        places: Places = replace(places_in(os.environ), port=self._context.status().config.server.port)
        self._found = await survey(places=places)
        self._again.props(remove="disabled")
        sheet.put(self._rows, found_rows(self._found))
        self._ask()

    def _ask(self) -> None:
        """Lays the questions out."""
        found = self._found
        if found is None:
            return
        self._settle(found)
        asked = {it.name: it for it in questions(found, self._answers)}
        self._questions.clear()
        with self._questions:
            self._boxes = {name: ui.element("div").classes("pm-setup-box") for name in ORDER}
        for name, question in asked.items():
            with self._boxes[name]:
                self._place(question)
        self._preview()

    def _ask_for_small(self, found: Survey) -> None:
        """Asks for a small model again, as which there are depends on the main one; all else keeps its focus."""
        self._answers.pop("small", None)
        self._settle(found)
        self._boxes["small"].clear()
        with self._boxes["small"]:
            for question in questions(found, self._answers):
                if question.name == "small":
                    self._place(question)

    def _place(self, question: Question) -> None:
        with ui.element("fieldset").classes("pm-setup-question").props(f"data-question={question.name}"):
            words("legend", "", question.text)
            words("p", "pm-note", question.why)
            if len(question.choices) > LISTED:
                self._list(question)
                return
            for choice in question.choices:
                self._radio(question, choice)

    def _list(self, question: Question) -> None:
        select = ui.element("select").classes("pm-select").props(f'aria-label="{question.text}"')
        select.on("change", partial(self._chose, question.name), js_handler=VALUE)
        with select:
            for choice in question.choices:
                option = words("option", "", f"{choice.title} — {choice.note}" if choice.note else choice.title)
                option.props["value"] = choice.value
                if choice.value == self._answers[question.name]:
                    option.props("selected")

    def _radio(self, question: Question, choice: Choice) -> None:
        blocked = choice.value == NETWORK and not self._has_key
        with ui.element("label").classes("pm-setup-choice"):
            radio = ui.element("input").props(f"type=radio name=setup-{question.name}")
            radio.props["value"] = choice.value
            radio.on("change", partial(self._chose, question.name), js_handler=VALUE)
            if choice.value == self._answers[question.name]:
                radio.props("checked")
            if blocked:
                radio.props("disabled")
            with ui.element("span"):
                words("span", "", choice.title)
                if note := NO_KEY if blocked else choice.note:
                    words("span", "pm-setup-note", note)

    @property
    def _has_key(self) -> bool:
        return self._found is not None and NEEDS_KEY in self._found.keys

    def _settle(self, found: Survey) -> None:
        """Keeps the answers that there still are; takes the default of every other question."""
        kept: dict[str, str] = {}
        for name, value in self._answers.items():
            known = {it.name: {one.value for one in it.choices} for it in questions(found, self._answers)}
            if value in known.get(name, ()):
                kept[name] = value
        if kept.get("reach") == NETWORK and not self._has_key:
            del kept["reach"]
        self._answers = answered(found, kept)

    def _chose(self, name: str, event: events.GenericEventArguments) -> None:
        if self._found is None or not isinstance(event.args, str):
            return
        offered = {it.name: {one.value for one in it.choices} for it in questions(self._found, self._answers)}
        if event.args not in offered.get(name, ()) or (event.args == NETWORK and not self._has_key):
            return
        self._answers[name] = event.args
        if name == "main":
            self._ask_for_small(self._found)
        self._preview()

    def _agreed(self, event: events.GenericEventArguments) -> None:
        self._replaces = event.args is True
        self._preview()

    @property
    def _file(self) -> Path:
        """Where it is written: over the file in force, else where `serve` will look for one."""
        told = os.environ.get(CONFIG_VARIABLE, "").strip()
        return (self._context.status().file or Path(told or FILE)).absolute()

    def _preview(self) -> None:
        """Shows the file as it would be, and whether it may be written."""
        if self._found is None:
            return
        file = self._file
        exists = file.exists()
        self._yaml.text = text_of(self._found, self._answers)
        self._where.text = str(file)
        self._agrees_to.text = f"Replace {file.name}; the one that is there is kept as {file.name}.bak"
        self._agrees.classes(**{"remove" if exists else "add": "pm-hidden"})
        may = self._context.may_change and (self._replaces or not exists)
        self._write.props(remove="disabled") if may else self._write.props("disabled")
        if not self._context.may_change:
            sheet.put(self._end, tag("p", "pm-note", NOT_YOURS))

    async def write(self) -> None:
        """Writes the file, and has the gateway take it."""
        found = self._found
        if found is None or not self._context.may_change:
            return
        self._write.props("disabled")
        try:
            written = await asyncio.to_thread(write, found, self._answers, self._file, force=self._replaces)
        except PointsmanError as error:
            sheet.put(self._end, failure(error))
            self._preview()
            return
        sheet.put(self._end, tag("p", "pm-note", "Written; it is being taken …"))
        sheet.put(self._end, joined(said_of(written), await self._taken()))

    async def _taken(self) -> Safe:
        """Has the gateway read what was written; in words what came of it."""
        reload = self._stage.reload_by()
        if reload is None:
            return tag("p", "", NOT_RELOADED)
        came = await reload()
        if came.error is not None:
            return failure(came.error)
        now = f"In force now: {', '.join(came.changed)}." if came.changed else "It says what was in force already."
        waits = f"This takes a restart of the gateway: {', '.join(came.restart)}." if came.restart else ""
        return joined(tag("p", "", now), tag("p", "pm-setup-warn", waits) if waits else Safe())


def found_rows(found: Survey) -> Safe:
    """What was looked for, each with a mark, and how to get what is not there."""
    listed = [row(it) for it in rows(found)]
    if taken := port_taken(found):
        listed.append(row(Row("port", there=False, said=taken)))
    return tag("ul", "pm-setup-found", *listed)


def row(it: Row) -> Safe:
    """One of them."""
    sign = tag(
        "span", "pm-setup-yes" if it.there else "pm-setup-no", "✓" if it.there else sheet.NONE, aria_hidden="true"
    )
    state = tag("span", "pm-unseen", "found: " if it.there else "not found: ")
    cure = tag("span", "pm-setup-note", it.cure) if it.cure else Safe()
    what = tag("span", "", state, tag("b", "", it.name), " ", it.said, cure)
    return tag("li", "", sign, what)


def said_of(written: Written) -> Safe:
    """What was written."""
    kept = f"; the one before is {written.backup.name}" if written.backup else ""
    return tag("p", "pm-setup-done", f"✓ wrote {written.file.name}{kept}")


def failure(error: PointsmanError) -> Safe:
    """What went wrong, and what to do about it."""
    cure = tag("p", "pm-cure", error.cure) if error.cure else Safe()
    return tag("div", "pm-failure", tag("p", "pm-cause", error.message), cure, role="alert")
