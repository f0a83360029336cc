"""Signs in English that rules are to be undone, a limit lifted, a secret told."""

from __future__ import annotations

from typing import Final

from pointsman.tiers.guard.sign import sign

RULES: Final = (
    sign(
        "undo-rules",
        "clause",
        r"<GO>(<UNDO> <OF><RULES>)",
        r"<GO>(<UNDO> <YOURS>)",
        r"<GO>((?:cancel|revoke|lift|break|leave|burn|throw|unlearn|erase|wipe|violate|let go of|get rid of"
        r"|free yourself (?:of|from))"
        r" (?:all )?(?:of )?(?:your|the) (?:rules?|rule ?book|guidelines|polic(?:y|ies)|restrictions|instructions"
        r"|categories|labels"
        r"|filters?|prompt)\b)",
        r"((?:release|exempt|free) you (?:from|of) (?:all |any )?(?:\w+ )?(?:rules?|polic(?:y|ies)|guidelines"
        r"|restrictions|instructions))",
        r"(stop being (?:a|the) (?:router|classifier|assistant|bot)|no longer (?:a|the) (?:router|classifier))",
        r"<GO>((?:ignore|disregard) the user\b|forget that you are (?:an?|the) )",
    ),
    sign(
        "undo-what-was-said",
        "clause",
        r"<GO>(<UNDO> (?:everything|anything|all|whatever|what|the (?:text|words|lines?)|the)(?: that)?"
        r"(?: (?:was|is|has been|stands?|came|comes))?(?: (?:written|said|stated|given))? <BEFORE>)",
        r"<GO>(<UNDO> (?:everything|anything|all|whatever|what) (?:that )?(?:you (?:were|are|have been|know|learn\w*)"
        r"|you've been|your \w+|(?:the |my )?<AUTHORITY>|openai|anthropic|the (?:system|rules|policy|router"
        r"|classifier)))",
        r"<GO>(<UNDO> everything(?: else)? and)\b",
    ),
    sign(
        "rules-void",
        "phrase",
        r"((?:your|all(?: of)?(?: the| your| its)?|the above|previous|these|earlier|routing|router"
        r"|safety) (?:\w+ ){0,2}"
        r"(?:instructions?|rules?|guidelines|restrictions|constraints|polic(?:y|ies)|directives?|filters|checks"
        r"|limits)"
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
        r"<GO>((?:new|updated|revised|the real) (?:system |routing )?(?:instructions?|directives?|polic(?:y|ies)"
        r"|prompt)"
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
        r"(you (?:now )?(?:(?:have|are under|are bound by|know|obey) no(?: more)?|are (?:now )?(?:free (?:of|from)"
        r"|without"
        r"|unbound by|not bound by|no longer bound by)|no longer have to (?:obey|follow)) (?:\w+ ){0,4}?(?:rules?"
        r"|restrictions?|limits?|limitations|polic(?:y|ies)|filters?|guidelines?|constraints?|chains)\b)",
        r"((?:ai|model|assistant|router|bot|chatbot) (?:with no|without|free of"
        r"|that has no) (?:any )?(?:\w+ )?(?:rules"
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
        r"<GO>((?:enter|enable|activate|engage|start|switch (?:in)?to|turn on|unlock|go into|(?:you are|you're|i am"
        r"|we are)"
        r" (?:now )?(?:in|entering)(?: an?| the)?|now entering(?: the)?)(?: your| the)? <MODE>)",
        r"(?:^|[\n.!?\[(*#\"]\s*)((?:<MODE>)(?: is)?(?: now)?\s*:?\s*(?:on|enabled|activated|active|engaged)\b)",
        r"<GO>((?:in )?(?:<MODE>)\s*[:,])",
    ),
    sign(
        "override",
        "sentence",
        r"(?:^|[\n.!?\[(*#\"<>]\s*)((?:(?:system|security|policy|category|manual|authori[sz]ed|router?|routing"
        r"|admin) )?"
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
        r"<GO>((?:disable|deactivate|remove|turn off|switch off|drop|lift|unlock|delete)(?: all)?(?: of)?(?: the"
        r"| your)*"
        r" (?:(?:all |any )?(?:your|safety|content|moderation|router|own) ?(?:\w+ ){0,2}(?:filters?|restrictions?"
        r"|checks?"
        r"|safety|moderation|constraints|limitations|potential|rules?)|(?:classifier|router|moderation|guardrails"
        r"|safety (?:filter|check|system)s?)|all (?:safety )?filters(?: and checks)?)\b)",
        r"((?:classifier|classification|routing|filters?|router|checks) (?:is|are) (?:now )?(?:switched off"
        r"|turned off|disabled|off\b))",
        r"(turn (?:all )?(?:your|the safety) filters? off|switch (?:the|your) (?:classifier|router|filters?) off"
        r"|all filters off|rules off)",
    ),
    sign(
        "privilege",
        "phrase",
        r"((?:i am|i'm|as|it's|this is) (?:your|the|an?|openai'?s?|anthropic'?s?)? ?(?:\w+ )?<AUTHORITY>(?: here)?,?"
        r"(?: and)?(?: i)? (?:authori[sz]e|order|command|allow|instruct|permit|switch|disable|turn|do as i say|skip"
        r"|i))",
        r"((?:root|admin|administrator) access (?:granted|enabled|level)|authori[sz]ation code"
        r"|i have (?:root|admin\w*|developer) (?:access|rights|privileges)|permission (?:of|from) (?:your"
        r"|the) developers)",
        r"((?:the|your) (?:person running you|<AUTHORITY>) (?:says|said|has said|allows?|allowed|permits?|permitted"
        r"|wants? you|gave you permission))",
        r"<GO>(sudo (?:router|classif\w*|set|ignore|disable|route|override|jailbreak|obey|reveal)\b)",
    ),
    sign(
        "leak",
        "phrase",
        r"<GO>((?:show|reveal|print|repeat|tell|display|output|leak|dump|give|copy|disclose|expose|share|recite"
        r"|write out"
        r"|what(?:'s| is| are| was| were|'s written)|list|send|summari[sz]e|translate)\b[^.!?\n]*\b(?:your|its"
        r"|the router'?s?|of the router) (?:\w+ ){0,2}?(?:(?:system|initial|hidden|secret|original|internal"
        r"|underlying"
        r"|exact)(?: \w+)? ?(?:prompts?|instructions?|rules|message|configuration|guidelines)|routing rules))",
        r"<GO>((?:leak|reveal|dump|print|repeat|show me|recite|quote|paste|spell out"
        r"|give away)\b[^.!?\n]*\byour (?:\w+ )?(?:prompt"
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
