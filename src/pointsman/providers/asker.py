"""Marks what this process asks of Ollamas, so that a gateway whose Ollama is set to its own address knows itself."""

from __future__ import annotations

import secrets
from typing import Final

HEADER: Final = "x-pointsman-asker"
PROCESS: Final = secrets.token_hex(8)
MARK: Final = {HEADER: PROCESS}
