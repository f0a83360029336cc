"""`pointsman correct`: what it says, where it says it, and what it leaves alone."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pointsman.cli.correct import contradictions, effect_of
from pointsman.cli.main import pointsman
from pointsman.core.correction import Conflict, Correction, Flip, Preview
from pointsman.core.errors import BadField, InvalidInput, UnknownCorrection, UnknownDecision

BINS = "my bins go out on thursdays"


def run(*words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(pointsman, words, input=said, catch_exceptions=False)


def route(text: str) -> dict[str, Any]:
    return dict(json.loads(run("route", text, "--json").stdout))


def taught() -> list[dict[str, Any]]:
    return list(json.loads(run("correct", "--list", "--json").stdout)["corrections"])


def test_the_effect_goes_to_standard_error_and_the_result_to_standard_output() -> None:
    made = route("zeichne mir eine Katze")
    done = run("correct", made["id"][:8], "general_chat")
    assert done.exit_code == 0
    assert "the one decision whose text is kept comes out differently:" in done.stderr
    assert "  'zeichne mir eine Katze' image_generation → general_chat" in done.stderr
    assert done.stdout == (
        "k1: 'zeichne mir eine Katze' is general_chat from now on (was image_generation)\n"
        "  its text is kept until you take it back: pointsman correct --undo k1\n"
    )


def test_a_dry_run_says_it_all_on_standard_output_and_changes_nothing() -> None:
    made = route("zeichne mir eine Katze")
    for flag in ("--dry-run", "--preview"):
        done = run("correct", made["id"], "general_chat", flag)
        assert "image_generation → general_chat" in done.stdout
        assert done.stderr == ""
    seen = json.loads(run("correct", made["id"], "general_chat", "--dry-run", "--json").stdout)
    assert (seen["applied"], seen["correction"]["id"], len(seen["flips"])) == (False, "", 1)
    assert taught() == []


def test_json_is_one_object_with_all_of_it() -> None:
    done = json.loads(run("correct", "--text", BINS, "web_search", "--json", "--yes").stdout)
    assert (done["applied"], done["correction"]["id"], done["correction"]["surface"]) == (True, "k1", "cli")
    assert done["flips"] == done["conflicts"] == done["warnings"] == []
    undone = json.loads(run("correct", "--undo", "--json").stdout)
    assert undone["correction"]["undone_at"] is not None


def test_what_is_said_of_its_effect_holds_when_it_is_undone_and_when_it_is_so_already() -> None:
    route("zeichne mir eine Katze")
    wanted = ("correct", "--text", "zeichne mir eine Katze", "general_chat")
    assert "the one decision whose text is kept comes out differently:" in run(*wanted).stderr
    assert run(*wanted).stderr == "the one decision whose text is kept stays as it is\n"
    assert route("Zeichne mir eine Katze!")["category"] == "general_chat"
    undone = run("correct", "--undo")
    assert undone.stderr == (
        "1 of the last 2 decisions whose text is kept comes out differently:\n"
        "  'Zeichne mir eine Katze!' general_chat → image_generation\n"
    )


def test_a_text_is_taught_from_standard_input_too() -> None:
    assert run("correct", "--text", "-", "web_search", said=f"{BINS}\n").exit_code == 0
    assert route(BINS)["tier"] == "corrections"


def test_without_an_id_it_is_the_latest_decision_and_which_one_is_said() -> None:
    route("draw me a cat")
    made = route("zeichne mir eine Katze")
    seen = run("correct", "general_chat", "--dry-run").stdout.splitlines()
    assert seen[0] == (f"about the latest decision, #{made['id']}: 'zeichne mir eine Katze' went to image_generation")
    done = run("correct", "general_chat")
    assert done.stderr.splitlines() == seen
    assert done.stdout.startswith("k1: 'zeichne mir eine Katze' is general_chat from now on (was image_generation)\n")
    assert taught()[0]["decision_id"] == made["id"]
    assert route("draw me a cat")["category"] == "image_generation"


def test_the_same_correction_again_says_that_it_is_so_already() -> None:
    made = route("zeichne mir eine Katze")
    first = run("correct", made["id"], "general_chat")
    again = run("correct", made["id"], "general_chat")
    assert again.stderr == "the one decision whose text is kept stays as it is\n"
    assert again.stdout == first.stdout
    assert len(taught()) == 1


def test_a_single_argument_that_is_no_category_says_what_there_is() -> None:
    made = route("draw me a cat")
    for word in ("musik", made["id"]):
        with pytest.raises(BadField, match=f"there is no category '{word}'") as caught:
            run("correct", word)
        assert caught.value.cure.startswith("write pointsman correct [ID] CATEGORY, with one of: ")
        assert "web_search" in caught.value.cure
    assert taught() == []


def test_without_any_decision_there_is_no_latest() -> None:
    with pytest.raises(UnknownDecision, match="no decision has been recorded"):
        run("correct", "web_search")


def test_a_text_that_was_sent_often_is_shown_once() -> None:
    for _ in range(3):
        route("zeichne mir eine Katze")
    done = run("correct", "general_chat", "--dry-run").stdout
    assert "3 of the last 3 decisions whose text is kept come out differently:\n" in done
    assert done.endswith("\n  3 x 'zeichne mir eine Katze' image_generation → general_chat\n")


def test_only_some_changes_are_shown_and_the_decisions_of_the_others_counted() -> None:
    flips = [Flip(f"d{it}", f"text {it}", "a", "b") for it in [*range(12), 11]]
    shown = effect_of(Preview(Correction("", "x", "b"), flips, (), 50))
    assert shown[0].startswith("13 of the last 50 ")
    assert shown[1:] == [*(f"  'text {it}' a → b" for it in range(10)), "  and 3 more"]


@pytest.mark.parametrize(
    ("tiers", "why", "cure"),
    [
        ("[{kind: fast}]", "`corrections` is missing", "put `- kind: corrections` first"),
        (
            "[{kind: fast}, {kind: corrections}]",
            "`corrections` stands behind fast",
            "put `- kind: corrections` before `- kind: fast`",
        ),
    ],
)
def test_where_corrections_are_not_asked_first_it_says_so(tmp_path: Path, tiers: str, why: str, cure: str) -> None:
    (tmp_path / "p.yaml").write_text(f"version: 1\ntiers: {tiers}\n")
    wanted = ("correct", "--text", BINS, "web_search", "--config", str(tmp_path / "p.yaml"))
    assert f"! {tmp_path / 'p.yaml'}:2: tiers: {why}" in run(*wanted, "--dry-run").stdout
    done = run(*wanted)
    assert why in done.stderr
    assert f"  cure: {cure}\n" in done.stderr
    assert done.stdout.startswith(f"k1: '{BINS}' is kept as web_search\n")
    assert why in json.loads(run(*wanted, "--json").stdout)["warnings"][0]
    assert why not in run("correct", "--undo", "--config", str(tmp_path / "p.yaml")).output


def test_contradictions_are_shown_with_the_cure_before_and_in_the_list() -> None:
    run("correct", "--text", BINS, "memory_operation")
    before = run("correct", "--text", BINS.upper(), "web_search")
    assert "contradicts: 'MY BINS" in before.stderr
    assert "(the same text; the latest counts)" in before.stderr
    assert "cure: undo one of them: pointsman correct --undo k1" in before.stderr
    listed = run("correct", "--list")
    assert "contradicts: k2 " in listed.stdout
    assert "pointsman correct --undo k1, or k2" in listed.stdout
    doctor = json.loads(run("doctor", "--json").stdout)
    (found,) = [it for it in doctor["findings"] if it["check"] == "corrections"]
    assert found["grade"] == "warning"
    assert "k1 and k2" in found["found"]
    run("correct", "--undo", "k2")
    assert route(BINS)["category"] == "memory_operation"
    assert "contradicts" not in run("correct", "--list").stdout


def test_a_lost_category_is_a_warning_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents" / "music.yaml").write_text("name: music\ndescription: Music.\npath: llm+tools\n")
    (tmp_path / "p.yaml").write_text("intents: {folder: intents}\n")
    assert run("correct", "--text", BINS, "music", "--config", str(tmp_path / "p.yaml")).exit_code == 0
    assert run("route", BINS, "--config", str(tmp_path / "p.yaml")).stdout.split()[1] == "music"
    assert route(BINS)["tier"] != "corrections"
    assert "! ignored: there is no such category now" in run("correct", "--list").stdout
    (row,) = taught()
    assert row["ignored"]
    doctor = run("doctor")
    assert doctor.exit_code == 0
    assert "1 of 1 are ignored, as their category is not there: k1 (music)" in doctor.stdout
    assert run("correct", "--undo").exit_code == 0


def test_an_utterance_of_ones_own_works_as_it_stands_unless_it_is_corrected(tmp_path: Path) -> None:
    """The fast tier and the patterns know its words as those of a picture, and would be asked first."""
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents" / "music.yaml").write_text(
        "name: music\ndescription: Music.\npath: llm+tools\nutterances: {en: [draw me a cat]}\n"
    )
    (tmp_path / "p.yaml").write_text("intents: {folder: intents}\n")
    config = ("--config", str(tmp_path / "p.yaml"))
    shown = run("route", "Draw me a cat!", *config).stdout
    assert "music (llm+tools) 0.99 by corrections" in shown
    assert "because: an utterance of your own categories: this text is music" in shown
    run("correct", "--text", "draw me a cat", "general_chat", *config)
    assert "general_chat (llm) 0.99 by corrections" in run("route", "Draw me a cat!", *config).stdout


def test_what_the_store_did_not_keep_has_to_be_said_again(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("store: {keep_text: 0}\n")
    config = ("--config", str(tmp_path / "p.yaml"))
    made = json.loads(run("route", BINS, "--json", *config).stdout)
    with pytest.raises(InvalidInput, match="is not kept") as caught:
        run("correct", made["id"], "web_search", *config)
    assert "--text TEXT" in caught.value.cure
    done = run("correct", made["id"], "web_search", "--text", BINS, *config)
    assert "there are no recorded texts to compare with" in done.stderr
    assert "its text is kept until you take it back" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a", "b", "c"),
        ("--text", "x"),
        ("--text", "x", "a", "b", "c"),
        ("--undo", "a", "b"),
        ("--undo", "--text", "x"),
    ],
)
def test_what_is_not_understood_says_how_to_write_it(words: tuple[str, ...]) -> None:
    done = run("correct", *words)
    assert done.exit_code == 2
    assert "write: pointsman correct " in done.stderr


def test_what_does_not_exist_is_named() -> None:
    with pytest.raises(BadField, match="no category 'musik'"):
        run("correct", "--text", BINS, "musik")
    with pytest.raises(UnknownDecision):
        run("correct", "ffff", "web_search")
    with pytest.raises(UnknownCorrection):
        run("correct", "--undo")
    assert run("correct", "--list").stderr == "nothing is corrected\n"


@pytest.mark.parametrize(("answer", "said"), [("y", "k1: "), ("n", "left as it was")])
def test_on_a_terminal_it_asks_first(tmp_path: Path, answer: str, said: str) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pointsman", "correct", "--text", BINS, "web_search"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
    )
    os.close(theirs)
    seen = b""
    while b"Apply?" not in seen:
        seen += os.read(ours, 4096)
    os.write(ours, f"{answer}\n".encode())
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
        if not piece:
            break
        seen += piece
    assert process.wait(timeout=60) == 0
    os.close(ours)
    assert said in seen.decode()
    assert len(taught()) == (answer == "y")


def test_a_near_contradiction_says_how_near() -> None:
    conflict = Conflict(Correction("k1", "a", "image"), Correction("", "b", "chat"), 0.964)
    assert contradictions([conflict])[0] == "contradicts: 'b' chat and k1 'a' image (0.96 alike)"
