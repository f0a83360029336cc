"""The evaluation in a real browser: a labelled file is run, its matrix shown; and what runs behind the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from pointsman.core.correction import Correction
from pointsman.dashboard import evaluationview, matrix, trends
from pointsman.dashboard.traffic import Day

LABELLED = [
    ("1", "draw a cat", "image_generation"),
    ("2", "hey! you", "simple_greeting"),
    ("3", "draw the curtains", "general_chat"),
    ("4", "so, what now", "general_chat"),
]


def written(folder: Path, rows: list[tuple[str, str, str]] = LABELLED) -> Path:
    file = folder / "labelled.jsonl"
    file.write_text("\n".join(json.dumps({"id": i, "text": text, "category": it}) for i, text, it in rows))
    return file


def test_a_labelled_file_is_evaluated_and_nothing_of_it_recorded(page: Page, site: Any, tmp_path: Path) -> None:
    page.goto(f"{site.url}/evaluation")
    expect(page.get_by_text(evaluationview.NO_RUN)).to_be_visible()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose a file").click()
    chosen.value.set_files(written(tmp_path))
    expect(page.get_by_text("labelled.jsonl: 4 messages evaluated")).to_be_visible()
    last = page.get_by_role("region", name="Last evaluation")
    expect(last.locator(".pm-tile").first).to_have_text("75.0 %of 4 messages right")
    cell = last.get_by_title("general chat decided as image generation: 1, 50 %")
    expect(cell).to_have_class(re.compile("pm-wrong-cell"))
    expect(cell).to_have_text("1")
    expect(last.get_by_title("simple greeting decided as simple greeting: 1, 100 %")).to_have_text("1")
    expect(last.get_by_role("img", name=re.compile("Calibration"))).to_be_visible()
    expect(last.get_by_role("rowheader", name="fallback")).to_be_visible()
    trend = page.get_by_role("region", name="From day to day")
    expect(trend.get_by_role("img", name=re.compile("evaluations?, the last 75.0 % right"))).to_be_visible()
    page.goto(f"{site.url}/feed")
    expect(page.locator(".pm-feed-rows [role=row]", has_text="draw the curtains")).to_have_count(0)


def test_a_file_on_the_server_that_is_none_is_named_with_its_line(page: Page, site: Any, tmp_path: Path) -> None:
    file = written(tmp_path, [*LABELLED, ("5", "x", "no_such_category")])
    page.goto(f"{site.url}/evaluation")
    page.get_by_label("A labelled file on the server").fill(str(file))
    page.get_by_role("button", name="Evaluate").click()
    expect(page.locator(".pm-progress")).to_contain_text("labelled.jsonl:5: unknown category 'no_such_category'")
    assert str(tmp_path) not in page.locator(".pm-progress").inner_text()


def test_corrections_are_shown_against_what_was_decided(page: Page) -> None:
    page.fill("textarea", "draw the pelmet")
    page.press("textarea", "Enter")
    page.get_by_role("button", name="wrong?").click()
    page.get_by_label("The right category").select_option("general_chat")
    page.get_by_role("button", name="apply").click()
    expect(page.locator(".pm-wrong")).to_contain_text("From now on this is general chat.")
    page.get_by_role("link", name="Evaluation").click()
    corrected = page.get_by_role("region", name="What was corrected").first
    expect(corrected.get_by_title(re.compile("general chat decided as image generation"))).not_to_be_empty()
    trend = page.get_by_role("region", name="From day to day")
    expect(trend.get_by_role("img", name=re.compile("Decisions by tier: "))).to_be_visible()
    page.get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="undo").click()
    expect(page.get_by_role("button", name="wrong?")).to_be_visible()


def test_the_models_view_says_who_answers_and_what_it_cost(page: Page, site: Any) -> None:
    page.fill("textarea", "so it goes")
    page.press("textarea", "Enter")
    expect(page.locator(".pm-reply")).to_contain_text("Hello from the model")
    page.goto(f"{site.url}/models")
    answers = page.get_by_role("region", name="Who answers what").first
    expect(answers.get_by_role("row", name=re.compile("general chat"))).to_contain_text("tiny")
    expect(answers.get_by_role("row", name=re.compile("simple greeting"))).to_contain_text("a fixed reply")
    costs = page.get_by_role("region", name="What a message costs here").first
    row = costs.get_by_role("row", name=re.compile("general chat tiny"))
    expect(row).to_contain_text("7 in, 3 out")


def test_where_nothing_was_corrected_it_is_said_how_to() -> None:
    assert evaluationview.NO_CORRECTIONS in evaluationview.corrected(
        [Correction("c", "x", "a", "b", undone_at=1.0)], ["a"]
    )


DAY = Day("2026-03-02", 4, {"fast": 3, "fallback": 1}, {"general_chat": 4}, 1, 0.75, 2)


def test_the_rarest_are_shown_together() -> None:
    many = replace(DAY, categories={f"category_{n}": 10 - n for n in range(9)})
    options, _, heads, rows = trends.by_category([many])
    assert heads == ["day", *(f"category {n}" for n in range(5)), "others", "together"]
    assert rows == [["2026-03-02", "10", "9", "8", "7", "6", "14", "4"]]
    assert len(options["series"]) == 6


def test_a_day_without_decisions_has_no_confidence() -> None:
    options, said, _, rows = trends.sureness([DAY, Day("2026-03-03", 0, {}, {}, 0, None, 0)])
    assert [it["data"] for it in options["series"]] == [[75.0, None], [25.0, None], [2, 0]]
    assert rows[0][1:] == ["\u2013", "\u2013", "0"]
    assert "1 decisions" in said


def test_a_single_confusion_is_seen_and_names_are_escaped() -> None:
    html = matrix.matrix("x", ["<i>", "b"], {("<i>", "<i>"): 5000, ("<i>", "b"): 1})
    assert "<i>" not in html
    assert 'class="pm-wrong-cell" style="--share:12"' in html
    assert 'class="pm-right pm-strong" style="--share:100"' in html
