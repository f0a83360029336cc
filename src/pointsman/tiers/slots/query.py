# ruff: noqa: RUF001  (words of many scripts)
"""What to look up: the search query that is left when the wrapping is gone."""

from __future__ import annotations

from typing import Final

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots.linear import Together, as_typed, either, plain, regex
from pointsman.tiers.slots.polite import GAP, PLEASE, openings, without_ending

NAMES: Final = frozenset({"query"})

WEB: Final = either(
    "the (?:web|internet|net)", "(?:the )?(?:google|bing|duckduckgo|wikipedia)", "online", "web", "internet",
    "la (?:web|red)", "internet", "im (?:internet|netz|web)", "sur (?:internet|le web|le net|google)",
    "su (?:internet|google)", "in rete",
    "na (?:internet|web)", "no google", "op (?:internet|het web|google)", "w (?:internecie|sieci|google)",
    "в (?:интернете|сети|гугле|google)", "en (?:internet|la web|google|línea)",
)  # fmt: skip
ASK: Final = either(
    r"(?:can|could|would|will) (?:you|u|ya|we)",
    "(?:i|we) (?:just )?(?:need|want|wanna)(?: you)?(?: to)?(?: (?:know|find out|see|get))?",
    "(?:i'd|i would|we'd) (?:like|love)(?: you)?(?: to)?(?: (?:know|find out|see|get))?", "(?:would|do) you mind",
    "do you (?:know|happen to know)",
    "are you able to", "help me(?: to)?", "i'm (?:looking for|trying to find|curious about|wondering)",
    "i am (?:looking for|wondering)", "i wonder", "i (?:gotta|have to) know",
    "let me know", "tell (?:me|us)(?: about)?", "(?:give|show|get|send|bring|list) (?:me|us)",
    "provide (?:me|us)(?: with)?", "go (?:ahead )?and", "try to", "please", "also", "quickly", "just",
    "use the (?:web|internet) to",
    r"(?:¿\s*)?(?:me )?(?:puedes|podr[ií]as|puede)", "quiero saber", "necesito saber", "dime",
    "(?:kannst|könntest|würdest) du(?: mir| mal| bitte)*", "sag mir", "ich (?:möchte|will) wissen",
    "weißt du", "(?:tu peux|peux-tu|pourrais-tu|pouvez-vous|pourriez-vous)(?: me)?", "dis-moi", "je voudrais savoir",
    "(?:mi )?(?:puoi|potresti)", "dimmi", "vorrei sapere",
    "(?:voc[eê] )?(?:pode|poderia)(?: me)?", "me dig[ae]", "quero saber", "(?:kun|kan|zou) je(?: voor mij| eens)?",
    "zeg me", "ik wil weten",
    "(?:czy )?(?:możesz|mógłbyś)", "powiedz mi", "chcę wiedzieć", "(?:ты )?(?:можешь|можете)", "скажи(?: мне)?",
    "я хочу знать", "расскажи(?: мне)?",
)  # fmt: skip
# Verbs that mean "look up" by themselves.
SEARCH: Final = (
    rf"(?:(?:do|run|perform|make) (?:a |an )?(?:quick )?(?:{WEB} )?search(?: {WEB}| on {WEB})?(?: (?:for|on|about|of))?"
    r"|search (?:google |for )?(?:images|pictures) (?:for|of)"
    rf"|(?:web |internet |online )?search(?: (?:on |in )?{WEB})?(?: (?:for|about|on))?|(?:google|bing"
    r"|duckduckgo)(?: search)?(?: for)?"
    rf"|look(?: it)? up(?: (?:on )?{WEB})?|look(?: (?:on )?{WEB})? for|look (?:on |in )?{WEB}"
    rf"|browse(?: {WEB})?(?: for)?|check(?: (?:on )?{WEB})? for|check {WEB}"
    r"|(?:find|fetch|get|gather|retrieve|pull up|dig up)(?: out)?(?: (?:me|us))?(?: (?:some|any|the"
    r"|more))?(?: (?:latest|recent))?"
    r" (?:info(?:rmation)?|details|data|facts|search results|results)(?: (?:on|about|for|regarding|of))?"
    rf"|find out(?: about)?|find(?: (?:me|us))?(?: {WEB})?|(?:info(?:rmation)?|details) (?:on|about)|research"
    rf"|check out|query(?: {WEB})?(?: for)?"
    rf"|(?:b[uú]sca(?:me|r|rme)?|busque|encuentra|investiga|googlea|averigua)(?: (?:en )?{WEB})?(?: (?:información"
    r"|info|datos) (?:sobre|de|acerca de)| sobre)?"
    r"|(?:such(?:e|en)?|google|googel|finde?|recherchiere?|schau|guck)(?: (?:mir|mal|bitte"
    rf"|doch))*(?: {WEB})?(?: nach)?(?: (?:informationen|infos) (?:über|zu))?(?: heraus)?"
    rf"|(?:cherche[rz]?|recherche[rz]?|trouve[rz]?|googlise)(?:-moi)?(?: {WEB})?(?: (?:des )?(?:infos"
    r"|informations) sur)?"
    rf"|(?:cerca(?:mi|re|rmi)?|trova(?:mi|re)?|ricerca)(?: {WEB})?(?: informazioni (?:su|sul|sulla|di))?"
    rf"|(?:pesquis[ae](?:r)?|procur[ae](?:r)?|busc[ae](?:r)?|ach[ae])(?: {WEB})?(?: (?:por|informações sobre|sobre))?"
    rf"|(?:zoek(?:en)?|vind|google)(?: eens| even)?(?: {WEB})?(?: (?:naar|op))?(?: informatie over)?(?: op)?"
    rf"|(?:wyszukaj|poszukaj|znajdź|sprawdź|wygoogluj|szukaj)(?: {WEB})?(?: informacj[ei] (?:o|na temat))?"
    rf"|(?:найди|поищи|загугли|погугли|узнай|найти|посмотри)(?:те)?(?: {WEB})?(?: (?:информацию|данные) (?:о|об|про))?)"
)
BETWEEN: Final = r"(?:\s*[:,]\s*|\s+)"
# A question about one thing loses its question word; one that asks how, when or who keeps it: it is part of the query.
WHAT: Final = (
    r"(?:what(?:'s|s| is| are| was| were)|how(?:'s| is| are)) (?:the|today's|tomorrow's)\s+(?:current(?:ly)? )?"
    r"|what(?:'s|s| is| are) (?:current)\s+|(?:is|are) there (?:any|some)\s+|how about\s+|what about\s+|any\s+"
    r"|(?:¿\s*)?(?:cu[aá]l es|cu[aá]les son|qu[eé] tal(?: est[aá])?|c[oó]mo est[aá]) (?:el|la|los|las)\s+|(?:wie"
    r"|was) (?:ist|wird|sind) (?:das|der|die)\s+|was gibt es neues (?:zu|über)\s+"
    r"|(?:quel(?:le)?s? (?:est|sont)|c'est quoi) (?:l[ae] |les |l')|(?:qual [eè]'?|quali sono|com'[eè]) (?:il |la "
    r"|i |le |l')"
    r"|(?:qual [eé]|quais são|como est[aá]) (?:o|a|os|as)\s+|(?:wat|hoe) (?:is|zijn|wordt) (?:het|de)\s+|(?:jaka"
    r"|jaki|jakie) (?:jest|są|będzie)\s+|(?:какая|какой|какие|какое)\s+(?:сейчас |будет )?"
)
# "the weather like in Oslo", "the weather going to be tomorrow": what a question leaves behind.
LEFTOVER: Final = r"(\S+(?: \S+)?) (?:(?:going to|gonna) be(?: like)?|looking(?: like)?|like)\b"
SPARE: Final = (
    rf"(?:[\s,]+(?:(?:on|in|using|from)\s)?(?:{WEB}|(?:on|from|using) (?:the )?(?:web"
    r"|internet|google)))[\s?.!]*\z"
)
NOWHERE: Final = rf"{WEB}[\s?.!]*\z"
ONLY_ASKS: Final = rf"(?:{ASK}{BETWEEN}(?:(?:{PLEASE}){GAP})*)+"
SEARCHES: Final = rf"{SEARCH}{BETWEEN}(?:(?:{PLEASE}|{WEB}){GAP})*(?:(?:for|about|on)\s)?"
OPENING_CJK: Final = (
    r"(?:(?:请问|请|麻烦你?|帮我|帮忙|给我|你能|能不能|可以|能|你好|在?(?:网上|互联网上|网络上)|用谷歌|百度一下"
    r"|谷歌一下|上网)[\s，,]*)*"
    r"(?:搜索一下|搜一下|搜搜|搜索|查一下|查询一下|查询|查查|查找|查|找一下|搜)[\s，,:：]*(?:关于|有关)?"
    r"|(?:すみません|ねえ|こんにちは)[、,\s]+|(?:ネット|ウェブ|グーグル|google|インターネット)(?:で|上で)\s*"
    r"|(?:인터넷(?:에서|으로)|구글(?:에서|로)|웹에서)\s*"
    r"|(?:कृपया|इंटरनेट पर|गूगल पर|क्या आप|मुझे)\s+"
)
ENDING_CJK: Final = (
    r"(?:について|に関する情報)?(?:を|も)?(?:ネットで|ウェブで|google で|グーグルで|ググって"
    r"|インターネットで)?(?:検索|調べ|探し|ググっ|教え)(?:し)?(?:て)?(?:みて"
    r"|おいて)?(?:ください|下さい|くれ(?:る|ますか|ませんか)?|もらえますか|ほしい(?:です)?|欲しい|よ"
    r"|ね)*[\s。？！?!]*\z"
    r"|(?:에 대해(?:서)?|에 관한 정보)?(?:을|를|좀)?\s*(?:인터넷에서|구글에서)?\s*(?:검색(?:해|해서)?|찾아|알아봐"
    r"|알려)\s*(?:봐)?\s*(?:줘|주세요|줄래"
    r"|주실래요)?요?[\s.?!]*\z"
    r"|(?:के बारे में|को)?\s*(?:इंटरनेट पर |गूगल पर )?(?:जानकारी )?(?:खोजो|खोजें|खोजिए|ढूंढो|ढूँढो|सर्च करो"
    r"|सर्च करें|बताओ|बताइए)[\s।?!.]*\z"
    r"|(?:的信息|的资料|的消息)?(?:吗|呢|好吗|谢谢)?[？?。！!\s]*\z"
)

BEGINNINGS: Final = Together(ONLY_ASKS, SEARCHES)


def find(text: str) -> dict[str, SlotValue]:
    """The slot `query`; there for every text that is not blank."""
    whole = plain(text).strip()
    return {"query": as_typed(query_of(whole) or whole, text)} if whole else {}


def query_of(text: str) -> str:
    """The query in a text; the person's own words, without the wrapping and the closing question mark."""
    _, begin = openings(text)
    body = without_ending(text[begin:]) or text
    begins = BEGINNINGS(body)
    for pattern in (ONLY_ASKS, SEARCHES, ONLY_ASKS):
        match = begins.match(pattern)
        if match and body[match.end :].strip(" ?.!"):
            body = body[match.end :]
            begins = BEGINNINGS(body)
    if not body.isascii():
        body = without_cjk(body)
    spare = regex(SPARE).search(body)
    if spare and body[: spare.start].lower() not in {"", "the"}:
        body = body[: spare.start]
    if regex(NOWHERE).match(body):
        return text
    question = regex(WHAT).match(body)
    if question and body[question.end :].strip(" ?.!"):
        body = body[question.end :]
        leftover = regex(LEFTOVER).match(body)
        body = leftover.group(1) + body[leftover.end :] if leftover else body
    return body.strip(" \t\n?？!！,;:¿¡。").removesuffix(".").strip()


def without_cjk(text: str) -> str:
    """The text without the wrapping in Chinese, Japanese, Korean or Hindi."""
    match = regex(OPENING_CJK).match(text)
    body = text[match.end :] if match else text
    ending = regex(ENDING_CJK).search(body)
    return body[: ending.start] if ending and ending.start else body
