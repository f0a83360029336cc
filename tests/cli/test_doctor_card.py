"""What the doctor says of workflows that make pictures of others."""

from __future__ import annotations

from pathlib import Path

from pointsman.cli.doctor_card import unfit
from pointsman.config.model import Config


def test_a_workflow_that_comfyui_lacks_something_for_is_named(tmp_path: Path) -> None:
    jobs = {name: {"workflow": str(tmp_path / f"{name}.json")} for name in ("edit", "vary", "upscale")}
    config = Config.model_validate({"images": {"comfyui": {"jobs": jobs}}})
    found = list(unfit(config, frozenset({"vary"})))
    assert [it.grade for it in found] == ["warning", "warning"]
    assert [it.found.rpartition(".")[2] for it in found] == ["edit", "upscale"]
    assert all(it.cure for it in found)
    assert not list(unfit(config, frozenset(jobs)))
