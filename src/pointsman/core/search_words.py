# ruff: noqa: RUF001  (words of many scripts)
"""The words that texts are searched by: folded, without those that say nothing, in pieces where no spaces are."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, pairwise
from typing import Final

# A word, or a run of one of the scripts that are written without spaces, or whose particles stick to the word.
RUNS: Final = re.compile(
    r"[\u3040-\u309f]+|[\u30a0-\u30ff]+|[\u3400-\u9fff\uf900-\ufaff]+|[\uac00-\ud7af]+|[\u0e00-\u0eff]+"
    r"|(?:[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0eff]|[\u0900-\u0dff])+"
)
LONGEST: Final = 40
MEANING_HIRAGANA: Final = 3
KANA: Final = range(0x3040, 0x3100)
HIRAGANA: Final = range(0x3040, 0x30A0)
HANGUL: Final = range(0xAC00, 0xD7B0)
HAN: Final = range(0x3400, 0xA000)
THAI: Final = range(0x0E00, 0x0F00)
MARKS_COUNT: Final = 0x0900  # from here on, marks are letters: Devanagari's vowels, not an accent

# Words that are in every sentence. With them, the word list of a question puts noise before what it is about: of the
# questions that labelled/memories.jsonl keeps for tuning, 77 % then have their fact among the first five, and 97 %
# without. Folded, as below; what is a word of worth elsewhere ("die", "war") is worth less than what it costs here.
SAYING_NOTHING: Final = """
a an the this that these those and or but not no nor so if then than as of to in on at by for from with without about
into onto over under up down out off i me my mine myself we us our ours you your yours he him his she her hers it its
they them their theirs who whom whose which what when where why how am is are was were be been being do does did doing
done have has had having will would shall should can could may might must get got go going there here again any some
all one please
der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine ich du er sie es wir ihr mich
dich sich uns euch mir dir ihm ihnen mein meine meinen meinem meiner meines dein deine unser unsere wer was wann wo wie
warum welche welcher welches welchen welchem wem wen ist sind war waren sein bin bist hat habe haben hatte wird werden
kann muss soll will im am an auf aus bei mit nach von vom zu zum zur fur um als bis ab man denn noch
el la los las lo un una unos unas y o pero yo tu ella nosotros te se nos mi mis tus su sus que quien cual cuales cuando
donde como por para con sin de del al en son era fue esta estan ser estar tengo tiene tienen hay he ha
le les l d j s c n m t qu des du et ou mais ne pas je il elle on nous vous ils elles mon ma mes ton ta tes sa ses notre
qui quoi quel quelle quels quelles quand comment pourquoi est sont etait ai ont avons avez ce cette ces au aux dans sur
pour par avec sans
gli uno e lui lei noi voi ti si ci mio mia miei mie tuo tua suo sua che chi cosa quale quali quando dove come perche
sono ho hanno di della dei delle alla dal nel nella su per senza
os um uma mas nao eu ele ela meu minha meus minhas teu seu quem qual quais onde sao foi tenho tem do da dos em na nas
sem
het een van of maar niet geen ik jij je hij zij ze wij we mij mijn jouw zijn haar ons onze wie wat wanneer waar hoe
waarom welke welk heb heeft hebben moet zal op aan voor met bij naar uit te er dat dit
ale nie ja ty ona my wy mnie mam mamy moj moja moje mojego mojej moim sie jest byl byla z ze od po przy za dla co kto
gdzie kiedy jak jaki jaka jakie ktory ktora ten
и а но не нет я ты он она мы вы они меня мне мои моя мое моего моеи у к в во на с со о об от до по за из для что кто
где когда как какои какая какое какие это этот эта был была есть ли
"""
EMPTY: Final = frozenset(SAYING_NOTHING.split())


def folded(text: str) -> str:
    """The text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = (it for it in apart if ord(it) >= MARKS_COUNT or not unicodedata.combining(it))
    return unicodedata.normalize("NFC", "".join(bare))


def search_words(text: str) -> list[str]:
    """The words that a text is found by, each once, in order; all letters and digits of any script.

    Words that say nothing are left out. Chinese and Japanese give every character and every two that stand together;
    kana, Korean and Thai every two. One or two hiragana only join words.
    """
    return list(dict.fromkeys(chain.from_iterable(map(pieces, RUNS.findall(folded(text))))))


def pieces(run: str) -> list[str]:
    """What one run of a script is found by."""
    first = ord(run[0])
    if first in HIRAGANA and len(run) < MEANING_HIRAGANA:
        return []
    if first in KANA or first in HANGUL or first in THAI:
        return twos(run) or [run]
    if first in HAN:
        return [*run, *twos(run)]
    return [] if run in EMPTY else [run[:LONGEST]]


def twos(run: str) -> list[str]:
    """Every two characters that stand together."""
    return ["".join(two) for two in pairwise(run)]


def begins_others(word: str) -> bool:
    """Whether a word may be looked for as the beginning of longer ones: "Zahnarzt" finds "Zahnarzttermin"."""
    return len(word) > 4 and word.isalpha() and ord(word[0]) < MARKS_COUNT
