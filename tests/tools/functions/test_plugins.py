"""Tools of other packages: found without importing them, loaded when they are used, and blamed by name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path
from types import ModuleType

import pytest

from pointsman.core.errors import ConfigError
from pointsman.core.message import Message
from pointsman.core.tool import Occasion, Toolset
from pointsman.tools.functions import plugins
from pointsman.tools.functions.toolset import FunctionTool, FunctionTools

HERE = Occasion(Message("hello"))
SOURCE = """
from collections.abc import Callable
from pointsman.tools.functions.toolset import FunctionTools

def dice(sides: int = 6) -> int:
    "Rolls a die."
    return sides

def coin() -> str:
    "Flips a coin."
    return "heads"

both = [dice, coin]
ready = FunctionTools("ready", both)

def made() -> FunctionTools:
    return FunctionTools("made", [dice])

def several() -> "list[Callable[..., object]]":
    return [dice, coin]

class Own(FunctionTools):
    def __init__(self) -> None:
        super().__init__("own", [coin])

number = 5
nothing = ()
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, plugins.Plugin]]:
    """Installs a package `games` with such entry points."""
    (tmp_path / "site" / "games-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "games", raising=False)

    def install(source: str = SOURCE, **entries: str) -> dict[str, plugins.Plugin]:
        info = tmp_path / "site" / "games-1.0.dist-info"
        rows = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[pointsman.tools]\n{rows}", encoding="utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: games\nVersion: 1.0\n", encoding="utf-8")
        (tmp_path / "site" / "games.py").write_text(source, encoding="utf-8")
        return plugins.found()

    return install


Install = Callable[..., dict[str, plugins.Plugin]]


async def names(toolset: Toolset) -> list[str]:
    return [tool.spec.name for tool in await toolset.tools(HERE)]


async def test_they_are_found_without_being_imported(installed: Install) -> None:
    there = installed(dice="games:dice")
    assert (there["dice"].name, there["dice"].package) == ("dice", "games")
    assert "games" not in sys.modules
    toolset = there["dice"].load()
    assert toolset.name == "dice"
    (tool,) = await toolset.tools(HERE)
    assert (await tool.call({"sides": 3})).text == "3"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("luck", "games:both", ["dice", "coin"]),
        ("ready", "games:ready", ["dice", "coin"]),
        ("made", "games:made", ["dice"]),
        ("some", "games:several", ["dice", "coin"]),
        ("own", "games:Own", ["coin"]),
    ],
)
async def test_all_that_an_entry_point_may_be(
    installed: Install, name: str, value: str, expected: Sequence[str]
) -> None:
    toolset = installed(**{name: value})[name].load()
    assert toolset.name == name
    assert await names(toolset) == list(expected)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("games:number", "it offers int, and no tools"),
        ("games:nothing", "it offers nothing, and no tools"),
        ("games:absent", "AttributeError"),
        ("no_such_package:x", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("games:ready", "its toolset is called 'ready'"),
    ],
)
def test_a_broken_one_is_blamed_by_name_and_harms_no_other(installed: Install, value: str, problem: str) -> None:
    there = installed(broken=value, dice="games:dice")
    with pytest.raises(ConfigError) as caught:
        there["broken"].load()
    assert f"the plugin broken of the package games ({value}) cannot be used: " in caught.value.message
    assert problem in caught.value.message
    assert caught.value.cure
    assert there["dice"].load().name == "dice"


@pytest.mark.parametrize("source", ["raise SystemExit('goodbye')", "1/0", "def ("])
def test_one_that_breaks_when_it_is_imported(installed: Install, source: str) -> None:
    with pytest.raises(ConfigError, match="the plugin dice of the package games"):
        installed(source, dice="games:dice")["dice"].load()


def test_a_function_that_is_no_tool(installed: Install) -> None:
    with pytest.raises(ConfigError, match=r"package games .* \*words"):
        installed("def bad(*words: str) -> None: ...", bad="games:bad")["bad"].load()


def test_two_packages_with_one_name() -> None:
    def entry(package: str) -> EntryPoint:
        made = EntryPoint("dice", f"{package}:dice", plugins.GROUP)

        class Distribution(PathDistribution):
            name = package

        return made._for(Distribution(Path()))  # type: ignore[attr-defined,no-any-return]

    there = plugins.found([entry("games"), entry("casino"), entry("games")])
    with pytest.raises(ConfigError, match="games, casino"):
        there["dice"].load()


def test_what_makes_tools_and_what_is_one() -> None:
    def tool() -> list[str]:
        return []

    def maker() -> Toolset:
        raise NotImplementedError

    assert not plugins.makes_tools(tool)
    assert plugins.makes_tools(maker)
    assert not plugins.makes_tools(lambda: None)
    assert not plugins.is_toolset(FunctionTool(tool))
    assert plugins.is_toolset(FunctionTools("x", [tool]))
    assert not plugins.is_toolset(ModuleType("x"))
