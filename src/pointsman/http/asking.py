"""A message that is to be answered, as our own language has it: the conversation, its files, and how to answer."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pointsman.core.message import Attachment, Command, Message, Origin, Role, ToolCall, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.http.claims import Label, OriginClaim
from pointsman.http.native import Wire

WHOLE: Final = 2**63
Whole = Annotated[int, Field(ge=-WHOLE, lt=WHOLE)]
MOST_SLOTS: Final = 64
MOST_TOOLS: Final = 128
MOST_STOPS: Final = 16
MOST_TOKENS: Final = 2**31 - 1
NOTHING: Final = {"type": "object", "properties": {}}
CHOICES: Final = frozenset({"", "none", "auto", "required"})


class AskFile(Wire):
    """A file that came with a message: as it is, in a data: URL, as nothing is fetched for a caller."""

    media_type: Annotated[str, Field(max_length=200)]
    url: Annotated[str, Field(pattern=r"^(data:|$)")] = ""
    name: Label = ""

    @field_validator("url", mode="before")
    @classmethod
    def itself(cls, url: Any) -> Any:
        """Refuses addresses, in words that say what to do."""
        if isinstance(url, str) and url and not url.startswith("data:"):
            raise PydanticCustomError("url", "files come as they are: data:image/png;base64,...")
        return url

    def attachment(self) -> Attachment:
        """It as tiers and models see it."""
        return Attachment(self.media_type, self.url, self.name)


class AskCall(Wire):
    """A call of a tool; `problem` says why its arguments cannot be read, where they cannot."""

    name: Label
    arguments: dict[str, Any] = Field(default_factory=dict)
    id: Label = ""
    problem: str = ""


class AskTurn(Wire):
    """One line of the conversation; what came of a call has the role tool, and names the `tool` and `call_id`.

    `judged` is what counts for what is wanted, where the text has more in it, such as a writer's name.
    """

    role: Role
    text: str
    judged: str | None = None
    attachments: list[AskFile] = Field(default_factory=list)
    calls: list[AskCall] = Field(default_factory=list)
    tool: Label = ""
    call_id: Label = ""

    def turn(self) -> Turn:
        """It as models see it."""
        calls = tuple(ToolCall(it.name, it.arguments, it.id, it.problem) for it in self.calls)
        files = tuple(it.attachment() for it in self.attachments)
        return Turn(self.role, self.text, calls, self.tool, self.call_id, files, self.judged)


class AskCommand(Wire):
    """What the writer said by a command, of which nothing has to be guessed: a category with its slots, or a model.

    `name` is what the surface calls it, such as /draw.
    """

    category: Label = ""
    slots: dict[str, str | Whole] = Field(default_factory=dict, max_length=MOST_SLOTS)
    model: Label = ""
    name: Label = ""


class AskTool(Wire):
    """A tool of the caller's own, which the model may want called."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


class AskOptions(Wire):
    """How a model should answer; what is left out is left to it."""

    max_tokens: Annotated[int | None, Field(ge=1, le=MOST_TOKENS)] = None
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    top_p: Annotated[float | None, Field(ge=0, le=1)] = None
    seed: Whole | None = None
    stop: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list, max_length=MOST_STOPS)
    tools: list[AskTool] = Field(default_factory=list, max_length=MOST_TOOLS)
    choice: Label = ""
    form: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    as_json: Annotated[bool, Field(alias="json")] = False
    frequency_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    presence_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    effort: Literal["", "none", "low", "medium", "high"] = ""

    @model_validator(mode="after")
    def choosable(self) -> Self:
        """Refuses a choice of a tool that is not offered."""
        names = {tool.name for tool in self.tools}
        if self.choice not in CHOICES | names or (self.choice == "required" and not names):
            raise PydanticCustomError("choice", "choice is none, auto, required, or the name of one of tools")
        return self

    def options(self) -> ChatOptions:
        """They as models take them."""
        return ChatOptions(
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=tuple(self.stop),
            tools=tuple(ToolSpec(it.name, it.description, it.parameters or NOTHING) for it in self.tools),
            schema=self.form,
            choice=self.choice,
            json=self.as_json,
            frequency_penalty=self.frequency_penalty,
            presence_penalty=self.presence_penalty,
            effort=self.effort,
        )


class AskRequest(Wire):
    """A message to be answered.

    Earlier turns stand oldest first; a system prompt is one of them. `after` is what followed the message already:
    calls of the caller's own tools, and what came of them. `task` marks a page's background job. With `local`, nothing
    of it leaves the machines of the house.
    """

    text: str
    judged: str | None = None
    history: list[AskTurn] = Field(default_factory=list)
    attachments: list[AskFile] = Field(default_factory=list)
    after: list[AskTurn] = Field(default_factory=list)
    command: AskCommand | None = None
    task: Label = ""
    local: bool = False
    origin: OriginClaim = OriginClaim()
    options: AskOptions = AskOptions()

    def message(self, origin: Origin) -> Message:
        """The message as the router takes it; `origin` is what became of the claim."""
        said = self.command
        return Message(
            self.text,
            tuple(it.turn() for it in self.history),
            tuple(it.attachment() for it in self.attachments),
            origin,
            self.task,
            self.judged,
            after=tuple(it.turn() for it in self.after),
            command=None if said is None else Command(said.category, said.slots, said.model, said.name),
            local=self.local,
        )
