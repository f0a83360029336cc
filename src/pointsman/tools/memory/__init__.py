"""Remembering, recalling and forgetting, as tools."""
