"""The Ollama-compatible surface: its clients find "auto" among their models, and every other one untouched."""
