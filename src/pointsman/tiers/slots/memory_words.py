# ruff: noqa: RUF001  (words of many scripts)
"""How people ask for their memory to be used: the wording, in many languages, that is not what is remembered."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.slots.linear import either

ASK: Final = either(
    r"(?:can|could|would|will) (?:you|u|ya|we)(?: please)?", "(?:i|we) (?:need|want)(?: you)? to",
    "(?:i'd|i would) like(?: you)?(?: to)?", "i need", "i want", "please", "go ahead and",
    "make sure (?:to|you)", "try to", "help me(?: to)?", "also", "just", "now",
    "(?:me )?(?:puedes|podr[ií]as)(?: por favor)?", "quiero que", "(?:kannst|könntest) du(?: mir| dir)?(?: bitte)?",
    "(?:tu peux|peux-tu|pourrais-tu)(?: me)?", "(?:mi )?(?:puoi|potresti)",
    "(?:voc[eê] )?(?:pode|poderia)(?: me)?", "(?:kun|kan|zou) je(?: voor mij)?",
    "(?:czy )?(?:możesz|mógłbyś)(?: mi)?", "(?:ты )?(?:можешь|можете)(?: мне)?",
)  # fmt: skip
ASKED: Final = rf"(?:{ASK}\s*[, ]\s*)+"
LIST_NAME: Final = (
    r"((?:[^\s,.?!]+ ){0,3}list\b(?: of [^,.?!]+)?|to-?dos?|lista(?: de(?: la| las)?| delle| della"
    r"| do)? [^\s,.?!]+|liste (?:de |d')[^\s,.?!]+|[^\s,.?!]*liste\b|[^\s,.?!]+zettel\b|[^\s,.?!]*lijst(?:je)?"
    r"|list[ęy] [^\s,.?!]+|список [^\s,.?!]+|calendar|agenda|diary|kalender|calendario|cart|basket)"
)
MY: Final = (
    "(?:my|the|our|mi|nuestra|meine[rnm]?|unsere[rnm]?|die|der|dem|den|ma|notre|la|alla mia|la mia|mia|nostra|minha"
    "|à minha|nossa|mijn|onze|mojej|moją|mój|moja|мой|моя|мою|моей|моём|моего|моему)"
)
# What may stand before the name of a list, and is no part of it.
OWNER: Final = (
    "(?:my|our|the|meine?[rnms]?|unsere?[rnms]?|die|der|das|dem|den|mi|mis|nuestra|la|las|el|ma|mon|mes|notre|le|les"
    "|mia|mio|nostra|il|lo|minha|meu|nossa|a|o|mijn|onze|de|het|moja|moją|mojej|mój|nasza|мой|моя|мою|моей|моего"
    r"|моему|наш|내|우리)\s+|(?:我的|我们的|私の|僕の|俺の)"
)
ON_LIST: Final = (
    rf"(?:to|on|onto|in|into|from|off(?: of)?|a|auf|zur?|von|vom|à|sur|de|alla|dalla|na|da|op|aan|van|do|z|в|из)"
    rf"(?: {MY}| l')? ?"
)
ADD: Final = (
    r"(?:add|put|include|write|stick|throw|insert|añade|agrega|apunta|pon|ajoute|mets|aggiungi|metti|adiciona"
    rf"|acrescenta|p[oõ]e|voeg|zet|dodaj|wpisz|добавь|запиши|setze?|schreibe?|füge?|pack) (.+?) {ON_LIST}{LIST_NAME}"
)
ADD_AFTER: Final = (
    r"(?:add|put|include|write|note|añade|agrega|apunta|anota|pon|ajoute|mets|écris|note|aggiungi|metti|scrivi|adiciona"
    r"|acrescenta|anota|p[oõ]e|voeg|zet|schrijf|dodaj|wpisz|добавь|запиши|setze?|schreibe?|notiere?|pack)"
    rf"(?: down| bitte| mir)? {ON_LIST}{LIST_NAME}\s*[:：]\s*(.+)"
)
REMOVE: Final = (
    r"(?:remove|delete|take|cross|erase|drop|strike|quita|borra|elimina|streiche?|lösche?|enlève|supprime|retire"
    rf"|togli|rimuovi|tira|remove|verwijder|haal|usuń|skreśl|убери|удали) (?:off )?(.+?) {ON_LIST}{LIST_NAME}"
)
# A list of what is done, or when, rather than of things: "and" is within one of them, and a comma may be.
DEEDS: Final = (
    r"(?:.*\b(?:to-?dos?|to do|tasks?|chores?|aufgaben|tareas|tâches|tarefas|zadań|дел)\b.*|.*(?:aufgaben|taken)\S*"
    r"|.*(?:待办|やること|할 일).*)"
)
DIARY: Final = "(?:calendar|agenda|diary|kalender|calendario)"
CJK_LIST: Final = r"\S{0,12}(?:清单|列表|名单|リスト|목록|리스트)"
ON_MY_LIST: Final = rf"on {MY} {LIST_NAME},? (?:please )?(add|put|include|remove|delete|erase) (.+)"

REMINDER: Final = (
    r"(?:reminders?|alarms?|timers?|recordatorios?|erinnerung(?:en)?|wecker|rappels?|promemoria|lembretes?"
    r"|herinnering(?:en)?|przypomnieni[ea]|напоминани[ея])"
)
NOTES: Final = (
    rf"(?:{REMINDER}|notes?|memor(?:y|ies)|lists?|to-?dos?|tasks?|appointments?|notas|notizen|einträge|listen|note"
    r"|appunti|notities|notatki|заметки)"
)
# Each pattern matches the wording that goes; what is left is the memory. The first action that matches counts.
REMEMBER_NOT_TO_FORGET: Final = (
    r"(?:i )?(?:(?:do not|don't|dont|never|must not|mustn't) forget|don't want to forget|no (?:te )?olvides"
    r"|vergiss nicht|n'oublie pas|non dimenticare|n[aã]o (?:te )?esque[cç]as?"
    r"|vergeet niet|nie zapomnij|не забудь)(?: that|, dass| que| de| di| che| dat| om| że|, что| about| to)?[\s,:]+"
)
LIST: Final = (
    r"(?:what(?:'s|s| is| are| do i have)|show(?: me)?|read(?: me| out)?|list|give me|tell me|display|open|see"
    r"|view|check|pull up|repeat|which|do i have(?: any)?|are there any"
    r"|qu[eé] hay en|muestra(?:me)?|lee|was steht auf|zeig(?:e)?(?: mir)?|lies|qu'est-ce qu'il y a sur"
    r"|montre(?:-moi)?|lis|cosa c'è (?:nella|sulla)|mostra(?:mi)?|leggi|o que (?:há|tem|está) na|mostr[ae](?:-me)?"
    r"|wat staat er op|toon|lees|co jest na|pokaż(?: mi)?|что в|покажи(?: мне)?)(?: what's| what is)?(?: all"
    rf"| everything| any| (?:the )?contents)?(?: of| on| in)?(?: {MY}| mis| meinen?| mes| i miei| le mie| meus"
    r"| moje| мои)*(?: (?:current|upcoming|saved|existing))*\s+"
)
LISTED: Final = rf"(?:{LIST_NAME}|(?:[^\s]+ ){{0,2}}{NOTES})(?:[\s,.?!]|\z)"
ALL_ABOUT_ME: Final = (
    r"(?:what (?:do|did|have) you (?:remember(?:ed)?|know|save[d]?|store[d]?)(?: about me| of me| so far)?"
    r"|what(?:'s| is) in your memory|(?:list|show me|tell me) (?:everything |all |all that )?(?:what )?you"
    r" (?:know|remember|have (?:saved|stored))"
    r"(?: about (?:me|us)| (?:for|about|in|on) (?:this|the|our) (?:server|channel))?"
    r"|[oô] que (?:voc[eê] )?sabe(?:s)? (?:sobre|de) mim|wat weet je (?:over|van) mij|co o mnie wiesz"
    r"|что ты (?:знаешь|помнишь) обо мне"
    # German
    r"|was wei(?:ß|ss)t du (?:(?:alles|denn|noch|eigentlich|so) )*(?:über|von) (?:mich|mir|uns)"
    r"|was hast du(?: dir| alles| bisher| denn| so| schon| über mich| von mir)* (?:gemerkt|gespeichert)"
    r"|(?:zeige?|sage?|nenne?)(?: mir)?(?: bitte| mal)*(?: alles)?,? was du(?: dir| alles| bisher| über mich"
    r"| von mir)* (?:gemerkt hast|gespeichert hast|weißt)"
    r"|(?:liste|zähle?) (?:mir |bitte |alle |meine |deine )*(?:erinnerungen|notizen|einträge) auf"
    r"|woran erinnerst du dich"
    # French
    r"|(?:que sais-tu|qu'est-ce que tu sais|que savez-vous) (?:de|sur|à propos de) (?:moi|nous)|de quoi te souviens-tu"
    r"|(?:qu'as-tu|qu'est-ce que tu as) (?:retenu|mémorisé|enregistré)(?: (?:de|sur) moi)?"
    r"|(?:montre|dis|donne|liste)(?:-moi)? (?:tout )?ce (?:que tu sais (?:de|sur) moi|que tu as (?:retenu|mémorisé)"
    r"|dont tu te souviens)|(?:montre|liste|affiche)(?:-moi)? (?:tous )?(?:mes|tes) souvenirs"
    # Spanish
    r"|(?:¿\s*)?qu[eé] (?:recuerdas|sabes|has guardado) (?:de|sobre|acerca de) m[ií]|(?:¿\s*)?qu[eé] recuerdas"
    r"|(?:mu[eé]stra|di|ens[eé]ña)(?:me)? (?:todo )?lo que (?:sabes|recuerdas|has guardado)(?: (?:de|sobre) m[ií])?"
    r"|(?:mu[eé]stra|lista|ens[eé]ña)(?:me)? (?:todos )?(?:mis|tus) recuerdos"
    # Italian
    r"|(?:che )?(?:cosa )?sai (?:di|su di|su) (?:me|noi)|(?:che )?cosa (?:ti )?ricordi(?: (?:di|su di|su) me)?"
    r"|(?:che )?cosa hai memorizzato(?: (?:di|su di|su) me)?"
    r"|(?:mostra|elenca|dim)(?:mi)? tutto (?:quello|ciò) che (?:sai|ricordi|hai memorizzato)(?: (?:di|su di) me)?"
    r"|(?:mostra|elenca)(?:mi)? (?:tutti )?i (?:miei|tuoi) ricordi)[\s?.!]*\z"
)
ALL_ABOUT_ME_JA: Final = (
    r"(?:(?:(?:私|僕|俺)(?:について|のこと|に関して)(?:を|で|は)?|あなたが|今まで|これまで)?、?(?:覚えて|記憶して)い?る(?:こと|もの|内容)"
    r"(?:を|は|って)?(?:全部|すべて|全て)?、?(?:教えて|見せて|表示して|一覧にして|何)"
    r"|(?:私|僕|俺)(?:について|のこと|に関して)(?:知って|覚えて)い?る(?:こと|もの)を?(?:全部|すべて|全て)?(?:教えて|見せて)"
    r"|(?:私|僕|俺)(?:について|のこと|に関して)(?:を|で|は)?、?何を(?:知って|覚えて)い?(?:る|ます)|何を覚えてい?(?:る|ます))"
    r"(?:ください|くれ(?:る|ますか)?|ですか|の|か|ね)*[\s?？。！]*\z"
)
FORGET: Final = (
    r"(?:forget(?: (?:about|that|what i (?:said|told you) about))?|delete|remove|erase|cancel|clear|wipe|drop"
    r"|discard|get rid of|unlearn|stop remembering|turn off|stop reminding me(?: (?:to|about))?"
    r"|(?:don't|do not|dont) remind me(?: (?:to|about|of))?|no longer remember|olv[ií]da(?:te|lo)?(?: de)?(?: que)?"
    r"|borra|elimina|cancela|vergiss(?: bitte| mal)?(?:,? dass)?|lösche?(?: bitte)?|streiche?|storniere?"
    r"|oublie(?: que)?|supprime|efface|annule|dimentica(?: che)?|cancella|annulla|esque[cç][ea](?: que)?"
    r"|apag(?:a|ue)|cancel[ae]|vergeet(?: dat)?|verwijder|wis|annuleer|zapomnij(?: o|,? że)?|usuń|anuluj"
    r"|забудь(?: о| про|,? что)?|удали|отмени)(?:\s+|[:,]\s*|\z)"
)
REMIND: Final = (
    r"(?:rappelle-moi|me rappeler) d'|"
    r"(?:remind (?:me|us)(?: (?:again|later|please))?(?: (?:to|that|about|of|i (?:need|have) to))?|(?:set|add"
    r"|create|make|schedule|put|give me|i need|start)(?: up)?(?: me)?(?: an?| another"
    rf"| the)? (?:[^\s.,?!]+ ){{0,2}}{REMINDER}(?: for me)?(?: (?:to|for|that|about|of|called|saying))?"
    rf"|an? {REMINDER}(?: (?:to|for|that|about|of))|don't let me forget(?: to| about| that)?|alert me(?: to| when"
    r"| about)?|notify me(?: to| when| about)?|ping me(?: to| about)?"
    r"|recu[eé]rda(?:me|rme)(?: que| de)?|av[ií]same|erinner(?:e|st)? mich(?: bitte)?(?: daran| an)?,?(?: dass)?"
    r"|mich (?:bitte )?(?:daran |an )|rappelle-moi(?: de| que)?|me rappeler(?: de)?|ricordami(?: di| che)?"
    r"|ricordarmi(?: di)?"
    r"|(?:lembre|lembra)(?:-me| me)(?: de| que)?|me lembr[ae](?: de| que)?|herinner me(?: eraan| er aan"
    r"| aan)?,?(?: dat| om)?|przypomnij mi(?: o|,? że|,? żeby|,? żebym)?|напомни(?:те)?(?: мне)?(?: о| про"
    r"|,? что)?)(?:[\s,:]+|\z)"
)
WAKE: Final = r"wake (?:me|us)\b"
# "remind me what I said" and "remember when we met?" ask for something that is remembered already.
# "my seat is 14C, remember that": the wording comes last.
SAID_FIRST: Final = (
    r"(.{3,}?)\s*[,.;!–-]+\s*(?:and |so |ok |please )*(?:(?:can|could|would|will) you )?(?:please )?"
    r"(?:remember|note|save|store|keep in mind|memori[sz]e|write|jot|don't forget)(?: (?:that|this|it))?(?: down)?"
    r"(?: for (?:me|later))?(?:,? please|,? ok(?:ay)?)?[\s?.!]*\z"
)
WHEN_FIRST: Final = (
    r"((?:tomorrow|tonight|today|later|on|at|in|next|every|this|when|after|before)\b[^?!]{0,50}?),?\s+(?:please )?"
    r"(?:remind me|set a reminder|wake me up)(?: (?:to|about|of|that|for))?\s+(.+)"
)
KNOWN: Final = (
    r"(?:remind (?:me|us)(?: again)?|(?:do you )?(?:remember|recall)) ((?:what|who|where|when|why|how|which|if"
    r"|whether)\b.*)"
)
REMEMBER: Final = (
    r"(?:remember(?: for (?:me|later|next time))?(?: (?:that|this|to))?|(?:please )?note(?: down)?(?: that| this)?"
    r"|make a (?:mental )?note(?: that| of| to| about)?|take (?:a )?notes?(?: that| of)?|(?:create|add|write|save"
    r"|log|record|store) (?:a |me a )?(?:new )?note(?: that| of| about| saying| titled)?"
    r"|jot (?:this |it )?down(?: that)?|write (?:this |it )?down(?: that)?|save (?:this|that|it)(?: for later"
    r"| to memory)?|save|store(?: this| that)?|keep in mind(?: that)?|keep (?:a )?(?:note|record|track) (?:that"
    r"|of)|memori[sz]e(?: that| this)?|log(?: that| this)?|record(?: that| this)?|fyi|for (?:future )?reference"
    r"|bear in mind(?: that)?|learn that|you should know(?: that)?|know that"
    r"|recuerda(?: que)?|acu[eé]rdate(?: de)?(?: que)?|apunta(?: que)?|anota(?: que)?|ten en cuenta que"
    r"|merke? dir(?: bitte)?,?(?: dass)?|mir merken,?(?: dass)?|notiere?(?: dir)?,?(?: dass)?"
    r"|behalte?(?: im kopf)?,?(?: dass)?|denk daran,?(?: dass)?|souviens-toi(?: que| de)?|retiens(?: que)?"
    r"|note(?: que)?|n'oublie pas que"
    r"|ricorda(?:ti)?(?: che| di)?|annota(?: che)?|segna(?:ti)?(?: che)?|lembr[ae](?:-te|-se)?(?: de)?(?: que)?"
    r"|anot[ae](?: que)?|guarda(?: que)?|onthoud(?: dat)?|noteer(?: dat)?|zapamiętaj(?:,? że)?|zapisz(?:,? że)?"
    r"|запомни(?:те)?(?:,? что)?|запиши(?:,? что)?|заметь(?:,? что)?)(?:[\s,:–-]+|\z)"
)
TOLD: Final = (
    r"(?:what (?:did|have) (?:i|we) (?:tell|told|say|said|mention(?:ed)?|ask(?:ed)?)(?: (?:you"
    r"|to you))?(?: (?:about|regarding|on))?|(?:do|can|could) you (?:still )?(?:remember|recall)(?: that)?"
    r"|do you know|what do you (?:remember|know) about|recall(?: that)?|have i (?:told"
    r"|mentioned)(?: to)? you(?: about)?|did i (?:tell|mention)(?: to)? you(?: about)?"
    r"|(?:tell me|give me|find|look up|retrieve|bring up|pull up|search) (?:what i (?:said|told you) about"
    r"|my notes? (?:on|about|from))|(?:te acuerdas|recuerdas) (?:de )?|sabes|(?:erinnerst du dich an"
    r"|weißt du noch,?)|tu te souviens de|te souviens-tu de|sais-tu|(?:ti )?ricordi|sai"
    r"|(?:voc[eê] )?(?:se )?lembra (?:de|do|da)?|sabe(?:s)?|weet je(?: nog)?|herinner je je|pamiętasz|wiesz"
    r"|(?:ты )?помнишь)[\s,:]+"
)
WHAT_IS: Final = (
    r"(?:¿\s*)?(?:(?:what(?:'s|s| is| are| was| were)|who(?:'s|s| is| are)|when(?:'s|s| is| are| was)|where(?:'s|s"
    r"| is| are| did i (?:put|leave))|tell me|say|give me|which is|how old is)(?: again)?|cu[aá]l(?:es)? (?:es|son"
    r"|era)|c[oó]mo se llama|qu[ié]{2}n es|cu[aá]ndo es|d[oó]nde est[aá]|wie (?:ist|heißt|lautet)|was ist"
    r"|wann (?:ist|hat)|wer ist|wo (?:ist|sind)|quel(?:le)?s? (?:est|sont|était)|comment s'appelle|quand est"
    r"|o[uù] est|qual [eè]|quali sono|come si chiama|quand'è|dov'è"
    r"|qual [eé]|quais são|como se chama|quando é|onde está|wat (?:is|zijn)|hoe heet|wanneer is|waar is"
    r"|jak (?:się nazywa|ma na imię)|jaki jest|jaka jest|jakie jest|kiedy (?:są|mam)|gdzie jest|как зовут"
    r"|как[ао][яйе]?(?: у меня)?|когда(?: у)?|где)\s+"
    r"((?:my|our|mi|mis|mein|meine[rns]?|mon|ma|mes|il mio|la mia|i miei|o meu|a minha|meu|minha|mijn|mój|moja"
    r"|moje|mojego|мой|моя|моё|мою|моего|моей|меня)\s.+)"
)
QUESTION: Final = (
    r"(?:what|when|where|who|whose|which|why|how|do|does|did|have|has|is|are|am|was|were|can|¿|qué|wann|was|wer|wo"
    r"|wie|qui|que|quand|où|chi|cosa|quando|dove|onde|wat|wie|kiedy|co|kto|что|кто|когда|где)\s"
)
SUFFIX_CJK: Final[dict[str, str]] = {
    "remind": (
        r"(?:を|について|ことを|のを|こと|に)*\s*(?:リマインド(?:し)?|思い出させ|通知し|知らせ)て?(?:ください|くれ"
        r"|ね|おいて|ほしい)*[\s。！]*\z|(?:이라고|라고|을|를"
        r"|에 대해)?\s*(?:상기시켜|리마인드해|알림\s*(?:설정해|맞춰))\s*(?:줘|주세요)[\s.!]*\z|\s*(?:की |का "
        r"|के लिए )?(?:याद दिला(?:ना|ओ|इए"
        r"|\s*देना|\s*दो))[\s।!]*\z"
    ),
    "forget": (
        r"(?:を|について|のこと|ことを|は)*\s*(?:忘れて|削除して|消して|取り消して|キャンセルして)(?:ください|ね"
        r"|くれ|もいい|いい)*[\s。！]*\z|(?:을|를|은|는)?\s*(?:잊어|삭제해"
        r"|지워|취소해)\s*(?:줘|주세요|버려)?[\s.!]*\z|\s*(?:को )?(?:भूल जाओ|भूल जाइए|हटा(?:ओ|\s*दो|इए)"
        r"|मिटा\s*दो)[\s।!]*\z"
    ),
    "remember": (
        r"(?:と|を|こと|ことを|って|のを)*\s*(?:覚えて|おぼえて|記憶して|メモして|記録して)(?:おいて"
        r"|いて)?(?:ください|ね|くれ)*[\s。！]*\z|(?:이라고|라고|다고|을|를|는 걸"
        r"|는 것을|고)?\s*(?:기억해|메모해|저장해|적어)\s*(?:줘|주세요|둬)?[\s.!]*\z|\s*(?:,\s*)?(?:यह |ये "
        r"|को )?(?:याद (?:रखो|रखना|रखिए)"
        r"|नोट कर(?:ो|\s*लो))[\s।!]*\z"
    ),
    "recall": (
        r"(?:は|って)?\s*(?:(?:何|なん|なに|いつ|どこ|誰|だれ)(?:でし?た?っけ|ですか|だ|です|だったっけ|か)?"
        r"|覚えて(?:い)?(?:る|ます)か?|でしたっけ"
        r"|教えて(?:ください)?)[\s?？。]*\z|是(?:什么|谁|哪天|几号|多少|哪里|啥)(?:来着)?[\s?？。]*\z|(?:이|가|은"
        r"|는)?\s*(?:뭐(?:야|였지|예요|지)?|언제(?:야|였지"
        r"|지)?|누구(?:야|지)?|어디(?:야|였지)?|무엇(?:인가요|이야)?|기억(?:해|나|하니))[\s?.]*\z|\s*(?:क्या|कब"
        r"|कौन|कहाँ)\s+(?:है|हैं|था"
        r"|थी)[\s?।]*\z"
    ),
}
PREFIX_CJK: Final[dict[str, str]] = {
    "remind": r"(?:请|麻烦|帮我|记得)*(?:提醒我|设置?一?个?提醒|设个闹钟|叫我)[\s:：，,]*",
    "forget": r"(?:请|帮我)*(?:忘记|忘掉|忘了|删除|取消|删掉|清除)[\s:：，,]*",
    "remember": (
        r"(?:请|帮我|你要)*(?:记住|记下|记一下|记下来|记着|记录)[\s:：，,]*|(?:याद रखो|याद रखना|याद रखिए"
        r"|नोट करो)(?:\s*,?\s*कि)?[\s:,]*"
        r"|(?:기억해(?:\s*줘)?|메모)\s*[:,]\s*|(?:覚えて(?:おいて)?(?:ください)?|メモ)[:：、,]\s*"
    ),
    "recall": r"(?:你)?(?:还)?(?:记得|知道)[\s:：，,]*",
    "list": r"(?:显示|列出|给我看|查看)(?:一下)?(?:我的)?(?:所有|全部)?",
}
ADD_ZH: Final = (
    r"(?:请|帮我)*(?:把|将)(.+?)(?:加到|加入|添加到|放到|写进|记到)(?:我的)?(.*?(?:清单|列表|名单))(?:里|中"
    r"|上)?[\s。！]*\z"
)
ADD_JA: Final = r"(.+?)を(?:私の|僕の)?(.*?リスト)に(?:追加|入れ|加え)(?:し)?て(?:ください|おいて|くれ|ね)*[\s。！]*\z"
ADD_KO: Final = (
    r"(.+?)(?:을|를)\s*(?:내\s*)?(.*?(?:목록|리스트))에\s*(?:추가|넣어|적어)(?:해)?\s*(?:줘|주세요)?[\s.!]*\z"
)
