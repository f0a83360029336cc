"""What a configuration says of a model on a server that speaks OpenAI's language."""

from __future__ import annotations

from typing import Protocol


class Secret(Protocol):
    """A text that is not shown by accident."""

    def get_secret_value(self) -> str:
        """The text."""
        ...


class Settings(Protocol):
    """The part of a configuration that describes a model on a server; `ids` are asked in order."""

    @property
    def url(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> Secret | None: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def ids(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def timeout(self) -> float: ...  # noqa: D102
    @property
    def tool_calls(self) -> bool: ...  # noqa: D102


def name_of(settings: Settings) -> str:
    """What clients call the model: the name it was given, or the id of the first one that is asked."""
    return settings.name or settings.ids[0]
