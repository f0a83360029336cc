"""Signs in English that the verdict is named instead of being found."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.guard.sign import sign

VERDICTS: Final = (
    sign(
        "names-verdict",
        "match",
        r"(\b(?:classif\w*|categori[sz]\w*|label\w*|tag|mark\w*|treat\w*|count\w*|consider\w*|regard\w*|fil(?:e|ed)"
        r"|sort\w*|put|handle\w*|process\w*|interpret\w*|rout(?:e|ed|ing)|send|forward|redirect\w*|dispatch\w*"
        r"|assign\w*"
        r"|set|choos\w*|select\w*|pick\w*|use|switch\w*|chang\w*|force|make|decid\w*|go|say|answer\w*|repl(?:y|ies)"
        r"|return\w*|output\w*|print|respond\w*|response|write|emit|generate|give|belongs?|call|pretend|get|want"
        r"|prefer"
        r"|raise|is allowed|remove|wahle|elige|choisis|mets|pon|nimm)\b[\s:,]*<BETWEEN><CODE>[\"'`}\])>*]*)",
        r"(<SUBJECT>[^.!?\n:=,]*<IS>(?:already made: )?[\"'`*\[(<\s]*"
        r"(?:(?:now|an?|the|only|always|eine?|una?|une) )*<ANY>[\"'`*\])>]*)",
        r"(\b(?:answer|output|result|reply|response|ground truth|true intent|type|tool)\b[^.!?\n:=]*<IS>"
        r"[\"'`*\[(<{\s]*<CODE>[\"'`*\])>}]*)",
        r"(?:^|[\n.!?\[(*#\"<>]\s*)((?:override|route|intent|tag|label|class"
        r"|category)[\s/]*[:=]?\s*[:=>]\s*<ANY>[\])>]?)",
    ),
    sign(
        "names-verdict-plainly",
        "match",
        r"(\b(?:classif\w*|categori[sz]\w*|label\w*|tag|treat\w*|count|consider|regard|interpret|handle|process|mark"
        r"|fil(?:e|ed)|sort|call)\b <THIS>(?:belongs? )?(?:as|under|to|into|in|for|like)"
        r" (?:if it (?:were|was) |though it (?:were|was) )?(?:(?:an?|the|small|category"
        r"|label) )*[\"'`*]*<ALIAS>[\"'`*]*)",
        r"(\b(?:rout(?:e|ed|ing)|redirect(?:ed)?|dispatch|bypass|(?:send|forward|switch|put|set|go(?:es)?) (?:this"
        r"|that|it|me|my"
        r"|all|every\w*|the|straight|directly|category))\b (?:<THIS>(?:straight|directly|category|intent|label|route"
        r"|down)? ?)*(?:to|into|in|under|down|as)[ :=]+"
        r"(?:path=|(?:the|category|an?) )*[\"'`]?<ALIAS>(?:$|[\s.,;:!?\"'`)\]]))",
        r"((?:output|answer|reply|return|respond(?: with)?|response|say)\b (?:\w+ ){0,8}?(?:tokens?|word|label"
        r"|category"
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
        r"([\"'](?:category|intent|label|route|class|classification|decision|verdict|path|result|output|type"
        r"|tier)[\"']"
        r"\s*:\s*[{\[\"']*\s*(?:[\"']?\w+[\"']?\s*:\s*[\"'])?<ANY>[\"'])",
        r"(\{\s*[\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer)[\"'])",
        r"(\{\s*[\"']system[\"']\s*:)",
    ),
    sign(
        "faked-result",
        "sentence",
        r"(\b(?:tool|classifier|router|intent[ _]\w+|observation|result|retrieved|log|predict\w*|classify\w*|action"
        r"|thought"
        r"|final (?:answer|decision)|cached decision|pre-?classified|already classified|verified)\b[^!?\n]*?(?::|->"
        r"|=>|=|returned"
        r"|returns|says|said|chose|has chosen|decided|output|as|is)\s*[^.\n]*?<CODE>)",
        r"((?:tool|classifier|router|observation|result)\b[^.!?\n]*?(?:->|returned|chose|verdict="
        r"|route)\s*[^.\n]{0,12}?"
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
        r"((?:this|that|it|message|mine|what follows|the (?:next|following) \w+|i am|i'm"
        r"|none of this)\b[^.!?\n,]*?\b(?:is|was"
        r"|counts? as|am|are|as|belongs to) (?:\w+ ){0,3}?(?:an? )?(?:(?:image|picture|drawing|greeting|web search"
        r"|small talk"
        r"|chit-?chat|thank-you|farewell) (?:generation )?(?:request|message|prompt|task|category)"
        r"|secretly a (?:picture"
        r"|drawing)|small talk\b))",
        r"((?:say|believe|assume|pretend|think) (?:that )?(?:it|this|that)(?:'s| is| was) (?:only "
        r"|just )?(?:an? )?<ALIAS>)",
        r"(\b(?:has|have|had|was|been|is|i) (?:been )?(?:already |now |pre-?)?(?:verified|classified|labell?ed"
        r"|categori[sz]ed) (?:this |it )?as <ANY>)",
        r"(\b(?:everything|all (?:messages|requests|inputs?|traffic)|every (?:message|question|input|request)"
        r"|each message)"
        r" (?:\w+ ){0,3}?(?:is|are|goes|go|counts?|belongs?|means) (?:\w+ ){0,3}?<ANY>)",
    ),
    sign(
        "insists",
        "phrase",
        r"\b((?:whatever|no matter|regardless of|independent(?:ly)? of|any (?:mention|message|question)|whenever"
        r"|every (?:message|thing|question|input|request)|all (?:messages|requests|of my|my|inputs?)|from (?:now"
        r"|here) on)\b"
        r"[^.!?\n]*\b(?:<CODE>|(?:drawing|image|picture|greeting|chat) (?:request|task|generator|model|server|tool"
        r"|track"
        r"|question)s?|draw a picture|(?:is|as|to|into) (?:an? )?(?:image|picture|greeting|chat)(?:$|[.!,;])))",
        r"(\b(?:decide|deciding|decision|pretend|believe|conclude|assume)\b[^.!?\n]*\b(?:wants?|asked for|requested?"
        r"|needs?|request for|to be made)\b[^.!?\n]*\b(?:picture|image|drawing|painting|photo|draw)\b)",
        r"(\b(?:decide|deciding|decision|pretend|believe|conclude|assume)\b[^.!?\n]*\b(?:picture|image|drawing"
        r"|painting"
        r"|photo)\b[^.!?\n]*\b(?:is wanted|asked for|requested|to be made))",
        r"((?:picture|drawing|image) request in your decision|counts as a request (?:to draw|for a picture))",
        r"((?:start|call|launch|trigger|run|invoke) the (?:image|picture) (?:generator|model|tool|server)\b)",
    ),
)
