"""The figures of an evaluation: worked by hand, and against the scoring script that everybody uses."""

from __future__ import annotations

import importlib.util
import io
import json
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput
from pointsman.observe.evaluation import Evaluation, Gold, Prediction, evaluate
from pointsman.observe.measures import calibration_error, percentile, reliability_bins
from pointsman.observe.report import render

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
SCRIPT = SHARED / "tools" / "score_intents.py"
LABELS = SHARED / "data" / "intents" / "dev.jsonl"

PATH_OF = {
    "image_generation": "image",
    "simple_greeting": "simple",
    "simple_farewell": "simple",
    "simple_thanks": "simple",
    "general_chat": "llm",
    "knowledge_question": "llm",
    "reasoning": "llm",
    "web_search": "llm+tools",
    "memory_operation": "llm+tools",
    "code_execution": "llm+tools",
}
SMALL = {"draw": "image", "hello": "simple", "chat": "llm", "ask": "llm"}


def guess(category: str, confidence: float = 0.9, tier: str = "patterns", ms: float = 1.0) -> Prediction:
    return Prediction(category, SMALL[category], confidence, tier, ms)


def example() -> Evaluation:
    gold = [
        Gold("1", "a", "draw"),
        Gold("2", "b", "draw", "hard"),
        Gold("3", "c", "hello"),
        Gold("4", "d", "chat", "hard"),
        Gold("5", "e", "ask"),
    ]
    predictions = {
        "1": guess("draw", 1.0, ms=1),
        "2": guess("chat", 0.8, "classifier", ms=4),
        "3": guess("draw", 0.55, ms=2),
        "4": guess("ask", 0.62, "fallback", ms=5),
    }
    return evaluate(gold, predictions, SMALL)


def test_the_figures_are_those_worked_out_by_hand() -> None:
    result = example()
    assert result.overall.n == 5
    assert result.overall.accuracy == 1 / 5
    assert result.overall.path_error == 3 / 5
    assert result.overall.image_fpr == 1 / 3
    assert result.overall.image_fnr == 1 / 2
    assert (result.overall.image_n, result.overall.other_n) == (2, 3)
    assert result.missing == 1
    assert result.coverage == 3 / 5
    assert result.macro_f1 == 0.5 / 4
    assert result.ece == pytest.approx((0.0 + 0.8 + 0.55 + 0.62) / 4)
    assert result.p50_ms == 3.0
    assert result.p95_ms == pytest.approx(4.85)


def test_each_category_slice_and_tier_is_measured() -> None:
    result = example()
    draw = result.categories["draw"]
    assert (draw.precision, draw.recall, draw.f1, draw.n) == (0.5, 0.5, 0.5, 2)
    assert result.categories["hello"].precision is None
    assert list(result.slices) == ["core", "hard"]
    assert (result.slices["hard"].n, result.slices["hard"].accuracy, result.slices["hard"].path_error) == (2, 0, 0.5)
    assert (result.slices["hard"].image_fpr, result.slices["hard"].image_fnr) == (0, 1)
    patterns = result.tiers["patterns"]
    assert (patterns.n, patterns.share, patterns.accuracy, patterns.path_error) == (2, 2 / 5, 0.5, 0.5)
    assert patterns.ece == pytest.approx((0.0 + 0.55) / 2)
    assert patterns.p50_ms == 1.5
    assert patterns.p99_ms == pytest.approx(1.99)
    assert result.tiers["fallback"].path_error == 0


def test_what_a_language_model_decided_is_not_covered() -> None:
    gold = [Gold(str(place), "x", "draw") for place in range(4)]
    tiers = ("patterns", "judge", "fallback", "cloud")
    predictions = {str(place): guess("draw", tier=tier) for place, tier in enumerate(tiers)}
    assert evaluate(gold, predictions, SMALL).coverage == 2 / 4
    assert evaluate(gold, predictions, SMALL, asking={"cloud", "judge", "fallback"}).coverage == 1 / 4


def test_confusions_are_counted_by_category_and_by_path() -> None:
    result = example()
    assert result.matrix == ((1, 0, 1, 0), (1, 0, 0, 0), (0, 0, 0, 1), (0, 0, 0, 0))
    assert {(entry.gold, entry.guess, entry.n) for entry in result.confusions} == {
        ("draw", "chat", 1),
        ("hello", "draw", 1),
        ("chat", "ask", 1),
        ("ask", None, 1),
    }
    assert result.paths == {"image->image": 1, "image->llm": 1, "llm->llm": 1, "llm->none": 1, "simple->image": 1}


def test_the_most_frequent_confusion_comes_first() -> None:
    gold = [Gold(str(place), "x", "draw") for place in range(5)]
    said = ["chat", "ask", "ask", "draw", "hello"]
    result = evaluate(gold, {str(place): guess(category) for place, category in enumerate(said)}, SMALL)
    assert [(entry.guess, entry.n) for entry in result.confusions] == [("ask", 2), ("chat", 1), ("hello", 1)]


def test_confidence_of_one_belongs_to_the_last_bin() -> None:
    bins = reliability_bins([(1.0, True), (0.95, False), (0.0, False)])
    assert [cell.n for cell in bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (bins[9].confidence, bins[9].accuracy, bins[5].confidence) == (0.975, 0.5, None)
    assert calibration_error([]) is None
    assert calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.integers(1, 20))
def test_calibration_error_lies_between_the_overall_gap_and_one(pairs: list[tuple[float, bool]], bins: int) -> None:
    error = calibration_error(pairs, bins)
    assert error is not None
    gap = abs(sum(confidence - right for confidence, right in pairs)) / len(pairs)
    assert gap - 1e-9 <= error <= 1
    assert sum(cell.n for cell in reliability_bins(pairs, bins)) == len(pairs)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_lies_among_the_values(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found is not None
    assert min(values) <= found <= max(values) * (1 + 1e-12)
    assert (percentile(values, 0), percentile(values, 1)) == (min(values), max(values))


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 0.5) is None


@pytest.mark.parametrize(
    ("gold", "predictions", "said"),
    [
        ([], {}, "no labelled messages"),
        ([Gold("1", "a", "draw"), Gold("1", "b", "draw")], {}, "'1' is repeated"),
        ([Gold("1", "a", "sing")], {}, "unknown category 'sing'"),
        ([Gold("1", "a", "draw")], {"2": guess("draw")}, "'2' is not in the labelled set"),
        ([Gold("1", "a", "draw")], {"1": Prediction("sing", "llm", 0.5, "t", 1)}, "unknown category 'sing'"),
        ([Gold("1", "a", "draw")], {"1": guess("draw", 1.5)}, "not in 0..1"),
        ([Gold("1", "a", "draw")], {"1": guess("draw", float("nan"))}, "not in 0..1"),
    ],
)
def test_what_cannot_be_measured_is_refused(gold: list[Gold], predictions: dict[str, Prediction], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        evaluate(gold, predictions, SMALL)


def test_a_prediction_is_the_measured_part_of_a_decision() -> None:
    decision = Decision("id", "draw", "image", 0.7, "patterns", (), latency_ms=2.5)
    assert Prediction.of(decision) == Prediction("draw", "image", 0.7, "patterns", 2.5)


def test_the_result_is_json() -> None:
    data = json.loads(json.dumps(example().to_dict(), allow_nan=False))
    assert data["overall"]["macro_f1"] == 0.125
    assert data["categories"]["draw"]["precision"] == 0.5
    assert data["bins"][9] == {"low": 0.9, "high": 1.0, "n": 1, "confidence": 1.0, "accuracy": 1.0}
    assert data["confusions"][0] == {"gold": "draw", "guess": "chat", "n": 1}


def test_the_tables_show_the_figures_within_80_characters() -> None:
    page = io.StringIO()
    render(example(), Console(width=80, file=page))
    shown = page.getvalue()
    for figure in (
        "20.0%",
        "60.0%",
        "33.3% of 3",
        "50.0% of 2",
        "draw -> chat",
        "ask -> missing",
        "5 (1 not decided)",
        "fallback",
        "hard",
    ):
        assert figure in shown
    assert "…" not in shown


# Against the script.


@pytest.fixture(scope="module")
def script() -> ModuleType:
    if not SCRIPT.is_file():
        pytest.skip("the shared scoring script is not beside this checkout (../shared/tools/score_intents.py)")
    spec = importlib.util.spec_from_file_location("score_intents", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def agree(ours: Any, theirs: Any, where: str = "") -> None:
    """Everything that the script reports is in our result, and is the same to the last bit."""
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            assert key in ours, f"{where}.{key}"
            agree(ours[key], value, f"{where}.{key}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for place, value in enumerate(theirs):
            agree(ours[place], value, f"{where}[{place}]")
    else:
        assert ours == theirs, where


categories = st.sampled_from(list(PATH_OF))
labels = st.tuples(categories, st.sampled_from(["core", "hard", "noisy"]))
guesses = st.none() | st.tuples(
    categories, st.floats(0, 1), st.sampled_from(["patterns", "classifier", "fallback"]), st.floats(0, 1e4)
)


@given(st.lists(st.tuples(labels, guesses), min_size=1, max_size=40))
def test_it_agrees_with_the_shared_script(script: ModuleType, rows: list[Any]) -> None:
    gold, theirs, ours = [], {}, {}
    for place, ((category, part), said) in enumerate(rows):
        key = f"m{place}"
        gold.append(Gold(key, "x", category, part))
        if said is not None:
            name, confidence, tier, ms = said
            theirs[key] = {"id": key, "category": name, "confidence": confidence, "tier": tier, "latency_ms": ms}
            ours[key] = Prediction(name, PATH_OF[name], confidence, tier, ms)
    scored = script.score({label.id: {"category": label.category, "slice": label.slice} for label in gold}, theirs)
    agree(evaluate(gold, ours, PATH_OF).to_dict(), scored)


def test_it_agrees_with_the_shared_script_on_the_whole_development_set(tmp_path: Path, script: ModuleType) -> None:
    del script  # only for its skip
    chance = random.Random(7)
    gold, ours, lines = [], {}, []
    with LABELS.open(encoding="utf-8") as handle:
        for row in map(json.loads, handle):
            gold.append(Gold(row["id"], row["text"], row["category"], row["slice"]))
            name = row["category"] if chance.random() < 0.7 else chance.choice(list(PATH_OF))
            made = Prediction(name, PATH_OF[name], chance.random(), chance.choice("abc"), chance.expovariate(1))
            ours[row["id"]] = made
            line = {"category": made.category, "confidence": made.confidence, "tier": made.tier}
            lines.append(json.dumps({"id": row["id"], "latency_ms": made.latency_ms, **line}))
    predictions, scored = tmp_path / "predictions.jsonl", tmp_path / "scored.json"
    predictions.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, str(SCRIPT), str(predictions), "--data", str(LABELS), "--json", str(scored)]
    subprocess.run(command, check=True, capture_output=True)
    agree(evaluate(gold, ours, PATH_OF).to_dict(), json.loads(scored.read_text(encoding="utf-8")))
