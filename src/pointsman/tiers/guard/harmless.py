"""Signs in English that an attack is only spoken of: quoted, explained, told of others, code."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.guard.sign import TOLD, sign

HARMLESS: Final = (
    sign(
        TOLD,
        "none",
        r"(\b(?:i|we|they|he|she|it|people|kids|children|everyone|everybody|nobody|some|many|most|boss|manager"
        r"|teacher|friends?"
        r"|boyfriend|girlfriend|flatmates|wife|husband|mother|father|drivers|pilots|judge|council|government|company"
        r"|who)"
        r" (?:(?:always|never|often|just|also|then|usually|really|sometimes|simply|should|shall|may|might|can|could"
        r"|must|will"
        r"|would|do|does|did|not|to|all|here|in|on|of|at|my|our|the|town|us) ){0,4}?<UNDO>)",
        r"(\b(?:(?:how|whether|when|why|where|wants?) to|(?:decided?|chose|wrong|ok|okay|legal|safe|allowed|tend"
        r"|told us)"
        r" (?:for \w+ )?to|should i|can i|may i|can an? \w+|may an? \w+) <UNDO>)",
    ),
    sign(
        "rules-of-something",
        "none",
        r"(\b(?:rules?|instructions?|guidelines|directions|categories|prompts?|labels?) (?:of|for|in|on|section"
        r"|manual)"
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
        r"(^\W*(?:what(?:'s| is| does| do| are| would| happens)|why|how|which|explain|define|translate|correct|spell"
        r"|detect|summari[sz]e"
        r"|is it|is \"|are there|who|where|can an?|should i|write an?|debug|convert|parse|rephrase|proofread"
        r"|shorten)\b)",
    ),
    sign(
        "speaks-of-words",
        "none",
        r"(\b(?:means?|meaning|grammatical|phrase|headline|novel|joke|comment|typed|poster|sign that|story|poem|song"
        r"|definition"
        r"|called|tense|syntax)\b)",
    ),
    sign(
        "speaks-of-own-work",
        "none",
        r"(\b(?:my|our|the) (?:\w+ )?(?:api|model|chatbot|app|code|dataset|tests?|test set|yaml|function|essay|thesis"
        r"|website)s?\b)",
    ),
    sign(
        "code",
        "none",
        r"(\b(?:def|const|let|var|print|assert|echo|import|json\.\w+|console\.log|if \w+ ==|xml|html|lxml|regex|sql"
        r"|css|toml|python"
        r"|javascript|typescript)\b|\w\(\w*\) |\.get\(|\[[\"']\w+[\"']\])",
    ),
)
