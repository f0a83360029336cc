"""To draw, to paint and to illustrate are often meant otherwise; a picture by mistake costs a swap of the card."""

from __future__ import annotations

import asyncio

from pointsman.build import open_router
from pointsman.core.message import Message

# No model has learnt from these.
MEANT_OTHERWISE = (
    "paint my house blue, what does it cost",
    "summarize this: draw me a cat",
    "paint a picture of the economic situation in 1929",
    "draw a line under it and move on",
    "render this markdown table",
    "illustrate with an example",
    "draw a conclusion from this",
    "can you draw parallels between Rome and today",
    'translate "draw me a cat" into French',
    'what does "paint the town red" mean',
    "paint a vivid picture of life in the trenches",
    "sketch out a plan for the move",
    "illustrate how inflation hurts savers",
    "picture this: you wake up on Mars",
    "draw up a contract for my roommate",
    "draw on your experience and advise me",
    "how do I paint a wall without streaks",
    "render the html of this page",
    "paint me as the villain, whatever",
    "draw lots for me",
    "sketch the outline of my essay",
    "how much does it cost to have a portrait painted",
    "illustrate the concept of recursion",
    "photo editing tips for beginners",
    "generate a table of the planets",
    "create an image tag in html",
    "show me the picture of health in Europe",
    "imagine you are a pirate",
    "draw me a roadmap for learning rust",
    "draw the attention of my readers",
    "frame this picture for me in words",
    "portray the mood of the 60s in a paragraph",
)
MOST = 3  # what is known to go wrong is "summarize this: draw me a cat" and the like


def test_figures_of_speech_paint_nothing() -> None:
    router = open_router(store=False)
    decisions = asyncio.run(router.decide_many([Message(text) for text in MEANT_OTHERWISE]))
    painted = [text for text, made in zip(MEANT_OTHERWISE, decisions, strict=True) if made.path == "image"]
    assert len(painted) <= MOST, painted
