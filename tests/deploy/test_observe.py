"""The dashboard, the alerts and the scrape: they ask for metrics and labels that we have, and for all that matter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.observe.happenings import ended, made
from tests.observe.test_gauges import Standing

from pointsman.core.correction import Correction
from pointsman.core.happening import Leased, Relayed, Reloaded, Taught
from pointsman.core.reply import Failed
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow
from pointsman.observe.gauges import of_cards, of_services
from pointsman.observe.metrics import Metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
BOARD = json.loads((DEPLOY / "grafana" / "pointsman.json").read_text(encoding="utf-8"))
ALERTS: Any = YAML(typ="safe").load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
SCRAPE: Any = YAML(typ="safe").load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
RULES = ALERTS["groups"][0]["rules"]
BY_SCRAPING = {"job", "instance"}
WORDS = {
    *("sum", "by", "rate", "increase", "histogram_quantile", "and", "or", "on", "le", "label_values"),
    *("s", "m", "h", "d"),
}
GB = 10**9


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """The labels of every series that we have, by its name."""
    metrics = Metrics(version="1")
    for happening in (
        made(),
        ended(),
        ended(Failed("x")),
        Relayed("m", "/api/chat", 200, 1.0),
        Leased("chat", "", 0.0),
    ):
        metrics(happening)
    for undone in (False, True):
        metrics(Taught(Correction("k", "", "a", "b"), undone))
    metrics(Reloaded())
    metrics.answered("/v1/route", 200)
    for kind in ("load", "loaded"):
        metrics.card_event({"t": 0.0, "kind": kind, "tenant": "ollama:a"})
    card = CardNow("gpu0", "", GB, 0, 0, 0, 0, 0, "", 0.0, "")
    tenant = TenantNow("ollama:a", "resident", "gpu0", "", GB, None, None, 0, 0, False, 0.0)
    now = [*of_cards(Snapshot((card,), (tenant,), ())), *of_services([Standing("groq", True, 1)])]
    found: dict[str, set[str]] = {"up": set()}
    for family in (*metrics.registry.collect(), *now):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def panels() -> Iterator[dict[str, Any]]:
    yield from (it for it in BOARD["panels"] if it["type"] != "row")


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression, with where it stands."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for rule in RULES:
        yield rule["alert"], rule["expr"]


ALL = list(expressions())


def series_in(expression: str) -> list[tuple[str, set[str]]]:
    """The series that an expression asks for, each with the labels that it chooses by."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    return [
        (name, set(re.findall(r"(\w+)\s*[=!~]+", chosen or "")))
        for name, chosen in re.findall(r"\b((?:pointsman|process)_\w+|up)\b(?:\{([^}]*)\})?", bare)
    ]


@pytest.mark.parametrize(("where", "expression"), ALL, ids=[f"{where}-{n}" for n, (where, _) in enumerate(ALL)])
def test_what_is_asked_for_is_there(where: str, expression: str, known: dict[str, set[str]]) -> None:
    series = series_in(expression)
    assert series, f"{where} asks for nothing"
    for name, chosen in series:
        assert name in known, f"{where}: there is no {name}"
        assert chosen <= known[name] | BY_SCRAPING, f"{where}: {name} has no label {chosen - known[name]}"
    shown = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", group)}
    labels = set().union(*(known[name] for name, _ in series)) | BY_SCRAPING
    assert shown <= labels, f"{where}: no label {shown - labels}"


@pytest.mark.parametrize(("where", "expression"), ALL, ids=[f"{where}-{n}" for n, (where, _) in enumerate(ALL)])
def test_expressions_are_written_whole(where: str, expression: str) -> None:
    for opening, closing in ("()", "[]", "{}"):
        assert expression.count(opening) == expression.count(closing), where
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:pointsman|process)_\w+|\bup\b|by \([^)]*\)', " ", expression)
    assert set(re.findall(r"[A-Za-z_]+", bare)) <= WORDS, where


def test_a_counter_is_never_read_as_it_is() -> None:
    for where, expression in ALL:
        for name in re.findall(r"pointsman_\w+_(?:total|bucket|count|sum)\b", expression):
            at = expression.index(name)
            before = expression[:at]
            assert re.search(r"(rate|increase)\($", before), f"{where}: {name} without a rate"


@pytest.mark.parametrize("panel", list(panels()), ids=lambda it: it["title"])
def test_legends_name_labels_that_the_expression_leaves(panel: dict[str, Any], known: dict[str, set[str]]) -> None:
    for target in panel["targets"]:
        named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        groups = re.findall(r"by \(([^)]*)\)", target["expr"])
        left = (
            set(re.split(r",\s*", groups[0]))
            if groups
            else set().union(*(known[it] for it, _ in series_in(target["expr"])))
        )
        assert named <= left | BY_SCRAPING


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    assert BOARD["schemaVersion"] >= 39
    ids = [it["id"] for it in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    names = {it["name"]: it for it in BOARD["templating"]["list"]}
    assert names["datasource"]["type"] == "datasource"
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert {it["datasource"]["uid"] for it in panel["targets"]} == {"${datasource}"}
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24


def test_panels_do_not_lie_on_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


def test_every_metric_of_ours_is_shown(known: dict[str, set[str]]) -> None:
    shown = {name for _, expression in ALL for name, _ in series_in(expression)}
    families = {
        re.sub(r"_(total|bucket|count|sum|created|info)$", "", name) for name in known if name.startswith("pointsman")
    }
    missing = {it for it in families if not any(name.startswith(it) for name in shown)}
    assert missing <= {"pointsman_build", "pointsman_relayed_duration_seconds"}


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    assert "PointsmanDecisionsSlow" in names
    for rule in RULES:
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        assert {"summary", "description"} <= rule["annotations"].keys()


def test_the_alert_on_slow_decisions_is_the_line_in_the_panel() -> None:
    (rule,) = [it for it in RULES if it["alert"] == "PointsmanDecisionsSlow"]
    (panel,) = [it for it in panels() if "PointsmanDecisionsSlow" in it["description"]]
    line = panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"]
    assert rule["expr"].endswith(f"> {line}")
    assert rule["expr"].startswith("histogram_quantile(0.99")


def test_the_scrape_finds_the_alerts_and_the_gateway() -> None:
    (job,) = SCRAPE["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("pointsman", "/metrics")
    assert job["static_configs"] == [{"targets": ["pointsman:8080"]}]
    for file in SCRAPE["rule_files"]:
        assert (DEPLOY / "prometheus" / file).is_file()


BESIDE: Any = YAML(typ="safe").load((DEPLOY / "observe.yaml").read_text(encoding="utf-8"))


def test_what_stands_beside_is_pinned_and_reached_from_this_machine_alone() -> None:
    for service in BESIDE["services"].values():
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_every_file_that_is_mounted_is_there() -> None:
    mounts = [it.split(":") for service in BESIDE["services"].values() for it in service["volumes"]]
    for source, *_ in mounts:
        if source.startswith("./"):
            assert (DEPLOY / source).exists()
        else:
            assert source in BESIDE["volumes"]


def test_the_key_is_where_prometheus_looks_for_it() -> None:
    (job,) = SCRAPE["scrape_configs"]
    (name,) = BESIDE["services"]["prometheus"]["secrets"]
    assert job["authorization"]["credentials_file"] == f"/run/secrets/{name}"
    assert BESIDE["secrets"][name] == {"environment": "POINTSMAN_KEY"}


def test_grafana_finds_the_dashboard_and_prometheus() -> None:
    (provider,) = provisioned("dashboards")["providers"]
    mounted = [it.split(":")[1] for it in BESIDE["services"]["grafana"]["volumes"]]
    assert f"{provider['options']['path']}/pointsman.json" in mounted
    (source,) = provisioned("datasources")["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")


def provisioned(kind: str) -> Any:
    file = DEPLOY / "grafana" / "provisioning" / kind / "pointsman.yml"
    return YAML(typ="safe").load(file.read_text(encoding="utf-8"))


def test_the_page_of_the_documentation_names_every_metric_and_no_other(known: dict[str, set[str]]) -> None:
    text = (DEPLOY.parent / "docs" / "observability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(pointsman_\w+)", text))
    named |= {f"pointsman_gpu_memory{it}" for it in re.findall(r"`\.\.\.(_\w+)`", text)}
    ours = {re.sub(r"_(bucket|count|sum|created)$", "", it) for it in known if it.startswith("pointsman_")}
    assert named == ours - {"pointsman_build_info"}
    for name, labels in re.findall(r"^\| `(pointsman_\w+)` \| ([^|]*) \|", text, re.MULTILINE):
        has = known.get(name) or known[f"{name}_sum"]
        assert set(re.findall(r"`(\w+)`", labels)) == has - {"le"}, name
