# ruff: noqa: RUF001  (words of many scripts)
"""How messages open that want something of their own: a question, an order, a statement."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either

END: Final = r"(?:[\s,.!?:;'’…-]|\z)"

QUESTION: Final = either(
    "what(?:'s|s|'re)?", "who(?:'s|s)?", "whose", "whom", "when(?:'s|s)?", "where(?:'s|s)?", "which", "why",
    "how(?:'s|s)?", "is", "are", "was", "were", "am",
    "do (?:you|i|we|they|the|your|people|all|any|most|dogs|cats|\\pL{3,}s)", "does", "did", "has",
    "have (?:you|i|we|they)", "had", "will", "would", "should", "shall", "may i", "might", "must", "isn't", "aren't",
    "don't you", "doesn't", "can (?:you|i|we|a|the|it|they|dogs|cats|humans|people)", "could i", "\\pL+st du",
    "if (?:i|we|you|a|an|the|two|one|my)", "given", "(?:\\S+ ){0,4}\\pL+-(?:il|elle|tu|vous|on|ils|elles)", "wer",
    "wen", "wem", "wann", "wo", "woher", "wohin", "warum", "wieso", "welche[rsnm]?", "wieviele?",
    "wie (?:viele?|lange|alt|hoch|weit|gross|groß|geht|heißt|spät|funktioniert|macht|kann|ist|sind|wird|kommt|sagt"
    "|schreibt)",
    "ist", "sind", "gibt es", "kann ich", "soll ich", "hast du", "bist du", "weißt du",
    "was (?:ist|sind|bedeutet|heißt|macht|kostet|war|hast|hältst|kann|wird|soll)",
    "qué (?:es|son|significa|hora|tiempo|puedo|hay|pasó|piensas|opinas|día|hago)", "¿?quién(?:es)?", "¿?cuándo",
    "¿?dónde", "¿?cuál(?:es)?", "¿?por qué", "¿?cómo (?:se|es|está|puedo|funciona|te|estás|hago|llego)",
    "¿?cuánt[oa]s?", "¿?qué", "qui (?:est|a|sont|était)", "quand", "où", "pourquoi", "comment", "quel(?:le)?s?",
    "combien", "est-ce que?", "qu'est-ce", "c'est quoi", "y a-t-il", "sais-tu", "as-tu", "es-tu", "cosa",
    "che (?:cosa|ora|ore|tempo|giorno)", "chi", "quando", "dove", "dov'è", "perché",
    "come (?:si|posso|funziona|stai|faccio|è|va|ti)", "qual(?:e|i|'è|\\s[eè])?", "quant[oaie]", "sai", "o que",
    "quem", "onde", "por que", "porque", "como (?:se|é|está|posso|funciona|vai|faço|eu)", "quais", "quant[oa]s?",
    "você (?:sabe|pode|gosta)", "wat (?:is|zijn|betekent|kost|doet|vind|kan|was|moet)",
    "wie (?:is|was|heeft|zijn|won)", "wanneer", "waar", "waarom",
    "hoe (?:werkt|kan|laat|oud|groot|heet|lang|veel|gaat|maak|kom|ver)", "hoeveel", "welke?", "zijn", "heb je",
    "ben je", "weet je", "co (?:to|jest|znaczy|robi|mam|sądzisz|myślisz|słychać)", "kto", "kiedy", "gdzie",
    "dlaczego", "czemu", "jak (?:się|działa|zrobić|mam|to|długo|daleko|daleko)", "jak[iaą]e?(?: (?:jest|są|był))?",
    "któr[yaeą]\\pL*", "ile", "czy", "что (?:такое|это|значит|делать|такого|ты|нового|случилось|посоветуешь)", "кто",
    "когда", "где", "куда", "откуда", "почему", "зачем",
    "как (?:работает|сделать|дела|ты|мне|называется|зовут|долго|далеко|пройти)", "како[йе]\\pL*", "какая", "какие",
    "сколько", "чей", "есть ли", "कौन", "कब", "कहाँ", "कहां", "क्यों", "कैसे", "कितन[ाीे]",
    "क्या (?:है|होता|तुम|आप|मैं|यह|आज|कल)",
)  # fmt: skip

# Orders; their object stands behind. With a pronoun for an object they point at what was said: see POINTS.
ORDER: Final = either(
    "draw", "sketch", "paint", "doodle", "illustrate", "generate", "create", "design", "render", "photoshop",
    "imagine", "write", "compose", "draft", "rewrite", "rephrase", "proofread", "edit", "tell", "explain",
    "describe", "define", "summari[sz]e", "translate", "convert", "calculate", "compute", "solve", "simplify",
    "evaluate", "run", "execute", "search", "find", "look", "google", "check", "remind", "remember", "note", "save",
    "schedule", "book", "order", "buy", "play", "call", "send", "list", "recommend", "suggest", "compare", "plan",
    "help", "teach", "count", "name", "sing", "prove", "debug", "fix", "implement", "code", "read", "analy[sz]e",
    "classify", "spell", "pretend", "act", "ignore", "forget", "talk", "chat", "speak", "discuss", "what",
    "set (?:a|an|my|the) (?:reminder|alarm|timer)", "wake", "email", "text",
    "show me (?:how|what|where|the (?:weather|news))",
    "give me (?:a |an |the |some )?(?:recipe|list|summary|advice|tips?|definition|ideas?)", "zeichne", "zeichnen",
    "male?", "skizziere", "erstelle?", "generiere?", "schreibe?", "erzähle?", "erkläre?", "beschreibe?",
    "übersetze?", "berechne", "rechne", "suche?", "finde?", "google", "schau", "erinnere?", "merke?", "notiere?",
    "spiele?", "hilf", "nenne?", "fasse", "vergleiche?", "führe?", "empfiehl", "weck", "dibuja(?:me)?", "dibújame",
    "pinta", "píntame", "crea", "genera", "escribe(?:me)?", "escríbeme", "cuenta", "cuéntame", "explica(?:me)?",
    "explícame", "describe", "traduce", "calcula", "busca(?:me)?", "búscame", "encuentra", "recuérdame", "recuerda",
    "anota", "apunta", "ayúdame", "dime", "resume", "compara", "recomienda(?:me)?", "recomiéndame", "ejecuta",
    "dessine(?:-moi)?", "peins", "crée", "génère", "écris(?:-moi)?", "raconte(?:-moi)?", "explique(?:-moi)?",
    "décris", "traduis", "calcule", "cherche", "trouve", "rappelle(?:-moi)?", "note", "souviens-toi", "aide-moi",
    "dis-moi", "résume", "compare", "recommande", "exécute", "disegna(?:mi)?", "dipingi", "crea", "genera",
    "scrivi(?:mi)?", "racconta(?:mi)?", "spiega(?:mi)?", "descrivi", "traduci", "calcola", "cerca(?:mi)?",
    "trova(?:mi)?", "ricorda(?:mi)?", "ricordati", "annota", "segna", "aiutami", "dimmi", "riassumi", "confronta",
    "consiglia(?:mi)?", "esegui", "desenha(?:-me)?", "desenhe", "pinta", "cria", "crie", "gera", "gere", "escreve",
    "escreva", "conta", "conte", "me conta", "explica", "explique", "descreve", "traduz", "traduza", "calcula",
    "calcule", "procura", "procure", "pesquisa", "pesquise", "busca", "lembra(?:-me)?", "lembre", "me lembr[ae]",
    "anota", "anote", "ajuda(?:-me)?", "me ajuda", "diz-me", "me diga", "resume", "compara", "recomenda", "executa",
    "teken", "schilder", "maak (?:een|voor)", "genereer", "schrijf", "vertel", "leg (?:me )?uit", "beschrijf",
    "vertaal", "bereken", "zoek", "vind", "herinner", "onthoud", "noteer", "help", "vergelijk", "speel",
    "geef me (?:een|het)", "voer", "narysuj", "namaluj", "stwórz", "wygeneruj", "napisz", "opowiedz", "wyjaśnij",
    "wytłumacz", "opisz", "przetłumacz", "oblicz", "policz", "poszukaj", "wyszukaj", "znajdź", "sprawdź",
    "przypomnij", "zapamiętaj", "zapisz", "pomóż", "porównaj", "powiedz", "uruchom", "wymień", "нарисуй(?:те)?",
    "изобрази", "создай", "сгенерируй", "напиши(?:те)?", "расскажи(?:те)?", "объясни(?:те)?", "опиши",
    "переведи(?:те)?", "посчитай", "вычисли", "найди(?:те)?", "поищи", "загугли", "напомни(?:те)?", "запомни",
    "запиши", "помоги(?:те)?", "сравни", "скажи", "посоветуй", "выполни", "запусти", "назови",
)  # fmt: skip
REQUEST_CJK: Final = either(
    "って何", "何[？?]", "ですね[？?]", "思う[？?]", "何(?:です|が|を|時|曜日|の|で|人)", "なに", "誰", "だれ",
    "いつ", "どこ", "なぜ", "どうして", "いくら", "どれ", "どんな", "とは", "方法", "教えて", "説明して",
    "について(?:書|話|調)", "(?:絵|イラスト|画像|写真)を(?:描|作|かい)", "を描いて",
    "を(?:書|調べ|検索|探|計算|翻訳|訳)", "リマインド", "覚えて(?:おいて)?", "思い出させて", "メモして", "に行",
    "(?:ですか|ますか)[？?]?\\z", "什么", "谁", "什么时候", "哪里", "哪儿", "为什么",
    "怎么(?:做|办|样做|用|去|说|写)", "多少", "几点", "哪个", "讲(?:个|一个)", "写(?:一|个|首|篇|封)",
    "画(?:一|个|只|幅|张)", "解释", "介绍", "翻译", "计算", "搜索", "搜一下", "查(?:一下|询|找)", "提醒我", "记住",
    "记下", "帮我(?:查|写|画|算|找|订)", "是什么", "뭐(?:야|예요|니)", "무엇", "누구", "언제", "어디", "왜",
    "어떻게 (?:해|하|만)", "얼마", "몇 시", "알려 ?줘", "설명해", "써 ?줘",
    "(?:을|를) (?:그려|찾아|검색|계산|번역|기억|알려)", "알람", "기억해", "상기시켜",
    "(?:인가요|나요|습니까)[?？]?\\z", "बताओ", "बताइए", "समझाओ", "लिखो", "लिखिए", "खोजो", "ढूँढो", "याद (?:दिला|रख)",
    "की तस्वीर", "का चित्र", "अनुवाद", "क्या है", "कौन है",
)  # fmt: skip

STATEMENT: Final = either(
    "(?:this|these|those) \\pL{4,}", "i", "i'm", "im", "i've", "i'd", "i'll", "my", "mine", "we", "we're", "we've",
    "our", "you", "you're", "your", "u", "he", "he's", "she", "she's", "they", "they're", "there(?:'s| is| are)",
    "(?:it|this|that)(?:'s| is| was| looks| sounds| seems| makes| will| has| would)", "everyone", "nobody",
    "somebody", "today", "yesterday i", "ich", "mein[er]?", "wir",
    "du (?:bist|hast|kannst|siehst|warst|machst|musst)", "das (?:ist|war|sieht|gefällt|klingt)",
    "es (?:ist|war|gibt)", "mir", "yo", "estoy", "tengo", "soy", "me", "eso", "es", "je", "j'\\S*", "mon", "ma",
    "nous", "tu", "c'est", "ça", "il y a", "io", "mio", "mia", "sono", "ho", "è", "eu", "meu", "minha", "estou",
    "tenho", "gostei", "isso", "está", "é", "ik", "mijn", "dat is", "het is", "ja", "mój", "moja", "jestem", "mam",
    "to jest", "я", "мой", "моя", "мне", "это", "у меня", "мы", "ты", "मैं", "मेर[ाीे]", "मुझे", "यह", "हम", "तुम",
)  # fmt: skip
STATEMENT_CJK: Final = either("私", "僕", "俺", "これ", "それ", "我", "我们", "这是?", "나는?", "이거", "그거")
# Of a statement about what was made: this should be otherwise, so it is a wish.
COMPLAINT: Final = (
    r"(?:^|[\s,])(?:too|not (?:\pL+ )?enough|needs?|should|could be|more|less|missing|forgot(?:ten)?|zu|nicht genug"
    r"|fehlt|sollte|demasiado|muy poco|falta|trop|pas assez|manque|devrait|troppo|manca|poco|demais|muito|falta|te"
    r"|niet genoeg|za|zbyt|brakuje|слишком|не хватает|ज़्यादा|बहुत)\s"
    r"|すぎる|すぎ|足りない|太|不够|너무|부족"
)
# Nothing but a remark on what came: no wish in it.
REMARK: Final = (
    r"(?:(?:oh|ah|wow|ha(?:ha)*|lol|omg|ok(?:ay)?|well|but|so|very|really|pretty|quite|super|too|just|actually"
    r"|honestly|kinda|sehr|echt|muy|très|molto|muito|heel|bardzo|очень|बहुत)\s+)*"
    r"(?:(?:it's|that's|thats|its|it is|that is|this is|looks|it looks|that looks|what an?|how|das ist|das sieht|es"
    r"|está|qué|c'est|che|è|é|dat is|to|как|это)\s+)?(?:(?:so|very|really|pretty|quite|super|too|just|a bit"
    r"|trop|troppo|zu|sehr"
    r"|echt|muy|très|molto|muito|heel|bardzo|очень|absolutely|totally)\s+)*"
    r"(?:nice|cool|cute|pretty|beautiful|great|awesome|amazing|lovely|perfect|funny|hilarious|lol|haha+|wow+"
    r"|love(?: it| this| that)?|good|not bad|bad|ugly|creepy|weird|strange|scary|interesting|adorable|gorgeous"
    r"|stunning|fantastic|brilliant|incredible|impressive"
    r"|terrible|awful|horrible|boring|disappointing|excellent|wonderful|sweet|neat|epic|sick|fire|dope|insane|crazy"
    r"|unreal|true|fair enough|makes sense|got it|i see|sucks|thank (?:you|u)|exactly|right|wrong|works|thanks?|brr+"
    r"|ugh|meh|hm+|aw+|yikes|ouch|yay|oops|damn"
    r"|schön|toll|super|klasse|cool aus|gut aus|gut|süß|witzig|hübsch|schade|bonit[oa]|lind[oa]|genial|bien|mal"
    r"|increíble|gracios[oa]|beau|belle|joli|mignonn?e?|super|génial|drôle|bell[oa]|carin[oa]|brutto|fantastico"
    r"|divertente"
    r"|fof[oa]|ótim[oa]|legal|feio|engraçad[oa]|mooi|leuk|lelijk|grappig|ładn[eya]\pL*|śliczn[eya]\pL*|brzydk\pL+"
    r"|fajn\pL+|красиво|круто|мило|смешно|здорово|класс|ужасно|интересно|सुंदर|अच्छा|बढ़िया|मज़ेदार|प्यारा)"
    r"(?:\s+(?:one|job|work|picture|image|drawing|stuff|idea|answer|it|this|that|bot|lol|haha|man|dude|indeed|too"
    r"|though|tbh|imo|to me|thank you|thanks))*"
)
REMARK_CJK: Final = (
    "(?:とても|すごく|めっちゃ|本当に|すごい|好|真|太|很|非常|정말|진짜|너무)*(?:いい|すごい|可愛い|かわいい|きれい"
    "|綺麗|面白い|素敵|最高|怖い|変|なるほど|好看|漂亮|可爱|棒|不错|好玩|有意思|好笑|奇怪|丑|赞|哈+|예쁘다|예뻐"
    "|멋지다|멋져|귀엽다|귀여워|좋다|좋아|좋네|재밌다|재밌네|웃기다|이상해|최고|대박)(?:です|ですね|ね|よ|啊|呀|了"
    "|哦|네|네요|요|다)*"
)
CALLS_OFF: Final = (
    r"(?:no,? |nein,? |oh,? )?(?:actually,? |please,? )?(?:cancel|forget|stop|scrap|delete|drop|vergiss|lösch"
    r"|streich|cancela|olvida|borra|annule|oublie|supprime|annulla|dimentica|cancelle|esquece|apaga|annuleer|vergeet"
    r"|verwijder|anuluj|zapomnij|usuń|отмени|забудь|удали|キャンセル|忘れて|取り消|取消|算了|취소|잊어|रद्द|भूल)"
)
ABOUT_YOU: Final = (
    r"(?:.*\s)?(?:yourself|about you|of you|over jezelf|über dich|sobre ti|sobre você|de toi|su di te|o sobie"
    r"|о себе)\z"
)
MINE: Final = (
    r"(?:my|our|mein[ers]?|unser[e]?|mis?|nuestr[oa]s?|mon|ma|mes|notre|(?:il |la |i |le )?mi[oae]i?|(?:o "
    r"|a )?(?:meu|minha)s?|mijn|mój|moj[aąe]|мо[йяюёи]|मेर[ाीे])\s"
)
