"""Faithful fakes of the services on the network, on loopback, that can fail in every way that real ones do."""

from __future__ import annotations

from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.cloudflare import FakeCloudflare
from pointsman.testing.clouds.deciding import Decide, by_words
from pointsman.testing.clouds.faults import KINDS, AnyTrouble, StreamTrouble, Trouble, Troubles
from pointsman.testing.clouds.groq import FakeGroq
from pointsman.testing.clouds.huggingface import FakeHuggingFace
from pointsman.testing.clouds.ollama import FakeOllama
from pointsman.testing.clouds.openai import FakeOpenAi
from pointsman.testing.clouds.server import FakeService, Refused

__all__ = [
    "KINDS",
    "Answer",
    "AnyTrouble",
    "Asked",
    "Decide",
    "FakeCloudflare",
    "FakeGroq",
    "FakeHuggingFace",
    "FakeOllama",
    "FakeOpenAi",
    "FakeService",
    "Refused",
    "StreamTrouble",
    "Trouble",
    "Troubles",
    "by_words",
]
