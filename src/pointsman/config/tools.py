"""The tools that models may call: web search, memory, code, and the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from pointsman.config.addresses import Url
from pointsman.config.strict import Section, Strict
from pointsman.config.values import Bytes, Count, Name, Place, Seconds

# What a category calls the tools: a toolset that ships, a server, a function, a plugin.
ToolName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
SHIPPED = ("web_search", "memory", "code")


class WebSearch(Strict):
    """Looking things up: who is asked, and how pages are read."""

    searxng: Url | None = Field(
        default=None, description="The address of a SearXNG of yours, asked first; SEARXNG_URL says so, too."
    )
    ddgs: bool = Field(
        default=False,
        description="Whether public search engines are asked where SearXNG is not set or fails (the [search] extra).",
    )
    results: Count = Field(default=6, ge=1, le=20, description="How many results the model reads.")
    cache: Seconds = Field(default=600.0, description="How long results and pages are used again; 0: never.")
    timeout: Annotated[Seconds, Field(gt=0, le=60)] = Field(
        default=10.0, description="How long one search engine, or one page, may take."
    )
    most_page: Bytes = Field(default=2_000_000, description="How much of a page is read.")
    safe: Literal["off", "moderate", "strict"] = Field(
        default="moderate", description="How much is left out of the results that is not for everybody."
    )


class Memory(Strict):
    """What people asked to be remembered; nothing is taken from conversations in silence."""

    enabled: bool = Field(default=True, description="false: nothing is remembered or recalled.")
    results: Count = Field(default=5, ge=1, le=50, description="How many memories a model reads at once.")
    most: Count = Field(default=10_000, ge=1, description="How many memories one person, or one server, may have.")


class Code(Strict):
    """Running Python in a sandbox (the [code] extra)."""

    enabled: bool = Field(default=True, description="false: no code is run.")
    shared: bool = Field(default=False, description="Whether it runs where others read along, as in a channel.")
    seconds: Annotated[Seconds, Field(gt=0, le=60)] = Field(default=2.0, description="How long one run may compute.")
    memory: Bytes = Field(default=64_000_000, description="How much memory it may take.")
    output: Bytes = Field(default=20_000, description="How much it may print.")
    workers: Count = Field(default=2, ge=1, le=32, description="How many runs are made at once; others wait.")


class McpServer(Strict):
    """An MCP server, as the usual `mcpServers` object describes it: a command to start, or a URL."""

    # Other programs keep keys of their own in these objects, which say nothing to us.
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    command: str | None = Field(default=None, min_length=1, description="The program that is started.")
    args: tuple[str, ...] = Field(default=(), description="Its arguments.")
    env: Mapping[str, SecretStr] = Field(
        default={}, description="Variables of its environment, beside a few usual ones."
    )
    cwd: Place | None = Field(default=None, description="The folder that it is started in.")
    url: Url | None = Field(default=None, description="The address of a server that runs already.")
    headers: Mapping[str, SecretStr] = Field(default={}, description="Headers that go along with every request to it.")
    type: Literal["stdio", "http", "streamable-http", "sse"] | None = Field(
        default=None,
        validation_alias=AliasChoices("type", "transport"),
        description="How it is spoken to; without it, a command by stdio and a URL by http.",
    )
    disabled: bool = Field(default=False, description="true: it is not used.")
    timeout: Annotated[Seconds, Field(gt=0, le=600)] = Field(default=30.0, description="How long one call may take.")
    unmarked: Literal["reads", "changes", "destroys"] = Field(
        default="changes",
        description="What a tool does of which the server says nothing: `changes` asks once strangers' words were "
        "read, `destroys` always, `reads` never.",
    )

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Refuses a server with neither a command nor a URL, and one with both."""
        if (self.command is None) == (self.url is None):
            raise PydanticCustomError("which", "should have a `command` to start, or the `url` of a running server")
        return self


class Tools(Section):
    """What models may call, and how far they may go with it."""

    allow: Mapping[Name, tuple[ToolName, ...]] = Field(
        default={},
        description="Which tools a category may use, in place of its own list: web_search, memory, code, the name of "
        "an MCP server, of a function or of a plugin.",
    )
    rounds: Count = Field(default=5, ge=1, le=20, description="How often a model may ask for tools in one reply.")
    seconds: Annotated[Seconds, Field(gt=0)] = Field(
        default=90.0, description="How long the tools of one reply may take together."
    )
    most_text: Bytes = Field(default=6_000, description="How much of one tool's result a model reads.")
    web_search: WebSearch = Field(default_factory=WebSearch, description="Looking things up.")
    memory: Memory = Field(default_factory=Memory, description="What people asked to be remembered.")
    code: Code = Field(default_factory=Code, description="Running Python.")
    mcp_servers: Mapping[ToolName, McpServer] = Field(
        default={},
        alias="mcpServers",
        description="MCP servers by name, as other programs write them; a category uses one that `allow` names for it.",
    )
    mcp_file: Place | None = Field(
        default=None, description="A file with an `mcpServers` object, such as .mcp.json; those above go before it."
    )

    model_config = ConfigDict(populate_by_name=True)

    @field_validator("mcp_servers")
    @classmethod
    def own_names(cls, servers: Mapping[str, Any]) -> Mapping[str, Any]:
        """Refuses a server with the name of what ships."""
        for name in SHIPPED:
            if name in servers:
                raise PydanticCustomError("taken", "'{name}' is the name of our own tools", {"name": name})
        return servers
