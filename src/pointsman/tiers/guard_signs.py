"""The signs of an attack in English: rules to be undone, a verdict named, a voice faked, a secret asked for.

A sign is a hint and no proof: how much each weighs is learned (training/guard.py), together with the words
around it. Its first group is the attack itself, the parts in <> are filled in from `guard_words`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Reach = Literal["none", "match", "clause", "phrase", "sentence", "braces", "element"]
"""How far an attack goes from its sign.

match: what matched; clause: to the next mark; phrase: to the next colon or dash; sentence: to its end; braces: the { }
around; element: to the end of the tag. "none" is for what speaks against an attack.
"""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that attacks do, in several wordings."""

    name: str
    reach: Reach
    regexes: tuple[str, ...]


# Somebody else does it: "my kids ignore the rules".
TOLD: Final = "told-of-others"


def sign(name: str, reach: Reach, *regexes: str) -> Sign:
    """A sign from its wordings."""
    return Sign(name, reach, regexes)


RULES: Final = (
    sign(
        "undo-rules",
        "clause",
        r"<GO>(<UNDO> <OF><RULES>)",
        r"<GO>(<UNDO> <YOURS>)",
        r"<GO>((?:cancel|revoke|lift|break|leave|burn|throw|unlearn|erase|wipe|violate|let go of|get rid of|free yourself (?:of|from))"
        r" (?:all )?(?:of )?(?:your|the) (?:rules?|rule ?book|guidelines|polic(?:y|ies)|restrictions|instructions|categories|labels"
        r"|filters?|prompt)\b)",
        r"((?:release|exempt|free) you (?:from|of) (?:all |any )?(?:\w+ )?(?:rules?|polic(?:y|ies)|guidelines|restrictions|instructions))",
        r"(stop being (?:a|the) (?:router|classifier|assistant|bot)|no longer (?:a|the) (?:router|classifier))",
        r"<GO>((?:ignore|disregard) the user\b|forget that you are (?:an?|the) )",
    ),
    sign(
        "undo-what-was-said",
        "clause",
        r"<GO>(<UNDO> (?:everything|anything|all|whatever|what|the (?:text|words|lines?)|the)(?: that)?"
        r"(?: (?:was|is|has been|stands?|came|comes))?(?: (?:written|said|stated|given))? <BEFORE>)",
        r"<GO>(<UNDO> (?:everything|anything|all|whatever|what) (?:that )?(?:you (?:were|are|have been|know|learn\w*)"
        r"|you've been|your \w+|(?:the |my )?<AUTHORITY>|openai|anthropic|the (?:system|rules|policy|router|classifier)))",
        r"<GO>(<UNDO> everything(?: else)? and)\b",
    ),
    sign(
        "rules-void",
        "phrase",
        r"((?:your|all(?: of)?(?: the| your| its)?|the above|previous|these|earlier|routing|router|safety) (?:\w+ ){0,2}"
        r"(?:instructions?|rules?|guidelines|restrictions|constraints|polic(?:y|ies)|directives?|filters|checks|limits)"
        r"(?: \w+){0,2} (?:(?:is|are|was|were|has been|have been) (?:now |hereby |all )?)?"
        r"(?:void|null|cancell?ed|revoked|suspended|lifted|off|disabled|deactivated|outdated|expired|no longer"
        r"|do(?:es)? not apply|don'?t apply)\b)",
        r"(none of your (?:rules|restrictions|polic(?:y|ies)|guidelines) appl)",
        r"(the rules (?:do not|don'?t) apply to (?:this|me|my)\b)",
        r"(there (?:are|is) no (?:more )?(?:rules|restrictions|filters|categories)\b)",
    ),
    sign(
        "new-rules",
        "sentence",
        r"((?:here are )?(?:your|my) new (?:system )?(?:instructions?|rules?|polic(?:y|ies)|prompt)\b)",
        r"<GO>((?:new|updated|revised|the real) (?:system |routing )?(?:instructions?|directives?|polic(?:y|ies)|prompt)"
        r"(?: follows?| is)?\s*[:>])",
        r"((?:system prompt|routing|policy) (?:update|change)s?\s*:)",
        r"(new rules?\s*: (?:all|every|any|ignore|you|no more|<ANY>))",
    ),
    sign(
        "takes-precedence",
        "phrase",
        r"((?:this|my|these|the following) (?:instructions?|messages?|words?|orders?|text) (?:\w+ ){0,2}(?:overrides?"
        r"|supersedes?|takes? precedence|have precedence|has (?:a )?higher priority|outranks?)\b)",
    ),
    sign(
        "no-limits",
        "phrase",
        r"(you (?:now )?(?:(?:have|are under|are bound by|know|obey) no(?: more)?|are (?:now )?(?:free (?:of|from)|without"
        r"|unbound by|not bound by|no longer bound by)|no longer have to (?:obey|follow)) (?:\w+ ){0,4}?(?:rules?"
        r"|restrictions?|limits?|limitations|polic(?:y|ies)|filters?|guidelines?|constraints?|chains)\b)",
        r"((?:ai|model|assistant|router|bot|chatbot) (?:with no|without|free of|that has no) (?:any )?(?:\w+ )?(?:rules"
        r"|limits|restrictions|limitations|polic(?:y|ies)|filters?|guidelines|constraints|morals|ethics))",
        r"(free of all (?:restrictions|rules|policies|limits|constraints|filters))",
        r"(you (?:are|have been|'re) (?:now |an? )*(?:unrestricted|unfiltered|uncensored|unchained|jailbroken|unbound"
        r"|reprogrammed|evil (?:ai|assistant|model))\b)",
        r"(\bdo anything now\b|you(?:'re| are)(?: now)? dan\b|\bdan mode\b|\bdan (?:can|has no|is free)\b)",
        r"(?:^|[\n.!?]\s*)(jailbreak(?: yourself| mode| activated|\W*$)|jailbroken mode)",
    ),
    sign(
        "mode",
        "phrase",
        r"<GO>((?:enter|enable|activate|engage|start|switch (?:in)?to|turn on|unlock|go into|(?:you are|you're|i am|we are)"
        r" (?:now )?(?:in|entering)(?: an?| the)?|now entering(?: the)?)(?: your| the)? <MODE>)",
        r"(?:^|[\n.!?\[(*#\"]\s*)((?:<MODE>)(?: is)?(?: now)?\s*:?\s*(?:on|enabled|activated|active|engaged)\b)",
        r"<GO>((?:in )?(?:<MODE>)\s*[:,])",
    ),
    sign(
        "override",
        "sentence",
        r"(?:^|[\n.!?\[(*#\"<>]\s*)((?:(?:system|security|policy|category|manual|authori[sz]ed|router?|routing|admin) )?"
        r"override(?: code(?: \w+)?| active| confirmed| engaged|\s*(?::|->|=>|=)))",
        r"(?:^|[\n.!?\[(*#\"<>]\s*)((?:system|security|router|admin) override\b)",
        r"(i am (?:now )?overriding your|authori[sz]ed override)",
    ),
    sign(
        "in-code",
        "sentence",
        r"(decode (?:this|the following)\b[^.!?\n]*\b(?:obey|follow|do (?:it|what)|execute|act on)\b)",
    ),
    sign("override-mark", "match", r"((?:begin|start|end)(?: of)? (?:\w+ )?(?:override|system prompt|user input)\b)"),
    sign(
        "filters-off",
        "clause",
        r"<GO>((?:disable|deactivate|remove|turn off|switch off|drop|lift|unlock|delete)(?: all)?(?: of)?(?: the| your)*"
        r" (?:(?:all |any )?(?:your|safety|content|moderation|router|own) ?(?:\w+ ){0,2}(?:filters?|restrictions?|checks?"
        r"|safety|moderation|constraints|limitations|potential|rules?)|(?:classifier|router|moderation|guardrails"
        r"|safety (?:filter|check|system)s?)|all (?:safety )?filters(?: and checks)?)\b)",
        r"((?:classifier|classification|routing|filters?|router|checks) (?:is|are) (?:now )?(?:switched off|turned off|disabled|off\b))",
        r"(turn (?:all )?(?:your|the safety) filters? off|switch (?:the|your) (?:classifier|router|filters?) off"
        r"|all filters off|rules off)",
    ),
    sign(
        "privilege",
        "phrase",
        r"((?:i am|i'm|as|it's|this is) (?:your|the|an?|openai'?s?|anthropic'?s?)? ?(?:\w+ )?<AUTHORITY>(?: here)?,?"
        r"(?: and)?(?: i)? (?:authori[sz]e|order|command|allow|instruct|permit|switch|disable|turn|do as i say|skip|i))",
        r"((?:root|admin|administrator) access (?:granted|enabled|level)|authori[sz]ation code"
        r"|i have (?:root|admin\w*|developer) (?:access|rights|privileges)|permission (?:of|from) (?:your|the) developers)",
        r"((?:the|your) (?:person running you|<AUTHORITY>) (?:says|said|has said|allows?|allowed|permits?|permitted"
        r"|wants? you|gave you permission))",
        r"<GO>(sudo (?:router|classif\w*|set|ignore|disable|route|override|jailbreak|obey|reveal)\b)",
    ),
    sign(
        "leak",
        "phrase",
        r"<GO>((?:show|reveal|print|repeat|tell|display|output|leak|dump|give|copy|disclose|expose|share|recite|write out"
        r"|what(?:'s| is| are| was| were|'s written)|list|send|summari[sz]e|translate)\b[^.!?\n]*\b(?:your|its"
        r"|the router'?s?|of the router) (?:\w+ ){0,2}?(?:(?:system|initial|hidden|secret|original|internal|underlying"
        r"|exact)(?: \w+)? ?(?:prompts?|instructions?|rules|message|configuration|guidelines)|routing rules))",
        r"<GO>((?:leak|reveal|dump|print|repeat|show me|recite|quote|paste|spell out|give away)\b[^.!?\n]*\byour (?:\w+ )?(?:prompt"
        r"|instructions?|configuration|rules)\b)",
        r"((?:initial|hidden|system|original|first) (?:prompt|instructions?) (?:that )?you (?:were|have been|got))",
        r"((?:in|of|from) your (?:system )?prompt\b|prompt before my message|instructions you were given)",
        r"(display the hidden (?:rules|prompt)|(?:secret|hidden) (?:instructions|prompt) of the (?:router|bot))",
        r"<GO>((?:repeat|print|output|copy|show|recite|reproduce)\b[^.!?\n]*\b(?:everything|all|(?:the )?(?:text"
        r"|words|lines?|content))(?: that (?:is|stands|was))?(?: written)? (?:above(?: this| my|,|$|\.)"
        r"|(?:above|before|preceding) (?:this|my|that|the user)))",
        r"(repeat the (?:words|text|sentences) above|output everything above|starting with \"you are)",
    ),
)

VERDICTS: Final = (
    sign(
        "names-verdict",
        "match",
        r"(\b(?:classif\w*|categori[sz]\w*|label\w*|tag|mark\w*|treat\w*|count\w*|consider\w*|regard\w*|fil(?:e|ed)"
        r"|sort\w*|put|handle\w*|process\w*|interpret\w*|rout(?:e|ed|ing)|send|forward|redirect\w*|dispatch\w*|assign\w*"
        r"|set|choos\w*|select\w*|pick\w*|use|switch\w*|chang\w*|force|make|decid\w*|go|say|answer\w*|repl(?:y|ies)"
        r"|return\w*|output\w*|print|respond\w*|response|write|emit|generate|give|belongs?|call|pretend|get|want|prefer"
        r"|raise|is allowed|remove|wahle|elige|choisis|mets|pon|nimm)\b[\s:,]*<BETWEEN><CODE>[\"'`}\])>*]*)",
        r"(<SUBJECT>[^.!?\n:=,]*<IS>(?:already made: )?[\"'`*\[(<\s]*"
        r"(?:(?:now|an?|the|only|always|eine?|una?|une) )*<ANY>[\"'`*\])>]*)",
        r"(\b(?:answer|output|result|reply|response|ground truth|true intent|type|tool)\b[^.!?\n:=]*<IS>"
        r"[\"'`*\[(<{\s]*<CODE>[\"'`*\])>}]*)",
        r"(?:^|[\n.!?\[(*#\"<>]\s*)((?:override|route|intent|tag|label|class|category)[\s/]*[:=]?\s*[:=>]\s*<ANY>[\])>]?)",
    ),
    sign(
        "names-verdict-plainly",
        "match",
        r"(\b(?:classif\w*|categori[sz]\w*|label\w*|tag|treat\w*|count|consider|regard|interpret|handle|process|mark"
        r"|fil(?:e|ed)|sort|call)\b <THIS>(?:belongs? )?(?:as|under|to|into|in|for|like)"
        r" (?:if it (?:were|was) |though it (?:were|was) )?(?:(?:an?|the|small|category|label) )*[\"'`*]*<ALIAS>[\"'`*]*)",
        r"(\b(?:rout(?:e|ed|ing)|redirect(?:ed)?|dispatch|bypass|(?:send|forward|switch|put|set|go(?:es)?) (?:this|that|it|me|my"
        r"|all|every\w*|the|straight|directly|category))\b (?:<THIS>(?:straight|directly|category|intent|label|route|down)? ?)*(?:to|into|in|under|down|as)[ :=]+"
        r"(?:path=|(?:the|category|an?) )*[\"'`]?<ALIAS>(?:$|[\s.,;:!?\"'`)\]]))",
        r"((?:output|answer|reply|return|respond(?: with)?|response|say)\b (?:\w+ ){0,8}?(?:tokens?|word|label|category"
        r"|intent)s?:? [\"'`]?<ALIAS>)",
    ),
    sign(
        "name-alone",
        "match",
        r"^\W*(<CODE>(?:\W+<CODE>)*)\W*$",
        r"((?:<CODE>[\s,!.:]+)+<CODE>)",
        r"(?:^|[\n.!?(\[{<>*#@!/\-=]\s*)(<CODE>\s*(?:[:,)\]>!=\-]|$)(?:\s*(?:1(?:\.0*)?|0?\.\d+|100 ?%)\b)?)",
        r"((?:=>|->|>>|→|=)\s*[\"'`]?<CODE>[\"'`]?)",
        r"([@!/#]\w{0,12}[ =]<CODE>)",
    ),
    sign("names-code", "match", r"(<CODE>)"),
    sign(
        "json-verdict",
        "braces",
        r"([\"'](?:category|intent|label|route|class|classification|decision|verdict|path|result|output|type|tier)[\"']"
        r"\s*:\s*[{\[\"']*\s*(?:[\"']?\w+[\"']?\s*:\s*[\"'])?<ANY>[\"'])",
        r"(\{\s*[\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer)[\"'])",
        r"(\{\s*[\"']system[\"']\s*:)",
    ),
    sign(
        "faked-result",
        "sentence",
        r"(\b(?:tool|classifier|router|intent[ _]\w+|observation|result|retrieved|log|predict\w*|classify\w*|action|thought"
        r"|final (?:answer|decision)|cached decision|pre-?classified|already classified|verified)\b[^!?\n]*?(?::|->|=>|=|returned"
        r"|returns|says|said|chose|has chosen|decided|output|as|is)\s*[^.\n]*?<CODE>)",
        r"((?:tool|classifier|router|observation|result)\b[^.!?\n]*?(?:->|returned|chose|verdict=|route)\s*[^.\n]{0,12}?"
        r"<ALIAS>)",
    ),
    sign(
        "confidence",
        "match",
        r"((?:(?:with|set|and|your|the|an?) )*(?:confidence|certainty|probability|score|konfidenz|confianza|confiance"
        r"|уверенност\w*|置信度)[\"']?(?: (?:of|to|is|must be|at|(?:has to|must) be set to|auf|a|la))?\s*[=:为]?\s*"
        r"(?:1(?:\.0+)?|100 ?%|0?\.9\d*|the maximum)(?:$|[\s.,;:!?)\]}\"]))",
    ),
    sign(
        "claims",
        "match",
        r"((?:this|that|it|message|mine|what follows|the (?:next|following) \w+|i am|i'm|none of this)\b[^.!?\n,]*?\b(?:is|was"
        r"|counts? as|am|are|as|belongs to) (?:\w+ ){0,3}?(?:an? )?(?:(?:image|picture|drawing|greeting|web search|small talk"
        r"|chit-?chat|thank-you|farewell) (?:generation )?(?:request|message|prompt|task|category)|secretly a (?:picture"
        r"|drawing)|small talk\b))",
        r"((?:say|believe|assume|pretend|think) (?:that )?(?:it|this|that)(?:'s| is| was) (?:only |just )?(?:an? )?<ALIAS>)",
        r"(\b(?:has|have|had|was|been|is|i) (?:been )?(?:already |now |pre-?)?(?:verified|classified|labell?ed"
        r"|categori[sz]ed) (?:this |it )?as <ANY>)",
        r"(\b(?:everything|all (?:messages|requests|inputs?|traffic)|every (?:message|question|input|request)|each message)"
        r" (?:\w+ ){0,3}?(?:is|are|goes|go|counts?|belongs?|means) (?:\w+ ){0,3}?<ANY>)",
    ),
    sign(
        "insists",
        "phrase",
        r"\b((?:whatever|no matter|regardless of|independent(?:ly)? of|any (?:mention|message|question)|whenever"
        r"|every (?:message|thing|question|input|request)|all (?:messages|requests|of my|my|inputs?)|from (?:now|here) on)\b"
        r"[^.!?\n]*\b(?:<CODE>|(?:drawing|image|picture|greeting|chat) (?:request|task|generator|model|server|tool|track"
        r"|question)s?|draw a picture|(?:is|as|to|into) (?:an? )?(?:image|picture|greeting|chat)(?:$|[.!,;])))",
        r"(\b(?:decide|deciding|decision|pretend|believe|conclude|assume)\b[^.!?\n]*\b(?:wants?|asked for|requested?"
        r"|needs?|request for|to be made)\b[^.!?\n]*\b(?:picture|image|drawing|painting|photo|draw)\b)",
        r"(\b(?:decide|deciding|decision|pretend|believe|conclude|assume)\b[^.!?\n]*\b(?:picture|image|drawing|painting"
        r"|photo)\b[^.!?\n]*\b(?:is wanted|asked for|requested|to be made))",
        r"((?:picture|drawing|image) request in your decision|counts as a request (?:to draw|for a picture))",
        r"((?:start|call|launch|trigger|run|invoke) the (?:image|picture) (?:generator|model|tool|server)\b)",
    ),
)

VOICES: Final = (
    sign(
        "role-tag",
        "element",
        r"(</?\s*(?:system(?:-\w+)?|sys|assistant|admin|developer|override|classif(?:y|ier)|router|user|human|instructions?"
        r"|tool_(?:result|output|response|call)s?|function_(?:results?|output|response|call)s?|classification|message)\b"
        r"[^<>]*>)",
        r"(<\s*(?:category|intent|label|route|verdict|decision)\b[^<>]*>\s*<ANY>)",
        r"(<\s*(?:category|intent|label|route)[^<>]*<ANY>[^<>]*>)",
        r"(<\|[\w /]+\|>|<</?sys>>|\[/?inst\])",
    ),
    sign(
        "role-mark",
        "sentence",
        r"(\[/?(?:system|sys|admin|override)\b[^\[\]]{0,40}\](?:\([^)]*\))?:?)",
        r"(\[(?:tool|function|result|function_result|tool_result|tool_output)\b[^\[\]]{0,60}<ANY>[^\[\]]{0,40}(?:\]|$))",
        r"(\[(?:tool|result|tool_result|function_result|tool_output)(?:: ?\w+)?\][^\n]*<ANY>)",
        r"(?:^|\n|---\s*|[.!?]\s+)((?:system|admin(?:istrator)?|developer|assistant|ai|human)(?: (?:prompt|message|note"
        r"|override|update|user|reminder))?\s*(?:[:>]+|-)[^\n]*\b(?:ignore|disregard|you (?:are|will|must|have|shall)"
        r"|label|category|intent|route|routing|classif\w*|<CODE>|the user|rules|instructions|policy|access|disabled"
        r"|suspended|verified|unrestricted|override|understood|sure|of course|filters?|router|safety|treat)\b)",
        r"(?:^|\n)(#{1,4}\s*(?:system(?: prompt)?|(?:new )?instructions?|override|admin|new rules?|new (?:routing )?policy)"
        r"\b[^\n]*\b(?:ignore|output|reveal|you (?:are|have|will|classify|must)|label|classify|rules|policy|category"
        r"|<ANY>|turn off|route|unrestricted))",
    ),
    sign(
        "heading",
        "match",
        r"(?:^|\n)(#{1,4}\s*(?:override|new (?:routing )?(?:policy|rules?|instructions?)|system prompt)\b[^\n]*)",
    ),
    sign(
        "comment",
        "element",
        r"(<!--[^>]*\b(?:classif\w*|router|ignore|category|intent|label|override|instructions?|<CODE>)\b)",
        r"((?:/\*|//|#|\s--)\s*(?:router|classifier|category|intent|label|route)\s*(?:[:=]|->)\s*[^\n]*(?:<ANY>|ignore)"
        r"[^\n*]*(?:\*/)?)",
    ),
    sign(
        "to-the-router",
        "sentence",
        r"((?:dear|attention|(?:note|message|reminder) (?:to|for)(?: the)?|to whom it may|remember,?)\s*"
        r"(?:router|classif(?:ier|y)|intent (?:model|classifier|detector))\b)",
        r"(?:^|[\n.!?(#>*]\s*)((?:\*\*)?(?:the )?(?:router|classifier)(?: note| instructions?| rules)?(?:\*\*)?\s*[,:])",
    ),
    sign(
        "about-the-router",
        "clause",
        r"((?:(?:and|but|also|then|or|please) )*(?:tell|convince|make|let|persuade|trick|fool|pretend (?:for|to)|say to"
        r"|order|instruct)\s+(?:the|your)\s+(?:internal )?(?:router|classifier|intent (?:model|classifier))\b)",
        r"((?:(?:and|but|so) )*\b(?:the|your)\s+(?:router|classifier)\s+(?:must|should|shall|will|ha(?:s|ve) to|needs to"
        r"|may|is to|ought to)\s+(?:(?:not|now|only|always) )*(?:be fooled|ignore|choose|pick|return|output|believe|think"
        r"|treat|say|answer|classify|decide|look|mark|label|see|route|send)\b)",
        r"((?:answer|decision|verdict|reply|output) of the (?:router|classifier)\b)",
        r"((?:stop|skip|no more|without) (?:the )?(?:classifying|classification|routing)\b)",
    ),
)

HARMLESS: Final = (
    sign(
        TOLD,
        "none",
        r"(\b(?:i|we|they|he|she|it|people|kids|children|everyone|everybody|nobody|some|many|most|boss|manager|teacher|friends?"
        r"|boyfriend|girlfriend|flatmates|wife|husband|mother|father|drivers|pilots|judge|council|government|company|who)"
        r" (?:(?:always|never|often|just|also|then|usually|really|sometimes|simply|should|shall|may|might|can|could|must|will"
        r"|would|do|does|did|not|to|all|here|in|on|of|at|my|our|the|town|us) ){0,4}?<UNDO>)",
        r"(\b(?:(?:how|whether|when|why|where|wants?) to|(?:decided?|chose|wrong|ok|okay|legal|safe|allowed|tend|told us)"
        r" (?:for \w+ )?to|should i|can i|may i|can an? \w+|may an? \w+) <UNDO>)",
    ),
    sign(
        "rules-of-something",
        "none",
        r"(\b(?:rules?|instructions?|guidelines|directions|categories|prompts?|labels?) (?:of|for|in|on|section|manual)"
        r" (?:my|our|a|an|the|his|her|their|this|grammar|chess|dating|life|football|golf)\b)",
    ),
    sign(
        "quoted",
        "none",
        r"(\w[\w:.()=]* ?\(?[\"'][^\"'{}:]+ [^\"'{}:]+[\"'])",
        r"((?:==|in \[|\.|print\() ?[\"']<CODE>[\"']|[\"']<CODE>[\"']\])",
    ),
    sign(
        "asks-about-it",
        "none",
        r"(^\W*(?:what(?:'s| is| does| do| are| would| happens)|why|how|which|explain|define|translate|correct|spell|detect|summari[sz]e"
        r"|is it|is \"|are there|who|where|can an?|should i|write an?|debug|convert|parse|rephrase|proofread|shorten)\b)",
    ),
    sign(
        "speaks-of-words",
        "none",
        r"(\b(?:means?|meaning|grammatical|phrase|headline|novel|joke|comment|typed|poster|sign that|story|poem|song|definition"
        r"|called|tense|syntax)\b)",
    ),
    sign(
        "speaks-of-own-work",
        "none",
        r"(\b(?:my|our|the) (?:\w+ )?(?:api|model|chatbot|app|code|dataset|tests?|test set|yaml|function|essay|thesis|website)s?\b)",
    ),
    sign(
        "code",
        "none",
        r"(\b(?:def|const|let|var|print|assert|echo|import|json\.\w+|console\.log|if \w+ ==|xml|html|lxml|regex|sql|css|toml|python"
        r"|javascript|typescript)\b|\w\(\w*\) |\.get\(|\[[\"']\w+[\"']\])",
    ),
)
