"""`--plot OUT.png`: whether a picture can be drawn and written is found out before the work, not after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., object])


def plot_option(shows: str) -> Callable[[Function], Function]:
    """Adds `--plot OUT.png`, given to the verb as `picture`, with a help text."""
    return click.option(
        "--plot",
        "picture",
        type=click.Path(dir_okay=False, writable=True, path_type=Path),
        metavar="OUT.png",
        help=shows,
    )


def be_ready_to_draw(picture: Path | None) -> None:
    """Raises MissingExtra, and InvalidInput when the file cannot be written."""
    from tempfile import TemporaryFile

    from pointsman.core.errors import InvalidInput
    from pointsman.observe import plots

    if picture is None:
        return
    plots.require()
    if picture.exists():  # click has seen that it can be written
        return
    try:
        with TemporaryFile(dir=picture.parent):  # what its folder's permissions say is not all there is to it
            pass
    except OSError as error:
        raise InvalidInput(
            f"{picture}: cannot be written: {error.strerror}",
            cure=f"give a file in a folder that is there and can be written to; {picture.parent} cannot",
        ) from error
