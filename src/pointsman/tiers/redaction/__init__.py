"""Hides what identifies people or opens doors before a text leaves this machine."""

from pointsman.tiers.redaction.hiding import redacted

__all__ = ["redacted"]
