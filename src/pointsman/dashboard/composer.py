"""Where the visitor types: the box, the examples, run or decide only, send or stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import events, ui
from nicegui.elements.mixins.text_element import TextElement

from pointsman.dashboard import conversation

EXAMPLES = ("draw me a cat", "hey!", "explain how TCP slow start works", "what's 23*19?")
LONGEST_MESSAGE = 200_000  # characters; more does not fit through the page's socket

WAIT = "Not sent yet: the last reply is still coming. Wait for it, or press Stop."

# The browser keeps the text until it is sent, so that typing never waits for us.
SUBMIT = """(event) => {
  event.preventDefault();
  const form = event.target, box = form.elements.message, text = box.value;
  form.dataset.waits = form.dataset.busy;
  if (form.dataset.busy === "yes") return;
  if (!text.trim()) { box.focus(); return; }
  const said = text.toWellFormed ? text.toWellFormed() : text;
  emit({text: said, mode: form.elements.mode.value, model: form.elements.model.value});
  box.value = "";
}"""
KEYS = """(event) => {
  if (event.key === "Escape") { emit(); return; }
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}"""
# What is being typed, at most every three seconds, so that what it needs may be loaded meanwhile.
TYPING = """(event) => {
  const box = event.target, now = Date.now();
  if (box.value.trim().length < 12 || now - Number(box.dataset.told || 0) < 3000) return;
  box.dataset.told = now;
  emit(box.value.slice(0, 400));
}"""
EXAMPLE = """(event) => {
  const form = document.querySelector("form.pm-composer");
  const box = form.elements.message;
  if (form.dataset.busy !== "yes" || !box.value.trim()) box.value = event.target.textContent.trim();
  form.requestSubmit();
}"""
AFRESH = """() => { emit(); document.querySelector("form.pm-composer").elements.message.focus(); }"""
OPEN_LINK = """(event) => {
  const link = event.target.closest("a");
  if (link) { event.preventDefault(); window.open(link.href, "_blank", "noopener,noreferrer"); }
}"""


class Composer:
    """Builds the form; `submitted` gets {"text", "mode", "model"}, `stop` is asked for by Stop.

    The mode is "run" or "decide"; the model is "" to have the message routed, or one of `models`. `afresh` is asked for
    by "new conversation"; `typing` gets what stands in the box while somebody types.
    """

    def __init__(
        self,
        submitted: Callable[[events.GenericEventArguments], None],
        stop: Callable[[], None],
        afresh: Callable[[], None],
        typing: Callable[[events.GenericEventArguments], Awaitable[None]],
        models: Sequence[str] = (),
    ) -> None:
        self._offered: set[str] = set()
        self._form = ui.element("form").classes("pm-composer").props("data-busy=no autocomplete=off")
        self._form.on("submit", submitted, js_handler=SUBMIT)
        with self._form:
            box = ui.element("textarea").props(f"name=message rows=2 maxlength={LONGEST_MESSAGE} autofocus dir=auto")
            box.props('placeholder="Say something" aria-label="Message"').on("keydown", stop, js_handler=KEYS)
            box.on("input", typing, js_handler=TYPING)
            with ui.element("div").classes("pm-actions"):
                words("span", "pm-hint", "Enter sends, Shift + Enter starts a new line")
                words("span", "pm-wait", WAIT).props("role=status")
                with ui.element("label").classes("pm-answerer"):
                    words("span", "pm-unseen", "Who answers")
                    self._answerers = ui.element("select").classes("pm-select").props("name=model")
                with self._answerers:
                    words("option", "", "auto").props('value="" selected')
                self.offer(models)
                with ui.element("fieldset").classes("pm-modes").props('aria-label="What to do"'):
                    mode("run", "Run").props("checked")
                    mode("decide", "Decide only")
                self._send = words("button", "pm-send", "Send").props("type=submit")
                self._halt = words("button", "pm-send pm-stop pm-hidden", "Stop").props("type=button")
                self._halt.on("click", stop)
        with ui.element("div").classes("pm-earlier pm-hidden") as self._earlier:
            self._goes_on = words("span", "", "").props("role=status")
            self._afresh = words("button", "pm-link", "new conversation").props("type=button")
            self._afresh.on("click", afresh, js_handler=AFRESH)
        with ui.element("div").classes("pm-chips").props('role=group aria-label="Examples"'):
            for example in EXAMPLES:
                words("button", "pm-chip", example).props("type=button").on("click", js_handler=EXAMPLE)

    def offer(self, models: Sequence[str]) -> None:
        """Offers to route, or to ask one of these models by name."""
        with self._answerers:
            for name in models:
                if name not in self._offered:
                    words("option", "", name).props["value"] = name
        self._offered.update(models)

    def goes_on_from(self, count: int) -> None:
        """Says how many earlier messages the next one is sent with, and offers to start afresh."""
        self._goes_on.text = conversation.goes_on_from(count)
        self._earlier.classes(remove="pm-hidden")
        self._afresh.classes(**{"remove" if count else "add": "pm-hidden"})

    def busy(self, *, busy: bool) -> None:
        """Offers Stop while a reply is on its way, else Send."""
        self._form.props(f"data-busy={'yes' if busy else 'no'}")
        shown, hidden = (self._halt, self._send) if busy else (self._send, self._halt)
        shown.classes(remove="pm-hidden")
        hidden.classes(add="pm-hidden")


def mode(value: str, label: str) -> ui.element:
    """One of the choices of what to do; returns the radio button."""
    with ui.element("label"):
        radio = ui.element("input").props(f"type=radio name=mode value={value}")
        words("span", "", label)
    return radio


def words(tag: str, classes: str, text: str) -> TextElement:
    """An element that holds text, escaped by the browser."""
    return TextElement(tag=tag, text=text).classes(classes)
