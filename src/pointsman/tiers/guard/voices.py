"""Signs in English that somebody else seems to speak: the system, a tool, the one who talks to the router."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.guard.sign import sign

VOICES: Final = (
    sign(
        "role-tag",
        "element",
        r"(</?\s*(?:system(?:-\w+)?|sys|assistant|admin|developer|override|classif(?:y|ier)|router|user|human"
        r"|instructions?"
        r"|tool_(?:result|output|response|call)s?|function_(?:results?|output|response|call)s?|classification"
        r"|message)\b"
        r"[^<>]*>)",
        r"(<\s*(?:category|intent|label|route|verdict|decision)\b[^<>]*>\s*<ANY>)",
        r"(<\s*(?:category|intent|label|route)[^<>]*<ANY>[^<>]*>)",
        r"(<\|[\w /]+\|>|<</?sys>>|\[/?inst\])",
    ),
    sign(
        "role-mark",
        "sentence",
        r"(\[/?(?:system|sys|admin|override)\b[^\[\]]{0,40}\](?:\([^)]*\))?:?)",
        r"(\[(?:tool|function|result|function_result|tool_result|tool_output)\b[^\[\]]{0,60}<ANY>[^\[\]]{0,40}(?:\]"
        r"|$))",
        r"(\[(?:tool|result|tool_result|function_result|tool_output)(?:: ?\w+)?\][^\n]*<ANY>)",
        r"(?:^|\n|---\s*|[.!?]\s+)((?:system|admin(?:istrator)?|developer|assistant|ai|human)(?: (?:prompt|message"
        r"|note"
        r"|override|update|user|reminder))?\s*(?:[:>]+|-)[^\n]*\b(?:ignore|disregard|you (?:are|will|must|have|shall)"
        r"|label|category|intent|route|routing|classif\w*|<CODE>|the user|rules|instructions|policy|access|disabled"
        r"|suspended|verified|unrestricted|override|understood|sure|of course|filters?|router|safety|treat)\b)",
        r"(?:^|\n)(#{1,4}\s*(?:system(?: prompt)?|(?:new )?instructions?|override|admin|new rules?"
        r"|new (?:routing )?policy)"
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
        r"((?:/\*|//|#|\s--)\s*(?:router|classifier|category|intent|label|route)\s*(?:[:=]|->)\s*[^\n]*(?:<ANY>"
        r"|ignore)"
        r"[^\n*]*(?:\*/)?)",
    ),
    sign(
        "to-the-router",
        "sentence",
        r"((?:dear|attention|(?:note|message|reminder) (?:to|for)(?: the)?|to whom it may|remember,?)\s*"
        r"(?:router|classif(?:ier|y)|intent (?:model|classifier|detector))\b)",
        r"(?:^|[\n.!?(#>*]\s*)((?:\*\*)?(?:the )?(?:router|classifier)(?: note| instructions?"
        r"| rules)?(?:\*\*)?\s*[,:])",
    ),
    sign(
        "about-the-router",
        "clause",
        r"((?:(?:and|but|also|then|or|please) )*(?:tell|convince|make|let|persuade|trick|fool|pretend (?:for|to)"
        r"|say to"
        r"|order|instruct)\s+(?:the|your)\s+(?:internal )?(?:router|classifier|intent (?:model|classifier))\b)",
        r"((?:(?:and|but|so) )*\b(?:the|your)\s+(?:router|classifier)\s+(?:must|should|shall|will|ha(?:s|ve) to"
        r"|needs to"
        r"|may|is to|ought to)\s+(?:(?:not|now|only|always) )*(?:be fooled|ignore|choose|pick|return|output|believe"
        r"|think"
        r"|treat|say|answer|classify|decide|look|mark|label|see|route|send)\b)",
        r"((?:answer|decision|verdict|reply|output) of the (?:router|classifier)\b)",
        r"((?:stop|skip|no more|without) (?:the )?(?:classifying|classification|routing)\b)",
    ),
)
