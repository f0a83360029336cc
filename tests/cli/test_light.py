"""Help is light: nothing heavy is imported before a verb needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "numpy", "onnxruntime", "tokenizers", "re2", "torch", "ray", "discord", "nicegui", "mcp", "fastapi", "pydantic",
    "aiohttp", "rich", "ruamel", "xllamacpp", "sqlite3", "asyncio", "matplotlib",
}  # fmt: skip


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import pointsman",
        "from pointsman.cli.main import pointsman\ntry: pointsman.main(['--help'])\nexcept SystemExit: pass",
        "from pointsman.cli.main import pointsman\ntry: pointsman.main(['route', '--help'])\nexcept SystemExit: pass",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    assert not modules_after(code) & HEAVY


def test_the_chat_model_is_not_imported_to_decide() -> None:
    code = """
import asyncio
from pointsman import Message, open_router
async def main():
    async with open_router(store=False) as router:
        await router.decide(Message("draw me a cat"))
asyncio.run(main())
"""
    assert not modules_after(code) & {"xllamacpp", "torch", "nicegui", "fastapi", "sklearn"}
