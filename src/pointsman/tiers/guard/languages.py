# ruff: noqa: RUF001  (letters of several scripts)
"""The signs of an attack in other languages than English; letters stand without accents."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.guard.sign import sign

OTHER_LANGUAGES: Final = (
    sign(
        "undo-rules",
        "clause",
        r"((?:ignorier\w*|missacht\w*|vergiss|vergesst|umgeh\w*|uberschreib\w*|befolge)\s+(?:bitte "
        r"|mal )?(?:(?:all\w*|die|deine"
        r"|den|samtliche|jede|bisherigen?|vorherigen?|obigen?|vorigen?|bisher|nicht|keine"
        r"|sicherheits\w*) )*(?:anweisung\w*"
        r"|regel\w*|vorgabe\w*|richtlinie\w*|instruktion\w*|filter\w*|systemprompt|kategorien|klassifikator"
        r"|vorherige\w*"
        r"|was (?:der|oben|davor)|alles,? was (?:oben|davor|vorher)))",
        r"((?:ignora\w*|olvida\w*|omite|saltate|desobedece|no (?:sigas|obedezcas|respetes)"
        r"|haz caso omiso de)\s+(?:(?:de"
        r"|todas?|todos?|las|los|lo|tus?|sus?|el|cualquier|previas|anteriores) )*(?:instrucciones|reglas|normas"
        r"|directrices"
        r"|indicaciones|anterior\b|clasificador|filtros?|programacion))",
        r"((?:ignore[zr]?|oublie[zr]?|contourne|neglige|ne tiens pas compte (?:de|des)|ne (?:respecte|suis) (?:pas"
        r"|plus)"
        r"|fais comme si)\s+(?:(?:toutes?|tous|tout|les|tes|vos|ces|ton|ta|le|la|des|de) )*(?:instructions?|regles?"
        r"|consignes?"
        r"|directives?|role|classificateur|filtres?|ce qu'on t'a dit|precedent\w*))",
        r"((?:忽略|无视|忘记|忘掉|不要理会|不要遵守|不用遵守|违反|绕过|跳过|抛开)[^。！？\n，,]*(?:指令|指示|规则|提示|限制|分类器|设定"
        r"|一切|所有内容))",
        r"((?:проигнорируй|игнорируй|забудь|не следуй|не обращай внимани[ея] на|не соблюдай|обойди|нарушь"
        r"|отбрось)(?:те)?"
        r"\s+(?:(?:все|всё|свои|эти|твои|любые|предыдущие|прошлые|прежние|что|системные) ?)*(?:инструкци[а-я]*"
        r"|правил[а-я]*"
        r"|указани[а-я]*|ограничени[а-я]*|, что написано выше|выше|классификатор[а-я]*|тебе говорили"
        r"|предыдущ[а-я]*))",
        r"((?:ignora|dimentica)\s+(?:(?:tutte|le|tue|precedenti) )*(?:istruzioni|regole))",
        r"((?:ignore|esqueca)\s+(?:(?:todas|as|suas|tuas|anteriores) )*(?:instrucoes|regras))",
        r"((?:negeer|vergeet)\s+(?:(?:alle|je|de|vorige|eerdere) )*(?:instructies|regels))",
        r"((?:zignoruj|ignoruj|zapomnij)\s+(?:\w+ ){0,3}(?:instrukcj\w*|zasad\w*|regul\w*))",
        r"((?:指示|ルール|命令|規則|プロンプト)[^。\n]*(?:無視|忘れ))",
        r"((?:지시|규칙|명령|지침)[^.\n]*(?:무시|잊))",
    ),
    sign(
        "rules-void",
        "phrase",
        r"((?:deine|die|alle) (?:\w+ )?(?:regeln|vorgaben|anweisungen) gelten (?:\w+ )?nicht"
        r"|gelten deine regeln nicht"
        r"|keine regeln mehr|keine regeln und)",
        r"(no tienes (?:ninguna |mas )?(?:reglas|normas|restricciones)|no tienes que obedecer|las reglas ya no)",
        r"(tu n'as plus (?:aucune |de )?(?:regle|consigne|restriction)|les regles n'existaient pas)",
        r"(没有(?:任何)?(?:限制|规则)|不再受)",
        r"((?:у тебя )?(?:больше )?нет (?:никаких )?(?:правил|ограничений)|отныне не следуй)",
    ),
    sign(
        "names-verdict-plainly",
        "match",
        r"((?:klassifizier\w*|kategorisier\w*|ordne|stufe?|sortier\w*|behandle|markier\w*|werte"
        r"|kennzeichne)\s+(?:\w+ ){0,6}?"
        r"(?:als|zu|unter|der kategorie|in)\s+(?:(?:eine?|der|die|das|kategorie) )*<ANY>(?: (?:ein|zu))?\b)",
        r"((?:clasific\w*|etiquet\w*|marca|trata|categoriza|considera)\s+(?:\w+ ){0,6}?(?:como|en)\s+(?:(?:una?|la"
        r"|categoria"
        r"|peticion|solicitud|de) )*<ANY>)",
        r"((?:classe\w*|etiquette|marque|traite|categorise|considere)\s+(?:\w+ ){0,6}?(?:comme|en|dans"
        r"|parmi)\s+(?:(?:une?|la"
        r"|categorie|demande|de) )*(?:d')?<ANY>)",
        r"((?:把|将|请)?[^。！？\n，]*(?:分类为|归类为|归为|标记为|标为|分类成|当作|视为|算作)\s*(?:一个)?<ANY>(?:请求|类)?)",
        r"((?:классифицируй|отнеси|пометь|считай|поставь|выбери|отметь)(?:те)?\s+(?:\S+ ){0,6}?(?:как|к категории"
        r"|метку|категорию"
        r"|запросом на)\s+<ANY>)",
        r"((?:это|сообщение) (?:\S+ )?запрос на <ANY>)",
        r"((?:leite|schicke?|sende) (?:\w+ ){0,4}(?:an|zu|in) (?:den|die|das) (?:bildgenerator|bild))",
        r"((?:envia|manda|envoie) (?:\w+ ){0,3}(?:al|a la|au|a) (?:generador|generateur) d[e'] ?(?:imagenes|images))",
        r"((?:把)?所有消息都发送给图像生成器|отправляй всё в генератор)",
        r"((?:gib|antworte)\s+(?:\w+ ){0,5}(?:nur|ausschliesslich|als kategorie)\s+(?:\w+ ){0,4}<ANY>(?: aus)?)",
    ),
    sign(
        "leak",
        "phrase",
        r"((?:dein|deinen|deine) system-?prompt|tu prompt (?:de|del) sistema|ton prompt systeme"
        r"|votre prompt systeme)",
        r"(你的系统提示|系统提示词?[^。\n]*(?:输出|显示|告诉)|(?:显示|输出|透露)[^。\n]*系统提示)",
        r"((?:свой|твой|системный) системный промпт|покажи (?:свой )?(?:системный )?промпт|システムプロンプトを)",
    ),
    sign(
        "mode",
        "phrase",
        r"((?:im|in den) entwicklermodus|(?:en|activa el) modo (?:de )?desarrollador|en mode developpeur|开发者模式"
        r"|в режиме? разработчика)",
    ),
)
