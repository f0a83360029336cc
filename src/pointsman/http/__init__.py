"""The gateway: OpenAI's chat completions for those who know them, and our own routes for the rest."""
