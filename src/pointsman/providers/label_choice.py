"""Labels from chat models: asks in the strictest form that a model takes, which the first question finds out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

from pointsman.core.faults import Format, ServiceFailed
from pointsman.providers.remote.asking import Ask, Calls
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

LOOSER: Final[dict[Format, Format]] = {"json_schema": "json_object", "json_object": "text"}
# What can be learnt about one model is that it takes neither of the two stricter forms; there are a few models.
MOST_LESSONS: Final = 8


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

    A model that refuses a form of answer is asked again in a looser one, and from then on in that.
    """

    def __init__(self, calls: Calls, service: Labels, *, name: str = "") -> None:
        self.name = name or service.name
        self._calls = calls
        self._service = service
        self._learnt: dict[str, Format] = {}

    async def label(self, question: Question, sample: int = 0) -> Choice:
        """The label, and the model that gave it; `sample` 0 is the likeliest, 1 and up are drawn at random.

        Raises ServiceFailed.
        """
        for _ in range(MOST_LESSONS):
            forms: dict[str, Format] = {}

            def ask(model: str, forms: dict[str, Format] = forms) -> Ask[Choice]:
                forms[model] = self._form_of(model)
                return self._service.label(model, question, sample=sample, form=forms[model])

            try:
                called = await self._calls.call(ask)
            except ServiceFailed as failed:
                if not self._learns(failed, forms.get(failed.model)):
                    raise
            else:
                return replace(called.value, model=called.model)
        raise ServiceFailed(
            "bad_request",
            "refuses every form of answer that it was asked for",
            service=self._service.name,
            cure="set its `format`, or name another model",
        )

    def _form_of(self, model: str) -> Format:
        return self._learnt.get(model) or self._service.form_of(model)

    def _learns(self, failed: ServiceFailed, asked: Format | None) -> bool:
        """Whether the model can be asked in another form than the one that it refused."""
        if not failed.degrade or asked is None or asked not in LOOSER:
            return False
        known = self._form_of(failed.model)
        if known == asked:  # another question may have learnt it meanwhile
            self._learnt[failed.model] = "text" if failed.degrade == "text" else LOOSER[asked]
        return True
