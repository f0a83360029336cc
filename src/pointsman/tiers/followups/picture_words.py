# ruff: noqa: RUF001  (words of many scripts)
"""How people say what should be otherwise in a picture."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either

IT: Final = either(
    "it(?: all)?", "this(?: one)?", "that(?: one)?", "them", "him", "her", "me (?:it|one|that|them|this|him|her)",
    "everything",
    "(?:the|this|that) (?:whole )?(?:picture|image|drawing|photo|painting|one|thing|scene|result|whole thing|style"
    "|look|colou?rs?|mood)(?: of (?:it|that))?",
    "the same(?: thing| one| picture)?", "one", "its (?:style|look|colou?rs?|mood)", "das(?: bild)?", "es", "ihn",
    "sie", "le dessin", "l'image", "ça", "la imagen", "el dibujo", "l'immagine", "il disegno", "a imagem",
    "o desenho", "ele", "ela", "isso", "het", "hem", "dat", "ze", "de tekening", "to", "go", "ją", "je", "obrazek",
    "его", "её", "ее", "их", "это", "картинку", "इसे", "उसे", "इसको",
)  # fmt: skip
# "Make it bigger", "hazlo más grande": the frame goes, what stands behind it is wanted.
MAKE: Final = either(
    r"(?:make|have|get|keep|let|turn|change|do|put|set|re-?draw|draw|paint|sketch|render|re-?paint|show|want|try"
    r"|give|generate|re-?generate|re-?make|restyle|use|go|switch|recolou?r|colou?r|convert"
    rf"|transform)(?: me)? {IT}(?: (?:to be|be|look(?: like)?|all|into|to|as|over|again))*",
    "(?:make|let|have) me see (?:it|that|him|her|them)", "see (?:it|that|him|her|them)",
    "(?:how|what) (?:would|does|will|might) (?:it|that|he|she|they|this) look(?: like)?",
    rf"{IT} (?:(?:should|could|must|needs? to|has to|ought to) be|to be|needs|should have)",
    "(?:it )?(?:should|could|must|has to|needs to) be", "(?:turn|change|switch|swap|convert)(?: it)? (?:in)?to",
    "go for", "make it", "(?:it|they|he|she)(?: all)?",
    rf"(?:mache?|mach's|lass|gestalte|zeichne|male?|färbe?|setze?|stell|verwandle|ändere)(?: (?:{IT}|mal|bitte"
    r"|doch))+(?: (?:in|zu))?",
    "es soll", "es sollte",
    "(?:hazl|ponl|conviértel|cámbial|píntal|dibújal|haz|ponl|pásal)[oae]s?(?: a| en| que sea)?",
    "(?:que )?(?:sea|esté|tenga)", "(?:haz|pon|cambia|convierte) (?:la imagen|el dibujo|eso|esto)(?: a| en)?",
    rf"(?:rends|fais|mets|change|dessine|peins|transforme|passe)(?:-(?:l[ea]|les)| {IT})(?: (?:en|plus en))?",
    "(?:il|elle) (?:devrait|doit) être",
    r"(?:fall|rendil|cambial|mettil|disegnal|dipingil|trasformal|coloral)[oaei](?: in)?|(?:fai|rendi|cambia"
    rf"|disegna) {IT}(?: in)?",
    "(?:che )?sia",
    r"(?:faz|faça|deixa|deixe|torna|torne|muda|mude|pinta|pinte|põe|coloca|transforma|desenha)(?:-[oa]"
    rf"| {IT})(?: (?:em|de|para))?",
    rf"(?:maak|doe|teken|zet|verander|kleur|laat)(?: {IT})+(?: in| naar| een beetje)?",
    rf"(?:zrób|zmień|narysuj|namaluj|pomaluj|przerób)(?: {IT})*(?: (?:na|w))?", "niech będzie",
    rf"(?:сделай|измени|поменяй|нарисуй|перекрась|раскрась|преврати)(?:те)?(?: {IT})*(?: (?:на|в))?", "пусть будет",
)  # fmt: skip
MAKE_IT: Final = (
    r"(?:(?:how|what) (?:would|will|might) (?:it|that|he|she|they|this) look(?: like)? \pL|(?:it|them|him|her) (?:to"
    r"|more|less|in|with|without|as|on|at|a bit|much|all|even)\s|(?:make|have|get|keep|let|turn|change|do|put|set"
    r"|give|show|want|draw|paint) (?:it|this|that|them|him|her)\s)"
)
# With what must not be confused: "make the hat red" names a part.
MAKE_PART: Final = (
    r"(?:make|have|turn|change|paint|colou?r|recolou?r|let|set|keep|give|get) ((?:the|his|her|its|their"
    r"|that) (?:[^\s,]+ ){0,2}?[^\s,]+?)(?: (?:to be|be|look|into|to|in))* ((?:more |less |a bit |much |very "
    r"|a little |slightly |even |way |really )?[^\s,]+(?: (?:and|or) [^\s,]+)?)\z"
)
# "Her tail should be purple", "could the sea be rougher?"
SHOULD_BE: Final = (
    r"(?:(?:could|can|should|would|might) )?((?:the|his|her|its|their|that) (?:[^\s,]+ ){0,2}?[^\s,]+?) (?:(?:should"
    r"|could|must|needs to|need to|has to|have to|ought to) be|be|should look|to be|in) ((?:more |less |a bit |much "
    r"|very |a little |slightly |even |way |really )*[^\s,]+(?: (?:and|or) [^\s,]+)?)\z"
)
GIVE: Final = (
    rf"(?:give|hand) (?:{IT}|the [^\s,]+(?: [^\s,]+)??|his|her) ((?:an?|some|more|two|three|big|long|tiny|small|huge"
    r"|wings|glasses|[a-z]+s\z).*)\z"
)
# What is added, by the word that joins it to the description.
ADD: Final = (
    (
        "with",
        (
            r"(?:add|plus (?:an?|some)|include|put in|throw in|insert|stick in|place"
            r"|(?:it |he |she )?(?:should|could|needs to) have)(?: (?:in|also|maybe|just|him|her|it))*"
        ),
    ),
    ("mit", "(?:füge?|gib ihm|gib ihr|setz(?:e)? ihm|setz(?:e)? ihr|ergänze|mit dazu)"),
    (
        "con",
        (
            "(?:añ[aá]de(?:le)?|agr[eé]ga(?:le)?|ponle|pon|súmale|incluye|aggiungi(?:gli|le|ci)?|metti(?:gli|le|ci)?"
            "|includi)"
        ),
    ),
    ("avec", "(?:ajoute(?:-(?:lui|y))?|mets(?:-(?:lui|y))?|inclus)"),
    ("com", "(?:adiciona|adicione|acrescenta|acrescente|coloca|coloque|põe|inclui)(?:-lhe)?"),
    ("met", "(?:voeg|zet er|doe er|geef hem|geef haar)"),
    ("", "(?:dodaj(?: mu| jej)?|dołóż|wstaw|(?:добавь|прибавь|пририсуй|дорисуй|вставь)(?:те)?(?: (?:ему|ей|туда))?)"),
)  # fmt: skip
ADDED: Final = (
    r"\s+(?:hinzu|dazu|toe|bij|erbij|to (?:it|the (?:picture|image|scene|drawing)|him|her|them)|in (?:it|there)|a él"
    r"|a la imagen|à l'image)\z"
)
REMOVE: Final = either(
    r"(?:but )?without(?: any| the| an?| his| her| its)?",
    r"(?:remove|delete|erase|lose|drop|ditch|cut|omit|leave out|take (?:out|away|off)|get rid of|minus|skip|hide"
    r"|kill)(?: the| his| her| its| that| those| all(?: the)?| any| an?)?",
    r"no(?: more)?(?: the)?", "not (?:an?|the)", "(?:there )?shouldn't be (?:an?|any|the)?",
    "ohne(?: den| die| das| einen| eine| ein)?", "(?:entferne?|lösche?|nimm|lass)(?: den| die| das)?",
    "kein(?:e[nrms]?)?", "sin(?: el| la| los| las)?", "(?:quita(?:le)?|elimina|borra|saca)(?: el| la| los| las)?",
    "sans(?: le| la| les)?", "(?:enlève|retire|supprime|vire)(?:-lui)?(?: le| la| les)?",
    "senza(?: il| la| lo| i| gli| le)?", "(?:togli(?:gli)?|rimuovi|elimina|leva)(?: il| la| lo| i| gli| le)?",
    "sem(?: o| a| os| as)?", "(?:tira|tire|remove|remova|retira|retire)(?: o| a| os| as)?",
    "zonder(?: de| het| een)?", "(?:verwijder|haal)(?: de| het)?", "geen", "bez", "(?:usuń|zabierz|wyrzuć)", "без",
    "(?:убери|удали|сними|выкинь)(?:те)?",
)  # fmt: skip
REMOVE_END: Final = r"\s+(?:weg|raus|heraus|weglassen|weg te laten|away|out|off|eruit|entfernen)\z"
REMOVE_CJK: Final = (
    r"(?:(.+?)(?:は|を)?(?:なしで?|無しで?|抜きで?|消して|取って|外して|いらない|要らない|を除いて)(?:ください"
    r"|下さい)?|(?:不要|没有|去掉|去除|删掉|删除|拿掉|不带)(.+?)(?:了|吧)?|(?:把)(.+?)(?:去掉|删掉|删除|拿掉|移除"
    r"|擦掉)(?:了|吧)?"
    r"|(.+?)(?:을|를|은|는)?\s*(?:없이|빼고?|빼 ?줘요?|빼 ?주세요|없애 ?줘요?|없애 ?주세요|지워 ?줘요?|지워 ?주세요"
    r"|제거해 ?줘요?|제거해 ?주세요)|(?:बिना (.+?)(?: के)?|(.+?)\s+(?:के बिना|हटा(?: ?ओ| ?दो| ?इए)|निकाल(?: ?ओ"
    r"| ?दो))))[\s。.!！]*\z"
)
# What closes a wish in languages whose verb stands last, and what opens one in Chinese.
MADE_CJK: Final = (
    r"(?:で|に)\z|(?:に|で|を|も|と)?(?:変えて|変更して|して|しよう|描いて|かいて|加えて|足して|追加して|つけて"
    r"|付けて|入れて|持たせて|着せて|かぶせて|作って|お願いします|お願い)(?:みて)?(?:ください|下さい|くれる|ほしい"
    r"|もらえますか|よ|ね)*[\s。.!！]*\z"
    r"|(?:으로|로|을|를|도|만|하게)?\s*(?:바꿔|변경해|고쳐|해|그려|만들어|추가해|넣어|씌워|입혀)\s*(?:줘요?|주세요"
    r"|줄래요?|봐요?)?[\s.!]*\z|(?:으로|로)\z"
    r"|\s*(?:में)?\s*(?:बना(?: ?ओ| ?दो| ?इए)|कर(?: ?ो| ?दो| ?िए)|जोड़(?: ?ो| ?ें| ?िए| ?दो)|बदल(?: ?ो| ?दो)"
    r"|डाल(?: ?ो| ?दो)|लगा(?: ?ओ| ?दो)|चाहिए|रख(?: ?ो| ?दो))[\s।.!]*\z"
    r"|(?:吧|一下|了)*[\s。.!！]*\z"
)
LEAD_CJK: Final = (
    r"(?:इसे|उसे|इसको|उसको|इसमें|उसमें|それを|これを|そ?れ|그걸|이걸)\s*|再?(?:把(?:它|图|画面|颜色|背景)?)?(?:(?:改"
    r"|换|變|变|弄|做|画|调)(?:成|得|为)?|让(?:它|他|她)?|给(?:它|他|她)|加(?:上|入|一个|个)?|再?画(?:成|得)?|要|用)"
)

COLOUR: Final = either(
    "red", "blue", "green", "yellow", "orange", "purple", "violet", "pink", "black", "white", "gr[ae]y", "brown",
    "gold(?:en)?", "silver", "turquoise", "teal", "cyan", "magenta", "beige", "navy", "maroon", "lilac", "lavender",
    "crimson", "scarlet", "mint", "olive", "ivory", "rot(?:e[nrms]?)?", "blau(?:e[nrms]?)?", "grün(?:e[nrms]?)?",
    "gelb(?:e[nrms]?)?", "schwarz(?:e[nrms]?)?", "weiß(?:e[nrms]?)?", "lila", "rosa", "braun(?:e[nrms]?)?",
    "grau(?:e[nrms]?)?", "roj[oa]s?", "azul(?:es)?", "verdes?", "amarill[oa]s?", "negr[oa]s?", "blanc[oa]s?",
    "morad[oa]s?", "naranja", "gris(?:e?s)?", "rouges?", "bleue?s?", "verte?s?", "jaunes?", "noire?s?",
    "blanc(?:he)?s?", "violette?s?", "ross[oaie]", "blu", "verd[ei]", "giall[oaie]", "ner[oaie]",
    "bianc(?:o|a|hi|he)", "viola", "vermelh[oa]s?", "amarel[oa]s?", "pret[oa]s?", "branc[oa]s?", "rox[oa]s?",
    "rode?", "blauwe?", "groene?", "gele?", "zwarte?", "witte?", "paarse?", "roze", "czerwon\\pL+", "niebiesk\\pL+",
    "zielon\\pL+", "żółt\\pL+", "czarn\\pL+", "biał\\pL+", "fioletow\\pL+", "красн\\pL+", "син\\pL+",
    "зел[её]н\\pL+", "ж[её]лт\\pL+", "ч[её]рн\\pL+", "бел\\pL+", "фиолетов\\pL+", "розов\\pL+", "голуб\\pL+",
    "赤い?", "青い?", "緑", "黄色い?", "黒い?", "白い?", "紫", "ピンク", "[红蓝绿黄黑白紫粉]色的?",
    "(?:빨간|파란|초록|노란|검은|검정|하얀|흰|보라|분홍)색?", "लाल", "नील[ाीे]", "हर[ाीे]", "पील[ाीे]", "काल[ाीे]",
    "सफ़?ेद", "गुलाबी",
)  # fmt: skip
HOUR: Final = either(
    "at (?:night|dawn|dusk|sunset|sunrise|midnight|noon|twilight|daytime|golden hour)",
    "(?:by|during the) (?:day|night|daytime)",
    "in (?:the )?(?:morning|evening|afternoon|winter|summer|spring|autumn|fall|daylight|moonlight|sunlight|rain"
    "|snow|fog|dark)",
    "(?:night|day)time", "night", "winter", "summer", "spring", "autumn", "bei (?:nacht|tag|sonnenuntergang)",
    "nachts", "im (?:winter|sommer|frühling|herbst|regen|schnee)", "de (?:noche|día)",
    "en (?:invierno|verano|otoño|primavera)", "la nuit", "de nuit", "en (?:hiver|été|automne)",
    "di (?:notte|giorno)", "in (?:inverno|estate)", "à noite", "de (?:noite|dia)", "no (?:inverno|verão)",
    "'s nachts", "in de (?:winter|zomer|nacht)", "nocą", "w nocy", "zimą", "latem", "ночью", "днём", "зимой",
    "летом", "夜に?", "冬に?", "夏に?", "夜晚", "冬天", "밤에?", "겨울에?", "रात में", "रात को",
)  # fmt: skip
WHERE: Final = (
    r"(?:in|on|at|under|near|by|inside|over) (?:the |an? |some )?(?:\pL+ ){0,2}?(?:garden|park|forest|woods|jungle"
    r"|beach|desert|mountains?|hill|moon|mars|space|sea|ocean|lake|river|city|town|street|village|kitchen|room"
    r"|bedroom|office|house|castle|library|school|field|meadow|farm|island|sky|clouds|snow|cave|ruins|bar|cafe|café"
    r"|restaurant|train|bus|boat|ship|stage|rooftop|bridge|market|museum|paris|london|tokyo|new york|rome|venice"
    r"|underwater)"
)
# A wish in the form of an opinion: "yellow tiles would be nicer".
OPINION: Final = r"\s+(?:would (?:be|look) (?:even )?(?:\pL+)|looks? better|please)\z"
SIZE: Final = either(
    "(?:much |even |a bit |a little |way |slightly )?(?:bigger|larger|huge|smaller|tiny|taller|shorter|wider"
    "|gigantic|massive|giant|tiny|miniature)",
    "größer", "kleiner", "más grande", "más pequeño", "plus (?:grand|petit)e?", "più (?:grande|piccolo)", "maior",
    "menor", "groter", "kleiner", "większy", "mniejszy", "больше", "меньше", "もっと大きく", "もっと小さく",
    "大一点", "小一点", "더 크게", "더 작게",
)  # fmt: skip
