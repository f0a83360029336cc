"""Runs evaluations in the background: one at a time, with pauses, ended when somebody wants that."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput, Unreachable
from pointsman.core.message import Message
from pointsman.dashboard import evaluating
from pointsman.dashboard.evaluating import Course, Evaluator
from pointsman.stores.evaluations import Evaluations, Run
from pointsman.stores.shelf import MemoryShelf

CATALOGUE = Catalogue([Category("general_chat", "", "llm"), Category("image_generation", "", "image")])
CAT = ("1", "draw a cat", "image_generation")
CURTAINS = ("3", "draw the curtains", "general_chat")


def written(folder: Path, *rows: tuple[str, str, str]) -> Path:
    file = folder / "labelled.jsonl"
    file.write_text("\n".join(json.dumps({"id": i, "text": text, "category": it}) for i, text, it in rows))
    return file


class Judge:
    """Decides by the first word, and can be held."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[str] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, message: Message) -> Decision:
        await self.go.wait()
        self.asked.append(message.text)
        if self.error:
            raise self.error
        category = "image_generation" if message.text.startswith("draw") else "general_chat"
        return Decision("d", category, "llm", 0.9, "words", (), latency_ms=1.0)


async def ran(evaluator: Evaluator) -> Course:
    assert evaluator._task is not None
    await asyncio.wait([evaluator._task])
    assert evaluator.course is not None
    return evaluator.course


async def test_the_result_is_kept_and_what_was_given_removed(tmp_path: Path) -> None:
    kept = Evaluations(MemoryShelf())
    file = written(tmp_path, CAT, CURTAINS)
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    evaluator = Evaluator(Judge(), lambda: CATALOGUE, kept, now=lambda: 5.0, clock=iter(range(9)).__next__, sleep=nap)
    evaluator.start(file, "mine.jsonl", remove=True)
    assert await ran(evaluator) == Course("mine.jsonl", 2, 2, running=False)
    latest = await kept.latest()
    assert latest is not None
    assert latest.run == Run(5.0, "mine.jsonl", 2, 0.5, 0.5, latest.result["overall"]["ece"])
    assert naps == [evaluating.MOST_PAUSE] * 2  # as long as the answer took, and no longer than that
    assert not file.exists()


async def test_one_at_a_time_and_it_can_be_ended(tmp_path: Path) -> None:
    judge, kept = Judge(), Evaluations(MemoryShelf())
    judge.go.clear()
    evaluator = Evaluator(judge, lambda: CATALOGUE, kept)
    evaluator.start(written(tmp_path, CAT), "one")
    with pytest.raises(InvalidInput, match="running already"):
        evaluator.start(tmp_path / "labelled.jsonl", "two")
    await asyncio.sleep(0)
    evaluator.cancel()
    course = await ran(evaluator)
    assert (course.problem, course.running) == ("cancelled", False)
    assert await kept.latest() is None
    await evaluator.close()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unreachable("nobody there", cure="start it"), "nobody there (start it)"),
        (KeyError("x"), "an unforeseen KeyError"),
    ],
)
async def test_what_goes_wrong_is_said(
    error: Exception, said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    evaluator = Evaluator(Judge(error), lambda: CATALOGUE, Evaluations(MemoryShelf()))
    evaluator.start(written(tmp_path, CAT), "mine")
    assert said in (await ran(evaluator)).problem
    caplog.clear()


async def test_a_file_that_is_too_large_or_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluator = Evaluator(Judge(), lambda: CATALOGUE, Evaluations(MemoryShelf()))
    evaluator.start(tmp_path / "gone.jsonl", "gone.jsonl")
    assert "gone.jsonl: cannot be read" in (await ran(evaluator)).problem
    evaluator.start(Path("/dev/zero"), "endless")
    assert "is not a file" in (await ran(evaluator)).problem
    monkeypatch.setattr(evaluating, "LARGEST", 3)
    evaluator.start(written(tmp_path, CAT), "large")
    assert "bytes" in (await ran(evaluator)).problem
