"""The REST interface over HTTP: who asks, how often, for what; every request is counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import BodyPartReader, web

from pointsman.testing.fake_discord import intents
from pointsman.testing.fake_discord.gateway import Gateway
from pointsman.testing.fake_discord.pictures import plain
from pointsman.testing.fake_discord.rates import Limited
from pointsman.testing.fake_discord.refusals import WORDS, Refused, refused
from pointsman.testing.fake_discord.routes import Answer, Route, Routes, place_of
from pointsman.testing.fake_discord.state import Asked, State, Upload

API: Final = "/api/v10"
CDN: Final = "/cdn"
# Cloudflare's mark, without which clients take a 429 for a ban.
VIA: Final = {"Via": "1.1 google"}


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it was answered; `at` is when it came, `code` Discord's own number of an error."""

    at: float
    route: str
    path: str
    status: int
    code: int = 0


@dataclass(slots=True)
class Order:
    """Errors that a test ordered, for the next requests to routes whose name holds `part`."""

    left: int
    name: str
    part: str


class Rest:
    """Answers requests; `calls` has all of them in order."""

    def __init__(self, state: State, routes: tuple[Route, ...]) -> None:
        self.calls: list[Call] = []
        self.broke: Exception | None = None
        self._state = state
        self._orders: list[Order] = []
        self._routes = Routes((*self.own, *routes))

    @property
    def own(self) -> tuple[Route, ...]:
        """The routes of the bot itself."""
        return (
            Route("GET", "/users/@me", lambda _: self._state.shapes.me()),
            Route("GET", "/users/{user}", self.user),
            Route("GET", "/gateway/bot", lambda _: self.gateway()),
            Route("GET", "/applications/@me", lambda _: self.application()),
            Route("GET", "/oauth2/applications/@me", lambda _: self.application()),
            Route("GET", "/guilds/{guild}/members/{user}", self.member),
        )

    def refuse_next(self, name: str, times: int = 1, *, part: str = "") -> None:
        """Answers an error of `refusals.WORDS` to the next requests to routes with `part` in their name."""
        if name not in WORDS:
            raise KeyError(name)
        self._orders.append(Order(times, name, part))

    def counted(self, part: str = "", *, status: int = 0) -> int:
        """How many requests there were to routes with `part` in their name, with a status, if that is given."""
        return sum(part in it.route and status in {0, it.status} for it in self.calls)

    def statuses(self) -> Counter[int]:
        """How many requests had which status."""
        return Counter(it.status for it in self.calls)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        path = request.path.removeprefix(API)
        found = self._routes.find(request.method, path)
        at = self._state.there.clock()
        if found is None:
            self.broke = self.broke or NotImplementedError(f"the fake has no {request.method} {path}")
            return self._sent(at, f"{request.method} ?", path, refused("no_such_route"))
        route, named = found
        place = place_of(named)
        limited = self._state.rates.check(route.name, place)
        headers = self._state.rates.headers(route.name, place)
        if limited is not None:
            await request.read()
            return self._sent(at, route.name, path, limited, headers)
        try:
            asked = Asked(named, request.query, *(await read(request)))
            self._admit(route, request)
            answer = route.handler(asked)
        except Refused as refusal:
            return self._sent(at, route.name, path, refusal, headers)
        except Exception as error:
            self.broke = self.broke or error
            raise
        return self._sent(at, route.name, path, answer, headers)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file from the CDN, or somebody's picture."""
        place = request.path.removeprefix(f"{CDN}/")
        if (file := self._state.there.files.get(place)) is not None:
            return web.Response(body=file.data, headers={"Content-Type": file.kind})
        if place.startswith(("attachments/", "ephemeral-attachments/")):
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=plain(), content_type="image/png")

    # --- the bot itself

    def gateway(self) -> Answer:
        """Where the gateway is, and how many connections are advised."""
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    def application(self) -> Answer:
        """The application, with its owner, and in its flags which intents it has leave for."""
        owner = next(iter(self._state.there.guilds.values())).owner if self._state.there.guilds else self._state.me
        return {
            "id": self._state.me.id,
            "name": self._state.me.name,
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": intents.flags(self._gateway.granted),
            "owner": self._state.shapes.user(owner),
            "team": None,
            "bot": self._state.shapes.me(),
            "tags": [],
            "rpc_origins": [],
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "integration_types_config": {"0": {}},
            "approximate_guild_count": len(self._state.there.guilds),
            "approximate_user_install_count": 0,
        }

    def user(self, asked: Asked) -> Answer:
        """Somebody."""
        user = self._state.there.users.get(asked.named["user"])
        if user is None:
            raise refused("unknown_user")
        return self._state.shapes.user(user)

    def member(self, asked: Asked) -> Answer:
        """Somebody in a server."""
        guild = self._state.there.guilds.get(asked.named["guild"])
        if guild is None:
            raise refused("unknown_guild")
        member = guild.members.get(asked.named["user"])
        if member is None:
            raise refused("unknown_member")
        return self._state.shapes.member(member)

    @property
    def _gateway(self) -> Gateway:
        return self._state.gateway

    def _admit(self, route: Route, request: web.Request) -> None:
        """Checks the token, and whether an error is ordered. Raises Refused."""
        if not route.open and request.headers.get("Authorization") != f"Bot {self._state.token}":
            raise refused("unauthorized")
        for order in self._orders:
            if order.left and order.part in route.name:
                order.left -= 1
                raise refused(order.name)

    def _sent(
        self, at: float, route: str, path: str, answer: Answer, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        """An answer on its way, and in the count."""
        more = {**VIA, **(headers or {})}
        code = 0
        body: Any = None
        match answer:
            case Limited():
                status, body, more = 429, answer.body, {**more, **answer.headers, "X-RateLimit-Remaining": "0"}
            case Refused():
                status, body, code = answer.status, answer.body, answer.code
            case None:
                status = 204
            case _:
                status, body = 200, answer
        self.calls.append(Call(at, route, path, status, code))
        self._state.watch.changed()
        if body is None:
            return web.Response(status=status, headers=more)
        # Clients compare the type as a whole: with a charset behind it, they would not read the JSON.
        return web.Response(
            status=status, body=json.dumps(body).encode(), headers={**more, "Content-Type": "application/json"}
        )


async def read(request: web.Request) -> tuple[Any, dict[str, Upload]]:
    """The body of a request, and its files by their numbers. Raises Refused."""
    if not request.content_type.startswith("multipart/"):
        data = await request.read()
        return parsed(data) if data else {}, {}
    body: Any = {}
    files: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=False))
        if part.name == "payload_json":
            body = parsed(data)
        elif part.name and part.name.startswith("files["):
            files[part.name[6:-1]] = Upload(part.filename or "unknown", data)
    return body, files


def parsed(data: bytes) -> Any:
    """JSON. Raises Refused."""
    try:
        return json.loads(data)
    except ValueError:
        raise refused("not_json") from None
