"""The text of a page by trafilatura in a process of its own: what it finds, and what is done about hostile pages."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from pointsman.tools.web import article
from pointsman.tools.web.article import Articles

PAGE = (
    "<html><head><title>t</title></head><body><nav><a href=/>Home</a><a href=/about>About us</a></nav><article>"
    "<h1>Tomatoes</h1><p>Tomatoes need water every morning, and as much sun as there is in the garden.</p>"
    "<p>They ripen in August, and last for some weeks in the shade of a cool room.</p></article>"
    "<footer>Imprint, cookies, all rights reserved</footer></body></html>"
)


def worker(folder: Path, code: str) -> str:
    file = folder / "worker.py"
    file.write_text(code, encoding="utf-8")
    return str(file)


async def test_menus_and_footers_are_left_out() -> None:
    pytest.importorskip("trafilatura")
    text = await Articles(seconds=60).text_of(PAGE)
    assert "Tomatoes need water" in text
    assert "They ripen in August" in text
    assert "About us" not in text
    assert "cookies" not in text


async def test_what_has_no_article_is_read_as_it_is() -> None:
    assert await Articles(seconds=60).text_of("<td>12</td>") == "12"


async def test_without_the_extra_all_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article, "find_spec", lambda _: None)
    text = await Articles(worker="/no/such/file").text_of(PAGE)
    assert "Tomatoes need water" in text
    assert "About us" in text


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os; os.abort()", "1/0", "print('half'); exit(1)"])
async def test_a_worker_that_breaks_leaves_the_plain_text(tmp_path: Path, code: str) -> None:
    text = await Articles(worker=worker(tmp_path, code)).text_of("<p>the text</p>")
    assert text == "the text"


async def test_a_worker_that_hangs_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    hangs = Articles(seconds=0.5, worker=worker(tmp_path, code))
    assert await hangs.text_of("<p>the text</p>") == "the text"
    if note.exists():  # on a slow machine it was ended before it began
        with pytest.raises(ProcessLookupError):
            os.kill(int(note.read_text()), 0)


async def test_a_worker_is_ended_when_nobody_waits_any_more(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    os.mkfifo(note)
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    task = asyncio.ensure_future(Articles(seconds=60, worker=worker(tmp_path, code)).text_of(PAGE))
    process = int(await asyncio.to_thread(note.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_it_sees_no_key_and_is_given_a_limited_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk_secret")
    code = "import os, sys; print(len(sys.stdin.buffer.read()), sorted(os.environ))"
    text = await Articles(worker=worker(tmp_path, code)).text_of("a" * 3_000_000)
    assert text.startswith("1000000 ")
    assert "GROQ" not in text


async def test_two_are_read_at_once(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        f"folder = {str(tmp_path)!r}\n"
        "open(f'{folder}/{os.getpid()}.on', 'w').close()\n"
        "print(len([it for it in os.listdir(folder) if it.endswith('.on')]))\n"
        "sys.stdin.buffer.read()\n"
        "time.sleep(0.05)\n"
        "os.remove(f'{folder}/{os.getpid()}.on')\n"
    )
    articles = Articles(seconds=60, worker=worker(tmp_path, code))
    seen = await asyncio.gather(*(articles.text_of(PAGE) for _ in range(5)))
    assert {int(it) for it in seen} <= {1, 2}
