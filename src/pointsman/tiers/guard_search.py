"""Looks for signs of an attack with RE2: first whether a text needs a look at all, then which signs it holds and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import re2

from pointsman.tiers.guard_parts import Span
from pointsman.tiers.guard_signs import TOLD, Sign
from pointsman.tiers.guard_words import codes, filled

# Words without which no attack was ever written, in disguises too: a message without any is passed on in 2 us.
DISGUISED: Final = (
    "rulebook|routing|unlearn|guideline|ignor|disregard|forget|overrid|overrul|bypass|circumvent|jailbr|classif|categor|label|intent|route|router|verdict"
    "|instruction|restrict|polic|rules|your rule|confidence|directive|programming|system|assistant|developer|admin|sudo"
    "|prompt|filter|obey|pretend|regardless|authori|privileg"
)
DISGUISES: Final = {"i": "[i1!|]", "o": "[o0]", "e": "[e3]", "a": "[a4@]", "s": "[s5$]", "t": "[t7]", "l": "[l1]"}
PLAIN: Final = (
    r"\bdan\b|do anything now|[ -]mode\b|<\||\[/?inst|</?sys|<!--|(?:^|\n)#{1,4} |[\"'](?:role|type|result)[\"']"
    r"|(?:picture|drawing|image) (?:generator|model|server|tool|track|request)|request for a (?:picture|drawing)|redirect"
    r"|forward|dispatch|abandon|observation|small ?talk|you (?:are|have) (?:now|no|been)|everything|everybody|every message"
    r"|above|before (?:this|my)|secret |hidden |(?:this|that|it) (?:is|was) (?:not|no|an?|only|in)\b|not (?:a|the) \w+|next (?:word|message|sentence|thing)|request|painter|draw(?:n|ing|s)?\b|\bmodel\b|\bmachine|\bbots?\b|your (?:filter|prompt|norm|makers|owner)|one word|single word|first (?:word|line)|permission|exempt|release you|no matter|true (?:wish|intent)|\benum\b|abstain|fallback|margin|argmax|logits|softmax|step \d|result|reads? this|\bpath\b|\btreat\b|mark (?:this|it|my)|consider|interpret|counts? (?:this|it|as)|regard"
    r"|\bas (?:an? )?(?:image|picture|greeting)|decide|decision|set aside|->|=>|=\w|whatever|no matter|file (?:this|my|it)"
    r"|neglect|(?:respond|reply|answer)(?: only| with)|the (?:single )?(?:word|token)|\bheed\b|\bpick\b|choose|\boutput|without any|limitation|moderation|probability|threshold|clasif|instruc"
    r"|access|decode|\byou(?:r|'ve|'re)?\b.{0,40}\b(?:trained|made|written|context|configuration|never|say)|\btrack\b|only|last sentence"
    r"|don'?t (?:look|think|read|classify)|do not (?:look|think|read|classify)|capital|first letters|(?:picture|image|drawing)s?\W*$"
    r"|ist jede|filtro|una petici|como si|filtres|une demande|comme si|peu importe|过滤|图片|фильтр|картинк|obraz|이미지|프롬프트"
    r"|ignorier|missacht|vergiss|regel|anweisung|kategori|ordne|stufe|umgeh|entwicklermodus|behandle|leite|ausschlie|klassifiz"
    r"|konfidenz|ignora|olvida|reglas|normas|etiquet|caso omiso|desarrollador|no sigas|saltate|trata |marca |confianza"
    r"|generador|oublie|regle|consigne|classe|developpeur|contourne|traite|ne tiens|confiance|generateur|dimentica|istruz"
    r"|esqueca|negeer|vergeet|zignoruj|zapomnij|忽略|无视|忘记|忘掉|不要|规则|指令|指示|分类|归类|标记|标为|类别|系统|限制|绕过|开发者"
    r"|置信度|所有消息|игнорир|забудь|правил|инструкц|классифиц|категор|пометь|отнеси|считай|промпт|разработчик|выбери"
    r"|обойди|уверенн|генератор|無視|忘れ|プロンプト|무시|분류"
)
# One set of all signs meets new states in every sentence (2.8 ms at the 99th percentile when first seen); dealt out to
# a few, 1 ms, and 0.03 ms when nothing in it is new.
SETS: Final = 8
# A sentence that shows one sign more often than this shows nothing more.
MOST_MATCHES: Final = 20
SET_APART: Final = r"(?:\b[a-z0-9][ .*_-]){4}|[a-z0-9+/]{24}|[a-z][\x{370}-\x{52f}]|[\x{370}-\x{52f}][a-z]"


@dataclass(frozen=True, slots=True)
class Found:
    """A sign, and where the attack that it shows begins and ends."""

    sign: Sign
    span: Span


class Gate:
    """Says in 2 us whether a folded text needs a closer look."""

    def __init__(self, names: Iterable[str]) -> None:
        disguised = "".join(DISGUISES.get(letter, letter) for letter in DISGUISED)
        self._set = searching([f"{codes(names)}|{disguised}|{PLAIN}|{SET_APART}"])

    def opens(self, text: str) -> bool:
        """Whether the text holds a word, or a disguise, without which no attack is written."""
        return bool(self._set.Match(text))


class Search:
    """All signs, looked for together, and one by one where they were found; built when it is first needed."""

    def __init__(self, signs: Sequence[Sign], names: Iterable[str]) -> None:
        known = tuple(names)
        self._signs = [(sign, filled(regex, known)) for sign in signs for regex in sign.regexes]
        self._sets: list[Any] = []
        self._alone: dict[int, Any] = {}

    def found(self, text: str) -> list[Found]:
        """The signs in a text; what others are said to do is none."""
        if not self._sets:
            self._sets = [searching([regex for _, regex in self._signs[first::SETS]]) for first in range(SETS)]
        places = [place * SETS + first for first, some in enumerate(self._sets) for place in (some.Match(text) or ())]
        found = [
            Found(self._signs[place][0], match.span(1))
            for place in sorted(places)
            for match in islice(self._regex(place).finditer(text), MOST_MATCHES)
        ]
        told = [it.span for it in found if it.sign.name == TOLD]
        return [it for it in found if not any(start < it.span[0] < end for start, end in told)]

    def _regex(self, place: int) -> Any:
        regex = self._alone.get(place)
        if regex is None:
            regex = self._alone[place] = re2.compile(self._signs[place][1], options())
        return regex


def searching(regexes: Sequence[str]) -> Any:
    """Regular expressions to be found anywhere in a text, together."""
    together = re2.Set.SearchSet(options())
    for regex in regexes:
        together.Add(regex)
    together.Compile()
    return together


def options() -> Any:
    """Case does not matter."""
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = 64 << 20
    return chosen
