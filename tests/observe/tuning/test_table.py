"""The arrays say what the real cascade does, for any verdicts and any bars."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.message import Message
from pointsman.observe.tuning.heard import Heard, Rung, no_slots
from pointsman.observe.tuning.table import MARGINS, STEPS, Shape, tabulate
from pointsman.tiers.cascade import Bars, Cascade, Stage

CATEGORIES = {"draw": "image", "hello": "simple", "bye": "simple", "chat": "llm", "search": "llm+tools"}
CATALOGUE = Catalogue(Category(name, name, path) for name, path in CATEGORIES.items())  # type: ignore[arg-type]
names = st.sampled_from(sorted(CATEGORIES))
shares = st.one_of(st.sampled_from([0.0, 0.5, 0.9, 0.93, 1.0]), st.floats(0, 1))
answers = st.builds(
    lambda name, one, other, margin: Answer(name, min(one, other), margin, "r", path_confidence=max(one, other)),
    names,
    shares,
    shares,
    shares,
)
verdicts = st.one_of(answers, st.builds(Abstain, st.just("unsure"), st.one_of(st.none(), answers)))
bars = st.builds(
    Bars, st.sampled_from(STEPS), st.dictionaries(names, st.sampled_from(STEPS), max_size=3), st.sampled_from(MARGINS)
)
rungs = st.lists(st.builds(Rung, st.just("tier"), bars, votes=st.booleans()), min_size=1, max_size=4)


class Recorded:
    """A tier that says what it is told to, message by message."""

    def __init__(self, name: str, said: Sequence[Verdict]) -> None:
        self.name = name
        self._said = said

    def judge(self, message: Message) -> Verdict:
        return self._said[int(message.text)]


def replayed(stages: Sequence[Rung], said: Sequence[Sequence[Verdict]], catalogue: Catalogue = CATALOGUE) -> list[int]:
    """The place of the tier that decides each message in the real cascade; the number of tiers for the fallback."""
    tiers = [Recorded(str(row), [one[row] for one in said]) for row in range(len(stages))]
    made = [
        Stage(tier, rung.bars.accept, rung.bars.by_category, rung.bars.margin, votes=rung.votes)
        for tier, rung in zip(tiers, stages, strict=True)
    ]
    cascade = Cascade(made, catalogue, fallback=catalogue.names[-1], find_slots=no_slots)

    async def decide() -> list[str]:
        return [(await cascade.decide(Message(str(place)))).tier for place in range(len(said))]

    decided = asyncio.run(decide())
    return [len(stages) if tier == "fallback" else int(tier) for tier in decided]


def heard_of(said: Sequence[Sequence[Verdict]], wanted: str = "chat") -> list[Heard]:
    return [Heard(str(place), str(place), wanted, "", tuple(one), (1.0,) * len(one)) for place, one in enumerate(said)]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_same_tier_decides_as_in_the_cascade(data: st.DataObject) -> None:
    stages = data.draw(rungs)
    said = data.draw(st.lists(st.tuples(*[verdicts] * len(stages)), min_size=1, max_size=8))
    expected = replayed(stages, said)
    fixed = Shape([Rung("tier", rung.bars, votes=rung.votes, tunable=False) for rung in stages], CATALOGUE)
    in_use = fixed.setting_of([rung.bars for rung in stages])
    assert tabulate(heard_of(said), fixed).deciding(in_use).tolist() == expected


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_bars_that_are_looked_for_mean_the_same_in_the_cascade(data: st.DataObject) -> None:
    stages = data.draw(rungs)
    said = data.draw(st.lists(st.tuples(*[verdicts] * len(stages)), min_size=1, max_size=8))
    shape = Shape(stages, CATALOGUE)
    table = tabulate(heard_of(said), shape)
    setting = shape.setting_of([rung.bars for rung in stages])
    rows = st.integers(0, len(stages) - 1)
    for _ in range(4):  # any move that the search may make
        row = data.draw(rows)
        setting.accept[row, data.draw(st.integers(0, shape.groups - 1))] = data.draw(
            st.integers(0, len(shape.steps) - 1)
        )
        setting.margin[row] = data.draw(st.integers(0, len(shape.margins) - 1))
    moved = [Rung("tier", one, votes=rung.votes) for rung, one in zip(stages, shape.bars_of(setting), strict=True)]
    assert table.deciding(setting).tolist() == replayed(moved, said)
    again = shape.setting_of(shape.bars_of(setting))
    assert table.deciding(again).tolist() == table.deciding(setting).tolist()


def test_the_tally_is_the_one_worked_out_by_hand() -> None:
    sure, torn = Answer("chat", 0.95, 1.0, "r"), Answer("draw", 0.8, 1.0, "r")
    shape = Shape([Rung("one", Bars(0.9)), Rung("two", Bars(0.7))], CATALOGUE)
    said: list[tuple[Verdict, ...]] = [(sure, sure), (torn, torn), (torn, sure), (Abstain("no"), Abstain("no"))]
    heard = [
        Heard(str(place), str(place), wanted, "", one, (1.0, 10.0))
        for place, (one, wanted) in enumerate(zip(said, ["chat", "chat", "draw", "draw"], strict=True))
    ]
    tally = tabulate(heard, shape).tally(shape.setting_of([rung.bars for rung in shape.rungs]))
    assert (tally.n, tally.answered, tally.wrong, tally.pictures, tally.others) == (4, 3, 2, 1, 2)
    assert tally.total_ms == 1 + 11 + 11 + 11
    assert (tally.coverage, tally.error, tally.picture_error) == (3 / 4, 2 / 3, 1 / 2)


def test_where_all_take_one_path_the_wrong_category_is_the_mistake() -> None:
    alike = Catalogue([Category("rain", "r", "llm"), Category("snow", "s", "llm")])
    shape = Shape([Rung("one", Bars(0.5))], alike)
    said = Answer("rain", 0.9, 1.0, "r")
    heard = [Heard("1", "1", "snow", "", (said,), (1.0,)), Heard("2", "2", "rain", "", (said,), (1.0,))]
    assert tabulate(heard, shape).wrong.tolist() == [[True, False]]


def test_a_category_with_a_bar_of_its_own_keeps_one() -> None:
    shape = Shape([Rung("one", Bars(0.5, {"search": 0.8, "gone": 0.9}))], CATALOGUE)
    setting = shape.setting_of([shape.rungs[0].bars])
    setting.accept[0, 0] = shape.steps.index(0.6)
    (found,) = shape.bars_of(setting)
    assert found.accept == 0.6
    assert found.by_category == {"search": 0.8, "draw": 0.5, "hello": 0.5, "bye": 0.5, "gone": 0.9}
    assert np.all(np.diff(shape.steps) > 0)
