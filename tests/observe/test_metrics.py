"""What is counted, under which names, and that the names stay few whatever people send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus
from tests.observe.happenings import UNSURE, decided, done, ended, everything, line, made, message

from pointsman.core.correction import Correction
from pointsman.core.happening import Ended, Leased, Made, Relayed, Reloaded, Taught
from pointsman.core.reply import Failed
from pointsman.observe.metrics import Metrics

HOSTILE = ("{}\n# HELP x y\npointsman_up 1", '"}} 1', "\\", "\0\x1b[2J", "пример", "🦊" * 50, "a" * 5000, "x{}")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(models=["main"], tenants=["ollama:main", "comfyui:z"], version="1.2.3")


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = metrics.exposition()[0].decode()
    return {
        (it.name, tuple(sorted(it.labels.items()))): it.value for family in prometheus(text) for it in family.samples
    }


def own(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Without what the process takes of the machine, which goes on meanwhile."""
    return {key: value for key, value in samples(metrics).items() if not key[0].startswith("process_")}


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return samples(metrics)[f"pointsman_{name}", tuple(sorted(labels.items()))]


def parsed(body: bytes) -> set[str]:
    """The names in an exposition in OpenMetrics."""
    return {it.name for it in openmetrics(body.decode())}  # type: ignore[no-untyped-call]


def ours(metrics: Metrics) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {it for it in samples(metrics) if it[0].startswith("pointsman_")}


def test_a_decision_is_counted_with_each_of_its_tiers(metrics: Metrics) -> None:
    metrics(made())
    assert value(metrics, "decisions_total", route="general_chat", tier="neighbours") == 1
    assert value(metrics, "tier_duration_seconds_count", tier="fast") == 1
    assert value(metrics, "tier_duration_seconds_sum", tier="neighbours") == pytest.approx(0.003)
    assert value(metrics, "tier_abstained_total", tier="fast", reason="unsure") == 1
    assert value(metrics, "decision_confidence_sum") == pytest.approx(0.97)
    assert value(metrics, "overhead_seconds_sum") == pytest.approx(0.004)


def test_a_reply_is_counted_with_its_time_its_first_word_and_its_tokens(metrics: Metrics) -> None:
    metrics(ended())
    assert value(metrics, "request_duration_seconds_sum", surface="http", route="general_chat") == 2.5
    assert value(metrics, "time_to_first_token_seconds_sum", model="main") == 0.5
    assert value(metrics, "tokens_total", model="main", kind="prompt") == 11
    assert value(metrics, "tokens_total", model="main", kind="completion") == 40


def test_a_reply_without_a_model_has_no_tokens(metrics: Metrics) -> None:
    metrics(ended(done("")))
    assert not {it for it in ours(metrics) if it[0].startswith(("pointsman_tokens", "pointsman_time_to"))}


def test_what_broke_off_is_counted_by_its_code(metrics: Metrics) -> None:
    metrics(ended(Failed("no room", code="no_room")))
    metrics(ended(Failed("gone", code="cancelled")))
    metrics(ended(Failed("?", code="a code of somebody else's")))
    metrics(Relayed("main", "/api/chat", 503, 1.0, code="unreachable"))
    for code in ("no_room", "cancelled", "other", "unreachable"):
        assert value(metrics, "errors_total", code=code) == 1


def test_requests_that_are_passed_on_are_counted_by_model_and_status(metrics: Metrics) -> None:
    metrics(Relayed("main", "/api/chat", 200, 2.0, 0.25))
    metrics(Relayed("main", "/api/chat", 0, 0.5, code="cancelled"))
    assert value(metrics, "relayed_requests_total", model="main", status="2xx") == 1
    assert value(metrics, "relayed_requests_total", model="main", status="none") == 1
    assert value(metrics, "relayed_duration_seconds_sum", model="main") == 2.5
    assert value(metrics, "time_to_first_token_seconds_sum", model="main") == 0.25


def test_a_model_that_answered_has_its_name_and_one_that_did_not_has_none(metrics: Metrics) -> None:
    metrics(Relayed("new:7b", "/api/chat", 200, 1.0))
    metrics(Relayed("made-up", "/api/chat", 404, 1.0))
    metrics(Relayed("pulled", "/api/pull", 200, 1.0))  # it answers 200 for any name
    assert {dict(labels).get("model") for name, labels in ours(metrics) if "relayed_requests" in name} == {
        "new:7b",
        "other",
    }


def test_corrections_leases_swaps_reloads_and_answers_are_counted(metrics: Metrics) -> None:
    correction = Correction("k1", "a text that must not be seen", "web_search", "general_chat")
    metrics(Taught(correction))
    metrics(Taught(correction, undone=True))
    metrics(Leased("image", "comfyui:z", 7.0))
    metrics(Reloaded(("tiers",)))
    metrics(Reloaded(problem="pointsman.yaml:3: no"))
    metrics(Reloaded(("models",), problem="another port needs a restart"))
    for event in (
        {"t": 1.0, "kind": "release", "tenant": "ollama:main", "bytes": 1, "id": "w"},
        {"t": 1.5, "kind": "load", "tenant": "somebody:else", "id": "w"},
        {"t": 4.0, "kind": "loaded", "tenant": "somebody:else"},
    ):
        metrics.card_event(event)
    metrics.answered("/v1/route", 200)
    metrics.answered("/api/chat", 404)
    assert value(metrics, "corrections_total", was="general_chat", now="web_search") == 1
    assert value(metrics, "corrections_undone_total", was="general_chat", now="web_search") == 1
    assert value(metrics, "gpu_lease_wait_seconds_sum") == 7
    assert value(metrics, "config_reloads_total", result="ok") == 1
    assert value(metrics, "config_reloads_total", result="failed") == 1
    assert value(metrics, "config_reloads_total", result="partly") == 1
    assert value(metrics, "swap_duration_seconds_sum", **{"from": "ollama:main", "to": "somebody:else"}) == 3
    assert value(metrics, "http_responses_total", dialect="openai", status="2xx") == 1
    assert value(metrics, "http_responses_total", dialect="ollama", status="4xx") == 1
    assert "must not be seen" not in metrics.exposition()[0].decode()


def storm(metrics: Metrics, first: int = 0) -> Iterator[Made | Ended | Relayed | Taught]:
    """A thousand requests, each with texts, names and errors of its own."""
    for number in range(first, first + 1000):
        text = f"{HOSTILE[number % len(HOSTILE)]}{number}"
        said = message(text, surface=text, user=text, channel=text, session=text, key=text)
        decision = decided(f"d{number}", trace=(line("fast", UNSURE), line(text, UNSURE)), category=text, tier=text)
        yield made(decision, said)
        yield ended(done(text), said, decision=decision)
        yield ended(Failed(text, code=text), said, decision=decision)
        yield Relayed(text, "/api/chat", 200, 0.1, 0.1, code=text, key=text)
        yield Relayed(text, "/api/pull", number, 0.1, key=text)
        yield Taught(Correction("k", text, text, text))
        metrics.card_event({"t": 1.0, "kind": "load", "tenant": text, "id": text})
        metrics.card_event({"t": 1.0, "kind": "loaded", "tenant": text})
        metrics.answered(f"/{text}", number)


def test_series_are_few_whatever_people_send(metrics: Metrics) -> None:
    for happening in storm(metrics):
        metrics(happening)
    before = ours(metrics)
    for happening in storm(metrics, 1000):
        metrics(happening)
    assert ours(metrics) == before
    families = {family.name: family for family in prometheus(metrics.exposition()[0].decode())}
    for name in ("tier_abstained", "tokens", "errors", "relayed_requests", "swap_duration_seconds", "http_responses"):
        assert len(families[f"pointsman_{name}"].samples) < 1000, name
    models = {it.labels["model"] for it in families["pointsman_relayed_requests"].samples}
    assert len(models) <= 52
    assert "other" in models
    assert {it.labels["code"] for it in families["pointsman_errors"].samples} == {"other"}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_label_breaks_the_exposition(metrics: Metrics, text: str) -> None:
    decision = decided(category=text, tier=text)
    for happening in (made(decision), ended(done(text), message(surface=text)), Relayed(text, "/api/chat", 200, 1.0)):
        metrics(happening)
    assert not {it for it in ours(metrics) if it[0] == "pointsman_up"}
    assert parsed(metrics.exposition(accept="application/openmetrics-text")[0])


def test_it_speaks_openmetrics_to_whom_asks_for_it(metrics: Metrics) -> None:
    metrics(made())
    body, media_type = metrics.exposition(accept="application/openmetrics-text; version=1.0.0,text/plain;q=0.5")
    assert media_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
    assert "pointsman_decisions" in parsed(body)
    assert metrics.exposition()[1].startswith("text/plain; version=0.0.4")


def test_when_a_series_began_is_left_out(metrics: Metrics) -> None:
    metrics(made())
    assert b"_created" not in metrics.exposition()[0]
    assert b"_created" not in metrics.exposition(accept="application/openmetrics-text")[0]


def test_two_routers_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one(made())
    assert "pointsman_decisions_total" in {it[0] for it in ours(one)}
    assert "pointsman_decisions_total" not in {it[0] for it in ours(other)}


def test_what_is_not_heard_counts_nothing(metrics: Metrics) -> None:
    before = own(metrics)
    unheard = [it for it in everything() if type(it) not in metrics.hears]
    for it in unheard:
        metrics(it)
    assert unheard
    assert own(metrics) == before
