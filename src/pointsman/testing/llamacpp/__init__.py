"""A fake of llama-server in router mode."""
