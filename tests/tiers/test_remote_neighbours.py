"""Neighbours by a service's vectors: embedded once, in the background, whatever fails; then a vote as of local ones."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as File

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pointsman.core.category import Catalogue, Category, Path, Utterance
from pointsman.core.deadline import seconds_left, within
from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.core.errors import PointsmanError, StoreError
from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.core.message import Message
from pointsman.stores.vectors import VectorLibrary
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.asking import is_remote
from pointsman.tiers.encoder import Vector
from pointsman.tiers.exemplars import BATCH_SECONDS, FIRST_PAUSE, LONGEST_PAUSE, OWN_REST, Exemplars, spread
from pointsman.tiers.remote_neighbours import Index, RemoteNeighbours, fitted, left_out

CAT = Message("draw a cat")


class Embedding:
    """A service: `script` says what happens to one call after the other, None that it answers; the last for ever."""

    def __init__(self, *script: Exception | None, dimensions: int = 64, fingerprint: str = "fake/bag/own/64") -> None:
        self.fingerprint = fingerprint
        self.calls: list[list[str]] = []
        self.left: list[float] = []
        self.encoder = BagEncoder(dimensions)
        self.hold: asyncio.Event | None = None
        self._script = script or (None,)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        self.left.append(seconds_left())
        if self.hold:
            await self.hold.wait()
        happens = self._script[min(len(self.calls), len(self._script)) - 1]
        if happens is not None:
            raise happens
        return np.stack([self.encoder.encode(text) for text in texts])


class Shelf:
    """A library in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Vector]] = {}
        self.saved: list[int] = []

    def load(self, fingerprint: str) -> dict[str, Vector]:
        return dict(self.kept.get(fingerprint, {}))

    def save(self, fingerprint: str, vectors: Mapping[str, Vector]) -> dict[str, Vector]:
        self.kept[fingerprint] = self.load(fingerprint) | dict(vectors)
        self.saved.append(len(vectors))
        return self.load(fingerprint)


class Pauses:
    """A sleep that takes no time, and remembers how long it should have been; after `most`, it sleeps for ever."""

    def __init__(self, most: int = 100) -> None:
        self.seconds: list[float] = []
        self._most = most

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) > self._most:
            await asyncio.Event().wait()


async def settled(tier: RemoteNeighbours, message: Message = CAT) -> Verdict:
    """What it says when nothing goes on in the background any more."""
    await tier.judge(message)
    if tier._task is not None:
        await tier._task
    return await tier.judge(message)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what it waits for is told to nobody
            await asyncio.sleep(0)


def failed(kind: FaultKind, wait: float | None = None) -> ServiceFailed:
    return ServiceFailed(kind, "no luck", service="fake", wait=wait)


def many(count: int) -> Catalogue:
    """A catalogue of two categories with so many utterances in all."""
    paths: dict[str, Path] = {"image": "image", "chat": "llm"}
    return Catalogue(
        Category(name, name, path, utterances=tuple(Utterance(f"{name} {it}", name, "en") for it in range(count // 2)))
        for name, path in paths.items()
    )


async def test_it_embeds_the_utterances_once_and_then_votes_as_the_local_tier(catalogue: Catalogue) -> None:
    embedding, shelf = Embedding(), Shelf()
    tier = RemoteNeighbours(embedding, shelf, catalogue, k=3)
    assert await tier.judge(CAT) == Abstain("embeddings: utterances are being embedded: 0 of 5")
    said = await settled(tier)
    assert isinstance(said, Answer)
    assert said.category == "image"
    assert said.evidence[0].text == "draw a cat"
    assert said.reason.startswith("embeddings: 2 of the 3 nearest agree, the nearest at 1.00")
    assert 0 < said.confidence < 1
    assert [len(call) for call in embedding.calls] == [5, 1]
    assert embedding.calls[1] == ["draw a cat"]
    await tier.close()
    again = RemoteNeighbours(embedding, shelf, catalogue, k=3)
    assert await settled(again) == said
    assert [len(call) for call in embedding.calls] == [5, 1, 1]
    await again.close()


async def test_it_says_that_it_asks_somebody_else(catalogue: Catalogue) -> None:
    assert is_remote(RemoteNeighbours(Embedding(), Shelf(), catalogue))


async def test_it_abstains_without_asking_where_there_is_nothing_to_compare(catalogue: Catalogue) -> None:
    embedding = Embedding()
    tier = RemoteNeighbours(embedding, Shelf(), catalogue)
    assert await tier.judge(Message("?!")) == Abstain("there are no words in it")
    nothing = RemoteNeighbours(embedding, Shelf(), Catalogue([Category("chat", "talk", "llm")]))
    assert await nothing.judge(CAT) == Abstain("embeddings: no utterances to compare with")
    assert embedding.calls == []
    await tier.close()


async def test_it_can_be_waited_for_until_it_is_ready(catalogue: Catalogue) -> None:
    embedding = Embedding(failed("rate_limited", wait=60.0), None)
    tier = RemoteNeighbours(embedding, Shelf(), catalogue, sleep=Pauses())
    assert await tier.ready() == ""
    assert isinstance(await tier.judge(CAT), Answer)
    assert await tier.ready() == ""
    assert [len(call) for call in embedding.calls] == [5, 5, 1]
    await tier.close()


async def test_a_long_rest_is_not_waited_out_and_what_keeps_it_is_told() -> None:
    pauses = Pauses(most=0)
    tier = RemoteNeighbours(Embedding(None, failed("quota_exhausted", wait=9_000.0)), Shelf(), many(200), sleep=pauses)
    kept = "utterances are being embedded: 96 of 200, waiting after fake: no luck"
    async with asyncio.timeout(5):
        assert await tier.ready() == await tier.ready() == kept
    assert pauses.seconds == [9_000.0]
    assert await tier.judge(CAT) == Abstain(f"embeddings: {kept}")
    await tier.close()


async def test_what_never_will_be_ready_says_why(catalogue: Catalogue) -> None:
    refused = RemoteNeighbours(Embedding(failed("auth")), Shelf(), catalogue)
    assert await refused.ready() == "utterances are being embedded: 0 of 5, waiting after fake: no luck"
    too_large = RemoteNeighbours(Embedding(failed("too_large")), Shelf(), many(2))
    nothing = RemoteNeighbours(Embedding(), Shelf(), Catalogue([Category("chat", "talk", "llm")]))
    assert await too_large.ready() == await nothing.ready() == "no utterances to compare with"
    for tier in (refused, too_large, nothing):
        await tier.close()


async def test_while_the_vote_is_fitted_it_says_so(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    holding, fitting = threading.Event(), Index.of

    def slowly(exemplars: Exemplars, catalogue: Catalogue, k: int) -> Index:
        holding.wait(5)
        return fitting(exemplars, catalogue, k)

    monkeypatch.setattr(Index, "of", slowly)
    tier = RemoteNeighbours(Embedding(), Shelf(), catalogue)
    await tier.judge(CAT)
    await until(lambda: tier._exemplars.known == 5)
    said = await tier.judge(CAT)
    holding.set()
    assert said == Abstain("embeddings: all 5 utterances are embedded, and what their vote is worth is being fitted")
    await tier.close()


async def test_batches_are_saved_one_by_one_and_say_how_far_they_are() -> None:
    embedding, shelf = Embedding(), Shelf()
    embedding.hold = asyncio.Event()
    tier = RemoteNeighbours(embedding, shelf, many(250), most=200)
    await tier.judge(CAT)
    await until(lambda: len(embedding.calls) == 1)
    embedding.hold.set()
    embedding.hold = None
    assert isinstance(await settled(tier), Answer)
    assert [len(call) for call in embedding.calls] == [96, 96, 8, 1]
    assert shelf.saved == [96, 192, 200]
    await tier.close()


async def test_closing_stops_the_background_and_what_is_there_is_kept() -> None:
    embedding, shelf, pauses = Embedding(None, failed("server", wait=9.0)), Shelf(), Pauses(most=0)
    tier = RemoteNeighbours(embedding, shelf, many(200), sleep=pauses)
    await tier.judge(CAT)
    await until(lambda: bool(pauses.seconds))
    assert await tier.judge(CAT) == Abstain(
        "embeddings: utterances are being embedded: 96 of 200, waiting after fake: no luck"
    )
    await tier.close()
    assert len(asyncio.all_tasks()) == 1
    await tier.judge(CAT)  # a message that was under way starts nothing anew
    assert len(asyncio.all_tasks()) == 1
    assert len(shelf.load(embedding.fingerprint)) == 96
    other = Embedding()
    again = RemoteNeighbours(other, shelf, many(200))
    assert isinstance(await settled(again), Answer)
    assert [len(call) for call in other.calls] == [96, 8, 1]
    await again.close()
    await RemoteNeighbours(other, shelf, many(2)).close()  # nothing was begun


async def test_after_a_failure_it_waits_and_goes_on(catalogue: Catalogue) -> None:
    pauses = Pauses()
    trouble = (failed("rate_limited", wait=7.0), failed("malformed"), StoreError("the ledger is locked"))
    tier = RemoteNeighbours(Embedding(*trouble, None), Shelf(), catalogue, sleep=pauses)
    assert isinstance(await settled(tier), Answer)
    assert pauses.seconds == [7.0, 30.0, OWN_REST]
    await tier.close()


async def test_what_fails_again_and_again_is_asked_less_and_less() -> None:
    pauses = Pauses()
    failures = [failed("server", wait=0.0) for _ in range(14)]
    tier = RemoteNeighbours(Embedding(*failures, None), Shelf(), many(200), sleep=pauses)
    assert isinstance(await settled(tier), Answer)
    assert pauses.seconds[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses.seconds[-2:] == [LONGEST_PAUSE, LONGEST_PAUSE]
    await tier.close()


@pytest.mark.parametrize("kind", ["auth", "bad_request"])
async def test_what_only_somebody_can_mend_is_tried_again_in_an_hour(catalogue: Catalogue, kind: FaultKind) -> None:
    fault = ServiceFailed(kind, "no luck", service="fake", scope="service")
    embedding, pauses = Embedding(fault, fault, None), Pauses()
    tier = RemoteNeighbours(embedding, Shelf(), catalogue, sleep=pauses)
    assert isinstance(await settled(tier), Answer)
    assert (len(embedding.calls), pauses.seconds) == (4, [LONGEST_PAUSE, LONGEST_PAUSE])
    await tier.close()


class Picky(Embedding):
    """A service that refuses every batch with one of these texts in it; `all` of them while it is set."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.texts = set(texts)
        self.all = False

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.all or not self.texts.isdisjoint(texts):
            self.calls.append(list(texts))
            raise failed("bad_request")
        return await super().embed(texts)


async def test_one_text_that_is_refused_is_left_out_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    embedding = Picky("chat 7", "image 31")
    tier = RemoteNeighbours(embedding, Shelf(), many(200), sleep=Pauses(most=0))
    async with asyncio.timeout(5):
        assert isinstance(await settled(tier), Answer)
    assert len(tier._exemplars) == tier._exemplars.known == 198
    assert len(embedding.calls) < 25
    assert sorted(record.message.split(" cannot")[0] for record in caplog.records) == [
        "an utterance of chat",
        "an utterance of image",
    ]
    assert "chat 7" not in caplog.text
    await tier.close()


async def test_where_every_text_is_refused_none_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    embedding = Picky()
    embedding.all = True
    seconds: list[float] = []

    async def sleep(pause: float) -> None:
        seconds.append(pause)
        embedding.all = len(seconds) < 3

    tier = RemoteNeighbours(embedding, Shelf(), many(200), sleep=sleep)
    assert isinstance(await settled(tier), Answer)
    assert (tier._exemplars.known, seconds) == (200, [LONGEST_PAUSE] * 3)
    assert len(embedding.calls) < 80
    assert len(caplog.records) == 3
    await tier.close()


async def test_a_batch_that_is_too_large_is_halved_and_a_text_that_is_is_left_out(catalogue: Catalogue) -> None:
    embedding = Embedding(failed("too_large"), failed("too_large"), failed("too_large"), None)
    tier = RemoteNeighbours(embedding, Shelf(), catalogue, k=3)
    assert isinstance(await settled(tier), Answer)
    assert [len(call) for call in embedding.calls] == [5, 2, 1, 4, 1]
    await tier.close()
    hopeless = RemoteNeighbours(Embedding(failed("too_large")), Shelf(), many(2))
    assert await settled(hopeless) == Abstain("embeddings: no utterances to compare with")
    await hopeless.close()


async def test_a_bug_is_logged_by_its_place_and_ends_it(catalogue: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    tier = RemoteNeighbours(Embedding(ValueError("draw a cat")), Shelf(), catalogue)
    said = await settled(tier)
    assert said == Abstain("embeddings: utterances cannot be embedded, 0 of 5 are: an unforeseen ValueError")
    assert "raise happens" in caplog.text
    assert "draw a cat" not in caplog.text
    await tier.close()


async def test_a_query_that_fails_is_the_callers_to_judge(catalogue: Catalogue) -> None:
    tier = RemoteNeighbours(Embedding(None, failed("server")), Shelf(), catalogue)
    with pytest.raises(PointsmanError, match="no luck"):
        await settled(tier)
    await tier.close()


async def test_the_background_has_a_deadline_of_its_own(catalogue: Catalogue) -> None:
    embedding = Embedding()
    tier = RemoteNeighbours(embedding, Shelf(), catalogue)
    with within(0.5):
        await settled(tier)
    assert 0.5 < embedding.left[0] <= BATCH_SECONDS
    assert embedding.left[1] <= 0.5
    await tier.close()


async def test_a_long_message_is_sent_as_its_ends(catalogue: Catalogue) -> None:
    embedding = Embedding()
    tier = RemoteNeighbours(embedding, Shelf(), catalogue)
    await settled(tier, Message(f"draw {'a' * 9000} cat"))
    (sent,) = embedding.calls[-1]
    assert len(sent) < 2010
    assert (sent[:5], sent[-4:]) == ("draw ", " cat")
    await tier.close()


async def test_vectors_of_two_models_never_meet(catalogue: Catalogue) -> None:
    shelf = Shelf()
    for name in ("one", "two"):
        embedding = Embedding(fingerprint=name)
        tier = RemoteNeighbours(embedding, shelf, catalogue)
        await settled(tier)
        assert len(embedding.calls[0]) == 5
        await tier.close()


async def test_a_model_that_changed_under_its_name_has_all_vectors_made_again(
    catalogue: Catalogue, tmp_path: File
) -> None:
    library = VectorLibrary(tmp_path)
    embedding = Embedding()
    tier = RemoteNeighbours(embedding, library, catalogue, k=3)
    assert isinstance(await settled(tier), Answer)
    embedding.encoder = BagEncoder(32)
    assert list(await asyncio.gather(tier.judge(CAT), tier.judge(CAT))) == [
        Abstain("embeddings: utterances are being embedded: 0 of 5"),
        Abstain("embeddings: utterances are being embedded: 0 of 5"),
    ]
    assert isinstance(await settled(tier), Answer)
    assert {vector.shape for vector in library.load(embedding.fingerprint).values()} == {(32,)}
    await tier.close()
    grown = Catalogue(
        [*catalogue, Category("new", "new", "llm", utterances=(Utterance("something new", "new", "en"),))]
    )
    embedding.encoder = BagEncoder(16)  # found out in the middle of the filling
    tier = RemoteNeighbours(embedding, library, grown, k=3)
    assert isinstance(await settled(tier), Answer)
    assert {vector.shape for vector in library.load(embedding.fingerprint).values()} == {(16,)}
    assert [len(call) for call in embedding.calls[-3:]] == [1, 5, 1]
    await tier.close()


async def test_a_changed_catalogue_embeds_what_is_new(catalogue: Catalogue, tmp_path: File) -> None:
    first = RemoteNeighbours(Embedding(), VectorLibrary(tmp_path), catalogue)
    await settled(first)
    await first.close()
    category = Category("new", "new", "llm", utterances=(Utterance("something new", "new", "en"),))
    embedding = Embedding()
    second = RemoteNeighbours(embedding, VectorLibrary(tmp_path), Catalogue([*catalogue, category]))
    await settled(second)
    assert embedding.calls[0] == ["something new"]
    await second.close()


def test_exemplars_are_spread_evenly_and_stay_when_others_come() -> None:
    def of(category: str, language: str, count: int) -> list[Utterance]:
        return [Utterance(f"{category} {language} {number}", category, language) for number in range(count)]

    utterances = [*of("a", "en", 100), *of("a", "de", 3), *of("b", "en", 20), Utterance("?!", "b", "en")]
    chosen = spread(utterances, 23)
    counts = {key: sum((it.category, it.language) == key for it in chosen) for key in (("a", "en"), ("a", "de"))}
    assert counts == {("a", "en"): 10, ("a", "de"): 3}
    assert len(chosen) == len(set(chosen)) == 23
    assert len(set(spread([*utterances, *of("a", "en", 105)[100:]], 23)) - set(chosen)) <= 5
    assert len(spread(utterances + utterances, 1000)) == 123


def test_a_vote_of_the_others_is_what_the_local_tier_would_count() -> None:
    vectors = np.array([[1, 0], [1, 0], [0.8, 0.6], [0, 1]], np.float32)
    closest, share, right = left_out(vectors, np.array([0, 0, 1, 1]), 2, k=2)
    assert closest == pytest.approx([1.0, 1.0, 0.8, 0.6], abs=1e-6)
    behind = 0.5 ** ((1.0 - 0.8) / 0.05)
    assert share[0] == pytest.approx(1 / (1 + behind))
    assert right.tolist() == [True, True, False, True]
    alone = left_out(vectors[:1], np.array([0]), 1, k=7)
    assert [len(part) for part in alone] == [0, 0, 0]
    assert fitted(*alone).confidence(0.9, 1.0) == 0.5


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1), st.booleans()), max_size=30))
def test_the_fit_is_the_best_there_is(cases: list[tuple[float, float, bool]]) -> None:
    closest, share = np.array([it[0] for it in cases]), np.array([it[1] for it in cases])
    right = np.array([it[2] for it in cases], np.bool_)
    found = fitted(closest, share, right)
    best = np.array([found.bias, found.nearest, found.share])

    def loss(weights: NDArray[np.float64]) -> float:
        logits = weights[0] + weights[1] * closest + weights[2] * share
        return float(np.logaddexp(0, np.where(right, -logits, logits)).sum() + weights @ weights / 2)

    assert all(math.isfinite(weight) for weight in best)
    for nudge in (*np.eye(3), *-np.eye(3)):
        assert loss(best) <= loss(best + nudge * 1e-3) + 1e-9
