"""What a GGUF's chat template can do, as llama.cpp found out when it loaded it."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlsplit

from pointsman.providers.openai_events import mapping

# The server is in this process, and the answer stands ready.
SECONDS: Final = 10.0


def takes_tools(address: str, key: str) -> bool:
    """Whether the template writes tools into a prompt, and earlier calls of them; False where nobody says.

    llama.cpp tries that out on the template, and tells it at /props alone. Where a template does not, it leaves
    the tools out of the prompt and says nothing of that. `address` is that of its server, on loopback.
    """
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    try:
        connection.request("GET", "/props", headers={"Authorization": f"Bearer {key}"})
        told = mapping(mapping(json.loads(connection.getresponse().read())).get("chat_template_caps"))
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return told.get("supports_tools") is True and told.get("supports_tool_calls") is True
