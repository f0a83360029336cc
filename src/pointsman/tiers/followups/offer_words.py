# ruff: noqa: RUF001  (words of many scripts)
"""How an assistant offers to do something, and what the words of an offer are about."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either

# What stands behind these, up to the end of the sentence, is what is offered.
OFFER: Final = either(
    "(?:shall|should|can|could|may|might|would it help if|what if|how about if?|is it ok if) i(?: also| maybe"
    "| perhaps| just| go ahead and)*",
    "(?:do you |would you |you |d'you )?(?:want|like|need|prefer)(?: for)? me(?: also)? to(?: go ahead and)?",
    "would it help to", "(?:shall|should|can|could) we",
    "i (?:can|could|may|might|would)(?: also| easily| gladly| happily| certainly| always| try to| try and"
    "| of course| be (?:happy|glad) to)*",
    "i'd(?: also| gladly| happily)*(?: be (?:happy|glad|able) to| love to)?", "i'm (?:happy|glad|able) to",
    "(?:happy|glad|ready) to", "if you(?:'d)? (?:like|want|wish),? i(?: can| could|'ll| will)",
    "(?:let me know|just say|say the word|tell me) if (?:you(?:'d| would)? (?:like|want)(?: me)? to|i should)",
    "(?:would you|do you|d'you) (?:like|want|need|care for|fancy)(?: to (?:see|have|get|hear))?",
    "(?:want|need|fancy|care for|interested in|ready for)(?: to (?:see|have|get|hear))?", "how about",
    "maybe i (?:can|could|should)", "let me", "let's", "soll(?:te)? ich(?: dir| dich| mal| das| es| auch)*",
    "(?:möchtest|willst) du,?(?: dass ich)?", "ich (?:kann|könnte|würde)(?: dir| dich| gerne?| auch)*",
    "(?:darf|kann|könnte) ich(?: dir| dich)*", "magst du",
    "¿?\\s*(?:quieres|te gustaría|deseas|prefieres)(?: que)?(?: te| lo| la)*",
    "¿?\\s*(?:puedo|podría|debería)(?: te)?", "¿(?:te )?(?:l[oae]s? )?", "si quieres,?(?: puedo)?",
    "(?:tu veux|voulez-vous|veux-tu|souhaites-tu|souhaitez-vous|tu aimerais|ça te dit)(?: que je| qu'on)?(?: te| t'"
    "| l'| le| la)*",
    "je (?:peux|pourrais|vais)(?: te| t')*", "(?:dois|puis)-je", "est-ce que je (?:dois|peux)",
    "je (?:te |t'|l'|le |la |vous )+", "on ", "(?:vuoi|vorresti|ti va|desideri|preferisci)(?: che)?(?: ti| lo| la)*",
    "(?:posso|potrei|devo)(?: ti)?", "(?:te l[oaie]|l[oaie]|ti) ",
    "(?:você )?(?:quer(?:es|ia)?|gostaria|gostarias|prefere)(?: de)?(?: que eu)?(?: te| lhe)*",
    "(?:posso|poderia|devo)(?: te| lhe)*", "(?:zal|moet|kan|mag|zou) ik(?: je| het| dat| even)*",
    "(?:wil|zou) je(?: dat ik)?", "ik (?:kan|zou|zal)(?: je)?(?: ook)?",
    "(?:czy )?(?:mam|mogę|mógłbym|mogłabym)(?: ci| to| dla ciebie)*",
    "(?:czy )?(?:chcesz|chciał(?:byś|abyś)|chce pan),?(?: żebym)?(?: ci| to)*",
    "(?:ты )?(?:хочешь|хотите),?(?: чтобы я)?(?: тебе)?", "(?:могу|может|давай(?:те)?)(?: я)?(?: тебе)?(?: мне)?",
    "(?:мне|стоит ли мне|нужно ли)", "я (?:могу|мог бы|могла бы)(?: тебе)?", "क्या मैं(?: आपके लिए| तुम्हारे लिए)?",
    "क्या (?:आप|तुम) चाहते (?:हैं|हो) कि मैं", "मैं",
)  # fmt: skip
OFFER_CJK: Final = (
    r"(?:ましょうか|ますか|しようか|ようか|いかがですか|どうですか|てみましょう|できます(?:よ|が)?"
    r"|ましょう)[？?。]*\z|(?:要不要我?|需要我?|要我|想让我|我可以|我能|我来|要|需要|想|是否)\s*\S+?(?:吗|嗎|？|\?"
    r"|。|\z)"
    r"|(?:드릴까요|줄까요?|할까요?|해 ?볼까요?|원하시나요|원하세요|필요하세요|드릴게요|수 있어요|수 있습니다|을까요?"
    r"|볼까요?)[？?。.]*\z|(?:दूँ|दूं|करूँ|करूं|बनाऊँ|बनाऊं|सकता हूँ|सकती हूँ|चाहेंगे|चाहते हैं)\s*(?:क्या)?[？?।]*\z"
)

# What is offered, by the path or the slot of the category that does it; the first that is found counts.
ACTIONS: Final = (
    ("expression", either(
        r"(?:run|execute|evaluate) (?:it|this|that|the|your|them|these)", r"calculat\pL+", r"comput\pL+",
        r"convert\pL*", "work (?:it|that|this) out", "work out", "do the (?:maths?|sum|calculation)", "crunch",
        "(?:add|sum|tot) (?:it|that|them|those|these|all) up",
        r"ausrechn\pL+|berechn\pL+|ausführ\pL+|umrechn\pL+|rechn\pL+", r"calcul\pL+", "ejecut\\pL+", "conviert\\pL+",
        "exécut\\pL+", "calcol\\pL+", "esegu\\pL+", "execut\\pL+", r"berek\pL+|uitreken\pL*|uitvoer\pL*",
        r"oblicz\pL*|policz\pL*|uruchom\pL*|przelicz\pL*", "посчит\\pL+", "вычисл\\pL+", "подсчит\\pL+",
        "выполн\\pL+", "запуст\\pL+", "計算", "実行", "计算", "算", "运行", "执行", "계산", "실행", "गणना", "हिसाब",
        "चला",
    )),
    ("memory", either(
        r"remind\pL*", r"remember\pL*", r"memori[sz]e", r"(?:shopping|to-?do|grocery|packing|task|todo)[ -]?lists?",
        "(?:your|the|a) (?:list|calendar|notes?|diary|agenda|reminders?)", "note (?:it|that|this|down)",
        "(?:make|take) a note", r"sav(?:e|ing) (?:it|that|this|your|the)", r"jot\pL*",
        r"write (?:it|that|this) down", "alarm", "keep (?:it|that) in mind", "add (?:it|that|this|them)",
        r"erinner\pL*", "merken?", r"einkaufsliste|merkliste|to-?do-?liste|liste", "kalender", r"notier\pL*",
        "speicher\\pL*", r"recuerd\pL+", "recordatorio", "recordar\\pL*", r"apunt\pL+", r"anot\pL+", "lista",
        "calendario", "guard\\pL+", r"rappel\pL*", "rappelle", "liste", "calendrier", "noter?", "agenda",
        r"ricord\pL+", "promemoria", "segn\\pL+", "lembr\\pL+", "lembrete", "guardar", "calendário", r"herinner\pL*",
        "onthoud\\pL*", "lijst\\pL*", "boodschappenlijst\\pL*", "agenda", "noteer", r"przypomn\pL+", "zapisa\\pL*",
        "zapamięta\\pL*", "list[ęya]\\pL*", "kalendarz\\pL*", "напомн\\pL*", "напомин\\pL*", "запис\\pL+",
        "запомн\\pL+", "спис\\pL+", "календар\\pL+", "リマインド", "リマインダー", "覚え", "メモ", "リスト",
        "カレンダー", "思い出", "通知", "提醒", "记住", "记下", "清单", "日历", "备忘", "알림", "알려 ?드릴", "기억",
        "메모", "목록", "리마인", "일정", "याद", "सूची", "नोट", "कैलेंडर",
    )),
    ("image", either(
        r"generate (?:it|that|this|one)", r"draw\pL*", r"paint\pL*", r"sketch\pL*", r"illustrat\pL+", r"pictures?",
        r"images?", r"photos?", r"portraits?", r"posters?", r"logos?", "doodle", r"visuali[sz]e", r"render\pL*",
        r"cartoons?", r"wallpapers?", r"stickers?", "memes?", "mock-?ups?", "icons?", "zeichn\\pL+", "malen",
        "bild(?:er)?", "skizz\\pL+", r"dibuj\pL+", r"im[aá]gen(?:es)?", r"pint\pL+", r"dessin\pL*",
        r"peindre|peigne", r"disegn\pL+", r"immagin\pL+", r"ritrarr\pL+", r"desenh\pL+", "imagem", r"teken\pL*",
        "afbeelding", "plaatje", "schilder\\pL*", r"narysow\pL+", "narysuj\\pL*", "obraz\\pL*", "rysun\\pL+",
        "нарис\\pL+", "картинк\\pL+", "изобра\\pL+", "рисун\\pL+", "描", "絵", "画像", "イラスト", "画", "图", "圖",
        "그려", "그림", "이미지", "तस्वीर", "चित्र", "फोटो",
    )),
    ("query", either(
        r"search\pL*", r"look (?:\pL+ ){0,5}up", "look(?:ing)? (?:for|into|it up)", r"google\pL*",
        r"check (?:the|on|for|if|whether|what|when|live|online|today|tomorrow|current|latest|your local|their|its)",
        "check (?:that|it|this)(?: online)?",
        "find (?:out|the latest|current|a|an|some|one|nearby|you|it|tickets?|places?|flights?|opening)",
        r"(?:weather|forecast|news|prices?|opening hours|showtimes|timetables?|scores?|schedule|headlines|traffic)",
        "browse", "online", "pull up", "fetch", "(?:latest|current|live|up-to-date)",
        r"nachschlagen|nachschauen|nachsehen|suchen?|googeln|prüfen|recherch\pL+|heraussuchen|wetter|nachrichten",
        r"busc\pL+", "busque", "consult\\pL+", "averigu\\pL+", "comprob\\pL+", "mir[ae]", "clima", "noticias",
        r"cherch\pL+", "vérifi\\pL+", "regard\\pL+", "météo", r"cerc\pL+", "cerchi", "controll\\pL+", "verific\\pL+",
        "guard[io]", "meteo", "notizie", r"pesquis\pL+", "procur\\pL+", "notícias", r"opzoek\pL*", "zoek\\pL*",
        "nakijk\\pL*", "kijk\\pL*", "checken", "weer(?:bericht)?",
        "previsão|previsões|previsioni|pronóstico|prévisions?|vorhersage|voorspelling", "prognoz\\pL*",
        "прогноз\\pL*", "veja", r"sprawdz\pL*|sprawdź", r"poszuka\pL*", "wyszuka\\pL*", "pogod\\pL+", "znale\\pL+",
        "найти", "поищ\\pL+", "поиск\\pL*", "провер\\pL+", "узна\\pL+", "посмотр\\pL+", "загугл\\pL+", "погод\\pL+",
        "調べ", "検索", "探", "ニュース", "天気", "查", "搜", "找", "天气", "新闻", "찾아", "검색", "알아", "확인",
        "날씨", "खोज", "ढूँढ", "ढूंढ", "पता", "मौसम", "देख",
    )),
)  # fmt: skip
THIS: Final = either(
    "it", "this", "that", "one", "them", "these", "those", "him", "her", "some", "so", "it for you", "that for you",
    "one for you", "for you", "a picture", "an image", "a drawing", "pictures?",
    "an? (?:picture|image|drawing|sketch) (?:of|for) (?:it|that|this|one|you|them|him|her)", "das", "es",
    "ein bild(?: davon)?", "davon", "lo", "la", "eso", "le", "ça", "l'image", "isso", "het", "dat", "to", "это",
    "его", "for me", "it up", "that up",
)  # fmt: skip
# An assistant's sentence that is the picture itself.
PICTURE: Final = (
    r"!\[[^\]\n]{0,400}\]\(|\[(?:picture|image|photo|drawing|bild|imagen|imagem|immagine|obraz|afbeelding|картинка"
    r"|画像|图片|그림)\b?[^\]\n]{0,80}\]|data:image/|<img |(?:^|[.!\n]\s*)(?:(?:sure|ok|okay|done|certainly"
    r"|of course|voilà|lovely)[,.!:]\s*)?here (?:is|are|'s)(?: the| your| a| an| some| my)(?: \pL+){0,3}? (?:picture"
    r"|image|drawing|photo|sketch|painting|portrait|poster|logo|illustration|meme|sticker|icon|banner|wallpaper|card"
    r"|cartoon|comic)s?(?:[^\pL]|$)"
)
MAKES_SURE: Final = either(
    "(?:do|did) you mean", "you mean", "you meant", "is (?:that|this|it) (?:right|correct|the one|for|in|about)",
    "meinst du", "meinten sie", "te refieres", "quieres decir", "tu veux dire", "tu parles", "intendi", "vuoi dire",
    "quer dizer", "você quis dizer", "bedoel je", "masz na myśli", "chodzi (?:ci )?o",
    "(?:ты|вы) име(?:ешь|ете) в виду",
)  # fmt: skip
FOR_YOU: Final = either(
    "for you", "now", "right now", "right away", "too", "as well", "instead",
    "if you(?:'d)? (?:like|want|wish|prefer|need)(?: (?:me to|that|it|one))?", "then", "to make sure", "to be sure",
    "quickly", "online", "für dich", "wenn du (?:magst|willst|möchtest)", "para ti", "si quieres",
    "pour (?:toi|vous)", "si tu veux", "per te", "se vuoi", "para (?:você|ti)", "se quiser(?:es)?", "voor je",
    "als je wilt", "dla ciebie", "jeśli chcesz", "для (?:тебя|вас)", "если хо(?:чешь|тите)", "आपके लिए",
)  # fmt: skip
# An offer's ending, and what a request has in its place; the first that fits counts.
LEAD_CJK: Final = (
    "(?:要不要|需要|要|想要?|是否)?(?:让)?我?(?:可以|能|来)?(?:帮你|为你|给你|替你)?|(?:क्या मैं"
    "|क्या आप चाहते हैं कि मैं)(?: आपके लिए)?\\s*|혹시\\s*|よろしければ、?|よければ、?"
)
REQUESTED_CJK: Final = (
    ("描きましょうか", "描いて"), ("調べましょうか", "調べて"), ("しましょうか", "して"),
    ("探しましょうか", "探して"), ("検索しましょうか", "検索して"), ("描こうか", "描いて"),
    ("しようか", "して"), ("드릴까요", "줘"), ("줄까요", "줘"), ("줄까", "줘"), ("드릴게요", "줘"),
    ("할까요", "해줘"), ("볼까요", "봐"), ("吗", ""), ("嗎", ""), ("बनाऊँ", "बनाओ"), ("बनाऊं", "बनाओ"),
    ("खोजूँ", "खोजो"), ("करूँ", "करो"), ("दूँ", "दो"), ("दूं", "दो"),
)  # fmt: skip
MAKES: Final = either(
    "make", "create", "do", "you", "me", "a", "an", "the", "of", "up", "quick", "little", "small", "machen", "dir",
    "mal", "ein(?:e[sn]?)?", "hacer", "haga", "te", "un[oae]?", "de", "d'", "en", "faire", "fasse", "fare", "faccia",
    "fazer", "faça", "maken", "er", "van", "zrobić", "сделать", "тебе", "dazu", "dafür",
)  # fmt: skip
ARTICLE: Final = either(
    "the",
    "a",
    "an",
    "some",
    "any",
    "das",
    "die",
    "den",
    "der",
    "el",
    "la",
    "los",
    "las",
    "le",
    "les",
    "il",
    "lo",
    "i",
    "gli",
    "o",
    "os",
    "as",
    "het",
    "de",
)
LOOKS_FOR: Final = either(
    "check",
    "search(?: for)?",
    "look up",
    "look for",
    "find",
    "see",
    "get",
    "controlli",
    "cerchi",
    "guardi",
    "busque",
    "consulte",
    "mire",
    "cherche",
    "vérifie",
    "regarde",
    "procure",
    "pesquise",
    "verifique",
)
GENERAL: Final = either(
    "news",
    "weather",
    "forecast",
    "(?:the )?latest(?: news)?",
    "prices?",
    "details?",
    "online",
    "web",
    "internet",
    "information",
    "infos?",
    "more",
    "results?",
    "times?",
    "opening hours",
    "headlines",
    "score",
    "traffic",
    "schedule",
    "status",
    "wetter",
    "nachrichten",
    "vorhersage",
    "noticias",
    "tiempo",
    "pronóstico",
    "météo",
    "prévisions",
    "actualités",
    "previsioni",
    "meteo",
    "notizie",
    "notícias",
    "previsão",
    "weer",
    "nieuws",
    "pogod[aęy]",
    "погод[ау]",
    "новости",
    "it",
    "that",
    "this",
)
PROPOSES: Final = either(
    "perhaps",
    "maybe",
    "how about",
    "what about",
    "imagine",
    "something like",
    "for example,?",
    "i(?:'m| am)? (?:picture|see|imagine|thinking of|think of)(?: it as)?",
    "i'd (?:go for|suggest|picture|draw)",
    "picture",
    "vielleicht",
    "quizás",
    "peut-être",
    "magari",
    "talvez",
    "misschien",
    "może",
    "может быть,?",
)
# "What should I draw?" offers nothing; "how about", "what if" do.
ASKS_WHAT: Final = (
    r"(?:(?:ok|okay|sure|great|and|so),? )?(?:what(?:'s)? (?:should|shall|can|could|would|do|does|did|is|are|kind"
    r"|colou?r|size|style|time|day|city|else|exactly|name)|which|where|when|who|whose|why|how (?:should|many|much"
    r"|big|long|old|do|would|can|could|shall)|was (?:soll|möchtest|genau)|welche[rsn]?|wo|wann|wer|wie (?:soll"
    r"|viele?|groß)|¿?(?:qué|cuál|cuándo|dónde|cómo|quién)|(?:que|quoi|quel(?:le)?s?|où|quand|qui|comment)"
    r"|(?:che (?:cosa|tipo)|cosa|quale|dove|quando|chi|come)|(?:o que|qual|onde|quando|quem|como)|(?:wat|welke?|waar"
    r"|wanneer|wie|hoe) (?:zal|moet|wil|kan|is|voor)|(?:co|jaki|który|która|gdzie|kiedy|kto)|(?:что|какой|какую"
    r"|какая|где|когда|кто|как))(?:[^\pL]|\z)"
)
