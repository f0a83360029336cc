"""What Discord refuses, and in which words: a status, a code of its own, and where in the body the fault is."""

from __future__ import annotations

from typing import Any, Final


class Refused(Exception):
    """A request that is answered with an error; `body` is what Discord says."""

    def __init__(self, status: int, code: int, text: str, **more: Any) -> None:
        super().__init__(f"{status} {code} {text}")
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"message": text, "code": code, **more}


# Status, code, words. https://discord.com/developers/docs/topics/opcodes-and-status-codes
WORDS: Final = {
    "unauthorized": (401, 0, "401: Unauthorized"),
    "no_such_route": (404, 0, "404: Not Found"),
    "server_error": (500, 0, "500: Internal Server Error"),
    "unavailable": (503, 0, "503: Service Unavailable"),
    "unknown_channel": (404, 10003, "Unknown Channel"),
    "unknown_guild": (404, 10004, "Unknown Guild"),
    "unknown_member": (404, 10007, "Unknown Member"),
    "unknown_message": (404, 10008, "Unknown Message"),
    "unknown_user": (404, 10013, "Unknown User"),
    "unknown_webhook": (404, 10015, "Unknown Webhook"),
    "unknown_interaction": (404, 10062, "Unknown interaction"),
    "too_large": (413, 40005, "Request entity too large"),
    "answered": (400, 40060, "Interaction has already been acknowledged."),
    "missing_access": (403, 50001, "Missing Access"),
    "direct_only": (403, 50003, "Cannot execute action on a DM channel"),
    "not_yours": (403, 50005, "Cannot edit a message authored by another user"),
    "empty": (400, 50006, "Cannot send an empty message"),
    "closed": (403, 50007, "Cannot send messages to this user"),
    "not_text": (400, 50008, "Cannot send messages in a non-text channel"),
    "missing_permissions": (403, 50013, "Missing Permissions"),
    "expired": (401, 50027, "Invalid Webhook Token"),
    "archived": (400, 50083, "Thread is archived"),
    "not_json": (400, 50109, "The request body contains invalid JSON."),
    "has_thread": (400, 160004, "A thread has already been created for this message"),
    "no_history": (400, 160002, "Cannot reply without permission to read message history"),
}


def refused(name: str) -> Refused:
    """One of WORDS."""
    return Refused(*WORDS[name])


def malformed(place: str, code: str, text: str) -> Refused:
    """A field that is wrong: `place` is its path with dots, such as embeds.0.title."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": text}]}
    for part in reversed(place.split(".")):
        errors = {part: errors}
    return Refused(400, 50035, "Invalid Form Body", errors=errors)


def too_long(place: str, most: int) -> Refused:
    """A text that is longer than it may be."""
    return malformed(place, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def required(place: str) -> Refused:
    """A field that is missing."""
    return malformed(place, "BASE_TYPE_REQUIRED", "This field is required")
