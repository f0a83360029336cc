from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pointsman.tiers
from pointsman.core.decision import Abstain
from pointsman.observe.reasons import WORDS, word_of

TIERS = Path(pointsman.tiers.__file__).parent


def said_by_tiers() -> list[str]:
    """Every sentence that a tier abstains with and that stands in its source as it is."""
    found = []
    for file in sorted(TIERS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Abstain":
                match node.args:
                    case [ast.Constant(value=str(text)), *_]:
                        found.append(text)
    return found


@pytest.mark.parametrize("sentence", said_by_tiers())
def test_every_fixed_sentence_of_a_tier_has_a_word(sentence: str) -> None:
    assert word_of(Abstain(sentence)) in WORDS - {"other"}


def test_there_are_such_sentences() -> None:
    assert len(said_by_tiers()) > 15


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("image_generation 0.71 < 0.95, 'draw' matches", "unsure"),
        ("web_search margin 0.10 < 0.30, 4 of 7 neighbours", "margin"),
        ("no answer within 2 s", "late"),
        ("took 3.1 s, and may take 2 s", "late"),
        ("groq: quota exhausted until 00:05 UTC", "quota"),
        ("cloudflare: rate limit reached, neurons for another call in 3 s", "rate_limited"),
        ("groq: refused the key; not asked until the configuration changes", "refused_key"),
        ("groq: openai/gpt-oss-20b: gone, or not for this account", "gone"),
        ("direct messages stay here", "private"),
        ("what looks like memory_operation stays here", "private"),
        ("failed: the file cannot be opened", "failed"),
        ("groq: out of order; not asked for 30 s", "failed"),
        ("groq: quota exhausted until 00:05; general_chat 0.50 < 0.60, it says so", "quota"),
        ("0.80 < 0.84 near to what was corrected as k1", "unsure"),
        ('"play some jazz" is nearer than what was corrected', "disagreed"),
        ("something that no tier has said yet", "other"),
        ("", "other"),
    ],
)
def test_sentences_with_numbers_and_names_have_one_too(sentence: str, word: str) -> None:
    assert word_of(Abstain(sentence)) == word


def test_a_sentence_that_quotes_a_message_of_any_length_has_a_word_of_ours() -> None:
    for text in ("x" * 100_000, "\n\r\0", "0.5 < " * 10_000, "quota exhausted"):
        assert word_of(Abstain(f'"{text}" is nearer')) in WORDS
