"""Evaluating a labelled file from the page: giving it, how far it is, ending it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nicegui import events, ui

from pointsman.core.errors import PointsmanError
from pointsman.dashboard import sheet
from pointsman.dashboard.composer import words
from pointsman.dashboard.context import PageContext
from pointsman.dashboard.evaluating import LARGEST, Course, Evaluator
from pointsman.dashboard.safehtml import Safe, joined, tag

FORMAT: Final = '{"id": "1", "text": "draw me a cat", "category": "image_generation"}'
ABOUT: Final = (
    "A file of labelled messages, one JSON object a line; none is recorded, and messages that come in go first."
)
CLOUD: Final = "What no local tier is sure of is sent to the services, as any message is, and counts in their quota."
ONLY_ADMIN: Final = "To evaluate a file a key is needed that may administer."
PATH: Final = "(event) => { event.preventDefault(); emit(event.target.elements.file.value); }"


class RunPart:
    """Where a visitor who may administer gives a file; everybody sees how far the evaluation is."""

    def __init__(self, context: PageContext, evaluator: Evaluator, ended: Callable[[], object]) -> None:
        self._context = context
        self._evaluator = evaluator
        self._ended = ended
        self._was_running = False
        with sheet.part("Evaluate a file", ABOUT), ui.element("div").classes("pm-run"):
            if context.may_change:
                self._build_form()
            else:
                words("p", "pm-note", ONLY_ADMIN)
            with ui.element("div").classes("pm-run-line"):
                self._progress = sheet.box().props("role=status aria-live=polite").classes("pm-progress")
                self._cancel = words("button", "pm-quiet pm-hidden", "Cancel").props("type=button")
                self._cancel.on("click", self._end)

    def refresh(self) -> None:
        """Shows how far it is."""
        course = self._evaluator.course
        running = course is not None and course.running
        sheet.put(self._progress, progress(course) if course else Safe())
        may_end = running and self._context.may_change
        self._cancel.classes(**{"remove" if may_end else "add": "pm-hidden"})
        if self._was_running and not running:
            self._ended()
        self._was_running = running

    def _build_form(self) -> None:
        upload = ui.upload(on_upload=self._given, auto_upload=True, max_file_size=LARGEST).classes("pm-upload")
        upload.on("rejected", self._refused)
        self._upload = upload
        with ui.element("form").classes("pm-run-line").on("submit", self._named, js_handler=PATH):
            choose = words("button", "pm-quiet", "Choose a file …").props("type=button")
            choose.on("click", js_handler=f"() => getElement({upload.id}).$refs.qRef.pickFiles()")
            words("span", "pm-note", "or one on the server:")
            path = (
                ui.element("input").classes("pm-input").props("name=file type=text autocomplete=off spellcheck=false")
            )
            path.props('placeholder="/path/to/labelled.jsonl" aria-label="A labelled file on the server"')
            words("button", "pm-quiet", "Evaluate").props("type=submit")
        sheet.put(sheet.box(), tag("pre", "pm-command", FORMAT))
        if self._asks_services():
            words("p", "pm-note", CLOUD)

    def _asks_services(self) -> bool:
        return self._context.router.parts.services is not None

    async def _given(self, event: events.UploadEventArguments) -> None:
        self._upload.reset()
        if not self._context.may_change:
            return
        with tempfile.NamedTemporaryFile(prefix="pointsman-", suffix=".jsonl", delete=False) as made:
            file = Path(made.name)
        await event.file.save(file)
        self._start(file, Path(event.file.name).name, remove=True)

    def _named(self, event: events.GenericEventArguments) -> None:
        given = str(event.args or "").strip()
        if given:
            file = Path(given)
            self._start(file, file.name, remove=False)

    def _start(self, file: Path, name: str, *, remove: bool) -> None:
        if not self._context.may_change:
            return
        try:
            self._evaluator.start(file, name, remove=remove)
        except PointsmanError as error:
            if remove:
                file.unlink(missing_ok=True)
            sheet.put(self._progress, problem(f"{error.message} ({error.cure})"))
            return
        self._was_running = True
        self.refresh()

    def _end(self) -> None:
        if self._context.may_change:
            self._evaluator.cancel()

    def _refused(self) -> None:
        sheet.put(self._progress, problem(f"the file is larger than {LARGEST:,} bytes; pointsman eval takes any size"))


def progress(course: Course) -> Safe:
    """How far an evaluation is."""
    if course.problem:
        return problem(f"{course.name}: {course.problem}")
    if not course.running:
        return sheet.mark("good", f"{course.name}: {course.done:,} messages evaluated")
    share = course.done / course.most if course.most else 0.0
    said = f"{course.name}: {course.done:,} of {course.most:,}" if course.most else f"{course.name}: being read"
    return joined(tag("span", "pm-note", said), sheet.meter(share, said))


def problem(said: str) -> Safe:
    """Why there is no result."""
    return sheet.mark("bad", said)
