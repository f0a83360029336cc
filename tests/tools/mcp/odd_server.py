"""MCP servers as they also are: of the older kind, stubborn, silent, talkative; they start fast.

`odd_server.py KIND`; some write the numbers of their processes into the file that ODD_FILE names.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

KIND = sys.argv[1]
TOOLS: list[dict[str, Any]] = [
    {"name": "ask", "inputSchema": {"type": "object"}},
    {"name": "swell", "inputSchema": {"type": "object"}},
]


def say(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def hear() -> dict[str, Any] | None:
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def ask_back() -> list[str]:
    """Asks the client what servers may ask, and tells what it answered."""
    answers = []
    for at, (method, params) in enumerate(
        {
            "sampling/createMessage": {"messages": [], "maxTokens": 5},
            "elicitation/create": {
                "message": "your password?",
                "requestedSchema": {"type": "object", "properties": {}},
            },
            "roots/list": {},
        }.items()
    ):
        say(id=f"back-{at}", method=method, params=params)
        answer = hear() or {}
        answers.append(f"{method}: {'refused' if 'error' in answer else 'granted'}")
    return answers


def answered(request: dict[str, Any]) -> dict[str, Any] | None:
    match request["method"]:
        case "initialize":
            return {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "odd", "version": "1"},
            }
        case "tools/list":
            return {"tools": TOOLS}
        case "tools/call" if request["params"]["name"] == "swell":
            TOOLS.append({"name": "more", "inputSchema": {"type": "object"}})
            say(method="notifications/tools/list_changed")
            return {"content": []}
        case "tools/call":
            return {"content": [{"type": "text", "text": text} for text in ask_back()]}
    return None


def serve() -> None:
    while (request := hear()) is not None:
        if "id" not in request or "method" not in request:
            continue
        if KIND == "listless" and request["method"] == "tools/list":
            note(os.getpid())
            continue
        result = answered(request)
        if result is None:
            say(id=request["id"], error={"code": -32601, "message": "Method not found"})
        else:
            say(id=request["id"], result=result)


def note(*pids: int) -> None:
    with Path(os.environ["ODD_FILE"]).open("a", encoding="utf-8") as file:
        file.write("".join(f"{pid} " for pid in pids))


def main() -> None:
    if KIND in {"noted", "mute"}:
        note(os.getpid())
    if KIND in {"silent", "mute"}:
        sys.stdin.read()
    elif KIND == "talkative":
        while True:
            sys.stdout.write("I am not a server of that kind\n")
    elif KIND == "endless":
        sys.stdout.write("x" * 40_000)
        sys.stdout.flush()
        sys.stdin.read()
    elif KIND == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        note(os.getpid(), child.pid)
        serve()
        signal.pause()
    else:
        serve()


main()
