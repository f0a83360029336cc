# ruff: noqa: RUF001  (words of many scripts)
"""The words that say where and when in a question, and what it is a question about."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either

# Prepositions of places and of what a question is about, by what they may stand for.
PLACE: Final = either(
    "in", "at", "near", "around", "to", "from", "en", "em", "à", "a", "au", "aux", "ad", "ai", "nel", "nella", "no",
    "na", "nos", "nas", "w", "we", "в", "во", "на", "bei", "nach", "naar", "do", "для", "près de", "cerca de",
    "perto de", "vicino a",
)  # fmt: skip
ABOUT: Final = either(
    "of", "for", "about", "on", "with", "by", "against", "per", "into", "von", "für", "über", "mit", "auf", "de",
    "del", "para", "por", "sobre", "con", "du", "des", "pour", "sur", "avec", "di", "su", "da", "do", "com", "van",
    "voor", "over", "met", "op", "z", "ze", "dla", "o", "u", "для", "о", "об", "про", "с", "со", "у", "из",
)  # fmt: skip

UNIT: Final = either(
    "celsius", "fahrenheit", "kelvin", "euros?", "dollars?", "usd", "eur", "gbp", "pounds?", "yen", "rupees",
    "francs", "miles", "kilomet(?:er|re)s", "km", "met(?:er|re)s", "feet", "inches", "mph", "km/?h", "kilos?", "kg",
    "lbs?", "litres?", "gallons?", "hours", "minutes", "days", "percent", "detail", "english", "german", "french",
    "spanish", "local time", "utc", "gmt",
)  # fmt: skip
WITH: Final = either(
    "with",
    "without",
    "mit",
    "ohne",
    "con",
    "sin",
    "avec",
    "sans",
    "senza",
    "com",
    "sem",
    "met",
    "zonder",
    "z",
    "ze",
    "bez",
    "с",
    "со",
    "без",
)
DAY: Final = either(
    "mon(?:day)?", "tues?(?:day)?", "wed(?:nesday)?", "thu(?:rs?)?(?:day)?", "fri(?:day)?", "sat(?:urday)?",
    "sun(?:day)?", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "lunes",
    "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "lundi", "mardi", "mercredi", "jeudi",
    "vendredi", "samedi", "dimanche", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica",
    "segunda(?:-feira)?", "terça(?:-feira)?", "quarta(?:-feira)?", "quinta(?:-feira)?", "sexta(?:-feira)?",
    "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", "poniedziałek", "wtorek",
    "środę?a?", "czwartek", "piątek", "sobot[aę]", "niedziel[aę]", "понедельник", "вторник", "сред[ау]", "четверг",
    "пятниц[ау]", "суббот[ау]", "воскресенье", "[月火水木金土日]曜日?", "(?:周|星期)[一二三四五六日天]",
    "[월화수목금토일]요일", "सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार",
)  # fmt: skip
WHEN: Final = either(
    r"(?:(?:on|for|by|until|this|next|last|am|nächsten|diesen|el|este|ce|il|questo|op|w|we|в"
    rf"|во) )*(?:the )?{DAY}(?: (?:morning|afternoon|evening|night|next|prochain|próximo|prossimo))?s?",
    "(?:at |on |over |for )?(?:the |this |next |last )?weekends?",
    "(?:the )?(?:day after )?tomorrow(?:'s)?(?: (?:morning|afternoon|evening|night))?",
    "(?:every|each) (?:day|week|month|year|hour|morning|evening|night)", "daily", "weekly", "hourly", "monthly",
    "yesterday", "today", "tonight", "(?:right )?now", "later(?: today)?",
    "(?:this|next|last|every|in the|for the) (?:morning|afternoon|evening|night|week|month|year|summer|winter"
    "|spring|autumn|fall|hour|season)",
    r"(?:at |by |until |from |around )?\d{1,2}(?:[:.]\d\d)? ?(?:am|pm|o'?clock|h|uhr)",
    r"(?:at|by|until|um|à|alle|às|om|a las|o|в) \d{1,2}(?:[:.]\d\d)?",
    r"in (?:\d+|an?|one|two|three|a few|half an) (?:minutes?|hours?|days?|weeks?|months?|years?)",
    r"(?:in |since |by )?(?:19|20)\d\d",
    "(?:in |on |by )?(?:january|february|march|april|may|june|july|august|september|october|november"
    "|december)(?: \\d{1,2}(?:st|nd|rd|th)?)?",
    "(?:on )?the \\d{1,2}(?:st|nd|rd|th)", "at (?:noon|midnight|night|christmas|easter)",
    "(?:über)?morgen(?: (?:früh|abend))?", "heute(?: abend)?", "gestern", "am wochenende",
    "nächste[nrs]? (?:woche|monat|jahr)", "mañana", "hoy", "ayer", "esta (?:noche|tarde|semana)", "el fin de semana",
    "la (?:próxima semana|semana que viene)", "demain(?: (?:matin|soir))?", "après-demain", "aujourd'hui", "hier",
    "ce (?:soir|week-end)", "la semaine prochaine", "domani", "dopodomani", "oggi", "ieri", "stasera",
    "nel fine settimana", "la prossima settimana", "amanhã", "hoje", "ontem", "no fim de semana",
    "na próxima semana", "semana que vem", "overmorgen", "vandaag", "gisteren", "vanavond", "(?:dit|in het) weekend",
    "volgende week", "jutro", "pojutrze", "dzisiaj", "dziś", "wczoraj", "w weekend", "w przyszłym tygodniu",
    "завтра", "послезавтра", "сегодня", "вчера", "вечером", "на выходных", "на следующей неделе", "今日", "明日",
    "あした", "明後日", "昨日", "週末", "来週", "今週", "今夜", "今天", "明天", "后天", "昨天", "周末", "下周",
    "今晚", "오늘", "내일", "모레", "어제", "주말", "다음 ?주", "आज", "कल", "परसों", "अगले हफ़?्ते", "इस सप्ताह",
    "रात को",
)  # fmt: skip

# What a question is about when its thing stands before ("bitcoin price") or after it ("price of gold").
HEAD: Final = (
    r"(?:stock |share |exchange |current |live |latest |the )*(?:price|prices|weather|forecast|temperature|stock"
    r"|shares?|rate|score|scores|news|traffic|results?|schedule|standings|population|opening hours|hours|menu|time"
    r"|timetable|tickets?|release date|status|value|recipe|lyrics|review|reviews|showtimes|capital)"
)
HEAD_CJK: Final = (
    "(?:の|的|का|के|की)?\\s*(?:天気|気温|ニュース|株価|値段|価格|時間|人口|首都|天气|气温|新闻|股价|价格|汇率|时间"
    "|人口|首都|날씨|기온|뉴스|주가|가격|환율|시간|인구|수도|मौसम|तापमान|समाचार|खबर|भाव|कीमत|दाम|समय|राजधानी)"
)
CLOSING_CJK: Final = (
    "(?:は|はどう|はどうですか|怎么样|怎麼樣|如何|多少钱|是多少|어때요?|어때|은|는|कैसा है|क्या है"
    "|कितना है)[\\s。？！?!]*\\z"
)
PARTICLE_CJK: Final = "(?:は|では|だと|なら|の|で|が|呢|的|은|는|이|가|에서는?|의|요|의? ?날씨|का|की|के|में|के लिए)\\z"
