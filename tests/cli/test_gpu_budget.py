"""`pointsman gpu budget`: the amounts that the report rests on, and how it reads."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from pointsman.build import gpu as wiring
from pointsman.cli.gpu import gpu
from pointsman.cli.gpu_budget import figures_of, show, with_given
from pointsman.cli.gpu_looking import Looked
from pointsman.config.gpu import Gpu
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow
from pointsman.observe.vram_budget import CHAT, DESKTOP, GAME, PICTURE, Figures

GB = 10**9
CARD = CardNow("gpu0", "Fake 4090", 24 * GB, GB // 2, GB, 2 * GB, 0, GB, "nvml", 0.3, "Xorg 1.0 GB")


def tenant(name: str, **said: Any) -> TenantNow:
    given = {"booked": 0, "reported": None, "measured": None, "spilled": 0, "variant": ""} | said
    return TenantNow(name, "resident", "gpu0", users=0, pinned=False, idle_seconds=0.0, **given)


def figures(*tenants: TenantNow, cards: tuple[CardNow, ...] = (CARD,), **settings: Any) -> Figures:
    return figures_of(Looked(Snapshot(cards, tenants, ()), "gateway"), Gpu(**settings))


def run(*words: str) -> Result:
    return CliRunner(env={"POINTSMAN_PORT": "0"}).invoke(gpu, ("budget", *words))


@pytest.fixture
def _no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        source = "none"

        async def sample(self) -> tuple[()]:
            return ()

        async def close(self) -> None:
            pass

    monkeypatch.setattr(wiring, "open_probe", lambda _: Nothing())
    monkeypatch.setattr(wiring, "open_backends", lambda _: ())


def test_nothing_seen_is_all_assumed() -> None:
    assert figures(cards=()) == Figures()


def test_a_card_is_read_and_what_others_hold_is_the_desktop() -> None:
    found = figures(margin=3 * GB)
    assert (found.card.bytes, found.card.basis, found.card.source) == (24 * GB, "measured", "read by nvml")
    assert (found.desktop.bytes, found.desktop.source) == (GB, "what others hold now: Xorg 1.0 GB")
    assert (found.reserved, found.kept_free, found.game) == (GB // 2, 3 * GB, GAME)
    assert found.title == "Fake 4090 (gpu0)"


def test_without_a_gateway_nobody_knows_who_the_others_are() -> None:
    found = figures_of(Looked(Snapshot((CARD,), (), ()), "here"), Gpu())
    assert found.desktop.source == "what others hold now"


def test_what_is_as_much_as_a_game_is_one() -> None:
    busy = CardNow("gpu0", "", 24 * GB, 0, GB, 10 * GB, 0, 9 * GB, "nvml", 0.3, "game.exe 9.0 GB")
    found = figures(cards=(busy,))
    assert (found.game.basis, found.game.bytes, found.desktop) == ("measured", 9 * GB - DESKTOP.bytes, DESKTOP)


def test_a_budget_has_no_desktop_on_it() -> None:
    found = figures(cards=(CardNow("gpu0", "", 20 * GB, 0, GB, 0, 0, 0, "static", 0.0, ""),))
    assert (found.card.basis, found.desktop.bytes) == ("given", 0)


def test_of_several_cards_the_largest_counts() -> None:
    second = CardNow("gpu1", "Large", 48 * GB, 0, GB, 0, 0, 0, "nvml", 0.3, "")
    assert figures(cards=(CARD, second)).title == "Large (gpu1)"


def test_measured_goes_before_reported_and_that_before_booked() -> None:
    found = figures(
        tenant("ollama:big", booked=12 * GB, reported=9 * GB, spilled=2 * GB, variant="ctx=8192"),
        tenant("ollama:small", booked=2 * GB, reported=2 * GB, measured=3 * GB),
        tenant("comfyui:z", booked=7 * GB),
        tenant("ollama:cold"),
    )
    assert (found.chat.bytes, found.chat.basis, found.chat.source) == (11 * GB, "reported", "ollama:big ctx=8192")
    assert (found.picture.bytes, found.picture.basis, found.picture.source) == (7 * GB, "booked", "comfyui:z")
    measured = figures(tenant("comfyui:z", booked=7 * GB, measured=6 * GB, reported=5 * GB))
    assert (measured.picture.bytes, measured.picture.basis, measured.chat) == (6 * GB, "measured", CHAT)


def test_what_is_given_counts_more_than_what_is_read() -> None:
    found = with_given(figures(tenant("ollama:x", measured=9 * GB)), {"chat": GB, "card": 48 * GB, "game": None})
    assert (found.chat.bytes, found.chat.basis, found.chat.source) == (GB, "given", "--chat")
    assert (found.card.bytes, found.reserved, found.kept_free, found.title) == (48 * GB, 0, int(1.92 * GB), "")
    assert found.picture == PICTURE


@pytest.mark.usefixtures("_no_card")
def test_the_report_as_data_has_each_scenario_both_ways() -> None:
    said = json.loads(run("--json", "--card", "24GB", "--chat", "14.5GB", "--picture", "7GB").stdout)
    found = {it["scenario"]: it for it in said["scenarios"]}
    assert list(found) == [
        "a greeting",
        "a picture",
        "a chat",
        "a chat, then a picture",
        "a picture while chatting",
        "both, while a game runs",
    ]
    assert found["a picture"]["without"]["bytes"] == int(21.5 * GB)
    assert found["a picture"]["with"]["bytes"] == 7 * GB
    assert all(it["source"] for it in said["figures"])
    assert said["verdict"]


@pytest.mark.usefixtures("_no_card")
def test_the_report_for_people_says_what_it_reckons_with() -> None:
    done = run()
    assert done.exit_code == 0
    assert done.stdout.startswith("VRAM budget  an assumed card, 25.8 GB: models may hold 23.9 GB\n")
    for said in ("a greeting", "21.9 !", "assumed", "side by side", "nobody makes room", "pointsman serve"):
        assert said in done.stdout


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_terminal(width: int) -> None:
    out = io.StringIO()
    show(Figures(), Console(file=out, width=width, highlight=False))
    assert max(len(line.rstrip()) for line in out.getvalue().splitlines()) <= width
    assert "a picture while" in out.getvalue()


@pytest.mark.usefixtures("_no_card")
@pytest.mark.parametrize("wrong", ["lots", "0", "-1GB"])
def test_a_size_that_is_none_is_refused(wrong: str) -> None:
    assert run(f"--chat={wrong}").exit_code == 2
