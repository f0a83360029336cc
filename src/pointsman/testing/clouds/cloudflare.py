"""A fake Cloudflare Workers AI: an account with a token, models by their addresses, and a day's neurons."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final, Literal

from pointsman.core.ports import Clock
from pointsman.testing.clouds import cloudflare_models as known
from pointsman.testing.clouds.asked import JSON, Answer, Asked
from pointsman.testing.clouds.buckets import MINUTE, Bucket
from pointsman.testing.clouds.chat import Reply, completion, echo
from pointsman.testing.clouds.cloudflare_models import ACCOUNT, MODELS, RATES, TASK_NAMES, WorkersModel
from pointsman.testing.clouds.deciding import Decide, by_words
from pointsman.testing.clouds.delivery import Sleep
from pointsman.testing.clouds.neurons import Neurons
from pointsman.testing.clouds.server import FakeService
from pointsman.testing.clouds.workers import Run, chatted, embedded_openai, ran

PER_PAGE: Final = 50
BUSY: Final = "rejectIfBusy"


class FakeCloudflare(FakeService):
    """Cloudflare's API; `url` ends with /client/v4, `account` and `key` are what it accepts.

    `neurons` is what is spent, and of how much. `quota_code` is how it says that they are used up. `scoped` False
    is a token that may not use Workers AI. `capacity` is how many calls run at once: with rejectIfBusy further ones
    are refused, else they wait. `rates` are calls a minute by the task of the model; empty for no such limit.
    """

    title = "cloudflare"
    base = "/client/v4"

    def __init__(
        self,
        *,
        key: str = "cf_test",
        account: str = ACCOUNT,
        clock: Clock = time.time,
        decide: Decide = by_words,
        reply: Reply = echo,
        models: Mapping[str, WorkersModel] = MODELS,
        allowance: float = 10_000,
        reset_hour: float | None = None,
        quota_code: Literal[4006, 3036] | None = 4006,
        capacity: int | None = None,
        rates: Mapping[str, int] = RATES,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(key=key, clock=clock, decide=decide, sleep=sleep)
        self.account = account
        self.models = dict(models)
        self.reply = reply
        self.neurons = Neurons(allowance, clock, reset_hour)
        self.quota_code = quota_code
        self.capacity = capacity
        self.scoped = True
        self.tells_neurons = True
        self.rates = {task: Bucket(limit, MINUTE, clock) for task, limit in rates.items()}

    def errors(self, model: str) -> Mapping[str, Answer]:
        """Cloudflare's errors."""
        number = self._number()
        errors = known.errors_of(model, number)
        return {
            name: answer.having(cf_ray=known.RAY, cf_ai_req_id=number) if answer.kind == JSON else answer
            for name, answer in errors.items()
        }

    async def answer(self, asked: Asked) -> Answer:
        """What Cloudflare answers: it looks at the token, then at the address, and then at the model."""
        answer = self._refusal(asked) or await self._ai(asked)
        return answer.having(cf_ray=known.RAY)

    def _refusal(self, asked: Asked) -> Answer | None:
        if asked.bearer != self.key:
            self.refused.auth += 1
            return known.BAD_TOKEN
        head, _, rest = asked.path.removeprefix(f"{self.base}/accounts/").partition("/")
        if not asked.path.startswith(f"{self.base}/accounts/") or not rest.startswith("ai/"):
            self.refused.bad_request += 1
            return known.NO_ROUTE
        if head != self.account:
            self.refused.bad_request += 1
            message = f"Could not route to {asked.path}, perhaps your object identifier is invalid?"
            return known.gateway_error(400, 7_003, message)
        if not self.scoped:
            self.refused.auth += 1
            return known.NO_SCOPE
        return None

    async def _ai(self, asked: Asked) -> Answer:
        _, _, path = asked.path.partition("/ai/")
        if asked.method == "GET" and path == "models/search":
            return self._search(asked.query)
        if asked.method == "POST" and path.startswith("run/"):
            return await self._run(path.removeprefix("run/"), asked, "native")
        if asked.method == "POST" and path == "v1/chat/completions":
            return await self._run(asked.model, asked, "chat")
        if asked.method == "POST" and path == "v1/embeddings":
            return await self._run(asked.model, asked, "embeddings")
        self.refused.bad_request += 1
        return known.NO_ROUTE

    async def _run(self, name: str, asked: Asked, form: Literal["native", "chat", "embeddings"]) -> Answer:
        number = self._number()
        refusal = self._model_refusal(name, number) or await self._busy(asked, number)
        if refusal:
            return refusal.having(cf_ai_req_id=number)
        model = self.models[name]
        if form == "native":
            run = ran(name, model, asked.fields, self.decide, reply=self.reply, number=number)
        elif form == "chat" and model.task == "chat":
            run = chatted(model, asked.fields, self.decide, self.reply, number)
        elif form == "embeddings" and model.task == "embeddings":
            run = embedded_openai(name, model, asked.fields, number)
        else:
            run = Run(known.unknown(name))
        return self._told(run, asked, number, wrapped=form == "native")

    def _told(self, run: Run, asked: Asked, number: str, *, wrapped: bool) -> Answer:
        """The result of a run with its cost, in the envelope where it belongs there."""
        if run.problem:
            self.refused.too_large += run.too_large
            self.refused.bad_request += not run.too_large
            return run.problem.having(cf_ai_req_id=number)
        self.neurons.spend(run.neurons)
        if wrapped:
            answer = Answer({"result": run.result, "success": True, "errors": [], "messages": []})
        elif run.said:
            answer = completion(run.said, asked.fields, number=number, created=asked.at, model=asked.model)
            if not answer.events:
                usage = {**answer.body["usage"], "neurons": round(run.neurons, 2)}
                answer = Answer({**answer.body, "usage": usage})
        else:
            answer = Answer(run.result)
        cost = {"cf_ai_neurons": f"{run.neurons:.2f}"} if self.tells_neurons else {}
        return answer.having(cf_ai_req_id=number, **cost)

    def _model_refusal(self, name: str, number: str) -> Answer | None:
        model = self.models.get(name)
        if model is None or model.gone or model.paid:
            self.refused.model_gone += 1
            if model is None:
                return known.unknown(name)
            return known.withdrawn(name, model.gone) if model.gone else known.for_payers(name, number)
        if self.neurons.used_up:
            self.refused.over("neurons")
            return known.quota(self.quota_code, number)
        rate = self.rates.get(TASK_NAMES[model.task])
        if rate is None:
            return None
        if rate.wait(1):
            self.refused.over("rate")
            return known.full(number)
        rate.use(1)
        return None

    async def _busy(self, asked: Asked, number: str) -> Answer | None:
        """Waits for a place, or refuses where the call is not to wait; a place is held until the answer is sent."""
        if self.capacity is None:
            return None
        if self.places_taken >= self.capacity and (asked.fields.get("options") or {}).get(BUSY):
            self.refused.busy += 1
            return known.full(number)
        await self._take_place(asked, self.capacity)
        return None

    def _search(self, query: Mapping[str, str]) -> Answer:
        """The models whose names hold what is searched for; all on the first page, and nothing on others."""
        wanted, page = query.get("search", ""), int(query.get("page", "1"))
        gone = query.get("include_deprecated") == "true"
        names = [name for name, model in self.models.items() if wanted in name and (gone or not model.gone)]
        rows = [self._row(name) for name in names] if page == 1 else []
        per_page = int(query.get("per_page", str(PER_PAGE)))
        info = {"page": page, "per_page": per_page, "count": len(rows), "total_count": len(names)}
        return Answer({"success": True, "errors": [], "messages": [], "result": rows, "result_info": info})

    def _row(self, name: str) -> dict[str, Any]:
        model = self.models[name]
        price = [{"unit": "per M input tokens", "price": round(model.neurons_in * 1.1e-5, 3), "currency": "USD"}]
        properties = [
            {"property_id": "context_window", "value": str(model.context)},
            {"property_id": "price", "value": price},
        ]
        return {
            "id": self._number(),
            "source": 1,
            "name": name,
            "description": f"{name.rpartition('/')[2]}, a model for {model.task}",
            "task": {"id": self._number(), "name": TASK_NAMES[model.task], "description": model.task},
            "created_at": "2026-09-29 09:25:44.258",
            "tags": [],
            "properties": properties,
        }
