"""The form that asks for the key; plain HTML, for it is all that strangers get to see."""

from __future__ import annotations

from html import escape

from pointsman.dashboard.safehtml import Safe, tag
from pointsman.dashboard.theme import ICON, css


def login_page(after: str = "/", problem: str = "") -> str:
    """The whole document; `after` is the view that follows, and `problem` says why the last try failed."""
    then = f'<input type="hidden" name="next" value="{escape(after)}">'
    alert = tag("p", "pm-cause", problem, role="alert") if problem else Safe()
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Pointsman</title><style>{css()}</style>
</head>
<body class="pm-login"><main>
<form method="post" action="/login" class="pm-login-form">
<h1 class="pm-brand">{ICON}<span>Pointsman</span></h1>
{then}
<label class="pm-label" for="key">Key</label>
<input class="pm-input" id="key" name="key" type="password" autocomplete="current-password" required autofocus>
{alert}
<button class="pm-send" type="submit">Open</button>
<p class="pm-note">It is <code>server.key</code> or one of <code>server.keys</code> in the configuration.</p>
</form></main></body></html>"""
