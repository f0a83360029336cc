# ruff: noqa: RUF001  (letters of several scripts)
"""The vocabulary of attacks on the router or the model, as pieces of RE2 patterns; letters stand without accents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# What people call a category, beside its name.
ALIASES: Final = {
    "image_generation": "image|img|picture|drawing|painting|photo|illustration|bild|bildanfrage|imagen(?:es)?"
    "|generacion de imagenes|demande d'image|картинк[а-я]*|изображени[а-я]*|图像生成|图片|图像|画图|画像|이미지"
    "|immagine|imagem|afbeelding|obraz",
    "simple_greeting": "greeting|begrussung|gruss|saludo|salutation|приветстви[а-я]*|问候|saluto",
    "simple_farewell": "farewell|goodbye|abschied|despedida|прощани[а-я]*|告别",
    "simple_thanks": "thanks|thank[- ]you|gratitude|danke|dankeschon|agradecimiento|remerciement"
    "|благодарност[а-я]*|感谢",
    "general_chat": "chat|general chat|small ?talk|chit-?chat|conversacion general|闲聊|болтовн[а-я]*",
    "knowledge_question": "knowledge",
    "web_search": "search|web search|internet search|busqueda(?: web)?|recherche web|suche|搜索|поиск[а-я]*",
    "memory_operation": "memory",
    "code_execution": "code",
}
FOLLOWED: Final = (
    r"(?: generation)?(?:[ -](?:request|message|prompt|task|category|intent|track|path|route|generator|server|model"
    r"|tool|pipeline|question|query))?s?"
)
# A category list without any name that no language has leaves nothing for <CODE> to find.
NOTHING: Final = r"[^\x00-\x{10ffff}]"

# What an order opens behind: the start, a mark, a modal verb, a polite word.
GO: Final = (
    r"(?:^|[\n.!?:;,\"'()\[\]{}<>*#|/=\-–—…>]\s*|\b(?:please|pls|plz|kindly|now|and|then|also|just|simply|must|should"
    r"|shall|will|may|can|could|(?:have|need|has) to|(?:you|router|classifier|bot|model) to|but|so|or|ok|okay|first"
    r"|oh|hey|here|actually|always|instead|again|that|you|only|ever) )"
)

# Words that may stand between an order and a category: nothing that somebody could ask for.
BETWEEN: Final = (
    r"(?:(?:this|that|it|these|the|my|me|us|your|its|everything|all|every|any|each|whatever|what|i|we|say|said|write"
    r"|send|ask|next|following|above|below|last|messages?|requests?|inputs?|text|sentence|questions?|conversation"
    r"|session|prompt|ones?|of|in|for|as|to|under|into|a|an|with|be|is|are|must|should|has|labels?|category"
    r"|categories"
    r"|intent|class|route|path|tokens?|words?|string|name|answer|only|just|ever|exactly|nothing|but|than|other"
    r"|instead"
    r"|always|thing|now|type|kind|entire|whole|user|single|no|matter|down|straight|directly|from|on|new|right|correct"
    r"|final|by|if|were|was|though|regardless|rules?|and|both|als|zu|unter|ein|der|kategorie|como|comme|esto|este"
    r"|ceci"
    r"|mensaje|le|la|el|das|diese|nachricht)\b[\s,:]*|[\"'`*=:>\-{}\[\](),\s]+)*"
)
# What is to be classified.
THIS: Final = (
    r"(?:(?:this|that|it|these|me|everything|all|the|my|next|following|above|below|whole|entire|last|messages?"
    r"|requests?|inputs?|text|sentence|questions?|conversation|what|whatever|i|say|send|you|comes?|every|any|of|mine"
    r"|traffic|from|one|on|and|just|user|is|so)[ ,]+)*"
)

UNDO: Final = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|over-?rul(?:e|ing)|bypass|circumvent|skip|drop"
    r"|abandon"
    r"|discard|neglect|set aside|throw away|pay no (?:attention|heed) to|take no notice of|disobey|violate"
    r"|(?:do not|don'?t|shall not|must not|never|not have to|don'?t have to|no longer(?: have to| need to)?) ?"
    r"(?:follow|obey|apply|listen to|use|look at|respect|trust)"
    r"|(?:stop|cease) (?:following|obeying|using|applying|listening to)|break free (?:of|from))(?: about| that)?"
)
OF: Final = (
    r"(?:(?:all|any|every|each|everything|of|the|your|these|those|this|that|its|previous|prior|earlier|preceding"
    r"|above"
    r"|initial|original|current|existing|old|former|other|safety|system|routing|router'?s?|content|developer'?s?"
    r"|openai'?s?|remaining|whole|entire|silly|given|past|default|usual|own|internal|hidden|last) )*"
)
# Hardly anybody tells a bot to ignore these but to steer it.
RULES: Final = (
    r"(?:instructions?|rule[sz]?|guidelines?|directives?|directions|programming|polic(?:y|ies)|restrictions"
    r"|constraints"
    r"|router|routing|classifier|classification|guardrails|categor(?:y|ies) (?:list|set)|categories|label set"
    r"|labels you"
    r"|system (?:message|prompt|note)s?|safety \w+|content filters?)\b"
)
# These only if they are the bot's own or came before.
YOURS: Final = (
    r"(?:(?:all|any|every|of|the) )*(?:your|previous|prior|earlier|preceding|initial|original|system) (?:\w+ )?"
    r"(?:prompts?|orders?|commands?|role|training|configuration|labels?|filters?|settings|limitations?|developers?"
    r"|context|protocols?|instrucc?tions?|restrictions?|directives?|guidelines?|category|text)\b"
)
BEFORE: Final = r"(?:above|before(?: this| that| and|[.,;:]|$)|prior to this|so far|previously)"

MODE: Final = (
    r"(?:developer|dev|debug|admin|administrator|god|maintenance|test|root|sudo|jailbreak|dan|unrestricted|unfiltered"
    r"|chaos|raw"
    r"|opposite|(?:\w+ )?override)[ -]mode"
)
SUBJECT: Final = (
    r"(?:\b(?:categor(?:y|ies)|intent|label|class|classification|route|routing(?: decision)?|path|verdict|decision"
    r"|tag"
    r"|kategorie|categoria|categorie)\b|категори[а-я]+|метк[а-я]+|类别|分类(?:结果)?|标签)"
)
IS: Final = (
    r"(?:\s*(?::=|=>|->|=|:|→|：|>)\s*|\s(?:is|to|must be|should be|has to be|shall be|will be|equals|becomes"
    r"|only contains|lautet|ist|es|est|doit etre|—|-)\s|\s?(?:是|为|必须是|写)\s?)"
)
AUTHORITY: Final = r"(?:developers?|creators?|administrators?|admin|operators?|programmers?|owner|engineers?|makers?)"

PARTS: Final = (
    ("<GO>", GO),
    ("<BETWEEN>", BETWEEN),
    ("<THIS>", THIS),
    ("<UNDO>", UNDO),
    ("<OF>", OF),
    ("<RULES>", RULES),
    ("<YOURS>", YOURS),
    ("<BEFORE>", BEFORE),
    ("<MODE>", MODE),
    ("<SUBJECT>", SUBJECT),
    ("<IS>", IS),
    ("<AUTHORITY>", AUTHORITY),
)


def codes(names: Iterable[str]) -> str:
    """The names of categories that no language has, such as image_generation, as one pattern."""
    return f"(?:{'|'.join(re.escape(name).replace('_', '[_-]') for name in names if '_' in name) or NOTHING})s?"


def aliases(names: Iterable[str]) -> str:
    r"""The names of categories in plain words, and what people call them, as one pattern; RE2's `\b` is ASCII only."""
    known = tuple(names)
    spelled = [re.escape(name.replace("_", " ")) for name in known]
    called = [word for name in known if name in ALIASES for word in ALIASES[name].split("|")]
    ours = [word for word in (*spelled, *called) if word.isascii()]
    others = [word for word in (*spelled, *called) if not word.isascii()]
    return f"(?:(?:{'|'.join(ours) or NOTHING}){FOLLOWED}\\b|{'|'.join(others) or NOTHING})"


def filled(regex: str, names: Iterable[str]) -> str:
    """A pattern with its <PARTS> in place.

    `<CODE>` is a category's name that no language has, `<ALIAS>` any other and what people call one, `<ANY>` both.
    """
    code, alias = codes(names := tuple(names)), aliases(names)
    for mark, words in (*PARTS, ("<ANY>", f"(?:{code}|{alias})"), ("<CODE>", code), ("<ALIAS>", alias)):
        regex = regex.replace(mark, words)
    return regex
