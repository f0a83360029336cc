"""What is said when a picture is wanted and nothing can draw it."""

from __future__ import annotations

from pointsman.core.plan import Draw


def no_painter(draw: Draw) -> str:
    """What to say when a picture is wanted and no picture server is set up."""
    size = f", {draw.width}x{draw.height}" if draw.width and draw.height else ""
    count = f", {draw.count} pictures" if draw.count > 1 else ""
    seed = f", seed {draw.seed}" if draw.seed is not None else ""
    style = f"\n  style: {draw.style}" if draw.style else ""
    negative = f"\n  without: {draw.negative}" if draw.negative else ""
    return (
        "No picture server is connected, so nothing was drawn. Pictures come from ComfyUI: start it, and say it"
        " again; or set images.comfyui.url to where it listens.\n"
        f"This is what would be sent{size}{count}{seed}:\n  prompt: {draw.prompt}{style}{negative}"
    )
