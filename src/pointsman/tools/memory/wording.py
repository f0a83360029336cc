# ruff: noqa: RUF001  (words of many scripts)
"""How people word it that all is meant, that everybody may know, or that more is to be done; in twelve languages."""

from __future__ import annotations

import re
from typing import Final

# What somebody writes who means what was said last.
POINTERS: Final = (
    "it, this, that, these, those, them, this one, that one, what i said, what i just said, das, dies, dieses, es, "
    "das hier, das da, eso, esto, lo, aquello, ça, cela, ceci, le, questo, quello, ciò, isso, isto, aquilo, dit, dat, "
    "het, to, tamto, это, то, эту, этого, 这, 那, 这个, 那个, 这件事, 这点, これ, それ, あれ, このこと, そのこと, "
    "이거, 그거, 이것, 그것, 이걸, 그걸"
)
POINTING: Final = frozenset(POINTERS.split(", "))

EVERYTHING: Final = re.compile(
    r"(?:absolutely )?(?:everything|all)(?: of it)?(?: (?:that )?(?:you|u) .{1,60})?(?: (?:about|of) (?:me|us))?"
    r"|(?:all )?(?:of )?(?:my|your|the) (?:memories|memory|data|records)(?: (?:of|about) me)?|(?:all )?about me"
    r"|(?:all )?memories(?: (?:of|about) me)?|meine erinnerungen|mis recuerdos|mes souvenirs|i miei ricordi"
    r"|alles(?:,? was (?:du|ihr) .{1,60})?(?: (?:über|von) mi(?:ch|r))?|alle (?:meine |deine )?(?:erinnerungen|daten)"
    r"|todo(?: lo que .{1,60})?(?: (?:de|sobre) m[ií])?|todos (?:mis |los |tus )?(?:recuerdos|datos)"
    r"|tout(?: ce que .{1,60})?(?: (?:sur|de) moi)?|tou(?:s|tes) (?:mes|les|tes) (?:souvenirs|données)"
    r"|tutto(?: quello che .{1,60})?(?: (?:su di|su|di) me)?|tutti i (?:miei |tuoi )?(?:ricordi|dati)"
    r"|tudo(?: o que .{1,60})?(?: (?:sobre|de) mim)?|tod[ao]s [ao]s (?:minhas |meus )?(?:memórias|dados)"
    r"|alles(?: wat je .{1,60})?(?: (?:over|van) mij)?|alle (?:mijn )?(?:herinneringen|gegevens)"
    r"|wszystko(?:,? co .{1,60})?(?: o mnie)?|wszystkie (?:moje )?(?:wspomnienia|dane)"
    r"|вс[её](?:,? что .{1,60})?(?: (?:обо|про) м(?:не|еня))?|все (?:мои )?(?:записи|воспоминания|данные)"
    r"|(?:关于我的)?(?:一切|全部|所有)(?:的)?(?:记忆|东西|事情|内容)?"
    r"|(?:私について|私のこと)?(?:は|を|の)?(?:全部|すべて|全て|何もかも)(?:の記憶)?|(?:すべて|全て)の記憶"
    r"|(?:나에 대한 |내 )?(?:모든 것|모든 기억|전부|모두|기억 전부)"
)
# "all 12 memories": that many, said by the person, stand for his word that all may go.
ALL_OF_THEM: Final = re.compile(
    r"(?:all|alle|todos los|tous les|tutti i|todas as|wszystkie|все) (\d{1,7}) "
    r"(?:memories|erinnerungen|recuerdos|souvenirs|ricordi|memórias|herinneringen|wspomnie[nń]\w*|запис\w+)"
    r"|全部(\d{1,7})条记忆|記憶(\d{1,7})件を全部|기억 (\d{1,7})개를 모두"
)
HERE: Final = (
    r"for (?:everyone|everybody|all of us|us all) (?:here|in (?:this|the|our) (?:server|channel|guild))"
    r"|for (?:this|the|our) (?:whole )?(?:server|guild)|für alle (?:hier|auf diesem server)"
    r"|für (?:diesen|den|unseren) server"
    r"|para todos (?:aquí|en este servidor|aqui|neste servidor)|para (?:este|el|o) servidor"
    r"|pour tout le monde ici|pour (?:ce|le|notre) serveur|per tutti qui|per (?:questo|il) server"
    r"|voor iedereen hier|voor (?:deze|de|onze) server|dla wszystkich tutaj|dla tego serwera"
    r"|для всех здесь|для этого сервера|为这个服务器|为这里的所有人|このサーバーのために|ここのみんなのために"
    r"|이 서버를 위해|여기 모두를 위해"
)
EVERYBODY: Final = (
    r"for (?:everyone|everybody|all of us|all)(?: (?:in|on|of) (?:this|the) (?:server|guild|channel))?"
    r"|für alle|para todos|pour tou(?:s|t le monde)|per tutti|voor iedereen"
    r"|dla wszystkich|для всех|为大家|为所有人|みんなのために|全員のために|모두를 위해"
)
FOR_ALL_FIRST: Final = re.compile(
    rf"(?:{HERE}|{EVERYBODY})(?:\s*[,:：，、]\s*|\s+(?:that|dass|que|che|dat|że|что)\s+|\s+)", re.IGNORECASE
)
FOR_ALL_LAST: Final = re.compile(rf"[\s,，、]*(?:{HERE})\W*$", re.IGNORECASE)

ALSO: Final = re.compile(
    r"(?:\band|\bthen|\balso|[,;.!]) (?:then |also |please |now ){0,3}(?:tell|show|draw|paint|search|look up|google"
    r"|write|explain|calculate|compute|run|translate|forget|remind|sing|play|list)"
    r" (?:me|us|a|an|the|for|my|up|all|this|that)\b"
    r"|\bund (?:dann )?(?:sag|zeig|such|zeichne|mal|erklär|schreib|rechne|vergiss|erinner)\w*\b"
    r"|\by (?:luego )?(?:dime|muéstra|busca|dibuja|escribe|explica|olvida)\w*\b"
    r"|\bet (?:puis )?(?:dis|montre|cherche|dessine|écris|explique|oublie)\b"
    r"|\be (?:poi |depois )?(?:dimmi|mostra|cerca|disegna|scrivi|spiega|dimentica)\w*\b"
    r"|\be (?:depois )?(?:diz|procura|desenha|escreve|esquece)\w*\b"
    r"|\ben (?:dan )?(?:vertel|toon|zoek|teken|schrijf|vergeet)\b"
    r"|\bi (?:potem )?(?:powiedz|pokaż|poszukaj|narysuj|napisz|wyjaśnij|zapomnij)\b"
    r"|и (?:потом )?(?:скажи|покажи|найди|нарисуй|напиши|объясни|забудь)|然后|そしてから|それから|그리고 나서",
    re.IGNORECASE,
)
OTHER_WISH: Final = re.compile(
    r"\b(?:forget|delete|remove|erase|cancel|tell|show|list|re?mi?nd|look|find|vergiss|lösch\w*|zeig\w*|olvida|borra"
    r"|muestra|oublie|supprime|montre|dimentica|cancella|mostra|esquece|apaga|vergeet|verwijder|toon|zapomnij|usuń|pokaż"
    r"|забудь|удали|покажи)\b",
    re.IGNORECASE,
)
# A person speaks of himself, or of what is his.
OWN_AFFAIRS: Final = re.compile(
    r"\b(?:i|i'm|i'll|my|mine|our|we|ich|mein\w*|wir|unser\w*|mi|mis|yo|je|j|mon|ma|mes|notre|nos|io|mio|mia|miei|mie"
    r"|eu|meu|minha|meus|minhas|ik|mijn|onze|mój|moja|moje|mojego|mam|я|мой|моя|моё|мои|меня|наш\w*)\b"
    r"|我|私|僕|俺|うち|나는|내 |제 |저는|우리",
    re.IGNORECASE,
)
AND: Final = frozenset({"and", "und", "y", "et", "e", "en", "i", "и", "和", "と", "와", "과", "&", "or"})
