"""A faithful fake of Ollama: its own routes, and a card whose memory its models really take and give back late."""

from __future__ import annotations

from pointsman.testing.ollama.mishaps import Mishap
from pointsman.testing.ollama.models import LIBRARY, OllamaFile
from pointsman.testing.ollama.patient_time import PatientTime
from pointsman.testing.ollama.residency import Residency
from pointsman.testing.ollama.runner import REAL, Limits, Pace, Runner
from pointsman.testing.ollama.server import FakeOllamaOnCard

__all__ = [
    "LIBRARY",
    "REAL",
    "FakeOllamaOnCard",
    "Limits",
    "Mishap",
    "OllamaFile",
    "Pace",
    "PatientTime",
    "Residency",
    "Runner",
]
