# ruff: noqa: RUF001, RUF003  (words of many scripts)
"""Words that join a message to what was said before: now, but, and what about ..., instead."""

from __future__ import annotations

from typing import Final, Literal

from pointsman.tiers.followups.reply_words import AFFIRMED, AFFIRMED_CJK, REFUSED, REFUSED_CJK
from pointsman.tiers.slots.linear import either
from pointsman.tiers.slots.polite import MUCH, THANKS
from pointsman.tiers.slots.polite import PLEASE as PLEASE_LATIN

Opening = Literal["praise", "yes", "no", "please", "join", "plus", "rather", "asking"]

SPACE: Final = r"[\s,.!…:;–—-]+"
PAUSE: Final = r"(?:\s*[,.!;:…–—~\n]+\s*|\s+-+\s+|\s*(?:\x{1F600}|[\x{1F300}-\x{1FAFF}])\s*)"

PRAISE: Final = either(
    "ok(?:ay)?", "kk?", "alright", "all right", "right", "great", "cool", "nice(?: one)?", "awesome", "perfect",
    "wonderful", "amazing", "lovely", "sweet", "good(?: (?:one|job|start|work))?", "well", "wow+", "oh+", "a+h+",
    "oops", "h+m+", "uh+", "um+", "er+", "(?:ha){2,}h?", "lo+l", "lmao", "heh", "yay", "sorry", "excellent",
    "fantastic", "brilliant", "beautiful", "gorgeous", "adorable", "super cute", "so cute", "cute", "love it",
    "i (?:love|like) (?:it|this|that|this one)", "like it",
    "(?:it |this |that )?(?:looks|look) (?:great|good|nice|amazing|awesome|cool)",
    "(?:it's|that's|thats|that is|this is) (?:so |very |really |pretty |a bit )?(?:great|good|nice|cool|cute"
    "|perfect|lovely|amazing|awesome|beautiful|adorable|funny|close|almost it|better|fine)",
    "not (?:bad|quite|exactly)(?: right)?", "almost(?: (?:there|perfect))?", "close", "better", "interesting", "man",
    "dude", "bro", "wait", "hey", "super", "toll", "schön", "prima", "klasse", "gut", "hübsch", "sehr (?:schön|gut)",
    "vale", "bueno", "genial", "perfecto", "muy bien", "qué (?:bonito|lindo|bien)", "bien", "bon", "parfait",
    "génial", "très bien", "d'accord", "c'est (?:super|bien|beau|génial)", "bene", "bello", "perfetto", "ottimo",
    "molto bello", "che bello", "bom", "legal", "ótimo", "muito bom", "perfeito", "lindo", "goed", "mooi", "leuk",
    "heel mooi", "dobrze", "świetnie", "ładnie", "super", "fajnie", "хорошо", "отлично", "круто", "ладно", "супер",
    "красиво", "здорово", "अच्छा", "ठीक है", "बढ़िया", "वाह", "बहुत (?:अच्छा|बढ़िया|सुंदर)",
    rf"(?:{THANKS})(?: (?:{MUCH}))*",
)  # fmt: skip
PRAISE_CJK: Final = either(
    "いいね", "いいですね", "すごい", "可愛い", "かわいい", "なるほど", "うーん", "えっと",
    "ありがとう(?:ございます)?", "素敵", "完璧", "ねえ", "好的?", "很好(?:看)?", "不错", "好看", "真棒", "太好了",
    "谢谢你?", "嗯+", "哇", "哈+", "可以", "좋아요?", "멋져요?", "예뻐요?", "음+", "오+", "와+", "고마워요?",
    "감사합니다", "네", "응",
)  # fmt: skip

# "What about", "now", "but": what follows is about what was said. A Polish "a" or "i" counts before Polish words only.
JOIN: Final = either(
    "but", "now", "then", "or", "maybe", "only", "just", "this time", "next time", "(?:what|how)(?:'s|s)? about",
    "wbu", "hbu", "(?:the )?same(?: again| thing| one| question| picture)*(?: but| for| with| in| except)?",
    "(?:let's|lets) (?:try|do|have|see|make it|go with|go for)", "how would (?:it|that) be",
    "what if (?:it|he|she|they|there)(?: (?:was|were|is|had|wore|has))?", "except", "perhaps", "again(?: but| and)?",
    "(?:the )?same again(?: but)?", "try(?: it)?", "still", "as for", "ok so", "like this but", "like that but",
    "yet", "jetzt", "nun", "aber", "dann", "doch", "oder", "diesmal",
    "wie (?:wär'?e? es|wär'?s|sieht es|sieht's|steht es) (?:mit|aus mit|in|bei)", "was ist mit",
    "(?:dasselbe|das gleiche|das selbe)(?: aber| für| mit| in| nur)?", "nur", "vielleicht", "statt ?dessen", "ahora",
    "pero", "entonces", "esta vez", "qué tal", "qué hay de", "qué pasa con", "lo mismo(?: pero| para| con| en)?",
    "igual pero", "solo", "sólo", "o", "tal vez", "quizás", "et si", "maintenant", "mais", "alors", "ou",
    "cette fois(?:-ci)?", "qu'en est-il (?:de|du|des|pour)", "pareil(?: mais| pour| avec)?",
    "la même(?: chose)?(?: mais| pour| avec| en)?", "juste", "peut-être", "ora", "adesso", "ma", "allora", "oppure",
    "stavolta", "questa volta", "che ne (?:dici|pensi) (?:di|del|della)", "lo stesso(?: ma| per| con)?",
    "la stessa cosa(?: ma| per| con| in)?", "e se", "solo", "magari", "agora", "mas", "então", "ou", "desta vez",
    "dessa vez", "que tal", "e quanto a", "a mesma coisa(?: mas| para| com| em)?", "o mesmo(?: mas| para| com| em)?",
    "só", "nu", "maar", "dan", "of", "deze keer", "hoe zit het (?:met|in)", "wat dacht je van",
    "wat (?:met|is er met)", "hetzelfde(?: maar| voor| met| in)?", "alleen", "misschien", "teraz", "ale", "więc",
    "albo", "lub", "tym razem", "to samo(?: ale| dla| z| w)?", "tylko", "może", "a może", "а", "теперь", "но",
    "тогда", "или", "на этот раз", "(?:как|что) насч[её]т", "то же самое(?: но| для| с| в)?", "только", "давай",
    "а если", "может", "अब", "लेकिन", "पर", "तो", "या", "इस बार", "बस", "वही लेकिन", "मगर",
)  # fmt: skip
JOIN_CJK: Final = either(
    "じゃあ?", "では", "でも", "今度は", "次は", "それなら", "あと", "それと", "そして", "それで", "やっぱり",
    "同じ(?:もの)?で", "今は", "那么", "那", "现在", "現在", "这次", "這次", "但是?", "还有", "然后", "而且", "或者",
    "还是", "再", "同样的?但", "그럼", "그러면", "이제", "근데", "그런데", "그리고", "이번에는?", "이번엔", "하지만",
    "아니면", "혹시",
)  # fmt: skip
# "A" and "i" join in Polish, "en" in Dutch, and all are other words elsewhere: so the word that follows is looked at,
# but it belongs to what follows ("a w Paryżu") and stays there. Group 1 is what joins.
HALF_JOIN: Final = (
    r"((?:a(?: co)?|i)\s+)(?:z|ze|w|we|na|jutro|pojutrze|teraz|dla|do|o|po|jak|za|u|jeszcze)\s|((?:a|i)\s+)(?:jutro"
    r"|pojutrze|dziś|teraz)[^\pL\pN]*\z"
    r"|(en\s+)(?:in|nu|op|met|voor|morgen|wat|dan|van|zonder|naar|bij|uit|een)(?:\s|[^\pL\pN]*\z)"
)
PLUS: Final = either(
    "and(?: then| also)?", "oh and", "&", r"\+", "also", "und(?: dann| auch| noch)?", "auch", "außerdem",
    "y(?: también)?", "e", "también", "et(?: aussi)?", "aussi", "ed?(?: anche)?", "anche", "também", "ook", "też",
    "и(?: ещ[её])?", "тоже", "также", "और", "साथ में",
)  # fmt: skip
# What was wanted was another thing.
RATHER: Final = either(
    "i mean(?:t)?", "i said", "i asked for", "actually", "rather", "on second thoughts?", "make that",
    "make it rather", "better", "or rather", "lieber", "ich meinte", "ich sagte", "eigentlich", "mejor",
    "quise decir", "dije", "en realidad", "plutôt", "je voulais dire", "j'ai dit", "en fait", "piuttosto",
    "volevo dire", "invece", "anzi", "melhor", "quis dizer", "na verdade", "aliás", "liever", "ik bedoelde",
    "eigenlijk", "raczej", "chodziło mi o", "właściwie", "лучше", "я име[л]а? в виду", "вообще-то", "बल्कि",
    "मेरा मतलब",
)  # fmt: skip
RATHER_CJK: Final = "(?:やっぱり|じゃなくて|ではなくて|我是说|还是|其实|아니 그게 아니라|사실)"

ASKING: Final = either(
    "(?:can|could|would|will) (?:you|u|ya|we)(?: please| pls| also| maybe| just| now)*",
    "(?:can|could|may) i (?:please )?(?:get|have|see)",
    "(?:i )?(?:just |really |also )?(?:want|wanna|need)(?: you)?(?: to)?(?: (?:see|have|get))?",
    "(?:i'd|i would|id)(?: also| rather)? (?:like|love|prefer)(?: you)?(?: to)?(?: (?:see|have|get))?",
    "(?:would|do) you mind", "let's(?: see| have| make)?", "show me", "give me", "is it possible to",
    "i(?:'d)? prefer", "please", "(?:kannst|könntest|würdest) du(?: mir| bitte| mal)*",
    "ich (?:möchte|will|hätte|hätte gern|brauche)(?: gerne?)?", "zeig(?:e)? mir", "gib mir",
    "(?:me )?(?:puedes|podrías|puede)", "quiero", "quisiera", "muéstrame", "dame",
    "(?:tu peux|peux-tu|pourrais-tu|tu pourrais|pouvez-vous)(?: me)?", "je (?:veux|voudrais)", "montre-moi",
    "donne-moi", "j'aimerais", "(?:mi )?(?:puoi|potresti)", "vorrei", "voglio", "mostrami", "dammi",
    "(?:você )?(?:pode|poderia|podes|consegues?)(?: me)?", "quero", "queria", "mostra-me", "me mostra",
    "(?:kun|kan|zou|wil) je(?: me| hem| het)?", "ik wil(?: graag)?", "laat me zien",
    "(?:czy )?(?:możesz|mógłbyś|mogłabyś)", "chcę", "chciał(?:bym|abym)", "pokaż mi",
    "(?:ты )?(?:можешь|можете|можно)", "(?:я )?хочу", "хотелось бы", "покажи(?: мне)?", "क्या (?:आप|तुम)", "मुझे",
)  # fmt: skip
PLEASE: Final = rf"(?:{PLEASE_LATIN}|कृपया|प्लीज़?)"
PLEASE_CJK: Final = "(?:請你?|请你?|麻烦你?|帮我|幫我|可以|能不能|すみません(?:が)?|좀|혹시)"

JOINED: Final = rf"(?:{JOIN}{SPACE}|{JOIN_CJK}[\s,，、]*)"
GOES_ON: Final = rf"(?:{JOINED}|(?:{PLUS}|{RATHER}){SPACE})"
# Praise counts as an opening before a pause or before what joins: "nice hat" is about a hat.
PRAISED: Final = rf"{PRAISE}\s+"
FILLER: Final = (
    r"(?:h+m+|u+h+|u+m+|e+r+m?|oh|ah+|ok(?:ay)?|meh|eh|so|lol|lmao|(?:ha){2,}h?|nah|well|naja|tja|äh|pues|bueno|euh"
    r"|ben|beh|boh|então|nou|tja|no to|ну|अच्छा)[\s,.!…]+"
)
OPENINGS: Final[tuple[tuple[Opening, str], ...]] = (
    ("praise", rf"(?:{PRAISE}{PAUSE}|{PRAISE_CJK}[\s,，、。.!！~…]+)"),
    ("yes", rf"(?:(?:{AFFIRMED}){PAUSE}|(?:{AFFIRMED_CJK})[\s,，、。.!！]+)"),
    ("yes", r"(?:yes|yeah|yep|sure|ja|sí|oui|sì|sim|tak|да|हाँ|हां)\s+"),
    ("no", rf"(?:(?:{REFUSED}){PAUSE}|(?:{REFUSED_CJK})[\s,，、。.!！]+)"),
    ("praise", FILLER),
    ("please", rf"(?:{PLEASE}{SPACE}|{PLEASE_CJK}[\s,，、]*)"),
    ("rather", rf"(?:{RATHER}{SPACE}|{RATHER_CJK}[\s,，、]*)"),
    ("plus", rf"{PLUS}{SPACE}"),
    ("join", JOINED),
    ("asking", rf"{ASKING}{SPACE}"),
)

INSTEAD: Final = (
    "instead|rather|stattdessen|statt ?dessen|en su lugar|en vez de eso|mejor|à la place|plutôt|invece|em vez disso"
    "|no lugar|in plaats daarvan|zamiast tego"
    "|вместо этого|вместо него|इसके बजाय|इसकी जगह"
)
ENDING: Final = (
    rf"(?:[\s,;.!~(–—-]+(?P<instead>{INSTEAD})|[\s,;.!?~(–—-]+(?:{PLEASE_LATIN}|कृपया|प्लीज़?"
    rf"|(?:{THANKS})(?: (?:{MUCH}))*|now|too|as well|also|again|then|though|tho|this time|for me"
    r"|for now|if (?:you|u) (?:can|could|please|want|don't mind)|maybe|perhaps|ok(?:ay)?|lol|haha+|will you"
    r"|would you|could you|can you|or something|like (?:before|that|this)|actually|right"
    r"|diesmal|auch|jetzt|dann|mal|nochmal|esta vez|también|ahora|cette fois(?:-ci)?|aussi|maintenant|stavolta|anche"
    r"|adesso|desta vez|também|agora|deze keer|ook|nu|graag|dan|tym razem|też|teraz"
    r"|на этот раз|тоже|теперь|сейчас|भी|अब))+[\s.!?~)]*\z"
)
INSTEAD_CJK: Final = r"(?:の代わりに|に変えて|にして|而不是|换成|대신(?:에)?|(?:으)?로 바꿔)"
# The end of a question that only names another thing: "大阪は？", "上海呢？", "부산은요?", "मुंबई का?"
ASKS_CJK: Final = (
    r"(?:(?:について|だと|なら|だったら|の場合)?(?:は|では|には|も)?(?:どう(?:です|かな|なの"
    r"|だろう)?か?)?[?？。]*[?？]+|(?:は|では|には)(?:どう(?:です)?か?)?[?？。]*|(?:呢|怎么样|怎麼樣|如何)[?？。]*"
    r"|(?:은|는|이|가|도|에서는|에는|에선|엔)?(?:요|어때요?|어떻습니까)?[?？]+|(?:은|는)요?)\z"
)
ASKS_HI: Final = r"\s*(?:(?:का|की|के लिए|के बारे में)?\s*(?:क्या|कैसा|कैसी)?(?: (?:है|होगा|रहेगा))?)\s*[?？]+\z"
