"""Ollama in its own language: chat, vectors, and who is in the card's memory."""
