# ruff: noqa: RUF001  (words of many scripts)
"""The words that ask for a picture in Chinese, Japanese, Korean and Hindi, where they also stand at the end."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either, regex
from pointsman.tiers.slots.request import Framed

DIGITS: Final = {
    word: number
    for number, words in {
        1: "一|１|한",
        2: "二|两|兩|２|두|दो",
        3: "三|３|세|तीन",
        4: "四|４|네|चार",
        5: "五|５|다섯|पांच|पाँच",
        6: "六|６|여섯",
        8: "八|８",
        9: "九|９",
        10: "十",
    }.items()
    for word in words.split("|")
}
NUMBER: Final = either(r"\d{1,2}", *DIGITS)
OPENING: Final = rf"""(?:{
    either(
        "你好", "您好", "嗨", "哈喽", "谢谢你?", "多谢", "谢了", "好的", "请问", "麻烦你?",
        "こんにちは", "こんばんは", "おはよう(?:ございます)?", "すみません(?:が)?", "ねえ", "やあ",
        "ありがとう(?:ございます)?", "お願い(?:します)?", "じゃあ", "では", "次は", "今度は", "よければ",
        "안녕(?:하세요)?", "저기(?:요)?", "고마워요?", "감사합니다", "혹시", "이제", "그럼",
        "नमस्ते", "कृपया", "अरे", "धन्यवाद", "ठीक है", "प्लीज़?",
    )
}[\s,，、。.!！~…]+)+"""  # fmt: skip
ASK_ZH: Final = either(
    "请你?", "请帮忙", "麻烦你?", "帮我", "帮忙", "给我", "为我", "替我", "能不能", "能否", "可不可以", "可以", "你?能",
    "你可以", "我想让你", "我想要?", "我要", "我需要", "需要", "我想看", "现在", "再", "接下来", "你",
)  # fmt: skip
MEASURE_ZH: Final = rf"(?:(?P<count>{NUMBER})?(?:张|幅|副)(?:关于|有关)?)"
# 画 also begins nouns (picture plane, painter, gallery); those are no requests.
LEAD_ZH: Final = (
    rf"(?:(?:{ASK_ZH}[\s,，]*)*(?:(?:画图|绘图|作图|生图)[\s:：,，]*)?(?:画图|绘图|作图|生图|(?:画|绘制|绘|生成"
    r"|创建|创作|制作|做|设计)(?:出|个"
    r"|一下)?)[\s:：,，]*"
    rf"|(?:{ASK_ZH}[\s,，]*)+|来){MEASURE_ZH}?(?:(?:图片|图像|图)?[:：]\s*|(?:图片|图像)[\s，,])?"
)
DRAWS_NO: Final = frozenset("面家廊中风布像室作框笔质卷师计")
OF_ZH: Final = r"\s*的(?:图片|图像|图|画|画像)"
TAIL_ZH: Final = rf"(?:{OF_ZH})?(?:[\s,，、]*(?:好吗|可以吗|行吗|吗|吧|谢谢你?|拜托了?|好不好))*[\s。！!？?]*\z"

TAIL_JA: Final = (
    rf"(?:の(?:絵|画像|画|図|え))?[をがも]?\s*(?:(?P<count>{NUMBER})\s*枚(?:ほど)?)?(?:、)?(?:ちょっと)?(?:描い"
    r"|書い|かい|えがい|作っ|つくっ|生成し"
    r"|作成し|デザインし|見せ)て"
    r"(?:み|おい|いただけ|頂け|もらえ|くれ|くだ|下)?(?:て|さい|ます|ません|る|ない|ほしい|欲しい|です|か|よ|ね"
    r"|ちょうだい|頂戴|もらえる|くれる|お願いします"
    r"|ください|下さい|もらえますか|いただけますか)*[\s。！!？?～~]*\z"
    r"|(?:の(?:絵|画像))?[をがも]?\s*(?:欲しい|ほしい|見たい)(?:です|んですけど|な|ね|よ)*[\s。！!]*\z"
    r"|(?:の(?:絵|画像))?を?\s*お願い(?:します|いたします)?[\s。！!]*\z"
)
TAIL_KO: Final = (
    rf"(?:의)?\s*(?:(?:그림|이미지)\s*)?(?:(?P<count>{NUMBER})\s*장\s*)?(?:을|를|도|만|좀)?\s*(?:하나|좀|한 번"
    r"|한번)?\s*"
    r"(?:그려|만들어|생성해|디자인해|보여)\s*(?:줘|주세요|주실래요|주실 수 있나요|줄래|줄 수 있[어나을]*[요까]*"
    r"|달라|봐|봐줘|주라)?[요]?(?:\s*(?:제발|고마워요?"
    r"|부탁해요?))*[\s.?!~]*\z"
)
TAIL_HI: Final = (
    r"\s*(?:(?:का|की|के)\s+(?:(?P<count>दो|तीन|चार|\d+)\s+)?(?:एक\s+)?(?:तस्वीर(?:ें)?|चित्र|फोटो|फ़ोटो|इमेज|छवि)"
    r"|को)?\s*"
    r"(?:बना(?:ओ|इए|इये|एं|एँ|कर दो|\s*दो|\s*दीजिए|\s*सकते\s+(?:हैं|हो))|दिखा(?:ओ|इए|\s*दो)|चाहिए)(?:\s+(?:कृपया"
    r"|प्लीज़?))*[\s।?!.]*\z"
)
LEAD_HI: Final = r"(?:(?:कृपया|अब|क्या\s+(?:आप|तुम)|मुझे|मेरे\s+(?:लिए|लिये)|प्लीज़?)[\s,]+)+"


def unframed(text: str) -> Framed:
    """The text without the words that ask for a picture, in whichever of these languages they are."""
    opening = regex(OPENING).match(text)
    body = text[opening.end :] if opening else text
    for tail in (TAIL_JA, TAIL_KO, TAIL_HI):
        match = regex(tail).search(body)
        if match:
            lead = regex(LEAD_HI).match(body) if tail is TAIL_HI else None
            inner = body[lead.end if lead else 0 : match.start]
            return Framed(inner, number(match.group("count")), asked=True, frame=match.group())
    lead = regex(LEAD_ZH).match(body)
    if lead is None or body[lead.end : lead.end + 1] in DRAWS_NO or not asks(lead.group()):
        return Framed(body)
    tail_zh = regex(TAIL_ZH).search(body)
    inner = body[lead.end : tail_zh.start if tail_zh else len(body)]
    # 张 counts pictures, but also tables and beds: only "of which a picture" tells.
    pictures = tail_zh is not None and "的" in tail_zh.group()
    counted = lead.group("count")
    if counted and not pictures and counted != "一":
        inner = lead.group()[lead.group().index(counted) :] + inner
        counted = ""
    return Framed(inner.lstrip("，,：: "), number(counted), asked=True, frame=lead.group())


def asks(lead: str) -> bool:
    """Whether the beginning of a Chinese message has a verb or a measure word, not just "you" or "now"."""
    return any(sign in lead for sign in "画绘成创作做计张幅副")


def number(text: str) -> int:
    """The number that a word or digits name; 1 for anything else."""
    return DIGITS.get(text) or (int(text) if text.isdecimal() else 1)
