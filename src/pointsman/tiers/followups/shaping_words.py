"""How people ask for the last answer in another shape: shorter, more formal, in German, as a list."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either

LANGUAGE: Final = either(
    "english", "german", "french", "spanish", "italian", "portuguese", "dutch", "polish", "russian", "japanese",
    "chinese", "mandarin", "korean", "hindi", "arabic", "turkish", "swedish", "danish", "norwegian", "finnish",
    "greek", "latin", "ukrainian", "czech", "hungarian", "vietnamese", "thai", "hebrew", "indonesian", "pirate",
    "shakespeare\\pL*", "old english", "plain english", "emojis?", "englisch", "deutsch", "französisch", "spanisch",
    "italienisch", "inglés", "alemán", "francés", "español", "anglais", "allemand", "français", "espagnol",
    "inglese", "tedesco", "francese", "spagnolo", "italiano", "inglês", "alemão", "português", "engels", "duits",
    "frans", "nederlands", "angielsk\\pL+", "niemieck\\pL+", "polsku", "английск\\pL+", "немецк\\pL+", "русск\\pL+",
    "французск\\pL+",
)  # fmt: skip
QUALITY: Final = either(
    "short(?:er)?", "long(?:er)?", "brief(?:er|ly)?", "simpler?", "easier", "clearer", "longer", "tighter",
    "crisper", "punchier", "snappier", "concise", "detailed?", "details?", "formal(?:ly)?", "casual(?:ly)?",
    "informal", "polite(?:ly|r)?", "friendl(?:y|ier)", "funn(?:y|ier)", "serious(?:ly)?", "professional(?:ly)?",
    "nicer", "kinder", "harsh(?:er)?", "blunt(?:er)?", "dramatic", "poetic", "romantic", "sarcastic", "stiff",
    "cheesy", "personal", "technical", "specific", "precise", "general", "creative", "exciting", "interesting",
    "fun", "scar(?:y|ier)", "dark(?:er)?", "sad(?:der)?", "happ(?:y|ier)", "warm(?:er)?", "cold(?:er)?", "subtle",
    "direct", "enthusiastic", "confident", "humble", "neutral", "modern", "old-fashioned", "rhym\\pL+",
    "witt(?:y|ier)", "silly|sillier", "cute(?:r)?", "better", "worse", "verbose", "wordy", "slower", "faster",
    "louder", "quieter", "softer", "stronger", "weaker", "harder", "context", "examples?", "emojis?", "words?",
    "sentences?", "depth", "colou?rful", "different(?:ly)?", "cheerful", "optimistic", "realistic", "natural(?:ly)?",
    "human", "robotic", "corporate", "jargon", "flowery", "pushy", "salesy", "kürzer", "länger", "einfacher",
    "ausführlicher", "förmlicher", "formeller", "lustiger", "höflicher", "genauer", "netter", "verständlicher",
    "cort[oa]", "larg[oa]", "sencill[oa]", "simple", "formal", "divertid[oa]", "gracios[oa]", "detallad[oa]",
    "amable", "breve", "detalles", "court[e]?", "long(?:ue)?", "détaillé[e]?", "formel(?:le)?", "drôle", "poli[e]?",
    "bref", "détails", "concis", "lung[oa]", "semplice", "dettagliat[oa]", "formale", "divertente", "gentile",
    "dettagli", "curt[oa]", "long[oa]", "simples", "detalhad[oa]", "engraçad[oa]", "educad[oa]", "detalhes",
    "korter", "langer", "eenvoudiger", "simpeler", "uitgebreider", "formeler", "grappiger", "beleefder", "details",
    "krócej", "krótsz\\pL+", "dłuż\\pL+", "prościej", "prostsz\\pL+", "formalni\\pL+", "zabawni\\pL+",
    "szczegół\\pL+", "grzeczni\\pL+", "короче", "покороче", "длиннее", "подлиннее", "проще", "попроще", "подробнее",
    "формальнее", "официальнее", "смешнее", "вежливее", "мягче",
)  # fmt: skip
MORE: Final = either(
    "more", "less", "much", "a (?:bit|little|lot|touch|tad)(?: (?:more|less))?", "even", "way", "slightly", "not so",
    "not as", "too", "fewer", "add(?: some| more)?", "with(?: more| some| less| fewer)?",
    "use(?: more| less| fewer)?", "be(?: more| less| a bit| a little)?", "sound(?: more| less)?", "keep it",
    "make (?:it|that|this|them)(?: (?:sound|a bit|a little|more|less|much|even|way|slightly|all|be))*", "noch",
    "etwas", "viel", "ein bisschen", "mehr", "weniger", "bitte", "mach(?:e)? es(?: etwas)?", "más", "menos",
    "un poco más", "hazlo(?: más| menos)?", "plus", "moins", "un peu plus", "fais(?:-le)? plus", "rends-le plus",
    "più", "meno", "un po' più", "fallo più", "rendilo più", "mais", "menos", "um pouco mais", "faz(?:-o)? mais",
    "nog", "iets", "meer", "minder", "maak het(?: wat| iets)?", "bardziej", "mniej", "trochę", "więcej", "zrób to",
    "более", "менее", "чуть", "больше", "ещё", "сделай(?: это)?", "давай",
)  # fmt: skip
SHAPING: Final = (
    rf"(?:(?:{MORE})\s+)*(?:{QUALITY})(?:\s+(?:please|version|words|and|but|,|sounding|tone|or|than that"
    rf"|for (?:a )?(?:kids?|child(?:ren)?|beginners?|me))|\s*,?\s*(?:(?:{MORE})\s+)*(?:{QUALITY}))*\s*\z"
    r"|(?:(?:say|write|put|give|tell|translate|do|make|have|answer|repeat|rephrase|explain|and|sag|schreib"
    r"|übersetze?|dilo|tradúcelo|escríbelo|dis-le|écris-le|traduis(?:-le)?|dillo|traducilo|scrivilo|diz|traduz|zeg"
    r"|vertaal|powiedz|przetłumacz|скажи|переведи)(?: (?:it|that|this|me|das|es|isso|het|dat|to|это|мне|me it"
    r"|the same))*\s+)?(?:in|into|to|auf|ins|en|em|in het|naar het|po|na|на|по|al|aan|in einfachem"
    rf"|in simple)\s*-?(?:simple |plain |easy )?{LANGUAGE}\s*\z"
    r"|(?:as|in|like|als|como|comme|come|w formie|в виде|use|with|make it|turn (?:it|that|this) into|into)\s+(?:an? "
    r"|one |two |three |\d+ )?(?:\pL+ )?(?:bullets?(?: points?)?|list|table|numbered list|steps|sentences?|words?"
    r"|paragraphs?|lines?|tweet|haiku|poem|song|rap|limerick|letter|e-?mail|headline|outline|summary|essay|script"
    r"|json|markdown|csv|first person|third person|past tense|present tense|rhymes?|stanzas?|verses?|stichpunkte"
    r"|liste|tabelle|satz|sätzen?|lista|tabla|frase|phrase|tableau|tabella|tabela|zin|lijst|zdani\pL+|списк\pL+"
    r"|таблиц\pL+)(?: (?:of|from|instead|only|max|or less).*)?\z"
    rf"|eli5|explain(?: (?:it|that|this))?(?: again)?(?: (?:{MORE}))*(?: (?:{QUALITY}|better|simply|again|in (?:more"
    r"|greater|simple|plain) (?:detail|terms|words|english)|step by step|further|in depth))\z|(?:like|as if|als ob"
    r"|comme si|explain (?:it|that)?(?: to me)? like|eli5|explain like) (?:i'm|im|i am|i were|to|a|an|for|you|he"
    r"|she).*\z|(?:for|für|para|pour|per|voor|dla|для) (?:kids|children|a child|beginners|dummies|a (?:five|5|ten"
    r"|10)[ -]year[ -]old|kinder|anfänger|niños|enfants|bambini|crianças|kinderen|dzieci|детей)\z"
    r"|(?:tone (?:it )?down|tone down .*|shorten(?: (?:it|that|this))?|expand(?: (?:it|that|on (?:it|that|this)))?"
    r"|elaborate|simplify(?: (?:it|that|this))?|summari[sz]e(?: (?:it|that|this))?|condense(?: (?:it|that))?"
    r"|rephrase(?: (?:it|that|this))?|rewrite (?:it|that|this).*|reword(?: (?:it|that))?|paraphrase(?: (?:it|that))?"
    r"|translate (?:it|that|this).*|proofread (?:it|that)|cut (?:it|that) (?:down|in half|by .*)|trim (?:it"
    r"|that)(?: down)?|half (?:the|as) (?:length|long)|(?:the )?short version|tl;?dr|long version|polish (?:it|that)"
    r"|soften (?:it|that)|fix (?:it|that|the .*)"
    r"|(?:max|at most|under|no more than|only|just|exactly|about|around) (?:\d+|one|two|three|four|five|ten|a few"
    r"|\pL+) (?:words?|sentences?|lines?|paragraphs?|characters|bullets?|steps?).*|(?:one|two|three|\d+) (?:words?"
    r"|sentences?|lines?|paragraphs?)(?: (?:max|only|please|long))*|in (?:one|two|three|\d+|a single|fewer"
    r"|less than \d+) (?:words?|sentences?|lines?|paragraphs?)"
    r"|kürze? es|fass(?:e)? (?:es|das) zusammen|resúmelo|acórtalo|résume(?:-le)?|raccourcis(?:-le)?|riassumi(?:lo)?"
    r"|accorcia(?:lo)?|resume|encurta|vat (?:het|dat) samen|streść|skróć(?: to)?|сократи|кратко|подробнее"
    r"|перефразируй|упрости)\z"
)
SHAPING_CJK: Final = (
    "(?:もっと|もう少し|少し|ちょっと)?(?:短く|長く|簡単に|簡潔に|詳しく|丁寧に|やさしく|易しく|面白く|フォーマルに"
    "|カジュアルに|くだけた|要約)(?:して|言って|書いて|お願い|説明して)*|(?:英語|日本語|中国語|韓国語|ドイツ語"
    "|フランス語|スペイン語)(?:で|に)(?:して|言って|訳して|お願い|翻訳して)*|(?:更|再)?(?:短|长|简单|详细|简洁|正式"
    "|有趣|幽默|礼貌|口语|具体)(?:化)?(?:一?点|一些|点儿|些)?|(?:用|翻译成|译成|改成)?(?:英文|英语|中文|日文|日语"
    "|德语|法语|西班牙语|韩语)(?:说|写)?|缩短|总结一下|简化"
    "|(?:더|좀 더|조금 더|좀)?\\s*(?:짧게|길게|간단하게|간단히|쉽게|자세히|자세하게|공손하게|정중하게|재미있게"
    "|격식 있게|요약해)|(?:영어|한국어|일본어|중국어|독일어|프랑스어|스페인어)로|(?:और|थोड़ा|ज़्यादा"
    "|और भी)?\\s*(?:छोटा|लंबा|सरल|आसान|विस्तार से|मज़ेदार|औपचारिक|संक्षेप में|विनम्र)|(?:अंग्रेज़ी|अंग्रेजी|हिंदी"
    "|हिन्दी|जर्मन|स्पेनिश|फ़्रेंच) में"
)
