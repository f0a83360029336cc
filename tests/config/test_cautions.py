"""Lists of tiers that are valid and decide less than one may expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config.cautions import cautions, half_a_key, unasked, uncorrected, unguessed
from pointsman.config.load import Loaded, load


def written(folder: Path, text: str) -> Loaded:
    (folder / "p.yaml").write_text(text)
    return load(Path("p.yaml"), environ={}, start=folder)


@pytest.mark.parametrize(
    ("tiers", "but"),
    [
        ("[]", ""),
        ("[{kind: tasks}]", ""),
        ("[{kind: judge}]", ""),
        ("[{kind: judge, enabled: true}]", ""),
        ("[{kind: fast, enabled: false}]", ""),
        ("[{kind: tasks}, {kind: corrections}]", ", except what is corrected"),
        ("[{kind: corrections}, {kind: followups}]", ", except what is corrected and what follows up on something"),
    ],
)
def test_tiers_that_decide_nothing_leave_everything_to_the_fallback(tmp_path: Path, tiers: str, but: str) -> None:
    found = unguessed(written(tmp_path, f"fallback: web_search\ntiers: {tiers}\n"))
    assert found is not None
    assert found.problem == (
        f"p.yaml:2: tiers: no tier finds out what a message wants: all go to the fallback, web_search{but}"
    )
    assert "take `tiers` out of the file" in found.cure
    assert ("decides: true" in found.cure) == ("judge, enabled" in tiers)


@pytest.mark.parametrize(
    ("tiers", "why", "cure"),
    [
        ("[{kind: tasks}, {kind: fast}]", "is missing", "put `- kind: corrections` first"),
        (
            "[{kind: corrections, enabled: false}, {kind: fast}]",
            "is switched off",
            "take its `enabled: false` out",
        ),
        (
            "[{kind: tasks}, {kind: patterns}, {kind: judge, enabled: true}, {kind: corrections}, {kind: fast}]",
            "stands behind patterns, judge",
            "put `- kind: corrections` before `- kind: patterns`",
        ),
        (
            "[{kind: followups}, {kind: corrections}, {kind: fast}]",
            "stands behind followups",
            "put `- kind: corrections` before `- kind: followups`",
        ),
    ],
)
def test_corrections_that_are_not_asked_first_are_said_not_to_count(
    tmp_path: Path, tiers: str, why: str, cure: str
) -> None:
    found = uncorrected(written(tmp_path, f"tiers: {tiers}\n"))
    assert found is not None
    assert found.problem.startswith(f"p.yaml:1: tiers: `corrections` {why}, so ")
    assert found.cure == cure


@pytest.mark.parametrize(
    "text",
    [
        "version: 1",
        "tiers: [{kind: corrections}, {kind: fast}]",
        "tiers: [{kind: tasks}, {kind: corrections}, {kind: classifier}]",
        "tiers: [{kind: fast, enabled: false}, {kind: corrections}, {kind: judge, enabled: true, decides: true}]",
    ],
)
def test_a_list_that_decides_and_is_corrected_is_quiet(tmp_path: Path, text: str) -> None:
    assert cautions(written(tmp_path, text)) == []


def test_both_are_said(tmp_path: Path) -> None:
    assert len(cautions(written(tmp_path, "tiers: []"))) == 2


def test_a_key_that_no_tier_uses_is_said(tmp_path: Path) -> None:
    key = "cloud: {groq: {key: gsk_x}}\n"
    found = unasked(written(tmp_path, key + "tiers: [{kind: fast}, {kind: cloud, enabled: false}]\n"))
    assert found is not None
    assert found.problem.startswith("p.yaml:2: tiers: `cloud` is not among the tiers that are on, so groq will not")
    assert unasked(written(tmp_path, key)) is None
    assert unasked(written(tmp_path, "tiers: [{kind: fast}]\n")) is None


@pytest.mark.parametrize(
    ("said", "missing"),
    [("token: x", "CLOUDFLARE_API_TOKEN"), (f"account: '{'0' * 32}'", "CLOUDFLARE_ACCOUNT_ID")],
)
def test_half_of_what_cloudflare_needs_is_said(tmp_path: Path, said: str, missing: str) -> None:
    found = half_a_key(written(tmp_path, f"cloud: {{cloudflare: {{{said}}}}}\n"))
    assert found is not None
    assert found.problem.startswith("p.yaml:1: cloud.cloudflare: has no ")
    assert missing not in found.cure
    assert "CLOUDFLARE" in found.cure


def test_all_or_nothing_of_what_cloudflare_needs_is_fine(tmp_path: Path) -> None:
    both = f"cloud: {{cloudflare: {{account: '{'0' * 32}', token: x}}}}\n"
    assert half_a_key(written(tmp_path, both)) is None
    assert half_a_key(written(tmp_path, "version: 1\n")) is None
