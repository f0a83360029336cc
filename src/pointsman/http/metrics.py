"""GET /metrics: what Prometheus reads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fastapi import FastAPI, Request, Response
from prometheus_client.metrics_core import Metric

from pointsman.core.errors import PointsmanError
from pointsman.engine.asked import Standing
from pointsman.gpu.snapshot import Snapshot
from pointsman.observe.gauges import of_cards, of_services
from pointsman.observe.metrics import Metrics

logger = logging.getLogger(__name__)

PATH: Final = "/metrics"
PATIENCE: Final = 2.0  # seconds for what the services have left; a scrape waits 10

Cards = Callable[[], Snapshot | None]
Services = Callable[[], Awaitable[Sequence[Standing]]]


class MetricsRoute:
    """Serves what was counted, and what `cards` and `services` say at that moment."""

    def __init__(self, metrics: Metrics, cards: Cards, services: Services, *, patience: float = PATIENCE) -> None:
        self._metrics = metrics
        self._cards = cards
        self._services = services
        self._patience = patience

    async def metrics(self, request: Request) -> Response:
        """Everything, as text in Prometheus's format or OpenMetrics, as the caller accepts it."""
        now = [*self._of_cards(), *await self._of_services()]
        # Hundreds of series take some ten milliseconds to write down, in which replies are to go on.
        body, media_type = await asyncio.to_thread(self._metrics.exposition, now, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": media_type})

    def _of_cards(self) -> list[Metric]:
        try:
            snapshot = self._cards()
        except PointsmanError as error:
            logger.warning("the metrics are without the cards: %s", error.message)
            return []
        return [] if snapshot is None else list(of_cards(snapshot))

    async def _of_services(self) -> list[Metric]:
        try:
            async with asyncio.timeout(self._patience):
                return list(of_services(await self._services()))
        except (PointsmanError, TimeoutError) as error:
            logger.warning("the metrics are without the services: %s", type(error).__name__)
            return []


def add_metrics_route(app: FastAPI, metrics: Metrics, cards: Cards, services: Services) -> None:
    """Adds /metrics."""
    route = MetricsRoute(metrics, cards, services)
    app.add_api_route(
        PATH, route.metrics, methods=["GET"], tags=["native"], response_class=Response, responses={200: TEXT}
    )


WORDS: Final = {"schema": {"type": "string"}}
TEXT: Final = {
    "description": "The metrics",
    "content": {"text/plain": WORDS, "application/openmetrics-text": WORDS},
}
