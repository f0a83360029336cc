"""Words without which hardly an attack is written: a message that holds none is passed on in some microseconds."""

from __future__ import annotations

from typing import Final

# Beginnings of words that are looked for in disguise too: "cl@ss1fy".
DISGUISED: Final = (
    "access admin assistant authori bypass categor circumvent classif confidence developer directive disregard"
    " exempt filter forget guideline ignor instruction intent jailbr label obey overrid overrul polic pretend"
    " privileg programming prompt regardless restrict route router routing rulebook rules sudo system unlearn"
    " verdict"
)
DISGUISES: Final = {"i": "[i1!|]", "o": "[o0]", "e": "[e3]", "a": "[a4@]", "s": "[s5$]", "t": "[t7]", "l": "[l1]"}

ENGLISH: Final = (
    # what marks a voice
    r"<\||\[/?inst|</?sys|<!--|(?:^|\n)#{1,4} |[\"'](?:role|type|result)[\"']|->|=>|=\w|\bmachine|\bbots?\b",
    r"\bmodel\b|observation|result|step \d|reads? this|secret |hidden |invisible|preamble|firmware|\bupdate",
    r"your (?:rule|filter|prompt|norm|makers|owner|context)|configuration|loyalty|written before|handled by",
    # what names a verdict
    r"(?:picture|drawing|image) (?:generator|model|server|tool|track|request)|(?:picture|image|drawing)s?\W*$|painter",
    r"draw(?:n|ing|s)?\b|request|small ?talk|\bas (?:an? )?(?:image|picture|greeting)|redirect|forward|dispatch",
    r"\btrack\b|\btreat\b|mark (?:this|it|my)|consider|interpret|regard|counts? (?:this|it|as)|file (?:this|my|it)",
    r"\bpick\b|choose|decide|decision|\boutput|one word|single word|the (?:word|token)|sort(?:ing)? me|\bhereby",
    r"(?:respond|reply|answer)(?: only| with)|only|probability|threshold|fallback|margin|argmax|logits|softmax|abstain",
    r"\benum\b|\bpath\b|true (?:wish|intent)|clasif|(?:this|that|it) (?:is|was) (?:not|no|an?|only|in)\b",
    r"not (?:a|the) \w+|next (?:word|message|sentence|thing)|for the (?:record|purpose|sake)",
    # what undoes a rule
    r"\bdan\b|do anything now|[ -]mode\b|abandon|neglect|\bheed\b|set aside|without any|limitation|moderation|scrap",
    r"permission|release you|you (?:are|have) (?:now|no|been)|everything|everybody|every message|whatever|no matter",
    r"above|decode|refus|comply|liberat|\bfree (?:of|from|mind|spirit)|guardrail|safety|before (?:this|my)|never tell",
    r"anything i|all i (?:type|say|write)|(?:who|they) (?:trained|made)|made (?:of )?you|capital|last sentence|instruc",
    r"(?:don'?t|do not) (?:look|think|read|classify)|first (?:word|line|letters)",
)
OTHERS: Final = (
    r"ignorier|missacht|vergiss|regel|anweisung|kategori|ordne|stufe|umgeh|entwicklermodus|behandle|leite|ausschlie",
    r"klassifiz|konfidenz|ist jede|gehorch|vorschrift|\bfrei von|ignora|olvida|reglas|normas|etiquet|caso omiso",
    r"desarrollador|no sigas|saltate|trata |marca |confianza|generador|filtro|una petici|como si|obedec|libre de",
    r"repite|revela|anula|oublie|regle|consigne|classe|developpeur|contourne|traite|ne tiens|confiance|generateur",
    r"filtres|une demande|comme si|peu importe|obeis|repete|dimentica|istruz|rivela|libero|esqueca|negeer|vergeet",
    r"zignoruj|zapomnij|obraz|忽略|无视|忘记|忘掉|不要|规则|指令|指示|分类|归类|标记|标为|类别|系统|限制|绕过",
    r"开发者|置信度|所有消息|过滤|图片|命令|重复|输出|取消|игнорир|забудь|правил|инструкц|классифиц|категор|пометь",
    r"отнеси|считай|промпт|разработчик|выбери|обойди|уверенн|генератор|фильтр|картинк|подчиняй|повтори|ограничени",
    r"свободен|नियम|सिसटम|無視|忘れ|プロンプト|指示を|制限|무시|분류|이미지|프롬프트|제한|지침",
)
# Letters set apart, base64, and words of two scripts.
HIDING: Final = r"(?:\b[a-z0-9][ .*_-]){4}|[a-z0-9+/]{24}|[a-z][\x{370}-\x{52f}]|[\x{370}-\x{52f}][a-z]"


def triggers() -> str:
    """All words as one RE2 pattern."""
    words = DISGUISED.replace(" ", "|")
    return "|".join(["".join(DISGUISES.get(letter, letter) for letter in words), *ENGLISH, *OTHERS])
