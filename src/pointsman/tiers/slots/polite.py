# ruff: noqa: RUF001  (words of many scripts)
"""What stands around a request without being part of it: greetings, thanks, please."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import Together, regex

PLEASE: Final = (
    "please|pls|plz|plss?|pretty please|kindly|bitte|bitteschön|por favor|porfa|porfi|s'il te pla[iî]t"
    "|s'il vous pla[iî]t"
    "|stp|svp|per favore|per piacere|per cortesia|alsjeblieft|alstublieft|aub|svp|prosz[eę]|пожалуйста|пж|lütfen"
)
GREETING: Final = (
    "hey+|hi+|hello|heya?|hiya|yo|howdy|greetings|sup|good (?:morning|afternoon|evening|day)|morning|evening"
    "|hola|buenas(?: tardes| noches)?|buenos d[ií]as|oye|hallo|guten (?:tag|morgen|abend)|moin|servus|grüß dich"
    "|salut|bonjour|bonsoir|coucou|ciao|buongiorno|buonasera|salve|ol[aá]|oi|bom dia|boa (?:tarde|noite)"
    "|hoi|goedemorgen|goedemiddag|cześć|czesc|hej|siema|dzień dobry|привет|здравствуй(?:те)?|добрый день|эй"
)
THANKS: Final = (
    "thanks|thank (?:you|u)|thx|tnx|ty|tysm|cheers|much appreciated|gracias|muchas gracias|danke|dankeschön|danke schön"
    "|merci|grazie|obrigad[oa]|valeu|bedankt|dank je(?: wel)?|dank u(?: wel)?|dzięki|dziękuję|спасибо"
)
MUCH: Final = (
    "so much|very much|a lot|a bunch|again|in advance|mille|beaucoup|sehr|vielmals|mil|большое|bardzo|for (?:that"
    "|this|the help)"
)
ACKNOWLEDGED: Final = (
    "ok(?:ay)?|alright|all right|great|cool|nice|awesome|perfect|wonderful|amazing|lovely|sweet|sorry|excuse me"
    "|wow|oh|ah"
    "|u[hm]+|hm+|ugh|argh|aw+|well|so|now|and|then|also|next|again|this time|actually|btw|by the way|right|sure"
    "|yes|yeah|yep|no"
    "|vale|bueno|ahora|entonces|perdona|también|gut|super|also|jetzt|nun|dann|und|noch|bon|alors|maintenant|et|d'accord"
    "|allora|adesso|ora|poi|bene|então|agora|bem|e|nu|dan|en|goed|dobra|teraz|więc|a teraz|хорошо|теперь|а теперь"
    "|так|ну"
)
NAME: Final = (
    "there|bot|everyone|all|guys|folks|again|assistant|buddy|friend|mate|dude|man|bro|ai|pointsman|chat|chatbot"
    "|robot|@[^\\s,]+"
)

BREAK: Final = r"(?:\s*[,.!:;…~–—)-]+\s*|\s*\n\s*)"
GAP: Final = r"(?:[\s,.!:;…~–—)]+|\s+-\s+)"

# Surely no part of what follows: please; and greetings, thanks and "ok" that punctuation sets off.
SURE: Final = (
    rf"(?:(?:(?:{GREETING})(?:\s+[@\pL]+){{0,2}}|(?:{THANKS})(?:\s+(?:{MUCH}))*|{ACKNOWLEDGED}){BREAK}"
    rf"|(?:{PLEASE}){GAP})+"
)
# No part of it if a request follows: "now draw ...", but not "now hiring" or "great white shark".
PERHAPS: Final = (
    rf"(?:(?:(?:{GREETING})(?:\s+(?:{NAME}))*|(?:{THANKS})(?:\s+(?:{MUCH}))*|{ACKNOWLEDGED}|{PLEASE}){GAP})+"
)
ENDING: Final = (
    rf"(?:[\s,;.!?~(–—-]+(?:{PLEASE}|(?:{THANKS})(?:\s+(?:{MUCH}))*"
    r"|(?:if|when|whenever) (?:you|u) (?:can|could|please|may|have time|don't mind|would)|for me|would (?:you|u)"
    r"|could (?:you|u)|can (?:you|u)"
    r"|will (?:you|u)|as well|ok(?:ay)?|asap|right now please|(?:can|could|would) (?:you|u) (?:make|draw|do"
    r"|create) (?:one|it|that|this|me one)"
    r"|谢谢|謝謝|お願い(?:します|いたします)?|おねがい(?:します)?|ありがとう(?:ございます)?|부탁해요?|부탁드려요"
    r"|고마워요?|감사합니다|धन्यवाद|कृपया))+[\s.!?~)🙏]*\z"
)

BEGINNINGS: Final = Together(SURE, PERHAPS)


def openings(text: str) -> tuple[int, int]:
    """Where the request begins: surely not before the first place, nor, if there is one, before the second."""
    begins = BEGINNINGS(text)
    sure, perhaps = begins.match(SURE), begins.match(PERHAPS)
    first = sure.end if sure else 0
    return first, max(first, perhaps.end if perhaps else 0)


def without_ending(text: str) -> str:
    """The text without "please", "thanks" and the like at its end, unless nothing else would be left."""
    match = regex(ENDING).search(text)
    if match is None or not match.start:
        return text
    return text[: match.start]
