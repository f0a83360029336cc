"""A faithful fake of ComfyUI that shares a fake card, and the contract that it and a real one both keep."""

from __future__ import annotations

from pointsman.testing.comfyui.mishaps import Mishaps
from pointsman.testing.comfyui.server import FakeComfyUi
from pointsman.testing.comfyui.world import Pace

__all__ = ["FakeComfyUi", "Mishaps", "Pace"]
