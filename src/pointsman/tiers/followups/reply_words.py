# ruff: noqa: RUF001  (words of many scripts)
"""Whole replies that mean nothing by themselves: yes, no, again, the second one."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either
from pointsman.tiers.slots.polite import MUCH, THANKS
from pointsman.tiers.slots.polite import PLEASE as PLEASE_LATIN

# White space, punctuation and signs, emojis among them, of the scripts that are read here.
SEP: Final = (
    r"[\x00-/:-@\[-`{-\x{bf}×÷\x{2000}-\x{206f}\x{2190}-\x{2bff}\x{3000}-\x{3003}\x{3008}-\x{301f}\x{3030}\x{30fb}"
    r"\x{964}\x{fe0e}\x{fe0f}\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff20}\x{ff3b}-\x{ff40}\x{ff5b}-\x{ff65}\x{1f000}-\x{1faff}]"
)
PLEASE_CJK: Final = either(
    "お願い(?:します|いたします|ね)?", "おねがい(?:します)?", "ください", "下さい", "谢谢你?", "請", "请", "吧",
    "啊", "呀", "哦", "了?", "부탁해요?", "부탁합니다", "부탁드려요", "주세요", "줘요?", "고마워요?", "よ", "ね",
    "です",
)  # fmt: skip


def whole(latin: str, cjk: str, around: str = "", around_cjk: str = PLEASE_CJK) -> str:
    """A pattern for texts that hold nothing but these words, and around them `around`; one of the words at least."""
    spare = rf"(?:(?:{PLEASE_LATIN}|कृपया|प्लीज़?{'|' + around if around else ''})(?:{SEP}+|\z)|{around_cjk}{SEP}*)"
    said = rf"(?:(?:{latin})(?:{SEP}+|\z)|(?:{cjk}){SEP}*)"
    return rf"{SEP}*{spare}*{said}(?:{spare}|{said})*\z"


AFFIRMED: Final = (
    "oh yes|oh please|please|pls|go|go on then|mm+hm+|uh huh|i guess(?: so)?|i would|yes (?:i would|you may)|you may"
    "|go right ahead|make it happen|sounds like a plan|that (?:one|would help|helps)|sure go on|yes go on|klar doch"
    "|mach mal|sehr schön ja|ok go|dai|anda|zu|yes+|yeah+|yea|yep|yup|ye|aye|y|sure(?: thing)?|ok(?:ay)?|okey|k|kk"
    "|alright|all right|of course|certainly"
    "|definitely|absolutely|totally|indeed|exactly|correct|right|that's right|affirmative|go ahead(?: and do (?:it"
    "|that))?"
    "|go for it|please do(?: so| it| that)?|do (?:it|that|so)|do (?:it|that) then|let's do (?:it|that)|let's go|let's"
    "|why not|sounds (?:good|great|perfect|lovely|nice)(?: to me)?|that would be (?:great|nice|lovely|good|helpful"
    "|perfect|cool"
    "|awesome)|that'd be (?:great|nice|lovely|good|helpful|perfect|cool|awesome)|that sounds (?:good|great|lovely|nice)"
    "|(?:i'd|i would) (?:like|love|appreciate) (?:that|it|to)|love to|i do|you (?:can|may|could|should)"
    "|yes you (?:can|may)"
    "|by all means|be my guest|perfect|great|good idea|great idea|fine|make it so|proceed|confirm(?:ed)?|do please"
    "|if you (?:can"
    "|could|want|like|would|don't mind)|would you|could you|can you|gladly|thanks yes|hell yeah|yass+|bet|that works"
    "|works for me"
    # de
    "|ja+|jo|jep|jawohl|klar|na klar|natürlich|gerne?|sehr gerne?|sicher|genau|mach(?:e)?(?: das| es)?(?: mal"
    "| ruhig)?|mach(?:s|'s)"
    "|ja gerne?|unbedingt|auf jeden fall|passt|gut|einverstanden|in ordnung|das wäre (?:toll|super|nett|schön|gut)"
    "|warum nicht|nur zu"
    "|bitte sehr|tu das|tu es|leg los|los|von mir aus|ja mach(?:e)?(?: das| es| mal)?"
    # es
    "|s[ií]+|claro(?: que s[ií])?|por supuesto|vale|dale|hazlo|adelante|de acuerdo|perfecto|venga|desde luego"
    "|cómo no|como no"
    "|me encantaría|sería genial|sí quiero|bueno|está bien|ok dale|exacto|correcto|porfa sí|sí por favor"
    # fr
    "|oui+|ouais|ouaip|si|d'accord|bien sûr|volontiers|vas-y|vas y|allez-y|allez|fais-le|fais le|faites-le"
    "|avec plaisir|parfait"
    "|pourquoi pas|ce serait (?:super|bien|génial|gentil|top)|je veux bien|oui je veux bien|carrément|exactement"
    "|entendu|ça marche"
    # it
    "|sì|si+|certo|certamente|va bene|d'accordo|fallo|fai pure|vai|volentieri|perfetto|perché no|sarebbe (?:bello"
    "|fantastico"
    "|perfetto|utile)|esatto|procedi|ovvio|certo che sì|sì grazie|magari"
    # pt
    "|sim|claro(?: que sim)?|com certeza|pode ser|pode(?: fazer)?|faça|faz isso|faça isso|manda|manda ver"
    "|vai em frente|está bem"
    "|tá|tá bom|tudo bem|ótimo|por que não|boa ideia|seria ótimo|quero(?: sim)?|isso|exato|beleza|bora"
    # nl
    "|ja hoor|jazeker|zeker|natuurlijk|graag|ja graag|doe maar|doe dat(?: maar)?|prima|oké|goed|is goed|waarom niet"
    "|ga je gang"
    "|tuurlijk|absoluut|dat zou (?:fijn|leuk|mooi|top|geweldig) zijn|klopt"
    # pl
    "|tak|no tak|jasne|pewnie|oczywiście|dobrze|dobra|chętnie|zrób to|poproszę|tak poproszę|śmiało|zgoda|dawaj"
    "|czemu nie|no dawaj"
    "|świetny pomysł|byłoby super|proszę bardzo|owszem"
    # ru
    "|да+|ага|угу|конечно|давай(?:те)?|хорошо|ладно|окей|ок|с удовольствием|разумеется|да конечно|сделай(?:те)?"
    "|было бы (?:здорово"
    "|хорошо|отлично|круто)|почему бы и нет|валяй|действуй|именно|верно|хочу|идёт|идет|точно|можно|не против"
    # hi
    "|हाँ|हां|हा|जी|जी हाँ|जी हां|हाँ जी|हां जी|ठीक है|बिल्कुल|बिलकुल|ज़रूर|जरूर|कर दो|करो|हाँ करो|क्यों नहीं|अच्छा"
    "|बना दो|haan?|haan ji|theek hai"
)  # fmt: skip
AFFIRMED_CJK: Final = (
    "はい|うん|ええ|そう(?:です)?(?:ね)?|もちろん(?:です)?|ぜひ|是非|いいですね|いいよ|いいね|オーケー|オッケー"
    "|やって|そうして|それで(?:お願いします)?"
    "|頼む|頼みます|描いて|調べて|お願いします|お願い|おねがい(?:します)?"
    "|是的?|好的?|好啊|好呀|好吧|行|可以|嗯+|对|對|当然(?:可以)?|當然|没问题|要|要的|麻烦你了?|请(?:便|吧)?|没错"
    "|来吧|可以的|好主意"
    "|네+|예|응+|어|그래요?|좋아요?|좋지|물론(?:이지|이죠|입니다)?|당연하지|그렇게 해(?: 주세요|줘)?|해 ?줘요?"
    "|해 ?주세요|부탁해요?|부탁드려요|부탁합니다|알겠어|오케이"
    "|그려 ?줘요?|그려 ?주세요|찾아 ?줘요?|찾아 ?주세요|응 해줘"
)
YES: Final = whole(
    AFFIRMED, AFFIRMED_CJK, rf"(?:{THANKS})(?: (?:{MUCH}))*|now|then|for me|that|it|also|too|and|oh|ah|well"
)

REFUSED: Final = (
    "no+|nope|nah+|absolutely not|definitely not|nothing(?: more| else)?|no changes?|not that"
    "|leave it(?: (?:like (?:that|this)|as (?:it )?is|alone|there|be|that way))|keep it(?: (?:like (?:that|this)"
    "|as (?:it )?is|that way))|that(?:'ll| will) do|(?:don't|do not|no need to) change (?:anything|it|a thing)"
    "|maybe tomorrow|no tomorrow|another time|some other time|i can do (?:it|that) myself|i already know"
    "|i think i'm (?:fine|good)|i like it(?: (?:like that|as it is|this way))?|it's (?:fine|perfect|good"
    "|ok(?:ay)?)(?: (?:as it is|like that|the way it is|now))?|no (?:mate|man|dude|bro)|naw|no way|not (?:now|really"
    "|yet|today|right now|at the moment|necessary|needed)|never ?mind|nvm|no need|don't"
    "|do not|please don't|don't bother|don't do (?:it|that)|leave it|forget (?:it|about it)|skip (?:it|that)|cancel"
    "|stop|i'm good|i'm fine"
    "|no i'm (?:good|fine|ok(?:ay)?)|that's (?:ok(?:ay)?|fine)|rather not|i'd rather not|maybe later|later"
    "|not this time|negative|hell no|pass"
    "|not interested|no worries|that won't be necessary|all good|it's (?:fine|ok(?:ay)?|all right)|i'll (?:pass"
    "|do it myself|manage)"
    "|nein|nee|nö|ne|nicht nötig|lass (?:es|mal|gut sein|das)|lieber nicht|später|vergiss es|schon gut|alles gut"
    "|passt|bleib(?:t)? so|lass es so|es ist gut so|jetzt nicht|nein lass|passt schon"
    "|no hace falta|así está bien|está bien así|déjalo así|déjalo|mejor no|ahora no|todavía no|no importa|olvídalo"
    "|luego|no quiero"
    "|non+|laisse(?: tomber)?|pas (?:maintenant|besoin|la peine|vraiment)|ça ira|c'est bien comme ça|laisse comme ça"
    "|ça va aller|plus tard|c'est bon|oublie"
    "|non importa|lascia (?:stare|perdere)|non serve|meglio di no|più tardi|non ora|fa niente|va bene così"
    "|lascia così|sto bene"
    "|não|nao|não precisa|deixa (?:pra lá|para lá|estar)|agora não|melhor não|depois|esquece|esqueça"
    "|está bom(?: assim)?|deixa assim|tá bom assim"
    "|nee hoor|hoeft niet|laat maar|niet nodig|liever niet|nu niet|vergeet het|laat het zo|is goed zo|het is goed zo"
    "|nie+|nie trzeba|nieważne|daj spokój|raczej nie|nie teraz|później|zostaw(?: to)?|niekoniecznie|zostaw tak"
    "|jest dobrze|tak jest dobrze"
    "|нет|не надо|не нужно|не стоит|неа|не сейчас|потом|забудь|оставь|не хочу|нет нет|пока нет|оставь так"
    "|и так хорошо|всё хорошо"
    "|नहीं|नही|ना|जी नहीं|रहने दो|ज़रूरत नहीं|जरूरत नहीं|अभी नहीं|नहीं नहीं|छोड़ो|मत करो|nahi|nahin"
)
REFUSED_CJK: Final = (
    "いいえ|いや|ううん|いらない(?:です)?|要らない(?:です)?|結構です|大丈夫(?:です)?|やめて(?:おく|おきます)?"
    "|今はいい(?:です)?|遠慮します|いいです"
    "|不|不用了?|不要了?|不必了?|算了|不了|没关系|不需要|暂时不用|以后再说|别了?|先不用"
    "|아니요?|아뇨|아니야|됐어요?|괜찮아요?|괜찮습니다|필요 ?없어요?|나중에(?: 할게요?)?|그만|안 해도 돼요?|싫어요?"
)
NO: Final = whole(
    REFUSED,
    REFUSED_CJK,
    rf"(?:{THANKS})(?: (?:{MUCH}))*|it|that|for now|now|then|thanks though|just|ok(?:ay)?|oh|ah|well|but",
)

NO_WORD: Final = r"(?:no+|nope|nah+|nein|nee|nö|non|não|nao|nie|нет|नहीं)[,.!]*"

# One more of the same. What follows a verb is in AGAIN_OBJECT.
MANY: Final = r"two|three|four|five|six|ten|a few|some|several|couple|a couple|\d{1,2}"
SORT: Final = (
    "one|ones|time|times|try|attempt|go|take|shot|round|version|versions|variation|variations|picture|pictures|pic"
    "|pics|image|images"
    "|drawing|drawings|photo|photos|joke|jokes|story|poem|example|examples|fact|facts|riddle|idea|ideas|option"
    "|options|quote|tip|haiku"
    "|suggestion|suggestions|name|names|result|results|question|number|recipe|song|line|limerick|pun|puzzle|roll"
    "|flip|of (?:them|those|these)"
)
REDO: Final = (
    "re-?do|re-?try|re-?roll|re-?generate|re-?draw|re-?run|re-?make|re-?paint|re-?peat|re-?create|re-?write|repeat"
    "|do|try|run|make|draw|paint"
    "|generate|roll|flip|spin|tell(?: me)?|give(?: me)?|show(?: me)?|create|write|say|check|search|look|calculate"
    "|execute|get(?: me)?|have"
    "|sketch|got|hit me with|give it|let's (?:have|see|do|try)|i want|i'd like|i need|can i (?:have|get|see)"
    "|could i (?:have|get|see)|may i have|got|any|how about"
    "|what about|gimme|hit me with|throw"
)
ONCE_MORE: Final = (
    rf"again|agian|agin|agen|(?:anoter|anotha|anouther|nother) one|another (?:{MANY})|(?:any |the )?others?"
    rf"|once again|once more|one more time|over again|(?:just )?(?:one|another|(?:{MANY})) more(?: (?:{SORT}))?"
    rf"|(?:a )?(?:another|different|new|fresh|second)(?: (?:different|new))?(?: (?:{SORT}))?(?: of (?:it|that|this"
    rf"|them|those|the same))?|yet another(?: (?:{SORT}))?"
    rf"|(?:some |a few )?more(?: (?:like (?:this|that|it)|please|{SORT}))?|anything else|(?:the )?same(?: (?:again"
    r"|one|thing|as before|picture))*"
    r"|(?:it|that|this)(?: all)? (?:again|once more|one more time|over)|as before|one|variations|encore"
    r"|next(?: one)?|(?:it |that )?(?:once more |one more )?(?:from scratch|from the (?:top|start|beginning)"
    r"|for luck|with feeling)|another (?:shot|take|spin)|it another (?:shot|go|try)"
)
AGAIN_LATIN: Final = (
    rf"(?:(?:{REDO}) )?(?:{ONCE_MORE})|(?:re-?do|re-?try|re-?roll|re-?generate|re-?draw|re-?run|re-?make|re-?paint"
    r"|repeat)"
    r"(?: (?:it|that|this|please|the (?:picture|image|drawing|last one)))*"
    r"|anything (?:newer|new|else|more|better|cheaper|closer|similar)|something (?:else|similar|different|new)"
    r"|go again|run (?:it|that) back|hit me(?: again)?|start over|do over|what else|keep (?:them|it) coming"
    r"|keep going|continue|go on|carry on|not (?:that one|this one)|try (?:it|that|something) (?:again|else"
    r"|different)|try again"
    # de
    r"|(?:(?:mach|mal|zeichne?|male|versuch|probier|erzähl|gib|zeig|wiederhole?|sag)(?: (?:es|das|mir|uns|bitte"
    r"|doch))* )?"
    r"(?:noch ?mals?|noch ?einmal|erneut|von vorne?|noch so eins?|noch (?:eine?[nrs]?|eins|mehr|\pL+)(?: (?:bild"
    r"|witz|version|variante|mal|versuch"
    r"|beispiel|geschichte|gedicht|idee|solches|davon))?|(?:ein|eine|einen|was) andere[rsn]?s?(?: (?:bild|version"
    r"|variante|witz))?|das ?(?:gleiche|selbe)(?: noch ?mal)?"
    r"|nächste[rs]?|weitere)|wiederhol(?:e|en)?(?: (?:das|es|bitte))*|weiter|mach weiter|neu(?:er versuch| zeichnen"
    r"| machen)?|wieder"
    # es
    r"|(?:(?:haz(?:lo|me)?|dibuja|dime|dame|cuéntame|inténtalo|hacer|prueba|repite|repítelo|muéstrame"
    r"|quiero) )?(?:otra vez|de nuevo|nuevamente|una vez más"
    r"|(?:otr[oa]s?|un[oa]?)(?: más)?(?: (?:imagen|dibujo|foto|chiste|versión|ejemplo|intento|igual|diferente"
    r"|distint[oa]|más))?|más|lo mismo(?: otra vez)?)"
    r"|rep[ií]te(?:lo)?|vuelve a (?:hacerlo|intentarlo|dibujarlo)|sigue|contin[uú]a|siguiente"
    # fr
    r"|(?:(?:fais|dessine|raconte|dis|donne|montre|essaie|refais|recommence)(?:-(?:moi|le|la|en"
    r"|m'en))* )?(?:encore(?: une?)?(?: (?:fois|autre|image|blague|essai"
    r"|dessin|exemple|plus))?|(?:une?|d')[ ]?autres?(?: (?:fois|image|dessin|blague|version|exemple|photo))?"
    r"|à nouveau|de nouveau|la même chose|le même|la même|une? de plus|pareil)"
    r"|refais(?:-(?:le|la|en une?))?|recommence|réessaie|répète|continue|suivante?|rebelote"
    # it
    r"|(?:(?:fai|disegna|dimmi|dammi|raccontami|mostrami|prova|rifai|ripeti|fammi|fammene|dimmene|fanne"
    r"|raccontamene)(?:ne|lo|la)? )?(?:ancora(?: un[oa']?)?(?: volta)?|(?:un'altra|un'? ?altr[oa]"
    r"|altr[ie])(?: (?:volta|immagine|disegno"
    r"|barzelletta|versione|esempio|foto))?|di nuovo|lo stesso|la stessa cosa|di più)|rifal[lo]+a?|riprova"
    r"|ripeti(?:lo)?|continua|prossim[oa]|nuovamente|daccapo"
    # pt
    r"|(?:(?:faz|faça|desenha|desenhe|conta|conte|me conta|diz|dá-me|me dá|tenta|tente|mostra|repete|repita"
    r"|quero) )?(?:de novo|outra vez|novamente|(?:mais )?(?:um|uma)(?: (?:vez|imagem|desenho"
    r"|piada|versão|exemplo|foto|outr[oa]))?|mais (?:uma?|alguns|algumas)?|outr[oa]s?(?: (?:vez|imagem|desenho|piada"
    r"|versão|exemplo|foto))?|o mesmo|a mesma coisa)"
    r"|repet[ae](?:-o)?|repita|refa(?:z|ça)|continua|continue|próxim[oa]"
    # nl
    r"|(?:(?:doe|teken|maak|vertel|geef|probeer|laat|toon)(?: (?:het|dat|me|mij|er|zien))* )?(?:nog (?:een keer|eens"
    r"|een|eentje|één|een keertje|meer|\pL+)(?: (?:plaatje|grap|mop|versie|voorbeeld|tekening|afbeelding|zien))?"
    r"|nogmaals|opnieuw|een andere?(?: (?:versie|grap|plaatje|tekening|afbeelding))?|weer|hetzelfde|iets anders"
    r"|volgende)|herhaal(?: (?:het|dat))?|ga door|verder"
    # pl
    r"|(?:(?:zrób|narysuj|opowiedz|powiedz|spróbuj|daj|pokaż|podaj)(?: (?:to|mi|go))* )?(?:jeszcze (?:raz|jed(?:en"
    r"|n[oaeąy]))(?: (?:obrazek|żart|dowcip|wersj[aę]|przykład))?|ponownie|znowu|znów|kolejn[yaeąo]\pL*(?: (?:obrazek"
    r"|żart|dowcip|wersj[aę]|przykład))?|(?:coś )?inn[yaeąe]\pL*(?: (?:obrazek|żart|wersj[aę]))?|od nowa|to samo"
    r"|następn[yaeąe]\pL*|więcej|drug[iaeą]e?)|powtórz(?: to)?|dalej|kontynuuj"
    # ru
    r"|(?:(?:сделай|нарисуй|расскажи|скажи|попробуй|давай|дай|покажи|повтори|хочу)(?:те)?(?: (?:мне|это"
    r"|его))* )?(?:ещ[её](?: (?:раз|раза|раз[оа]к|од(?:ин|н[уоай])\pL*|парочку|пару|такую|такой))?(?: (?:картинку"
    r"|анекдот|шутку"
    r"|вариант|пример|рисунок|версию))?|снова|опять|заново|(?:друг(?:ой|ую|ое|ие)|нов(?:ый|ую|ое|ые))(?: (?:картинку"
    r"|вариант|анекдот|шутку|рисунок|версию|пример))?|то же самое|следующ\pL+)"
    r"|повтори(?:те)?|продолжай|дальше|переделай|перерисуй"
    # hi
    r"|(?:फिर(?: से)?|दोबारा|दुबारा|एक बार (?:फिर|और)(?: से)?|(?:एक )?और(?: एक| भी| एक बार)?|(?:कोई )?(?:दूसर[ाीे]"
    r"|नय[ाीे]|अलग)|वही)(?: (?:तस्वीर|चित्र|चुटकुला|फोटो))?"
    r"(?: (?:बनाओ|बनाइए|बना दो|करो|कर दो|सुनाओ|दिखाओ|बताओ|दो|दीजिए|कीजिए|कोशिश करो|चाहिए))?|दोहराओ|जारी रखो"
)
AGAIN_CJK: Final = (
    r"(?:もう|あと)(?:一|１|1|いち|ひと|二|2|３|三|3)?(?:度|回|枚|つ|個|本|問)?(?:だけ)?|もういちど|もういっかい"
    r"|もう一声|(?:別|他|ほか|違う)の?(?:もの|やつ|バージョン|絵|画像|パターン|案)?(?:を|も|で)?|再度|また"
    r"|(?:やり|描き|作り|言い|書き)直して|繰り返して|続けて|続き|おかわり|同じ(?:もの|の)?(?:を|で)?"
    r"|次(?:の)?(?:を)?|(?:描|か|書)いて|作って|見せて|やって(?:みて)?|して|言って|教えて|話して|試して"
    r"|再?来?(?:再|多)(?:来|画|做|说|讲|试|生成|给我|问|算|查|弄|写|跑|运行|掷|搜|看)?(?:几|一|两|三|1|2|3)?(?:张|個"
    r"|个|次|遍|幅|下|首|句|条|道|些)?(?:图|笑话|画|故事)?|(?:再来|重来|重做|重新(?:画|生成|来|做|写|运行"
    r"|试)?(?:一)?(?:张|个|次|遍|幅|下)?)"
    r"|(?:换|另|另外)(?:一)?(?:张|个|種|种|幅|首)(?:别的)?|继续|下一(?:个|张|首)|一样的|同样的"
    r"|다시(?: (?:한 ?번|한번))?|한 ?번 ?더|(?:하나|한 ?장|한 ?개|두 ?개|두 ?장|몇 ?개|몇 ?장|조금) ?더"
    r"|또(?: ?하나)?|다른 ?(?:거|것|걸|버전|그림|농담|이미지)(?:로|도|을|를|으로)?|새로(?:운 ?거)?|계속(?:해)?"
    r"|반복(?:해)?|똑같이|같은 ?거|다음 ?(?:거|것)?"
    r"|해 ?(?:줘요?|주세요|봐)|그려 ?(?:줘요?|주세요)?|만들어 ?(?:줘요?|주세요)?|보여 ?(?:줘요?|주세요)?"
    r"|말해 ?(?:줘요?|주세요)?|해 ?봐|더"
)
AROUND: Final = (
    r"now|then|and|but|maybe|just|for me|one|instead|mal|doch|ahora|pero|maintenant|et|adesso|agora|nu|maar|teraz"
    r"|теперь|давай|अब|लेकिन"
    r"|(?:can|could|will|would) (?:you|we|i)|ok(?:ay)?|thanks|hm+|great|nice|cool|haha|lol|wow|super|oh"
)
AGAIN: Final = whole(AGAIN_LATIN, AGAIN_CJK, AROUND)
# What AGAIN takes in passing and does not mean it by itself.
NOT_AGAIN: Final = whole(
    r"one|any|some|something|anything else|two|three|wieder|weer|que|un|una|uno|uma|um",
    r"(?:描|か|書)いて|作って|見せて|やって(?:みて)?|して|言って|教えて|話して|試して|次の|再|多|解|해 ?(?:줘요?"
    r"|주세요|봐)|그려 ?(?:줘요?|주세요)?|만들어 ?(?:줘요?|주세요)?|보여 ?(?:줘요?|주세요)?|말해 ?(?:줘요?|주세요)?"
    r"|해 ?봐|하나",
    AROUND,
)

ORDINAL: Final = (
    r"first|second|third|fourth|fifth|last|latter|former|other|left|right|middle|top|bottom|previous|1st|2nd|3rd|4th"
    r"|5th"
    r"|erste[nrs]?|zweite[nrs]?|dritte[nrs]?|letzte[nrs]?|vorige[nrs]?|linke[nrs]?|rechte[nrs]?|mittlere[nrs]?"
    r"|primer[oa]?|segund[oa]|tercer[oa]?|últim[oa]|premi[eè]re?|deuxième|seconde?|troisième|dernière?|prim[oa]"
    r"|second[oa]|terz[oa]|ultim[oa]"
    r"|primeir[oa]|terceir[oa]|últim[oa]|eerste|tweede|derde|laatste|pierwsz[yaeąe]\pL*|drug[iaąe]\pL*"
    r"|trzeci[aąe]?\pL*|ostatni[aąe]?\pL*"
    r"|перв(?:ый|ую|ое|ая)|втор(?:ой|ую|ое|ая)|трет(?:ий|ью|ье|ья)|последн(?:ий|юю|ее|яя)|पहल[ाीे]|दूसर[ाीे]"
    r"|तीसर[ाीे]|आखिरी|आख़िरी"
)
PICK: Final = whole(
    r"(?:(?:i )?(?:like|prefer|want|choose|pick|take|use|show me|give me|let's (?:go|do) (?:with|for)?|go (?:with"
    r"|for)|i'd (?:like|take|prefer)|i'll take|tell me (?:more )?about|more (?:about|on)|(?:go |let's go )?back to"
    r"|keep|return to) )?"
    rf"(?:the )?(?:(?:{ORDINAL})(?: (?:one|option|choice|picture|image|version|joke|idea|suggestion|two|three"
    r"|again))?|(?:number|nr|no|#|option|version|picture|image) ?(?:[0-9]|[a-e]|one|two|three|four|five)"
    r"|both(?: of them)?|neither|all of (?:them|those|these)"
    r"|[0-9](?:st|nd|rd|th)? one)"
    r"|(?:(?:ich )?(?:nehme?|will|möchte|mag|zeig mir) )?(?:(?:das|die|der|den|el|la|le|l'|il|lo|o|a|de|het|ten|ta"
    rf"|to|tę)[ ]?)(?:{ORDINAL})(?: (?:bild|option|version|eins|opción|imagen|image|una|uno|immagine|opzione|imagem"
    r"|opção|optie|plaatje|opcja|obrazek))?"
    r"|(?:nummer|número|numéro|numero|numer|номер|नंबर) ?(?:[0-9]|eins|zwei|drei|dos|tres|deux|trois|due|tre|dois"
    r"|três|twee|drie|dwa|trzy|один|два|три|दो|तीन)"
    rf"|(?:{ORDINAL})(?: (?:вариант|картинк\pL+|वाला|वाली|option|optie|opcja))?",
    r"(?:最初|一つ目|ひとつめ|二つ目|ふたつめ|三つ目|二番目|一番目|三番目|[0-9２３１]番目?|最後|前|後)(?:の)?(?:もの"
    r"|やつ|ほう|方|絵|画像)?(?:を|が(?:いい)?|で)?|(?:第|选第?|要第?)(?:一|二|三|四|五|[0-9])(?:个|张|種|种|幅"
    r"|首)?(?:吧)?|最后(?:一)?(?:个|张)"
    r"|(?:첫|두|세|네) ?번째(?: ?(?:거|것|걸|그림))?(?:로|요)?|[0-9]번(?: ?(?:거|것|째))?(?:으?로)?|마지막(?: ?(?:거"
    r"|것))?(?:으?로)?",
)
