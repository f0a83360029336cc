"""Labels from chat models: asks in the strictest form, and with the parts, that a model takes, which it finds out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

from pointsman.core.faults import Format, ServiceFailed
from pointsman.providers.openai_request import without
from pointsman.providers.remote.asking import Ask, Calls
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

LOOSER: Final[dict[Format, Format]] = {"json_schema": "json_object", "json_object": "text"}
# What can be learnt about one model is that it takes neither of the two stricter forms, and not a limit, a seed, a
# temperature or probabilities as they are sent; there are a few models.
MOST_LESSONS: Final = 20


NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Tried:
    """How a model was asked: in which form of answer, and with which parts of a request."""

    form: Format
    parts: frozenset[str]


class Labels(Protocol):
    """A service that has chat models."""

    name: str

    def form_of(self, model: str) -> Format:
        """The strictest form of answer that the model is known to take, or may take."""
        ...

    def label(self, model: str, question: Question, *, sample: int, form: Format) -> Ask[Choice]:
        """The call that asks for one of the question's candidates; `sample` as in `tiers.judge.Labeller`."""
        ...


class ChatLabeller:
    """Asks chat models for one of a question's candidates (`tiers.judge.Labeller`).

    A model that refuses a form of answer is asked again in a looser one, and one that refuses a part of the request by
    its name without that part; from then on it is asked in that way at once.
    """

    def __init__(self, calls: Calls, service: Labels, *, name: str = "") -> None:
        self.name = name or service.name
        self._calls = calls
        self._service = service
        self._learnt: dict[str, Format] = {}
        self._unknown: dict[str, frozenset[str]] = {}

    async def label(self, question: Question, sample: int = 0) -> Choice:
        """The label, and the model that gave it; `sample` 0 is the likeliest, 1 and up are drawn at random.

        Raises ServiceFailed.
        """
        for _ in range(MOST_LESSONS):
            tried: dict[str, Tried] = {}

            def ask(model: str, tried: dict[str, Tried] = tried) -> Ask[Choice]:
                form = self._form_of(model)
                asked = self._service.label(model, question, sample=sample, form=form)
                body = without(asked.request.body or {}, self._unknown.get(model, NOTHING))
                tried[model] = Tried(form, frozenset(body))
                return replace(asked, request=replace(asked.request, body=body))

            try:
                called = await self._calls.call(ask)
            except ServiceFailed as failed:
                if failed.model not in tried or not self._learns(failed, tried[failed.model]):
                    raise
            else:
                return replace(called.value, model=called.model)
        raise ServiceFailed(
            "bad_request",
            "refuses every form in which it was asked",
            service=self._service.name,
            cure="set its `format`, or name another model",
        )

    def _form_of(self, model: str) -> Format:
        return self._learnt.get(model) or self._service.form_of(model)

    def _learns(self, failed: ServiceFailed, tried: Tried) -> bool:
        """Whether the model can be asked in another form than the one that it refused, or without what it refused."""
        if failed.parts:
            refused = [part for part in failed.parts if part in tried.parts][:1]
            self._unknown[failed.model] = self._unknown.get(failed.model, NOTHING).union(refused)
            return bool(refused)
        if not failed.degrade or tried.form not in LOOSER:
            return False
        known = self._form_of(failed.model)
        if known == tried.form:  # another question may have learnt it meanwhile
            self._learnt[failed.model] = "text" if failed.degrade == "text" else LOOSER[tried.form]
        return True
